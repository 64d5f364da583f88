"""JaCoCo XML: coverage of Java and Kotlin, and what gcovr and Kover write in its form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hardpoint.assurance.reports.coverage import COVERAGE_FACTS, Covered, coverage_report, instants_since_epoch
from hardpoint.assurance.reports.xml import read_elements, root_name
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

_ROOT = "report"
_COUNT = re.compile(r"[0-9]{1,15}")
_NOTHING = Covered(0, 0)


@dataclass(slots=True)
class _Read:
    """What has been read of a report so far; `stated` are the counters of the whole report."""

    open: list[str] = field(default_factory=list)
    files: int = 0
    lines: Covered = _NOTHING
    branches: Covered = _NOTHING
    stated: dict[str, Covered] = field(default_factory=dict)
    times: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: Mapping[str, str], place: Place) -> None:
        if not self.open and name != _ROOT:
            raise UnreadableProblem(f"begins with <{name}>, not with <report>", place=place)
        if name == "sourcefile":
            self.files += 1
        elif name == "line" and self.open[-1:] == ["sourcefile"]:
            self._line(attributes, place)
        elif name == "counter" and self.open == [_ROOT]:
            missed, covered = (_count(attributes, each, place) for each in ("missed", "covered"))
            self.stated[attributes.get("type", "")] = Covered(missed + covered, covered)
        elif name == "sessioninfo":
            self.times += instants_since_epoch(attributes.get("dump", ""))
        self.open.append(name)

    def end(self, _name: str, _text: str) -> None:
        self.open.pop()

    def _line(self, attributes: Mapping[str, str], place: Place) -> None:
        """A line ran if any of its instructions did; one that counts none (gcovr's) says nothing of that."""
        missed, ran, untaken, taken = (_count(attributes, each, place) for each in ("mi", "ci", "mb", "cb"))
        self.lines = Covered(self.lines.total + (missed + ran > 0), self.lines.covered + (ran > 0))
        self.branches = Covered(self.branches.total + untaken + taken, self.branches.covered + taken)


@importer(
    "jacoco",
    title="JaCoCo XML coverage",
    facts=COVERAGE_FACTS,
    recognises=lambda start: (
        root_name(start) == _ROOT
        and any(
            word in start for word in (b"JACOCO", b"<sessioninfo", b"<sourcefile", b"<package", b"<group", b"<counter")
        )
    ),
    good=b'<report name="shop"><package name="shop"><sourcefile name="Shop.kt"><line nr="1" ci="3" mb="1" cb="1"/>'
    b'<line nr="2" mi="3"/></sourcefile></package><counter type="LINE" missed="1" covered="1"/>'
    b"</report>",
    bad=b'<report name="shop"><package name="shop"><sourcefile name="Shop.kt"><line nr="1" ci="3"/>',
    made_by="gcovr 8.8",
)
def jacoco(data: bytes) -> Report:
    """Lines and branches are those of the source files; where the report's counters state less coverage, that counts.

    The reference to JaCoCo's document type is passed over, never fetched.
    """
    read = _Read()
    read_elements(data, read.start, read.end, doctype=_ROOT)
    return coverage_report(
        Producer(name="jacoco"),
        lines=read.lines.worse(read.stated.get("LINE", _NOTHING)),
        branches=read.branches.worse(read.stated.get("BRANCH", _NOTHING)),
        files=read.files,
        time=min(read.times, default=None),
    )


def _count(attributes: Mapping[str, str], name: str, place: Place) -> int:
    text = attributes.get(name, "0")
    if not _COUNT.fullmatch(text):
        raise UnreadableProblem(f"says {name}={text[:80]!r}, which is no count", place=place)
    return int(text)
