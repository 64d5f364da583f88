"""ESLint: messages, files that are ignored, and files that it cannot parse."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.eslint import eslint
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).with_name("fixtures") / "eslint"
SOME = (FIXTURES / "some.json").read_bytes()


@pytest.mark.requirement("GAT-15")
def test_a_report_is_read():
    assert eslint.recognises(SOME[:4096])
    report = eslint.read(SOME)
    assert [(each.rule, each.severity, str(each.place)) for each in report.findings] == [
        ("unnamed", Severity.WARNING, "/srv/app/ignored.js"),
        ("no-var", Severity.ERROR, "/srv/app/index.js:1:1"),
        ("eqeqeq", Severity.WARNING, "/srv/app/index.js:2:12"),
        ("no-debugger", Severity.ERROR, "/srv/app/index.js:2:22"),
    ]
    assert report.facts == {"findings": 4, "errors": 2, "warnings": 2, "suppressed": 1, "files": 2, "unparsed": 0}
    assert (report.population, report.error) == (2, None)  # the ignored file was not looked at


@pytest.mark.requirement("GAT-15")
def test_a_file_that_it_cannot_parse_is_an_error():
    report = eslint.read((FIXTURES / "unparsed.json").read_bytes())
    assert "broken.js" in report.error
    assert (report.population, report.facts["unparsed"]) == (1, 1)


@pytest.mark.requirement("GAT-15")
def test_a_clean_run_has_looked_at_files():
    report = eslint.read((FIXTURES / "clean.json").read_bytes())
    assert (report.population, report.findings, report.error) == (1, (), None)


@pytest.mark.requirement("GAT-15")
def test_a_file_may_count_more_and_never_less():
    files = json.loads(SOME)
    files[1]["errorCount"] = 9
    assert eslint.read(json.dumps(files).encode()).facts["errors"] == 9
    files[1]["errorCount"] = 0
    assert eslint.read(json.dumps(files).encode()).facts["errors"] == 2


def test_a_file_without_messages_is_refused():
    with pytest.raises(UnreadableProblem, match="messages"):
        eslint.read(b'[{"filePath": "a.js", "errorCount": 0}]')


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize("lost", [b'"fatal":true', b'"fatalErrorCount":1'])
def test_either_mark_of_a_file_that_it_cannot_parse_is_enough(lost):
    data = (FIXTURES / "unparsed.json").read_bytes()
    assert lost in data
    assert eslint.read(data.replace(lost, b'"other":0')).error
