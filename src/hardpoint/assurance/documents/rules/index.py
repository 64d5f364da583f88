"""The index: that readers who begin there find every document, and that numbers and tracks are one to one."""

import posixpath
from collections.abc import Iterator

from hardpoint.assurance.documents.corpus import document_at, documents
from hardpoint.assurance.documents.index import Numbered, below, linked, numbered, reach, unreached
from hardpoint.assurance.documents.markdown import Document
from hardpoint.assurance.documents.model import DOCUMENTS, Track
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace


def _indexed(workspace: Workspace) -> list[Document]:
    start = reach(workspace)
    if start is None:
        return []
    if document_at(workspace, start.name) is None and workspace.manifest[DOCUMENTS].index:
        place = workspace.manifest.place(DOCUMENTS.key, "index", "document")
        raise UnreadableProblem(f"the index {start.name} is no document of this repository", place=place)
    return below(start.folder, workspace)


@rule(
    "DOC010",
    Severity.WARNING,
    over=_indexed,
    title="A document cannot be reached from the index",
    why="Whoever begins at the index never sees it, so nobody notices when it stops being true.",
    good={
        "docs/index.md": "[Operations](ops.md), [security](security.md)\n",
        "docs/ops.md": "# Operations\n",
        "docs/security.md": "# Security\n",
    },
    bad={
        "docs/index.md": "[Operations](ops.md)\n",
        "docs/ops.md": "# Operations\n",
        "docs/security.md": "# Security\n",
    },
)
def unreachable(document: Document, workspace: Workspace) -> Iterator[Finding]:
    away = unreached(workspace)
    start = reach(workspace)
    if start is None or document.file not in away:
        return
    links = away[document.file]
    how = "by links" if links is None else f"within {start.depth} link{'s' * (start.depth != 1)}: it takes {links}"
    yield unreachable.finding(
        Place(document.file),
        f"{document.file} cannot be reached from {start.name} {how}",
        remedy=f"List it in {start.name} or in a page that is, or delete it",
    )


@rule(
    "DOC011",
    Severity.WARNING,
    over=numbered,
    title="Numbered documents are not what their index lists",
    why="The numbers say in which order to read and that nothing is left out; a gap or a double says neither.",
    good={"docs/00-index.md": "[Architecture](01-architecture.md)\n", "docs/01-architecture.md": "# Architecture\n"},
    bad={"docs/00-index.md": "[Operations](02-operations.md)\n", "docs/02-operations.md": "# Operations\n"},
)
def misnumbered(folder: Numbered, workspace: Workspace) -> Iterator[Finding]:
    listed = set(linked(folder.index, workspace))
    first: dict[int, str] = {}
    for number, file in folder.documents:
        place, name = Place(file), posixpath.basename(file)
        if number in first:
            other = posixpath.basename(first[number])
            yield misnumbered.finding(place, f"{name} has the number of {other}", remedy="Give one of them another")
        elif number and number - 1 not in first and (number > 1 or first):
            yield misnumbered.finding(place, f"no document has the number {number - 1:02}, before {name}")
        if file not in listed and file != folder.index:
            yield misnumbered.finding(place, f"{folder.index} does not list {name}", remedy=f"Add it: [{name}]({name})")
        first.setdefault(number, file)


def _tracks(workspace: Workspace) -> list[Track]:
    return list(workspace.manifest[DOCUMENTS].tracks)


@rule(
    "DOC012",
    Severity.ERROR,
    over=_tracks,
    title="Tracks and their documents are not one to one",
    why="A track that nobody wrote down is planned by hearsay, and a document without a track by nobody.",
    good={
        "hardpoint.yaml": "version: 1\ndocuments:\n  tracks: [{name: security, document: docs/01-security.md}]\n",
        "docs/01-security.md": "# Security\n",
    },
    bad={
        "hardpoint.yaml": "version: 1\ndocuments:\n  tracks: [{name: security, document: docs/02-security.md}]\n",
        "docs/01-security.md": "# Security\n",
    },
)
def unmatched_track(track: Track, workspace: Workspace) -> Iterator[Finding]:
    tracks = workspace.manifest[DOCUMENTS].tracks
    at = tracks.index(track)
    place = workspace.manifest.place(DOCUMENTS.key, "tracks", at, "document")
    if document_at(workspace, track.document) is None:
        yield unmatched_track.finding(
            place, f"the track {track.name} has no document {track.document}", remedy="Write it, or correct the path"
        )
    elif track.document in {each.document for each in tracks[:at]}:
        yield unmatched_track.finding(place, f"{track.document} is the document of another track already")
    elif (start := reach(workspace)) and track.document not in set(linked(start.name, workspace)):
        yield unmatched_track.finding(
            Place(start.name), f"{start.name} does not list {track.document}, the document of {track.name}"
        )
    if at == 0:
        yield from _without_track(tracks, workspace)


def _without_track(tracks: tuple[Track, ...], workspace: Workspace) -> Iterator[Finding]:
    """The numbered documents beside those of tracks that are the document of none."""
    own = {each.document for each in tracks}
    folders = {posixpath.dirname(each) for each in own}
    start = reach(workspace)
    spared = {*own, start.name if start else ""}
    for document in documents(workspace):
        folder, name = posixpath.split(document.file)
        numbered_ = name[:2].isdecimal() and name[:2] != "00" and name[2:3] in {"-", "_"}
        if numbered_ and folder in folders and document.file not in spared:
            yield unmatched_track.finding(
                Place(document.file), f"{name} is the document of no track", remedy="Declare its track, or move it"
            )
