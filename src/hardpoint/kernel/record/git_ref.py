"""Refs of a repository that carry files: fetched and pushed by name, made of plumbing, no working tree touched."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hardpoint.kernel.command import Completed, run
from hardpoint.kernel.problem import IntegrityProblem, ToolProblem, UnreadableProblem, UsageProblem

TIMEOUT_S = 600.0
BATCH = 200
"""How many names one command line carries."""
MAX_FILES = 1_000_000
# No hook, no fsmonitor, no clean-up of the repository, and nothing pushed but what is named.
_INERT = tuple(
    part
    for setting in (
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "gc.auto=0",
        "maintenance.auto=false",
        "fetch.recurseSubmodules=false",
        "fetch.fsckObjects=true",
        "push.recurseSubmodules=no",
        "push.followTags=false",
        "push.gpgSign=false",
        "protocol.ext.allow=never",
    )
    for part in ("-c", setting)
)
_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
_ALONE = {**_QUIET, "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
_IDENTITY = {
    f"GIT_{who}_{key}": value
    for who in ("AUTHOR", "COMMITTER")
    for key, value in {"NAME": "Hardpoint", "EMAIL": "record@hardpoint.invalid"}.items()
}
_CREDENTIALS = re.compile(r"(?<=://)[^@/\s]+@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A file of a commit: its object id and its size in bytes."""

    id: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A ref that is to go from one commit to another; None for a ref that is not there, before or after."""

    ref: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Remote:
    """Another repository, by the name or the URL that git knows it by from the checkout at `root`."""

    root: Path
    name: str

    def __post_init__(self) -> None:
        if not self.name or self.name.startswith("-"):
            raise UsageProblem(f"{self.name!r} is not the name of a remote", remedy="`git remote` lists them.")

    def refs(self, pattern: str) -> dict[str, str]:
        """The commits of the refs that match, by name.

        Raises ToolProblem if the remote cannot be reached.
        """
        said = self._talk("ls-remote", "--refs", "--", self.name, pattern).stdout.decode("utf-8", "replace")
        return {ref: commit for commit, _, ref in (line.partition("\t") for line in said.splitlines())}

    def fetch(self, refs: Sequence[str]) -> None:
        """Bring the objects of those refs here; no ref of this repository is changed.

        Raises ToolProblem if the remote cannot be reached, or has not one of them.
        """
        options = (
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--refmap=",
            "--no-filter",
        )
        for start in range(0, len(refs), BATCH):
            self._talk("fetch", *options, "--", self.name, *refs[start : start + BATCH])

    def push(self, moves: Sequence[Move]) -> bool:
        """Move refs, each only from where it was expected; False if one was not there any more.

        Raises ToolProblem if the remote cannot be reached or refuses.
        """
        for start in range(0, len(moves), BATCH):
            batch = moves[start : start + BATCH]
            leases = [f"--force-with-lease={move.ref}:{move.old or ''}" for move in batch]
            specs = [f"{move.new or ''}:{move.ref}" for move in batch]
            arguments = ("push", "--porcelain", "--no-verify", "--no-signed", *leases, "--", self.name, *specs)
            completed = self._run(*arguments)
            if completed.exit != 0:
                there = self.refs("refs/hardpoint/*")
                if any(there.get(move.ref) not in {move.old, move.new} for move in batch):
                    return False
                if any(there.get(move.ref) != move.new for move in batch):
                    raise self._unreachable(completed, "push to")
        return True

    def _talk(self, *arguments: str) -> Completed:
        completed = self._run(*arguments)
        if completed.exit != 0:
            raise self._unreachable(completed, "read from")
        return completed

    def _run(self, *arguments: str) -> Completed:
        env = {**_QUIET, **_without_prompts(self.root)}
        return run(["git", *_INERT, *arguments], cwd=self.root, env=env, timeout_s=TIMEOUT_S)

    def _unreachable(self, completed: Completed, what: str) -> ToolProblem:
        said = (completed.stdout + completed.stderr).decode("utf-8", "replace").splitlines()
        reasons = [line for line in said if line.startswith(("fatal:", "error:", "!", "remote:"))] or said
        reason = " ".join(_CREDENTIALS.sub("", reasons[0] if reasons else "no reason given").split())
        return ToolProblem(
            f"git could not {what} {_CREDENTIALS.sub('', self.name)!r}: {reason}",
            remedy="Does `git ls-remote` reach it, and may you write to refs/hardpoint/ there?",
        )


def files_of(root: Path, commit: str) -> dict[str, Blob]:
    """The files of a commit by their path.

    Raises UnreadableProblem if it is no commit of plain files.
    """
    listed = _local(root, "ls-tree", "-r", "-z", "-l", "--full-tree", commit).decode("utf-8", "surrogateescape")
    found: dict[str, Blob] = {}
    for line in filter(None, listed.split("\0")):
        about, _, path = line.partition("\t")
        mode, kind, blob, size = about.split()
        if (mode, kind) != ("100644", "blob") or not size.isdecimal() or len(found) >= MAX_FILES:
            raise UnreadableProblem(f"The commit {commit} holds more than plain files, so it is no record")
        found[path] = Blob(id=blob, size=int(size))
    return found


def read_blob(root: Path, blob: Blob, max_bytes: int) -> bytes:
    """The content of a file.

    Raises IntegrityProblem if it is larger than `max_bytes`.
    """
    if blob.size > max_bytes:
        raise IntegrityProblem(f"A file of the copy has {blob.size} bytes, and may have {max_bytes}")
    return _local(root, "cat-file", "blob", blob.id)


def write_commit(
    root: Path,
    files: Iterable[tuple[str, bytes]],
    *,
    parent: str | None,
    title: str,
    at: str,
    kept: Mapping[str, Blob] | None = None,
) -> str:
    """Make a commit of the files, and of those `kept` of it, on top of a parent; only what that has not is written.

    `at` is its date, RFC 3339 in UTC, so that the same files on the same parent are the same commit.
    """
    known = {blob.id for blob in files_of(root, parent).values()} if parent else set()
    algorithm = _local(root, "rev-parse", "--show-object-format").decode().strip()
    with tempfile.TemporaryDirectory(prefix="hardpoint-") as scratch:
        entries = [f"100644,{blob.id},{path}" for path, blob in (kept or {}).items()]
        for path, content in files:
            blob = hashlib.new(algorithm, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
            if blob not in known:
                file = Path(scratch, "blob")
                file.write_bytes(content)
                blob = _local(root, "hash-object", "-w", "--no-filters", "--", str(file)).decode().strip()
            entries.append(f"100644,{blob},{path}")
        index = {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
        for start in range(0, len(entries), BATCH):
            named = [part for entry in entries[start : start + BATCH] for part in ("--cacheinfo", entry)]
            _local(root, "update-index", "--add", *named, env=index)
        tree = _local(root, "write-tree", env=index).decode().strip()
    dates = {f"GIT_{who}_DATE": at[:19] + "Z" for who in ("AUTHOR", "COMMITTER")}
    parents = ("-p", parent) if parent else ()
    made = _local(root, "commit-tree", tree, *parents, "-m", title, env={**_IDENTITY, **dates})
    return made.decode().strip()


def keep(root: Path, ref: str, commit: str) -> None:
    """Point a ref of this repository at a commit, so that its objects stay and are not fetched again."""
    _local(root, "update-ref", "--no-deref", ref, commit)


def _local(root: Path, *arguments: str, env: Mapping[str, str] | None = None) -> bytes:
    completed = run(["git", *_INERT, *arguments], cwd=root, env={**_ALONE, **(env or {})}, timeout_s=TIMEOUT_S)
    if completed.exit != 0:
        complaint = completed.stderr.decode("utf-8", "replace").strip()
        raise UnreadableProblem(f"git {arguments[0]} failed in {root}: {complaint}")
    return completed.stdout


def _without_prompts(root: Path) -> Mapping[str, str]:
    """Ask nothing where ssh is git's own choice; a command that somebody set is theirs."""
    if "GIT_SSH_COMMAND" in os.environ or "GIT_SSH" in os.environ:
        return {}
    configured = run(["git", *_INERT, "config", "--get", "core.sshCommand"], cwd=root, env=_ALONE).exit == 0
    return {} if configured else {"GIT_SSH_COMMAND": "ssh -o BatchMode=yes"}
