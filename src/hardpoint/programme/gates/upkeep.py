"""Upkeep: what is to be said of the waivers of a gate, beside what they cover."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from hardpoint.kernel.verdict import Decision
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
    judged = {f"{decision.gate}/{each.criterion}" for decision in decisions for each in decision.criteria}
    used = {waiver for decision in decisions for each in decision.criteria for waiver in each.waivers}
    for waiver in hearing.waivers:
        if waiver.criterion in judged:
            for text in _texts(waiver, hearing, at, used=waiver.id in used):
                yield Upkeep(waiver=waiver.id, criterion=waiver.criterion or "", owner=waiver.owner, text=text)


def _texts(waiver: Waiver, hearing: Hearing, at: datetime, *, used: bool) -> Iterator[str]:
    yield from (text for _, text, _ in what_time_says(waiver, at))
    if not used and not waiver.why_not(at, hearing.approvals(waiver)):
        yield UNUSED
