"""An exchange, or a call of gRPC: what was asked and what was answered, as far as a recording shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

_STATUSES = (100, 599)
_REFUSALS = (400, 499)
MAX_TIME = 253_402_300_800_000
"""The first millisecond since 1970 that is in no year that is written with four digits."""
NOT_MODIFIED = 304
"""The status that any GET may be answered with, documented or not."""


class Form(Enum):
    """What is known of a body."""

    UNSEEN = "unseen"
    """The recording does not say whether there was one."""
    ABSENT = "absent"
    TEXT = "text"
    """As it was sent: text or bytes."""
    VALUE = "value"
    """What JSON text stood for."""
    SHAPE = "shape"
    """The types of its values, and no value (see shapes.py)."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body: its form, and what was seen of it. It lives as long as its exchange is looked at, and is never stored."""

    form: Form
    content: Any = field(default=None, repr=False)


UNSEEN = Body(Form.UNSEEN)
ABSENT = Body(Form.ABSENT)


@dataclass(slots=True)
class Exchange:
    """One request and its response.

    `path` has no query; `query`, `sent` (headers of the request) and `given` (headers of the response, both by names in
    small letters) are None where the recording does not tell. `time` is in milliseconds since 1970, None if unknown.
    Where a recording does not show values, `names` are those of the query, and the values of headers are empty.
    """

    method: str
    path: str
    status: int
    query: str | None = None
    time: int | None = None
    sent: Mapping[str, str] | None = None
    given: Mapping[str, str] | None = None
    request: Body = UNSEEN
    response: Body = UNSEEN
    sent_media: str | None = None
    given_media: str | None = None
    names: Sequence[str] | None = None
    shows_values: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether there was an answer with a status of HTTP."""
        return _STATUSES[0] <= self.status <= _STATUSES[1]

    @property
    def is_refused(self) -> bool:
        """Whether the request was answered 4xx: that it was wrong is what the answer says."""
        return _REFUSALS[0] <= self.status <= _REFUSALS[1]


@dataclass(frozen=True, slots=True)
class Call:
    """A gRPC call: the full name of its service, its method, its status, and the messages of each side.

    A side is None where it was not recorded, and the status where the call did not end. `time` is in milliseconds since
    1970, None if unknown. The messages live as long as the call is looked at, and are never stored.
    """

    service: str
    method: str
    status: int | None
    request: Sequence[bytes] | None = field(default=None, repr=False)
    response: Sequence[bytes] | None = field(default=None, repr=False)
    time: int | None = None


def split_url(url: str) -> tuple[str, str]:
    """The path and the query of a URL, or of what stands in a request line; the fragment is left out."""
    at = -1 if url.startswith("/") else url.find("://")
    if at >= 0:
        slash = url.find("/", at + 3)
        mark = url.find("?", at + 3)
        if slash < 0 or 0 <= mark < slash:
            slash = mark
        url = "/" if slash < 0 else url[slash:] if url[slash] == "/" else f"/{url[slash:]}"
    if "#" in url:
        url = url.partition("#")[0]
    path, _, query = url.partition("?")
    return path, query


def media_of(value: str | None) -> str | None:
    """A media type without its parameters, in small letters; None for none."""
    if not value:
        return None
    return value.partition(";")[0].strip().lower() or None
