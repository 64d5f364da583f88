"""Playwright: outcomes, the flaky apart, traces, runs that came to no result, and what is refused."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.playwright import playwright
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.importer import Report
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

REAL = (Path(__file__).parent / "fixtures" / "playwright" / "report.json").read_bytes()


def read(*tests: dict, stats: dict | None = None, **changes) -> Report:
    """A run of the tests, each in a spec of its own; the statistics count them unless they are given."""
    report = json.loads(REAL)
    counted = {name: sum(each["status"] == name for each in tests) for name in report["stats"]}
    report["stats"] |= {name: counted[name] for name in ("expected", "unexpected", "flaky", "skipped")} | (stats or {})
    report["suites"] = [{"title": "a.spec.ts", "specs": [{"title": "t", "tests": [each]} for each in tests]}]
    return playwright.read(json.dumps(report | changes).encode())


def ended(status: str, *results: str, **more) -> dict:
    return {"status": status, "results": [{"status": each, "duration": 5, **more} for each in results]}


@pytest.mark.requirement("GAT-03", "GAT-15")
def test_a_real_report_is_read():
    assert playwright.recognises(REAL[:4096])
    report = playwright.read(REAL)
    assert report.facts | {"duration_s": 0} == {
        "tests": 4, "passed": 1, "failures": 1, "errors": 0, "skipped": 1, "duration_s": 0, "flaky": 1, "traces": 2,
        "without_trace": 0, "shards": 1,
    }  # fmt: skip
    assert (report.population, report.time, report.producer.version) == (3, "2026-11-21T06:50:54.642000Z", "1.65.1")
    assert [(each.rule, each.severity, each.place) for each in report.findings] == [
        ("shop.spec.js > group > removes", Severity.ERROR, Place("shop.spec.js", 4, 3)),
        ("shop.spec.js > group > flaky", Severity.WARNING, Place("shop.spec.js", 5, 3)),
    ]
    assert report.findings[0].text == "Error: expect(received).toBe(expected) // Object.is equality"


@pytest.mark.requirement("GAT-02")
def test_an_interrupted_test_is_an_error_though_playwright_skips_it():
    facts = read(ended("skipped", "interrupted")).facts
    assert (facts["errors"], facts["skipped"], facts["passed"]) == (1, 0, 0)


@pytest.mark.requirement("GAT-02")
def test_the_statistics_may_state_more_and_never_less():
    with pytest.raises(UnreadableProblem, match="counts 2 tests and has 1"):
        read(ended("expected", "passed"), stats={"unexpected": 1})
    assert read(ended("expected", "passed"), stats={"expected": 0, "unexpected": 1}).facts["failures"] == 1
    assert read(ended("unexpected", "failed"), stats={"unexpected": 0, "expected": 1}).facts["failures"] == 1


def test_failures_without_a_trace_are_counted():
    traced = ended("unexpected", "failed", attachments=[{"name": "trace", "path": "t.zip"}])
    facts = read(traced, ended("unexpected", "failed"), ended("flaky", "failed", "passed")).facts
    assert (facts["traces"], facts["without_trace"], facts["flaky"], facts["passed"]) == (1, 2, 1, 0)


@pytest.mark.requirement("GAT-15")
def test_an_error_beside_the_tests_is_one_of_the_run():
    assert read(ended("expected", "passed"), errors=[{"message": "\x1b[31mno config\x1b[0m\nat"}]).error == "no config"
    assert read(ended("expected", "passed"), errors=[{}]).error == "it gives no reason"
    assert read(errors=[{"message": "No tests found"}]).population == 0


def test_a_shard_says_of_how_many():
    assert read(ended("expected", "passed"), config={"shard": {"total": 4, "current": 1}}).facts["shards"] == 4


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "changes", [{"stats": {"unexpected": -1}}, {"errors": None}, {"suites": None}, {"stats": {"flaky": "1"}}]
)
def test_what_is_no_run_is_refused(changes):
    with pytest.raises(UnreadableProblem):
        read(ended("expected", "passed"), **changes)


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize("status", ["great", "", None])
def test_what_is_no_outcome_is_refused(status):
    with pytest.raises(UnreadableProblem):
        read(ended(status, "passed"))


@pytest.mark.requirement("GAT-15")
def test_a_report_that_is_cut_off_anywhere_is_refused():
    for end in range(0, len(REAL.rstrip()), 97):
        with pytest.raises(UnreadableProblem):
            playwright.read(REAL[:end])
