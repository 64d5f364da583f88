"""Recorded gRPC calls as newline-delimited JSON: the messages as they were sent, in base64.

One object a line: `{"grpc": {"method": "/shop.v1.Shop/Get", "request": ["CAE="], "response": ["CgA="], "status": 0},
"time": "2026-01-01T10:00:00Z"}`. Each side is a list of messages, without the five bytes that gRPC puts before them, or
is left out where it was not recorded; a status that is left out says that the call did not end.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from hardpoint.assurance.contracts.traffic.exchange import Call
from hardpoint.assurance.contracts.traffic.recordings.lines import lines_of
from hardpoint.assurance.contracts.traffic.recordings.parts import milliseconds, refuse
from hardpoint.kernel import encoding
from hardpoint.kernel.problem import UnreadableProblem


@dataclass(slots=True)
class _Grpc:
    method: str
    request: list[str] | None = None
    response: list[str] | None = None
    status: int | None = None


@dataclass(slots=True)
class _Line:
    grpc: _Grpc
    time: str | int | float | None = None


_read = encoding.reader(_Line, what="The line")


def read_calls(stream: BinaryIO, file: str) -> Iterator[Call]:
    """The calls of a file of lines.

    Raises UnreadableProblem at the line that is malformed, cut off, or no call.
    """
    for number, line in lines_of(stream, file):
        try:
            found = _read(line)
            request, response = _messages(found.grpc.request), _messages(found.grpc.response)
        except UnreadableProblem as problem:
            refuse(f"is no gRPC call: {problem.sentence}", file, number)
        except (binascii.Error, ValueError):
            refuse("is a gRPC call whose messages are not in base64", file, number)
        service, slash, method = found.grpc.method.removeprefix("/").partition("/")
        if not service or not slash or not method:
            refuse("is a gRPC call whose method is not written as /package.Service/Method", file, number)
        yield Call(service, method, found.grpc.status, request, response, milliseconds(found.time))


def _messages(texts: list[str] | None) -> tuple[bytes, ...] | None:
    return None if texts is None else tuple(base64.b64decode(each, validate=True) for each in texts)
