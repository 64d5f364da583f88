"""Elements of HTML: what is text is escaped when it becomes part of one, so nothing that others wrote is markup."""

import re
from html import escape

from hardpoint.faces.forms.characters import encodable

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that no page shows as they are, or that turn round what people read."""

_CODE = re.compile(r"`([^`\n]{1,1000})`")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_VOID = frozenset({"link", "meta"})

MAX_TEXT = 2_000
"""Characters of one text that are shown; what a tool wrote has no bound of its own."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(value: object, most: int = MAX_TEXT) -> Markup:
    """Any value as escaped text, without characters that cannot be shown, and cut after `most` of them."""
    if isinstance(value, Markup):
        return value
    said = str(value)
    said = said if len(said) <= most else f"{said[: most - 1]}…"
    return Markup(escape(_UNWRITABLE.sub("\ufffd", encodable(said).replace("\r\n", "\n"))))


def prose(value: str) -> Markup:
    """Text in which what stands between backticks is code."""
    return Markup(_CODE.sub(r"<code>\1</code>", text(value)))


def instant(said: str) -> Markup:
    """An instant to the second; what is none, as it is."""
    shown = f"{said[:10]} {said[11:19]} UTC" if is_instant(said) else said
    return element("time", shown, datetime=said)


def is_instant(said: str) -> bool:
    """Whether a text is an instant as the record writes it."""
    return _INSTANT.fullmatch(said) is not None


def joined(*parts: object) -> Markup:
    """Parts one after another; those that are no markup yet are escaped."""
    return Markup("".join([text(each) for each in parts]))


def element(name: str, /, *children: object, **attributes: object) -> Markup:
    """One element: `class_` stands for `class`, `data_verdict` for `data-verdict`, None for no attribute."""
    said = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{text(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Markup(f"<{name}{said}>" if name in _VOID else f"<{name}{said}>{joined(*children)}</{name}>")
