"""TRX, Visual Studio's test results: `dotnet test --logger trx` and MSTest."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hardpoint.assurance.reports.outcomes import (
    TEST_FACTS,
    Outcomes,
    count_stated,
    instants_stated,
    outcome_report,
)
from hardpoint.assurance.reports.xml import read_elements, root_name
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

_RESULTS = frozenset(
    {
        "UnitTestResult",
        "GenericTestResult",
        "ManualTestResult",
        "TestResult",
        "TestResultAggregation",
        "WebTestResult",
    }
)
_OUTCOMES: Mapping[str, str] = {
    **dict.fromkeys(("passed", "completed", "warning", "passedbutrunaborted"), ""),
    "failed": "failure",
    **dict.fromkeys(("error", "timeout", "aborted", "notrunnable", "disconnected", "inprogress"), "error"),
    **dict.fromkeys(("notexecuted", "inconclusive", "pending"), "skipped"),
}
"""By the `TestOutcome` of the schema. An inconclusive test has no result, so it counts as one that did not run."""
_STATED: Mapping[str, tuple[str, ...]] = {
    "failures": ("failed",),
    "errors": ("error", "timeout", "aborted", "notRunnable", "disconnected", "inProgress"),
    "skipped": ("notExecuted", "inconclusive", "pending"),
}
_DURATION = re.compile(r"(?:([0-9]{1,5})\.)?([0-9]{1,2}):([0-9]{2}):([0-9]{2}(?:\.[0-9]+)?)")
_STACK_PLACE = re.compile(r" in ([^\n]+):line ([0-9]{1,9})")
_ENDED_WELL = frozenset({"completed", "passed", "warning", "failed", ""})
"""Values of the summary's `outcome` by which the run came to its end."""


@dataclass(slots=True)
class _Result:
    attributes: Mapping[str, str]
    place: Place
    bad_before: int
    has_inner: bool = False
    message: str = ""
    stack: str = ""


@dataclass(slots=True)
class _Run:
    """What has been read of a report so far."""

    outcomes: Outcomes = field(default_factory=lambda: Outcomes("trx"))
    depth: int = 0
    open: list[_Result] = field(default_factory=list)
    stated: dict[str, int] = field(default_factory=dict)
    times: list[str] = field(default_factory=list)
    ended: str = ""
    said: str = ""
    broke: bool = False

    def start(self, name: str, attributes: Mapping[str, str], place: Place) -> None:
        self.depth += 1
        if self.depth == 1 and name != "TestRun":
            raise UnreadableProblem(f"begins with <{name}>, not with <TestRun>", place=place)
        if name in _RESULTS:
            if self.open:
                self.open[-1].has_inner = True
            self.open.append(_Result(attributes, place, self.outcomes.bad))
        elif name == "Times":
            self.times += instants_stated(attributes.get("start", ""))
        elif name == "ResultSummary":
            self.ended = attributes.get("outcome", "")
        elif name == "Counters":
            self.stated = {
                counter: sum(count_stated(attributes, each, place) for each in theirs)
                for counter, theirs in _STATED.items()
            }
        elif name == "RunInfo":
            self.broke = self.broke or attributes.get("outcome", "").lower() in {"error", "aborted"}

    def end(self, name: str, text: str) -> None:
        self.depth -= 1
        if name in _RESULTS:
            self._count(self.open.pop())
        elif name == "Message" and self.open:
            self.open[-1].message = self.open[-1].message or text
        elif name == "StackTrace" and self.open:
            self.open[-1].stack = self.open[-1].stack or text
        elif name == "Text" and not self.open:
            self.said = self.said or text.strip().partition("\n")[0][:300]

    def error(self) -> str | None:
        """Why the run came to no result: it was aborted, or it failed though no test did."""
        failed = self.ended.lower() == "failed" and not self.outcomes.bad
        unfinished = self.ended.lower() not in _ENDED_WELL
        if not (failed or unfinished or self.broke):
            return None
        return f"the test run ended with {self.ended or 'an error'}" + (f": {self.said}" if self.said else "")

    def _count(self, result: _Result) -> None:
        """A result with inner ones repeats them; it counts by itself only where it is worse."""
        outcome = _outcome(result)
        stood = _STACK_PLACE.search(result.stack)
        name = result.attributes.get("testName", "")
        place = Place(stood[1].strip().replace("\\", "/"), int(stood[2])) if stood else result.place
        if not result.has_inner:
            seconds = _seconds(result.attributes.get("duration", ""))
            self.outcomes.case(outcome, name=name, place=place, message=result.message, duration_s=seconds)
        elif outcome in {"failure", "error"} and self.outcomes.bad == result.bad_before:
            self.outcomes.beside(outcome, name=name, place=place, message=result.message)


@importer(
    "trx",
    title="TRX test results of Visual Studio and `dotnet test`",
    facts=TEST_FACTS,
    recognises=lambda start: root_name(start) == "TestRun",
    good=b'<TestRun><Times start="2026-03-31T10:00:00.0000000+00:00"/><Results><UnitTestResult testName="Unit.Adds" '
    b'duration="00:00:00.0100000" outcome="Passed"/></Results><ResultSummary outcome="Completed">'
    b'<Counters total="1" executed="1" passed="1" failed="0"/></ResultSummary></TestRun>',
    bad=b'<TestRun><Results><UnitTestResult testName="Unit.Adds" outcome="Passed"/></Results>',
)
def trx(data: bytes) -> Report:
    """Counts are taken from the results; more failures, errors and skips that the summary states count too.

    A run that was aborted, or failed though no test did, is an error. Inconclusive tests count as skipped, and a result
    without an outcome as broken, as the schema has it.
    """
    run = _Run()
    read_elements(data, run.start, run.end)
    return outcome_report(run.outcomes, stated=run.stated, time=min(run.times, default=None), error=run.error())


def _outcome(result: _Result) -> str:
    said = result.attributes.get("outcome", "Error")
    if said.lower() not in _OUTCOMES:
        raise UnreadableProblem(f"says outcome={said[:80]!r}, which is no outcome of a test", place=result.place)
    return _OUTCOMES[said.lower()]


def _seconds(text: str) -> float:
    match = _DURATION.fullmatch(text)
    if match is None:
        return 0.0
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
