"""The bench: each criterion against the evidence that stands for it, which is found once for all that ask for it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from glob import escape

from hardpoint.kernel.clock import after, format_instant
from hardpoint.kernel.evidence import Evidence, topic_of
from hardpoint.kernel.hearing import MAX_INSTANTS, Gone, Recorded, instant_of
from hardpoint.kernel.verdict import Judgement, Verdict
from hardpoint.programme.findings.case import Case, facts_of
from hardpoint.programme.findings.case import Standing as CaseStanding
from hardpoint.programme.findings.ledger import Ledger
from hardpoint.programme.gates.demands import Said, demand_of, import_of, of_cases
from hardpoint.programme.gates.expression import Facts, Unjudged, evaluate
from hardpoint.programme.gates.model import ArtifactCriterion, Criterion, ExpressionCriterion, FindingsCriterion
from hardpoint.programme.gates.standing import (
    Subject,
    counting,
    current,
    is_missed,
    why_not,
)

_written = lru_cache(maxsize=MAX_INSTANTS)(format_instant)

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of the clocks of the record and the judge an event may be before its time is not believed."""

SHOWN_FINDINGS = 3
"""How many findings stand behind a failure; the record has all of them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of one kind and name: the evidence that counts, what is gone of it, and what is wrong with its time.

    `entries`, `source` and `oldest` tell of the evidence for a judgement.
    """

    still: Sequence[Recorded]
    missed: Sequence[Gone]
    untimely: Sequence[Said]
    entries: tuple[int, ...]
    source: str
    oldest: datetime | None


class Bench:
    """One sitting on one subject.

    `unjudged` are the criteria of which some evidence came to no result, and `seen` tells of those that are about
    findings how it stands with each case, whichever reports say so.
    """

    def __init__(
        self, subject: Subject, recorded: Sequence[Recorded], gone: Sequence[Gone], ledger: Ledger | None = None
    ) -> None:
        self.unjudged: set[str] = set()
        self.seen: dict[str, list[tuple[str, ...]]] = {}
        self._subject = subject
        self._base = replace(subject, commit=subject.base) if subject.base is not None else None
        self._gone = gone
        self._ledger = ledger
        self._by_kind: dict[str, list[Recorded]] = {}
        self._standing_of: dict[object, Standing] = {}
        for each in recorded:
            self._by_kind.setdefault(each.evidence.kind, []).append(each)

    def of_kind(self, kind: str) -> Sequence[Recorded]:
        """Everything that was heard of one kind, whatever it is worth."""
        return self._by_kind.get(kind, ())

    def judge(self, criterion: Criterion) -> Judgement:
        """The worst that any of the current evidence gives: a failing report is not outvoted by a passing one."""
        if isinstance(criterion, ExpressionCriterion):
            return self._expression(criterion)
        if isinstance(criterion, FindingsCriterion):
            return self._findings(criterion)
        demand = demand_of(criterion, local=self._subject.local, at_base=lambda found: self._at_base(criterion, found))
        standing = self._standing(criterion, demand.kind, demand.name, self._subject)
        said = self._said(criterion, standing, demand.asks, demand.how_to_get)
        if not standing.still and not standing.missed:
            said.append(self._missing(criterion, demand.kind, demand.name, demand.how_to_get))
        if isinstance(criterion, ArtifactCriterion):
            said += self._built_twice(criterion, demand.kind)
        return self.finished(criterion, said, [standing])

    def finished(self, criterion: Criterion, said: Sequence[Said], standing: Sequence[Standing]) -> Judgement:
        """What is said of a criterion as its judgement: the worst, with the reasons of all that is equally bad."""
        worst = max(said, key=_badness)
        alike = [each for each in said if each.verdict is worst.verdict]
        if worst.verdict.rank >= Verdict.ERROR.rank and any(each.verdict is Verdict.ERROR for each in said):
            self.unjudged.add(criterion.id)
        oldest = _oldest(standing)
        max_age = criterion.max_age
        return Judgement(
            criterion=criterion.id,
            verdict=worst.verdict,
            reason="; ".join(dict.fromkeys(each.reason for each in alike if each.reason)),
            blocking=criterion.blocks_at(self._subject.at),
            value=worst.value,
            threshold=worst.threshold,
            margin=worst.margin,
            remedy=worst.remedy,
            owner=criterion.owner,
            evidence=_entries(said, standing),
            source=", ".join(each.source for each in standing if each.source),
            happened=_written(oldest) if oldest else None,
            stale_at=_written(end) if oldest and max_age and (end := after(oldest, max_age.delta)) else None,
            findings=tuple(finding for each in alike for finding in each.findings)[:SHOWN_FINDINGS],
        )

    def of(self, criterion: Criterion, still: Sequence[Recorded]) -> Standing:
        """Evidence that was found otherwise, as it stands for a criterion."""
        return _standing(still, (), self._subject.at)

    def _said(
        self, criterion: Criterion, standing: Standing, asks: Callable[[Evidence], Iterator[Said]], how_to_get: str
    ) -> list[Said]:
        """Everything that the evidence says of a criterion, and that it is gone or too old."""
        said: list[Said] = [_missed(criterion, each, how_to_get) for each in standing.missed]
        for each in standing.still:
            if each.evidence.error is not None:
                reason = f"{each.evidence.name} came to no result: {each.evidence.error}"
                said.append(Said(Verdict.ERROR, reason, how_to_get))
            else:
                said += asks(each.evidence)
            if criterion.max_age is not None:
                said += aged(criterion, each, self._subject.at)
        said += standing.untimely
        return said

    def _standing(self, criterion: Criterion, kind: str, name: str, subject: Subject) -> Standing:
        key = kind, name, criterion.environment, criterion.assurance, subject.commit
        found = self._standing_of.get(key)
        if found is None:
            found = self._standing_of[key] = self._found(criterion, kind, name, subject)
        return found

    def _found(self, criterion: Criterion, kind: str, name: str, subject: Subject) -> Standing:
        ours = self._by_kind.get(kind, [])
        still = current(ours, criterion, subject, name)
        missed: list[Gone] = []
        if self._gone:
            topics = [topic_of(each.evidence) for each in still]
            names = {each.evidence.name for each in ours}
            missed = [each for each in self._gone if is_missed(each, kind, criterion, subject, still, topics, names)]
            superseded = {each.topic for each in missed if each.binding is not None}  # what it superseded stays away
            still = [each for each, topic in zip(still, topics, strict=True) if topic not in superseded]
        return _standing(still, missed, subject.at)

    def _missing(self, criterion: Criterion, kind: str, name: str, how_to_get: str) -> Said:
        subject = self._subject
        reason = "there is no evidence"
        if others := self._by_kind.get(kind):
            newest = max(others, key=lambda each: (each.evidence.commit == subject.commit, each.entry))
            why = why_not(newest, criterion, subject) or f"it is named {newest.evidence.name}, not {name}"
            reason = f"the newest {kind} evidence does not count: {why}"
        bound = subject.commit or criterion.environment
        remedy = how_to_get if bound else "Commit, in a git repository: evidence is about a commit"
        return Said(Verdict.MISSING, reason, remedy)

    def _at_base(self, criterion: Criterion, found: Evidence) -> Sequence[Evidence]:
        """What stands at the base, by the rules that hold for the commit itself; none where some of it is gone."""
        if self._base is None:
            return ()
        standing = self._standing(criterion, found.kind, escape(found.name), self._base)
        if standing.missed or standing.untimely:
            return ()
        return [each.evidence for each in standing.still if each.evidence.environment == found.environment]

    def _built_twice(self, criterion: ArtifactCriterion, kind: str) -> Iterator[Said]:
        """Of what was built twice from one commit, nobody knows which is released."""
        digests: dict[str, set[object]] = {}
        for each in counting(self._by_kind.get(kind, ()), criterion, self._subject, criterion.artifact):
            digests.setdefault(each.evidence.name, set()).add(each.evidence.facts.get("sha256"))
        for name, of_name in digests.items():
            if len(of_name) > 1:
                reason = f"{name} was built {len(of_name)} times from this, and differently"
                remedy = "Build it once and hand that on; or erase what is not released (hardpoint record erase)"
                yield Said(Verdict.FAIL, reason, remedy)

    def _expression(self, criterion: ExpressionCriterion) -> Judgement:
        """An expression is true of every piece of evidence that its names may stand for, or it fails."""
        standing: list[Standing] = []
        said: list[Said] = []
        facts: dict[str, list[Facts]] = {}
        for name, kind in criterion.reports.items():
            found = self._standing(criterion, kind, "*", self._subject)
            said += self._looked(criterion, kind, found)
            facts[name] = [each.evidence.facts for each in found.still if each.evidence.error is None]
            standing.append(found)
        if all(facts.values()):  # what is false is false, however old
            said.append(_evaluated(criterion, facts))
        return self.finished(criterion, said, standing)

    def _findings(self, criterion: FindingsCriterion) -> Judgement:
        """Every problem that is known counts; that there is no more takes each report that the criterion names.

        The judgement counts no longer than until the next clock runs out.
        """
        at = self._subject.at
        standing = [self._standing(criterion, kind, "*", self._subject) for kind in criterion.reports]
        said = [
            each
            for kind, found in zip(criterion.reports, standing, strict=True)
            for each in self._looked(criterion, kind, found)
        ]
        if self._ledger is None:
            said.append(Said(Verdict.MISSING, "nobody looked for findings", "hardpoint findings list"))
            return self.finished(criterion, said, standing)
        cases = self._ledger.cases(at, criterion.assurance)
        self.seen[criterion.id] = sorted(
            (case.id, case.risk.value, case.standing.value, *case.accepted_by, *case.versions, *case.places)
            for case in cases
            if case.standing is not CaseStanding.FIXED
        )
        said += of_cases(criterion, cases, self._ledger.unrated(criterion.reports), at)
        finished = _accepted(criterion, self.finished(criterion, said, standing), self._ledger, cases, at)
        dues = [case.deadline.due for case in cases if case.standing is CaseStanding.OPEN and not case.is_overdue(at)]
        ends = [_written(due) for due in dues if due is not None] + [each for each in (finished.stale_at,) if each]
        entries = {entry for case in cases if case.standing is not CaseStanding.FIXED for entry in case.entries}
        return replace(
            finished,
            evidence=tuple(sorted({*finished.evidence, *entries})),
            stale_at=min(ends, default=None),
        )

    def _looked(self, criterion: Criterion, kind: str, found: Standing) -> list[Said]:
        """What keeps the reports of a kind from being a look: none, gone, with an error, of nothing, or too old."""
        how = import_of(kind, criterion)
        said = self._said(criterion, found, _looked, how)
        if not found.still and not found.missed:
            said.append(self._missing(criterion, kind, "*", how))
        return said


def _accepted(
    criterion: FindingsCriterion, judgement: Judgement, ledger: Ledger, cases: Sequence[Case], at: datetime
) -> Judgement:
    """The judgement as waived, if it holds only because risks are accepted."""
    if judgement.verdict.blocks:
        return judgement
    unwaived = ledger.unwaived(cases, at, criterion.assurance)
    said = list(of_cases(criterion, unwaived, (), at))
    without = max(said, key=_badness)
    if not without.verdict.blocks:
        return judgement
    facts = facts_of(unwaived, at)
    told = [name for name, condition in criterion.require.items() if not condition.holds(facts[name])]
    needed = {
        waiver
        for case, bare in zip(cases, unwaived, strict=True)
        if any(facts_of([bare], at)[name] for name in told)
        for waiver in case.accepted_by
    }
    waivers = ", ".join(sorted(needed))
    end = ledger.ends(needed)
    until = f" until {_written(end)}" if end is not None else ""
    return replace(
        judgement,
        verdict=Verdict.WAIVED,
        before=without.verdict,
        waiver=waivers,
        reason=f"waived{until} ({waivers}): {'; '.join(each.reason for each in said if each.verdict.blocks)}",
        value=without.value,
        threshold=without.threshold,
        margin=without.margin,
        remedy=without.remedy,
        findings=without.findings[:SHOWN_FINDINGS],
    )


def aged(criterion: Criterion, recorded: Recorded, at: datetime) -> Iterator[Said]:
    """Age counts from the event's own time; without one, evidence whose age matters is missing."""
    evidence, happened, max_age = recorded.evidence, recorded.happened, criterion.max_age
    if max_age is None:
        return
    if happened is None:
        reason = f"{evidence.name} does not say when it happened; give --time when it is imported"
        yield Said(Verdict.MISSING, reason, "Import it again with --time")
    elif at - happened > max_age.delta:
        reason = f"{evidence.name} is {_days(at - happened)} old, and may be {max_age}"
        yield Said(Verdict.STALE, reason, "Run it again and import it")


def _standing(still: Sequence[Recorded], missed: Sequence[Gone], at: datetime) -> Standing:
    happened = [each for one in still if (each := one.happened) is not None]
    return Standing(
        still=still,
        missed=missed,
        untimely=[said for each in still for said in _untimely(each, at)],
        entries=tuple(each.entry for each in still),
        source=", ".join(dict.fromkeys(f"{each.evidence.name} by {each.voice.holder}" for each in still)),
        oldest=min(happened, default=None),
    )


def _untimely(recorded: Recorded, at: datetime) -> Iterator[Said]:
    evidence, happened = recorded.evidence, recorded.happened
    if happened is None:
        if evidence.time is not None:
            reason = f"{evidence.name} says that it happened at {evidence.time!r}, which is not an instant"
            yield Said(Verdict.ERROR, reason, "Import it again with --time")
    # Against the time of recording too, so that waiting does not make an event from the future credible.
    elif happened > min(at, instant_of(recorded.at)) + CLOCK_SKEW:
        reason = f"{evidence.name} says that it happened at {evidence.time}, which was yet to come"
        yield Said(Verdict.ERROR, reason, "Correct the clock that it was made by, and run it again")


def _badness(said: Said) -> int:
    return said.verdict.rank


def _oldest(standing: Sequence[Standing]) -> datetime | None:
    if len(standing) == 1:
        return standing[0].oldest
    return min((each.oldest for each in standing if each.oldest is not None), default=None)


def _entries(said: Sequence[Said], standing: Sequence[Standing]) -> tuple[int, ...]:
    if len(standing) == 1 and not standing[0].missed:
        return standing[0].entries
    found = {entry for each in standing for entry in each.entries}
    return tuple(sorted(found | {each.entry for each in said if each.entry is not None}))


def _missed(criterion: Criterion, gone: Gone, how_to_get: str) -> Said:
    what = "its report" if gone.binding is not None else "every such report of this commit"
    remedy = how_to_get if criterion.kind == "check" else f"Import {what} again"
    return Said(Verdict.MISSING, f"entry {gone.entry} was {gone.how}", remedy, entry=gone.order)


def _looked(evidence: Evidence) -> Iterator[Said]:
    if evidence.population <= 0:
        yield Said(Verdict.MISSING, f"{evidence.name} looked at nothing", "Let its tool look at something")


def _evaluated(criterion: ExpressionCriterion, facts: Mapping[str, Sequence[Facts]]) -> Said:
    try:
        holds, why = evaluate(criterion.expression, facts)
    except Unjudged as problem:
        return Said(problem.verdict, str(problem), problem.remedy)
    remedy = "" if holds else "Repair what it names, run the tools again, and import their reports"
    return Said(Verdict.PASS if holds else Verdict.FAIL, why, remedy, threshold=criterion.expression)


def _days(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"  # noqa: PLR2004
