"""The ten tests of the MDN HTTP Observatory (algorithm 4): one result for each, and the grade that they come to.

The results have the Observatory's names, so that they can be compared and looked up there. Its list of hosts that
browsers have built in as HTTPS only is not asked, so `hsts-preloaded` is never given: what it would excuse is told.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from hardpoint.assurance.reports.web import cookies, csp, integrity
from hardpoint.assurance.reports.web.html import Page, read
from hardpoint.assurance.reports.web.outcomes import OUTCOMES, Outcome
from hardpoint.assurance.reports.web.site import HTML_TYPES, SPACE, Hop, Site
from hardpoint.kernel.evidence import Fact

SIX_MONTHS_S = 15_552_000
"""180 days: what sites that mean six months write."""
_MOST_HSTS, _MOST_VALUE, _MOST_NUMBER = 1024, 256, 128
_EXTRA_FROM = 90
_WORST_FIRST = ("F", "D-", "D", "D", "D+", "C-", "C", "C", "C+", "B-", "B", "B", "B+", "A-", "A", "A", "A+")
_PRIVATE = frozenset({"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"})
_LEAKY = frozenset({"origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """The result of every test by its name, and what they come to: points (0 and more, 100 is full) and a grade."""

    results: Mapping[str, str]
    score: int
    grade: str

    @property
    def failed(self) -> Mapping[str, Outcome]:
        """The tests that do not pass."""
        return {test: OUTCOMES[result] for test, result in self.results.items() if not OUTCOMES[result].passes}


def judge(site: Site) -> Graded:
    """The site by its headers; a pure function of what it answered."""
    page = read(site.body)
    results = {test: function(site, page) for test, function in TESTS.items()}
    modifiers = [OUTCOMES[result].points for result in results.values()]
    plain = 100 + sum(each for each in modifiers if each < 0)
    score = max(0, 100 + sum(modifiers) if plain >= _EXTRA_FROM else plain)
    return Graded(results=results, score=score, grade=_grade(score))


def _grade(score: int) -> str:
    """A grade for each five points from 20 on, and A+ from 100."""
    return _WORST_FIRST[max(0, min(score, 100) // 5 - 4)]


def _csp(site: Site, page: Page) -> str:
    return _judged_csp(site, page).result


def _judged_csp(site: Site, page: Page) -> csp.Judged:
    if site.page is None:
        return csp.Judged("csp-not-implemented")
    return csp.judge(
        site.page.values("content-security-policy"),
        page.policies if _is_html(site) else (),
        report_only=bool(site.page.first("content-security-policy-report-only")),
        is_https=site.is_https,
    )


def _is_html(site: Site) -> bool:
    return site.page is not None and site.page.first("content-type").split(";")[0] in HTML_TYPES


def _cookies(site: Site, page: Page) -> str:
    headers = site.page.values("set-cookie") if site.page else []
    return cookies.judge(site.cookies, headers, has_hsts=OUTCOMES[_hsts(site, page)].passes)


def _sharing(site: Site, _: Page) -> str:
    allowed = site.preflight.first("access-control-allow-origin") if site.preflight else ""
    if not site.preflight or not allowed:
        return "cross-origin-resource-sharing-not-implemented"
    credentials = site.preflight.first("access-control-allow-credentials").lower().strip(SPACE) == "true"
    if allowed[:_MOST_VALUE].strip(SPACE) == "*":
        access = "public"
    else:
        access = "universal" if site.origin and allowed == site.origin and credentials else "restricted"
    return f"cross-origin-resource-sharing-implemented-with-{access}-access"


def _redirection(site: Site, _: Page) -> str:
    if site.http is None:
        return "redirection-not-needed-no-http"
    return _led(site.route) if site.http.verified else "redirection-invalid-cert"


def _led(route: Sequence[Hop]) -> str:
    urls = [urlsplit(hop.url) for hop in route]
    if len(urls) <= 1:
        return "redirection-missing"
    if urls[-1].scheme != "https":
        return "redirection-not-to-https"
    if urls[1].scheme == "http":
        return "redirection-not-to-https-on-initial-redirection"
    if urls[0].scheme == "http" and urls[1].scheme == "https" and urls[0].hostname != urls[1].hostname:
        return "redirection-off-host-from-http"
    return "redirection-to-https"


def _referrer(site: Site, page: Page) -> str:
    given = site.page.values("referrer-policy") if site.page else []
    given += page.referrer if _is_html(site) else []
    if not given:
        return "referrer-policy-not-implemented"
    policies = [word.strip(SPACE).lower() for word in ", ".join(given).split(",")]
    last = next((each for each in reversed(policies) if each in _PRIVATE | _LEAKY), "")
    return f"referrer-policy-{'private' if last in _PRIVATE else 'unsafe' if last else 'header-invalid'}"


def _hsts(site: Site, _: Page) -> str:
    if site.https is None:
        return "hsts-not-implemented-no-https"
    if not site.https.verified:
        return "hsts-invalid-cert"
    if not site.https.values("strict-transport-security"):
        return "hsts-not-implemented"
    header = site.https.first("strict-transport-security")[:_MOST_HSTS]
    words = [word.strip(SPACE).lower() for word in header.split(";")]
    ages = [word.removeprefix("max-age=") for word in words if word.startswith("max-age=")]
    if "," in header or not ages:  # several headers are sent as one with commas
        return "hsts-header-invalid"
    # As the Observatory: an age that is no number is not found to be too short.
    number = re.match(rf"[{SPACE}]*([+-]?[0-9]+)", ages[-1][: _MOST_NUMBER - len("max-age=")])
    short = number is not None and int(number[1]) < SIX_MONTHS_S
    return f"hsts-implemented-max-age-{'less-than' if short else 'at-least'}-six-months"


def _integrity(site: Site, page: Page) -> str:
    if site.page is None:
        return "sri-not-implemented-but-no-scripts-loaded"
    content_type = site.page.first("content-type")
    return integrity.judge(content_type, page.scripts, site.hostname, is_https=site.is_https)


def _sniffing(site: Site, _: Page) -> str:
    header = site.page.first("x-content-type-options") if site.page else ""
    if not header:
        return "x-content-type-options-not-implemented"
    is_right = header[:_MOST_VALUE].strip(SPACE).lower() == "nosniff"
    return f"x-content-type-options-{'nosniff' if is_right else 'header-invalid'}"


def _framing(site: Site, page: Page) -> str:
    if _judged_csp(site, page).frames_limited:
        return "x-frame-options-implemented-via-csp"
    header = site.page.first("x-frame-options") if site.page else ""
    if not header:
        return "x-frame-options-not-implemented"
    value = header[:_MOST_HSTS].strip(SPACE).lower()
    if value in {"deny", "sameorigin"}:
        return "x-frame-options-sameorigin-or-deny"
    return f"x-frame-options-{'allow-from-origin' if value.startswith('allow-from') else 'header-invalid'}"


def _resource_policy(site: Site, _: Page) -> str:
    value = site.page.first("cross-origin-resource-policy")[:_MOST_VALUE].strip(SPACE).lower() if site.page else ""
    if not value:
        return "corp-not-implemented"
    known = value in {"same-origin", "same-site", "cross-origin"}
    return f"corp-implemented-with-{value}" if known else "corp-header-invalid"


TESTS: Mapping[str, Callable[[Site, Page], str]] = {
    "content-security-policy": _csp,
    "cookies": _cookies,
    "cross-origin-resource-sharing": _sharing,
    "redirection": _redirection,
    "referrer-policy": _referrer,
    "strict-transport-security": _hsts,
    "subresource-integrity": _integrity,
    "x-content-type-options": _sniffing,
    "x-frame-options": _framing,
    "cross-origin-resource-policy": _resource_policy,
}
"""Each test by the Observatory's name."""


def facts(graded: Graded) -> Mapping[str, Fact]:
    """One fact for each test, `failed` (how many do not pass), `grade` and `score`."""
    return {**graded.results, "failed": len(graded.failed), "grade": graded.grade, "score": graded.score}
