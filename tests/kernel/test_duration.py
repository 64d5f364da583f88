"""Durations as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel.duration import Duration


@pytest.mark.parametrize(
    ("written", "seconds"), [("1s", 1), ("15m", 900), ("24h", 86_400), ("30d", 2_592_000), ("2w", 1_209_600)]
)
def test_a_duration_is_a_number_and_a_unit(written, seconds):
    assert Duration.parse(written).seconds == seconds
    assert Duration.parse(written).delta == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written", ["", "0d", "-1d", "1.5h", "d", "30", "30 d", "30d\n", "1e3s", "9999999s", "٣d", "1h30m", None, 30, True]
)
def test_anything_else_is_a_mistake_that_names_the_value(written):
    with pytest.raises(ValueError, match="expected a duration such as 30d") as caught:
        Duration.parse(written)
    assert repr(written) in str(caught.value)


def test_what_is_too_long_gets_no_guess():
    with pytest.raises(ValueError, match=r"got '1000000d'$"):
        Duration.parse("1000000d")


@pytest.mark.parametrize(
    ("written", "meant"), [("30 days", "30d"), ("monthly", "30d"), ("2 Weeks", "2w"), ("hourly", "1h"), ("5min", "5m")]
)
def test_usual_slips_get_a_guess(written, meant):
    with pytest.raises(ValueError, match=f"did you mean '{meant}'"):
        Duration.parse(written)


@given(st.integers(1, 999_999), st.sampled_from("smhdw"))
def test_what_is_printed_reads_as_the_same_duration(number, unit):
    duration = Duration.parse(f"{number}{unit}")
    assert duration.delta == timedelta(seconds=duration.seconds)
    assert int(str(duration)[:-1]) > 0
    if int(str(duration)[:-1]) <= 999_999:
        assert Duration.parse(str(duration)) == duration
