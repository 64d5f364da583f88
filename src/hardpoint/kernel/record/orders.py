"""Orders that take bodies out of the record: an erasure of one, an archival of many; each order stays in the log."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from operator import itemgetter

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.database import Database
from hardpoint.kernel.evidence import Binding, statement
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.record.model import ARCHIVAL, ERASURE, Header, erasure_key
from hardpoint.kernel.record.tables import entries

PREDICATE = "https://hardpoint.dev/archival/v1"
KINDS = frozenset({ERASURE, ARCHIVAL})
"""An entry of these kinds orders; its own body is never taken out."""

Range = tuple[int, int]
"""Entries in a row: the first index and the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archival:
    """In which file bodies are: its name as it was written, its SHA-256 in hex, and whose bodies they are, ascending.

    `order` is the index of the entry that says so, `bound` what each evidence among them is bound to, by its index.
    """

    order: int
    file: str
    sha256: str
    ranges: tuple[Range, ...]
    bound: Mapping[int, Binding] = field(default_factory=dict)

    def holds(self, index: int) -> bool:
        """Whether the body of that entry is in the file."""
        at = bisect_right(self.ranges, index, key=itemgetter(0)) - 1
        return at >= 0 and index <= self.ranges[at][1]

    def among(self, indexes: Sequence[int]) -> list[int]:
        """Those of ascending indexes whose bodies are in the file."""
        spans = ((bisect_left(indexes, first), bisect_right(indexes, last)) for first, last in self.ranges)
        return [index for start, end in spans for index in indexes[start:end]]

    def indexes(self) -> Iterator[int]:
        """The entries whose bodies are in the file."""
        for first, last in self.ranges:
            yield from range(first, last + 1)


@dataclass(slots=True)
class Orders:
    """The orders of a record as they come along, and whose body they let go."""

    erasures: dict[str, int] = field(default_factory=dict)
    archivals: list[Archival] = field(default_factory=list)

    def add(self, header: Header, payload: object) -> None:
        """Take in an entry; one that orders nothing that can be read lets nothing go."""
        if header.kind == ERASURE and header.unique is not None:
            self.erasures[header.unique] = header.index
        elif header.kind == ARCHIVAL and isinstance(payload, bytes):
            try:
                self.archivals.append(read_archival(header.index, payload))
            except UnreadableProblem:
                return

    def erasure_of(self, index: int) -> int | None:
        """The entry that orders the erasure of a body; an order comes after what it is about."""
        order = self.erasures.get(erasure_key(index), -1)
        return order if order > index else None

    def archival_of(self, index: int) -> Archival | None:
        """Where the body is that an entry ordered into a file."""
        return next((each for each in self.archivals if each.holds(index)), None)

    def let_go(self, index: int) -> bool:
        """Whether a body may be gone."""
        return self.erasure_of(index) is not None or self.archival_of(index) is not None


def stored_orders(database: Database) -> Orders:
    """The orders that stand in a record."""
    orders = Orders()
    columns = (entries.c.leaf_index, entries.c.header, entries.c.payload)
    wanted = sa.select(*columns).where(entries.c.kind.in_(KINDS)).order_by(entries.c.leaf_index)
    with database.reading() as connection:
        for index, header, payload in connection.execute(wanted):
            orders.add(encoding.decode(header, Header, what=f"The header of entry {index}"), payload)
    return orders


def write_archival(
    file: str, sha256: str, ranges: Iterable[Range], bound: Mapping[int, Binding] | None = None
) -> bytes:
    """The order as an in-toto Statement about the file.

    What archived evidence is bound to stays, or whoever archives a failed report would leave others to decide.
    """
    evidence = [{"index": index, **encoding.plain(each)} for index, each in sorted((bound or {}).items())]
    return statement(file, {"sha256": sha256}, PREDICATE, {"ranges": list(ranges), "evidence": evidence})


def read_archival(order: int, payload: bytes) -> Archival:
    """Read what write_archival wrote, as the entry `order`.

    Raises UnreadableProblem for anything else: ranges that overlap, bodies that came after the order, and evidence that
    is not among them, too.
    """
    said = encoding.decode(payload, _Statement, what="The order to archive")
    ranges = said.predicate.ranges
    edges = [-1, *(index for first, last in ranges for index in (first, last + 1)), order + 1]
    if said.predicateType != PREDICATE or len(said.subject) != 1:
        raise UnreadableProblem("The order to archive is of a form that this Hardpoint cannot read")
    if not ranges or any(not before < after for before, after in pairwise(edges)):
        raise UnreadableProblem("The order to archive names entries that cannot be")
    (file,) = said.subject
    archival = Archival(order=order, file=file.name, sha256=file.digest.sha256, ranges=ranges)
    evidence = said.predicate.evidence
    bound = {each.index: Binding(kind=each.kind, commit=each.commit, time=each.time) for each in evidence}
    if len(bound) != len(evidence) or not all(map(archival.holds, bound)):
        raise UnreadableProblem("The order to archive is about evidence that it does not archive")
    return replace(archival, bound=bound)


def ranges_of(indexes: Iterable[int]) -> list[Range]:
    """Ascending indexes as ranges, as few as there can be."""
    ranges: list[Range] = []
    for index in indexes:
        if ranges and ranges[-1][1] == index - 1:
            ranges[-1] = (ranges[-1][0], index)
        else:
            ranges.append((index, index))
    return ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class _Digest:
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    name: str
    digest: _Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    index: int
    kind: str
    commit: str | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Predicate:
    ranges: tuple[Range, ...]
    evidence: tuple[_Bound, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    predicateType: str  # noqa: N815 - in-toto's name
    subject: tuple[_File, ...]
    predicate: _Predicate
