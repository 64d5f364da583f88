"""checkov: one framework or several, files that it cannot parse, and counts."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.checkov import checkov
from hardpoint.kernel.finding import Risk
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).with_name("fixtures") / "checkov"


def read(name):
    data = (FIXTURES / name).read_bytes()
    assert checkov.recognises(data[:4096])
    return checkov.read(data)


@pytest.mark.requirement("GAT-15")
def test_several_frameworks_are_read():
    report = read("several.json")
    assert sorted((each.rule, str(each.place), each.tool) for each in report.findings) == [
        ("CKV_AWS_24", "main.tf:4", "checkov terraform"),
        ("CKV_DOCKER_2", "Dockerfile:1", "checkov dockerfile"),
        ("CKV_DOCKER_7", "Dockerfile:1", "checkov dockerfile"),
    ]
    assert {each.exposure.risk for each in report.findings} == {Risk.MEDIUM}
    assert all("unknown" in each.text for each in report.findings)
    assert [report.facts[name] for name in ("checks", "passed", "failed", "suppressed")] == [4, 1, 3, 1]
    assert (report.population, report.error, report.producer.version) == (4, None, "3.3.30")


@pytest.mark.requirement("GAT-15")
def test_one_framework_is_read():
    report = read("clean.json")
    assert (report.population, report.facts["findings"], report.error) == (1, 0, None)


@pytest.mark.requirement("GAT-15")
def test_a_folder_with_nothing_to_check_has_no_population():
    assert read("nothing.json").population == 0


@pytest.mark.requirement("GAT-15")
def test_a_file_that_it_cannot_parse_is_an_error():
    report = read("unparsed.json")
    assert "bad.tf" in report.error
    assert report.population == 0


@pytest.mark.requirement("GAT-15")
def test_a_summary_may_count_more_and_never_less():
    report = json.loads((FIXTURES / "clean.json").read_bytes())
    report["summary"] |= {"failed": 4, "parsing_errors": 2}
    read = checkov.read(json.dumps(report).encode())
    assert (read.facts["failed"], read.facts["findings"]) == (4, 0)
    assert "2 files" in read.error


def test_a_severity_that_it_states_is_taken():
    (report,) = [
        each for each in json.loads((FIXTURES / "several.json").read_bytes()) if each["check_type"] == "terraform"
    ]
    report["results"]["failed_checks"][0]["severity"] = "CRITICAL"
    (finding,) = checkov.read(json.dumps(report).encode()).findings
    assert finding.exposure.risk is Risk.CRITICAL


@pytest.mark.parametrize(
    "report",
    [b'{"check_type": "terraform"}', b'{"check_type": "terraform", "results": {}}', b'{"summary": {}}', b"[{}]",
     b'{"passed": -1, "failed": 0, "checkov_version": "3"}'],
)  # fmt: skip
def test_what_lacks_results_is_refused(report):
    with pytest.raises(UnreadableProblem):
        checkov.read(report)
