"""The inbox of a record on a git ref: bundles that jobs hand in at once, and one writer takes in."""

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import Clock, format_instant
from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.identity.voices import Voices
from hardpoint.kernel.problem import (
    IntegrityProblem,
    Problem,
    StoreProblem,
    ToolProblem,
    UnreadableProblem,
    UsageProblem,
)
from hardpoint.kernel.record import git_ref
from hardpoint.kernel.record.bundle import read_bundle, verify_bundle
from hardpoint.kernel.record.checkpoint import parse_checkpoint
from hardpoint.kernel.record.expected import Expected
from hardpoint.kernel.record.git_ref import Move, Remote
from hardpoint.kernel.record.imported import Incoming, LeftOut, examine, export_evidence, take_in
from hardpoint.kernel.record.log import Record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.page import MAX_PAGE_BYTES, PAGE_ENTRIES
from hardpoint.kernel.record.reading import newest_checkpoint
from hardpoint.kernel.record.replica import Relation, relate, take_over, verify_beyond
from hardpoint.kernel.record.sharing import ATTEMPTS, RECORD_REF, Opened, Shared, copy_at, kept_origin, pull, push, put
from hardpoint.kernel.record.tables import TABLES, entries
from hardpoint.kernel.record.witnessed import Witnesses

INBOX = "refs/hardpoint/inbox/"
MAX_BUNDLE_BYTES = 32 * 1024 * 1024
"""What one job hands in: a page of the record has to hold it, and the common hosts have to take that as one file."""
MAX_BUNDLES = 1000
"""How many bundles one run takes in; the rest waits for the next."""
_FILE = "bundle.json"
_ROW_BYTES = 2048
"""More than a line of a page has besides its payload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """A bundle in the inbox: its ref, whose evidence it is, and whether it was there already."""

    ref: str
    origin: str
    entries: int
    added: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What became of one bundle of the inbox; with `error` it was left there."""

    ref: str
    origin: str = ""
    added: int = 0
    known: int = 0
    left_out: tuple[LeftOut, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """How a run ended: the bundles, and the record as it is on both sides now; None if there is none yet."""

    bundles: tuple[Collected, ...]
    shared: Shared | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who appends: how a record in a store is opened to sign in, who may be heard in it, and what was seen so far."""

    record_in: Callable[[Database, Memory], Record]
    voices: Callable[[Database | None], Voices]
    expected: Expected
    clock: Clock
    witnesses: Witnesses

    @property
    def memory(self) -> Memory:
        """The checkpoints that were seen so far."""
        return self.expected.memory


def hand_in(database: Database, remote: Remote, keys: Collection[PublicKey]) -> HandedIn:
    """Put the evidence that was recorded here into the remote's inbox; once, however often and by how many it is done.

    `keys` are those that a collector will take evidence of. Raises UsageProblem if nobody would take it in.
    """
    bundle = export_evidence(database)
    data = encoding.encode(bundle)
    if len(data) > MAX_BUNDLE_BYTES:
        raise StoreProblem(
            f"The bundle of {len(data)} bytes is larger than the {MAX_BUNDLE_BYTES} that the inbox takes",
            remedy="Hand in after each report, or import what is large in the job that collects.",
        )
    try:
        checkpoint, claims = verify_bundle(bundle, keys)
    except IntegrityProblem as problem:
        raise UsageProblem(
            f"Nobody would take this in: {problem.sentence}",
            remedy="Record with a key that `trust.keys` names: HARDPOINT_SIGNING_KEY.",
        ) from problem
    if kept_origin(remote.root) == checkpoint.origin:
        raise UsageProblem(
            f"The store is a copy of the record {checkpoint.origin}, and has entries that only it has",
            remedy="Hand in from a store that began empty; whoever holds a copy alone uses `hardpoint record push`.",
        )
    ref = INBOX + sha256(data).hexdigest()
    at = claims[-1].header.at  # not the clock's: the same bundle is the same commit
    title = f"evidence of {checkpoint.origin}"
    commit = git_ref.write_commit(remote.root, [(_FILE, data)], parent=None, title=title, at=at)
    before = remote.refs(ref).get(ref)
    if before != commit and not remote.push([Move(ref=ref, old=None, new=commit)]):
        raise ToolProblem(f"Something else stands at {ref} of {remote.name!r}", remedy="Have it deleted there.")
    return HandedIn(ref=ref, origin=checkpoint.origin, entries=len(bundle.entries), added=before != commit)


def collect(here: Database | None, made: Opened, remote: Remote, writer: Writer) -> Gathered:
    """Take every bundle of the remote's inbox into its record, then bring the record here up to that.

    The work is done on a copy that is thrown away where another writer was first. Bundles leave the inbox once the
    record that holds them is on the remote; one that does not hold stays there with its reason. Raises as push() and
    pull() do, and ToolProblem if others were first each time.
    """
    for _ in range(ATTEMPTS):
        _send_ahead(here, remote, writer)
        with tempfile.TemporaryDirectory(prefix="hardpoint-") as folder:
            gathered = _gather(Path(folder), remote, writer, writer.voices(here).keys)
        if gathered is not None:
            shared = None
            if remote.refs(RECORD_REF):
                shared = pull(here, made, remote, writer.voices(here).keys, writer.expected, writer.witnesses)
            return Gathered(bundles=gathered, shared=shared)
    raise ToolProblem(
        f"Others moved {RECORD_REF} of {remote.name!r} {ATTEMPTS} times; what was handed in is still there",
        remedy="Run it again, and let one job at a time collect.",
    )


def _send_ahead(here: Database | None, remote: Remote, writer: Writer) -> None:
    """What only the record here has goes first."""
    if here is None:
        return
    keys = writer.voices(here).keys
    found = copy_at(remote, keys)
    if found is None or relate(here, found[1], keys, writer.memory) is not Relation.BEHIND:
        push(here, remote, keys, writer.memory, format_instant(writer.clock()))


def _gather(folder: Path, remote: Remote, writer: Writer, keys: Collection[PublicKey]) -> tuple[Collected, ...] | None:
    """Take the inbox into a copy and put that on the remote; None if another writer was first."""
    waiting = dict(sorted(remote.refs(INBOX + "*").items())[:MAX_BUNDLES])
    unread = _fetch(remote, waiting)
    with closing(Database.open(f"sqlite:///{folder / 'copy.db'}")) as copy:
        copy.install(TABLES)
        parent = _restore(copy, remote, keys, writer.memory)
        record = writer.record_in(copy, Memory(folder / "seen"))
        done = [unread.get(ref) or _collected(copy, record, remote, ref, waiting[ref], writer) for ref in waiting]
        news = any(each.added for each in done)
        if news and put(copy, remote, parent, format_instant(writer.clock())) is None:
            return None
    taken = [Move(ref=each.ref, old=waiting[each.ref], new=None) for each in done if not each.error]
    remote.push(taken)
    return tuple(done)


def _fetch(remote: Remote, waiting: dict[str, str]) -> dict[str, Collected]:
    """Bring the bundles here; those that git refuses are named, and those that are gone do not wait any more."""
    try:
        remote.fetch(list(waiting))
    except ToolProblem:
        unread = dict(_fetch_each(remote, waiting))
        there = remote.refs(INBOX + "*")
        for ref in [each for each in waiting if there.get(each) != waiting[each]]:
            del waiting[ref]
        return unread
    return {}


def _fetch_each(remote: Remote, waiting: Mapping[str, str]) -> Iterator[tuple[str, Collected]]:
    for ref in waiting:
        try:
            remote.fetch([ref])
        except ToolProblem as problem:
            yield ref, Collected(ref=ref, error=problem.sentence)


def _restore(copy: Database, remote: Remote, keys: Collection[PublicKey], memory: Memory) -> str | None:
    """The remote's record, verified, in an empty store; returns the commit that it is, None if there is none."""
    found = copy_at(remote, keys)
    if found is None:
        return None
    commit, there = found
    verify_beyond(None, there, keys, memory.recall(there.checkpoint.origin))
    take_over(copy, there, keys)
    return commit


def _collected(copy: Database, record: Record, remote: Remote, ref: str, commit: str, writer: Writer) -> Collected:
    """Take one bundle in; what is wrong with it is its own, and stops no other."""
    try:
        incoming = _incoming(copy, remote, ref, commit, writer)
    except Problem as problem:
        return Collected(ref=ref, error=problem.sentence)
    taken = take_in(record, incoming)
    writer.memory.remember(incoming.checkpoint)
    return Collected(ref=ref, origin=taken.origin, added=taken.added, known=taken.known, left_out=taken.left_out)


def _incoming(copy: Database, remote: Remote, ref: str, commit: str, writer: Writer) -> Incoming:
    files = git_ref.files_of(remote.root, commit)
    if files.keys() != {_FILE}:
        raise UnreadableProblem(f"It does not hold {_FILE}, and nothing else")
    data = git_ref.read_blob(remote.root, files[_FILE], MAX_BUNDLE_BYTES)
    if sha256(data).hexdigest() != ref.removeprefix(INBOX):
        raise IntegrityProblem("Its name is not the digest of what it holds")
    incoming = examine(copy, read_bundle(data), writer.voices(copy), writer.memory, writer.clock())
    _refuse_too_heavy(copy, incoming)
    return incoming


def _refuse_too_heavy(copy: Database, incoming: Incoming) -> None:
    """What would make a page too large to be pushed stops at the door, and not everybody behind it."""
    size = parse_checkpoint(newest_checkpoint(copy)).size
    on_page = entries.c.leaf_index >= size - size % PAGE_ENTRIES
    lengths = sa.func.length(entries.c.header) + sa.func.coalesce(sa.func.length(entries.c.payload), 0)
    with copy.reading() as connection:
        there = connection.execute(sa.select(sa.func.coalesce(sa.func.sum(lengths), 0)).where(on_page)).scalar_one()
    filled = int(there) * 4 // 3 + size % PAGE_ENTRIES * _ROW_BYTES
    for number, draft in enumerate(incoming.drafts, size):
        filled = (filled if number % PAGE_ENTRIES else 0) + len(draft.payload) * 4 // 3 + _ROW_BYTES
        if filled > MAX_PAGE_BYTES:
            raise StoreProblem("It is too large for the page of the record that it would stand on")
