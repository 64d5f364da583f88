"""`hardpoint gate …`: GO or NO-GO, with the reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import click

from hardpoint.kernel.check import evidence_of, run_rules
from hardpoint.kernel.clock import parse_instant
from hardpoint.kernel.database import Database
from hardpoint.kernel.evidence import KIND, Assurance, binding_of, drafted, from_statement
from hardpoint.kernel.identity.voices import Voices
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.ownership.model import SERVICES, service_named
from hardpoint.kernel.problem import Exit, IntegrityProblem, UsageProblem
from hardpoint.kernel.record.model import Entry
from hardpoint.kernel.record.reading import earliest_instants, read_entries
from hardpoint.kernel.record.verification import verify_record
from hardpoint.kernel.record.witnessed import covered
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.kernel.verdict import Answer, Decision
from hardpoint.programme.gates.judge import Recorded, Subject, judge
from hardpoint.programme.gates.model import GATES, Gate


@verb("gate")
@click.argument("name", required=False)
@click.option("--service", metavar="NAME", help="Whom to judge, where the manifest declares several.")
@click.option("--at", "when", metavar="TIME", help="Judge from what was recorded by then (RFC 3339); checks nothing.")
@click.option("--no-check", is_flag=True, help="Judge from the record as it is, without a fresh check first.")
@click.option("--no-waivers", is_flag=True, help="Exit 4 where only waivers make it GO.")
@identity_token_option
def gate(
    context: Context,
    name: str | None,
    *,
    service: str | None,
    when: str | None,
    no_check: bool,
    no_waivers: bool,
    identity_token: str | None,
) -> Result:
    """Say GO or NO-GO at gate NAME, or at every gate, with the reasons.

    Records a fresh check of the working tree, then judges from the record alone. Exits 0 for GO and 1 for NO-GO.
    """
    workspace = context.workspace
    if not workspace.manifest.exists:
        raise UsageProblem(f"There is no {MANIFEST_FILE} here", remedy="`hardpoint init` writes a first one.")
    gates = _named(workspace.manifest[GATES], name)
    about = service_named(workspace.manifest[SERVICES], service).name
    if identity_token and (no_check or when):
        raise UsageProblem("--identity-token is for what is recorded, and nothing would be", remedy="Leave it out.")
    if not (no_check or when):
        runs = run_rules(workspace, context.collect("rules", Rule), context.progress)
        assurance = Assurance.CI if identity_token else Assurance.RAN
        with context.record(identity_token) as record:
            record.append(drafted(evidence_of(runs, workspace, about, context.clock(), assurance)))
    at = parse_instant(when) if when else context.clock()
    with context.stored() as database:
        voices = context.voices(database)
        _refuse_broken(database, context, voices)
        subject = Subject(service=about, commit=workspace.commit, at=at, local=_is_local(context, voices))
        evidence = read_entries(database, kind=KIND, subject=about, until=at if when else None)
        recorded = _recorded(evidence, subject, _Ear(voices, earliest_instants(database)))
        witnessed = _witnessed(database, context, voices, subject)
    return _result([judge(each, subject, recorded, witnessed) for each in gates], no_waivers=no_waivers)


def _named(gates: Sequence[Gate], name: str | None) -> Sequence[Gate]:
    names = [each.name for each in gates]
    if not gates:
        raise UsageProblem(f"{MANIFEST_FILE} declares no gate", remedy="Add one under `gates:`.")
    if name is not None and name not in names:
        raise UsageProblem(f"No gate is named {name!r}{did_you_mean(name, names)}", remedy=f"Known: {', '.join(names)}")
    return [each for each in gates if name in (None, each.name)]


def _is_local(context: Context, voices: Voices) -> bool:
    """A verdict releases nothing while the tree is dirty, or its signer is nobody that the team vouches for now."""
    own = context.own_key
    return context.workspace.dirty or own is None or not voices.vouches(own, context.clock())


def _refuse_broken(database: Database, context: Context, voices: Voices) -> None:
    """Nothing is judged from a record that is not whole; the entries that count are verified one by one below."""
    verification = verify_record(database, voices.keys, context.memory, witnesses=context.witnesses, signatures=False)
    if not verification.whole:
        first = verification.damages[0]
        raise IntegrityProblem(
            f"The record is not whole ({first.damage}: {first.text}), so nothing is judged from it",
            remedy="`hardpoint record verify` names every damage.",
        )


@dataclass(frozen=True, slots=True)
class _Ear:
    """Hears who says what an entry holds; an entry is no older than those before it, whatever it states."""

    voices: Voices
    earliest: Sequence[str]

    def hear(self, entry: Entry, *, local: bool) -> Recorded:
        evidence = from_statement(entry.payload or b"")
        known = min(entry.index, len(self.earliest) - 1)  # an entry may have come since they were read
        at = parse_instant(max(entry.header.at, self.earliest[known] if self.earliest else ""))
        voice = self.voices.hear(entry, evidence, at, local=local)
        return Recorded(entry=entry.index, at=entry.header.at, evidence=evidence, voice=voice)


def _recorded(entries: Iterable[Entry], subject: Subject, ear: _Ear) -> list[Recorded]:
    """The evidence of a commit, and the newest of each kind that is of another, which tells why there is none.

    What an erased entry superseded does not come back with its erasure.
    """
    by_topic: dict[str, list[Recorded]] = {}
    elsewhere: dict[str, Entry] = {}
    for entry in entries:
        said = by_topic.setdefault(entry.header.topic, [])
        if entry.payload is None or entry.signature is None:
            said.clear()
        elif (binding := binding_of(entry.payload)).commit == subject.commit:
            said.append(ear.hear(entry, local=subject.local))
        else:
            elsewhere[binding.kind] = entry
    others = [ear.hear(each, local=subject.local) for each in elsewhere.values()]
    return [*others, *(recorded for said in by_topic.values() for recorded in said)]


def _witnessed(database: Database, context: Context, voices: Voices, subject: Subject) -> Mapping[str, int]:
    """How many entries each witness vouches for; a key counts once, and one that signs the record is no witness."""
    witnesses = {name: key for name, key in context.witnesses.items() if key not in voices.keys}
    sizes = covered(database, witnesses, subject.at)
    by_key = {witnesses[name]: name for name in sorted(sizes, key=lambda name: sizes[name])}
    return {name: sizes[name] for name in by_key.values()}


def _said(decision: Decision) -> str:
    stopping = [each.criterion for each in decision.criteria if each.blocking and each.verdict.blocks]
    because = f" because of {', '.join(stopping)}" if stopping else ""
    nothing = " because no criterion applies" if decision.answer is Answer.NO_GO and not stopping else ""
    local = " (local: releases nothing)" if decision.local and decision.answer is not Answer.NO_GO else ""
    return f"{decision.answer} at {decision.gate}{because}{nothing}{local}"


def _result(decisions: Sequence[Decision], *, no_waivers: bool) -> Result:
    answers = {decision.answer for decision in decisions}
    if Answer.NO_GO in answers:
        answer, exit_code = Answer.NO_GO, Exit.FOUND
    elif Answer.GO_BY_WAIVER in answers:
        answer, exit_code = Answer.GO_BY_WAIVER, Exit.WAIVED if no_waivers else Exit.OK
    else:
        answer, exit_code = Answer.GO, Exit.OK
    return Result(
        schema="gate/v1",
        headline="; ".join(_said(decision) for decision in decisions),
        about={"answer": answer},
        items={"gates": decisions},
        exit=exit_code,
    )
