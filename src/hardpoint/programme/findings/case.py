"""Cases: one row for one problem, with everything that was ever said of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from hardpoint.kernel.deadline import Deadline
from hardpoint.kernel.finding import Finding, Risk, Severity
from hardpoint.kernel.place import Place
from hardpoint.programme.findings.threats import RANK

_SEVERITIES = {Risk.CRITICAL: Severity.ERROR, Risk.HIGH: Severity.ERROR, Risk.MEDIUM: Severity.WARNING}


class Standing(StrEnum):
    """How it stands with a case at an instant."""

    OPEN = "open"
    ACCEPTED = "accepted"
    NOT_AFFECTED = "not affected"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened to a case at an instant, and the entry of the record that says so."""

    at: datetime
    what: str
    entry: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One problem, at one instant.

    `id` is what waivers and people call it; `ids` are those that it had before more was known, too. `names` are those
    of its vulnerability. `places` are `file:line` as last reported, `versions` those of the package that have it, and
    `still_in` the reports that do, of which commit. `waivers` are those that are about it, by id, each with the reason
    why it does not count; empty if it does.
    """

    id: str
    ids: frozenset[str]
    title: str
    risk: Risk
    raised: str
    names: tuple[str, ...]
    package: str
    versions: tuple[str, ...]
    places: tuple[str, ...]
    tools: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    standing: Standing
    deadline: Deadline
    regressions: int
    still_in: tuple[str, ...] = ()
    waivers: Mapping[str, str] = field(default_factory=dict)
    history: tuple[Event, ...] = ()
    entries: tuple[int, ...] = ()

    @property
    def subject(self) -> str:
        """What it is in: the package, else the first place."""
        return self.package or (self.places[0] if self.places else "")

    @property
    def accepted_by(self) -> tuple[str, ...]:
        """The waivers that accept it now: several where it was said to be several vulnerabilities."""
        is_accepted = self.standing is Standing.ACCEPTED
        return tuple(waiver for waiver, why in self.waivers.items() if not why) if is_accepted else ()

    @property
    def refused(self) -> tuple[str, ...]:
        """Why waivers that are about it do not count."""
        return tuple(f"the waiver {waiver} does not count: {why}" for waiver, why in self.waivers.items() if why)

    def is_overdue(self, at: datetime) -> bool:
        """Whether it is open, and its time has run out."""
        return self.standing is Standing.OPEN and self.deadline.is_over(at)

    def finding(self, at: datetime) -> Finding:
        """The case as what stands behind a verdict."""
        place, _, line = (self.places[0] if self.places else self.subject).partition(":")
        overdue = f", overdue since {self.deadline.due:%Y-%m-%d %H:%M}" if self.is_overdue(at) else ""
        reports = f"; still in {', '.join(self.still_in)}" if self.still_in else ""
        return Finding(
            rule=self.id,
            severity=_SEVERITIES.get(self.risk, Severity.NOTE),
            place=Place(place, int(line) if line.isdecimal() else 0),
            text=f"{self.risk.value} {self.title} in {self.subject}{overdue}{reports}",
            tool=", ".join(self.tools),
        )


def worst_first(cases: Iterable[Case], at: datetime) -> list[Case]:
    """Open ones before others, by risk, and by the time that is left."""
    endless = timedelta.max
    return sorted(
        cases,
        key=lambda case: (
            case.standing is not Standing.OPEN,
            -RANK[case.risk],
            left if (left := case.deadline.left(at)) is not None else endless,
            case.id,
        ),
    )


FACTS: Mapping[str, str] = {
    **{risk.value: f"cases of risk {risk.value} that are open" for risk in Risk},
    "open": "cases that are open",
    **{f"{risk.value}_overdue": f"open cases of risk {risk.value} whose time has run out" for risk in Risk},
    "overdue": "open cases whose time has run out",
    "accepted": "cases that a waiver accepts",
    "not_affected": "cases that VEX says do not affect",
    "regressions": "open cases that were fixed before",
}
"""What a criterion can ask of the findings of a service."""


def facts_of(cases: Sequence[Case], at: datetime) -> dict[str, int]:
    """How many cases there are of each sort; accepted ones and those that do not affect are not open."""
    still = [case for case in cases if case.standing is Standing.OPEN]
    late = [case for case in still if case.is_overdue(at)]
    return {
        **{risk.value: sum(case.risk is risk for case in still) for risk in Risk},
        "open": len(still),
        **{f"{risk.value}_overdue": sum(case.risk is risk for case in late) for risk in Risk},
        "overdue": len(late),
        "accepted": sum(case.standing is Standing.ACCEPTED for case in cases),
        "not_affected": sum(case.standing is Standing.NOT_AFFECTED for case in cases),
        "regressions": sum(bool(case.regressions) for case in still),
    }
