"""Whom CODEOWNERS names as the owners of a file; the last pattern that matches counts."""

import re
from dataclasses import dataclass

import pathspec

from hardpoint.kernel.ignoring import spec_of
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

FILES = ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS")
MAX_LINES = 2000
_SECTION = re.compile(r"^\^?\[[^\]]*\](?:\[\d+\])?\s*(.*)$")
_OWNER = re.compile(r"@?[\w.+/@-]+")


@dataclass(frozen=True, slots=True)
class Owners:
    """Patterns with their owners, the last one first."""

    lines: tuple[tuple[pathspec.GitIgnoreSpec, str], ...] = ()

    def of(self, file: str) -> str:
        """The owners of a file; nothing for none."""
        return next((who for pattern, who in self.lines if pattern.match_file(file)), "")


def owners(workspace: Workspace) -> Owners:
    """The owners of the workspace's files, read once."""
    return workspace.derive(_owners)


def read_owners(text: str) -> Owners:
    """Read CODEOWNERS as GitHub and GitLab write it; a section's owners are those of its lines that name none."""
    lines: list[tuple[pathspec.GitIgnoreSpec, str]] = []
    of_section = ""
    for line in text.split("\n")[:MAX_LINES]:
        written = line.partition(" #")[0].strip()
        if section := _SECTION.match(written):
            of_section = section[1].strip()
        elif written and not written.startswith(("#", "!")):  # neither host knows a pattern that takes away
            pattern, *owners_ = re.split(r"(?<!\\)\s+", written)
            who = " ".join(name for name in owners_ if _OWNER.fullmatch(name)) or of_section
            lines.append((spec_of([pattern]), who))
    return Owners(tuple(reversed(lines)))


def _owners(workspace: Workspace) -> Owners:
    for file in FILES:
        if file in workspace.paths:
            try:
                return read_owners(workspace.read(file).decode("utf-8", "replace"))
            except UnreadableProblem:
                break
    return Owners()
