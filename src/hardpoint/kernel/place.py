"""Where something was written: file, line, column."""

import re
from bisect import bisect_right
from dataclasses import dataclass


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
        self._last = (0, 0, 0)
        self._starts = [0, *(match.end() for match in re.finditer(rb"\n", text))]

    def place(self, offset: int) -> Place:
        """The place of a byte offset; asked for in order, each costs no more than the text since the last."""
        line = bisect_right(self._starts, offset)
        last_line, start, characters = self._last
        if last_line != line or start > offset:
            start, characters = self._starts[line - 1], 0
        characters += len(self._text[start:offset].decode("utf-8", "replace"))
        self._last = (line, offset, characters)
        return Place(self._file, line, characters + 1)
