"""What must hold before something is released: the `gates` section of the manifest."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from typing import Annotated, Literal

from annotated_types import Ge, Le, MinLen

from hardpoint.kernel.clock import Instant
from hardpoint.kernel.declarations import By, Section, declared
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.evidence import Assurance
from hardpoint.kernel.ruleset import RULESET as RULESET  # noqa: PLC0414 - declared with the gates, read by every check
from hardpoint.kernel.waiver import WAIVERS as WAIVERS  # noqa: PLC0414 - declared with the gates, read by findings too
from hardpoint.programme.gates.condition import Condition

MAX_WITNESSES = 99
MAX_SIGNATURES = 20
VERBS = frozenset({"badge", "explain", "health", "history", "lint", "metrics", "sign"})
"""What follows `gate` on the command line and is no gate's name."""
Name = Annotated[str, MinLen(1)]
Names = Annotated[tuple[Name, ...], MinLen(1)]
RECORDS = frozenset({"pager-coverage", "penetration-test", "restore-drill", "slo-dashboard"})
"""The kinds of report that no tool writes, but people (docs/reference/records.md)."""
OWN_REPORTS: Mapping[str, str] = {
    "contract-coverage": "contract coverage",
    "contract-deprecations": "contract deprecations",
    "contract-lint": "contract lint SPEC",
    "contract-traffic": "contract traffic SPEC RECORDING",
    "contract-verification": "contract verify PACT --provider URL",
    "contract-window": "contract window",
}
"""The kinds of report that Hardpoint records itself, and the verb that does."""
Weight = Literal["blocking", "advisory"]
How = Literal["now", "in CI", "people"]
"""How evidence is got: by a command that can be run here, by a pipeline that runs a tool, or from people."""
Conditions = Annotated[Mapping[str, Condition], MinLen(1)]


@declared
class _Criterion:
    id: Name
    """Names the criterion in every report; stable."""
    severity: Weight = "blocking"
    """An advisory criterion is shown, and does not decide."""
    max_age: Duration | None = None
    """How old the evidence may be, counted from the time inside it."""
    assurance: Assurance = Assurance.DECLARED
    """How its evidence must have come about, at the least: declared, ran or ci."""
    environment: Name | None = None
    """Judge what is so in this environment, whatever the commit; without it, evidence must be of the commit."""
    enforce_from: Instant | None = None
    """Before this instant the criterion is advisory."""
    owner: str = ""
    """Who answers for it; the owner of the service if left out."""

    def blocks_at(self, at: datetime) -> bool:
        """Whether it decides at an instant."""
        return self.severity == "blocking" and (self.enforce_from is None or at >= self.enforce_from)

    @property
    def how(self) -> How:
        """How its evidence is got."""
        return "in CI"


@declared
class CheckCriterion(_Criterion):
    """Rules of `hardpoint check` that must have looked at something and found nothing."""

    kind: Literal["check"]
    rules: Names
    """Ids of rules, such as DOC001."""
    allow_baseline: bool = False
    """Let findings pass that the baseline knows (`hardpoint baseline`); new ones still fail."""

    @property
    def how(self) -> How:
        return "now"


@declared
class ReportCriterion(_Criterion):
    """Facts of another tool's report that must meet their conditions."""

    kind: Literal["report"]
    report: Name
    """The kind of report, such as junit or sarif."""
    name: Name = "*"
    """Which reports of that kind, by their file or `--name`; `*` stands for any text."""
    require: Conditions
    """A condition for each fact: `failures: 0`, `tests: ">= 1"`."""

    @property
    def how(self) -> How:
        return "people" if self.report in RECORDS else "in CI"


@declared
class MetricCriterion(_Criterion):
    """One measured fact that must meet its condition, and be no worse than it was at the base."""

    kind: Literal["metric"]
    report: Name
    """The kind of report that measures it, such as cobertura or k6."""
    name: Name = "*"
    """Which reports of that kind; `*` stands for any text."""
    fact: Name
    """The fact, such as line_percent or p95_ms."""
    require: Condition | None = None
    """What it must be: `">= 98"`."""
    better: Literal["higher", "lower"] | None = None
    """Compare it with the base, and say which way it gets better."""
    tolerance: Annotated[float, Ge(0)] = 0.0
    """By how much it may be worse than at the base, in its own unit."""

    def __post_init__(self) -> None:
        if self.require is None and self.better is None:
            raise ValueError("a metric needs `require`, `better` or both")
        if self.better is not None and self.environment is not None:
            raise ValueError("what is so in an environment has no base to compare it with")

    @property
    def how(self) -> How:
        return "people" if self.report in RECORDS else "in CI"


@declared
class ArtifactCriterion(_Criterion):
    """A built file that must be known by its digest, and by one digest only (`hardpoint evidence artifact`)."""

    kind: Literal["artifact"]
    artifact: Name
    """The name that it was recorded by; `*` stands for any text."""


@declared
class AttestationCriterion(_Criterion):
    """Another tool's in-toto statement about the commit, such as its build's provenance."""

    kind: Literal["attestation"]
    predicate: Name
    """The type of its predicate, such as https://slsa.dev/provenance/v1."""
    require: Mapping[str, Condition] = field(default_factory=dict)
    """A condition for each of its facts."""


@declared
class SignoffCriterion(_Criterion):
    """People who must have seen exactly this evidence and said yes (`hardpoint gate sign`)."""

    kind: Literal["signoff"]
    function: Name
    """In which capacity, as `trust.functions` names it."""
    count: Annotated[int, Ge(1), Le(MAX_SIGNATURES)] = 1
    """How many different people."""

    @property
    def how(self) -> How:
        return "people"


@declared
class CommandCriterion(_Criterion):
    """A command that must have ended well (`hardpoint evidence run`)."""

    kind: Literal["command"]
    command: Name
    """The name that it was run by."""
    run: tuple[Name, ...] = ()
    """The words that it must have run; without them any command of that name will do, and the verdict shows it."""

    @property
    def how(self) -> How:
        return "now"


@declared
class UrlCriterion(_Criterion):
    """What an address must answer with (`hardpoint evidence probe`)."""

    kind: Literal["url"]
    url: Name
    """The address that was probed."""
    require: Mapping[str, Condition] = field(default_factory=dict)
    """A condition for each fact; by default no header may fail."""

    @property
    def how(self) -> How:
        return "now"


@declared
class FindingsCriterion(_Criterion):
    """What may be open of the problems that tools report, each counted once, and whose time has not run out."""

    kind: Literal["findings"]
    reports: Names
    """The kinds of report that must be there, such as trivy and bandit: without them nothing is known."""
    require: Conditions = field(
        default_factory=lambda: {"critical": Condition("==", 0), "high_overdue": Condition("==", 0)}
    )
    """A condition for each fact: `critical: 0`, `high_overdue: 0`, `accepted: "<= 3"`."""


@declared
class ExpressionCriterion(_Criterion):
    """What conditions cannot say: an expression in CEL over the facts of several reports, which must be true."""

    kind: Literal["expression"]
    reports: Annotated[Mapping[Name, Name], MinLen(1)]
    """A name in the expression for each kind of report: `{unit: junit, load: k6}`."""
    expression: Name
    """Such as `unit.failures == 0 && load.p95_ms < 500.0`."""

    def __post_init__(self) -> None:
        for name in self.reports:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise ValueError(f"{name!r} cannot be a name in an expression; write it as `unit` or `load_test`")

    @property
    def how(self) -> How:
        return "people" if RECORDS.intersection(self.reports.values()) else "in CI"


Criterion = Annotated[
    CheckCriterion
    | ReportCriterion
    | MetricCriterion
    | ArtifactCriterion
    | AttestationCriterion
    | SignoffCriterion
    | CommandCriterion
    | UrlCriterion
    | FindingsCriterion
    | ExpressionCriterion,
    By("kind"),
]


@declared
class Gate:
    """A named set of criteria; one of them that fails is NO-GO, whatever the others say."""

    name: Name
    """What `hardpoint gate NAME` calls it."""
    criteria: Annotated[tuple[Criterion, ...], MinLen(1)]
    """What must hold."""
    witnesses: Annotated[int, Ge(0), Le(MAX_WITNESSES)] = 0
    """How many of `trust.witnesses` must have co-signed a checkpoint over all that the verdict rests on."""
    default: bool = False
    """Whether `hardpoint gate` without a name takes its exit code from this gate."""

    def __post_init__(self) -> None:
        if self.name in VERBS:
            raise ValueError(f"{self.name!r} is a verb of `hardpoint gate`, and no name for a gate")


def deciding(gates: Sequence[Gate]) -> list[str]:
    """The names of those gates that decide together: those that say so, or all where none does."""
    return [each.name for each in gates if each.default] or [each.name for each in gates]


@declared
class ProgrammeRule:
    """A rule that a team gave itself, bound to what proves it or to who looks after it."""

    id: Name
    """Names the rule; stable."""
    rule: Name
    """What it says, in a sentence."""
    checks: tuple[Name, ...] = ()
    """What proves it: ids of rules, such as CI001, or criteria, as GATE/CRITERION."""
    reviewer: str = ""
    """Or who looks whether it is kept."""
    every: Duration | None = None
    """How often, at least."""
    reviewed: date | None = None
    """When last, as in 2026-03-31."""


@declared
class GateTargets:
    """How healthy gates and builds are to be (`hardpoint gate health`); it is told, and decides nothing."""

    success_rate_percent: Condition | None = None
    """How many of a gate's verdicts are to be GO: `">= 95"`."""
    median_build_minutes: Condition | None = None
    """How long a build may take: `"<= 10"`."""
    build: Name = "build"
    """The name that builds are recorded by (`hardpoint evidence run NAME`)."""
    window: Duration = Duration(30 * 86_400)
    """How far back verdicts and builds are counted."""
    minimum: Annotated[int, Ge(1)] = 5
    """Of fewer than these nothing is concluded."""


GATE_TARGETS: Section[GateTargets] = Section("gate_targets", GateTargets, GateTargets())
GATES: Section[tuple[Gate, ...]] = Section("gates", tuple[Gate, ...], ())
PROGRAMME_RULES: Section[tuple[ProgrammeRule, ...]] = Section("programme_rules", tuple[ProgrammeRule, ...], ())
