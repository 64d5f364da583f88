"""`hardpoint record push|pull|hand-in|collect`: the record on a git ref, without a server."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.database import Database
from hardpoint.kernel.problem import Exit, IntegrityProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record.bundle import verify_bundle
from hardpoint.kernel.record.git_ref import Remote
from hardpoint.kernel.record.imported import evidence_bundle
from hardpoint.kernel.record.sharing import RECORD_REF, Shared, collect, copy_at, hand_in, pull, push
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.record.verification import verify_record
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb

_remote = click.argument("remote", default="origin", metavar="[REMOTE]")


@verb("record", "push")
@_remote
def push_record(context: Context, remote: str) -> Result:
    """Put the record on the git ref refs/hardpoint/record of REMOTE, origin by default.

    Only what REMOTE has not is sent, on top of what it has. Exits 2 if it has more than you (pull first), and 5 if the
    two histories parted, or the record here is not whole.
    """
    there = _named(context, remote)
    with context.stored() as database:
        _refuse_broken(database, context)
        shared = push(database, there, context.keys, context.memory, format_instant(context.clock()))
    return _shared(
        "push", shared, f"{_entries(shared.moved)} pushed to" if shared.moved else "nothing to push to", remote
    )


@verb("record", "pull")
@_remote
def pull_record(context: Context, remote: str) -> Result:
    """Bring the record here up to that of REMOTE, or restore it where there is none.

    Every hash and signature is verified before anything is kept; the entries are appended as they are, so the root is
    the same. Exits 5 if the two histories parted: they are never merged.
    """
    there = _named(context, remote)
    with _here(context) as database:
        shared = pull(database, context.store, there, context.keys, context.memory)
    said = "the record here is ahead of" if shared.ahead else "nothing to pull from"
    return _shared("pull", shared, f"{_entries(shared.moved)} pulled from" if shared.moved else said, remote)


@verb("record", "hand-in")
@_remote
@click.option("--commit", metavar="REV", help="Only the evidence of this commit.")
def hand_in_evidence(context: Context, remote: str, *, commit: str | None) -> Result:
    """Push your own evidence, as a signed bundle, into the inbox of REMOTE, for `hardpoint record collect`.

    For jobs that run at once: each bundle has a ref of its own, so there is no race, and no log to fork.
    """
    from hardpoint.kernel.git import resolve

    there = _named(context, remote)
    revision = resolve(there.root, commit) if commit else None
    with context.stored() as database:
        bundle = evidence_bundle(database, commit=revision)
    verify_bundle(bundle, context.keys)
    ref = hand_in(bundle, there, format_instant(context.clock()))
    return Result(
        schema="record-hand-in/v1",
        headline=f"{_entries(len(bundle.entries))} handed in to {remote}",
        about={"remote": remote, "ref": ref, "entries": len(bundle.entries)},
        next_steps=("hardpoint record collect, in the one job that writes the record",),
    )


@verb("record", "collect")
@_remote
def collect_evidence(context: Context, remote: str) -> Result:
    """Take in what jobs handed in to REMOTE: pull the record, import each bundle, push it, clear the inbox.

    For one job at a time. A bundle that does not hold is reported and left, and the exit is 3.
    """
    there = _named(context, remote)
    if copy_at(there, context.keys) is not None:
        with _here(context) as database:
            pull(database, context.store, there, context.keys, context.memory)
    with context.record() as record:
        found = list(collect(record, there, context.keys, context.memory))
        shared = push(record.database, there, context.keys, context.memory, format_instant(context.clock()))
    # Only now that the record is on the remote: until then the inbox is the only copy that others can reach.
    there.push([move for _, move in found if move is not None])
    bundles = [collected for collected, _ in found]
    left = sum(each.error is not None for each in bundles)
    added = sum(each.added for each in bundles)
    return Result(
        schema="record-collect/v1",
        headline=f"{len(bundles) - left} of {len(bundles)} bundles taken in, {_entries(added)} new",
        about={"remote": remote, "origin": shared.origin, "size": shared.size, "root": shared.root},
        items={"bundles": bundles},
        next_steps=[f"look at what was left: git fetch {remote} {each.ref}" for each in bundles if each.error],
        exit=Exit.FAILED if left else Exit.OK,
    )


def _named(context: Context, remote: str) -> Remote:
    root = context.workspace.root
    if root is None or context.workspace.commit is None:
        raise UsageProblem("This is no git repository with a commit", remedy="Run it inside a clone.")
    return Remote(root, remote)


@contextmanager
def _here(context: Context) -> Iterator[Database | None]:
    """The store if there is one that holds a record's tables; nothing is made."""
    opened = context.stored()
    try:
        database = opened.__enter__()
    except UnreadableProblem:
        yield None
        return
    try:
        yield database if TABLES.capability in database.installed() else None
    finally:
        opened.__exit__(None, None, None)


def _refuse_broken(database: Database, context: Context) -> None:
    verification = verify_record(database, context.keys, context.memory, signatures=False)
    if not verification.whole:
        first = verification.damages[0]
        raise IntegrityProblem(
            f"The record is not whole ({first.damage}: {first.text}), so it is not pushed",
            remedy="`hardpoint record verify` names every damage.",
        )


def _shared(what: str, shared: Shared, said: str, remote: str) -> Result:
    return Result(
        schema=f"record-{what}/v1",
        headline=f"{said} {remote}; {_entries(shared.size)} here",
        about={
            "remote": remote,
            "ref": RECORD_REF,
            "moved": shared.moved,
            "origin": shared.origin,
            "size": shared.size,
            "root": shared.root,
        },
    )


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"
