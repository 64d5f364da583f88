"""JSON of checkov: infrastructure as code that breaks its policies (`-o json`)."""

from dataclasses import dataclass, field

from hardpoint.assurance.reports.exposures import RISK_FACTS, aliases_in, exposed, risk_facts
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "checkov"
MAX_MESSAGE = 500


@dataclass(slots=True, kw_only=True)
class _Check:
    check_id: str
    check_name: str | None = None
    file_path: str | None = None
    file_line_range: list[int] | None = None
    resource: str | None = None
    severity: str | None = None
    guideline: str | None = None


@dataclass(slots=True, kw_only=True)
class _Results:
    failed_checks: list[_Check]
    passed_checks: list[object] = field(default_factory=list)
    skipped_checks: list[object] = field(default_factory=list)
    parsing_errors: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Summary:
    passed: int
    failed: int
    skipped: int = 0
    parsing_errors: int = 0
    resource_count: int = 0
    checkov_version: str = ""


@dataclass(slots=True, kw_only=True)
class _Framework:
    """What was found in one framework; when there was nothing to look at, only the summary's fields are there."""

    check_type: str = ""
    results: _Results | None = None
    summary: _Summary | None = None
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    parsing_errors: int = 0
    resource_count: int = 0
    checkov_version: str = ""


def _is_checkov(start: bytes) -> bool:
    return b'"checkov_version"' in start or (b'"check_type"' in start and b'"results"' in start)


@importer(
    "checkov",
    title="checkov's JSON on infrastructure as code",
    facts={
        **RISK_FACTS,
        "checks": "checks that passed or failed",
        "passed": "checks that passed",
        "failed": "checks that failed, in its own count",
        "suppressed": "checks that a comment in the code skips",
        "resources": "resources that were looked at",
        "errors": "files that could not be parsed",
    },
    recognises=_is_checkov,
    good=b'{"check_type": "dockerfile", "results": {"failed_checks": []}, '
    b'"summary": {"passed": 9, "failed": 0, "skipped": 0, "parsing_errors": 0, "resource_count": 1}}',
    bad=b'{"check_type": "dockerfile", "results": {}, '
    b'"summary": {"passed": 9, "failed": 0, "skipped": 0, "parsing_errors": 0, "resource_count": 1}}',
    made_by="checkov 3.3.30",
)
def checkov(data: bytes) -> Report:
    """One finding for each check that failed, of one framework or of several. A file that it cannot parse is an error.

    checkov by itself rates no check, so all are medium, and their text says so.
    """
    content = data.removeprefix(b"\xef\xbb\xbf")
    several = content.lstrip().startswith(b"[")
    frameworks = (
        encoding.decode(content, list[_Framework], what="checkov's JSON")
        if several
        else [encoding.decode(content, _Framework, what="checkov's JSON")]
    )
    summaries = [_summary(each) for each in frameworks]
    findings = tuple(
        _finding(each, check) for each in frameworks if each.results for check in each.results.failed_checks
    )
    failed = max(sum(each.failed for each in summaries), len(findings))
    passed = sum(each.passed for each in summaries)
    errors = sum(each.parsing_errors for each in summaries)
    return Report(
        producer=Producer(name=TOOL, version=next((each.checkov_version for each in summaries), "")),
        population=passed + failed,
        facts={
            **risk_facts(findings),
            "checks": passed + failed,
            "passed": passed,
            "failed": failed,
            "suppressed": sum(each.skipped for each in summaries),
            "resources": sum(each.resource_count for each in summaries),
            "errors": errors,
        },
        findings=findings,
        error=_failed(frameworks, errors),
    )


def _summary(framework: _Framework) -> _Summary:
    """What it states, or what is listed if that is more: `--quiet` and `--compact` list less than they count."""
    stated, results = framework.summary or framework, framework.results
    if results is None and (framework.check_type or not framework.checkov_version):
        raise UnreadableProblem("has checks without results (`$.results`)")
    if min(stated.passed, stated.failed, stated.skipped, stated.parsing_errors, stated.resource_count) < 0:
        raise UnreadableProblem("counts less than nothing (`$.summary`)")
    return _Summary(
        passed=max(stated.passed, len(results.passed_checks) if results else 0),
        failed=max(stated.failed, len(results.failed_checks) if results else 0),
        skipped=max(stated.skipped, len(results.skipped_checks) if results else 0),
        parsing_errors=max(stated.parsing_errors, len(results.parsing_errors) if results else 0),
        resource_count=stated.resource_count,
        checkov_version=stated.checkov_version,
    )


def _finding(framework: _Framework, check: _Check) -> Finding:
    name = check.check_name or check.check_id
    lines = check.file_line_range or [0]
    return exposed(
        rule=check.check_id,
        word=check.severity or "",
        place=Place((check.file_path or "").lstrip("/"), max(lines[0], 0)),
        text=f"{check.resource}: {name}" if check.resource else name,
        remedy=f"See {check.guideline}." if check.guideline else "",
        tool=f"{TOOL} {framework.check_type}".strip(),
        aliases=aliases_in(check.check_id, name),
    )


def _failed(frameworks: list[_Framework], errors: int) -> str | None:
    if not errors:
        return None
    files = [file for each in frameworks if each.results for file in each.results.parsing_errors]
    return f"checkov cannot parse {files[0] if files else f'{errors} files'}"[:MAX_MESSAGE]
