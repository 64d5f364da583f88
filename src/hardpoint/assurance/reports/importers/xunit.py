"""XML of xUnit.net: test runs of .NET as the runners of versions 1, 2 and 3 write them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hardpoint.assurance.reports.outcomes import (
    TEST_FACTS,
    Outcomes,
    count_stated,
    instants_stated,
    line_stated,
    outcome_report,
    seconds_stated,
)
from hardpoint.assurance.reports.xml import read_elements, root_name
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

_ROOTS = ("assemblies", "assembly")
_OUTCOMES: Mapping[str, str] = {"pass": "", "fail": "failure", "skip": "skipped", "notrun": "skipped"}
_STATED: Mapping[str, str] = {
    "failed": "failures",
    "errors": "errors",
    "skipped": "skipped",
    "not-run": "skipped",
}


@dataclass(slots=True)
class _Run:
    """What has been read of a report so far."""

    outcomes: Outcomes = field(default_factory=lambda: Outcomes("xunit"))
    depth: int = 0
    stated: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_STATED.values(), 0))
    times: list[str] = field(default_factory=list)
    version: str = ""
    around: Mapping[str, str] = field(default_factory=dict)
    element: Mapping[str, str] | None = None
    place: Place = field(default_factory=lambda: Place(""))
    message: str = ""

    def start(self, name: str, attributes: Mapping[str, str], place: Place) -> None:
        self.depth += 1
        if self.depth == 1 and name not in _ROOTS:
            raise UnreadableProblem(f"begins with <{name}>, not with test assemblies", place=place)
        if self.element is not None and name in {"test", "error", "assembly", "collection"}:
            raise UnreadableProblem(f"has a <{name}> inside of a test or an error", place=place)
        if name in _ROOTS:
            self.times += instants_stated(attributes.get("start-rtf", ""))
        if name == "assembly":
            self._assembly(attributes, place)
        elif name in {"collection", "class"}:
            self.around = attributes
        elif name in {"test", "error"}:
            self.element, self.place, self.message = attributes, place, ""
        elif name == "failure" and self.element is None:  # of a class, in version 1
            self.outcomes.beside("error", name=self.around.get("name", ""), place=place)

    def end(self, name: str, text: str) -> None:
        self.depth -= 1
        if name == "message" and self.element is not None:
            self.message = self.message or text
        elif name == "test" and self.element is not None:
            self._test(self.element)
            self.element = None
        elif name == "error" and self.element is not None:
            where = " ".join(filter(None, (self.element.get("type"), self.element.get("name"))))
            self.outcomes.beside("error", name=where, place=self.place, message=self.message)
            self.element = None

    def _assembly(self, attributes: Mapping[str, str], place: Place) -> None:
        for attribute, counter in _STATED.items():
            self.stated[counter] += count_stated(attributes, attribute, place)
        self.version = self.version or attributes.get("test-framework", "").removeprefix("xUnit.net ")

    def _test(self, test: Mapping[str, str]) -> None:
        result = test.get("result", "")
        if result.lower() not in _OUTCOMES:
            raise UnreadableProblem(f"says result={result[:80]!r}, which is no outcome of xUnit.net", place=self.place)
        file = test.get("source-file", "").replace("\\", "/")
        self.outcomes.case(
            _OUTCOMES[result.lower()],
            name=test.get("name", ""),
            place=Place(file, line_stated(test.get("source-line", ""))) if file else self.place,
            message=self.message,
            duration_s=seconds_stated(test.get("time", "0")),
        )


@importer(
    "xunit",
    title="xUnit.net test results, versions 1 to 3",
    facts=TEST_FACTS,
    recognises=lambda start: root_name(start) in _ROOTS,
    good=b'<assemblies><assembly name="unit.dll" total="1" passed="1" failed="0" skipped="0" errors="0">'
    b'<collection name="Unit"><test name="Unit.Adds" result="Pass" time="0.01"/></collection></assembly></assemblies>',
    bad=b'<assemblies><assembly name="unit.dll"><collection name="Unit"><test name="Unit.Adds" result="Pass"/>',
)
def xunit(data: bytes) -> Report:
    """Counts are taken from tests and from errors beside them; more failures that assemblies state count too.

    Tests that were not run count as skipped.
    """
    run = _Run()
    read_elements(data, run.start, run.end)
    return outcome_report(run.outcomes, stated=run.stated, version=run.version, time=min(run.times, default=None))
