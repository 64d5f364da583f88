"""The handbook: that its standards can be found, and that code refers to those that there are."""

from collections.abc import Iterator

from hardpoint.assurance.documents.handbook import Reference, handbook, pages, reachable, references, standards
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import rule
from hardpoint.kernel.spelling import Spelling
from hardpoint.kernel.workspace import Workspace

_MANIFEST = 'version: 1\ndocuments:\n  handbook: {index: handbook/README.md, ids: ["STD-#"], code: [src/]}\n'
_ERRORS = "# STD-1: Errors\n"


@rule(
    "DOC028",
    Severity.ERROR,
    over=references,
    title="Code refers to a standard that does not exist",
    why="Whoever wants to know what the code has to keep finds nothing.",
    good={
        "hardpoint.yaml": _MANIFEST,
        "handbook/README.md": "[Errors](errors.md)\n",
        "handbook/errors.md": _ERRORS,
        "src/a.py": "# STD-1\n",
    },
    bad={
        "hardpoint.yaml": _MANIFEST,
        "handbook/README.md": "[Errors](errors.md)\n",
        "handbook/errors.md": _ERRORS,
        "src/a.py": "# STD-2\n",
    },
)
def unknown_standard(reference: Reference, workspace: Workspace) -> Iterator[Finding]:
    known = standards(workspace)
    if reference.id in known:
        return
    meant = next(iter(Spelling(sorted(known)).nearest(reference.id)), None)
    book = handbook(workspace)
    assert book is not None
    yield unknown_standard.finding(
        reference.place,
        f"{reference.id} is no standard of {book.index}",
        remedy=f"Perhaps {meant}" if meant else "Write the standard, or correct the id",
        suggestion=meant,
    )


@rule(
    "DOC029",
    Severity.ERROR,
    over=pages,
    title="A page of the handbook cannot be found from its index, or gives an id twice",
    why="A standard that nobody comes across is kept by nobody, and an id with two meanings by half of them.",
    good={
        "hardpoint.yaml": _MANIFEST,
        "handbook/README.md": "[Errors](errors.md)\n",
        "handbook/errors.md": _ERRORS,
    },
    bad={"hardpoint.yaml": _MANIFEST, "handbook/README.md": "# Handbook\n", "handbook/errors.md": _ERRORS},
)
def hidden_standard(file: str, workspace: Workspace) -> Iterator[Finding]:
    book = handbook(workspace)
    assert book is not None
    if file not in reachable(workspace):
        yield hidden_standard.finding(
            Place(file), f"{file} cannot be reached from {book.index}", remedy=f"List it in {book.index}"
        )
    for name, places in standards(workspace).items():
        for place in places[1:]:
            if place.file == file:
                yield hidden_standard.finding(place, f"{name} is given to another standard in {places[0]}")
