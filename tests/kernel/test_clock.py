"""Instants: written so that text order is time order, read only with an offset."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel.clock import format_instant, monotonic_s, parse_instant, system_clock
from hardpoint.kernel.problem import UsageProblem

instants = st.datetimes(timezones=st.just(UTC))


def test_the_clock_tells_utc():
    assert system_clock().tzinfo is UTC
    assert monotonic_s() <= monotonic_s()


def test_an_offset_is_converted():
    assert format_instant(parse_instant("2026-03-31T16:00:00+02:00")) == "2026-03-31T14:00:00.000000Z"


@pytest.mark.parametrize(
    "text", ["", "2026-03-31", "2026-03-31T14:00:00", "yesterday", "0001-01-01T00:00:00+05:00", "2026-02-30T00:00:00Z"]
)
def test_what_names_no_instant_is_refused(text):
    with pytest.raises(UsageProblem, match="is not an instant"):
        parse_instant(text)


@given(instants)
def test_what_is_written_reads_as_the_same_instant(instant):
    assert parse_instant(format_instant(instant)) == instant


@given(instants, instants)
def test_text_order_is_time_order(one, other):
    assert (format_instant(one) < format_instant(other)) == (one < other)


def test_the_zero_time_of_other_languages_is_an_instant():
    assert parse_instant(format_instant(parse_instant("0001-01-01T00:00:00Z"))) == datetime(1, 1, 1, tzinfo=UTC)


@given(st.text(max_size=40))
def test_any_text_is_an_instant_or_a_problem(text):
    with suppress(UsageProblem):
        assert parse_instant(text).tzinfo is UTC
