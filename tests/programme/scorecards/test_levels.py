"""Levels: conjunctions of what gates say, and what the next one lacks."""

import pytest

from hardpoint.kernel.verdict import Decision, Judgement, Verdict, decide
from hardpoint.programme.scorecards.levels import gates_of, rank, standing, unknown
from hardpoint.programme.scorecards.model import Level, Scorecard
from hardpoint.programme.scorecards.trend import MAX_CHANGES, Since, levels_so_far, line

pytestmark = pytest.mark.requirement("GAT-17")
CARD = Scorecard(
    name="readiness",
    levels=(
        Level(name="bronze", criteria=("merge/tests",)),
        Level(name="silver", criteria=("merge",)),
        Level(name="gold", criteria=("production/drill", "production/pager")),
    ),
)
KNOWN = {"merge": ["tests", "docs"], "production": ["drill", "pager"], "other": ["tests"]}
GOOD = {
    "merge": {"tests": Verdict.PASS, "docs": Verdict.PASS},
    "production": {"drill": Verdict.PASS, "pager": Verdict.PASS},
}


def decision(gate, verdicts, *, at="2026-03-31T14:00:00.000000Z", commit="a" * 40, advisory=()):
    criteria = tuple(
        Judgement(
            criterion=name,
            verdict=verdict,
            reason=f"{name} is {verdict.value}",
            remedy=f"mend {name}",
            blocking=name not in advisory,
        )
        for name, verdict in verdicts.items()
    )
    return Decision(
        gate=gate, service="shop", answer=decide(criteria), at=at, commit=commit, local=False, criteria=criteria
    )


def stands(changes=(), card=CARD, advisory=()):
    verdicts = {gate: {**of, **dict(changes).get(gate, {})} for gate, of in GOOD.items()}
    return standing(card, [decision(gate, of, advisory=advisory) for gate, of in verdicts.items()])


def test_where_everything_holds_the_highest_level_is_reached():
    assert stands().level == "gold"
    assert (stands().next, stands().lacking) == (None, ())


@pytest.mark.parametrize("verdict", [each for each in Verdict if each.blocks])
def test_a_level_counts_only_where_all_that_it_names_holds_now(verdict):
    found = stands({"production": {"pager": verdict}})
    assert (found.level, found.next) == ("silver", "gold")
    assert [(each.criterion, each.verdict, each.remedy) for each in found.lacking] == [
        ("production/pager", verdict, "mend pager")
    ]


@pytest.mark.parametrize("verdict", [each for each in Verdict if not each.blocks])
def test_what_is_waived_or_does_not_apply_is_no_hindrance(verdict):
    assert stands({"production": {"pager": verdict}}).level == "gold"


def test_where_nothing_of_a_level_applies_it_is_not_earned():
    found = stands({"production": dict.fromkeys(("drill", "pager"), Verdict.NOT_APPLICABLE)})
    assert (found.level, [each.criterion for each in found.lacking]) == (
        "silver",
        ["production/drill", "production/pager"],
    )


def test_a_level_is_not_reached_over_one_below_it_that_is_not():
    found = stands({"merge": {"tests": Verdict.FAIL}})
    assert (found.level, found.next) == ("none", "bronze")


def test_a_whole_gate_holds_as_it_says_itself():
    """An advisory criterion decides nothing there, and counts where a level names it."""
    failing = {"merge": {"docs": Verdict.FAIL}}
    assert stands(failing).level == "bronze"
    assert stands(failing, advisory=("docs",)).level == "gold"
    named = Scorecard(name="r", levels=(Level(name="one", criteria=("merge/docs",)),))
    assert stands(failing, card=named, advisory=("docs",)).level == "none"


def test_a_gate_of_which_nothing_applies_says_so():
    found = stands(
        {"merge": dict.fromkeys(("tests", "docs"), Verdict.NOT_APPLICABLE)},
        card=Scorecard(name="r", levels=CARD.levels[1:]),
    )
    assert [(each.criterion, each.verdict, each.reason) for each in found.lacking] == [
        ("merge", Verdict.MISSING, "none of its criteria applies")
    ]


def test_what_no_gate_judged_is_missing():
    found = standing(CARD, [])
    assert (found.level, [(each.criterion, each.verdict) for each in found.lacking]) == (
        "none",
        [("merge/tests", Verdict.MISSING)],
    )


def test_what_is_lacking_stands_weakest_first_and_once():
    card = Scorecard(
        name="r", levels=(Level(name="one", criteria=("production/drill", "merge", "merge/docs", "merge/tests")),)
    )
    found = stands(
        {
            "merge": {"tests": Verdict.FAIL, "docs": Verdict.STALE},
            "production": {"drill": Verdict.MISSING, "pager": Verdict.FAIL},
        },
        card,
    )
    assert [each.criterion for each in found.lacking] == ["merge/tests", "production/drill", "merge/docs"]


def test_of_two_criteria_of_one_name_the_worse_counts():
    card = Scorecard(name="r", levels=(Level(name="one", criteria=("a/b/c",)),))
    judged = [decision("a", {"b/c": Verdict.PASS}), decision("a/b", {"c": Verdict.FAIL})]
    assert [standing(card, each).level for each in (judged, judged[::-1], judged[:1])] == ["none", "none", "one"]


def test_names_and_heights():
    assert list(unknown(CARD, {"merge": ["tests"]})) == [("gold", "production/drill"), ("gold", "production/pager")]
    assert gates_of(CARD, KNOWN) == {"merge", "production"}
    assert [rank(CARD, each) for each in ("none", "bronze", "gold")] == [0, 1, 3]


def test_a_level_may_not_be_called_as_what_has_none():
    with pytest.raises(ValueError, match="no name for one"):
        Level(name="none", criteria=("merge",))


def commit(number, *, merge=Verdict.PASS, production=Verdict.PASS):
    at = f"2026-03-{number:02}T14:00:00.000000Z"
    verdicts = {
        "merge": {"tests": Verdict.PASS, "docs": merge},
        "production": {"drill": production, "pager": production},
    }
    return [decision(gate, of, at=at, commit=f"{number:040}") for gate, of in verdicts.items()]


def test_the_trend_tells_each_change_once_and_the_oldest_first():
    newest_first = [
        *commit(9),
        *commit(8, production=Verdict.STALE),
        *commit(7, production=Verdict.FAIL),
        *commit(5, merge=Verdict.FAIL),
    ]
    found = levels_so_far(CARD, newest_first, {"merge", "production"})
    assert [(each.level, each.at[8:10]) for each in found] == [("bronze", "05"), ("silver", "07"), ("gold", "09")]
    assert line(found) == "bronze from 2026-03-05, silver from 2026-03-07, gold from 2026-03-09"
    assert line([]) == "no verdict is recorded yet"


def test_a_commit_that_only_some_gates_judged_is_no_point_of_the_trend():
    assert levels_so_far(CARD, [commit(9)[0], *commit(8)], {"merge", "production"}) == [
        Since(level="gold", at="2026-03-08T14:00:00.000000Z")
    ]


def test_the_newest_verdict_on_a_commit_is_its_point():
    again = [
        decision(each.gate, {"tests": Verdict.FAIL, "docs": Verdict.PASS}, commit=each.commit) for each in commit(8)[:1]
    ]
    assert [each.level for each in levels_so_far(CARD, [*again, *commit(8)], {"merge", "production"})] == ["none"]


def test_the_trend_is_bounded():
    many = [each for n in range(28, 0, -1) for each in commit(n, production=Verdict.PASS if n % 2 else Verdict.FAIL)]
    assert len(levels_so_far(CARD, many, {"merge", "production"})) == MAX_CHANGES
