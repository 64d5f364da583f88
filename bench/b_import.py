"""B-IMPORT: large reports beside nothing but their parser: JUnit beside iterparse, SARIF beside json."""

import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Row, in_turn, peak_mb

CASES = 100_000
TIMES = 3
_OURS = """
import sys
from pathlib import Path
from hardpoint.assurance.reports.importers.{name} import {name}
if len(sys.argv) > 1:
    report = {name}.read(Path(sys.argv[1]).read_bytes())
    assert report.population and len(report.findings) == int(sys.argv[2])
"""
_ITERPARSE = """
import sys
from xml.etree.ElementTree import iterparse
if len(sys.argv) > 1:
    seen = 0
    for _, element in iterparse(sys.argv[1]):
        seen += element.tag == "testcase"
        element.clear()
    assert seen == 100_000
"""
_JSON = """
import json, sys
if len(sys.argv) > 1:
    with open(sys.argv[1], "rb") as file:
        assert json.load(file)["runs"]
"""


def rows() -> Iterator[Row]:
    """Time and memory of reading each report, less those of the same program that reads nothing."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        yield from _measured(folder, "junit", plant_junit(folder / "junit.xml"), "ElementTree iterparse", _ITERPARSE)
        yield from _measured(folder, "sarif", plant_sarif(folder / "log.sarif"), "json", _JSON)


def _measured(folder: Path, name: str, planted: tuple[Path, int], peer: str, theirs: str) -> Iterator[Row]:
    file, findings = planted
    ours, floor = folder / f"{name}.py", folder / f"{name}_floor.py"
    ours.write_text(_OURS.format(name=name))
    floor.write_text(theirs)
    idle, busy = [sys.executable, str(ours)], [sys.executable, str(ours), str(file), str(findings)]
    idle_floor, busy_floor = [sys.executable, str(floor)], [sys.executable, str(floor), str(file)]
    started, ended, floor_started, floor_ended = in_turn([idle, busy, idle_floor, busy_floor], folder, runs=5)
    took, floor_took = ended.cpu_ms - started.cpu_ms, floor_ended.cpu_ms - floor_started.cpu_ms
    size_mb = file.stat().st_size / 2**20
    work = f"{name.upper()}, {CASES:,} {'test cases' if name == 'junit' else 'results'}, {size_mb:.0f} MB"
    yield Row(
        benchmark="B-IMPORT",
        work=work,
        figure=took,
        peer=peer,
        peer_figure=floor_took,
        unit="ms CPU",
        goal=f"at most {TIMES} times the peer",
        met=took <= TIMES * floor_took,
    )
    used, floor_used = (
        peak_mb(with_, folder) - peak_mb(without, folder) for with_, without in ((busy, idle), (busy_floor, idle_floor))
    )
    yield Row(
        benchmark="B-IMPORT",
        work=f"peak memory of the same, beside a file of {size_mb:.0f} MB",
        figure=used,
        peer=peer,
        peer_figure=floor_used,
        unit="MB",
        goal=f"under {TIMES} times the file",
        met=used < TIMES * size_mb,
    )


def plant_junit(file: Path, cases: int = CASES) -> tuple[Path, int]:
    """Write what pytest writes of a suite in which one of a hundred fails; the file, and how many failed."""
    chance = random.Random(7)
    failed = 0
    with file.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0"?><testsuites><testsuite name="pytest" timestamp="2026-03-31T10:00:00Z">')
        for number in range(cases):
            broken = chance.random() < 0.01
            failed += broken
            inner = f'<failure message="assert {number} == 0">trace\nof {number}</failure>' if broken else ""
            where = f"tests.unit.test_{number % 500}"
            out.write(
                f'<testcase classname="{where}" name="test_case_{number}" time="0.00{number % 10}">{inner}</testcase>'
            )
        out.write("</testsuite></testsuites>")
    return file, failed


def plant_sarif(file: Path, results: int = CASES) -> tuple[Path, int]:
    """Write what a static analyser writes; every result is open."""
    rules = [{"id": f"R{n}", "defaultConfiguration": {"level": "warning"}} for n in range(200)]
    found = [
        {
            "ruleId": f"R{number % 200}",
            "ruleIndex": number % 200,
            "level": "warning",
            "message": {"text": f"Variable value_{number} is assigned and never read."},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": f"src/module_{number % 900}/file_{number % 7000}.py", "index": 0},
                        "region": {"startLine": number % 4000 + 1, "startColumn": 5},
                    }
                }
            ],
            "partialFingerprints": {"primaryLocationLineHash": f"{number:016x}:1"},
        }
        for number in range(results)
    ]
    log = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint", "rules": rules}}, "results": found}]}
    file.write_text(json.dumps(log), encoding="utf-8")
    return file, results
