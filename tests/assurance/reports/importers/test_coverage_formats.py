"""Cobertura, LCOV, JaCoCo and coverage.py: the same code measures the same in each, and less is never lost."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.cobertura import cobertura
from hardpoint.assurance.reports.importers.coverage_py import coverage_py
from hardpoint.assurance.reports.importers.jacoco import jacoco
from hardpoint.assurance.reports.importers.lcov import lcov
from hardpoint.kernel.importer import Importer, Report
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).parent / "fixtures"
REAL = [
    (importer, file, expected)
    for importer, name, expected in [
        (cobertura, "cobertura/coverage-py.xml", (66.666, 50.0, 6, 4)),
        (lcov, "lcov/coverage-py.info", (66.666, 50.0, 6, 4)),
        (coverage_py, "coverage-py/coverage.json", (66.666, 50.0, 6, 4)),
        (cobertura, "cobertura/gcovr.xml", (80.0, 50.0, 5, 4)),
        (lcov, "lcov/gcovr.info", (80.0, 50.0, 5, 4)),
        (jacoco, "jacoco/gcovr.xml", (80.0, 50.0, 5, 4)),
        (cobertura, "cobertura/istanbul.xml", (85.714, 50.0, 7, 6)),
        (lcov, "lcov/istanbul.info", (85.714, 50.0, 7, 6)),
    ]
    for file in [FIXTURES / name]
]
BRANCHES = b'<coverage><class><lines><line number="1" hits="1" condition-coverage="(3/2)"/></lines></class></coverage>'
every_report = pytest.mark.parametrize(
    ("importer", "file", "expected"), REAL, ids=lambda each: getattr(each, "name", "")
)


def class_of(*lines: str, file: str = "a.py") -> str:
    return f'<class filename="{file}"><lines>{"".join(lines)}</lines></class>'


def coverage_of(*classes: str, root: str = "") -> Report:
    return cobertura.read(f"<coverage {root}><classes>{''.join(classes)}</classes></coverage>".encode())


def measured(report: Report) -> tuple:
    return tuple(report.facts.get(name) for name in ("line_percent", "branch_percent", "lines", "covered_lines"))


@pytest.mark.requirement("CID-06", "GAT-15")
@every_report
def test_real_reports_of_the_same_code_say_the_same(importer: Importer, file: Path, expected):
    data = file.read_bytes()
    assert importer.recognises(data[:4096])
    report = importer.read(data)
    assert measured(report) == expected
    assert report.population == report.facts["lines"]
    assert report.facts["files"] == 1


@pytest.mark.requirement("GAT-15")
@every_report
def test_a_report_that_is_cut_off_anywhere_is_refused(importer: Importer, file: Path, expected):
    data = file.read_bytes().rstrip()
    for end in range(1, len(data), 7):
        with pytest.raises(UnreadableProblem):
            importer.read(data[:end])


@pytest.mark.requirement("CID-06")
def test_a_line_of_several_classes_of_one_file_is_one_line():
    hit, missed = '<line number="1" hits="2"/>', '<line number="1" hits="0"/>'
    assert measured(coverage_of(class_of(hit), class_of(missed))) == (100.0, None, 1, 1)
    assert measured(coverage_of(class_of(hit), class_of(missed, file="b.py"))) == (50.0, None, 2, 1)


@pytest.mark.requirement("CID-06")
def test_lines_of_methods_are_not_counted_again():
    line = '<line number="1" hits="1"/>'
    method = f"<methods><method><lines>{line}</lines></method></methods>"
    assert measured(coverage_of(f'<class filename="a.py">{method}<lines>{line}</lines></class>')) == (100.0, None, 1, 1)


@pytest.mark.requirement("CID-06", "GAT-02")
def test_where_the_summary_claims_less_that_counts_and_where_it_claims_more_it_does_not():
    line = class_of('<line number="1" hits="1"/>', '<line number="2" hits="0"/>')
    assert measured(coverage_of(line, root='lines-valid="10" lines-covered="1"')) == (10.0, None, 10, 1)
    assert measured(coverage_of(line, root='lines-valid="10" lines-covered="10" line-rate="1"')) == (50.0, None, 2, 1)
    assert measured(lcov.read(b"SF:a\nDA:1,1\nLF:10\nLH:1\nend_of_record\n"))[0] == 10.0
    assert measured(lcov.read(b"SF:a\nDA:1,0\nLF:1\nLH:1\nend_of_record\n"))[0] == 0.0
    counter = '<counter type="LINE" missed="9" covered="1"/>'
    source = '<package><sourcefile><line nr="1" ci="1"/></sourcefile></package>'
    assert measured(jacoco.read(f"<report>{source}{counter}</report>".encode()))[0] == 10.0


@pytest.mark.requirement("CID-06", "GAT-02")
def test_files_that_claim_less_than_the_totals_count():
    report = json.loads((FIXTURES / "coverage-py/coverage.json").read_text())
    report["totals"]["covered_lines"] = 6
    assert measured(coverage_py.read(json.dumps(report).encode()))[0] == 66.666


@pytest.mark.requirement("CID-06")
def test_counters_of_packages_are_not_those_of_the_report():
    counter = '<counter type="LINE" missed="0" covered="5"/>'
    assert jacoco.read(f"<report><package>{counter}</package></report>".encode()).population == 0


@pytest.mark.requirement("CID-06")
def test_records_of_one_file_are_one():
    data = b"SF:a\nDA:1,1\nDA:2,0\nend_of_record\nSF:a\nDA:1,0\nDA:2,3\nDA:3,0\nend_of_record\n"
    assert measured(lcov.read(data)) == (66.666, None, 3, 2)


@pytest.mark.requirement("CID-06", "GAT-15")
@pytest.mark.parametrize(
    ("importer", "data"),
    [
        (cobertura, b'<coverage line-rate="1" branch-rate="1"/>'),
        (cobertura, b'<coverage lines-valid="0" lines-covered="0" line-rate="NaN"/>'),
        (lcov, b"TN:\nSF:a\nend_of_record\n"),
        (jacoco, b'<report name="shop"/>'),
    ],
)
def test_where_nothing_was_measured_there_is_no_population_and_no_branch_percent(importer, data):
    report = importer.read(data)
    assert (report.population, report.facts["line_percent"]) == (0, 0.0)
    assert "branch_percent" not in report.facts


@pytest.mark.parametrize(
    ("importer", "data", "time"),
    [
        (cobertura, b'<coverage timestamp="1774951200123"/>', "2026-03-31T10:00:00.123000Z"),
        (cobertura, b'<coverage timestamp="1774951200"/>', "2026-03-31T10:00:00.000000Z"),
        (cobertura, b"<coverage/>", None),
        (
            jacoco,
            b'<report><sessioninfo dump="1774951300000"/><sessioninfo dump="1774951200000"/></report>',
            "2026-03-31T10:00:00.000000Z",
        ),
    ],
)
def test_the_time_is_that_of_the_oldest_run(importer, data, time):
    assert importer.read(data).time == time


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    ("importer", "data"),
    [
        (cobertura, b"<html/>"),
        (cobertura, b'<coverage lines-valid="1" lines-covered="2"/>'),
        (cobertura, b'<coverage lines-valid="-1"/>'),
        (cobertura, b'<coverage><class><lines><line number="1"/></lines></class></coverage>'),
        (cobertura, b'<coverage><class><lines><line number="1" hits="x"/></lines></class></coverage>'),
        (cobertura, BRANCHES),
        (cobertura, b"<!DOCTYPE report SYSTEM 'x'><coverage/>"),
        (cobertura, b"<!DOCTYPE coverage SYSTEM 'x' [<!ENTITY a 'b'>]><coverage/>"),
        (cobertura, b"<!DOCTYPE coverage SYSTEM 'x'><coverage>&a;</coverage>"),
        (jacoco, b'<report><counter type="LINE" missed="x" covered="1"/></report>'),
        (jacoco, b"<html/>"),
        (lcov, b"SF:a\nDA:1,1\n"),
        (lcov, b"SF:a\nSF:b\nend_of_record\n"),
        (lcov, b"SF:a\nDA:1\nend_of_record\n"),
        (lcov, b"SF:a\nDA:1,x\nend_of_record\n"),
        (lcov, b"SF:a\nDA:1,-1\nend_of_record\n"),
        (lcov, b"SF:a\nBRDA:1,0,1\nend_of_record\n"),
        (lcov, b"SF:a\nwords\nend_of_record\n"),
        (lcov, b"SF:a\nend_of_record\nDA:1,1\n"),
        (lcov, b"SF:a\xff\nend_of_record\n"),
    ],
)
def test_what_is_no_measurement_is_refused(importer, data):
    with pytest.raises(UnreadableProblem):
        importer.read(data)


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize("wrong", [{"covered_lines": 7}, {"covered_lines": -1}, {"covered_branches": 3}])
def test_more_covered_than_there_is_is_refused(wrong):
    report = json.loads((FIXTURES / "coverage-py/coverage.json").read_text())
    report["totals"] |= wrong
    with pytest.raises(UnreadableProblem):
        coverage_py.read(json.dumps(report).encode())
