"""A witness: it remembers how far it saw each log grow, and co-signs what grew from that and nothing else."""

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from hardpoint.kernel.clock import Clock
from hardpoint.kernel.database import Database
from hardpoint.kernel.durable import held, replace_file
from hardpoint.kernel.identity.keys import PublicKey, Signer
from hardpoint.kernel.problem import IntegrityProblem, StoreProblem, UsageProblem
from hardpoint.kernel.record.checkpoint import Checkpoint, is_signed_by, parse_checkpoint, signing_key
from hardpoint.kernel.record.cosignature import cosign, is_witness_name, join_cosignatures
from hardpoint.kernel.record.proofs import verify_consistency
from hardpoint.kernel.record.reading import stored_frontier, stored_proof
from hardpoint.kernel.record.tables import head
from hardpoint.kernel.record.tree import consistency_proof

_KEEP = "Keep a copy of the log as it is, and ask its owner: what was signed before stands in your settings folder."


class Sightings:
    """The newest checkpoint of each log that this witness saw, a file for each origin."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def held(self) -> Iterator[None]:
        """Only one process of a witness looks at a time: two that looked at once could sign two histories.

        Raises StoreProblem if the folder cannot be used.
        """
        with ExitStack() as stack:
            try:
                stack.enter_context(held(self._folder))
            except OSError as error:
                raise self._unusable(error) from error
            yield

    def recall(self, origin: str) -> Checkpoint | None:
        """The newest checkpoint seen of a log; None at the first look.

        Raises IntegrityProblem if there is one that cannot be read: a witness that forgot would sign anything.
        """
        file = self._file(origin)
        try:
            seen = parse_checkpoint(file.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise IntegrityProblem(
                f"What this witness saw of {origin} cannot be read: {error}", remedy=f"Restore {file} from a backup."
            ) from error
        if seen.origin != origin:
            raise IntegrityProblem(
                f"What this witness saw of {origin} is of {seen.origin}", remedy=f"Restore {file} from a backup."
            )
        return seen

    def keep(self, origin: str, note: bytes) -> None:
        """Keep a checkpoint in the place of the one before; it has reached the disk when this returns.

        Raises StoreProblem if it could not be kept: then it must not be signed.
        """
        try:
            replace_file(self._file(origin), note)
        except OSError as error:
            raise self._unusable(error) from error

    def _file(self, origin: str) -> Path:
        return self._folder / sha256(origin.encode()).hexdigest()[:32]

    def _unusable(self, error: OSError) -> StoreProblem:
        return StoreProblem(
            f"What this witness saw cannot be kept in {self._folder}: {error.strerror}; nothing was signed",
            remedy="Make the folder writable, or set HARDPOINT_CONFIG_DIR.",
        )


def witness(
    database: Database, keys: Collection[PublicKey], signer: Signer, name: str, clock: Clock, sightings: Sightings
) -> bytes:
    """Look at a log and co-sign its newest checkpoint: the note with the log's line and the witness's own.

    `keys` are those that may sign the log. Raises IntegrityProblem that names what is wrong: a signature that does not
    hold, a rollback, or a fork; UsageProblem for a name or a key that cannot be a witness's.
    """
    if not is_witness_name(name):
        raise UsageProblem(f"{name!r} cannot be a witness's name", remedy="Leave out spaces and plus signs.")
    if signer.public in keys:
        raise UsageProblem(
            "This key signs the log, and a log is no witness of itself",
            remedy="Run the witness on another host with a key of its own, or name that in HARDPOINT_SIGNING_KEY.",
        )
    # The lock comes first: a checkpoint read before it may be older than what another process signed meanwhile.
    with sightings.held():
        with database.reading() as connection:
            note = _note(connection)
            checkpoint = _signed(note, keys)
            if checkpoint.origin == name:
                raise UsageProblem(f"{name!r} is the log's own name", remedy="Give the witness another with --name.")
            _refuse_other_history(connection, checkpoint, sightings.recall(checkpoint.origin))
        # Kept before it is signed: whatever a crash cuts off, nothing was signed that is not remembered.
        sightings.keep(checkpoint.origin, note)
    return join_cosignatures(note, [cosign(checkpoint, name, signer, int(clock().timestamp()))])


def _note(connection: sa.Connection) -> bytes:
    rows = connection.execute(sa.select(head.c.checkpoint).limit(2)).scalars().all()
    if len(rows) != 1 or not isinstance(rows[0], bytes):
        raise IntegrityProblem("The log has not exactly one checkpoint", remedy=_KEEP)
    return rows[0]


def _signed(note: bytes, keys: Collection[PublicKey]) -> Checkpoint:
    try:
        checkpoint, key = parse_checkpoint(note), signing_key(note, keys)
        holds = key is not None and is_signed_by(note, key)
    except ValueError as error:
        raise IntegrityProblem("Broken signature: the log's checkpoint cannot be read", remedy=_KEEP) from error
    if key is None:
        raise IntegrityProblem(
            "Broken signature: the log's checkpoint is not signed with a key that was given",
            remedy="`hardpoint record key` prints its owner's; give one --key for each that may sign.",
        )
    if not holds:
        raise IntegrityProblem("Broken signature: the one of the log does not fit its checkpoint", remedy=_KEEP)
    return checkpoint


def _refuse_other_history(connection: sa.Connection, now: Checkpoint, seen: Checkpoint | None) -> None:
    """C2SP tlog-witness: sign only what provably extends what was signed before."""
    if seen is not None and now.size < seen.size:
        raise IntegrityProblem(
            f"Rollback: {seen.size} entries were seen of this log, and its checkpoint promises {now.size}", remedy=_KEEP
        )
    if seen is None or seen.size == 0:  # nothing is claimed about growth from an empty tree
        if stored_frontier(connection, now.size).root() != now.root:
            raise IntegrityProblem("Fork: the stored tree does not give the root of its checkpoint", remedy=_KEEP)
        return
    proof = stored_proof(connection, partial(consistency_proof, seen.size, now.size))
    if not verify_consistency(seen.size, now.size, proof, seen.root, now.root):
        raise IntegrityProblem(
            f"Fork: the log's first {seen.size} entries are not provably those that were seen before", remedy=_KEEP
        )
