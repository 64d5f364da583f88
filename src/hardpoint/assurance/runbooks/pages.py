"""A runbook's page, read by its lines: which parts it gives in fields and under headings, and the rows of its tables.

Lines, because house styles differ in what a parser of Markdown takes for prose: bold lines that stand for headings,
`Owner: x` in a list, in a table or in the front matter.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import takewhile

from hardpoint.assurance.runbooks.parts import ENGLISH, VALUES, Part, Vocabulary

MAX_PAGE_BYTES = 1024 * 1024
MAX_LINE = 2000
"""Characters of a line that are looked at."""
MAX_VALUE = 300
"""Characters of a value that are kept."""
MAX_CONTINUED = 40
"""Lines of a list of alerts."""

_BOLD = 7
"""The level of a line that stands for a heading; those of Markdown are 1 to 6."""
_HEADING = re.compile(r"^ {0,3}(#{1,6}|={1,6}) +(.*)$")
_CLOSING = re.compile(r" [#=]+$")
_UNDERLINE = re.compile(r"^(=+|-{2,}|~{3,}|\^{3,})$")
_HTML_HEADING = re.compile(r"^ *<h([1-6])\b[^<>]*>([^<]*)</h\1> *$", re.IGNORECASE)
_BOLD_LINE = re.compile(r"^(?:\*\*|__)([^*_|:]{1,120}?) *:?(?:\*\*|__) *:?$")
_FENCE = re.compile(r"^[ \t]*(?:(?:[-*+]|\d{1,9}[.)]|>)[ \t]+)?(`{3,}|~{3,})")
# `Owner: x`, `- **Owner**: x`, `> **Owner:** x`, `:owner: x`
_FIELD = re.compile(
    r"^[ \t]*(?:[-*+>] +){0,3}:?[*_`]{0,3}([A-Za-z][\w ()/-]{0,40}?)[*_`]{0,3} ?:[*_`]{0,3}(?:[ \t]+(.*))?$"
)
_SEVERAL = re.compile(r" [|·•] |<br */?>|(?<=\.) +(?=[A-Z]\w{2,20}: )|(?<=\S) +(?=\*\*[A-Z][\w /-]{0,40}:?\*\*)")
_ID = re.compile(r"(?:\b(?:id|name)=[\"']?|\{#|\[#|^\[\[|^\()([\w.-]+)", re.MULTILINE)
_DIVIDER = re.compile(r"^[ \t:|-]+$")
_CELL = re.compile(r"(?<!\\)\|")
_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]*)[^()]*\)")
_ADDRESS = re.compile(r"<([^<>\s]+[:@.][^<>\s]*)>")
_MARKS = re.compile(r"[*_`]{1,3}|</?[a-zA-Z][^<>]{0,80}>")
_UNFILLED = re.compile(
    r"(?:|[-\u2013\u2014.\u2026?_]+|none|n ?/? ?a|not applicable|tb[acd]|to ?do|fixme|unknown|unassigned|nobody|no one"
    r"|to be (?:determined|decided|announced|confirmed|done|written|defined)|never|not yet|pending|xxx+|placeholder"
    r"|null|~|coming soon|yyyy-mm-dd|<[^<>]*>|\{\{.*|\[[^\[\]]*\]|(?:none|nothing) yet"
    r"|(?:to be |please )?(?:fill(?:ed)?(?: me| this| it)? in|write (?:me|this))"
    r"|(?:tb[acd]|todo|fixme)(?: *[:(]| +[-\u2013\u2014]).*|(?-i:TODO|TB[ACD]|FIXME)\s.*)[.!:]?",
    re.IGNORECASE,
)
# `Call: <who>`, whatever follows; neither a tag of HTML nor an address in angle brackets stands for something else.
_TAGS = "a|abbr|b|br|code|del|div|em|font|i|img|ins|kbd|li|mark|p|pre|s|small|span|strong|sub|sup|tt|u|ul|var"
_LABELLED = re.compile(r"([^:<>`]{1,120}):\**(?:\s+(.*))?")
_STANDS_FOR = re.compile(rf"<(?!(?:{_TAGS})(?:\s[^<>]*=[^<>]*|\s*/)?>)(?![^<>\s]+[:@.][^<>\s]*>)[A-Za-z][^<>]*>")
_STATED = re.compile(r"(?:none|n ?/? ?a|not applicable)[.!]?", re.IGNORECASE)
# An alert is named like a thing in code: `HighErrorRate`, `high_error_rate`, `api-down`; in marks it may have spaces.
_ALERT_NAME = re.compile(r"[A-Za-z_][\w:.-]{2,120}")
_LIKE_CODE = re.compile(r"[A-Za-z0-9][A-Z]|[_:.-]")
_ALERT_TITLE = re.compile(r"[A-Za-z_][\w:.-]*(?: [\w:.-]+)+")
_MARKED = re.compile(r"`([^`\n]{3,120})`|[\"\u201c]([^\"\u201c\u201d\n]{3,120})[\"\u201d]")
_ISO_DATE = re.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WRITTEN_DATE = re.compile(
    r"\b(?:(\d{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3})[a-z]*\.?,? (\d{4})"
    r"|([A-Za-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4}))\b"
)


@dataclass(frozen=True, slots=True)
class Said:
    """A part as it is given: its first words, where, and whether they say anything."""

    value: str
    line: int
    filled: bool

    @property
    def date(self) -> date | None:
        """The latest calendar date in it; None if there is none."""
        return max(_dates(self.value), default=None)


@dataclass(slots=True)
class Heading:
    """A heading, and the lines below it up to the next one of its level or above."""

    title: str
    level: int
    line: int
    end: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its cells without markup, the targets of its links, and its line."""

    cells: tuple[str, ...]
    links: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    """One document; `unread` says why its content is not known."""

    file: str
    title: str = ""
    headings: Sequence[Heading] = ()
    parts: Mapping[Part, Said] = field(default_factory=dict)
    rows: Sequence[Row] = ()
    front: Mapping[str, str] = field(default_factory=dict)
    alerts: tuple[str, ...] = ()
    """The names of the alerts that it says it is for."""
    ids: frozenset[str] = frozenset()
    """Anchors that its author gave."""
    unread: str | None = None


def read_page(file: str, content: bytes, words: Vocabulary = ENGLISH) -> Page:
    """Read a page of Markdown, AsciiDoc or reStructuredText; what is not UTF-8 is read with replacement characters."""
    if len(content) > MAX_PAGE_BYTES:
        return Page(file, unread=f"is larger than {MAX_PAGE_BYTES // 2**20} MiB")
    text = _without_comments(content.decode("utf-8", "replace").removeprefix("\ufeff"))
    ids = frozenset(_ID.findall(text))
    return replace(_Reader(file, [line.rstrip()[:MAX_LINE] for line in text.split("\n")], words).read(), ids=ids)


def is_filled(written: str) -> bool:
    """Whether words say something: TBD, `<owner>` and a dash only stand for it."""
    return _UNFILLED.fullmatch(bare(written)) is None


def _says(line: str) -> bool:
    """Whether a line of a section says something; a label says what follows it."""
    item = _item(line)
    found = _LABELLED.fullmatch(item)
    if not found:
        return is_filled(item)
    value = found[2] or ""
    return not _STANDS_FOR.match(value) and is_filled(value)


def _row_says(cells: Sequence[str]) -> bool:
    """Whether a row says something: `| First | <who> |` does not, `| Restart it | |` does."""
    return any(map(is_filled, cells)) and (
        any(map(is_filled, cells[1:])) or not any(cell.strip() for cell in cells[1:])
    )


def bare(written: str) -> str:
    """Words without markup and quotes; a link by its text."""
    text = _ADDRESS.sub(r"\1", _LINK.sub(r"\1", written))
    return _MARKS.sub("", text.replace("\\|", "|")).strip().strip("\"'").strip()[:MAX_VALUE]


def alert_names(written: str, *, in_prose: bool = True) -> list[str]:
    """The names of alerts in what a field or an item says: those in code or quotes, else bare ones before any prose.

    Without `in_prose` the words have to be names and nothing else.
    """
    marked = [(code or quoted).strip() for code, quoted in _MARKED.findall(written)]
    if marked and in_prose:
        return [each for each in marked if _ALERT_NAME.fullmatch(each) or _ALERT_TITLE.fullmatch(each)]
    said = re.split(r" [-\u2013\u2014]+ |\(", bare(written))[0] if in_prose else bare(written)
    names = [each.strip() for each in re.split(r"[,;]| and | / ", said)]
    return names if all(_ALERT_NAME.fullmatch(each) and is_filled(each) for each in names) else []


def _is_divider(line: str) -> bool:
    """Whether a line only divides: the one below a table's head, or a rule."""
    return "--" in line and _DIVIDER.match(line) is not None


def _cells(line: str) -> list[str]:
    """The cells of a row as they are written."""
    return [cell.strip() for cell in _CELL.split(line.strip().strip("|"))]


def _speaks_of_alerts(name: str) -> bool:
    return "alert" in name.casefold()


def _item(line: str) -> str:
    """What a line of a list says."""
    return re.sub(r"^[ \t]*(?:[-*+>]|\d+[.)]) +", "", line)


def _without_comments(text: str) -> str:
    """Comments as blank lines, so that what is left keeps its line."""
    pieces: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        pieces += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end + 3
    return "".join([*pieces, text[at:]])


def _dates(text: str) -> Iterator[date]:
    written = [(year, month, day) for year, month, day in _ISO_DATE.findall(text)]
    for day, month, year, other_month, other_day, other_year in _WRITTEN_DATE.findall(text):
        name = (month or other_month).lower()
        if name in _MONTHS:
            written.append((year or other_year, str(_MONTHS.index(name) + 1), day or other_day))
    for year, month, day in written:
        try:
            yield date(int(year), int(month), int(day))
        except ValueError:
            continue


class _Reader:
    """One pass over the lines, then one over the headings that it found."""

    def __init__(self, file: str, lines: list[str], words: Vocabulary) -> None:
        self._file = file
        self._words = words
        self._lines = lines
        self._headings: list[Heading] = []
        self._given: list[tuple[Part, Said]] = []
        self._rows: list[Row] = []
        self._front: dict[str, str] = {}
        self._alerts: dict[str, None] = {}
        self._fenced: set[int] = set()
        self._text: list[int] = []
        """For each line, how many lines before it say something."""

    def read(self) -> Page:
        start = self._front_matter()
        self._body(start)
        self._close_headings()
        given = self._words.parts_of_headings([each.title for each in self._headings])
        for heading, its in zip(self._headings, given, strict=True):
            self._section(heading, its)
        parts: dict[Part, Said] = {}
        for part, said in self._given:  # the first that says something; else the first
            if part not in parts or (said.filled and not parts[part].filled):
                parts[part] = said
        title = self._front.get("title") or next((each.title for each in self._headings if each.level == 1), "")
        return Page(self._file, title, self._headings, parts, self._rows, self._front, tuple(self._alerts))

    def _front_matter(self) -> int:
        """The keys between two lines of `---`, lists of values joined; returns the first line after them."""
        if not self._lines or self._lines[0] not in {"---", "+++"}:
            return 0
        end = next((at for at, line in enumerate(self._lines[1:], 1) if line == self._lines[0]), None)
        if end is None:
            return 0
        key, line = "", 0
        for at in range(1, end):
            if found := re.match(r"^([A-Za-z][\w -]{0,40}?)[ \t]*[:=](?:[ \t]+(.*))?$", self._lines[at]):
                key, line = found[1], at + 1
                self._front[_key(key)] = bare((found[2] or "").partition(" #")[0]).strip("[]")
            elif key and (below := re.match(r"^[ \t]*-?[ \t]+(?:name: *)?(\S.*)$", self._lines[at])):
                said = self._front[_key(key)]
                self._front[_key(key)] = f"{said}, {bare(below[1])}".removeprefix(", ")[:MAX_VALUE]
            is_last = at + 1 == end or not self._lines[at + 1].startswith((" ", "-"))
            if key and is_last:
                self._give_named(key, self._front[_key(key)], line - 1)
        return end + 1

    def _body(self, start: int) -> None:
        self._text = [0] * (len(self._lines) + 1)
        fence = ""
        head: tuple[str, ...] = ()
        for at, line in enumerate(self._lines):
            self._text[at + 1] = self._text[at]
            if at < start:
                continue
            marker = _FENCE.match(line)
            if fence or marker:
                self._fenced.add(at)
                self._text[at + 1] += bool(fence and line.strip() and not marker)
                fence = _fence_after(fence, marker[1] if marker else "")
                continue
            if not line.strip():
                head = ()
                continue
            if heading := self._heading_at(at):
                self._headings.append(heading)
                self._titled(heading)
                continue
            if at and _UNDERLINE.match(line) and self._headings and self._headings[-1].line == at:
                continue
            if line.lstrip().startswith("|"):
                is_head, head = not head, self._row(line, at, head)
                self._text[at + 1] += not is_head and not _is_divider(line) and _row_says(_cells(line))
            else:
                self._fields(line, at)
                self._text[at + 1] += not _is_divider(line) and _says(line)

    def _heading_at(self, at: int) -> Heading | None:
        line = self._lines[at]
        if found := _HEADING.match(line):
            return Heading(bare(_CLOSING.sub("", found[2])), len(found[1]), at + 1)
        below = self._lines[at + 1] if at + 1 < len(self._lines) else ""
        if _UNDERLINE.match(below) and not line.startswith(("|", "-", ">", "*", " ")) and len(line) <= MAX_VALUE:
            return Heading(bare(line), 1 if below[0] == "=" else 2, at + 1)
        if found := _HTML_HEADING.match(line):
            return Heading(bare(found[2]), int(found[1]), at + 1)
        if (found := _BOLD_LINE.match(line)) and self._words.parts_of_heading(found[1]):
            return Heading(found[1].strip(), _BOLD, at + 1)
        named = _FIELD.match(line)
        if (
            named
            and not named[2]
            and below.strip()
            and self._words.part_of_field(named[1])
            and not self._is_field(below)
        ):
            return Heading(named[1].strip(), _BOLD, at + 1)
        return None

    def _titled(self, heading: Heading) -> None:
        """A heading such as `Severity: page` gives its part itself."""
        name, _, value = heading.title.partition(":")
        if value.strip():
            self._give_named(name, value, heading.line - 1)

    def _is_field(self, line: str) -> bool:
        found = _FIELD.match(line)
        return bool(found and self._words.part_of_field(found[1])) or line.lstrip().startswith("#")

    def _fields(self, line: str, at: int) -> None:
        for piece in _SEVERAL.split(line) if len(line) <= MAX_VALUE * 2 else [line]:
            found = _FIELD.match(piece)
            if found and (part := self._words.part_of_field(found[1])):
                self._give(part, found[2] or "", at + 1)
                if part is Part.ALERT:
                    self._name(found[1], f"{found[2] or ''}{self._continued(at)}")

    def _continued(self, at: int) -> str:
        """The lines of the paragraph after a line, which go on with a list of names."""
        below = self._lines[at + 1 : at + 1 + MAX_CONTINUED]
        return "".join(f" {line}" for line in takewhile(lambda each: re.match(r" *`", each), below))

    def _row(self, line: str, at: int, head: tuple[str, ...]) -> tuple[str, ...]:
        """Take a row in; returns the head of the table that it is in."""
        if _is_divider(line):
            return head
        written = _cells(line)
        cells = tuple(bare(cell) for cell in written)
        below = self._lines[at + 1] if at + 1 < len(self._lines) else ""
        if not head and _is_divider(below):
            if len(cells) == 2 and self._words.part_of_field(cells[0]) and not self._words.part_of_field(cells[1]):  # noqa: PLR2004
                self._give_named(cells[0], written[1], at)  # a table of fields whose head is its first field
            return cells
        self._rows.append(Row(cells, tuple(target for _, target in _LINK.findall(line)), at + 1))
        if len(cells) == 2 and self._words.part_of_field(cells[0]):  # noqa: PLR2004 - name and value
            self._give_named(cells[0], written[1], at)
        else:
            for name, value in zip(head, written, strict=False):
                if self._words.part_of_field(name) in VALUES:
                    self._give_named(name, value, at)
        return head or cells

    def _give_named(self, name: str, value: str, at: int) -> None:
        if part := self._words.part_of_field(name):
            self._give(part, value, at + 1)
            if part is Part.ALERT:
                self._name(name, value)

    def _give(self, part: Part, written: str, line: int) -> None:
        value = bare(written)
        stated = part is Part.ALERT and _STATED.fullmatch(value) is not None  # no alert leads here: that is an answer
        said = Said(value, line, stated or is_filled(written))
        self._given.append((part, said))
        if part is Part.ROLLBACK:
            self._given.append((Part.MITIGATION, said))

    def _name(self, field_: str, written: str) -> None:
        """Take alerts in by their names; a field such as `Trigger` may speak of anything."""
        self._alerts.update(dict.fromkeys(alert_names(written, in_prose=_speaks_of_alerts(field_))))

    def _close_headings(self) -> None:
        """Say where each heading's section ends."""
        still_open: list[Heading] = []
        for heading in self._headings:
            while still_open and still_open[-1].level >= heading.level:
                still_open.pop().end = heading.line - 1
            still_open.append(heading)
        for heading in still_open:
            heading.end = len(self._lines)

    def _section(self, heading: Heading, parts: frozenset[Part]) -> None:
        if not parts:
            return
        filled = self._text[heading.end] > self._text[heading.line]
        first = self._first_line(heading) if filled else ""
        for part in parts:
            self._given.append((part, Said(bare(first), heading.line, filled)))
            if part is Part.ALERT and _speaks_of_alerts(heading.title):
                self._named_below(heading)

    def _named_below(self, heading: Heading) -> None:
        end = min(self._next_heading(heading), heading.line + MAX_CONTINUED)
        for at in range(heading.line, end):
            if at not in self._fenced:
                found = alert_names(_item(self._lines[at]))
                self._alerts.update(dict.fromkeys(name for name in found if " " in name or _LIKE_CODE.search(name)))

    def _next_heading(self, heading: Heading) -> int:
        at = bisect_right(self._headings, heading.line, key=lambda each: each.line)
        return self._headings[at].line - 1 if at < len(self._headings) else len(self._lines)

    def _first_line(self, heading: Heading) -> str:
        for at in range(heading.line, heading.end):
            if self._text[at + 1] > self._text[at]:
                return _item(self._lines[at])
        return ""


def _fence_after(fence: str, marker: str) -> str:
    """The fence that is open after a line that begins with a marker, or with none."""
    if not fence:
        return marker
    return "" if marker and marker[0] == fence[0] and len(marker) >= len(fence) else fence


def _key(written: str) -> str:
    return re.sub(r"[\s-]+", "_", written.strip().casefold())
