"""hadolint: levels, and Dockerfiles that it cannot parse."""

from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.hadolint import hadolint
from hardpoint.kernel.finding import Severity

FIXTURES = Path(__file__).with_name("fixtures") / "hadolint"


@pytest.mark.requirement("GAT-15")
def test_a_report_is_read():
    data = (FIXTURES / "some.json").read_bytes()
    assert hadolint.recognises(data)
    report = hadolint.read(data)
    assert [(each.rule, each.severity, str(each.place)) for each in report.findings] == [
        ("DL3006", Severity.WARNING, "Dockerfile:1:1"),
        ("DL3004", Severity.ERROR, "Dockerfile:2:1"),
        ("DL3009", Severity.NOTE, "Dockerfile:2:1"),
        ("DL3020", Severity.ERROR, "Dockerfile:3:1"),
    ]
    assert report.facts == {"findings": 4, "errors": 2, "warnings": 1, "notes": 1, "files": 1}
    assert (report.population, report.error) == (1, None)


@pytest.mark.requirement("GAT-15")
def test_a_file_that_it_cannot_parse_is_an_error():
    report = hadolint.read((FIXTURES / "unparsed.json").read_bytes())
    assert "bad.Dockerfile" in report.error
    assert len(report.findings) == 1
