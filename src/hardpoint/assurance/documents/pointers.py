"""Where pointers lead: what each names in the repository, and what is wrong with those that lead to nothing."""

import os
import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import NamedTuple
from urllib.parse import unquote

from hardpoint.assurance.documents.corpus import (
    anchors_of,
    document_at,
    documents,
    page_names,
    pointers_of,
    site_labels,
)
from hardpoint.assurance.documents.endings import endings_of_files
from hardpoint.assurance.documents.history import history
from hardpoint.assurance.documents.markdown import Document, Form, Pointer, is_composed
from hardpoint.assurance.documents.sites import Site, site_of
from hardpoint.kernel import git
from hardpoint.kernel.halves import in_halves
from hardpoint.kernel.workspace import Workspace

_ELSEWHERE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|[\w.+-]+@[\w-]+\.[\w.]+$")
# What some program fills in: not the target that readers get.
_TEMPLATE = re.compile(r"\{\{|\{%|\$\{|[<>]|\{[\w.: -]*\}|\.\.\.|…|^@|^\$|^%[A-Z_]{3,}%|\$\(|\*")
_ODD = re.compile(r"[{}<>$@%*…]|\.\.\.")
_PLACEHOLDERS = frozenset(
    {"url", "link", "path", "href", "todo", "tbd", "xxx", "...", "your-link-here", "path/to/file"}
)
_NO_ANCHORS_OF_OURS = re.compile(r"(?:L\d+(?:C\d+)?(?:-L?\d+(?:C\d+)?)?|top|:~:.*|/.*|!.*|.*=.*)?", re.IGNORECASE)
# Relative addresses of a forge that no file answers: `../../issues`.
_FORGE = re.compile(
    r"(?:\.\./)+(?:(?:-/)?(?:issues|pulls?|releases|wiki|actions|blob|tree|raw|discussions|projects|security|milestones?"
    r"|labels|tags|commits?|compare|merge_requests|stargazers|network|graphs|edit|new|archive|packages|branches)(?:/|$)|$)"
)
_ENDINGS = (".md", ".mdx", ".markdown", ".rst", ".ipynb", ".html")
_INDEXES = ("index.md", "README.md", "_index.md", "index.mdx", "index.html", "index.rst", "readme.md")
_CODE_LINES = re.compile(r"(?::\d+(?:[-:]\d+)?|#L\d+(?:-L\d+)?)$")
_KNOWN_ENDING = re.compile(
    r"\.(?:md|mdx|rst|txt|adoc|py|pyi|ipynb|js|jsx|mjs|cjs|ts|tsx|vue|svelte|css|scss|html?|go|rs|java|kt|kts|scala|rb|erb"
    r"|php|c|cc|cpp|h|hpp|cs|swift|m|sh|bash|zsh|ps1|sql|proto|tf|ya?ml|toml|json|jsonc|xml|ini|cfg|conf|gradle|lua|r"
    r"|svg|png|jpe?g|gif)$",
    re.IGNORECASE,
)
_MADE_UP = re.compile(
    r"(?:^|[/_.-])(?:foo|bar|baz|example|sample|my|your|path|xxx?|some|name|file|filename|dir|folder)(?=$|[/_.-])",
    re.IGNORECASE,
)


class Wrong(Enum):
    """What is wrong with a pointer."""

    GONE = "gone"
    CASE = "case"
    ENDING = "ending"
    ADDRESS = "address"
    ANCHOR = "anchor"
    EMPTY = "empty"
    LABEL = "label"
    UNUSED = "unused"
    CODE = "code"


class Broken(NamedTuple):
    """A pointer that does not hold: the path that it names in the repository, and the file that answers in part."""

    wrong: Wrong
    pointer: Pointer
    path: str = ""
    fragment: str = ""
    answer: str = ""


def broken(document: Document, workspace: Workspace) -> tuple[Broken, ...]:
    """What is wrong with a document's pointers, in the order in which they stand there."""
    return workspace.derive(_judged).get(document.file, ())


def path_of(target: str, folder: str) -> str:
    """The path from the repository's root that a target without fragment names from a folder; `..` if it leads out."""
    rest = target
    while folder and rest.startswith("../"):
        rest, folder = rest[3:].lstrip("/"), folder.rpartition("/")[0]
    if folder and not _NOT_NORMAL.search(rest):  # most are plain, and normpath takes ten times as long
        return f"{folder}/{rest}"
    joined = posixpath.normpath(posixpath.join(folder, rest))
    return "" if joined == "." else joined


_NOT_NORMAL = re.compile(r"(?:^|/)\.{0,2}(?:/|$)")


def _judged(workspace: Workspace) -> Mapping[str, tuple[Broken, ...]]:
    judge = _Judge(workspace)
    judged = documents(workspace)
    doubted = in_halves(lambda some: [judge.doubts(document) for document in some], judged)
    found = {
        document.file: tuple(judge.document(document, pointers))
        for document, pointers in zip(judged, doubted, strict=True)
        if pointers
    }
    return _without_ignored({file: each for file, each in found.items() if each}, workspace)


def _without_ignored(found: Mapping[str, tuple[Broken, ...]], workspace: Workspace) -> Mapping[str, tuple[Broken, ...]]:
    """Without pointers at what git ignores: a build makes it, and no commit has it."""
    if not workspace.in_git or workspace.root is None:
        return found
    paths = {each.path for many in found.values() for each in many if each.wrong in _GONE and each.path[:1] not in ".:"}
    inside = sorted(path for path in paths if "\0" not in path)
    ignored = git.ignored(workspace.root, inside) if inside else frozenset[str]()
    if not ignored:
        return found
    return {file: tuple(each for each in many if each.path not in ignored) for file, many in found.items()}


_GONE = {Wrong.GONE, Wrong.CODE, Wrong.ADDRESS}


_OF_LABELS = frozenset({Form.LABEL, Form.UNUSED})


class _Judge:
    """Judges pointers one after the other; what many of them ask is looked up once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._paths = workspace.paths
        self._folder = ""
        self._site: Site | None = None
        self._lower: Mapping[str, str] | None = None
        self._composed: dict[str, bool] = {}

    def doubts(self, document: Document) -> tuple[Pointer, ...]:
        """The pointers of a document, each with its place; none where everything in it holds, wherever it stands."""
        self._enter(document)
        settled = document.pointers is None and (
            all(self._pointer(Pointer(Form.LINK, each, "", 0, 0), document) is None for each in document.targets)
            and not any(self._is_doubtful(_CODE_LINES.sub("", each)) for each in document.paths)
        )
        return () if settled else pointers_of(document, self._workspace)

    def document(self, document: Document, pointers: Iterable[Pointer]) -> Iterator[Broken]:
        self._enter(document)
        for pointer in pointers:
            found = self._code(pointer) if pointer.form is Form.CODE else self._pointer(pointer, document)
            if found is not None:
                yield found

    def _enter(self, document: Document) -> None:
        self._folder = os.path.dirname(document.file)  # noqa: PTH120 - pathlib is 20 times slower here
        self._site = site_of(document.file, self._workspace)

    def _pointer(self, pointer: Pointer, document: Document) -> Broken | None:
        target = pointer.target
        if pointer.form in _OF_LABELS:
            return self._label(pointer)
        if not target.strip():
            return None if pointer.form is Form.HTML else Broken(Wrong.EMPTY, pointer)
        if _ELSEWHERE.match(target) or (_ODD.search(target) and _TEMPLATE.search(target)):
            return None
        written, _, fragment = target.partition("#")
        written = written.partition("?")[0]
        if not written:
            return self._anchor(pointer, document.file, unquote(fragment)) if fragment else None
        return self._path(pointer, written, unquote(fragment))

    def _label(self, pointer: Pointer) -> Broken | None:
        if self._site and self._site.labels_elsewhere:
            return None
        return Broken(Wrong.LABEL if pointer.form is Form.LABEL else Wrong.UNUSED, pointer)

    def _path(self, pointer: Pointer, written: str, fragment: str) -> Broken | None:
        if written.lower() in _PLACEHOLDERS or (pointer.form is Form.SHORTCODE and self._is_shortcode_fine(written)):
            return None
        path = unquote(written) if "%" in written else written
        if path.startswith("/"):
            return self._address(pointer, path, fragment)
        meant = path_of(path, self._folder)
        if meant in self._paths or not meant:
            return self._anchor(pointer, meant, fragment) if fragment else None
        if meant == ".." or meant.startswith("../"):
            unknown = _FORGE.match(path) or not self._workspace.in_git
            return None if unknown else Broken(Wrong.ADDRESS, pointer, meant, fragment)
        return self._missing(pointer, path, meant, fragment)

    def _missing(self, pointer: Pointer, path: str, meant: str, fragment: str) -> Broken | None:
        """What is wrong with a path that no file has to the letter, if anything is."""
        found = self._same_text(meant)
        pages = self._site is not None and self._site.pages
        if found is None and (page := self._page(meant)) is not None and not pages:
            return Broken(Wrong.ENDING, pointer, meant, fragment, page)
        if found is None and pages:  # a page may be a folder by its address
            found = self._page(meant) or self._page(path_of(path, f"{self._folder}/x"))
        if found is not None:
            return self._anchor(pointer, found, fragment) if fragment else None
        if (cased := self._in_other_case(meant)) is not None:
            return Broken(Wrong.CASE, pointer, meant, fragment, cased)
        if self._is_beyond(meant) or self._is_named(path):
            return None
        bare = not _KNOWN_ENDING.search(meant) or meant.endswith((".html", ".htm"))
        return Broken(Wrong.ADDRESS if pages and bare else Wrong.GONE, pointer, meant, fragment)

    def _is_shortcode_fine(self, path: str) -> bool:
        """Whether Hugo finds the page of a `ref`: by its path from the content, or by its name alone."""
        wanted = "/" + path.partition("#")[0].lstrip("./")
        endings = (wanted, f"{wanted}.md", f"{wanted}/_index.md", f"{wanted}/index.md")
        in_hugo = self._site is not None and self._site.generator == "hugo"
        return not in_hugo or any(endings_of_files(self._workspace).has(each) for each in endings)

    def _address(self, pointer: Pointer, path: str, fragment: str) -> Broken | None:
        """A path from the root: of the site that publishes the document, else of the repository, as a forge has it."""
        relative = path_of(path.lstrip("/"), "")
        roots = dict.fromkeys((*(self._site.content if self._site else ()), ""))
        for root in roots:
            meant = path_of(relative, root)
            page = meant if meant in self._paths else self._page(meant) if self._site else None
            if not meant or page is not None:
                return self._anchor(pointer, page, fragment) if page and fragment else None
        for root in self._site.content if self._site else ():  # `/docs/x` of a site whose pages lie in `docs`
            last = posixpath.basename(root).lstrip("_")
            if last and relative.startswith(f"{last}/") and self._page(path_of(relative[len(last) + 1 :], root)):
                return None
        if self._is_named(relative):
            return None
        return Broken(Wrong.ADDRESS, pointer, path_of(relative, next(iter(roots))), fragment)

    def _anchor(self, pointer: Pointer, file: str, fragment: str) -> Broken | None:
        if _NO_ANCHORS_OF_OURS.fullmatch(fragment):
            return None
        aimed_at = document_at(self._workspace, file)
        if aimed_at is None or aimed_at.unread:
            return None
        if fragment in (known := anchors_of(file, self._workspace)) or fragment.lower() in known:
            return None
        if fragment.removeprefix("user-content-") in known or fragment in site_labels(self._workspace):
            return None
        if self._is_composed(file):
            return None
        return Broken(Wrong.ANCHOR, pointer, file, fragment, file)

    def _is_composed(self, file: str) -> bool:
        if file not in self._composed:
            self._composed[file] = is_composed(self._workspace.read(file))
        return self._composed[file]

    def _page(self, path: str) -> str | None:
        """The file of a page that is named as a site does: without its ending, by its folder, or as .html."""
        bare = path.removesuffix(".html").removesuffix(".htm").rstrip("/")
        for ending in _ENDINGS:
            if bare + ending in self._paths:
                return bare + ending
        for index in _INDEXES:
            if path.endswith(f"/{index}") or bare == path or not bare:
                break
            if f"{bare}/{index}" in self._paths:
                return f"{bare}/{index}"
        return None

    def _is_named(self, path: str) -> bool:
        """Whether some page says in its front matter that this is its address, or is a site's word for it."""
        if self._site is None or not self._site.pages:
            return False
        names = page_names(self._workspace)
        last = posixpath.basename(path.rstrip("/"))
        return bool(last) and (
            path in names or last in names or last.removesuffix(".html").removesuffix(".md") in names
        )

    def _same_text(self, path: str) -> str | None:
        """The path in another Unicode form, or with a `+` for a space."""
        for other in (unicodedata.normalize("NFC", path), unicodedata.normalize("NFD", path)):
            if other in self._paths:
                return other
        return None

    def _in_other_case(self, path: str) -> str | None:
        if self._lower is None:
            self._lower = {each.lower(): each for each in sorted(self._paths, reverse=True)}
        return self._lower.get(path.lower())

    def _is_beyond(self, path: str) -> bool:
        """Whether a path lies in a submodule, or behind a link to a folder: what is there is not listed."""
        root = self._workspace.root
        if root is None:
            return False
        above = posixpath.dirname(path)
        while above and above not in self._paths:
            above = posixpath.dirname(above)
        if not above or not (root / above).is_dir() or above not in self._workspace.file_names:
            return False
        return not (root / above).is_symlink() or (root / path).exists()

    def _code(self, pointer: Pointer) -> Broken | None:
        """An inline code that reads as a path of this repository and is none; what may be something else is left."""
        path = _CODE_LINES.sub("", pointer.target)
        if not self._is_doubtful(path):
            return None
        known = history(self._workspace).knows
        if path.startswith(".github/workflows/") and not known(path):
            return None  # what readers are to put into a repository of their own
        for folder in dict.fromkeys((*self._above(), "")):
            meant = path_of(path, folder)
            parent = posixpath.dirname(meant)
            if meant.startswith(".."):
                continue
            if (parent and parent in self._paths) or known(meant):
                return Broken(Wrong.CODE, pointer, meant)
        return None

    def _is_doubtful(self, path: str) -> bool:
        """Whether an inline code reads as a path, and no file is known by it."""
        if "/" not in path or path.startswith(("/", "~", "@")) or path.endswith("/") or not _KNOWN_ENDING.search(path):
            return False
        return not _MADE_UP.search(path) and not self._exists_somewhere(path)

    def _above(self) -> Iterator[str]:
        folder = self._folder
        while folder:
            yield folder
            folder = posixpath.dirname(folder)

    def _exists_somewhere(self, path: str) -> bool:
        if path_of(path, self._folder) in self._paths or path_of(path, "") in self._paths:
            return True
        return endings_of_files(self._workspace).has("/" + path.lstrip("./"))


def files_by_name(workspace: Workspace) -> Mapping[str, list[str]]:
    """The files of a workspace by the last part of their path."""
    found: dict[str, list[str]] = {}
    for file in workspace.files:
        found.setdefault(posixpath.basename(file), []).append(file)
    return found
