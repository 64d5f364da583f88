"""Demands: what a criterion asks of each piece of evidence, one function for each kind of criterion."""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from glob import escape
from typing import Any, NamedTuple

from hardpoint.kernel.check import BASE
from hardpoint.kernel.check import KIND as CHECK
from hardpoint.kernel.evidence import Evidence, Fact, Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.verdict import Verdict
from hardpoint.programme.findings.case import Case, Standing, facts_of
from hardpoint.programme.findings.look import Look
from hardpoint.programme.gates.condition import Condition
from hardpoint.programme.gates.model import (
    OWN_REPORTS,
    RECORDS,
    ArtifactCriterion,
    AttestationCriterion,
    CheckCriterion,
    CommandCriterion,
    Criterion,
    FindingsCriterion,
    MetricCriterion,
    ReportCriterion,
    UrlCriterion,
)

MAX_RULES = 5
"""How many rules are named that were checked instead of the one that is asked for."""

AtBase = Callable[[Evidence], Sequence[Evidence]]
"""What stands at the base for evidence of the commit: of the same kind, name and environment."""

ARTIFACT = "artifact"
ATTESTATION = "attestation"
COMMAND = "command"
PROBE = "probe"
"""The kinds of evidence that Hardpoint makes itself, beside its own check."""

SHOWN_CASES = 10
"""How many open cases stand behind a verdict at most."""

_DIGEST = re.compile("[0-9a-f]{64}")
_EXAMINED = ".examined"
_LOOKS = "Add or declare what {} looks at (docs/reference/rules.md shows it), or drop the rule from the criterion"
_NONE_FAILS: Mapping[str, Condition] = {"failed": Condition("==", 0)}
_ENDED_WELL: Mapping[str, Condition] = {"exit": Condition("==", 0), "passed": Condition("==", True)}  # noqa: FBT003


class Said(NamedTuple):
    """What one piece of evidence says of a criterion; `entry` is of what speaks in the place of what is gone."""

    verdict: Verdict
    reason: str
    remedy: str = ""
    value: str = ""
    threshold: str = ""
    margin: str = ""
    findings: tuple[Finding, ...] = ()
    entry: int | None = None


class Demand(NamedTuple):
    """Which evidence a criterion is about, what it asks of each piece, and how to get some."""

    kind: str
    name: str
    asks: Callable[[Evidence], Iterator[Said]]
    how_to_get: str


def demand_of(criterion: Criterion, *, local: bool, at_base: AtBase) -> Demand:
    """What a criterion asks; sign-offs and expressions ask of all evidence together, and are judged on their own."""
    return _DEMANDS[type(criterion)](criterion, local, at_base)


def _check(criterion: CheckCriterion, local: bool, _: AtBase) -> Demand:  # noqa: FBT001 - one form for all of them
    return Demand(
        kind=CHECK,
        name="*",
        asks=lambda evidence: _rules(criterion, evidence, local=local),
        how_to_get="hardpoint check --record",
    )


def _report(criterion: ReportCriterion, _local: bool, _: AtBase) -> Demand:  # noqa: FBT001
    how = import_of(criterion.report, criterion)
    return Demand(
        kind=criterion.report,
        name=criterion.name,
        asks=lambda evidence: _facts(criterion.require, evidence, how),
        how_to_get=how,
    )


def _metric(criterion: MetricCriterion, _local: bool, at_base: AtBase) -> Demand:  # noqa: FBT001
    how = import_of(criterion.report, criterion)

    def asks(evidence: Evidence) -> Iterator[Said]:
        if criterion.require is not None:
            yield from _facts({criterion.fact: criterion.require}, evidence, how)
        if criterion.better is not None:
            yield from _compared(criterion, evidence, at_base(evidence))

    return Demand(kind=criterion.report, name=criterion.name, asks=asks, how_to_get=how)


def _artifact(criterion: ArtifactCriterion, _local: bool, _: AtBase) -> Demand:  # noqa: FBT001
    def asks(evidence: Evidence) -> Iterator[Said]:
        digest = evidence.facts.get("sha256")
        if evidence.population > 0 and isinstance(digest, str) and _DIGEST.fullmatch(digest):
            reason = f"{evidence.name} is sha256:{digest}"
            yield Said(verdict=Verdict.PASS, reason=reason, value=digest)
        else:
            yield Said(Verdict.ERROR, f"{evidence.name} has no digest", how)

    how = f"Build it, then: hardpoint evidence artifact FILE --name {criterion.artifact}"
    return Demand(kind=ARTIFACT, name=criterion.artifact, asks=asks, how_to_get=how)


def _attestation(criterion: AttestationCriterion, _local: bool, _: AtBase) -> Demand:  # noqa: FBT001
    how = "hardpoint evidence import <the attestation, a DSSE envelope>"
    return Demand(
        kind=ATTESTATION,
        name=f"{escape(criterion.predicate)}*",
        asks=lambda evidence: _facts(
            {"predicate": Condition("==", criterion.predicate), **criterion.require},
            evidence,
            how,
        ),
        how_to_get=how,
    )


def _command(criterion: CommandCriterion, _local: bool, _: AtBase) -> Demand:  # noqa: FBT001
    how = f"hardpoint evidence run {criterion.command} -- COMMAND, or hardpoint check --blocking where that declares it"

    def asks(evidence: Evidence) -> Iterator[Said]:
        """It ended with 0, its reports say nothing against it, and it is what was to be run, where that is declared."""
        argv = str(evidence.facts.get("argv", ""))
        if criterion.run and argv != shlex.join(criterion.run):
            yield Said(Verdict.FAIL, f"{evidence.name} ran `{argv}`, and not `{shlex.join(criterion.run)}`", how)
        for said in _facts(_ENDED_WELL, evidence, how):
            bad = said.verdict is Verdict.FAIL
            reason = f"`{argv}`: {evidence.facts.get('why_not') or said.reason}" if bad or argv else said.reason
            yield said._replace(reason=reason, remedy=f"Repair it, then: {how}" if bad else said.remedy)

    return Demand(kind=COMMAND, name=escape(criterion.command), asks=asks, how_to_get=how)


def _url(criterion: UrlCriterion, _local: bool, _: AtBase) -> Demand:  # noqa: FBT001
    how = f"hardpoint evidence probe {criterion.url} --environment {criterion.environment or 'NAME'}"
    return Demand(
        kind=PROBE,
        name=escape(criterion.url),
        asks=lambda evidence: _facts(criterion.require or _NONE_FAILS, evidence, how),
        how_to_get=how,
    )


_DEMANDS: Mapping[type, Callable[[Any, bool, AtBase], Demand]] = {
    CheckCriterion: _check,
    ReportCriterion: _report,
    MetricCriterion: _metric,
    ArtifactCriterion: _artifact,
    AttestationCriterion: _attestation,
    CommandCriterion: _command,
    UrlCriterion: _url,
}


def import_of(report: str, criterion: Criterion) -> str:
    """How to get a report of that kind where a criterion looks for it."""
    where = f"--environment {criterion.environment}" if criterion.environment else "--commit HEAD"
    if report in OWN_REPORTS:
        where = f" {where}" if report == "contract-traffic" else ""  # the others are about what is checked out
        return f"hardpoint {OWN_REPORTS[report]}{where} --record"
    if report in RECORDS:
        filled = f"hardpoint evidence template {report} >record.json"
        return f"Fill in what `{filled}` writes, then: hardpoint evidence import {where} record.json"
    return f"Run the tool, then: hardpoint evidence import {where} <its {report} report>"


def _rules(criterion: CheckCriterion, evidence: Evidence, *, local: bool) -> Iterator[Said]:
    # By its own baseline alone a change would forgive itself.
    forgives = criterion.allow_baseline and (local or BASE in evidence.facts)
    for rule in criterion.rules:
        examined = evidence.facts.get(rule + _EXAMINED)
        # Evidence of before there was a baseline has no `new`: then all of them count.
        all_found = evidence.facts.get(f"{rule}.findings")
        found = evidence.facts.get(f"{rule}.new", all_found) if forgives else all_found
        error = evidence.facts.get(f"{rule}.error")
        if error is not None:
            reason = f"{rule} could not be checked: {error}"
            yield Said(Verdict.ERROR, reason, "hardpoint check --record")
        elif examined is None or found is None or all_found is None:
            checked = sorted(fact.removesuffix(_EXAMINED) for fact in evidence.facts if fact.endswith(_EXAMINED))
            others = ", ".join(checked) if len(checked) <= MAX_RULES else f"{len(checked)} other rules"
            reason = f"{rule} was not checked, but {others or 'nothing'}"
            remedy = "Correct the rule's id, or: hardpoint check --record"
            yield Said(Verdict.MISSING, reason, remedy)
        elif isinstance(examined, str) or not examined > 0:
            reason = f"{rule} found nothing that it could check"
            yield Said(Verdict.MISSING, reason, _LOOKS.format(rule))
        else:
            yield Said(
                verdict=Verdict.FAIL if found != 0 else Verdict.PASS,
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


def _facts(require: Mapping[str, Condition], evidence: Evidence, how_to_get: str) -> Iterator[Said]:
    if evidence.population <= 0:
        yield Said(Verdict.MISSING, f"{evidence.name} looked at nothing", how_to_get)
        return
    own = evidence.kind in OWN_REPORTS
    again = f"Repair it, then: {how_to_get}" if own else "Repair it, run the tool again, and import its report"
    for name, condition in require.items():
        fact = evidence.facts.get(name)
        if fact is None:
            known = ", ".join(sorted(evidence.facts))
            reason = f"{evidence.name} has no fact {name!r}; it has {known}"
            remedy = "Correct its name, or import a report that has it"
            yield Said(Verdict.MISSING, reason, remedy)
            continue
        try:
            holds = condition.holds(fact)
        except TypeError as error:
            yield Said(Verdict.ERROR, f"{name}: {error}", how_to_get)
            continue
        failed = f"{name} is {fact} in {evidence.name}, and must be {condition}"
        yield Said(
            verdict=Verdict.PASS if holds else Verdict.FAIL,
            reason=f"{name} {fact}" if holds else failed,
            value=str(fact),
            threshold=str(condition),
            margin=condition.margin(fact),
            remedy="" if holds else again,
            findings=() if holds else evidence.findings,
        )


def _compared(criterion: MetricCriterion, evidence: Evidence, at_base: Sequence[Evidence]) -> Iterator[Said]:
    """A fact beside what it was at the base, whichever of them is the hardest to meet."""
    now = _number(criterion.fact, evidence)
    if now is None:
        reason = f"there is no number {criterion.fact!r} in {evidence.name}"
        yield Said(Verdict.MISSING, reason, import_of(criterion.report, criterion))
        return
    for each in at_base:
        before = _number(criterion.fact, each)
        if before is None:
            break
        yield _beside(criterion, now, before)
    else:
        if at_base:
            return
    reason = f"there is no number {criterion.fact!r} in {evidence.name} of the base to compare with"
    yield Said(Verdict.MISSING, reason, "Import the report of the base too, and name the base")


def _beside(criterion: MetricCriterion, now: Decimal, before: Decimal) -> Said:
    """Worse by more than the tolerance fails."""
    worse = before - now if criterion.better == "higher" else now - before
    tolerance = Decimal(str(criterion.tolerance))
    holds = worse <= tolerance
    allowed = f" by at most {criterion.tolerance:g}" if criterion.tolerance else ""
    return Said(
        verdict=Verdict.PASS if holds else Verdict.FAIL,
        reason=f"{criterion.fact} is {now} and was {before} at the base"
        + ("" if holds else f"; it may get worse{allowed}" if allowed else "; it may not get worse"),
        value=str(now),
        threshold=f"no worse than {before}{allowed}",
        margin=f"{tolerance - worse:g}",
        remedy="" if holds else "Bring it back to what it was, or raise the tolerance where that is decided",
    )


def of_cases(
    criterion: FindingsCriterion, cases: Sequence[Case], unrated: Sequence[Look], at: datetime
) -> Iterator[Said]:
    """What a criterion asks of every problem that tools report, at one instant."""
    for look in unrated:
        count = "1 finding" if look.unrated == 1 else f"{look.unrated} findings"
        reason = f"nobody says how bad {count} of {look.scope} may be"
        yield Said(Verdict.MISSING, reason, f"Say under `findings.rated` what the levels of {look.scope.kind} are")
    still = [case for case in cases if case.standing is Standing.OPEN]
    summed = Evidence(
        kind=criterion.kind,
        name="the findings",
        service="",
        producer=Producer(name="hardpoint"),
        population=1,
        facts=facts_of(cases, at),
        findings=tuple(case.finding(at) for case in still[:SHOWN_CASES]),
    )
    yield from _facts(criterion.require, summed, "hardpoint findings list")


def _number(fact: str, evidence: Evidence) -> Decimal | None:
    """A fact in the decimals that it is written in, so that 98.1 is 0.1 better than 98."""
    value = evidence.facts.get(fact)
    if evidence.error is not None or evidence.population <= 0:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = Decimal(str(value))
    return number if number.is_finite() else None
