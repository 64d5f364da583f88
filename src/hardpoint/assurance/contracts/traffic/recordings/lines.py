"""Exchanges as newline-delimited JSON: Hardpoint's own form, which the recorder writes, and near relatives of it.

One object a line: `time`, `request` with `method`, `url`, `headers` and `body`, `response` with `status` and the same.
Instead of `body`, a `shape` stands where only the types are recorded, or `text` for what is no JSON value; what is left
out was not recorded, and null is no body. Method, URL and status may stand outside as well, and instead of the
two sides `request_headers`, `request_body`, `response_headers` and `response_body`. With `"values": false`,
`names` are those of the query, and neither it nor headers nor the path have values to be judged.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from hardpoint.assurance.contracts.traffic.exchange import ABSENT, UNSEEN, Body, Exchange, Form, media_of, split_url
from hardpoint.assurance.contracts.traffic.recordings.parts import (
    MAX_EXCHANGE_BYTES,
    has_body,
    headers_of,
    milliseconds,
    refuse,
)
from hardpoint.kernel import encoding
from hardpoint.kernel.problem import UnreadableProblem

_LEFT_OUT: Any = object()


@dataclass(slots=True)
class _Part:
    method: str | None = None
    url: str | None = None
    path: str | None = None
    query: str | None = None
    status: int | None = None
    headers: dict[str, Any] | list[Any] | None = None
    media: str | None = None
    body: Any = _LEFT_OUT
    text: str | None = None
    shape: Any = _LEFT_OUT
    names: list[str] | None = None
    unread: bool = False


@dataclass(slots=True)
class _Line(_Part):
    time: str | int | float | None = None
    values: bool = True
    request_headers: dict[str, Any] | list[Any] | None = None
    request_body: Any = _LEFT_OUT
    response_headers: dict[str, Any] | list[Any] | None = None
    response_body: Any = _LEFT_OUT
    request: _Part | None = None
    response: _Part | None = None


_read = encoding.reader(_Line, what="The line")


def lines_of(stream: BinaryIO, file: str) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, with their numbers.

    Raises UnreadableProblem for one that is too long.
    """
    number = 0
    while line := stream.readline(MAX_EXCHANGE_BYTES + 1):
        number += 1
        if len(line) > MAX_EXCHANGE_BYTES:
            refuse(f"is longer than {MAX_EXCHANGE_BYTES} bytes", file, number)
        if not line.isspace():
            yield number, line


def read_lines(stream: BinaryIO, file: str) -> Iterator[Exchange]:
    """The exchanges of a file of lines.

    Raises UnreadableProblem at the line that is malformed, cut off, or no exchange.
    """
    for number, line in lines_of(stream, file):
        try:
            found = _read(line)
        except UnreadableProblem as problem:
            refuse(f"is no exchange: {problem.sentence}", file, number)
        yield _exchange(found, file, number)


def _exchange(line: _Line, file: str, number: int) -> Exchange:
    request = line.request or _Part(headers=line.request_headers, body=line.request_body)
    response = line.response or _Part(headers=line.response_headers, body=line.response_body)
    method = request.method or line.method
    url = request.url or request.path or line.url or line.path
    status = response.status if response.status is not None else line.status
    if not method or not url or status is None:
        lacks = "method" if not method else "url" if not url else "status"
        refuse(f"is an exchange without a {lacks}", file, number)
    path, query = split_url(url)
    sent, given = headers_of(request.headers), headers_of(response.headers)
    sent_media = media_of(request.media or (sent or {}).get("content-type"))
    given_media = media_of(response.media or (given or {}).get("content-type"))
    return Exchange(
        method=method.upper(),
        path=path,
        query=None if request.names is not None else request.query or line.query or query,
        status=status,
        time=milliseconds(line.time),
        sent=sent,
        given=given,
        request=_body(request, sent, sent_media),
        response=_body(response, given, given_media),
        sent_media=sent_media,
        given_media=given_media,
        names=request.names,
        shows_values=line.values,
    )


def _body(part: _Part, headers: Mapping[str, str] | None, media: str | None) -> Body:
    if part.shape is not _LEFT_OUT:
        return Body(Form.SHAPE, part.shape) if part.shape is not None else ABSENT
    if part.text is not None:
        return Body(Form.TEXT, part.text) if part.text else ABSENT
    body = part.body
    if part.unread:
        return UNSEEN
    if body is _LEFT_OUT:
        return ABSENT if headers is not None and media is None and not has_body(headers) else UNSEEN
    if body is None or body == "":
        return ABSENT
    as_text = isinstance(body, str) and (body[:1] in "{[" or media is None or not media.endswith(("/json", "+json")))
    return Body(Form.TEXT if as_text else Form.VALUE, body)
