"""GitLab's code quality report: where, how bad, and once for each fingerprint."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.code_quality import code_quality
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.problem import UnreadableProblem

REAL = (Path(__file__).with_name("fixtures") / "code-quality" / "ruff.json").read_bytes()


@pytest.mark.requirement("GAT-15")
def test_a_report_is_read():
    assert code_quality.recognises(REAL[:4096])
    report = code_quality.read(REAL)
    assert [(each.rule, str(each.place)) for each in report.findings] == [
        ("I001", "lint_me.py:1:1"), ("F401", "lint_me.py:1:8"), ("F401", "lint_me.py:1:12"),
    ]  # fmt: skip
    assert {each.severity for each in report.findings} == {Severity.WARNING}
    assert (report.facts["findings"], report.facts["major"], report.population) == (3, 3, 1)
    assert all(each.fingerprint for each in report.findings)


@pytest.mark.requirement("GAT-15")
def test_two_of_one_fingerprint_are_one():
    assert len(code_quality.read(json.dumps(json.loads(REAL) * 2).encode()).findings) == 3


@pytest.mark.parametrize("lines", [{"begin": 42}, {"begin": {"line": 42, "column": 3}}])
def test_both_forms_of_lines_are_read(lines):
    issue = {
        "description": "d",
        "fingerprint": "f",
        "severity": "blocker",
        "location": {"path": "a.py", "lines": lines},
    }
    (finding,) = code_quality.read(json.dumps([issue]).encode()).findings
    assert (finding.place.line, finding.severity) == (42, Severity.ERROR)


def test_a_severity_that_there_is_not_is_refused():
    issues = json.loads(REAL)
    issues[0]["severity"] = "awful"
    with pytest.raises(UnreadableProblem, match="severity"):
        code_quality.read(json.dumps(issues).encode())
