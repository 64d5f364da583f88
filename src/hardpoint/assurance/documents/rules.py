"""What is checked of documents."""

from collections.abc import Iterator

from hardpoint.assurance.documents.markdown import Document
from hardpoint.assurance.documents.pointers import documents, existing, judged, nearest
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace


@rule(
    "DOC001",
    Severity.ERROR,
    over=documents,
    title="A pointer leads to nothing",
    why="A reader who follows it stands before a wall, and whoever moved the target does not know.",
    good={"README.md": "See [operations](docs/operations.md).\n", "docs/operations.md": "# Operations\n"},
    bad={"README.md": "See [operations](docs/operation.md).\n", "docs/operations.md": "# Operations\n"},
)
def missing_target(document: Document, workspace: Workspace) -> Iterator[Finding]:
    if document.unread:
        place = Place(document.file)
        yield missing_target.finding(place, f"The document {document.unread}; its pointers were not judged")
    for pointer, target in judged(document):
        if existing(target.path, workspace) is None:
            meant = nearest(target.path, document, workspace)
            suggestion = f"{meant}#{target.fragment}" if meant and target.fragment else meant
            yield missing_target.finding(
                pointer.place,
                f"{pointer.target} does not exist",
                remedy=f"Point at {suggestion}" if suggestion else "Point at what replaced it, or drop it",
                suggestion=suggestion,
            )
