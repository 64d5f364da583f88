"""The sample service keystone: its files, and how they came to be, commit by commit."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import hardpoint
from hardpoint.kernel import yaml
from hardpoint.kernel.command import run
from hardpoint.kernel.declarations import DeclarationProblem, declared, validate
from hardpoint.kernel.problem import ToolProblem, UnreadableProblem

_BY_PRODUCTS = frozenset({"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hardpoint"})


@declared
class Commit:
    """One commit of the history: the finished tree without `absent`, with the overlay's files."""

    message: str
    author: str
    days_ago: int
    absent: tuple[str, ...] = ()
    """Files, and folders with a final slash, that did not exist yet."""
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
        self._steps = sorted(each for each in (examples / "keystone-history").iterdir() if each.is_dir())
        _git(root, "init", "--quiet", "--initial-branch=main")

    def advance_to_the_mess(self) -> list[Commit]:
        """Make every commit but the last, which repairs what these leave."""
        return [self._make(step) for step in self._steps[:-1]]

    def remedy(self) -> Commit:
        """Make the last commit."""
        return self._make(self._steps[-1])

    def _make(self, step: Path) -> Commit:
        commit = _commit(step)
        _lay(self._root, {**_without(self._finished, commit.absent), **_tree(step / "files")})
        _git(self._root, "add", "--all")
        _git(self._root, "commit", "--quiet", "--message", commit.message, env=_identity(commit, self._today))
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


def _without(tree: Mapping[str, bytes], absent: tuple[str, ...]) -> dict[str, bytes]:
    folders = tuple(path for path in absent if path.endswith("/"))
    return {
        path: content
        for path, content in tree.items()
        if path not in absent and not path.startswith(folders or ("\0",))
    }


def _lay(root: Path, tree: Mapping[str, bytes]) -> None:
    """Make the tracked files of a working tree exactly these."""
    for path in _git(root, "ls-files", "-z").decode().split("\0"):
        if path and path not in tree:
            (root / path).unlink()
    for path, content in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def _identity(commit: Commit, today: datetime) -> dict[str, str]:
    name, _, email = commit.author.rstrip(">").partition(" <")
    date = (today - timedelta(days=commit.days_ago)).isoformat()
    return {
        f"GIT_{who}_{key}": value
        for who in ("AUTHOR", "COMMITTER")
        for key, value in {"NAME": name, "EMAIL": email, "DATE": date}.items()
    }


def _git(root: Path, *arguments: str, env: Mapping[str, str] | None = None) -> bytes:
    inert = ("-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false", "-c", "core.autocrlf=false")
    completed = run(["git", *inert, *arguments], cwd=root, env=env)
    if completed.exit != 0:
        raise ToolProblem(f"git {arguments[0]} failed: {completed.stderr.decode(errors='replace').strip()}")
    return completed.stdout
