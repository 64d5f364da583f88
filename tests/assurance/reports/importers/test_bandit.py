"""bandit: findings, files that it could not read, and passwords that stay out."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.bandit import bandit
from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Risk, Severity
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).with_name("fixtures") / "bandit"
SOME = (FIXTURES / "some.json").read_bytes()


@pytest.mark.requirement("GAT-15")
def test_a_report_is_read():
    assert bandit.recognises(SOME[:4096])
    report = bandit.read(SOME)
    assert [(each.rule, str(each.place), each.exposure.risk) for each in report.findings] == [
        ("B404/blacklist", "app.py:2:1", Risk.LOW),
        ("B105/hardcoded_password_string", "app.py:4:12", Risk.LOW),
        ("B324/hashlib", "app.py:8:12", Risk.HIGH),
        ("B602/subprocess_popen_with_shell_equals_true", "app.py:12:5", Risk.HIGH),
        ("B307/blacklist", "app.py:20:12", Risk.MEDIUM),
    ]
    assert report.findings[2].severity is Severity.ERROR
    assert (report.population, report.facts["suppressed"], report.facts["lines"], report.error) == (2, 1, 13, None)


@pytest.mark.requirement("GAT-15")
def test_a_clean_run_has_looked_at_files():
    report = bandit.read((FIXTURES / "clean.json").read_bytes())
    assert (report.population, report.facts["findings"], report.error) == (1, 0, None)


@pytest.mark.requirement("GAT-15")
def test_a_file_that_it_could_not_read_is_an_error_and_was_not_looked_at():
    report = bandit.read((FIXTURES / "unread.json").read_bytes())
    assert "broken.py" in report.error
    assert (report.population, report.facts["files"], report.facts["errors"]) == (1, 1, 1)


@pytest.mark.requirement("GAT-15", "SEC-01")
def test_no_password_is_kept():
    assert b"correct-horse" in SOME
    assert b"correct-horse" not in encoding.encode(bandit.read(SOME))


@pytest.mark.parametrize("key", ["results", "errors", "metrics", "generated_at"])
def test_a_report_that_lacks_a_part_is_refused(key):
    report = json.loads(SOME)
    del report[key]
    with pytest.raises(UnreadableProblem, match=key):
        bandit.read(json.dumps(report).encode())
