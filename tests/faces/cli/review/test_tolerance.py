"""What asks for less than before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.faces.cli.review.tolerance import is_weaker, weaker
from hardpoint.kernel.workspace import Workspace
from hardpoint.programme.gates.condition import Condition
from hardpoint.programme.gates.model import GATES

CONDITIONS = st.builds(Condition, st.sampled_from(("==", "!=", ">=", "<=", ">", "<")), st.integers(-9, 9))


@given(CONDITIONS, CONDITIONS)
def test_a_condition_is_weaker_where_some_fact_meets_it_that_did_not(before, after):
    facts = [each / 2 for each in range(-22, 23)]
    assert is_weaker(before, after) == any(after.holds(each) and not before.holds(each) for each in facts)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("== critical", "== critical", False),
        ("== critical", "== high", True),
        (True, True, False),
        (True, False, True),
        (">= 98", "!= 3", True),
        ("== 0", ">= 0", True),
    ],
)
def test_conditions_of_other_sorts(before, after, expected):
    assert is_weaker(Condition.parse(before), Condition.parse(after)) is expected


def criterion(text):
    manifest = f"version: 1\ngates: [{{name: merge, criteria: [{{id: c, {text}}}]}}]\n"
    (gate,) = Workspace.of({"hardpoint.yaml": manifest}, [GATES]).manifest[GATES]
    return gate.criteria[0]


REPORT = "kind: report, report: junit, require: {failures: 0}"
METRIC = "kind: metric, report: k6, fact: p95_ms, better: lower"
SIGNOFF = "kind: signoff, function: release"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (REPORT, f"{REPORT}, severity: advisory", "severity advisory, was blocking"),
        (f"{REPORT}, assurance: ci", f"{REPORT}, assurance: ran", "assurance ran, was ci"),
        (f"{REPORT}, max_age: 24h", REPORT, "max_age none, was 1d"),
        (REPORT, f"{REPORT}, enforce_from: 2027-01-01T00:00:00Z", "enforced from 2027-01-01T00:00:00.000000Z on"),
        (REPORT, "kind: command, command: x", "kind command, was report"),
        (REPORT, "kind: report, report: junit, require: {errors: 0}", "require failures none, was 0"),
        ("kind: check, rules: [DOC001, DOC002]", "kind: check, rules: [DOC002]", "rules without DOC001"),
        ("kind: check, rules: [DOC001]", "kind: check, rules: [DOC001], allow_baseline: true", "known findings pass"),
        (METRIC, f"{METRIC}, tolerance: 5", "tolerance 5.0, was 0.0"),
        ("kind: command, command: x, run: [make, test]", "kind: command, command: x", "run without make, test"),
        (f"{SIGNOFF}, count: 2", SIGNOFF, "count 1, was 2"),
    ],
)
def test_each_way_to_ask_for_less(before, after, said):
    assert list(weaker(criterion(before), criterion(after))) == [said]
    assert list(weaker(criterion(before), criterion(before))) == []
    stricter = [each for each in weaker(criterion(after), criterion(before)) if "kind" not in each]
    assert stricter == ([] if "errors" not in after else ["require errors none, was 0"])
