"""Coverage: what counts as percent, and which of two counts is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.reports.coverage import Covered, instants_since_epoch

counts = st.integers(0, 10**12).flatmap(lambda total: st.builds(Covered, st.just(total), st.integers(0, total)))


@pytest.mark.requirement("CID-06")
@pytest.mark.parametrize(
    ("total", "covered", "percent"),
    [
        (100_000, 97_999, 97.999),
        (1_000_000, 979_999, 97.999),
        (10**15, 98 * 10**13 - 1, 97.999),
        (100, 98, 98.0),
        (10**15, 10**15 - 1, 99.999),
        (3, 2, 66.666),
        (7, 7, 100.0),
        (0, 0, 0.0),
    ],
)
def test_percent_is_never_rounded_up(total, covered, percent):
    assert Covered(total, covered).percent == percent


@pytest.mark.requirement("CID-06")
@given(counts)
def test_percent_is_never_more_than_there_is(each):
    assert each.percent * each.total <= 100 * each.covered * (1 + 1e-15)
    assert (each.percent == 100) == (each.total > 0 and each.covered == each.total)


@given(counts, counts)
def test_of_two_counts_the_one_that_claims_less_is_believed(one, other):
    assert one.worse(other).percent in {one.percent, other.percent}
    if one.total and other.total:
        assert one.worse(other).percent == min(one.percent, other.percent)
    else:
        assert one.worse(other).total == max(one.total, other.total)


@pytest.mark.parametrize(
    ("text", "instants"),
    [
        ("1774951200", ["2026-03-31T10:00:00.000000Z"]),
        ("1774951200123", ["2026-03-31T10:00:00.123000Z"]),
        ("0", []),
        ("", []),
        ("soon", []),
        ("9" * 15, []),
    ],
)
def test_a_count_since_1970_is_an_instant(text, instants):
    assert instants_since_epoch(text) == instants
