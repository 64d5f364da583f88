"""Evidence of another record: taken in as it is, with the proof that it stands there."""

from base64 import b64decode
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.database import Database
from hardpoint.kernel.encoding import encode
from hardpoint.kernel.evidence import KIND as EVIDENCE
from hardpoint.kernel.evidence import Binding, binding_of, from_statement
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.identity.voices import Voices
from hardpoint.kernel.problem import IntegrityProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record.bundle import Bundle, Claim, Proven, export_bundle, read_bundle, stated, verify_bundle
from hardpoint.kernel.record.checkpoint import Checkpoint, parse_checkpoint, signing_key
from hardpoint.kernel.record.cosignature import split_cosignatures
from hardpoint.kernel.record.log import Record, refuse_unwritable
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Damage, Draft, Entry, Header
from hardpoint.kernel.record.proofs import leaf_hash, root_at
from hardpoint.kernel.record.reading import earliest_instants, newest_checkpoint, read_entries, unique_entry
from hardpoint.kernel.record.stated import UNSTATED, is_stated

KIND = "imported"
"""The kind of the record's entries that hold an entry of another record."""
PAYLOAD_TYPE = "application/vnd.hardpoint.bundle+json"
"""What they hold: a bundle of that one entry, in its original bytes."""

_AGAIN = " after "


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """An entry of another record: where it stands there, what was signed, and who signed the checkpoint over it.

    `recorder` is None until it was verified.
    """

    origin: str
    header: Header
    payload: bytes
    signature: bytes
    recorder: PublicKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An entry of a bundle that is not taken in, and why."""

    index: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A bundle that holds: what of it is to be appended, what is here already, and what is left out."""

    checkpoint: Checkpoint
    drafts: tuple[Draft, ...]
    known: tuple[int, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a bundle: from which record, which entries it is here now, and how many were here before."""

    origin: str
    entries: tuple[int, ...]
    known: int
    left_out: tuple[LeftOut, ...]

    @property
    def added(self) -> int:
        return len(self.entries) - self.known


_Vouched = Callable[[Entry], bool]


def export_evidence(database: Database, *, service: str | None = None, commit: str | None = None) -> Bundle:
    """The evidence that was recorded here, of all services and commits or of one, with its proofs.

    A body that is gone goes along as the header that is left of it. Raises UsageProblem if there is none.
    """
    found = [
        (entry.index, entry.header.topic, entry.payload is not None)
        for entry in read_entries(database, kind=EVIDENCE, subject=service)
        if entry.payload is None or commit in (None, binding_of(entry.payload).commit)
    ]
    topics = {topic for _, topic, has_body in found if has_body}
    indexes = [index for index, topic, has_body in found if has_body or commit is None or topic in topics]
    if not topics:
        raise UsageProblem(
            "The record holds no such evidence of its own",
            remedy="`hardpoint record log` lists what it holds; what was imported is exported where it was recorded.",
        )
    return export_bundle(database, indexes)


def examine(database: Database | None, bundle: Bundle, voices: Voices, memory: Memory, at: datetime) -> Incoming:
    """What a bundle brings to the record here, if all of it holds with the keys that are vouched for at an instant.

    Raises IntegrityProblem if a signature or a proof does not hold, or the bundle's record has two histories;
    UnreadableProblem if a statement cannot be read; UsageProblem if it is a bundle of this very record.
    """
    keys = voices.answering(at, local=True)
    vouched = _vouched(database, voices)
    checkpoint, claims = verify_bundle(bundle, keys)
    if not checkpoint.origin.isprintable() or " " in checkpoint.origin:  # C2SP signed-note: no key name has a space
        raise UnreadableProblem(f"The bundle is of {checkpoint.origin!r}, which is no name of a record")
    _refuse_own(database, checkpoint)
    _refuse_fork(bundle, checkpoint, memory.recall(checkpoint.origin))
    erased = {claim.header.topic: claim.header.index for claim in claims if claim.payload is None}
    drafts: dict[int, Draft] = {}
    known, left_out = [], []
    for proven, claim in zip(bundle.entries, claims, strict=True):
        why = _why_left_out(claim, erased)
        if why:
            left_out.append(LeftOut(index=proven.index, why=why))
            continue
        alone = replace(bundle, entries=(proven,))
        draft = _draft(alone, claim, checkpoint.origin)
        standing, unique = _standing(database, draft.unique or "", vouched)
        if standing is not None:
            _refuse_other(standing, alone, checkpoint)
        if unique is None and standing is not None:
            known.append(standing.index)
        else:
            drafts[proven.index] = replace(draft, unique=unique)
    return Incoming(checkpoint=checkpoint, drafts=tuple(drafts.values()), known=tuple(known), left_out=tuple(left_out))


def take_in(record: Record, incoming: Incoming) -> Taken:
    """Append what a bundle brings, all or nothing."""
    receipts = record.append_all(incoming.drafts)
    before = [receipt for receipt in receipts if not receipt.added]
    return Taken(
        origin=incoming.checkpoint.origin,
        entries=tuple(sorted({*incoming.known, *(receipt.index for receipt in receipts)})),
        known=len(incoming.known) + len(before),
        left_out=incoming.left_out,
    )


def original_of(payload: bytes) -> Original:
    """The entry that an import holds, as its bundle states it; nothing is verified.

    Raises UnreadableProblem or IntegrityProblem if it is no bundle of one entry with its body.
    """
    return _original(read_bundle(payload))


def origin_in(header: Header) -> str:
    """Where an entry is from, as its header says: a record and the index there; empty for an entry of this record."""
    return (header.unique or "").partition(_AGAIN)[0].removeprefix(f"{KIND} ") if header.kind == KIND else ""


def bound_to(kind: str, payload: bytes) -> Binding | None:
    """What a body of that kind is bound to, be it a record's own evidence or imported; None if it is neither."""
    try:
        if kind == KIND:
            return binding_of(original_of(payload).payload)
        return binding_of(payload) if kind == EVIDENCE else None
    except (UnreadableProblem, IntegrityProblem):
        return None


def verified_original(header: Header, payload: bytes, keys: Collection[PublicKey]) -> Original:
    """The entry that an import with that header holds, with whose key signed the checkpoint over it.

    Raises IntegrityProblem or UnreadableProblem if its signature, its proof or its checkpoint does not hold with
    these keys, or it is not what the header of the import says.
    """
    bundle = read_bundle(payload)
    original = _original(bundle)
    checkpoint, claims = verify_bundle(bundle, keys)
    _refuse_unstated(claims[0])
    says = (header.subject, header.topic, header.payload_type, (header.unique or "").partition(_AGAIN)[0])
    there = original.header
    if says != (there.subject, there.topic, PAYLOAD_TYPE, _unique(checkpoint.origin, there.index)):
        raise IntegrityProblem("The header of the import says something else than the entry that it holds")
    note, _ = split_cosignatures(bundle.checkpoint.encode())
    return replace(original, recorder=signing_key(note, keys))


def damage_of(header: Header, payload: bytes, keys: Collection[PublicKey]) -> tuple[Damage, str] | None:
    """What is wrong with an import that this record holds; None if all of it holds."""
    try:
        original = original_of(payload)
        if original.header.key not in {key.id for key in keys}:
            return Damage.UNKNOWN_KEY, f"it holds what a key signed that is not trusted ({original.header.key[:16]})"
        note, _ = split_cosignatures(read_bundle(payload).checkpoint.encode())
        if signing_key(note, keys) is None:
            return Damage.UNKNOWN_KEY, "it is from a record whose checkpoint is signed with a key that is not trusted"
        verified_original(header, payload, keys)
    except (IntegrityProblem, UnreadableProblem, ValueError) as problem:
        return Damage.EDIT, f"what it holds of another record does not hold: {problem}"
    return None


def _original(bundle: Bundle) -> Original:
    claims = [stated(proven) for proven in bundle.entries]
    if len(claims) != 1 or claims[0].payload is None or claims[0].signature is None:
        raise UnreadableProblem("The import does not hold one entry with its body")
    (claim,) = claims
    return Original(
        origin=bundle.checkpoint.partition("\n")[0],
        header=claim.header,
        payload=claim.payload or b"",
        signature=claim.signature or b"",
    )


def _unique(origin: str, index: int) -> str:
    return f"{KIND} {origin} {index}"


def _why_left_out(claim: Claim, erased: dict[str, int]) -> str:
    header = claim.header
    if header.kind != EVIDENCE:
        return f"it is of kind {header.kind!r}, and only evidence is taken in"
    if claim.payload is None:
        return "its body is gone"
    if header.index < erased.get(header.topic, -1):
        return f"entry {erased[header.topic]}, which took its place, lost its body"
    return ""


def _draft(alone: Bundle, claim: Claim, origin: str) -> Draft:
    _refuse_unstated(claim)
    draft = Draft(
        kind=KIND,
        subject=claim.header.subject,
        topic=claim.header.topic,
        payload_type=PAYLOAD_TYPE,
        payload=encode(alone),
        unique=_unique(origin, claim.header.index),
    )
    refuse_unwritable(draft)
    return draft


def _refuse_unstated(claim: Claim) -> None:
    """The signer of a statement signs no header, so a header counts only where it says what the statement does."""
    header, payload = claim.header, claim.payload or b""
    from_statement(payload)
    try:
        is_instant = format_instant(parse_instant(header.at)) == header.at
    except UsageProblem:
        is_instant = False
    if (header.v, header.kind) != (1, EVIDENCE) or not is_stated(header, payload) or not is_instant:
        raise IntegrityProblem(f"Entry {header.index} of the bundle does not hold: {UNSTATED}")


def _refuse_own(database: Database | None, checkpoint: Checkpoint) -> None:
    if database is not None and parse_checkpoint(newest_checkpoint(database)).origin == checkpoint.origin:
        raise UsageProblem(
            f"The bundle is of {checkpoint.origin}, which is this very record",
            remedy="What it lacks comes with `hardpoint record pull`. A job that hands in begins with an empty store.",
        )


def _refuse_fork(bundle: Bundle, checkpoint: Checkpoint, seen: Checkpoint | None) -> None:
    """A bundle shows the root at its own size and at each of its entries: one that is not what was seen is a fork."""
    if seen is not None and any(size == seen.size and root != seen.root for size, root in _roots(bundle, checkpoint)):
        raise _forked(checkpoint.origin, f"its first {seen.size} entries are not those that were seen before")


def _refuse_other(standing: Entry, alone: Bundle, checkpoint: Checkpoint) -> None:
    """What stands here under an entry's name must be that entry, with the same history before it."""
    if standing.payload is None:
        return
    known = read_bundle(standing.payload) if standing.header.kind == KIND else None
    if known is None or [each.header for each in known.entries] != [each.header for each in alone.entries]:
        raise _forked(checkpoint.origin, f"entry {standing.index} here is another entry {alone.entries[0].index} of it")
    before = dict(_roots(known, parse_checkpoint(known.checkpoint.encode())))
    if any(before.get(size, root) != root for size, root in _roots(alone, checkpoint)):
        raise _forked(checkpoint.origin, f"entry {standing.index} here came from another history of it")


def _forked(origin: str, why: str) -> IntegrityProblem:
    return IntegrityProblem(
        f"The record {origin} has two histories: {why}",
        remedy="Nothing was taken in. Ask its owner, and keep the bundle as it is.",
    )


def _roots(bundle: Bundle, checkpoint: Checkpoint) -> Iterator[tuple[int, bytes]]:
    yield checkpoint.size, checkpoint.root
    for proven in bundle.entries:
        yield proven.index + 1, _root_at(proven, checkpoint.size)


def _root_at(proven: Proven, size: int) -> bytes:
    leaf = leaf_hash(b64decode(proven.header))
    return root_at(proven.index, size, leaf, [b64decode(each) for each in proven.proof])


def _standing(database: Database | None, unique: str, vouched: _Vouched) -> tuple[Entry | None, str | None]:
    """The import of an entry that stands here, and the unique key to import it with: None if it need not be.

    What somebody imported whom nobody vouched for then does not count, so whoever is may import it after that.
    """
    first, standing = unique, None
    while database is not None and (found := unique_entry(database, unique)) is not None:
        standing = found
        if found.payload is None or vouched(found):
            return found, None
        unique = f"{first}{_AGAIN}{found.index}"
    return standing, unique


def _vouched(database: Database | None, voices: Voices) -> _Vouched:
    """Whether the key of an entry here was vouched for when it was recorded, as far as its time is believed."""
    earliest: list[str] = []

    def vouched(entry: Entry) -> bool:
        if not earliest and database is not None:
            earliest.extend(earliest_instants(database))
        at = max([entry.header.at, *earliest[entry.index : entry.index + 1]])
        return voices.answers_for(entry, parse_instant(at), local=True)

    return vouched
