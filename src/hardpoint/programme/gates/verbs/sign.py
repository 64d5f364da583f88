"""`hardpoint gate sign` and `hardpoint waiver approve`: a person's word, signed, over exactly what stands now."""

import shlex

import click

import hardpoint
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Evidence, Fact, Producer, drafted
from hardpoint.kernel.identity.model import TRUST
from hardpoint.kernel.ownership.model import SERVICES, service_named
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.kernel.waiver import APPROVAL, WAIVERS, Waiver, topic_name
from hardpoint.programme.gates.judge import SIGNOFF, judge, rests_on
from hardpoint.programme.gates.model import GATES, SignoffCriterion
from hardpoint.programme.gates.sitting import sitting

ME = Producer(name="hardpoint", version=hardpoint.__version__)


@verb("gate", "sign")
@click.argument("name")
@click.option("--as", "function", metavar="FUNCTION", required=True, help="In which capacity (`trust.functions`).")
@click.option("--service", metavar="NAME", help="For whom, where the manifest declares several.")
@click.option("--base", metavar="REV", help="The protected branch: gates and trust are read from there.")
@click.option("--note", default="", metavar="TEXT", help="What to remember of it.")
def sign(context: Context, name: str, *, function: str, service: str | None, base: str | None, note: str) -> Result:
    """Sign off what gate NAME rests on now, as FUNCTION.

    The signature is over the evidence as it stands: the gate takes it for as long as every criterion has the verdict
    and the evidence that it has now. Look at it first: `hardpoint gate explain NAME`.
    """
    context = context.at(base=base)
    with sitting(context, name, service=service) as held:
        (gate,) = held.gates
        asked = sorted({each.function for each in gate.criteria if isinstance(each, SignoffCriterion)})
        if function not in asked:
            raise UsageProblem(
                f"Gate {name} asks for no sign-off as {function!r}{did_you_mean(function, asked)}",
                remedy=f"It asks for: {', '.join(asked) or 'none'}",
            )
        if held.subject.commit is None:
            raise UsageProblem("There is no commit to sign for", remedy="Commit first.")
        decision = judge(gate, held.subject, held.hearing)
        seen = rests_on(gate, held.subject, held.hearing)
        about, commit = held.subject.service, held.subject.commit
    holder = _holder(context)
    holders = next((each.holders for each in context.governing.manifest[TRUST].functions if each.name == function), ())
    facts: dict[str, Fact] = {"gate": name, "function": function, "snapshot": seen, "answer": decision.answer.value}
    evidence = Evidence(
        kind=SIGNOFF,
        name=f"{name}/{function}/{holder}",
        service=about,
        producer=ME,
        population=1,
        facts={**facts, "note": note} if note else facts,
        commit=commit,
        time=format_instant(context.clock()),
    )
    with context.record() as record:
        receipt = record.append(drafted(evidence))
    able = holder in holders
    return Result(
        schema="gate-sign/v1",
        headline=f"{holder} signed off {name} as {function} at commit {commit[:10]}"
        + ("" if able else f", which does not count: {holder} does not hold that function"),
        about={"gate": name, "function": function, "holder": holder, "snapshot": seen, "entry": receipt.index},
        next_steps=[_judged_again(name, service, base)]
        if able
        else ["Have your key added to `trust.keys` and your name to `trust.functions` (hardpoint record key)."],
    )


@verb("waiver", "approve")
@click.argument("waiver_id", metavar="ID")
@click.option("--service", metavar="NAME", help="For whom, where the manifest declares several.")
@click.option("--base", metavar="REV", help="The protected branch: waivers and trust are read from there.")
def approve(context: Context, waiver_id: str, *, service: str | None, base: str | None) -> Result:
    """Approve of the waiver ID as it is declared now.

    The signature is over all that the waiver says: whoever edits it afterwards needs it again. It counts if your key is
    one that `trust.keys` names, and the waiver names you among its approvers.
    """
    context = context.at(base=base)
    declared = {each.id: each for each in (*context.governing.manifest[WAIVERS], *context.workspace.manifest[WAIVERS])}
    if waiver_id not in declared:
        raise UsageProblem(
            f"No waiver has the id {waiver_id!r}{did_you_mean(waiver_id, sorted(declared))}",
            remedy=f"Known: {', '.join(sorted(declared)) or 'none'}",
        )
    waiver, holder = declared[waiver_id], _holder(context)
    if holder not in waiver.approvers:
        raise UsageProblem(
            f"{waiver_id} is not yours to approve: it names {', '.join(waiver.approvers)}, and you are {holder}",
            remedy="Sign with the key of an approver, or change the waiver.",
        )
    if why := _never(waiver, context):
        raise UsageProblem(
            f"{waiver_id} would not count if it were approved: {why}", remedy="Change the waiver, then approve of it."
        )
    evidence = Evidence(
        kind=APPROVAL,
        name=topic_name(waiver_id, holder),
        service=service_named(context.workspace.manifest[SERVICES], service).name,
        producer=ME,
        population=1,
        facts={"waiver": waiver_id, "digest": waiver.digest},
        time=format_instant(context.clock()),
    )
    with context.record() as record:
        receipt = record.append(drafted(evidence))
    return Result(
        schema="waiver-approve/v1",
        headline=f"{holder} approved of {waiver_id} until {format_instant(waiver.expires)}",
        about={"waiver": waiver_id, "holder": holder, "digest": waiver.digest, "entry": receipt.index},
    )


def _judged_again(name: str, service: str | None, base: str | None) -> str:
    """The command that judges a gate by what was just signed, for the same service and by the same base."""
    given = [part for option, value in (("--service", service), ("--base", base)) if value for part in (option, value)]
    return shlex.join(["hardpoint", "gate", name, *given, "--no-check"])


def _never(waiver: Waiver, context: Context) -> str:
    """Why a waiver does not count whoever approves of it; one that has yet to begin may be approved before."""
    at = max(context.clock(), waiver.created)
    gates = (*context.governing.manifest[GATES], *context.workspace.manifest[GATES])
    about = [each for gate in gates for each in gate.criteria if waiver.criterion == f"{gate.name}/{each.id}"]
    blocking = bool(about) and all(each.blocks_at(at) for each in about)
    return waiver.why_not(at, waiver.approvers, blocking=blocking)


def _holder(context: Context) -> str:
    """By which name the team knows whoever runs this."""
    from hardpoint.kernel.identity.voices import YOU

    own = context.signer.public
    trusted = context.governing.manifest[TRUST].keys
    return next((each.holder for each in trusted if each.key.id == own.id), YOU)
