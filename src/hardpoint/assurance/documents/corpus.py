"""The documents of a workspace: which files they are, what they hold, and the anchors that they offer."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from functools import partial
from itertools import islice
from typing import NamedTuple

from hardpoint.assurance.documents.glance import glance
from hardpoint.assurance.documents.markdown import Document, Pointer, parse
from hardpoint.assurance.documents.mentions import words_sought
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.sites import dialect_of, site_of
from hardpoint.kernel.halves import in_halves
from hardpoint.kernel.ignoring import spec_of
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.progress import track
from hardpoint.kernel.spelling import Spelling
from hardpoint.kernel.workspace import Workspace

SUFFIXES = (".md", ".markdown", ".mdx")
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
MAX_NOTES = 200
"""How many folders of others are told by a note; each is compared with every document."""
_NOT_OURS = (
    *("node_modules/", "bower_components/", "site-packages/", ".venv/", ".bundle/"),
    *("vendor/", "vendored/", "_vendor/", "third_party/", "third-party/", "thirdparty/", "3rdparty/"),
    *("_generated/", "__generated__/"),
    *("testdata/", "__fixtures__/", "**/test/fixtures/", "**/tests/fixtures/", "**/spec/fixtures/"),  # what tests read
)
# What says of the folder that it lies in that others wrote it, as MediaWiki has it, or a generator of API clients did.
_NOTES = frozenset({"foreign-resources.yaml", ".swagger-codegen-ignore", ".openapi-generator-ignore"})
_ATTRIBUTE = re.compile(r"^(\S+)\s.*(?<![-!])\blinguist-(?:vendored|generated)(?:=true)?(?=\s|$)", re.MULTILINE)
_ORDER = re.compile(r"^\d+[-_. ]+")


def documents(workspace: Workspace) -> list[Document]:
    """Every document of the workspace: its Markdown, without what others wrote and what the manifest excludes."""
    return list(workspace.derive(_documents).values())


def document_at(workspace: Workspace, path: str) -> Document | None:
    """The document at a path, or None if that is no document."""
    return workspace.derive(_documents).get(path)


def pointers_of(document: Document, workspace: Workspace) -> tuple[Pointer, ...]:
    """What a document names, each with its place, in the order in which they stand there."""
    if document.pointers is not None or document.unread:
        return document.pointers or ()
    placed = workspace.derive(_placed)
    if document.file not in placed:
        placed[document.file] = parse(document.file, workspace.read(document.file)).pointers or ()
    return placed[document.file]


def anchors_of(file: str, workspace: Workspace) -> frozenset[str]:
    """What a fragment may name in a document: the ids that it gives, and the slugs of its headings."""
    document = document_at(workspace, file)
    return document.anchors if document else frozenset()


def mentioning(workspace: Workspace, *words: str) -> list[str]:
    """The documents that have one of some words, in any case and as part of others too, in the order of their names."""
    return [file for file, page in workspace.derive(_pages).items() if not page.words.isdisjoint(words)]


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


class _Page(NamedTuple):
    """A document, and which of the words that are sought it has."""

    document: Document
    words: frozenset[str] = frozenset()


def _documents(workspace: Workspace) -> Mapping[str, Document]:
    return {file: page.document for file, page in workspace.derive(_pages).items()}


def _pages(workspace: Workspace) -> Mapping[str, _Page]:
    excluded = spec_of([*_NOT_OURS, *_noted(workspace), *_marked(workspace), *workspace.manifest[DOCUMENTS].exclude])
    named = (file for file in workspace.files if file.lower().endswith(SUFFIXES))
    files = [file for file in named if not excluded.match_file(file) and workspace.holds(file)]
    words = {word: word.encode() for word in words_sought(workspace)}
    told = partial(track, label="Reading documents", progress=workspace.progress)
    read = in_halves(lambda some: [_read(file, words, workspace) for file in some], files, told)
    return dict(zip(files, read, strict=True))


def _read(file: str, words: Mapping[str, bytes], workspace: Workspace) -> _Page:
    try:
        content = workspace.read(file)
    except UnreadableProblem as problem:
        return _Page(Document(file, unread=problem.sentence))
    lower = content.lower()
    found = frozenset(word for word, written in words.items() if written in lower)
    if len(content) > MAX_DOCUMENT_BYTES:
        return _Page(Document(file, unread=f"is larger than {MAX_DOCUMENT_BYTES // 2**20} MiB"), found)
    dialect = dialect_of(file, workspace)
    return _Page(glance(file, content, dialect) or parse(file, content, dialect), found)


def _noted(workspace: Workspace) -> Iterable[str]:
    """The folders that hold a note on where they come from; the root is the team's own whatever it holds."""
    parts = (posixpath.split(file) for file in workspace.files)
    folders = (folder for folder, name in parts if folder and name in _NOTES)
    yield from (f"/{_literal(folder)}/" for folder in islice(folders, MAX_NOTES))


def _marked(workspace: Workspace) -> Iterable[str]:
    """What .gitattributes says that others wrote or programs made, as patterns from the root."""
    for file in workspace.files:
        if posixpath.basename(file) == ".gitattributes":
            folder = posixpath.dirname(file)
            try:
                text = workspace.read(file).decode("utf-8", "replace")
            except UnreadableProblem:  # git follows no link here either
                continue
            for pattern in _ATTRIBUTE.findall(text):
                anchored = pattern.lstrip("/") if "/" in pattern.rstrip("/") else f"**/{pattern}"
                yield f"/{_literal(folder)}/{anchored}" if folder else f"/{anchored}"


def _literal(folder: str) -> str:
    """A folder as a pattern that no other folder matches, though it be called `*`."""
    return re.sub(r"([\\*?\[\]!#])", r"\\\1", folder)


def _placed(_: Workspace) -> dict[str, tuple[Pointer, ...]]:
    return {}


def _spellings(_: Workspace) -> dict[str, Spelling]:
    return {}


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
