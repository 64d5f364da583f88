"""JSON of dependency-cruiser: imports of JavaScript and TypeScript that break its rules (`--output-type json`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "dependency-cruiser"
MAX_WAY = 12
_Level = Literal["error", "warn", "info", "ignore"]
_LEVELS: Mapping[_Level, Severity] = {"error": Severity.ERROR, "warn": Severity.WARNING, "info": Severity.NOTE}
_BEGINS = re.compile(rb'\s*\{\s*"modules"\s*:\s*\[')
_ITS_OWN = (b'"source"', b'"dependencies"', b'"totalCruised"', b'"violations"')


@dataclass(slots=True, kw_only=True)
class _Rule:
    name: str
    severity: _Level


@dataclass(slots=True, kw_only=True)
class _Step:
    name: str


@dataclass(slots=True, kw_only=True)
class _Violation:
    from_: str
    to: str
    rule: _Rule
    cycle: list[_Step] = field(default_factory=list)
    via: list[_Step] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Summary:
    violations: list[dict[str, object]]
    error: int
    warn: int
    info: int
    totalCruised: int  # noqa: N815 - the names here and below are dependency-cruiser's
    totalDependenciesCruised: int = 0  # noqa: N815
    ignore: int = 0


@dataclass(slots=True, kw_only=True)
class _Cruise:
    summary: _Summary


@importer(
    "dependency-cruiser",
    title="dependency-cruiser's JSON on imports of JavaScript and TypeScript",
    facts={
        "modules": "modules that were looked at",
        "dependencies": "imports between them",
        "violations": "broken rules that are not ignored",
        "errors": "those of severity error",
        "warnings": "those of severity warn",
        "notes": "those of severity info",
        "ignored": "those that the tool was told to ignore",
    },
    recognises=lambda start: bool(_BEGINS.match(start)) and any(name in start for name in _ITS_OWN),
    good=b'{"modules": [{"source": "a.js", "dependencies": []}], "summary": {"violations": [], "error": 0, "warn": 0, '
    b'"info": 0, "totalCruised": 1, "totalDependenciesCruised": 0}}',
    bad=b'{"modules": [{"source": "a.js", "dependencies": []}], "summary": {"violations": [}}',
    made_by="dependency-cruiser 17.4.3",
)
def dependency_cruiser(data: bytes) -> Report:
    """One finding for each violation; where the summary counts more of a severity, that counts."""
    summary = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Cruise, what="dependency-cruiser's JSON").summary
    if min(summary.error, summary.warn, summary.info, summary.ignore, summary.totalCruised) < 0:
        raise UnreadableProblem("counts less than nothing (`$.summary`)")
    violations = [_violation(each) for each in summary.violations]
    open_ = [each for each in violations if each.rule.severity != "ignore"]
    errors, warnings, notes = (
        max(sum(each.rule.severity == level for each in open_), stated)
        for level, stated in (("error", summary.error), ("warn", summary.warn), ("info", summary.info))
    )
    return Report(
        producer=Producer(name=TOOL),
        population=summary.totalCruised,
        facts={
            "modules": summary.totalCruised,
            "dependencies": summary.totalDependenciesCruised,
            "violations": errors + warnings + notes,
            "errors": errors,
            "warnings": warnings,
            "notes": notes,
            "ignored": max(len(violations) - len(open_), summary.ignore),
        },
        findings=tuple(_finding(each) for each in open_),
    )


def _violation(given: dict[str, object]) -> _Violation:
    """`from` is a word of Python's own."""
    renamed = {"from_" if key == "from" else key: value for key, value in given.items()}
    return encoding.convert(renamed, _Violation, what="A violation")


def _finding(violation: _Violation) -> Finding:
    way = [violation.from_, *(step.name for step in violation.cycle or violation.via)]
    shown = way if len(way) > 1 else dict.fromkeys([violation.from_, violation.to])
    return Finding(
        rule=violation.rule.name,
        severity=_LEVELS[violation.rule.severity],
        place=Place(violation.from_),
        text=" -> ".join(list(shown)[:MAX_WAY]),
        tool=TOOL,
    )
