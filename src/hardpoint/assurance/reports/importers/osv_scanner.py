"""OSV-Scanner's JSON: known vulnerabilities of the packages of lock files, SBOMs and images."""

from dataclasses import dataclass, field

from hardpoint.assurance.reports.exposures import (
    RISK_FACTS,
    aliases_in,
    exposed,
    purl,
    refuse_near_misses,
    risk_facts,
)
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "osv-scanner"
_MALICIOUS = "MAL-"
"""Whoever has installed such a package is compromised, and nobody rates it."""


@dataclass(slots=True, kw_only=True)
class _Source:
    path: str = ""
    type: str = ""


@dataclass(slots=True, kw_only=True)
class _Package:
    name: str
    version: str = ""
    ecosystem: str = ""


@dataclass(slots=True, kw_only=True)
class _Range:
    type: str = ""
    events: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _AffectedPackage:
    name: str = ""


@dataclass(slots=True, kw_only=True)
class _Affected:
    package: _AffectedPackage = field(default_factory=_AffectedPackage)
    ranges: list[_Range] | None = None


@dataclass(slots=True, kw_only=True)
class _Database:
    severity: object = None


@dataclass(slots=True, kw_only=True)
class _Vulnerability:
    id: str
    summary: str | None = None
    details: str | None = None
    aliases: list[str] | None = None
    affected: list[_Affected] | None = None
    database_specific: _Database | None = None


@dataclass(slots=True, kw_only=True)
class _Group:
    ids: list[str] = field(default_factory=list)
    aliases: list[str] | None = None
    max_severity: str | None = None


@dataclass(slots=True, kw_only=True)
class _Looked:
    package: _Package
    vulnerabilities: list[_Vulnerability] | None = None
    groups: list[_Group] | None = None


@dataclass(slots=True, kw_only=True)
class _Result:
    packages: list[_Looked]
    source: _Source = field(default_factory=_Source)


@dataclass(slots=True, kw_only=True)
class _Report:
    results: list[_Result]


def _is_osv_scanner(start: bytes) -> bool:
    begun = start.lstrip().startswith(b"{") and b'"results"' in start
    return begun and (
        (b'"packages"' in start and b'"source"' in start)
        or b'"experimental_config"' in start
        or b"".join(start.split()) == b'{"results":[]}'
    )


@importer(
    "osv-scanner",
    title="OSV-Scanner's JSON on packages of lock files, SBOMs and images",
    facts={
        **RISK_FACTS,
        "packages": "packages in the report",
        "vulnerable": "packages with a finding",
        "sources": "lock files and the like with such packages",
    },
    recognises=_is_osv_scanner,
    good=b'{"results": [{"source": {"path": "/src/go.mod", "type": "lockfile"}, "packages": [{"package": '
    b'{"name": "golang.org/x/net", "version": "0.38.0", "ecosystem": "Go"}}]}]}',
    bad=b'{"results": [{"source": {"path": "/src/go.mod", "type": "lockfile"}, "packages": [{"package": ]}]}',
)
def osv_scanner(data: bytes) -> Report:
    """One finding for each entry of a package. Without `--all-packages` only vulnerable packages are listed.

    So a clean report says of itself only then that anything was looked at. Risk is what the database says, else the
    score of the entry's group.
    """
    content = data.removeprefix(b"\xef\xbb\xbf")
    refuse_near_misses(content, ("vulnerabilities",))
    report = encoding.decode(content, _Report, what="OSV-Scanner's JSON")
    packages = [(result, each) for result in report.results for each in result.packages]
    findings = [
        _finding(result, package, found) for result, package in packages for found in package.vulnerabilities or ()
    ]
    return Report(
        producer=Producer(name=TOOL),
        population=len(packages),
        facts={
            **risk_facts(findings),
            "packages": len(packages),
            "vulnerable": sum(bool(each.vulnerabilities) for _, each in packages),
            "sources": len(report.results),
        },
        findings=tuple(findings),
    )


def _finding(result: _Result, looked: _Looked, found: _Vulnerability) -> Finding:
    package = looked.package
    group = next((each for each in looked.groups or () if found.id in each.ids), _Group())
    fixed_in = _fixed_in(found, package.name)
    return exposed(
        rule=found.id,
        word=_rated(found),
        place=Place(result.source.path),
        text=f"{package.name} {package.version}: {found.summary or found.details or found.id}",
        remedy=f"Update {package.name} to {fixed_in}." if fixed_in else "",
        tool=TOOL,
        aliases=aliases_in(found.id, *(found.aliases or ()), *group.ids, *(group.aliases or ())),
        package=purl(package.ecosystem, package.name, package.version),
        fixed_in=fixed_in,
        cvss=_score(group.max_severity),
    )


def _rated(found: _Vulnerability) -> str:
    rated = found.database_specific.severity if found.database_specific else None
    return rated if isinstance(rated, str) else "critical" if found.id.startswith(_MALICIOUS) else ""


def _fixed_in(found: _Vulnerability, name: str) -> str:
    """The last fixed version of the package, which is the one of its newest line; hashes of commits are none."""
    fixed = [
        event["fixed"]
        for affected in found.affected or ()
        if affected.package.name in {name, ""}
        for span in affected.ranges or ()
        if span.type != "GIT"
        for event in span.events
        if "fixed" in event
    ]
    return fixed[-1] if fixed else ""


def _score(written: str | None) -> float | None:
    try:
        return float(written) if written else None
    except ValueError:
        return None
