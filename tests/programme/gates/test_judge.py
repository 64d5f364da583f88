"""The judge: one criterion, one verdict, one reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.evidence import Assurance, Evidence, Fact, Producer
from hardpoint.kernel.hearing import Recorded
from hardpoint.kernel.identity.voices import Voice
from hardpoint.kernel.verdict import Answer, Judgement, Verdict
from hardpoint.programme.gates.bench import CLOCK_SKEW
from hardpoint.programme.gates.condition import Condition
from hardpoint.programme.gates.judge import Hearing
from hardpoint.programme.gates.judge import judge as judged_by
from hardpoint.programme.gates.model import CheckCriterion, Gate, ReportCriterion
from hardpoint.programme.gates.standing import Subject


def judge(gate, subject, recorded, witnessed=None, gone=()):
    return judged_by(gate, subject, Hearing(recorded=recorded, witnessed=witnessed or {}, gone=gone))


NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
COMMIT, OTHER = "a" * 40, "b" * 40
SUBJECT = Subject(service="keystone", commit=COMMIT, at=NOW, local=False)
TESTS = ReportCriterion(kind="report", id="tests", report="junit", require={"failures": Condition.parse(0)})
DOCS = CheckCriterion(kind="check", id="docs", rules=("DOC001",))


ADA = Voice(holder="ada", assurance=Assurance.RAN)
NOBODY = Voice(holder="nobody", why_not="it is signed with a key that nobody vouches for")


def recorded(entry: int = 0, *, at: datetime = NOW, voice: Voice = ADA, failures: Fact = 0, **changes) -> Recorded:
    given = {
        "kind": "junit",
        "name": "report.xml",
        "service": "keystone",
        "producer": Producer(name="pytest"),
        "population": 3,
        "facts": {"failures": failures},
        "commit": COMMIT,
        "time": format_instant(at),
    }
    return Recorded(entry=entry, at=format_instant(at), voice=voice, evidence=Evidence(**{**given, **changes}))


def checked(examined: Fact = 3, findings: Fact = 0, **facts: Fact) -> Recorded:
    given = {"DOC001.examined": examined, "DOC001.findings": findings, **{f"DOC001.{k}": v for k, v in facts.items()}}
    return recorded(kind="check", name="check", facts=given)


def judged(*evidence: Recorded, criterion=TESTS, subject: Subject = SUBJECT) -> Judgement:
    (only,) = judge(Gate(name="merge", criteria=(criterion,)), subject, evidence).criteria
    return only


def answer(*evidence: Recorded, criteria=(TESTS,), subject: Subject = SUBJECT) -> Answer:
    return judge(Gate(name="merge", criteria=criteria), subject, evidence).answer


@pytest.mark.requirement("GAT-01")
def test_a_fact_that_meets_its_condition_passes():
    found = judged(recorded())
    assert (found.verdict, found.value, found.threshold, found.evidence) == (Verdict.PASS, "0", "0", (0,))
    assert found.reason == "failures 0"
    assert answer(recorded()) is Answer.GO


@pytest.mark.requirement("GAT-01", "GAT-02")
@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        ([], Verdict.MISSING),
        ([recorded(failures=1)], Verdict.FAIL),
        ([recorded(failures="none")], Verdict.ERROR),
        ([recorded(failures=False)], Verdict.ERROR),
        ([recorded(failures=float("nan"))], Verdict.ERROR),
        ([recorded(facts={})], Verdict.MISSING),
        ([recorded(population=0)], Verdict.MISSING),
        ([recorded(population=-1)], Verdict.MISSING),
        ([recorded(error="broke")], Verdict.ERROR),
        ([recorded(error="")], Verdict.ERROR),
        ([recorded(commit=OTHER)], Verdict.MISSING),
        ([recorded(commit=None)], Verdict.MISSING),
        ([recorded(commit=COMMIT[:12])], Verdict.MISSING),
        ([recorded(voice=NOBODY)], Verdict.MISSING),
        ([recorded(dirty=True)], Verdict.MISSING),
        ([recorded(kind="sarif")], Verdict.MISSING),
        ([recorded(time="yesterday")], Verdict.ERROR),
    ],
)
def test_whatever_is_not_a_pass_is_no_go(evidence, verdict):
    found = judged(*evidence)
    assert found.verdict is verdict
    assert found.reason
    assert answer(*evidence) is Answer.NO_GO


@pytest.mark.requirement("GAT-01")
@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        (checked(), Verdict.PASS),
        (checked(findings=1), Verdict.FAIL),
        (checked(examined=0), Verdict.MISSING),
        (checked(examined=-1), Verdict.MISSING),
        (checked(examined="many"), Verdict.MISSING),
        (checked(findings="none"), Verdict.FAIL),
        (checked(error="cannot be read"), Verdict.ERROR),
        (checked(error=""), Verdict.ERROR),
        (recorded(kind="check", facts={"DOC002.examined": 1, "DOC002.findings": 0}), Verdict.MISSING),
        (recorded(kind="check", facts={"DOC001.examined": 1}), Verdict.MISSING),
        (recorded(kind="check", facts={"DOC001.findings": 0}), Verdict.MISSING),
    ],
)
def test_a_rule_passes_if_it_looked_and_found_nothing(evidence, verdict):
    assert judged(evidence, criterion=DOCS).verdict is verdict


def test_one_rule_that_fails_fails_the_criterion():
    criterion = replace(DOCS, rules=("DOC001", "DOC002"))
    facts = {"DOC001.examined": 1, "DOC001.findings": 0, "DOC002.examined": 1, "DOC002.findings": 1}
    found = judged(recorded(kind="check", facts=facts), criterion=criterion)
    assert (found.verdict, found.reason) == (Verdict.FAIL, "DOC002: 1 finding in 1 examined")


@pytest.mark.requirement("GAT-22")
def test_a_misspelt_rule_or_fact_is_told_with_those_that_there_are():
    rule = judged(checked(), criterion=replace(DOCS, rules=("DOC999",)))
    assert (rule.verdict, rule.reason) == (Verdict.MISSING, "DOC999 was not checked, but DOC001")
    many = {f"DOC{at:03}.{fact}": 0 for at in range(20) for fact in ("examined", "findings")}
    rule = judged(recorded(kind="check", facts=many), criterion=replace(DOCS, rules=("DOC999",)))
    assert (rule.verdict, rule.reason) == (Verdict.MISSING, "DOC999 was not checked, but 20 other rules")
    fact = judged(recorded(), criterion=replace(TESTS, require={"failurs": Condition.parse(0)}))
    assert (fact.verdict, fact.reason) == (Verdict.MISSING, "report.xml has no fact 'failurs'; it has failures")
    assert [each.remedy.split()[0] for each in (rule, fact)] == ["Correct", "Correct"]


@pytest.mark.requirement("GAT-22")
@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        (recorded(commit=OTHER), "it is about commit bbbbbbbbbb, not aaaaaaaaaa"),
        (recorded(commit=None), "it names no commit"),
        (recorded(voice=NOBODY), "a key that nobody vouches for"),
        (recorded(dirty=True), "uncommitted changes"),
    ],
)
def test_evidence_that_does_not_count_is_named_with_the_reason(evidence, why):
    assert why in judged(evidence).reason
    assert judged(evidence).remedy


@pytest.mark.requirement("GAT-22")
def test_without_a_commit_nothing_can_be_bound():
    subject = replace(SUBJECT, commit=None)
    for commit in (None, COMMIT):
        found = judged(recorded(commit=commit), subject=subject)
        assert (found.verdict, "git repository" in found.remedy) == (Verdict.MISSING, True)
    assert "git repository" in judged(subject=subject).remedy


def test_a_dirty_tree_counts_only_for_a_local_verdict():
    local = replace(SUBJECT, local=True)
    assert judged(recorded(dirty=True)).verdict is Verdict.MISSING
    assert judged(recorded(dirty=True), subject=local).verdict is Verdict.PASS
    assert judge(Gate(name="m", criteria=(TESTS,)), local, []).local


@pytest.mark.requirement("GAT-02")
def test_of_two_reports_of_one_kind_the_failing_one_decides():
    failing, passing = recorded(0, name="a.xml", failures=1), recorded(1, name="b.xml")
    for both in ([failing, passing], [passing, failing]):
        assert judged(*both).verdict is Verdict.FAIL
        assert judged(*both).evidence == (0, 1)


@pytest.mark.requirement("GAT-02")
def test_of_two_environments_the_failing_one_decides():
    both = recorded(0, environment="staging", failures=1), recorded(1, environment="production")
    assert judged(*both).verdict is Verdict.FAIL


def test_newer_evidence_of_one_name_supersedes_older():
    earlier = NOW - timedelta(hours=1)
    assert judged(recorded(0, at=earlier, failures=1), recorded(1)).verdict is Verdict.PASS
    assert judged(recorded(0, at=earlier), recorded(1, failures=1)).verdict is Verdict.FAIL


@pytest.mark.requirement("GAT-02")
def test_an_older_run_that_is_imported_later_supersedes_nothing():
    old_pass = replace(recorded(1), evidence=replace(recorded().evidence, time="2026-03-30T00:00:00.000000Z"))
    assert judged(recorded(0, failures=1), old_pass).verdict is Verdict.FAIL


def test_at_one_instant_the_later_entry_supersedes():
    assert judged(recorded(0), recorded(1, failures=1)).verdict is Verdict.FAIL
    assert judged(recorded(1, failures=1), recorded(0)).verdict is Verdict.FAIL


def test_times_are_compared_as_instants_not_as_text():
    failed = recorded(0, failures=1, time="2026-03-31T11:00:00Z")
    earlier = recorded(1, time="2026-03-31T12:00:00+02:00")
    assert judged(failed, earlier).verdict is Verdict.FAIL


DAILY = replace(TESTS, max_age=Duration.parse("24h"))


@pytest.mark.requirement("GAT-01")
@pytest.mark.parametrize(
    ("age", "verdict"),
    [
        (timedelta(), Verdict.PASS),
        (timedelta(hours=24), Verdict.PASS),
        (timedelta(hours=24, microseconds=1), Verdict.STALE),
        (timedelta(days=400), Verdict.STALE),
        (-CLOCK_SKEW, Verdict.PASS),
        (-CLOCK_SKEW - timedelta(seconds=1), Verdict.ERROR),
    ],
)
def test_age_counts_from_the_event(age, verdict):
    assert judged(recorded(time=format_instant(NOW - age)), criterion=DAILY).verdict is verdict


def test_without_a_time_evidence_whose_age_matters_is_missing():
    assert judged(recorded(time=None), criterion=DAILY).verdict is Verdict.MISSING
    assert judged(recorded(time=None)).verdict is Verdict.PASS


def test_a_failure_that_is_stale_is_still_a_failure():
    old = recorded(failures=1, time=format_instant(NOW - timedelta(days=9)))
    assert judged(old, criterion=DAILY).verdict is Verdict.FAIL


@pytest.mark.requirement("GAT-02")
def test_waiting_does_not_make_an_event_from_the_future_credible():
    ahead = recorded(time=format_instant(NOW + timedelta(hours=1)))
    assert judged(ahead).verdict is Verdict.ERROR
    assert judged(ahead, subject=replace(SUBJECT, at=NOW + timedelta(hours=2))).verdict is Verdict.ERROR


def test_an_event_from_the_future_does_not_outlive_newer_evidence():
    ahead = recorded(0, at=NOW - timedelta(hours=1), time=format_instant(NOW + timedelta(days=365)))
    assert judged(ahead, recorded(1)).verdict is Verdict.PASS
    assert judged(ahead, recorded(1, failures=1)).verdict is Verdict.FAIL


@pytest.mark.requirement("GAT-02")
def test_passes_never_outvote_one_failure():
    criteria = (replace(TESTS, id="no", require={"failures": Condition.parse("> 5")}),)
    criteria += tuple(replace(TESTS, id=f"yes{n}") for n in range(50))
    assert answer(recorded(), criteria=criteria) is Answer.NO_GO


@pytest.mark.requirement("GAT-01")
def test_an_advisory_criterion_is_shown_and_does_not_decide():
    advisory = replace(DOCS, severity="advisory")
    decision = judge(Gate(name="merge", criteria=(advisory, TESTS)), SUBJECT, [recorded()])
    assert decision.answer is Answer.GO
    assert [(each.criterion, each.blocking) for each in decision.criteria] == [("tests", True), ("docs", False)]


@pytest.mark.requirement("GAT-02")
def test_advisory_criteria_alone_decide_nothing_and_that_is_no_go():
    assert answer(recorded(), criteria=(replace(TESTS, severity="advisory"),)) is Answer.NO_GO


def test_the_weakest_criterion_comes_first():
    decision = judge(Gate(name="merge", criteria=(TESTS, DOCS)), SUBJECT, [recorded(), checked(findings=2)])
    assert [each.criterion for each in decision.criteria] == ["docs", "tests"]


def test_a_decision_names_what_was_judged_and_when():
    decision = judge(Gate(name="merge", criteria=(TESTS,)), SUBJECT, [])
    assert (decision.gate, decision.service, decision.commit) == ("merge", "keystone", COMMIT)
    assert decision.at == "2026-03-31T14:00:00.000000Z"


def test_the_owner_of_a_criterion_is_named():
    assert judged(criterion=replace(TESTS, owner="ada")).owner == "ada"


# Witnesses.


def witnessed_judgement(*evidence: Recorded, need: int, witnessed: dict[str, int], criterion=TESTS):
    gate = Gate(name="merge", criteria=(criterion,), witnesses=need)
    decision = judge(gate, SUBJECT, evidence, witnessed)
    found = [each for each in decision.criteria if each.criterion == "witnesses"]
    return decision.answer, found[0] if found else None


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize(
    ("need", "witnessed", "answer"),
    [
        (1, {}, Answer.NO_GO),
        (1, {"east": 7}, Answer.NO_GO),
        (1, {"east": 8}, Answer.GO),
        (2, {"east": 8}, Answer.NO_GO),
        (2, {"east": 8, "west": 7}, Answer.NO_GO),
        (2, {"east": 8, "west": 900}, Answer.GO),
    ],
)
def test_a_gate_that_needs_witnesses_is_no_go_until_they_saw_every_entry_it_rests_on(need, witnessed, answer):
    said, found = witnessed_judgement(recorded(3, name="a"), recorded(7, name="b"), need=need, witnessed=witnessed)
    assert said is answer
    assert found.blocking
    assert found.verdict is (Verdict.PASS if answer is Answer.GO else Verdict.MISSING)
    assert found.evidence == (3, 7)
    assert bool(found.remedy) is (answer is Answer.NO_GO)


def test_a_gate_that_needs_no_witness_does_not_speak_of_them():
    assert witnessed_judgement(recorded(3), need=0, witnessed={"east": 9}) == (Answer.GO, None)


def test_witnesses_do_not_open_a_gate_of_which_no_criterion_blocks():
    advisory = replace(TESTS, severity="advisory")
    answer, found = witnessed_judgement(recorded(3), need=1, witnessed={"east": 9}, criterion=advisory)
    assert (answer, found.verdict) == (Answer.NO_GO, Verdict.PASS)


def test_witnesses_do_not_outvote_a_failure():
    assert witnessed_judgement(recorded(3, failures=1), need=1, witnessed={"east": 9})[0] is Answer.NO_GO


def test_evidence_that_may_be_older_than_the_calendar_never_grows_stale():
    found = judged(recorded(0), criterion=replace(TESTS, max_age=Duration.parse("999999w")))
    assert (found.verdict, found.stale_at) == (Verdict.PASS, None)
