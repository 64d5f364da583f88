"""The judge: criteria against evidence at one instant, nothing read but what is handed in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hardpoint.kernel.check import BASE
from hardpoint.kernel.check import KIND as CHECK
from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.evidence import Assurance, Binding, Evidence, Fact, topic_of
from hardpoint.kernel.identity.voices import Voice
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.verdict import Decision, Judgement, Verdict, decide, join
from hardpoint.programme.gates.model import CheckCriterion, Gate, ReportCriterion

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of the clocks of the record and the judge an event may be before its time is not believed."""

WITNESSES = "witnesses"
"""The name of the judgement on whether enough witnesses co-signed."""
HOW_TO_WITNESS = (
    "On each witness's host: hardpoint record witness; then hardpoint record checkpoint --add FILE, "
    "and hardpoint gate --no-check, which adds no evidence"
)

SHOWN_FINDINGS = 3
"""How many findings stand behind a failure; the record has all of them."""

SHORT = 10
"""How many characters of a commit's id are shown."""

_EXAMINED = ".examined"
_LOOKS = "Add or declare what {} looks at (docs/reference/rules.md shows it), or drop the rule from the criterion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Evidence as it stands in the record: its entry, when it was recorded, and who says it.

    `log` and `place` are the log that it was first recorded in, and where there: that log's order is known, and
    between two logs only time tells. This record's own evidence names neither.
    """

    entry: int
    at: str
    evidence: Evidence
    voice: Voice
    log: str = ""
    place: int | None = None

    @property
    def order(self) -> int:
        """Its place in its own log."""
        return self.entry if self.place is None else self.place


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Evidence whose body was erased or archived: its entry and topic, the order, and how it went.

    `binding` is what it was bound to; None where the order does not say, so that it may have been bound to anything.
    `imported` is what another log recorded first: then `at` is when it was taken in, for all that is known.
    """

    entry: int
    at: str
    topic: str
    order: int
    how: str
    binding: Binding | None
    imported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is judged: a service at a commit, at one instant; `local` verdicts may read a dirty tree."""

    service: str
    commit: str | None
    at: datetime
    local: bool
    in_git: bool = True


def no_commit(*, in_git: bool) -> str:
    """Why there is no commit to judge."""
    return "this repository has no commit yet" if in_git else "this is no git repository"


def judge(
    gate: Gate,
    subject: Subject,
    recorded: Sequence[Recorded],
    witnessed: Mapping[str, int] | None = None,
    gone: Sequence[Gone] = (),
) -> Decision:
    """A gate's decision. Pure: the same criteria, subject and evidence give the same decision.

    `witnessed` is how many entries each distinct witness vouches for, `gone` what once stood among the evidence.
    """
    judgements = [_judge(criterion, subject, recorded, gone) for criterion in gate.criteria]
    seen = _witnesses(gate.witnesses, judgements, witnessed or {})
    # Witnesses can stop a gate, and are no reason to open it: without a criterion that applies it stays NO-GO.
    answer = decide([*judgements, *(each for each in seen if each.verdict.blocks)])
    return Decision(
        gate=gate.name,
        service=subject.service,
        answer=answer,
        at=format_instant(subject.at),
        commit=subject.commit,
        local=subject.local,
        criteria=tuple(
            sorted([*judgements, *seen], key=lambda each: (not each.blocking, _badness(each), each.criterion))
        ),
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


def _judge(
    criterion: CheckCriterion | ReportCriterion,
    subject: Subject,
    recorded: Sequence[Recorded],
    gone: Sequence[Gone],
) -> Judgement:
    """The worst that any of the current evidence gives: a failing report is not outvoted by a passing one."""
    kind = _kind(criterion)
    ours = [each for each in recorded if each.evidence.kind == kind]
    current = _current(ours, subject, criterion.assurance)
    missed = [each for each in gone if _is_missed(each, kind, subject, current)]
    superseded = {each.topic for each in missed if each.binding is not None}  # what it superseded does not come back
    current = [each for each in current if topic_of(each.evidence) not in superseded]
    if not current and not missed:
        verdicts = [_missing(criterion, subject, ours)]
    else:
        verdicts = [found for each in current for found in _of_one(criterion, subject, each)]
        verdicts += [_missed(criterion, each) for each in missed]
    return replace(
        _worst(verdicts),
        blocking=criterion.severity == "blocking",
        owner=criterion.owner,
        evidence=tuple(sorted([each.entry for each in current] + [each.order for each in missed])),
    )


def _is_missed(gone: Gone, kind: str, subject: Subject, current: Sequence[Recorded]) -> bool:
    """Whether something that is gone would still be current, as far as can be known.

    Newer evidence of its topic takes its place. Where it is not known what it was bound to, evidence that came after
    the order does: of its topic if there is any, else of any name.
    """
    binding, alike = gone.binding, [each for each in current if topic_of(each.evidence) == gone.topic]
    if binding is None:
        return not any(each.entry > gone.order for each in alike or current)
    if (binding.kind, binding.commit) != (kind, subject.commit):
        return False
    happened = _believed(gone.at, binding.time), gone.entry
    return not any(_is_after(each, happened, same_log=not (each.log or gone.imported)) for each in alike)


def _is_after(recorded: Recorded, happened: tuple[datetime, int], *, same_log: bool) -> bool:
    """Between two logs an instant has no order."""
    return _when(recorded) >= happened if same_log else _when(recorded)[0] > happened[0]


def _missed(criterion: CheckCriterion | ReportCriterion, gone: Gone) -> Judgement:
    what = "its report" if gone.binding is not None else f"every {_kind(criterion)} report of this commit"
    remedy = _how_to_get(criterion) if isinstance(criterion, CheckCriterion) else f"Import {what} again"
    reason = f"entry {gone.entry} was {gone.how}"
    return Judgement(criterion=criterion.id, verdict=Verdict.MISSING, reason=reason, remedy=remedy)


def _kind(criterion: CheckCriterion | ReportCriterion) -> str:
    return CHECK if isinstance(criterion, CheckCriterion) else criterion.report


def _worst(judgements: Sequence[Judgement]) -> Judgement:
    """The worst of them, with what all that are equally bad have to say."""
    verdict = join(judgement.verdict for judgement in judgements)
    alike = [judgement for judgement in judgements if judgement.verdict is verdict]
    findings = [finding for judgement in alike for finding in judgement.findings]
    return replace(
        alike[0],
        reason="; ".join(judgement.reason for judgement in alike if judgement.reason),
        findings=tuple(findings[:SHOWN_FINDINGS]),
    )


def _current(recorded: Iterable[Recorded], subject: Subject, least: Assurance) -> list[Recorded]:
    """For each name, the newest evidence of this commit that may be counted; what ties in two logs stands in both."""
    by_name: dict[tuple[str, str | None], list[Recorded]] = {}
    for each in recorded:
        if not _why_not(each, subject, least):
            by_name.setdefault((each.evidence.name, each.evidence.environment), []).append(each)
    return sorted((each for named in by_name.values() for each in _newest(named)), key=lambda each: each.entry)


def _newest(recorded: Sequence[Recorded]) -> Iterable[Recorded]:
    """The last of each log among those of the latest instant."""
    latest = max(_when(each)[0] for each in recorded)
    at_last = sorted((each for each in recorded if _when(each)[0] == latest), key=lambda each: each.order)
    return {each.log: each for each in at_last}.values()


def _when(recorded: Recorded) -> tuple[datetime, int]:
    """When it happened, as far as that is believed: nothing happened after it was recorded."""
    return _believed(recorded.at, recorded.evidence.time), recorded.entry


def _believed(at: str, time: str | None) -> datetime:
    recorded, happened = parse_instant(at), _instant(time)
    return min(recorded, happened) if happened else recorded


def _happened(evidence: Evidence) -> datetime | None:
    return _instant(evidence.time)


def _instant(time: str | None) -> datetime | None:
    try:
        return parse_instant(time) if time is not None else None
    except UsageProblem:
        return None


def _why_not(recorded: Recorded, subject: Subject, least: Assurance) -> str:
    """Why evidence does not count for the subject; empty if it does."""
    evidence = recorded.evidence
    if subject.commit is None:
        return f"nothing can be bound to a commit: {no_commit(in_git=subject.in_git)}"
    if evidence.commit is None:
        return "it names no commit; give --commit when it is imported"
    if evidence.commit != subject.commit:
        return f"it is about commit {evidence.commit[:SHORT]}, not {subject.commit[:SHORT]}"
    if evidence.dirty and not subject.local and not recorded.voice.why_not:
        return "it was made from a working tree with uncommitted changes"
    return recorded.voice.why_not or _too_weak(recorded.voice, least)


def _too_weak(voice: Voice, least: Assurance) -> str:
    """Why a voice is not assurance enough; empty if it is."""
    if voice.assurance >= least:
        return ""
    return f"{voice.holder} gives it as {voice.assurance.value!r}, and {least.value!r} is asked for"


def _missing(criterion: CheckCriterion | ReportCriterion, subject: Subject, others: Sequence[Recorded]) -> Judgement:
    if others:
        newest = max(others, key=lambda each: (each.evidence.commit == subject.commit, _when(each)))
        why_not = _why_not(newest, subject, criterion.assurance)
        reason = f"the newest {newest.evidence.kind} evidence does not count: {why_not}"
    else:
        reason = "there is no evidence"
    remedy = _how_to_get(criterion) if subject.commit else "Commit, in a git repository: evidence is about a commit"
    return Judgement(criterion=criterion.id, verdict=Verdict.MISSING, reason=reason, remedy=remedy)


def _how_to_get(criterion: CheckCriterion | ReportCriterion) -> str:
    if isinstance(criterion, CheckCriterion):
        return "hardpoint check --record"
    return f"Run the tool, then: hardpoint evidence import --commit HEAD <its {criterion.report} report>"


def _of_one(criterion: CheckCriterion | ReportCriterion, subject: Subject, recorded: Recorded) -> Iterator[Judgement]:
    """Everything that one piece of evidence says of a criterion."""
    evidence = recorded.evidence
    if evidence.error is not None:
        yield _judgement(criterion, Verdict.ERROR, f"{evidence.name} came to no result: {evidence.error}")
    elif isinstance(criterion, CheckCriterion):
        yield from _rules(criterion, subject, evidence)
    elif evidence.population <= 0:
        yield _judgement(criterion, Verdict.MISSING, f"{evidence.name} looked at nothing")
    else:
        yield from _facts(criterion, evidence)
    yield _fresh(criterion.id, recorded, criterion.max_age, subject.at)


def _rules(criterion: CheckCriterion, subject: Subject, evidence: Evidence) -> Iterator[Judgement]:
    # By its own baseline alone a change would forgive itself.
    forgives = criterion.allow_baseline and (subject.local or BASE in evidence.facts)
    for rule in criterion.rules:
        examined = evidence.facts.get(rule + _EXAMINED)
        # Evidence of before there was a baseline has no `new`: then all of them count.
        all_found = evidence.facts.get(f"{rule}.findings")
        found = evidence.facts.get(f"{rule}.new", all_found) if forgives else all_found
        error = evidence.facts.get(f"{rule}.error")
        if error is not None:
            yield _judgement(criterion, Verdict.ERROR, f"{rule} could not be checked: {error}")
        elif examined is None or found is None or all_found is None:
            checked = sorted(fact.removesuffix(_EXAMINED) for fact in evidence.facts if fact.endswith(_EXAMINED))
            reason = f"{rule} was not checked, but {', '.join(checked) or 'nothing'}"
            yield _judgement(criterion, Verdict.MISSING, reason, "Correct the rule's id, or: hardpoint check --record")
        elif isinstance(examined, str) or not examined > 0:
            yield _judgement(
                criterion, Verdict.MISSING, f"{rule} found nothing that it could check", _LOOKS.format(rule)
            )
        else:
            verdict = Verdict.FAIL if found != 0 else Verdict.PASS
            yield Judgement(
                criterion=criterion.id,
                verdict=verdict,
                reason=f"{rule}: {_counted(rule, evidence, found, all_found)} in {examined} examined",
                value=str(found),
                threshold="0",
                remedy="`hardpoint check` shows all of them" if found else "",
                findings=tuple(finding for finding in evidence.findings if finding.rule == rule),
            )


def _counted(rule: str, evidence: Evidence, found: Fact, all_found: Fact) -> str:
    """How many findings count, and how many more there are that do not."""
    suppressed = evidence.facts.get(f"{rule}.suppressed", 0)
    parts = ["1 finding" if found == 1 else f"{found} findings"]
    if found != all_found:
        parts.append(f"beyond the baseline ({all_found} with it)")
    if suppressed:
        parts.append(f"({suppressed} suppressed)")
    return " ".join(parts)


def _facts(criterion: ReportCriterion, evidence: Evidence) -> Iterator[Judgement]:
    for name, condition in criterion.require.items():
        fact = evidence.facts.get(name)
        if fact is None:
            known = ", ".join(sorted(evidence.facts))
            reason = f"{evidence.name} has no fact {name!r}; it has {known}"
            yield _judgement(criterion, Verdict.MISSING, reason, "Correct its name, or import a report that has it")
            continue
        try:
            holds = condition.holds(fact)
        except TypeError as error:
            yield _judgement(criterion, Verdict.ERROR, f"{name}: {error}")
            continue
        failed = f"{name} is {fact} in {evidence.name}, and must be {condition}"
        yield Judgement(
            criterion=criterion.id,
            verdict=Verdict.PASS if holds else Verdict.FAIL,
            reason=f"{name} {fact}" if holds else failed,
            value=str(fact),
            threshold=str(condition),
            remedy="" if holds else "Repair it, run the tool again, and import its report",
            findings=() if holds else evidence.findings,
        )


def _fresh(criterion: str, recorded: Recorded, max_age: Duration | None, at: datetime) -> Judgement:
    """Age counts from the event's own time; without one, evidence whose age matters is missing."""
    evidence, happened = recorded.evidence, _happened(recorded.evidence)
    if happened is None and evidence.time is not None:
        reason = f"{evidence.name} says that it happened at {evidence.time!r}, which is not an instant"
        return Judgement(criterion=criterion, verdict=Verdict.ERROR, reason=reason)
    if happened is None:
        if max_age is None:
            return Judgement(criterion=criterion, verdict=Verdict.PASS, reason="")
        reason = f"{evidence.name} does not say when it happened; give --time when it is imported"
        return Judgement(criterion=criterion, verdict=Verdict.MISSING, reason=reason)
    age = at - happened
    # Against the time of recording too, so that waiting does not make an event from the future credible.
    if happened > min(at, parse_instant(recorded.at)) + CLOCK_SKEW:
        reason = f"{evidence.name} says that it happened at {evidence.time}, which was yet to come"
        return Judgement(criterion=criterion, verdict=Verdict.ERROR, reason=reason)
    if max_age is not None and age > max_age.delta:
        reason = f"{evidence.name} is {_days(age)} old, and may be {max_age}"
        return Judgement(criterion=criterion, verdict=Verdict.STALE, reason=reason, remedy="Run it again and import it")
    return Judgement(criterion=criterion, verdict=Verdict.PASS, reason="")


def _days(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"  # noqa: PLR2004


def _judgement(
    criterion: CheckCriterion | ReportCriterion, verdict: Verdict, reason: str, remedy: str | None = None
) -> Judgement:
    remedy = _how_to_get(criterion) if remedy is None else remedy
    return Judgement(criterion=criterion.id, verdict=verdict, reason=reason, remedy=remedy)
