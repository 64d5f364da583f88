"""What a document says besides its pointers: sections, task items, table rows, links in their sentence, commands."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyromark

from hardpoint.kernel.place import Lines, Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

MAX_BYTES = 4 * 1024 * 1024
"""A longer document is a list or a log that a program wrote; what it says is not looked at."""
SENTENCE = 200
"""How many characters before a link are kept as its sentence."""
MAX_WORDS = 4000
"""How many characters of an item, a cell or a heading are kept."""

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_YAML_STYLE_METADATA_BLOCKS
    | pyromark.Options.ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
)


@dataclass(slots=True)
class Section:
    """A heading, its level and line, and whether anything stands between it and the next one of its level or above."""

    title: str
    level: int
    line: int
    filled: bool = False


@dataclass(slots=True)
class Task:
    """An item with a box: its own text, the targets of its links, and whether items with boxes stand below it.

    `beside` is everything that stands in the item, what is below its own line too.
    """

    ticked: bool
    line: int
    text: str = ""
    beside: str = ""
    links: list[str] = field(default_factory=list)
    parent: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table below its head."""

    head: tuple[str, ...]
    cells: tuple[str, ...]
    line: int


@dataclass(slots=True)
class Link:
    """A link in its sentence: what stands before it in the same block, and its own words."""

    target: str
    before: str
    line: int
    column: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """Code in the text, or a block of it with its language; `line` is that of its first character."""

    text: str
    line: int
    column: int
    language: str | None = None


@dataclass(slots=True)
class Outline:
    """One document by its parts, each in the order in which it stands there."""

    file: str
    text: str = ""
    sections: list[Section] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    comments: list[tuple[str, int]] = field(default_factory=list)

    def place(self, line: int, column: int = 1) -> Place:
        """A place in this document."""
        return Place(self.file, line, column)

    @property
    def title(self) -> str:
        """The text of the first heading, or nothing."""
        return self.sections[0].title if self.sections else ""


def outline(file: str, workspace: Workspace) -> Outline:
    """The outline of a document, made once; an empty one of what cannot be read or is longer than MAX_BYTES."""
    made = workspace.derive(_outlines)
    if file not in made:
        made[file] = read_outline(file, text_of(file, workspace))
    return made[file]


def text_of(file: str, workspace: Workspace) -> str:
    """The text of a document; nothing for what cannot be read (DOC001 says so) or is longer than MAX_BYTES."""
    try:
        content = workspace.read(file)
    except UnreadableProblem:
        return ""
    return "" if len(content) > MAX_BYTES else content.decode("utf-8", "replace").removeprefix("\ufeff")


def read_outline(file: str, text: str) -> Outline:
    """Read Markdown into its parts."""
    return _Reader(file, text).read()


def _outlines(_: Workspace) -> dict[str, Outline]:
    return {}


class _Reader:
    """One pass over the events of a document."""

    def __init__(self, file: str, text: str) -> None:
        self._outline = Outline(file, text)
        self._lines = Lines(file, text.encode())
        self._heading: Section | None = None
        self._items: list[Task | None] = []
        self._link: Link | None = None
        self._open: list[Section] = []
        self._block: list[str] | None = None
        self._block_place = Place(file)
        self._sentence = ""
        self._cells: list[str] | None = None
        self._head: tuple[str, ...] = ()
        self._row_line = 0

    def read(self) -> Outline:
        for event, span in pyromark.events_with_range(self._outline.text, options=_OPTIONS):
            if isinstance(event, str):
                self._plain(event)
                continue
            value: Any
            ((name, value),) = event.items()
            if name == "Start":
                self._start(value, span["start"])
            elif name == "End":
                self._end(value)
            elif name == "TaskListMarker":
                self._task(ticked=value, start=span["start"])
            elif name in {"Html", "InlineHtml"}:
                self._outline.comments.append((value, self._lines.place(span["start"]).line))
            elif name == "Code":
                place = self._lines.place(span["start"])
                self._outline.codes.append(Code(value, place.line, place.column))
                self._say(f"`{value}`")
            elif name == "Text":
                self._text(value, span["start"])
        return self._outline

    def _plain(self, event: str) -> None:
        if event in {"SoftBreak", "HardBreak"}:
            self._say(" ")
        elif event == "Rule":
            self._fill()

    def _start(self, value: Any, start: int) -> None:
        if isinstance(value, str):
            self._start_plain(value, start)
            return
        ((tag, details),) = value.items()
        if tag == "Heading":
            self._begin_section(int(details["level"][1:]), self._lines.place(start).line)
        elif tag == "CodeBlock":
            self._fill()
            self._block, self._language = [], details["Fenced"] if isinstance(details, dict) else ""
        elif tag == "Link":
            place = self._lines.place(start)
            self._link = Link(details["dest_url"], self._sentence[-SENTENCE:], place.line, place.column)
            self._outline.links.append(self._link)
            for each in self._items:
                if each is not None:
                    each.links.append(details["dest_url"])
        elif tag == "Image":
            self._fill()

    def _start_plain(self, tag: str, start: int) -> None:
        if tag == "Item":
            self._items.append(None)
        elif tag in {"TableHead", "TableRow"}:
            self._cells, self._row_line = [], self._lines.place(start).line
        elif tag == "TableCell" and self._cells is not None:
            self._cells.append("")
        elif tag == "Paragraph":
            self._sentence = ""

    def _end(self, value: Any) -> None:
        tag = value if isinstance(value, str) else next(iter(value))
        if tag == "Heading":
            self._heading = None
        elif tag == "Item":
            self._items.pop()
            self._sentence = ""
        elif tag == "Link":
            self._link = None
        elif tag == "CodeBlock":
            place = self._block_place
            self._outline.codes.append(Code("".join(self._block or ()), place.line, place.column, self._language))
            self._block = None
        elif tag == "TableHead":
            self._head, self._cells = tuple(each.strip() for each in self._cells or ()), None
        elif tag == "TableRow":
            cells = tuple(each.strip() for each in self._cells or ())
            self._outline.rows.append(Row(self._head, cells, self._row_line))
            self._cells = None
        elif tag == "Paragraph":
            self._say("\n")

    def _begin_section(self, level: int, line: int) -> None:
        self._heading = Section("", level, line)
        self._outline.sections.append(self._heading)
        while self._open and self._open[-1].level >= level:
            self._open.pop()
        self._open.append(self._heading)
        self._sentence = ""

    def _task(self, *, ticked: bool, start: int) -> None:
        for each in self._items:
            if each is not None:
                each.parent = True
        task = Task(ticked, self._lines.place(start).line)
        self._items[-1] = task
        self._outline.tasks.append(task)

    def _text(self, value: str, start: int) -> None:
        if self._block is None:
            self._say(value)
            return
        if not self._block:
            self._block_place = self._lines.place(start)
        self._block.append(value)  # a block's text may come in several pieces

    def _say(self, words: str) -> None:
        """Add words to whatever they stand in."""
        if self._heading is not None:
            self._heading.title = _more(self._heading.title, words)
            return
        if words.strip():
            self._fill()
        self._sentence = (self._sentence + words)[-SENTENCE:]
        if self._link is not None:
            self._link.text = _more(self._link.text, words)
        if self._cells:
            self._cells[-1] = _more(self._cells[-1], words)
        for each in self._items:
            if each is not None:
                each.beside = _more(each.beside, words)
        if self._items and (own := self._items[-1]) is not None:
            own.text = _more(own.text, words)

    def _fill(self) -> None:
        """Something stands in the section that is open, and so in those around it."""
        for section in reversed(self._open):
            if section.filled:
                break
            section.filled = True


def _more(text: str, words: str) -> str:
    return text if len(text) > MAX_WORDS else text + words[:MAX_WORDS]


def sections_named(outline_: Outline, name: str) -> Iterator[Section]:
    """The sections of a title, whatever its case, numbering and punctuation."""
    wanted = _plain_title(name)
    return (section for section in outline_.sections if _plain_title(section.title) == wanted)


def _plain_title(title: str) -> str:
    words = "".join(each if each.isalnum() else " " for each in title.casefold()).split()
    return " ".join(words[1:] if len(words) > 1 and words[0].isdigit() else words)
