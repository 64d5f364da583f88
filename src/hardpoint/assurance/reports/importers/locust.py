"""Locust's statistics of a load test: the CSV of `--csv` (`NAME_stats.csv`) and the JSON of `--json`."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hardpoint.assurance.reports.load import LOAD_FACTS, MAX_MEASURED, error_percent
from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Fact, Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "locust"
MAX_TEXT = 500
_CSV = b"Type,Name,Request Count,Failure Count,"
_JSON = (b'"num_requests"', b'"num_failures"', b'"response_times"', b'"last_request_timestamp"', b'"num_none_requests"')
_LEAST = 2
_TOTAL = "Aggregated"
_COLUMNS: Mapping[str, str] = {
    "avg_ms": "Average Response Time",
    "p50_ms": "50%",
    "p95_ms": "95%",
    "p99_ms": "99%",
    "max_ms": "Max Response Time",
}
_PERCENTILES: Mapping[str, float] = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]+)?(?:e[-+][0-9]{1,3})?")
_LAST_SECOND = 10**11


@dataclass(frozen=True, slots=True)
class _Row:
    """What is said of one endpoint, or of all; `method` and `name` as Locust has them."""

    method: str
    name: str
    requests: int
    failed: int
    latencies: Mapping[str, float]

    def facts(self) -> Iterator[tuple[str, Fact]]:
        yield "requests", self.requests
        yield "failed_requests", self.failed
        if self.requests:
            yield "error_percent", error_percent(self.failed, self.requests)
            yield from self.latencies.items()


@dataclass(slots=True, kw_only=True)
class _Entry:
    """An endpoint in the JSON; `response_times` counts requests by their rounded duration."""

    name: str
    num_requests: int
    num_failures: int
    response_times: dict[str, int]
    method: str | None = None
    total_response_time: float = 0.0
    max_response_time: float = 0.0
    last_request_timestamp: float | None = None
    num_fail_per_sec: dict[str, int] = field(default_factory=dict)


@importer(
    "locust",
    title="Locust's statistics of a load test, CSV or JSON",
    facts={**LOAD_FACTS, "endpoints": "endpoints that were called"},
    recognises=lambda start: (
        start.removeprefix(b"\xef\xbb\xbf").startswith(_CSV)
        or (start.lstrip()[:1] == b"[" and sum(key in start for key in _JSON) >= _LEAST)
    ),
    good=b'[{"name": "/login", "method": "POST", "last_request_timestamp": 1774951200, "num_requests": 2, '
    b'"num_failures": 1, "total_response_time": 50, "max_response_time": 30, "response_times": {"20": 1, "30": 1}, '
    b'"num_fail_per_sec": {"1774951199": 1}}]',
    bad=b'[{"name": "/login", "method": "POST", "num_requests": 2, "num_failures": 1, "response_times": {"20": 1',
    made_by="Locust 2.47",
)
def locust(data: bytes) -> Report:
    """Each endpoint gives facts of its own, such as `/login.p95_ms`, with its method where several share a name.

    A CSV that does not end with the row over all, or whose rows do not add up to it, is cut off.
    """
    content = data.removeprefix(b"\xef\xbb\xbf")
    if content.startswith(_CSV):
        (rows, total), time = _from_csv(content), None
    else:
        rows, total, time = _from_json(content)
    names = Counter(row.name for row in rows)
    facts: dict[str, Fact] = dict(total.facts())
    for row in rows:
        part = row.name if names[row.name] == 1 else f"{row.method} {row.name}".strip()
        facts |= {f"{part}.{fact}": value for fact, value in row.facts()}
    return Report(
        producer=Producer(name=TOOL),
        population=total.requests,
        facts={**facts, "endpoints": len(rows)},
        findings=tuple(_finding(row) for row in rows if row.failed),
        time=time,
    )


def _from_csv(content: bytes) -> tuple[Sequence[_Row], _Row]:
    try:
        lines = list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise UnreadableProblem(f"is not UTF-8 (byte {error.start})") from error
    except csv.Error as error:
        raise UnreadableProblem(f"is not CSV: {error}", place=Place("", content.count(b"\n"))) from error
    rows = [_row(line, Place("", at)) for at, line in enumerate(lines, 2)]
    whole = bool(rows) and content.endswith(b"\n") and (rows[-1].method, rows[-1].name) == ("", _TOTAL)
    if not whole or _added(rows[:-1]) != (rows[-1].requests, rows[-1].failed):
        sentence = f"is cut off: its rows do not add up to a last one of {_TOTAL}"
        raise UnreadableProblem(sentence, place=Place("", len(rows) + 1))
    return rows[:-1], rows[-1]


def _row(line: Mapping[str | None, str | None], place: Place) -> _Row:
    def number(column: str) -> float:
        text = line.get(column)
        if text is None or not _NUMBER.fullmatch(text):
            raise UnreadableProblem(f"says {column}={str(text)[:80]!r}, which is no measurement", place=place)
        return float(text)

    if None in line:
        raise UnreadableProblem("has a row with more columns than the first", place=place)
    requests, failed = number("Request Count"), number("Failure Count")
    if requests != int(requests) or failed != int(failed) or failed > requests:
        raise UnreadableProblem(f"says that {failed:g} of {requests:g} requests failed", place=place)
    latencies = {fact: number(column) for fact, column in _COLUMNS.items()} if requests else {}
    return _Row(line.get("Type") or "", line.get("Name") or "", int(requests), int(failed), latencies)


def _from_json(content: bytes) -> tuple[Sequence[_Row], _Row, str | None]:
    entries = encoding.decode(content, list[_Entry], what="Locust's JSON")
    counted = [_counted(entry, f"$[{at}]") for at, entry in enumerate(entries)]
    rows = [_told(entry, entry.method or "", entry.name, times) for entry, times in zip(entries, counted, strict=True)]
    whole = _Entry(
        name=_TOTAL,
        num_requests=sum(each.num_requests for each in entries),
        num_failures=sum(each.num_failures for each in entries),
        response_times={},
        total_response_time=sum(each.total_response_time for each in entries),
        max_response_time=max((each.max_response_time for each in entries), default=0.0),
    )
    lasts = [each.last_request_timestamp for each in entries if each.last_request_timestamp]
    time = None
    if lasts and 0 < max(lasts) < _LAST_SECOND:
        time = format_instant(datetime.fromtimestamp(max(lasts), UTC))
    return rows, _told(whole, "", _TOTAL, sum(counted, Counter())), time


def _counted(entry: _Entry, path: str) -> Counter[float]:
    """The requests by their duration.

    Raises UnreadableProblem unless they are as many as the entry says, and no more failed.
    """
    times = Counter[float]()
    for duration, count in entry.response_times.items():
        if not _NUMBER.fullmatch(duration) or count < 0:
            raise UnreadableProblem(f"has {duration[:80]!r}: {count}, which is no count of a duration (`{path}`)")
        times[float(duration)] += count
    whole = entry.num_requests >= sum(times.values()) and entry.num_failures >= sum(entry.num_fail_per_sec.values())
    if not whole or not 0 <= entry.num_failures <= entry.num_requests <= MAX_MEASURED:
        raise UnreadableProblem(
            f"does not add up: {entry.num_requests} requests, {entry.num_failures} failed (`{path}.num_requests`)"
        )
    return times


def _told(entry: _Entry, method: str, name: str, times: Counter[float]) -> _Row:
    measured = sum(times.values())
    latencies: dict[str, float] = {}
    if measured:
        latencies = {fact: _percentile(times, measured, share) for fact, share in _PERCENTILES.items()}
        latencies |= {"avg_ms": entry.total_response_time / measured, "max_ms": entry.max_response_time}
    return _Row(method, name, entry.num_requests, entry.num_failures, latencies)


def _percentile(times: Counter[float], measured: int, share: float) -> float:
    """The longest duration that no more than `share` of the requests are shorter than, as Locust counts."""
    longer = 0
    for duration in sorted(times, reverse=True):
        longer += times[duration]
        if measured - longer <= int(measured * share):
            return duration
    return 0.0


def _added(rows: Sequence[_Row]) -> tuple[int, int]:
    return sum(row.requests for row in rows), sum(row.failed for row in rows)


def _finding(row: _Row) -> Finding:
    name = f"{row.method} {row.name}".strip()
    return Finding(
        rule=name,
        severity=Severity.WARNING,
        place=Place(""),
        text=f"{row.failed} of {row.requests} requests to {name} failed"[:MAX_TEXT],
        tool=TOOL,
    )
