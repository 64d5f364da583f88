"""`hardpoint gate`: GO or NO-GO, with the reasons."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from hardpoint.kernel.check import evidence_of, run_rules
from hardpoint.kernel.clock import parse_instant
from hardpoint.kernel.evidence import Assurance, drafted
from hardpoint.kernel.ownership.model import SERVICES, service_named
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.record.envelope import envelope_of, write_envelope
from hardpoint.kernel.record.model import Draft
from hardpoint.kernel.record.reading import entry_at
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.ruleset import judging
from hardpoint.kernel.verdict import Answer, Decision, worst
from hardpoint.programme.gates.attestation import attested
from hardpoint.programme.gates.brief import brief
from hardpoint.programme.gates.getting import ToGet, to_get
from hardpoint.programme.gates.judge import judge
from hardpoint.programme.gates.model import Gate
from hardpoint.programme.gates.model import deciding as deciding_of
from hardpoint.programme.gates.sitting import Local, named, sitting
from hardpoint.programme.gates.trend import Point, trend
from hardpoint.programme.gates.upkeep import Upkeep, upkeep
from hardpoint.programme.gates.would_become import WouldBecome, would_become


@verb("gate")
@click.argument("name", required=False)
@click.option("--service", metavar="NAME", help="Whom to judge, where the manifest declares several.")
@click.option("--at", "when", metavar="TIME", help="Judge from what was recorded by then (RFC 3339); checks nothing.")
@click.option("--no-check", is_flag=True, help="Judge from the record as it is, without a fresh check first.")
@click.option("--base", metavar="REV", help="The protected branch: gates and trust are read from there.")
@click.option("--no-waivers", is_flag=True, help="Exit 4 where only waivers make it GO.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the verdict of NAME here: a DSSE envelope that other tools verify.",
)
@identity_token_option
def gate(
    context: Context,
    name: str | None,
    *,
    service: str | None,
    when: str | None,
    no_check: bool,
    base: str | None,
    no_waivers: bool,
    out: Path | None,
    identity_token: str | None,
) -> Result:
    """Say GO or NO-GO at gate NAME, or at every gate, with the reasons.

    Records a fresh check of the working tree, then judges from the record alone. Each verdict is recorded, unless it
    is local or of an earlier instant. Exits 0 for GO and 1 for NO-GO. What a change itself declares does not decide on
    it: without --base, or HARDPOINT_BASE, the verdict is local. Without NAME, several gates are told in brief, and the
    exit code is that of the gates marked `default: true`, where one is.
    """
    context = context.at(base=base)
    gates = named(context, name)
    about = service_named(context.workspace.manifest[SERVICES], service).name
    if (identity_token or out) and when:
        given = "--identity-token" if identity_token else "--out"
        raise UsageProblem(f"{given} is for what is recorded, and nothing would be", remedy="Leave it out.")
    if out and len(gates) > 1:
        raise UsageProblem("--out is for the verdict of one gate", remedy="Name the gate.")
    checks = []
    if not (no_check or when):
        runs = run_rules(
            context.workspace,
            judging(context.collect("rules", Rule), context.workspace, context.protected),
            context.progress,
            base=context.protected,
        )
        assurance = Assurance.CI if identity_token else Assurance.RAN
        checks = [
            drafted(evidence_of(runs, context.workspace, about, context.clock(), assurance, base=context.protected))
        ]
    if checks or identity_token:
        _record(context, checks, identity_token)
    with sitting(context, name, service=service, at=parse_instant(when) if when else None) as held:
        decisions = [judge(each, held.subject, held.hearing) for each in held.gates]
        lasting = held.subject.commit is not None and not (when or held.subject.local)
        verdicts = [attested(*each, held.view) for each in zip(held.gates, decisions, strict=True)] if lasting else []
        local = held.local
        to_do = list(upkeep(decisions, held.hearing, held.subject.at))
        ways = to_get(held.gates, decisions)
        before = trend(decisions, held.lookback.verdicts(about, until=held.subject.at if when else None))
    entries = _record(context, verdicts, identity_token) if verdicts else []
    if out is not None:
        _write(context, entries, out, local)
    return _result(context, gates, decisions, entries, local, to_do, ways, before, no_waivers=no_waivers)


def _record(context: Context, drafts: Sequence[Draft], identity_token: str | None) -> list[int]:
    """The entries of what was appended, after the runner's identity if there is a token."""
    with context.record(identity_token) as record:
        return [record.append(draft).index for draft in drafts]


def _write(context: Context, entries: Sequence[int], out: Path, local: Sequence[Local]) -> None:
    if not entries:
        why = "; ".join(each.reason for each in local)
        raise UsageProblem(
            f"The verdict is local and releases nothing, so {out} was not written: {why}",
            remedy=" ".join(each.remedy for each in local),
        )
    with context.stored() as database:
        (envelope,) = [write_envelope(envelope_of(entry_at(database, each))) for each in entries]
    context.write(out, envelope)


_LOCAL = " (local: releases nothing)"


def _said(decision: Decision) -> str:
    stopping = [each.criterion for each in decision.criteria if each.blocking and each.verdict.blocks]
    because = f" because of {', '.join(stopping)}" if stopping else ""
    nothing = " because no criterion applies" if decision.answer is Answer.NO_GO and not stopping else ""
    local = _LOCAL if decision.local and decision.answer is not Answer.NO_GO else ""
    without = f", without waivers {decision.without_waivers}" if decision.answer is Answer.GO_BY_WAIVER else ""
    return f"{decision.answer} at {decision.gate}{without}{because}{nothing}{local}"


def _result(
    context: Context,
    gates: Sequence[Gate],
    decisions: Sequence[Decision],
    entries: Sequence[int],
    local: Sequence[Local],
    to_do: Sequence[Upkeep],
    ways: Sequence[ToGet],
    before: Sequence[Point],
    *,
    no_waivers: bool,
) -> Result:
    deciding = deciding_of(gates)
    answer = worst(each.answer for each in decisions if each.gate in deciding)
    waived = Exit.WAIVED if no_waivers else Exit.OK
    protected = context.protected
    changes = would_become(protected, context.workspace) if protected else []
    releasing = any(each.answer is not Answer.NO_GO for each in decisions)
    # A line each, so that it fits a terminal.
    because = [f"local: {each.reason}" for each in local] if releasing else []
    return Result(
        schema="gate/v1",
        headline=_headline(decisions, deciding),
        about={
            "answer": answer,
            "deciding": deciding,
            "recorded": entries,
            "base": {"revision": context.base, "commit": protected.commit} if protected else None,
            "to_get": ways,
            "trend": before,
        },
        items={"gates": decisions, "waivers": to_do, "would_become": changes},
        detail="\n".join(because),
        brief=brief(decisions, deciding, ways, [*because, *_also(to_do, changes)]) if len(decisions) > 1 else "",
        exit={Answer.NO_GO: Exit.FOUND, Answer.GO_BY_WAIVER: waived, Answer.GO: Exit.OK}[answer],
        root=context.workspace.root,
    )


def _headline(decisions: Sequence[Decision], deciding: Sequence[str]) -> str:
    """The verdict with what stops it; of several, those that decide first, and the rest stands above."""
    if len(decisions) == 1:
        return _said(decisions[0])
    ordered = sorted(decisions, key=lambda each: each.gate not in deciding)
    return "; ".join(
        f"{each.answer} at {each.gate}{_LOCAL if each.local and each.answer is not Answer.NO_GO else ''}"
        for each in ordered
    )


def _also(to_do: Sequence[Upkeep], changes: Sequence[WouldBecome]) -> Iterator[str]:
    if to_do:
        yield f"waivers to look at: {len(to_do)} (hardpoint waiver list)"
    if changes:
        yield f"this change edits what decides in {len(changes)} places (hardpoint gate NAME lists them)"
