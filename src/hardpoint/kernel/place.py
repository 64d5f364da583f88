"""Where something was written: file, line, column."""

from dataclasses import dataclass

_CONTINUATION = bytes(range(0x80, 0xC0))
"""The bytes of UTF-8 that no character begins with: without them, bytes are counted as characters."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file: `file` relative to the workspace with `/`, `line` and `column` from 1, 0 for unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)


class Lines:
    """Turns byte offsets in UTF-8 text into places; columns count characters."""

    def __init__(self, file: str, text: bytes) -> None:
        self._file = file
        self._text = text
        self._line = 1
        self._start = self._last = self._characters = 0

    def place(self, offset: int) -> Place:
        """The place of a byte offset; each costs no more than the text between it and the one asked for before."""
        return Place(self._file, *self.position(offset))

    def position(self, offset: int) -> tuple[int, int]:
        """The line and the column of a byte offset."""
        text = self._text
        if offset >= self._last:
            if passed := text.count(b"\n", self._last, offset):
                self._line += passed
                self._start = self._last = text.rfind(b"\n", self._last, offset) + 1
                self._characters = 0
        else:
            if passed := text.count(b"\n", offset, self._last):
                self._line -= passed
                self._start = text.rfind(b"\n", 0, offset) + 1
            self._last, self._characters = self._start, 0
        self._characters += len(text[self._last : offset].translate(None, _CONTINUATION))
        self._last = offset
        return self._line, self._characters + 1
