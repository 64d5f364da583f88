"""Which format a recording has, told by its beginning; and the exchanges in it."""

import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from hardpoint.assurance.contracts.traffic.exchange import Call, Exchange
from hardpoint.assurance.contracts.traffic.recordings.calls import read_calls
from hardpoint.assurance.contracts.traffic.recordings.flows import read_flows
from hardpoint.assurance.contracts.traffic.recordings.har import read_har
from hardpoint.assurance.contracts.traffic.recordings.lines import read_lines
from hardpoint.assurance.contracts.traffic.recordings.logs import read_log
from hardpoint.assurance.contracts.traffic.recordings.parts import MAX_EXCHANGE_BYTES, refuse
from hardpoint.assurance.contracts.traffic.recordings.spans import read_spans
from hardpoint.assurance.contracts.traffic.summary import Summary, from_bytes
from hardpoint.kernel.problem import UnreadableProblem

Reader = Callable[[BinaryIO, str], Iterator[Exchange] | Iterator[Call]]
FORMATS: dict[str, Reader] = {
    "har": read_har,
    "exchanges": read_lines,
    "mitmproxy": read_flows,
    "log": read_log,
    "spans": read_spans,
    "grpc": read_calls,
}
SUMMARY = "summary"
_LOOKED_AT = 64 * 1024
_GZIP = b"\x1f\x8b"
_FLOW = re.compile(rb"[0-9]{1,12}:")
_ARCHIVE = re.compile(rb'\{\s*"log"\s*:\s*\{')
_SAYS_PARTS = re.compile(rb'"(?:request|response)"\s*:\s*\{|"(?:(?:request_|response_)?(?:headers|body)|shape)"\s*:')
_CALL = re.compile(rb'"grpc"\s*:\s*\{')
_SUMMARY = re.compile(rb'\{"contract":"[0-9a-f]{64}","counts":')
_REMEDY = "Say which it is: --as har|exchanges|mitmproxy|log|spans|grpc."


def read_recording(path: Path, file: str, form: str | None = None) -> Iterator[Exchange | Call | Summary]:
    """The exchanges or gRPC calls of a recording, or the one summary that it is; `form` says which format it has.

    Raises UnreadableProblem, at the place where that shows, if it cannot be read, is empty, of no format, malformed or
    cut off.
    """
    if path.exists() and not path.is_file():
        refuse("is not a file", file, remedy="Name the files of a recording.")
    try:
        with path.open("rb") as opened:
            stream = _unpacked(opened)
            start = stream.peek(_LOOKED_AT)[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip()
            if not start:
                refuse("is empty, so nothing was seen", file, remedy="Did the recorder run?")
            found = form or _form(start, file)
            if found == SUMMARY:
                yield _summary(stream.read(MAX_EXCHANGE_BYTES), file)
            else:
                yield from FORMATS[found](cast("BinaryIO", stream), file)
    except FileNotFoundError:
        refuse("is not there", file, remedy="Name the files of a recording.")
    except (OSError, EOFError, zlib.error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is cut off or damaged"
        refuse(f"cannot be read: {why}", file)


def _summary(content: bytes, file: str) -> Summary:
    try:
        return from_bytes(content)
    except UnreadableProblem as problem:
        refuse(problem.sentence, file, remedy=problem.remedy or "Compare the recordings with the contract anew.")


def _unpacked(opened: io.BufferedReader) -> io.BufferedReader:
    if opened.peek(2)[:2] != _GZIP:
        return opened
    return io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=opened)), _LOOKED_AT)


def _form(start: bytes, file: str) -> str:
    line = start.partition(b"\n")[0]
    tests: tuple[tuple[str, bool], ...] = (
        ("mitmproxy", _FLOW.match(start) is not None),
        ("log", start[:1] != b"{"),
        ("har", _ARCHIVE.match(start) is not None),
        (SUMMARY, _SUMMARY.match(line) is not None),
        ("spans", b'"resourceSpans"' in start),
        ("grpc", _CALL.search(line) is not None),
        ("har", b'"entries"' in start and b'"log"' in start),
        ("exchanges", _SAYS_PARTS.search(line) is not None and not _looks_like_log(line)),
        ("log", b":" in line),
    )
    found = next((form for form, is_it in tests if is_it), None)
    return found or refuse("is no recording of a known format", file, remedy=_REMEDY)


def _looks_like_log(line: bytes) -> bool:
    """A log of Caddy has a `request` too, but no `response`."""
    return b'"response"' not in line and not re.search(rb'"(?:(?:request_|response_)?body|shape)"\s*:', line)
