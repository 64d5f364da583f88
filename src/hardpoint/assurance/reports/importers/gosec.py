"""JSON of gosec: weaknesses in Go code (`-fmt json`)."""

import re
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from hardpoint.assurance.reports.exposures import RISK_FACTS, exposed, is_open, risk_facts
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, State
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "gosec"
MAX_MESSAGE = 500
_HARDCODED = "G101"
"""The rule whose details may end with the credential that it found."""


@dataclass(slots=True, kw_only=True)
class _Issue:
    rule_id: str
    severity: str
    details: str
    file: str
    line: str
    nosec: bool = False
    suppressions: list[object] | None = None


@dataclass(slots=True, kw_only=True)
class _Stats:
    files: int
    lines: int = 0
    nosec: int = 0
    found: int = 0


@dataclass(slots=True, kw_only=True)
class _Error:
    error: str


_Report = TypedDict(
    "_Report",
    {"Golang errors": NotRequired[dict[str, list[_Error]]], "Issues": list[_Issue] | None, "Stats": _Stats},
)


@importer(
    "gosec",
    title="gosec's JSON on Go code",
    facts={
        **RISK_FACTS,
        "suppressed": "findings that a comment in the code takes out",
        "files": "files that were looked at",
        "lines": "lines of code in them",
        "errors": "files and packages that could not be read",
    },
    recognises=lambda start: b'"Golang errors"' in start or (b'"Issues"' in start and b'"rule_id"' in start),
    good=b'{"Golang errors": {}, "Issues": [], "Stats": {"files": 3, "lines": 120, "nosec": 0, "found": 0}}',
    bad=b'{"Golang errors": {}, "Issues": [], "Stats": {"lines": 120, "nosec": 0, "found": 0}}',
)
def gosec(data: bytes) -> Report:
    """One finding for each issue. What gosec could not read is an error: it was not looked at."""
    report = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Report, what="gosec's JSON")
    findings = tuple(_finding(each) for each in report["Issues"] or ())
    errors = [(file, each.error) for file, several in report.get("Golang errors", {}).items() for each in several]
    stats = report["Stats"]
    hidden = sum(not is_open(each) for each in findings)
    return Report(
        producer=Producer(name=TOOL),
        population=max(stats.files, 0),
        facts={
            **risk_facts(findings),
            "suppressed": max(stats.nosec, hidden),
            "files": stats.files,
            "lines": stats.lines,
            "errors": len(errors),
        },
        findings=findings,
        error=f"gosec cannot read {errors[0][0]}: {errors[0][1]}"[:MAX_MESSAGE] if errors else None,
    )


def _finding(issue: _Issue) -> Finding:
    first_line = issue.line.partition("-")[0]
    return exposed(
        rule=issue.rule_id,
        word=issue.severity,
        place=Place(issue.file, int(first_line) if re.fullmatch("[0-9]{1,9}", first_line) else 0),
        text=issue.details.partition(":")[0] if issue.rule_id == _HARDCODED else issue.details,
        tool=TOOL,
        state=State.NOT_AFFECTED if issue.nosec or issue.suppressions else State.OPEN,
    )
