"""`hardpoint gate …`: GO or NO-GO, with the reasons."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from hardpoint.kernel.check import evidence_of, run_rules
from hardpoint.kernel.clock import parse_instant
from hardpoint.kernel.evidence import Assurance, drafted
from hardpoint.kernel.identity.voices import Voices
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.ownership.model import SERVICES, service_named
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.record.envelope import envelope_of, write_envelope
from hardpoint.kernel.record.model import Draft
from hardpoint.kernel.record.reading import entry_at
from hardpoint.kernel.record.scan import Scan, scanned
from hardpoint.kernel.record.witnessed import covered
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.kernel.verdict import Answer, Decision
from hardpoint.programme.gates.attestation import attested
from hardpoint.programme.gates.hearing import hear_all, hear_gone
from hardpoint.programme.gates.judge import Subject, judge, no_commit
from hardpoint.programme.gates.model import GATES, Gate
from hardpoint.programme.gates.would_become import would_become


class _Local(NamedTuple):
    """Why a verdict is local, and what would make it count."""

    reason: str
    remedy: str


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
    it: without --base, or HARDPOINT_BASE, the verdict is local.
    """
    context = context.at(base=base)
    workspace = context.workspace
    if not workspace.manifest.exists:
        raise UsageProblem(f"There is no {MANIFEST_FILE} here", remedy="`hardpoint init` writes a first one.")
    gates = _named(context, name)
    about = service_named(workspace.manifest[SERVICES], service).name
    if (identity_token or out) and when:
        given = "--identity-token" if identity_token else "--out"
        raise UsageProblem(f"{given} is for what is recorded, and nothing would be", remedy="Leave it out.")
    if out and len(gates) > 1:
        raise UsageProblem("--out is for the verdict of one gate", remedy="Name the gate.")
    checks = []
    if not (no_check or when):
        runs = run_rules(workspace, context.collect("rules", Rule), context.progress, base=context.at_base)
        assurance = Assurance.CI if identity_token else Assurance.RAN
        checks = [drafted(evidence_of(runs, workspace, about, context.clock(), assurance, base=context.at_base))]
    if checks or identity_token:
        _record(context, checks, identity_token)
    at = parse_instant(when) if when else context.clock()
    with context.stored() as database, scanned(database, context.memory) as scan:
        context.expected.refuse_other(scan.origin)
        voices = context.voices(scan)
        scan.refuse_broken(voices.keys, context.witnesses)
        local = _local_because(context, voices)
        subject = Subject(service=about, commit=workspace.commit, at=at, local=bool(local), in_git=workspace.in_git)
        recorded = hear_all(scan, voices, subject, until=at if when else None)
        gone = hear_gone(scan, subject, until=at if when else None)
        witnessed = _witnessed(scan, context, voices, subject)
        decisions = [judge(each, subject, recorded, witnessed, gone) for each in gates]
        lasting = subject.commit is not None and not (when or subject.local)
        verdicts = [attested(*each, scan.view) for each in zip(gates, decisions, strict=True)] if lasting else []
    entries = _record(context, verdicts, identity_token) if verdicts else []
    if out is not None:
        _write(context, entries, out, local)
    return _result(context, decisions, entries, local, no_waivers=no_waivers)


def _record(context: Context, drafts: Sequence[Draft], identity_token: str | None) -> list[int]:
    """The entries of what was appended, after the runner's identity if there is a token."""
    with context.record(identity_token) as record:
        return [record.append(draft).index for draft in drafts]


def _write(context: Context, entries: Sequence[int], out: Path, local: Sequence[_Local]) -> None:
    if not entries:
        why = "; ".join(each.reason for each in local)
        raise UsageProblem(
            f"The verdict is local and releases nothing, so {out} was not written: {why}",
            remedy=" ".join(each.remedy for each in local),
        )
    with context.stored() as database:
        (envelope,) = [write_envelope(envelope_of(entry_at(database, each))) for each in entries]
    context.write(out, envelope)


def _named(context: Context, name: str | None) -> Sequence[Gate]:
    gates = context.governing.manifest[GATES]
    where = MANIFEST_FILE if context.protected is None else f"{MANIFEST_FILE} at {context.base}"
    names = [each.name for each in gates]
    if not gates:
        raise UsageProblem(f"{where} declares no gate", remedy="Add one under `gates:`.")
    if name is not None and name not in names:
        if name in [each.name for each in context.workspace.manifest[GATES]]:
            raise UsageProblem(
                f"{where} has no gate {name!r}: it is declared in this change alone",
                remedy="It decides once it is merged. Without a base it gives a local verdict.",
            )
        raise UsageProblem(f"No gate is named {name!r}{did_you_mean(name, names)}", remedy=f"Known: {', '.join(names)}")
    return [each for each in gates if name in (None, each.name)]


def _local_because(context: Context, voices: Voices) -> list[_Local]:
    """Why a verdict releases nothing; empty where it does.

    The change that is judged says itself by which gates and whom to trust, the tree is dirty, or its signer is nobody
    that the team vouches for now.
    """
    found = []
    if context.workspace.commit is None:
        found.append(_Local(no_commit(in_git=context.workspace.in_git), "Commit first."))
    if context.base is None:
        found.append(
            _Local(
                "no base is named, so the change judges itself", "Name the protected branch: --base, HARDPOINT_BASE."
            )
        )
    elif context.protected is None:
        found.append(
            _Local(
                f"{context.base} has no {MANIFEST_FILE} yet, so the change judges itself", "Merge the manifest first."
            )
        )
    if context.workspace.dirty and context.workspace.commit is not None:
        found.append(_Local("the working tree has changes that are not committed", "Commit everything."))
    own = context.own_key
    if own is None or not voices.vouches(own, context.clock()):
        found.append(
            _Local(
                "your key is none that the team vouches for", "Have it added to `trust.keys` (hardpoint record key)."
            )
        )
    return found


def _witnessed(scan: Scan, context: Context, voices: Voices, subject: Subject) -> Mapping[str, int]:
    """How many entries each witness vouches for; a key counts once, and one that signs the record is no witness."""
    witnesses = {name: key for name, key in context.witnesses.items() if key not in voices.keys}
    sizes = covered(scan.view, witnesses, subject.at, scan.tree.roots)
    by_key = {witnesses[name]: name for name in sorted(sizes, key=lambda name: sizes[name])}
    return {name: sizes[name] for name in by_key.values()}


def _said(decision: Decision) -> str:
    stopping = [each.criterion for each in decision.criteria if each.blocking and each.verdict.blocks]
    because = f" because of {', '.join(stopping)}" if stopping else ""
    nothing = " because no criterion applies" if decision.answer is Answer.NO_GO and not stopping else ""
    local = " (local: releases nothing)" if decision.local and decision.answer is not Answer.NO_GO else ""
    return f"{decision.answer} at {decision.gate}{because}{nothing}{local}"


def _result(
    context: Context,
    decisions: Sequence[Decision],
    entries: Sequence[int],
    local: Sequence[_Local],
    *,
    no_waivers: bool,
) -> Result:
    answers = {decision.answer for decision in decisions}
    if Answer.NO_GO in answers:
        answer, exit_code = Answer.NO_GO, Exit.FOUND
    elif Answer.GO_BY_WAIVER in answers:
        answer, exit_code = Answer.GO_BY_WAIVER, Exit.WAIVED if no_waivers else Exit.OK
    else:
        answer, exit_code = Answer.GO, Exit.OK
    protected = context.protected
    return Result(
        schema="gate/v1",
        headline="; ".join(_said(decision) for decision in decisions),
        about={
            "answer": answer,
            "recorded": entries,
            "base": {"revision": context.base, "commit": protected.commit} if protected else None,
        },
        items={"gates": decisions, "would_become": would_become(protected, context.workspace) if protected else []},
        # A line each, so that it fits a terminal.
        detail="\n".join(f"local: {each.reason}" for each in local) if answers != {Answer.NO_GO} else "",
        exit=exit_code,
    )
