"""SARIF 2.1.0: the findings of static analysers and scanners (OASIS standard)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from hardpoint.assurance.reports.exposures import RISK_FACTS, aliases_in, risk_facts, risk_scored
from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Exposure, Finding, Risk, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem

MAX_MESSAGE = 500
MAX_SCORE = 10.0
_COMMIT_LENGTHS = (40, 64)
_Level = Literal["error", "warning", "note", "none"]
_LEVELS: Mapping[_Level, Severity] = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "note": Severity.NOTE,
    "none": Severity.NOTE,
}
_RISKS: Mapping[_Level, Risk] = {"error": Risk.HIGH, "warning": Risk.MEDIUM, "note": Risk.LOW, "none": Risk.INFO}
_TRACKED = ("primaryLocationLineHash", "matchBasedId/v1")
_FINGERPRINT = re.compile(r"[\w:./+=-]{6,200}")
"""What is no text for people: some tools write who made the commit there, or that one must log in to see it."""
_NO_FINDING = frozenset({"pass", "notApplicable", "informational"})
"""Values of `result.kind` that report no problem (section 3.27.9)."""


@dataclass(slots=True, kw_only=True)
class _Message:
    text: str | None = None
    markdown: str | None = None
    id: str | None = None


@dataclass(slots=True, kw_only=True)
class _Artifact:
    uri: str | None = None
    index: int = -1


@dataclass(slots=True, kw_only=True)
class _Listed:
    location: _Artifact = field(default_factory=_Artifact)


@dataclass(slots=True, kw_only=True)
class _Region:
    startLine: int = 0  # noqa: N815 - the names here and below are SARIF's
    startColumn: int = 0  # noqa: N815


@dataclass(slots=True, kw_only=True)
class _Physical:
    artifactLocation: _Artifact = field(default_factory=_Artifact)  # noqa: N815
    region: _Region = field(default_factory=_Region)


@dataclass(slots=True, kw_only=True)
class _Location:
    physicalLocation: _Physical = field(default_factory=_Physical)  # noqa: N815


@dataclass(slots=True, kw_only=True)
class _Component:
    index: int = -1


@dataclass(slots=True, kw_only=True)
class _RuleReference:
    id: str | None = None
    index: int = -1
    toolComponent: _Component = field(default_factory=_Component)  # noqa: N815


@dataclass(slots=True, kw_only=True)
class _Suppression:
    status: str = "accepted"


@dataclass(slots=True, kw_only=True)
class _Result:
    message: _Message
    ruleId: str | None = None  # noqa: N815
    ruleIndex: int = -1  # noqa: N815
    rule: _RuleReference = field(default_factory=_RuleReference)
    level: _Level | None = None
    kind: str = "fail"
    locations: list[_Location] = field(default_factory=list)
    suppressions: list[_Suppression] | None = None
    baselineState: str | None = None  # noqa: N815
    fingerprints: dict[str, str] | None = None
    partialFingerprints: dict[str, str] | None = None  # noqa: N815


@dataclass(slots=True, kw_only=True)
class _Configuration:
    level: _Level | None = None


@dataclass(kw_only=True)
class _Rule:
    id: str
    defaultConfiguration: _Configuration = field(default_factory=_Configuration)  # noqa: N815
    messageStrings: dict[str, _Message] = field(default_factory=dict)  # noqa: N815
    properties: dict[str, object] | None = None

    @cached_property
    def exposure(self) -> Exposure | None:
        """One of security, if the rule has a `security-severity` (GitHub's bands) or is named after a vulnerability."""
        score = _score((self.properties or {}).get("security-severity"))
        aliases = aliases_in(self.id)
        if score is None and not aliases:
            return None
        risk = risk_scored(score) if score is not None else _RISKS[self.defaultConfiguration.level or "warning"]
        return Exposure(risk=risk, aliases=aliases, cvss=score)


@dataclass(slots=True, kw_only=True)
class _Driver:
    name: str
    version: str | None = None
    semanticVersion: str | None = None  # noqa: N815
    rules: list[_Rule] = field(default_factory=list)


@dataclass(kw_only=True)
class _Tool:
    driver: _Driver
    extensions: list[_Driver] = field(default_factory=list)

    @cached_property
    def by_id(self) -> Mapping[str, _Rule]:
        """Every rule by its id; of several, the driver's, and the first."""
        components = (self.driver, *self.extensions)
        return {rule.id: rule for each in reversed(components) for rule in reversed(each.rules)}


@dataclass(slots=True, kw_only=True)
class _Invocation:
    executionSuccessful: bool  # noqa: N815
    endTimeUtc: str | None = None  # noqa: N815
    startTimeUtc: str | None = None  # noqa: N815
    exitCodeDescription: str | None = None  # noqa: N815


@dataclass(slots=True, kw_only=True)
class _Revision:
    revisionId: str | None = None  # noqa: N815


@dataclass(slots=True, kw_only=True)
class _Run:
    tool: _Tool
    results: list[encoding.Unread] | None = None
    artifacts: list[_Listed] = field(default_factory=list)
    invocations: list[_Invocation] = field(default_factory=list)
    versionControlProvenance: list[_Revision] = field(default_factory=list)  # noqa: N815


@dataclass(slots=True, kw_only=True)
class _Log:
    version: str
    runs: list[_Run]


@importer(
    "sarif",
    title="SARIF 2.1.0 results of static analysis",
    facts={
        "results": "findings that are not suppressed",
        "errors": "those of level error",
        "warnings": "those of level warning",
        "notes": "those of level note or none",
        "suppressed": "findings that the tool was told to accept",
        "runs": "runs of tools in the report",
        **{name: f"{meaning}, as their rules rate it" for name, meaning in RISK_FACTS.items() if name != "findings"},
        "unrated": "those whose rule states no risk (no `security-severity`)",
    },
    recognises=lambda start: b'"runs"' in start or (b"sarif" in start.lower() and b'"version"' in start),
    good=b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": []}]}',
    bad=b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": [}]}',
)
def sarif(data: bytes) -> Report:
    """One finding for each result; a run without `results` did not look (section 3.14.23), which is an error."""
    log = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Log, what="The SARIF log")
    if not log.version.startswith("2.1"):
        raise UnreadableProblem(f"is SARIF {log.version}; 2.1.0 is read", remedy="Most tools can write 2.1.0.")
    looked = [run for run in log.runs if run.results is not None]
    findings, suppressed = [], 0
    for run, result in _results(log):
        suppressed += _is_suppressed(result)
        if _is_open(result):
            findings.append(_finding(run, result))
    levels = [finding.severity for finding in findings]
    drivers = {run.tool.driver.name: run.tool.driver for run in log.runs}
    return Report(
        producer=Producer(
            name=", ".join(drivers) or "unknown",
            version=", ".join(each.version or each.semanticVersion or "" for each in drivers.values()).strip(", "),
        ),
        population=len(looked),
        facts={
            "results": len(findings),
            "errors": levels.count(Severity.ERROR),
            "warnings": levels.count(Severity.WARNING),
            "notes": levels.count(Severity.NOTE),
            "suppressed": suppressed,
            "runs": len(looked),
            **{name: count for name, count in risk_facts(findings).items() if name != "findings"},
            "unrated": sum(each.exposure is None for each in findings),
        },
        findings=tuple(findings),
        commit=_commit(log),
        time=min(_times(log), default=None),
        error=_failed(log),
    )


_read_result = encoding.reader(_Result, what="A result of the SARIF log")


def _results(log: _Log) -> Iterator[tuple[_Run, _Result]]:
    """Every result with its run; one at a time, because as objects they take several times the room of the log."""
    for at, run in enumerate(log.runs):
        for number, unread in enumerate(run.results or ()):
            try:
                result = _read_result(unread)
            except UnreadableProblem as problem:
                raise UnreadableProblem(f"{problem.sentence} (in `$.runs[{at}].results[{number}]`)") from problem
            yield run, result


def _is_suppressed(result: _Result) -> bool:
    """Suppressed if there are suppressions and none is under review or rejected (section 3.27.23)."""
    return bool(result.suppressions) and all(each.status == "accepted" for each in result.suppressions or ())


def _is_open(result: _Result) -> bool:
    absent = result.baselineState == "absent"
    return result.kind not in _NO_FINDING and not absent and not _is_suppressed(result)


def _finding(run: _Run, result: _Result) -> Finding:
    rule = _rule(run, result)
    level: _Level = result.level or (rule.defaultConfiguration.level if rule else None) or "warning"
    return Finding(
        rule=result.ruleId or result.rule.id or (rule.id if rule else "unnamed"),
        severity=_LEVELS[level],
        place=_place(run, result),
        text=_text(result, rule).strip().partition("\n")[0][:MAX_MESSAGE],
        tool=run.tool.driver.name,
        fingerprint=_fingerprint(result),
        exposure=rule.exposure if rule else None,
    )


def _fingerprint(result: _Result) -> str:
    """What stays the same when lines move (sections 3.27.17 and 3.27.18): a hash, whole or of a part."""
    if not result.fingerprints and not result.partialFingerprints:
        return ""
    partial = result.partialFingerprints or {}
    candidates = [*(result.fingerprints or {}).values(), *(partial[name] for name in _TRACKED if name in partial)]
    if not candidates:
        candidates = [value for name, value in sorted(partial.items()) if "hash" in name.lower() or "/v" in name]
    return next(filter(_FINGERPRINT.fullmatch, candidates), "")


def _score(written: object) -> float | None:
    """A `security-severity`: a number, or as GitHub asks for it, a text with one."""
    try:
        score = float(written) if isinstance(written, (str, int, float)) else -1.0
    except (ValueError, OverflowError):
        return None
    return score if 0 <= score <= MAX_SCORE else None


def _rule(run: _Run, result: _Result) -> _Rule | None:
    """The rule by its index in the component that defines it, an extension (CodeQL) or the driver; else by its id."""
    tool, named, component = run.tool, result.ruleId or result.rule.id, result.rule.toolComponent.index
    rules = tool.extensions[component].rules if 0 <= component < len(tool.extensions) else tool.driver.rules
    index = result.rule.index if result.rule.index >= 0 else result.ruleIndex
    if 0 <= index < len(rules):
        return rules[index]
    return tool.by_id.get(named) if named else None


def _text(result: _Result, rule: _Rule | None) -> str:
    message = result.message
    if message.text is None and message.id is not None and rule is not None:
        message = rule.messageStrings.get(message.id, message)
    return message.text or message.markdown or ""


def _place(run: _Run, result: _Result) -> Place:
    if not result.locations:
        return Place("")
    physical = result.locations[0].physicalLocation
    uri = physical.artifactLocation.uri
    index = physical.artifactLocation.index
    if uri is None and 0 <= index < len(run.artifacts):
        uri = run.artifacts[index].location.uri
    return Place(uri or "", max(physical.region.startLine, 0), max(physical.region.startColumn, 0))


def _failed(log: _Log) -> str | None:
    for run in log.runs:
        for invocation in run.invocations:
            if not invocation.executionSuccessful:
                why = (invocation.exitCodeDescription or "it gives no reason")[:MAX_MESSAGE]
                return f"{run.tool.driver.name} says that it failed: {why}"
        if run.results is None:
            return f"{run.tool.driver.name} gives no results, which says that it did not look"
    return None


def _commit(log: _Log) -> str | None:
    """The commit that was scanned, if every run that names one names the same full id."""
    named = {each.revisionId for run in log.runs for each in run.versionControlProvenance if each.revisionId}
    (commit, *others) = sorted(named) or [""]
    return commit if not others and len(commit) in _COMMIT_LENGTHS else None


def _times(log: _Log) -> Iterator[str]:
    for run in log.runs:
        for invocation in run.invocations:
            try:
                yield format_instant(parse_instant(invocation.endTimeUtc or invocation.startTimeUtc or ""))
            except UsageProblem:
                continue
