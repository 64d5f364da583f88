"""A site as it answered: the responses of one probe, which everything here is judged from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

SPACE = "\t\n\x0b\x0c\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
"""White space as ECMAScript counts it (section 12.2 and 12.3), and so the Observatory."""
SPACES = re.compile(f"[{SPACE}]+")
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer: its status, its headers as name and value in their order, and whether its certificate holds."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    verified: bool = True

    def values(self, name: str) -> list[str]:
        """Every value of a header, its name in small letters; space around a value is no part of it (RFC 9110, 5.5)."""
        return [value.strip(" \t") for each, value in self.headers if each.lower() == name]

    def first(self, name: str) -> str:
        """The first value of a header; empty where there is none."""
        return next(iter(self.values(name)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One step of a chain of redirections: what was asked for, and the status of the answer."""

    url: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieSet:
    """A `Set-Cookie` header, and the URL whose answer had it."""

    url: str
    header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """All that a probe saw of a host.

    `http` and `https` are the last answers of the two chains of redirections, None where nothing answers; `preflight`
    is the answer to a request of another origin, `origin`. `body` is the page, and `cookies` what its chain set.
    """

    hostname: str
    http: Response | None = None
    https: Response | None = None
    route: Sequence[Hop] = ()
    """The chain that begins at the http address."""
    preflight: Response | None = None
    origin: str = ""
    body: str = ""
    cookies: Sequence[CookieSet] = ()

    @property
    def page(self) -> Response | None:
        """The answer that most headers are read from: over https where that answers."""
        return self.https or self.http

    @property
    def is_https(self) -> bool:
        return self.https is not None
