"""A record to conclude from: one consistent view, every header hashed, and each body verified that is read."""

from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate, zip_longest

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.problem import IntegrityProblem, UnreadableProblem
from hardpoint.kernel.record.checkpoint import Checkpoint
from hardpoint.kernel.record.envelope import body_hash
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import (
    ARCHIVAL,
    ERASURE,
    SALT_BYTES,
    SIGNATURE_BYTES,
    Damage,
    Damaged,
    Entry,
    Header,
)
from hardpoint.kernel.record.orders import KINDS, Orders
from hardpoint.kernel.record.promises import Promises, Tree, head_row
from hardpoint.kernel.record.proofs import leaf_hash
from hardpoint.kernel.record.tables import entries, witnessed
from hardpoint.kernel.record.tree import Frontier
from hardpoint.kernel.record.verification import missing_part_is_damage, not_whole, split_at, stored_bytes
from hardpoint.kernel.record.witnessed import Witnesses

PAGE = 2048
"""Headers hashed at once."""
NAMED = 1000
"""Entries that one statement asks for."""
BODIES = 100
"""Bodies fetched at once; each may be large."""
_SO = "nothing is judged from it"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """As much of a header as says where its entry belongs."""

    index: int
    at: str
    kind: str
    subject: str
    unique: str | None


_read_place = encoding.reader(_Place, what="header")
_read_header = encoding.reader(Header, what="header")


@contextmanager
def scanned(database: Database, memory: Memory) -> "Iterator[Scan]":
    """Scan a record; what is read from the scan is of the one view that was taken here.

    Raises IntegrityProblem for headers that are not those of a log.
    """
    with missing_part_is_damage():
        with database.reading() as connection:
            origin = str(head_row(connection).origin)
        # Recalled before the view is taken: what was seen by then is in it, however much others append meanwhile.
        seen = memory.recall(origin)
        with database.view() as view:
            yield scan(view, origin, seen)


def scan(view: Database, origin: str, seen: Checkpoint | None) -> "Scan":
    """Hash every header, and find out where the entries of each kind and subject are.

    Entries are found by their headers, which the tree commits to, not by the columns and indexes that look-ups use.
    """
    with view.reading() as connection:
        sizes = set(connection.execute(sa.select(witnessed.c.size)).scalars())
        sizes |= {head_row(connection).size, *([seen.size] if seen else [])}
        made = _Scanner({size for size in sizes if isinstance(size, int)}).run(connection, view, origin, seen)
    for entry in made.entries(kind=ARCHIVAL):
        made.orders.add(entry.header, entry.payload)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The headers of a record in one view, and its bodies on demand; nothing counts before `refuse_broken`."""

    view: Database
    origin: str
    seen: Checkpoint | None
    tree: Tree
    instants: Sequence[str]
    """When each entry states that it was recorded."""
    places: Mapping[tuple[str, str], Sequence[int]]
    orders: Orders
    """What lets a body be gone."""

    def refuse_broken(self, keys: Collection[PublicKey], witnesses: Witnesses) -> None:
        """Raises IntegrityProblem unless the headers give what was signed, seen before, and co-signed."""
        promises = Promises(keys, witnesses, whose=False)
        with self.view.reading() as connection:
            promised = promises.checkpoint(head_row(connection))
            notes = promises.witnessed(connection, promised)
        promises.compare(promised, self.seen, notes, self.tree)
        for first in promises.found:
            raise not_whole(first, _SO)

    def entries(self, *, kind: str, subject: str | None = None, until: datetime | None = None) -> Iterator[Entry]:
        """Entries of a kind, about a subject or any, in order, as `indexes` has them and `read` reads them."""
        return self.read(self.indexes(kind=kind, subject=subject, until=until))

    def indexes(self, *, kind: str, subject: str | None = None, until: datetime | None = None) -> Sequence[int]:
        """Where the entries of a kind are, about a subject or any; with `until`, those that were there by then.

        That is every entry up to the last one stamped at `until` or before: the log's order is the true one, and a
        clock that ran ahead hides nothing that others had built upon.
        """
        ours = [at for (its, whose), at in self.places.items() if its == kind and subject in (None, whose)]
        indexes = sorted(index for each in ours for index in each)
        if until is None:
            return indexes
        instant = format_instant(until)
        last = next((index for index in reversed(indexes) if self.instants[index] <= instant), -1)
        return [index for index in indexes if index <= last]

    def read(self, indexes: Sequence[int]) -> Iterator[Entry]:
        """The entries at ascending indexes.

        Raises IntegrityProblem for a body that is not the one that its header commits to; its signature is left to
        whoever relies on it.
        """
        with self.view.reading() as connection:
            for start in range(0, len(indexes), NAMED):
                yield from self._bodies(connection, indexes[start : start + NAMED])

    def earliest(self) -> Sequence[str]:
        """The instant before which each entry cannot have been recorded: the latest that any up to it states."""
        return list(accumulate(self.instants, max))

    def _bodies(self, connection: sa.Connection, indexes: Sequence[int]) -> Iterator[Entry]:
        columns = (entries.c.leaf_index, entries.c.header, entries.c.salt, entries.c.signature, entries.c.payload)
        wanted = sa.select(*columns).where(entries.c.leaf_index.in_(indexes)).order_by(entries.c.leaf_index)
        with connection.execute(wanted.execution_options(yield_per=BODIES)) as rows:
            for index, row in zip_longest(indexes, rows):
                if row is None or row.leaf_index != index:
                    raise _broken(Damage.DELETION, index, "it is not found by its index")
                yield self._entry(*row)

    def _entry(self, index: int, encoded: object, salt: object, signature: object, payload: object) -> Entry:
        header = _read_header(stored_bytes(encoded))
        if salt is signature is payload is None:
            if header.kind in KINDS or not self.orders.let_go(index):
                raise _broken(Damage.DELETION, index, "its body is gone, and no entry orders its erasure or archival")
            return Entry(index=index, header=header, payload=None, signature=None)
        if not (isinstance(salt, bytes) and isinstance(signature, bytes) and isinstance(payload, bytes)):
            raise _broken(Damage.EDIT, index, "a part of its body is gone")
        lengths = (len(salt), len(signature)) == (SALT_BYTES, SIGNATURE_BYTES)
        if not lengths or body_hash(salt, signature, payload) != header.body:
            raise _broken(Damage.EDIT, index, "its body is not the one that its header commits to")
        return Entry(index=index, header=header, payload=payload, signature=signature)


@dataclass(slots=True)
class _Scanner:
    sizes: set[int]
    frontier: Frontier = field(default_factory=Frontier)
    instants: list[str] = field(default_factory=list)
    places: "dict[tuple[str, str], array[int]]" = field(default_factory=dict)
    orders: Orders = field(default_factory=Orders)

    def run(self, connection: sa.Connection, view: Database, origin: str, seen: Checkpoint | None) -> Scan:
        wanted = sa.select(entries.c.leaf_index, entries.c.header).order_by(entries.c.leaf_index)
        roots = {0: self.frontier.root()}
        with connection.execute(wanted.execution_options(yield_per=PAGE)) as rows:
            for page in rows.partitions(PAGE):
                roots |= self._grow([self._leaf(*row) for row in page])
        tree = Tree(self.frontier.size, roots)
        return Scan(
            view=view,
            origin=origin,
            seen=seen,
            tree=tree,
            instants=self.instants,
            places=self.places,
            orders=self.orders,
        )

    def _leaf(self, found: object, stored: object) -> bytes:
        index, encoded = len(self.instants), stored_bytes(stored)
        if found != index:
            raise _broken(Damage.DELETION, index, f"it is not there; the next is {found}")
        try:
            place = _read_place(encoded)
        except UnreadableProblem as problem:
            raise _broken(Damage.BIT_ROT, index, "its header cannot be read") from problem
        if place.index != index:
            raise _broken(Damage.EDIT, index, "its row says something else than its header")
        self.instants.append(place.at)
        self.places.setdefault((place.kind, place.subject), array("Q")).append(index)
        if place.kind == ERASURE and place.unique is not None:
            self.orders.erasures[place.unique] = index
        return leaf_hash(encoded)

    def _grow(self, leaves: list[bytes]) -> dict[int, bytes]:
        roots = {}
        for part in split_at(leaves, self.frontier.size, self.sizes):
            for _ in self.frontier.extend(part):
                pass
            roots[self.frontier.size] = self.frontier.root()
        return roots


def _broken(damage: Damage, index: int, text: str) -> IntegrityProblem:
    return not_whole(Damaged(damage=damage, index=index, text=f"entry {index}: {text}"), _SO)
