"""Snyk's JSON: vulnerabilities and licences of open source packages and containers (`snyk test --json`)."""

from collections.abc import Iterator
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
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "snyk"
_MARKS = (
    b'"semver"',
    b'"CVSSv3"',
    b'"alternativeIds"',
    b'"packageManager"',
    b'"dependencyCount"',
    b'"licensesPolicy"',
    b'"disclosureTime"',
)
"""Names of which one stands early in whatever a version of Snyk puts first."""
_OF_SYSTEMS = ("pkg:deb/", "pkg:rpm/", "pkg:apk/")


@dataclass(slots=True, kw_only=True)
class _Issue:
    id: str
    title: str
    severity: str = ""
    name: str | None = None
    packageName: str | None = None  # noqa: N815 - the names here and below are Snyk's
    version: str | None = None
    packageManager: str | None = None  # noqa: N815
    cvssScore: float | None = None  # noqa: N815
    from_: list[str] = field(default_factory=list)
    identifiers: dict[str, list[str | int] | None] | None = None
    alternativeIds: list[str] | None = None  # noqa: N815
    fixedIn: list[str] | None = None  # noqa: N815
    nearestFixedInVersion: str | None = None  # noqa: N815
    type: str | None = None


@dataclass(slots=True, kw_only=True)
class _Filtered:
    ignore: list[dict[str, object]] | None = None


@dataclass(slots=True, kw_only=True)
class _Project:
    vulnerabilities: list[dict[str, object]] | None = None
    ok: bool = False
    error: str | None = None
    path: str | None = None
    dependencyCount: int | None = None  # noqa: N815
    packageManager: str | None = None  # noqa: N815
    displayTargetFile: str | None = None  # noqa: N815
    targetFile: str | None = None  # noqa: N815
    filtered: _Filtered | None = None
    applications: list["_Project"] | None = None


def _is_snyk(start: bytes) -> bool:
    if b'"bomFormat"' in start or b'"auditReportVersion"' in start:  # where a package may be called semver
        return False
    found = b'"vulnerabilities"' in start and any(mark in start for mark in _MARKS)
    return found or (b'"ok"' in start and b'"error"' in start and b'"path"' in start)


@importer(
    "snyk",
    title="Snyk's JSON on open source packages and containers",
    facts={
        **RISK_FACTS,
        "licenses": "licence issues among them",
        "ignored": "issues that Snyk was told to ignore",
        "packages": "packages that were looked up",
        "projects": "projects in the report",
    },
    recognises=_is_snyk,
    good=b'{"vulnerabilities": [], "ok": true, "dependencyCount": 12, "packageManager": "npm", "path": "/src"}',
    bad=b'{"vulnerabilities": [, "ok": true, "dependencyCount": 12, "packageManager": "npm", "path": "/src"}',
)
def snyk(data: bytes) -> Report:
    """One finding for each issue on each of its paths, as Snyk lists them; of one project, or a list of them.

    A project that could not be tested is an error. Snyk Code writes SARIF.
    """
    projects = list(_projects(data.removeprefix(b"\xef\xbb\xbf")))
    for each in projects:
        if each.error is None and each.vulnerabilities is None:
            raise UnreadableProblem(f"has a project without `vulnerabilities` ({each.path or 'it names no path'})")
    issues = [(project, _issue(each)) for project in projects for each in project.vulnerabilities or ()]
    findings = [_finding(project, issue) for project, issue in issues]
    tested = [each for each in projects if each.error is None]
    packages = sum(max(each.dependencyCount if each.dependencyCount is not None else 1, 0) for each in tested)
    return Report(
        producer=Producer(name=TOOL),
        population=packages,
        facts={
            **risk_facts(findings),
            "licenses": sum(issue.type == "license" for _, issue in issues),
            "ignored": sum(len(each.filtered.ignore or ()) for each in projects if each.filtered),
            "packages": packages,
            "projects": len(projects),
        },
        findings=tuple(findings),
        error=next((f"Snyk could not test {each.path}: {each.error[:500]}" for each in projects if each.error), None),
    )


def _projects(data: bytes) -> Iterator[_Project]:
    refuse_near_misses(data, ("applications",))
    if data.lstrip().startswith(b"["):
        listed = encoding.decode(data, list[_Project], what="Snyk's list")
    else:
        listed = [encoding.decode(data, _Project, what="Snyk's JSON")]
    for each in listed:
        yield each
        yield from each.applications or ()


def _issue(given: dict[str, object]) -> _Issue:
    """`from` is a word of Python's own."""
    renamed = {"from_" if key == "from" else key: value for key, value in given.items()}
    return encoding.convert(renamed, _Issue, what="An issue")


def _finding(project: _Project, issue: _Issue) -> Finding:
    name = issue.packageName or issue.name or ""
    version = issue.version or ""
    fixed_in = issue.nearestFixedInVersion or next(iter(issue.fixedIn or ()), "")
    names = (str(name) for several in (issue.identifiers or {}).values() for name in several or ())
    return exposed(
        rule=issue.id,
        word=issue.severity,
        place=Place(project.displayTargetFile or project.targetFile or ""),
        text=f"{name} {version}: {issue.title} (by {' > '.join(issue.from_[:12])})",
        remedy=f"Update {name} to {fixed_in}." if fixed_in else "",
        tool=TOOL,
        aliases=aliases_in(issue.id, *names, *(issue.alternativeIds or ())),
        package=_package(issue.packageManager or project.packageManager or "", name, version),
        fixed_in=fixed_in,
        cvss=issue.cvssScore,
    )


def _package(manager: str, name: str, version: str) -> str:
    """In a container a package is named `source/binary`; what is installed is the binary."""
    installed = purl(manager, name.rpartition("/")[2], version)
    return installed if installed.startswith(_OF_SYSTEMS) else purl(manager, name, version)
