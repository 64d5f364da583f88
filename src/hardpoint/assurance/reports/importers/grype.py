"""Grype's JSON: vulnerabilities of the packages of an image, a folder or an SBOM."""

from dataclasses import dataclass, field

from hardpoint.assurance.reports.exposures import (
    RISK_FACTS,
    aliases_in,
    canonical_purl,
    exposed,
    instant_in,
    purl,
    risk_facts,
)
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "grype"


@dataclass(slots=True, kw_only=True)
class _Metrics:
    baseScore: float | None = None  # noqa: N815 - the names here and below are Grype's


@dataclass(slots=True, kw_only=True)
class _Score:
    version: str = ""
    metrics: _Metrics = field(default_factory=_Metrics)


@dataclass(slots=True, kw_only=True)
class _Fix:
    versions: list[str] | None = None


@dataclass(slots=True, kw_only=True)
class _Vulnerability:
    id: str
    severity: str = ""
    description: str | None = None
    cvss: list[_Score] | None = None
    fix: _Fix | None = None


@dataclass(slots=True, kw_only=True)
class _Location:
    path: str = ""


@dataclass(slots=True, kw_only=True)
class _Artifact:
    name: str
    version: str = ""
    type: str = ""
    purl: str | None = None
    locations: list[_Location] | None = None


@dataclass(slots=True, kw_only=True)
class _Match:
    vulnerability: _Vulnerability
    artifact: _Artifact
    relatedVulnerabilities: list[_Vulnerability] | None = None  # noqa: N815


@dataclass(slots=True, kw_only=True)
class _Distribution:
    name: str | None = None


@dataclass(slots=True, kw_only=True)
class _Descriptor:
    name: str = TOOL
    version: str | None = None
    timestamp: str | None = None


@dataclass(slots=True, kw_only=True)
class _Report:
    matches: list[_Match]
    source: dict[str, object] | None = None
    descriptor: _Descriptor | None = None
    distro: _Distribution | None = None
    ignoredMatches: list[dict[str, object]] | None = None  # noqa: N815


def _is_grype(start: bytes) -> bool:
    begun = start.lstrip().startswith(b"{")
    return begun and b'"matches"' in start and (b'"vulnerability"' in start or b'"descriptor"' in start)


@importer(
    "grype",
    title="Grype's JSON on packages of images, folders and SBOMs",
    facts={
        **RISK_FACTS,
        "ignored": "matches that Grype was told to ignore",
        "matches": "matches in the report, of which the same one may be at several places",
    },
    recognises=_is_grype,
    good=b'{"matches": [], "source": {"type": "directory", "target": "."}, "descriptor": {"name": "grype", '
    b'"version": "0.80.0"}}',
    bad=b'{"matches": [{"vulnerability": {"id": "CVE-2024-1"}}], "source": {"type": "directory", "target": "."}}',
)
def grype(data: bytes) -> Report:
    """One finding for each vulnerability of a package version, at the first of its places.

    Grype does not say how many packages it looked at: the population is its one source, or the packages that matched.
    """
    report = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Report, what="Grype's JSON")
    first: dict[tuple[str, str, str], _Match] = {}
    for match in report.matches:
        first.setdefault((match.vulnerability.id, match.artifact.name, match.artifact.version), match)
    distribution = report.distro.name or "" if report.distro else ""
    findings = [_finding(match, distribution) for match in first.values()]
    descriptor = report.descriptor or _Descriptor()
    scanned = bool(report.descriptor and report.source)
    return Report(
        producer=Producer(name=TOOL, version=descriptor.version or ""),
        population=max(len({(each.artifact.name, each.artifact.version) for each in report.matches}), int(scanned)),
        facts={
            **risk_facts(findings),
            "ignored": len(report.ignoredMatches or ()),
            "matches": len(report.matches),
        },
        findings=tuple(findings),
        time=instant_in(descriptor.timestamp),
    )


def _finding(match: _Match, distribution: str) -> Finding:
    found, artifact = match.vulnerability, match.artifact
    related = match.relatedVulnerabilities or []
    described = next((each.description for each in (found, *related) if each.description), found.id)
    fixed_in = next(iter(found.fix.versions or () if found.fix else ()), "")
    return exposed(
        rule=found.id,
        word=found.severity,
        place=Place(next((each.path for each in artifact.locations or ()), "")),
        text=f"{artifact.name} {artifact.version}: {described}",
        remedy=f"Update {artifact.name} to {fixed_in}." if fixed_in else "",
        tool=TOOL,
        aliases=aliases_in(found.id, *(each.id for each in related)),
        package=canonical_purl(artifact.purl or "")
        or purl(artifact.type, artifact.name, artifact.version, distribution=distribution),
        fixed_in=fixed_in,
        cvss=next((score for each in (found, *related) if (score := _score(each)) is not None), None),
    )


def _score(vulnerability: _Vulnerability) -> float | None:
    """The base score of the newest version of CVSS."""
    scored = [each for each in vulnerability.cvss or () if each.metrics.baseScore is not None]
    return max(scored, key=lambda each: each.version).metrics.baseScore if scored else None
