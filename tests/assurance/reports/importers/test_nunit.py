"""NUnit 2 and 3: what counts as run, failed and broken, and what is refused."""

from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.nunit import nunit
from hardpoint.kernel.importer import Report
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).parent / "fixtures" / "nunit"
THREE = (FIXTURES / "nunit-3.xml").read_text()
TWO = (FIXTURES / "nunit-2.xml").read_text()


def read(xml: str) -> Report:
    return nunit.read(xml.encode())


def counted(xml: str) -> tuple:
    facts = read(xml).facts
    return tuple(facts[name] for name in ("tests", "passed", "failures", "errors", "skipped"))


@pytest.mark.requirement("GAT-03", "GAT-15")
@pytest.mark.parametrize("xml", [THREE, TWO])
def test_both_versions_are_recognised(xml):
    assert nunit.recognises(xml.encode())
    assert nunit.recognises(xml.encode("utf-8-sig"))


@pytest.mark.requirement("GAT-03", "GAT-15")
def test_a_run_of_nunit_3():
    report = read(THREE)
    assert counted(THREE) == (6, 2, 1, 1, 2)
    assert report.facts["duration_s"] == 1.5
    assert (report.population, report.time, report.producer.version) == (4, "2026-03-31T10:00:00.000000Z", "3.17.0")
    assert [(each.rule, each.text) for each in report.findings] == [
        ("Unit.Removes", "Expected: 1"),
        ("Unit.Breaks", "null"),
    ]
    assert report.findings[0].place == Place("C:/src/Unit.cs", 12)


@pytest.mark.requirement("GAT-03", "GAT-15")
def test_a_run_of_nunit_2_whose_total_is_what_ran():
    assert counted(TWO) == (5, 1, 1, 1, 2)
    assert read(TWO).producer.version == "2.6.4.14350"


@pytest.mark.requirement("GAT-02")
@pytest.mark.parametrize(
    "suite",
    [
        '<test-suite name="a" result="Failed" site="SetUp"><test-case result="Passed"/></test-suite>',
        '<test-suite name="a" result="Failed" site="TearDown"><test-case result="Passed"/></test-suite>',
        '<test-suite name="a" result="Failed" label="Invalid" runstate="NotRunnable"/>',
        '<test-suite name="a" success="False"/>',
        '<test-case result="NotRunnable"/>',
        '<test-case success="False"/>',
        '<test-case executed="True"/>',
    ],
)
def test_a_suite_that_failed_by_itself_is_not_lost(suite):
    report = read(f'<test-run total="1" failed="0">{suite}</test-run>')
    assert report.facts["failures"] + report.facts["errors"] == 1
    assert len(report.findings) == 1


def test_a_suite_that_failed_through_its_tests_is_not_counted_again():
    case = '<test-case result="Failed" site="Parent"/>'
    assert counted(f'<test-run><test-suite result="Failed" site="Child">{case}{case}</test-suite></test-run>')[2:4] == (
        2,
        0,
    )


@pytest.mark.requirement("GAT-02")
def test_a_suite_whose_tear_down_failed_is_counted_beside_its_failed_tests():
    case = '<test-case result="Failed"/>'
    assert counted(f'<test-run><test-suite result="Failed" site="TearDown">{case}</test-suite></test-run>')[2:4] == (
        1,
        1,
    )


@pytest.mark.requirement("GAT-02")
def test_failures_that_only_the_run_states_count_and_tests_do_not():
    assert counted('<test-run total="9" failed="3"><test-case result="Passed"/></test-run>') == (1, 0, 3, 0, 0)
    assert counted('<test-results total="9" errors="2" invalid="1" not-run="1"/>') == (0, 0, 0, 3, 0)


def test_a_case_that_was_not_executed_is_skipped():
    assert counted('<test-results><test-case executed="False"/></test-results>') == (1, 0, 0, 0, 1)
    assert read('<test-results><test-case executed="False"/></test-results>').population == 0


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "xml",
    [
        '<test-run failed="many"/>',
        '<test-run failed="-1"/>',
        '<test-run><test-case result="Great"/></test-run>',
        "<tests/>",
    ],
)
def test_what_is_no_run_is_refused_at_its_place(xml):
    with pytest.raises(UnreadableProblem) as caught:
        read(xml)
    assert caught.value.place.line == 1


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize("xml", [THREE, TWO])
def test_a_run_that_is_cut_off_anywhere_is_refused(xml):
    for end in range(0, len(xml.rstrip()), 31):
        with pytest.raises(UnreadableProblem):
            read(xml[:end])
