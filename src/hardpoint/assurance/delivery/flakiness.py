"""Tests that passed and failed at one commit, from several JUnit reports of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hardpoint.assurance.reports.xml import read_elements
from hardpoint.kernel.place import Place

_FAILED = frozenset({"failure", "error"})
_RERUN = frozenset({"flakyFailure", "flakyError"})
"""What Maven Surefire writes of a test that failed and then passed in the same run."""


@dataclass(slots=True)
class _Cases:
    """What one report says of each test."""

    outcomes: dict[str, tuple[set[str], Place]] = field(default_factory=dict)
    name: str = ""
    place: Place = field(default_factory=lambda: Place(""))
    said: set[str] = field(default_factory=set)

    def start(self, element: str, attributes: Mapping[str, str], place: Place) -> None:
        if element == "testcase":
            self.name = ".".join(filter(None, (attributes.get("classname"), attributes.get("name"))))
            self.place, self.said = place, set()
        elif element in _FAILED:
            self.said.add("failed")
        elif element in _RERUN:
            self.said |= {"failed", "passed"}
        elif element == "skipped":
            self.said.add("skipped")

    def end(self, element: str, _: str) -> None:
        if element == "testcase" and self.name:
            said = (self.said or {"passed"}) - {"skipped"}
            outcomes, _place = self.outcomes.setdefault(self.name, (set(), self.place))
            outcomes |= said


def flaky(reports: Iterable[tuple[str, bytes]]) -> list[tuple[str, Place]]:
    """The tests that both passed and failed over the reports of one commit, and where the later report says so.

    Raises UnreadableProblem for a report that is not whole.
    """
    outcomes: dict[str, set[str]] = {}
    where: dict[str, Place] = {}
    for file, content in reports:
        cases = _Cases()
        read_elements(content, cases.start, cases.end)
        for name, (said, place) in cases.outcomes.items():
            outcomes.setdefault(name, set()).update(said)
            where[name] = Place(file, place.line, place.column)
    return sorted((name, where[name]) for name, said in outcomes.items() if {"passed", "failed"} <= said)
