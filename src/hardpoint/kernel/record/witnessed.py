"""Checkpoints that witnesses co-signed, kept in the record: taken in once they hold, and never changed."""

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.problem import IntegrityProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record.checkpoint import Checkpoint, is_signed_by, parse_checkpoint, signing_key
from hardpoint.kernel.record.cosignature import Cosignature, join_cosignatures, split_cosignatures
from hardpoint.kernel.record.model import Damage
from hardpoint.kernel.record.reading import stored_frontier
from hardpoint.kernel.record.tables import head, witnessed

Witnesses = Mapping[str, PublicKey]
"""The key of each witness by its name."""


def add_witnessed(
    database: Database, note: bytes, keys: Collection[PublicKey], witnesses: Witnesses
) -> tuple[Checkpoint, list[str]]:
    """Take a co-signed note in, and return its checkpoint and whose cosignatures were new.

    Raises UnreadableProblem if it is none; IntegrityProblem if a signature or the root does not hold; UsageProblem if
    it is of another record, co-signed by nobody, or by a witness that is not trusted.
    """
    plain, checkpoint, cosignatures = _read(note)
    _refuse_unsigned(plain, keys)
    by = [(each, _verified(each, checkpoint, keys, witnesses)) for each in cosignatures]
    if not by:
        raise UsageProblem("Nobody has co-signed this checkpoint", remedy="`hardpoint record witness` does.")
    with database.writing() as connection:
        _refuse_foreign(connection, checkpoint)
        new = []
        for cosignature, key in by:
            place = (witnessed.c.size == checkpoint.size, witnessed.c.witness == key.id)
            if connection.execute(sa.select(witnessed.c.size).where(*place)).first() is None:
                row = {"size": checkpoint.size, "witness": key.id, "note": join_cosignatures(plain, [cosignature])}
                connection.execute(sa.insert(witnessed), row)
                new.append(cosignature.name)
    return checkpoint, new


def newest_witnessed(connection: sa.Connection) -> bytes:
    """The newest checkpoint that was co-signed, with the lines of all who did.

    Raises UsageProblem if there is none.
    """
    newest = sa.select(sa.func.max(witnessed.c.size)).scalar_subquery()
    wanted = sa.select(witnessed.c.note).where(witnessed.c.size == newest).order_by(witnessed.c.witness)
    notes = [_read(note) for note in connection.execute(wanted).scalars()]
    if not notes:
        raise UsageProblem(
            "No witness has co-signed this record yet",
            remedy="`hardpoint record witness` co-signs; `hardpoint record checkpoint --add` takes the note in.",
        )
    plain = notes[0][0]
    return join_cosignatures(plain, [line for note, _, lines in notes if note == plain for line in lines])


def stored_witnessed(connection: sa.Connection, most: int) -> dict[tuple[int, str], bytes]:
    """The newest co-signed notes, by their size and the id of their witness's key."""
    wanted = sa.select(witnessed).order_by(witnessed.c.size.desc(), witnessed.c.witness).limit(most)
    return {(row.size, row.witness): row.note for row in connection.execute(wanted)}


def covered(
    database: Database, witnesses: Witnesses, until: datetime, roots: Mapping[int, bytes] | None = None
) -> dict[str, int]:
    """How many entries each witness vouches for: the size of the largest checkpoint it had co-signed by then.

    Every cosignature is verified here, and that its root is the one that the entries give at that size: `roots` has it
    as it was computed from them. Without it the stored tree is asked, which nobody has verified.
    """
    sizes: dict[str, int] = {}
    with database.reading() as connection:
        for note in connection.execute(sa.select(witnessed.c.note).order_by(witnessed.c.size.desc())).scalars():
            _, checkpoint, cosignatures = _read(note)
            for each in cosignatures:
                key = witnesses.get(each.name)
                if (
                    key is not None
                    and checkpoint.size > sizes.get(each.name, -1)
                    and each.time <= until.timestamp()
                    and each.verifies(checkpoint, key)
                    and checkpoint.root
                    == (
                        stored_frontier(connection, checkpoint.size).root()
                        if roots is None
                        else roots.get(checkpoint.size)
                    )
                ):
                    sizes[each.name] = checkpoint.size
    return sizes


def verify_stored(
    size: object, witness: object, note: object, keys: Collection[PublicKey], witnesses: Witnesses
) -> tuple[Checkpoint | None, Damage | None]:
    """What a row promises in the log's own name, and what is wrong with the row: an edit, bit rot, an unknown key."""
    try:
        plain, checkpoint, cosignatures = _read(note)
        signer = signing_key(plain, keys)
    except (UnreadableProblem, ValueError):
        return None, Damage.BIT_ROT
    by = next((key for key in witnesses.values() if key.id == witness), None)
    only = cosignatures[0] if len(cosignatures) == 1 else None
    if only is None or checkpoint.size != size or (signer is not None and not is_signed_by(plain, signer)):
        return None, Damage.EDIT
    if by is None:
        named = witnesses.get(only.name)
        edited = named is not None and only.names(only.name, named)  # the row names another witness than its note
        return (None, Damage.EDIT) if edited else (checkpoint if signer else None, Damage.UNKNOWN_KEY)
    if not only.verifies(checkpoint, by):
        return None, Damage.EDIT
    return (checkpoint, None) if signer else (None, Damage.UNKNOWN_KEY)


def _read(note: object) -> tuple[bytes, Checkpoint, tuple[Cosignature, ...]]:
    try:
        if isinstance(note, bytes):
            plain, cosignatures = split_cosignatures(note)
            return plain, parse_checkpoint(plain), cosignatures
    except ValueError:
        pass
    raise UnreadableProblem(
        "It is not a co-signed checkpoint", remedy="`hardpoint record witness --out FILE` writes one."
    )


def _refuse_unsigned(plain: bytes, keys: Collection[PublicKey]) -> None:
    try:
        key = signing_key(plain, keys)
        if key is not None and is_signed_by(plain, key):
            return
    except ValueError:
        pass
    raise IntegrityProblem(
        "The log's own signature does not hold with a key that is trusted here; nothing was taken in",
        remedy="If its signer is one of yours, add the key under `trust.keys`.",
    )


def _verified(
    cosignature: Cosignature, checkpoint: Checkpoint, keys: Collection[PublicKey], witnesses: Witnesses
) -> PublicKey:
    key = witnesses.get(cosignature.name)
    if key is None or not cosignature.names(cosignature.name, key):
        raise UsageProblem(
            f"{cosignature.name!r} with that key is no trusted witness; nothing was taken in",
            remedy="If you know the witness, add its name and key under `trust.witnesses`.",
        )
    if key in keys:
        raise UsageProblem(
            f"The key of {cosignature.name!r} also signs this record, and a log is no witness of itself",
            remedy="Give the witness a key of its own, on another host.",
        )
    if not cosignature.verifies(checkpoint, key):
        raise IntegrityProblem(
            f"The cosignature of {cosignature.name!r} does not hold; nothing was taken in",
            remedy="Ask the witness for its note again.",
        )
    return key


def _refuse_foreign(connection: sa.Connection, checkpoint: Checkpoint) -> None:
    """Under the head's lock, so that what is compared stays the newest."""
    row = connection.execute(sa.select(head.c.origin, head.c.size).with_for_update()).one()
    if row.origin != checkpoint.origin:
        raise UsageProblem(f"It is of {checkpoint.origin}, and this record is {row.origin}", remedy="Mind the store.")
    if checkpoint.size > row.size:
        raise IntegrityProblem(
            f"Rollback: the witness saw {checkpoint.size} entries, and the record has {row.size}",
            remedy="Run `hardpoint record verify`, and restore the newer copy.",
        )
    if stored_frontier(connection, checkpoint.size).root() != checkpoint.root:
        raise IntegrityProblem(
            f"Fork: the record's first {checkpoint.size} entries are not those that the witness saw",
            remedy="Run `hardpoint record verify`, and restore the genuine copy.",
        )
