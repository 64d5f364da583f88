"""The decisions that a line names, by links or by their numbers."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from hardpoint.assurance.decisions.naming import is_decision_file, number_in
from hardpoint.assurance.decisions.status import LINK, PARTLY
from hardpoint.kernel.place import Place

_NAMED = re.compile(r"\bl?(?:adr|dr|decision)s?[\s#_-]{0,2}0*(\d{1,5})\b", re.IGNORECASE)
_BARE = re.compile(r"^[\W_]{0,6}0*(\d{1,5})(?![\d/-])\b")


@dataclass(frozen=True, slots=True)
class Reference:
    """Another decision that one names: by the file that a link leads to, else by its number."""

    written: str
    place: Place
    file: str | None
    number: int | None
    partly: bool = False


def references_in(text: str, place: Place, *, bare: bool = False) -> tuple[Reference, ...]:
    """The decisions that a line names; a number alone counts where it must be one."""
    partly = bool(PARTLY.search(text))
    found = tuple(_links(text, place, partly=partly))
    if found:
        return found
    named = [Reference(match[0], place, None, int(match[1]), partly) for match in _NAMED.finditer(text)]
    if not named and bare and (match := _BARE.match(text)):
        named = [Reference(match[1], place, None, int(match[1]), partly)]
    return tuple(named)


def _links(text: str, place: Place, *, partly: bool) -> Iterator[Reference]:
    for words, target in LINK.findall(text):
        path = unquote(target.partition("#")[0].partition("?")[0])
        if not path.lower().endswith((".md", ".markdown")) or re.match(r"[a-z][a-z0-9+.-]*:", path, re.IGNORECASE):
            continue
        if is_decision_file(path):
            file = posixpath.normpath(posixpath.join(posixpath.dirname(place.file), path))
            yield Reference(words, place, file, number_in(path), partly)
