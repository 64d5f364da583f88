"""Semgrep's JSON: what its rules found in code and in lists of packages (`--json`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hardpoint.assurance.reports.exposures import RISK_FACTS, aliases_in, exposed, is_open, purl, risk_facts
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, State
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "semgrep"
MAX_MESSAGE = 500
_WORDS: Mapping[str, str] = {"ERROR": "high", "WARNING": "medium", "INFO": "low", "INVENTORY": "info"}
"""Severities of rules; `CRITICAL`, `HIGH`, `MEDIUM` and `LOW`, which newer rules have, speak for themselves."""
_NO_FINGERPRINT = "requires login"
_RESULTS = re.compile(rb'"results"\s*:\s*\[')
_OF_OTHERS = (b'"generated_at"', b'"suites"')


@dataclass(slots=True, kw_only=True)
class _Position:
    line: int
    col: int = 0


@dataclass(slots=True, kw_only=True)
class _Dependency:
    package: str
    version: str = ""
    ecosystem: str = ""


@dataclass(slots=True, kw_only=True)
class _Match:
    found_dependency: _Dependency


@dataclass(slots=True, kw_only=True)
class _Supply:
    dependency_match: _Match | None = None


@dataclass(slots=True, kw_only=True)
class _Extra:
    severity: str
    message: str = ""
    fingerprint: str = ""
    is_ignored: bool = False
    metadata: dict[str, object] = field(default_factory=dict)
    sca_info: _Supply | None = None


@dataclass(slots=True, kw_only=True)
class _Result:
    check_id: str
    path: str
    start: _Position
    extra: _Extra


@dataclass(slots=True, kw_only=True)
class _Error:
    level: str = "error"
    message: str = ""
    short_msg: str = ""
    path: str | None = None


@dataclass(slots=True, kw_only=True)
class _Paths:
    scanned: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Report:
    results: list[_Result]
    errors: list[_Error]
    version: str = ""
    paths: _Paths = field(default_factory=_Paths)


def _is_semgrep(start: bytes) -> bool:
    """Its keys come in any order; bandit and Playwright have two of them."""
    if any(name in start for name in _OF_OTHERS) or not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    if b'"check_id"' in start and b'"start"' in start and b'"check_type"' not in start:
        return True
    return (_RESULTS.search(start) is not None and b'"errors"' in start) or b'"interfile_languages_used"' in start


@importer(
    "semgrep",
    title="semgrep's JSON on code and packages",
    facts={
        **RISK_FACTS,
        "ignored": "findings that a comment in the code tells semgrep to ignore",
        "files": "files that were looked at",
        "errors": "errors of the run: rules or files that came to nothing",
        "warnings": "warnings of the run: files that were looked at in part",
    },
    recognises=_is_semgrep,
    good=b'{"version": "1.100.0", "results": [], "errors": [], "paths": {"scanned": ["app.py"]}}',
    bad=b'{"version": "1.100.0", "results": [], "errors": [], "paths": {"scanned": ["app.py"}}',
    made_by="semgrep 1.182.0",
)
def semgrep(data: bytes) -> Report:
    """One finding for a rule at one line of one file, however often it matches there.

    An error of the run, such as a rule that cannot be read, is an error of the report. Versions that do not list what
    was looked at count the files with a finding.
    """
    report = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Report, what="semgrep's JSON")
    found = {(each.check_id, each.path, each.start.line): each for each in reversed(report.results)}
    findings = tuple(_finding(each) for each in reversed(found.values()))
    errors = [each for each in report.errors if each.level == "error"]
    files = {*report.paths.scanned, *(each.path for each in report.results)}
    return Report(
        producer=Producer(name=TOOL, version=report.version),
        population=len(files),
        facts={
            **risk_facts(findings),
            "ignored": sum(not is_open(each) for each in findings),
            "files": len(files),
            "errors": len(errors),
            "warnings": len(report.errors) - len(errors),
        },
        findings=findings,
        error=f"semgrep says: {_said(errors[0])}" if errors else None,
    )


def _finding(result: _Result) -> Finding:
    extra = result.extra
    found = extra.sca_info.dependency_match if extra.sca_info else None
    package = found.found_dependency if found else None
    return exposed(
        rule=result.check_id,
        word=_WORDS.get(extra.severity.upper(), extra.severity),
        place=Place(result.path, max(result.start.line, 0), max(result.start.col, 0)),
        text=extra.message or result.check_id,
        tool=TOOL,
        fingerprint="" if extra.fingerprint == _NO_FINGERPRINT else extra.fingerprint,
        aliases=aliases_in(str(extra.metadata.get("sca-vuln-database-identifier", ""))),
        package=purl(package.ecosystem, package.package, package.version) if package else "",
        state=State.NOT_AFFECTED if extra.is_ignored else State.OPEN,
    )


def _said(error: _Error) -> str:
    said = error.message or error.short_msg or "an error without words"
    return (f"{error.path}: {said}" if error.path else said)[:MAX_MESSAGE]
