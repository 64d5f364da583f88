"""JSON lines of `yarn audit` (Yarn 1) and `yarn npm audit` (Yarn 4): known vulnerabilities of JavaScript packages."""

import re
from dataclasses import dataclass, field
from typing import TypeVar

from hardpoint.assurance.reports.exposures import RISK_FACTS, aliases_in, exposed, purl, risk_facts
from hardpoint.assurance.reports.node_advisories import Advisory, findings_of
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "yarn-audit"
T = TypeVar("T")
_CLASSIC = re.compile(
    rb'\s*\{\s*"type"\s*:\s*"(auditAdvisory|auditAction|auditSummary|error|warning|info)"\s*,\s*"data"\s*:'
)
_MODERN = re.compile(rb'\s*\{\s*"value"\s*:\s*"[^"]+"\s*,\s*"children"\s*:\s*\{\s*"ID"')


@dataclass(slots=True, kw_only=True)
class _Advised:
    advisory: Advisory


@dataclass(slots=True, kw_only=True)
class _Summary:
    vulnerabilities: dict[str, int] = field(default_factory=dict)
    totalDependencies: int = 0  # noqa: N815 - Yarn's name


@dataclass(slots=True, kw_only=True)
class _Line:
    type: str | None = None
    data: object = None
    value: str | None = None
    children: dict[str, object] | None = None


@importer(
    "yarn-audit",
    title="Yarn's audit on JavaScript packages, as lines of JSON",
    facts={
        **RISK_FACTS,
        "packages": "packages that were looked up",
    },
    recognises=lambda start: bool(_CLASSIC.match(start) or _MODERN.match(start)),
    good=b'{"type": "auditSummary", "data": {"vulnerabilities": {"info": 0, "high": 0}, "totalDependencies": 3}}\n',
    bad=b'{"type": "auditAdvisory", "data": {"advisory": {"module_name": "x", "severity": "high"}}}\n',
)
def yarn_audit(data: bytes) -> Report:
    """One finding for each advisory of a package. Without the summary at its end, an audit of Yarn 1 was cut off.

    Yarn 4 writes a line for each finding and no end: of a package, one for each advisory or deprecation. Where it finds
    nothing it writes nothing, which is no report.
    """
    text = data.removeprefix(b"\xef\xbb\xbf")
    read = encoding.reader(_Line, what="A line of Yarn's audit")
    lines = [read(line) for line in text.splitlines() if line.strip()]
    if any(line.type is not None for line in lines):
        return _classic(lines)
    findings = [_modern(line) for line in lines]
    return _report(findings, 0)


def _report(findings: list[Finding], packages: int, error: str | None = None) -> Report:
    named = len({each.exposure.package for each in findings if each.exposure})
    return Report(
        producer=Producer(name=TOOL),
        population=max(packages, named),
        facts={**risk_facts(findings), "packages": max(packages, named)},
        findings=tuple(findings),
        error=error,
    )


def _classic(lines: list[_Line]) -> Report:
    advised = [_as(line, _Advised).advisory for line in lines if line.type == "auditAdvisory"]
    errors = [str(line.data) for line in lines if line.type == "error"]
    summaries = [_as(line, _Summary) for line in lines if line.type == "auditSummary"]
    if not summaries and not errors:
        raise UnreadableProblem("has no summary, so it was cut off", place=Place("", len(lines)))
    if not advised and any(count > 0 for each in summaries for count in each.vulnerabilities.values()):
        raise UnreadableProblem("has no advisory, though its summary counts some", place=Place("", len(lines)))
    findings = findings_of(advised, tool=TOOL)
    packages = sum(max(each.totalDependencies, 0) for each in summaries)
    return _report(findings, packages, error=f"the audit failed: {errors[0][:500]}" if errors else None)


def _as(line: _Line, shape: type[T]) -> T:
    return encoding.convert(line.data, shape, what=f"A line of type {line.type!r}")


def _modern(line: _Line) -> Finding:
    if line.value is None or line.children is None:
        raise UnreadableProblem("has a line of another sort than Yarn's")
    told = {name: each for name, each in line.children.items() if isinstance(each, (str, int))}
    installed = line.children.get("Tree Versions")
    version = str(installed[0]) if isinstance(installed, list) and installed else ""
    url, number = str(told.get("URL", "")), str(told.get("ID", ""))
    names = aliases_in(url)
    return exposed(
        rule=names[0] if names else number,
        word=str(told.get("Severity", "")),
        place=Place(""),
        text=f"{line.value} {version}: {told.get('Issue', number)}",
        tool=TOOL,
        aliases=names,
        package=purl("npm", line.value, version),
    )
