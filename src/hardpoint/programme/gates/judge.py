"""The judge: criteria against evidence at one instant, nothing read but what is handed in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from glob import escape
from hashlib import sha256

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.evidence import Evidence, topic_of
from hardpoint.kernel.verdict import Decision, Judgement, Verdict, decide, join
from hardpoint.kernel.waiver import APPROVAL, Waiver
from hardpoint.programme.gates.demands import Demand, demand_of
from hardpoint.programme.gates.expression import Facts, Unjudged, evaluate
from hardpoint.programme.gates.model import ArtifactCriterion, Criterion, ExpressionCriterion, Gate, SignoffCriterion
from hardpoint.programme.gates.standing import Gone, Recorded, Subject, believed, counting, current, is_missed, why_not

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of the clocks of the record and the judge an event may be before its time is not believed."""

SIGNOFF = "signoff"
"""The kind of evidence that says that somebody saw what a gate rests on, and agrees."""
WITNESSES = "witnesses"
"""The name of the judgement on whether enough witnesses co-signed."""
HOW_TO_WITNESS = (
    "On each witness's host: hardpoint record witness; then hardpoint record checkpoint --add FILE, "
    "and hardpoint gate --no-check, which adds no evidence"
)

SHOWN_FINDINGS = 3
"""How many findings stand behind a failure; the record has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Everything that a judge may rest on.

    `gone` is what once stood among the evidence, `witnessed` how many entries each distinct witness vouches for,
    `waivers` what the protected branch declares, and `functions` who may sign in which capacity.
    """

    recorded: Sequence[Recorded] = ()
    gone: Sequence[Gone] = ()
    witnessed: Mapping[str, int] = field(default_factory=dict)
    waivers: Sequence[Waiver] = ()
    functions: Mapping[str, frozenset[str]] = field(default_factory=dict)

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
    bench = _Bench(subject, hearing)
    judged = bench.judged(gate)
    seen = _snapshot(gate, subject, hearing, judged.values()) if len(judged) < len(gate.criteria) else ""
    for each in gate.criteria:
        if isinstance(each, SignoffCriterion):
            judged[each.id] = bench.signed(gate, each, seen)
    before = [judged[each.id] for each in gate.criteria]
    judgements = [bench.waived(gate.name, each) for each in before]
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
            sorted([*judgements, *witnesses], key=lambda each: (not each.blocking, _badness(each), each.criterion))
        ),
        without_waivers=decide([*before, *stopping]),
    )


def rests_on(gate: Gate, subject: Subject, hearing: Hearing) -> str:
    """SHA-256 in hex of what a person signs off: each criterion with its verdict, and what its evidence says.

    Not when that was said: a check that is run again and finds the same changes nothing.
    """
    return _snapshot(gate, subject, hearing, _Bench(subject, hearing).judged(gate).values())


def _snapshot(gate: Gate, subject: Subject, hearing: Hearing, judgements: Iterable[Judgement]) -> str:
    by_entry = {each.entry: each.evidence for each in hearing.recorded}
    seen = [
        [
            each.criterion,
            each.verdict.value,
            sorted(_content(by_entry[entry]) for entry in each.evidence if entry in by_entry),
        ]
        for each in judgements
    ]
    return sha256(encoding.encode([gate.name, subject.service, subject.commit, sorted(seen)])).hexdigest()


def _content(evidence: Evidence) -> str:
    said = (evidence.kind, evidence.name, evidence.environment, evidence.commit, evidence.facts, evidence.error)
    return sha256(encoding.encode([*said, evidence.findings])).hexdigest()


class _Bench:
    """One sitting: what several criteria look for is found once."""

    def __init__(self, subject: Subject, hearing: Hearing) -> None:
        self._subject = subject
        self._hearing = hearing
        self._unjudged: set[str] = set()
        self._by_kind: dict[str, list[Recorded]] = {}
        for each in hearing.recorded:
            self._by_kind.setdefault(each.evidence.kind, []).append(each)

    def judged(self, gate: Gate) -> dict[str, Judgement]:
        """Every criterion but the sign-offs, which are about these."""
        return {each.id: self.judge(each) for each in gate.criteria if not isinstance(each, SignoffCriterion)}

    def judge(self, criterion: Criterion) -> Judgement:
        """The worst that any of the current evidence gives: a failing report is not outvoted by a passing one."""
        if isinstance(criterion, ExpressionCriterion):
            return self._finished(criterion, *self._expression(criterion))
        demand = demand_of(criterion, local=self._subject.local, at_base=lambda found: self._at_base(criterion, found))
        still, judgements = self._standing(criterion, demand.kind, demand.name, demand.how_to_get, self._subject)
        for each in still:
            judgements += _of_one(criterion, demand, self._subject, each)
        if isinstance(criterion, ArtifactCriterion):
            judgements += self._built_twice(criterion, demand)
        return self._finished(criterion, judgements, still)

    def signed(self, gate: Gate, criterion: SignoffCriterion, seen: str) -> Judgement:
        """Whether enough people signed exactly what stands now, each in a capacity that the team gives them."""
        holders = self._hearing.functions.get(criterion.function, frozenset())
        said = [each for each in self._by_kind.get(SIGNOFF, ()) if _is_signature(each, gate, criterion)]
        still = current(said, criterion, self._subject)
        able = [each for each in still if each.voice.holder in holders]
        same = [each for each in able if each.evidence.facts.get("snapshot") == seen]
        fresh = [each for each in same if not _age(criterion, each, self._subject.at).verdict.blocks]
        by = sorted({each.voice.holder for each in fresh})
        how = f"hardpoint gate sign {gate.name} --as {criterion.function}"
        if len(by) >= criterion.count:
            verdict, reason = Verdict.PASS, f"signed off by {', '.join(by)}"
        elif not holders:
            verdict, reason = Verdict.MISSING, f"nobody holds the function {criterion.function!r}"
            how = "Name its holders under `trust.functions`"
        elif len(same) > len(fresh):
            verdict, reason = Verdict.STALE, "a sign-off is too old"
        elif able and len(same) < len(able):
            verdict, reason = Verdict.STALE, "what was signed off is no longer what the evidence says"
        else:
            verdict = Verdict.MISSING
            reason = f"signed off by {', '.join(by)}" if by else "nobody has signed it off"
        judgement = Judgement(
            criterion=criterion.id,
            verdict=verdict,
            reason=reason,
            value=str(len(by)),
            threshold=f">= {criterion.count}",
            remedy="" if verdict is Verdict.PASS else how,
        )
        return self._finished(criterion, [judgement], fresh)

    def waived(self, gate: str, judgement: Judgement) -> Judgement:
        """The judgement as a waiver has it, if one counts; else with the reason why one that is there does not."""
        if not judgement.verdict.blocks:
            return judgement
        reasons = []
        for waiver in self._hearing.waivers:
            if waiver.criterion != f"{gate}/{judgement.criterion}":
                continue
            if judgement.criterion in self._unjudged:
                why = "some of the evidence could not be judged, and that is never waived"
            elif not waiver.about(gate, judgement.criterion, judgement.verdict):
                why = f"it covers {waiver.covers} at worst"
            else:
                why = waiver.why_not(self._subject.at, self._hearing.approvals(waiver), blocking=judgement.blocking)
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

    def _standing(
        self, criterion: Criterion, kind: str, name: str, how_to_get: str, subject: Subject
    ) -> tuple[list[Recorded], list[Judgement]]:
        """The evidence that counts, and what is to be said of what does not, or is gone."""
        ours = self._by_kind.get(kind, [])
        still = current(ours, criterion, subject, name)
        missed: list[Gone] = []
        if self._hearing.gone:
            topics = [topic_of(each.evidence) for each in still]
            names = {each.evidence.name for each in ours}
            missed = [
                each for each in self._hearing.gone if is_missed(each, kind, criterion, subject, still, topics, names)
            ]
            superseded = {each.topic for each in missed if each.binding is not None}  # what it superseded stays away
            still = [each for each, topic in zip(still, topics, strict=True) if topic not in superseded]
        judgements = [_missed(criterion, kind, how_to_get, each) for each in missed]
        if not still and not missed:
            judgements.append(_missing(criterion, kind, name, how_to_get, subject, ours))
        return still, judgements

    def _finished(self, criterion: Criterion, judgements: Sequence[Judgement], still: Sequence[Recorded]) -> Judgement:
        enforced = criterion.enforce_from is None or self._subject.at >= criterion.enforce_from
        worst = _worst(judgements)
        if any(each.verdict is Verdict.ERROR for each in judgements):
            self._unjudged.add(criterion.id)
        happened = [at for each in still if (at := each.happened) is not None]
        stale_at = [at + criterion.max_age.delta for at in happened] if criterion.max_age else []
        return replace(
            worst,
            blocking=criterion.severity == "blocking" and enforced,
            owner=criterion.owner,
            evidence=tuple(sorted({each.entry for each in still} | set(worst.evidence))),
            source=", ".join(dict.fromkeys(f"{each.evidence.name} by {each.voice.holder}" for each in still)),
            happened=format_instant(min(happened)) if happened else None,
            stale_at=format_instant(min(stale_at)) if stale_at else None,
        )

    def _at_base(self, criterion: Criterion, found: Evidence) -> Sequence[Evidence]:
        """What stands at the base, by the rules that hold for the commit itself; none where some of it is gone."""
        if self._subject.base is None:
            return ()
        at_base = replace(self._subject, commit=self._subject.base)
        still, said = self._standing(criterion, found.kind, escape(found.name), "", at_base)
        return () if said else [each.evidence for each in still if each.evidence.environment == found.environment]

    def _built_twice(self, criterion: ArtifactCriterion, demand: Demand) -> Iterator[Judgement]:
        """Of what was built twice from one commit, nobody knows which is released."""
        digests: dict[str, set[object]] = {}
        for each in counting(self._by_kind.get(demand.kind, ()), criterion, self._subject, demand.name):
            digests.setdefault(each.evidence.name, set()).add(each.evidence.facts.get("sha256"))
        for name, of_name in digests.items():
            if len(of_name) > 1:
                yield Judgement(
                    criterion=criterion.id,
                    verdict=Verdict.FAIL,
                    reason=f"{name} was built {len(of_name)} times from this, and differently",
                    remedy="Build it once and hand that on; or erase what is not released (hardpoint record erase)",
                )

    def _expression(self, criterion: ExpressionCriterion) -> tuple[list[Judgement], list[Recorded]]:
        """An expression is true of every piece of evidence that its names may stand for, or it fails."""
        rests_on: list[Recorded] = []
        judgements: list[Judgement] = []
        facts: dict[str, list[Facts]] = {}
        for name, kind in criterion.reports.items():
            how = f"Run the tool, then: hardpoint evidence import --commit HEAD <its {kind} report>"
            demand = Demand(kind=kind, asks=lambda found, how=how: _looked(criterion, found, how), how_to_get=how)  # type: ignore[misc]
            still, said = self._standing(criterion, kind, "*", how, self._subject)
            judgements += said
            for each in still:
                judgements += _of_one(criterion, demand, self._subject, each)
            facts[name] = [each.evidence.facts for each in still if each.evidence.error is None]
            rests_on += still
        if all(facts.values()):  # what is false is false, however old
            judgements.append(_evaluated(criterion, facts))
        return judgements, rests_on


def _nothing(criterion: Criterion, reason: str, remedy: str) -> Judgement:
    return Judgement(criterion=criterion.id, verdict=Verdict.MISSING, reason=reason, remedy=remedy)


def _is_signature(recorded: Recorded, gate: Gate, criterion: SignoffCriterion) -> bool:
    facts = recorded.evidence.facts
    said = facts.get("gate"), facts.get("function")
    return said == (gate.name, criterion.function) and recorded.evidence.error is None


def _looked(criterion: Criterion, evidence: Evidence, how_to_get: str) -> Iterator[Judgement]:
    if evidence.population <= 0:
        yield _nothing(criterion, f"{evidence.name} looked at nothing", how_to_get)


def _evaluated(criterion: ExpressionCriterion, facts: Mapping[str, Sequence[Facts]]) -> Judgement:
    try:
        holds, why = evaluate(criterion.expression, facts)
    except Unjudged as problem:
        return Judgement(criterion=criterion.id, verdict=problem.verdict, reason=str(problem), remedy=problem.remedy)
    return Judgement(
        criterion=criterion.id,
        verdict=Verdict.PASS if holds else Verdict.FAIL,
        reason=why,
        threshold=criterion.expression,
        remedy="" if holds else "Repair what it names, run the tools again, and import their reports",
    )


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


def _badness(judgement: Judgement) -> int:
    return -list(Verdict).index(judgement.verdict)


def _missed(criterion: Criterion, kind: str, how_to_get: str, gone: Gone) -> Judgement:
    what = "its report" if gone.binding is not None else f"every {kind} report of this commit"
    remedy = how_to_get if criterion.kind == "check" else f"Import {what} again"
    reason = f"entry {gone.entry} was {gone.how}"
    return Judgement(
        criterion=criterion.id, verdict=Verdict.MISSING, reason=reason, remedy=remedy, evidence=(gone.order,)
    )


def _worst(judgements: Sequence[Judgement]) -> Judgement:
    """The worst of them, with what all that are equally bad have to say."""
    verdict = join(judgement.verdict for judgement in judgements)
    alike = [judgement for judgement in judgements if judgement.verdict is verdict]
    findings = [finding for judgement in alike for finding in judgement.findings]
    return replace(
        alike[0],
        reason="; ".join(dict.fromkeys(judgement.reason for judgement in alike if judgement.reason)),
        findings=tuple(findings[:SHOWN_FINDINGS]),
        evidence=tuple(entry for judgement in judgements for entry in judgement.evidence),
    )


def _missing(
    criterion: Criterion, kind: str, name: str, how_to_get: str, subject: Subject, others: Sequence[Recorded]
) -> Judgement:
    if others:
        newest = max(others, key=lambda each: (each.evidence.commit == subject.commit, believed(each)))
        reason = why_not(newest, criterion, subject) or f"it is named {newest.evidence.name}, not {name}"
        reason = f"the newest {kind} evidence does not count: {reason}"
    else:
        reason = "there is no evidence"
    bound = subject.commit or criterion.environment
    remedy = how_to_get if bound else "Commit, in a git repository: evidence is about a commit"
    return Judgement(criterion=criterion.id, verdict=Verdict.MISSING, reason=reason, remedy=remedy)


def _of_one(criterion: Criterion, demand: Demand, subject: Subject, recorded: Recorded) -> Iterator[Judgement]:
    """Everything that one piece of evidence says of a criterion."""
    evidence = recorded.evidence
    if evidence.error is not None:
        reason = f"{evidence.name} came to no result: {evidence.error}"
        yield Judgement(criterion=criterion.id, verdict=Verdict.ERROR, reason=reason, remedy=demand.how_to_get)
    else:
        yield from demand.asks(evidence)
    yield _age(criterion, recorded, subject.at)


def _age(criterion: Criterion, recorded: Recorded, at: datetime) -> Judgement:
    """Age counts from the event's own time; without one, evidence whose age matters is missing."""
    evidence, happened, max_age = recorded.evidence, recorded.happened, criterion.max_age
    if happened is None and evidence.time is not None:
        reason = f"{evidence.name} says that it happened at {evidence.time!r}, which is not an instant"
        return Judgement(criterion=criterion.id, verdict=Verdict.ERROR, reason=reason)
    if happened is None:
        if max_age is None:
            return Judgement(criterion=criterion.id, verdict=Verdict.PASS, reason="")
        return _nothing(
            criterion, f"{evidence.name} does not say when it happened; give --time when it is imported", ""
        )
    age = at - happened
    # Against the time of recording too, so that waiting does not make an event from the future credible.
    if happened > min(at, parse_instant(recorded.at)) + CLOCK_SKEW:
        reason = f"{evidence.name} says that it happened at {evidence.time}, which was yet to come"
        return Judgement(criterion=criterion.id, verdict=Verdict.ERROR, reason=reason)
    if max_age is not None and age > max_age.delta:
        reason, remedy = f"{evidence.name} is {_days(age)} old, and may be {max_age}", "Run it again and import it"
        return Judgement(criterion=criterion.id, verdict=Verdict.STALE, reason=reason, remedy=remedy)
    return Judgement(criterion=criterion.id, verdict=Verdict.PASS, reason="")


def _days(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"  # noqa: PLR2004
