"""The trend of a gate: what it said so far, as far back as is shown."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from hardpoint.kernel.verdict import Answer, Decision
from hardpoint.programme.gates.lookback import Past

MAX_POINTS = 30
"""How many verdicts of each gate."""
MAX_READ = 300
"""How many verdicts are read for that, of all gates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One verdict of one gate."""

    gate: str
    at: str
    answer: Answer
    commit: str | None


def trend(decisions: Sequence[Decision], before: Iterable[Past]) -> list[Point]:
    """The newest MAX_POINTS verdicts of each gate that was judged now, the oldest first and those of now last.

    `before` is read, newest first, until every gate has as many, or MAX_READ were read.
    """
    points = dict.fromkeys(_point(each) for each in reversed(decisions))
    left = Counter({each.gate: MAX_POINTS - 1 for each in decisions})
    for _, decision in islice(before, MAX_READ):
        if not any(left.values()):
            break
        if left[decision.gate]:
            left[decision.gate] -= 1
            points[_point(decision)] = None
    return list(reversed(points))


def _point(decision: Decision) -> Point:
    return Point(gate=decision.gate, at=decision.at, answer=decision.answer, commit=decision.commit)
