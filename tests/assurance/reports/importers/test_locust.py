"""Locust: the CSV and the JSON of load tests, and files that were cut off."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.locust import locust
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).parent / "fixtures" / "locust"
CSV, JSON = (FIXTURES / "shop_stats.csv").read_bytes(), (FIXTURES / "shop.json").read_bytes()
HEADER = CSV.partition(b"\n")[0]


def changed(**changes) -> bytes:
    entries = json.loads(JSON)
    entries[0] |= changes
    return json.dumps(entries).encode()


@pytest.mark.requirement("GAT-09", "PRF-02", "GAT-15")
def test_a_real_csv_is_read():
    assert locust.recognises(CSV[:4096])
    report = locust.read(CSV)
    facts = report.facts
    assert (report.population, facts["requests"], facts["failed_requests"], facts["endpoints"]) == (220, 220, 52, 2)
    assert (facts["error_percent"], facts["p95_ms"], facts["p99_ms"]) == (23.637, 9.0, 19.0)
    assert (facts["/.p95_ms"], facts["/.error_percent"], facts["gone.error_percent"]) == (8.0, 0.0, 100.0)
    assert [each.text for each in report.findings] == ["52 of 52 requests to GET gone failed"]


@pytest.mark.requirement("GAT-09", "PRF-02", "GAT-15")
def test_a_real_json_is_read():
    assert locust.recognises(JSON[:4096])
    report = locust.read(JSON)
    facts = report.facts
    assert (report.population, facts["failed_requests"], facts["error_percent"]) == (280, 69, 24.643)
    assert (facts["p50_ms"], facts["p95_ms"], facts["p99_ms"], facts["gone.p95_ms"]) == (3.0, 10.0, 19.0, 8.0)
    assert report.time == "2026-11-21T06:50:51.939453Z"


@pytest.mark.parametrize(
    ("times", "p50", "p95"),
    [({"1": 100}, 1, 1), ({"1": 94, "9": 6}, 1, 9), ({"1": 96, "9": 4}, 1, 1), ({"7": 1}, 7, 7)],
)
def test_percentiles_are_never_under_what_the_share_stayed_within(times, p50, p95):
    entry = {"name": "a", "num_requests": sum(times.values()), "num_failures": 0, "response_times": times}
    facts = locust.read(json.dumps([entry]).encode()).facts
    assert (facts["p50_ms"], facts["p95_ms"]) == (p50, p95)


@pytest.mark.requirement("PRF-02")
def test_one_failure_among_many_is_not_rounded_away():
    assert (
        locust.read(changed(num_requests=10**7, num_failures=1, num_fail_per_sec={"1": 1})).facts["gone.error_percent"]
        == 0.001
    )


def test_endpoints_of_one_name_are_told_apart_by_their_method():
    entries = json.loads(JSON)
    entries[1] |= {"name": "gone", "method": "POST"}
    facts = locust.read(json.dumps(entries).encode()).facts
    assert {fact for fact in facts if fact.endswith("p95_ms")} == {"p95_ms", "GET gone.p95_ms", "POST gone.p95_ms"}


@pytest.mark.requirement("GAT-15")
def test_a_run_without_requests_has_no_population_and_no_latency():
    empty = HEADER + b"\r\n,Aggregated,0,0,0,0,0,0,0,0,0" + b",0" * 11 + b"\r\n"
    report = locust.read(empty)
    assert (report.population, "p95_ms" in report.facts, "error_percent" in report.facts) == (0, False, False)
    assert locust.read(b"[]").population == 0


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize("data", [CSV, JSON.rstrip()], ids=["csv", "json"])
def test_statistics_that_are_cut_off_anywhere_are_refused(data):
    for end in range(len(HEADER) if data is CSV else 0, len(data)):
        if data[:end] != data:
            with pytest.raises(UnreadableProblem):
                locust.read(data[:end])


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "data",
    [
        CSV.replace(b"168,0", b"168,x", 1),
        CSV.replace(b"168,0", b"168,169", 1),
        CSV.replace(b"GET,/,168", b"GET,/,167", 1),
        CSV.replace(b",Aggregated,", b",Total,"),
        CSV.replace(b",22,22,22", b",22,22,22,22", 1),
        CSV + b"\xff\n",
        changed(num_failures=70),
        changed(num_failures=-1),
        changed(num_failures=68),
        changed(num_requests=10**400),
        changed(num_requests=68),
        changed(response_times={"x": 1}),
        changed(response_times={"1": -1}),
    ],
)
def test_what_does_not_add_up_is_refused(data):
    with pytest.raises(UnreadableProblem):
        locust.read(data)
