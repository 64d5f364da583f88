"""The recorder: a sampled stream of the shapes of a service's traffic, as middleware for ASGI and WSGI.

It needs the standard library only, and never breaks the service: whatever fails inside of it is counted, and that is
all. No value of a body, a query or a header is written; `hardpoint contract traffic` reads what is.
"""

import io
import json
import os
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from queue import Full, Queue
from typing import Any, Self
from urllib.parse import unquote_plus

from hardpoint.machinery.telemetry.paths import segment_shape
from hardpoint.machinery.telemetry.shapes import OTHER, safe_name, shape_of

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
StartResponse = Callable[..., Callable[[bytes], object]]
WSGIApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

_END = None
_MAX_SEGMENTS = 50
_MAX_NAMES = 200
_JSON = ("/json", "+json")
_WAIT_S = 5.0
_LONGEST = 1024 * 1024
"""How long a line can be, by far: shapes are bounded."""
_CODED = "content-encoding"
_INDEX = re.compile(r"[0-9]{1,3}\Z")
_BRACKETS = re.compile(r"[\[\]]")


class _Part:
    """A body as it passes by: its first bytes up to a limit, and whether there were more."""

    def __init__(self, limit: int) -> None:
        self.kept = bytearray()
        self.size = 0
        self._limit = limit

    def see(self, data: bytes) -> None:
        self.size += len(data)
        if self.size <= self._limit:
            self.kept += data
        else:
            self.kept.clear()

    def cut(self) -> None:
        """Take it as one that was not seen to its end."""
        self.size = self._limit + 1
        self.kept.clear()

    @property
    def whole(self) -> bool:
        return self.size <= self._limit


class Recorder:
    """Writes what it is shown to `traffic-PID.ndjson` in a folder, from a thread of its own.

    `sample` is the share of requests that are looked at, from 0 to 1; bodies of more than `body_bytes` are not; at most
    `waiting` exchanges wait to be written, and more are dropped; a file is put aside at `file_bytes`, and of each
    process `files` are kept. `counts` says how many were `seen`, `recorded`, `dropped`, and how many `errors` there
    were. `shown_headers` are recorded with their values, to tell tenants apart for example.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        sample: float = 0.01,
        body_bytes: int = 64 * 1024,
        waiting: int = 256,
        file_bytes: int = 64 * 1024 * 1024,
        files: int = 4,
        shown_headers: Iterable[str] = (),
    ) -> None:
        """Raises ValueError for a share or a bound that is none."""
        if not 0 <= sample <= 1 or waiting < 1 or body_bytes < 0 or file_bytes < 1:
            raise ValueError("a recorder needs a sample from 0 to 1, and bounds")
        self.counts: Counter[str] = Counter()
        self._folder = Path(folder)
        self._sample, self.body_bytes = sample, body_bytes
        self._file_bytes, self._files = file_bytes, max(1, files)
        self._shown = frozenset(each.lower() for each in shown_headers)
        self._queue: Queue[dict[str, Any] | None] = Queue(waiting)
        self._chance = random.Random()  # noqa: S311 - to sample, not to hide
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0

    def chooses(self) -> bool:
        """Whether the next request is looked at."""
        self.counts["seen"] += 1
        return self._chance.random() < self._sample

    def guarded(self, action: Callable[[], object]) -> None:
        """Do what is none of the service's: if it fails, that is counted."""
        try:
            action()
        except Exception:  # noqa: BLE001 - never the service's trouble
            self.counts["errors"] += 1

    def part(self) -> "_Part":
        """What a body is shown to while it passes by."""
        return _Part(self.body_bytes)

    def record(self, exchange: dict[str, Any]) -> None:
        """Hand over what was seen of an exchange; it is dropped where too many wait."""
        try:
            self._start()
            self._queue.put_nowait(exchange)
        except Full:
            self.counts["dropped"] += 1
        except Exception:  # noqa: BLE001 - never the service's trouble
            self.counts["errors"] += 1

    def close(self) -> None:
        """Write what waits, and end the thread; what is recorded later begins another."""
        thread = self._thread
        if thread is None or self._pid != os.getpid():
            return
        with suppress(Full):
            self._queue.put(_END, timeout=_WAIT_S)
        thread.join(_WAIT_S)
        self._thread = None

    def _start(self) -> None:
        """A thread for this process: a server's workers are forked from one that may have had its own."""
        if self._thread is not None and self._pid == os.getpid():
            return
        with self._lock:
            if self._thread is None or self._pid != os.getpid():
                self._pid = os.getpid()
                self._queue = Queue(self._queue.maxsize)
                thread = threading.Thread(target=self._write, name="hardpoint-recorder", daemon=True)
                thread.start()
                self._thread = thread

    def _write(self) -> None:
        stream: io.FileIO | None = None
        while (exchange := self._queue.get()) is not _END:
            try:
                line = self._line(exchange)
                stream = self._file(stream, len(line))
                _append(stream, line)
                self.counts["recorded"] += 1
            except Exception:  # noqa: BLE001 - never the service's trouble
                self.counts["errors"] += 1
            exchange = None
        if stream is not None:
            self.guarded(stream.close)

    def _file(self, stream: io.FileIO | None, more: int) -> io.FileIO:
        path = self._folder / f"traffic-{self._pid}.ndjson"
        if stream is not None and stream.tell() + more <= self._file_bytes:
            return stream
        if stream is not None:
            stream.close()
            for number in range(self._files - 1, 0, -1):
                older = path.with_suffix(f".{number - 1}.ndjson") if number > 1 else path
                if older.exists():
                    older.replace(path.with_suffix(f".{number}.ndjson"))
            if self._files == 1:
                path.unlink()
        self._folder.mkdir(parents=True, exist_ok=True)
        opened = path.open("ab+", buffering=0)  # what was recorded is there, even if the process is killed
        _end_whole(opened)
        return opened

    def _line(self, exchange: dict[str, Any]) -> bytes:
        sent, given = dict(exchange["sent"]), dict(exchange["given"])
        told = {
            "time": exchange["time"],
            "values": False,
            "request": {
                "method": exchange["method"],
                "path": _path_shape(exchange["path"]),
                "names": _names(exchange["query"]),
                **self._side(sent, exchange["request"]),
            },
            "response": {"status": exchange["status"], **self._side(given, exchange["response"])},
        }
        return json.dumps(told, separators=(",", ":")).encode() + b"\n"

    def _side(self, headers: Mapping[str, str], part: _Part) -> dict[str, Any]:
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        named = sorted(headers)[:_MAX_NAMES]
        side: dict[str, Any] = {"headers": {name: headers[name] if name in self._shown else None for name in named}}
        if media:
            side["media"] = media
        if part.size == 0 and not _announced(headers):
            side["shape"] = None
            return side
        if part.size and part.whole and media.endswith(_JSON) and headers.get(_CODED, "identity") == "identity":
            with suppress(ValueError, RecursionError):  # a service need not have read all of it
                return {**side, "shape": shape_of(json.loads(bytes(part.kept)))}
        return {**side, "unread": True}


def _announced(headers: Mapping[str, str]) -> bool:
    """Whether there was a body that the service may have left unread."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _append(stream: io.FileIO, line: bytes) -> None:
    """A whole line or, where the disk is full, none."""
    end = stream.tell()
    if stream.write(line) != len(line):
        stream.truncate(end)
        raise OSError("there is no space left")


def _end_whole(stream: io.FileIO) -> None:
    """Cut off a line that was not written to its end, by a process of the same number that was killed."""
    end = stream.seek(0, os.SEEK_END)
    at = max(0, end - _LONGEST)
    stream.seek(at)
    last = stream.read(_LONGEST)
    if last and not last.endswith(b"\n"):
        stream.truncate(at + last.rfind(b"\n") + 1)
    stream.seek(0, os.SEEK_END)


def _path_shape(path: str) -> str:
    return "/".join(segment_shape(each) for each in path.split("/")[:_MAX_SEGMENTS])


def _names(query: str) -> list[str]:
    """The names in a query; what may be no name (`?token` without a value) is not written as it is."""
    found = (unquote_plus(each.partition("=")[0]) for each in query.split("&") if each)
    return list(dict.fromkeys(name if _is_name(name) else OTHER for name in found))[:_MAX_NAMES]


def _is_name(name: str) -> bool:
    return all(safe_name(part) == part or _INDEX.match(part) for part in _BRACKETS.split(name) if part)


class ASGIRecorder:
    """Middleware for ASGI: `app = ASGIRecorder(app, Recorder("traffic"))`."""

    def __init__(self, app: ASGIApp, recorder: Recorder) -> None:
        self._app, self._recorder = app, recorder

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope.get("type") != "http" or not self._recorder.chooses():
            await self._app(scope, receive, send)
            return
        seen = _Seen(self._recorder, scope)

        async def received() -> Message:
            message = await receive()
            seen.receives(message)
            return message

        async def sent(message: Message) -> None:
            seen.sends(message)
            await send(message)

        try:
            await self._app(scope, received, sent)
        finally:  # frameworks answer 500 and raise on
            seen.ends()


class _Seen:
    """What is seen of one ASGI exchange."""

    def __init__(self, recorder: Recorder, scope: MutableMapping[str, Any]) -> None:
        self._recorder = recorder
        self._request, self._response = recorder.part(), recorder.part()
        self._status = 0
        self._ended = False
        self._given: dict[str, str] = {}
        self._scope = scope
        self._at = time.time()

    def receives(self, message: Message) -> None:
        if message.get("type") == "http.request":
            self._recorder.guarded(lambda: self._request.see(message.get("body", b"")))

    def sends(self, message: Message) -> None:
        if message.get("type") == "http.response.start":
            self._recorder.guarded(lambda: self._starts(message))
        elif message.get("type") == "http.response.body":
            self._recorder.guarded(lambda: self._response.see(message.get("body", b"")))
            self._ended = not message.get("more_body", False)

    def _starts(self, message: Message) -> None:
        self._status = int(message["status"])
        self._given = _decoded(message.get("headers", ()))

    def ends(self) -> None:
        if not self._ended:
            self._response.cut()
        if self._status:
            self._recorder.guarded(self._hand_over)

    def _hand_over(self) -> None:
        scope = self._scope
        self._recorder.record(
            {
                "time": self._at,
                "method": scope["method"],
                "path": scope["path"],
                "query": scope.get("query_string", b"").decode("latin-1"),
                "sent": _decoded(scope.get("headers", ())),
                "given": self._given,
                "status": self._status,
                "request": self._request,
                "response": self._response,
            }
        )


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {bytes(name).decode("latin-1").lower(): bytes(value).decode("latin-1") for name, value in headers}


class WSGIRecorder:
    """Middleware for WSGI (PEP 3333): `app = WSGIRecorder(app, Recorder("traffic"))`."""

    def __init__(self, app: WSGIApp, recorder: Recorder) -> None:
        self._app, self._recorder = app, recorder

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if not self._recorder.chooses():
            return self._app(environ, start_response)
        guarded, request, response = self._recorder.guarded, self._recorder.part(), self._recorder.part()
        seen: dict[str, Any] = {"status": 0, "given": {}}
        if environ.get("wsgi.input") is not None:  # in the same environ: what an application adds is for others too
            environ["wsgi.input"] = _Watched(environ["wsgi.input"], lambda data: guarded(lambda: request.see(data)))

        def starts(status: str, headers: list[tuple[str, str]]) -> None:
            seen["status"] = int(status.split(" ", 1)[0])
            seen["given"] = {name.lower(): value for name, value in headers}

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:
            guarded(lambda: starts(status, headers))
            write = start_response(status, headers, *rest)

            def written(data: bytes) -> object:
                guarded(lambda: response.see(data))
                return write(data)

            return written

        began = time.time()
        body = self._app(environ, start)
        if _is_file(body, environ.get("wsgi.file_wrapper")):  # which the server sends by itself, if it gets it as it is
            response.cut()
            self._ends(environ, seen, began, request, response)
            return body
        kind = _Counted if isinstance(body, list | tuple) else _Answered
        return kind(
            body,
            lambda data: guarded(lambda: response.see(data)),
            response.cut,
            lambda: self._ends(environ, seen, began, request, response),
        )

    def _ends(
        self, environ: Mapping[str, Any], seen: Mapping[str, Any], began: float, request: _Part, response: _Part
    ) -> None:
        try:
            if seen["status"]:
                self._recorder.record(
                    {
                        "time": began,
                        "method": environ["REQUEST_METHOD"],
                        "path": environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""),
                        "query": environ.get("QUERY_STRING", ""),
                        "sent": _from_environ(environ),
                        "given": seen["given"],
                        "status": seen["status"],
                        "request": request,
                        "response": response,
                    }
                )
        except Exception:  # noqa: BLE001 - never the service's trouble
            self._recorder.counts["errors"] += 1


def _from_environ(environ: Mapping[str, Any]) -> dict[str, str]:
    sent = {
        name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            sent[name.replace("_", "-").lower()] = str(environ[name])
    return sent


def _is_file(body: object, wrapper: object) -> bool:
    return isinstance(wrapper, type) and isinstance(body, wrapper)


class _Watched:
    """The body of a request, watched while the service reads it."""

    def __init__(self, stream: Any, see: Callable[[bytes], None]) -> None:
        self._stream, self._see = stream, see

    def read(self, *size: int) -> bytes:
        return self._saw(self._stream.read(*size))

    def readline(self, *size: int) -> bytes:
        return self._saw(self._stream.readline(*size))

    def readlines(self, *hint: int) -> list[bytes]:
        return [self._saw(each) for each in self._stream.readlines(*hint)]

    def __iter__(self) -> Iterator[bytes]:
        return (self._saw(each) for each in self._stream)

    def __next__(self) -> bytes:
        return self._saw(next(self._stream))

    def __enter__(self) -> Self:
        self._stream.__enter__()
        return self

    def __exit__(self, *raised: object) -> object:
        return self._stream.__exit__(*raised)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _saw(self, data: bytes) -> bytes:
        self._see(data)
        return data


class _Answered:
    """The body of a response, watched while the server takes it; over when the server closes it."""

    def __init__(
        self, body: Iterable[bytes], see: Callable[[bytes], None], cut: Callable[[], None], ends: Callable[[], None]
    ) -> None:
        self._body, self._see, self._cut, self._ends = body, see, cut, ends
        self._is_whole = False

    def __iter__(self) -> Iterator[bytes]:
        for each in self._body:
            self._see(each)
            yield each
        self._is_whole = True

    def close(self) -> None:
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            if not self._is_whole:
                self._cut()
            self._ends()


class _Counted(_Answered):
    """A body of which the server is told how many parts it has: of one, it knows the length (PEP 3333)."""

    def __len__(self) -> int:
        return len(self._body)  # type: ignore[arg-type]
