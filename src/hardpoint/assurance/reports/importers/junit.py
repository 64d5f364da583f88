"""JUnit XML: the results of a test run, as pytest, Surefire, Jest, go-junit-report and others write it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hardpoint.assurance.reports.xml import read_elements
from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem

MAX_MESSAGE = 500
MAX_SECONDS = 10**9
_SUITES = ("testsuites", "testsuite")
_OUTCOMES = {"failure": "failures", "error": "errors", "skipped": "skipped"}
_WORSE = ("", "skipped", "failure", "error")
_STATED = {"tests": "tests", "failures": "failures", "errors": "errors", "skipped": "skipped", "disabled": "skipped"}
_NOT_RUN = frozenset({"notrun", "suppressed", "disabled", "skipped"})
"""Values of a test case's `status` or `result` (GoogleTest, CTest) that say the same as `<skipped>`."""
_COUNT = "[0-9]{1,9}"
_LINE = "[0-9]{1,9}"


@dataclass(slots=True)
class _Run:
    """What has been read of a report so far."""

    depth: int = 0
    tests: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_OUTCOMES.values(), 0))
    stated: dict[tuple[int, str], int] = field(default_factory=dict)
    suites: list[Mapping[str, str]] = field(default_factory=list)
    duration_s: float = 0.0
    times: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
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
        elif name in _OUTCOMES and _WORSE.index(name) > _WORSE.index(self.outcome):
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
                self.stated[at] = self.stated.get(at, 0) + _whole(attributes[attribute], attribute, place)
        if "timestamp" in attributes:
            self.times += _instant(attributes["timestamp"])

    def _broken_suite(self, outcome: str, attributes: Mapping[str, str], place: Place) -> None:
        """A failure beside the test cases, such as a set-up that broke before any could run."""
        self.counts[_OUTCOMES[outcome]] += 1
        self.outcome, self.message = outcome, attributes.get("message", "")
        self.findings.append(self._failed(self.suites[-1], place))
        self.outcome = ""

    def _count_case(self, case: Mapping[str, str]) -> None:
        self.tests += 1
        self.duration_s += _seconds(case.get("time", "0"))
        if not self.outcome and {case.get("status", "").lower(), case.get("result", "").lower()} & _NOT_RUN:
            self.outcome = "skipped"
        if self.outcome:
            self.counts[_OUTCOMES[self.outcome]] += 1
        if self.outcome in {"failure", "error"}:
            self.findings.append(self._failed(case, self.case_place))

    def _failed(self, case: Mapping[str, str], reported_at: Place) -> Finding:
        test = ".".join(filter(None, (case.get("classname"), case.get("name"))))
        file, line = case.get("file", ""), case.get("line", "")
        place = Place(file, int(line) if re.fullmatch(_LINE, line) else 0) if file else reported_at
        first_line = self.message.strip().partition("\n")[0][:MAX_MESSAGE]
        return Finding(
            rule=test or "unnamed test",
            severity=Severity.ERROR,
            place=place,
            text=first_line or f"the test ended with {self.outcome}",
            tool="junit",
        )


@importer(
    "junit",
    title="JUnit XML test results",
    facts={
        "tests": "test cases in the report",
        "passed": "those that ran and did not fail",
        "failures": "those whose assertion failed",
        "errors": "those that broke before or beside their assertion",
        "skipped": "those that did not run",
        "duration_s": "seconds over all test cases",
    },
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
    failures, errors, skipped = (max(run.counts[name], run.declared(name)) for name in _OUTCOMES.values())
    executed = max(run.tests - skipped, 0)
    return Report(
        producer=Producer(name="junit"),
        population=executed,
        facts={
            "tests": run.tests,
            "passed": max(executed - failures - errors, 0),
            "failures": failures,
            "errors": errors,
            "skipped": skipped,
            "duration_s": round(run.duration_s, 6),
        },
        findings=tuple(run.findings),
        time=min(run.times, default=None),
    )


def _whole(text: str, counter: str, place: Place) -> int:
    if not re.fullmatch(_COUNT, text.strip()):
        raise UnreadableProblem(f"says {counter}={text[:MAX_MESSAGE]!r}, which is no number of tests", place=place)
    return int(text)


def _seconds(text: str) -> float:
    """A duration; some tools write a comma between thousands, and some none at all."""
    try:
        seconds = float(text.replace(",", "") or 0)
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < MAX_SECONDS else 0.0


def _instant(text: str) -> list[str]:
    """A suite's time stamp, if it names an instant: without an offset it does not."""
    try:
        return [format_instant(parse_instant(text))]
    except UsageProblem:
        return []
