"""`hardpoint record …`: the log of evidence."""

from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.record.verification import verify_record
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb


@verb("record", "verify")
def verify(context: Context) -> Result:
    """Recompute the record and say whether it is what was signed.

    Every hash, every signature, the checkpoint, and what was seen before. Exits 0 if it is whole and 5 if it is not,
    naming the class and the place of each damage.
    """
    with context.stored() as database:
        verification = verify_record(database, context.keys, context.memory)
    entries = "1 entry" if verification.size == 1 else f"{verification.size} entries"
    damages = "1 damage" if len(verification.damages) == 1 else f"{len(verification.damages)} damages"
    return Result(
        schema="record-verify/v1",
        headline=f"whole: {entries}, every hash and signature holds" if verification.whole else f"BROKEN: {damages}",
        about={
            "whole": verification.whole,
            "origin": verification.origin,
            "size": verification.size,
            "root": verification.root,
        },
        items={"damages": verification.damages},
        next_steps=() if verification.whole else ("Keep the database as it is, and compare it with a backup.",),
        exit=Exit.OK if verification.whole else Exit.BROKEN,
    )


@verb("record", "key")
def key(context: Context) -> Result:
    """Print the public key that you sign with, as `trust.keys` takes it."""
    if context.own_key is None:
        raise UsageProblem("You have no key yet", remedy="`hardpoint check --record` makes one on first use.")
    return Result(schema="record-key/v1", headline=str(context.own_key), about={"key": str(context.own_key)})
