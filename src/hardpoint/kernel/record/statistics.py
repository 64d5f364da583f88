"""What a record holds and how it grows, counted in one pass over its headers; no body is read."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.database import Database
from hardpoint.kernel.record.orders import stored_orders
from hardpoint.kernel.record.tables import entries

_MONTH = len("2026-03")


@dataclass(slots=True, kw_only=True)
class Count:
    """Entries, and the bytes of their bodies as far as these are in the record."""

    entries: int = 0
    bytes: int = 0


@dataclass(slots=True, kw_only=True)
class Statistics:
    """The counts of a record by what its headers say; a signer is the id of a key, a month is as in `2026-03`."""

    total: Count = field(default_factory=Count)
    first: str = ""
    last: str = ""
    erased: int = 0
    archived: int = 0
    kinds: Mapping[str, Count] = field(default_factory=lambda: defaultdict(Count))
    subjects: Mapping[str, Count] = field(default_factory=lambda: defaultdict(Count))
    signers: Mapping[str, Count] = field(default_factory=lambda: defaultdict(Count))
    months: Mapping[str, Count] = field(default_factory=lambda: defaultdict(Count))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    at: str
    kind: str
    subject: str
    key: str


_read_header = encoding.reader(_Said, what="The header of an entry")


def count(database: Database) -> Statistics:
    """Count everything. Raises UnreadableProblem if a header cannot be read."""
    found, orders = Statistics(), stored_orders(database)
    columns = (entries.c.leaf_index, entries.c.header, sa.func.length(entries.c.payload))
    rows = sa.select(*columns).order_by(entries.c.leaf_index).execution_options(yield_per=10_000)
    with database.reading() as connection:
        for index, header, size in connection.execute(rows):
            said = _read_header(header)
            found.first, found.last = found.first or said.at, said.at
            if size is None and orders.erasure_of(index) is None:
                found.archived += 1
            elif size is None:
                found.erased += 1
            for each in (
                found.total,
                found.kinds[said.kind],
                found.subjects[said.subject],
                found.signers[said.key],
                found.months[said.at[:_MONTH]],
            ):
                each.entries += 1
                each.bytes += size or 0
    return found
