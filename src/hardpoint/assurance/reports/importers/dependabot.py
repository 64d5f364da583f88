"""Dependabot's alerts as GitHub's API lists them (`gh api --paginate repos/OWNER/REPO/dependabot/alerts`)."""

import re
from dataclasses import dataclass, field

from hardpoint.assurance.reports.exposures import RISK_FACTS, aliases_in, exposed, is_open, purl, risk_facts
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, State
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "dependabot"
_NOT_THERE = frozenset({"inaccurate", "not_used"})
"""Reasons for a dismissal that deny the exposure; the others (`tolerable_risk`, `no_bandwidth`) admit it."""
_PAGES = re.compile(rb"\s*\[\s*\[")


@dataclass(slots=True, kw_only=True)
class _Package:
    ecosystem: str = ""
    name: str = ""


@dataclass(slots=True, kw_only=True)
class _Dependency:
    package: _Package
    manifest_path: str = ""


@dataclass(slots=True, kw_only=True)
class _Score:
    score: float | None = None


@dataclass(slots=True, kw_only=True)
class _Advisory:
    ghsa_id: str
    cve_id: str | None = None
    summary: str = ""
    severity: str = ""
    cvss: _Score | None = None


@dataclass(slots=True, kw_only=True)
class _Version:
    identifier: str = ""


@dataclass(slots=True, kw_only=True)
class _Vulnerability:
    severity: str = ""
    first_patched_version: _Version | None = None


@dataclass(slots=True, kw_only=True)
class _Alert:
    number: int
    state: str
    dependency: _Dependency
    security_advisory: _Advisory
    security_vulnerability: _Vulnerability = field(default_factory=_Vulnerability)
    dismissed_reason: str | None = None
    auto_dismissed_at: str | None = None


def _is_dependabot(start: bytes) -> bool:
    begun = start.lstrip().startswith(b"[")
    return begun and b'"dependency"' in start and (b'"manifest_path"' in start or b'"security_advisory"' in start)


@importer(
    "dependabot",
    title="Dependabot's alerts of a repository",
    facts={
        **RISK_FACTS,
        "alerts": "alerts in the report",
        "suppressed": "alerts that are fixed, or dismissed as inaccurate or not used",
        "dismissed": "alerts that somebody or a rule dismissed, for whatever reason",
    },
    recognises=_is_dependabot,
    good=b'[{"number": 1, "state": "fixed", "dependency": {"package": {"ecosystem": "npm", "name": "lodash"}, '
    b'"manifest_path": "package-lock.json"}, "security_advisory": {"ghsa_id": "GHSA-jf85-cpcp-j695", "severity": '
    b'"critical", "summary": "Prototype pollution"}}]',
    bad=b'[{"number": 1, "state": "fixed", "dependency": {"manifest_path": "package-lock.json"}}, ]',
)
def dependabot(data: bytes) -> Report:
    """One finding for each alert. A risk that was only tolerated at GitHub is open here, where acceptances end.

    No alert at all (`[]`) is no report, for it does not say that Dependabot is on.
    """
    content = data.removeprefix(b"\xef\xbb\xbf")
    what = "The list of alerts"
    if _PAGES.match(content):  # of `--slurp`
        alerts = [each for page in encoding.decode(content, list[list[_Alert]], what=what) for each in page]
    else:
        alerts = encoding.decode(content, list[_Alert], what=what)
    findings = [_finding(each) for each in alerts]
    return Report(
        producer=Producer(name=TOOL),
        population=len(alerts),
        facts={
            **risk_facts(findings),
            "alerts": len(alerts),
            "suppressed": sum(not is_open(each) for each in findings),
            "dismissed": sum(each.state in {"dismissed", "auto_dismissed"} for each in alerts),
        },
        findings=tuple(findings),
    )


def _finding(alert: _Alert) -> Finding:
    package, advisory, vulnerability = alert.dependency.package, alert.security_advisory, alert.security_vulnerability
    patched = vulnerability.first_patched_version
    fixed_in = patched.identifier if patched else ""
    return exposed(
        rule=advisory.ghsa_id,
        word=vulnerability.severity or advisory.severity,
        place=Place(alert.dependency.manifest_path),
        text=f"{package.name}: {advisory.summary or advisory.ghsa_id}",
        remedy=f"Update {package.name} to {fixed_in}." if fixed_in else "",
        tool=TOOL,
        fingerprint=f"{TOOL}/{alert.number}",
        aliases=aliases_in(advisory.ghsa_id, advisory.cve_id),
        package=purl(package.ecosystem, package.name),
        fixed_in=fixed_in,
        cvss=advisory.cvss.score or None if advisory.cvss else None,
        state=_state(alert),
    )


def _state(alert: _Alert) -> State:
    if alert.state == "fixed":
        return State.FIXED
    denied = alert.state == "dismissed" and alert.dismissed_reason in _NOT_THERE
    return State.NOT_AFFECTED if denied else State.OPEN
