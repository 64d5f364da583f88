"""Running rules over a workspace: what each looked at, what it found, and what kept it from a result."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import hardpoint
from hardpoint.kernel.baseline import Baseline, read_baseline
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.declarations import DeclarationProblem
from hardpoint.kernel.evidence import Assurance, Evidence, Fact, Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.problem import Problem
from hardpoint.kernel.progress import Progress, quiet, track
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.ruleset import pinned
from hardpoint.kernel.suppression import Suppressed, split_suppressed
from hardpoint.kernel.workspace import Workspace

KIND = "check"
BASE = "baseline.base"
"""The fact that says at which commit the known findings had to be known too; without it the tree alone says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRun:
    """One rule over one workspace: how many subjects it examined, and why it came to no result.

    `findings` are those that stand, `new` those of them that the baseline does not know and `known` the others,
    `suppressed` those that a comment beside them allows.
    """

    rule: str
    examined: int
    findings: tuple[Finding, ...]
    new: tuple[Finding, ...] = ()
    known: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    error: str | None = None


def run_rules(
    workspace: Workspace, rules: Iterable[Rule[Any]], progress: Progress = quiet, *, base: Workspace | None = None
) -> tuple[RuleRun, ...]:
    """Run every rule; one that fails is an error of its own, and the others still run.

    With a base only those findings are known that its baseline knows too: a change does not forgive itself. Raises
    UnreadableProblem for a baseline that cannot be read.
    """
    known = workspace.derive(read_baseline)
    if base is not None:
        known = known.shared(base.derive(read_baseline))
    return tuple(_run(workspace, rule, known, progress) for rule in rules)


def worst_first(runs: Sequence[RuleRun]) -> list[Finding]:
    """Every finding, the worst severity first, then by place and rule."""
    found = [finding for run in runs for finding in run.findings]
    by_place = sorted(found, key=lambda finding: (finding.place, finding.rule, finding.text))
    return sorted(by_place, key=lambda finding: finding.severity, reverse=True)


def at_least(findings: Iterable[Finding], threshold: Severity) -> list[Finding]:
    """Those that are as severe as the threshold or worse."""
    return [finding for finding in findings if finding.severity >= threshold]


def evidence_of(
    runs: Sequence[RuleRun],
    workspace: Workspace,
    service: str,
    at: datetime,
    assurance: Assurance = Assurance.RAN,
    *,
    base: Workspace | None = None,
) -> Evidence:
    """A check as evidence.

    For each rule the facts `ID.examined`, `ID.findings`, `ID.new` (without those that the baseline knows),
    `ID.suppressed` where there are any, and `ID.error` where it failed; the ruleset, and with a base, its commit.

    Rules take their time: a tree that was changed meanwhile, or moved to another commit, is dirty.
    """
    facts: dict[str, Fact] = {"ruleset": pinned(workspace, base)}
    if base is not None and base.commit:
        facts[BASE] = base.commit
    for run in runs:
        facts[f"{run.rule}.examined"] = run.examined
        facts[f"{run.rule}.findings"] = len(run.findings)
        facts[f"{run.rule}.new"] = len(run.new)
        if run.suppressed:
            facts[f"{run.rule}.suppressed"] = len(run.suppressed)
        if run.error is not None:
            facts[f"{run.rule}.error"] = run.error
    return Evidence(
        kind=KIND,
        name=KIND,
        service=service,
        producer=Producer(name="hardpoint", version=hardpoint.__version__),
        population=sum(run.examined for run in runs),
        facts=facts,
        findings=tuple(worst_first(runs)),
        commit=workspace.commit,
        dirty=workspace.dirty or not workspace.is_as_opened(),
        time=format_instant(at),
        assurance=assurance,
    )


def _run(workspace: Workspace, rule: Rule[Any], known: Baseline, progress: Progress) -> RuleRun:
    try:
        subjects = list(rule.over(workspace))
        found = [
            finding
            for subject in track(subjects, f"{rule.id} {rule.title}", progress)
            for finding in rule.judge(subject, workspace)
        ]
    except DeclarationProblem:  # the caller's to correct, each mistake at its place: no result of a rule
        raise
    except Problem as problem:
        return RuleRun(rule=rule.id, examined=0, findings=(), error=str(problem))
    findings, suppressed = split_suppressed(found, workspace)
    new, old = known.split(findings)
    return RuleRun(
        rule=rule.id,
        examined=len(subjects),
        findings=tuple(findings),
        new=tuple(new),
        known=tuple(old),
        suppressed=tuple(suppressed),
    )
