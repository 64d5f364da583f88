"""k6: one load test in its three forms, thresholds whose truth is turned round, and parts that never ran."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.k6 import k6
from hardpoint.kernel.importer import Report
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).parent / "fixtures" / "k6"
NAMES = ["handle-summary.json", "summary-export.json", "machine-readable.json"]
HANDLED = json.loads((FIXTURES / "handle-summary.json").read_text())


def read(metrics: dict) -> Report:
    return k6.read(json.dumps({"root_group": {}, "metrics": metrics}).encode())


@pytest.mark.requirement("GAT-09", "PRF-02", "GAT-15")
@pytest.mark.parametrize("name", NAMES)
def test_the_three_forms_say_the_same(name):
    data = (FIXTURES / name).read_bytes()
    assert k6.recognises(data[:4096])
    report = k6.read(data)
    expected = {
        "requests": 1000, "failed_requests": 3, "error_percent": 0.3, "avg_ms": 90.5, "p50_ms": 80, "p95_ms": 240.25,
        "max_ms": 900, "iterations": 500, "checks": 500, "failed_checks": 1,
    }  # fmt: skip
    assert {fact: report.facts[fact] for fact in expected} == expected
    assert report.population == 1000
    assert "p99_ms" not in report.facts


@pytest.mark.requirement("GAT-09", "PRF-02")
@pytest.mark.parametrize("name", NAMES[:2])
def test_crossed_thresholds_count_in_both_directions_of_their_truth(name):
    report = k6.read((FIXTURES / name).read_bytes())
    assert report.facts["failed_thresholds"] == 1
    assert [each.rule for each in report.findings] == ["http_req_duration{scenario:login}"]
    assert report.facts["login.p95_ms"] == 612.5


@pytest.mark.requirement("GAT-02")
def test_a_part_that_nothing_was_measured_for_gives_no_fact_and_its_threshold_is_empty():
    facts = k6.read((FIXTURES / "handle-summary.json").read_bytes()).facts
    assert not any(fact.startswith(("export.", "true.")) for fact in facts)
    assert (facts["thresholds"], facts["empty_thresholds"]) == (4, 1)
    assert (facts["login.requests"], facts["duration_s"]) == (400, 60.1235)


@pytest.mark.requirement("GAT-02")
def test_the_machine_readable_summary_leaves_thresholds_out_so_there_is_no_fact_of_them():
    report = k6.read((FIXTURES / "machine-readable.json").read_bytes())
    assert not any("threshold" in fact for fact in report.facts)
    assert (report.producer.version, report.time) == ("1.6.1", "2026-03-31T10:00:00.000000Z")


@pytest.mark.parametrize(
    ("selectors", "parts"),
    [
        (["scenario:login"], {"login"}),
        (["group:::cart"], {"cart"}),
        (["group:::cart::pay"], {"cart::pay"}),
        (["scenario:login", "name:login"], {"scenario:login", "name:login"}),
        (["scenario:login,status:200"], {"scenario:login,status:200"}),
    ],
)
def test_a_part_is_called_by_its_tag(selectors, parts):
    facts = read({f"http_req_duration{{{each}}}": {"values": {"p(95)": 5}} for each in selectors}).facts
    assert {fact.rpartition(".")[0] for fact in facts if fact.endswith(".p95_ms")} == parts


@pytest.mark.requirement("GAT-15")
def test_a_test_without_requests_is_as_large_as_its_iterations():
    assert read({"iterations": {"values": {"count": 7}}}).population == 7
    assert read({}).population == 0
    assert (
        read(
            {"http_reqs": {"values": {"count": 0}}, "http_req_duration": {"values": {"p(95)": 0, "max": 0}}}
        ).population
        == 0
    )


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "metrics",
    [
        {"http_reqs": {"values": {"count": "9"}}},
        {"http_reqs": {"values": {"count": -9}}},
        {"http_reqs": {"values": {"count": 1.5}}},
        {"http_reqs": {"values": {"count": True}}},
        {"http_reqs": {"values": {"count": 10**400}}},
        {"http_reqs": {"values": 9}},
        {"http_req_duration": {"values": {"p(95)": -1}}},
        {"http_req_duration": {"values": {"p(95)": 9}, "thresholds": {"p(95)<5": False}}},
        {"http_req_duration": {"p(95)": 9, "thresholds": {"p(95)<5": "no"}}},
        {"http_req_duration": {"p(95)": 9, "thresholds": []}},
        {"http_req_duration": {"p(95)": 9, "Thresholds": {"p(95)<5": True}}},
        {"vus": {"values": {"value": 9}, "limits": {"value<5": {"ok": False}}}},
    ],
)
def test_what_is_no_measurement_and_no_verdict_is_refused(metrics):
    with pytest.raises(UnreadableProblem):
        read(metrics)


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize("name", NAMES)
def test_a_summary_that_is_cut_off_anywhere_is_refused(name):
    data = (FIXTURES / name).read_bytes().rstrip()
    for end in range(0, len(data), 31):
        with pytest.raises(UnreadableProblem):
            k6.read(data[:end])
