"""GitLab's code quality report: what is found and what decides, beside the lines of a merge request."""

from typing import TextIO

from hardpoint.faces.forms.characters import one_line
from hardpoint.faces.forms.fingerprint import Seen, fingerprint
from hardpoint.faces.forms.json import write_json
from hardpoint.faces.forms.sheet import Sheet
from hardpoint.faces.forms.verdict import NOWHERE, as_findings, as_result
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.problem import Problem
from hardpoint.kernel.result import Result

MAX_TEXT = 1_000
"""Characters of a description."""

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def write_result(result: Result, out: TextIO) -> None:
    """Write a result; something critical or worse is in it exactly where the exit code is not 0."""
    seen = Seen()
    write_json([_issue(each, seen) for each in as_findings(Sheet.of(result))], out)


def write_problem(problem: Problem, out: TextIO) -> None:
    """Write a problem as an issue that blocks."""
    write_result(as_result(problem), out)


def _issue(finding: Finding, seen: Seen) -> dict[str, object]:
    place = finding.place if finding.place.file else NOWHERE
    decides = finding.rule.startswith(("gate/", "hardpoint/")) and finding.severity is Severity.ERROR
    return {
        "description": one_line(finding.text or finding.rule or "unnamed", MAX_TEXT),
        "check_name": one_line(finding.rule),
        "fingerprint": fingerprint(finding, seen),
        "severity": "blocker" if decides else _SEVERITIES[finding.severity],
        "location": {"path": one_line(place.file.removeprefix("./")), "lines": {"begin": max(place.line, 1)}},
    }
