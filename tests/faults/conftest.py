"""How many points of each fault were run: counted by the tests, and told once all have ended."""

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # what the tests share with the processes that they start


@pytest.fixture
def points(record_property):
    """A counter; what a test counts is told at the end, and stands in the JUnit report."""
    counted = Counter()
    yield counted
    for name, number in counted.items():
        record_property(name, number)


def pytest_terminal_summary(terminalreporter):
    reports = [each for kind in terminalreporter.stats.values() for each in kind]
    ended = [each for each in reports if getattr(each, "when", "") == "teardown"]
    ran = [(each.nodeid.partition("[")[0].rpartition("::")[2], each.user_properties) for each in ended]
    total = Counter()
    for test, properties in ran:
        for name, number in properties:
            total[test, name] += number
    if total:
        terminalreporter.section("faults")
        for (test, name), number in sorted(total.items()):
            terminalreporter.line(f"{number:>12,}  {name}  ({test})")
