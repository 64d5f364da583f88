"""ZAP: the same findings of both forms, sites, and what was judged to be false."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.gitlab_security import gitlab_security
from hardpoint.assurance.reports.importers.zap import zap
from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Risk, State
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).with_name("fixtures") / "zap"
XML, JSON = ((FIXTURES / f"some.{form}").read_bytes() for form in ("xml", "json"))


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize("data", [XML, JSON])
def test_a_report_is_read(data):
    assert zap.recognises(data[:4096])
    report = zap.read(data)
    injection, cookie = report.findings
    assert (injection.rule, injection.exposure.risk, injection.place.file) == (
        "40018", Risk.HIGH, "https://app.example.org/orders",
    )  # fmt: skip
    assert (injection.text, injection.remedy) == (
        "SQL Injection: SQL injection may be possible.",
        "Do not trust client side input.",
    )
    assert (cookie.exposure.state, cookie.place.file) == (State.NOT_AFFECTED, "https://app.example.org")
    assert [report.facts[name] for name in ("findings", "high", "low", "suppressed", "instances", "sites")] == [
        1, 1, 0, 1, 3, 2,
    ]  # fmt: skip
    assert (report.population, report.time, report.producer.version) == (2, "2026-03-31T14:00:00.000000Z", "2.16.1")


@pytest.mark.requirement("GAT-15")
def test_both_forms_say_the_same():
    assert zap.read(XML) == zap.read(JSON)


@pytest.mark.requirement("GAT-15", "SEC-01")
@pytest.mark.parametrize("data", [XML, JSON])
def test_what_follows_a_question_mark_is_left_out(data):
    assert b"made-up" in data
    assert b"made-up" not in encoding.encode(zap.read(data))


@pytest.mark.requirement("GAT-15")
def test_no_site_is_nothing_that_was_looked_at():
    assert zap.read(b'<OWASPZAPReport version="2"></OWASPZAPReport>').population == 0
    assert zap.read(b'{"@version": "2", "@generated": "", "site": []}').population == 0


def test_old_versions_write_a_single_site_without_a_list():
    report = json.loads(JSON)
    report["site"] = report["site"][0]
    assert len(zap.read(json.dumps(report).encode()).findings) == 2


def test_a_risk_that_there_is_not_is_medium_and_says_so():
    (finding, _) = zap.read(XML.replace(b"<riskcode>3<", b"<riskcode>7<")).findings
    assert finding.exposure.risk is Risk.MEDIUM
    assert "'7'" in finding.text


@pytest.mark.parametrize(
    "data",
    [b"<OWASPZAPReport><alertitem></alertitem></OWASPZAPReport>", b"<other/>",
     b'<OWASPZAPReport><site name="a"><alertitem><pluginid>1</pluginid></alertitem></site></OWASPZAPReport>',
     b'<!DOCTYPE a><OWASPZAPReport version="2"/>', b'{"@version": "2", "@generated": ""}'],
)  # fmt: skip
def test_what_is_no_report_is_refused(data):
    with pytest.raises(UnreadableProblem):
        zap.read(data)


def test_what_gitlab_once_wrote_beside_zaps_keys_is_left_to_its_importer():
    start = (
        b'{"@generated": "Fri", "@version": "D-2020-08-26", "remediations": [], "scan": {"scanner": {"id": "zaproxy"'
    )
    assert not zap.recognises(start)
    assert gitlab_security.recognises(start)
