"""What stands beside documents, as text that is looked at by patterns: code, configuration, lists of owners."""

from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

MAX_BYTES = 2 * 1024 * 1024
"""A longer file is data, or was made by a program."""
MAX_LINE = 2000
"""Characters of a line; a longer one was made by a program, and is read as empty."""
_BINARY = 1024


def source_of(file: str, workspace: Workspace) -> str:
    """The text of a file; nothing of what cannot be read, is longer than MAX_BYTES or is no text."""
    try:
        return as_source(workspace.read(file))
    except UnreadableProblem:
        return ""


def as_source(content: bytes) -> str:
    """Content as text by the same bounds, every line where it was."""
    if len(content) > MAX_BYTES or b"\0" in content[:_BINARY]:
        return ""
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = text.split("\n")
    if max(map(len, lines)) <= MAX_LINE:
        return text
    return "\n".join(line if len(line) <= MAX_LINE else "" for line in lines)
