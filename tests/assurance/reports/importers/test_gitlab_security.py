"""GitLab's security reports: what is one finding, scans that failed, and reports that prove no scan."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.gitlab_security import gitlab_security
from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Risk
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).with_name("fixtures") / "gitlab-security"


def read(name, **changes):
    data = json.dumps(json.loads((FIXTURES / name).read_bytes()) | changes).encode()
    assert gitlab_security.recognises(data[:4096])
    return gitlab_security.read(data)


@pytest.mark.requirement("GAT-15")
def test_one_id_is_one_finding():
    report = read("sast15.json")
    assert [(each.rule, str(each.place), each.exposure.risk) for each in report.findings] == [
        ("python.eval", "app/run.py:12", Risk.CRITICAL),
        ("python.md5", "app/digest.py:3", Risk.MEDIUM),
    ]
    assert "'Unknown'" in report.findings[1].text
    assert [report.facts[name] for name in ("scan", "findings", "critical", "occurrences")] == ["sast", 2, 1, 3]
    assert (report.population, report.error, report.producer.name) == (1, None, "semgrep")


@pytest.mark.requirement("GAT-15")
def test_a_problem_at_several_addresses_is_one_finding():
    report = read("dast15.json")
    (finding,) = report.findings
    assert finding.place.file == "https://app.example.org/orders"
    assert [report.facts[name] for name in ("occurrences", "scanned")] == [2, 3]
    assert report.population == 3


@pytest.mark.requirement("GAT-15")
def test_a_scan_that_failed_is_an_error():
    report = read("fuzzing_failed.json")
    assert "did not answer" in report.error
    assert report.population == 0


@pytest.mark.requirement("GAT-15")
def test_a_report_that_does_not_speak_of_its_scan_proves_none():
    assert read("no_scan.json").population == 0


@pytest.mark.requirement("GAT-15")
def test_entries_without_an_id_stay_apart():
    entry = {"name": "x", "severity": "Low", "identifiers": []}
    assert len(read("no_scan.json", vulnerabilities=[entry, entry]).findings) == 2


@pytest.mark.requirement("GAT-15", "SEC-01")
@pytest.mark.parametrize("name", ["secrets14.json", "dast15.json"])
def test_no_secret_is_kept(name):
    assert b"made-up" in (FIXTURES / name).read_bytes()
    assert b"made-up" not in encoding.encode(read(name))


@pytest.mark.parametrize(
    "others", [b'"dependency_scanning"', b'"container_scanning"', b'"bomFormat"', b'"package": {"name"']
)
def test_reports_on_packages_are_left_to_others(others):
    assert not gitlab_security.recognises(b'{"vulnerabilities": [], "scan": {"scanner": {}}, ' + others)


@pytest.mark.parametrize("key", ["type", "status"])
def test_a_scan_without_type_or_status_is_refused(key):
    scan = json.loads((FIXTURES / "sast15.json").read_bytes())["scan"]
    del scan[key]
    with pytest.raises(UnreadableProblem, match=key):
        read("sast15.json", scan=scan)


@pytest.mark.requirement("GAT-15")
def test_an_empty_list_alone_is_read_and_proves_no_scan():
    data = b'{"vulnerabilities": []}'
    assert gitlab_security.recognises(data)
    assert gitlab_security.read(data).population == 0
