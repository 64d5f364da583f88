"""`hardpoint record …`: the log of evidence."""

import shlex
from base64 import b64decode
from pathlib import Path

import click

from hardpoint.kernel import encoding
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.identity.model import TRUST
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.record import verify_bundle as verify_bundle_file
from hardpoint.kernel.record.archive import MAX_ARCHIVE_BYTES, verify_archive
from hardpoint.kernel.record.bundle import export_bundle, verify_bundle
from hardpoint.kernel.record.checkpoint import Checkpoint, parse_checkpoint
from hardpoint.kernel.record.envelope import envelope_of, write_envelope
from hardpoint.kernel.record.erasure import erase
from hardpoint.kernel.record.expected import FORGET, forget_seen
from hardpoint.kernel.record.imported import KIND as IMPORTED
from hardpoint.kernel.record.imported import origin_in, original_of
from hardpoint.kernel.record.model import WHOLE, Damage, Damaged
from hardpoint.kernel.record.orders import Orders, stored_orders
from hardpoint.kernel.record.proofs import leaf_hash
from hardpoint.kernel.record.reading import entry_at, newest_checkpoint, newest_headers
from hardpoint.kernel.record.verification import Verification, verify_record
from hardpoint.kernel.record.witness import Sightings, witness
from hardpoint.kernel.record.witnessed import add_witnessed, newest_witnessed
from hardpoint.kernel.result import Document, Result
from hardpoint.kernel.rooms.cli import Context, verb

MAX_NOTE_BYTES = 64 * 1024


@verb("record", "verify")
@click.option(
    "--archive",
    "files",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="Also verify the bodies that were archived in this file; may be repeated.",
)
def verify(context: Context, files: tuple[Path, ...] = ()) -> Result:
    """Recompute the record and say whether it is what was signed.

    Every hash, every signature, the checkpoint, and what was seen before. Exits 0 if it is whole and 5 if it is not,
    naming the class and the place of each damage.
    """
    with context.stored() as database:
        keys = context.voices(database).keys
        verification = verify_record(database, keys, context.memory, witnesses=context.witnesses)
        archives = [verify_archive(database, context.read(file, most=MAX_ARCHIVE_BYTES), keys) for file in files]
        other = context.expected.is_other(verification.origin)
        if other:
            verification.damages.insert(0, Damaged(damage=Damage.ROLLBACK, index=WHOLE, text=other))
        seen = context.memory.recall(verification.origin)
        if verification.whole:  # what was verified once is what a rollback would fall behind
            context.memory.remember(
                Checkpoint(verification.origin, verification.size, bytes.fromhex(verification.root))
            )
            context.expected.keep(verification.origin)
    entries = _counted(verification.size)
    held_by = [len(list(each.indexes())) for each in archives]
    bodies = f", and of {sum(held_by)} archived bodies" if files else ""
    damages = "1 damage" if len(verification.damages) == 1 else f"{len(verification.damages)} damages"
    return Result(
        schema="record-verify/v1",
        headline=f"whole: {entries}, every hash and signature holds{bodies}"
        if verification.whole
        else f"BROKEN: {damages}",
        about={
            "whole": verification.whole,
            "origin": verification.origin,
            "size": verification.size,
            "root": verification.root,
            "archives": [
                {"file": str(file), "sha256": each.sha256, "order": each.order, "bodies": held}
                for file, each, held in zip(files, archives, held_by, strict=True)
            ],
        },
        items={"damages": verification.damages},
        next_steps=_after(verification, seen, other=bool(other)),
        exit=Exit.OK if verification.whole else Exit.BROKEN,
    )


def _after(verification: Verification, seen: Checkpoint | None, *, other: bool) -> tuple[str, ...]:
    if verification.whole:
        return ()
    forget = (f"If the record that is there is the right one: {FORGET}, and verify again.",) if other else ()
    if not other and seen is not None and seen.size > verification.size:
        forget = (forget_seen(seen.origin, verification.size, seen.size),)
    return ("Keep the database as it is, and compare it with a backup.", *forget)


@verb("record", "forget")
@click.option(
    "--seen",
    metavar="ORIGIN",
    help="Give up what you saw of this record: a copy with fewer or other entries is taken from then on.",
)
def forget(context: Context, *, seen: str | None) -> Result:
    """Forget which record was in this store.

    To begin anew, or to take the one that is there now. Nothing is deleted from a store, and what you saw of the record
    itself stays remembered: it is known again where it comes back. A record that the manifest pins stays pinned.

    With --seen it is what you saw of a record that is forgotten, and not where it was: for entries that are in no copy
    any more. What they said is lost, and so is the proof that a copy leaves them out.
    """
    if seen is not None:
        return _forget_seen(context, seen)
    store = context.expected.store
    origin = context.memory.origin_of(store)
    context.memory.forget_origin(store)
    next_one = "what is recorded next begins another there, or goes on with the one that is there"
    return Result(
        schema="record-forget/v1",
        headline=f"forgot that {store} held {origin}; {next_one}" if origin else f"nothing was remembered of {store}",
        about={"store": store, "origin": origin},
    )


def _forget_seen(context: Context, origin: str) -> Result:
    checkpoint = context.memory.recall(origin)
    if checkpoint is None:
        raise UsageProblem(
            f"Nothing was seen of a record {origin!r} here", remedy="The message that refuses a copy names its record."
        )
    context.memory.forget(origin)
    size, root = checkpoint.size, checkpoint.root.hex()
    return Result(
        schema="record-forget-seen/v1",
        headline=f"forgot that {origin} had {_counted(size)}, root {root}; those that no copy has are lost",
        about={"origin": origin, "size": size, "root": root},
        next_steps=("hardpoint record pull, and record anew what is lost",),
    )


@verb("record", "key")
@click.option("--audience", is_flag=True, help="Print the audience that a CI token must have to be bound to it.")
@click.option("--pem", is_flag=True, help="Print it as PEM, for tools that verify our envelopes.")
def key(context: Context, *, audience: bool, pem: bool) -> Document | Result:
    """Print the public key that you sign with.

    It is written as `trust.keys` takes it.
    """
    if audience and pem:
        raise UsageProblem("--audience prints what a token is bound by, and --pem a key", remedy="Give one of them.")
    if context.own_key is None:
        raise UsageProblem("You have no key yet", remedy="`hardpoint check --record` makes one on first use.")
    if pem:
        return Document(context.own_key.pem)
    about = {"key": str(context.own_key), "id": context.own_key.id}
    headline = "\n".join(_audiences(context, context.own_key)) if audience else str(context.own_key)
    return Result(schema="record-key/v1", headline=headline, about=about)


def _audiences(context: Context, own: PublicKey) -> list[str]:
    """One for each way in which the declared issuers name it."""
    from hardpoint.kernel.identity.oidc import audience_of

    issuers = context.governing.manifest[TRUST].issuers
    if not issuers:
        raise UsageProblem("No issuer is trusted, so no token can be bound", remedy="Name one under `trust.issuers`.")
    return list(dict.fromkeys(audience_of(issuer, own) for issuer in issuers))


@verb("record", "log")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many, the newest first."
)
def log(context: Context, *, limit: int) -> Result:
    """List the newest entries.

    When, what, about whom, and who says it.
    """
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
                    "origin": origin_in(header),
                    "by": holders.get(header.key, header.key[:16]),
                }
                for header in headers
            ]
        },
    )


@verb("record", "show")
@click.argument("index", type=click.IntRange(min=0))
@click.option("--envelope", is_flag=True, help="Print its DSSE envelope, which other tools verify.")
def show(context: Context, index: int, *, envelope: bool) -> Document | Result:
    """Show one entry: its header, and what was signed."""
    with context.stored() as database:
        entry = entry_at(database, index)
        if envelope:
            return Document(write_envelope(envelope_of(entry)).decode())
        holders = context.voices(database).holders
        orders = stored_orders(database) if entry.payload is None else Orders()
    by = holders.get(entry.header.key, f"the key {entry.header.key[:16]}")
    said: object = None
    what = ""
    about: dict[str, object] = {}
    if entry.payload is not None:
        payload = entry.payload
        if entry.header.kind == IMPORTED:
            original = original_of(payload)
            signed_by = holders.get(original.header.key, f"the key {original.header.key[:16]}")
            what = f": imported from {original.origin} entry {original.header.index}, signed by {signed_by}"
            about = {"origin": original.origin, "original": original.header}
            payload = original.payload
        said = encoding.decode(payload, dict[str, object], what=f"The payload of entry {index}")
    gone, order = _gone(index, orders) if entry.payload is None else ("", None)
    archive = orders.archival_of(index)
    return Result(
        schema="record-show/v1",
        headline=f"entry {index}, recorded {entry.header.at}, signed by {by}{gone or what}",
        about={
            "header": entry.header,
            **about,
            "payload": said,
            "order": order,
            "archive": {"file": archive.file, "sha256": archive.sha256} if archive else None,
        },
        detail=encoding.pretty(said) if said else "",
    )


def _gone(index: int, orders: Orders) -> tuple[str, int | None]:
    """Why a body is not there, as a sentence goes on, and the entry that orders it."""
    if (order := orders.erasure_of(index)) is not None:
        return f": erased, as entry {order} says", order
    if (archival := orders.archival_of(index)) is not None:
        file = f"{archival.file} (SHA-256 {archival.sha256})"
        return f": archived in {file}, as entry {archival.order} says", archival.order
    return ": its body is gone, and no entry orders that", None


@verb("record", "prove")
@click.argument("index", type=click.IntRange(min=0))
def prove(context: Context, index: int) -> Result:
    """Prove that an entry is in the record.

    The proof is the hashes from its leaf to the root of the signed checkpoint.
    """
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
@click.option("--witnessed", "co_signed", is_flag=True, help="The newest one that a witness co-signed.")
@click.option(
    "--add", "file", type=click.Path(path_type=Path, dir_okay=False), help="Take in a note that a witness co-signed."
)
def checkpoint(context: Context, *, co_signed: bool, file: Path | None) -> Document | Result:
    """Print the newest checkpoint, or take one in.

    It is a C2SP signed note of the record's size and root. A note is taken in only if the log signed it, the record has
    its root at that size, and every cosignature is one of a witness under `trust.witnesses`.
    """
    if file is not None:
        if co_signed:
            raise UsageProblem("--add takes a note in, and --witnessed prints one", remedy="Give one of them.")
        return _add(context, file)
    with context.stored() as database:
        if not co_signed:
            return Document(newest_checkpoint(database).decode())
        with database.reading() as connection:
            return Document(newest_witnessed(connection).decode())


def _add(context: Context, file: Path) -> Result:
    note = context.read(file, most=MAX_NOTE_BYTES)
    with context.stored() as database:
        taken, new = add_witnessed(database, note, context.voices(database).keys, context.witnesses)
    said = f"co-signed by {', '.join(new)}" if new else "co-signed by nobody who had not done so before"
    return Result(
        schema="record-checkpoint-add/v1",
        headline=f"{_counted(taken.size)}, {said}",
        about={"origin": taken.origin, "size": taken.size, "root": taken.root.hex(), "witnesses": new},
    )


@verb("record", "witness")
@click.argument("source", metavar="SOURCE")
@click.option(
    "--key", "keys", multiple=True, required=True, metavar="KEY", help="A key that may sign the log; may be repeated."
)
@click.option("--name", metavar="NAME", help="The name to co-sign in; by default one that is made of your key's id.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the note here instead.")
def witness_log(
    context: Context, source: str, *, keys: tuple[str, ...], name: str | None, out: Path | None
) -> Document | Result:
    """Co-sign the newest checkpoint of SOURCE.

    SOURCE is a log's store, by path or URL; it is co-signed if it grew from what you saw before. Run it on another
    host, with a key of its own. It remembers the checkpoint before it signs, and exits 5 where the signature does not
    hold, the log was rolled back, or it has another history.
    """
    signer = context.signer
    name = name or f"witness/{signer.public.id[:16]}"
    sightings = Sightings(context.settings_folder / "witnessed")
    with context.store_at(source) as database:
        note = witness(database, [_key(each) for each in keys], signer, name, context.clock, sightings)
    if out is None:
        return Document(note.decode())
    context.write(out, note)
    seen = parse_checkpoint(note)
    return Result(
        schema="record-witness/v1",
        headline=f"{name} saw {seen.origin} grow to {_counted(seen.size)}: the note is in {out}",
        about={
            "origin": seen.origin,
            "size": seen.size,
            "root": seen.root.hex(),
            "name": name,
            "key": str(signer.public),
        },
        next_steps=(f"hardpoint record checkpoint --add {out}",),
    )


@verb("record", "erase")
@click.argument("index", type=click.IntRange(min=0))
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stays in the record.")
def erase_body(context: Context, index: int, *, reason: str) -> Result:
    """Erase what entry INDEX says.

    That it was there and why it was erased stays in the record. It cannot be undone. Every proof still holds; copies of
    the store, backups among them, still have it.
    """
    if not reason.strip():
        raise UsageProblem("An erasure needs a reason", remedy="Give it with --reason.")
    with context.stored() as database, context.record() as record:
        if entry_at(database, index).payload is None:
            raise UsageProblem(
                f"Entry {index} has no body to erase{_gone(index, stored_orders(database))[0]}",
                remedy="A file that it was archived in is yours to remove.",
            )
        order = erase(database, record, index, reason)
    return Result(
        schema="record-erase/v1",
        headline=f"the body of entry {index} is erased; entry {order.index} says why",
        about={"index": index, "order": order.index, "reason": reason},
    )


@verb("record", "export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--entry", "indexes", type=int, multiple=True, metavar="INDEX", help="Only this entry; may be repeated.")
@click.option("--witnessed", "co_signed", is_flag=True, help="Under the newest checkpoint that a witness co-signed.")
@click.option(
    "--verifier", type=click.Path(path_type=Path, dir_okay=False), help="Also write the second verifier here."
)
def export(context: Context, file: Path, *, indexes: tuple[int, ...], co_signed: bool, verifier: Path | None) -> Result:
    """Write entries with their proofs to FILE.

    It is a bundle that is verified without this machine. The second verifier is one file of Python's standard library;
    an auditor reads it and runs it on the bundle.
    """
    with context.stored() as database:
        bundle = export_bundle(database, indexes or None, co_signed=co_signed)
        if indexes:  # what is gone comes with the entry that says why
            orders = stored_orders(database)
            gone = [entry.index for entry in bundle.entries if entry.payload is None]
            why = {order for index in gone if (order := _gone(index, orders)[1]) is not None}
            under = {order for order in why if order < parse_checkpoint(bundle.checkpoint.encode()).size}
            bundle = export_bundle(database, {*indexes, *under}, co_signed=co_signed)
    context.write(file, encoding.pretty(bundle).encode() + b"\n")
    if verifier is not None:
        context.write(verifier, Path(verify_bundle_file.__file__).read_bytes())
    return Result(
        schema="record-export/v1",
        headline=f"{len(bundle.entries)} entries and their proofs are in {file}",
        about={"file": str(file), "entries": len(bundle.entries)},
        next_steps=(_verified_with(context, verifier, file, context.own_key, co_signed=co_signed),)
        if context.own_key
        else (),
    )


def _verified_with(context: Context, verifier: Path | None, file: Path, key: PublicKey, *, co_signed: bool) -> str:
    named = [part for each in sorted(context.witnesses.items()) for part in ("--witness", "{}={}".format(*each))]
    asked = [*named, "--need", "1"] if co_signed else []
    return shlex.join(["python3", str(verifier or "verify_bundle.py"), str(file), "--key", f"you={key}", *asked])


def _counted(entries: int) -> str:
    return "1 entry" if entries == 1 else f"{entries} entries"


def _key(text: str) -> PublicKey:
    try:
        return PublicKey.parse(text)
    except ValueError as error:
        raise UsageProblem(f"--key: {error}", remedy="`hardpoint record key` prints its owner's.") from error
