"""Where pointers lead: what each names in the repository, and what is wrong with those that lead to nothing."""

import os
import posixpath
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import NamedTuple
from urllib.parse import unquote

from hardpoint.assurance.documents.corpus import (
    SUFFIXES,
    anchors_of,
    document_at,
    documents,
    page_names,
    pointers_of,
    site_labels,
)
from hardpoint.assurance.documents.endings import endings_of_files
from hardpoint.assurance.documents.history import history
from hardpoint.assurance.documents.made import HTML, files_by_name, is_hyphenated, may_be_made
from hardpoint.assurance.documents.markdown import Document, Form, Pointer, is_composed
from hardpoint.assurance.documents.published import OWN, published
from hardpoint.assurance.documents.sites import Site, site_of
from hardpoint.kernel import git
from hardpoint.kernel.halves import in_halves
from hardpoint.kernel.workspace import Workspace

# What begins with a backtick, or has `::`, names code, as ExDoc and rustdoc have it.
_ELSEWHERE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|[\w.+-]+@[\w-]+\.[\w.]+$|`|\w+::\w")
# What some program fills in: not the target that readers get.
_TEMPLATE = re.compile(r"\{\{|\{%|\$\{|[<>]|\{[\w.: -]*\}|\.\.\.|…|^@|^\$|^%[A-Z_]{3,}%|\$\(|\*")
_ODD = re.compile(r"[{}<>$@%*…]|\.\.\.")
_PLACEHOLDERS = frozenset(
    {"url", "link", "path", "href", "todo", "tbd", "xxx", "...", "your-link-here", "path/to/file"}
)
_NO_ANCHORS_OF_OURS = re.compile(
    r"(?:L\d+(?:C\d+)?(?:-L?\d+(?:C\d+)?)?|top|:~:.*|/.*|!.*|\+.*|fn(?:ref)?:.*|.*=.*)?", re.IGNORECASE
)
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
    r"(?:^|[/_.-])(?:foo|bar|baz|example|sample|my|your|path|xxx?|some|name|file|filename|dir|folder)(?=$|[/_.-])"
    r"|(?:^|/)[a-z](?:/|\.\w+$)",
    re.IGNORECASE,
)


SPHINX_OWN = frozenset({"self", "genindex", "modindex", "py-modindex", "search"})
"""The pages that Sphinx writes itself."""


# What tests and benchmarks read may be wrong on purpose; what people read there is called so everywhere.
_OF_TESTS = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__|e2e|bench(?:marks?)?|fuzz(?:ing)?)/(?!(?:.*/)?(?:README|CONTRIBUTING)\b)",
    re.IGNORECASE,
)
# What a forge or a workflow posts as the text of a request or a release, and what is filled in, stands elsewhere then.
_POSTED = re.compile(
    r"(?:^|/)(?:pull_request_template|issue_template)[^/]*$"
    r"|(?:^|/)(?:PULL_REQUEST_TEMPLATE|ISSUE_TEMPLATE|merge_request_templates|issue_templates|\.github/workflows)/"
    r"|\.(?:template|tmpl|tpl)\.\w+$",
    re.IGNORECASE,
)
# A commit, a request or an issue as GitLab writes them, which it takes for a target too (Banzai's reference filters).
_REFERENCE = re.compile(r"[\w./-]*(?:@[0-9a-f]{7,64}(?:\.{2,3}[0-9a-f]{7,64})?|[!&]\d+|(?<=[\w-])#\d+)")
_CATALOG = re.compile(r"^(.*\.docc)(?:/|$)")
_VARIANT = re.compile(r"(?:~dark|@[23]x)*(?:\.\w+)?$")
_MANY = 5
"""From how many pointers on, to a page that no commit had or to several of one folder, something may make them."""
_FEW = 3
"""From how many files on that are named of a kind that neither the tree nor anybody here knows, a program knows it."""


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
    judged = [document for document in documents(workspace) if not _is_laid_out(document, workspace)]
    doubted = in_halves(lambda some: [judge.doubts(document) for document in some], judged)
    found = {
        document.file: tuple(judge.document(document, pointers))
        for document, pointers in zip(judged, doubted, strict=True)
        if pointers
    }
    return without_ignored(_without_made({file: each for file, each in found.items() if each}, workspace), workspace)


def _without_made(found: Mapping[str, tuple[Broken, ...]], workspace: Workspace) -> Mapping[str, tuple[Broken, ...]]:
    """With a doubt about what no commit ever had, where it is named many times, or many of its kind or its folder are.

    A slip is made once, or in one document; a page by a build or by a program elsewhere. Where the history is cut, what
    it does not know may have been deleted just now.
    """
    named: dict[str, list[str]] = {}
    for file, many in found.items():
        for each in many:
            if each.wrong is Wrong.GONE:
                named.setdefault(each.path, []).append(file)
    unknown = [path for path in named if not history(workspace).may_know(path)]
    strange = Counter(_ending_of(path) for path in unknown if not _KNOWN_ENDING.search(path))
    kinds = {each for each, paths in strange.items() if each and paths >= _FEW} - workspace.derive(_endings_there)
    nowhere = [path for path in unknown if posixpath.basename(path) not in workspace.derive(files_by_name)]
    lacking = Counter(map(posixpath.dirname, nowhere))
    naming = {(posixpath.dirname(path), file) for path in nowhere for file in named[path]}
    several = Counter(folder for folder, _ in naming)
    folders = {
        each for each, paths in lacking.items() if paths >= _MANY and several[each] > 1 and each in workspace.paths
    }
    made = {path for path in unknown if len(named[path]) >= _MANY or _ending_of(path) in kinds}
    made |= {path for path in nowhere if posixpath.dirname(path) in folders}
    return {
        file: tuple(
            each._replace(wrong=Wrong.ADDRESS) if each.wrong is Wrong.GONE and each.path in made else each
            for each in many
        )
        for file, many in found.items()
    }


def _ending_of(path: str) -> str:
    return posixpath.splitext(path)[1].lower()


def _endings_there(workspace: Workspace) -> frozenset[str]:
    return frozenset(map(_ending_of, workspace.files))


def _is_laid_out(document: Document, workspace: Workspace) -> bool:
    """Whether it is a table of contents for a book that is put together elsewhere: none of its pages is beside it."""
    folder, name = posixpath.split(document.file)
    if name != "SUMMARY.md":
        return False
    targets = (each.partition("#")[0] for each in document.targets)
    return not {path_of(each, folder) for each in targets if each and not _ELSEWHERE.match(each)} & workspace.paths


def without_ignored(found: Mapping[str, tuple[Broken, ...]], workspace: Workspace) -> Mapping[str, tuple[Broken, ...]]:
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
        self._name = self._stem = ""
        self._is_tested = self._is_moved = False
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
        self._site = site_of(document.file, self._workspace) or published(self._folder, self._workspace)
        self._is_tested = _OF_TESTS.search(document.file) is not None
        index_alone = self._site is None and document.file.endswith("_index.md")  # of a site that is made elsewhere
        self._is_moved = index_alone or _POSTED.search(document.file) is not None
        self._name = posixpath.basename(document.file)
        self._stem = posixpath.splitext(self._name)[0]

    def _pointer(self, pointer: Pointer, document: Document) -> Broken | None:
        target = pointer.target
        if pointer.form in _OF_LABELS:
            return self._label(pointer)
        if not target.strip():
            is_draft = self._stem == "SUMMARY"  # of a chapter that is yet to be written, as mdBook has it
            meant_so = is_draft or self._is_tested or pointer.form is Form.HTML
            return None if meant_so else Broken(Wrong.EMPTY, pointer)
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
        if "template" in self._stem.lower() and _MADE_UP.search(written):
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
        site = self._site
        pages = site is not None and (site.pages or (site.generator == "mdbook" and path.endswith(".html")))
        if found is None and (page := self._page(meant)) is not None and not pages:
            return Broken(Wrong.ENDING, pointer, meant, fragment, page)
        if found is None and site is not None:
            found = self._by_address(pointer, path, meant, pages=pages)
        if found is not None:
            return self._anchor(pointer, found, fragment) if fragment else None
        if (cased := self._in_other_case(meant)) is not None:
            return Broken(Wrong.ADDRESS if self._is_moved else Wrong.CASE, pointer, meant, fragment, cased)
        return self._gone(pointer, path, meant, fragment)

    def _gone(self, pointer: Pointer, path: str, meant: str, fragment: str) -> Broken | None:
        """What is wrong with a path that no file has in any form, unless something makes it or knows it by that."""
        pages = self._site is not None and self._site.pages
        made = may_be_made(path, meant, self._folder, self._site, self._workspace)
        if made or self._is_beyond(meant) or self._is_of_sphinx(path) or self._is_known_otherwise(pointer, path, meant):
            return None
        if self._holds_where_published(pointer, path, meant):
            return None
        if self._is_named(path):  # an address of the site, unless a file is named, which may yet lie elsewhere
            is_file = path.lower().endswith(SUFFIXES)
            return Broken(Wrong.ADDRESS, pointer, meant, fragment) if is_file else None
        below = path_of(path, f"{self._folder}/{self._stem}".lstrip("/"))
        if not _KNOWN_ENDING.search(path) and (page := self._page(below)) is not None:
            return Broken(Wrong.ENDING, pointer, meant, fragment, page)
        bare = not _KNOWN_ENDING.search(meant)
        folder = posixpath.dirname(meant)  # of a site that has no such folder, programs may make it
        doubtful = (pages and (bare or (bool(folder) and folder not in self._paths))) or HTML.search(meant) is not None
        doubtful = doubtful or (bare and is_hyphenated(path, self._workspace))
        doubtful = doubtful and not history(self._workspace).knows(meant)
        return Broken(
            Wrong.ADDRESS if doubtful or self._is_tested or self._is_moved else Wrong.GONE, pointer, meant, fragment
        )

    def _is_known_otherwise(self, pointer: Pointer, path: str, meant: str) -> bool:
        """Whether whoever shows the document knows it by more than its path: a forge, DocC or Doxygen."""
        if _REFERENCE.fullmatch(pointer.target):
            return True
        if catalog := _CATALOG.match(self._folder):
            return _VARIANT.sub("", posixpath.basename(path)) in self._workspace.derive(_in_catalogs).get(
                catalog[1], ()
            )
        doxygen = self._workspace.derive(_folders_of_doxygen)
        reads = any(each in doxygen for each in (*self._above(), ""))
        shows = bool(doxygen) and pointer.form is Form.IMAGE and self._name not in _INDEXES  # by its IMAGE_PATH
        found = (reads or shows) and bool(self._ending_so(path))
        return found and (reads or not history(self._workspace).may_know(meant))

    def _holds_where_published(self, pointer: Pointer, path: str, meant: str) -> bool:
        """Whether a page of the same name has this pointer too, in a site that the document is no page of.

        Of the one, a program makes the other, as mdman does for the book of Cargo. A file that once was where the
        pointer leads is missed all the same.
        """
        if self._site is not None or self._name in _INDEXES:
            return False
        for other in self._workspace.derive(files_by_name).get(self._name, ()):
            twin = document_at(self._workspace, other) if site_of(other, self._workspace) else None
            if twin and pointer.target in twin.targets and path_of(path, posixpath.dirname(other)) in self._paths:
                return not history(self._workspace).may_know(meant)
        return False

    def _by_address(self, pointer: Pointer, path: str, meant: str, *, pages: bool) -> str | None:
        """The file that a site answers with, where a page is a folder by its address and HTML is left as it is."""
        below = path_of(path, f"{self._folder}/{self._stem}".lstrip("/"))
        if pages and (page := self._page(meant) or self._page(below)) is not None:
            return page
        if (pages or pointer.form is Form.HTML) and below in self._paths:
            return below
        own = self._site is not None and self._site.generator == OWN and "/" in path
        if own and not path.endswith((".md", ".html")) and not history(self._workspace).knows(meant):
            return next(iter(self._ending_so(path)), None)  # nobody knows where its program looks for pictures
        return None

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
        if _NO_ANCHORS_OF_OURS.fullmatch(fragment) or self._is_label_of_code(pointer):
            return None
        aimed_at = document_at(self._workspace, file)
        if aimed_at is None or aimed_at.unread:
            return None
        if fragment in (known := anchors_of(file, self._workspace)) or fragment.lower() in known:
            return None
        if fragment.removeprefix("user-content-") in known or fragment in site_labels(self._workspace):
            return None
        unsure = self._is_own(file) and _letters(fragment) in {_letters(each) for each in known}
        return None if unsure or self._is_composed(file) else Broken(Wrong.ANCHOR, pointer, file, fragment, file)

    def _is_label_of_code(self, pointer: Pointer) -> bool:
        """Whether it may name something in code, where MyST looks too for what a page alone names."""
        site = self._site
        return site is not None and site.generator == "myst" and site.labels_elsewhere and pointer.target[0] == "#"

    def _is_own(self, file: str) -> bool:
        """Whether nobody here knows how the anchors of a file are made of its headings."""
        return published(posixpath.dirname(file), self._workspace) is not None

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
        if self._site is not None and self._site.generator == "hugo":  # its addresses are in small letters
            return self._in_other_case(f"{bare}.md") or self._in_other_case(f"{bare}/index.md")
        return None

    def _is_named(self, path: str) -> bool:
        """Whether some page says in its front matter that this is its address, or is a site's word for it."""
        last = posixpath.basename(path.rstrip("/"))
        if self._site is None:
            return last in self._front(posixpath.dirname(path_of(path, self._folder)))
        if not self._site.pages:
            return False
        names = page_names(self._workspace)
        return bool(last) and (
            path in names or last in names or last.removesuffix(".html").removesuffix(".md") in names
        )

    def _front(self, folder: str) -> frozenset[str]:
        """What the pages of a folder say that they are called: somewhere a site is made of them."""
        return self._workspace.derive(_names_by_folder).get(folder, frozenset())

    def _is_of_sphinx(self, path: str) -> bool:
        """Whether Sphinx may know a word: as an object of code, a page of its own, or a label that is not Markdown."""
        if self._site is None or self._site.generator != "myst" or "/" in path or _KNOWN_ENDING.search(path):
            return False
        return "." in path or path in SPHINX_OWN or any(map(self._site.holds, self._workspace.derive(_rst_files)))

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
        if path.startswith(".") and not known(path_of(path, self._folder)):
            return None  # from where, nobody says
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

    def _ending_so(self, path: str) -> list[str]:
        """The files whose path ends as this one does."""
        bare = path.lstrip("./")
        named = self._workspace.derive(files_by_name).get(posixpath.basename(bare), ())
        return [each for each in named if each.endswith(f"/{bare}")]


def _names_by_folder(workspace: Workspace) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for document in documents(workspace):
        if document.names:
            found.setdefault(posixpath.dirname(document.file), set()).update(document.names)
    return {folder: frozenset(names) for folder, names in found.items()}


def _letters(anchor: str) -> str:
    return "".join(each for each in anchor.casefold() if each.isalnum())


def _in_catalogs(workspace: Workspace) -> Mapping[str, set[str]]:
    """What lies in each catalog of DocC, by its name without the words for its variants."""
    found: dict[str, set[str]] = {}
    for file in workspace.files:
        if catalog := _CATALOG.match(posixpath.dirname(file)):
            found.setdefault(catalog[1], set()).add(_VARIANT.sub("", posixpath.basename(file)))
    return found


def _folders_of_doxygen(workspace: Workspace) -> frozenset[str]:
    named = (posixpath.split(file) for file in workspace.files if "oxyfile" in file)
    return frozenset(folder for folder, name in named if name.lower().startswith("doxyfile"))


def _rst_files(workspace: Workspace) -> list[str]:
    return [file for file in workspace.files if file.endswith(".rst")]
