"""Aims: which anchor was meant by one that its page does not offer, on that page or on another."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hardpoint.assurance.documents.corpus import anchors_of, documents, spelling_of
from hardpoint.assurance.documents.whereabouts import outline_of, whereabouts
from hardpoint.assurance.documents.words import alike, words
from hardpoint.kernel.spelling import MAX_MISSPELT
from hardpoint.kernel.workspace import Workspace

_SURE = 0.85
_ALMOST = 0.75
_NEAR = 0.6
_TELLING = 8
"""How many letters an anchor has at least to be known again within another."""
_MAX_RELATED = 200
"""How many anchors with one word are compared."""
_MAX_ELSEWHERE = 3
"""On how many pages an anchor may stand for these to say where it went."""


class Aim(NamedTuple):
    """A path, and the anchor in it or nothing."""

    path: str
    fragment: str


def anchor_meant(path: str, fragment: str, workspace: Workspace, *, said: str = "", elsewhere: bool = True) -> Aim:
    """What an anchor that a page does not offer was meant to name; `said` is what the link says to readers.

    Git is asked first, then the page for what is nearly the same or what the link says, other pages for what is the
    same, and the page again for what is alike. Where nothing is, people mostly leave the anchor out.
    """
    went = whereabouts(path, fragment, workspace)
    if went and (elsewhere or went.path == path):
        return Aim(went.path, went.fragment)
    near, likeness = _nearest(path, fragment, workspace)
    if likeness < _SURE and said:
        if alike(_title(path, workspace), said) >= _SURE:
            return Aim(path, "")
        called, is_called = _nearest(path, said, workspace)
        near, likeness = (called, is_called) if is_called >= _SURE else (near, likeness)
    others = anchors_elsewhere(path, fragment, workspace) if elsewhere and likeness < _ALMOST else []
    if others:
        return others[0]
    return Aim(path, near if likeness >= _NEAR else "")


def _title(path: str, workspace: Workspace) -> str:
    outline = outline_of(path, workspace)
    return outline[0].title if outline else ""


def anchors_elsewhere(path: str, fragment: str, workspace: Workspace) -> Sequence[Aim]:
    """The other pages with an anchor of the same words, the nearest page first; none where many have it."""
    same = words(fragment)
    if len(same) == 1:  # every other page has an `#options`
        return []
    found = [aim for aim in workspace.derive(_by_words).get(same, ()) if aim.path != path]
    exact = [aim for aim in found if aim.fragment == fragment.lower()] or found
    if len(exact) > _MAX_ELSEWHERE:
        return []
    return sorted(exact, key=lambda aim: (-_common(aim.path, path), len(aim.path), aim))


def _by_words(workspace: Workspace) -> Mapping[tuple[str, ...], list[Aim]]:
    found: dict[tuple[str, ...], list[Aim]] = {}
    for document in documents(workspace):
        for anchor in anchors_of(document.file, workspace):
            found.setdefault(words(anchor), []).append(Aim(document.file, anchor))
    return found


def _nearest(path: str, fragment: str, workspace: Workspace) -> tuple[str, float]:
    """The anchor of a page that is most like one, and how much it is."""
    pages = workspace.derive(_pages)
    if path not in pages:
        pages[path] = _Page(path, workspace)
    return pages[path].nearest(fragment.lower())


def _pages(_: Workspace) -> dict[str, "_Page"]:
    return {}


class _Page:
    """The anchors of a page by their words."""

    def __init__(self, path: str, workspace: Workspace) -> None:
        self._spelling = spelling_of(path, workspace)
        self._by_word: dict[str, list[str]] = {}
        self._found: dict[str, tuple[str, float]] = {}
        for anchor in sorted(anchors_of(path, workspace)):
            for word in {*words(anchor)}:
                self._by_word.setdefault(word, []).append(anchor)
        self._by_letters = {_letters(each): each for each in sorted(anchors_of(path, workspace), reverse=True)}
        self._all_letters = "\n".join(("", *self._by_letters, ""))

    def nearest(self, wanted: str) -> tuple[str, float]:
        if wanted not in self._found:
            if same := self._with_letters(_letters(wanted)):
                return same, _SURE
            if len(self._found) >= MAX_MISSPELT:
                return "", 0.0
            related = (each for word in {*words(wanted)} for each in self._by_word.get(word, ())[:_MAX_RELATED])
            found = {*self._spelling.nearest(wanted), *related}
            best = max(((alike(wanted, each), -len(each), each) for each in found), default=(0.0, 0, ""))
            self._found[wanted] = best[2], best[0]
        return self._found[wanted]

    def _with_letters(self, wanted: str) -> str:
        """The one anchor of these letters, or that has more before or behind them: one search through one text."""
        for before, behind in (("\n", "\n"), ("", "\n"), ("\n", "")) if len(wanted) >= _TELLING else ():
            sought = before + wanted + behind
            at = self._all_letters.find(sought)
            if at >= 0 and self._all_letters.find(sought, at + 1) < 0:
                begins = self._all_letters.rfind("\n", 0, at + 1) + 1
                found = self._by_letters[self._all_letters[begins : self._all_letters.index("\n", begins)]]
                if before + behind == "\n\n" or wanted not in re.split(r"[\W_]+", found):  # a word among others
                    return found
        return ""


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def _common(one: str, other: str) -> int:
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return next((at for at, (mine, others) in enumerate(pairs) if mine != others), 0)
