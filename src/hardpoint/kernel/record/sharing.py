"""A record on a git ref, with what witnesses co-signed of it: pushed from a store, and pulled into one."""

import re
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TypedDict

import sqlalchemy as sa

from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.problem import IntegrityProblem, Problem, ToolProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record import git_ref
from hardpoint.kernel.record.checkpoint import parse_checkpoint
from hardpoint.kernel.record.expected import Expected
from hardpoint.kernel.record.git_ref import Blob, Move, Remote
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Damage
from hardpoint.kernel.record.page import MAX_PAGE_BYTES, page_count
from hardpoint.kernel.record.reading import stored_note
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
from hardpoint.kernel.record.verification import verify_record
from hardpoint.kernel.record.witnessed import Witnesses, add_witnessed, stored_witnessed

RECORD_REF = "refs/hardpoint/record"
ATTEMPTS = 5
MAX_NOTE_BYTES = 4096
MAX_WITNESSED = 1000
"""How many co-signed notes the ref carries, the newest; a witness vouches by its last one."""
MAX_WITNESSED_BYTES = 16 * 1024
_CHECKPOINT, _HEAD, _WITNESSED = "checkpoint", "head.json", "witnessed/"
_WITNESSED_NAME = re.compile(_WITNESSED + r"(0|[1-9][0-9]{0,17})-([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """How a push or a pull ended: how many entries went over, and what both sides have now.

    `witnessed` are the cosignatures that were new here, `refused` the files that do not hold, each with the reason.
    """

    moved: int
    origin: str
    size: int
    root: str
    ahead: bool = False
    witnessed: int = 0
    refused: tuple[str, ...] = ()


class _Seen(TypedDict):
    witnessed: int
    refused: tuple[str, ...]


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
    files = {path: blob for path, blob in git_ref.files_of(remote.root, commit).items() if not _is_witnessed(path)}
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


def kept_origin(root: Path) -> str | None:
    """The origin of the record that this clone pulled or pushed last; None if it did neither."""
    try:
        note = git_ref.read_blob(root, git_ref.files_of(root, RECORD_REF)[_CHECKPOINT], MAX_NOTE_BYTES)
        return parse_checkpoint(note).origin
    except (UnreadableProblem, IntegrityProblem, KeyError, ValueError):
        return None


def pull(
    here: Database | None,
    made: Opened,
    remote: Remote,
    keys: Collection[PublicKey],
    expected: Expected,
    witnesses: Witnesses | None = None,
) -> Shared:
    """Append what the remote's record has beyond the one here, verified first; without a store, restore all of it.

    What witnesses co-signed who are trusted here is taken in as far as it holds.

    Raises UsageProblem if the remote has none, IntegrityProblem if it does not hold or the histories parted.
    """
    found = copy_at(remote, keys)
    if found is None:
        raise UsageProblem(f"{remote.name!r} has no record yet", remedy="`hardpoint record push` puts one there.")
    commit, copy = found
    memory = expected.memory
    if here is None or own_note(here) is None:
        expected.refuse_remote(copy.checkpoint.origin, remote.name)
    if here is None:
        verify_beyond(None, copy, keys, memory.recall(copy.checkpoint.origin))
    elif relate(here, copy, keys, memory) is not Relation.BEHIND:
        there = parse_checkpoint(_note(here))
        seen = _take_witnessed(here, made, remote, commit, keys, witnesses or {})
        return replace(_shared(0, _note(here), ahead=there.size > copy.checkpoint.size), **seen)
    with made() as database:
        moved = take_over(database, copy, keys)
    memory.remember(copy.checkpoint)
    expected.keep(copy.checkpoint.origin)
    git_ref.keep(remote.root, RECORD_REF, commit)
    seen = _take_witnessed(here, made, remote, commit, keys, witnesses or {})
    return replace(_shared(moved, copy.note), **seen)


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
                raise _behind(remote, before)
            if relation is Relation.SAME and not _own_witnessed(database).keys() - _on_ref(remote, found[0]).keys():
                git_ref.keep(remote.root, RECORD_REF, found[0])
                return _shared(0, _note(database))
        note = put(database, remote, found[0] if found else None, at)
        if note is not None:
            return _shared(parse_checkpoint(note).size - before, note)
    raise ToolProblem(
        f"Others moved {RECORD_REF} of {remote.name!r} {ATTEMPTS} times; nothing was pushed",
        remedy="Run it again, and let one job at a time push.",
    )


def refuse_behind(database: Database, remote: Remote, keys: Collection[PublicKey], memory: Memory) -> None:
    """Raises UsageProblem if the record here has fewer entries than this user saw, and the remote has those too.

    Nothing may be wrong with it but that: whatever else is damaged is not repaired by pulling.
    """
    damages = verify_record(database, list(keys), memory, signatures=False).damages
    if any(each.damage is not Damage.ROLLBACK for each in damages):
        return
    found = copy_at(remote, keys)
    if found is not None and relate(database, found[1], keys, memory) is Relation.BEHIND:
        raise _behind(remote, found[1].checkpoint.size)


def _behind(remote: Remote, size: int) -> UsageProblem:
    return UsageProblem(
        f"The record of {remote.name!r} has {size} entries, and this one has fewer: pull first",
        remedy="`hardpoint record pull`, then push again.",
    )


def put(database: Database, remote: Remote, parent: str | None, at: str) -> bytes | None:
    """Put the record here on the ref, on top of that commit; its checkpoint, or None if others moved the ref."""
    note, commit = _commit(database, remote, parent, at)
    if not remote.push([Move(ref=RECORD_REF, old=parent, new=commit)]):
        return None
    git_ref.keep(remote.root, RECORD_REF, commit)
    return note


def _commit(database: Database, remote: Remote, parent: str | None, at: str) -> tuple[bytes, str]:
    """The checkpoint of one consistent view, and the commit of it and its pages."""
    with database.reading() as connection:
        note = stored_note(connection)
        here = parse_checkpoint(note)
        pages = ((_page_name(number), page) for number, page in enumerate(pages_of(connection, here.size)))
        files = chain([(_CHECKPOINT, note), (_HEAD, head_file(here.origin))], pages)
        own = _named_notes(connection)
        theirs = _on_ref(remote, parent) if parent else {}
        left = [name for name in theirs if _key_id(name) and name not in own][: MAX_WITNESSED - len(own)]
        files = chain(files, own.items())
        kept = {name: theirs[name] for name in left}
        title = f"record of {here.size} entries"
        return note, git_ref.write_commit(remote.root, files, parent=parent, title=title, at=at, kept=kept)


def _take_witnessed(
    here: Database | None,
    made: Opened,
    remote: Remote,
    commit: str,
    keys: Collection[PublicKey],
    witnesses: Witnesses,
) -> _Seen:
    """Take in what trusted witnesses co-signed; of others it stays where it is."""
    known = {key.id for key in witnesses.values()}
    had = _own_witnessed(here).keys() if here is not None else set()
    files = _on_ref(remote, commit)
    wanted = [name for name in files if name not in had and _key_id(name) in known][:MAX_WITNESSED]
    odd = [name for name in files if not _key_id(name)][:MAX_WITNESSED]
    new, refused = 0, [f"{name}: it is not named as a co-signed checkpoint" for name in odd]
    if wanted:
        with made() as database:
            for name in wanted:
                try:
                    note = git_ref.read_blob(remote.root, files[name], MAX_WITNESSED_BYTES)
                    new += len(add_witnessed(database, note, keys, witnesses)[1])
                except Problem as problem:
                    refused.append(f"{name}: {problem.sentence}")
    return {"witnessed": new, "refused": tuple(refused)}


def _own_witnessed(database: Database) -> dict[str, bytes]:
    with database.reading() as connection:
        return _named_notes(connection)


def _named_notes(connection: sa.Connection) -> dict[str, bytes]:
    stored = stored_witnessed(connection, MAX_WITNESSED)
    return {f"{_WITNESSED}{size}-{key}": note for (size, key), note in stored.items()}


def _on_ref(remote: Remote, commit: str) -> dict[str, Blob]:
    """The files of what witnesses co-signed, the newest first."""
    files = git_ref.files_of(remote.root, commit)
    return {name: files[name] for name in sorted(filter(_is_witnessed, files), key=_newest_first)}


def _is_witnessed(path: str) -> bool:
    return path.startswith(_WITNESSED)


def _newest_first(name: str) -> tuple[int, str]:
    found = _WITNESSED_NAME.fullmatch(name)
    return (-int(found[1]) if found else 1), name


def _key_id(name: str) -> str:
    """The id of the witness's key; empty for a name that has none."""
    found = _WITNESSED_NAME.fullmatch(name)
    return found[2] if found else ""


def _page_name(number: int) -> str:
    return f"entries/{number:06}.jsonl"


def _page(remote: Remote, file: Blob) -> bytes:
    return git_ref.read_blob(remote.root, file, MAX_PAGE_BYTES)


def _note(database: Database) -> bytes:
    return own_note(database) or b""


def _shared(moved: int, note: bytes, *, ahead: bool = False) -> Shared:
    there = parse_checkpoint(note)
    return Shared(moved=moved, origin=there.origin, size=there.size, root=there.root.hex(), ahead=ahead)
