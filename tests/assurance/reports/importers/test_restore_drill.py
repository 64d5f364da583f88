"""Restore drills: what is a success, how long ago, and how much would have been lost."""

import json

import pytest

from hardpoint.assurance.reports.importers.restore_drill import restore_drill
from hardpoint.kernel.importer import Report
from hardpoint.kernel.problem import UnreadableProblem


def read(**changes) -> Report:
    return restore_drill.read(json.dumps(json.loads(restore_drill.good) | changes).encode())


def check(name: str, passed: bool, **more) -> dict:
    return {"name": name, "passed": passed, **more}


@pytest.mark.requirement("GAT-06", "GAT-15")
def test_a_drill_that_succeeded():
    report = read(documented="https://wiki.example/drill")
    assert report.facts == {
        "success": True, "documented": True, "checks": 1, "failed_checks": 0, "duration_s": 2400.0,
        "data_age_s": 28800.0,
    }  # fmt: skip
    assert (report.population, report.time, report.findings) == (1, "2026-03-31T10:40:00.000000Z", ())


@pytest.mark.requirement("GAT-06", "GAT-02")
def test_a_check_that_did_not_pass_is_no_success_whatever_is_said():
    report = read(checks=[check("rows", True), check("newest order", False, note="3 days old")])
    assert (report.facts["success"], report.facts["failed_checks"]) == (False, 1)
    assert [(each.rule, each.text) for each in report.findings] == [("newest order", "3 days old")]


@pytest.mark.requirement("GAT-06", "GAT-02")
def test_a_drill_that_is_said_to_have_failed_is_no_success():
    report = read(success=False)
    assert report.facts["success"] is False
    assert len(report.findings) == 1


@pytest.mark.requirement("GAT-06")
def test_a_drill_is_documented_only_by_a_place():
    assert read().facts["documented"] is read(documented="  ").facts["documented"] is False


def test_the_newest_data_counts_where_it_is_known():
    assert read(newest_data="2026-03-31T09:59:00+00:00").facts["data_age_s"] == 60.0


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "changes",
    [
        {"started": "2026-03-31T01:00:00Z"},
        {"ended": "2026-03-31T09:00:00Z"},
        {"newest_data": "2026-03-31T10:00:01Z"},
        {"checks": []},
        {"checks": [check("rows", True), check("rows", True)]},
        {"success": "yes"},
        {"success": 1},
    ],
)
def test_what_cannot_be_is_refused(changes):
    with pytest.raises(UnreadableProblem):
        read(**changes)
