"""Headers: each result, on what a site answers; the Observatory's own code is asked in tests/conformance."""

import pytest
from bench.headers import generated
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.reports.web.cookies import kept
from hardpoint.assurance.reports.web.headers import TESTS, facts, judge
from hardpoint.assurance.reports.web.html import read
from hardpoint.assurance.reports.web.outcomes import OUTCOMES
from hardpoint.assurance.reports.web.site import CookieSet, Hop, Response, Site


def site(*headers, body="", cookies=(), html=True, **more):
    given = [("content-type", "text/html"), *headers] if html else list(headers)
    set_cookies = [CookieSet(url="https://example.org/", header=each) for each in cookies]
    given += [("set-cookie", each) for each in cookies]
    return Site(
        hostname="example.org", https=Response(status=200, headers=given), body=body, cookies=set_cookies, **more
    )


def result(test, *headers, **more):
    return judge(site(*headers, **more)).results[test]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("default-src 'none'", "csp-implemented-with-no-unsafe-default-src-none"),
        ("default-src 'self'", "csp-implemented-with-no-unsafe"),
        ("default-src 'self'; script-src 'unsafe-inline'", "csp-implemented-with-unsafe-inline"),
        ("default-src 'self'; script-src 'unsafe-inline' 'nonce-abc'", "csp-implemented-with-no-unsafe"),
        ("default-src 'self'; style-src 'unsafe-inline'", "csp-implemented-with-unsafe-inline-in-style-src-only"),
        ("default-src 'self'; script-src 'self' 'unsafe-eval'", "csp-implemented-with-unsafe-eval"),
        ("default-src 'self'; img-src http:", "csp-implemented-with-insecure-scheme-in-passive-content-only"),
        ("default-src 'self'; connect-src http://x.org", "csp-implemented-with-insecure-scheme"),
        ("default-src 'self'; script-src 'strict-dynamic'", "csp-header-invalid"),
        ("default-src 'self'; default-src *", "csp-header-invalid"),
        ("img-src 'self'", "csp-implemented-with-unsafe-inline"),
        ("default-src 'none'; report-uri /a; report-uri /b", "csp-implemented-but-duplicate-directives"),
        ("x", "csp-header-invalid"),
    ],
)
def test_a_policy_is_as_good_as_what_it_leaves_open(policy, expected):
    assert result("content-security-policy", ("content-security-policy", policy)) == expected


def test_a_policy_that_only_reports_forbids_nothing():
    said = result("content-security-policy", ("content-security-policy-report-only", "default-src 'none'"))
    assert said == "csp-not-implemented-but-reporting-enabled"


def test_two_policies_allow_what_both_allow():
    both = [("content-security-policy", f"default-src 'self' {more}") for more in ("https:", "'unsafe-inline'")]
    assert result("content-security-policy", *both) == "csp-implemented-with-no-unsafe"


def test_a_policy_in_the_page_counts_but_not_for_frames_alone():
    def meta(policy):
        return f'<meta http-equiv="Content-Security-Policy" content="{policy}">'

    assert result("content-security-policy", body=meta("default-src 'none'")).endswith("default-src-none")
    assert result("content-security-policy", body=meta("frame-ancestors 'none'")) == "csp-not-implemented"
    assert result("content-security-policy", body=meta("default-src 'none'"), html=False) == "csp-not-implemented"


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        ("a=1; Secure; HttpOnly; SameSite=Lax", "cookies-secure-with-httponly-sessions-and-samesite"),
        ("a=1; Secure", "cookies-secure-with-httponly-sessions"),
        ("a=1", "cookies-without-secure-flag"),
        ("session=1; Secure", "cookies-session-without-httponly-flag"),
        ("session=1; HttpOnly", "cookies-session-without-secure-flag"),
        ("csrf=1; Secure", "cookies-anticsrf-without-samesite-flag"),
        ("a=1; Secure; SameSite=Bad", "cookies-samesite-flag-invalid"),
        ("a=1; Secure; Domain=other.org", "cookies-not-found"),
        ("__Secure-a=1", "cookies-not-found"),
        ("=1; Secure", "cookies-not-found"),
    ],
)
def test_a_cookie_is_as_good_as_its_flags(cookie, expected):
    assert result("cookies", cookies=[cookie]) == expected


def test_hsts_protects_a_cookie_without_secure():
    hsts = ("strict-transport-security", "max-age=31536000")
    assert result("cookies", hsts, cookies=["a=1"]) == "cookies-without-secure-flag-but-protected-by-hsts"


def test_the_worst_cookie_decides():
    assert result("cookies", cookies=["a=1; Secure", "session=1"]) == "cookies-session-without-secure-flag"


def test_of_several_cookies_of_one_name_the_last_is_kept():
    sets = [CookieSet(url="https://example.org/a/b", header=f"a={n}; Path=/") for n in range(3)]
    assert [cookie.value for cookie in kept(sets)] == ["2"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("max-age=15552000", "hsts-implemented-max-age-at-least-six-months"),
        ("max-age=15551999", "hsts-implemented-max-age-less-than-six-months"),
        ("includeSubDomains", "hsts-header-invalid"),
        ("max-age=31536000, max-age=31536000", "hsts-header-invalid"),
    ],
)
def test_hsts_is_for_half_a_year(header, expected):
    assert result("strict-transport-security", ("strict-transport-security", header)) == expected


def test_hsts_needs_a_certificate_that_holds():
    headers = [("strict-transport-security", "max-age=31536000")]
    found = judge(Site(hostname="x", https=Response(status=200, headers=headers, verified=False)))
    assert found.results["strict-transport-security"] == "hsts-invalid-cert"
    found = judge(Site(hostname="x", http=Response(status=200, headers=headers)))
    assert found.results["strict-transport-security"] == "hsts-not-implemented-no-https"


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (["http://a/"], "redirection-missing"),
        (["http://a/", "https://a/"], "redirection-to-https"),
        (["http://a/", "http://b/"], "redirection-not-to-https"),
        (["http://a/", "http://a/x", "https://a/"], "redirection-not-to-https-on-initial-redirection"),
        (["http://a/", "https://b/"], "redirection-off-host-from-http"),
    ],
)
def test_http_leads_to_https_at_once(route, expected):
    hops = [Hop(url=url, status=301) for url in route]
    assert judge(Site(hostname="a", http=Response(status=200), route=hops)).results["redirection"] == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ('<script src="/a.js"></script>', "sri-not-implemented-but-all-scripts-loaded-from-secure-origin"),
        ('<script src="https://cdn.net/a.js"></script>', "sri-not-implemented-but-external-scripts-loaded-securely"),
        ('<script src="//cdn.net/a.js"></script>', "sri-not-implemented-and-external-scripts-not-loaded-securely"),
        (
            '<script src="https://cdn.net/a.js" integrity="x"></script>',
            "sri-implemented-and-external-scripts-loaded-securely",
        ),
        ("<!-- <script src='https://cdn.net/a.js'></script> -->", "sri-not-implemented-but-no-scripts-loaded"),
        ("<title><script src='https://cdn.net/a.js'></script></title>", "sri-not-implemented-but-no-scripts-loaded"),
    ],
)
def test_scripts_of_others_have_their_integrity(tag, expected):
    assert result("subresource-integrity", body=tag) == expected


def test_an_answer_to_any_origin_with_credentials_fails():
    def shared(origin, credentials):
        headers = [("access-control-allow-origin", origin), ("access-control-allow-credentials", credentials)]
        preflight = Response(status=200, headers=headers)
        return result("cross-origin-resource-sharing", preflight=preflight, origin="https://x.example")

    assert shared("https://x.example", "true").endswith("universal-access")
    assert shared("https://x.example", "false").endswith("restricted-access")
    assert shared("*", "true").endswith("public-access")


def test_nothing_at_all_fails_what_it_should():
    graded = judge(Site(hostname="x"))
    assert set(graded.failed) == {
        "content-security-policy",
        "strict-transport-security",
        "x-content-type-options",
        "x-frame-options",
    }
    assert graded.results.keys() == TESTS.keys()


def test_facts_are_the_results_and_what_they_come_to():
    found = facts(judge(site()))
    assert set(found) == {*TESTS, "failed", "score", "grade"}


@pytest.mark.parametrize(
    "html", ["<", "<!--", "<script", "<meta http-equiv", "\0" * 10, "<base href='http://[' /><script src=x>"]
)
def test_any_page_is_read(html):
    read(html)


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=300))
def test_any_header_has_a_result(policy, cookie, body):
    headers = [(name, policy) for name in ("content-security-policy", "strict-transport-security", "referrer-policy")]
    assert all(each in OUTCOMES for each in judge(site(*headers, cookies=[cookie], body=body)).results.values())


def test_every_generated_site_has_known_results():
    assert all(each in OUTCOMES for one in generated(200) for each in judge(one).results.values())
