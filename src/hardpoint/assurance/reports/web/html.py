"""A page's HTML, as far as its headers are judged from it: `<meta>` elements and scripts."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

_TEXT_ONLY = frozenset({"title", "textarea", "xmp", "iframe", "noembed", "noframes"})
"""Elements whose content is text, beside script and style (HTML, section 13.2.6)."""
_SPECIAL = re.compile(r"(?i)^(https?|ftp|wss?):[/\\]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A `<script>`: its address as the page's base makes it, empty for one in the page, and its integrity."""

    src: str
    integrity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says of itself."""

    policies: Sequence[str]
    """Content security policies of `<meta http-equiv>`."""
    referrer: Sequence[str]
    """The last `<meta name=referrer>`, if there is one."""
    scripts: Sequence[Script]


def read(html: str) -> Page:
    """Read a page; anything is one, as in a browser."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Page(
        policies=reader.policies,
        referrer=reader.referrer,
        scripts=[Script(src=resolved(src, reader.base), integrity=integrity) for src, integrity in reader.scripts],
    )


@dataclass(eq=False)
class _Reader(HTMLParser):
    policies: list[str] = field(default_factory=list)
    referrer: list[str] = field(default_factory=list)
    scripts: list[tuple[str | None, str]] = field(default_factory=list)
    base: str = ""
    _templates: int = 0

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _TEXT_ONLY:
            self.set_cdata_mode(tag)
        if tag == "template":
            self._templates += 1
        if self._templates:
            return
        # Of several attributes of one name the first counts.
        given = {name: value or "" for name, value in reversed(attrs)}
        if tag == "script":
            self.scripts.append((given.get("src"), given.get("integrity", "")))
        elif tag == "base" and not self.base and "href" in given:
            self.base = given["href"].strip()
        elif tag == "meta":
            self._meta(given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in {"script", "style"}:  # the slash means nothing: what follows is still their text
            self.set_cdata_mode(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "template" and self._templates:
            self._templates -= 1

    def _meta(self, given: dict[str, str]) -> None:
        content = given.get("content", "")
        if "http-equiv" in given and "content" in given:
            if content and given["http-equiv"].lower().strip() == "content-security-policy":
                self.policies.append(content)
        elif given.get("name", "").lower().strip() == "referrer" and content:
            self.referrer = [content]


def resolved(src: str | None, base: str) -> str:
    """An address as a browser reads it, by `<base>` alone: one of the page's own host stays as it is written.

    One that is written and empty is the base itself, and none is empty. Of a scheme that has hosts, scheme and host
    are in small letters.
    """
    if src is None:
        return ""
    src = "".join(char for char in src.strip(" \t\n\r\f") if char not in "\t\n\r")
    if _SPECIAL.match(base) and not re.match(r"(?i)^[a-z][a-z0-9+.-]*:", src):
        with suppress(ValueError):  # a base that is no address is none
            src = urljoin(base, src.replace("\\", "/"))
    begin = _SPECIAL.match(src)
    if begin is None:
        return src
    rest = src[begin.end() :]
    host = re.split(r"[/\\?#]", rest, maxsplit=1)[0]
    return f"{begin[1].lower()}://{host.lower()}{rest[len(host) :]}"


def host_of(url: str) -> str:
    """The host of an address in small letters; empty if it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
