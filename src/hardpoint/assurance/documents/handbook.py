"""The handbook: published standards with their ids, and what code refers to."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hardpoint.assurance.documents.corpus import document_at
from hardpoint.assurance.documents.index import below, linked
from hardpoint.assurance.documents.model import DOCUMENTS, Handbook
from hardpoint.assurance.documents.outline import outline
from hardpoint.assurance.documents.patterns import matching
from hardpoint.assurance.documents.sources import source_of
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Reference:
    """An id as some file names it."""

    id: str
    place: Place


def handbook(workspace: Workspace) -> Handbook | None:
    """The handbook that is declared.

    Raises UnreadableProblem if its index is no document.
    """
    declared = workspace.manifest[DOCUMENTS].handbook
    if declared is not None and document_at(workspace, declared.index) is None:
        place = workspace.manifest.place(DOCUMENTS.key, "handbook", "index")
        raise UnreadableProblem(f"the handbook's index {declared.index} is no document", place=place)
    return declared


def pages(workspace: Workspace) -> list[str]:
    """The documents of the handbook: those in the folder of its index and below it."""
    declared = handbook(workspace)
    return [each.file for each in below(posixpath.dirname(declared.index), workspace)] if declared else []


def reachable(workspace: Workspace) -> frozenset[str]:
    """The documents that the handbook's index leads to, itself too."""
    return workspace.derive(_reachable)


def standards(workspace: Workspace) -> Mapping[str, list[Place]]:
    """The ids that the handbook gives to its standards, each with the places that do."""
    return workspace.derive(_standards)


def references(workspace: Workspace) -> list[Reference]:
    """Every id in the files that are checked, in the order of the files; once for each line."""
    declared = handbook(workspace)
    if declared is None:
        return []
    pattern, own = _pattern(declared.ids), set(pages(workspace))
    found: dict[tuple[str, Place], None] = {}
    for file in matching(declared.code, workspace.files):
        if file not in own and file != _MANIFEST:
            for number, line in enumerate(source_of(file, workspace).split("\n"), 1):
                for each in pattern.finditer(line):
                    found[each[0], Place(file, number, each.start() + 1)] = None
    return [Reference(*each) for each in found]


_MANIFEST = "hardpoint.yaml"


def _reachable(workspace: Workspace) -> frozenset[str]:
    declared = handbook(workspace)
    waiting = [declared.index] if declared else []
    seen = set(waiting)
    for file in waiting:  # grows while it is walked
        for each in linked(file, workspace):
            if each not in seen:
                seen.add(each)
                waiting.append(each)
    return frozenset(seen)


def _standards(workspace: Workspace) -> Mapping[str, list[Place]]:
    declared = handbook(workspace)
    found: dict[str, list[Place]] = {}
    if declared is None:
        return found
    pattern = _pattern(declared.ids)
    for file in pages(workspace):
        for text, line in _titles(file, workspace):
            if (given := pattern.search(text)) and given.start() <= _NEAR:
                found.setdefault(given[0], []).append(Place(file, line))
    return found


_NEAR = 12
"""How far into a heading or a cell its id begins: `Standard STD-12: …`."""


def _titles(file: str, workspace: Workspace) -> Iterator[tuple[str, int]]:
    """The headings of a document, and the first cells of its tables; those of the index only repeat."""
    made = outline(file, workspace)
    yield from ((each.title, each.line) for each in made.sections)
    declared = handbook(workspace)
    if declared is None or file != declared.index:
        yield from ((each.cells[0], each.line) for each in made.rows if each.cells)


def _pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    """`STD-#` and `ERR_*` as one pattern; what is declared is never a pattern itself, so it cannot run away."""
    written = (
        re.escape(each).replace(r"\#", r"\d+").replace("#", r"\d+").replace(r"\*", r"[A-Za-z0-9_]+") for each in forms
    )
    return re.compile(rf"(?<![\w-])(?:{'|'.join(written)})(?![\w])")
