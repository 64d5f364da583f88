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
    criteria = [(f"{decision.gate}/{each.criterion}", each) for decision in decisions for each in decision.criteria]
    used = {waiver for _, each in criteria for waiver in each.waivers}
    stopped = {name for name, each in criteria if each.verdict.blocks}  # some waivers cannot help: the verdict says why
    for waiver in hearing.waivers:
        if any(name == waiver.criterion for name, _ in criteria):
            for text in _texts(waiver, hearing, at, unused=waiver.id not in used and waiver.criterion not in stopped):
                yield Upkeep(waiver=waiver.id, criterion=waiver.criterion or "", owner=waiver.owner, text=text)


def _texts(waiver: Waiver, hearing: Hearing, at: datetime, *, unused: bool) -> Iterator[str]:
    yield from (text for _, text, _ in what_time_says(waiver, at))
    if unused and not waiver.why_not(at, hearing.approvals(waiver)):
        yield UNUSED
