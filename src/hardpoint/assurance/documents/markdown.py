"""Markdown as a document: its pointers with their places, and the anchors that others may point at."""

import re
from dataclasses import dataclass, field
from functools import cached_property

import pyromark

from hardpoint.kernel.place import Lines, Place
from hardpoint.kernel.spelling import Spelling

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_HEADING_ATTRIBUTES
    | pyromark.Options.ENABLE_YAML_STYLE_METADATA_BLOCKS
)
_HTML_ANCHOR = re.compile(r"""<[a-zA-Z][^<>]*?\b(?:id|name)\s*=\s*["']?([^"'\s<>]+)""")
# Bounded, and never across the start of another: so the whole costs no more than the length of the text.
_HTML_HEADING = re.compile(r"<h([1-6])\b[^<>]{0,500}>((?:(?!<h[1-6]).){1,500}?)</h\1>", re.DOTALL | re.IGNORECASE)
_HTML_TAG = re.compile(r"<[^>]*>")
_NOT_IN_SLUG = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Pointer:
    """A link or image as written, and where it stands."""

    target: str
    place: Place


@dataclass(frozen=True)
class Document:
    """One Markdown file; `unread` says why its content is not known."""

    file: str
    pointers: tuple[Pointer, ...] = ()
    headings: tuple[str, ...] = ()
    ids: frozenset[str] = field(default_factory=frozenset)
    unread: str | None = None

    @cached_property
    def anchors(self) -> frozenset[str]:
        """What a fragment may name: explicit ids, and the slugs that GitHub makes of headings."""
        slugs: dict[str, int] = {}
        anchors = set(self.ids)
        for heading in self.headings:
            slug = _slug(heading)
            count = slugs.get(slug, 0)
            slugs[slug] = count + 1
            anchors.add(f"{slug}-{count}" if count else slug)
        return frozenset(anchors)

    @cached_property
    def spelling(self) -> Spelling:
        """The anchor that was meant by one that is not there."""
        return Spelling(sorted(self.anchors))


def parse(file: str, content: bytes) -> Document:
    """Read a document; text that is not UTF-8 is read with replacement characters, since paths are ASCII mostly."""
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = Lines(file, text.encode())
    pointers: list[Pointer] = []
    headings: list[str] = []
    ids: set[str] = set()
    heading: list[str] | None = None
    for event, span in pyromark.events_with_range(text, options=_OPTIONS):
        name, value = next(iter(event.items())) if isinstance(event, dict) else (event, None)
        if name == "Start" and isinstance(value, dict):
            ((tag, details),) = value.items()
            if tag in {"Link", "Image"} and details["link_type"] != "Email":
                pointers.append(Pointer(details["dest_url"], lines.place(span["start"])))
            elif tag == "Heading":
                heading = []
                ids |= {details["id"]} if details["id"] else set()
        elif name == "End" and isinstance(value, dict) and "Heading" in value:
            headings.append("".join(heading or ()))
            heading = None
        elif name in {"Text", "Code"} and heading is not None:
            heading.append(str(value))
        elif name in {"Html", "InlineHtml"}:
            ids.update(_HTML_ANCHOR.findall(str(value)))
    headings += [_HTML_TAG.sub("", inner) for _, inner in _HTML_HEADING.findall(text)]
    return Document(file, tuple(pointers), tuple(headings), frozenset(ids))


def _slug(heading: str) -> str:
    """GitHub's anchor for a heading: lower case, punctuation dropped, spaces to hyphens."""
    return _NOT_IN_SLUG.sub("", heading.strip().lower()).replace(" ", "-")
