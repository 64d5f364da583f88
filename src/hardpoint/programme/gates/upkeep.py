"""Upkeep: what is to be said of the waivers of a gate, beside what they cover."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hardpoint.kernel.verdict import Decision, Judgement
from hardpoint.kernel.waiver import Waiver
from hardpoint.programme.gates.judge import Hearing
from hardpoint.programme.gates.lint import what_time_says

UNUSED = "is not used: what it covers holds without it; take it out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """One thing to do about one waiver."""

    waiver: str
    criterion: str
    owner: str
    text: str


def upkeep(decisions: Sequence[Decision], hearing: Hearing, at: datetime) -> Iterator[Upkeep]:
    """That a waiver of these gates is over, ends soon, or covers nothing that needs it."""
    judged = by_name(decisions)
    for waiver in hearing.waivers:
        if waiver.criterion is not None and waiver.criterion in judged:
            for text in _texts(waiver, judged[waiver.criterion], hearing, at):
                yield Upkeep(waiver=waiver.id, criterion=waiver.criterion, owner=waiver.owner, text=text)


def by_name(decisions: Sequence[Decision]) -> Mapping[str, Judgement]:
    """Each judgement by the name that a waiver has for its criterion, GATE/CRITERION."""
    return {f"{decision.gate}/{each.criterion}": each for decision in decisions for each in decision.criteria}


def why_not(waiver: Waiver, judgement: Judgement | None, hearing: Hearing, at: datetime) -> str:
    """Why a waiver does not count now for what it is about; empty if it does, or would if it were needed."""
    blocking = judgement is not None and judgement.blocking
    why = waiver.why_not(at, hearing.approvals(waiver), blocking=blocking)
    if why or judgement is None or not judgement.verdict.blocks:
        return why
    return f"it does not cover {waiver.criterion} as that is now, {judgement.verdict.value}"


def _texts(waiver: Waiver, judgement: Judgement, hearing: Hearing, at: datetime) -> Iterator[str]:
    yield from (text for _, text, _ in what_time_says(waiver, at))
    if waiver.id not in judgement.waivers and not why_not(waiver, judgement, hearing, at):
        yield UNUSED
