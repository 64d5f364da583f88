"""The index: the page that every document can be reached from, and numbered documents and tracks beside it."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from hardpoint.assurance.documents.corpus import document_at, documents
from hardpoint.assurance.documents.markdown import Document
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.sources import source_of
from hardpoint.kernel.workspace import Workspace

_EVIDENT = ("docs/00-index.md", "docs/index.md", "docs/README.md")
_ENTRIES = ("README.md", *_EVIDENT, "docs/SUMMARY.md", "SUMMARY.md")
# A generator that lists pages by itself: no page links to them, and readers still find them.
_LISTS_BY_ITSELF = re.compile(
    r"(?:^|/)(?:docusaurus\.config\.\w+|sidebars?\.\w+|_config\.ya?ml|conf\.py|hugo\.(?:toml|ya?ml|json)|antora\.yml"
    r"|_toc\.yml|book\.toml|\.vitepress/config\.\w+|astro\.config\.\w+|_sidebar\.md|_quarto\.yml|mint\.json|docs\.json"
    r"|docs/(?:.*/)?_?meta\.\w+|redocly\.yaml|zensical\.toml|toc\.yml)$"
)
_MKDOCS = ("mkdocs.yml", "mkdocs.yaml")
_NAV = re.compile(r"^nav:[ \t]*\n((?:[ \t]*(?:-|#).*\n?|[ \t]+.*\n?|\n)*)", re.MULTILINE)
_PAGE = re.compile(r"""([^\s'":\[\],]+\.md)\b""")
_NUMBERED = re.compile(r"^(\d{2})[-_].*\.md$")
_ZEROTH = re.compile(r"^00[-_](?:index|readme|overview|contents|start)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
_NEAR_THE_ROOT = 3
_PAGE_FORMS = ("", ".md", "/README.md", "/index.md", "/00-index.md")


@dataclass(frozen=True, slots=True)
class Reach:
    """Where readers begin, the folder whose documents are to be reachable from there, and in how many links."""

    entries: tuple[str, ...]
    folder: str
    depth: int | None

    @property
    def name(self) -> str:
        """The page that stands for all of them."""
        return self.entries[0]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A folder of numbered documents with their index: each path with its number, in order."""

    index: str
    documents: tuple[tuple[int, str], ...]


def reach(workspace: Workspace) -> Reach | None:
    """The index that is declared, or else recognised; None where nothing shows which page it is.

    A page that leads to less than half of the documents is called an index, and is none.
    """
    return workspace.derive(_reach)


def unreached(workspace: Workspace) -> Mapping[str, int | None]:
    """The documents of the index's folder that are not reachable within its depth, with how many links away."""
    return workspace.derive(_unreached)


def below(folder: str, workspace: Workspace) -> list[Document]:
    """The documents in a folder and below it; posts of a blog are listed by date, and what `_` begins is taken in."""
    own = (each for each in documents(workspace) if not folder or each.file.startswith(f"{folder}/"))
    return [each for each in own if "/blog/" not in each.file and "/_" not in each.file]


def linked(file: str, workspace: Workspace) -> Iterator[str]:
    """The documents that a document leads to: a folder leads to its page, or to what its listing shows."""
    document = document_at(workspace, file)
    for target in document.targets if document else ():
        yield from led_to(target, file, workspace)


def led_to(target: str, file: str, workspace: Workspace) -> Iterator[str]:
    """The documents that a target in some document leads to."""
    if _ELSEWHERE.match(target) or target.startswith("#"):
        return
    path = unquote(target.partition("#")[0].partition("?")[0])
    folder = "" if path.startswith("/") else posixpath.dirname(file)
    meant = posixpath.normpath(posixpath.join(folder, path.lstrip("/") if path.startswith("/") else path))
    meant = "" if meant == "." else meant
    bare = meant.removesuffix(".html")
    page = next((each for form in _PAGE_FORMS if document_at(workspace, each := bare + form)), None)
    if page is not None:
        yield page
    elif meant in workspace.paths:
        yield from workspace.derive(_by_folder).get(meant, ())


def numbered(workspace: Workspace) -> list[Numbered]:
    """The folders of numbered documents whose index is numbered too, or is declared."""
    declared = workspace.manifest[DOCUMENTS].index
    found: list[Numbered] = []
    for folder, files in workspace.derive(_by_folder).items():
        own = [(int(named[1]), file) for file in files if (named := _NUMBERED.match(posixpath.basename(file)))]
        zeroth = [file for _, file in own if _ZEROTH.match(posixpath.basename(file))]
        index = declared.document if declared and posixpath.dirname(declared.document) == folder else None
        if len(own) > 1 and (at := index or next(iter(zeroth), None)):
            found.append(Numbered(at, tuple(sorted(own))))
    return found


def _reach(workspace: Workspace) -> Reach | None:
    declared = workspace.manifest[DOCUMENTS].index
    if declared is not None:
        return Reach((declared.document,), posixpath.dirname(declared.document), declared.depth)
    if any(_LISTS_BY_ITSELF.search(file) for file in workspace.files if file.count("/") <= _NEAR_THE_ROOT):
        return None
    pages = _nav(workspace)
    if pages is not None:
        folder = posixpath.dirname(pages[0]).partition("/")[0] if pages else ""
        return Reach((*pages, "README.md"), folder, None) if pages else None
    index = next((each for each in _EVIDENT if each in workspace.paths), None)
    if index is None or source_of(index, workspace).startswith("---\n"):  # what has front matter is a generator's page
        return None
    found = Reach((index, *(each for each in _ENTRIES if each != index and each in workspace.paths)), "docs", None)
    own = below(found.folder, workspace)
    away = _away(found, workspace)
    return found if sum(each.file in away for each in own) * 2 > len(own) else None


def _by_folder(workspace: Workspace) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for document in documents(workspace):
        found.setdefault(posixpath.dirname(document.file), []).append(document.file)
    return found


def _unreached(workspace: Workspace) -> Mapping[str, int | None]:
    start = reach(workspace)
    if start is None:
        return {}
    away = _away(start, workspace)
    far = {file: distance for file, distance in away.items() if start.depth is not None and distance > start.depth}
    return {
        each.file: far.get(each.file)
        for each in below(start.folder, workspace)
        if each.file not in away or each.file in far
    }


def _away(start: Reach, workspace: Workspace) -> Mapping[str, int]:
    """How many links each document is away from where readers begin."""
    away = dict.fromkeys((each for each in start.entries if document_at(workspace, each)), 0)
    waiting = list(away)
    for file in waiting:  # grows while it is walked
        for found in linked(file, workspace):
            if found not in away:
                away[found] = away[file] + 1
                waiting.append(found)
    return away


def _nav(workspace: Workspace) -> list[str] | None:
    """The pages in the `nav` of MkDocs; none of them where it leaves the order to a program, None without MkDocs."""
    file = next((each for each in _MKDOCS if each in workspace.paths), None)
    if file is None:
        return None
    text = source_of(file, workspace)
    nav = _NAV.search(text)
    if nav is None or "*" in nav[1] or re.search(r"^[^#\n]*\S/[ \t]*$", nav[1], re.MULTILINE):
        return []
    docs_dir = re.search(r"^docs_dir:[ \t]*[\"']?([^\s\"'#]+)", text, re.MULTILINE)
    folder = docs_dir[1].strip("./") if docs_dir else "docs"
    return [posixpath.normpath(posixpath.join(folder, page)) for page in _PAGE.findall(nav[1])]
