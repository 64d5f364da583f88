"""Lighthouse: scores and vitals, pages that were never loaded, and what is refused."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.lighthouse import lighthouse
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).parent / "fixtures" / "lighthouse"
PAGE, UNREACHABLE = (FIXTURES / "page.json").read_bytes(), (FIXTURES / "unreachable.json").read_bytes()


def changed(**changes) -> bytes:
    return json.dumps(json.loads(PAGE) | changes).encode()


@pytest.mark.requirement("PRF-05", "GAT-15")
def test_a_real_report_is_read():
    assert lighthouse.recognises(PAGE[:4096])
    report = lighthouse.read(PAGE)
    facts = report.facts
    assert (facts["url"], report.population, report.error) == ("http://shop.example/", 11, None)
    assert (facts["performance"], facts["accessibility"], facts["seo"]) == (100.0, 21.0, 33.0)
    assert (facts["lcp_ms"], facts["tbt_ms"], facts["cls"]) == (639.05145, 0.0, 0.0004878098634345956)
    assert not {"inp_ms", "pwa"} & set(facts)
    assert [each.rule for each in report.findings] == ["button-name", "color-contrast", "image-alt", "meta-description"]
    assert {each.severity for each in report.findings} == {Severity.WARNING}
    assert (facts["failed_audits"], facts["broken_audits"]) == (4, 0)


@pytest.mark.requirement("PRF-05", "GAT-15")
def test_a_page_that_could_not_be_loaded_is_an_error_without_scores():
    report = lighthouse.read(UNREACHABLE)
    assert report.error.startswith("Lighthouse says that it failed: CHROME_INTERSTITIAL_ERROR")
    assert report.population == 0
    assert not {"performance", "lcp_ms", "accessibility"} & set(report.facts)


@pytest.mark.requirement("PRF-05")
def test_the_page_is_the_one_that_was_reached():
    facts = lighthouse.read(changed(finalDisplayedUrl="http://shop.example/login")).facts
    assert (facts["url"], facts["requested_url"]) == ("http://shop.example/login", "http://shop.example/")


@pytest.mark.parametrize(("score", "shown"), [(0.29, 29.0), (0.57, 57.0), (0.895, 89.5), (1, 100.0), (0, 0.0)])
def test_scores_are_shown_exactly(score, shown):
    assert lighthouse.read(changed(categories={"seo": {"score": score}})).facts["seo"] == shown


def test_a_category_without_a_score_gives_no_fact_and_no_error_code_is_no_error():
    report = lighthouse.read(
        changed(categories={"seo": {"score": None}}, runtimeError={"code": "NO_ERROR", "message": ""})
    )
    assert "seo" not in report.facts
    assert report.error is None


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "changes",
    [
        {"categories": {"seo": {"score": 1.2}}},
        {"categories": {"seo": {"score": "1"}}},
        {"categories": {"seo": {}}},
        {"categories": None},
        {"audits": None},
        {"audits": {"largest-contentful-paint": {"scoreDisplayMode": "numeric", "score": 1, "numericValue": -1}}},
    ],
)
def test_what_is_no_measurement_is_refused(changes):
    with pytest.raises(UnreadableProblem):
        lighthouse.read(changed(**changes))


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize("data", [PAGE, UNREACHABLE], ids=["page", "unreachable"])
def test_a_report_that_is_cut_off_anywhere_is_refused(data):
    for end in range(0, len(data.rstrip()), 997):
        with pytest.raises(UnreadableProblem):
            lighthouse.read(data[:end])
