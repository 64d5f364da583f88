"""A glance at a document: what its HTML shows, which is all that most documents need.

Whether a pointer holds does not depend on where it stands. A parser's events, which tell that, cost ten times as much
as its HTML: they are asked only of a document in which something does not hold.
"""

import html
import re
from collections.abc import Iterator

import pyromark

from hardpoint.assurance.documents.markdown import (
    MAX_PATH,
    MAY_BE_PATH,
    OPTIONS,
    Document,
    labels_in,
    names_in,
    text_of,
)
from hardpoint.assurance.documents.slugs import Dialect, Heading, anchors_of_page

_HEADING_IN_SOURCE = re.compile(r"<[hH][1-6]")
_TAG_IN_SOURCE = re.compile(r"<[a-zA-Z]")
_LINK = re.compile(r'<a href="([^"]*)')
_IMAGE = re.compile(r'<img src="([^"]*)')
_CODE = re.compile(r"<code>([^<\n]+)")
_HEADING = re.compile(r"<h[1-6](?: [^<>]*)?>(.*?)</h[1-6]>", re.DOTALL)
_HEADING_ID = re.compile(r'<h[1-6] id="([^"]*)"')
_MARKUP = re.compile(r"<[^<>]*>")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<[a-zA-Z][^<>]*>?")
_ATTRIBUTE = re.compile(
    r"""(?<![\w:.@-])(src|href|id|name)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>=`{]+))""", re.IGNORECASE
)
_FOOTNOTE = '<div class="footnote-definition"'


def glance(file: str, content: bytes, dialect: Dialect) -> Document | None:
    """What a document names and offers, without places; None for one that has to be read event by event.

    `targets` and `paths` may hold more than the document names, such as the number of a footnote, and never less.
    """
    text = text_of(content)
    if _hides(text):
        return None
    undefined: list[object] = []
    rendered = pyromark.html(
        text, options=OPTIONS, broken_link_callback=lambda link: undefined.append(link["link_type"])
    )
    headings = _HEADING.findall(rendered)
    if not _BARE.issuperset(undefined) or any("<a " in each or "<img " in each for each in headings):
        return None
    if "<" in text and _TAG_IN_SOURCE.search(text):
        rendered = _COMMENT.sub("", rendered)
        named = [*_attributes(rendered)]
        targets = [value for attribute, value in named if attribute in _POINTING]
        ids = [value for attribute, value in named if attribute not in _POINTING]
    else:
        targets = _LINK.findall(rendered) + _IMAGE.findall(rendered)
        ids = _HEADING_ID.findall(rendered)
    given = dict.fromkeys([*ids, *labels_in(text)])
    return Document(
        file,
        targets=tuple(html.unescape(each) if "&" in each else each for each in dict.fromkeys(targets)),
        paths=tuple(
            each
            for each in _CODE.findall(rendered)
            if "/" in each and len(each) <= MAX_PATH and MAY_BE_PATH.fullmatch(each)
        ),
        anchors=anchors_of_page([_heading(each) for each in headings], given, dialect),
        ids=tuple(given),
        names=names_in(text),
    )


def _hides(text: str) -> bool:
    """Whether there is what HTML does not show: definitions, shortcodes, named places, headings written in HTML.

    A single character is looked for ten times as fast as several, and most documents lack most of these.
    """
    in_braces = "{" in text and ("{{" in text or "[](){" in text)
    return in_braces or "]:" in text or ("<" in text and _HEADING_IN_SOURCE.search(text) is not None)


_BARE = frozenset({"Shortcut"})
"""Brackets that are a label only where it is defined."""
_POINTING = frozenset({"src", "href"})


def _heading(inner: str) -> Heading:
    text = inner
    if "<" in text:
        text = _MARKUP.sub("", text.replace("<br />\n", ""))
    text = html.unescape(text).replace("\n", " ") if "&" in text or "\n" in text else text
    return Heading(text, text, text)


def _attributes(rendered: str) -> Iterator[tuple[str, str]]:
    for tag in _TAG.findall(rendered):
        if "=" in tag and not tag.startswith(_FOOTNOTE):
            for name, *values in _ATTRIBUTE.findall(tag):
                yield name.lower(), "".join(values)
