"""Coverage of code in every tool's words: lines and branches that ran, never rounded up."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Fact, Producer
from hardpoint.kernel.importer import Report

COVERAGE_FACTS: Mapping[str, str] = {
    "line_percent": "lines that ran, in percent, rounded down to three decimals",
    "branch_percent": "branches that were taken, likewise; absent where none were measured",
    "lines": "lines that can run",
    "covered_lines": "those that ran",
    "branches": "branches that can be taken",
    "covered_branches": "those that were taken",
    "files": "files that were measured",
}
"""The facts that coverage_report() gives, as an importer documents them."""

_THOUSANDTHS = 1000
_EPOCH = re.compile(r"[1-9][0-9]{8,14}")
_LAST_SECOND = 10**11
"""A count since 1970 from here on is one of milliseconds."""


@dataclass(frozen=True, slots=True)
class Covered:
    """How many there are and how many of them ran."""

    total: int
    covered: int

    def worse(self, other: "Covered") -> "Covered":
        """The one of two counts of the same that claims less; one of nothing claims nothing."""
        if not self.total or not other.total:
            return self if self.total else other
        return self if self.covered * other.total <= other.covered * self.total else other

    @property
    def percent(self) -> float:
        """Rounded down to three decimals: what is not wholly covered is never 100, and 97.9999 is not 98."""
        return 100 * _THOUSANDTHS * self.covered // self.total / _THOUSANDTHS if self.total else 0.0


def coverage_report(
    producer: Producer, *, lines: Covered, branches: Covered, files: int, time: str | None = None
) -> Report:
    """The report; `lines` and `branches` are the worse of what was counted and what the tool states.

    Its population is the lines that can run: without any, nothing was measured.
    """
    facts: dict[str, Fact] = {
        "line_percent": lines.percent,
        "lines": lines.total,
        "covered_lines": lines.covered,
        "branches": branches.total,
        "covered_branches": branches.covered,
        "files": files,
    }
    if branches.total:
        facts["branch_percent"] = branches.percent
    return Report(producer=producer, population=lines.total, facts=facts, time=time)


def instants_since_epoch(text: str) -> list[str]:
    """The instant that a count of seconds or milliseconds since 1970 names, if it is one."""
    if not _EPOCH.fullmatch(text):
        return []
    count = int(text)
    seconds = count if count < _LAST_SECOND else count / 1000
    return [format_instant(datetime.fromtimestamp(seconds, UTC))] if seconds < _LAST_SECOND else []
