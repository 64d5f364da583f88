"""Lint: mistakes in gates and waivers that show before anything is judged."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from hardpoint.kernel.check import KIND as CHECK
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.identity.model import TRUST
from hardpoint.kernel.importer import Importer
from hardpoint.kernel.ownership.model import SERVICES
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.ruleset import NEWEST, RULESET
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.kernel.waiver import LONGEST_OF_BLOCKING, WAIVERS, WARNED_BEFORE, Waiver
from hardpoint.kernel.workspace import Workspace
from hardpoint.programme.findings.case import FACTS as FINDINGS_FACTS
from hardpoint.programme.gates.demands import ARTIFACT, ATTESTATION, COMMAND, PROBE
from hardpoint.programme.gates.expression import ANY, mistake_in, type_of
from hardpoint.programme.gates.model import (
    GATES,
    AttestationCriterion,
    CheckCriterion,
    Criterion,
    ExpressionCriterion,
    FindingsCriterion,
    MetricCriterion,
    ReportCriterion,
    SignoffCriterion,
)

RULE = "GATE"
OWN_KINDS = frozenset({CHECK, ARTIFACT, ATTESTATION, COMMAND, PROBE})
"""The kinds of evidence that no importer reads: Hardpoint makes them itself."""
Facts = Mapping[str, Mapping[str, str]]
"""The facts that each kind of report has, and the type of each in an expression."""


def facts_of(importer: Importer) -> Mapping[str, str]:
    """The facts of a kind of report, with the types that they have in its example."""
    known = importer.read(importer.good).facts
    return {fact: type_of(known[fact]) if fact in known else ANY for fact in importer.facts}


def lint_gates(workspace: Workspace, rules: Collection[str], facts: Facts) -> Iterator[Finding]:
    """What is wrong with each criterion, at its place in the manifest."""
    for at, gate in enumerate(workspace.manifest[GATES]):
        for number, criterion in enumerate(gate.criteria):
            place = workspace.manifest.place(GATES.key, at, "criteria", number)
            for severity, text, remedy in _of_criterion(criterion, workspace, rules, facts):
                yield Finding(
                    rule=RULE,
                    severity=severity,
                    place=place,
                    text=f"{gate.name}/{criterion.id}: {text}",
                    remedy=remedy,
                )


def lint_ruleset(workspace: Workspace, rules: Collection[Rule[Any]]) -> Iterator[Finding]:
    """Whether a ruleset is pinned, and what the newest one has that the pin leaves out."""
    place, number = workspace.manifest.place(RULESET.key), workspace.manifest[RULESET]
    newer = sorted(rule.id for rule in rules if number is not None and rule.since > number)
    if number is None:
        text = "no ruleset is pinned: a new release of Hardpoint may judge by rules that this one does not have"
        yield Finding(rule=RULE, severity=Severity.NOTE, place=place, text=text, remedy=f"Write `ruleset: {NEWEST}`")
    elif newer:
        text = f"ruleset {number} is pinned, so that {', '.join(newer)} do not judge"
        remedy = f"Look what they find (hardpoint check --rule {newer[0]}), then write `ruleset: {NEWEST}`"
        yield Finding(rule=RULE, severity=Severity.NOTE, place=place, text=text, remedy=remedy)


def lint_waivers(workspace: Workspace, now: datetime) -> Iterator[Finding]:
    """What is wrong with each waiver: it has ended, is about to, is too long, is about nothing, or names nobody."""
    known = {f"{gate.name}/{each.id}": each for gate in workspace.manifest[GATES] for each in gate.criteria}
    people = {each.holder for each in workspace.manifest[TRUST].keys}
    for at, waiver in enumerate(workspace.manifest[WAIVERS]):
        place = workspace.manifest.place(WAIVERS.key, at)
        found = [*what_time_says(waiver, now), *_of_length(waiver, known, now), *_of_names(waiver, known, people)]
        for severity, text, remedy in found:
            yield Finding(rule=RULE, severity=severity, place=place, text=f"{waiver.id}: {text}", remedy=remedy)


Said = tuple[Severity, str, str]


def _of_criterion(criterion: Criterion, workspace: Workspace, rules: Collection[str], facts: Facts) -> Iterator[Said]:
    services = workspace.manifest[SERVICES]
    if not criterion.owner and not (services and all(service.owner for service in services)):
        yield Severity.WARNING, "nobody owns it", "Say with `owner:` who answers for it"
    if isinstance(criterion, CheckCriterion):
        yield from _of_rules(criterion, rules)
    elif isinstance(criterion, ReportCriterion):
        yield from _of_report(criterion.report, criterion.require, facts)
    elif isinstance(criterion, MetricCriterion):
        yield from _of_report(criterion.report, (criterion.fact,), facts)
    elif isinstance(criterion, ExpressionCriterion):
        yield from _of_expression(criterion, facts)
    elif isinstance(criterion, FindingsCriterion):
        yield from _of_findings(criterion, facts)
    elif isinstance(criterion, AttestationCriterion) and "signature" not in criterion.require:
        text = "a statement that nobody signed would do"
        yield Severity.WARNING, text, "Ask for `require: {signature: == verified}`: by a key of `trust.keys`"
    elif isinstance(criterion, SignoffCriterion):
        yield from _of_signoff(criterion, workspace)


def _of_rules(criterion: CheckCriterion, rules: Collection[str]) -> Iterator[Said]:
    for rule in criterion.rules:
        if rule not in rules:
            text = f"there is no rule {rule}{did_you_mean(rule, sorted(rules))}"
            yield Severity.ERROR, text, "`hardpoint check` lists the rules that there are"


def _of_expression(criterion: ExpressionCriterion, facts: Facts) -> Iterator[Said]:
    for kind in criterion.reports.values():
        yield from _of_report(kind, (), facts)
    if all(kind in facts for kind in criterion.reports.values()):
        mistake = mistake_in(criterion.expression, {name: facts[kind] for name, kind in criterion.reports.items()})
        if mistake:
            yield Severity.ERROR, mistake, "Correct the expression"


def _of_findings(criterion: FindingsCriterion, facts: Facts) -> Iterator[Said]:
    for kind in criterion.reports:
        yield from _of_report(kind, (), facts)
    for fact in criterion.require:
        if fact not in FINDINGS_FACTS:
            text = f"findings have no fact {fact}{did_you_mean(fact, sorted(FINDINGS_FACTS))}"
            yield Severity.ERROR, text, f"They have {', '.join(sorted(FINDINGS_FACTS))}"
    if criterion.max_age is None:
        yield Severity.WARNING, "a scan of any age would do", "Say with `max_age:` how old a scan may be"


def _of_signoff(criterion: SignoffCriterion, workspace: Workspace) -> Iterator[Said]:
    holders = {each.name: each.holders for each in workspace.manifest[TRUST].functions}
    able = len(holders.get(criterion.function, ()))
    if able < criterion.count:
        text = f"{criterion.count} must sign as {criterion.function}, and {able} can"
        yield Severity.ERROR, text, "Name its holders under `trust.functions`"


def _of_report(kind: str, named: Collection[str], facts: Facts) -> Iterator[Said]:
    if kind in OWN_KINDS:
        return
    if kind not in facts:
        text = f"there is no kind of report {kind}{did_you_mean(kind, sorted(facts))}"
        yield Severity.ERROR, text, f"The kinds are {', '.join(sorted(facts))}"
        return
    for fact in named:
        if facts[kind] and fact not in facts[kind] and "." not in fact:
            text = f"{kind} has no fact {fact}{did_you_mean(fact, sorted(facts[kind]))}"
            yield Severity.ERROR, text, f"It has {', '.join(sorted(facts[kind]))}"


def what_time_says(waiver: Waiver, now: datetime) -> Iterator[Said]:
    """That a waiver has ended or is about to, the louder the nearer; of broken glass, that it is broken at all."""
    left = waiver.expires - now
    end = format_instant(waiver.expires)
    if left.total_seconds() <= 0:
        what = "the emergency is over, and what was broken is to be restored" if waiver.break_glass else "it is over"
        severity = Severity.ERROR if waiver.break_glass else Severity.WARNING
        yield severity, f"it ended at {end}: {what}", "Repair what it covered, and take it out"
        return
    if now < waiver.created:
        return
    if waiver.break_glass:
        yield Severity.ERROR, f"the glass is broken until {end}", "Restore what it covers, and take it out"
    due = [each for each in WARNED_BEFORE if left <= each]
    if due and not waiver.break_glass:
        severity = Severity.NOTE if len(due) == 1 else Severity.WARNING
        yield severity, f"it ends in {_spoken(left)}, at {end}", "Repair what it covers before that"


def _of_length(waiver: Waiver, known: Mapping[str, Criterion], now: datetime) -> Iterator[Said]:
    criterion = known.get(waiver.criterion or "")
    if criterion is not None and criterion.blocks_at(now) and waiver.expires - waiver.created > LONGEST_OF_BLOCKING:
        days = LONGEST_OF_BLOCKING.days
        text = f"it is longer than {days} days, the most for a blocking criterion, and does not count"
        yield Severity.ERROR, text, f"Let it end at most {days} days after `created`, and have it approved anew"


def _of_names(waiver: Waiver, known: Mapping[str, Criterion], people: Collection[str]) -> Iterator[Said]:
    if waiver.criterion is not None and waiver.criterion not in known:
        text = f"there is no criterion {waiver.criterion}{did_you_mean(waiver.criterion, sorted(known))}"
        yield Severity.ERROR, text, "Take it out: it covers nothing"
    for approver in waiver.approvers:
        if approver not in people:
            text = f"{approver} approves and holds no key{did_you_mean(approver, sorted(people))}"
            yield Severity.ERROR, text, "Add the key under `trust.keys`; until then the waiver does not count"


def _spoken(left: timedelta) -> str:
    if left >= timedelta(days=2):
        return f"{left.days} days"
    hours = left // timedelta(hours=1)
    return f"{hours} hours" if hours != 1 else "1 hour"
