"""The trend of a scorecard: the levels that a service had, as the verdicts of its commits give them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from hardpoint.kernel.verdict import Decision
from hardpoint.programme.scorecards.levels import standing
from hardpoint.programme.scorecards.model import Scorecard

MAX_CHANGES = 12
"""How many changes of level are told, the newest of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """A level, and from which verdict on a service had it; RFC 3339."""

    level: str
    at: str


def levels_so_far(scorecard: Scorecard, newest_first: Iterable[Decision], gates: Collection[str]) -> list[Since]:
    """The changes of level so far, the oldest first.

    Each commit counts with the newest verdicts on it, once all of `gates` have judged it: what one gate says of one
    commit and another of the next is a level of neither.
    """
    by_commit: dict[str | None, dict[str, Decision]] = {}
    for each in newest_first:
        by_commit.setdefault(each.commit, {}).setdefault(each.gate, each)
    whole = [list(found.values()) for found in by_commit.values() if found.keys() >= set(gates)]
    points = sorted((max(each.at for each in decisions), _level(scorecard, decisions)) for decisions in whole)
    changes = [
        Since(level=level, at=at)
        for number, (at, level) in enumerate(points)
        if number == 0 or points[number - 1][1] != level
    ]
    return changes[-MAX_CHANGES:]


def line(changes: Sequence[Since]) -> str:
    """The changes as a line of words."""
    return ", ".join(f"{each.level} from {each.at[:10]}" for each in changes) or "no verdict is recorded yet"


def _level(scorecard: Scorecard, decisions: Sequence[Decision]) -> str:
    return standing(scorecard, decisions).level
