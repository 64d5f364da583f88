"""KICS' JSON: infrastructure as code that breaks its queries."""

from dataclasses import dataclass

from hardpoint.assurance.reports.exposures import RISK_FACTS, exposed, risk_facts
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "kics"


@dataclass(slots=True, kw_only=True)
class _File:
    file_name: str
    line: int = 0
    resource_type: str = ""
    resource_name: str = ""
    similarity_id: str = ""


@dataclass(slots=True, kw_only=True)
class _Query:
    query_id: str
    query_name: str
    severity: str
    files: list[_File]
    platform: str = ""


@dataclass(slots=True, kw_only=True)
class _Report:
    files_scanned: int
    files_failed_to_scan: int
    queries_failed_to_execute: int
    total_counter: int
    queries: list[_Query]
    queries_total: int = 0
    kics_version: str = ""


@importer(
    "kics",
    title="KICS' JSON on infrastructure as code",
    facts={
        **RISK_FACTS,
        "files": "files that were looked at",
        "queries": "rules that were tried",
        "errors": "files that could not be read and queries that could not be run",
    },
    recognises=lambda start: b'"kics_version"' in start or b'"queries_failed_to_execute"' in start,
    good=b'{"kics_version": "v2.1.0", "files_scanned": 3, "files_failed_to_scan": 0, "queries_total": 900, '
    b'"queries_failed_to_execute": 0, "total_counter": 0, "queries": []}',
    bad=b'{"kics_version": "v2.1.0", "files_scanned": 3, "files_failed_to_scan": 0, "queries_total": 900, '
    b'"queries_failed_to_execute": 0, "total_counter": 2, "queries": []}',
)
def kics(data: bytes) -> Report:
    """One finding for each place where a query matches. Files and queries that failed are an error."""
    report = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Report, what="KICS' JSON")
    findings = tuple(_finding(query, file) for query in report.queries for file in query.files)
    if report.total_counter > len(findings):
        raise UnreadableProblem(f"counts {report.total_counter} findings and lists {len(findings)} (`$.total_counter`)")
    errors = report.files_failed_to_scan + report.queries_failed_to_execute
    return Report(
        producer=Producer(name=TOOL, version=report.kics_version),
        population=max(report.files_scanned, 0),
        facts={
            **risk_facts(findings),
            "files": report.files_scanned,
            "queries": report.queries_total,
            "errors": errors,
        },
        findings=findings,
        error=f"{report.files_failed_to_scan} files and {report.queries_failed_to_execute} queries failed"
        if errors
        else None,
    )


def _finding(query: _Query, file: _File) -> Finding:
    resource = "/".join(filter(None, (file.resource_type, file.resource_name)))
    return exposed(
        rule=query.query_id,
        word="info" if query.severity.upper() == "TRACE" else query.severity,
        place=Place(file.file_name, max(file.line, 0)),
        text=f"{resource}: {query.query_name}" if resource else query.query_name,
        tool=f"{TOOL} {query.platform.lower()}".strip(),
        fingerprint=file.similarity_id,
    )
