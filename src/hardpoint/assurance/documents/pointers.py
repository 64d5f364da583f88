"""Where a pointer leads: which target it names, whether that exists, and what is nearest where it does not."""

import difflib
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import pathspec

from hardpoint.assurance.documents.markdown import Document, Pointer, parse
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.kernel.problem import UnreadableProblem
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
_MAX_CANDIDATES = 5000


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
    by_name = workspace.derive(_by_name)
    name = posixpath.basename(path)
    same_name = [each for each in by_name.get(name.lower(), ()) if each != document.file]
    candidates = same_name or _similar(name, by_name)
    if not candidates:
        return None
    best = max(candidates, key=lambda each: (difflib.SequenceMatcher(None, each, path).ratio(), each))
    return posixpath.relpath(best, posixpath.dirname(document.file) or ".")


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


def _by_name(workspace: Workspace) -> Mapping[str, list[str]]:
    names: dict[str, list[str]] = {}
    for file in workspace.files:
        names.setdefault(posixpath.basename(file).lower(), []).append(file)
    return names


def _similar(name: str, by_name: Mapping[str, list[str]]) -> list[str]:
    suffix = posixpath.splitext(name)[1].lower()
    alike = [each for each in by_name if each.endswith(suffix)][:_MAX_CANDIDATES]
    return [
        file for close in difflib.get_close_matches(name.lower(), alike, n=3, cutoff=0.7) for file in by_name[close]
    ]


def judged(document: Document) -> Iterator[tuple[Pointer, Target]]:
    """The document's pointers that lead into the repository, with what they name."""
    for pointer in document.pointers:
        target = target_of(pointer, document)
        if target is not None:
            yield pointer, target
