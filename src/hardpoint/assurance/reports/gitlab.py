"""GitLab's security reports: what those of all analysers have in common (security-report-schemas 14 and 15)."""

import re
from dataclasses import dataclass, field

from hardpoint.assurance.reports.exposures import RISK_FACTS, aliases_in, exposed, instant_in, purl, risk_facts
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import Report
from hardpoint.kernel.place import Place

GITLAB_FACTS = {**RISK_FACTS, "packages": "packages that the report names, those without a finding too"}


@dataclass(slots=True, kw_only=True)
class _Named:
    name: str = ""


@dataclass(slots=True, kw_only=True)
class _Dependency:
    package: _Named = field(default_factory=_Named)
    version: str | None = None


@dataclass(slots=True, kw_only=True)
class _Location:
    file: str | None = None
    image: str | None = None
    operating_system: str | None = None
    dependency: _Dependency | None = None


@dataclass(slots=True, kw_only=True)
class _Identifier:
    type: str = ""
    name: str = ""
    value: str | int = ""


@dataclass(slots=True, kw_only=True)
class _Vulnerability:
    id: str | None = None
    cve: str | None = None
    category: str | None = None
    name: str | None = None
    message: str | None = None
    description: str | None = None
    severity: str = ""
    solution: str | None = None
    location: _Location = field(default_factory=_Location)
    identifiers: list[_Identifier] | None = None


@dataclass(slots=True, kw_only=True)
class _DependencyFile:
    path: str = ""
    package_manager: str = ""
    dependencies: list[_Dependency] | None = None


@dataclass(slots=True, kw_only=True)
class _Scanner:
    name: str = ""
    version: str = ""


@dataclass(slots=True, kw_only=True)
class _Said:
    level: str = ""
    value: str = ""


@dataclass(slots=True, kw_only=True)
class _Scan:
    type: str | None = None
    status: str | None = None
    end_time: str | None = None
    scanner: _Scanner = field(default_factory=_Scanner)
    messages: list[_Said] | None = None


@dataclass(slots=True, kw_only=True)
class _Report:
    vulnerabilities: list[_Vulnerability]
    scan: _Scan | None = None
    dependency_files: list[_DependencyFile] | None = None


def looks_like(start: bytes, scan_type: str, *places: bytes) -> bool:
    """Whether a file begins as a report of this type: it says so, or its findings have these patterns in their places.

    From schema 15 on the type stands only in `scan`, which may come after thousands of findings.
    """
    if not start.lstrip().startswith(b"{") or not (b'"vulnerabilities"' in start or b'"scan"' in start):
        return False
    by_place = places and all(re.search(name, start) for name in (rb'"identifiers"', rb'"location"', *places))
    return bool(by_place) or f'"{scan_type}"'.encode() in start


def read_gitlab(data: bytes, kind: str) -> Report:
    """One finding for each id in a package; a scan that says that it failed is an error.

    Raises UnreadableProblem.
    """
    report = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Report, what="GitLab's report")
    scan = report.scan or _Scan()
    managers = {each.path: each.package_manager for each in report.dependency_files or ()}
    first: dict[object, _Vulnerability] = {}
    for at, each in enumerate(report.vulnerabilities):
        first.setdefault((each.id or each.cve or at, _subject(each.location)), each)
    findings = [_finding(each, managers, kind) for each in first.values()]
    listed = sum(len(each.dependencies or ()) for each in report.dependency_files or ())
    named = {each.exposure.package or each.place for each in findings if each.exposure}
    packages = max(listed, len(named))
    return Report(
        producer=Producer(name=scan.scanner.name or kind, version=scan.scanner.version),
        population=max(packages, int(scan.status == "success")),
        facts={**risk_facts(findings), "packages": packages},
        findings=tuple(findings),
        time=instant_in(scan.end_time),
        error=_failed(scan),
    )


def _failed(scan: _Scan) -> str | None:
    if scan.status in {None, "success"}:
        return None
    why = next((each.value for each in scan.messages or () if each.level in {"fatal", "error"}), "it gives no reason")
    return f"the scan ended with {scan.status!r}: {why[:500]}"


def _finding(found: _Vulnerability, managers: dict[str, str], kind: str) -> Finding:
    location = found.location
    dependency = location.dependency or _Dependency()
    name, version = dependency.package.name, dependency.version or ""
    ids = found.identifiers or []
    names = [str(each.value) for each in ids] + [each.name for each in ids]
    first = next((str(each.value) or each.name for each in ids), "")
    subject = f"{name} {version}: " if name else ""
    return exposed(
        rule=first or found.id or found.cve or "",
        word=found.severity,
        place=Place(location.file or location.image or ""),
        text=subject + (found.name or found.message or found.description or first),
        remedy=found.solution or "",
        tool=kind,
        fingerprint=found.id or found.cve or "",
        aliases=aliases_in(*names),
        package=_package(location, managers, name, version),
    )


def _subject(location: _Location) -> tuple[str | None, ...]:
    """Some analysers give a vulnerability the same id in several packages."""
    dependency = location.dependency or _Dependency()
    return dependency.package.name, dependency.version, location.file, location.image


def _package(location: _Location, managers: dict[str, str], name: str, version: str) -> str:
    """Of an image by its distribution (`debian 12`, `alpine:3.18`), of a lock file by its package manager."""
    system = (location.operating_system or "").replace(":", " ").split(" ")[0]
    manager = managers.get(location.file or "") or _MANAGERS.get((location.file or "").rpartition("/")[2], "")
    return purl(manager if location.file else system, name, version)


_MANAGERS = {
    **dict.fromkeys(("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "package.json"), "npm"),
    **dict.fromkeys(("requirements.txt", "Pipfile.lock", "poetry.lock", "uv.lock", "setup.py"), "pip"),
    **dict.fromkeys(("go.sum", "go.mod"), "go"),
    **dict.fromkeys(("pom.xml", "build.gradle", "build.gradle.kts", "build.sbt", "gradle.lockfile"), "maven"),
    **dict.fromkeys(("Gemfile.lock", "gems.locked"), "bundler"),
    "composer.lock": "composer",
    "packages.lock.json": "nuget",
    "Cargo.lock": "cargo",
    "conan.lock": "conan",
}
"""Schema 15 lists the package managers no longer, so the file's name says."""
