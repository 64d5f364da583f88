"""A copy of a whole record: compared with the one here, and taken over entry by entry as it is, once it is verified."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.database import Database, insert_rows
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.problem import IntegrityProblem, StoreProblem, UsageProblem
from hardpoint.kernel.record.checkpoint import Checkpoint, parse_checkpoint, signed_checkpoint
from hardpoint.kernel.record.expected import forget_seen
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Header
from hardpoint.kernel.record.orders import Orders
from hardpoint.kernel.record.page import (
    PAGE_ENTRIES,
    StoredEntry,
    page_count,
    read_page,
    verified_header,
    write_page,
)
from hardpoint.kernel.record.proofs import leaf_hash
from hardpoint.kernel.record.reading import stored_frontier
from hardpoint.kernel.record.tables import entries, head, nodes
from hardpoint.kernel.record.tree import Frontier, NodeId

_Page = tuple[list[tuple[Header, StoredEntry]], list[tuple[NodeId, bytes]]]
"""Verified entries in a row, and the nodes of the tree that became complete with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A record elsewhere: its signed checkpoint, and how to read its pages."""

    note: bytes
    page: Callable[[int], bytes]

    @property
    def checkpoint(self) -> Checkpoint:
        return parse_checkpoint(self.note)


class Relation(Enum):
    """How the record here stands to a copy of it."""

    SAME = "the same"
    AHEAD = "ahead"
    BEHIND = "behind"


def trusted_checkpoint(note: bytes, keys: Collection[PublicKey]) -> Checkpoint:
    """The checkpoint of a signed note.

    Raises IntegrityProblem unless one of the keys signed it.
    """
    try:
        checkpoint = signed_checkpoint(note, keys)
    except ValueError as error:
        raise IntegrityProblem("The copy's checkpoint cannot be read") from error
    if checkpoint is None:
        raise IntegrityProblem(
            "The copy's checkpoint is not signed with a key that is trusted here",
            remedy="If you know its signer, add the key under `trust.keys`.",
        )
    return checkpoint


def own_note(database: Database) -> bytes | None:
    """The newest checkpoint of the record here, as signed; None before it was begun."""
    with database.reading() as connection:
        note = connection.execute(sa.select(head.c.checkpoint)).scalar()
    return note if isinstance(note, bytes) else None


def relate(database: Database, copy: Copy, keys: Collection[PublicKey], memory: Memory) -> Relation:
    """How the record here stands to the copy; what the copy has beyond it was verified if it is behind.

    Raises UsageProblem if they are two records, IntegrityProblem if their histories parted or the copy does not hold.
    """
    there, note = copy.checkpoint, own_note(database)
    here = parse_checkpoint(note) if note else Checkpoint(there.origin, 0, Frontier().root())
    if here.origin != there.origin:
        raise UsageProblem(
            f"The store holds the record {here.origin}, and the copy is of {there.origin}",
            remedy="Records are never merged: begin from an empty store, or name another with HARDPOINT_STORE.",
        )
    if there.size > here.size:
        seen = memory.recall(there.origin)
        try:
            verify_beyond(database, copy, keys, seen)
        except IntegrityProblem:
            _refuse_parted(database, copy)
            raise
        return Relation.BEHIND
    with database.reading() as connection:
        same = stored_frontier(connection, there.size).root() == there.root
    if not same:
        _refuse_parted(database, copy)
        raise IntegrityProblem("The copy's checkpoint is not the one of its entries")
    return Relation.SAME if there.size == here.size and note else Relation.AHEAD if note else Relation.BEHIND


def verify_beyond(database: Database | None, copy: Copy, keys: Collection[PublicKey], seen: Checkpoint | None) -> None:
    """Verify every hash and signature of what the copy has beyond the record here, or of all of it without one.

    Raises IntegrityProblem if anything does not hold, or is not what was seen of it before.
    """
    frontier = Frontier()
    if database is not None:
        with database.reading() as connection:
            frontier = stored_frontier(connection, _size(connection))
    if seen is not None and copy.checkpoint.size < seen.size:
        raise IntegrityProblem(
            f"The copy has {copy.checkpoint.size} entries, and {seen.size} were seen before: it was rolled back",
            remedy="Push from a store that has them, and keep the copy as it is until then. "
            + forget_seen(seen.origin, copy.checkpoint.size, seen.size),
        )
    for _ in _walk(copy, frontier, {key.id: key for key in keys}, seen):
        pass


def take_over(database: Database, copy: Copy, keys: Collection[PublicKey]) -> int:
    """Append what the copy has beyond the record here, byte for byte, in one transaction with its checkpoint.

    Returns how many entries. Raises IntegrityProblem, and nothing is kept, if anything does not hold.
    """
    there, added = copy.checkpoint, 0
    with database.writing() as connection:
        row = connection.execute(sa.select(head.c.size, head.c.origin).with_for_update()).first()
        if row is not None and (row.origin != there.origin or row.size > there.size):
            raise StoreProblem("The record was changed meanwhile; nothing was taken over", remedy="Run it again.")
        frontier = stored_frontier(connection, row.size if row else 0)
        for page, grown in _walk(copy, frontier, {key.id: key for key in keys}, None):
            insert_rows(connection, entries, [_row(header, entry) for header, entry in page])
            insert_rows(
                connection, nodes, [{"level": level, "position": at, "hash": value} for (level, at), value in grown]
            )
            added += len(page)
        if row is None:
            values = {"id": 1, "origin": there.origin, "size": there.size, "checkpoint": copy.note}
            connection.execute(sa.insert(head).values(values))
        elif added:
            connection.execute(sa.update(head).values(size=there.size, checkpoint=copy.note))
    return added


def pages_of(connection: sa.Connection, size: int) -> Iterator[bytes]:
    """The pages of the first `size` entries, read in the caller's consistent view."""
    columns = (entries.c.header, entries.c.salt, entries.c.signature, entries.c.payload)
    for number in range(page_count(size)):
        first = number * PAGE_ENTRIES
        wanted = sa.select(*columns).where(entries.c.leaf_index.between(first, min(first + PAGE_ENTRIES, size) - 1))
        rows = connection.execute(wanted.order_by(entries.c.leaf_index)).all()
        yield write_page([StoredEntry(header=row[0], salt=row[1], signature=row[2], payload=row[3]) for row in rows])


def _walk(copy: Copy, frontier: Frontier, keys: dict[str, PublicKey], seen: Checkpoint | None) -> Iterator[_Page]:
    """The pages of the copy beyond the frontier; the whole walk holds only if it comes to its end."""
    there = copy.checkpoint
    gone: list[int] = []
    orders = Orders()
    for number in range(frontier.size // PAGE_ENTRIES, page_count(there.size)):
        first = number * PAGE_ENTRIES
        stored = read_page(copy.page(number), first, min(there.size - first, PAGE_ENTRIES))
        page, grown = [], []
        for entry in stored[max(frontier.size - first, 0) :]:
            header = verified_header(entry, frontier.size, keys)
            gone += [header.index] if entry.payload is None else []
            orders.add(header, entry.payload)
            grown += list(frontier.append(leaf_hash(entry.header)))
            if seen is not None and frontier.size == seen.size and frontier.root() != seen.root:
                raise IntegrityProblem(
                    f"The copy's first {seen.size} entries are not those that were seen before",
                    remedy="Restore what was seen from a backup, and keep the copy as it is. "
                    + forget_seen(seen.origin, 0, seen.size),
                )
            page.append((header, entry))
        if page:
            yield page, grown
    if frontier.root() != there.root:
        raise IntegrityProblem("The copy's entries do not give the root that its checkpoint signs")
    unordered = next((index for index in gone if not orders.let_go(index)), None)
    if unordered is not None:
        raise IntegrityProblem(
            f"The body of entry {unordered} of the copy is gone, and no entry orders its erasure or archival"
        )


def _refuse_parted(database: Database, copy: Copy) -> None:
    """Raises IntegrityProblem with the first entry that differs, if one does."""
    with database.reading() as connection:
        size = min(_size(connection), copy.checkpoint.size)
        for number, page in enumerate(pages_of(connection, size)):
            first = number * PAGE_ENTRIES
            count = min(size - first, PAGE_ENTRIES)
            theirs = read_page(copy.page(number), first, min(copy.checkpoint.size - first, PAGE_ENTRIES))[:count]
            for index, (one, other) in enumerate(zip(read_page(page, first, count), theirs, strict=True), first):
                if one.header != other.header:
                    raise IntegrityProblem(
                        f"The two histories parted at entry {index}; they are never merged",
                        remedy="Keep both as they are. What is only here comes in through a new clone: pull there,"
                        " and import the same reports.",
                    )


def _size(connection: sa.Connection) -> int:
    return connection.execute(sa.select(head.c.size)).scalar() or 0


def _row(header: Header, entry: StoredEntry) -> dict[str, object]:
    return {
        "leaf_index": header.index,
        "header": entry.header,
        "salt": entry.salt,
        "signature": entry.signature,
        "payload": entry.payload,
        "kind": header.kind,
        "subject": header.subject,
        "topic": header.topic,
        "unique_key": header.unique,
    }


def head_file(origin: str) -> bytes:
    """What `head.json` says of the copy that it lies in."""
    return encoding.encode({"schema": "record/v1", "origin": origin, "page_entries": PAGE_ENTRIES}) + b"\n"
