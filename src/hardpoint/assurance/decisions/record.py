"""One decision: its number, title, status, dates and sections, and which others it names, in any of the usual forms."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from hardpoint.assurance.decisions.naming import FILE_NAME, number_in
from hardpoint.assurance.decisions.references import Reference, references_in
from hardpoint.assurance.decisions.status import BY_ANOTHER, LINK, NOT_YET, State, Written, is_replaced
from hardpoint.assurance.documents.outline import read_outline
from hardpoint.kernel.place import Place

HEAD_LINES = 80
"""How far below the top a decision speaks of itself."""


_TITLE_NUMBER = re.compile(
    r"^\W*(?:(?P<word>l?adr|dr|ad|architecture decision(?: record)?|decision(?: record)?|rfc)[\s#:_.-]*)?"
    r"(?P<number>\d{1,5})(?P<end>\s*\]\s*[:.-]?\s*|\s*(?:[:.)|]|\s[-\u2013\u2014]|[-\u2013\u2014]\s|[\u2013\u2014])\s*|\s+|$)",
    re.IGNORECASE,
)
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"^([A-Za-z][\w -]{0,40}?)[ \t]*:(?:[ \t]+(.*))?$")
_ITEM = re.compile(r"^[ \t]*-[ \t]+(.*)$")
FIELD_LINE = re.compile(
    r"^[ \t]*(?:[-*+>][ \t]+)*[*_`]{0,3}(?P<name>[A-Za-z][\w /-]{0,40}?)[*_`]{0,3}[ \t]*:[*_`]{0,3}[ \t]*(?P<value>.*)$"
)
ROW_OF_TWO = re.compile(
    r"^[ \t]*\|[ \t]*[*_`]{0,3}(?P<name>[A-Za-z][\w /-]{0,40}?)[*_`]{0,3}:?[ \t]*"
    r"\|[ \t]*(?P<value>[^|\n]*?)[ \t]*\|?[ \t]*$"
)
_STATUS_TITLE = re.compile(r"^(?:\W*\d*\W*)status\W*[:\s]\W*(\w.*)$", re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]*(```+|~~~+)")
_SUPERSEDES = re.compile(r"\b(?:supersedes|superseeds|supercedes|replaces|obsoletes)\b", re.IGNORECASE)
_RELATES = re.compile(
    r"\b(?:amends|amended by|clarifies|clarified by|extends|extended by|refines|refined by|depends on"
    r"|relates? to|related)\b",
    re.IGNORECASE,
)
_TALKATIVE = frozenset(
    {"metadata", "meta", "info", "information", "overview", "details", "document information", "header"}
)
_OF_OTHERS = frozenset(
    {
        *("links", "related", "related decisions", "related adrs", "related documents", "related records", "see also"),
        *("references", "relations", "relationships", "more information", "supersedes", "superseded by"),
    }
)
_COLUMNS = frozenset({"date", "status", "author", "authors", "author(s)", "deciders", "owner", "value", "---"})
"""What stands beside `Status` where that is the head of a column."""
_HEADINGS = frozenset({"supersedes", "superseded by"})
_FORWARD = ("supersedes", "replaces", "obsoletes")
_BACKWARD = ("superseded_by", "supersededby", "replaced_by", "obsoleted_by")
_RELATED = ("related", "related_to", "relates_to", "related_adrs", "related_decisions", "amends", "amended_by", "links",
            "depends_on", "see_also")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A section: its title and level, its line, and its text without comments and code."""

    title: str
    level: int
    line: int
    text: str

    @property
    def plain_title(self) -> str:
        """In lower case, without numbering and punctuation."""
        words = re.findall(r"\w+", self.title.casefold())
        return " ".join(words[1:] if len(words) > 1 and words[0].isdigit() else words)

    def place_in(self, decision: "Decision") -> bool:
        """Whether it is a section of a decision, and not its title."""
        return self.line != decision.title.place.line


@dataclass(frozen=True)
class Decision:
    """One record; what it does not say is None or empty."""

    file: str
    text: str
    number: int | None
    title: Written
    title_number: int | None
    parts: tuple[Part, ...]
    status: Written | None = None
    date: Written | None = None
    supersedes: tuple[Reference, ...] = ()
    superseded_by: tuple[Reference, ...] = ()
    related: tuple[Reference, ...] = ()
    enforced_by: tuple[Written, ...] = ()
    unread: str | None = None
    fields: Mapping[str, Written] = field(default_factory=dict)

    @property
    def state(self) -> State | None:
        """What its status says, in the usual sense of the word."""
        return self.status.state if self.status else None

    @property
    def name(self) -> str:
        """What people call it: its number as its file has it, else the file's name."""
        found = FILE_NAME.match(posixpath.basename(self.file))
        return found["number"] if found else posixpath.splitext(posixpath.basename(self.file))[0]

    @property
    def bare_title(self) -> str:
        """Its title without the number."""
        found = _TITLE_NUMBER.match(self.title.text)
        own = found is not None and self.title_number is not None
        return self.title.text[found.end() :].strip() if own and found else self.title.text.strip()

    @property
    def place(self) -> Place:
        """Where it says what it is about."""
        return self.title.place if self.title.text else Place(self.file, 1)

    @cached_property
    def looks_like_one(self) -> bool:
        """Whether it has what decisions have, whatever its file is called."""
        titles = " ".join(part.plain_title for part in self.parts)
        return self.status is not None or ("context" in titles and "decision" in titles) or "decision outcome" in titles


def read_decision(file: str, content: bytes) -> Decision:
    """Read a decision; what it does not say, or says in no form that is known, is left empty."""
    text = content.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")
    return _Reader(file, text).read()


def words_of(text: str) -> list[str]:
    """The words of a text, without markup and the targets of links."""
    return re.findall(r"\w+", LINK.sub(r"\1", text).casefold())


class _Reader:
    """Collects what one text says of itself."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text
        front = _FRONT.match(text)
        self._front = front[1] if front else ""
        self._front_lines = text.count("\n", 0, front.end()) + 1 if front else 0
        self._lines = _bare(text).split("\n")
        self._outline = read_outline(file, text)

    def read(self) -> Decision:
        fields = self._fields()
        title = self._title(fields)
        number = number_in(self._file)
        parts = tuple(self._parts())
        status = self._status(fields, parts)
        forward, backward, related = self._references(fields, parts, status)
        titled = _TITLE_NUMBER.match(title.text)
        own = titled is not None and _is_number(titled, number)
        return Decision(
            file=self._file,
            text=self._text,
            number=number,
            title=title,
            title_number=int(titled["number"]) if own and titled else None,
            parts=parts,
            status=status,
            date=self._date(fields, parts),
            supersedes=forward,
            superseded_by=backward,
            related=related,
            enforced_by=self._enforced_by(fields),
            fields=fields,
        )

    def _title(self, fields: Mapping[str, Written]) -> Written:
        """The heading of the first level, else what the front matter calls it, else the first heading."""
        sections = [each for each in self._outline.sections if each.line > self._front_lines]
        section = next((each for each in sections if each.level == 1), None)
        if section is None and (said := fields.get("title")) and said.place.line < self._front_lines:
            return said
        section = section or next(iter(sections), None)
        return (
            Written(section.title, Place(self._file, section.line, 1)) if section else Written("", Place(self._file, 1))
        )

    def _parts(self) -> Iterator[Part]:
        sections = [each for each in self._outline.sections if each.line > self._front_lines]
        for at, section in enumerate(sections):
            after = (each.line for each in sections[at + 1 :] if each.level <= section.level)
            end = next(after, len(self._lines) + 1)
            yield Part(section.title, section.level, section.line, "\n".join(self._lines[section.line : end - 1]))

    def _fields(self) -> dict[str, Written]:
        """The values under their names, in lower case with `_`; what stands first counts."""
        found: dict[str, Written] = {}
        lines = self._front.split("\n")
        for at, line in enumerate(lines, 2):
            if key := _KEY.match(line):
                items = [item[1] for each in _until_key(lines[at - 1 :]) if (item := _ITEM.match(each))]
                value = (key[2] or "").strip() or ", ".join(items)
                found.setdefault(_name(key[1]), Written(value.strip("\"'"), Place(self._file, at)))
        for at, line in self._head():
            match = ROW_OF_TWO.match(line) or FIELD_LINE.match(line)
            if match and match["value"].strip().casefold() not in _COLUMNS:
                place = Place(self._file, at, match.start("value") + 1)
                found.setdefault(_name(match["name"]), Written(match["value"].strip(), place))
        for row in self._outline.rows:
            if row.line <= HEAD_LINES + self._front_lines:
                for name, cell in zip(row.head, row.cells, strict=False):
                    if name.casefold() in {"status", "date"}:
                        found.setdefault(_name(name), Written(cell, Place(self._file, row.line)))
        return found

    def _head(self) -> Iterator[tuple[int, str]]:
        """The lines before the first section, and those of sections that are only about the decision itself."""
        sections = [each for each in self._outline.sections if each.line > self._front_lines]
        starts = {each.line: each for each in sections}
        within = True
        for at in range(self._front_lines + 1, min(len(self._lines), self._front_lines + HEAD_LINES) + 1):
            if section := starts.get(at):
                plain = Part(section.title, section.level, at, "").plain_title
                within = section is sections[0] or plain in _TALKATIVE
            elif within:
                yield at, self._lines[at - 1]

    def _status(self, fields: Mapping[str, Written], parts: Sequence[Part]) -> Written | None:
        if (said := fields.get("status") or fields.get("state")) and said.plain:
            return said
        for part in parts:
            if part.plain_title in {"status", "decision status", "adr status", "state"}:
                return self._status_below(part)
            if named := _STATUS_TITLE.match(part.title):
                return Written(named[1].strip(), Place(self._file, part.line))
        return None

    def _status_below(self, part: Part) -> Written | None:
        """The line of a section that gives the status: of several, the latest by its date, else the first that does."""
        written = [Written(_undecorated(line), self._at(part.line + at, line)) for at, line in _said(part.text)]
        ticked = [each for each in written if re.match(r"\[[xX]\]", each.text)]
        written = ticked or [each for each in written if not each.text.startswith("[ ]")] or written
        if replaced := next((each for each in written if is_replaced(each.text)), None):
            return replaced
        known = [each for each in written if each.state not in {None, State.SUPERSEDED}]
        dated = [each for each in known if each.date]
        if len(dated) > 1 and len(dated) == len(known):
            return max(dated, key=lambda each: each.date or date.min)
        bare = [each for each in written if each.state is State.SUPERSEDED and not _SUPERSEDES.search(each.text)]
        return next(iter(known or bare or written), None)

    def _at(self, line: int, text: str) -> Place:
        return Place(self._file, line, text.find(_undecorated(text)) + 1)

    def _date(self, fields: Mapping[str, Written], parts: Sequence[Part]) -> Written | None:
        for name in ("date", "decision_date", "date_decided", "decided", "decided_on", "created", "created_at"):
            if (said := fields.get(name)) and said.plain:
                return said
        for part in parts:
            if part.plain_title in {"date", "decision date"}:
                return next(
                    (Written(_undecorated(line), self._at(part.line + at, line)) for at, line in _said(part.text)), None
                )
        return None

    def _references(
        self, fields: Mapping[str, Written], parts: Sequence[Part], status: Written | None
    ) -> tuple[tuple[Reference, ...], tuple[Reference, ...], tuple[Reference, ...]]:
        """Which decisions this one supersedes, is superseded by, and names as related."""
        forward = [each for name in _FORWARD for each in self._in_field(fields.get(name))]
        backward = [each for name in _BACKWARD for each in self._in_field(fields.get(name))]
        related = [each for name in _RELATED for each in self._in_field(fields.get(name))]
        lines = [] if status is None else [(status.place, status.text)]
        for part in parts:
            said = [(Place(self._file, part.line + at), line) for at, line in _said(part.text)]
            if part.plain_title == "status" or part.plain_title in _OF_OTHERS:
                lines += said
            for place, line in said if part.plain_title in _HEADINGS else ():
                into = forward if part.plain_title == "supersedes" else backward
                into += references_in(line, place, bare=True)
        for place, line in lines:
            if (found := BY_ANOTHER.search(line)) and not NOT_YET.search(line[: found.start()]):
                backward += references_in(line[found.end() :], place, bare=True)
            elif found := _SUPERSEDES.search(line):
                forward += references_in(line[found.end() :], place, bare=True) or references_in(line, place)
            elif _RELATES.search(line):
                related += references_in(line, place)
        return _once(forward), _once(backward), _once(related)

    def _in_field(self, said: Written | None) -> Iterator[Reference]:
        """The decisions in a field: of the front matter a list, in the text a line."""
        if said is None or not said.plain:
            return
        in_front = said.place.line <= self._front_lines
        for piece in re.split(r"[,;]", said.text.strip("[]")) if in_front else [said.text]:
            yield from references_in(piece.strip(" \"'"), said.place, bare=True)

    def _enforced_by(self, fields: Mapping[str, Written]) -> tuple[Written, ...]:
        said = fields.get("enforced_by")
        if said is None:
            return ()
        pieces = (piece.strip(" []\"'`") for piece in said.text.split(","))
        return tuple(Written(piece, said.place) for piece in pieces if piece)


def _is_number(titled: "re.Match[str]", number: int | None) -> bool:
    """Whether what a title begins with is the decision's number, and no word of the title: `3 tiers`."""
    found = int(titled["number"])
    punctuated = bool(titled["end"].strip()) or not titled.string[titled.end() :].strip()
    zeros = titled["number"].startswith("0")
    return bool(titled["word"]) or punctuated or zeros or found == number


def _until_key(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if _KEY.match(line):
            return
        yield line


def _said(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, up to the first heading, with their distance from the one above."""
    for at, line in enumerate(text.split("\n"), 1):
        if re.match(r"#{1,6}\s", line):
            return
        if _undecorated(line):
            yield at, line


def _undecorated(line: str) -> str:
    return re.sub(
        r"^[\s>]*(?:[-*+]\s+|\d+[.)]\s+)?(?:[*_]{0,2}status[*_]{0,2}\s*:[*_]{0,2}\s*)?", "", line, flags=re.IGNORECASE
    ).strip()


def _once(references: Sequence[Reference]) -> tuple[Reference, ...]:
    return tuple({(each.file, each.number): each for each in reversed(references)}.values())[::-1]


def _name(written: str) -> str:
    return re.sub(r"[\s/-]+", "_", written.strip().casefold())


def _bare(text: str) -> str:
    """The text with comments and fenced code blanked, line for line."""
    lines = text.split("\n")
    fence = ""
    for at, line in enumerate(lines):
        found = _FENCE.match(line)
        if fence:
            lines[at] = ""
            if found and found[1].startswith(fence):
                fence = ""
        elif found:
            fence, lines[at] = found[1], ""
    return re.sub(r"<!--.*?(?:-->|\Z)", lambda each: "\n" * each[0].count("\n"), "\n".join(lines), flags=re.DOTALL)
