"""Acceptance: a waiver that is about a case, signed by enough people, for a time."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.deadline import Pause
from hardpoint.kernel.finding import Risk
from hardpoint.kernel.waiver import Waiver
from hardpoint.programme.findings.case import Event
from hardpoint.programme.findings.identity import canonical, shape_of, split_package

SIGNED_BY = {Risk.CRITICAL: 2, Risk.HIGH: 2}
"""How many people accept a risk; one for those that are not named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Somebody's signature on a waiver as it was then."""

    waiver: str
    digest: str
    holder: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Approvals:
    """Every signature that counts."""

    given: Sequence[Approval] = ()

    def of(self, waiver: Waiver, by: datetime) -> dict[str, datetime]:
        """Who signed a waiver as it is now by an instant, and when each did first."""
        found: dict[str, datetime] = {}
        for each in self.given:
            if each.waiver == waiver.id and each.digest == waiver.digest and each.at <= by:
                found[each.holder] = min(each.at, found.get(each.holder, each.at))
        return found


@dataclass(slots=True, kw_only=True)
class Acceptance:
    """What waivers do for a case: whether they accept it now, and when the clock stood still.

    `waivers` are all that are about it, by id, each with the reason why it does not count; empty if it does.
    """

    holds: bool = False
    waivers: Mapping[str, str] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()
    history: tuple[Event, ...] = ()


def accepted(
    waivers: Sequence[Waiver],
    approvals: Approvals,
    at: datetime,
    *,
    ids: Mapping[str, str],
    package: str,
    versions: Sequence[str],
    places: Sequence[str],
    risk: Risk,
) -> Acceptance:
    """Whether waivers accept a case at an instant, and for which time they did before.

    `ids` are what it is called by, each with the name of its vulnerability that it stands for. One that was said to be
    several takes a waiver for each.
    """
    names = {**ids, **{name: name for name in ids.values() if name}}
    about = {
        waiver: names[called]
        for waiver in waivers
        if (called := waiver.finding or "") in names or (called := canonical(called)) in names
        if _covers(waiver.subject or "", package, versions, places)
    }
    signed_by = SIGNED_BY.get(risk, 1)
    why = {each: each.why_not(at, approvals.of(each, at), signed_by=signed_by) for each in about}
    spans = {each: span for each in about if (span := _span(each, approvals, at, signed_by)) is not None}
    holding = [each for each in about if not why[each]]
    needed = {name for name in ids.values() if name.startswith("CVE-")}
    is_whole = _names_all(needed, [about[each] for each in spans])
    return Acceptance(
        holds=_names_all(needed, [about[each] for each in holding]),
        waivers={each.id: why[each] for each in about},
        pauses=tuple(_together(spans.values(), needed)) if is_whole else (),
        history=tuple(_told(spans, at)) if is_whole else (),
    )


def _names_all(needed: Collection[str], named: Collection[str]) -> bool:
    """Two vulnerabilities that somebody calls one are accepted one by one."""
    return bool(named) and (len(needed) < 2 or set(needed) <= set(named))  # noqa: PLR2004 - two are several


def _together(spans: Collection[Pause], needed: Collection[str]) -> Iterator[Pause]:
    """The times in which every one of several vulnerabilities was accepted; of one, any."""
    if len(needed) < 2:  # noqa: PLR2004 - two are several
        yield from spans
        return
    start, until = max(each.start for each in spans), min(each.until for each in spans if each.until is not None)
    if start < until:
        yield Pause(start, until)


def _covers(subject: str, package: str, versions: Sequence[str], places: Sequence[str]) -> bool:
    """Whether a waiver's subject is all that a case is in: its package, at its versions, or its only path."""
    if package:
        named, version = split_package(subject)
        return named == package and (not version or all(each == version for each in versions))
    return bool(places) and all(shape_of(each) == shape_of(subject) for each in places)


def _span(waiver: Waiver, approvals: Approvals, at: datetime, signed_by: int) -> Pause | None:
    """The time for which a waiver counted: from the last signature on, to its end."""
    signed = approvals.of(waiver, at)
    if len(waiver.approvers) < signed_by or not set(waiver.approvers) <= set(signed):
        return None
    start = max(waiver.created, *(signed[each] for each in waiver.approvers))
    return Pause(start, waiver.expires) if start < waiver.expires and start <= at else None


def _told(spans: Mapping[Waiver, Pause], at: datetime) -> Iterator[Event]:
    for waiver, span in spans.items():
        until = format_instant(waiver.expires)[:16].replace("T", " ")
        yield Event(at=span.start, what=f"accepted until {until} ({waiver.id}): {waiver.mitigation}")
        if span.until is not None and span.until <= at:
            yield Event(at=span.until, what=f"the waiver {waiver.id} lapsed")
