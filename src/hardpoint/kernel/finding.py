"""What a check or another team's tool found: the rule, where, how bad, and the remedy."""

from dataclasses import dataclass
from enum import Enum
from functools import total_ordering
from typing import Any

from hardpoint.kernel.place import Place


@total_ordering
class Severity(Enum):
    """The levels of SARIF 2.1.0 (section 3.27.10), from mildest to worst."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    def __lt__(self, other: Any) -> bool:
        if not isinstance(other, Severity):
            return NotImplemented
        return _RANK[self] < _RANK[other]


_RANK = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One defect at one place.

    `suggestion` is what to write there instead, where that is known; `replaces` is the text, on the place's line, that
    gives way to it. Without `replaces` a suggestion is for people only.
    """

    rule: str
    severity: Severity
    place: Place
    text: str
    remedy: str = ""
    suggestion: str | None = None
    replaces: str | None = None
    tool: str = "hardpoint"
