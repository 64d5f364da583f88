"""Repairs: what a pointer that leads to nothing was most likely meant to name, written as its document writes."""

import difflib
import heapq
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple
from urllib.parse import quote

from hardpoint.assurance.documents.aims import Aim, anchor_meant, anchors_elsewhere
from hardpoint.assurance.documents.corpus import SUFFIXES, anchors_of
from hardpoint.assurance.documents.history import history
from hardpoint.assurance.documents.made import HTML, files_by_name
from hardpoint.assurance.documents.markdown import Document, Form
from hardpoint.assurance.documents.outline import text_of
from hardpoint.assurance.documents.pointers import Broken, Wrong, path_of
from hardpoint.assurance.documents.sites import site_of
from hardpoint.assurance.documents.whereabouts import paths_then, whereabouts
from hardpoint.assurance.documents.words import alike, words
from hardpoint.kernel.spelling import Spelling
from hardpoint.kernel.workspace import Workspace

MAX_REPAIRED = 2000
"""For how many paths that are gone the files of the tree are searched; whoever has more mends those first."""
MAX_PARTS = 100_000
"""How many pages are looked at for all pages together that were split."""
MAX_LINE = 10_000
"""Characters of a line that are looked at for what a link says."""
_SIMILAR = 0.7
_SAID = 0.8
_MAX_COMPARED = 50
_MAX_FRAGMENT = 200
_PAGE_ENDINGS = frozenset({".md", ".mdx", ".markdown", ".rst", ".txt", ".adoc", ".html", ".ipynb", ""})
_INDEX_STEMS = frozenset({"readme", "index", "_index"})
_FIRST_PAGES = ("overview", "introduction", "intro", "reference", "gettingstarted", "about", "main", "basics", "home")
_NUMBER = re.compile(r"^\d+[-_. ]+")
_NOT_LETTERS = re.compile(r"[\W_]+")


class Mended(NamedTuple):
    """What to write instead of a pointer's target; one that is not certain is for people to decide."""

    target: str
    certain: bool


def repair(found: Broken, document: Document, workspace: Workspace) -> Mended | None:
    """What to write instead of a pointer's target, or None where nothing is near.

    Certain is what only its spelling was wrong of, what git saw move, and the one file of the same name; not that file
    where it is in doubt whether the pointer is wrong at all, as with an address that a site may know.
    """
    if found.wrong is Wrong.ANCHOR:
        meant = anchor_meant(found.path, found.fragment, workspace, said=_said(found, document, workspace))
        target = _aimed(meant, found, document, workspace)
        return Mended(target, certain=False) if target else None
    if found.wrong in {Wrong.CASE, Wrong.ENDING}:
        answer = _with_anchor(found.answer, found.fragment, workspace)
        sure = answer.fragment == found.fragment and (found.wrong is Wrong.CASE or not _is_of_a_page_made(found))
        return Mended(_written(answer, found, document, workspace), certain=sure)
    if found.wrong in {Wrong.GONE, Wrong.ADDRESS, Wrong.CODE}:
        aim = next(_meant(found, document, workspace), None)
        if aim is None:
            return None
        only = found.wrong is not Wrong.ADDRESS and _is_the_only(aim.path, found.path, workspace)
        sure = only or aim.path in _moved(found, document, workspace)
        return Mended(_written(aim, found, document, workspace), certain=sure and aim.fragment == found.fragment)
    return None


def _is_of_a_page_made(found: Broken) -> bool:
    """Whether it names what a program may make of the file that answers: HTML, which is left as it is, or `x.html`."""
    return found.pointer.form is Form.HTML or HTML.search(found.path) is not None


def _aimed(aim: Aim, found: Broken, document: Document, workspace: Workspace) -> str:
    """The target with another anchor, as it was written where its page stays the same."""
    if aim.path == found.path:
        before = found.pointer.target.partition("#")[0]
        return f"{before}#{aim.fragment}" if aim.fragment else before
    return _written(aim, found, document, workspace)


def _is_the_only(path: str, wanted: str, workspace: Workspace) -> bool:
    """Whether it is the one file of the name that was wanted; an index has its name with every other."""
    name = posixpath.basename(wanted)
    named = workspace.derive(files_by_name).get(name, ())
    return not _is_index(wanted) and posixpath.basename(path) == name and len(named) == 1


def _meant(found: Broken, document: Document, workspace: Workspace) -> Iterator[Aim]:
    """What may have been meant, the likeliest first."""
    paths = _paths_meant(found, document, workspace)
    if found.fragment and found.path.lower().endswith(SUFFIXES):
        first = next(paths, None)
        if first is None or not _offers(first, found.fragment, workspace):
            yield from _followed(found, document, workspace)
            if first is None or posixpath.basename(first) != posixpath.basename(found.path):
                yield from anchors_elsewhere(found.path, found.fragment, workspace)[:1]
        yield from [_with_anchor(first, found.fragment, workspace)] if first is not None else []
    yield from (_with_anchor(path, found.fragment, workspace) for path in paths)


def _followed(found: Broken, document: Document, workspace: Workspace) -> Iterator[Aim]:
    """Where the section that an anchor led to stands now."""
    for path in paths_then(found, document, workspace):
        went = whereabouts(path, found.fragment, workspace)
        if went is not None:
            yield Aim(went.path, went.fragment)


def _with_anchor(path: str, fragment: str, workspace: Workspace) -> Aim:
    """A page with the anchor that was named, or with what that is called there now."""
    if not fragment or _offers(path, fragment, workspace):
        return Aim(path, fragment)
    return anchor_meant(path, fragment, workspace, elsewhere=False)


def _paths_meant(found: Broken, document: Document, workspace: Workspace) -> Iterator[str]:
    files = workspace.derive(_Files)
    said = _said(found, document, workspace)
    parts = files.split(found.path, found.fragment, said)
    moved = list(_moved(found, document, workspace))
    # Of a page that was split, git follows the part with most of its lines, which need not be the one meant.
    yield from moved if not parts or not {*moved[:1]} <= {*parts} else ()
    went = (whereabouts(path, "", workspace) for path in paths_then(found, document, workspace))
    yield from (each.path for each in went if each and each.path not in parts)
    yield from files.called(said) if _is_index(found.path) else ()
    yield from parts
    nearest = files.nearest(found.path, document.file, found.fragment)
    wanted = posixpath.basename(found.path).lower() if found.wrong is Wrong.CODE else ""
    yield from (path for path in nearest if path != document.file and path.lower().endswith(wanted))


def _moved(found: Broken, document: Document, workspace: Workspace) -> Iterator[str]:
    """Where the target went, or what it was before the document itself moved."""
    past = history(workspace)
    for path in paths_then(found, document, workspace):
        if path != found.path and path in workspace.paths:
            yield path
        for form in past.forms(path):
            for name in past.later(form):
                if name in workspace.paths:
                    yield name
        if not posixpath.splitext(path)[1] and (folder := past.folder(path)) and folder in workspace.paths:
            yield folder


def _said(found: Broken, document: Document, workspace: Workspace) -> str:
    """What the link says to readers: the text before its target, or nothing where that stands on another line."""
    texts = workspace.derive(_texts)
    if document.file not in texts:
        texts[document.file] = text_of(document.file, workspace).splitlines()
    lines = texts[document.file]
    line = lines[found.pointer.line - 1] if found.pointer.line <= len(lines) else ""
    before, link, _ = line[:MAX_LINE].partition(f"]({found.pointer.written or found.pointer.target}")
    return before.rpartition("[")[2] if link else ""


def _texts(_: Workspace) -> dict[str, list[str]]:
    return {}


_CODE_LINES = re.compile(r"(?::\d+(?:[-:]\d+)?)$")


def _written(aim: Aim, found: Broken, document: Document, workspace: Workspace) -> str:
    """A path as the pointer's document would write it: relative as it was, with `./`, a slash, an ending or none."""
    path, fragment = aim
    written = found.pointer.target.partition("#")[0]
    written, query, rest = written.partition("?")
    if found.pointer.form.value == "code":
        lines = found.pointer.target[len(_CODE_LINES.sub("", found.pointer.target)) :]
        relative = found.path != path_of(written, "") or (document.file.count("/") and written.startswith("."))
        return (_relative(path, document.file) if relative and written.startswith(".") else path) + lines
    if written.startswith("/"):
        text = _address(path, written, document, workspace)
    else:
        text = _relative(path, document.file)
        if written.startswith("./") and not text.startswith("."):
            text = f"./{text}"
    text = _in_style(text, written, found.wrong, document, workspace)
    if "%" in written or " " not in written:
        text = quote(text, safe="/!$&'()*+,;=:@~") if " " in text or "(" in text else text
    return f"{text}{query}{rest}" + (f"#{fragment}" if fragment else "")


def _relative(path: str, file: str) -> str:
    return posixpath.relpath(path or ".", posixpath.dirname(file) or ".")


def _address(path: str, written: str, document: Document, workspace: Workspace) -> str:
    site = site_of(document.file, workspace)
    for root in site.content if site else ():
        if root and path.startswith(f"{root}/"):
            last = posixpath.basename(root)
            kept = f"/{last}/" if written.startswith(f"/{last}/") else "/"
            return kept + path.removeprefix(f"{root}/")
    return f"/{path}"


def _in_style(text: str, written: str, wrong: Wrong, document: Document, workspace: Workspace) -> str:
    """With the ending as the site wants it where there was none, and the slash of a folder where there was one."""
    site = site_of(document.file, workspace)
    stem, ending = posixpath.splitext(text)
    bare = not posixpath.splitext(written.rstrip("/"))[1]
    if ending in {".md", ".mdx", ".markdown"} and bare and site and site.pages and wrong is not Wrong.ENDING:
        return stem.removesuffix("/index").removesuffix("/README") + ("/" if written.endswith("/") else "")
    return f"{text}/" if not ending and written.endswith("/") and not text.endswith("/") else text


def _offers(path: str, fragment: str, workspace: Workspace) -> bool:
    anchors = anchors_of(path, workspace)
    return not path.endswith((".md", ".markdown", ".mdx")) or fragment in anchors or fragment.lower() in anchors


class _Files:
    """The files and folders of a workspace by their names, to look for one that moved or was misspelt."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._found: dict[tuple[str, str, str], Sequence[str]] = {}
        self._spellings: dict[str, Spelling] = {}
        self._parts_left = MAX_PARTS

    @cached_property
    def _by_name(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, files in self._workspace.derive(files_by_name).items():
            found.setdefault(name.lower(), []).extend(files)
        return found

    @cached_property
    def _folders(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._workspace.paths - self._workspace.file_names:
            found.setdefault(posixpath.basename(path).lower(), []).append(path)
        return found

    @cached_property
    def _by_stem(self) -> Mapping[str, list[str]]:
        """Pages by their words: without ending, number in front, case and hyphens; an index by its folder."""
        found: dict[str, list[str]] = {}
        for file in self._workspace.files:
            found.setdefault(_words(file), []).append(file)
        return found

    def called(self, said: str) -> Sequence[str]:
        """The page whose name is what a link says, where it says enough and only one is called so."""
        pages = [each for each in self._by_stem.get(_NOT_LETTERS.sub("", said).lower(), ()) if _is_page(each)]
        return pages if len(pages) == 1 and len(words(said)) > 1 else ()

    def split(self, path: str, fragment: str, said: str = "") -> Sequence[str]:
        """The pages that a page was split into, which lie in a folder of its name: the one with the anchor first.

        Of several, the one whose name is what the link says (`said`).
        """
        folder = posixpath.dirname(path) if _is_index(path) else posixpath.splitext(path)[0]
        below = self._pages_by_folder.get(folder, ()) if _is_page(path) and folder else ()
        deeper = self._indexes_below.get(folder, ()) if _is_index(path) else ()
        self._parts_left -= len(below) + len(deeper)
        if self._parts_left < 0:
            return ()
        return sorted((*below, *deeper), key=lambda each: self._as_part(each, fragment, said), reverse=True)

    def _as_part(self, page: str, fragment: str, said: str) -> tuple[bool, bool, bool, float, int]:
        stem = _words(page)
        wanted = _NOT_LETTERS.sub("", fragment[:_MAX_FRAGMENT]).lower()
        likeness = difflib.SequenceMatcher(None, stem, wanted).ratio() if fragment else 0.0
        name = posixpath.basename(_folder(page) if _is_index(page) else posixpath.splitext(page)[0])
        is_said = bool(said) and alike(name, said[:_MAX_FRAGMENT]) > _SAID
        first = next((len(_FIRST_PAGES) - rank for rank, each in enumerate(_FIRST_PAGES) if each == stem), 0)
        is_index = len(_FIRST_PAGES) + 1 if _is_index(page) else 0
        near = likeness if likeness > _SIMILAR else 0.0
        return self._has(page, fragment), likeness > _SIMILAR, is_said, near, is_index or first

    def _has(self, page: str, fragment: str) -> bool:
        return bool(fragment) and fragment in anchors_of(page, self._workspace)

    @cached_property
    def _pages_by_folder(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for file in self._workspace.files:
            if _is_page(file) and posixpath.splitext(file)[1]:
                found.setdefault(posixpath.dirname(file), []).append(file)
        return found

    @cached_property
    def _indexes_below(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for folder, pages in self._pages_by_folder.items():
            found.setdefault(posixpath.dirname(folder), []).extend(page for page in pages if _is_index(page))
        return found

    def nearest(self, path: str, document: str, fragment: str = "") -> Sequence[str]:
        """The best few: of the same name, else of the same words, else of similar ones."""
        key = (path, posixpath.dirname(document), fragment)
        if key not in self._found:
            if len(self._found) >= MAX_REPAIRED:
                return ()
            self._found[key] = self._best(path, document, fragment)
        return self._found[key]

    def _best(self, path: str, document: str, fragment: str) -> Sequence[str]:
        name = posixpath.basename(path.rstrip("/")).lower()
        candidates: Iterable[str] = self._by_name.get(name, ())
        if not posixpath.splitext(name)[1]:
            candidates = [*candidates, *self._folders.get(name, ())]
        if _is_index(path):  # everybody has a README: the folder says which
            candidates = [each for each in candidates if _folder(each) == _folder(path)] or self._like(path)
        candidates = list(candidates) or self._like(path) or self._similar(name)
        near = heapq.nlargest(
            _MAX_COMPARED, candidates, key=lambda each: (_common_parts(each, path), _common(each, document))
        )
        return heapq.nlargest(
            3, near, key=lambda each: (self._has(each, fragment), self._score(each, path, document), each)
        )

    def _like(self, path: str) -> list[str]:
        return [each for each in self._by_stem.get(_words(path), ()) if _is_page(each) == _is_page(path)]

    def _score(self, candidate: str, path: str, document: str) -> tuple[float, ...]:
        return (
            _common_parts(candidate, path),
            difflib.SequenceMatcher(None, candidate, path).ratio(),
            _common(candidate, document),
            -candidate.count("/"),
        )

    def _similar(self, name: str) -> list[str]:
        """Files of the same ending whose names are alike in their stems; without an ending, folders and pages."""
        stem, ending = posixpath.splitext(name)
        if ending not in self._spellings:
            names = self._by_name if ending else {**self._folders, **self._by_stem}
            alike = (each.removesuffix(ending) for each in names if each.endswith(ending))
            self._spellings[ending] = Spelling(alike, cutoff=_SIMILAR)
        found = [each + ending for each in self._spellings[ending].nearest(stem)]
        if ending:
            return [file for each in found for file in self._by_name.get(each, ())]
        pages = [file for each in found for file in self._by_stem.get(each, ()) if _is_page(file)]
        return [path for each in found for path in self._folders.get(each, ())] + pages


def _is_index(path: str) -> bool:
    return posixpath.splitext(posixpath.basename(path))[0].lower() in _INDEX_STEMS


def _is_page(path: str) -> bool:
    return posixpath.splitext(path)[1].lower() in _PAGE_ENDINGS


def _folder(path: str) -> str:
    return posixpath.basename(posixpath.dirname(path))


def _words(path: str) -> str:
    stem = posixpath.splitext(posixpath.basename(path))[0]
    if stem.lower() in _INDEX_STEMS:
        stem = _folder(path)
    return _NOT_LETTERS.sub("", _NUMBER.sub("", stem).lower())


def _common_parts(one: str, other: str) -> int:
    """How many parts two paths have in common at their ends."""
    return _alike(one.lower().split("/")[::-1], other.lower().split("/")[::-1])


def _common(one: str, other: str) -> int:
    """How many folders two paths have in common at their beginnings."""
    return _alike(one.split("/")[:-1], other.split("/")[:-1])


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
