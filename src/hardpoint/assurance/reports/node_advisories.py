"""Advisories as npm 6, pnpm and Yarn write them: one for each vulnerability of a package."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from hardpoint.assurance.reports.exposures import aliases_in, exposed, purl
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.place import Place

_VERSION = re.compile(r">=\s*([0-9][^\s|<>=]*)")


@dataclass(slots=True, kw_only=True)
class _Installed:
    version: str = ""
    paths: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Score:
    score: float | None = None


@dataclass(slots=True, kw_only=True)
class Advisory:
    """What the registry says of a vulnerability, and the versions of the package that are there."""

    module_name: str
    id: int | str = ""
    title: str | None = None
    severity: str = ""
    url: str | None = None
    github_advisory_id: str | None = None
    cves: list[str] | None = None
    cvss: _Score | None = None
    findings: list[_Installed] = field(default_factory=list)
    patched_versions: str | None = None
    recommendation: str | None = None


def findings_of(advisories: Iterable[Advisory], *, tool: str) -> list[Finding]:
    """One finding for each advisory of a package, however many ways lead to it."""
    first = {(str(each.id), each.module_name): each for each in advisories}
    return [_finding(each, tool) for each in first.values()]


def _finding(advisory: Advisory, tool: str) -> Finding:
    versions = list(dict.fromkeys(each.version for each in advisory.findings if each.version))
    patched = _VERSION.search(advisory.patched_versions or "")
    names = aliases_in(advisory.github_advisory_id, advisory.url, *(advisory.cves or ()))
    advised = next((name for name in names if name.startswith("GHSA")), "") or str(advisory.id)
    return exposed(
        rule=advised,
        word=advisory.severity,
        place=Place(next((path for each in advisory.findings for path in each.paths), "")),
        text=f"{advisory.module_name} {', '.join(versions)}: {advisory.title or advised}",
        remedy=advisory.recommendation or "",
        tool=tool,
        aliases=names,
        package=purl("npm", advisory.module_name, versions[0] if versions else ""),
        fixed_in=patched[1] if patched else "",
        cvss=advisory.cvss.score or None if advisory.cvss else None,
    )
