"""What a newer ruleset would change, and raising the pin to it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hardpoint.kernel.check import run_rules, worst_first
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.problem import ToolProblem, UsageProblem
from hardpoint.kernel.progress import Progress, quiet
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.ruleset import RULESET
from hardpoint.kernel.workspace import Workspace

_NUMBER = re.compile(rb"[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Newer:
    """A rule that a newer ruleset has, and how much it finds here that the baseline does not know."""

    rule: str
    severity: Severity
    since: int
    title: str
    examined: int
    findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What judges besides once the pin is raised, and what that finds."""

    rules: tuple[Newer, ...]
    findings: tuple[Finding, ...]

    @property
    def failing(self) -> int:
        """How many of the findings are errors."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


def change_by(
    workspace: Workspace, rules: Sequence[Rule[Any]], pinned: int, newest: int, progress: Progress = quiet
) -> Change:
    """What the rules that came after a ruleset find, the worst first.

    Raises ToolProblem if one of them comes to no result: what it would change is then not known.
    """
    newer = [rule for rule in rules if pinned < rule.since <= newest]
    runs = run_rules(workspace, newer, progress)
    failed = [f"{run.rule}: {run.error}" for run in runs if run.error is not None]
    if failed:
        raise ToolProblem(
            f"A rule came to no result ({failed[0]}), so what would change is not known", remedy="Repair that first."
        )
    rows = [
        Newer(
            rule=rule.id,
            severity=rule.severity,
            since=rule.since,
            title=rule.title,
            examined=run.examined,
            findings=len(run.new),
        )
        for rule, run in zip(newer, runs, strict=True)
    ]
    new = worst_first(runs)
    known = {id(finding) for run in runs for finding in run.new}
    return Change(rules=tuple(rows), findings=tuple(finding for finding in new if id(finding) in known))


def raised(workspace: Workspace, newest: int) -> bytes:
    """The manifest with the number of its ruleset raised, and every other byte as it is.

    Raises UsageProblem where the number does not stand in plain digits.
    """
    place = workspace.manifest.place(RULESET.key)
    content = workspace.read(MANIFEST_FILE)
    lines = content.splitlines(keepends=True)
    line = lines[place.line - 1] if 0 < place.line <= len(lines) else b""
    # A place counts characters, and a file is bytes; a mark of the byte order belongs to no character.
    mark = len(b"\xef\xbb\xbf") if place.line == 1 and line.startswith(b"\xef\xbb\xbf") else 0
    start = mark + len(line[mark:].decode()[: place.column - 1].encode())
    digits = _NUMBER.match(line, start)
    if digits is None or int(digits[0]) != workspace.manifest[RULESET]:
        raise UsageProblem(
            f"{place}: the number of the ruleset is not written in plain digits", remedy=f"Write `ruleset: {newest}`."
        )
    lines[place.line - 1] = line[:start] + str(newest).encode() + line[digits.end() :]
    return b"".join(lines)
