"""semgrep: one finding for a rule at a line, errors of the run, and what was looked at."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.semgrep import semgrep
from hardpoint.kernel.finding import Risk, State
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).with_name("fixtures") / "semgrep"
SOME = json.loads((FIXTURES / "some.json").read_bytes())


def read(report):
    data = json.dumps(report).encode()
    assert semgrep.recognises(data[:4096])
    return semgrep.read(data)


def with_extra(**extra):
    (first, *_) = SOME["results"]
    return read(SOME | {"results": [first | {"extra": first["extra"] | extra}]})


@pytest.mark.requirement("GAT-15")
def test_a_report_is_read():
    report = read(SOME)
    assert [(each.rule, str(each.place), each.exposure.risk) for each in report.findings] == [
        ("no-md5", "app.py:8:12", Risk.MEDIUM),
        ("no-eval", "app.py:20:12", Risk.HIGH),
    ]
    assert (report.population, report.facts["findings"], report.error) == (2, 2, None)
    assert {each.fingerprint for each in report.findings} == {""}  # "requires login" is none


@pytest.mark.requirement("GAT-15")
def test_a_rule_that_matches_twice_at_a_line_is_one_finding():
    report = read(SOME | {"results": SOME["results"] * 2})
    assert len(report.findings) == 2


@pytest.mark.requirement("GAT-15")
def test_a_clean_run_has_looked_at_files():
    report = semgrep.read((FIXTURES / "clean.json").read_bytes())
    assert (report.population, report.facts["findings"], report.error) == (1, 0, None)


@pytest.mark.requirement("GAT-15")
def test_rules_that_cannot_be_read_are_an_error():
    report = semgrep.read((FIXTURES / "no_rules.json").read_bytes())
    assert report.population == 0
    assert "nothere.yml" in report.error


@pytest.mark.requirement("GAT-15")
def test_a_warning_of_the_run_is_counted():
    report = read(SOME | {"errors": [{"level": "warn", "message": "partly parsed", "path": "app.py"}]})
    assert (report.error, report.facts["warnings"], report.facts["errors"]) == (None, 1, 0)


@pytest.mark.requirement("GAT-15")
def test_old_versions_that_list_no_files_prove_nothing_when_they_find_nothing():
    assert read({"results": [], "errors": []}).population == 0
    assert read({"results": SOME["results"], "errors": []}).population == 1


@pytest.mark.parametrize(
    ("word", "risk"),
    [
        ("CRITICAL", Risk.CRITICAL),
        ("LOW", Risk.LOW),
        ("INFO", Risk.LOW),
        ("INVENTORY", Risk.INFO),
        ("odd", Risk.MEDIUM),
    ],
)
def test_severities(word, risk):
    assert with_extra(severity=word).findings[0].exposure.risk is risk


@pytest.mark.requirement("GAT-15")
def test_what_a_comment_ignores_is_shown_and_does_not_count():
    report = with_extra(is_ignored=True)
    assert report.findings[0].exposure.state is State.NOT_AFFECTED
    assert (report.facts["findings"], report.facts["ignored"]) == (0, 1)


def test_a_package_is_named():
    supply = {"dependency_match": {"found_dependency": {"package": "lodash", "version": "4.0.0", "ecosystem": "npm"}}}
    metadata = {"sca-vuln-database-identifier": "CVE-2021-23337"}
    (finding,) = with_extra(sca_info=supply, metadata=metadata, fingerprint="abc_0").findings
    assert finding.exposure.package == "pkg:npm/lodash@4.0.0"
    assert finding.exposure.aliases == ("CVE-2021-23337",)
    assert finding.fingerprint == "abc_0"


@pytest.mark.parametrize("key", ["results", "errors"])
def test_a_report_without_results_or_errors_is_refused(key):
    with pytest.raises(UnreadableProblem, match=key):
        semgrep.read(json.dumps({name: value for name, value in SOME.items() if name != key}).encode())
