"""The laws of the lattice of verdicts and of the decision over it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel.verdict import Answer, Judgement, Verdict, decide, join

verdicts = st.sampled_from(Verdict)
judgements = st.builds(Judgement, criterion=st.text(), verdict=verdicts, reason=st.just(""), blocking=st.booleans())
gates = st.lists(judgements, max_size=8)


def with_verdict(judgement, verdict):
    return Judgement(criterion=judgement.criterion, verdict=verdict, reason="", blocking=judgement.blocking)


def releases(gate):
    return decide(gate) is not Answer.NO_GO


@given(verdicts, verdicts, verdicts)
def test_the_join_is_associative(a, b, c):
    assert join([join([a, b]), c]) is join([a, join([b, c])]) is join([a, b, c])


@given(st.lists(verdicts), st.randoms())
def test_the_join_is_commutative(several, random):
    shuffled = random.sample(several, len(several))
    assert join(shuffled) is join(several)


@given(st.lists(verdicts))
def test_the_join_is_idempotent(several):
    assert join([*several, *several]) is join([join(several)]) is join(several)


@given(st.lists(verdicts, min_size=1))
def test_the_join_is_one_of_them_and_none_is_worse(several):
    assert join(several) in several
    assert all(verdict <= join(several) for verdict in several)


@given(st.lists(verdicts), verdicts)
def test_one_more_verdict_never_improves_the_join(several, more):
    assert join([*several, more]) >= join(several)


@pytest.mark.requirement("GAT-01")
@given(gates, st.data())
def test_worse_input_never_releases_what_was_not_released(gate, data):
    worse = [
        with_verdict(each, data.draw(st.sampled_from([verdict for verdict in Verdict if verdict >= each.verdict])))
        for each in gate
    ]
    assert releases(gate) or not releases(worse)


@pytest.mark.requirement("GAT-02")
@given(gates, st.integers(0, 50))
def test_extra_passes_never_cancel_a_failure(gate, count):
    passes = [Judgement(criterion="extra", verdict=Verdict.PASS, reason="")] * count
    if any(each.blocking and each.verdict.blocks for each in gate):
        assert decide([*gate, *passes]) is Answer.NO_GO


@pytest.mark.requirement("GAT-01", "GAT-02")
@given(gates, st.randoms())
def test_the_order_of_criteria_decides_nothing(gate, random):
    assert decide(random.sample(gate, len(gate))) is decide(gate)


@given(gates)
def test_criteria_that_do_not_block_decide_nothing(gate):
    assert decide([each for each in gate if each.blocking]) is decide(gate)


@pytest.mark.requirement("GAT-01")
@given(st.integers(0, 20), gates)
def test_a_gate_where_nothing_applies_is_no_go(count, gate):
    nothing = [Judgement(criterion="none", verdict=Verdict.NOT_APPLICABLE, reason="")] * count
    advisory = [each for each in gate if not each.blocking]
    assert decide([*nothing, *advisory]) is Answer.NO_GO


@given(gates)
def test_a_waiver_always_shows_where_it_counts(gate):
    waived = [*gate, Judgement(criterion="waived", verdict=Verdict.WAIVED, reason="")]
    assert decide(waived) is not Answer.GO


@given(gates)
def test_nothing_but_known_good_criteria_releases(gate):
    blocking = {each.verdict for each in gate if each.blocking}
    if decide(gate) is Answer.GO:
        assert Verdict.PASS in blocking <= {Verdict.PASS, Verdict.NOT_APPLICABLE}
