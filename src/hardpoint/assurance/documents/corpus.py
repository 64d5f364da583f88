"""The documents of a workspace: which files they are, what they hold, and the anchors that they offer."""

import posixpath
import re
from collections.abc import Iterable, Mapping

import pathspec

from hardpoint.assurance.documents.markdown import Document, parse
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.sites import dialect_of, site_of
from hardpoint.assurance.documents.slugs import Dialect, anchors
from hardpoint.kernel.halves import in_halves
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.spelling import Spelling
from hardpoint.kernel.workspace import Workspace

SUFFIXES = (".md", ".markdown", ".mdx")
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
_NOT_OURS = ("node_modules/", "vendor/", "third_party/", "site-packages/", ".venv/")
_ATTRIBUTE = re.compile(r"^(\S+)\s.*(?<![-!])\blinguist-(?:vendored|generated)(?:=true)?(?=\s|$)", re.MULTILINE)
_ORDER = re.compile(r"^\d+[-_. ]+")


def documents(workspace: Workspace) -> list[Document]:
    """Every document of the workspace: its Markdown, without what others wrote and what the manifest excludes."""
    return list(workspace.derive(_documents).values())


def document_at(workspace: Workspace, path: str) -> Document | None:
    """The document at a path, or None if that is no document."""
    return workspace.derive(_documents).get(path)


def anchors_of(file: str, workspace: Workspace) -> frozenset[str]:
    """What a fragment may name in a document: the ids that it gives, and the slugs of its headings."""
    known = workspace.derive(_anchors)
    if file not in known:
        document = document_at(workspace, file)
        known[file] = frozenset(_anchors_in(document, dialect_of(file, workspace))) if document else frozenset()
    return known[file]


def spelling_of(file: str, workspace: Workspace) -> Spelling:
    """The anchor of a document that was meant by one that is not there."""
    known = workspace.derive(_spellings)
    if file not in known:
        known[file] = Spelling(sorted(anchors_of(file, workspace)))
    return known[file]


def page_names(workspace: Workspace) -> frozenset[str]:
    """What pages of sites are known by besides their paths: from their front matter, and without numbers in front."""
    return workspace.derive(_page_names)


def site_labels(workspace: Workspace) -> frozenset[str]:
    """The labels of MyST, which any page may name."""
    return workspace.derive(_site_labels)


def _documents(workspace: Workspace) -> Mapping[str, Document]:
    excluded = pathspec.GitIgnoreSpec.from_lines(
        [*_NOT_OURS, *_marked(workspace), *workspace.manifest[DOCUMENTS].exclude]
    )
    named = (file for file in workspace.files if file.lower().endswith(SUFFIXES))
    files = [file for file in named if not excluded.match_file(file) and workspace.holds(file)]
    read = in_halves(lambda some: [_read(file, workspace) for file in some], files)
    return {document.file: document for document in read}


def _read(file: str, workspace: Workspace) -> Document:
    try:
        content = workspace.read(file)
    except UnreadableProblem as problem:
        return Document(file, unread=problem.sentence)
    if len(content) > MAX_DOCUMENT_BYTES:
        return Document(file, unread=f"is larger than {MAX_DOCUMENT_BYTES // 2**20} MiB")
    return parse(file, content)


def _marked(workspace: Workspace) -> Iterable[str]:
    """What .gitattributes says that others wrote or programs made, as patterns from the root."""
    for file in workspace.files:
        if posixpath.basename(file) == ".gitattributes":
            folder = posixpath.dirname(file)
            text = workspace.read(file).decode("utf-8", "replace")
            for pattern in _ATTRIBUTE.findall(text):
                anchored = pattern.lstrip("/") if "/" in pattern.rstrip("/") else f"**/{pattern}"
                yield f"/{folder}/{anchored}" if folder else f"/{anchored}"


def _anchors(_: Workspace) -> dict[str, frozenset[str]]:
    return {}


def _spellings(_: Workspace) -> dict[str, Spelling]:
    return {}


def _anchors_in(document: Document, dialect: Dialect) -> Iterable[str]:
    yield from document.ids
    headings = document.headings
    yield from anchors((each.text for each in headings), dialect, document.ids)
    if any(each.text != each.without_images for each in headings):
        yield from anchors((each.without_images for each in headings), dialect, document.ids)
        yield from anchors((each.without_images.strip() for each in headings), dialect, document.ids)
    if dialect is Dialect.HUGO:
        yield from anchors((each.source for each in headings), dialect)
    if dialect is Dialect.GITBOOK:
        yield from anchors((each.text for each in headings), Dialect.GITHUB)


def _page_names(workspace: Workspace) -> frozenset[str]:
    names: set[str] = set()
    for document in documents(workspace):
        site = site_of(document.file, workspace)
        if site is not None and site.pages:
            stem = posixpath.splitext(posixpath.basename(document.file))[0]
            names.add(_ORDER.sub("", stem))
            names.update(_ORDER.sub("", part) for part in posixpath.dirname(document.file).split("/"))
            names.update(posixpath.basename(name.rstrip("/")) for name in document.names)
            names.update(document.ids if site.generator == "myst" else ())
    return frozenset(names)


def _site_labels(workspace: Workspace) -> frozenset[str]:
    found: set[str] = set()
    for document in documents(workspace):
        if document.ids and (site := site_of(document.file, workspace)) and site.generator == "myst":
            found.update(document.ids)
    return frozenset(found)
