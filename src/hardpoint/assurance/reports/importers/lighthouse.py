"""Lighthouse's JSON (`--output=json`): scores and Core Web Vitals of one page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from hardpoint.assurance.reports.outcomes import instants_stated
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Fact, Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "lighthouse"
MAX_TEXT = 500
_PASSES = 0.9
"""Lighthouse shows an audit of this score or better as passed."""
_ITS_OWN = (b'"lighthouseVersion"', b'"requestedUrl"')
_CATEGORIES = ("performance", "accessibility", "best-practices", "seo", "pwa")
_METRICS: Mapping[str, str] = {
    "largest-contentful-paint": "lcp_ms",
    "cumulative-layout-shift": "cls",
    "total-blocking-time": "tbt_ms",
    "interaction-to-next-paint": "inp_ms",
    "first-contentful-paint": "fcp_ms",
    "speed-index": "speed_index_ms",
    "server-response-time": "server_response_ms",
}
_JUDGED = frozenset({"binary", "numeric", "metricSavings"})
_NO_ERROR = "NO_ERROR"


@dataclass(slots=True, kw_only=True)
class _Category:
    score: float | None


@dataclass(slots=True, kw_only=True)
class _Audit:
    scoreDisplayMode: str  # noqa: N815 - the names here and below are Lighthouse's
    score: float | None = None
    title: str = ""
    numericValue: float | None = None  # noqa: N815


@dataclass(slots=True, kw_only=True)
class _Failure:
    code: str
    message: str = ""


@dataclass(slots=True, kw_only=True)
class _Result:
    lighthouseVersion: str  # noqa: N815
    audits: dict[str, _Audit]
    categories: dict[str, _Category]
    requestedUrl: str = ""  # noqa: N815
    finalDisplayedUrl: str = ""  # noqa: N815
    finalUrl: str = ""  # noqa: N815
    fetchTime: str = ""  # noqa: N815
    runtimeError: _Failure | None = None  # noqa: N815
    runWarnings: list[str] = field(default_factory=list)  # noqa: N815


@importer(
    "lighthouse",
    title="Lighthouse's JSON on a page",
    facts={
        "url": "the page that was judged, after redirects",
        "requested_url": "the page that was asked for",
        "performance": "score of the category, 0 to 100; absent where it was not judged, as for the four that follow",
        "accessibility": "score of the category, 0 to 100",
        "best_practices": "score of the category, 0 to 100",
        "seo": "score of the category, 0 to 100",
        "pwa": "score of the category, 0 to 100, in versions before 12",
        "lcp_ms": "Largest Contentful Paint; absent where it was not measured, as for the metrics that follow",
        "cls": "Cumulative Layout Shift",
        "tbt_ms": "Total Blocking Time",
        "inp_ms": "Interaction to Next Paint, measured in timespans only",
        "fcp_ms": "First Contentful Paint",
        "speed_index_ms": "Speed Index",
        "server_response_ms": "time to the first byte of the document",
        "audits": "audits that came to a verdict",
        "failed_audits": "those whose score is under 0.9",
        "broken_audits": "audits that failed to run",
        "warnings": "warnings about the run",
    },
    recognises=lambda start: all(key in start for key in _ITS_OWN),
    good=b'{"lighthouseVersion": "12.8.2", "requestedUrl": "https://shop.example/", "finalDisplayedUrl": '
    b'"https://shop.example/", "audits": {'
    + b", ".join(
        b'"%s": {"scoreDisplayMode": "numeric", "score": 1, "numericValue": 0.1}' % name.encode() for name in _METRICS
    )
    + b'}, "categories": {'
    + b", ".join(b'"%s": {"score": 0.98}' % name.encode() for name in _CATEGORIES)
    + b"}}",
    bad=b'{"lighthouseVersion": "12.8.2", "requestedUrl": "https://shop.example/", "audits": {',
    made_by="Lighthouse 12.8",
)
def lighthouse(data: bytes) -> Report:
    """A runtime error is an error, whatever the scores; a category or metric without a value gives no fact."""
    result = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Result, what="Lighthouse's JSON")
    judged = {name: each for name, each in result.audits.items() if each.scoreDisplayMode in _JUDGED}
    failed = {name: each for name, each in judged.items() if each.score is None or each.score < _PASSES}
    url = result.finalDisplayedUrl or result.finalUrl or result.requestedUrl
    return Report(
        producer=Producer(name=TOOL, version=result.lighthouseVersion),
        population=len(judged),
        facts={
            "url": url,
            "requested_url": result.requestedUrl or url,
            **dict(_scores(result)),
            **dict(_metrics(result)),
            "audits": len(judged),
            "failed_audits": len(failed),
            "broken_audits": sum(each.scoreDisplayMode == "error" for each in result.audits.values()),
            "warnings": len(result.runWarnings),
        },
        findings=tuple(_finding(name, audit, url) for name, audit in failed.items()),
        time=min(instants_stated(result.fetchTime), default=None),
        error=_error(result),
    )


def _scores(result: _Result) -> Iterator[tuple[str, Fact]]:
    """Scores as they are shown; in decimal, so that 0.29 is 29."""
    for name in _CATEGORIES:
        category = result.categories.get(name)
        if category is not None and category.score is not None:
            if not 0 <= category.score <= 1:
                raise UnreadableProblem(f"says a score of {category.score} (`$.categories.{name}`)")
            yield name.replace("-", "_"), float(Decimal(repr(category.score)) * 100)


def _metrics(result: _Result) -> Iterator[tuple[str, Fact]]:
    for name, fact in _METRICS.items():
        audit = result.audits.get(name)
        if audit is not None and audit.numericValue is not None and audit.scoreDisplayMode != "error":
            if audit.numericValue < 0:
                raise UnreadableProblem(f"says that {name} is {audit.numericValue} (`$.audits`)")
            yield fact, audit.numericValue


def _finding(name: str, audit: _Audit, url: str) -> Finding:
    scored = "no score" if audit.score is None else f"score {audit.score:g}"
    return Finding(
        rule=name,
        severity=Severity.NOTE if audit.score else Severity.WARNING,
        place=Place(""),
        text=f"{audit.title or name} ({scored}) at {url}"[:MAX_TEXT],
        tool=TOOL,
    )


def _error(result: _Result) -> str | None:
    failure = result.runtimeError
    if failure is None or failure.code == _NO_ERROR:
        return None
    return f"Lighthouse says that it failed: {failure.code}: {failure.message}"[:MAX_TEXT]
