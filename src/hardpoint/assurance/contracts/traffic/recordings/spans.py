"""OpenTelemetry spans in OTLP's JSON form: what servers say of the requests that they answered."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from hardpoint.assurance.contracts.traffic.exchange import Exchange, media_of, split_url
from hardpoint.assurance.contracts.traffic.recordings.parts import MAX_EXCHANGE_BYTES, milliseconds, refuse
from hardpoint.kernel import encoding
from hardpoint.kernel.problem import UnreadableProblem

_SERVER = (2, "SPAN_KIND_SERVER", "2")
_METHODS = ("http.request.method_original", "http.request.method", "http.method")
_STATUSES = ("http.response.status_code", "http.status_code")


@dataclass(slots=True)
class _Attribute:
    key: str
    value: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Span:
    kind: int | str = 0
    startTimeUnixNano: str | int = 0  # noqa: N815 - OTLP's name
    attributes: list[_Attribute] = field(default_factory=list)


@dataclass(slots=True)
class _Scope:
    spans: list[_Span] = field(default_factory=list)


@dataclass(slots=True)
class _Resource:
    scopeSpans: list[_Scope] = field(default_factory=list)  # noqa: N815 - OTLP's name


@dataclass(slots=True)
class _Request:
    resourceSpans: list[_Resource]  # noqa: N815 - OTLP's name


_read = encoding.reader(_Request, what="The line")


def read_spans(stream: BinaryIO, file: str) -> Iterator[Exchange]:
    """The exchanges that spans of servers tell: no bodies, and those headers that were captured.

    One request of OTLP a line, as the collector's file exporter writes, or one in the whole file.
    """
    number = 0
    while line := stream.readline(MAX_EXCHANGE_BYTES + 1):
        number += 1
        if line.isspace():
            continue
        try:
            found = _read(line)
        except UnreadableProblem as problem:
            if number > 1:
                refuse(f"is no request of OTLP: {problem.sentence}", file, number)
            yield from _spread(line + stream.read(MAX_EXCHANGE_BYTES + 1), file)
            return
        yield from _of(found)


def _spread(data: bytes, file: str) -> Iterator[Exchange]:
    if len(data) > MAX_EXCHANGE_BYTES:
        refuse(f"is larger than {MAX_EXCHANGE_BYTES} bytes", file, remedy="Write one request of OTLP a line.")
    try:
        found = _read(data)
    except UnreadableProblem as problem:
        refuse(f"is no request of OTLP: {problem.sentence}", file, 1)
    yield from _of(found)


def _of(request: _Request) -> Iterator[Exchange]:
    for resource in request.resourceSpans:
        for scope in resource.scopeSpans:
            for span in scope.spans:
                exchange = _exchange(span) if span.kind in _SERVER else None
                if exchange is not None:
                    yield exchange


def _exchange(span: _Span) -> Exchange | None:
    told = {each.key: _plain(each.value) for each in span.attributes}
    method = next((told[name] for name in _METHODS if told.get(name)), None)
    status = next((told[name] for name in _STATUSES if told.get(name) is not None), None)
    if method is None or not str(status).isdecimal():
        return None
    url = next(
        (str(told[name]) for name in ("url.path", "http.target", "url.full", "http.url") if told.get(name)), None
    )
    route = told.get("http.route")
    if url is None and route is None:
        return None
    path, query = split_url(url if url is not None else _template(str(route)))
    query = str(told.get("url.query") or query).lstrip("?")
    return Exchange(
        method=str(method).upper(),
        path=path,
        query=query if url is not None and (query or "url.query" in told or "?" in url) else None,
        status=int(str(status)),
        time=milliseconds(span.startTimeUnixNano),
        sent_media=media_of(_header(told, "request")),
        given_media=media_of(_header(told, "response")),
        shows_values=url is not None,
    )


def _header(told: dict[str, Any], side: str) -> str | None:
    value = told.get(f"http.{side}.header.content-type") or told.get(f"http.{side}.header.content_type")
    return str(value[0] if isinstance(value, list) and value else value) if value else None


def _template(route: str) -> str:
    """A route as frameworks write it, as a path whose variables are `{…}`."""
    return "/".join("{}" if each[:1] in (":", "<", "{") else each for each in route.split("/"))


def _plain(value: dict[str, Any]) -> Any:
    kind, found = next(iter(value.items()), ("", None))
    if kind == "arrayValue" and isinstance(found, dict):
        return [_plain(each) for each in found.get("values", ()) if isinstance(each, dict)]
    return found
