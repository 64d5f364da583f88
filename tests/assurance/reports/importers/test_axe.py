"""axe: violations by impact, elements that a person has to look at, one page and several."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.axe import axe
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.importer import Report
from hardpoint.kernel.problem import UnreadableProblem

REAL = (Path(__file__).parent / "fixtures" / "axe" / "page.json").read_bytes()


def read(*violations: dict, **changes) -> Report:
    return axe.read(json.dumps(json.loads(REAL) | {"violations": violations} | changes).encode())


@pytest.mark.requirement("PRF-08", "GAT-15")
def test_a_real_report_is_read():
    assert axe.recognises(REAL[:4096])
    report = axe.read(REAL)
    assert report.facts == {
        "violations": 9, "critical": 2, "serious": 2, "moderate": 5, "minor": 0, "incomplete": 0, "pages": 1,
        "rules": 18,
    }  # fmt: skip
    assert (report.time, report.producer.version) == ("2026-11-21T06:50:47.630000Z", "4.14.1")
    found = next(each for each in report.findings if each.rule == "image-alt")
    assert (found.severity, found.fingerprint) == (Severity.ERROR, "img at http://shop.example/")
    assert found.text == "Images must have alternative text: img at http://shop.example/"


@pytest.mark.requirement("PRF-08", "GAT-15")
def test_the_list_of_pages_that_the_command_line_saves_is_read():
    pages = json.dumps([json.loads(REAL), json.loads(REAL)], indent=2).encode()
    assert axe.recognises(pages[:4096])
    facts = axe.read(pages).facts
    assert (facts["pages"], facts["violations"], facts["critical"], facts["rules"]) == (2, 18, 4, 18)


@pytest.mark.requirement("PRF-08", "GAT-02")
@pytest.mark.parametrize("impact", [None, "", "awful"])
def test_an_impact_that_is_not_known_is_not_mild(impact):
    report = read({"id": "new-rule", "impact": impact, "nodes": [{"target": ["p"], "impact": impact}]})
    assert (report.facts["serious"], report.findings[0].severity) == (1, Severity.ERROR)
    assert "its impact is" in report.findings[0].text


def test_the_impact_is_that_of_the_element_and_a_rule_without_elements_is_broken_once():
    nodes = [{"target": ["p"], "impact": "minor"}, {"target": [["#frame", "p"]]}]
    report = read({"id": "a", "impact": "serious", "nodes": nodes}, {"id": "b", "impact": "critical", "nodes": []})
    assert [report.facts[name] for name in ("critical", "serious", "moderate", "minor")] == [1, 1, 0, 1]
    assert report.findings[1].text.endswith("#frame p at http://shop.example/")


def test_what_a_person_has_to_look_at_is_counted():
    facts = read(incomplete=[{"id": "color-contrast", "nodes": [{"target": ["p"]}, {"target": ["a"]}]}]).facts
    assert (facts["violations"], facts["incomplete"]) == (0, 2)


@pytest.mark.requirement("GAT-15")
def test_a_page_to_which_no_rule_applied_was_not_looked_at():
    assert read(passes=[], incomplete=[]).population == 0


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize("changes", [{"violations": None}, {"passes": None}, {"incomplete": [{"id": "a"}]}])
def test_what_is_no_result_is_refused(changes):
    with pytest.raises(UnreadableProblem):
        read(**changes)


@pytest.mark.requirement("GAT-15")
def test_a_report_that_is_cut_off_anywhere_is_refused():
    for end in range(0, len(REAL.rstrip()), 997):
        with pytest.raises(UnreadableProblem):
            axe.read(REAL[:end])
