"""Entries of a record as they are stored; whoever relies on them verifies first."""

from collections.abc import Callable, Collection, Iterator
from itertools import accumulate

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.database import Database
from hardpoint.kernel.problem import IntegrityProblem, UsageProblem
from hardpoint.kernel.record.checkpoint import parse_checkpoint
from hardpoint.kernel.record.model import Entry, Header
from hardpoint.kernel.record.tables import entries, head, nodes
from hardpoint.kernel.record.tree import Frontier, NodeId, ReadNode, frontier_ids

PAGE = 100
"""Rows fetched at once; each may hold a large payload."""

_COLUMNS = (entries.c.leaf_index, entries.c.header, entries.c.signature, entries.c.payload)


def read_entries(database: Database, *, kind: str, subject: str | None = None) -> Iterator[Entry]:
    """Entries of a kind, about a subject or any, in order."""
    ours = (entries.c.kind == kind, *([] if subject is None else [entries.c.subject == subject]))
    wanted = sa.select(*_COLUMNS).where(*ours).order_by(entries.c.leaf_index)
    with (
        database.reading() as connection,
        connection.execution_options(yield_per=PAGE).execute(wanted) as rows,
    ):
        for row in rows:
            yield _entry(*row)


def newest_entry(database: Database, *, kind: str, subject: str, topic: str) -> Entry | None:
    """The last entry of a topic."""
    wanted = (
        sa.select(*_COLUMNS)
        .where(entries.c.kind == kind, entries.c.subject == subject, entries.c.topic == topic)
        .order_by(entries.c.leaf_index.desc())
        .limit(1)
    )
    with database.reading() as connection:
        row = connection.execute(wanted).first()
    return _entry(*row) if row else None


def entry_at(database: Database, index: int) -> Entry:
    """The entry of that index.

    Raises UsageProblem if there is none.
    """
    with database.reading() as connection:
        row = connection.execute(sa.select(*_COLUMNS).where(entries.c.leaf_index == index)).first()
    if row is None:
        raise UsageProblem(f"The record has no entry {index}", remedy="`hardpoint record log` lists them.")
    return _entry(*row)


def unique_entry(database: Database, unique: str) -> Entry | None:
    """The entry with that unique key."""
    with database.reading() as connection:
        row = connection.execute(sa.select(*_COLUMNS).where(entries.c.unique_key == unique)).first()
    return _entry(*row) if row else None


def earliest_instants(database: Database) -> list[str]:
    """For each entry, the instant before which it cannot have been recorded: the latest that any up to it states."""
    wanted = sa.select(entries.c.leaf_index, entries.c.header).order_by(entries.c.leaf_index)
    with database.reading() as connection:
        return list(accumulate((_header(*row).at for row in connection.execute(wanted)), max))


def newest_headers(database: Database, limit: int) -> list[Header]:
    """The headers of the last entries, the newest first."""
    wanted = sa.select(entries.c.leaf_index, entries.c.header).order_by(entries.c.leaf_index.desc()).limit(limit)
    with database.reading() as connection:
        rows = connection.execute(wanted).all()
    return [_header(*row) for row in rows]


def newest_checkpoint(database: Database) -> bytes:
    """The newest checkpoint, as the signed note that is stored.

    Raises IntegrityProblem if there is none.
    """
    with database.reading() as connection:
        return stored_note(connection)


def stored_note(connection: sa.Connection) -> bytes:
    """The newest checkpoint in the caller's consistent view.

    Raises IntegrityProblem if there is none that can be read.
    """
    note = connection.execute(sa.select(head.c.checkpoint)).scalar()
    try:
        if isinstance(note, bytes):
            parse_checkpoint(note)
            return note
    except ValueError:
        pass
    raise IntegrityProblem("The record has no checkpoint that can be read", remedy="Run `hardpoint record verify`.")


def stored_nodes(connection: sa.Connection, ids: Collection[NodeId]) -> dict[NodeId, bytes]:
    """Nodes of the tree as they are stored; empty where there is none, which is the hash of nothing."""
    # Levels times positions is more than was asked for; unlike pairs, SQLite looks it up by the index.
    levels, positions = {level for level, _ in ids}, {position for _, position in ids}
    wanted = sa.select(nodes).where(nodes.c.level.in_(levels), nodes.c.position.in_(positions))
    found = {(level, position): value for level, position, value in connection.execute(wanted)}
    return {node: value if isinstance(value := found.get(node), bytes) else b"" for node in ids}


def stored_frontier(connection: sa.Connection, size: int) -> Frontier:
    """The right edge that the stored nodes give the tree of its first `size` entries."""
    return Frontier(size, list(stored_nodes(connection, frontier_ids(size)).values()))


def stored_proof(connection: sa.Connection, prove: Callable[[ReadNode], list[bytes]]) -> list[bytes]:
    """The proof that the stored nodes give, read at once: which it needs shows when it is made of nothing first."""
    ids: list[NodeId] = []

    def ask(node: NodeId) -> bytes:
        ids.append(node)
        return b""

    prove(ask)
    return prove(stored_nodes(connection, ids).__getitem__)


def _entry(index: int, header: bytes, signature: bytes | None, payload: bytes | None) -> Entry:
    return Entry(index=index, header=_header(index, header), payload=payload, signature=signature)


def _header(index: int, header: bytes) -> Header:
    return encoding.decode(header, Header, what=f"The header of entry {index}")
