"""The lattice of verdicts and the decision of a gate, by example; its laws stand in tests/properties."""

import pytest

from hardpoint.kernel.verdict import Answer, Judgement, Verdict, decide, join


def judgements(*verdicts, blocking=True):
    return [
        Judgement(criterion=f"criterion-{number}", verdict=verdict, reason="", blocking=blocking)
        for number, verdict in enumerate(verdicts)
    ]


def test_verdicts_are_ordered_from_best_to_worst():
    assert sorted(Verdict, reverse=True) == [
        Verdict.FAIL,
        Verdict.ERROR,
        Verdict.MISSING,
        Verdict.STALE,
        Verdict.NOT_APPLICABLE,
        Verdict.WAIVED,
        Verdict.PASS,
    ]


def test_verdicts_compare_with_nothing_else():
    with pytest.raises(TypeError):
        assert Verdict.PASS < "fail"


def test_the_join_of_none_is_the_bottom():
    assert join([]) is Verdict.PASS


@pytest.mark.requirement("GAT-01")
@pytest.mark.parametrize("verdict", [Verdict.STALE, Verdict.MISSING, Verdict.ERROR, Verdict.FAIL])
def test_one_blocking_criterion_that_is_not_known_good_is_no_go(verdict):
    assert verdict.blocks
    assert decide(judgements(Verdict.PASS, verdict, Verdict.PASS)) is Answer.NO_GO


@pytest.mark.requirement("GAT-02")
def test_a_thousand_passes_do_not_average_one_failure_away():
    assert decide(judgements(*[Verdict.PASS] * 1000, Verdict.FAIL)) is Answer.NO_GO


@pytest.mark.requirement("GAT-01")
def test_all_passes_are_go():
    assert decide(judgements(Verdict.PASS, Verdict.PASS)) is Answer.GO


def test_a_waived_criterion_makes_it_go_by_waiver():
    assert decide(judgements(Verdict.PASS, Verdict.WAIVED)) is Answer.GO_BY_WAIVER


def test_a_criterion_that_does_not_apply_is_left_out():
    assert decide(judgements(Verdict.PASS, Verdict.NOT_APPLICABLE)) is Answer.GO


@pytest.mark.requirement("GAT-01")
def test_a_gate_without_an_applicable_blocking_criterion_is_no_go():
    assert decide([]) is Answer.NO_GO
    assert decide(judgements(Verdict.NOT_APPLICABLE)) is Answer.NO_GO
    assert decide(judgements(Verdict.PASS, blocking=False)) is Answer.NO_GO


def test_what_does_not_block_is_shown_and_decides_nothing():
    advisory = judgements(Verdict.FAIL, Verdict.WAIVED, blocking=False)
    assert decide([*advisory, *judgements(Verdict.PASS)]) is Answer.GO
