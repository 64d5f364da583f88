"""`hardpoint gate history`: the verdicts that were recorded, the newest first."""

from dataclasses import dataclass

import click

from hardpoint.kernel.ownership.model import SERVICES, service_named
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.record.scan import scanned
from hardpoint.kernel.record.stated import VERDICT
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.programme.gates import lookback
from hardpoint.programme.gates.model import GATES


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One verdict: when, on which commit, and the criteria that stopped it."""

    at: str
    gate: str
    commit: str
    answer: str
    because: str
    entry: int


@verb("gate", "history")
@click.argument("name", required=False)
@click.option("--service", metavar="NAME", help="Of whom, where the manifest declares several.")
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 10_000), help="How many at most.")
def history(context: Context, name: str | None, *, service: str | None, limit: int) -> Result:
    """List the verdicts of gate NAME, or of every gate, the newest first.

    Verdicts that were local, or of an earlier instant, were never recorded.
    """
    manifests = context.workspace.manifest, context.governing.manifest
    declared = {each.name for manifest in manifests for each in manifest[GATES]}
    about = service_named(context.workspace.manifest[SERVICES], service).name
    with context.stored() as database, scanned(database, context.memory) as scan:
        context.expected.refuse_other(scan.origin)
        scan.refuse_broken(context.voices(scan).keys, context.witnesses)
        rows = [_row(each) for each in lookback.past(scan.entries(kind=VERDICT, subject=about))]
        past = [each for each in rows if name in (None, each.gate)]
    if name is not None and not past and name not in declared:
        known = sorted(declared)
        raise UsageProblem(
            f"No gate is named {name!r}, and none was{did_you_mean(name, known)}",
            remedy=f"Known: {', '.join(known) or 'none'}",
        )
    past.reverse()
    return Result(
        schema="gate-history/v1",
        headline=_headline(len(past), limit),
        items={"verdicts": past[:limit]},
    )


def _row(past: lookback.Past) -> Past:
    decision = past.decision
    stopping = [each.criterion for each in decision.criteria if each.blocking and each.verdict.blocks]
    return Past(
        at=decision.at,
        gate=decision.gate,
        commit=(decision.commit or "")[:10],
        answer=decision.answer.value,
        because=", ".join(stopping),
        entry=past.entry,
    )


def _headline(count: int, limit: int) -> str:
    if not count:
        return "no verdict is recorded yet"
    said = "1 verdict" if count == 1 else f"{count} verdicts"
    return f"{said}, the newest {limit} of them" if count > limit else said
