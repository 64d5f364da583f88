"""Where a pointer leads: which target it names, whether that exists, and what is nearest where it does not."""

import difflib
import heapq
import os
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import pathspec

from hardpoint.assurance.documents.markdown import Document, Pointer, parse
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.spelling import MAX_MISSPELT, Spelling
from hardpoint.kernel.workspace import Workspace

SUFFIXES = (".md", ".markdown")
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
_NOT_OURS = ("node_modules/", "vendor/", "third_party/", "site-packages/", ".venv/")
_ELSEWHERE = re.compile(r"^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//|/)")
_TEMPLATE = re.compile(r"\{\{|\{%|\$\{|[<>]")
_PAGE_FORMS = (
    "",
    ".md",
    ".markdown",
    ".mdx",
    ".rst",
    ".ipynb",
    "/index.md",
    "/README.md",
    "/_index.md",
    "/index.mdx",
)
_SIMILAR = 0.7
_MAX_COMPARED = 50


@dataclass(frozen=True, slots=True)
class Target:
    """The repository path that a pointer leads to, and the anchor in it if it names one."""

    path: str
    fragment: str


def documents(workspace: Workspace) -> list[Document]:
    """Every document of the workspace: its Markdown, without what others wrote and what the manifest excludes."""
    return list(workspace.derive(_documents).values())


def document_at(workspace: Workspace, path: str) -> Document | None:
    """The document at a path, or None if that is no document."""
    return workspace.derive(_documents).get(path)


def target_of(pointer: Pointer, document: Document) -> Target | None:
    """What a pointer names inside the repository.

    None for what cannot be judged from the files: other hosts, paths of a published site (`/guide`), templates, and
    what leads out of the repository (`../../issues` on a forge).
    """
    if _ELSEWHERE.match(pointer.target) or _TEMPLATE.search(pointer.target):
        return None
    written, _, fragment = pointer.target.partition("#")
    path = unquote(written.partition("?")[0])
    if not path:
        return Target(document.file, unquote(fragment))
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(document.file), path))
    if joined == ".." or joined.startswith("../"):
        return None
    return Target(joined, unquote(fragment))


def existing(path: str, workspace: Workspace) -> str | None:
    """The file or folder that a path leads to; a page of a site may be written without its ending, or as .html."""
    if path in {".", ""}:
        return "."
    page = path.removesuffix(".html") if path.endswith(".html") else path
    for form in _PAGE_FORMS:
        if (found := path if not form else page + form) in workspace.paths:
            return found
    return None


def nearest(path: str, document: Document, workspace: Workspace) -> str | None:
    """The existing file that was most likely meant, as a link in that document would write it."""
    meant = workspace.derive(_Files).nearest(path)
    best = next((each for each in meant if each != document.file), None)
    return posixpath.relpath(best, posixpath.dirname(document.file) or ".") if best else None


def judged(document: Document) -> Iterator[tuple[Pointer, Target]]:
    """The document's pointers that lead into the repository, with what they name."""
    for pointer in document.pointers:
        target = target_of(pointer, document)
        if target is not None:
            yield pointer, target


def _documents(workspace: Workspace) -> Mapping[str, Document]:
    excluded = pathspec.GitIgnoreSpec.from_lines([*_NOT_OURS, *workspace.manifest[DOCUMENTS].exclude])
    files = [file for file in workspace.files if file.lower().endswith(SUFFIXES) and not excluded.match_file(file)]
    return {file: _read(file, workspace) for file in files}


def _read(file: str, workspace: Workspace) -> Document:
    try:
        content = workspace.read(file)
    except UnreadableProblem as problem:
        return Document(file, unread=problem.sentence)
    if len(content) > MAX_DOCUMENT_BYTES:
        return Document(file, unread=f"is larger than {MAX_DOCUMENT_BYTES // 2**20} MiB")
    return parse(file, content)


class _Files:
    """The files of a workspace by their names, to look for one that moved or was misspelt."""

    def __init__(self, workspace: Workspace) -> None:
        self._by_name: dict[str, list[str]] = {}
        for file in workspace.files:
            self._by_name.setdefault(posixpath.basename(file).lower(), []).append(file)
        self._spellings: dict[str, Spelling] = {}
        self._found: dict[str, Sequence[str]] = {}

    def nearest(self, path: str) -> Sequence[str]:
        """The best two of those with the same name, else of those with a similar one."""
        if path not in self._found:
            if len(self._found) >= MAX_MISSPELT:
                return ()
            candidates = self._by_name.get(posixpath.basename(path).lower()) or self._similar(posixpath.basename(path))
            by_ending = heapq.nlargest(_MAX_COMPARED, candidates, key=lambda each: _common_ending(each, path))
            self._found[path] = heapq.nlargest(
                2, by_ending, key=lambda each: (difflib.SequenceMatcher(None, each, path).ratio(), each)
            )
        return self._found[path]

    def _similar(self, name: str) -> list[str]:
        suffix = posixpath.splitext(name)[1].lower()
        if suffix not in self._spellings:
            alike = (each for each in self._by_name if each.endswith(suffix))
            self._spellings[suffix] = Spelling(alike, cutoff=_SIMILAR)
        return [file for each in self._spellings[suffix].nearest(name.lower()) for file in self._by_name[each]]


def _common_ending(one: str, other: str) -> int:
    return len(os.path.commonprefix([one[::-1], other[::-1]]))  # noqa: RUF071 - characters are meant
