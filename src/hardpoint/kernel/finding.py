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


class Risk(Enum):
    """How bad it is for whoever is exposed: the qualitative ratings of CVSS 4.0 (section 6), `none` being `info`."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class State(Enum):
    """What is said of an exposure: the statuses of OpenVEX 0.2.0, `affected` being `open`."""

    OPEN = "open"
    NOT_AFFECTED = "not_affected"
    FIXED = "fixed"
    UNDER_INVESTIGATION = "under_investigation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What makes a finding one of security.

    `aliases` are its names in public databases (`CVE-…`, `GHSA-…`, `PYSEC-…`), sorted; `package` is a package URL with
    the version that is there (purl-spec), `fixed_in` the first version that has it no longer, `cvss` the base score.
    """

    risk: Risk
    aliases: tuple[str, ...] = ()
    package: str = ""
    fixed_in: str = ""
    cvss: float | None = None
    state: State = State.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One defect at one place.

    `suggestion` is what to write there instead, where that is known; `replaces` is the text, on the place's line, that
    gives way to it. Without `replaces` a suggestion is for people only. `fingerprint` is what its tool knows it by when
    its lines move, never the text of a secret.
    """

    rule: str
    severity: Severity
    place: Place
    text: str
    remedy: str = ""
    suggestion: str | None = None
    replaces: str | None = None
    tool: str = "hardpoint"
    fingerprint: str = ""
    exposure: Exposure | None = None
