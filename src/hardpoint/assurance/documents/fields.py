"""What a document says about itself: owner, status, date and the like, in its front matter or under its title."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from hardpoint.assurance.documents.outline import text_of
from hardpoint.kernel.place import Place
from hardpoint.kernel.workspace import Workspace

HEAD_LINES = 60
"""How far below its title a document may speak of itself."""
MAX_LINE = 500
"""Characters of a line that may be a field."""

_FRONT = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)^\1[ \t]*$", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"^([A-Za-z][\w -]{0,40}?)[ \t]*[:=][ \t]*(.*)$")
_BELOW = re.compile(r"^[ \t]+(?:-[ \t]+)?(\S.*)$|^-[ \t]+(\S.*)$")
# `- Owner: x`, `**Owner:** x`, `> Status: x`, `* **Status**: x`
_LINE = re.compile(r"^[ \t]*(?:[-*>+][ \t]+)*[*_`]{0,3}([A-Za-z][\w /-]{0,40}?)[*_`]{0,3}[ \t]*:[*_`]{0,3}[ \t]*(.*)$")
# `| Owner | x |`
_CELLS = re.compile(r"^[ \t]*\|[ \t]*[*_`]{0,3}([A-Za-z][\w /-]{0,40}?)[*_`]{0,3}:?[ \t]*\|([^|\n]*)\|?[ \t]*$")
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t]*#*$")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)")
_COMMENT = re.compile(r"<!--(?:(?!<!--|-->).)*-->", re.DOTALL)
_AS_HEADINGS = frozenset({"status", "owner", "date", "owners"})
_EMPTY = re.compile(
    r"(?:|-+|\?+|\.{3}|…|none|n/?a|tb[acd]|to be (?:determined|decided|announced|confirmed)|todo|unknown"
    r"|unassigned|nobody|pending|xxx+|placeholder|null|~|<[^<>]*>|\{\{.*|\[[^\[\]]*\](?!\())[.!]?",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[*_`]+")
_LINKED = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")


@dataclass(frozen=True, slots=True)
class Field:
    """A value that a document gives, and where; `unfilled` is one that only stands for a value, such as TBD."""

    value: str
    place: Place

    @property
    def unfilled(self) -> bool:
        """Whether it says nothing yet."""
        return _EMPTY.fullmatch(self.value) is not None

    @property
    def word(self) -> str:
        """Its first word in lower case: `superseded` of `Superseded by 0012`."""
        return next(iter(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", self.value.casefold())), "")

    @property
    def date(self) -> date | None:
        """The calendar date that it is; None if it is none."""
        try:
            return date.fromisoformat(self.value[:10])
        except ValueError:
            return None


def fields_of(file: str, workspace: Workspace) -> Mapping[str, Field]:
    """The fields of a document by their names, in lower case and with `_` for spaces and hyphens; the first counts."""
    made = workspace.derive(_made)
    if file not in made:
        made[file] = read_fields(file, text_of(file, workspace))
    return made[file]


def read_fields(file: str, text: str) -> Mapping[str, Field]:
    """The fields of Markdown."""
    found: dict[str, Field] = {}
    front = _FRONT.match(text)
    if front:
        for name, value, line in _front_fields(front[2]):
            found.setdefault(name_of(name), Field(_value(value), Place(file, line + 1)))
    start = text.count("\n", 0, front.end()) if front else 0
    rest = _COMMENT.sub(lambda each: "\n" * each[0].count("\n"), text[front.end() :] if front else text)
    for name, value, line in _head_fields(rest):
        found.setdefault(name_of(name), Field(_value(value), Place(file, start + line)))
    return found


def name_of(written: str) -> str:
    """A field's name as it is asked for: `review_by` for `Review by` and `review-by`."""
    return re.sub(r"[\s/-]+", "_", written.strip().casefold())


def _made(_: Workspace) -> dict[str, Mapping[str, Field]]:
    return {}


def _front_fields(front: str) -> Iterator[tuple[str, str, int]]:
    """The top-level keys by their lines: the value of a longer one is what is indented below it."""
    lines = front.split("\n")
    for at, line in enumerate(lines):
        if len(line) <= MAX_LINE and (key := _KEY.match(line)):
            value = key[2].partition(" #")[0].strip()
            if value in {"", "|", ">", "|-", ">-"}:
                below = (found for each in lines[at + 1 : at + 20] if (found := _BELOW.match(each) or each))
                value = ", ".join(_taken(below))
            yield key[1], value, at + 1


def _taken(below: Iterator[re.Match[str] | str]) -> Iterator[str]:
    for each in below:
        if isinstance(each, str):
            return
        yield (each[1] or each[2]).strip()


def _head_fields(text: str) -> Iterator[tuple[str, str, int]]:
    """The lines under the title that are fields, and the sections `## Status` and the like wherever they stand."""
    lines = text.split("\n")
    in_head, fenced = True, False
    for at, line in enumerate(lines):
        if _FENCE.match(line):
            fenced = not fenced
        if fenced or len(line) > MAX_LINE:
            continue
        if heading := _HEADING.match(line):
            in_head = in_head and len(heading[1]) == 1
            if heading[2].casefold() in _AS_HEADINGS and (said := _first_below(lines, at + 1)):
                yield heading[2], *said
        elif in_head and at < HEAD_LINES and (found := _LINE.match(line) or _CELLS.match(line)):
            yield found[1], found[2], at + 1


def _first_below(lines: list[str], at: int) -> tuple[str, int] | None:
    """The first line of text under a heading."""
    for number, line in enumerate(lines[at : at + 6], at + 1):
        if _HEADING.match(line):
            return None
        if line.strip() and len(line) <= MAX_LINE:
            return line.strip().lstrip("-*> "), number
    return None


def _value(written: str) -> str:
    """A value without markup and quotes."""
    plain = _MARKUP.sub("", _LINKED.sub(r"\1", written)).strip()
    return plain[1:-1].strip() if len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "\"'" else plain
