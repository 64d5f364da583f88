"""`hardpoint gate lint` and `hardpoint waiver list`: what is wrong with gates and waivers before they judge."""

from collections.abc import Sequence
from dataclasses import dataclass

import click

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.importer import Importer, OwnReport
from hardpoint.kernel.problem import Exit
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.waiver import WAIVERS, Waiver
from hardpoint.programme.findings.case import Case, Standing
from hardpoint.programme.gates.expression import ANY
from hardpoint.programme.gates.judge import judge
from hardpoint.programme.gates.lint import facts_of, lint_gates, lint_ruleset, lint_waivers
from hardpoint.programme.gates.model import GATES
from hardpoint.programme.gates.sitting import sitting
from hardpoint.programme.gates.upkeep import UNUSED, by_name, upkeep, why_not


@verb("gate", "lint")
def lint(context: Context) -> Result:
    """Say what is wrong with the gates and waivers that the working tree declares.

    Rules, reports and facts that do not exist, expressions that have a mistake, criteria without an owner, functions
    that nobody holds, waivers that are about nothing or about to end. Exits 1 for an error.
    """
    workspace = context.workspace
    rules = context.collect("rules", Rule)
    facts = {each.kind: facts_of(each) for each in context.collect("importers", Importer)}
    facts |= {each.kind: dict.fromkeys(each.facts, ANY) for each in context.collect("model", OwnReport)}
    findings = [
        *lint_gates(workspace, {rule.id for rule in rules}, facts),
        *lint_waivers(workspace, context.clock()),
        *lint_ruleset(workspace, rules),
    ]
    findings.sort(key=lambda each: each.place)
    findings.sort(key=lambda each: each.severity, reverse=True)
    worst = max((each.severity for each in findings), default=Severity.NOTE)
    gates, waivers = len(workspace.manifest[GATES]), len(workspace.manifest[WAIVERS])
    return Result(
        schema="gate-lint/v1",
        headline=f"{_count(len(findings), 'finding')} in {_count(gates, 'gate')} and {_count(waivers, 'waiver')}",
        items={"findings": findings},
        exit=Exit.FOUND if findings and worst is Severity.ERROR else Exit.OK,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A waiver, and whether it counts now; `used` names the criteria and findings that it covers."""

    id: str
    about: str
    expires: str
    counts: str
    used: str
    to_do: str


@verb("waiver", "list")
@click.option("--service", metavar="NAME", help="Of whom, where the manifest declares several.")
@click.option("--base", metavar="REV", help="The protected branch: waivers and trust are read from there.")
def waivers(context: Context, *, service: str | None, base: str | None) -> Result:
    """List every waiver: what it is about, until when, whether it counts now, and what it covers."""
    context = context.at(base=base)
    with sitting(context, None, service=service, accepted=True) as held:
        decisions = [judge(each, held.subject, held.hearing) for each in held.gates]
        declared, at = held.hearing.waivers, held.subject.at
        judged = by_name(decisions)
        why = {each.id: why_not(each, judged.get(each.criterion or ""), held.hearing, at) for each in declared}
        to_do = {each.waiver: each.text for each in upkeep(decisions, held.hearing, at)}
        cases = held.hearing.ledger.cases(at) if held.hearing.ledger is not None else []
    covered: dict[str, list[str]] = {}
    for decision in decisions:
        for each in decision.criteria:
            for waiver in each.waivers:
                covered.setdefault(waiver, []).append(f"{decision.gate}/{each.criterion}")
    for case in cases:
        for waiver in case.accepted_by:
            covered.setdefault(waiver, []).append(case.id)
    listed = [
        Listed(
            id=each.id,
            about=each.criterion or f"{each.finding} in {each.subject}",
            expires=format_instant(each.expires),
            counts=why[each.id] or _why_not_of(each, cases) or "yes",
            used=", ".join(covered.get(each.id, ())),
            to_do=to_do.get(each.id, "") or _to_do_of(each, cases),
        )
        for each in declared
    ]
    counting = sum(each.counts == "yes" for each in listed)
    return Result(
        schema="waivers/v1",
        headline=f"{_count(len(listed), 'waiver')}, {counting} of them in force" if listed else "there are no waivers",
        items={"waivers": listed},
    )


def _why_not_of(waiver: Waiver, cases: Sequence[Case]) -> str:
    """Why a waiver of a finding does not count for a case that it is about, or that there is none."""
    if waiver.finding is None:
        return ""
    about = [case.waivers[waiver.id] for case in cases if waiver.id in case.waivers]
    return next(filter(None, about), "") if about else "no report has such a finding there"


def _to_do_of(waiver: Waiver, cases: Sequence[Case]) -> str:
    """What to do about a waiver of a finding that accepts nothing that is there."""
    if waiver.finding is None:
        return ""
    about = [case for case in cases if waiver.id in case.waivers]
    if not about:
        return "correct `finding` and `subject` (hardpoint findings list), or take it out"
    is_there = any(case.standing in {Standing.OPEN, Standing.ACCEPTED} for case in about)
    return "" if is_there else UNUSED


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
