"""A change in a contract as it is reported, and the uses of a schema, by which its changes reach operations."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hardpoint.assurance.contracts.catalogue import ASPECTS, KINDS, PARAMETER_LEVELS, Direction, Level, identify
from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.pairs import Pair, SchemaChange
from hardpoint.kernel.place import Place

MAX_USES = 20
"""How many uses of a schema a change of it is reported for, the nearest first; `uses` counts all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: the rule, how bad it is, in which operation, what it says, and where it stands on both sides.

    `base` and `revision` are where it stands on either side, if it is there. `member` is the way to a property from the
    root of the body, parameter or header. A schema that many operations use is reported for MAX_USES of them, and
    `uses` says of how many.
    """

    id: str
    level: Level
    direction: str = ""
    method: str | None = None
    path: str | None = None
    member: str = ""
    text: str = ""
    remedy: str = ""
    uses: int = 1
    base: Node | None = None
    revision: Node | None = None

    @property
    def pointer(self) -> str:
        """The JSON Pointer of the revision, or of the base for what is gone."""
        node = self.revision or self.base
        return node.pointer if node else ""

    @property
    def place(self) -> Place | None:
        """The place that the pointer leads to."""
        node = self.revision or self.base
        return node.place if node else None

    @property
    def order(self) -> tuple[object, ...]:
        """What changes are sorted by, and told apart: the worst first."""
        return self.level.rank, self.path or "", self.method or "", self.id, self.pointer, self.member, self.text


@dataclass(frozen=True, slots=True)
class Use:
    """A schema as the root of a body, a parameter or a header: what has it (as in ids), and how people call that."""

    pair: Pair
    where: str
    called: str
    method: str | None
    path: str | None
    header: bool = False
    required: bool = False
    """Whether a parameter is always sent, so that its default never counts."""
    xml: bool = False
    """Whether it is written in XML, so that names count which are of no account elsewhere."""

    @property
    def order(self) -> tuple[str, str, str]:
        """What uses are sorted by."""
        return self.path or "", self.method or "", self.called


def change(
    kind: str,
    *,
    was: object = "",
    now: object = "",
    name: str = "",
    inside: str = "",
    method: str | None = None,
    path: str | None = None,
    base: Node | None = None,
    revision: Node | None = None,
    level: Level | None = None,
    direction: Direction = Direction.NONE,
) -> Change:
    """A change of anything but a schema, worded by its kind."""
    known = KINDS[kind]
    return Change(
        id=kind,
        level=level or known.level,
        direction=direction.value,
        method=method,
        path=path,
        text=known.text.format(was, now, **{"name": name, "in": inside}),
        remedy=known.remedy,
        base=base,
        revision=revision,
    )


def attach(pairs: Sequence[Pair], uses: Iterable[Use]) -> Iterator[Change]:
    """What changed in schemas, for the operations that use them."""
    above = _above(pairs)
    used: dict[int, list[Use]] = {}
    for use in sorted(uses, key=lambda each: each.order):
        used.setdefault(id(use.pair), []).append(use)
    reach = _reach(pairs, used)
    for pair in sorted((each for each in pairs if each.changes), key=lambda each: (each.name, each.direction.value)):
        nearest = list(_nearest(pair, above, used))
        total = reach[id(pair)].bit_count()
        for use, steps in nearest:
            for found in pair.changes:
                reported = _reported(found, pair, use, steps, total)
                if reported is not None:
                    yield reported


_Above = dict[int, list[tuple[str, Pair]]]


def _above(pairs: Sequence[Pair]) -> _Above:
    found: _Above = {}
    for pair in pairs:
        for step, below in pair.leads_to:
            found.setdefault(id(below), []).append((step, pair))
    for leading in found.values():
        leading.sort(key=lambda each: (each[1].name, each[0]))
    return found


def _reach(pairs: Sequence[Pair], used: dict[int, list[Use]]) -> dict[int, int]:
    """Of each pair, the uses that lead to it, as a set of bits."""
    found = {id(pair): 0 for pair in pairs}
    pending: deque[Pair] = deque()
    number = 0
    for pair in pairs:
        for _ in used.get(id(pair), ()):
            found[id(pair)] |= 1 << number
            number += 1
        if found[id(pair)]:
            pending.append(pair)
    while pending:
        pair = pending.popleft()
        for _, below in pair.leads_to:
            joined = found[id(below)] | found[id(pair)]
            if joined != found[id(below)]:
                found[id(below)] = joined
                pending.append(below)
    return found


def _nearest(pair: Pair, above: _Above, used: dict[int, list[Use]]) -> Iterator[tuple[Use, tuple[str, ...]]]:
    """The uses of a schema, the nearest first, each with the shortest way from there to the schema."""
    level: list[tuple[Pair, tuple[str, ...]]] = [(pair, ())]
    seen = {id(pair)}
    left = MAX_USES
    while level:
        for each, steps in level:
            for use in used.get(id(each), ()):
                yield use, steps
                left -= 1
                if not left:
                    return
        following = []
        for each, steps in level:
            for step, parent in above.get(id(each), ()):
                if id(parent) not in seen:
                    seen.add(id(parent))
                    following.append((parent, (step, *steps)))
        level = following


def _reported(found: SchemaChange, pair: Pair, use: Use, steps: tuple[str, ...], total: int) -> Change | None:
    aspect = ASPECTS[found.aspect]
    level = aspect.level(pair.direction)
    way = (*steps, found.name) if found.name else steps
    where = _where(use.where, way)
    if where == "request-parameter" and not use.required:
        level = PARAMETER_LEVELS.get(found.aspect, level)
    if found.aspect == "xml-changed" and not use.xml:
        return None
    if "parameter" in where and found.aspect == "added-optional":
        return None  # a further property of a parameter asks nothing of anybody
    if level is None:
        return None
    level = Level.INFO if pair.silent else found.level or level
    return Change(
        id=identify(where, found.aspect, pair.direction, silent=found.silent, header=use.header),
        level=level,
        direction=pair.direction.value,
        method=use.method,
        path=use.path,
        member="/".join(way),
        text=f"{_called(use, way)} {aspect.text.format(found.was, found.now)}",
        remedy=aspect.remedy if level is not Level.INFO else "",
        uses=total,
        base=found.base,
        revision=found.revision,
    )


def _where(root: str, way: tuple[str, ...]) -> str:
    if all(step == "items" for step in way) and (not way or root in ("request-parameter", "response-header")):
        return root
    return {"request-body": "request-property", "response-body": "response-property"}.get(root, f"{root}-property")


def _called(use: Use, way: tuple[str, ...]) -> str:
    return f"{'/'.join(way)} in {use.called}" if way else use.called
