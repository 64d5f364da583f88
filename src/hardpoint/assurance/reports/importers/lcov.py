"""LCOV tracefiles: coverage as lcov, Istanbul, c8, LLVM, gcovr and others write it (`man geninfo`)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hardpoint.assurance.reports.coverage import COVERAGE_FACTS, Covered, coverage_report
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:#[^\n]*\n\s*)*(?:TN:[^\n]*\n\s*)?SF:")
_KEY = re.compile(r"[A-Z]{2,5}[0-9]?")
_COUNT = re.compile(r"[0-9]{1,18}")
_END = "end_of_record"
_TOTALS = ("LF", "LH", "BRF", "BRH")


@dataclass(slots=True)
class _File:
    """One file over all its records: whether each line and each branch ran, and what the records state."""

    lines: dict[int, bool] = field(default_factory=dict)
    branches: dict[str, bool] = field(default_factory=dict)
    stated: dict[str, int] = field(default_factory=dict)

    def covered(self, sort: str) -> Covered:
        """Of `lines` or `branches`: what was counted, or what the record states where that claims less."""
        ran = self.lines if sort == "lines" else self.branches
        found, hit = ("LF", "LH") if sort == "lines" else ("BRF", "BRH")
        counted = Covered(len(ran), sum(ran.values()))
        return counted.worse(Covered(self.stated.get(found, 0), self.stated.get(hit, 0)))


@importer(
    "lcov",
    title="LCOV tracefile coverage",
    facts=COVERAGE_FACTS,
    recognises=lambda start: _BEGINS.match(start) is not None,
    good=b"TN:\nSF:shop.js\nDA:1,1\nDA:2,0\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nLF:2\nLH:1\nend_of_record\n",
    bad=b"TN:\nSF:shop.js\nDA:1,1\nLF:1\nLH:1\n",
    made_by="coverage.py 7.17, gcovr 8.8, c8 12.0",
)
def lcov(data: bytes) -> Report:
    """Records of the same file are one; where a record states less coverage than its lines have, that counts.

    A tracefile has no end of its own: one that lost whole records cannot be told from a shorter one.
    """
    files: dict[str, _File] = {}
    current: _File | None = None
    at = 0
    for at, line in _lines(data):
        place = Place("", at)
        if line == _END:
            current = None
            continue
        key, colon, value = line.partition(":")
        if not colon or not _KEY.fullmatch(key):
            raise UnreadableProblem(f"has {line[:80]!r}, which is no line of a tracefile", place=place)
        if key == "SF":
            if current is not None:
                raise UnreadableProblem("has a record that begins before the last one ended", place=place)
            current = files.setdefault(value, _File())
        elif key not in {"TN", "VER"}:
            if current is None:
                raise UnreadableProblem(f"has {key} outside of a record", place=place)
            _take(current, key, value, place)
    if current is not None or not files:
        raise UnreadableProblem("is cut off: its last record has no end_of_record", place=Place("", at))
    lines = [each.covered("lines") for each in files.values()]
    branches = [each.covered("branches") for each in files.values()]
    return coverage_report(Producer(name="lcov"), lines=_sum(lines), branches=_sum(branches), files=len(files))


def _take(file: _File, key: str, value: str, place: Place) -> None:
    """One line of a record. Functions and conditions of MC/DC are not counted."""
    parts = value.split(",")
    if key == "DA":
        if len(parts) < 2:  # noqa: PLR2004 - line, hits and perhaps a checksum
            raise UnreadableProblem(f"has DA:{value[:80]}, which is no line and its hits", place=place)
        line = _count(parts[0], place)
        file.lines[line] = file.lines.get(line, False) or _count(parts[1], place) > 0
    elif key == "BRDA":
        branch, _, taken = value.rpartition(",")
        if branch.count(",") < 2:  # noqa: PLR2004 - line, block and branch
            raise UnreadableProblem(f"has BRDA:{value[:80]}, which is no branch", place=place)
        file.branches[branch] = file.branches.get(branch, False) or (taken != "-" and _count(taken, place) > 0)
    elif key in _TOTALS:
        file.stated[key] = max(file.stated.get(key, 0), _count(value, place))


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableProblem(f"is not UTF-8 (byte {error.start})") from error
    for at, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield at, stripped


def _count(text: str, place: Place) -> int:
    if not _COUNT.fullmatch(text):
        raise UnreadableProblem(f"has {text[:80]!r}, which is no count", place=place)
    return int(text)


def _sum(each: list[Covered]) -> Covered:
    return Covered(sum(one.total for one in each), sum(one.covered for one in each))
