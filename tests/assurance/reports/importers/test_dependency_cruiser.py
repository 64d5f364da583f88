"""dependency-cruiser: what it found, how bad it is, and what is refused."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.dependency_cruiser import dependency_cruiser
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.problem import UnreadableProblem

REAL = Path(__file__).with_name("dependency_cruiser.json").read_bytes()  # of version 17.4.3, over three modules


def read(**changes):
    report = json.loads(REAL)
    report["summary"] |= changes
    return dependency_cruiser.read(json.dumps(report).encode())


@pytest.mark.requirement("DOC-07", "GAT-15")
def test_a_real_report_is_read():
    assert dependency_cruiser.recognises(REAL[:4096])
    report = dependency_cruiser.read(REAL)
    assert report.population == 4
    assert report.facts == {
        "modules": 4, "dependencies": 3, "violations": 4, "errors": 2, "warnings": 1, "notes": 1, "ignored": 0,
    }  # fmt: skip
    assert [(each.rule, each.severity, each.place.file, each.text) for each in report.findings] == [
        (
            "no-circular",
            Severity.ERROR,
            "src/store/index.js",
            "src/store/index.js -> src/web/page.js -> src/store/index.js",
        ),
        ("store-not-to-web", Severity.ERROR, "src/store/index.js", "src/store/index.js -> src/web/page.js"),
        ("no-orphans", Severity.WARNING, "src/lone.js", "src/lone.js"),
        ("not-fs", Severity.NOTE, "src/web/page.js", "src/web/page.js -> fs"),
    ]


@pytest.mark.requirement("GAT-15")
def test_the_summary_may_count_more_and_never_less():
    assert read(error=7).facts["errors"] == 7
    assert read(error=0).facts["errors"] == 2


def test_what_the_tool_ignores_is_no_finding():
    violations = json.loads(REAL)["summary"]["violations"]
    violations[0]["rule"]["severity"] = "ignore"
    report = read(violations=violations, error=1)
    assert (report.facts["errors"], report.facts["ignored"], len(report.findings)) == (1, 1, 3)


@pytest.mark.requirement("GAT-15")
def test_a_cruise_that_saw_nothing_has_no_population():
    assert read(violations=[], error=0, warn=0, info=0, totalCruised=0).population == 0


@pytest.mark.requirement("GAT-15")
def test_a_report_that_is_cut_off_anywhere_is_refused():
    for end in range(0, len(REAL.rstrip()), 97):
        with pytest.raises(UnreadableProblem):
            dependency_cruiser.read(REAL[:end])


@pytest.mark.parametrize(
    "changes",
    [{"error": -1}, {"error": "2"}, {"totalCruised": None}, {"violations": [{"from": "a", "to": "b"}]},
     {"violations": [{"from": "a", "to": "b", "rule": {"name": "x", "severity": "fatal"}}]}],
)  # fmt: skip
def test_what_is_no_count_and_no_violation_is_refused(changes):
    with pytest.raises(UnreadableProblem):
        read(**changes)
