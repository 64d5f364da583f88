"""Markdown as a document: its pointers with their places, and the headings and ids that others may point at."""

import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple

import pyromark

from hardpoint.assurance.documents.slugs import Dialect, Heading, anchors_of_page
from hardpoint.kernel.place import Lines, Place

OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_HEADING_ATTRIBUTES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_YAML_STYLE_METADATA_BLOCKS
)


MAX_PATH = 200
"""Characters of the longest inline code that is taken for a path."""


class Form(Enum):
    """How a pointer is written."""

    LINK = "link"
    IMAGE = "image"
    DEFINITION = "definition"
    HTML = "html"
    CODE = "code"
    LABEL = "label"
    UNUSED = "unused"
    SHORTCODE = "shortcode"


class Pointer(NamedTuple):
    """What a document names, and where.

    `target` is what is meant (escapes resolved), `written` how it stands in the file, at `line` and at or after
    `column`; `written` is empty where it stands nowhere in one piece.
    """

    form: Form
    target: str
    written: str
    line: int
    column: int


class Document(NamedTuple):
    """One Markdown file; `unread` says why its content is not known.

    `targets` is what links, images and HTML name, `paths` the inline code that may be a path. `anchors` is what a
    fragment may name, `ids` those of them that authors gave, and `names` what the front matter says of the page's
    address (`slug`, `id`, `url`, …). `pointers` is None where only a glance was taken at the document.
    """

    file: str
    targets: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    anchors: frozenset[str] = frozenset()
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    unread: str | None = None
    pointers: tuple[Pointer, ...] | None = None

    def place(self, pointer: Pointer) -> Place:
        """Where a pointer of this document stands."""
        return Place(self.file, pointer.line, pointer.column)


def is_composed(content: bytes) -> bool:
    """Whether a document takes other files in, so that not all of its anchors are known."""
    return _INCLUSION.search(content) is not None


def parse(file: str, content: bytes, dialect: Dialect = Dialect.GITHUB) -> Document:
    """Read a document event by event, and so with the place of each pointer."""
    return _Reader(file, text_of(content)).read(dialect)


def text_of(content: bytes) -> str:
    """The text of a document; what is not UTF-8 becomes replacement characters, since paths are ASCII mostly.

    The tabs, admonitions and details of MkDocs, whose content is indented as code is, become items of a list, of the
    same length.
    """
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    if "\r" in text:  # alone it ends a line (CommonMark 0.31.2, section 2.1), which the parser forgets in headings
        text = _RETURN_ALONE.sub("\n", text)
    # A single character is looked for ten times as fast as several, and most documents lack most of these.
    if any(mark[0] in text and mark in text for mark in _MARKS_OF_BLOCKS):
        text = _BLOCK.sub(lambda found: f"{found[1]}-  {':' if found[2] or found[3] else ''}", text)
    return text


def names_in(text: str) -> tuple[str, ...]:
    """What the front matter says of the page's address."""
    front = _FRONT.match(text)
    return tuple(each.strip() for each in _ADDRESS.findall(front[1])) if front else ()


def labels_in(text: str) -> list[str]:
    """The labels that MyST puts before a heading or a paragraph, `(label)=`, and those of lists of attributes."""
    if "=" not in text:
        return []
    labels = _MYST_LABEL.findall(text) if ")=" in text else []
    return labels + _ATTRIBUTE_LIST.findall(text) if "id=" in text else labels


# What Python-Markdown indents below these is a box or a tab, and no code: as an item of a list its links are read.
# An attribute counts inside of a tag only; a value ends where its quotes do.
_ATTRIBUTE = re.compile(
    rb"""(?<![\w:.@-])(src|href|id|name)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>=`{]+))""", re.IGNORECASE
)
_TAG = re.compile(rb"<[a-zA-Z][^<>]*>?")
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_HTML_TAG = re.compile(r"<[^>]*>")
# Bounded, and never across the start of another: so the whole costs no more than the length of the text.
_HTML_HEADING = re.compile(r"<h([1-6])\b[^<>]{0,500}>((?:(?!<h[1-6]).){1,500}?)</h\1>", re.DOTALL | re.IGNORECASE)
_DEFINED = re.compile(rb"\]:\s*(?:>\s*)*(?:<([^<>\n]*)>|(\S+))")
_DESTINATION = re.compile(rb"\s*(?:<([^<>\n]*)>|(\S*?))(?=\s|\)\Z)")
_SHORTCODE = re.compile(rb"""\{\{[<%]\s*(?:rel)?ref\s+(?:path=)?["']([^"'{}\n]+)["']""")
_RETURN_ALONE = re.compile(r"\r(?!\n)")
# Shortcodes and tags whose content is shown as it is: a sample, in which nothing leads anywhere.
_SAMPLE = re.compile(
    rb"\{\{[<%]\s{0,9}(/?)\s{0,9}(?:code|highlight|code-block)\b|\{%-?\s{0,9}(end)?(?:highlight|raw)\b"
    rb"|^[ \t]{0,9}[@\\](end)?(?:code|verbatim)\b",  # as Doxygen has it
    re.MULTILINE,
)
_MARKS_OF_SAMPLES = (b"{{", b"{%", b"endcode", b"endverbatim")
_MYST_LABEL = re.compile(r"^\(([^()\s]+)\)=\s*$", re.MULTILINE)
# The table that this bot keeps names kinds of work as if they were anchors.
_CONTRIBUTORS = b"ALL-CONTRIBUTORS-LIST:START"
_ATTRIBUTE_LIST = re.compile(r"""\{:? ?id=["']?([\w.:+-]+)["']?[^{}\n]{0,200}\}""")
_MARKS_OF_BLOCKS = ("===", "!!! ", "???")
_BLOCK = re.compile(r"^([ \t]*)(?:===([!+]?)(?= \")|(?:!!!|\?\?\?(\+?))(?= [\w\"]))", re.MULTILINE)
# An empty link with a name is how mkdocs-autorefs writes an anchor, which is found from any page.
_NAMED_PLACE = re.compile(rb"\[\]\(\)\{:?\s*#([\w.:-]{1,200})[^{}\n]{0,200}\}")
# What takes other files in, which may bring headings.
_INCLUSION = re.compile(
    rb"--8<--|\{\{#(?:include|template)|\{%-?\s*(?:include|capture|for)|<!--\s*@include|\[!INCLUDE"
    rb"|^:::+ ?\{?(?:include|autodoc|[\w.-]+\s*$)|^import \w+ from ['\"][^'\"]+\.mdx?['\"]"
    rb"|``` ?\{(?:include|eval-rst|auto\w+)"
    rb"|\{\{[<%](?!\s*(?:rel)?ref\b)"
    rb"|^#{1,6} +<!--",  # what a program makes a heading of
    re.MULTILINE,
)
_FRONT = re.compile(r"---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_ADDRESS = re.compile(
    r"""^(?:(?:slug|id|url|permalink|aliases|title)[ \t]*:|[ \t]*-)[ \t]*["']?([^"'\n\[\]]+)""", re.MULTILINE
)
# What may be a path: a slash or an ending, and nothing that a command, a pattern or a placeholder has.
MAY_BE_PATH = re.compile(r"(?:\.{0,2}/)?[\w@.+-]+(?:/[\w@.+-]+)*/?(?::\d+(?:[-:]\d+)?|#L\d+(?:-L\d+)?)?")
# A path alone before a block of code is the name of what the block shows.
_CAPTION = re.compile(rb"`[`*_)]*:?[`*_)]*:?[ \t]*\n\s*(?:```|~~~|<details|    )")
_LINKS = frozenset({Form.LINK, Form.IMAGE, Form.DEFINITION, Form.HTML, Form.SHORTCODE})
# What stands before a path that need not be there: in the same sentence, on the same line.
_IMAGINED = re.compile(
    rb"(?:\b(?:creat|add|generat|sav|writ|renam|remov|delet|mov|plac|put|emit|output|nam|call|replac|ignor)"
    rb"(?:e|es|ed|ing|s|t|ting|ten)?\b"
    rb"|\b(?:make|new|e\.g|examples?|such as|say|like|suppose|if|your|no longer|used to)\b"
    rb"|^\s*(?:===|\?\?\?|!!!))[^.!?\n]*$",
    re.IGNORECASE,
)
_BY_LABEL = frozenset({"Reference", "Collapsed", "Shortcut"})
_IMAGE_BEGINS, _IMAGE_ENDS = "\x00", "\x01"  # neither can be in text that a parser of Markdown gives
_IMAGE_IN_HEADING = re.compile("\x00[^\x01]*\x01")

Span = Mapping[str, int]


class _Reader:
    """One pass over the events of a document."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text
        self._bytes = text.encode()
        self._lines = Lines(file, self._bytes)
        self._lists_contributors = _CONTRIBUTORS in self._bytes
        self._pointers: list[Pointer] = []
        self._headings: list[Heading] = []
        self._ids: dict[str, None] = {}
        self._used: set[str] = set()
        self._undefined: dict[int, str] = {}
        self._code_spans: list[tuple[int, int]] = []
        self._gathered: list[str] | None = None

    def read(self, dialect: Dialect) -> Document:
        self._events()
        if b"]:" in self._bytes:
            self._definitions()
        for start, label in self._undefined.items():
            self._point(Form.LABEL, label, "", start)
        if b"{{" in self._bytes:
            self._shortcodes()
        if "<h" in self._text or "<H" in self._text:
            texts = (_HTML_TAG.sub("", found[2]) for found in _HTML_HEADING.finditer(self._text))
            self._headings += [Heading(text, text, text) for text in texts]
        if any(mark in self._bytes for mark in _MARKS_OF_SAMPLES):
            self._forget_samples()
        self._ids.update(dict.fromkeys(labels_in(self._text)))
        return Document(
            self._file,
            targets=tuple(each.target for each in self._pointers if each.form in _LINKS),
            paths=tuple(each.target for each in self._pointers if each.form is Form.CODE),
            anchors=anchors_of_page(self._headings, self._ids, dialect),
            ids=tuple(self._ids),
            names=names_in(self._text),
            pointers=tuple(sorted(self._pointers, key=lambda pointer: pointer[3:])),
        )

    def _events(self) -> None:  # noqa: C901 - a document has a thousand events: the fewest calls for each
        """Hand every event to what knows it; most are text, which only headings gather."""
        events: Iterable[tuple[Any, Any]] = pyromark.events_with_range(
            self._text, options=OPTIONS, broken_link_callback=self._no_label
        )
        for event, span in events:
            if event.__class__ is str:
                if self._gathered is not None and event == "SoftBreak":
                    self._gathered.append(" ")
            elif "Text" in event:
                if self._gathered is not None:
                    self._gathered.append(event["Text"])
            elif "End" in event:
                if self._gathered is not None:
                    self._end(event["End"], self._gathered, span)
            elif "Start" in event:
                if (started := event["Start"]).__class__ is dict:
                    self._start(started, span)
                elif started == "HtmlBlock":
                    self._html(span["start"], span["end"])
            elif "Code" in event:
                self._code(event["Code"], span)
            elif "InlineHtml" in event:
                self._html(span["start"], span["end"])

    def _start(self, started: Mapping[str, Any], span: Span) -> None:
        ((tag, details),) = started.items()
        if tag == "Link":
            self._link(Form.LINK, details, span)
        elif tag == "Image":
            self._link(Form.IMAGE, details, span)
            if self._gathered is not None:
                self._gathered.append(_IMAGE_BEGINS)
        elif tag == "CodeBlock":
            self._code_spans.append((span["start"], span["end"]))
        elif tag == "Heading":
            self._gathered = []
            if details["id"]:
                self._ids[details["id"]] = None

    def _end(self, ended: Any, gathered: list[str], span: Span) -> None:
        if ended == "Image":
            gathered.append(_IMAGE_ENDS)
        elif isinstance(ended, dict) and "Heading" in ended:
            self._headings.append(self._heading("".join(gathered), span))
            self._gathered = None

    def _heading(self, gathered: str, span: Span) -> Heading:
        raw = self._bytes[span["start"] : span["end"]]
        if b"[" not in raw:
            return Heading(gathered, gathered, gathered)
        text = gathered.replace(_IMAGE_BEGINS, "").replace(_IMAGE_ENDS, "")
        source = raw.partition(b"\n")[0].decode("utf-8", "replace").strip().strip("#").strip()
        return Heading(text, _IMAGE_IN_HEADING.sub("", gathered), source)

    def _code(self, value: str, span: Span) -> None:
        if self._gathered is not None:
            self._gathered.append(value)
        self._code_spans.append((span["start"], span["end"]))
        is_path = "/" in value and len(value) <= MAX_PATH and MAY_BE_PATH.fullmatch(value)
        if not is_path or _CHANGES.search(self._file):  # what changes are told of may be gone by now
            return
        if not _CAPTION.match(self._bytes, span["end"] - 1) and not self._is_imagined(span["start"]):
            self._point(Form.CODE, value, value, span["start"])

    def _is_imagined(self, start: int) -> bool:
        """Whether the words before a path say that it is an example, is yet to be made, or is no more."""
        begins = self._bytes.rfind(b"\n", 0, start) + 1
        return _IMAGINED.search(self._bytes[max(begins, start - 80) : start]) is not None

    def _link(self, form: Form, details: Mapping[str, str], span: Span) -> None:
        kind, target = details["link_type"], details["dest_url"]
        if kind in _BY_LABEL:  # what is to be mended stands in the definition
            self._used.add(_label(details["id"]))
        elif kind == "Inline":
            start = span["start"]
            if named := _NAMED_PLACE.match(self._bytes, start):
                self._ids[named[1].decode("utf-8", "replace")] = None
                return
            after = self._bytes.rfind(b"](", start, span["end"]) + 2
            at = self._bytes.find(target.encode(), after, span["end"])
            written = target
            if at < 0 and (found := _DESTINATION.match(self._bytes, after, span["end"])):
                at, written = found.start(found.lastindex or 0), found[found.lastindex or 0].decode("utf-8", "replace")
            self._point(form, target, written if at >= 0 else "", start, at)
        elif kind == "Autolink":
            self._point(form, target, target, span["start"])

    def _point(self, form: Form, target: str, written: str, begins: int, at: int = -1) -> None:
        """Add a pointer that begins at one offset and whose target stands at another.

        That is its place where lines lie between them, or the same words: it is the target that a repair replaces.
        """
        if at >= 0 and any(self._bytes.find(each, begins, at) >= 0 for each in (b"\n", written.encode() or b"\n")):
            begins = at
        self._pointers.append(Pointer(form, target, written, *self._lines.position(begins)))

    def _html(self, start: int, end: int) -> None:
        raw = self._bytes[start:end]
        if b"=" not in raw:
            return
        for tag in _TAG.finditer(_COMMENT.sub(lambda found: b" " * len(found[0]), raw)):
            for found in _ATTRIBUTE.finditer(tag[0]):
                value = (found[2] or found[3] or found[4] or b"").decode("utf-8", "replace")
                if found[1].lower() in {b"id", b"name"}:
                    self._ids[value] = None
                elif not (value.startswith("#") and self._lists_contributors):
                    at = start + tag.start() + found.start(found.lastindex or 0)
                    self._point(Form.HTML, html.unescape(value).strip(), value.strip(), at)

    def _definitions(self) -> None:
        """The targets that definitions hold, and the definitions that no link uses."""
        for label, details in pyromark.reference_definitions(self._text, options=OPTIONS).items():
            start, end = details["span"]["start"], details["span"]["end"]
            found = _DEFINED.search(self._bytes, start, end)
            at = found.start(found.lastindex or 0) if found else start
            written = found[found.lastindex or 0].decode("utf-8", "replace") if found else ""
            if not details["dest"] and label.startswith(_COMMENT_LABELS):
                continue  # [comment]: <> (text)
            self._point(Form.DEFINITION, details["dest"], written, at)
            if _label(label) not in self._used and not label.startswith(_COMMENT_LABELS):
                self._point(Form.UNUSED, label, "", start)

    def _no_label(self, link: Mapping[str, Any]) -> None:
        """Remember a use of a label that has no definition; an index of an array looks like one."""
        start = link["span"]["start"]
        text = self._bytes[start : link["span"]["end"]].lstrip(b"!")[1:].partition(b"]")[0].strip()
        before = self._bytes[start - 1 : start] if start else b""
        if _CHANGES.search(self._file) and _WORD.fullmatch(text) and _WORD.fullmatch(link["reference"].encode()):
            return  # `[Console][HttpKernel] Add …` says what was changed
        if link["link_type"] in {"Reference", "Collapsed"} and text and not _CLOSES_WORD.match(before):
            self._undefined[start] = link["reference"]

    def _shortcodes(self) -> None:
        for found in _SHORTCODE.finditer(self._bytes):
            if not self._is_code(found.start()):
                target = found[1].decode("utf-8", "replace")
                self._point(Form.SHORTCODE, target, target, found.start(1))

    def _forget_samples(self) -> None:
        """Drop the pointers between the first and the last line of a sample."""
        samples = list(self._samples())
        begins = [first for first, _ in samples]
        ends = [0, *(last for _, last in samples)]
        self._pointers = [each for each in self._pointers if each.line >= ends[bisect_left(begins, each.line)]]

    def _samples(self) -> Iterator[tuple[int, int]]:
        """The first and the last line of each sample, which are not of it."""
        begins = 0
        for found in _SAMPLE.finditer(self._bytes):
            if not any(found.groups()):
                begins = self._lines.position(found.start())[0]
            elif begins:
                yield begins, self._lines.position(found.start())[0]
                begins = 0

    def _is_code(self, offset: int) -> bool:
        at = bisect_right(self._code_spans, (offset, len(self._bytes))) - 1
        return at >= 0 and self._code_spans[at][1] > offset


_COMMENT_LABELS = ("//", "comment", "#")
"""Labels that authors use to write comments: `[//]: # (text)`."""
_CHANGES = re.compile(r"(?:^|/)(?:change-?log|changes|history|news|release[-_]?notes?)[^/]*$", re.IGNORECASE)
_WORD = re.compile(rb"[\w.-]+")
_CLOSES_WORD = re.compile(rb"[\w\]\\)]")


def _label(written: str) -> str:
    """Labels are equal when their words are, in any case (CommonMark 0.31.2, section 4.7)."""
    return " ".join(written.split()).casefold()
