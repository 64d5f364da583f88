"""`hardpoint record push|pull|hand-in|collect`: the record on a git ref, without a server."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.identity.voices import Voices
from hardpoint.kernel.problem import Exit, IntegrityProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record.expected import origin_in
from hardpoint.kernel.record.git_ref import Remote
from hardpoint.kernel.record.inbox import Gathered, Writer, collect, hand_in
from hardpoint.kernel.record.sharing import RECORD_REF, Shared, pull, push, refuse_behind
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.record.verification import refuse_broken
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb

_remote = click.argument("remote", default="origin", metavar="[REMOTE]")


@verb("record", "push")
@_remote
def push_record(context: Context, remote: str) -> Result:
    """Put the record on a git ref of REMOTE.

    The ref is refs/hardpoint/record, and the remote origin by default. Only what REMOTE has not is sent, on top of what
    it has. Exits 2 if it has more than you (pull first), and 5 if the two histories parted, or the record here is not
    whole.
    """
    there = _named(context, remote)
    with context.stored() as database:
        context.expected.refuse_other(origin_in(database))
        keys = context.voices(database).keys
        try:
            refuse_broken(database, keys, context.memory, context.witnesses, "it is not pushed")
        except IntegrityProblem:
            refuse_behind(database, there, keys, context.memory)  # what is missing here is there
            raise
        shared = push(database, there, keys, context.memory, format_instant(context.clock()))
    return _shared(
        "push", shared, f"{_entries(shared.moved)} pushed to" if shared.moved else "nothing to push to", remote
    )


@verb("record", "pull")
@_remote
def pull_record(context: Context, remote: str) -> Result:
    """Bring the record up to that of REMOTE.

    Where there is none it is restored. Every hash and signature is verified before anything is kept; the entries are
    appended as they are, so the root is the same. Exits 5 if the two histories parted: they are never merged.
    """
    there = _named(context, remote)
    with _here(context) as database:
        keys = context.voices(database).keys
        shared = pull(database, context.store, there, keys, context.expected, context.witnesses)
    said = "the record here is ahead of" if shared.ahead else "nothing to pull from"
    return _shared("pull", shared, f"{_entries(shared.moved)} pulled from" if shared.moved else said, remote)


@verb("record", "hand-in")
@_remote
def hand_in_evidence(context: Context, remote: str) -> Result:
    """Put the evidence here into the inbox of REMOTE.

    `hardpoint record collect` takes it in from there. For jobs that run at once, each with a store of its own. Any
    number may do it at the same time, and again.
    """
    there = _named(context, remote)
    with context.stored() as database:
        handed = hand_in(database, there, _named_keys(context, context.voices(None)))
    what = f"{_entries(handed.entries)} of {handed.origin}"
    return Result(
        schema="record-hand-in/v1",
        headline=f"{what} handed in to {remote}" if handed.added else f"{what} had been handed in to {remote} before",
        about={"remote": remote, "ref": handed.ref, "origin": handed.origin, "added": handed.added},
    )


@verb("record", "collect")
@_remote
def collect_evidence(context: Context, remote: str) -> Result:
    """Take in what jobs handed in to REMOTE.

    It pulls, imports, pushes, and only then empties the inbox. A bundle counts only if every signature and proof holds.
    One that does not is named, stays there, and stops no other: exits 3 then.
    """
    there = _named(context, remote)
    voices = context.voices(None)
    if context.signer.public not in _named_keys(context, voices, own=context.signer.public):
        raise UsageProblem(
            "The record is signed by keys under `trust.keys`, and yours is not one of them now; nothing was taken in",
            remedy="Have yours added (`hardpoint record key` prints it), or set HARDPOINT_SIGNING_KEY.",
        )
    writer = Writer(
        record_in=context.record_in,
        voices=context.voices,
        expected=context.expected,
        clock=context.clock,
        witnesses=context.witnesses,
    )
    with _here(context) as database:
        if database is not None:
            keys = context.voices(database).keys
            refuse_broken(database, keys, context.memory, context.witnesses, "nothing is taken in")
        gathered = collect(database, context.store, there, writer)
    return _gathered(gathered, remote)


def _named_keys(context: Context, voices: Voices, own: PublicKey | None = None) -> list[PublicKey]:
    """The declared keys that count now; where none is declared, one's own."""
    at = context.clock()
    if not voices.trust.keys:
        return [*voices.keys, *([own] if own else [])]
    return [trusted.key for trusted in voices.trust.keys if voices.vouches(trusted.key, at)]


def _gathered(gathered: Gathered, remote: str) -> Result:
    refused = sum(bool(each.error) for each in gathered.bundles)
    added = sum(each.added for each in gathered.bundles)
    size = gathered.shared.size if gathered.shared else 0
    parts = [f"{_entries(added)} of {len(gathered.bundles) - refused} bundles taken in from {remote}"]
    parts += [f"{refused} refused and left there"] if refused else []
    return Result(
        schema="record-collect/v1",
        headline="; ".join([", ".join(parts), f"{_entries(size)} here", *_refused(gathered.shared)]),
        about={"remote": remote, "added": added, "refused": refused, "size": size},
        items={"bundles": gathered.bundles},
        exit=Exit.FAILED if refused or _refused(gathered.shared) else Exit.OK,
    )


def _named(context: Context, remote: str) -> Remote:
    root = context.workspace.root
    if root is None or context.workspace.commit is None:
        raise UsageProblem("This is no git repository with a commit", remedy="Run it inside a clone.")
    return Remote(root, remote)


@contextmanager
def _here(context: Context) -> Iterator[Database | None]:
    """The store if there is one that holds a record's tables; nothing is made."""
    opened = context.store_at(context.store_url)
    try:
        database = opened.__enter__()
    except UnreadableProblem:
        yield None
        return
    try:
        yield database if TABLES.capability in database.installed() else None
    finally:
        opened.__exit__(None, None, None)


def _shared(what: str, shared: Shared, said: str, remote: str) -> Result:
    cosigned = f", {shared.witnessed} new from witnesses" if shared.witnessed else ""
    return Result(
        schema=f"record-{what}/v1",
        headline="; ".join([f"{said} {remote}{cosigned}", f"{_entries(shared.size)} here", *_refused(shared)]),
        about={
            "remote": remote,
            "ref": RECORD_REF,
            "moved": shared.moved,
            "origin": shared.origin,
            "size": shared.size,
            "root": shared.root,
            "witnessed": shared.witnessed,
            "refused": shared.refused,
        },
        exit=Exit.FAILED if shared.refused else Exit.OK,
    )


def _refused(shared: Shared | None) -> list[str]:
    """What does not hold of what witnesses co-signed; it was left where it is."""
    return [f"refused {each}" for each in (shared.refused if shared else ())]


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"
