"""xUnit.net: what counts as run, failed and broken in each version, and what is refused."""

import pytest

from hardpoint.assurance.reports.importers.xunit import xunit
from hardpoint.kernel.importer import Report
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

THREE = """<?xml version="1.0" encoding="utf-8"?>
<assemblies schema-version="3" start-rtf="2026-03-31T10:00:00.0000000+00:00" id="x">
 <assembly name="unit.dll" total="4" passed="1" failed="1" skipped="1" not-run="1" errors="1" time="0.5"
  test-framework="xUnit.net v3 3.0.1">
  <errors><error type="assembly-cleanup"><failure exception-type="E"><message>gone</message></failure></error></errors>
  <collection name="Unit" total="4">
   <test name="Unit.Adds" type="Unit" method="Adds" time="0.25" result="Pass"><traits/></test>
   <test name="Unit.Removes" time="0.25" result="Fail" source-file="C:\\src\\Unit.cs" source-line="7">
    <failure exception-type="Xunit.EqualException"><message><![CDATA[Assert.Equal() Failure
1]]></message></failure></test>
   <test name="Unit.Later" result="Skip"><reason>later</reason></test>
   <test name="Unit.Explicit" result="NotRun"/>
  </collection>
 </assembly>
</assemblies>
"""
ONE = """<assemblies><assembly name="unit.dll" run-date="2026-03-31" run-time="10:00:00" total="2" passed="1" failed="1"
 skipped="0" test-framework="xUnit.net 1.9.2.1705"><class name="Unit" total="2"><failure exception-type="E">
 <message>fixture</message></failure><test name="Unit.Adds" result="Pass"/>
 <test name="Unit.Removes" result="Fail"><failure><message>no</message></failure></test></class></assembly></assemblies>"""


def read(xml: str) -> Report:
    return xunit.read(xml.encode())


def counted(xml: str) -> tuple:
    facts = read(xml).facts
    return tuple(facts[name] for name in ("tests", "passed", "failures", "errors", "skipped"))


@pytest.mark.requirement("GAT-03", "GAT-15")
def test_a_run_of_version_3():
    report = read(THREE)
    assert xunit.recognises(THREE.encode("utf-8-sig"))
    assert counted(THREE) == (4, 0, 1, 1, 2)
    assert (report.population, report.time) == (2, "2026-03-31T10:00:00.000000Z")
    assert report.producer.version == "v3 3.0.1"
    assert [(each.rule, each.text) for each in report.findings] == [
        ("assembly-cleanup", "gone"),
        ("Unit.Removes", "Assert.Equal() Failure"),
    ]
    assert report.findings[1].place == Place("C:/src/Unit.cs", 7)


@pytest.mark.requirement("GAT-03", "GAT-15")
def test_a_run_of_version_1_whose_class_broke():
    assert counted(ONE) == (2, 0, 1, 1, 0)


@pytest.mark.requirement("GAT-02")
def test_what_an_assembly_states_beyond_its_tests_counts():
    assert counted('<assembly total="9" failed="3" errors="1" skipped="2"/>') == (9, 3, 3, 1, 2)
    two = '<assembly total="2" failed="1"/><assembly total="3" failed="1"/>'
    assert counted(f"<assemblies>{two}</assemblies>") == (5, 3, 2, 0, 0)


def test_a_run_of_nothing_has_no_population():
    assert read("<assemblies/>").population == 0


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "xml",
    ['<assembly total="x"/>', '<assembly><test result="Great"/></assembly>', "<assembly><test/></assembly>", "<tests/>",
     '<assembly><test result="Pass"><test result="Pass"/></test></assembly>'],
)  # fmt: skip
def test_what_is_no_run_is_refused_at_its_place(xml):
    with pytest.raises(UnreadableProblem) as caught:
        read(xml)
    assert caught.value.place.line == 1


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize("xml", [THREE, ONE])
def test_a_run_that_is_cut_off_anywhere_is_refused(xml):
    for end in range(0, len(xml.rstrip()), 31):
        with pytest.raises(UnreadableProblem):
            read(xml[:end])
