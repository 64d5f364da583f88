"""TRX: what counts as run, failed and broken, runs that came to no result, and what is refused."""

from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.trx import trx
from hardpoint.kernel.importer import Report
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).parent / "fixtures" / "trx"
RUN = (FIXTURES / "dotnet-test.xml").read_text()


def read(xml: str) -> Report:
    return trx.read(xml.encode())


def counted(xml: str) -> tuple:
    facts = read(xml).facts
    return tuple(facts[name] for name in ("tests", "passed", "failures", "errors", "skipped"))


@pytest.mark.requirement("GAT-03", "GAT-15")
def test_a_run():
    report = read(RUN)
    assert trx.recognises(RUN.encode("utf-8-sig"))
    assert counted(RUN) == (6, 2, 2, 1, 1)
    assert (report.population, report.time, report.error) == (5, "2026-03-31T08:00:00.123456Z", None)
    assert report.facts["duration_s"] == 61.5
    assert [each.rule for each in report.findings] == ["Unit.Removes", "Unit.Slow", "Unit.Rows(2)"]
    assert (report.findings[0].text, report.findings[0].place) == ("Assert.Equal() Failure", Place("/src/Unit.cs", 12))


@pytest.mark.requirement("GAT-02")
def test_a_result_is_never_better_than_the_ones_around_it_and_in_it():
    inner = '<InnerResults><UnitTestResult outcome="Passed"/></InnerResults>'
    outer = f'<UnitTestResult testName="a" outcome="Failed">{inner}</UnitTestResult>'
    assert counted(f"<TestRun><Results>{outer}</Results></TestRun>") == (1, 0, 1, 0, 0)


@pytest.mark.requirement("GAT-02")
def test_a_result_without_an_outcome_broke():
    assert counted("<TestRun><Results><UnitTestResult/></Results></TestRun>") == (1, 0, 0, 1, 0)


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "summary",
    [
        '<ResultSummary outcome="Failed"><Counters total="1"/></ResultSummary>',
        '<ResultSummary outcome="Aborted"/>',
        '<ResultSummary outcome="Error"/>',
        '<ResultSummary outcome="InProgress"/>',
        '<ResultSummary outcome="Completed"><RunInfo outcome="Error"><Text>It crashed</Text></RunInfo></ResultSummary>',
    ],
)
def test_a_run_that_came_to_no_result_is_an_error(summary):
    report = read(f'<TestRun><Results><UnitTestResult outcome="Passed"/></Results>{summary}</TestRun>')
    assert report.error.startswith("the test run ended with")
    assert ("crashed" in report.error) == ("crashed" in summary)


@pytest.mark.requirement("GAT-02")
def test_failures_that_only_the_summary_states_count_and_tests_do_not():
    summary = (
        '<ResultSummary outcome="Failed"><Counters total="5" failed="2" error="1" inconclusive="1"/></ResultSummary>'
    )
    assert counted(f'<TestRun><Results><UnitTestResult outcome="Failed"/></Results>{summary}</TestRun>') == (
        1,
        0,
        2,
        1,
        1,
    )


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "xml",
    ['<TestRun><Results><UnitTestResult outcome="Great"/></Results></TestRun>', "<Run/>",
     '<TestRun><ResultSummary><Counters failed="x"/></ResultSummary></TestRun>'],
)  # fmt: skip
def test_what_is_no_run_is_refused_at_its_place(xml):
    with pytest.raises(UnreadableProblem) as caught:
        read(xml)
    assert caught.value.place.line == 1


@pytest.mark.requirement("GAT-15")
def test_a_run_that_is_cut_off_anywhere_is_refused():
    for end in range(0, len(RUN.rstrip()), 31):
        with pytest.raises(UnreadableProblem):
            read(RUN[:end])
