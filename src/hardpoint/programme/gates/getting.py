"""Getting: where the evidence comes from that is not there yet, grouped by who can give it."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, get_args

from hardpoint.kernel.verdict import Decision, Judgement, Verdict
from hardpoint.programme.gates.model import (
    ArtifactCriterion,
    CommandCriterion,
    Criterion,
    ExpressionCriterion,
    FindingsCriterion,
    Gate,
    How,
    MetricCriterion,
    ReportCriterion,
    SignoffCriterion,
    UrlCriterion,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToGet:
    """One way to get evidence: who can, by which command, for which criteria.

    In the command, REPORT stands for a report of one of `reports`, KIND for one of their kinds.
    """

    how: How
    command: str
    reports: tuple[str, ...]
    criteria: tuple[str, ...]


class _Way(NamedTuple):
    how: How
    command: str
    reports: tuple[str, ...] = ()


def to_get(gates: Sequence[Gate], decisions: Sequence[Decision]) -> list[ToGet]:
    """How to get what has no evidence at all, the quickest way first."""
    found: dict[tuple[How, str], tuple[list[str], list[str]]] = {}
    for gate, decision in zip(gates, decisions, strict=True):
        for criterion, judgement in _without(gate, decision):
            way = _way(gate, criterion, decision, judgement)
            reports, criteria = found.setdefault((way.how, way.command), ([], []))
            reports += way.reports
            criteria.append(f"{gate.name}/{criterion.id}")
    ways = [
        ToGet(how=how, command=command, reports=tuple(sorted(set(reports))), criteria=tuple(criteria))
        for (how, command), (reports, criteria) in found.items()
    ]
    return sorted(ways, key=lambda each: get_args(How).index(each.how))


def has_none(judgement: Judgement) -> bool:
    """Whether there is no evidence at all, in contrast to some that lacks something."""
    return judgement.verdict is Verdict.MISSING and not judgement.evidence


def _without(gate: Gate, decision: Decision) -> Iterator[tuple[Criterion, Judgement]]:
    by_id = {each.id: each for each in gate.criteria}
    for judgement in decision.criteria:
        if judgement.criterion in by_id and has_none(judgement):
            yield by_id[judgement.criterion], judgement


def _way(gate: Gate, criterion: Criterion, decision: Decision, judgement: Judgement) -> _Way:
    if decision.commit is None and criterion.environment is None:
        return _Way("now", judgement.remedy)  # nothing counts before there is a commit
    if reports := _reports(criterion):
        if criterion.how == "people":
            return _Way("people", "hardpoint evidence template KIND", reports)
        where = f"--environment {shlex.quote(criterion.environment)}" if criterion.environment else "--commit HEAD"
        return _Way(criterion.how, f"hardpoint evidence import {where} REPORT", reports)
    return _Way(criterion.how, _command(gate, criterion) or judgement.remedy)


def _reports(criterion: Criterion) -> tuple[str, ...]:
    match criterion:
        case ReportCriterion() | MetricCriterion():
            return (criterion.report,)
        case FindingsCriterion():
            return criterion.reports
        case ExpressionCriterion():
            return tuple(criterion.reports.values())
        case _:
            return ()


def _command(gate: Gate, criterion: Criterion) -> str:
    match criterion:
        case CommandCriterion():
            words = shlex.join(criterion.run) or "COMMAND"
            return f"hardpoint evidence run {shlex.quote(criterion.command)} -- {words}"
        case UrlCriterion():
            where = shlex.quote(criterion.environment) if criterion.environment else "NAME"
            return f"hardpoint evidence probe {shlex.quote(criterion.url)} --environment {where}"
        case ArtifactCriterion():
            return f"hardpoint evidence artifact FILE --name {shlex.quote(criterion.artifact)}"
        case SignoffCriterion():
            return f"hardpoint gate sign {shlex.quote(gate.name)} --as {shlex.quote(criterion.function)}"
        case _:
            return ""
