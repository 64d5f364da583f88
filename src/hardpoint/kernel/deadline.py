"""The deadline: a clock that starts once, may be stopped, and runs out; judged at a given instant."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hardpoint.kernel.clock import after

NOTHING = timedelta()


@dataclass(frozen=True, slots=True, order=True)
class Pause:
    """A time in which a clock stands still; without `until` it has not ended."""

    start: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """From `start` on there is `target` time; without a target the clock never runs out.

    Pauses may overlap and be in any order. Nothing but a pause ever gives more time, and none takes any.
    """

    start: datetime
    target: timedelta | None
    pauses: tuple[Pause, ...] = ()

    def used(self, at: datetime) -> timedelta:
        """How long the clock has run by an instant; nothing before its start."""
        if at <= self.start:
            return NOTHING
        stopped = sum((end - start for start, end in _merged(self.pauses, self.start, at)), NOTHING)
        return at - self.start - stopped

    def left(self, at: datetime) -> timedelta | None:
        """How much time is left at an instant; less than nothing once it has run out."""
        return None if self.target is None else self.target - self.used(at)

    def is_over(self, at: datetime) -> bool:
        """Whether all the time is used: the last moment is still in time."""
        left = self.left(at)
        return left is not None and left < NOTHING

    def is_stopped(self, at: datetime) -> bool:
        """Whether the clock stands still at an instant."""
        return any(each.start <= at and (each.until is None or at < each.until) for each in self.pauses)

    @property
    def due(self) -> datetime | None:
        """When it runs out or ran out; None if it never does, or stands still without an end."""
        if self.target is None:
            return None
        due = after(self.start, self.target)
        for start, end in _merged(self.pauses, self.start, None):
            if due is None or start > due:
                break
            if end == datetime.max.replace(tzinfo=end.tzinfo):
                return None
            due = after(due, end - start)
        return due


def _merged(pauses: Iterable[Pause], start: datetime, until: datetime | None) -> list[tuple[datetime, datetime]]:
    """The pauses from `start` to `until` as times that do not overlap, in order."""
    last = until or datetime.max.replace(tzinfo=start.tzinfo)
    merged: list[tuple[datetime, datetime]] = []
    for each in sorted((max(each.start, start), min(each.until or last, last)) for each in pauses):
        if each[0] >= each[1]:
            continue
        if merged and each[0] <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], each[1]))
        else:
            merged.append(each)
    return merged
