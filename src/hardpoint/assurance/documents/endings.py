"""Endings of paths: whether one of many ends so, without going through them all."""

from bisect import bisect_left
from collections.abc import Iterable

from hardpoint.kernel.workspace import Workspace


class Endings:
    """Paths, read from their ends."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._backwards = sorted(path[::-1] for path in paths)

    def has(self, ending: str) -> bool:
        """Whether some path ends so."""
        wanted = ending[::-1]
        at = bisect_left(self._backwards, wanted)
        return at < len(self._backwards) and self._backwards[at].startswith(wanted)


def endings_of_files(workspace: Workspace) -> Endings:
    """The files of a workspace by how their paths end."""
    return workspace.derive(_of_files)


def endings_of_paths(workspace: Workspace) -> Endings:
    """Its files and folders."""
    return workspace.derive(_of_paths)


def _of_files(workspace: Workspace) -> Endings:
    return Endings(workspace.files)


def _of_paths(workspace: Workspace) -> Endings:
    return Endings(workspace.paths)
