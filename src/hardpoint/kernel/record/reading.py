"""Entries of a record as they are stored; whoever relies on them verifies first."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.database import Database
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.record.model import Entry, Header
from hardpoint.kernel.record.tables import entries, head, nodes
from hardpoint.kernel.record.tree import Frontier, NodeId, frontier_ids

PAGE = 1000


_COLUMNS = (entries.c.leaf_index, entries.c.header, entries.c.signature, entries.c.payload)


def read_entries(database: Database, *, kind: str, subject: str, until: datetime | None = None) -> Iterator[Entry]:
    """Entries of a kind about a subject, in order, recorded at `until` or before."""
    wanted = (
        sa.select(*_COLUMNS).where(entries.c.kind == kind, entries.c.subject == subject).order_by(entries.c.leaf_index)
    )
    limit = format_instant(until) if until else None
    with database.reading() as connection:
        for row in connection.execution_options(yield_per=PAGE).execute(wanted):
            entry = _entry(*row)
            if limit is None or entry.header.at <= limit:
                yield entry


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


def newest_headers(database: Database, limit: int) -> list[Header]:
    """The headers of the last entries, the newest first."""
    wanted = sa.select(entries.c.leaf_index, entries.c.header).order_by(entries.c.leaf_index.desc()).limit(limit)
    with database.reading() as connection:
        rows = connection.execute(wanted).all()
    return [encoding.decode(row.header, Header, what=f"The header of entry {row.leaf_index}") for row in rows]


def newest_checkpoint(database: Database) -> bytes:
    """The newest checkpoint, as the signed note that is stored."""
    with database.reading() as connection:
        note: bytes = connection.execute(sa.select(head.c.checkpoint)).scalar_one()
    return note


def stored_node(connection: sa.Connection, node: NodeId) -> bytes:
    """A node of the tree as it is stored; empty where there is none, which is the hash of nothing."""
    level, position = node
    wanted = sa.select(nodes.c.hash).where(nodes.c.level == level, nodes.c.position == position)
    found = connection.execute(wanted).scalar()
    return found if isinstance(found, bytes) else b""


def stored_root(connection: sa.Connection, size: int) -> bytes:
    """The root that the stored nodes give the tree of its first `size` entries."""
    return Frontier(size, [stored_node(connection, node) for node in frontier_ids(size)]).root()


def _entry(index: int, header: bytes, signature: bytes | None, payload: bytes | None) -> Entry:
    read = encoding.decode(header, Header, what=f"The header of entry {index}")
    return Entry(index=index, header=read, payload=payload, signature=signature)
