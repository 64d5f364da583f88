"""GitLab's security reports on code and running applications: SAST, secrets, DAST, fuzzing (schemas 2 to 15)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from hardpoint.assurance.reports.exposures import RISK_FACTS, aliases_in, exposed, instant_in, risk_facts
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

MAX_MESSAGE = 500
_FAILED = frozenset({"fatal", "error"})
_LIST = re.compile(rb'"vulnerabilities"\s*:\s*\[')
_ITS_OWN = re.compile(rb'"(identifiers|remediations)"\s*:\s*\[|"(scan|scanner)"\s*:\s*\{|"discovered_at"')
_NO_MORE = re.compile(rb'"vulnerabilities"\s*:\s*\[\s*\]\s*\}\s*$')
_SCAN = re.compile(rb'"scan"\s*:\s*\{')
_OF_OTHERS = re.compile(
    rb'"(bomFormat|packageManager|security_advisory|auditReportVersion|packageName)"'
    rb'|"(dependency|container|cluster_image)_scanning"'
    rb'|"package"\s*:\s*\{\s*"name"'
)
"""Other tools' reports, and GitLab's on packages, which are kinds of their own."""


@dataclass(slots=True, kw_only=True)
class _Identifier:
    name: str = ""
    type: str = ""


@dataclass(slots=True, kw_only=True)
class _Location:
    """A place in a file or at an address, as the sort of scan has it."""

    file: str | None = None
    start_line: int | str | None = None
    hostname: str | None = None
    host: str | None = None
    path: str | None = None


@dataclass(slots=True, kw_only=True)
class _Vulnerability:
    identifiers: list[_Identifier]
    id: str | None = None
    cve: str | None = None
    name: str | None = None
    message: str | None = None
    description: str | None = None
    category: str | None = None
    severity: str | None = None
    solution: str | None = None
    location: _Location = field(default_factory=_Location)


@dataclass(slots=True, kw_only=True)
class _Scanner:
    id: str = ""
    version: str = ""


@dataclass(slots=True, kw_only=True)
class _Message:
    level: str = ""
    value: str = ""


@dataclass(slots=True, kw_only=True)
class _Scan:
    type: str
    status: str
    scanner: _Scanner = field(default_factory=_Scanner)
    end_time: str | None = None
    messages: list[_Message] = field(default_factory=list)
    scanned_resources: list[object] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Report:
    vulnerabilities: list[_Vulnerability]
    scan: _Scan | None = None


def _is_gitlab(start: bytes) -> bool:
    if _OF_OTHERS.search(start) is not None:
        return False
    listed = _LIST.search(start) is not None and _ITS_OWN.search(start) is not None
    if _NO_MORE.search(start) is not None:  # all that says which report it is; it proves no scan
        return True
    return listed or (_SCAN.search(start) is not None and b'"scanner"' in start)


@importer(
    "gitlab-security",
    title="GitLab's reports of SAST, secret detection, DAST and fuzzing",
    facts={
        **RISK_FACTS,
        "scan": "the sort of scan: `sast`, `secret_detection`, `dast`, `api_fuzzing` or `coverage_fuzzing`",
        "occurrences": "entries of the report, of which several may be one finding",
        "scanned": "addresses that were looked at, where the scan lists them",
    },
    recognises=_is_gitlab,
    good=b'{"version": "15.0.7", "vulnerabilities": [], "scan": {"scanner": {"id": "semgrep", "name": "Semgrep", '
    b'"version": "5.0.0"}, "type": "sast", "status": "success"}}',
    bad=b'{"version": "15.0.7", "vulnerabilities": [], "scan": {"scanner": {"id": "semgrep", "name": "Semgrep", '
    b'"version": "5.0.0"}, "type": "sast"}}',
)
def gitlab_security(data: bytes) -> Report:
    """One finding for each vulnerability; for DAST one for each problem, at the first address that shows it.

    What was looked at are the scanned resources, else the one scan, if it succeeded; a scan that says that it failed is
    an error. Reports before version 3 do not speak of their scan, so without findings they prove none.
    """
    report = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Report, what="GitLab's report")
    scan = report.scan
    sort = scan.type if scan else next((each.category for each in report.vulnerabilities if each.category), "unknown")
    apart = _apart(report.vulnerabilities, sort)
    findings = tuple(_finding(each, sort, scan.scanner.id if scan else "") for each in apart)
    scanned = len(scan.scanned_resources) if scan else 0
    return Report(
        producer=Producer(
            name=(scan.scanner.id if scan else "") or "gitlab", version=scan.scanner.version if scan else ""
        ),
        population=max(scanned, int(scan is not None and scan.status == "success"), int(bool(findings))),
        facts={
            **risk_facts(findings),
            "scan": sort,
            "occurrences": len(report.vulnerabilities),
            "scanned": scanned,
        },
        findings=findings,
        time=instant_in(scan.end_time) if scan else None,
        error=_failed(scan) if scan else None,
    )


def _apart(vulnerabilities: Sequence[_Vulnerability], sort: str) -> list[_Vulnerability]:
    """Each once: by its id, or the hash that old reports had under `cve`; DAST gives every address an id."""

    def key(at: int, each: _Vulnerability) -> object:
        if sort == "dast":
            return each.severity, each.name or each.id, each.message or each.description
        return each.id or each.cve or at

    first = {key(at, each): each for at, each in reversed(list(enumerate(vulnerabilities)))}
    return list(first.values())[::-1]


def _finding(found: _Vulnerability, sort: str, scanner: str) -> Finding:
    name = found.name or found.message or found.description or found.id or ""
    return exposed(
        rule=next((each.name for each in found.identifiers if each.name), name[:MAX_MESSAGE]),
        word=found.severity or "",
        place=_place(found.location),
        text=name,
        remedy=(found.solution or "")[:MAX_MESSAGE],
        tool=scanner or f"gitlab {sort}",
        aliases=aliases_in(*(each.name for each in found.identifiers)),
    )


def _place(location: _Location) -> Place:
    """A file and line, or an address without what follows `?`."""
    address = f"{location.hostname or location.host or ''}{location.path or ''}"
    line = str(location.start_line or 0)
    where = location.file or re.split("[?#]", address, maxsplit=1)[0]
    return Place(where, int(line) if re.fullmatch("[0-9]{1,9}", line) else 0)


def _failed(scan: _Scan) -> str | None:
    said = next((each.value for each in scan.messages if each.level in _FAILED), "")
    if scan.status == "success" and not said:
        return None
    return f"the scan came to {scan.status}: {said or 'it gives no reason'}"[:MAX_MESSAGE]
