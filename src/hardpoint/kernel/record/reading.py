"""Entries of a record as they are stored; whoever relies on them verifies first."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.database import Database
from hardpoint.kernel.record.model import Entry, Header
from hardpoint.kernel.record.tables import entries

PAGE = 1000


def read_entries(database: Database, *, kind: str, subject: str, until: datetime | None = None) -> Iterator[Entry]:
    """Entries of a kind about a subject, in order, recorded at `until` or before."""
    wanted = (
        sa.select(entries.c.leaf_index, entries.c.header, entries.c.signature, entries.c.payload)
        .where(entries.c.kind == kind, entries.c.subject == subject)
        .order_by(entries.c.leaf_index)
    )
    limit = format_instant(until) if until else None
    with database.reading() as connection:
        for row in connection.execution_options(yield_per=PAGE).execute(wanted):
            header = encoding.decode(row.header, Header, what=f"The header of entry {row.leaf_index}")
            if limit is None or header.at <= limit:
                yield Entry(index=row.leaf_index, header=header, payload=row.payload, signature=row.signature)
