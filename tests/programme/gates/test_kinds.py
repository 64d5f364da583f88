"""The judge over each kind of criterion: what passes, and each way in which it does not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.programme.gates.test_judge import COMMIT, NOBODY, NOW, OTHER, SUBJECT, recorded

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.evidence import Assurance, Binding, topic_of
from hardpoint.kernel.hearing import Gone
from hardpoint.kernel.identity.voices import Voice
from hardpoint.kernel.verdict import Answer, Verdict
from hardpoint.programme.gates.condition import Condition
from hardpoint.programme.gates.judge import Hearing, judge
from hardpoint.programme.gates.model import (
    ArtifactCriterion,
    AttestationCriterion,
    CommandCriterion,
    ExpressionCriterion,
    Gate,
    MetricCriterion,
    ReportCriterion,
    UrlCriterion,
)

BASE = "c" * 40
DIGEST = "d" * 64
ON_BRANCH = replace(SUBJECT, base=BASE)
WEEK = Duration(7 * 86400)
SLSA = "https://slsa.dev/provenance/v1"
ENDLESS = "".join(f"[1, 2, 3, 4, 5, 6, 7, 8, 9].all({name}, " for name in "abcdef") + "a > 0" + ")" * 6
URL = "https://shop.example/?a=[1]"

METRIC = MetricCriterion(id="c", kind="metric", report="cobertura", fact="line_percent", require=Condition(">=", 90))
ARTIFACT = ArtifactCriterion(id="c", kind="artifact", artifact="shop.whl")
ATTESTATION = AttestationCriterion(id="c", kind="attestation", predicate=SLSA, require={"level": Condition(">=", 2)})
COMMAND = CommandCriterion(id="c", kind="command", command="lint")
PROBE = UrlCriterion(id="c", kind="url", url=URL)
EXPRESSION = ExpressionCriterion(
    id="c", kind="expression", reports={"unit": "junit"}, expression="unit.failures == 0 && unit.tests > 10"
)


def evidence(kind, name, facts, entry=0, **changes):
    return recorded(entry, kind=kind, name=name, facts=facts, **changes)


GOOD = {
    "metric": (METRIC, ("cobertura", "c.xml", {"line_percent": 90.5})),
    "artifact": (ARTIFACT, ("artifact", "shop.whl", {"sha256": DIGEST})),
    "attestation": (ATTESTATION, ("attestation", f"{SLSA} of shop", {"predicate": SLSA, "level": 3})),
    "command": (COMMAND, ("command", "lint", {"exit": 0, "passed": True})),
    "url": (PROBE, ("probe", URL, {"failed": 0})),
    "expression": (EXPRESSION, ("junit", "r.xml", {"failures": 0, "tests": 300})),
}
BAD = {
    "metric": {"line_percent": 89.9},
    "artifact": {"sha256": "latest"},
    "attestation": {"predicate": f"{SLSA}.5", "level": 3},
    "command": {"exit": 1, "passed": False},
    "url": {"failed": 1},
    "expression": {"failures": 0, "tests": 10},
}
kinds = pytest.mark.parametrize("kind", GOOD)


def verdict(criterion, *heard, subject=SUBJECT, gone=()):
    decision = judge(Gate(name="g", criteria=(criterion,)), subject, Hearing(recorded=heard, gone=gone))
    (only,) = decision.criteria
    assert (decision.answer is Answer.GO) is (only.verdict is Verdict.PASS)
    assert bool(only.remedy) is (only.verdict is not Verdict.PASS)
    return only.verdict


@kinds
@pytest.mark.requirement("GAT-01", "GAT-22")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Verdict.PASS),
        ({"commit": OTHER}, Verdict.MISSING),
        ({"commit": None}, Verdict.MISSING),
        ({"dirty": True}, Verdict.MISSING),
        ({"voice": NOBODY}, Verdict.MISSING),
        ({"error": "broke"}, Verdict.ERROR),
        ({"time": "soon"}, Verdict.ERROR),
        ({"time": format_instant(NOW + timedelta(days=1))}, Verdict.ERROR),
    ],
)
def test_what_holds_passes_on_evidence_that_counts_alone(kind, changes, expected):
    criterion, said = GOOD[kind]
    assert verdict(criterion, evidence(*said, **changes)) is expected


@kinds
@pytest.mark.requirement("GAT-02")
def test_what_does_not_hold_is_no_go(kind):
    criterion, (of, name, _) = GOOD[kind]
    assert verdict(criterion, evidence(of, name, BAD[kind])) >= Verdict.MISSING
    assert verdict(criterion, evidence(of, name, {})) >= Verdict.MISSING
    assert verdict(criterion) is Verdict.MISSING


@kinds
@pytest.mark.requirement("GAT-02")
def test_what_looked_at_nothing_is_no_pass(kind):
    criterion, said = GOOD[kind]
    assert verdict(criterion, evidence(*said, population=0)) >= Verdict.MISSING


@kinds
@pytest.mark.requirement("GAT-13")
def test_what_is_too_old_is_stale_from_that_instant_on(kind):
    criterion, said = GOOD[kind]
    criterion, then = replace(criterion, max_age=WEEK), NOW - WEEK.delta
    assert verdict(criterion, evidence(*said, at=then)) is Verdict.PASS
    old = evidence(*said, at=then)
    assert verdict(criterion, old, subject=replace(SUBJECT, at=NOW + timedelta(seconds=1))) is Verdict.STALE
    assert verdict(criterion, evidence(*said, time=None)) is Verdict.MISSING


@kinds
@pytest.mark.parametrize("time", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_an_instant_at_the_end_of_the_calendar_is_judged(kind, time):
    criterion, said = GOOD[kind]
    assert verdict(replace(criterion, max_age=WEEK), evidence(*said, time=time)) >= Verdict.STALE


@kinds
@pytest.mark.requirement("GAT-01")
def test_a_weaker_assurance_than_is_asked_for_does_not_count(kind):
    criterion, said = GOOD[kind]
    declared = evidence(*said, voice=Voice(holder="ada", assurance=Assurance.DECLARED))
    assert verdict(replace(criterion, assurance=Assurance.RAN), declared) is Verdict.MISSING


@kinds
@pytest.mark.requirement("GAT-07", "GAT-22")
def test_what_is_so_in_an_environment_counts_there_alone_whatever_the_commit(kind):
    criterion, said = GOOD[kind]
    of_production = replace(criterion, environment="production")
    for commit in (COMMIT, OTHER, None):
        assert verdict(of_production, evidence(*said, commit=commit, environment="production")) is Verdict.PASS
        assert verdict(of_production, evidence(*said, commit=commit, environment="staging")) is Verdict.MISSING
    assert verdict(of_production, evidence(*said)) is Verdict.MISSING


@kinds
@pytest.mark.requirement("GAT-02", "GAT-14")
def test_what_failed_in_an_environment_cannot_be_erased_by_another_name_that_passes(kind):
    criterion, (of, name, facts) = GOOD[kind]
    criterion = replace(criterion, environment="production")
    for field in ("name", "artifact", "command", "url"):
        if hasattr(criterion, field):
            criterion = replace(criterion, **{field: "*"})
    failed = evidence(of, f"{name} z", BAD[kind], 0, environment="production", at=NOW - timedelta(hours=2))
    passed = evidence(of, name, facts, 1, environment="production")
    said = failed.evidence
    for binding in (
        Binding(kind=of, commit=COMMIT, time=said.time, environment="production"),
        Binding(kind=of, commit=COMMIT, time=said.time),
    ):
        gone = Gone(entry=0, at=failed.at, topic=topic_of(said), order=9, how="erased: x", binding=binding)
        assert verdict(criterion, passed, gone=[gone]) is Verdict.MISSING
        again = replace(passed, entry=10, evidence=replace(passed.evidence, name=said.name))
        if not hasattr(criterion, "url") and not hasattr(criterion, "command"):
            assert verdict(criterion, passed, again, gone=[gone]) is Verdict.PASS


@pytest.mark.requirement("GAT-02", "GAT-14")
def test_what_was_of_no_environment_and_is_gone_is_not_missed_in_one():
    criterion = ReportCriterion(
        id="c", kind="report", report="junit", require={"failures": Condition("==", 0)}, environment="production"
    )
    of_commit = recorded(0, at=NOW - timedelta(hours=1))
    gone = Gone(
        entry=0, at=of_commit.at, topic=topic_of(of_commit.evidence), order=9, how="erased: x",
        binding=Binding(kind="junit", commit=COMMIT, time=of_commit.evidence.time),
    )  # fmt: skip
    assert verdict(criterion, recorded(1, environment="production"), gone=[gone]) is Verdict.PASS


# Metrics beside the base.

BETTER = replace(METRIC, require=None, better="higher")


def covered(percent, entry=1, **changes):
    return evidence("cobertura", changes.pop("name", "c.xml"), {"line_percent": percent}, entry, **changes)


@pytest.mark.requirement("GAT-09")
@pytest.mark.parametrize(
    ("better", "tolerance", "now", "before", "expected"),
    [
        ("higher", 0.0, 90, 90, Verdict.PASS),
        ("higher", 0.0, 89.99, 90, Verdict.FAIL),
        ("higher", 0.1, 98.1, 98.2, Verdict.PASS),
        ("higher", 0.1, 1.0, 1.1, Verdict.PASS),
        ("higher", 0.1, 98.09, 98.2, Verdict.FAIL),
        ("lower", 0.0, 301, 300, Verdict.FAIL),
        ("lower", 5.0, 305, 300, Verdict.PASS),
        ("lower", 0.0, 10**400, 300, Verdict.FAIL),
        ("higher", 0.0, True, 0, Verdict.MISSING),
        ("higher", 0.0, 90, False, Verdict.MISSING),
        ("higher", 0.0, 90, float("nan"), Verdict.MISSING),
        ("higher", 0.0, float("inf"), 90, Verdict.MISSING),
    ],
)
def test_a_metric_may_not_be_worse_than_at_the_base(better, tolerance, now, before, expected):
    criterion = replace(BETTER, better=better, tolerance=tolerance)
    heard = covered(before, 0, commit=BASE), covered(now)
    assert verdict(criterion, *heard, subject=ON_BRANCH) is expected


@pytest.mark.requirement("GAT-02")
@pytest.mark.parametrize(
    "changes",
    [
        {"voice": NOBODY},
        {"dirty": True},
        {"commit": OTHER},
        {"error": "broke"},
        {"population": 0},
        {"environment": "staging"},
        {"name": "other.xml"},
        {"time": format_instant(NOW + timedelta(days=1))},
        {"voice": Voice(holder="ada", assurance=Assurance.DECLARED)},
    ],
)
def test_a_base_that_does_not_count_lowers_no_bar(changes):
    criterion = replace(BETTER, assurance=Assurance.RAN)
    low = covered(10, 0, **{"commit": BASE, **changes})
    assert verdict(criterion, low, covered(50), subject=ON_BRANCH) is Verdict.MISSING


def test_without_a_base_nothing_is_compared():
    assert verdict(BETTER, covered(10, 0, commit=BASE), covered(50)) is Verdict.MISSING


@pytest.mark.requirement("GAT-14")
def test_a_base_whose_newest_report_was_erased_lowers_no_bar():
    low = covered(10, 0, commit=BASE, at=NOW - timedelta(hours=3))
    high = covered(90, 1, commit=BASE, at=NOW - timedelta(hours=2))
    assert verdict(BETTER, low, high, covered(50, 2), subject=ON_BRANCH) is Verdict.FAIL
    gone = Gone(
        entry=1, at=high.at, topic=topic_of(high.evidence), order=9, how="erased: x",
        binding=Binding(kind="cobertura", commit=BASE, time=high.evidence.time),
    )  # fmt: skip
    assert verdict(BETTER, low, covered(50, 2), subject=ON_BRANCH, gone=[gone]) is Verdict.MISSING


def test_a_metric_tells_its_margin():
    gate = Gate(name="g", criteria=(METRIC, replace(BETTER, id="d", tolerance=2.0)))
    heard = [covered(91, 0, commit=BASE), covered(90.5)]
    said = {each.criterion: each for each in judge(gate, ON_BRANCH, Hearing(recorded=heard)).criteria}
    assert (said["c"].value, said["c"].threshold, said["c"].margin) == ("90.5", ">= 90", "0.5")
    assert (said["d"].value, said["d"].threshold, said["d"].margin) == ("90.5", "no worse than 91 by at most 2", "1.5")


# Names that are exact.


@pytest.mark.requirement("GAT-07")
@pytest.mark.parametrize("url", ["https://shop.example/xa=1", "https://shop.example/?a=1", "https://shop.example/"])
def test_an_address_is_no_pattern(url):
    assert verdict(PROBE, evidence("probe", url, {"failed": 0})) is Verdict.MISSING


def test_what_was_built_twice_and_differently_is_not_known_by_its_digest():
    first, same, other = (
        evidence("artifact", "shop.whl", {"sha256": digest}, entry)
        for entry, digest in enumerate((DIGEST, DIGEST, "e" * 64))
    )
    assert verdict(ARTIFACT, first, same) is Verdict.PASS
    assert verdict(ARTIFACT, first, other) is Verdict.FAIL
    named = replace(other, evidence=replace(other.evidence, name="other.whl"))
    assert verdict(replace(ARTIFACT, artifact="*.whl"), first, named) is Verdict.PASS


# Expressions.


def expressed(expression, *heard, reports=None):
    criterion = replace(EXPRESSION, expression=expression, reports=reports or {"unit": "junit"})
    return verdict(criterion, *heard)


def unit(entry=0, name="r.xml", **facts):
    return evidence("junit", name, {"failures": 0, "tests": 300, **facts}, entry)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("unit.failures == 0", Verdict.PASS),
        ("unit.failures == 0.0", Verdict.PASS),
        ("unit.failures + 1 == 1", Verdict.PASS),
        ("unit.failures > 0", Verdict.FAIL),
        ("unit.failures", Verdict.ERROR),
        ("unit.failures == ", Verdict.ERROR),
        ("unit.failures == 'none'", Verdict.ERROR),
        ("unit.failurs == 0", Verdict.MISSING),
        ("unit.failures == 0 || unit.failurs == 0", Verdict.MISSING),
        ("1 / 0 == 1", Verdict.FAIL),
        ("!(unit.bad > 5.0)", Verdict.MISSING),
        ("true", Verdict.PASS),
        (ENDLESS, Verdict.ERROR),
    ],
)  # fmt: skip
def test_an_expression_is_true_or_says_why_it_is_not(expression, expected):
    assert expressed(expression, unit(bad=float("nan"))) is expected


@pytest.mark.requirement("GAT-02")
def test_an_expression_holds_of_every_report_that_a_name_stands_for():
    both = unit(0, name="a.xml"), unit(1, name="b.xml", failures=1)
    assert expressed("unit.failures == 0", *both) is Verdict.FAIL
    assert expressed("unit.failures == 0", *reversed(both)) is Verdict.FAIL


@pytest.mark.requirement("GAT-02", "GAT-13")
def test_an_expression_that_is_false_is_false_however_old():
    criterion = replace(EXPRESSION, max_age=WEEK)
    old = evidence("junit", "r.xml", {"failures": 1, "tests": 300}, at=NOW - timedelta(days=30))
    assert verdict(criterion, old) is Verdict.FAIL


def test_an_expression_needs_each_of_its_reports():
    assert expressed("unit.failures == 0 && load.p95 < 1", unit(), reports={"unit": "junit", "load": "k6"}) is (
        Verdict.MISSING
    )


@pytest.mark.parametrize("name", ["a.b", "Unit", "", "x-y", "1st"])
def test_a_name_in_an_expression_is_a_plain_word(name):
    with pytest.raises(ValueError, match="cannot be a name in an expression"):
        replace(EXPRESSION, reports={name: "junit"})


def test_a_metric_of_an_environment_has_no_base():
    with pytest.raises(ValueError, match="no base to compare"):
        replace(BETTER, environment="production")


# From an instant on.


@pytest.mark.requirement("GAT-01")
def test_a_criterion_is_enforced_from_its_instant_on():
    later = replace(METRIC, id="later", enforce_from=NOW)
    gate = Gate(name="g", criteria=(COMMAND, later))
    heard = Hearing(recorded=[evidence("command", "lint", {"exit": 0, "passed": True}), covered(10)])
    early = replace(SUBJECT, at=NOW - timedelta(microseconds=1))
    heard_early = Hearing(
        recorded=[
            replace(each, at=format_instant(early.at), evidence=replace(each.evidence, time=format_instant(early.at)))
            for each in heard.recorded
        ]
    )
    assert judge(gate, early, heard_early).answer is Answer.GO
    assert judge(gate, SUBJECT, heard).answer is Answer.NO_GO


@pytest.mark.parametrize(
    ("facts", "run", "expected", "said"),
    [
        (
            {"argv": "ruff check", "exit": 0, "passed": True},
            (),
            Verdict.PASS,
            "`ruff check`: exit 0; `ruff check`: passed True",
        ),
        ({"argv": "ruff check", "exit": 0, "passed": True}, ("ruff", "check"), Verdict.PASS, "`ruff check`: exit 0"),
        (
            {"argv": "true", "exit": 0, "passed": True},
            ("ruff", "check"),
            Verdict.FAIL,
            "lint ran `true`, and not `ruff check`",
        ),
        (
            {"argv": "ruff check", "exit": 0, "passed": False, "why_not": "r.sarif: was not written by this run"},
            (),
            Verdict.FAIL,
            "r.sarif: was not written by this run",
        ),
        ({"argv": "ruff check", "exit": 0}, (), Verdict.MISSING, "no fact 'passed'"),
    ],
)
def test_a_command_passes_by_its_end_its_reports_and_its_words(facts, run, expected, said):
    criterion = replace(COMMAND, run=run)
    gate = Gate(name="g", criteria=(criterion,))
    (found,) = judge(gate, SUBJECT, Hearing(recorded=[evidence("command", "lint", facts)])).criteria
    assert found.verdict is expected
    assert said in found.reason
