"""The outlook at the gates: what they would say of a change, as far as the record and the rules know by now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hardpoint.kernel.check import RuleRun
from hardpoint.kernel.ownership.model import SERVICES
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.rooms.cli import Context
from hardpoint.kernel.verdict import Answer, Judgement, Verdict
from hardpoint.programme.gates.judge import Hearing, judge
from hardpoint.programme.gates.model import GATES, CheckCriterion, FindingsCriterion, Gate, deciding
from hardpoint.programme.gates.sitting import sitting
from hardpoint.programme.gates.standing import Subject

NOT_ENOUGH = "not enough evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a gate would say of a service: GO, GO BY WAIVER, NO-GO or `not enough evidence`.

    `because` are the criteria that stop it, or that nothing is known of yet; `caused` are those that fail at the change
    and did not at its base.
    """

    gate: str
    service: str
    answer: str
    because: str = ""
    caused: str = ""


def outlooks(context: Context, runs: Sequence[RuleRun], new: Sequence[str]) -> list[Outlook]:
    """The outlook at each default gate, or without one at each gate, for every service.

    `runs` are what the rules say of the change, and `new` the rules with new findings: these answer the criteria that
    ask for rules, and the record answers all others. Nothing is recorded. Raises IntegrityProblem if the record does
    not hold.
    """
    gates = default_gates(context.governing.manifest[GATES])
    services = [each.name for each in context.workspace.manifest[SERVICES]]
    if not gates or not services or not context.workspace.manifest.exists:
        return []
    if not _has_record(context):
        return [_unrecorded(gate, service, context.clock(), runs, new) for service in services for gate in gates]
    return [each for service in services for each in _heard(context, gates, service, runs, new)]


def default_gates(gates: Sequence[Gate]) -> list[Gate]:
    """Those that decide on a merge: the gates that say `default: true`, or all where none does."""
    names = deciding(gates)
    return [each for each in gates if each.name in names]


def _has_record(context: Context) -> bool:
    try:
        with context.stored():
            return True
    except UnreadableProblem:
        return False


def _unrecorded(gate: Gate, service: str, at: datetime, runs: Sequence[RuleRun], new: Sequence[str]) -> Outlook:
    verdicts = {each.id: Verdict.MISSING for each in gate.criteria if each.blocks_at(at)}
    verdicts |= _by_rules(gate, runs, at)
    caused = [name for name, verdict in verdicts.items() if verdict is Verdict.FAIL and _has_new(gate, name, new)]
    return _outlook(gate, service, verdicts, caused)


def _heard(
    context: Context, gates: Sequence[Gate], service: str, runs: Sequence[RuleRun], new: Sequence[str]
) -> Iterator[Outlook]:
    with sitting(context, None, service=service) as held:
        for gate in gates:
            decision = judge(gate, held.subject, held.hearing)
            before = _at_base(gate, held.subject, held.hearing)
            verdicts = {each.criterion: each.verdict for each in decision.criteria if each.blocking}
            by_rules = _by_rules(gate, runs, held.subject.at)
            verdicts |= {name: by_rules[name] for name, said in verdicts.items() if name in by_rules and _is_open(said)}
            caused = [
                name
                for name, verdict in verdicts.items()
                if verdict >= Verdict.ERROR and _is_caused(gate, name, verdict, before, new)
            ]
            yield _outlook(gate, service, verdicts, caused)


def _at_base(gate: Gate, subject: Subject, hearing: Hearing) -> Mapping[str, Judgement]:
    """What is known of each criterion at the commit that the change is to be merged into."""
    if subject.base is None:
        return {}
    decision = judge(gate, replace(subject, commit=subject.base, base=None), hearing)
    return {each.criterion: each for each in decision.criteria}


def _is_caused(gate: Gate, name: str, verdict: Verdict, before: Mapping[str, Judgement], new: Sequence[str]) -> bool:
    """Whether a failure is the change's: unless it is known that the base fails alike.

    Problems that tools report are of one line of commits, which has no base: one that fails there counts.
    """
    criterion = next((each for each in gate.criteria if each.id == name), None)
    if isinstance(criterion, CheckCriterion):
        return _has_new(gate, name, new)
    if isinstance(criterion, FindingsCriterion):
        return True
    return name not in before or before[name].verdict < verdict


def _is_open(verdict: Verdict) -> bool:
    """A waiver covers a criterion whatever the rules say."""
    return verdict is not Verdict.WAIVED


def _by_rules(gate: Gate, runs: Sequence[RuleRun], at: datetime) -> dict[str, Verdict]:
    """What the rules say by now of the criteria that ask for them."""
    by_rule = {run.rule: run for run in runs}
    return {
        each.id: _of_rules(each, [by_rule.get(rule) for rule in each.rules])
        for each in gate.criteria
        if isinstance(each, CheckCriterion) and each.blocks_at(at)
    }


def _of_rules(criterion: CheckCriterion, runs: Sequence[RuleRun | None]) -> Verdict:
    if any(run is not None and run.error is not None for run in runs):
        return Verdict.ERROR
    if any(run is not None and (run.new if criterion.allow_baseline else run.findings) for run in runs):
        return Verdict.FAIL
    return Verdict.PASS if all(run is not None and run.examined for run in runs) else Verdict.MISSING


def _has_new(gate: Gate, name: str, new: Sequence[str]) -> bool:
    rules = next((each.rules for each in gate.criteria if isinstance(each, CheckCriterion) and each.id == name), ())
    return not set(rules).isdisjoint(new)


def _outlook(gate: Gate, service: str, verdicts: Mapping[str, Verdict], caused: Sequence[str]) -> Outlook:
    stopping = [name for name, verdict in verdicts.items() if verdict >= Verdict.ERROR]
    lacking = [name for name, verdict in verdicts.items() if verdict.blocks and name not in stopping]
    return Outlook(
        gate=gate.name,
        service=service,
        answer=_answer(verdicts.values(), stopping, lacking),
        because=", ".join(stopping or lacking),
        caused=", ".join(caused),
    )


def _answer(verdicts: Iterable[Verdict], stopping: Sequence[str], lacking: Sequence[str]) -> str:
    if stopping:
        return Answer.NO_GO.value
    applicable = {each for each in verdicts if each is not Verdict.NOT_APPLICABLE}
    if lacking or not applicable:
        return NOT_ENOUGH
    return Answer.GO_BY_WAIVER.value if Verdict.WAIVED in applicable else Answer.GO.value
