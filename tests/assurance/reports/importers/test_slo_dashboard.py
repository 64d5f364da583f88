"""SLO dashboards: which are live, and which objectives nobody shows."""

import json

import pytest

from hardpoint.assurance.reports.importers.slo_dashboard import slo_dashboard
from hardpoint.kernel.importer import Report
from hardpoint.kernel.problem import UnreadableProblem

GOOD = json.loads(slo_dashboard.good)
URL = "https://grafana.example/d/shop"


def read(*dashboards: dict, **changes) -> Report:
    return slo_dashboard.read(json.dumps(GOOD | {"dashboards": dashboards} | changes).encode())


@pytest.mark.requirement("GAT-05", "GAT-15")
def test_dashboards_that_show_everything():
    report = slo_dashboard.read(slo_dashboard.good)
    assert report.facts == {
        "dashboards": 1, "live": 1, "dead": 0, "slos": 1, "covered_slos": 1, "uncovered_slos": 0,
    }  # fmt: skip
    assert (report.population, report.time, report.findings) == (1, "2026-03-31T10:00:00.000000Z", ())


@pytest.mark.requirement("GAT-05", "GAT-02")
def test_what_a_dead_dashboard_is_said_to_show_is_not_covered():
    report = read({"url": URL, "live": False, "shows": ["availability"], "note": "404"})
    assert (report.facts["live"], report.facts["dead"], report.facts["uncovered_slos"]) == (0, 1, 1)
    assert [each.text for each in report.findings] == ["404", "no live dashboard shows availability"]


@pytest.mark.requirement("GAT-05")
def test_an_objective_that_no_dashboard_shows_is_found():
    report = read({"url": URL, "live": True, "shows": ["availability"]}, slos=["availability", "latency"])
    assert [each.rule for each in report.findings] == ["latency"]


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "dashboards",
    [
        [],
        [{"url": "grafana", "live": True}],
        [{"url": "javascript:alert(1)", "live": True}],
        [{"url": URL, "live": True}, {"url": URL, "live": True}],
        [{"url": URL, "live": True, "shows": ["freshness"]}],
        [{"url": URL, "live": "true"}],
        [{"url": URL}],
    ],
)
def test_a_dashboard_that_cannot_be_is_refused(dashboards):
    with pytest.raises(UnreadableProblem):
        read(*dashboards)
