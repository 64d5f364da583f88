"""gitleaks: versions 7 and 8, secrets that stay out, and what an empty list does not prove."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.gitleaks import gitleaks
from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Risk
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).with_name("fixtures") / "gitleaks"


def read(name):
    data = (FIXTURES / name).read_bytes()
    assert gitleaks.recognises(data[:4096])
    return gitleaks.read(data)


@pytest.mark.requirement("GAT-15")
def test_a_secret_in_several_commits_is_one_finding():
    report = read("some.json")
    assert [(each.rule, str(each.place)) for each in report.findings] == [
        ("generic-api-key", "deploy/settings.py:3"),
        ("private-key", "deploy/key.pem:1"),
    ]
    assert {each.exposure.risk for each in report.findings} == {Risk.HIGH}
    assert (report.facts["findings"], report.facts["high"], report.facts["occurrences"], report.facts["files"]) == (
        2, 2, 3, 2,
    )  # fmt: skip
    assert report.population == 2


@pytest.mark.requirement("GAT-15")
def test_redacted_secrets_on_one_line_stay_apart():
    assert len(read("redacted.json").findings) == 2


@pytest.mark.requirement("GAT-15")
def test_two_secrets_on_one_line_stay_apart():
    leaks = json.loads((FIXTURES / "some.json").read_bytes())[:2]
    leaks[1]["Secret"] = "another"
    assert len(gitleaks.read(json.dumps(leaks).encode()).findings) == 2


@pytest.mark.requirement("GAT-15")
def test_version_7_is_read():
    report = read("version7.json")
    assert [(each.rule, str(each.place)) for each in report.findings] == [
        ("GitHub Personal Access Token", "README.md:23")
    ]
    assert report.facts["occurrences"] == 2


@pytest.mark.requirement("GAT-15", "SEC-01")
@pytest.mark.parametrize("name", ["some.json", "version7.json"])
def test_no_secret_is_kept(name):
    assert b"made-up" in (FIXTURES / name).read_bytes()
    assert b"made-up" not in encoding.encode(read(name))


@pytest.mark.parametrize("key", ["RuleID", "File", "Secret", "StartLine"])
def test_a_leak_that_lacks_what_it_needs_is_refused(key):
    leaks = json.loads((FIXTURES / "some.json").read_bytes())
    del leaks[1][key]
    with pytest.raises(UnreadableProblem, match=key):
        gitleaks.read(json.dumps(leaks).encode())
