"""The laws of levels: nothing that gets worse, and no further demand, raises a service."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel.verdict import Decision, Judgement, Verdict, decide
from hardpoint.programme.scorecards.levels import rank, standing
from hardpoint.programme.scorecards.model import Level, Scorecard

pytestmark = pytest.mark.requirement("GAT-17")
NAMES = [f"{gate}/{each}" for gate in ("merge", "production") for each in "abc"]
verdicts = st.sampled_from([Verdict.PASS, Verdict.PASS, Verdict.PASS, *Verdict])
levels = st.lists(
    st.lists(st.sampled_from([*NAMES, "merge", "production"]), min_size=1, max_size=3, unique=True),
    min_size=1,
    max_size=4,
)
cards = levels.map(
    lambda found: Scorecard(
        name="r", levels=tuple(Level(name=f"L{n}", criteria=tuple(each)) for n, each in enumerate(found))
    )
)
inputs = st.fixed_dictionaries({name: st.tuples(verdicts, st.booleans()) for name in NAMES})


def decisions(found) -> list[Decision]:
    by_gate: dict[str, list[Judgement]] = {}
    for name, (verdict, blocking) in found.items():
        gate, _, criterion = name.partition("/")
        judgement = Judgement(criterion=criterion, verdict=verdict, reason="", blocking=blocking)
        by_gate.setdefault(gate, []).append(judgement)
    return [
        Decision(gate=gate, service="s", answer=decide(of), at="", commit=None, local=False, criteria=tuple(of))
        for gate, of in by_gate.items()
    ]


def height(card, found) -> int:
    return rank(card, standing(card, decisions(found)).level)


@given(cards, inputs, st.sampled_from(NAMES), st.sampled_from(Verdict))
def test_a_worse_verdict_never_raises_a_level(card, found, name, verdict):
    old, blocking = found[name]
    worse = {**found, name: (max(old, verdict), blocking)}
    assert height(card, worse) <= height(card, found)


@given(cards, inputs, st.sampled_from(["merge", "production"]))
def test_a_gate_that_was_not_judged_never_raises_a_level(card, found, gate):
    without = {name: each for name, each in found.items() if not name.startswith(gate)}
    assert height(card, without) <= height(card, found)


@given(cards, inputs, st.sampled_from(NAMES), st.integers(0, 3))
def test_a_further_demand_on_what_is_applicable_never_raises_a_level(card, found, name, at):
    at = min(at, len(card.levels) - 1)
    if found[name][0] in {Verdict.PASS, Verdict.WAIVED}:
        return  # what holds may be the first of a level that applies
    level = replace(card.levels[at], criteria=(*card.levels[at].criteria, name))
    more = replace(card, levels=(*card.levels[:at], level, *card.levels[at + 1 :]))
    assert height(more, found) <= height(card, found)


@given(cards, inputs)
def test_whoever_is_not_at_the_top_is_told_what_is_lacking(card, found):
    told = standing(card, decisions(found))
    assert (told.next is None) == (told.level == card.levels[-1].name)
    assert bool(told.lacking) == (told.next is not None)
    assert [each.verdict.rank for each in told.lacking] == sorted(
        (each.verdict.rank for each in told.lacking), reverse=True
    )
