"""Where the values of a JSON text stand, found along the way to those that are asked for."""

import re

from hardpoint.kernel import encoding
from hardpoint.kernel.yaml import Path

Span = dict[Path, tuple[int, int, int]]
"""What was found by now: of each path where its key begins, where its value does, and where that ends, in bytes."""

_KEY = re.compile(rb'[\s,]*("(?:[^"\\]|\\.)*")\s*:\s*')
_VALUE = re.compile(rb"[^\s,]")
_objects = encoding.reader(dict[str, encoding.Unread], what="the document")
_lists = encoding.reader(list[encoding.Unread], what="the document")
_keys = encoding.reader(str, what="the document")


def json_span(text: bytes, path: Path, found: Span) -> int:
    """The byte at which a value begins, with its key; where the path ends earlier than asked for, what is next above.

    Only what encloses it is looked through, and remembered in `found`.
    """
    if () not in found:
        start = len(text) - len(text.lstrip(b"\xef\xbb\xbf \t\r\n"))
        found[()] = (start, start, len(text))
    for depth in range(len(path)):
        above = path[:depth]
        if path[: depth + 1] not in found:
            _look_into(text, above, found)
        if path[: depth + 1] not in found:
            return found[above][0]
    return found[path][0]


def _look_into(text: bytes, path: Path, found: Span) -> None:
    _, start, end = found[path]
    opening = text[start : start + 1]
    at = start + 1
    if opening == b"{":
        for key, value in _objects(text[start:end]).items():
            match = _KEY.match(text, at)
            if match is None or (match[1] != b'"%s"' % key.encode() and _keys(match[1]) != key):
                return
            found[(*path, key)] = (match.start(1), match.end(), at := match.end() + len(memoryview(value)))
    elif opening == b"[":
        for index, value in enumerate(_lists(text[start:end])):
            at = _first_of(text, at)
            found[(*path, index)] = (at, at, at := at + len(memoryview(value)))


def _first_of(text: bytes, at: int) -> int:
    """Where the next value of a list begins."""
    found = _VALUE.search(text, at)
    return found.start() if found else at
