"""Flows of mitmproxy: tnetstrings (`LENGTH:DATA TYPE`), one after another."""

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from hardpoint.assurance.contracts.traffic.exchange import ABSENT, UNSEEN, Body, Exchange, media_of, split_url
from hardpoint.assurance.contracts.traffic.recordings.parts import (
    MAX_EXCHANGE_BYTES,
    headers_of,
    milliseconds,
    packed,
    refuse,
)

_MAX_DIGITS = 12
_MAX_DEPTH = 50


def read_flows(stream: BinaryIO, file: str) -> Iterator[Exchange]:
    """The HTTP exchanges of a file that `mitmdump -w` wrote; flows without a response are incomplete ones.

    Raises UnreadableProblem with the byte where it is cut off or malformed.
    """
    at = 0
    while True:
        size, taken = _length(stream, file, at)
        if size is None:
            return
        data = stream.read(size + 1)
        if len(data) != size + 1:
            refuse(f"is cut off in the flow at byte {at}", file)
        try:
            flow = _parsed(data[:-1], data[-1:], 0)
        except (ValueError, IndexError, UnicodeDecodeError):
            refuse(f"has a malformed flow at byte {at}", file)
        if not isinstance(flow, dict):
            refuse(f"has no flow at byte {at}", file)
        at += taken + size + 1
        if flow.get("type") == "http":
            yield _exchange(flow, file, at)


def _length(stream: BinaryIO, file: str, at: int) -> tuple[int | None, int]:
    digits = b""
    while (byte := stream.read(1)) and byte != b":":
        digits += byte
        if not byte.isdigit() or len(digits) > _MAX_DIGITS:
            refuse(f"has no flow at byte {at}", file)
    if not byte:
        if digits:
            refuse(f"is cut off at byte {at}", file)
        return None, 0
    if not digits or int(digits) > MAX_EXCHANGE_BYTES:
        refuse(f"has a flow at byte {at} that is larger than {MAX_EXCHANGE_BYTES} bytes", file)
    return int(digits), len(digits) + 1


def _parsed(data: bytes, kind: bytes, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise ValueError("deeper than flows are")
    if kind == b"}":
        parts = list(_parts(data, depth))
        return {_word(name): value for name, value in zip(parts[::2], parts[1::2], strict=True)}
    if kind == b"]":
        return list(_parts(data, depth))
    scalars: dict[bytes, Callable[[bytes], Any]] = {
        b",": bytes,
        b";": bytes.decode,
        b"#": int,
        b"^": float,
        b"!": lambda each: each == b"true",
        b"~": lambda _: None,
    }
    if kind not in scalars:
        raise ValueError("an unknown type")
    return scalars[kind](data)


def _parts(data: bytes, depth: int) -> Iterator[Any]:
    at = 0
    while at < len(data):
        colon = data.index(b":", at)
        end = colon + 1 + int(data[at:colon])
        if end <= colon or end >= len(data):
            raise ValueError("longer than its flow")
        yield _parsed(data[colon + 1 : end], data[end : end + 1], depth + 1)
        at = end + 1


def _word(name: Any) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _exchange(flow: dict[str, Any], file: str, at: int) -> Exchange:
    request, response = flow.get("request"), flow.get("response")
    if not isinstance(request, dict):
        refuse(f"has a flow without a request before byte {at}", file)
    path, query = split_url(_word(request.get("path", b"/")))
    sent = headers_of(request.get("headers"))
    answered = response if isinstance(response, dict) else {}
    given = headers_of(answered.get("headers"))
    status = answered.get("status_code")
    return Exchange(
        method=_word(request.get("method", b"")).upper(),
        path=path,
        query=query,
        status=status if isinstance(status, int) else 0,
        time=milliseconds(request.get("timestamp_start")),
        sent=sent,
        given=given,
        request=_body(request.get("content"), sent),
        response=_body(answered.get("content"), given),
        sent_media=media_of((sent or {}).get("content-type")),
        given_media=media_of((given or {}).get("content-type")),
    )


def _body(content: Any, headers: Any) -> Body:
    if content is None:
        return UNSEEN
    return (
        packed(content, (headers or {}).get("content-encoding")) if isinstance(content, bytes) and content else ABSENT
    )
