"""`hardpoint record …`: the log of evidence."""

from base64 import b64decode
from pathlib import Path

import click

from hardpoint.kernel import encoding
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.identity.model import TRUST
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.record import verify_bundle as verify_bundle_file
from hardpoint.kernel.record.bundle import export_bundle, verify_bundle
from hardpoint.kernel.record.checkpoint import Checkpoint
from hardpoint.kernel.record.proofs import leaf_hash
from hardpoint.kernel.record.reading import entry_at, newest_checkpoint, newest_headers
from hardpoint.kernel.record.verification import verify_record
from hardpoint.kernel.result import Document, Result
from hardpoint.kernel.rooms.cli import Context, verb


@verb("record", "verify")
def verify(context: Context) -> Result:
    """Recompute the record and say whether it is what was signed.

    Every hash, every signature, the checkpoint, and what was seen before. Exits 0 if it is whole and 5 if it is not,
    naming the class and the place of each damage.
    """
    with context.stored() as database:
        verification = verify_record(database, context.voices(database).keys, context.memory)
        if verification.whole:  # what was verified once is what a rollback would fall behind
            context.memory.remember(
                Checkpoint(verification.origin, verification.size, bytes.fromhex(verification.root))
            )
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
@click.option("--audience", is_flag=True, help="Print the audience that a CI token must have to be bound to it.")
def key(context: Context, *, audience: bool) -> Result:
    """Print the public key that you sign with, as `trust.keys` takes it."""
    if context.own_key is None:
        raise UsageProblem("You have no key yet", remedy="`hardpoint check --record` makes one on first use.")
    about = {"key": str(context.own_key), "id": context.own_key.id}
    headline = "\n".join(_audiences(context, context.own_key)) if audience else str(context.own_key)
    return Result(schema="record-key/v1", headline=headline, about=about)


def _audiences(context: Context, own: PublicKey) -> list[str]:
    """One for each way in which the declared issuers name it."""
    from hardpoint.kernel.identity.oidc import audience_of

    issuers = context.workspace.manifest[TRUST].issuers
    if not issuers:
        raise UsageProblem("No issuer is trusted, so no token can be bound", remedy="Name one under `trust.issuers`.")
    return list(dict.fromkeys(audience_of(issuer, own) for issuer in issuers))


@verb("record", "log")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many, the newest first."
)
def log(context: Context, *, limit: int) -> Result:
    """List the newest entries: when, what, about whom, and who says it."""
    with context.stored() as database:
        headers = newest_headers(database, limit)
        holders = context.voices(database).holders
    return Result(
        schema="record-log/v1",
        headline=f"{len(headers)} entries, the newest first",
        items={
            "entries": [
                {
                    "index": header.index,
                    "at": header.at,
                    "kind": header.kind,
                    "subject": header.subject,
                    "by": holders.get(header.key, header.key[:16]),
                }
                for header in headers
            ]
        },
    )


@verb("record", "show")
@click.argument("index", type=click.IntRange(min=0))
def show(context: Context, index: int) -> Result:
    """Show one entry: its header, and what was signed."""
    with context.stored() as database:
        entry = entry_at(database, index)
        holders = context.voices(database).holders
    by = holders.get(entry.header.key, f"the key {entry.header.key[:16]}")
    said: object = None
    if entry.payload is not None:
        said = encoding.decode(entry.payload, dict[str, object], what=f"The payload of entry {index}")
    return Result(
        schema="record-show/v1",
        headline=f"entry {index}, recorded {entry.header.at}, signed by {by}" + ("" if said else ": erased"),
        about={"header": entry.header, "payload": said},
        detail=encoding.pretty(said) if said else "",
    )


@verb("record", "prove")
@click.argument("index", type=click.IntRange(min=0))
def prove(context: Context, index: int) -> Result:
    """Prove that an entry is in the record: the hashes from its leaf to the root of the signed checkpoint."""
    with context.stored() as database:
        bundle = export_bundle(database, [index])
        checkpoint, (claim,) = verify_bundle(bundle, context.voices(database).keys)
    (entry,) = bundle.entries
    return Result(
        schema="record-prove/v1",
        headline=f"entry {index} of {claim.header.at} is in the record of {checkpoint.size} entries: the proof holds",
        about={
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "index": index,
            "leaf_hash": leaf_hash(b64decode(entry.header)).hex(),
            "proof": [b64decode(each).hex() for each in entry.proof],
        },
        detail="\n".join(b64decode(each).hex() for each in entry.proof),
    )


@verb("record", "checkpoint")
def checkpoint(context: Context) -> Document:
    """Print the newest checkpoint: a C2SP signed note of the record's size and root."""
    with context.stored() as database:
        return Document(newest_checkpoint(database).decode())


@verb("record", "export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--entry", "indexes", type=int, multiple=True, metavar="INDEX", help="Only this entry; may be repeated.")
@click.option(
    "--verifier", type=click.Path(path_type=Path, dir_okay=False), help="Also write the second verifier here."
)
def export(context: Context, file: Path, *, indexes: tuple[int, ...], verifier: Path | None) -> Result:
    """Write entries with their proofs to FILE, a bundle that is verified without this machine.

    The second verifier is one file of Python's standard library; an auditor reads it and runs it on the bundle.
    """
    with context.stored() as database:
        bundle = export_bundle(database, indexes or None)
    _write(context.folder / file, encoding.pretty(bundle).encode() + b"\n")
    if verifier is not None:
        _write(context.folder / verifier, Path(verify_bundle_file.__file__).read_bytes())
    return Result(
        schema="record-export/v1",
        headline=f"{len(bundle.entries)} entries and their proofs are in {file}",
        about={"file": str(file), "entries": len(bundle.entries)},
        next_steps=(f"python3 verify_bundle.py {file} --key you={context.own_key}",) if context.own_key else (),
    )


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise UsageProblem(f"{file} cannot be written: {error.strerror}", remedy="Name another file.") from error
