"""Pairs of schemas, before and after: each is compared once, whatever refers to it and however often."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hardpoint.assurance.contracts.catalogue import Direction, Level
from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.operations import Contract
from hardpoint.assurance.contracts.sameness import Sameness
from hardpoint.assurance.contracts.schemas import Schema, anything

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """What changed in a schema itself: the aspect, what was and what is, and where that stands on either side.

    `level` is what it is worse or better than its aspect says; `name` the property that is meant, if it is one.
    """

    aspect: str
    was: str = ""
    now: str = ""
    base: Node | None = None
    revision: Node | None = None
    level: Level | None = None
    name: str = ""
    silent: bool = False


@dataclass(eq=False, slots=True)
class Pair:
    """A schema on both sides, in one direction; `silent` where that direction does not carry it.

    `leads_to` are the pairs below it, each with the step that leads there.
    """

    base: Schema
    revision: Schema
    direction: Direction
    text: bool
    silent: bool
    changes: list[SchemaChange] = field(default_factory=list)
    leads_to: list[tuple[str, "Pair"]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What stands for the pair wherever an order is needed."""
        node = self.revision.node or self.base.node
        return f"{node.source.file}#{node.pointer}" if node else ""


class Pairs:
    """Compares schemas; a pair that is met again is not compared again, so circles end, and nothing is deep.

    A circle is judged as unchanged until a change is found in it (coinduction): each pair holds only its own changes.
    """

    def __init__(self, base: Contract, revision: Contract, today: date, min_sunset_days: int) -> None:
        self._base, self._revision = base, revision
        self._sameness = Sameness(base, revision)
        self.same, self.same_values = self._sameness.same, self._sameness.same_values
        self._today, self._min_sunset_days = today, min_sunset_days
        self._known: dict[tuple[Any, ...], Pair] = {}
        self._pending: list[Pair] = []

    def pair(
        self,
        base: Schema | None,
        revision: Schema | None,
        direction: Direction,
        *,
        text: bool = False,
        silent: bool = False,
    ) -> Pair | None:
        """The pair of two schemas, to be compared by compare(); None if they are the same."""
        one, other = base or anything(self._base), revision or anything(self._revision)
        key = (one.key, other.key, direction, text, silent)
        if key not in self._known:
            if self.is_same(one, other):
                return None
            self._known[key] = Pair(one, other, direction, text, silent)
            self._pending.append(self._known[key])
        return self._known[key]

    def is_same(self, base: Schema, revision: Schema) -> bool:
        """Whether two schemas say the same, references followed."""
        return len(base.nodes) == len(revision.nodes) and all(
            self.same(one, other) for one, other in zip(base.nodes, revision.nodes, strict=True)
        )

    def compare(self, changes_in: Callable[["Pairs", Pair], Iterator[SchemaChange]]) -> list[Pair]:
        """Compare what is to be compared, and what that leads to; all pairs that there are now."""
        while self._pending:
            pair = self._pending.pop()
            pair.changes.extend(changes_in(self, pair))
        return list(self._known.values())

    def lead(
        self, pair: Pair, step: str, base: Schema | None, revision: Schema | None, *, silent: bool = False
    ) -> None:
        """Go on below a pair."""
        below = self.pair(base, revision, pair.direction, text=pair.text, silent=pair.silent or silent)
        if below is not None:
            pair.leads_to.append((step, below))

    def announced(self, base: Schema, revision: Schema) -> Iterator[SchemaChange]:
        """What the deprecation of a property says."""
        was, now = base.first("deprecated") is True, revision.first("deprecated") is True
        if was and not now:
            yield SchemaChange("reactivated", base=base.node, revision=revision.node)
        if was or not now:
            return
        sunset = revision.first("x-sunset")
        day = day_of(sunset)
        aspect = "deprecated-with-sunset"
        if sunset is None:
            aspect = "deprecated-sunset-missing" if self._min_sunset_days else "deprecated"
        elif day is None:
            aspect = "deprecated-sunset-invalid"
        elif day < self._today + timedelta(days=self._min_sunset_days):
            aspect = "sunset-date-too-small"
        yield SchemaChange(aspect, now=str(sunset or ""), base=base.node, revision=revision.node)


def day_of(sunset: Any) -> date | None:
    """The day that a sunset names (RFC 3339); None if it names none."""
    text = str(sunset or "").strip()
    try:
        return date.fromisoformat(text[:10]) if _DAY.match(text) else None
    except ValueError:
        return None
