"""Cobertura XML: coverage as coverage.py, gcovr, Istanbul, coverlet, PHPUnit and others write it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hardpoint.assurance.reports.coverage import COVERAGE_FACTS, Covered, coverage_report, instants_since_epoch
from hardpoint.assurance.reports.xml import read_elements, root_name
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

_ROOT = "coverage"
_COUNT = re.compile(r"[0-9]{1,12}")
_CONDITIONS = re.compile(r"\(([0-9]{1,6})/([0-9]{1,6})\)")


@dataclass(slots=True)
class _Read:
    """What has been read of a report so far; a line of several classes of one file is one line."""

    root: Mapping[str, str] = field(default_factory=dict)
    root_place: Place = field(default_factory=lambda: Place(""))
    open: list[str] = field(default_factory=list)
    file: str = ""
    lines: dict[str, dict[int, bool]] = field(default_factory=dict)
    branches: dict[tuple[str, int], Covered] = field(default_factory=dict)

    def start(self, name: str, attributes: Mapping[str, str], place: Place) -> None:
        if not self.open:
            if name != _ROOT:
                raise UnreadableProblem(f"begins with <{name}>, not with <coverage>", place=place)
            self.root, self.root_place = attributes, place
        if name == "class":
            self.file = attributes.get("filename", attributes.get("name", ""))
            self.lines.setdefault(self.file, {})
        elif name == "line" and self.open[-2:] == ["class", "lines"]:  # those of methods repeat these
            self._line(attributes, place)
        self.open.append(name)

    def end(self, _name: str, _text: str) -> None:
        self.open.pop()

    def stated(self, sort: str) -> Covered:
        """What the root states of `lines` or `branches`."""
        names = f"{sort}-valid", f"{sort}-covered"
        total, covered = (_count(self.root[name], name, self.root_place) if name in self.root else 0 for name in names)
        if covered > total:
            raise UnreadableProblem(f"says that {covered} of {total} {sort} are covered", place=self.root_place)
        return Covered(total, covered)

    def _line(self, attributes: Mapping[str, str], place: Place) -> None:
        number = _count(attributes.get("number", ""), "number", place)
        ran = _count(attributes.get("hits", ""), "hits", place) > 0
        lines = self.lines[self.file]
        lines[number] = lines.get(number, False) or ran
        conditions = _CONDITIONS.search(attributes.get("condition-coverage", ""))
        if conditions:
            taken, all_ = int(conditions[1]), int(conditions[2])
            if taken > all_:
                raise UnreadableProblem(f"says that {taken} of {all_} branches are covered", place=place)
            known = self.branches.get((self.file, number), Covered(0, 0))
            self.branches[self.file, number] = max(known, Covered(all_, taken), key=lambda each: each.covered)


@importer(
    "cobertura",
    title="Cobertura XML coverage",
    facts=COVERAGE_FACTS,
    recognises=lambda start: root_name(start) == _ROOT and any(word in start for word in (b"-rate", b"-valid")),
    good=b'<coverage line-rate="0.5" lines-valid="2" lines-covered="1"><packages><package><classes>'
    b'<class filename="shop.py"><lines><line number="1" hits="1" branch="true" condition-coverage="50% (1/2)"/>'
    b'<line number="2" hits="0"/></lines></class></classes></package></packages></coverage>',
    bad=b'<coverage line-rate="1"><packages><package><classes><class filename="shop.py"><lines>'
    b'<line number="1" hits="1"/></lines></class></classes></package></packages>',
    made_by="coverage.py 7.17, gcovr 8.8, c8 12.0",
)
def cobertura(data: bytes) -> Report:
    """Lines are counted once for each file; where the root states less coverage than they have, that counts.

    The reference to Cobertura's document type is passed over, never fetched.
    """
    read = _Read()
    read_elements(data, read.start, read.end, doctype=_ROOT)
    lines = Covered(
        sum(len(each) for each in read.lines.values()), sum(sum(each.values()) for each in read.lines.values())
    )
    branches = Covered(
        sum(each.total for each in read.branches.values()), sum(each.covered for each in read.branches.values())
    )
    return coverage_report(
        Producer(name="cobertura", version=read.root.get("version", "")),
        lines=lines.worse(read.stated("lines")),
        branches=branches.worse(read.stated("branches")),
        files=len(read.lines),
        time=min(instants_since_epoch(read.root.get("timestamp", "")), default=None),
    )


def _count(text: str, name: str, place: Place) -> int:
    if not _COUNT.fullmatch(text.strip()):
        raise UnreadableProblem(f"says {name}={text[:80]!r}, which is no count", place=place)
    return int(text)
