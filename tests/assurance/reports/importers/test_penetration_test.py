"""Penetration tests: what was covered, and which remediations are closed."""

import json

import pytest

from hardpoint.assurance.reports.importers.penetration_test import penetration_test
from hardpoint.kernel.finding import Risk
from hardpoint.kernel.importer import Report
from hardpoint.kernel.problem import UnreadableProblem

GOOD = json.loads(penetration_test.good)
WEAKNESS = GOOD["findings"][0]


def read(*findings: dict, **changes) -> Report:
    return penetration_test.read(json.dumps(GOOD | {"findings": findings} | changes).encode())


def weakness(**changes) -> dict:
    return {name: value for name, value in (WEAKNESS | changes).items() if value is not None}


@pytest.mark.requirement("GAT-08", "GAT-15")
def test_a_test_whose_remediations_are_closed():
    report = read(WEAKNESS)
    facts = {name: value for name, value in report.facts.items() if value}
    assert facts == {"reported": 1, "closed": 1, "authn": True, "authz": True, "targets": 1}
    assert (report.population, report.time, report.findings) == (1, "2026-03-06T17:00:00.000000Z", ())


@pytest.mark.requirement("GAT-08", "GAT-02")
@pytest.mark.parametrize(
    ("changes", "unverified"),
    [
        ({"closed": None, "verified_by": None}, 0),
        ({"verified_by": None}, 1),
        ({"verified_by": " "}, 1),
    ],
)
def test_a_remediation_is_closed_only_when_somebody_has_verified_it(changes, unverified):
    report = read(weakness(**changes))
    assert (report.facts["findings"], report.facts["high"], report.facts["closed"]) == (1, 1, 0)
    assert (report.facts["unverified"], report.facts["overdue"]) == (unverified, 1)
    (found,) = report.findings
    assert (found.rule, found.exposure.risk) == ("PT-1", Risk.HIGH)


@pytest.mark.requirement("GAT-08")
def test_what_was_not_covered_is_said():
    facts = read(authentication=False, authorization=False).facts
    assert (facts["authn"], facts["authz"]) == (False, False)


def test_what_is_due_later_is_not_overdue_and_aliases_are_kept():
    report = read(weakness(closed=None, verified_by=None, due="2026-04-01T00:00:00Z", aliases=["cve-2026-0001"]))
    assert report.facts["overdue"] == 0
    assert report.findings[0].exposure.aliases == ("CVE-2026-0001",)


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "changes",
    [
        {"closed": "2026-03-01T00:00:00Z"},
        {"closed": "2026-04-01T00:00:00Z"},
        {"closed": None},
        {"risk": "mild"},
        {"risk": None},
        {"state": "closed"},
    ],
)
def test_a_remediation_that_cannot_be_is_refused(changes):
    with pytest.raises(UnreadableProblem) as caught:
        read(weakness(**changes))
    assert "findings[0]" in caught.value.sentence


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "changes",
    [
        {"targets": []},
        {"targets": ["a", "a"]},
        {"ended": "2026-03-01T00:00:00Z"},
        {"as_of": "2026-03-05T00:00:00Z"},
        {"authentication": "yes"},
    ],
)
def test_a_test_that_cannot_be_is_refused(changes):
    with pytest.raises(UnreadableProblem):
        read(**changes)


@pytest.mark.requirement("GAT-15")
def test_findings_have_ids_of_their_own():
    with pytest.raises(UnreadableProblem, match="already"):
        read(WEAKNESS, WEAKNESS)
