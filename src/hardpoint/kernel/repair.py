"""Repairs: what findings suggest, written into the files that they are about."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from hardpoint.kernel.finding import Finding
from hardpoint.kernel.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One file repaired: what it holds, what it is to hold, and the findings that this answers."""

    file: str
    before: bytes
    after: bytes
    findings: tuple[Finding, ...]

    @property
    def patch(self) -> str:
        """The unified diff, as `git apply` takes it."""
        before, after = (_lines(text.decode("utf-8", "replace")) for text in (self.before, self.after))
        lines = difflib.unified_diff(before, after, f"a/{self.file}", f"b/{self.file}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def repairs(findings: Iterable[Finding], workspace: Workspace) -> list[Repair]:
    """The files as they would be with every repair that is certain; nothing is written.

    A repair replaces `replaces` at or after its column on its line, and a line that it leaves blank goes. One whose
    text is not there, or that overlaps one to its left, is left out: a second run finds it again. So is a file that is
    a link: what is wrong where the link stands may be right where the text does.
    """
    by_file: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda each: each.place):
        written = finding.replaces and finding.suggestion is not None and finding.place.line
        if written and not _is_link(finding.place.file, workspace):
            by_file.setdefault(finding.place.file, []).append(finding)
    repaired = (_repair(file, workspace.read(file), found) for file, found in sorted(by_file.items()))
    return [each for each in repaired if each.findings]


def replaced_at(line: bytes, finding: Finding) -> int:
    """Where on its line what a finding replaces begins, in bytes from 0; -1 if it is not there."""
    return line.find((finding.replaces or "").encode(), _offset(line, finding.place.column))


def _is_link(file: str, workspace: Workspace) -> bool:
    return workspace.root is not None and (workspace.root / file).is_symlink()


def _repair(file: str, before: bytes, findings: list[Finding]) -> Repair:
    lines: list[bytes | None] = list(before.split(b"\n"))
    done: list[Finding] = []
    for number, of_line in groupby(findings, key=lambda finding: finding.place.line):
        line = lines[number - 1] if number <= len(lines) else None
        if line is not None:
            lines[number - 1], repaired = _line(line, list(of_line))
            done += repaired
    after = b"\n".join(line for line in lines if line is not None)
    return Repair(file=file, before=before, after=after, findings=tuple(done))


def _line(line: bytes, findings: list[Finding]) -> tuple[bytes | None, list[Finding]]:
    """A line with its repairs, from left to right; one that they leave blank is dropped."""
    parts: list[bytes] = []
    done: list[Finding] = []
    end = 0
    for finding in findings:
        replaced, written = (finding.replaces or "").encode(), (finding.suggestion or "").encode()
        at = replaced_at(line, finding)
        if end <= at:
            parts += [line[end:at], written]
            end = at + len(replaced)
            done.append(finding)
    repaired = b"".join([*parts, line[end:]])
    return (repaired if repaired.strip() or not done else None), done


def _offset(line: bytes, column: int) -> int:
    """Where a column begins, in bytes."""
    return len(line.decode("utf-8", "surrogateescape")[: max(column - 1, 0)].encode("utf-8", "surrogateescape"))


def _lines(text: str) -> list[str]:
    """With their ends as they are: a patch must fit its file, and only a line feed ends a line of that."""
    return [line for line in re.split(r"(?<=\n)", text) if line]
