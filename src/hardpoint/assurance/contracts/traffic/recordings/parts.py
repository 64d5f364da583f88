"""What readers of recordings share: bodies as they were sent, headers by name, times as numbers."""

import base64
import binascii
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from hardpoint.assurance.contracts.traffic.exchange import ABSENT, MAX_TIME, UNSEEN, Body, Form
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

MAX_EXCHANGE_BYTES = 64 * 1024 * 1024
"""How large one exchange of a recording may be."""
MAX_BODY_BYTES = 32 * 1024 * 1024
"""How large a body may be when it is unpacked; a larger one is taken as unseen."""
_ABSURD = 10**20
_SECONDS = 100_000_000_000
"""A number below is in seconds since 1970, above in milliseconds, microseconds or nanoseconds."""


def milliseconds(time: Any) -> int | None:
    """An instant (RFC 3339 text, or a number since 1970 of any unit) in milliseconds since 1970; None if it is none."""
    if isinstance(time, str):
        try:
            found = datetime.fromisoformat(time)
        except ValueError:
            try:
                time = float(time)
            except ValueError:
                return None
        else:
            since = round((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)
            return since if 0 <= since < MAX_TIME else None
    if isinstance(time, bool) or not isinstance(time, int | float) or not 0 < time < _ABSURD:  # NaN is neither
        return None
    if time < _SECONDS:
        return round(time * 1000)
    number = float(time)
    while number >= _SECONDS * 1000:
        number /= 1000
    return round(number)


def headers_of(found: Any) -> Mapping[str, str] | None:
    """Headers by names in small letters, from a mapping, pairs, or `{name, value}`; None where none are told."""
    if isinstance(found, dict):
        return {str(name).lower(): _text(value) for name, value in found.items()}
    if not isinstance(found, list):
        return None
    named: dict[str, str] = {}
    for each in found:
        if isinstance(each, dict) and "name" in each:
            named[str(each["name"]).lower()] = _text(each.get("value"))
        elif isinstance(each, list) and len(each) == len(("name", "value")):
            named[_text(each[0]).lower()] = _text(each[1])
    return named


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return ", ".join(map(_text, value)) if isinstance(value, list) else "" if value is None else str(value)


def packed(content: bytes, coding: str | None) -> Body:
    """A body as it was sent, unpacked; one in a coding that is not read, or that is too large, is unseen."""
    if not content:
        return ABSENT
    coding = (coding or "").strip().lower()
    if coding in ("", "identity"):
        return Body(Form.TEXT, content)
    if coding not in ("gzip", "x-gzip", "deflate"):
        return UNSEEN
    try:
        unpacking = zlib.decompressobj(47)
        text = unpacking.decompress(content, MAX_BODY_BYTES)
    except zlib.error:
        return UNSEEN
    return UNSEEN if unpacking.unconsumed_tail else Body(Form.TEXT, text)


def in_base64(text: str) -> Body:
    """A body that is written in base64."""
    try:
        return Body(Form.TEXT, base64.b64decode(text))
    except (binascii.Error, ValueError):
        return UNSEEN


def has_body(headers: Mapping[str, str]) -> bool:
    """Whether headers announce a body."""
    length = headers.get("content-length", "")
    return (
        "transfer-encoding" in headers
        or (length.isdecimal() and int(length) > 0)
        or ("content-type" in headers and length != "0")
    )


def refuse(
    sentence: str, file: str, line: int = 0, *, remedy: str = "Record it again, or repair it there."
) -> NoReturn:
    """Raises UnreadableProblem at a place of a recording."""
    raise UnreadableProblem(sentence, place=Place(file, line), remedy=remedy)
