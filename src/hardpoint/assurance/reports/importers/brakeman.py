"""Brakeman's JSON: weaknesses in Ruby on Rails applications (`-f json`)."""

from dataclasses import dataclass, field

from hardpoint.assurance.reports.exposures import RISK_FACTS, exposed, risk_facts
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "brakeman"
MAX_MESSAGE = 500


@dataclass(slots=True, kw_only=True)
class _Scan:
    security_warnings: int
    number_of_controllers: int
    number_of_models: int
    number_of_templates: int
    brakeman_version: str = ""


@dataclass(slots=True, kw_only=True)
class _Warning:
    warning_type: str
    message: str
    file: str
    fingerprint: str = ""
    confidence: str = ""
    line: int | None = None


@dataclass(slots=True, kw_only=True)
class _Error:
    error: str


@dataclass(slots=True, kw_only=True)
class _Report:
    scan_info: _Scan
    warnings: list[_Warning]
    errors: list[_Error]
    ignored_warnings: list[object] = field(default_factory=list)


@importer(
    "brakeman",
    title="Brakeman's JSON on Ruby on Rails applications",
    facts={
        **RISK_FACTS,
        "ignored": "warnings that its configuration ignores",
        "looked_at": "controllers, models and templates",
        "errors": "errors of the run",
    },
    recognises=lambda start: b'"scan_info"' in start and b'"app_path"' in start,
    good=b'{"scan_info": {"app_path": "/app", "security_warnings": 0, '
    b'"number_of_controllers": 2, "number_of_models": 1, "number_of_templates": 3}, '
    b'"warnings": [], "ignored_warnings": [], "errors": []}',
    bad=b'{"scan_info": {"app_path": "/app", "security_warnings": 2, '
    b'"number_of_controllers": 2, "number_of_models": 1, "number_of_templates": 3}, '
    b'"warnings": [], "ignored_warnings": [], "errors": []}',
)
def brakeman(data: bytes) -> Report:
    """One finding for each warning. An error of the run is an error of the report.

    Brakeman says how sure it is and not how bad it is, so all are medium, and their text says so.
    """
    report = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Report, what="Brakeman's JSON")
    scan = report.scan_info
    if scan.security_warnings > len(report.warnings):
        raise UnreadableProblem(
            f"counts {scan.security_warnings} warnings and lists {len(report.warnings)} (`$.scan_info`)"
        )
    findings = tuple(_finding(each) for each in report.warnings)
    looked_at = scan.number_of_controllers + scan.number_of_models + scan.number_of_templates
    return Report(
        producer=Producer(name=TOOL, version=scan.brakeman_version),
        population=max(looked_at, 0),
        facts={
            **risk_facts(findings),
            "ignored": len(report.ignored_warnings),
            "looked_at": looked_at,
            "errors": len(report.errors),
        },
        findings=findings,
        error=f"Brakeman says: {report.errors[0].error}"[:MAX_MESSAGE] if report.errors else None,
    )


def _finding(warning: _Warning) -> Finding:
    return exposed(
        rule=warning.warning_type,
        word="",
        place=Place(warning.file, max(warning.line or 0, 0)),
        text=f"{warning.message} (confidence {warning.confidence or 'unknown'})",
        tool=TOOL,
        fingerprint=warning.fingerprint[:MAX_MESSAGE],
    )
