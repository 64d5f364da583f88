"""History: where files went that are gone, by the renames that git sees."""

import posixpath
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from hardpoint.kernel import git
from hardpoint.kernel.workspace import Workspace

MAX_RENAMES = 20
"""How many renames of one file are followed."""
_LEFT_OUT = (".md", ".mdx", "/index.md", "/README.md", ".rst")


class History:
    """The moves of a workspace's files."""

    def __init__(
        self, moves: Iterable[tuple[str, str | None]], present: Collection[str] = (), *, is_cut: bool = False
    ) -> None:
        """`moves` with the newest first, as git.moves has them; `present` are the paths that there are now.

        `is_cut` means that only the end of the history is here.
        """
        self._present = present
        self._is_cut = is_cut
        self._now: dict[str, str | None] = {}
        self._before: dict[str, str] = {}
        for old, new in moves:
            self._now.setdefault(old, new)
            if new is not None:
                self._before.setdefault(new, old)

    def knows(self, path: str) -> bool:
        """Whether there was such a file."""
        return path in self._now

    def may_know(self, path: str) -> bool:
        """Whether there was such a file, or may have been before the history begins that is here."""
        return self._is_cut or self.knows(path)

    def forms(self, path: str) -> list[str]:
        """The files that a path may stand for, of those that there were: a site names pages without their endings."""
        forms = (path, *(path + ending for ending in _LEFT_OUT)) if not posixpath.splitext(path)[1] else (path,)
        return [form for form in forms if form in self._now or form in self._present]

    def later(self, path: str) -> list[str]:
        """The names that a file had after this one, the last of them first."""
        names: list[str] = []
        while (name := self._now.get(names[-1] if names else path)) and name not in names and len(names) < MAX_RENAMES:
            names.append(name)
        return names[::-1]

    def earlier(self, path: str) -> list[str]:
        """The names that a file had before this one, the latest first."""
        names: list[str] = []
        while (name := self._before.get(names[-1] if names else path)) and name not in names:
            names.append(name)
            if len(names) >= MAX_RENAMES:
                break
        return names

    def folder(self, path: str) -> str | None:
        """Where most files of a folder went, if they went together."""
        went = self._folders.get(path)
        return went.most_common(1)[0][0] if went else None

    @cached_property
    def _folders(self) -> Mapping[str, Counter[str]]:
        """Where the files of each folder went that kept their path below it, counted."""
        found: dict[str, Counter[str]] = {}
        for old, new in self._now.items():
            at = old.rfind("/")
            while new and at > 0 and new.endswith(rest := old[at:]):
                found.setdefault(old[:at], Counter())[new.removesuffix(rest)] += 1
                at = old.rfind("/", 0, at)
        return found


def history(workspace: Workspace) -> History:
    """The moves that git sees in a workspace's history; none outside of git."""
    return workspace.derive(_history)


def _history(workspace: Workspace) -> History:
    if workspace.root is None or not workspace.in_git:
        return History(())
    return History(git.moves(workspace.root), workspace.file_names, is_cut=git.is_shallow(workspace.root))
