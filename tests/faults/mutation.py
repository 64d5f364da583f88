"""Inputs bent out of shape: bytes, texts and structures of known inputs changed, cut, doubled, spliced and nested."""

import random
import re
from collections.abc import Sequence

_NUMBER = re.compile(rb"-?[0-9]+")
_TEXT = re.compile(rb'"[^"\\]*"')
_EXTREMES = [
    b"0", b"-1", b"00", b"-0", b"1e999", b"-1e999", b"0.1", b"1E400", b"NaN", b"9223372036854775807",
    b"9223372036854775808", b"-9223372036854775809", b"18446744073709551616",
    b"4294967296", b"9" * 400, b"1" + b"0" * 5000, b"\xd9\xa3", b"1_0", b"+1",
]  # fmt: skip
_VALUES = [
    b"null",
    b"true",
    b"false",
    b"{}",
    b"[]",
    b'""',
    b"0",
    b'"\\ud800"',
    b'"\\u0000"',
    b'"A"',
    b"~",
    b"!!python/object:os.system",
]
_NOT_UTF8 = [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xe2\x82", b"\xef\xbb\xbf", b"\xff\xfe"]
_PIECES = [
    b"\0", b"\n", b"\r", b"\r\n", b"\n\n", b" ", b"\t", b'"', b"\\", b",", b":", b"{", b"}", b"[", b"]", b"<", b">",
    b"&#0;", b"&x;", b"<!DOCTYPE a>", b"]]>", b"=", b"==", b"A", b"\xe2\x80\x94 ", b"\xe2\x80\xa8", b"\x85", b"- ",
    b"&a ", b"*a", b"? ", b"%",
]  # fmt: skip
_OPENINGS = [b"[", b'{"a":', b"<a>", b"[[{", b"- ", b"(", b"{a: ", b'[{"entries":']
_DEPTHS = (3, 70, 250, 1500, 20_000)


class Mutator:
    """Endless changed inputs from known ones; the same seed gives the same row."""

    def __init__(self, known: Sequence[bytes], seed: int) -> None:
        self._known = known
        self._chance = random.Random(seed)
        self._kinds = [
            self._flip, self._flip, self._set, self._insert, self._cut, self._cut_off, self._double, self._splice,
            self._number, self._number, self._value, self._not_utf8, self._piece, self._piece, self._lines, self._move,
        ]  # fmt: skip

    def next(self) -> bytes:
        """One of the known inputs, with one to four changes."""
        chance = self._chance
        data = chance.choice(self._known)
        roll = chance.random()
        for _ in range(1 if roll < 0.6 else 2 if roll < 0.85 else 4):
            data = chance.choice(self._kinds)(data)
        return self._deep(data) if roll > 0.997 else data

    def _at(self, data: bytes) -> int:
        return int(self._chance.random() * (len(data) + 1))

    def _span(self, data: bytes) -> tuple[int, int]:
        start = self._at(data)
        return start, start + 1 + int(self._chance.random() ** 3 * (len(data) - start))

    def _flip(self, data: bytes) -> bytes:
        at = self._at(data)
        bit = 1 << int(self._chance.random() * 8)
        return data[:at] + bytes(byte ^ bit for byte in data[at : at + 1]) + data[at + 1 :]

    def _set(self, data: bytes) -> bytes:
        at = self._at(data)
        return data[:at] + bytes([int(self._chance.random() * 256)]) + data[at + 1 :]

    def _insert(self, data: bytes) -> bytes:
        at = self._at(data)
        return data[:at] + self._chance.randbytes(1 + int(self._chance.random() ** 3 * 40)) + data[at:]

    def _cut(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:start] + data[end:]

    def _cut_off(self, data: bytes) -> bytes:
        return data[: self._at(data)]

    def _double(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:end] + data[start:]

    def _splice(self, data: bytes) -> bytes:
        other = self._chance.choice(self._known)
        start, end = self._span(other)
        at, to = self._span(data)
        return data[:at] + other[start:end] + data[at if self._chance.random() < 0.3 else to :]

    def _found(self, pattern: re.Pattern[bytes], data: bytes, new: Sequence[bytes]) -> bytes:
        found = pattern.search(data, self._at(data)) or pattern.search(data)
        return data[: found.start()] + self._chance.choice(new) + data[found.end() :] if found else data

    def _number(self, data: bytes) -> bytes:
        return self._found(_NUMBER, data, _EXTREMES)

    def _value(self, data: bytes) -> bytes:
        return self._found(_TEXT, data, _VALUES)

    def _piece(self, data: bytes) -> bytes:
        at = self._at(data)
        return data[:at] + self._chance.choice(_PIECES) + data[at + int(self._chance.random() * 2) :]

    def _not_utf8(self, data: bytes) -> bytes:
        at = self._at(data)
        return data[:at] + self._chance.choice(_NOT_UTF8) + data[at:]

    def _lines(self, data: bytes) -> bytes:
        """Two lines, or two values of a structure, change places, or one stands twice."""
        mark = self._chance.choice((b"\n", b",", b" "))
        lines = data.split(mark)
        one, other = (int(self._chance.random() * len(lines)) for _ in range(2))
        lines[one], lines[other] = lines[other], lines[one] if self._chance.random() < 0.6 else lines[other]
        return mark.join(lines)

    def _move(self, data: bytes) -> bytes:
        start, end = self._span(data)
        at = self._at(data)
        rest = data[:start] + data[end:]
        return rest[:at] + data[start:end] + rest[at:]

    def _deep(self, data: bytes) -> bytes:
        at = self._at(data) if self._chance.random() < 0.5 else 0
        return data[:at] + self._chance.choice(_OPENINGS) * self._chance.choice(_DEPTHS) + data[at:]
