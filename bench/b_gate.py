"""B-GATE: one gate of fifty criteria for a thousand services, judged from evidence that was heard."""

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench.measure import Row
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.evidence import Evidence, Fact, Producer
from hardpoint.kernel.identity.voices import Voice
from hardpoint.kernel.verdict import Answer
from hardpoint.programme.gates.condition import Condition
from hardpoint.programme.gates.judge import Hearing, judge
from hardpoint.programme.gates.model import CheckCriterion, Criterion, Gate, MetricCriterion, ReportCriterion
from hardpoint.programme.gates.standing import Recorded, Subject

SERVICES = 1000
CRITERIA = 50
RULES = 20
KINDS = ("junit", "sarif", "cobertura", "k6", "trivy")
RUNS = 5
NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
COMMIT, BASE = "a" * 40, "b" * 40
PEER_MS = 3500 * SERVICES * CRITERIA / (200 * 9)
"""Tech Insights of Backstage is reported with 200 entities x 9 checks in 3.5 s; scaled to as many judgements."""


def rows() -> Iterator[Row]:
    """All decisions in one process; the median of several runs, each on evidence that was never judged before."""
    spent = statistics.median(_judged(run) for run in range(RUNS))
    yield Row(
        benchmark="B-GATE",
        work=f"{SERVICES:,} services x {CRITERIA} criteria judged",
        figure=spent * 1000,
        peer="Backstage Tech Insights, as reported, in proportion",
        peer_figure=PEER_MS,
        unit="ms CPU",
        goal="under 1 s",
        met=spent < 1,
    )


def _judged(run: int) -> float:
    gate = Gate(name="production", criteria=tuple(_criterion(number) for number in range(CRITERIA)))
    heard = [(_subject(number), Hearing(recorded=_evidence(number, run))) for number in range(SERVICES)]
    began = time.process_time()
    answers = [judge(gate, subject, hearing).answer for subject, hearing in heard]
    spent = time.process_time() - began
    assert answers.count(Answer.GO) == SERVICES - SERVICES // 10
    return spent


def _criterion(number: int) -> Criterion:
    """Two of five are checks, two are facts of a report whose age matters, and one compares with the base."""
    common = {"id": f"criterion-{number}", "owner": "ada"}
    sort, kind = number % 5, KINDS[number % len(KINDS)]
    if sort < 2:
        return CheckCriterion(kind="check", rules=(f"AAA{number % RULES:03}",), **common)
    if sort == 4:
        return MetricCriterion(kind="metric", report=kind, fact="score", better="higher", **common)
    require = {"failures": Condition("==", 0), "tests": Condition(">=", 1)}
    return ReportCriterion(kind="report", report=kind, require=require, max_age=Duration(86400), **common)


def _subject(number: int) -> Subject:
    return Subject(service=f"service-{number}", commit=COMMIT, at=NOW, local=False, base=BASE)


def _evidence(service: int, run: int) -> list[Recorded]:
    """A check and a report of each kind, of the commit and of the base; one service in ten fails its tests."""
    checked: dict[str, Fact] = {}
    for rule in range(RULES):
        checked |= {f"AAA{rule:03}.examined": 9, f"AAA{rule:03}.findings": 0, f"AAA{rule:03}.new": 0}
    said: dict[str, Fact] = {"failures": int(service % 10 == 0), "tests": 40, "score": 97.5}
    pieces = [("check", checked), *((kind, said) for kind in KINDS)]
    at = NOW - timedelta(hours=1, seconds=service, microseconds=run)
    return [
        _recorded(entry, kind, f"service-{service}", facts, commit, at)
        for entry, (kind, facts, commit) in enumerate((*each, commit) for commit in (BASE, COMMIT) for each in pieces)
    ]


def _recorded(entry: int, kind: str, service: str, facts: dict[str, Fact], commit: str, at: datetime) -> Recorded:
    evidence = Evidence(
        kind=kind,
        name=kind,
        service=service,
        producer=Producer(name="tool"),
        population=40,
        facts=facts,
        commit=commit,
        time=format_instant(at),
    )
    return Recorded(entry=entry, at=format_instant(at), evidence=evidence, voice=Voice(holder="ada"))
