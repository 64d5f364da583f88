"""The sample service keystone: its files, and how they came to be, commit by commit."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import hardpoint
from hardpoint.kernel import yaml
from hardpoint.kernel.command import run
from hardpoint.kernel.declarations import DeclarationProblem, declared, validate
from hardpoint.kernel.problem import ToolProblem, UnreadableProblem

REPORTS = "reports"
"""Where the reports of tools lie, in the repository and in a step of its history; git ignores them."""
_BY_PRODUCTS = frozenset({"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hardpoint"})
_PAST = re.compile(rb"<(\d+) days ago>")
"""A midnight in a file of the history: what has ended has ended, whenever the sample is made."""


@declared
class Commit:
    """One commit of the history: what it takes from the finished tree and removes; its own files lie beside it."""

    message: str
    author: str
    days_ago: int
    finished: tuple[str, ...] = ()
    """Files, and folders with a final slash, that are as in the finished tree from here on."""
    removed: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    """What the last commit repaired, a line each."""


class Sample:
    """Keystone's repository in the making: each step of its history is one commit."""

    def __init__(self, root: Path, today: datetime) -> None:
        """Begin the repository in an empty folder."""
        examples = _examples()
        self._root = root
        self._today = today
        self._finished = _tree(examples / "keystone")
        self._now: Mapping[str, bytes] = {}
        self._steps = sorted(each for each in (examples / "keystone-history").iterdir() if each.is_dir())
        _git(root, "init", "--quiet", "--initial-branch=main")

    def advance_to_the_mess(self) -> list[Commit]:
        """Make every commit but the last, which repairs what these leave."""
        return [self._make(_commit(step), step, self._next(step)) for step in self._steps[:-1]]

    def remedy(self) -> Commit:
        """Make the last commit, whose tree is the finished one."""
        return self._make(_commit(self._steps[-1]), self._steps[-1], self._finished)

    def date(self, commit: Commit) -> datetime:
        """When a commit was made."""
        return self._ago(commit.days_ago)

    def _next(self, step: Path) -> Mapping[str, bytes]:
        commit = _commit(step)
        kept = {path: content for path, content in self._now.items() if not _is_in(path, commit.removed)}
        taken = {
            path: content
            for path, content in self._finished.items()
            if _is_in(path, commit.finished) and not _is_in(path, commit.removed)
        }
        own = {path: self._dated(content) for path, content in _tree(step / "files").items()}
        self._now = {**kept, **taken, **own}
        return self._now

    def _dated(self, content: bytes) -> bytes:
        return _PAST.sub(lambda past: f"{self._ago(int(past[1])):%Y-%m-%dT00:00:00Z}".encode(), content)

    def _ago(self, days: int) -> datetime:
        return self._today - timedelta(days=days)

    def _make(self, commit: Commit, step: Path, tree: Mapping[str, bytes]) -> Commit:
        _lay(self._root, tree)
        _git(self._root, "add", "--all")
        _git(self._root, "commit", "--quiet", "--message", commit.message, env=_identity(commit, self.date(commit)))
        _write(self._root / REPORTS, _tree(step / REPORTS))
        return commit


def _examples() -> Path:
    """The examples of this checkout, or those that were installed with the package."""
    package = Path(hardpoint.__file__).parent
    for folder in (package.parents[1] / "examples", package / "examples"):
        if (folder / "keystone").is_dir():
            return folder
    raise UnreadableProblem("The sample service is not installed", remedy="Reinstall Hardpoint.")


def _commit(step: Path) -> Commit:
    file = step / "commit.yaml"
    commit, mistakes = validate(yaml.load(file.read_bytes(), str(file)), (), Commit)
    if commit is None:
        raise DeclarationProblem(str(file), mistakes)
    return commit


def _tree(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not _BY_PRODUCTS.intersection(file.relative_to(folder).parts)
    }


def _is_in(path: str, named: tuple[str, ...]) -> bool:
    """Whether a file is among these, or in a folder that is."""
    return path in named or path.startswith(tuple(each for each in named if each.endswith("/")) or ("\0",))


def _lay(root: Path, tree: Mapping[str, bytes]) -> None:
    """Make the tracked files of a working tree exactly these."""
    for path in _git(root, "ls-files", "-z").decode().split("\0"):
        if path and path not in tree:
            (root / path).unlink()
    _write(root, tree)


def _write(root: Path, tree: Mapping[str, bytes]) -> None:
    for path, content in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def _identity(commit: Commit, date: datetime) -> dict[str, str]:
    name, _, email = commit.author.rstrip(">").partition(" <")
    return {
        f"GIT_{who}_{key}": value
        for who in ("AUTHOR", "COMMITTER")
        for key, value in {"NAME": name, "EMAIL": email, "DATE": date.isoformat()}.items()
    }


def _git(root: Path, *arguments: str, env: Mapping[str, str] | None = None) -> bytes:
    inert = ("-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false", "-c", "core.autocrlf=false")
    completed = run(["git", *inert, *arguments], cwd=root, env=env)
    if completed.exit != 0:
        raise ToolProblem(f"git {arguments[0]} failed: {completed.stderr.decode(errors='replace').strip()}")
    return completed.stdout
