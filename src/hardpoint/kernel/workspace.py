"""A repository at one commit: its files, its git state, its manifest; read-only."""

import errno
import os
import posixpath
import stat
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from hardpoint.kernel import git
from hardpoint.kernel.change import Change, change_since
from hardpoint.kernel.clock import system_clock
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem
from hardpoint.kernel.progress import Progress, quiet

if TYPE_CHECKING:  # what only looks at files loads no reader of manifests
    from hardpoint.kernel.declarations import Section
    from hardpoint.kernel.manifest import Manifest

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_FILES = 1_000_000
_MANY = 2
_MAX_LINKS = 40
_NEVER_WALKED = frozenset({".git", ".hg", ".svn", ".hardpoint", ".venv", "node_modules", "__pycache__"})

T = TypeVar("T")
Approvals = Callable[[str], Mapping[str, Collection[str]]]
"""Of a service, the digest of each waiver that somebody approved of, with the names of those who did."""


class Tree(Protocol):
    """Files by their path relative to a root, with `/`."""

    def files(self) -> Sequence[str]: ...
    def holds(self, path: str) -> bool: ...
    def read(self, path: str) -> bytes: ...


class MemoryTree:
    """A tree that is written down: the examples of rules, and tests."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = files

    def files(self) -> Sequence[str]:
        return list(self._files)

    def holds(self, path: str) -> bool:
        return path in self._files

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
        self._real_root = os.path.realpath(root)
        self._plain_folders: dict[str, bool] = {}

    def files(self) -> Sequence[str]:
        found = git.files(self._root) if self._in_git else _walk(self._root)
        # A name that is not UTF-8 could be neither printed nor recorded: it is known by its escaped form.
        self._odd = {_legible(name): name for name in found if _legible(name) != name}
        return [_legible(name) for name in found] if self._odd else found

    def holds(self, path: str) -> bool:
        return os.path.lexists(os.path.join(self._root, self._odd.get(path, path)))  # noqa: PTH118 - asked of every file

    def read(self, path: str) -> bytes:
        place = Place(path)
        path = self._odd.get(path, path)
        if self._is_plain(path):
            return self._content(f"{self._real_root}/{path}", place)
        # A link may lead out of the repository; what it shows there is not the repository's.
        try:
            target = (self._root / path).resolve()
        except (OSError, RuntimeError) as error:  # Python 3.11 and 3.12 raise RuntimeError for a loop
            raise UnreadableProblem("is a link that leads to itself", place=place) from error
        if not target.is_relative_to(self._root.resolve()):
            raise UnreadableProblem("is a link that leads out of the repository", place=place)
        if target.exists() and not target.is_file():  # a pipe would never end
            raise UnreadableProblem("is not a file", place=place)
        return self._content(target, place)

    def _is_plain(self, path: str) -> bool:
        """Whether a path is a file and neither it nor a folder above it is a link; folders are looked at once."""
        folder = os.path.dirname(path)  # noqa: PTH120 - pathlib is 20 times slower here
        if folder not in self._plain_folders:
            whole = f"{self._real_root}/{folder}" if folder else self._real_root
            self._plain_folders[folder] = os.path.realpath(whole) == whole
        if not self._plain_folders[folder]:
            return False
        try:
            return stat.S_ISREG(os.lstat(f"{self._real_root}/{path}").st_mode)
        except OSError:
            return False

    def _content(self, target: Path | str, place: Place) -> bytes:
        try:
            with open(target, "rb") as file:  # noqa: PTH123 - pathlib is slower, and this reads every file there is
                size = os.fstat(file.fileno()).st_size  # to ask for more than that is to get memory for it
                content = file.read(min(size, MAX_FILE_BYTES) + 1)
        except OSError as error:
            raise UnreadableProblem(f"cannot be read: {error.strerror}", place=place) from error
        if len(content) > MAX_FILE_BYTES:
            raise UnreadableProblem(f"is larger than {MAX_FILE_BYTES // 2**20} MiB", place=place)
        return content


class AddedTree:
    """A tree with files that it does not have yet."""

    def __init__(self, tree: Tree, files: Sequence[str], added: Mapping[str, bytes]) -> None:
        self._tree = tree
        self._files = files
        self._added = added

    def files(self) -> Sequence[str]:
        return [*self._files, *(file for file in self._added if file not in self._files)]

    def holds(self, path: str) -> bool:
        return path in self._added or self._tree.holds(path)

    def read(self, path: str) -> bytes:
        return self._added[path] if path in self._added else self._tree.read(path)


class CommitTree:
    """The files of a commit, read from git; nothing is checked out.

    Whoever reads a second file of an ending is given all of them at once: git starts slowly and reads fast.
    """

    def __init__(self, root: Path, commit: str) -> None:
        self._root = root
        self._commit = commit
        self._contents: dict[str, bytes] = {}
        self._asked: dict[str, int] = {}

    def files(self) -> Sequence[str]:
        return self._files

    def holds(self, path: str) -> bool:
        return path in self._names

    @cached_property
    def _files(self) -> Sequence[str]:
        return git.files_at(self._root, self._commit)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self._files)

    @cached_property
    def _links(self) -> frozenset[str]:
        return git.links_at(self._root, self._commit)

    def read(self, path: str) -> bytes:
        content = self._blob(self._target(path) if path in self._links else path)
        if len(content) > MAX_FILE_BYTES:
            raise UnreadableProblem(f"is larger than {MAX_FILE_BYTES // 2**20} MiB", place=Place(path))
        return content

    def _target(self, path: str) -> str:
        """Where a link leads to, through others and through linked folders, and refused as on disk."""
        at, left, followed = "", path.split("/")[::-1], 0
        while left:
            at = posixpath.normpath(posixpath.join(at, left.pop()))
            if at == ".." or at.startswith(("/", "../")):
                raise UnreadableProblem("is a link that leads out of the repository", place=Place(path))
            if at in self._links:
                followed += 1
                if followed > _MAX_LINKS:
                    raise UnreadableProblem("is a link that leads to itself", place=Place(path))
                left += self._blob(at).decode("utf-8", "surrogateescape").split("/")[::-1]
                at = posixpath.dirname(at)
        if at not in self._names:
            is_folder = at == "." or any(name.startswith(f"{at}/") for name in self._files)
            why = "is not a file" if is_folder else f"cannot be read: {os.strerror(errno.ENOENT)}"
            raise UnreadableProblem(why, place=Place(path))
        return at

    def _blob(self, path: str) -> bytes:
        ending = os.path.splitext(path)[1]  # noqa: PTH122 - a path of the tree, not of the disk
        self._asked[ending] = self._asked.get(ending, 0) + 1
        if ending and self._asked[ending] == _MANY:
            alike = [file for file in self._files if file.endswith(ending)]
            self._contents |= git.contents_at(self._root, self._commit, alike)
        content = self._contents.get(path)
        return git.read_at(self._root, self._commit, path) if content is None else content


class Workspace:
    """A repository as rules see it."""

    def __init__(
        self,
        tree: Tree,
        *,
        name: str,
        sections: "Sequence[Section[Any]]" = (),
        root: Path | None = None,
        commit: str | None = None,
        dirty: bool = False,
        in_git: bool = False,
        change: Callable[[], Change] | None = None,
        against: str | None = None,
        rule_ids: Callable[[], Collection[str]] = tuple,
        governing: "Callable[[], Manifest] | None" = None,
        approvals: Approvals = lambda _: {},
        now: datetime | None = None,
        progress: Progress = quiet,
    ) -> None:
        self._tree = tree
        self._sections = sections
        self._derived: dict[object, object] = {}
        self.name = name
        self.root = root
        self.in_git = in_git
        self.commit = commit
        self.dirty = dirty
        self._change = change
        self.against = against
        """The revision that it is judged as a change of."""
        self._governing = governing
        self.approvals = approvals
        """Who approved of what, as the record of a service says it in words that count."""
        self.rule_ids = rule_ids
        """The ids of every rule that there is; none where nobody can say."""
        self.now = now or system_clock()
        """The instant at which it is judged."""
        self.progress = progress
        """Who is told that reading it goes on."""

    @classmethod
    def of(
        cls,
        files: Mapping[str, str | bytes],
        sections: "Sequence[Section[Any]]" = (),
        *,
        before: Mapping[str, str | bytes] | None = None,
        now: datetime | None = None,
    ) -> "Workspace":
        """A workspace held in memory; `before` are the files that it is a change of."""
        tree = MemoryTree(files)

        def change() -> Change:
            base = MemoryTree(before or {})
            return Change.between(*({name: each.read(name) for name in each.files()} for each in (base, tree)))

        return cls(tree, name="example", sections=sections, change=None if before is None else change, now=now)

    @classmethod
    def open(
        cls,
        folder: Path,
        sections: "Sequence[Section[Any]]" = (),
        *,
        looks_for_changes: bool = True,
        against: str | None = None,
        rule_ids: Callable[[], Collection[str]] = tuple,
        governing: "Callable[[], Manifest] | None" = None,
        approvals: Approvals = lambda _: {},
        now: datetime | None = None,
        progress: Progress = quiet,
    ) -> "Workspace":
        """The checkout that `folder` is in, or the folder itself outside of git.

        Looking for changes takes git longer than all else; what only judges files takes it that there are some.
        `against` is the revision that it is a change of. Raises UsageProblem if there is no such folder,
        UnreadableProblem if git refuses to read it.
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
            dirty=git.is_dirty(root) if top and looks_for_changes else True,
            in_git=top is not None,
            change=None if against is None else partial(change_since, root, against),
            against=against,
            rule_ids=rule_ids,
            governing=governing,
            approvals=approvals,
            now=now,
            progress=progress,
        )

    def at(self, revision: str) -> "Workspace":
        """This repository as a commit of it is, by the commit's id or the name of a branch or tag.

        Raises UsageProblem if there is no such commit.
        """
        if self.root is None or self.commit is None:
            raise UsageProblem(f"{revision!r} names no commit: {self.name} is no git repository with one")
        commit = git.resolve(self.root, revision)
        tree = CommitTree(self.root, commit)
        return Workspace(
            tree,
            name=self.name,
            sections=self._sections,
            root=self.root,
            commit=commit,
            in_git=self.in_git,
            rule_ids=self.rule_ids,
            now=self.now,
            progress=self.progress,
        )

    def adding(self, files: Mapping[str, bytes]) -> "Workspace":
        """This working tree as it would be with these files; nothing is written."""
        return Workspace(
            AddedTree(self._tree, self.files, files),
            name=self.name,
            sections=self._sections,
            root=self.root,
            commit=self.commit,
            dirty=True,
            in_git=self.in_git,
            change=self._change,
            against=self.against,
            rule_ids=self.rule_ids,
            now=self.now,
            progress=self.progress,
        )

    def declared_by(self, other: "Workspace") -> "Workspace":
        """The same files, as the manifest of another workspace declares them."""
        twin = copy(self)
        twin._derived = {}  # noqa: SLF001 - of its own class
        twin.manifest = other.manifest
        return twin

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
    def file_names(self) -> frozenset[str]:
        """Every file, to ask whether there is one."""
        return frozenset(self.files)

    def holds(self, path: str) -> bool:
        """Whether a listed file is there to be read: a sparse checkout lists files that it leaves out."""
        return self._tree.holds(path)

    @property
    def has_manifest(self) -> bool:
        """Whether a manifest is there, valid or not."""
        from hardpoint.kernel.manifest import MANIFEST_FILE

        return MANIFEST_FILE in self.paths

    @cached_property
    def manifest(self) -> "Manifest":
        """What the team declares; empty where there is no manifest.

        Raises DeclarationProblem with every mistake.
        """
        from hardpoint.kernel.manifest import MANIFEST_FILE, Manifest

        content = self.read(MANIFEST_FILE) if self.has_manifest else None
        return Manifest.load(content, self._sections)

    @property
    def governing(self) -> "Manifest":
        """What the protected branch declares, which a change does not decide for itself; without one, the manifest."""
        return self.manifest if self._governing is None else self._governing()

    def governing_itself(self) -> "Workspace":
        """The same files where nothing but they decides: for a protected branch whose manifest cannot be used."""
        twin = copy(self)
        twin._derived, twin._governing = {}, None  # noqa: SLF001 - of its own class
        return twin

    @cached_property
    def manifest_before(self) -> "Manifest":
        """What was declared where the change began; empty without a change, or where its manifest had mistakes."""
        from hardpoint.kernel.declarations import DeclarationProblem
        from hardpoint.kernel.manifest import MANIFEST_FILE, Manifest

        try:
            return Manifest.load(self.change.read_base(MANIFEST_FILE) if self.change else None, self._sections)
        except DeclarationProblem:
            return Manifest.load(None, self._sections)

    @cached_property
    def change(self) -> Change | None:
        """What it changes, where it is judged as a change.

        Raises UsageProblem if its base names no commit, UnreadableProblem if it does not descend from one.
        """
        return self._change() if self._change else None

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
        prefix = folder[len(str(root)) :].replace(os.sep, "/").lstrip("/")
        found.extend(f"{prefix}/{name}" if prefix else name for name in names)
        if len(found) > MAX_FILES:
            break
    return found
