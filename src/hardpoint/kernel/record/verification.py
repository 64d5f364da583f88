"""Whether a record is what was acknowledged: every hash recomputed, each damage with its class and place."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.problem import IntegrityProblem, StoreProblem, UnreadableProblem
from hardpoint.kernel.record.envelope import body_hash, pre_authentication_encoding
from hardpoint.kernel.record.imported import KIND as IMPORTED
from hardpoint.kernel.record.imported import damage_of
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import SALT_BYTES, SIGNATURE_BYTES, WHOLE, Damage, Damaged, Header
from hardpoint.kernel.record.orders import KINDS, Orders
from hardpoint.kernel.record.promises import Promises, Tree, head_row
from hardpoint.kernel.record.proofs import leaf_hash
from hardpoint.kernel.record.stated import UNSTATED, is_stated
from hardpoint.kernel.record.tables import entries, nodes
from hardpoint.kernel.record.tree import Frontier
from hardpoint.kernel.record.witnessed import Witnesses

PAGE = 2048

# A few rows at a time: each may hold a large payload.
_ROWS = (
    sa.select(
        entries.c.leaf_index,
        entries.c.header,
        entries.c.salt,
        entries.c.signature,
        entries.c.payload,
        entries.c.kind,
        entries.c.subject,
        entries.c.topic,
        entries.c.unique_key,
    )
    .order_by(entries.c.leaf_index)
    .execution_options(yield_per=100)
)
_Row = Sequence[Any]
"""A stored entry; what SQLite keeps in a column may be of any type."""
_read_header = encoding.reader(Header, what="header")


@dataclass(slots=True, kw_only=True)
class Verification:
    """What was verified, and every damage found, at most MAX_DAMAGES of them."""

    origin: str
    size: int
    root: str
    signatures: bool
    damages: list[Damaged] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.damages


def verify_record(
    database: Database,
    keys: Sequence[PublicKey],
    memory: Memory,
    *,
    witnesses: Witnesses | None = None,
    signatures: bool = True,
) -> Verification:
    """Recompute the record from its stored bytes and compare it with its checkpoint and with what was seen before.

    `keys` are those that may sign, `witnesses` those that may co-sign; `signatures=False` leaves out the signature of
    each entry (the checkpoint's, which covers every entry, is always verified) and whose a co-signed checkpoint is.
    Raises IntegrityProblem if the database cannot be read through.
    """
    by_id = {key.id: key for key in keys}
    with missing_part_is_damage():
        return _Verifier(database, by_id, memory, witnesses=witnesses or {}, signatures=signatures).run()


def refuse_broken(
    database: Database, keys: Sequence[PublicKey], memory: Memory, witnesses: Witnesses, consequence: str
) -> None:
    """Raises IntegrityProblem, with what follows from it, unless the record is whole.

    The signature of each entry is left to whoever relies on that entry: the checkpoint's covers them all.
    """
    for first in verify_record(database, keys, memory, witnesses=witnesses, signatures=False).damages:
        raise not_whole(first, consequence)


def not_whole(first: Damaged, consequence: str) -> IntegrityProblem:
    """The problem that a damage is, with what follows from it."""
    return IntegrityProblem(
        f"The record is not whole ({first.damage}: {first.text}), so {consequence}",
        remedy="`hardpoint record verify` names every damage.",
    )


@contextmanager
def missing_part_is_damage() -> Iterator[None]:
    """A table or a column that is not there is damage, and no fault of the database."""
    try:
        yield
    except StoreProblem as problem:
        if _names_a_missing_part(problem.__cause__):
            raise IntegrityProblem(
                f"The record's tables are not as Hardpoint made them: {problem.sentence}", remedy=problem.remedy
            ) from problem
        raise


class _Verifier:
    def __init__(
        self,
        database: Database,
        keys: dict[str, PublicKey],
        memory: Memory,
        *,
        witnesses: Witnesses,
        signatures: bool,
    ) -> None:
        self._database = database
        self._keys = keys
        self._memory = memory
        self._signatures = signatures
        self._promises = Promises(keys.values(), witnesses, whose=signatures)
        self._note = self._promises.note
        self._frontier = Frontier()
        self._bodies_gone: list[int] = []
        self._orders = Orders()

    def run(self) -> Verification:
        with self._database.reading() as connection:
            origin = str(head_row(connection).origin)
        # Recalled before the snapshot is taken: what was seen by then is in it, however much others append meanwhile.
        seen = self._memory.recall(origin)
        with self._database.reading() as connection:
            promised = self._promises.checkpoint(head_row(connection))
            notes = self._promises.witnessed(connection, promised)
            roots = self._entries(connection, {each.size for each in (promised, seen, *notes) if each})
            self._unordered()
            self._counts(connection)
            self._file(connection)
        self._promises.compare(promised, seen, notes, Tree(self._frontier.size, roots))
        return Verification(
            origin=origin,
            size=self._frontier.size,
            root=self._frontier.root().hex(),
            signatures=self._signatures,
            damages=self._promises.found,
        )

    def _entries(self, connection: sa.Connection, sizes: set[int]) -> dict[int, bytes]:
        """Verify every entry and node in order; returns the recomputed roots at the sizes asked for."""
        roots = {0: self._frontier.root()}
        leaves: list[bytes] = []
        with connection.execute(_ROWS) as rows:
            for index, row in enumerate(rows):
                if row[0] != index:
                    self._note(Damage.DELETION, index, f"entry {index} is not there; the next is {row[0]}")
                    break
                self._entry(row)
                leaves.append(leaf_hash(stored_bytes(row[1])))
                if len(leaves) == PAGE:
                    roots |= self._grow(connection, leaves, sizes)
                    leaves = []
        return roots | self._grow(connection, leaves, sizes)

    def _grow(self, connection: sa.Connection, leaves: list[bytes], sizes: set[int]) -> dict[int, bytes]:
        """Grow the tree by leaves and compare its nodes with those stored; returns the roots that it went through."""
        roots = {}
        for part in split_at(leaves, self._frontier.size, sizes):
            for (level, first), row_of_nodes in self._frontier.extend(part):
                self._nodes(connection, level, first, row_of_nodes)
            roots[self._frontier.size] = self._frontier.root()
        return roots

    def _entry(self, row: _Row) -> None:
        index, encoded, salt, signature, payload, *copies = row
        try:
            header = _read_header(stored_bytes(encoded))
        except UnreadableProblem:
            self._note(Damage.BIT_ROT, index, "its header cannot be read")
            return
        if header.index != index or copies != [header.kind, header.subject, header.topic, header.unique]:
            self._note(Damage.EDIT, index, "its row says something else than its header")
        self._orders.add(header, payload)
        if salt is signature is payload is None:
            self._bodies_gone.append(index)
            if header.kind in KINDS:
                self._note(Damage.DELETION, index, "its body is gone, and an order stays")
        elif not (type(salt) is type(signature) is type(payload) is bytes):
            self._note(Damage.EDIT, index, "a part of its body is gone")
        # The lengths are checked because the hash is of the parts' bytes in a row, not of where one ends.
        elif (
            len(salt) != SALT_BYTES
            or len(signature) != SIGNATURE_BYTES
            or body_hash(salt, signature, payload) != header.body
        ):
            self._note(Damage.EDIT, index, "its body is not the one that its header commits to")
        elif self._signatures:
            self._signature(index, header, signature, payload)
            if header.kind == IMPORTED and (damage := damage_of(header, payload, self._keys.values())):
                self._note(damage[0], index, damage[1])

    def _unordered(self) -> None:
        """Each body that is gone needs an order that came after it."""
        for index in self._bodies_gone:
            if not self._orders.let_go(index):
                self._note(Damage.DELETION, index, "its body is gone, and no entry orders its erasure or archival")

    def _signature(self, index: int, header: Header, signature: bytes, payload: bytes) -> None:
        key = self._keys.get(header.key)
        if key is None:
            self._note(Damage.UNKNOWN_KEY, index, f"it is signed with a key that is not trusted ({header.key[:16]})")
        elif not key.verifies(signature, pre_authentication_encoding(header.payload_type, payload)):
            self._note(Damage.EDIT, index, "its signature does not fit its payload")
        elif not is_stated(header, payload):
            self._note(Damage.EDIT, index, UNSTATED)

    def _nodes(self, connection: sa.Connection, level: int, first: int, computed: Sequence[bytes]) -> None:
        """Compare a stretch of one level of the tree with what was computed."""
        stretch = (nodes.c.level == level, nodes.c.position.between(first, first + len(computed) - 1))
        hashes = sa.select(nodes.c.hash).where(*stretch).order_by(nodes.c.position)
        if connection.execute(hashes).scalars().all() == computed:
            return
        stored = dict(connection.execute(sa.select(nodes.c.position, nodes.c.hash).where(*stretch)).all())
        for position, value in enumerate(computed, first):
            if stored.get(position) != value:
                what = "is not there" if position not in stored else "is not the hash of what it covers"
                text = f"the tree's node at level {level}, position {position} {what}"
                self._note(Damage.EDIT, (position + 1 << level) - 1, text)

    def _counts(self, connection: sa.Connection) -> None:
        """Rows that reading in order does not come across: doubles, and those without a place."""
        size = self._frontier.size
        rows = _count(connection, entries)
        if rows != size and not self._promises.gap:
            self._note(Damage.EDIT, WHOLE, f"there are {rows} rows for {size} entries")
        expected = sum(size >> level for level in range(size.bit_length()))
        found = _count(connection, nodes)
        if found > expected:
            self._note(Damage.EDIT, WHOLE, f"the tree has {found - expected} nodes that cover no entry")

    def _file(self, connection: sa.Connection) -> None:
        """SQLite's indexes against its tables: look-ups go by an index, and would miss what it leaves out."""
        if connection.dialect.name == "sqlite":
            for (said,) in connection.exec_driver_sql("PRAGMA integrity_check"):
                if said != "ok":
                    self._note(Damage.BIT_ROT, WHOLE, f"the database file: {said}")


def _names_a_missing_part(cause: BaseException | None) -> bool:
    """Whether a database refused because a table or a column is not there; busy or full says nothing of the record."""
    if isinstance(cause, sa.exc.OperationalError) and isinstance(cause.orig, sqlite3.Error):
        return getattr(cause.orig, "sqlite_errorcode", 0) == sqlite3.SQLITE_ERROR
    return isinstance(cause, sa.exc.ProgrammingError)


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def stored_bytes(value: object) -> bytes:
    """SQLite keeps any type in any column; text where bytes were written is a damage like any other."""
    return value if isinstance(value, bytes) else b""


def split_at(leaves: list[bytes], start: int, sizes: set[int]) -> Iterator[list[bytes]]:
    """The leaves in parts, so that the tree passes through each of the sizes that fall among them."""
    cuts = sorted(size - start for size in sizes if start < size < start + len(leaves))
    for begin, end in pairwise([0, *cuts, len(leaves)]):
        yield leaves[begin:end]
