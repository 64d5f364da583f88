"""HTTP archives (HAR 1.2), read piece by piece: an archive may be larger than the memory."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from hardpoint.assurance.contracts.traffic.exchange import ABSENT, UNSEEN, Body, Exchange, Form, media_of, split_url
from hardpoint.assurance.contracts.traffic.recordings.parts import (
    MAX_EXCHANGE_BYTES,
    has_body,
    in_base64,
    milliseconds,
    refuse,
)
from hardpoint.kernel import encoding
from hardpoint.kernel.problem import UnreadableProblem

CHUNK_BYTES = 512 * 1024
MAX_HEAD_BYTES = 16 * 1024 * 1024
"""How much may stand before the entries: browsers write the pages first."""
_ENTRIES = re.compile(rb'"entries"\s*:\s*\[')
_FIRST_KEY = re.compile(rb'\s*\{\s*("(?:[^"\\]|\\.)*")')
_BETWEEN = re.compile(r"[\s,]*")
_BYTE = re.compile(r"\(byte (\d+)\)")
_JSON = json.JSONDecoder()
_PATIENCE_BYTES = 4 * 1024 * 1024
"""From how much on entries are looked for that begin differently."""


@dataclass(slots=True)
class _Header:
    name: str
    value: str = ""


@dataclass(slots=True)
class _Posted:
    mimeType: str = ""  # noqa: N815 - HAR's name
    text: str | None = None
    encoding: str = ""


@dataclass(slots=True)
class _Request:
    method: str
    url: str
    headers: list[_Header] | None = None
    postData: _Posted | None = None  # noqa: N815 - HAR's name
    bodySize: int | float | None = None  # noqa: N815 - HAR's name


@dataclass(slots=True)
class _Content:
    mimeType: str | None = None  # noqa: N815 - HAR's name
    text: str | None = None
    encoding: str | None = None
    size: int | float | None = None


@dataclass(slots=True)
class _Response:
    status: int
    headers: list[_Header] | None = None
    content: _Content = field(default_factory=_Content)


@dataclass(slots=True)
class _Entry:
    request: _Request
    response: _Response
    startedDateTime: str | None = None  # noqa: N815 - HAR's name


_read = encoding.reader(list[_Entry], what="An entry")


def read_har(stream: BinaryIO, file: str) -> Iterator[Exchange]:
    """The exchanges of an archive.

    Raises UnreadableProblem if it is no archive, is cut off, or an entry is not what it should be.
    """
    rest, number = _head(stream, file), 0
    while True:
        chunk = stream.read(CHUNK_BYTES)
        data = rest + chunk
        entries, rest = _cut(data, last=not chunk, file=file, number=number)
        for each in entries:
            number += 1
            yield _exchange(each)
        if not chunk:
            return


def _head(stream: BinaryIO, file: str) -> bytes:
    """What was read behind the `[` of the entries; the text before is passed over."""
    data = b""
    while (found := _ENTRIES.search(data)) is None:
        chunk = stream.read(CHUNK_BYTES)
        data += chunk
        if not chunk or len(data) > MAX_HEAD_BYTES:
            refuse("has no `log.entries`, so it is no HTTP archive", file)
    return data[found.end() :]


def _cut(data: bytes, *, last: bool, file: str, number: int) -> tuple[list[_Entry], bytes]:
    """The entries that are whole in what was read, and what is left.

    An entry most often begins as the first one does; where the text up to such a beginning is a list, it ends there.
    """
    if last:
        return _last(data, file, number), b""
    first = _FIRST_KEY.match(data)
    beginning = re.compile(rb",\s*\{\s*" + re.escape(first[1]) + rb"\s*:") if first else None
    ends = [each.start() for each in beginning.finditer(data)] if beginning else []
    for end in reversed(ends):
        text = b"[" + data[:end] + b"]"
        try:
            return _read(text), data[end + 1 :]
        except UnreadableProblem as problem:
            if not _ends_too_early(problem, text):
                refuse(f"has an entry that cannot be read, one after entry {number}: {problem.sentence}", file)
    if len(data) > MAX_EXCHANGE_BYTES:
        refuse(f"has an entry larger than {MAX_EXCHANGE_BYTES} bytes, after entry {number}", file)
    return _one_by_one(data) if len(data) > _PATIENCE_BYTES else ([], data)


def _ends_too_early(problem: UnreadableProblem, text: bytes) -> bool:
    """Whether nothing is wrong but the end: what begins like an entry stands inside of one."""
    at = _BYTE.search(problem.sentence)
    return "truncated" in problem.sentence or (at is not None and int(at[1]) >= len(text) - 1)


def _one_by_one(data: bytes) -> tuple[list[_Entry], bytes]:
    """The same where entries begin differently: slower, since each is read twice."""
    text, at = data.decode("utf-8", "ignore"), 0
    while (end := _end_of_next(text, at)) is not None:
        at = end
    whole = text[:at].lstrip().lstrip(",").encode("utf-8")
    return (_read(b"[" + whole + b"]") if at else []), data[len(text[:at].encode("utf-8")) :]


def _end_of_next(text: str, at: int) -> int | None:
    """Where the next value ends, behind a comma; None if it is not whole."""
    between = _BETWEEN.match(text, at)
    try:
        return _JSON.raw_decode(text, between.end() if between else at)[1]
    except (ValueError, RecursionError):
        return None


def _last(data: bytes, file: str, number: int) -> list[_Entry]:
    """The entries up to the end of the list, which has to be there."""
    text = "[" + data.decode("utf-8", "replace").lstrip().removeprefix(",")
    try:
        _, end = _JSON.raw_decode(text)
        return _read(text[:end].encode("utf-8"))
    except (ValueError, RecursionError, UnreadableProblem) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        refuse(f"is cut off or malformed after entry {number}: {why}", file)


def _exchange(entry: _Entry) -> Exchange:
    request, response = entry.request, entry.response
    path, query = split_url(request.url)
    sent = {each.name.lower(): each.value for each in request.headers} if request.headers is not None else None
    given = {each.name.lower(): each.value for each in response.headers} if response.headers is not None else None
    posted = request.postData
    return Exchange(
        method=request.method.upper(),
        path=path,
        query=query,
        status=response.status,
        time=milliseconds(entry.startedDateTime),
        sent=sent or None,
        given=given or None,
        request=_sent(request, sent or {}),
        response=_given(response.content),
        sent_media=media_of(sent.get("content-type") if sent else None)
        or media_of(posted.mimeType if posted else None),
        given_media=media_of(given.get("content-type") if given else None) or media_of(response.content.mimeType),
    )


def _sent(request: _Request, headers: Mapping[str, str]) -> Body:
    posted = request.postData
    if posted is None:
        return UNSEEN if (request.bodySize or 0) > 0 or has_body(headers) else ABSENT
    if posted.text is None:
        return UNSEEN
    return (
        in_base64(posted.text)
        if posted.encoding == "base64"
        else Body(Form.TEXT, posted.text)
        if posted.text
        else ABSENT
    )


def _given(content: _Content) -> Body:
    if content.text is None:
        return UNSEEN if (content.size or 0) > 0 else ABSENT
    return (
        in_base64(content.text)
        if content.encoding == "base64"
        else Body(Form.TEXT, content.text)
        if content.text
        else ABSENT
    )
