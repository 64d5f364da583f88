"""The record: signed entries appended in batches under one lock, each batch under one signed checkpoint."""

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import Clock, format_instant
from hardpoint.kernel.database import Database, insert_rows
from hardpoint.kernel.identity.keys import PublicKey, Signer
from hardpoint.kernel.problem import IntegrityProblem, Problem, StoreProblem, UsageProblem
from hardpoint.kernel.record.checkpoint import (
    Checkpoint,
    sign_checkpoint,
    signed_checkpoint,
    signing_key,
)
from hardpoint.kernel.record.envelope import body_hash, pre_authentication_encoding
from hardpoint.kernel.record.expected import Expected, forget_seen
from hardpoint.kernel.record.group_commit import GroupCommit
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import MAX_PAYLOAD_BYTES, SALT_BYTES, Draft, Header, Receipt
from hardpoint.kernel.record.proofs import leaf_hash, verify_consistency
from hardpoint.kernel.record.reading import newest_checkpoint, newest_entry, stored_frontier, stored_proof
from hardpoint.kernel.record.tables import entries, head, nodes
from hardpoint.kernel.record.tree import Frontier, consistency_proof

PAGE = 1000


@dataclass(slots=True)
class _Pending:
    """A draft on its way: signed by its own thread, then waiting for the batch that carries it."""

    draft: Draft
    salt: bytes
    signature: bytes
    receipt: Receipt | None = None
    failure: Problem | None = None


class Record:
    """The log of one store. Threads and processes may append at once; the head row's lock gives the order."""

    def __init__(
        self, database: Database, signer: Signer, clock: Clock, memory: Memory, keys: Collection[PublicKey]
    ) -> None:
        """`keys` are those whose checkpoints this writer builds on; its own is one of them."""
        self._database = database
        self._signer = signer
        self._clock = clock
        self._memory = memory
        self._keys = keys
        self._group = GroupCommit(self._commit)

    def append(self, draft: Draft) -> Receipt:
        """Sign and append one draft; returns once it is durable. Concurrent callers share a batch.

        Raises StoreProblem if it could not be stored, IntegrityProblem if the record is not what was signed before.
        """
        (receipt,) = self.append_all([draft])
        return receipt

    def append_all(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Append drafts in their order and in one transaction: all of them, or none.

        Raises as append() does.
        """
        for draft in drafts:
            refuse_unwritable(draft)
        together = [self._signed(draft) for draft in drafts]
        if together:
            self._group.submit(together)
        return [_acknowledged(pending) for pending in together]

    def _signed(self, draft: Draft) -> _Pending:
        message = pre_authentication_encoding(draft.payload_type, draft.payload)
        return _Pending(draft, secrets.token_bytes(SALT_BYTES), self._signer.sign(message))

    def append_if_new(self, draft: Draft) -> Receipt:
        """Append a draft unless the newest entry of its topic says the very same with the same key.

        What was said, then contradicted, and is said again is new; so is what another signer says too.
        """
        newest = newest_entry(self._database, kind=draft.kind, subject=draft.subject, topic=draft.topic)
        ours = newest is not None and newest.header.key == self._signer.public.id
        if newest is not None and ours and newest.payload == draft.payload:
            return Receipt(index=newest.index, at=newest.header.at, added=False)
        # Of several callers that say the same at once, one is first.
        after = "the beginning" if newest is None else newest.index
        said = sha256(self._signer.public.raw + draft.payload).hexdigest()
        return self.append(replace(draft, unique=f"{draft.kind} {said} after {after}"))

    def _commit(self, take: Callable[[], Sequence[Sequence[_Pending]]]) -> None:
        """One transaction for all that wait when it holds the lock; how it ended stands in each of them."""
        try:
            with self._database.writing() as connection:
                note = connection.execute(sa.select(head.c.checkpoint).with_for_update()).scalar_one_or_none()
                committed = self._write(connection, self._trusted(note), _in_order(take()))
        except BaseException as error:
            problem = error if isinstance(error, Problem) else StoreProblem(f"Nothing was acknowledged: {error!r}")
            for pending in _in_order(take()):
                pending.receipt, pending.failure = None, problem
            if problem is error:
                return
            raise
        self._memory.remember(committed)

    def _write(self, connection: sa.Connection, before: Checkpoint, batch: Sequence[_Pending]) -> Checkpoint:
        """Everything of a batch in its transaction: order, leaves, nodes, and the checkpoint over them."""
        frontier = _read_frontier(connection, before)
        self._refuse_other_history(connection, before)
        known = _known(connection, batch)
        rows, new_nodes = [], []
        for pending in batch:
            unique = pending.draft.unique
            if unique is not None and unique in known:
                pending.receipt = known[unique]
                continue
            header = self._header(pending, frontier.size)
            encoded = encoding.encode(header)
            new_nodes += list(frontier.append(leaf_hash(encoded)))
            rows.append(_row(pending, header, encoded))
            pending.receipt = Receipt(index=header.index, at=header.at, added=True)
            if unique is not None:
                known[unique] = Receipt(index=header.index, at=header.at, added=False)
        after = Checkpoint(before.origin, frontier.size, frontier.root())
        if rows:
            insert_rows(connection, entries, rows)
            insert_rows(
                connection, nodes, [{"level": level, "position": at, "hash": value} for (level, at), value in new_nodes]
            )
            note = sign_checkpoint(after, self._signer)
            connection.execute(sa.update(head).values(size=after.size, checkpoint=note))
        return after

    def _header(self, pending: _Pending, index: int) -> Header:
        draft = pending.draft
        return Header(
            v=1,
            index=index,
            at=format_instant(self._clock()),
            kind=draft.kind,
            subject=draft.subject,
            topic=draft.topic,
            payload_type=draft.payload_type,
            body=body_hash(pending.salt, pending.signature, draft.payload),
            key=self._signer.public.id,
            unique=draft.unique,
        )

    def _trusted(self, note: object) -> Checkpoint:
        """The checkpoint to build on: to sign beyond one is to vouch for what it covers."""
        try:
            checkpoint = signed_checkpoint(note, self._keys) if isinstance(note, bytes) else None
        except ValueError:
            checkpoint = None
        if checkpoint is None:
            raise IntegrityProblem(
                "The record's checkpoint is not signed by a key that is trusted here; nothing was appended",
                remedy="If its signer is yours, add the key under `trust.keys`; else run `hardpoint record verify`.",
            )
        return checkpoint

    def _refuse_other_history(self, connection: sa.Connection, now: Checkpoint) -> None:
        """Never sign beyond a history that this user has not seen grow: no rollback, no fork."""
        seen = self._memory.recall(now.origin)
        if seen is None:
            return
        if now.size < seen.size:
            raise IntegrityProblem(
                f"The record has {now.size} entries, and {seen.size} were signed before: it was rolled back",
                remedy="If the newer copy is on a remote: `hardpoint record pull`. Else restore it. "
                + forget_seen(now.origin, now.size, seen.size),
            )
        proof = stored_proof(connection, partial(consistency_proof, seen.size, now.size))
        if seen.size and not verify_consistency(seen.size, now.size, proof, seen.root, now.root):
            raise IntegrityProblem(
                f"The record's first {seen.size} entries are not those that were signed before",
                remedy="Run `hardpoint record verify`, and restore the genuine copy.",
            )


def begin_record(database: Database, signer: Signer, expected: Expected | None = None) -> None:
    """Give an empty record its origin and its first checkpoint, unless it has them.

    Raises IntegrityProblem if another record is expected in this store, or there are entries, but no checkpoint.
    """
    with database.writing() as connection:
        found = connection.execute(sa.select(head.c.origin)).scalar()
        if expected is not None:
            expected.refuse_other(found)
        if found is not None:
            return
        if connection.execute(sa.select(entries.c.leaf_index).limit(1)).first() is not None:
            raise IntegrityProblem(
                "The record has entries, and its checkpoint is gone",
                remedy="Keep the database as it is, and restore a backup.",
            )
        first = Checkpoint(f"hardpoint/{secrets.token_hex(8)}", 0, Frontier().root())
        # Of two processes that begin it at once, one wins, and both go on from its checkpoint.
        insert = sa.text("INSERT INTO hardpoint_head VALUES (1, :origin, 0, :checkpoint) ON CONFLICT DO NOTHING")
        connection.execute(insert, {"origin": first.origin, "checkpoint": sign_checkpoint(first, signer)})


def refuse_to_lock_out(database: Database, own: PublicKey, vouched: Collection[PublicKey]) -> None:
    """Keep a key that nobody vouches for from signing a checkpoint of a record that others share.

    To append is to sign the checkpoint, and whoever trusts the others' keys only could not build on it any more.
    Raises UsageProblem.
    """
    if not vouched or own in vouched:
        return
    try:
        others = signing_key(newest_checkpoint(database), [own]) is None
    except (ValueError, IntegrityProblem):
        return  # a checkpoint that cannot be read is refused, with its own sentence, when it is built on
    if others:
        raise UsageProblem(
            "This record is signed by keys under `trust.keys`, and yours is not one of them; nothing was appended",
            remedy="Have yours added (`hardpoint record key` prints it), or record elsewhere: HARDPOINT_STORE.",
        )


def refuse_unwritable(draft: Draft) -> None:
    """What a database cannot take is refused here, before it fails the batch that it would share with others.

    Raises StoreProblem.
    """
    if len(draft.payload) > MAX_PAYLOAD_BYTES:
        raise StoreProblem(f"A payload of {len(draft.payload)} bytes is larger than {MAX_PAYLOAD_BYTES}")
    for text in (draft.kind, draft.subject, draft.topic, draft.payload_type, draft.unique or ""):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise StoreProblem(f"{text!r} cannot be recorded: it is not text that UTF-8 can write") from error
        if "\0" in text:  # PostgreSQL has no such character
            raise StoreProblem(f"{text!r} cannot be recorded: it holds the character NUL")


def _in_order(groups: Sequence[Sequence[_Pending]]) -> list[_Pending]:
    return [pending for group in groups for pending in group]


def _acknowledged(pending: _Pending) -> Receipt:
    if pending.failure is not None:
        raise pending.failure
    assert pending.receipt is not None
    return pending.receipt


def _read_frontier(connection: sa.Connection, checkpoint: Checkpoint) -> Frontier:
    """The tree's right edge, refused if it does not give the root that was signed."""
    frontier = stored_frontier(connection, checkpoint.size)
    if frontier.root() != checkpoint.root:
        raise IntegrityProblem(
            "The record's tree does not give the root of its checkpoint; nothing was appended",
            remedy="Run `hardpoint record verify` to see what is damaged.",
        )
    return frontier


def _known(connection: sa.Connection, batch: Sequence[_Pending]) -> dict[str, Receipt]:
    """Which of the batch's unique keys are in the record, with the receipts of their entries."""
    wanted = [pending.draft.unique for pending in batch if pending.draft.unique is not None]
    known: dict[str, Receipt] = {}
    for start in range(0, len(wanted), PAGE):
        found = connection.execute(
            sa.select(entries.c.unique_key, entries.c.header).where(
                entries.c.unique_key.in_(wanted[start : start + PAGE])
            )
        )
        for row in found:
            header = encoding.decode(row.header, Header, what="An entry's header")
            known[row.unique_key] = Receipt(index=header.index, at=header.at, added=False)
    return known


def _row(pending: _Pending, header: Header, encoded: bytes) -> dict[str, object]:
    return {
        "leaf_index": header.index,
        "header": encoded,
        "salt": pending.salt,
        "signature": pending.signature,
        "payload": pending.draft.payload,
        "kind": header.kind,
        "subject": header.subject,
        "topic": header.topic,
        "unique_key": header.unique,
    }
