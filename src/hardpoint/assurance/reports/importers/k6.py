"""Summaries of k6 as JSON: load tests, their thresholds and checks.

Three forms: what handleSummary() gets, what `--summary-export` writes, and the machine-readable summary of version 1
(`--new-machine-readable-summary`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hardpoint.assurance.reports.load import LOAD_FACTS, count_at, error_percent, number_at
from hardpoint.assurance.reports.outcomes import instants_stated
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Fact, Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import SNIFF_BYTES, Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "k6"
MAX_TEXT = 500
_SELECTED = re.compile(r"([^{}]+)\{(.*)\}", re.DOTALL)
_OF_K6 = frozenset({"expected_response"})
"""Tags that k6 divides metrics by on its own."""
_STATISTICS: Mapping[str, str] = {
    "avg_ms": "avg",
    "p50_ms": "med",
    "p95_ms": "p(95)",
    "p99_ms": "p(99)",
    "max_ms": "max",
}
_OWN = frozenset({"values", "thresholds"})
_METRICS = (b'"http_req', b'"iteration_duration"', b'"data_sent"', b'"vus_max"')


@dataclass(slots=True, kw_only=True)
class _State:
    testRunDurationMs: float | None = None  # noqa: N815 - k6's name


@dataclass(slots=True, kw_only=True)
class _Summary:
    """What handleSummary() gets, and what `--summary-export` writes."""

    metrics: dict[str, dict[str, Any]]
    state: _State = field(default_factory=_State)


@dataclass(slots=True, kw_only=True)
class _Metadata:
    k6Version: str = ""  # noqa: N815 - k6's name
    generatedAt: str = ""  # noqa: N815


@dataclass(slots=True, kw_only=True)
class _Config:
    duration: float | None = None


@dataclass(slots=True, kw_only=True)
class _Metric:
    name: str
    values: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class _Check:
    passes: int
    fails: int


@dataclass(slots=True, kw_only=True)
class _Checks:
    results: list[_Check] | None = None


@dataclass(slots=True, kw_only=True)
class _Results:
    metrics: list[_Metric]
    checks: _Checks = field(default_factory=_Checks)


@dataclass(slots=True, kw_only=True)
class _MachineReadable:
    metadata: _Metadata
    results: _Results
    config: _Config = field(default_factory=_Config)


@importer(
    "k6",
    title="k6's summary of a load test",
    facts={
        **LOAD_FACTS,
        "iterations": "times that a script ran to its end",
        "checks": "checks that were made",
        "failed_checks": "those that failed",
        "thresholds": "thresholds that the test declares; absent in the machine-readable summary",
        "failed_thresholds": "those that were crossed",
        "empty_thresholds": "those on a metric that nothing was measured for, which k6 takes for met",
        "duration_s": "seconds that the test took",
    },
    recognises=lambda start: (
        b'"root_group"' in start
        or (b'"metrics"' in start and any(name in start for name in _METRICS))
        or (b'"k6Version"' in start and b'"metadata"' in start)
    ),
    good=b'{"root_group": {"name": ""}, "state": {"testRunDurationMs": 60000}, "metrics": {"http_reqs": {"values": '
    b'{"count": 900}}, "http_req_failed": {"values": {"passes": 1, "fails": 899}}, "http_req_duration": {"values": '
    b'{"avg": 90, "med": 80, "p(95)": 212.5, "p(99)": 300, "max": 410}, "thresholds": {"p(95)<500": {"ok": true}}}, '
    b'"iterations": {"values": {"count": 300}}, "checks": {"values": {"passes": 300, "fails": 0}}}}',
    bad=b'{"root_group": {"name": ""}, "metrics": {"http_reqs": {"values": {"count": 900}}',
)
def k6(data: bytes) -> Report:
    """A threshold on a tag, such as `http_req_duration{scenario:login}`, gives facts of that part: `login.p95_ms`.

    A part that nothing was measured for gives none, so that a scenario that never ran meets no criterion. Its
    population is the requests, or the iterations of a test that makes none.
    """
    content = data.removeprefix(b"\xef\xbb\xbf")
    summary, metadata = _summary(content)
    metrics = summary.metrics
    parts = _parts(metrics)
    facts: dict[str, Fact] = dict(_load(metrics, ""))
    for selector, part in parts.items():
        facts |= {f"{part}.{name}": value for name, value in _load(metrics, f"{{{selector}}}")}
    iterations = _count(metrics, "iterations", "count")
    facts |= {"iterations": iterations or 0}
    facts |= {
        name: value
        for name, value in (
            ("checks", _sum(metrics, "checks", "passes", "fails")),
            ("failed_checks", _sum(metrics, "checks", "fails")),
        )
        if value is not None
    }
    crossed, empty = [], 0
    if metadata is None:
        thresholds = list(_thresholds(metrics))
        crossed = [(name, condition) for name, condition, failed in thresholds if failed]
        empty = sum(_is_empty(_values(metrics[name])) for name, _, _ in thresholds)
        facts |= {"thresholds": len(thresholds), "failed_thresholds": len(crossed), "empty_thresholds": empty}
    if summary.state.testRunDurationMs is not None:
        facts["duration_s"] = summary.state.testRunDurationMs / 1000
    requests = facts.get("requests", 0)
    return Report(
        producer=Producer(name=TOOL, version=metadata.k6Version if metadata else ""),
        population=int(requests) or iterations or 0,
        facts=facts,
        findings=tuple(_finding(name, condition) for name, condition in crossed),
        time=min(instants_stated(metadata.generatedAt), default=None) if metadata else None,
    )


def _summary(content: bytes) -> tuple[_Summary, _Metadata | None]:
    """The summary in the form of handleSummary(); the metadata only where it was the machine-readable one."""
    what = "k6's summary"
    if b'"k6Version"' not in content[:SNIFF_BYTES]:
        return encoding.decode(content, _Summary, what=what), None
    given = encoding.decode(content, _MachineReadable, what=what)
    metrics: dict[str, dict[str, Any]] = {each.name: {"values": each.values} for each in given.results.metrics}
    for values in (each["values"] for each in metrics.values()):
        matches, total = (count_at(values, name, "$.results.metrics") for name in ("matches", "total"))
        if matches is not None and total is not None:
            values |= {"passes": matches, "fails": total - matches}
    checks = given.results.checks.results or []
    if checks:
        passes, fails = sum(each.passes for each in checks), sum(each.fails for each in checks)
        metrics["checks"] = {"values": {"passes": passes, "fails": fails}}
    seconds = given.config.duration
    state = _State(testRunDurationMs=None if seconds is None else seconds * 1000)
    return _Summary(metrics=metrics, state=state), given.metadata


def _parts(metrics: Mapping[str, Any]) -> Mapping[str, str]:
    """The parts that a test tells apart, by the selector behind their metrics.

    A part is called by the value of its tag, or by the whole selector where two tags have that value.
    """
    selectors = {match[2] for name in metrics if (match := _SELECTED.fullmatch(name))}
    named = {selector: _named(selector) for selector in sorted(selectors) if _tag(selector) not in _OF_K6}
    times = Counter(named.values())
    return {selector: name if times[name] == 1 else selector for selector, name in named.items()}


def _tag(selector: str) -> str:
    return selector.partition(":")[0].strip()


def _named(selector: str) -> str:
    """`scenario:login` is login and `group:::cart` is cart; several tags are called as they are written."""
    return selector if "," in selector else selector.partition(":")[2].strip(": ") or selector


def _load(metrics: Mapping[str, dict[str, Any]], selector: str) -> Iterator[tuple[str, Fact]]:
    requests = _count(metrics, f"http_reqs{selector}", "count")
    if requests is not None:
        yield "requests", requests
    failed = _sum(metrics, f"http_req_failed{selector}", "passes")
    judged = _sum(metrics, f"http_req_failed{selector}", "passes", "fails")
    if failed is not None and judged:
        yield "failed_requests", failed
        yield "error_percent", error_percent(failed, judged)
    duration = f"http_req_duration{selector}"
    values = _values(metrics.get(duration, {}))
    if requests == 0 or _is_empty(values):
        return
    for fact, statistic in _STATISTICS.items():
        value = number_at(values, statistic, f"$.metrics.{duration}")
        if value is not None:
            yield fact, value


def _values(metric: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of a metric; `--summary-export` writes them directly into it.

    Raises UnreadableProblem if it has anything else of its own: what is not known may be thresholds.
    """
    unknown = [name for name, value in metric.items() if isinstance(value, dict | list) and name not in _OWN]
    values = metric.get("values", metric)
    if unknown or not isinstance(values, dict):
        raise UnreadableProblem(f"has {unknown[0] if unknown else 'values'!r} of another shape (`$.metrics`)")
    return values


def _is_empty(values: Mapping[str, Any]) -> bool:
    """Whether nothing was measured: k6 then writes zero for each statistic of a trend, and for both sides of a rate."""
    if "passes" in values and "fails" in values:
        return not values["passes"] and not values["fails"]
    trend = [value for name, value in values.items() if name in {"avg", "min", "med", "max"} or name.startswith("p(")]
    return bool(trend) and not any(trend)


def _count(metrics: Mapping[str, dict[str, Any]], name: str, value: str) -> int | None:
    return count_at(_values(metrics[name]), value, f"$.metrics.{name}") if name in metrics else None


def _sum(metrics: Mapping[str, dict[str, Any]], name: str, *values: str) -> int | None:
    counts = [_count(metrics, name, value) for value in values]
    return None if None in counts else sum(each or 0 for each in counts)


def _thresholds(metrics: Mapping[str, dict[str, Any]]) -> Iterator[tuple[str, str, bool]]:
    """Metric, condition, and whether it was crossed, which is what the `true` of `--summary-export` says."""
    for name, metric in metrics.items():
        _values(metric)
        thresholds = metric.get("thresholds")
        if thresholds is None:
            continue
        if not isinstance(thresholds, dict):
            raise UnreadableProblem(f"has thresholds that are no object (`$.metrics.{name}`)")
        for condition, verdict in thresholds.items():
            match verdict:
                case {"ok": bool(ok)}:
                    yield name, condition, not ok
                case bool() if "values" not in metric:
                    yield name, condition, verdict
                case _:
                    raise UnreadableProblem(f"has a threshold with no verdict (`$.metrics.{name}.thresholds`)")


def _finding(metric: str, condition: str) -> Finding:
    return Finding(
        rule=metric,
        severity=Severity.ERROR,
        place=Place(""),
        text=f"the threshold {condition} on {metric} was crossed"[:MAX_TEXT],
        tool=TOOL,
    )
