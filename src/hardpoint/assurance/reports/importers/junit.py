"""JUnit XML: the results of a test run, as pytest, Surefire, Jest, go-junit-report and others write it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hardpoint.assurance.reports.outcomes import (
    COUNTERS,
    TEST_FACTS,
    Outcomes,
    count_stated,
    instants_stated,
    line_stated,
    outcome_report,
    seconds_stated,
)
from hardpoint.assurance.reports.xml import read_elements
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

_SUITES = ("testsuites", "testsuite")
_WORSE = ("", "skipped", "failure", "error")
_STATED = {"tests": "tests", "failures": "failures", "errors": "errors", "skipped": "skipped", "disabled": "skipped"}
_NOT_RUN = frozenset({"notrun", "suppressed", "disabled", "skipped"})
"""Values of a test case's `status` or `result` (GoogleTest, CTest) that say the same as `<skipped>`."""


@dataclass(slots=True)
class _Run:
    """What has been read of a report so far."""

    depth: int = 0
    outcomes: Outcomes = field(default_factory=lambda: Outcomes("junit"))
    stated: dict[tuple[int, str], int] = field(default_factory=dict)
    suites: list[Mapping[str, str]] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    case: Mapping[str, str] | None = None
    case_place: Place = field(default_factory=lambda: Place(""))
    outcome: str = ""
    message: str = ""

    def start(self, name: str, attributes: Mapping[str, str], place: Place) -> None:
        self.depth += 1
        if self.depth == 1 and name not in _SUITES:
            raise UnreadableProblem(f"begins with <{name}>, not with a test suite", place=place)
        if self.case is not None and name in {*_SUITES, "testcase"}:
            raise UnreadableProblem(f"has a <{name}> inside of a test case", place=place)
        if name in _SUITES:
            self.suites.append(attributes)
            self._suite(attributes, place)
        elif name == "testcase":
            self.case, self.case_place, self.outcome, self.message = attributes, place, "", ""
        elif name in {"failure", "error"} and self.case is None and self.depth <= len(self.suites) + 1:
            self._broken_suite(name, attributes, place)
        elif name in COUNTERS and _WORSE.index(name) > _WORSE.index(self.outcome):
            self.outcome, self.message = name, attributes.get("message", "")

    def end(self, name: str, text: str) -> None:
        self.depth -= 1
        if name in _SUITES:
            self.suites.pop()
        elif name == self.outcome and not self.message:
            self.message = text.strip()
        elif name == "testcase" and self.case is not None:
            self._count_case(self.case)
            self.case = None

    def declared(self, counter: str) -> int:
        """What the suites state; nested ones repeat the counts of those around them, so levels are not added."""
        return max((count for (_, name), count in self.stated.items() if name == counter), default=0)

    def _suite(self, attributes: Mapping[str, str], place: Place) -> None:
        for attribute, counter in _STATED.items():
            if attribute in attributes:
                at = (self.depth, counter)
                self.stated[at] = self.stated.get(at, 0) + count_stated(attributes, attribute, place)
        if "timestamp" in attributes:
            self.times += instants_stated(attributes["timestamp"])

    def _broken_suite(self, outcome: str, attributes: Mapping[str, str], place: Place) -> None:
        """A failure beside the test cases, such as a set-up that broke before any could run."""
        suite = self.suites[-1]
        message = attributes.get("message", "")
        self.outcomes.beside(outcome, name=_named(suite), place=_placed(suite, place), message=message)

    def _count_case(self, case: Mapping[str, str]) -> None:
        if not self.outcome and any(case.get(said, "").lower() in _NOT_RUN for said in ("status", "result")):
            self.outcome = "skipped"
        is_bad = self.outcome in {"failure", "error"}  # most are not, and need no name
        self.outcomes.case(
            self.outcome,
            name=_named(case) if is_bad else "",
            place=_placed(case, self.case_place) if is_bad else self.case_place,
            message=self.message,
            duration_s=seconds_stated(case.get("time", "0")),
        )


@importer(
    "junit",
    title="JUnit XML test results",
    facts=TEST_FACTS,
    recognises=lambda start: b"<testsuite" in start,
    good=b'<testsuite name="unit"><testcase classname="t" name="adds"/></testsuite>',
    bad=b'<testsuite name="unit"><testcase classname="t" name="adds"/>',
    made_by="pytest 9.2",
)
def junit(data: bytes) -> Report:
    """Counts are taken from the test cases; failures, errors and skips that only the suites state count too.

    Tests that only they state do not: a report that shows one of five has shown that one passed.
    """
    run = _Run()
    read_elements(data, run.start, run.end)
    stated = {name: run.declared(name) for name in COUNTERS.values()}
    return outcome_report(run.outcomes, stated=stated, time=min(run.times, default=None))


def _named(element: Mapping[str, str]) -> str:
    return ".".join(filter(None, (element.get("classname"), element.get("name"))))


def _placed(element: Mapping[str, str], reported_at: Place) -> Place:
    file = element.get("file", "")
    return Place(file, line_stated(element.get("line", ""))) if file else reported_at
