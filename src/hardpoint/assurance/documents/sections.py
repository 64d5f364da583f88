"""Sections: a page's text by its headings, for comparing what stood under one with what stands there now."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from hardpoint.assurance.documents.slugs import Dialect, anchors

MAX_SECTIONS = 1000
"""How many sections of a page are told apart."""
_FENCE = re.compile(r"[ \t>]*(?:[-*+] )?[ \t]*(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|--+)[ \t]*$")
_GIVEN = re.compile(r"""<[^<>]*\b(?:id|name)=["']?([^"'\s<>]+)|\{#([\w.:-]+)[^{}]*\}|^\(([\w.:-]+)\)=\s*$""")
_MARKUP = re.compile(r"<[^<>]*>|\{#[^{}]*\}|\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\)|!\[[^\]]*\]\([^)]*\)|\]\([^()]*\)")
_LETTER = re.compile(r"[^\W\d_]")
_TELLING = 16
"""How many characters a line has at least that tells one text from another."""


class Section(NamedTuple):
    """A heading, the anchors that lead to it, and the telling lines up to the next heading of its level or above."""

    title: str
    anchors: frozenset[str]
    lines: frozenset[str]


def telling(lines: Iterable[str]) -> frozenset[str]:
    """The lines that tell one text from another, without their indentation."""
    return frozenset(line for each in lines if len(line := each.strip()) >= _TELLING and _LETTER.search(line))


def sections(text: str, dialect: Dialect) -> list[Section]:
    """The sections of a page in their order, what stands before the first heading left out.

    Headings are read by their look, which costs a tenth of parsing, since many versions of a page may be asked for.
    """
    lines = text.splitlines()
    heads = list(islice(_heads(lines), MAX_SECTIONS))
    slugs = anchors((title for _, _, title, _ in heads), dialect)
    found = []
    for at, ((start, level, title, given), slug) in enumerate(zip(heads, slugs, strict=True)):
        end = next((heads[after][0] for after in range(at + 1, len(heads)) if heads[after][1] <= level), len(lines))
        own = frozenset(each.lower() for each in given) | {slug}
        found.append(Section(title, own, telling(lines[start + 1 : end])))
    return found


def _heads(lines: list[str]) -> Iterator[tuple[int, int, str, frozenset[str]]]:
    """The line, the level, the title and the given anchors of each heading."""
    fence = ""
    given: set[str] = set()
    begins = _front(lines)
    for at, line in enumerate(lines[begins:], begins):
        if (fenced := _FENCE.match(line)) and (not fence or fenced[1].startswith(fence)):
            fence = "" if fence else fenced[1]
            continue
        if fence:
            continue
        given |= {next(filter(None, each)) for each in _GIVEN.findall(line)}
        if heading := _HEADING.match(line):
            yield at, len(heading[1]), _plain(heading[2]), frozenset(given)
            given = set()
        elif (
            at + 1 < len(lines)
            and line.strip()
            and line[:1] not in " \t|-*>#"
            and (under := _UNDERLINE.match(lines[at + 1]))
        ):
            yield at, 1 if under[1][0] == "=" else 2, _plain(line), frozenset(given)
            given = set()
        elif line.strip() and not _GIVEN.search(line):
            given = set()


def _front(lines: list[str]) -> int:
    """How many lines the front matter takes, whose end would underline its last line."""
    return lines.index("---", 1) + 1 if lines[:1] == ["---"] and "---" in lines[1:] else 0


def _plain(title: str) -> str:
    return _MARKUP.sub("", title).replace("[", "").replace("]", "").replace("`", "").replace("*", "").strip()
