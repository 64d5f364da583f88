"""Conditions: what is a comparison, and what it holds for."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.programme.gates.condition import Condition

facts = st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
written = st.sampled_from(["==", "!=", ">=", "<=", ">", "<"]).flatmap(
    lambda comparison: facts.map(lambda fact: f"{comparison} {fact}")
)


@pytest.mark.parametrize(
    ("text", "holds_for", "fails_for"),
    [
        (0, [0, 0.0], [1, -1]),
        (True, [True], [False]),
        (int("9" * 400), [int("9" * 400)], [9, 1e300]),
        (">= 98", [98, 98.0, 99.5], [97.999]),
        ("<5", [4, -1], [5]),
        ("> 0", [1], [0]),
        ("<= 1.5", [1.5], [2]),
        ("== 3", [3], [4]),
        ("!= critical", ["high", ""], ["critical"]),
        ("== high", ["high"], ["High"]),
        ("== true", [True], [False]),
        (" >=  7 ", [7], [6]),
    ],
)
def test_a_condition_holds_or_does_not(text, holds_for, fails_for):
    condition = Condition.parse(text)
    assert all(condition.holds(fact) for fact in holds_for)
    assert not any(condition.holds(fact) for fact in fails_for)


@pytest.mark.parametrize(
    "text",
    ["", "98", "high", ">=", ">= ", "=> 9", "> high", "<= true", "98%", None, [], {}, math.nan, math.inf, "!= nan",
     "< inf", ">= -inf", "!= 1e999", "< " + "9" * 5000],
)  # fmt: skip
def test_what_is_no_condition_is_a_mistake(text):
    with pytest.raises(ValueError, match=r"expected a value or|needs a number"):
        Condition.parse(text)


@pytest.mark.requirement("GAT-02")
@pytest.mark.parametrize(
    ("text", "fact"),
    [(0, False), (0, "0"), (True, 1), ("== high", 3), (">= 1", True), (">= 1", "9"), ("!= 0", math.nan), ("!= x", 1),
     (">= 98", math.inf), ("< 0", -math.inf)],
)  # fmt: skip
def test_what_cannot_be_compared_never_holds(text, fact):
    with pytest.raises(TypeError, match="cannot be compared"):
        Condition.parse(text).holds(fact)


@given(written, facts)
def test_any_condition_answers_yes_no_or_incomparable(text, fact):
    try:
        condition = Condition.parse(text)
    except ValueError:
        return
    try:
        assert condition.holds(fact) in {True, False}
    except TypeError:
        return
    assert not (isinstance(fact, float) and not math.isfinite(fact))


@given(written)
def test_a_condition_reads_as_it_is_written(text):
    try:
        condition = Condition.parse(text)
    except ValueError:
        return
    if condition.comparison != "==":
        assert Condition.parse(str(condition)) == condition
