"""Evidence of another record, taken in with its proof: the original bytes, and where they come from."""

import re
from base64 import b64decode
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.database import Database
from hardpoint.kernel.evidence import KIND, binding_of, drafted, from_statement
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.problem import IntegrityProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record.bundle import SCHEMA, Bundle, Proven, export_bundle, read_bundle, verify_bundle
from hardpoint.kernel.record.checkpoint import Checkpoint, parse_checkpoint
from hardpoint.kernel.record.log import Record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import IMPORTED, Draft, Header, Receipt
from hardpoint.kernel.record.tables import entries, head

BUNDLE_TYPE = "application/vnd.hardpoint.bundle+json"
PAGE = 100
_LOOKS = re.compile(rb'\s*\{\s*("schema"\s*:\s*"bundle/|"checkpoint"\s*:\s*")')


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """One entry of another record as its signers said it, and the bundle of it alone."""

    checkpoint: Checkpoint
    proven: Proven
    header: Header
    payload: bytes
    bundle: Bundle


def looks_like_a_bundle(data: bytes) -> bool:
    """Whether a report is a bundle, by how it begins."""
    return _LOOKS.match(data) is not None


def evidence_bundle(
    database: Database, *, indexes: Sequence[int] = (), commit: str | None = None, subject: str | None = None
) -> Bundle:
    """The evidence asked for, or all that is not erased, own and imported, as one bundle.

    Raises UsageProblem if there is none, or if an index is not that of evidence.
    """
    columns = (entries.c.leaf_index, entries.c.kind, entries.c.payload)
    wanted = sa.select(*columns).where(entries.c.kind.in_([KIND, IMPORTED]), entries.c.payload.is_not(None))
    if subject is not None:
        wanted = wanted.where(entries.c.subject == subject)
    with database.reading() as connection:
        rows = connection.execution_options(yield_per=PAGE).execute(wanted.order_by(entries.c.leaf_index))
        found = [
            index
            for index, kind, payload in rows
            if (not indexes or index in indexes)
            and (commit is None or binding_of(statement_in(kind, payload)).commit == commit)
        ]
    missing = sorted(set(indexes) - set(found))
    if missing or not found:
        which = f"Entry {missing[0]} is not evidence that was asked for" if missing else "There is no such evidence"
        raise UsageProblem(which, remedy="`hardpoint record log` lists what there is.")
    return export_bundle(database, found)


def statement_in(kind: str, payload: bytes) -> bytes:
    """The statement that an entry of evidence holds, its own or an imported one; nothing is verified.

    Raises UnreadableProblem if an imported entry is not one bundle of one entry.
    """
    return payload if kind != IMPORTED else _only(payload)[1]


def open_bundle(bundle: Bundle, keys: Collection[PublicKey], memory: Memory) -> list[Original]:
    """The originals in a bundle, if all of it holds and nothing in it contradicts what was seen of its origin.

    An imported entry is opened in its turn. Raises IntegrityProblem for what does not hold, UnreadableProblem for
    entries that are no evidence.
    """
    checkpoint, claims = verify_bundle(bundle, keys)
    found: list[Original] = []
    for proven, claim in zip(bundle.entries, claims, strict=True):
        if claim.payload is None:
            raise UnreadableProblem(
                f"has entry {proven.index} without its body, which was erased", remedy="Export it without that entry."
            )
        if claim.header.kind == IMPORTED:
            found.append(open_original(claim.payload, keys))
            continue
        _refuse_other_than_evidence(claim.header, claim.payload)
        alone = replace(bundle, entries=(proven,))
        found.append(
            Original(checkpoint=checkpoint, proven=proven, header=claim.header, payload=claim.payload, bundle=alone)
        )
    for original in found:
        _refuse_contradiction(original.checkpoint, memory.recall(original.checkpoint.origin))
    return found


def open_original(payload: bytes, keys: Collection[PublicKey]) -> Original:
    """What an imported entry holds, every signature and the proof verified again.

    Raises IntegrityProblem or UnreadableProblem.
    """
    bundle = _only(payload)[0]
    checkpoint, (claim,) = verify_bundle(bundle, keys)
    if claim.payload is None:
        raise UnreadableProblem("An imported entry holds no body")
    _refuse_other_than_evidence(claim.header, claim.payload)
    return Original(
        checkpoint=checkpoint,
        proven=bundle.entries[0],
        header=claim.header,
        payload=claim.payload,
        bundle=bundle,
    )


def take_in(record: Record, originals: Sequence[Original], memory: Memory) -> list[Receipt]:
    """Append each original that is not in the record yet: all of them in one transaction.

    Raises IntegrityProblem if one contradicts what was taken in before.
    """
    known = {each: _known(record.database, each) for each in dict.fromkeys(map(_name, originals))}
    receipts, drafts = [], []
    own = _own_origin(record.database)
    for original in originals:
        before = known[_name(original)]
        if before is None and original.checkpoint.origin == own:
            before = _row_at(record.database, original.header.index)
            if before is None:
                raise UsageProblem(
                    f"The bundle is of this very record, and has entry {original.header.index}, which is not here",
                    remedy="`hardpoint record pull` fetches what others appended.",
                )
        if before is None:
            drafts.append(_draft(original))
            continue
        index, at, header = before
        if header not in (None, b64decode(original.proven.header)):
            raise IntegrityProblem(
                f"Entry {original.header.index} of {original.checkpoint.origin} is not the one that is known as that:"
                " its record was forked",
                remedy="Ask whoever sent it which of the two histories is the genuine one.",
            )
        receipts.append(Receipt(index=index, at=at, added=False))
    receipts += record.append_all(drafts) if drafts else []
    for original in originals:
        if original.checkpoint.origin != own:
            memory.remember(original.checkpoint)
    return receipts


def _draft(original: Original) -> Draft:
    return Draft(
        kind=IMPORTED,
        subject=original.header.subject,
        topic=original.header.topic,
        payload_type=BUNDLE_TYPE,
        payload=encoding.encode(original.bundle),
        unique=_unique(*_name(original)),
    )


def _unique(origin: str, index: int) -> str:
    return f"{IMPORTED} {origin} {index}"


def _name(original: Original) -> tuple[str, int]:
    return original.checkpoint.origin, original.header.index


def _refuse_other_than_evidence(header: Header, payload: bytes) -> None:
    """What was signed has to be what the header says of it: subject and topic are what evidence is found by."""
    if header.kind != KIND:
        raise UnreadableProblem(f"has entry {header.index} of kind {header.kind!r}, and only evidence is taken in")
    draft = drafted(from_statement(payload))
    said = (draft.subject, draft.topic, draft.payload_type)
    try:
        at = format_instant(parse_instant(header.at))
    except UsageProblem:
        at = ""
    if said != (header.subject, header.topic, header.payload_type) or header.at != at:
        raise IntegrityProblem(f"The header of entry {header.index} says something else than its statement")


def _refuse_contradiction(checkpoint: Checkpoint, seen: Checkpoint | None) -> None:
    if seen is not None and seen.size == checkpoint.size and seen.root != checkpoint.root:
        raise IntegrityProblem(
            f"The checkpoint of {checkpoint.origin} at {checkpoint.size} entries is not the one that was seen before:"
            " its record was forked",
            remedy="Ask whoever sent it which of the two histories is the genuine one.",
        )


def _only(payload: bytes) -> tuple[Bundle, bytes]:
    bundle = read_bundle(payload)
    if len(bundle.entries) != 1 or bundle.schema != SCHEMA:
        raise UnreadableProblem("An imported entry is not a bundle of one entry")
    try:
        return bundle, b64decode(bundle.entries[0].payload or "", validate=True)
    except ValueError as error:
        raise UnreadableProblem("An imported entry's payload is not base64") from error


def _own_origin(database: Database) -> str:
    with database.reading() as connection:
        return parse_checkpoint(connection.execute(sa.select(head.c.checkpoint)).scalar_one()).origin


def _row_at(database: Database, index: int) -> tuple[int, str, bytes | None] | None:
    """An entry's index, time and header."""
    with database.reading() as connection:
        header = connection.execute(sa.select(entries.c.header).where(entries.c.leaf_index == index)).scalar()
    if header is None:
        return None
    return index, encoding.decode(header, Header, what=f"The header of entry {index}").at, header


def _known(database: Database, name: tuple[str, int]) -> tuple[int, str, bytes | None] | None:
    """The index and time of the entry that an original was taken in as, and the original's header until erased."""
    wanted = sa.select(entries.c.leaf_index, entries.c.header, entries.c.payload)
    with database.reading() as connection:
        row = connection.execute(wanted.where(entries.c.unique_key == _unique(*name))).first()
    if row is None:
        return None
    at = encoding.decode(row.header, Header, what=f"The header of entry {row.leaf_index}").at
    return row.leaf_index, at, b64decode(_only(row.payload)[0].entries[0].header) if row.payload else None
