"""What git knows of a checkout; read-only, and nothing that the checkout configures is executed."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape as glob_escape
from pathlib import Path

from hardpoint.kernel.command import TIMEOUT_S, run
from hardpoint.kernel.problem import ToolProblem, UnreadableProblem, UsageProblem

MAX_COMMITS = 40_000
"""How far back a search of the history goes."""
MOVES_TIMEOUT_S = 20.0
MAX_CONTENTS_BYTES = 512 * 1024 * 1024
MAX_BLOBS_BYTES = 256 * 1024 * 1024
_PATHS_A_CALL = 500

# A repository's own configuration can name programs; these would run on what is read here.
_INERT = (
    *("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"),
    *("-c", "diff.external=", "-c", "log.showSignature=false"),
)
# Nothing is fetched either: the remote of a partial clone can name a program, which an absent object would run.
_ALONE = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}
_NO_FILTER = {"clean": "", "process": "", "required": "false"}
_DELETED = b"R"
_LEGIBLE = "backslashreplace"  # as the workspace knows a name that is not UTF-8
_SUBMODULE = b"160000"
_LINK = b"120000 "


def top_level(folder: Path) -> Path | None:
    """The root of the checkout that `folder` is in; None outside of one."""
    try:
        completed = run(["git", *_INERT, "rev-parse", "--show-toplevel"], cwd=folder, env=_ALONE)
    except ToolProblem:
        return None
    if completed.exit == 0:
        return Path(completed.stdout.decode().rstrip("\n"))
    complaint = completed.stderr.decode("utf-8", "replace").strip()
    if "not a git repository" in complaint or "must be run in a work tree" in complaint:
        return None
    raise UnreadableProblem(
        f"git cannot read {folder}: {complaint.splitlines()[0] if complaint else 'no reason given'}",
        remedy=_ownership_remedy(complaint),
    )


def head(root: Path) -> str | None:
    """The full id of the commit checked out; None before the first commit."""
    completed = run(["git", *_INERT, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"], cwd=root, env=_ALONE)
    return completed.stdout.decode().strip() or None


def is_bare(folder: Path) -> bool:
    """Whether the folder is in a repository without a working tree."""
    try:
        completed = run(["git", *_INERT, "rev-parse", "--is-inside-work-tree"], cwd=folder, env=_ALONE)
    except ToolProblem:
        return False
    return completed.exit == 0 and completed.stdout.strip() == b"false"


def is_shallow(root: Path) -> bool:
    """Whether the clone holds only the end of the history."""
    completed = run(["git", *_INERT, "rev-parse", "--is-shallow-repository"], cwd=root, env=_ALONE)
    return completed.stdout.strip() == b"true"


def branch(root: Path) -> str:
    """The name of the branch checked out; empty where it is none."""
    completed = run(["git", *_INERT, "symbolic-ref", "--quiet", "--short", "HEAD"], cwd=root, env=_ALONE)
    return completed.stdout.decode("utf-8", _LEGIBLE).strip()


def resolve(root: Path, revision: str) -> str:
    """The full commit id that `revision` names.

    Raises UsageProblem if it names none.
    """
    argv = ["git", *_INERT, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    completed = run(argv, cwd=root, env=_ALONE)
    if completed.exit != 0:
        remedy = "Give a commit id, branch or tag."
        if revision == "origin/HEAD":
            remedy = "Say once which branch that is: git remote set-head origin --auto"
        elif is_shallow(root):
            remedy = "This clone is shallow: `git fetch --unshallow`; in CI, `fetch-depth: 0` or `GIT_DEPTH: 0`."
        raise UsageProblem(f"{revision!r} names no commit in {root.name}", remedy=remedy)
    return completed.stdout.decode().strip()


def is_dirty(root: Path) -> bool:
    """Whether the working tree differs from its commit, or may: a file that git was told to assume unchanged counts.

    Untracked files that are not ignored count too, and so do those of submodules.
    """
    # git itself would look into submodules with the filters that those configure.
    status = ("status", "--porcelain", "-z", "--untracked-files=normal", "--ignore-submodules=dirty")
    if _read(root, *status, env=_without_filters(root)):
        return True
    entries = [entry for entry in _read(root, "ls-files", "-z", "-v", "-s").split(b"\0") if entry]
    if any(entry[:1].islower() for entry in entries):
        return True
    names = (entry.partition(b"\t")[2] for entry in entries if entry[2:].startswith(_SUBMODULE))
    submodules = (root / os.fsdecode(name) for name in names)
    return any(is_dirty(each) for each in submodules if (each / ".git").exists() and not each.is_symlink())


def files(root: Path) -> list[str]:
    """Every file of the working tree that is tracked or not ignored, relative to the root, with `/`."""
    listing = _read(root, "ls-files", "-z", "-t", "--cached", "--others", "--deleted", "--exclude-standard")
    present: dict[str, None] = {}
    deleted: set[str] = set()
    for entry in filter(None, listing.split(b"\0")):
        tag, name = entry[:1], entry[2:].decode("utf-8", "surrogateescape")
        if tag == _DELETED:
            deleted.add(name)
        else:
            present[name] = None
    return [name for name in present if name not in deleted]


def files_at(root: Path, commit: str) -> list[str]:
    """Every file of a commit, relative to the root, with `/`; what submodules hold is not among them.

    Raises UnreadableProblem if the commit is not here.
    """
    listing = _read(root, "ls-tree", "-r", "-z", "--full-tree", "--name-only", commit)
    return [name.decode("utf-8", "surrogateescape") for name in listing.split(b"\0") if name]


def links_at(root: Path, commit: str) -> frozenset[str]:
    """The files of a commit that are symbolic links."""
    entries = _read(root, "ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")
    links = (entry.partition(b"\t")[2] for entry in entries if entry.startswith(_LINK))
    return frozenset(name.decode("utf-8", "surrogateescape") for name in links)


def read_at(root: Path, commit: str, path: str) -> bytes:
    """The content of a file of a commit; a link's is where it leads to.

    Raises UnreadableProblem if the commit has no such file, or it is not here.
    """
    return _read(root, "cat-file", "blob", f"{commit}:{path}")


def merge_base(root: Path, commit: str) -> str | None:
    """The commit that `commit` and HEAD both descend from; None if there is none, or the clone does not reach it."""
    completed = run(["git", *_INERT, "merge-base", commit, "HEAD"], cwd=root, env=_ALONE)
    return completed.stdout.decode().strip() or None


def changes(root: Path, base: str) -> list[tuple[str, str, str]]:
    """What differs from a commit to the working tree: the status (`A`, `M`, `D`, `R087`, …), the old path, the new.

    Untracked files are not among them.
    """
    diff = ("diff", "--name-status", "-z", "-M", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", base)
    words = iter(_read(root, *diff, "--", env=_without_filters(root)).decode("utf-8", _LEGIBLE).split("\0"))
    return [_changed(status, words) for status in words if status]


def _changed(status: str, words: Iterator[str]) -> tuple[str, str, str]:
    old = next(words, "")
    return status, old, next(words, "") if status[0] in "RC" else old


def untracked(root: Path) -> list[str]:
    """The files of the working tree that are neither tracked nor ignored."""
    listing = _read(root, "ls-files", "-z", "--others", "--exclude-standard")
    return [name for name in listing.decode("utf-8", _LEGIBLE).split("\0") if name]


def commits(root: Path, base: str) -> list[tuple[str, frozenset[str]]]:
    """The message and the files of every commit since `base`, the newest first; merges touch nothing of their own."""
    log = ("log", "-z", f"--max-count={MAX_COMMITS}", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv")
    listing = _read(root, *log, "--format=%x01%B%x02", f"{base}..HEAD", "--").decode("utf-8", _LEGIBLE)
    parts = (part.partition("\x02") for part in listing.split("\x01")[1:])
    return [
        (message, frozenset(name for name in names.lstrip("\0\n").split("\0") if name)) for message, _, names in parts
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """The commits that one descends from, itself included, each with how far on it is: further than its ancestors.

    Unless it is `whole`, there may be others before them: a shallow clone does not have them.
    """

    positions: Mapping[str, int]
    whole: bool = True

    def position(self, commit: str) -> int | None:
        """How far on a commit is; -1 where it may be on the line, before all that is known; None if it is not."""
        return self.positions.get(commit, None if self.whole else -1)


def line(root: Path, commit: str) -> Line:
    """The line that leads to a commit, of which at most MAX_COMMITS of the newest are read."""
    most = f"--max-count={MAX_COMMITS}"
    found = _read(root, "rev-list", "--topo-order", "--reverse", most, commit, "--").decode().split()
    shallow = _read(root, "rev-parse", "--is-shallow-repository").strip() != b"false"
    return Line({each: at for at, each in enumerate(found)}, whole=not shallow and len(found) < MAX_COMMITS)


def moves(root: Path, endings: Sequence[str] = ()) -> list[tuple[str, str | None]]:
    """What became of the paths that are gone, the newest change first: the old path and the new one, or None.

    `endings` (`.md`) leave out every file that ends otherwise. The search is bounded by commits and time; where it
    outlives its time, or the history is shallow, what it does not reach is not told.
    """
    wanted = [f":(glob)**/*{glob_escape(each)}" for each in endings]
    log = ("log", "--format=", "--name-status", "-z", "-M", "-l2000", "--diff-filter=RD", "--no-ext-diff")
    for most in (MAX_COMMITS, MAX_COMMITS // 20):
        argv = ["git", *_INERT, *log, f"--max-count={most}", "HEAD", "--", *wanted]
        try:
            completed = run(argv, cwd=root, env=_ALONE, timeout_s=MOVES_TIMEOUT_S)
        except ToolProblem:
            continue
        return list(_moves(completed.stdout)) if completed.exit == 0 else []
    return []


def _moves(log: bytes) -> Iterator[tuple[str, str | None]]:
    words = iter(log.decode("utf-8", "surrogateescape").split("\0"))
    for status in words:
        if status.lstrip("\n").startswith("R"):
            yield next(words, ""), next(words, "")
        elif status.lstrip("\n").startswith("D"):
            yield next(words, ""), None


def ignored(root: Path, paths: Sequence[str]) -> set[str]:
    """Those of some paths that git would ignore, whether or not they exist."""
    given = "\0".join(paths).encode("utf-8", "surrogateescape")
    argv = ["git", *_INERT, "check-ignore", "--stdin", "-z"]
    completed = run(argv, cwd=root, env=_ALONE, stdin=given)
    return set(filter(None, completed.stdout.decode("utf-8", "surrogateescape").split("\0")))


def contents_at(root: Path, commit: str, paths: Sequence[str]) -> dict[str, bytes]:
    """What stands in some files of a commit; a path that is none of its files is left out."""
    found: dict[str, bytes] = {}
    for first in range(0, len(paths), _PATHS_A_CALL):
        asked = [path for path in paths[first : first + _PATHS_A_CALL] if "\n" not in path]
        given = "".join(f"{commit}:{path}\n" for path in asked).encode("utf-8", "surrogateescape")
        argv = ["git", *_INERT, "cat-file", "--batch"]
        answer = run(argv, cwd=root, env=_ALONE, stdin=given, max_output_bytes=MAX_CONTENTS_BYTES).stdout
        at = 0
        for path in asked:
            head_, _, _ = answer[at : at + 4096].partition(b"\n")
            at += len(head_) + 1
            kind, _, size = head_.rpartition(b" ")
            if kind.endswith(b" blob"):
                found[path] = answer[at : at + int(size)]
            if size.isdigit():
                at += int(size) + 1
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """What one commit did to one file: the path before and after, and the blob after; None where it was not there."""

    commit: str
    at: datetime
    before: str | None
    after: str | None
    blob: str | None


def steps(root: Path, folders: Sequence[str], timeout_s: float = TIMEOUT_S, *, commit: str = "HEAD") -> list[Step]:
    """What became of the files below some folders, the oldest first, as the branch that leads to a commit saw it.

    A merge is one step: what happened on the branch that it took in is no history of this one. At most MAX_COMMITS of
    the newest are read. Raises ToolProblem if that takes longer than `timeout_s`.
    """
    log = ("log", "-z", "--first-parent", "-m", "--raw", "--no-abbrev", "-M")
    most = f"--max-count={MAX_COMMITS}"
    argv = ("--literal-pathspecs", *log, most, "--format=%x01%H %ct", commit, "--", *folders)
    listing = _read(root, *argv, timeout_s=timeout_s).decode("utf-8", _LEGIBLE)
    return [step for part in reversed(listing.split("\x01")[1:]) for step in _steps(part)]


def _steps(part: str) -> Iterator[Step]:
    head_, *words = part.split("\0")
    commit, _, seconds = head_.strip().partition(" ")
    at = datetime.fromtimestamp(int(seconds.split()[0]), UTC)
    rest = iter(words)
    for word in rest:
        if not word.strip().startswith(":"):
            continue
        _, _, _, blob, status = word.strip().split(" ")
        old = next(rest, "")
        new = next(rest, "") if status[0] in "RC" else old
        yield Step(
            commit,
            at,
            None if status[0] in "AC" else old,
            None if status[0] == "D" else new,
            None if status[0] == "D" else blob,
        )


def blobs(root: Path, ids: Sequence[str]) -> dict[str, bytes]:
    """The content of blobs by their ids; one that a partial clone lacks is left out."""
    given = "".join(f"{each}\n" for each in ids).encode()
    argv = ["git", *_INERT, "cat-file", "--batch"]
    answer = run(argv, cwd=root, env=_ALONE, stdin=given, max_output_bytes=MAX_BLOBS_BYTES).stdout
    found: dict[str, bytes] = {}
    at = 0
    for each in ids:
        end = answer.find(b"\n", at)
        kind, _, size = answer[at:end].rpartition(b" ")
        at = end + 1
        if kind.endswith(b" blob"):
            found[each] = answer[at : at + int(size)]
            at += int(size) + 1
    return found


def tags(root: Path) -> dict[str, str]:
    """The name of every tag of a commit, and that commit's full id."""
    shape = "--format=%(refname:strip=2)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
    rows = [row.split("\0") for row in _read(root, "for-each-ref", shape, "refs/tags").decode().splitlines()]
    commits = ((name, *((own, at) if own == "commit" else (its, peeled))) for name, own, at, its, peeled in rows)
    return {name: at for name, what, at in commits if what == "commit"}


def main_branch(root: Path) -> str | None:
    """The commit of the branch that others build on: what the remote `origin` calls its HEAD, else its `main`."""
    for name in ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master"):
        completed = run(
            ["git", *_INERT, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"], cwd=root, env=_ALONE
        )
        if completed.exit == 0:
            return completed.stdout.decode().strip()
    return None


def _without_filters(root: Path) -> Mapping[str, str]:
    """Settings that empty the filters of the checkout's own configuration: comparing files would run them."""
    argv = ["git", *_INERT, "config", "--show-scope", "--name-only", "-z", "--get-regexp", r"^filter\..*\."]
    listed = run(argv, cwd=root, env=_ALONE).stdout.decode("utf-8", "surrogateescape").split("\0")
    names = [name for scope, name in zip(listed[::2], listed[1::2], strict=False) if scope in {"local", "worktree"}]
    drivers = sorted({name.rpartition(".")[0] for name in names})
    given = os.environ.get("GIT_CONFIG_COUNT", "0")
    first = int(given) if given.isdecimal() else 0
    off = [(f"{driver}.{key}", value) for driver in drivers for key, value in _NO_FILTER.items()]
    settings = {"GIT_CONFIG_COUNT": str(first + len(off))} if off else {}
    for at, (key, value) in enumerate(off, first):
        settings |= {f"GIT_CONFIG_KEY_{at}": key, f"GIT_CONFIG_VALUE_{at}": value}
    return settings


def _read(root: Path, *arguments: str, env: Mapping[str, str] | None = None, timeout_s: float = TIMEOUT_S) -> bytes:
    completed = run(["git", *_INERT, *arguments], cwd=root, env={**_ALONE, **(env or {})}, timeout_s=timeout_s)
    if completed.exit != 0:
        complaint = completed.stderr.decode("utf-8", "replace").strip()
        raise UnreadableProblem(f"git {arguments[0]} failed in {root}: {complaint}")
    return completed.stdout


def _ownership_remedy(complaint: str) -> str:
    if "dubious ownership" in complaint:
        return (
            "The checkout belongs to another user; if you trust it: git config --global --add safe.directory <its path>"
        )
    return "Run it inside a checkout that git can read."
