"""Pager coverage: until when somebody is on call, and when nobody is."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.reports.importers.pager_coverage import pager_coverage
from hardpoint.kernel.importer import Report
from hardpoint.kernel.problem import UnreadableProblem

TAKEN = datetime(2026, 3, 31, 10, tzinfo=UTC)
BOTH = ("sev-1", "sev-2")


def shift(begins: float, ends: float, who: str = "ana") -> dict:
    """A shift in hours from the export."""
    return {"who": who, "from": at(begins), "until": at(ends)}


def at(hours: float) -> str:
    return (TAKEN + timedelta(hours=hours)).isoformat()


def schedule(*shifts: dict, severities=BOTH, escalation=("lead",), name: str = "shop") -> dict:
    return {"name": name, "severities": list(severities), "shifts": shifts, "escalation": list(escalation)}


def read(*schedules: dict) -> Report:
    record = {"schema": "pager-coverage/v1", "taken": at(0), "taken_from": "the pager", "schedules": schedules}
    return pager_coverage.read(json.dumps(record).encode())


@pytest.mark.requirement("GAT-05", "GAT-15")
def test_a_rotation_without_gaps():
    report = read(schedule(shift(-5, 24), shift(24, 72, "bo"), shift(70, 24 * 14)))
    assert report.facts == {
        "days": 14.0, "sev1_days": 14.0, "sev2_days": 14.0, "gaps": 0, "escalation_levels": 1, "schedules": 1,
        "people": 2,
    }  # fmt: skip
    assert (report.population, report.time, report.findings) == (1, "2026-03-31T10:00:00.000000Z", ())


@pytest.mark.requirement("GAT-05", "GAT-02")
def test_coverage_ends_with_the_first_gap():
    report = read(schedule(shift(-5, 24), shift(36, 240)))
    assert (report.facts["days"], report.facts["gaps"]) == (1.0, 2)
    assert report.findings[0].text == (
        "nobody is on call for sev-1 from 2026-04-01T10:00:00.000000Z to 2026-04-01T22:00:00.000000Z"
    )


@pytest.mark.requirement("GAT-05", "GAT-02")
@pytest.mark.parametrize(
    ("schedules", "days"),
    [
        ([schedule()], (0, 0)),
        ([schedule(shift(-9, -1))], (0, 0)),
        ([schedule(shift(1, 99))], (0, 0)),
        ([schedule(shift(0, 48), severities=["sev-1"])], (2, 0)),
        (
            [schedule(shift(0, 48), severities=["sev-1"]), schedule(shift(0, 24), severities=["sev-2"], name="b")],
            (2, 1),
        ),
        ([schedule(shift(0, 24)), schedule(shift(24, 48), name="b")], (2, 2)),
        ([schedule(shift(0, 24)), schedule(shift(24, 48), name="b", severities=["sev-2"])], (1, 2)),
    ],
)
def test_each_severity_is_covered_by_its_own_schedules(schedules, days):
    facts = read(*schedules).facts
    assert (facts["sev1_days"], facts["sev2_days"], facts["days"]) == (*days, min(days))
    assert (facts["gaps"] > 0) == (0 in days)


@pytest.mark.requirement("GAT-05")
def test_the_schedule_with_the_fewest_to_escalate_to_counts():
    assert read(schedule(shift(0, 1)), schedule(name="b", escalation=[])).facts["escalation_levels"] == 0


def test_a_shift_without_end_is_a_long_one():
    assert read(schedule(shift(0, 1) | {"until": "9999-12-31T23:59:59Z"})).facts["days"] > 2_900_000


def test_days_are_never_rounded_up():
    assert read(schedule(shift(0, 24 * 14 - 0.0001))).facts["days"] == 13.999


@pytest.mark.requirement("GAT-05")
@given(st.lists(st.tuples(st.integers(-20, 60), st.integers(1, 30)), max_size=8))
def test_it_is_as_if_each_hour_had_been_looked_at(spans):
    shifts = [(begins, begins + length) for begins, length in spans]
    covered = [any(begins <= hour < ends for begins, ends in shifts) for hour in range(100)]
    facts = read(schedule(*(shift(begins, ends) for begins, ends in shifts))).facts
    assert facts["days"] == covered.index(False) * 1000 // 24 / 1000


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "schedules", [[], [schedule(shift(5, 4))], [schedule(severities=[])], [schedule(severities=["sev-9"])]]
)
def test_a_schedule_that_cannot_be_is_refused(schedules):
    with pytest.raises(UnreadableProblem):
        read(*schedules)
