"""A bundle: entries with their proofs under one checkpoint, to be verified by whoever has the keys and nothing else."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.problem import IntegrityProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record.checkpoint import Checkpoint, parse_checkpoint, signed_checkpoint
from hardpoint.kernel.record.cosignature import split_cosignatures
from hardpoint.kernel.record.envelope import body_hash, pre_authentication_encoding
from hardpoint.kernel.record.model import SALT_BYTES, SIGNATURE_BYTES, Header
from hardpoint.kernel.record.proofs import leaf_hash, verify_inclusion
from hardpoint.kernel.record.reading import stored_nodes, stored_note
from hardpoint.kernel.record.stated import UNSTATED, is_stated
from hardpoint.kernel.record.tables import entries
from hardpoint.kernel.record.tree import NodeId, ReadNode, inclusion_proof
from hardpoint.kernel.record.witnessed import Witnesses, newest_witnessed

SCHEMA = "bundle/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """One entry as stored, bytes as base64, with the hashes that lead from its leaf to the checkpoint's root.

    An erased entry has neither salt nor signature nor payload; that it was there is proven all the same.
    """

    index: int
    header: str
    salt: str | None
    signature: str | None
    payload: str | None
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Entries of one log under one signed checkpoint. It brings no keys: those are what its reader knows already."""

    schema: str
    checkpoint: str
    entries: tuple[Proven, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An entry that holds: its header, the payload as signed (None once erased), and whose key signed it."""

    header: Header
    payload: bytes | None
    key: PublicKey | None
    signature: bytes | None = None


def export_bundle(database: Database, indexes: Iterable[int] | None = None, *, co_signed: bool = False) -> Bundle:
    """The entries asked for, or all, as one consistent view of the record.

    `co_signed` takes the newest checkpoint that a witness co-signed instead of the newest. Raises UsageProblem for an
    index that the record has not, or that came after the checkpoint; IntegrityProblem if a part of it is no bytes any
    more.
    """
    with database.reading() as connection:
        newest = stored_note(connection)
        note = newest_witnessed(connection) if co_signed else newest
        size = parse_checkpoint(note).size
        wanted = range(size) if indexes is None else sorted(set(indexes))
        beyond = next((index for index in wanted if size <= index < parse_checkpoint(newest).size), None)
        if beyond is not None:
            raise UsageProblem(
                f"Entry {beyond} is not under the newest co-signed checkpoint, which covers the first {size} entries",
                remedy="Let a witness co-sign the record as it is now, or export without --witnessed.",
            )
        read = cache(lambda node: _node(connection, node))  # neighbours share most of their proofs
        return Bundle(
            schema=SCHEMA,
            checkpoint=note.decode(),
            entries=tuple(_proven(connection, index, size, read) for index in wanted),
        )


def read_bundle(data: bytes) -> Bundle:
    """A bundle from its JSON.

    Raises UnreadableProblem if it is none, or of a version that this Hardpoint cannot read.
    """
    bundle = encoding.decode(data, Bundle, what="The bundle")
    encoding.refuse_doubles(data, what="The bundle")
    if bundle.schema != SCHEMA:
        raise UnreadableProblem(f"is a {bundle.schema!r}, and {SCHEMA!r} is read", remedy="Upgrade Hardpoint.")
    return bundle


def stated(proven: Proven) -> Claim:
    """What an entry states, nothing of it verified: for showing it, and for what need not be verified to be left out.

    Raises IntegrityProblem or UnreadableProblem if it cannot be read.
    """
    header = encoding.decode(_bytes(proven.header, proven.index), Header, what=f"The header of entry {proven.index}")
    body = [None if part is None else _bytes(part, proven.index) for part in (proven.payload, proven.signature)]
    return Claim(header=header, payload=body[0], key=None, signature=body[1])


def verify_bundle(
    bundle: Bundle, keys: Collection[PublicKey], witnesses: Witnesses | None = None, need: int = 0
) -> tuple[Checkpoint, list[Claim]]:
    """The checkpoint and what the entries claim, if every signature and every proof holds.

    `need` is how many keys of `witnesses` must have co-signed. Raises IntegrityProblem that names the first entry that
    does not hold, is there twice or out of order, and why; or if there is none.
    """
    checkpoint = _checkpoint(bundle, keys, witnesses or {}, need)
    by_id = {key.id: key for key in keys}
    if not bundle.entries:
        raise IntegrityProblem("The bundle holds no entries")
    for before, after in pairwise(bundle.entries):
        if before.index >= after.index:
            raise _broken(after.index, "the entries are not in order, each once")
    return checkpoint, [_claim(proven, checkpoint, by_id) for proven in bundle.entries]


def _proven(connection: sa.Connection, index: int, size: int, read: ReadNode) -> Proven:
    row = connection.execute(sa.select(entries).where(entries.c.leaf_index == index)).first()
    if row is None or not 0 <= index < size:
        raise UsageProblem(f"The record has no entry {index}", remedy=f"It has the entries 0 to {size - 1}.")
    if not all(part is None or isinstance(part, bytes) for part in (row.header, row.salt, row.signature, row.payload)):
        raise IntegrityProblem(
            f"Entry {index} is not stored as it was written", remedy="Run `hardpoint record verify`."
        )
    return Proven(
        index=index,
        header=_text(row.header),
        salt=_text(row.salt) if row.salt is not None else None,
        signature=_text(row.signature) if row.signature is not None else None,
        payload=_text(row.payload) if row.payload is not None else None,
        proof=tuple(_text(each) for each in inclusion_proof(index, size, read)),
    )


def _node(connection: sa.Connection, node: NodeId) -> bytes:
    level, position = node
    found = stored_nodes(connection, [node])[node]
    if not found:
        raise IntegrityProblem(
            f"The tree's node at level {level}, position {position} is gone", remedy="Run `hardpoint record verify`."
        )
    return found


def _checkpoint(bundle: Bundle, keys: Collection[PublicKey], witnesses: Witnesses, need: int) -> Checkpoint:
    try:
        note, cosignatures = split_cosignatures(bundle.checkpoint.encode())
        checkpoint = signed_checkpoint(note, keys)
    except ValueError as error:
        raise IntegrityProblem("The bundle's checkpoint cannot be read") from error
    if checkpoint is None:
        raise IntegrityProblem(
            "The bundle's checkpoint is not signed with a key that is trusted here",
            remedy="If you know its signer, add the key under `trust.keys`.",
        )
    named = [(each, witnesses[each.name]) for each in cosignatures if each.name in witnesses]
    seen_by = {key for each, key in named if each.verifies(checkpoint, key)}
    if len(seen_by) < need:
        raise IntegrityProblem(
            f"The bundle's checkpoint needs {need} witnesses, and {len(seen_by)} of the trusted co-signed it",
            remedy="Ask for a bundle made with --witnessed.",
        )
    return checkpoint


def _claim(proven: Proven, checkpoint: Checkpoint, keys: dict[str, PublicKey]) -> Claim:
    raw = _bytes(proven.header, proven.index)
    header = encoding.decode(raw, Header, what=f"The header of entry {proven.index}")
    encoding.refuse_doubles(raw, what=f"The header of entry {proven.index}")
    path = [_bytes(each, proven.index) for each in proven.proof]
    if header.index != proven.index or not verify_inclusion(
        proven.index, checkpoint.size, leaf_hash(raw), path, checkpoint.root
    ):
        raise _broken(proven.index, "it is not in the tree of the checkpoint")
    parts = (proven.salt, proven.signature, proven.payload)
    if parts == (None, None, None):
        return Claim(header=header, payload=None, key=None)
    salt, signature, payload = (_bytes(part, proven.index) for part in parts)
    key = keys.get(header.key)
    wrong = what_is_wrong(header, salt, signature, payload, key)
    if wrong:
        raise _broken(proven.index, wrong)
    return Claim(header=header, payload=payload, key=key, signature=signature)


def what_is_wrong(header: Header, salt: bytes, signature: bytes, payload: bytes, key: PublicKey | None) -> str:
    """Why a body is not the one that the header commits to and tells of, signed with its key; empty if it is."""
    lengths = (len(salt), len(signature)) == (SALT_BYTES, SIGNATURE_BYTES)
    if not lengths or body_hash(salt, signature, payload) != header.body:
        return "its body is not the one that its header commits to"
    if key is None:
        return f"it is signed with a key that is not trusted ({header.key[:16]})"
    if not key.verifies(signature, pre_authentication_encoding(header.payload_type, payload)):
        return "its signature does not fit its payload"
    return "" if is_stated(header, payload) else UNSTATED


def _broken(index: int, why: str) -> IntegrityProblem:
    return IntegrityProblem(f"Entry {index} of the bundle does not hold: {why}")


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _bytes(text: str | None, index: int) -> bytes:
    """Base64 in its one spelling, so that a bundle has no two forms."""
    try:
        data = b64decode(text or "", validate=True)
    except (Base64Error, ValueError):
        data = b""
    if text is None or b64encode(data).decode() != text:
        raise _broken(index, "a part of it is not base64")
    return data
