"""NUnit 2 and 3: what counts as run, failed and broken, and what is refused."""

import pytest

from hardpoint.assurance.reports.importers.nunit import nunit
from hardpoint.kernel.importer import Report
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

THREE = """<?xml version="1.0" encoding="utf-8"?>
<test-run id="0" testcasecount="6" result="Failed" total="6" passed="2" failed="2" inconclusive="1" skipped="1"
 engine-version="3.17.0" start-time="2026-03-31 10:00:00Z" duration="1.5">
 <test-suite type="Assembly" id="1" name="unit.dll" fullname="unit.dll" result="Failed" site="Child">
  <environment framework-version="4.1.0"/>
  <failure><message><![CDATA[One or more child tests had errors]]></message></failure>
  <test-case id="2" fullname="Unit.Adds" result="Passed" duration="0.25"/>
  <test-case id="3" fullname="Unit.Warns" result="Warning" duration="0.25"/>
  <test-case id="4" fullname="Unit.Removes" result="Failed" duration="1">
   <failure><message><![CDATA[  Expected: 1
  But was: 2]]></message><stack-trace><![CDATA[   at Unit.Removes() in C:\\src\\Unit.cs:line 12]]></stack-trace></failure>
  </test-case>
  <test-case id="5" fullname="Unit.Breaks" result="Failed" label="Error"><failure><message>null</message></failure></test-case>
  <test-case id="6" fullname="Unit.Later" result="Skipped" label="Ignored"><reason><message>later</message></reason></test-case>
  <test-case id="7" fullname="Unit.Unsure" result="Inconclusive"/>
 </test-suite>
</test-run>
"""  # noqa: E501 - as the runner writes it
TWO = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!--This file represents the results of running a test suite-->
<test-results name="unit.dll" total="3" errors="1" failures="1" not-run="2" inconclusive="0" ignored="1" skipped="1"
 invalid="0" date="2026-03-31" time="10:00:00">
 <environment nunit-version="2.6.4.14350"/>
 <test-suite type="Assembly" name="unit.dll" executed="True" result="Failure" success="False" time="0.2"><results>
  <test-case name="Unit.Adds" executed="True" result="Success" success="True" time="0.125"/>
  <test-case name="Unit.Removes" executed="True" result="Failure" success="False"><failure><message>no</message></failure></test-case>
  <test-case name="Unit.Breaks" executed="True" result="Error" success="False"/>
  <test-case name="Unit.Later" executed="False" result="Ignored"><reason><message>later</message></reason></test-case>
  <test-case name="Unit.Never" executed="False" result="Skipped"/>
 </results></test-suite>
</test-results>
"""  # noqa: E501


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
def test_what_the_run_states_beyond_its_cases_counts():
    assert counted('<test-run total="9" failed="3"><test-case result="Passed"/></test-run>') == (9, 6, 3, 0, 0)
    assert counted('<test-results total="9" errors="2" invalid="1" not-run="1"/>') == (10, 7, 0, 3, 0)


def test_a_case_that_was_not_executed_is_skipped():
    assert counted('<test-results><test-case executed="False"/></test-results>') == (1, 0, 0, 0, 1)
    assert read('<test-results><test-case executed="False"/></test-results>').population == 0


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "xml",
    [
        '<test-run total="many"/>',
        '<test-run total="-1"/>',
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
