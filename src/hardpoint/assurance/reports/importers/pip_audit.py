"""JSON of pip-audit: known vulnerabilities of Python packages (`--format json`)."""

from dataclasses import dataclass, field

from hardpoint.assurance.reports.exposures import RISK_FACTS, aliases_in, exposed, purl, risk_facts
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "pip-audit"


@dataclass(slots=True, kw_only=True)
class _Vulnerability:
    id: str
    fix_versions: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    description: str | None = None


@dataclass(slots=True, kw_only=True)
class _Dependency:
    name: str
    version: str | None = None
    vulns: list[_Vulnerability] | None = None
    skip_reason: str | None = None


@dataclass(slots=True, kw_only=True)
class _Report:
    dependencies: list[_Dependency]


def _is_pip_audit(start: bytes) -> bool:
    looked_up = b'"vulns"' in start or b'"skip_reason"' in start
    listed = start.lstrip().startswith(b"[") or b'"dependencies"' in start
    return looked_up and listed and b'"vulnerabilities"' not in start  # where a package may be called vulns


@importer(
    "pip-audit",
    title="pip-audit's JSON on Python packages",
    facts={
        **RISK_FACTS,
        "packages": "packages that were looked up",
        "skipped": "packages that could not be looked up",
        "vulnerable": "packages with a finding",
    },
    recognises=_is_pip_audit,
    good=b'{"dependencies": [{"name": "flask", "version": "3.0.0", "vulns": []}], "fixes": []}',
    bad=b'{"dependencies": [{"name": "flask", "version": "3.0.0", "vulns": [}], "fixes": []}',
    made_by="pip-audit 2.10.1",
)
def pip_audit(data: bytes) -> Report:
    """One finding for each vulnerability of a package. pip-audit rates none, so all are medium, and their text says so.

    The bare list that versions before 2.4 wrote is read too.
    """
    content = data.removeprefix(b"\xef\xbb\xbf")
    if content.lstrip().startswith(b"["):
        dependencies = encoding.decode(content, list[_Dependency], what="pip-audit's list")
    else:
        dependencies = encoding.decode(content, _Report, what="pip-audit's JSON").dependencies
    for each in dependencies:
        if each.vulns is None and each.skip_reason is None:
            raise UnreadableProblem(f"says neither what was found in {each.name!r} nor why it was skipped")
    looked_up = [each for each in dependencies if each.vulns is not None and each.skip_reason is None]
    findings = [_finding(each, found) for each in dependencies for found in each.vulns or ()]
    return Report(
        producer=Producer(name=TOOL),
        population=len(looked_up),
        facts={
            **risk_facts(findings),
            "packages": len(looked_up),
            "skipped": len(dependencies) - len(looked_up),
            "vulnerable": sum(bool(each.vulns) for each in dependencies),
        },
        findings=tuple(findings),
    )


def _finding(dependency: _Dependency, found: _Vulnerability) -> Finding:
    version = dependency.version or ""
    fixed_in = found.fix_versions[0] if found.fix_versions else ""
    return exposed(
        rule=found.id,
        word="",
        place=Place(""),
        text=f"{dependency.name} {version}: {found.description or found.id}",
        remedy=f"Update {dependency.name} to {' or '.join(found.fix_versions)}." if fixed_in else "",
        tool=TOOL,
        aliases=aliases_in(found.id, *found.aliases),
        package=purl("pypi", dependency.name, version),
        fixed_in=fixed_in,
    )
