"""The laws of the judge, over random gates and evidence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.evidence import Assurance, Binding, Evidence, Producer, topic_of
from hardpoint.kernel.hearing import Gone, Recorded
from hardpoint.kernel.identity.voices import Voice
from hardpoint.kernel.verdict import Answer, Decision, Verdict
from hardpoint.kernel.waiver import APPROVAL, Waiver
from hardpoint.programme.gates.condition import Condition
from hardpoint.programme.gates.judge import Hearing
from hardpoint.programme.gates.judge import judge as judged_by
from hardpoint.programme.gates.model import (
    ArtifactCriterion,
    CheckCriterion,
    CommandCriterion,
    ExpressionCriterion,
    Gate,
    MetricCriterion,
    ReportCriterion,
    UrlCriterion,
)
from hardpoint.programme.gates.standing import Subject


def judge(gate, subject, recorded, witnessed=None, gone=()):
    return judged_by(gate, subject, Hearing(recorded=recorded, witnessed=witnessed or {}, gone=gone))


NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
COMMIT, OTHER = "a" * 40, "b" * 40
RULES = ("AAA001", "AAA002")
FACTS = ("failures", "tests", "level")
BAD = {"failures": 9, "tests": 0, "level": "critical"}
CONDITIONS = {"failures": "== 0", "tests": ">= 1", "level": "!= critical"}

VOICE = Voice(holder="ada", assurance=Assurance.CI)
DOUBTED = Voice(holder="eve", assurance=Assurance.CI, why_not="nobody vouches for eve")

assurances = st.sampled_from(Assurance)
voices = st.sampled_from([VOICE, VOICE, DOUBTED]) | st.builds(Voice, holder=st.just("ada"), assurance=assurances)
ages = st.none() | st.integers(1, 72).map(lambda hours: Duration(hours * 3600))
severities = st.sampled_from(["blocking", "blocking", "advisory"])
check_criteria = st.builds(
    CheckCriterion,
    kind=st.just("check"),
    id=st.uuids().map(str),
    rules=st.lists(st.sampled_from(RULES), min_size=1, max_size=2, unique=True).map(tuple),
    severity=severities,
    max_age=ages,
    assurance=assurances,
)
report_criteria = st.builds(
    ReportCriterion,
    kind=st.just("report"),
    id=st.uuids().map(str),
    report=st.sampled_from(["junit", "sarif"]),
    require=st.lists(st.sampled_from(FACTS), min_size=1, unique=True).map(
        lambda names: {name: Condition.parse(CONDITIONS[name]) for name in names}
    ),
    severity=severities,
    max_age=ages,
    assurance=assurances,
)
gates = st.builds(
    Gate, name=st.just("g"), criteria=st.lists(check_criteria | report_criteria, min_size=1, max_size=4).map(tuple)
)
subjects = st.builds(
    Subject,
    service=st.just("s"),
    commit=st.sampled_from([COMMIT, COMMIT, COMMIT, None]),
    at=st.integers(0, 100).map(lambda hours: NOW + timedelta(hours=hours)),
    local=st.booleans(),
)
good_numbers = st.sampled_from([0, 0, 0, 1, 5])
facts = st.fixed_dictionaries(
    {},
    optional={
        "failures": good_numbers | st.sampled_from([True, "x", 0.0]),
        "tests": st.sampled_from([1, 5, 0, 2.5]),
        "level": st.sampled_from(["low", "critical", 3]),
        **{f"{rule}.examined": st.sampled_from([3, 1, 0, "x"]) for rule in RULES},
        **{f"{rule}.findings": good_numbers for rule in RULES},
        "AAA001.error": st.just("broke"),
    },
)
hours = st.integers(-80, 3)
evidence = st.builds(
    Evidence,
    kind=st.sampled_from(["check", "junit", "sarif"]),
    name=st.sampled_from(["one", "two"]),
    service=st.just("s"),
    producer=st.just(Producer(name="p")),
    population=st.sampled_from([3, 3, 1, 0]),
    facts=facts,
    commit=st.sampled_from([COMMIT, COMMIT, COMMIT, OTHER, None]),
    dirty=st.sampled_from([False, False, True]),
    environment=st.sampled_from([None, None, "staging"]),
    time=st.none() | hours.map(lambda hour: format_instant(NOW + timedelta(hours=hour))),
    error=st.sampled_from([None, None, None, "broke"]),
)


@st.composite
def records(draw, **changes):
    """Entries as a record has them: numbered, each recorded no earlier than the one before it, none after NOW."""
    at = sorted(draw(st.lists(st.integers(-80, 0), max_size=6)))
    return [
        Recorded(
            entry=entry,
            at=format_instant(NOW + timedelta(hours=hour)),
            evidence=replace(draw(evidence), **changes),
            voice=draw(voices),
        )
        for entry, hour in enumerate(at)
    ]


def worst(decision: Decision) -> dict[str, Verdict]:
    return {each.criterion: each.verdict for each in decision.criteria}


def no_better(after: Decision, before: Decision) -> None:
    """The answer and every single verdict are as they were, or worse."""
    if before.answer is Answer.NO_GO:
        assert after.answer is Answer.NO_GO
    for criterion, verdict in worst(before).items():
        assert worst(after)[criterion] >= verdict


@st.composite
def worsened(draw, recorded: Recorded) -> Recorded:
    """The same evidence with one thing about it worse."""
    said = recorded.evidence
    number = {f"{rule}.findings": 7 for rule in RULES} | {f"{rule}.examined": 0 for rule in RULES}
    change = draw(st.sampled_from(["error", "facts", "nothing", "rule error"]))
    if change == "error":
        return replace(recorded, evidence=replace(said, error="broke"))
    if change == "nothing":
        assume(not any(fact for fact in said.facts) or said.error is None)
        worse = dict.fromkeys(said.facts, 0) | {name: BAD[name] for name in said.facts if name in BAD}
        return replace(
            recorded, evidence=replace(said, facts={**worse, **{n: number[n] for n in worse if n in number}})
        )
    if change == "rule error":
        return replace(recorded, evidence=replace(said, facts={**said.facts, "AAA001.error": "broke"}))
    bad = {name: BAD[name] for name in said.facts if name in BAD}
    found = {name: 7 for name in said.facts if name.endswith(".findings")}
    return replace(recorded, evidence=replace(said, facts={**said.facts, **bad, **found}))


@pytest.mark.requirement("GAT-02")
@given(gates, subjects, records(), st.data())
def test_worse_evidence_never_turns_no_go_into_go(gate, subject, recorded, data):
    assume(recorded)
    at = data.draw(st.integers(0, len(recorded) - 1))
    after = [*recorded]
    after[at] = data.draw(worsened(recorded[at]))
    if judge(gate, subject, recorded).answer is Answer.NO_GO:
        assert judge(gate, subject, after).answer is Answer.NO_GO


@pytest.mark.requirement("GAT-02")
@given(gates, subjects, records(), evidence)
def test_more_evidence_under_a_name_of_its_own_never_helps_where_there_is_some(gate, subject, recorded, more):
    extra = Recorded(entry=99, at=format_instant(NOW), evidence=replace(more, name="another"), voice=VOICE)
    before, after = judge(gate, subject, recorded), judge(gate, subject, [*recorded, extra])
    for criterion, verdict in worst(before).items():
        if verdict in {Verdict.FAIL, Verdict.ERROR}:
            assert worst(after)[criterion] >= verdict


@pytest.mark.requirement("GAT-02")
@given(gates, report_criteria | check_criteria, subjects, records())
def test_more_criteria_never_cancel_a_failure(gate, extra, subject, recorded):
    before = judge(gate, subject, recorded)
    assume(any(each.blocking and each.verdict.blocks for each in before.criteria))
    after = judge(replace(gate, criteria=(*gate.criteria, extra)), subject, recorded)
    assert after.answer is Answer.NO_GO
    no_better(after, before)


@pytest.mark.requirement("GAT-02")
@given(gates, subjects, records(), st.integers(0, 10**9))
def test_time_that_passes_without_new_evidence_never_helps(gate, subject, recorded, seconds):
    later = replace(subject, at=subject.at + timedelta(seconds=seconds))
    no_better(judge(gate, later, recorded), judge(gate, subject, recorded))


@pytest.mark.requirement("GAT-22")
@given(gates, subjects, records(), records(commit=OTHER) | records(commit=None))
def test_evidence_of_another_commit_changes_no_verdict(gate, subject, recorded, foreign):
    before, after = judge(gate, subject, recorded), judge(gate, subject, [*recorded, *foreign])
    assert (after.answer, worst(after)) == (before.answer, worst(before))


@pytest.mark.requirement("GAT-22")
@given(gates, subjects, records(commit=OTHER))
def test_evidence_of_another_commit_alone_is_no_go(gate, subject, recorded):
    decision = judge(gate, subject, recorded)
    assert decision.answer is Answer.NO_GO
    assert set(worst(decision).values()) == {Verdict.MISSING}


@given(gates, subjects, records(), st.data())
def test_untrusted_evidence_changes_no_verdict(gate, subject, recorded, data):
    doubted = [replace(each, entry=each.entry + 50, voice=DOUBTED) for each in data.draw(records())]
    before, after = judge(gate, subject, recorded), judge(gate, subject, [*recorded, *doubted])
    assert (after.answer, worst(after)) == (before.answer, worst(before))


@given(gates, subjects, records(), st.data())
def test_the_order_in_which_evidence_is_handed_in_does_not_matter(gate, subject, recorded, data):
    shuffled = data.draw(st.permutations(recorded))
    assert judge(gate, subject, shuffled).answer == judge(gate, subject, recorded).answer
    assert worst(judge(gate, subject, shuffled)) == worst(judge(gate, subject, recorded))


@given(gates, subjects, records(time="2026-03-01T00:00:00.000000Z"), st.data())
def test_the_order_in_which_equal_evidence_was_recorded_does_not_matter(gate, subject, recorded, data):
    named = [replace(each, evidence=replace(each.evidence, name=f"n{n}")) for n, each in enumerate(recorded)]
    order = data.draw(st.permutations(range(len(named))))
    renumbered = [replace(each, entry=entry) for each, entry in zip(named, order, strict=True)]
    assert worst(judge(gate, subject, renumbered)) == worst(judge(gate, subject, named))


def left_of(recorded: Recorded, *, order: int = 90, known: bool = True) -> Gone:
    """What is left of evidence whose body was erased or archived."""
    said = recorded.evidence
    return Gone(
        entry=recorded.entry,
        at=recorded.at,
        topic=topic_of(said),
        order=order,
        how="erased: privacy",
        binding=Binding(kind=said.kind, commit=said.commit, time=said.time) if known else None,
    )


@pytest.mark.requirement("GAT-02", "GAT-14")
@given(gates, subjects, records(), st.data())
def test_what_is_erased_or_archived_never_turns_no_go_into_go(gate, subject, recorded, data):
    gone = data.draw(st.sets(st.sampled_from(range(len(recorded))))) if recorded else set()
    erased = [left_of(recorded[at], known=data.draw(st.booleans())) for at in gone]
    left = [each for at, each in enumerate(recorded) if at not in gone]
    before, after = judge(gate, subject, recorded), judge(gate, subject, left, gone=erased)
    if before.answer is Answer.NO_GO:
        assert after.answer is Answer.NO_GO


REPORTS = Gate(
    name="g",
    criteria=(ReportCriterion(kind="report", id="t", report="junit", require={"failures": Condition.parse("== 0")}),),
)
RELEASE = Subject(service="s", commit=COMMIT, at=NOW, local=False)
runs = records(
    kind="junit", commit=COMMIT, population=3, dirty=False, error=None, environment=None, facts={"failures": 0}
).map(lambda recorded: [replace(each, voice=VOICE) for each in recorded])


@pytest.mark.requirement("GAT-02", "GAT-14")
@given(runs, st.data())
def test_of_runs_that_pass_or_fail_none_can_be_taken_out_to_get_a_go(recorded, data):
    failed = data.draw(st.sets(st.sampled_from(range(len(recorded))))) if recorded else set()
    said = [
        replace(each, evidence=replace(each.evidence, facts={"failures": int(at in failed)}))
        for at, each in enumerate(recorded)
    ]
    gone = data.draw(st.sets(st.sampled_from(range(len(recorded))))) if recorded else set()
    erased = [left_of(said[at]) for at in gone]
    left = [each for at, each in enumerate(said) if at not in gone]
    before, after = judge(REPORTS, RELEASE, said), judge(REPORTS, RELEASE, left, gone=erased)
    if before.answer is Answer.NO_GO:
        assert after.answer is Answer.NO_GO
    unsaid = [left_of(said[at], known=False) for at in gone]
    if before.answer is Answer.NO_GO:
        assert judge(REPORTS, RELEASE, left, gone=unsaid).answer is Answer.NO_GO


@pytest.mark.requirement("GAT-02", "GAT-14")
@given(gates, subjects, records(), evidence, st.booleans())
def test_evidence_that_is_gone_never_helps(gate, subject, recorded, gone, known):
    erased = left_of(Recorded(entry=50, at=format_instant(NOW), evidence=gone, voice=VOICE), known=known)
    before, after = judge(gate, subject, recorded), judge(gate, subject, recorded, gone=[erased])
    if before.answer is Answer.NO_GO:
        assert after.answer is Answer.NO_GO
    for criterion, verdict in worst(before).items():
        assert worst(after)[criterion] >= min(verdict, Verdict.MISSING)


@pytest.mark.requirement("GAT-14")
@given(gates, subjects, records(), st.data())
def test_a_report_that_is_imported_again_after_its_body_went_counts_as_before(gate, subject, recorded, data):
    trusted = [replace(each, voice=VOICE) for each in recorded]
    assume(trusted)
    at = data.draw(st.integers(0, len(trusted) - 1))
    again = replace(trusted[at], entry=91)
    erased = [left_of(trusted[at], known=data.draw(st.booleans()))]
    superseding = [each for each in trusted if topic_of(each.evidence) == topic_of(again.evidence)]
    assume(superseding[-1] is trusted[at])
    assume(all(each is trusted[at] or each.at <= again.at for each in superseding))
    left = [each for each in trusted if each is not trusted[at]]
    after = judge(gate, subject, [*left, again], gone=erased)
    if again.evidence.commit == subject.commit and not (again.evidence.dirty and not subject.local):
        same = [each for each in gate.criteria if kind_of(each) == again.evidence.kind]
        assert {each.id: worst(after)[each.id] for each in same} == {
            each.id: worst(judge(gate, subject, [*left, again]))[each.id] for each in same
        }


def kind_of(criterion: CheckCriterion | ReportCriterion) -> str:
    return "check" if isinstance(criterion, CheckCriterion) else criterion.report


@given(gates, subjects, records())
def test_the_same_input_gives_the_same_decision(gate, subject, recorded):
    assert judge(gate, subject, recorded) == judge(gate, subject, recorded)


@given(gates, subjects, records())
def test_go_means_that_every_blocking_criterion_passed_on_evidence(gate, subject, recorded):
    decision = judge(gate, subject, recorded)
    if decision.answer is Answer.GO:
        blocking = [each for each in decision.criteria if each.blocking]
        assert blocking
        assert all(each.verdict is Verdict.PASS and each.evidence for each in blocking)


odd = st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@given(
    gates, subjects, records(), st.dictionaries(st.sampled_from([*FACTS, "AAA001.examined", "AAA001.findings"]), odd)
)
def test_any_facts_are_judged(gate, subject, recorded, facts):
    strange = [replace(each, evidence=replace(each.evidence, facts=facts)) for each in recorded]
    assert judge(gate, subject, strange).answer in Answer


@given(
    gates, subjects, records(), st.text(max_size=30) | st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
)
def test_any_time_is_judged(gate, subject, recorded, time):
    strange = [replace(each, evidence=replace(each.evidence, time=time)) for each in recorded]
    assert judge(gate, subject, strange).answer in Answer


# Criteria of every kind, waivers and clocks.

BASE = "c" * 40
NUMBERS = ("failures", "tests", "score")
common = {
    "id": st.uuids().map(str),
    "severity": severities,
    "max_age": ages,
    "assurance": assurances,
    "environment": st.sampled_from([None, None, "production"]),
    "enforce_from": st.none() | st.integers(-50, 50).map(lambda hour: NOW + timedelta(hours=hour)),
}
conditions = {"failures": Condition("==", 0), "tests": Condition(">=", 1), "score": Condition(">=", 50)}
metrics = st.builds(
    MetricCriterion,
    kind=st.just("metric"),
    report=st.sampled_from(["junit", "k6"]),
    fact=st.just("score"),
    require=st.none() | st.just(conditions["score"]),
    better=st.just("higher"),
    tolerance=st.sampled_from([0.0, 5.0]),
    **{**common, "environment": st.none()},
)
reports = st.builds(
    ReportCriterion,
    kind=st.just("report"),
    report=st.sampled_from(["junit", "k6"]),
    require=st.sets(st.sampled_from(NUMBERS), min_size=1).map(lambda names: {name: conditions[name] for name in names}),
    **common,
)
commands = st.builds(CommandCriterion, kind=st.just("command"), command=st.just("one"), **common)
probes = st.builds(UrlCriterion, kind=st.just("url"), url=st.just("one"), **common)
artifacts = st.builds(ArtifactCriterion, kind=st.just("artifact"), artifact=st.just("*"), **common)
expressions = st.builds(
    ExpressionCriterion,
    kind=st.just("expression"),
    reports=st.just({"unit": "junit"}),
    expression=st.just("unit.failures == 0 && unit.score >= 50"),
    **common,
)
any_criteria = metrics | reports | commands | probes | artifacts | expressions
any_gates = st.builds(Gate, name=st.just("g"), criteria=st.lists(any_criteria, min_size=1, max_size=5).map(tuple))
good_facts = {"failures": 0, "tests": 5, "score": 90, "exit": 0, "passed": True, "failed": 0, "sha256": "d" * 64}
bad_facts = {"failures": 9, "tests": 0, "score": 1, "exit": 1, "passed": False, "failed": 2, "sha256": ""}
any_facts = st.sets(st.sampled_from(sorted(good_facts))).map(
    lambda bad: {**good_facts, **{name: bad_facts[name] for name in bad}}
) | st.just(good_facts)
any_evidence = st.builds(
    Evidence,
    kind=st.sampled_from(["junit", "k6", "command", "probe", "artifact"]),
    name=st.sampled_from(["one", "one", "two"]),
    service=st.just("s"),
    producer=st.just(Producer(name="p")),
    population=st.sampled_from([3, 3, 3, 0]),
    facts=any_facts,
    commit=st.sampled_from([COMMIT, COMMIT, COMMIT, BASE, OTHER]),
    dirty=st.sampled_from([False, False, False, True]),
    environment=st.sampled_from([None, None, "production"]),
    time=st.none() | hours.map(lambda hour: format_instant(NOW + timedelta(hours=hour))),
    error=st.sampled_from([None, None, None, "broke"]),
)


@st.composite
def any_records(draw):
    at = sorted(draw(st.lists(st.integers(-80, 0), max_size=10)))
    return [
        Recorded(
            entry=entry,
            at=format_instant(NOW + timedelta(hours=hour)),
            evidence=draw(any_evidence),
            voice=draw(st.sampled_from([VOICE, VOICE, VOICE, DOUBTED])),
        )
        for entry, hour in enumerate(at)
    ]


@st.composite
def any_waivers(draw, gate):
    """Waivers of some of the criteria, each approved, some begun and some over."""
    found = []
    for number, each in enumerate(draw(st.lists(st.sampled_from(gate.criteria), max_size=4))):
        created = NOW + timedelta(hours=draw(st.integers(-60, 60)))
        found.append(
            Waiver(
                id=f"W-{number}",
                criterion=f"g/{each.id}",
                covers=draw(st.sampled_from(["stale", "missing", "fail"])),
                reason="a reason of twenty letters",
                mitigation="a mitigation of that length",
                owner="bob",
                approvers=("ada",),
                created=created,
                expires=created + timedelta(hours=draw(st.integers(1, 900))),
            )
        )
    return found


def approvals(waivers):
    return [
        Recorded(
            entry=200 + number,
            at=format_instant(NOW - timedelta(days=9)),
            evidence=Evidence(
                kind=APPROVAL, name=each.id, service="s", producer=Producer(name="p"), population=1,
                facts={"waiver": each.id, "digest": each.digest}, time=format_instant(NOW - timedelta(days=9)),
            ),
            voice=VOICE,
        )
        for number, each in enumerate(waivers)
    ]  # fmt: skip


ON_BRANCH = st.integers(0, 100).map(
    lambda hour: Subject(service="s", commit=COMMIT, at=NOW + timedelta(hours=hour), local=False, base=BASE)
)


def answers(decision):
    return (decision.answer is not Answer.NO_GO, decision.without_waivers is not Answer.NO_GO)


@st.composite
def made_worse(draw, recorded):
    """One piece that failed, looked at nothing or broke, where it did not before."""
    said = recorded.evidence
    change = draw(st.sampled_from(["facts", "population", "error"]))
    if change == "facts":
        return replace(recorded, evidence=replace(said, facts=bad_facts))
    if change == "population":
        assume(said.error is None)
        return replace(recorded, evidence=replace(said, population=0))
    return replace(recorded, evidence=replace(said, error="broke"))


@pytest.mark.requirement("GAT-02", "GAT-12")
@given(any_gates, ON_BRANCH, any_records(), st.data())
def test_worse_evidence_of_the_commit_never_helps_with_waivers_or_without(gate, subject, recorded, data):
    """Of the commit: at the base it may lower the bar of a comparison, as a worse base does."""
    ours = [at for at, each in enumerate(recorded) if each.evidence.commit != BASE]
    assume(ours)
    waivers = data.draw(any_waivers(gate))
    heard = Hearing(recorded=[*recorded, *approvals(waivers)], waivers=waivers)
    at = data.draw(st.sampled_from(ours))
    worse = [*recorded]
    worse[at] = data.draw(made_worse(recorded[at]))
    before, after = (
        judged_by(gate, subject, heard),
        judged_by(gate, subject, replace(heard, recorded=[*worse, *approvals(waivers)])),
    )
    if before.without_waivers is Answer.NO_GO:
        assert after.without_waivers is Answer.NO_GO
    # A waiver covers a failure and no error; that an error becomes a failure is news, and the one exception.
    errors = {each.criterion for each in before.criteria if each.verdict is Verdict.ERROR}
    if before.answer is Answer.NO_GO and not errors:
        assert after.answer is Answer.NO_GO


@pytest.mark.requirement("GAT-02", "GAT-12", "GAT-13")
@given(any_gates, ON_BRANCH, any_records(), st.integers(0, 400), st.data())
def test_time_helps_only_by_the_beginning_of_a_waiver_or_of_a_criterion(gate, subject, recorded, passed, data):
    """Without new evidence: each criterion's own verdict, no waiver counted, never gets better; the answer does only
    if between the two instants a waiver began, or the first criterion began to be enforced."""
    waivers = data.draw(any_waivers(gate))
    heard = Hearing(recorded=[*recorded, *approvals(waivers)], waivers=waivers)
    later = replace(subject, at=subject.at + timedelta(hours=passed))
    before, after = judged_by(gate, subject, heard), judged_by(gate, later, heard)
    bare = {each.criterion: each.before or each.verdict for each in before.criteria}
    assert all((each.before or each.verdict) >= bare[each.criterion] for each in after.criteria)
    began = [each.created for each in waivers] + [each.enforce_from for each in gate.criteria if each.enforce_from]
    if not any(subject.at < each <= later.at for each in began):
        for earlier, now in zip(answers(before), answers(after), strict=True):
            assert now <= earlier


@pytest.mark.requirement("GAT-02")
@given(any_gates, any_criteria, ON_BRANCH, any_records(), st.data())
def test_extra_passes_never_cancel_a_failure_whatever_the_kinds(gate, extra, subject, recorded, data):
    waivers = data.draw(any_waivers(gate))
    heard = Hearing(recorded=[*recorded, *approvals(waivers)], waivers=waivers)
    before = judged_by(gate, subject, heard)
    assume(any(each.blocking and each.verdict.blocks for each in before.criteria))
    assert judged_by(replace(gate, criteria=(*gate.criteria, extra)), subject, heard).answer is Answer.NO_GO


@pytest.mark.requirement("GAT-12")
@given(any_gates, ON_BRANCH, any_records(), st.data())
def test_a_waiver_changes_no_more_than_the_criterion_that_it_names(gate, subject, recorded, data):
    waivers = data.draw(any_waivers(gate))
    with_them = judged_by(gate, subject, Hearing(recorded=[*recorded, *approvals(waivers)], waivers=waivers))
    without = judged_by(gate, subject, Hearing(recorded=recorded))
    assert with_them.without_waivers is without.answer is without.without_waivers
    named = {each.criterion for each in waivers}
    verdicts = {each.criterion: each.verdict for each in without.criteria}
    for each in with_them.criteria:
        assert (each.before or each.verdict) is verdicts[each.criterion]
        assert each.verdict is verdicts[each.criterion] or f"g/{each.criterion}" in named
    unapproved = judged_by(gate, subject, Hearing(recorded=recorded, waivers=waivers))
    assert worst(unapproved) == worst(without)


@pytest.mark.requirement("GAT-02", "GAT-14")
@given(any_gates, ON_BRANCH, any_records(), st.data())
def test_no_erasure_opens_a_gate_whatever_the_kinds(gate, subject, recorded, data):
    """But of what was built twice: then one of the two is meant to go."""
    recorded = [each for each in recorded if each.evidence.kind != "artifact"]
    gone = data.draw(st.sets(st.sampled_from(range(len(recorded))))) if recorded else set()
    erased = [left_in(recorded[at], order=90) for at in gone]
    left = [each for at, each in enumerate(recorded) if at not in gone]
    before = judged_by(gate, subject, Hearing(recorded=recorded))
    after = judged_by(gate, subject, Hearing(recorded=left, gone=erased))
    if before.answer is Answer.NO_GO:
        assert after.answer is Answer.NO_GO


def left_in(recorded, order):
    said = recorded.evidence
    binding = Binding(kind=said.kind, commit=said.commit, time=said.time, environment=said.environment)
    return Gone(
        entry=recorded.entry, at=recorded.at, topic=topic_of(said), order=order, how="erased: privacy", binding=binding
    )
