"""Aims: which anchor was meant by one that its page does not offer, on that page or on another."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hardpoint.assurance.documents.corpus import anchors_of, documents, spelling_of
from hardpoint.assurance.documents.whereabouts import whereabouts
from hardpoint.assurance.documents.words import alike, words
from hardpoint.kernel.workspace import Workspace

_SURE = 0.85
_NEAR = 0.6
_TELLING = 12
"""How many characters the name of a single word has at least that tells one section from others."""
_MAX_ELSEWHERE = 3
"""On how many pages an anchor may stand for these to say where it went."""


class Aim(NamedTuple):
    """A path, and the anchor in it or nothing."""

    path: str
    fragment: str


def anchor_meant(path: str, fragment: str, workspace: Workspace, *, elsewhere: bool = True) -> Aim | None:
    """What an anchor that a page does not offer was meant to name.

    Git is asked first, then the page for what is nearly the same, other pages for what is the same, and the page again
    for what is alike.
    """
    went = whereabouts(path, fragment, workspace)
    if went and (elsewhere or went.path == path):
        return Aim(went.path, went.fragment)
    near, likeness = _nearest(path, fragment, workspace)
    others = anchors_elsewhere(path, fragment, workspace) if elsewhere and likeness < _SURE else []
    if others:
        return others[0]
    return Aim(path, near) if likeness >= _NEAR else None


def anchors_elsewhere(path: str, fragment: str, workspace: Workspace) -> Sequence[Aim]:
    """The other pages with an anchor of the same words, the nearest page first; none where many have it."""
    same = words(fragment)
    if len(same) < 2 and len(fragment) < _TELLING:  # noqa: PLR2004
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
    wanted = fragment.lower()
    mine = {*words(wanted)}
    spelt = spelling_of(path, workspace).nearest(wanted)
    related = [each for each in sorted(anchors_of(path, workspace)) if each in spelt or mine & {*words(each)}]
    likeness, _, _, near = max(
        ((alike(wanted, each), -len(each), each, each) for each in related[:_MAX_RELATED]), default=(0.0, 0, "", "")
    )
    return near, likeness


_MAX_RELATED = 200


def _common(one: str, other: str) -> int:
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return next((at for at, (mine, others) in enumerate(pairs) if mine != others), 0)
