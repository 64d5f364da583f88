"""JSON of `npm audit` and `pnpm audit`: known vulnerabilities of JavaScript packages."""

from dataclasses import dataclass, field

from hardpoint.assurance.reports.exposures import RISK_FACTS, aliases_in, exposed, purl, risk_facts
from hardpoint.assurance.reports.node_advisories import Advisory, findings_of
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "npm-audit"


@dataclass(slots=True, kw_only=True)
class _Score:
    score: float | None = None


@dataclass(slots=True, kw_only=True)
class _Cause:
    """An advisory, where a package is vulnerable by itself."""

    title: str | None = None
    url: str | None = None
    severity: str | None = None
    cvss: _Score | None = None


@dataclass(slots=True, kw_only=True)
class _Update:
    name: str
    version: str


@dataclass(slots=True, kw_only=True)
class _Package:
    name: str
    severity: str
    via: list[_Cause | str]
    range: str | None = None
    nodes: list[str] = field(default_factory=list)
    fixAvailable: _Update | bool = False  # noqa: N815 - npm's name


@dataclass(slots=True, kw_only=True)
class _Counted:
    total: int = 0


@dataclass(slots=True, kw_only=True)
class _Metadata:
    dependencies: _Counted | int = 0
    totalDependencies: int = 0  # noqa: N815


@dataclass(slots=True, kw_only=True)
class _Audit:
    auditReportVersion: int | None = None  # noqa: N815
    vulnerabilities: dict[str, _Package] | None = None
    advisories: dict[str, Advisory] | None = None
    metadata: _Metadata | None = None
    error: dict[str, object] | str | None = None
    message: str | None = None
    audit: "_Audit | None" = None


def _is_npm_audit(start: bytes) -> bool:
    if not start.lstrip().startswith(b"{"):
        return False
    of_six = (b'"advisories"' in start or b'"actions"' in start) and (
        any(mark in start for mark in (b'"module_name"', b'"muted"', b'"resolves"', b'"findings"'))
    )
    failed = b'"error"' in start and ((b'"code"' in start and b'"summary"' in start) or b'"statusCode"' in start)
    return b'"auditReportVersion"' in start or of_six or failed


@importer(
    "npm-audit",
    title="npm's and pnpm's audit on JavaScript packages",
    facts={
        **RISK_FACTS,
        "packages": "packages that were looked up",
    },
    recognises=_is_npm_audit,
    good=b'{"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {"vulnerabilities": {"total": 0}, '
    b'"dependencies": {"prod": 3, "total": 3}}}',
    bad=b'{"auditReportVersion": 2, "vulnerabilities": {, "metadata": {"dependencies": {"total": 3}}}',
    made_by="npm 11.19.1 and pnpm 9.15.9",
)
def npm_audit(data: bytes) -> Report:
    """From npm 7, one finding for each vulnerable package, as npm counts them; before, and of pnpm, for each advisory.

    A package with several advisories has no aliases, because it is fixed only when all of them are. The answer of a
    registry that gave no advisories is an error.
    """
    audit = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Audit, what="npm's audit")
    audit = audit.audit or audit
    failed = _failed(audit)
    if failed is None and audit.vulnerabilities is None and audit.advisories is None:
        raise UnreadableProblem("has neither `vulnerabilities` nor `advisories`, so it says nothing")
    findings = [_finding(each) for each in (audit.vulnerabilities or {}).values()]
    findings += findings_of((audit.advisories or {}).values(), tool=TOOL)
    packages = _looked_up(audit.metadata)
    return Report(
        producer=Producer(name=TOOL),
        population=max(packages, len({each.exposure.package for each in findings if each.exposure})),
        facts={**risk_facts(findings), "packages": packages},
        findings=tuple(findings),
        error=failed,
    )


def _failed(audit: _Audit) -> str | None:
    if audit.error is None:
        return None
    error = {"summary": audit.error} if isinstance(audit.error, str) else audit.error
    said = str(error.get("summary") or error.get("code") or "")
    return f"the audit failed: {(said or audit.message or 'it gives no reason')[:500]}"


def _looked_up(metadata: _Metadata | None) -> int:
    if metadata is None:
        return 0
    counted = metadata.dependencies.total if isinstance(metadata.dependencies, _Counted) else metadata.dependencies
    return max(counted, metadata.totalDependencies, 0)


def _finding(package: _Package) -> Finding:
    causes = {each.url or each.title: each for each in package.via if isinstance(each, _Cause)}
    names = [(aliases_in(each.url) or (each.url or each.title or "",))[0] for each in causes.values()]
    through = ", ".join(each for each in package.via if isinstance(each, str))
    (only, *others) = causes.values() or [None]
    said = "; ".join(each.title or "" for each in causes.values()) or f"it needs vulnerable versions of {through}"
    update = package.fixAvailable if isinstance(package.fixAvailable, _Update) else None
    scores = [each.cvss.score for each in causes.values() if each.cvss and each.cvss.score]
    return exposed(
        rule=" ".join(sorted(names)) or "vulnerable-dependency",
        word=package.severity,
        place=Place(package.nodes[0] if package.nodes else ""),
        text=f"{package.name} {package.range or ''}: {said}",
        remedy=f"Update {update.name} to {update.version}." if update else "",
        tool=TOOL,
        aliases=aliases_in(only.url) if only is not None and not others else (),
        package=purl("npm", package.name),
        fixed_in=update.version if update and update.name == package.name else "",
        cvss=max(scores, default=None),
    )
