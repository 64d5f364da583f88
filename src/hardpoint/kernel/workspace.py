"""A repository at one commit: its files, its git state, its manifest; read-only."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from hardpoint.kernel import git
from hardpoint.kernel.declarations import Section
from hardpoint.kernel.manifest import MANIFEST_FILE, Manifest
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_FILES = 1_000_000
_NEVER_WALKED = frozenset({".git", ".hg", ".svn", ".hardpoint", ".venv", "node_modules", "__pycache__"})

T = TypeVar("T")


class Tree(Protocol):
    """Files by their path relative to a root, with `/`."""

    def files(self) -> Sequence[str]: ...
    def read(self, path: str) -> bytes: ...


class MemoryTree:
    """A tree that is written down: the examples of rules, and tests."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = files

    def files(self) -> Sequence[str]:
        return list(self._files)

    def read(self, path: str) -> bytes:
        content = self._files.get(path)
        if content is None:
            raise UnreadableProblem("cannot be read: No such file or directory", place=Place(path))
        return content.encode() if isinstance(content, str) else content


class DiskTree:
    """The working tree below a folder; what git ignores is not part of it."""

    def __init__(self, root: Path, *, in_git: bool) -> None:
        self._root = root
        self._in_git = in_git
        self._odd: dict[str, str] = {}

    def files(self) -> Sequence[str]:
        found = git.files(self._root) if self._in_git else _walk(self._root)
        # A name that is not UTF-8 could be neither printed nor recorded: it is known by its escaped form.
        self._odd = {_legible(name): name for name in found if _legible(name) != name}
        return [_legible(name) for name in found] if self._odd else found

    def read(self, path: str) -> bytes:
        place = Place(path)
        path = self._odd.get(path, path)
        # A link may lead out of the repository; what it shows there is not the repository's.
        try:
            target = (self._root / path).resolve()
        except (OSError, RuntimeError) as error:  # Python 3.11 and 3.12 raise RuntimeError for a loop
            raise UnreadableProblem("is a link that leads to itself", place=place) from error
        if not target.is_relative_to(self._root.resolve()):
            raise UnreadableProblem("is a link that leads out of the repository", place=place)
        if target.exists() and not target.is_file():  # a pipe would never end
            raise UnreadableProblem("is not a file", place=place)
        try:
            with target.open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise UnreadableProblem(f"cannot be read: {error.strerror}", place=place) from error
        if len(content) > MAX_FILE_BYTES:
            raise UnreadableProblem(f"is larger than {MAX_FILE_BYTES // 2**20} MiB", place=place)
        return content


class CommitTree:
    """The files of a commit, read from git; nothing is checked out."""

    def __init__(self, root: Path, commit: str) -> None:
        self._root = root
        self._commit = commit

    def files(self) -> Sequence[str]:
        return git.files_at(self._root, self._commit)

    def read(self, path: str) -> bytes:
        content = git.read_at(self._root, self._commit, path)
        if len(content) > MAX_FILE_BYTES:
            raise UnreadableProblem(f"is larger than {MAX_FILE_BYTES // 2**20} MiB", place=Place(path))
        return content


class Workspace:
    """A repository as rules see it."""

    def __init__(
        self,
        tree: Tree,
        *,
        name: str,
        sections: Sequence[Section[Any]] = (),
        root: Path | None = None,
        commit: str | None = None,
        dirty: bool = False,
    ) -> None:
        self._tree = tree
        self._sections = sections
        self._derived: dict[object, object] = {}
        self.name = name
        self.root = root
        self.commit = commit
        self.dirty = dirty

    @classmethod
    def of(cls, files: Mapping[str, str | bytes], sections: Sequence[Section[Any]] = ()) -> "Workspace":
        """A workspace held in memory."""
        return cls(MemoryTree(files), name="example", sections=sections)

    @classmethod
    def open(cls, folder: Path, sections: Sequence[Section[Any]] = ()) -> "Workspace":
        """The checkout that `folder` is in, or the folder itself outside of git.

        Raises UsageProblem if there is no such folder, UnreadableProblem if git refuses to read it.
        """
        if not folder.is_dir():
            raise UsageProblem(f"{str(folder)!r} is not a folder", remedy="Name the folder of a repository.")
        top = git.top_level(folder)
        root = top or folder.resolve()
        return cls(
            DiskTree(root, in_git=top is not None),
            name=root.name,
            sections=sections,
            root=root,
            commit=git.head(root) if top else None,
            dirty=git.is_dirty(root) if top else True,
        )

    def at(self, revision: str) -> "Workspace":
        """This repository as a commit of it is, by the commit's id or the name of a branch or tag.

        Raises UsageProblem if there is no such commit.
        """
        if self.root is None or self.commit is None:
            raise UsageProblem(f"{revision!r} names no commit: {self.name} is no git repository with one")
        commit = git.resolve(self.root, revision)
        return Workspace(
            CommitTree(self.root, commit), name=self.name, sections=self._sections, root=self.root, commit=commit
        )

    def is_as_opened(self) -> bool:
        """Whether its commit, and whether it has changes, is still what it was when it was opened."""
        if self.root is None or self.commit is None:
            return True
        return git.head(self.root) == self.commit and git.is_dirty(self.root) == self.dirty

    @cached_property
    def files(self) -> Sequence[str]:
        """Every file, in the order of the names.

        Raises UnreadableProblem for more files than MAX_FILES.
        """
        files = sorted(self._tree.files())
        if len(files) > MAX_FILES:
            raise UnreadableProblem(f"{self.name} has more than {MAX_FILES} files")
        return files

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every file and every folder that holds one."""
        paths = set(self.files)
        for file in self.files:
            folder = os.path.dirname(file)  # noqa: PTH120 - pathlib is 20 times slower here
            while folder and folder not in paths:
                paths.add(folder)
                folder = os.path.dirname(folder)  # noqa: PTH120
        return frozenset(paths)

    @cached_property
    def manifest(self) -> Manifest:
        """What the team declares; empty where there is no manifest.

        Raises DeclarationProblem with every mistake.
        """
        content = self.read(MANIFEST_FILE) if MANIFEST_FILE in self.paths else None
        return Manifest.load(content, self._sections)

    def read(self, path: str) -> bytes:
        """The content of a file.

        Raises UnreadableProblem if it cannot be read, leads out of the repository, or is larger than MAX_FILE_BYTES.
        """
        return self._tree.read(path)

    def derive(self, compute: "Callable[[Workspace], T]") -> T:
        """What `compute` makes of this workspace, made once."""
        if compute not in self._derived:
            self._derived[compute] = compute(self)
        return cast("T", self._derived[compute])


def _legible(name: str) -> str:
    return name if name.isascii() else name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _walk(root: Path) -> list[str]:
    found: list[str] = []
    for folder, below, names in os.walk(root):
        below[:] = [name for name in below if name not in _NEVER_WALKED]
        prefix = Path(folder).relative_to(root).as_posix()
        found.extend(name if prefix == "." else f"{prefix}/{name}" for name in names)
        if len(found) > MAX_FILES:
            break
    return found
