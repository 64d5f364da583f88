"""JUnit XML of many tools: what counts as run, passed, failed, and what is refused."""

import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.reports.importers.junit import junit
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.importer import Report
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Problem, UnreadableProblem


def read(xml: str) -> Report:
    return junit.read(xml.encode())


def counts(xml: str) -> dict[str, int]:
    return {name: fact for name, fact in read(xml).facts.items() if name != "duration_s" and fact}


def realistic(cases: int = 60) -> bytes:
    """Two suites as pytest and Surefire write them: passes, failures, errors and skips, with a trace in each."""
    inner = {0: "", 1: '<failure message="assert 1 == 2">trace &lt;x&gt;</failure>', 2: '<skipped message="later"/>'}
    suites = []
    for suite in ("unit", "integration"):
        body = "".join(
            f'<testcase classname="{suite}.t{n}" name="case_{n}" time="0.01" file="t.py" line="{n + 1}">'
            f"{inner.get(n % 7, '')}<system-out>some output {n}</system-out></testcase>\n"
            for n in range(cases)
        )
        failed = sum(n % 7 == 1 for n in range(cases))
        skipped = sum(n % 7 == 2 for n in range(cases))
        suites.append(
            f'<testsuite name="{suite}" tests="{cases}" failures="{failed}" errors="0" skipped="{skipped}" '
            f'timestamp="2026-03-31T10:00:00+02:00">\n{body}</testsuite>\n'
        )
    return ('<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n' + "".join(suites) + "</testsuites>\n").encode()


def is_pass(report: Report) -> bool:
    """What the usual criteria ask for."""
    return report.error is None and report.population > 0 and report.facts["failures"] == report.facts["errors"] == 0


@pytest.mark.requirement("GAT-15")
def test_counts_come_from_the_test_cases():
    report = junit.read(realistic())
    assert report.facts == {"tests": 120, "passed": 84, "failures": 18, "errors": 0, "skipped": 18, "duration_s": 1.2}
    assert report.population == 102
    assert report.time == "2026-03-31T08:00:00.000000Z"


@pytest.mark.requirement("GAT-15")
def test_each_failure_is_a_finding_at_the_place_that_the_report_names():
    found = junit.read(realistic()).findings[0]
    assert (found.rule, found.severity, found.place) == ("unit.t1.case_1", Severity.ERROR, Place("t.py", 2))
    assert found.text == "assert 1 == 2"


def test_without_a_file_the_place_is_in_the_report():
    (found,) = read('<testsuite>\n <testcase name="a"><error>first\nsecond</error></testcase></testsuite>').findings
    assert (found.place, found.text, found.rule) == (Place("", 2, 2), "first", "a")


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<testsuite/>", {}),
        ("<testsuites><testsuite/></testsuites>", {}),
        ("<testsuite><testcase/></testsuite>", {"tests": 1, "passed": 1}),
        ("<testsuite><testcase><error/></testcase></testsuite>", {"tests": 1, "errors": 1}),
        ("<testsuite><testcase><skipped/></testcase></testsuite>", {"tests": 1, "skipped": 1}),
        ('<testsuite><testcase status="notrun"/></testsuite>', {"tests": 1, "skipped": 1}),
        ('<testsuite><testcase result="suppressed"/></testsuite>', {"tests": 1, "skipped": 1}),
        ('<testsuite tests="3" failures="1"/>', {"failures": 1}),
        ('<testsuite tests="3" skipped="3"/>', {"skipped": 3}),
        ('<testsuite tests="3" disabled="2" skipped="1"/>', {"skipped": 3}),
        ('<testsuite tests="5" failures="0" errors="0"><testcase/></testsuite>', {"tests": 1, "passed": 1}),
        (
            '<testsuite tests="5" failures="2"><testcase/><testcase/><testcase/></testsuite>',
            {"tests": 3, "passed": 1, "failures": 2},
        ),
    ],
)
def test_what_ran_and_what_did_not(xml, expected):
    assert counts(xml) == expected


@pytest.mark.requirement("GAT-02")
@pytest.mark.parametrize(
    "inside",
    [
        "<skipped/><failure/>",
        "<failure/><skipped/>",
        "<skipped/><error/>",
        "<system-out/><failure/><error/>",
        "<failure/><failure/>",
    ],
)
def test_a_failure_beside_a_skip_is_a_failure(inside):
    report = read(f'<testsuite><testcase name="a">{inside}</testcase></testsuite>')
    assert not is_pass(report)
    assert len(report.findings) == 1
    assert report.facts["skipped"] == 0


@pytest.mark.requirement("GAT-02")
@pytest.mark.parametrize(
    "xml",
    [
        '<testsuites><testsuite failures="0"><testcase/></testsuite><testsuite failures="3"/></testsuites>',
        '<testsuites failures="0"><testsuite failures="2"><testcase/></testsuite></testsuites>',
        '<testsuites failures="2"><testsuite failures="0"><testcase/></testsuite></testsuites>',
        '<testsuites><testsuite><testsuite errors="1"><testcase/></testsuite></testsuite></testsuites>',
        '<testsuite name="s"><testcase/><error message="set-up broke"/></testsuite>',
        '<testsuites><failure/><testsuite><testcase name="a"/></testsuite></testsuites>',
    ],
)
def test_a_failure_beside_the_test_cases_is_not_lost(xml):
    assert not is_pass(read(xml))


def test_a_suite_that_broke_is_a_finding_under_its_name():
    (found,) = read('<testsuite name="s"><error message="set-up broke"/></testsuite>').findings
    assert (found.rule, found.text) == ("s", "set-up broke")


def test_counts_of_nested_suites_are_not_added_to_those_around_them():
    nested = '<testsuite tests="4" failures="1"><testcase/></testsuite>'
    cases = "<testcase/>" * 6
    assert counts(f'<testsuites tests="8" failures="2">{nested}{nested}{cases}</testsuites>') == {
        "tests": 8,
        "passed": 6,
        "failures": 2,
    }


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    ("xml", "sentence"),
    [
        ("<coverage/>", "begins with <coverage>"),
        ('<testsuite tests="many"/>', "no number of tests"),
        ('<testsuite failures="-1"/>', "no number of tests"),
        ('<testsuite errors="1.5"/>', "no number of tests"),
        (f'<testsuite tests="{"9" * 5000}"/>', "no number of tests"),
        ("<testsuite><testcase><failure/><testcase/></testcase></testsuite>", "inside of a test case"),
        ("<testsuite><testcase><testsuite/></testcase></testsuite>", "inside of a test case"),
        ("<testsuite><testcase>", "no element found"),
    ],
)
def test_what_is_no_report_is_refused_at_its_place(xml, sentence):
    with pytest.raises(UnreadableProblem, match=sentence) as caught:
        read(xml)
    assert caught.value.place.line == 1


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("0.5", 0.5), ("1,234.5", 1234.5), ("", 0), ("nan", 0), ("inf", 0), ("-1", 0), ("1e308", 0), ("x", 0)],
)
def test_durations_that_are_none_are_zero(written, seconds):
    assert read(f'<testsuite><testcase time="{written}"/></testsuite>').facts["duration_s"] == seconds


@pytest.mark.parametrize("line", ["", "x", "-3", "9" * 5000, "٣"])
def test_a_line_that_is_none_is_unknown(line):
    report = read(f'<testsuite><testcase file="a" line="{line}"><failure/></testcase></testsuite>')
    assert report.findings[0].place == Place("a")


def test_a_time_without_an_offset_is_no_time():
    assert read('<testsuite timestamp="2026-03-31T10:00:00"><testcase/></testsuite>').time is None
    assert read('<testsuite timestamp="?"><testcase/></testsuite>').time is None


def test_the_oldest_of_several_times_counts():
    suites = "".join(f'<testsuite timestamp="2026-03-{day}T10:00:00Z"/>' for day in (31, 29, 30))
    assert read(f"<testsuites>{suites}</testsuites>").time == "2026-03-29T10:00:00.000000Z"


@pytest.mark.requirement("GAT-15")
def test_a_report_cut_off_anywhere_is_refused():
    data = realistic()
    for percent in range(100):
        with pytest.raises(UnreadableProblem):
            junit.read(data[: len(data) * percent // 100])


@pytest.mark.requirement("GAT-15")
@given(st.data())
def test_a_damaged_byte_never_turns_failures_into_a_pass(data):
    report = bytearray(realistic(8))
    at = data.draw(st.integers(0, len(report) - 1))
    report[at] ^= data.draw(st.integers(1, 255))
    with suppress(Problem):
        assert not is_pass(junit.read(bytes(report)))


def wrapped(inner):
    names = st.sampled_from(["testsuite", "testcase", "failure", "error", "skipped", "properties"])
    return st.tuples(names, st.lists(inner, max_size=4)).map(lambda each: f"<{each[0]}>{''.join(each[1])}</{each[0]}>")


@given(st.recursive(st.just(""), wrapped, max_leaves=12))
def test_any_nesting_of_its_elements_is_read_or_refused(xml):
    with suppress(Problem):
        report = read(f"<testsuite><testcase>{xml}</testcase></testsuite>")
        assert is_pass(report) == ("<failure>" not in xml and "<error>" not in xml and "<skipped>" not in xml)


TESTS = """
import pytest

def test_passes(): pass
def test_fails(): assert 1 == 2, "one is not two"
@pytest.mark.skip
def test_skipped(): pass
@pytest.fixture
def broken(): raise RuntimeError("no set-up")
def test_errors(broken): pass
@pytest.mark.xfail(strict=True)
def test_expected(): assert False
@pytest.fixture
def breaks_after():
    yield
    raise RuntimeError("no tear-down")
def test_breaks_after(breaks_after): pass
@pytest.mark.parametrize("text", ["\\x1b[31m", "<&>"])
def test_odd(text): assert not text
"""


@pytest.mark.requirement("GAT-15")
def test_what_pytest_itself_writes_is_read(tmp_path):
    (tmp_path / "test_it.py").write_text(TESTS)
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=r.xml", "test_it.py"]
    subprocess.run(argv, cwd=tmp_path, check=False, capture_output=True)
    report = junit.read((tmp_path / "r.xml").read_bytes())
    assert {name: report.facts[name] for name in ("failures", "errors", "skipped")} == {
        "failures": 3,
        "errors": 2,
        "skipped": 2,
    }
    assert report.time is not None
    assert "AssertionError: one is not two" in report.findings[0].text
    assert len(report.findings) == 5
