"""Access logs: the common and the combined form, and JSON as nginx, Envoy, Traefik and Caddy write it."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from hardpoint.assurance.contracts.traffic.exchange import Exchange, media_of, split_url
from hardpoint.assurance.contracts.traffic.recordings.lines import lines_of
from hardpoint.assurance.contracts.traffic.recordings.parts import headers_of, milliseconds, refuse
from hardpoint.kernel import encoding
from hardpoint.kernel.problem import UnreadableProblem

_COMMON = re.compile(rb'\S+ \S+ .*?\[(?P<time>[^\]]+)\] "(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}|-)(?: |$)')
_REQUEST = re.compile(r"(?P<method>[A-Za-z]+) (?P<url>\S+)(?: HTTP/[0-9.]+)?\Z")
_METHODS = ("method", "request_method", "requestmethod", "verb", "http_method", "http.method", "http.request.method")
_URLS = (
    "uri",
    "request_uri",
    "requestpath",
    "path",
    "url",
    "target",
    "x-envoy-original-path",
    "http.target",
    "url.path",
    "http.url",
)
_STATUSES = (
    "status",
    "status_code",
    "statuscode",
    "response_code",
    "downstreamstatus",
    "code",
    "http.status_code",
    "http.response.status_code",
)
_TIMES = (
    "time",
    "timestamp",
    "@timestamp",
    "ts",
    "time_iso8601",
    "start_time",
    "starttime",
    "startutc",
    "time_local",
    "msec",
)
_read = encoding.reader(dict[str, Any], what="The line")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOCK = re.compile(r"(\d{2})/([A-Z][a-z]{2})/(\d{4}):(\d{2}:\d{2}:\d{2}) ?([+-]\d{4})?\Z")


def read_log(stream: BinaryIO, file: str) -> Iterator[Exchange]:
    """The exchanges of an access log: methods, paths, queries and statuses, and no bodies.

    Raises UnreadableProblem at a line that is of neither form. A request that a server could not read itself has no
    method (`"-" 400`), and is an incomplete exchange.
    """
    for number, line in lines_of(stream, file):
        yield _in_json(line, file, number) if line.lstrip()[:1] == b"{" else _in_common(line, file, number)


def _in_common(line: bytes, file: str, number: int) -> Exchange:
    found = _COMMON.match(line)
    if found is None:
        refuse("is no line of an access log in the common or the combined form", file, number)
    time, status = _clock(found["time"].decode("ascii", "replace")), found["status"]
    request = _REQUEST.match(found["request"].decode("utf-8", "replace"))
    if request is None or status == b"-":
        return Exchange(method="", path="", status=0, time=time)
    path, query = split_url(request["url"])
    return Exchange(method=request["method"].upper(), path=path, query=query, status=int(status), time=time)


def _clock(text: str) -> int | None:
    """`10/Oct/2000:13:55:36 -0700` in milliseconds since 1970; of any language's computer, the months are English."""
    found = _CLOCK.match(text)
    if found is None or found[2] not in _MONTHS:
        return milliseconds(text)
    zone = found[5] or "+0000"
    try:
        at = datetime.fromisoformat(
            f"{found[3]}-{_MONTHS.index(found[2]) + 1:02}-{found[1]}T{found[4]}{zone[:3]}:{zone[3:]}"
        )
    except ValueError:
        return None
    return round(at.timestamp() * 1000)


def _in_json(line: bytes, file: str, number: int) -> Exchange:
    try:
        told = _read(line)
    except UnreadableProblem as problem:
        refuse(f"is no line of a log: {problem.sentence}", file, number)
    flat = _flat(told)
    method, url, status = _first(flat, _METHODS), _first(flat, _URLS), _first(flat, _STATUSES)
    request = flat.get("request")
    if (method is None or url is None) and isinstance(request, str) and (found := _REQUEST.match(request)):
        method, url = found["method"], found["url"]
    if method is None or url is None or not str(status).isdecimal():
        lacks = "method" if method is None else "path" if url is None else "status"
        refuse(f"is a line of a log that tells no {lacks}", file, number)
    path, query = split_url(str(url))
    arguments = flat.get("args") or flat.get("query_string") or flat.get("query")
    time = _first(flat, _TIMES)
    given = headers_of(told.get("resp_headers"))
    return Exchange(
        method=str(method).upper(),
        path=path,
        query=query or (str(arguments) if isinstance(arguments, str) and arguments != "-" else ""),
        status=int(str(status)),
        time=_clock(time) if isinstance(time, str) else milliseconds(time),
        given_media=media_of((given or {}).get("content-type")),
    )


def _flat(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a line tells, the fields of its `request`, `response` and `http` too, by names in small letters."""
    flat: dict[str, Any] = {}
    for below in ("response", "http", "request", "httprequest", "httpRequest"):
        nested = told.get(below)
        if isinstance(nested, dict):
            flat.update({str(key).lower(): value for key, value in nested.items()})
    flat.update({str(key).lower(): value for key, value in told.items() if not isinstance(value, dict)})
    return flat


def _first(flat: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((flat[name] for name in names if flat.get(name) not in (None, "", "-")), None)
