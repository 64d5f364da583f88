"""JUnit XML: the results of a test run, as pytest, Surefire, Jest, go-junit-report and others write it."""

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
_SUITES = ("testsuites", "testsuite")
_OUTCOMES = {"failure": "failures", "error": "errors", "skipped": "skipped"}


@dataclass(slots=True)
class _Run:
    """What has been read of a report so far."""

    depth: int = 0
    tests: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_OUTCOMES.values(), 0))
    declared: dict[str, int] = field(default_factory=dict)
    duration_s: float = 0.0
    times: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    case: Mapping[str, str] = field(default_factory=dict)
    case_place: Place = field(default_factory=lambda: Place(""))
    outcome: str = ""
    message: str = ""

    def start(self, name: str, attributes: Mapping[str, str], place: Place) -> None:
        self.depth += 1
        if self.depth == 1 and name not in _SUITES:
            raise UnreadableProblem(f"begins with <{name}>, not with a test suite", place=place)
        if name in _SUITES:
            self._suite(attributes, place)
        elif name == "testcase":
            self.case, self.case_place, self.outcome, self.message = attributes, place, "", ""
        elif name in _OUTCOMES and not self.outcome:
            self.outcome, self.message = name, attributes.get("message", "")

    def end(self, name: str, text: str) -> None:
        self.depth -= 1
        if name in _OUTCOMES and not self.message:
            self.message = text.strip()
        elif name == "testcase":
            self._count_case()

    def _suite(self, attributes: Mapping[str, str], place: Place) -> None:
        """A suite's own counts are kept from the outermost that states them: nested ones repeat them."""
        for counter in ("tests", "failures", "errors"):
            if self.depth == 1 or (self.depth == 2 and counter not in self.declared):  # noqa: PLR2004
                stated = attributes.get(counter)
                if stated is not None:
                    self.declared[counter] = self.declared.get(counter, 0) + _whole(stated, counter, place)
        if "timestamp" in attributes:
            self.times += _instant(attributes["timestamp"])

    def _count_case(self) -> None:
        self.tests += 1
        self.duration_s += _seconds(self.case.get("time", "0"))
        if self.outcome:
            self.counts[_OUTCOMES[self.outcome]] += 1
        if self.outcome in {"failure", "error"}:
            self.findings.append(self._failed())

    def _failed(self) -> Finding:
        test = ".".join(filter(None, (self.case.get("classname"), self.case.get("name"))))
        file, line = self.case.get("file", ""), self.case.get("line", "")
        place = Place(file, int(line) if line.isdecimal() else 0) if file else self.case_place
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
)
def junit(data: bytes) -> Report:
    """Counts are taken from the test cases; where a suite states more tests, failures or errors, those count."""
    run = _Run()
    read_elements(data, run.start, run.end)
    tests = max(run.tests, run.declared.get("tests", 0))
    failures = max(run.counts["failures"], run.declared.get("failures", 0))
    errors = max(run.counts["errors"], run.declared.get("errors", 0))
    executed = max(tests - run.counts["skipped"], 0)
    return Report(
        producer=Producer(name="junit"),
        population=executed,
        facts={
            "tests": tests,
            "passed": max(executed - failures - errors, 0),
            "failures": failures,
            "errors": errors,
            "skipped": run.counts["skipped"],
            "duration_s": round(run.duration_s, 6),
        },
        findings=tuple(run.findings),
        time=min(run.times, default=None),
    )


def _whole(text: str, counter: str, place: Place) -> int:
    if not text.strip().isdecimal():
        raise UnreadableProblem(f"says {counter}={text!r}, which is no number", place=place)
    return int(text)


def _seconds(text: str) -> float:
    """A duration; some tools write a comma between thousands, and some none at all."""
    try:
        seconds = float(text.replace(",", "") or 0)
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < float("inf") else 0.0


def _instant(text: str) -> list[str]:
    """A suite's time stamp, if it names an instant: without an offset it does not."""
    try:
        return [format_instant(parse_instant(text))]
    except UsageProblem:
        return []
