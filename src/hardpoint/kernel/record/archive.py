"""Archiving: old bodies go into a file that is verified by itself, then out of the record; every proof holds."""

import os
import secrets
from base64 import b64decode
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.database import Database
from hardpoint.kernel.durable import sync
from hardpoint.kernel.evidence import Binding
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.problem import IntegrityProblem, StoreProblem, UsageProblem
from hardpoint.kernel.record.bundle import Bundle, Claim, export_bundle, read_bundle, verify_bundle
from hardpoint.kernel.record.envelope import STATEMENT_TYPE
from hardpoint.kernel.record.imported import bound_to
from hardpoint.kernel.record.log import Record
from hardpoint.kernel.record.model import ARCHIVAL, Draft, Header, archival_key
from hardpoint.kernel.record.orders import Archival, ranges_of, read_archival, write_archival
from hardpoint.kernel.record.reading import entry_at
from hardpoint.kernel.record.tables import archived, entries, head

MAX_BODIES_BYTES = 64 * 1024 * 1024
"""How much one archive takes, the oldest first: it is read back whole to be verified."""
MAX_ARCHIVE_BYTES = 1 << 28
"""What the second verifier reads."""
_ENTRY_BYTES = 2048
"""What an entry's header and proof take in the file, about."""

_read_header = encoding.reader(Header, what="The header of an entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Archivable:
    """Whose bodies may go now, how many are kept because nothing newer says the same, and how many wait for a second
    file because the first is full.
    """

    indexes: tuple[int, ...]
    newest: int = 0
    left: int = 0


def archivable(database: Database, kinds: Collection[str], before: datetime, *, newest_too: bool) -> Archivable:
    """The bodies that were recorded before an instant and that nothing current rests on.

    Before it is what lies before the first entry that states it or later. Only entries of `kinds` go. What its signer
    has said nothing newer about, in its topic, stays unless `newest_too`: evidence that a gate may ask for.
    """
    instant, closed = format_instant(before), False
    newest: dict[tuple[str, str, str, str], int] = {}
    old: list[tuple[int, int, tuple[str, str, str, str]]] = []
    columns = (entries.c.leaf_index, entries.c.header, sa.func.length(entries.c.payload))
    with database.reading() as connection:
        for index, encoded, size in connection.execute(sa.select(*columns).order_by(entries.c.leaf_index)):
            header = _read_header(encoded)
            closed = closed or header.at >= instant
            if header.kind in kinds:
                said = (header.kind, header.subject, header.topic, header.key)
                newest[said] = index
                if not closed and size is not None:
                    old.append((index, size, said))
    going = [(index, size) for index, size, said in old if newest_too or newest[said] != index]
    indexes = tuple(_fitting(going))
    return Archivable(indexes=indexes, newest=len(old) - len(going), left=len(going) - len(indexes))


def _fitting(going: Iterable[tuple[int, int]]) -> Iterator[int]:
    """As many as one file takes; one body that is larger by itself goes alone."""
    taken = 0
    for index, size in going:
        taken += size + _ENTRY_BYTES
        if taken > MAX_BODIES_BYTES and taken != size + _ENTRY_BYTES:
            return
        yield index


def archive(
    database: Database, record: Record, file: Path, indexes: Collection[int], keys: Collection[PublicKey]
) -> Archival:
    """Write bodies to a new file, read it back and verify it, order them out of the record, then take them out.

    Whatever kills it, a body is in the record or in a file that an entry names; `finish` goes on from there. Raises
    UsageProblem if the file exists, StoreProblem if it cannot be written, IntegrityProblem if it does not verify.
    """
    bundle = export_bundle(database, indexes)
    if any(entry.payload is None for entry in bundle.entries):
        raise StoreProblem("A body was erased meanwhile; nothing was archived", remedy="Run it again.")
    content = encoding.encode(bundle) + b"\n"
    if len(content) > MAX_ARCHIVE_BYTES:
        raise StoreProblem(f"The archive would have {len(content)} bytes, and may have {MAX_ARCHIVE_BYTES}")
    with _written(file, content) as draft:
        bodies = _bodies(read_bundle(content), keys) if draft.read_bytes() == content else []
        if [body.header.index for body in bodies] != sorted(indexes):
            raise IntegrityProblem(f"{file} was not written as it should be; nothing was archived")
    archival = _order(database, record, file.name, content, bodies)
    _take_out(database, archival)
    return archival


def finish(database: Database, content: bytes, keys: Collection[PublicKey]) -> tuple[Archival, int]:
    """Take out what a file holds whose order stands already, and return it and how many bodies were still there.

    Raises UsageProblem if no entry orders that file, IntegrityProblem if it does not hold.
    """
    archival = verify_archive(database, content, keys)
    return archival, _take_out(database, archival)


def verify_archive(database: Database, content: bytes, keys: Collection[PublicKey]) -> Archival:
    """Verify every hash, signature and proof of an archive, that its entries are this record's, and its order.

    Raises UnreadableProblem if it is none, UsageProblem if no entry orders it, IntegrityProblem if it does not hold.
    """
    archival = _ordered(database, sha256(content).hexdigest())
    bundle = read_bundle(content)
    bodies = _bodies(bundle, keys)
    if [body.header.index for body in bodies] != list(archival.indexes()) or _bound(bodies) != archival.bound:
        raise IntegrityProblem(f"The archive does not hold the bodies that entry {archival.order} orders into it")
    with database.reading() as connection:
        for entry in bundle.entries:
            wanted = sa.select(entries.c.header).where(entries.c.leaf_index == entry.index)
            if connection.execute(wanted).scalar() != b64decode(entry.header):
                raise IntegrityProblem(f"Entry {entry.index} of the archive is not that of this record")
    return archival


def _bodies(bundle: Bundle, keys: Collection[PublicKey]) -> list[Claim]:
    """The entries whose bodies a bundle holds, once all of it is verified."""
    _, claims = verify_bundle(bundle, keys)
    return [claim for claim in claims if claim.payload is not None]


def _bound(bodies: Iterable[Claim]) -> dict[int, Binding]:
    """What those of them that are evidence are bound to."""
    found = {body.header.index: bound_to(body.header.kind, body.payload or b"") for body in bodies}
    return {index: binding for index, binding in found.items() if binding is not None}


@contextmanager
def _written(file: Path, content: bytes) -> Iterator[Path]:
    """A draft that has reached the disk; it gets its name, and never another file's, if the block ends well."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        yield draft
        os.link(draft, file)
        sync(file.parent)
    except FileExistsError as error:
        raise UsageProblem(f"{file} exists already; nothing was archived", remedy="Name another file.") from error
    except OSError as error:
        raise StoreProblem(
            f"{file} cannot be written: {error.strerror}; nothing was archived", remedy="Name another file."
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _order(database: Database, record: Record, name: str, content: bytes, bodies: Sequence[Claim]) -> Archival:
    """Append the order, durable before anything is taken out."""
    digest = sha256(content).hexdigest()
    ranges = ranges_of(body.header.index for body in bodies)
    draft = Draft(
        kind=ARCHIVAL,
        subject=name,
        topic=digest,
        payload_type=STATEMENT_TYPE,
        payload=write_archival(name, digest, ranges, _bound(bodies)),
        unique=archival_key(digest),
    )
    record.append(draft)
    return _ordered(database, digest)


def _ordered(database: Database, digest: str) -> Archival:
    """The order that names a file by its SHA-256."""
    with database.reading() as connection:
        index = connection.execute(
            sa.select(entries.c.leaf_index).where(entries.c.unique_key == archival_key(digest))
        ).scalar()
    if index is None:
        raise UsageProblem(
            f"No entry of this record orders an archive with the SHA-256 {digest}",
            remedy="Nothing has left the record for it: mind the store, or name another file.",
        )
    standing = entry_at(database, index)
    archival = read_archival(index, standing.payload or b"")
    if standing.header.kind != ARCHIVAL or archival.sha256 != digest:
        raise IntegrityProblem(
            f"Entry {index} has taken the place of an order to archive; nothing was taken out",
            remedy="`hardpoint record show` says who signed it.",
        )
    return archival


def _take_out(database: Database, archival: Archival) -> int:
    """Take the bodies out that are still there, in one transaction with what the guard asks for; returns how many."""
    span = (archival.ranges[0][0], archival.ranges[-1][1])
    there = sa.select(entries.c.leaf_index).where(entries.c.leaf_index.between(*span), entries.c.payload.is_not(None))
    with database.writing() as connection:
        connection.execute(sa.select(head.c.id).with_for_update()).all()  # one at a time
        indexes = connection.execute(there.order_by(entries.c.leaf_index)).scalars()
        going = [index for index in indexes if archival.holds(index)]
        for first, last in ranges_of(going):
            row = {"first_index": first, "last_index": last, "entry": archival.order}
            connection.execute(sa.insert(archived), row)
            body = {"salt": None, "signature": None, "payload": None}
            connection.execute(sa.update(entries).where(entries.c.leaf_index.between(first, last)).values(body))
    return len(going)
