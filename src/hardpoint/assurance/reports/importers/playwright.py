"""Playwright's JSON (`--reporter=json`): end-to-end tests, the flaky apart, and whether failures left a trace."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from hardpoint.assurance.reports.outcomes import (
    TEST_FACTS,
    Outcomes,
    instants_stated,
    outcome_report,
)
from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "playwright"
MAX_MESSAGE = 500
_ITS_OWN = (b'"config"', b'"rootDir"', b'"forbidOnly"')
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_TRACE = "trace"
_Status = Literal["expected", "unexpected", "flaky", "skipped"]


@dataclass(slots=True, kw_only=True)
class _Error:
    message: str = ""
    value: str = ""


@dataclass(slots=True, kw_only=True)
class _Attachment:
    name: str = ""


@dataclass(slots=True, kw_only=True)
class _Result:
    status: str | None = None
    duration: float = 0.0
    errors: list[_Error] = field(default_factory=list)
    error: _Error | None = None
    attachments: list[_Attachment] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Test:
    status: _Status
    projectName: str = ""  # noqa: N815 - the names here and below are Playwright's
    results: list[_Result] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Spec:
    title: str
    tests: list[_Test]
    file: str = ""
    line: int = 0
    column: int = 0


@dataclass(slots=True, kw_only=True)
class _Suite:
    title: str = ""
    specs: list[_Spec] = field(default_factory=list)
    suites: list["_Suite"] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Shard:
    total: int


@dataclass(slots=True, kw_only=True)
class _Config:
    version: str = ""
    shard: _Shard | None = None


@dataclass(slots=True, kw_only=True)
class _Stats:
    expected: int
    unexpected: int
    flaky: int
    skipped: int
    startTime: str = ""  # noqa: N815


@dataclass(slots=True, kw_only=True)
class _Run:
    config: _Config
    suites: list[_Suite]
    stats: _Stats
    errors: list[_Error]


@importer(
    "playwright",
    title="Playwright's JSON on end-to-end tests",
    facts={
        **TEST_FACTS,
        "flaky": "those that passed only when they were tried again; they are not among the passed",
        "traces": "failed and flaky tests with a trace attached",
        "without_trace": "failed and flaky tests with none",
        "shards": "parts that the run was cut into, of which this is one",
    },
    recognises=lambda start: all(key in start for key in _ITS_OWN),
    good=b'{"config": {"rootDir": "/e2e", "forbidOnly": true}, "suites": [{"specs": [{"title": "signs in", "tests": '
    b'[{"status": "expected", "results": [{"status": "passed", "duration": 12}]}]}]}], "errors": [], "stats": '
    b'{"expected": 1, "unexpected": 0, "flaky": 0, "skipped": 0}}',
    bad=b'{"config": {"rootDir": "/e2e", "forbidOnly": true}, "suites": [{"specs": [{"title": "signs in"',
    made_by="Playwright 1.65",
)
def playwright(data: bytes) -> Report:
    """Counts are taken from the tests; statistics that count more tests than there are say that some were lost.

    An interrupted test is an error. An error beside the tests, such as a configuration that cannot be loaded, is one of
    the whole run.
    """
    run = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Run, what="Playwright's JSON")
    stats = run.stats
    if min(stats.expected, stats.unexpected, stats.flaky, stats.skipped) < 0:
        raise UnreadableProblem("counts less than nothing (`$.stats`)")
    outcomes = Outcomes(TOOL)
    flaky, troubled = 0, []
    for title, spec, test in _tests(run.suites):
        place = Place(spec.file, max(spec.line, 0), max(spec.column, 0))
        _count(outcomes, title, test, place)
        flaky += test.status == "flaky"
        if test.status in {"unexpected", "flaky"}:
            troubled.append(test)
    counted = stats.expected + stats.unexpected + stats.flaky + stats.skipped
    if outcomes.tests < counted:
        raise UnreadableProblem(f"counts {counted} tests and has {outcomes.tests} of them (`$.stats`)")
    flaky = max(flaky, stats.flaky)
    traces = sum(
        any(each.name == _TRACE for result in test.results for each in result.attachments) for test in troubled
    )
    report = outcome_report(
        outcomes,
        stated={
            "failures": stats.unexpected - outcomes.counts["errors"],
            "skipped": 0 if outcomes.counts["errors"] else stats.skipped,
        },
        version=run.config.version,
        time=min(instants_stated(stats.startTime), default=None),
        error=_said(run.errors) if run.errors else None,
        more={
            "flaky": flaky,
            "traces": traces,
            "without_trace": max(len(troubled), stats.unexpected + stats.flaky) - traces,
            "shards": run.config.shard.total if run.config.shard else 1,
        },
    )
    return _without_flaky(report, flaky)


def _tests(suites: list[_Suite], around: tuple[str, ...] = ()) -> Iterator[tuple[str, _Spec, _Test]]:
    for suite in suites:
        titles = (*around, suite.title) if suite.title else around
        for spec in suite.specs:
            for test in spec.tests:
                project = (f"[{test.projectName}]",) if test.projectName else ()
                yield " > ".join((*project, *titles, spec.title)), spec, test
        yield from _tests(suite.suites, titles)


def _count(outcomes: Outcomes, title: str, test: _Test, place: Place) -> None:
    seconds = sum(max(each.duration, 0) for each in test.results) / 1000
    errors = [error for each in test.results for error in (*each.errors, *([each.error] if each.error else ()))]
    outcomes.case(_outcome(test), name=title, place=place, message=_said(errors), duration_s=seconds)
    if test.status == "flaky":
        text = f"passed only when it was tried again: {_said(errors)}"[:MAX_MESSAGE]
        outcomes.findings.append(Finding(rule=title, severity=Severity.WARNING, place=place, text=text, tool=TOOL))


def _outcome(test: _Test) -> str:
    """Playwright takes a test that was interrupted for one that was skipped."""
    if test.results and test.results[-1].status == "interrupted":
        return "error"
    outcomes: Mapping[_Status, str] = {"expected": "", "flaky": "", "unexpected": "failure", "skipped": "skipped"}
    return outcomes[test.status]


def _said(errors: list[_Error]) -> str:
    message = next((each.message or each.value for each in errors), "")
    return _COLOUR.sub("", message).strip().partition("\n")[0][:MAX_MESSAGE] or "it gives no reason"


def _without_flaky(report: Report, flaky: int) -> Report:
    passed = max(int(report.facts["passed"]) - flaky, 0)
    return replace(report, facts={**report.facts, "passed": passed})
