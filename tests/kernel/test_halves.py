"""Work in two processes gives what one gives."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel import halves
from hardpoint.kernel.halves import in_halves


def doubled(items):
    return [(each * 2, os.getpid()) for each in items]


@pytest.mark.parametrize("many", [0, 1, 399, 400, 401, 5000])
def test_the_results_stand_in_the_order_of_the_items(many):
    assert [each for each, _ in in_halves(doubled, range(many))] == [each * 2 for each in range(many)]


@pytest.mark.skipif((os.cpu_count() or 1) < 2 or not hasattr(os, "fork"), reason="one core")
def test_many_items_are_shared_by_two_processes():
    assert len({process for _, process in in_halves(doubled, range(1000))}) == 2
    assert len({process for _, process in in_halves(doubled, range(10))}) == 1


@pytest.mark.parametrize("way", ["raises", "dies", "unpicklable"])
def test_where_the_second_process_fails_one_does_all(way):
    here = os.getpid()

    def work(items):
        if os.getpid() != here:
            if way == "dies":
                os._exit(7)
            if way == "raises":
                raise RuntimeError
            return [lambda: None for _ in items]
        return list(items)

    assert in_halves(work, range(1000)) == list(range(1000))


def test_where_no_second_process_may_start_one_does_all(monkeypatch):
    def refused():
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refused)
    assert in_halves(list, range(1000)) == list(range(1000))


@given(st.lists(st.integers(), max_size=30))
def test_any_list_keeps_its_order(items):
    halves.WORTH_FORKING, kept = 4, halves.WORTH_FORKING
    try:
        assert in_halves(list, items) == items
    finally:
        halves.WORTH_FORKING = kept
