"""Where something was written: file, line, column."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file: `file` relative to the workspace with `/`, `line` and `column` from 1, 0 for unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)


def place_at(file: str, text: bytes, offset: int) -> Place:
    """The place of a byte offset in UTF-8 text; the column counts characters."""
    start = text.rfind(b"\n", 0, offset) + 1
    line = text.count(b"\n", 0, start) + 1
    column = len(text[start:offset].decode("utf-8", "replace")) + 1
    return Place(file, line, column)
