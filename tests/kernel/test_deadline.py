"""The deadline: nothing but a pause gives time, and no pause takes any."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel.deadline import Deadline, Pause

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(count):
    return START + count * HOUR


def clock(*pauses, target=24):
    return Deadline(
        start=START,
        target=None if target is None else target * HOUR,
        pauses=tuple(Pause(hours(start), None if end is None else hours(end)) for start, end in pauses),
    )


@pytest.mark.requirement("SEC-02")
def test_it_runs_from_its_start_and_the_last_moment_is_in_time():
    assert clock().left(hours(-5)) == 24 * HOUR
    assert clock().left(hours(20)) == 4 * HOUR
    assert not clock().is_over(hours(24))
    assert clock().is_over(hours(24) + timedelta(microseconds=1))
    assert clock().due == hours(24)


def test_a_pause_moves_the_end_by_its_length():
    paused = clock((10, 20))
    assert [paused.used(hours(at)) / HOUR for at in (10, 15, 20, 30)] == [10, 10, 10, 20]
    assert paused.due == hours(34)
    assert [paused.is_stopped(hours(at)) for at in (9, 10, 19, 20)] == [False, True, True, False]


def test_pauses_that_overlap_count_once_and_what_was_before_the_start_not_at_all():
    assert clock((10, 20), (15, 25), (12, 13), (-50, -10)).due == hours(24 + 15)
    assert clock((-5, 5)).due == hours(29)


def test_after_its_end_a_pause_helps_no_more():
    assert clock((30, 40)).due == hours(24)
    assert clock((30, 40)).is_over(hours(35))


def test_a_pause_without_an_end_has_no_end():
    assert clock((10, None)).due is None
    assert clock((10, None)).left(hours(10_000)) == 14 * HOUR


def test_without_a_target_it_never_runs_out():
    endless = clock(target=None)
    assert (endless.left(hours(10_000)), endless.due, endless.is_over(hours(10_000))) == (None, None, False)


def test_what_ends_beyond_the_calendar_is_never_due():
    endless = clock((1, 2), target=7 * 24 * 999_999)
    assert (endless.due, endless.is_over(hours(10_000))) == (None, False)


instants = st.integers(-50, 200)
pauses = st.lists(st.tuples(instants, st.none() | instants), max_size=6)


@given(pauses, st.lists(instants, min_size=2, max_size=10))
def test_time_used_never_shrinks(stops, at):
    deadline = clock(*stops)
    used = [deadline.used(hours(each)) for each in sorted(at)]
    assert used == sorted(used)
    assert all(
        timedelta() <= each <= max(hours(t) - START, timedelta()) for each, t in zip(used, sorted(at), strict=True)
    )


@given(pauses, pauses, instants)
def test_more_pauses_never_take_time_and_their_order_is_nothing(first, more, at):
    assert clock(*first, *more).used(hours(at)) <= clock(*first).used(hours(at))
    assert clock(*first, *more).used(hours(at)) == clock(*more, *first).used(hours(at))


@given(pauses, instants)
def test_it_is_over_exactly_after_it_is_due(stops, at):
    deadline = clock(*stops)
    assert deadline.is_over(hours(at)) == (deadline.due is not None and hours(at) > deadline.due)
