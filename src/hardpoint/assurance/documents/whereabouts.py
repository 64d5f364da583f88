"""Whereabouts: where the text went that a broken pointer names, by what git has of its past."""

import difflib
import posixpath
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote

from hardpoint.assurance.documents.corpus import SUFFIXES, anchors_of, documents
from hardpoint.assurance.documents.history import history
from hardpoint.assurance.documents.markdown import Document
from hardpoint.assurance.documents.pointers import Broken, Wrong, broken, path_of
from hardpoint.assurance.documents.sections import Section, sections, telling
from hardpoint.assurance.documents.sites import dialect_of
from hardpoint.assurance.documents.words import alike
from hardpoint.kernel import git
from hardpoint.kernel.problem import Problem
from hardpoint.kernel.workspace import Workspace

MAX_PAGES = 300
"""For how many pages the past is read; whoever has more broken pointers mends those first."""
MAX_ANCHORS = 30
"""For how many anchors that one page lacks."""
MAX_VERSIONS = 100
"""How many versions of a page are looked through, the newest first."""
MAX_READ = 16 * 1024 * 1024
"""How many characters of the past are read in all."""
_MAX_LINES = 400
_KEPT = 0.34
"""Which share of a text's telling lines must stand somewhere to say that it went there."""
_NEAR = 0.6
_MOSTLY = 0.5


class Whereabout(NamedTuple):
    """A page and an anchor in it, and which share of the text that was named stands there."""

    path: str
    fragment: str
    share: float


class _Lost(NamedTuple):
    """What is looked for: the text of a page or of a section as it last stood, and the outline that it stood in."""

    title: str
    lines: frozenset[str]
    outline: Sequence[Section] = ()


def paths_then(found: Broken, document: Document, workspace: Workspace) -> list[str]:
    """The path that a pointer names, and those that it named from where its document was before it moved."""
    written = unquote(found.pointer.target.partition("#")[0].partition("?")[0])
    if not written or written.startswith("/") or found.wrong is Wrong.ANCHOR:
        return [found.path]
    before = history(workspace).earlier(document.file)
    return list(dict.fromkeys((found.path, *(path_of(written, posixpath.dirname(name)) for name in before))))


def whereabouts(path: str, fragment: str, workspace: Workspace) -> Whereabout | None:
    """Where that went which stood at a path, or at an anchor of it; None where git does not show it."""
    known = workspace.derive(_found)
    return next((known[each, fragment] for each in history(workspace).forms(path) if (each, fragment) in known), None)


def _found(workspace: Workspace) -> Mapping[tuple[str, str], Whereabout]:
    if workspace.root is None or not workspace.in_git:
        return {}
    lost = _lost(_wanted(workspace), workspace)
    kept = _kept(lost, workspace)
    found = {key: _where(key, each, kept.get(key, {}), workspace) for key, each in lost.items()}
    return {key: each for key, each in found.items() if each is not None}


def _wanted(workspace: Workspace) -> Mapping[str, set[str]]:
    """The pages that broken pointers name and that git knows, with the anchors that are missing in each."""
    past = history(workspace)
    wanted: dict[str, set[str]] = {}
    for document in documents(workspace):
        for found in broken(document, workspace):
            paths = paths_then(found, document, workspace) if found.wrong in _OF_PAGES else ()
            for path in (form for each in paths for form in past.forms(each) if form.endswith(SUFFIXES)):
                if len(wanted) >= MAX_PAGES:
                    return wanted
                wanted.setdefault(path, set()).update({found.fragment, *([] if found.wrong is Wrong.ANCHOR else [""])})
    return wanted


_OF_PAGES = {Wrong.GONE, Wrong.ADDRESS, Wrong.ANCHOR}


def _lost(wanted: Mapping[str, set[str]], workspace: Workspace) -> Mapping[tuple[str, str], _Lost]:
    past = history(workspace)
    names = {path: [path, *past.earlier(path)] for path in wanted}
    versions = _versions([name for each in names.values() for name in each], workspace)
    lost: dict[tuple[str, str], _Lost] = {}
    budget = MAX_READ
    for path, each in names.items():
        texts = islice((text for name in each for text in versions(name)), MAX_VERSIONS)
        budget -= _find(path, sorted(wanted[path])[:MAX_ANCHORS], texts, lost, budget, workspace)
    return lost


def _versions(names: Sequence[str], workspace: Workspace) -> Callable[[str], Iterator[str]]:
    """What reads the texts that stood at a path, the newest first; one call of git finds them all."""
    blobs: dict[str, dict[str, None]] = {}
    root = workspace.root
    try:
        for step in reversed(git.steps(root, names, git.MOVES_TIMEOUT_S) if names and root else ()):
            if step.after and step.blob:
                blobs.setdefault(step.after, {})[step.blob] = None
    except Problem:  # a history that cannot be read shows nothing, and that is no fault of the documents
        return lambda _: iter(())

    def texts(name: str) -> Iterator[str]:
        ids = list(blobs.get(name, ()))[:MAX_VERSIONS]
        for first, last in ((0, 3), (3, MAX_VERSIONS)):  # mostly the first few tell
            if root and ids[first:last]:
                contents = git.blobs(root, ids[first:last])
                yield from (contents[each].decode("utf-8", "replace") for each in ids[first:last] if each in contents)

    return texts


def _find(
    path: str,
    fragments: Sequence[str],
    texts: Iterator[str],
    lost: dict[tuple[str, str], _Lost],
    budget: int,
    workspace: Workspace,
) -> int:
    """Find the newest version of a page and of each of its sections; how many characters that took."""
    left = list(fragments)
    read = 0
    for text in texts:
        read += len(text)
        if not left or read > budget:
            break
        outline = sections(text, dialect_of(path, workspace))
        for fragment in list(left):
            if not fragment:
                lost[path, ""] = _Lost(outline[0].title if outline else "", telling(text.splitlines()), outline)
                left.remove(fragment)
            elif found := next((each for each in outline if fragment.lower() in each.anchors), None):
                lost[path, fragment] = _Lost(found.title, found.lines, outline)
                left.remove(fragment)
    return read


def _kept(
    lost: Mapping[tuple[str, str], _Lost], workspace: Workspace
) -> Mapping[tuple[str, str], Mapping[str, tuple[float, float]]]:
    """Of each text, the documents that have lines of it: how much that tells, and which share of the lines it is."""
    wanted: dict[str, list[tuple[str, str]]] = {}
    for key, each in lost.items():
        for line in sorted(each.lines)[:_MAX_LINES]:
            wanted.setdefault(line, []).append(key)
    holders: dict[str, list[str]] = {}
    for document in documents(workspace) if wanted else ():
        text = workspace.read(document.file).decode("utf-8", "replace") if not document.unread else ""
        for line in {each.strip() for each in text.splitlines()} & wanted.keys():
            holders.setdefault(line, []).append(document.file)
    told: dict[tuple[str, str], Counter[str]] = {}
    shares: dict[tuple[str, str], Counter[str]] = {}
    for line, files in holders.items():
        for key in wanted[line]:
            for file in files:
                told.setdefault(key, Counter())[file] += 1 / len(files)  # type: ignore[assignment]
                shares.setdefault(key, Counter())[file] += 1
    return {
        key: {
            file: (weight, shares[key][file] / min(len(lost[key].lines), _MAX_LINES)) for file, weight in files.items()
        }
        for key, files in told.items()
    }


def _where(
    key: tuple[str, str], lost: _Lost, kept: Mapping[str, tuple[float, float]], workspace: Workspace
) -> Whereabout | None:
    path, fragment = key
    near = sorted((file for file in kept if kept[file][1] >= _KEPT), key=lambda file: kept[file], reverse=True)[:3]
    if not fragment:
        best = next((file for file in near if file != path), None)
        return Whereabout(best, _part(best, lost, workspace), kept[best][1]) if best else None
    here = [path] if path in workspace.paths else []
    found = [
        each for file in dict.fromkeys((*here, *near)) for each in _headings(file, path, fragment, lost, workspace)
    ]
    score, where = max(found, key=lambda each: each[0], default=(0.0, None))
    return where if score >= _NEAR else None


def _part(file: str, lost: _Lost, workspace: Workspace) -> str:
    """The anchor of the section that a page became in another, if it did."""
    outline = outline_of(file, workspace)
    if not lost.title or not outline or alike(outline[0].title, lost.title) == 1.0:
        return ""
    same = (_own(each, file, workspace) for each in outline[1:] if alike(each.title, lost.title) == 1.0)
    return next(filter(None, same), "")


def _headings(
    file: str, path: str, fragment: str, lost: _Lost, workspace: Workspace
) -> Iterator[tuple[float, Whereabout]]:
    """The sections of a page that may be the lost one, with how sure that is."""
    outline = outline_of(file, workspace)
    places = _same_place(fragment.lower(), lost.outline, outline) if file == path else {}
    before = {anchor for each in lost.outline for anchor in each.anchors} if file == path else set()
    for at, each in enumerate(outline):
        body = _overlap(lost.lines, each.lines)
        if each.anchors & before and body < _MOSTLY:  # it stood there beside the lost one
            continue
        score = body + 0.6 * max(alike(each.title, lost.title), *(alike(name, fragment) for name in each.anchors))
        if (own := _own(each, file, workspace)) is not None:
            yield score + places.get(at, 0.0), Whereabout(file, own, body)


def _own(section: Section, file: str, workspace: Workspace) -> str | None:
    """The anchor of a section that the page is known to offer: the one that its author gave, if there is one."""
    return min(section.anchors & anchors_of(file, workspace), key=lambda each: (len(each), each), default=None)


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0


def _same_place(fragment: str, old: Sequence[Section], new: Sequence[Section]) -> Mapping[int, float]:
    """The headings that stand where one stood, by its neighbours, and how much that says."""
    was = next((at for at, each in enumerate(old) if fragment in each.anchors), None)
    titles = ([each.title for each in old], [each.title for each in new])
    for _, first, last, new_first, new_last in difflib.SequenceMatcher(None, *titles, autojunk=False).get_opcodes():
        if was is not None and first <= was < last:
            if last - first == new_last - new_first:
                return {new_first + was - first: 0.15 + 0.3 / (last - first)}
            return {at: 0.3 / max(last - first, new_last - new_first) for at in range(new_first, new_last)}
    return {}


def outline_of(file: str, workspace: Workspace) -> list[Section]:
    """The sections of a page as it is now."""
    known = workspace.derive(_outlines)
    if file not in known:
        text = workspace.read(file).decode("utf-8", "replace") if file.endswith(SUFFIXES) else ""
        known[file] = sections(text, dialect_of(file, workspace))
    return known[file]


def _outlines(_: Workspace) -> dict[str, list[Section]]:
    return {}
