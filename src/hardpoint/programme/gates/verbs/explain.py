"""`hardpoint gate explain`: each criterion with its value, margin, age, source and remedy, the weakest first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import click

from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb
from hardpoint.kernel.verdict import Decision, Judgement, Verdict
from hardpoint.kernel.waiver import Waiver
from hardpoint.programme.gates.judge import judge
from hardpoint.programme.gates.sitting import sitting


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One criterion of one gate.

    `reason` names what `value` is of; from the instant `next` on its evidence or its waiver no longer counts.
    """

    gate: str
    criterion: str
    verdict: str
    reason: str
    value: str
    threshold: str
    margin: str
    age: str
    source: str
    next: str
    waiver: str
    owner: str
    remedy: str


@verb("gate", "explain")
@click.argument("name", required=False)
@click.option("--service", metavar="NAME", help="Whom to judge, where the manifest declares several.")
@click.option("--at", "when", metavar="TIME", help="Explain from what was recorded by then (RFC 3339).")
@click.option("--base", metavar="REV", help="The protected branch: gates and trust are read from there.")
def explain(context: Context, name: str | None, *, service: str | None, when: str | None, base: str | None) -> Result:
    """Say what each criterion of gate NAME, or of every gate, rests on.

    For each, the weakest first: its value and threshold and the margin between them, how old its evidence is, where it
    comes from, when it ends, and what to do. Checks and records nothing. Exits 0.
    """
    with sitting(context.at(base=base), name, service=service, at=parse_instant(when) if when else None) as held:
        decisions = [judge(each, held.subject, held.hearing) for each in held.gates]
        at, waivers = held.subject.at, held.hearing.waivers
    explained = [
        _explained(decision, each, at, {waiver.id: waiver for waiver in waivers})
        for decision in decisions
        for each in decision.criteria
    ]
    return Result(
        schema="gate-explain/v1",
        headline="; ".join(_answered(decision) for decision in decisions),
        about={"criteria": explained},
        detail="\n\n".join(_paragraph(each) for each in explained),
    )


def _answered(decision: Decision) -> str:
    waived = decision.without_waivers not in {None, decision.answer}
    return f"{decision.answer} at {decision.gate}" + (f", without waivers {decision.without_waivers}" if waived else "")


def _explained(decision: Decision, judgement: Judgement, at: datetime, waivers: dict[str, Waiver]) -> Explained:
    happened = parse_instant(judgement.happened) if judgement.happened else None
    ends = [format_instant(waivers[each].expires) for each in judgement.waivers if each in waivers]
    ends += [judgement.stale_at] if judgement.stale_at else []
    return Explained(
        gate=decision.gate,
        criterion=judgement.criterion,
        verdict=judgement.verdict.value if judgement.blocking else f"{judgement.verdict.value} (advisory)",
        reason=judgement.reason,
        value=judgement.value,
        threshold=judgement.threshold,
        margin=judgement.margin,
        age=_spoken(at - happened) if happened else "",
        source=judgement.source,
        next=min(ends, default=""),
        waiver=judgement.waiver,
        owner=judgement.owner,
        remedy="" if judgement.verdict is Verdict.PASS else judgement.remedy,
    )


def _paragraph(each: Explained) -> str:
    told = {
        "because": each.reason,
        "value": each.value,
        "must be": each.threshold,
        "margin": each.margin,
        "age": each.age,
        "source": each.source,
        "counts until": each.next,
        "waiver": each.waiver,
        "owner": each.owner,
        "to do": each.remedy,
    }
    lines = [f"  {name + ':':<13} {said}" for name, said in told.items() if said]
    return "\n".join([f"{each.gate}/{each.criterion}: {each.verdict}", *lines])


def _spoken(age: timedelta) -> str:
    hours = max(int(age.total_seconds() // 3600), 0)
    if hours >= 48:  # noqa: PLR2004
        return f"{hours // 24} days"
    return f"{hours} hours" if hours else f"{max(int(age.total_seconds() // 60), 0)} minutes"
