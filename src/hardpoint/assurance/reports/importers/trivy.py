"""Trivy's JSON: vulnerabilities, misconfigurations, secrets and licences of an image, a folder or a cluster."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hardpoint.assurance.reports.exposures import (
    RISK_FACTS,
    aliases_in,
    canonical_purl,
    exposed,
    instant_in,
    is_open,
    purl,
    refuse_near_misses,
    risk_facts,
)
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, State
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "trivy"
_STATES: Mapping[str, State] = {
    "not_affected": State.NOT_AFFECTED,
    "under_investigation": State.UNDER_INVESTIGATION,
}
"""Statuses of a vulnerability that do not say that it is there; `fixed` says that a newer version mends it."""
_PASSED = frozenset({"PASS", "EXCEPTION"})
_LISTS = ("Results", "Vulnerabilities", "Misconfigurations", "Secrets", "Licenses", "Resources", "Findings")
_SORTS = ("vulnerabilities", "misconfigurations", "secrets", "licenses")


@dataclass(slots=True, kw_only=True)
class _Identifier:
    PURL: str | None = None


@dataclass(slots=True, kw_only=True)
class _Scores:
    V2Score: float | None = None
    V3Score: float | None = None
    V40Score: float | None = None


@dataclass(slots=True, kw_only=True)
class _Vulnerability:
    VulnerabilityID: str
    PkgName: str
    Severity: str = ""
    InstalledVersion: str | None = None
    FixedVersion: str | None = None
    Title: str | None = None
    Description: str | None = None
    Status: str | None = None
    PkgPath: str | None = None
    Fingerprint: str | None = None
    SeveritySource: str | None = None
    VendorIDs: list[str] | None = None
    PkgIdentifier: _Identifier = field(default_factory=_Identifier)
    CVSS: dict[str, _Scores] | None = None


@dataclass(slots=True, kw_only=True)
class _Lines:
    StartLine: int = 0


@dataclass(slots=True, kw_only=True)
class _Misconfiguration:
    ID: str
    Severity: str = ""
    Status: str = "FAIL"
    Title: str | None = None
    Message: str | None = None
    Resolution: str | None = None
    CauseMetadata: _Lines = field(default_factory=_Lines)


@dataclass(slots=True, kw_only=True)
class _Secret:
    RuleID: str
    Severity: str = ""
    Title: str | None = None
    StartLine: int = 0


@dataclass(slots=True, kw_only=True)
class _License:
    Name: str
    Severity: str = ""
    Category: str | None = None
    PkgName: str | None = None
    FilePath: str | None = None


@dataclass(slots=True, kw_only=True)
class _Modified:
    Status: str | None = None


@dataclass(slots=True, kw_only=True)
class _Result:
    Target: str = ""
    Type: str | None = None
    Vulnerabilities: list[_Vulnerability] | None = None
    Misconfigurations: list[_Misconfiguration] | None = None
    Secrets: list[_Secret] | None = None
    Licenses: list[_License] | None = None
    ExperimentalModifiedFindings: list[_Modified] | None = None


@dataclass(slots=True, kw_only=True)
class _Resource:
    Kind: str | None = None
    Name: str | None = None
    Namespace: str | None = None
    Results: list[_Result] | None = None
    Error: str | None = None


@dataclass(slots=True, kw_only=True)
class _Tool:
    Version: str | None = None


@dataclass(slots=True, kw_only=True)
class _Report:
    SchemaVersion: int | None = None
    CreatedAt: str | None = None
    Results: list[_Result] | None = None
    Trivy: _Tool = field(default_factory=_Tool)
    ClusterName: str | None = None
    Resources: list[_Resource] | None = None
    Findings: list[_Resource] | None = None
    Vulnerabilities: list[_Resource] | None = None
    Misconfigurations: list[_Resource] | None = None


def _is_trivy(start: bytes) -> bool:
    if start.lstrip().startswith(b"["):
        return b'"Target"' in start and (b'"Vulnerabilities"' in start or b'"Type"' in start)
    return b'"SchemaVersion"' in start or (b'"ClusterName"' in start and b'"Kind"' in start)


@importer(
    "trivy",
    title="Trivy's JSON on images, folders, configuration and clusters",
    facts={
        **RISK_FACTS,
        "vulnerabilities": "open vulnerabilities of packages",
        "misconfigurations": "checks of configuration that failed",
        "secrets": "secrets in files",
        "licenses": "licences that it was asked to judge",
        "suppressed": "findings that Trivy was told to ignore, or that do not affect",
        "targets": "files, images and package lists that were looked at",
    },
    recognises=_is_trivy,
    good=b'{"SchemaVersion": 2, "ArtifactName": "app", "Results": [{"Target": "package-lock.json", '
    b'"Class": "lang-pkgs", "Type": "npm"}]}',
    bad=b'{"SchemaVersion": 2, "ArtifactName": "app", "Results": [{"Target": "package-lock.json", "Class": }]}',
)
def trivy(data: bytes) -> Report:
    """One finding for each entry; checks that passed are none. A report without results looked at nothing.

    The bare list that versions before 0.20 wrote is read too.
    """
    report = _decoded(data)
    resources = _resources(report)
    results = [(resource, result) for resource in resources for result in resource.Results or ()]
    by_sort = [
        [found for resource, result in results for found in read(resource, result)]
        for read in (_vulnerabilities, _misconfigurations, _secrets, _licenses)
    ]
    findings = [found for sort in by_sort for found in sort]
    ignored = sum(len(result.ExperimentalModifiedFindings or ()) for _, result in results)
    return Report(
        producer=Producer(name=TOOL, version=report.Trivy.Version or ""),
        population=len(results),
        facts={
            **risk_facts(findings),
            **{name: sum(map(is_open, sort)) for name, sort in zip(_SORTS, by_sort, strict=True)},
            "suppressed": ignored + sum(not is_open(each) for each in findings),
            "targets": len(results),
        },
        findings=tuple(findings),
        time=instant_in(report.CreatedAt),
        error=next((f"Trivy says: {each.Error[:500]}" for each in resources if each.Error), None),
    )


def _decoded(data: bytes) -> _Report:
    content = data.removeprefix(b"\xef\xbb\xbf")
    refuse_near_misses(content, _LISTS)
    if content.lstrip().startswith(b"["):
        return _Report(SchemaVersion=1, Results=encoding.decode(content, list[_Result], what="Trivy's list"))
    report = encoding.decode(content, _Report, what="Trivy's JSON")
    if report.ClusterName is None and report.SchemaVersion != 2:  # noqa: PLR2004 - the one version there is
        raise UnreadableProblem(f"has Trivy's schema {report.SchemaVersion}; 2 is read")
    return report


def _resources(report: _Report) -> list[_Resource]:
    """What was scanned: one thing, or each resource of a cluster, which older versions listed once for each sort."""
    listed = (report.Resources, report.Findings, report.Vulnerabilities, report.Misconfigurations)
    return [_Resource(Results=report.Results), *(each for several in listed for each in several or ())]


def _vulnerabilities(resource: _Resource, result: _Result) -> Iterator[Finding]:
    for each in result.Vulnerabilities or ():
        version = each.InstalledVersion or ""
        package = canonical_purl(each.PkgIdentifier.PURL or "") or purl(result.Type or "", each.PkgName, version)
        yield exposed(
            rule=each.VulnerabilityID,
            word=each.Severity,
            place=_place(resource, each.PkgPath or result.Target),
            text=f"{each.PkgName} {version}: {each.Title or each.Description or each.VulnerabilityID}",
            remedy=f"Update {each.PkgName} to {each.FixedVersion}." if each.FixedVersion else "",
            tool=TOOL,
            fingerprint=each.Fingerprint or "",
            aliases=aliases_in(each.VulnerabilityID, *(each.VendorIDs or ())),
            package=package,
            fixed_in=each.FixedVersion or "",
            cvss=_score(each),
            state=_STATES.get(each.Status or "", State.OPEN),
        )


def _misconfigurations(resource: _Resource, result: _Result) -> Iterator[Finding]:
    for each in result.Misconfigurations or ():
        if each.Status not in _PASSED:
            yield exposed(
                rule=each.ID,
                word=each.Severity,
                place=_place(resource, result.Target, each.CauseMetadata.StartLine),
                text=f"{each.Title or each.ID}: {each.Message}" if each.Message else each.Title or each.ID,
                remedy=each.Resolution or "",
                tool=TOOL,
            )


def _secrets(resource: _Resource, result: _Result) -> Iterator[Finding]:
    """Neither the match nor the lines around it: they may hold the secret."""
    for each in result.Secrets or ():
        yield exposed(
            rule=each.RuleID,
            word=each.Severity,
            place=_place(resource, result.Target, each.StartLine),
            text=f"a secret: {each.Title or each.RuleID}",
            remedy="Revoke it, then take it out.",
            tool=TOOL,
        )


def _licenses(resource: _Resource, result: _Result) -> Iterator[Finding]:
    for each in result.Licenses or ():
        subject = each.PkgName or each.FilePath or result.Target
        yield exposed(
            rule=f"license/{each.Name}",
            word=each.Severity,
            place=_place(resource, each.FilePath or result.Target),
            text=f"{subject} is under {each.Name} ({each.Category or 'of no category'})",
            tool=TOOL,
        )


def _place(resource: _Resource, file: str, line: int = 0) -> Place:
    """In a cluster, the resource stands before the target, which names no resource by itself."""
    named = "/".join(filter(None, (resource.Namespace, resource.Kind, resource.Name)))
    return Place(f"{named}: {file}" if named else file, max(line, 0))


def _score(vulnerability: _Vulnerability) -> float | None:
    """The score of the source whose severity Trivy took; else the National Vulnerability Database's, else any."""
    scores = vulnerability.CVSS or {}
    ranked = sorted(scores, key=lambda source: (source != vulnerability.SeveritySource, source != "nvd", source))
    for source in ranked:
        for score in (scores[source].V40Score, scores[source].V3Score, scores[source].V2Score):
            if score is not None:
                return score
    return None
