"""`hardpoint record push|pull`: the record on a git ref, without a server."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.database import Database
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem
from hardpoint.kernel.record.expected import origin_in
from hardpoint.kernel.record.git_ref import Remote
from hardpoint.kernel.record.sharing import RECORD_REF, Shared, pull, push
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.record.verification import refuse_broken
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
        context.expected.refuse_other(origin_in(database))
        keys = context.voices(database).keys
        refuse_broken(database, keys, context.memory, context.witnesses, "it is not pushed")
        shared = push(database, there, keys, context.memory, format_instant(context.clock()))
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
        shared = pull(database, context.store, there, context.voices(database).keys, context.expected)
    said = "the record here is ahead of" if shared.ahead else "nothing to pull from"
    return _shared("pull", shared, f"{_entries(shared.moved)} pulled from" if shared.moved else said, remote)


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
