"""NUnit XML of NUnit 2 and 3: test runs of .NET, and of Unity, Pester and others that write the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hardpoint.assurance.reports.outcomes import (
    TEST_FACTS,
    Outcomes,
    count_stated,
    instants_stated,
    outcome_report,
    seconds_stated,
)
from hardpoint.assurance.reports.xml import read_elements, root_name
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

_ROOTS = ("test-run", "test-results")
_SUITES = (*_ROOTS, "test-suite")
_OUTCOMES: Mapping[str, str] = {
    **dict.fromkeys(("passed", "success", "warning"), ""),
    **dict.fromkeys(("failed", "failure"), "failure"),
    **dict.fromkeys(("error", "cancelled", "notrunnable"), "error"),
    **dict.fromkeys(("skipped", "ignored", "inconclusive"), "skipped"),
}
"""By the `result` of both versions. An inconclusive test has no result, so it counts as one that did not run."""
_BROKEN = frozenset({"error", "invalid", "cancelled"})
"""Values of `label` (NUnit 3) by which a failed test broke."""
_OWN = frozenset({"SetUp", "TearDown"})
"""Values of `site` (NUnit 3) by which a suite itself failed; `Child` is a test in it, `Parent` a suite around it."""
_STACK_PLACE = re.compile(r" in ([^\n]+):line ([0-9]{1,9})")


@dataclass(slots=True)
class _Suite:
    attributes: Mapping[str, str]
    place: Place
    bad_before: int
    message: str = ""


@dataclass(slots=True)
class _Run:
    """What has been read of a report so far."""

    outcomes: Outcomes = field(default_factory=lambda: Outcomes("nunit"))
    root: Mapping[str, str] = field(default_factory=dict)
    root_place: Place = field(default_factory=lambda: Place(""))
    version: str = ""
    suites: list[_Suite] = field(default_factory=list)
    case: Mapping[str, str] | None = None
    case_place: Place = field(default_factory=lambda: Place(""))
    message: str = ""
    stack: str = ""

    def start(self, name: str, attributes: Mapping[str, str], place: Place) -> None:
        if not self.suites and name not in _ROOTS:
            raise UnreadableProblem(f"begins with <{name}>, not with a test run", place=place)
        if name in _ROOTS:
            self.root, self.root_place = attributes, place
            self.version = attributes.get("engine-version", "")
        if name == "environment":
            self.version = self.version or attributes.get("framework-version", attributes.get("nunit-version", ""))
        if self.case is not None and name in {*_SUITES, "test-case"}:
            raise UnreadableProblem(f"has a <{name}> inside of a test case", place=place)
        if name in _SUITES:
            self.suites.append(_Suite(attributes, place, self.outcomes.bad))
        elif name == "test-case":
            self.case, self.case_place, self.message, self.stack = attributes, place, "", ""

    def end(self, name: str, text: str) -> None:
        if name in _SUITES:
            self._close(self.suites.pop())
        elif name == "test-case" and self.case is not None:
            self._count(self.case)
            self.case = None
        elif name == "message" and self.case is None:
            self.suites[-1].message = self.suites[-1].message or text
        elif name == "message":
            self.message = self.message or text
        elif name == "stack-trace" and self.case is not None:
            self.stack = self.stack or text

    def stated(self) -> Mapping[str, int]:
        """What the root states; NUnit 3 states failures and errors as one, in `failed`."""
        names = ("failures", "errors", "invalid", "skipped", "inconclusive", "ignored")
        told = {name: count_stated(self.root, name, self.root_place) for name in names}
        return {
            "failures": told["failures"],
            "errors": told["errors"] + told["invalid"],
            "skipped": told["skipped"] + told["ignored"] + told["inconclusive"],
        }

    def unexplained(self) -> int:
        """Failures that NUnit 3's root states beyond what was counted: it does not say which of them are errors."""
        return max(count_stated(self.root, "failed", self.root_place) - self.outcomes.bad, 0)

    def _count(self, case: Mapping[str, str]) -> None:
        seconds = seconds_stated(case.get("duration", case.get("time", "0")))
        stood = _STACK_PLACE.search(self.stack)
        self.outcomes.case(
            _outcome(case, self.case_place),
            name=case.get("fullname", case.get("name", "")),
            place=Place(stood[1].strip().replace("\\", "/"), int(stood[2])) if stood else self.case_place,
            message=self.message,
            duration_s=seconds,
        )

    def _close(self, suite: _Suite) -> None:
        """A suite that failed with no failed test in it failed by itself: when loaded, set up or torn down."""
        if not suite.attributes.get("result") and not suite.attributes.get("success"):
            return
        outcome = _outcome(suite.attributes, suite.place)
        its_own = suite.attributes.get("site") in _OWN or self.outcomes.bad == suite.bad_before
        if outcome in {"failure", "error"} and its_own:
            name = suite.attributes.get("fullname", suite.attributes.get("name", ""))
            self.outcomes.beside("error", name=name or "test suite", place=suite.place, message=suite.message)


@importer(
    "nunit",
    title="NUnit 2 and 3 test results",
    facts=TEST_FACTS,
    recognises=lambda start: root_name(start) in _ROOTS,
    good=b'<test-run id="0" result="Passed" total="1" failed="0"><test-suite type="Assembly" name="unit.dll" '
    b'result="Passed"><test-case fullname="Unit.Adds" result="Passed" duration="0.01"/></test-suite></test-run>',
    bad=b'<test-run id="0" result="Passed" total="1"><test-case fullname="Unit.Adds" result="Passed"/>',
)
def nunit(data: bytes) -> Report:
    """Counts are taken from test cases and suites that failed by themselves; more failures that the run states count.

    Inconclusive tests count as skipped.
    """
    run = _Run()
    read_elements(data, run.start, run.end)
    stated = dict(run.stated())
    stated["failures"] = max(stated["failures"], run.outcomes.counts["failures"] + run.unexplained())
    began = instants_stated(run.root.get("start-time", ""))
    return outcome_report(run.outcomes, stated=stated, version=run.version, time=min(began, default=None))


def _outcome(element: Mapping[str, str], place: Place) -> str:
    """The outcome of a test case or suite; before 2.5, NUnit said only whether it ran and succeeded."""
    result = element.get("result", "").lower()
    if not result:
        if element.get("executed", "True").lower() == "false":
            return "skipped"
        result = "success" if element.get("success", "").lower() == "true" else "failure"
    if result not in _OUTCOMES:
        raise UnreadableProblem(f"says result={element['result'][:80]!r}, which is no outcome of NUnit", place=place)
    broke = element.get("label", "").lower() in _BROKEN
    return "error" if _OUTCOMES[result] == "failure" and broke else _OUTCOMES[result]
