"""xUnit.net: what counts as run, failed and broken in each version, and what is refused."""

from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.xunit import xunit
from hardpoint.kernel.importer import Report
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).parent / "fixtures" / "xunit"
THREE = (FIXTURES / "v3.xml").read_text()
ONE = (FIXTURES / "v1.xml").read_text()


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
def test_failures_that_only_an_assembly_states_count_and_tests_do_not():
    assert counted('<assembly total="9" failed="3" errors="1" skipped="2"/>') == (0, 0, 3, 1, 2)
    two = '<assembly total="2" failed="1"/><assembly total="3" failed="1"/>'
    assert counted(f"<assemblies>{two}</assemblies>") == (0, 0, 2, 0, 0)


def test_a_run_of_nothing_has_no_population():
    assert read("<assemblies/>").population == 0


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "xml",
    ['<assembly failed="x"/>', '<assembly><test result="Great"/></assembly>', "<assembly><test/></assembly>", "<x/>",
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
