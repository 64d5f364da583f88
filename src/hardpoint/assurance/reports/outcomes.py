"""Outcomes of tests in every tool's words: what counts as run, passed, failed, broken and skipped."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.evidence import Fact, Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem

MAX_MESSAGE = 500
MAX_SECONDS = 10**9
_COUNT = re.compile("[0-9]{1,9}")
_LINE = re.compile("[0-9]{1,9}")

TEST_FACTS: Mapping[str, str] = {
    "tests": "test cases in the report",
    "passed": "those that ran and did not fail",
    "failures": "those whose assertion failed",
    "errors": "those that broke before or beside their assertion",
    "skipped": "those that did not run",
    "duration_s": "seconds over all test cases",
}
"""The facts that outcome_report() gives, as an importer documents them."""

COUNTERS: Mapping[str, str] = {"failure": "failures", "error": "errors", "skipped": "skipped"}
"""The outcomes that are not a pass, and the fact that counts each."""


@dataclass(slots=True)
class Outcomes:
    """What the test cases of one report say, counted as they are read; `tool` names its findings."""

    tool: str
    tests: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTERS.values(), 0))
    duration_s: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    @property
    def bad(self) -> int:
        """How many failed or broke so far."""
        return self.counts["failures"] + self.counts["errors"]

    def case(self, outcome: str, *, name: str, place: Place, message: str = "", duration_s: float = 0.0) -> None:
        """Count one test case; `outcome` is `failure`, `error`, `skipped` or, for a pass, empty."""
        self.tests += 1
        self.duration_s += duration_s
        if outcome == "skipped":
            self.counts["skipped"] += 1
        elif outcome:
            self.beside(outcome, name=name, place=place, message=message)

    def beside(self, outcome: str, *, name: str, place: Place, message: str = "") -> None:
        """Count a failure that is no test case's own, such as a fixture that broke."""
        self.counts[COUNTERS[outcome]] += 1
        first_line = message.strip().partition("\n")[0].strip()[:MAX_MESSAGE]
        self.findings.append(
            Finding(
                rule=name or "unnamed test",
                severity=Severity.ERROR,
                place=place,
                text=first_line or f"the test ended with {outcome}",
                tool=self.tool,
            )
        )


def outcome_report(
    outcomes: Outcomes,
    *,
    stated: Mapping[str, int],
    version: str = "",
    time: str | None = None,
    error: str | None = None,
    more: Mapping[str, Fact] | None = None,
) -> Report:
    """The report of what was counted; `stated` has the `failures`, `errors` and `skipped` of the tool's own summary.

    Where it states more of them, that counts. Tests that only a summary states do not: a report that shows one of five
    has shown that one passed. `more` are facts beside those of TEST_FACTS.
    """
    failures, errors, skipped = (
        max(outcomes.counts[name], stated.get(name, 0)) for name in ("failures", "errors", "skipped")
    )
    executed = max(outcomes.tests - skipped, 0)
    return Report(
        producer=Producer(name=outcomes.tool, version=version),
        population=executed,
        facts={
            "tests": outcomes.tests,
            "passed": max(executed - failures - errors, 0),
            "failures": failures,
            "errors": errors,
            "skipped": skipped,
            "duration_s": round(outcomes.duration_s, 6),
            **(more or {}),
        },
        findings=tuple(outcomes.findings),
        time=time,
        error=error,
    )


def count_stated(attributes: Mapping[str, str], name: str, place: Place) -> int:
    """The count that an attribute states, 0 without it.

    Raises UnreadableProblem if it is no number of tests.
    """
    text = attributes.get(name, "0").strip()
    if not _COUNT.fullmatch(text):
        raise UnreadableProblem(f"says {name}={text[:MAX_MESSAGE]!r}, which is no number of tests", place=place)
    return int(text)


def line_stated(text: str) -> int:
    """A line as an attribute gives it, 0 if it is none."""
    return int(text) if _LINE.fullmatch(text) else 0


def seconds_stated(text: str) -> float:
    """A duration; some tools write a comma between thousands, and some none at all."""
    try:
        seconds = float(text.replace(",", "") or 0)
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < MAX_SECONDS and math.isfinite(seconds) else 0.0


def instants_stated(text: str) -> list[str]:
    """A time stamp, if it names an instant: without an offset it does not."""
    try:
        return [format_instant(parse_instant(text))]
    except UsageProblem:
        return []
