"""A record on a git ref: pushed from a store, pulled into one, and fed by bundles that jobs hand in."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.problem import IntegrityProblem, ToolProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record import git_ref
from hardpoint.kernel.record.bundle import Bundle, read_bundle
from hardpoint.kernel.record.checkpoint import parse_checkpoint
from hardpoint.kernel.record.git_ref import Blob, Move, Remote
from hardpoint.kernel.record.imported import open_bundle, take_in
from hardpoint.kernel.record.log import Record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.page import MAX_PAGE_BYTES, page_count
from hardpoint.kernel.record.replica import (
    Copy,
    Relation,
    head_file,
    own_note,
    pages_of,
    relate,
    take_over,
    trusted_checkpoint,
    verify_beyond,
)
from hardpoint.kernel.record.tables import head

RECORD_REF = "refs/hardpoint/record"
INBOX = "refs/hardpoint/inbox/"
ATTEMPTS = 5
MAX_NOTE_BYTES = 4096
MAX_BUNDLE_BYTES = MAX_PAGE_BYTES
MAX_INBOX = 10_000
_CHECKPOINT, _HEAD, _BUNDLE = "checkpoint", "head.json", "bundle.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """How a push or a pull ended: how many entries went over, and what both sides have now."""

    moved: int
    origin: str
    size: int
    root: str
    ahead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """One bundle of the inbox: how many of its entries are new here, or why it was left where it is."""

    ref: str
    entries: int = 0
    added: int = 0
    error: str | None = None


Opened = Callable[[], AbstractContextManager[Database]]
"""Opens a store; one that is not there yet is made."""


def copy_at(remote: Remote, keys: Collection[PublicKey]) -> tuple[str, Copy] | None:
    """The record that is on the remote's ref, with the commit that it is; None if there is none.

    Raises IntegrityProblem if a file of it is not one that a record has, or nobody trusted signed its checkpoint.
    """
    commit = remote.refs(RECORD_REF).get(RECORD_REF)
    if commit is None:
        return None
    remote.fetch([RECORD_REF])
    files = git_ref.files_of(remote.root, commit)
    if not {_CHECKPOINT, _HEAD} <= files.keys():
        raise UnreadableProblem(f"{RECORD_REF} of {remote.name!r} is not a record: it has no {_CHECKPOINT} and {_HEAD}")
    note = git_ref.read_blob(remote.root, files[_CHECKPOINT], MAX_NOTE_BYTES)
    there = trusted_checkpoint(note, keys)
    if git_ref.read_blob(remote.root, files[_HEAD], MAX_NOTE_BYTES) != head_file(there.origin):
        raise IntegrityProblem(f"{_HEAD} of the copy is not what this Hardpoint writes for {there.origin}")
    pages = [_page_name(number) for number in range(min(page_count(there.size), len(files)))]
    if files.keys() != {_CHECKPOINT, _HEAD, *pages} or len(pages) != page_count(there.size):
        raise IntegrityProblem(f"The copy does not have the pages of {there.size} entries, and nothing else")
    return commit, Copy(note=note, page=lambda number: _page(remote, files[_page_name(number)]))


def pull(here: Database | None, made: Opened, remote: Remote, keys: Collection[PublicKey], memory: Memory) -> Shared:
    """Append what the remote's record has beyond the one here, verified first; without a store, restore all of it.

    Raises UsageProblem if the remote has none, IntegrityProblem if it does not hold or the histories parted.
    """
    found = copy_at(remote, keys)
    if found is None:
        raise UsageProblem(f"{remote.name!r} has no record yet", remedy="`hardpoint record push` puts one there.")
    commit, copy = found
    if here is None:
        verify_beyond(None, copy, keys, memory.recall(copy.checkpoint.origin))
    elif relate(here, copy, keys, memory) is not Relation.BEHIND:
        there = parse_checkpoint(_note(here))
        return _shared(0, _note(here), ahead=there.size > copy.checkpoint.size)
    with made() as database:
        moved = take_over(database, copy, keys)
    memory.remember(copy.checkpoint)
    git_ref.keep(remote.root, RECORD_REF, commit)
    return _shared(moved, copy.note)


def push(database: Database, remote: Remote, keys: Collection[PublicKey], memory: Memory, at: str) -> Shared:
    """Put what the record here has beyond the remote's on top of it; a race that is lost is run again.

    `at` is the date of the commit, RFC 3339 in UTC. Raises UsageProblem if the remote is ahead, IntegrityProblem
    if the histories parted.
    """
    for _ in range(ATTEMPTS):
        found = copy_at(remote, keys)
        before = 0
        if found is not None:
            relation = relate(database, found[1], keys, memory)
            before = found[1].checkpoint.size
            if relation is Relation.BEHIND:
                raise UsageProblem(
                    f"The record of {remote.name!r} has {before} entries, and this one has fewer",
                    remedy="`hardpoint record pull`, then push again.",
                )
            if relation is Relation.SAME:
                git_ref.keep(remote.root, RECORD_REF, found[0])
                return _shared(0, _note(database))
        parent = found[0] if found else None
        note, commit = _commit(database, remote, parent, at)
        if remote.push([Move(ref=RECORD_REF, old=parent, new=commit)]):
            git_ref.keep(remote.root, RECORD_REF, commit)
            return _shared(parse_checkpoint(note).size - before, note)
    raise ToolProblem(
        f"Others moved {RECORD_REF} of {remote.name!r} {ATTEMPTS} times; nothing was pushed",
        remedy="Run it again, and let one job at a time push.",
    )


def hand_in(bundle: Bundle, remote: Remote, at: str) -> str:
    """Put a bundle into the remote's inbox, under a name that is its own; returns the ref.

    Raises UsageProblem if it is of the very record that is on the remote, or larger than MAX_BUNDLE_BYTES.
    """
    data = encoding.encode(bundle)
    if len(data) > MAX_BUNDLE_BYTES:
        raise UsageProblem(
            f"The bundle has {len(data)} bytes, and may have {MAX_BUNDLE_BYTES}", remedy="Hand it in by commit."
        )
    origin = parse_checkpoint(bundle.checkpoint.encode()).origin
    if origin == _origin_at(remote):
        raise UsageProblem(
            f"The store is a copy of the record of {remote.name!r} itself, so there is nothing to hand in",
            remedy="`hardpoint record push` shares what it has; a job hands in from a store of its own.",
        )
    ref = INBOX + sha256(data).hexdigest()
    commit = git_ref.write_commit(remote.root, [(_BUNDLE, data)], parent=None, title="evidence handed in", at=at)
    remote.push([Move(ref=ref, old=None, new=commit)])  # only the very same bundle can have been there before
    return ref


def collect(
    record: Record, remote: Remote, keys: Collection[PublicKey], memory: Memory
) -> Iterator[tuple[Collected, Move | None]]:
    """Take in each bundle of the inbox, each with the move that clears it away once the record was pushed.

    One that cannot be taken in has no such move: it is left for somebody to look at.
    """
    refs = remote.refs(INBOX + "*")
    chosen = dict(sorted(refs.items())[:MAX_INBOX])
    remote.fetch(list(chosen))
    for ref, commit in chosen.items():
        try:
            originals = open_bundle(read_bundle(_handed_in(remote, ref, commit)), keys, memory)
            receipts = take_in(record, originals, memory)
        except (IntegrityProblem, UnreadableProblem, UsageProblem) as problem:
            yield Collected(ref=ref, error=problem.sentence), None
        else:
            added = sum(receipt.added for receipt in receipts)
            yield Collected(ref=ref, entries=len(receipts), added=added), Move(ref=ref, old=commit, new=None)


def _handed_in(remote: Remote, ref: str, commit: str) -> bytes:
    files = git_ref.files_of(remote.root, commit)
    if files.keys() != {_BUNDLE}:
        raise UnreadableProblem(f"is not a commit of one {_BUNDLE}")
    data = git_ref.read_blob(remote.root, files[_BUNDLE], MAX_BUNDLE_BYTES)
    if ref != INBOX + sha256(data).hexdigest():
        raise IntegrityProblem("is not the bundle that its name is the digest of")
    return data


def _commit(database: Database, remote: Remote, parent: str | None, at: str) -> tuple[bytes, str]:
    """The checkpoint of one consistent view, and the commit of it and its pages."""
    with database.reading() as connection:
        note: bytes = connection.execute(sa.select(head.c.checkpoint)).scalar_one()
        here = parse_checkpoint(note)
        pages = ((_page_name(number), page) for number, page in enumerate(pages_of(connection, here.size)))
        files = chain([(_CHECKPOINT, note), (_HEAD, head_file(here.origin))], pages)
        title = f"record of {here.size} entries"
        return note, git_ref.write_commit(remote.root, files, parent=parent, title=title, at=at)


def _page_name(number: int) -> str:
    return f"entries/{number:06}.jsonl"


def _page(remote: Remote, file: Blob) -> bytes:
    return git_ref.read_blob(remote.root, file, MAX_PAGE_BYTES)


def _origin_at(remote: Remote) -> str | None:
    """What the remote's record calls itself, trusted or not; a job hands in whatever state that record is in."""
    commit = remote.refs(RECORD_REF).get(RECORD_REF)
    if commit is None:
        return None
    remote.fetch([RECORD_REF])
    try:
        note = git_ref.files_of(remote.root, commit)[_CHECKPOINT]
        return parse_checkpoint(git_ref.read_blob(remote.root, note, MAX_NOTE_BYTES)).origin
    except (KeyError, ValueError, UnreadableProblem, IntegrityProblem):
        return None


def _note(database: Database) -> bytes:
    return own_note(database) or b""


def _shared(moved: int, note: bytes, *, ahead: bool = False) -> Shared:
    there = parse_checkpoint(note)
    return Shared(moved=moved, origin=there.origin, size=there.size, root=there.root.hex(), ahead=ahead)
