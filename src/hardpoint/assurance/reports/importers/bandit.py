"""JSON of bandit: weaknesses in Python code (`--format json`)."""

from dataclasses import dataclass

from hardpoint.assurance.reports.exposures import RISK_FACTS, exposed, instant_in, risk_facts
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "bandit"
MAX_MESSAGE = 500
_TOTALS = "_totals"
_PASSWORDS = frozenset({"B105", "B106", "B107"})
"""Tests whose text ends with the password that they found."""


@dataclass(slots=True, kw_only=True)
class _Issue:
    test_id: str
    test_name: str
    filename: str
    line_number: int
    issue_text: str
    issue_severity: str
    col_offset: int = -1


@dataclass(slots=True, kw_only=True)
class _Metrics:
    loc: int
    nosec: int
    skipped_tests: int = 0


@dataclass(slots=True, kw_only=True)
class _Error:
    filename: str
    reason: str


@dataclass(slots=True, kw_only=True)
class _Report:
    generated_at: str
    errors: list[_Error]
    metrics: dict[str, _Metrics]
    results: list[_Issue]


@importer(
    "bandit",
    title="bandit's JSON on Python code",
    facts={
        **RISK_FACTS,
        "suppressed": "lines and tests that a `nosec` comment takes out",
        "files": "files that were looked at",
        "lines": "lines of code in them",
        "errors": "files that could not be read",
    },
    recognises=lambda start: b'"generated_at"' in start and b'"errors"' in start and b'"plugins_used"' not in start,
    good=b'{"errors": [], "generated_at": "2026-03-31T14:00:00Z", "metrics": {"_totals": {"loc": 3, "nosec": 0}, '
    b'"app.py": {"loc": 3, "nosec": 0}}, "results": []}',
    bad=b'{"errors": [], "generated_at": "2026-03-31T14:00:00Z", "metrics": {"_totals": {"loc": 3, "nosec": 0}, '
    b'"app.py": {"loc": 3, "nosec": 0}}, "results": [}',
    made_by="bandit 1.9.4",
)
def bandit(data: bytes) -> Report:
    """One finding for each result. A file that bandit could not read is an error: it was not looked at."""
    report = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Report, what="bandit's JSON")
    findings = tuple(_finding(each) for each in report.results)
    unread = {each.filename for each in report.errors}
    files = [each for name, each in report.metrics.items() if name != _TOTALS and name not in unread]
    return Report(
        producer=Producer(name=TOOL),
        population=len(files),
        facts={
            **risk_facts(findings),
            "suppressed": sum(each.nosec + each.skipped_tests for each in files),
            "files": len(files),
            "lines": sum(each.loc for each in files),
            "errors": len(report.errors),
        },
        findings=findings,
        time=instant_in(report.generated_at),
        error=_failed(report.errors[0]) if report.errors else None,
    )


def _finding(issue: _Issue) -> Finding:
    text = issue.issue_text.partition(":")[0] if issue.test_id in _PASSWORDS else issue.issue_text
    return exposed(
        rule=f"{issue.test_id}/{issue.test_name}",
        word=issue.issue_severity,
        place=Place(issue.filename.removeprefix("./"), max(issue.line_number, 0), max(issue.col_offset + 1, 0)),
        text=text,
        tool=TOOL,
    )


def _failed(error: _Error) -> str:
    return f"bandit did not look at {error.filename}: {error.reason}"[:MAX_MESSAGE]
