"""Pointers: that each leads to something, and to what was meant."""

from collections.abc import Iterator

from hardpoint.assurance.documents.markdown import Document
from hardpoint.assurance.documents.pointers import document_at, documents, existing, judged, nearest
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import Rule, rule
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
    yield from _unread(missing_target, document)
    for pointer, target in judged(document):
        if existing(target.path, workspace) is None:
            meant = nearest(target.path, document, workspace)
            suggestion = f"{meant}#{target.fragment}" if meant and target.fragment else meant
            yield missing_target.finding(
                pointer.place,
                f"{pointer.target} does not exist",
                remedy=f"Point at {suggestion}" if suggestion else "Point at what replaced it, or drop it",
                suggestion=suggestion,
                replaces=pointer.target,
            )


@rule(
    "DOC002",
    Severity.WARNING,
    over=documents,
    title="A pointer names an anchor that its target lacks",
    why="The reader lands at the top of a long page and has to guess what was meant; usually a heading was renamed.",
    good={"README.md": "See [how to restore](docs/run.md#restore).\n", "docs/run.md": "# Run\n\n## Restore\n"},
    bad={"README.md": "See [how to restore](docs/run.md#restoring).\n", "docs/run.md": "# Run\n\n## Restore\n"},
)
def missing_anchor(document: Document, workspace: Workspace) -> Iterator[Finding]:
    yield from _unread(missing_anchor, document)
    for pointer, target in judged(document):
        path = existing(target.path, workspace)
        aimed_at = document_at(workspace, path) if path and target.fragment else None
        if aimed_at is None or aimed_at.unread or target.fragment == "top" or target.fragment in aimed_at.anchors:
            continue
        meant = aimed_at.spelling.nearest(target.fragment)
        suggestion = pointer.target.partition("#")[0] + f"#{meant[0]}" if meant else None
        yield missing_anchor.finding(
            pointer.place,
            f"{pointer.target}: {aimed_at.file} has no anchor #{target.fragment}",
            remedy=f"Point at {suggestion}" if suggestion else "Point at a heading that is there",
            suggestion=suggestion,
            replaces=pointer.target,
        )


def _unread(rule: Rule[Document], document: Document) -> Iterator[Finding]:
    """What could not be read was not judged, and that is no pass."""
    if document.unread:
        place = Place(document.file)
        yield rule.finding(place, f"The document {document.unread}; its pointers were not judged")
