"""The judge: criteria against evidence at one instant, nothing read but what is handed in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Evidence
from hardpoint.kernel.hearing import Gone, Recorded
from hardpoint.kernel.verdict import Decision, Judgement, Verdict, decide
from hardpoint.kernel.waiver import APPROVAL, Waiver
from hardpoint.programme.findings.ledger import Ledger
from hardpoint.programme.gates.bench import Bench, aged
from hardpoint.programme.gates.demands import Said
from hardpoint.programme.gates.model import Gate, SignoffCriterion
from hardpoint.programme.gates.standing import Subject, current

SIGNOFF = "signoff"
"""The kind of evidence that says that somebody saw what a gate rests on, and agrees."""
WITNESSES = "witnesses"
"""The name of the judgement on whether enough witnesses co-signed."""
HOW_TO_WITNESS = (
    "On each witness's host: hardpoint record witness; then hardpoint record checkpoint --add FILE, "
    "and hardpoint gate --no-check, which adds no evidence"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Everything that a judge may rest on.

    `gone` is what once stood among the evidence, `witnessed` how many entries each distinct witness vouches for,
    `waivers` what the protected branch declares, `functions` who may sign in which capacity, and `ledger` every problem
    that was ever reported, where a criterion asks for them.
    """

    recorded: Sequence[Recorded] = ()
    gone: Sequence[Gone] = ()
    witnessed: Mapping[str, int] = field(default_factory=dict)
    waivers: Sequence[Waiver] = ()
    functions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ledger: Ledger | None = None

    def approvals(self, waiver: Waiver) -> set[str]:
        """Who approves of a waiver as it stands now, in words that count."""
        return {
            each.voice.holder
            for each in self.recorded
            if each.evidence.kind == APPROVAL
            and not each.voice.why_not
            and each.evidence.facts.get("digest") == waiver.digest
            and each.evidence.facts.get("waiver") == waiver.id
        }


def judge(gate: Gate, subject: Subject, hearing: Hearing) -> Decision:
    """A gate's decision. Pure: the same criteria, subject and hearing give the same decision."""
    bench = _bench(subject, hearing)
    judged = _judged(gate, bench)
    signoffs = [each for each in gate.criteria if isinstance(each, SignoffCriterion)]
    if signoffs:
        seen = _snapshot(gate, subject, hearing, judged, bench)
        judged += [_signed(gate, each, subject, hearing, bench, seen) for each in signoffs]
    judgements = [_waived(gate, each, subject, hearing, bench) for each in judged] if hearing.waivers else judged
    witnesses = _witnesses(gate.witnesses, judgements, hearing.witnessed)
    # Witnesses can stop a gate, and are no reason to open it: without a criterion that applies it stays NO-GO.
    stopping = [each for each in witnesses if each.verdict.blocks]
    return Decision(
        gate=gate.name,
        service=subject.service,
        answer=decide([*judgements, *stopping]),
        at=format_instant(subject.at),
        commit=subject.commit,
        local=subject.local,
        criteria=tuple(
            sorted([*judgements, *witnesses], key=lambda each: (not each.blocking, -each.verdict.rank, each.criterion))
        ),
        without_waivers=decide([*(_unwaived(each) for each in judged), *stopping]),
    )


def rests_on(gate: Gate, subject: Subject, hearing: Hearing) -> str:
    """SHA-256 in hex of what a person signs off: each criterion with its verdict, and what its evidence says.

    Not when that was said: a check that is run again and finds the same changes nothing.
    """
    bench = _bench(subject, hearing)
    return _snapshot(gate, subject, hearing, _judged(gate, bench), bench)


def _bench(subject: Subject, hearing: Hearing) -> Bench:
    return Bench(subject, hearing.recorded, hearing.gone, hearing.ledger)


def _judged(gate: Gate, bench: Bench) -> list[Judgement]:
    """Every criterion but the sign-offs, which are about these."""
    return [bench.judge(each) for each in gate.criteria if not isinstance(each, SignoffCriterion)]


def _snapshot(gate: Gate, subject: Subject, hearing: Hearing, judgements: Iterable[Judgement], bench: Bench) -> str:
    by_entry = {each.entry: each.evidence for each in hearing.recorded}
    seen = [
        [
            each.criterion,
            each.verdict.value,
            sorted(_content(by_entry[entry]) for entry in each.evidence if entry in by_entry),
            bench.seen.get(each.criterion, []),
        ]
        for each in judgements
    ]
    return sha256(encoding.encode([gate.name, subject.service, subject.commit, sorted(seen)])).hexdigest()


def _content(evidence: Evidence) -> str:
    said = (evidence.kind, evidence.name, evidence.environment, evidence.commit, evidence.facts, evidence.error)
    return sha256(encoding.encode([*said, evidence.population, evidence.findings])).hexdigest()


def _signed(
    gate: Gate, criterion: SignoffCriterion, subject: Subject, hearing: Hearing, bench: Bench, seen: str
) -> Judgement:
    """Whether enough people signed exactly what stands now, each in a capacity that the team gives them."""
    holders = hearing.functions.get(criterion.function, frozenset())
    said = [each for each in bench.of_kind(SIGNOFF) if _is_signature(each, gate, criterion)]
    able = [each for each in current(said, criterion, subject) if each.voice.holder in holders]
    same = [each for each in able if each.evidence.facts.get("snapshot") == seen]
    fresh = [each for each in same if not any(aged(criterion, each, subject.at))]
    by = sorted({each.voice.holder for each in fresh})
    how = f"hardpoint gate sign {gate.name} --as {criterion.function}"
    if len(by) >= criterion.count:
        verdict, reason, how = Verdict.PASS, f"signed off by {', '.join(by)}", ""
    elif not holders:
        verdict, reason = Verdict.MISSING, f"nobody holds the function {criterion.function!r}"
        how = "Name its holders under `trust.functions`"
    elif len(same) > len(fresh):
        verdict, reason = Verdict.STALE, "a sign-off is too old"
    elif len(same) < len(able):
        verdict, reason = Verdict.STALE, "what was signed off is no longer what the evidence says"
    else:
        verdict = Verdict.MISSING
        reason = f"signed off by {', '.join(by)} alone" if by else "nobody has signed it off"
    told = Said(verdict, reason, how, value=str(len(by)), threshold=f">= {criterion.count}")
    return bench.finished(criterion, [told], [bench.of(criterion, fresh)])


def _is_signature(recorded: Recorded, gate: Gate, criterion: SignoffCriterion) -> bool:
    facts = recorded.evidence.facts
    said = facts.get("gate"), facts.get("function")
    return said == (gate.name, criterion.function) and recorded.evidence.error is None


def _unwaived(judgement: Judgement) -> Judgement:
    """The judgement as it would be if the risks that were accepted were not."""
    return judgement if judgement.before is None else replace(judgement, verdict=judgement.before)


def _waived(gate: Gate, judgement: Judgement, subject: Subject, hearing: Hearing, bench: Bench) -> Judgement:
    """The judgement as a waiver has it, if one counts; else with the reason why one that is there does not."""
    if not judgement.verdict.blocks:
        return judgement
    reasons = []
    for waiver in hearing.waivers:
        if waiver.criterion != f"{gate.name}/{judgement.criterion}":
            continue
        if judgement.criterion in bench.unjudged:
            why = "some of the evidence could not be judged, and that is never waived"
        elif not waiver.about(gate.name, judgement.criterion, judgement.verdict):
            why = f"it covers {waiver.covers} at worst"
        else:
            why = waiver.why_not(subject.at, hearing.approvals(waiver), blocking=judgement.blocking)
        if not why:
            return replace(
                judgement,
                verdict=Verdict.WAIVED,
                before=judgement.verdict,
                waiver=waiver.id,
                reason=f"waived until {format_instant(waiver.expires)} ({waiver.id}): {judgement.reason}",
            )
        reasons.append(f"the waiver {waiver.id} does not count: {why}")
    return replace(judgement, reason="; ".join([judgement.reason, *reasons])) if reasons else judgement


def _witnesses(need: int, judgements: Sequence[Judgement], witnessed: Mapping[str, int]) -> list[Judgement]:
    """Whether enough witnesses saw the record with every entry that the verdict rests on."""
    if not need:
        return []
    rests_on = tuple(sorted({entry for judgement in judgements for entry in judgement.evidence}))
    last = max(rests_on, default=0)
    by = sorted(name for name, size in witnessed.items() if size > last)
    enough = len(by) >= need
    saw = f"{', '.join(by) or 'no trusted witness'} co-signed a checkpoint that covers the entries to {last}"
    return [
        Judgement(
            criterion=WITNESSES,
            verdict=Verdict.PASS if enough else Verdict.MISSING,
            reason=saw,
            value=str(len(by)),
            threshold=f">= {need}",
            remedy="" if enough else HOW_TO_WITNESS,
            evidence=rests_on,
        )
    ]
