"""Pager coverage: who is on call for Sev-1 and Sev-2 in the days to come, and when nobody is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from annotated_types import MinLen

from hardpoint.assurance.reports.records import Form, require_order
from hardpoint.kernel.clock import Instant, format_instant
from hardpoint.kernel.declarations import declared
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "pager-coverage"
MAX_GAPS = 100
Words = Annotated[str, MinLen(1)]
SevereAlerts = Literal["sev-1", "sev-2"]
_SEVERITIES: tuple[SevereAlerts, ...] = ("sev-1", "sev-2")
_THOUSANDTH_OF_A_DAY = timedelta(seconds=86.4)
Span = tuple[datetime, datetime]


@declared
class Shift:
    """A time in which one is on call."""

    who: Words
    """Who is paged: a person, or the name that the pager has for one."""
    from_: Instant
    """When it begins."""
    until: Instant
    """When it ends; whoever comes next begins at the same instant or before."""


@declared
class Schedule:
    """One rotation, as the pager exports it."""

    name: Words
    """What it is called."""
    severities: Annotated[tuple[Literal["sev-1", "sev-2"], ...], MinLen(1)]
    """The alerts that page it."""
    shifts: tuple[Shift, ...]
    """Who is on call when; several at once are fine."""
    escalation: tuple[Words, ...] = ()
    """Whom it pages next if nobody answers, in order."""


@declared
class PagerCoverage:
    """Who is paged for the alerts that cannot wait, from `taken` on."""

    schema: Literal["pager-coverage/v1"]
    """Says that this is such a record."""
    taken: Instant
    """When the schedules were exported. Coverage, and the age of the record, count from here."""
    taken_from: Words
    """What they were exported from."""
    schedules: Annotated[tuple[Schedule, ...], MinLen(1)]
    """All rotations for Sev-1 and Sev-2."""


FORM = Form("pager-coverage/v1", PagerCoverage)


@importer(
    "pager-coverage",
    title="A record of pager coverage (`pager-coverage/v1`)",
    facts={
        "days": "days from the export until nobody is on call for Sev-1 or for Sev-2, rounded down to three decimals",
        "sev1_days": "the same for Sev-1",
        "sev2_days": "the same for Sev-2",
        "gaps": "times before its last shift ends in which nobody is on call for one of them",
        "escalation_levels": "whom is paged next, in the schedule with the fewest; 0 where one has nobody",
        "schedules": "rotations in the record",
        "people": "who is on call in them",
    },
    recognises=FORM.begins,
    good=b'{"schema": "pager-coverage/v1", "taken": "2026-03-31T10:00:00Z", "taken_from": "the pager", "schedules": '
    b'[{"name": "shop", "severities": ["sev-1", "sev-2"], "escalation": ["lead"], "shifts": [{"who": "ana", "from": '
    b'"2026-03-30T08:00:00Z", "until": "2026-04-15T08:00:00Z"}]}]}',
    bad=b'{"schema": "pager-coverage/v1", "taken": "2026-03-31T10:00:00Z", "taken_from": "the pager", "schedule": []}',
)
def pager_coverage(data: bytes) -> Report:
    """Read strictly: [its keys](records.md#pager-coveragev1). One finding for each gap.

    A criterion asks for the days ahead, `days: ">= 14"`, and with `max_age` for a record that is not old.
    """
    record = FORM.read(data)
    for at, schedule in enumerate(record.schedules):
        for number, shift in enumerate(schedule.shifts):
            path = f"schedules[{at}].shifts[{number}].until"
            require_order(shift.from_, shift.until, path, "ends before it begins")
    gaps = {severity: _gaps(record, severity) for severity in _SEVERITIES}
    days = {severity: _days(record, severity, spans) for severity, spans in gaps.items()}
    return Report(
        producer=Producer(name=TOOL),
        population=len(record.schedules),
        facts={
            "days": min(days.values()),
            "sev1_days": days["sev-1"],
            "sev2_days": days["sev-2"],
            "gaps": sum(len(spans) for spans in gaps.values()),
            "escalation_levels": min(len(each.escalation) for each in record.schedules),
            "schedules": len(record.schedules),
            "people": len({shift.who for each in record.schedules for shift in each.shifts}),
        },
        findings=tuple(_finding(severity, span) for severity, spans in gaps.items() for span in spans[:MAX_GAPS]),
        time=format_instant(record.taken),
    )


def _shifts(record: PagerCoverage, severity: SevereAlerts) -> Sequence[Span]:
    """The shifts for a severity that are not over, by their begin."""
    schedules = [each for each in record.schedules if severity in each.severities]
    shifts = [(shift.from_, shift.until) for each in schedules for shift in each.shifts]
    return sorted(shift for shift in shifts if shift[1] > record.taken)


def _gaps(record: PagerCoverage, severity: SevereAlerts) -> Sequence[Span]:
    """The spans before its last shift in which nobody is on call for a severity; an empty one where it has no shift."""
    shifts = _shifts(record, severity)
    if not shifts:
        return [(record.taken, record.taken)]
    gaps, covered = [], record.taken
    for begins, ends in shifts:
        if begins > covered:
            gaps.append((covered, begins))
        covered = max(covered, ends)
    return gaps


def _days(record: PagerCoverage, severity: SevereAlerts, gaps: Sequence[Span]) -> float:
    """Days from the export to the first gap, or to the end of the last shift; never rounded up."""
    until = gaps[0][0] if gaps else max(ends for _, ends in _shifts(record, severity))
    return (until - record.taken) // _THOUSANDTH_OF_A_DAY / 1000


def _finding(severity: SevereAlerts, gap: Span) -> Finding:
    begins, ends = (format_instant(each) for each in gap)
    when = f"from {begins} to {ends}" if begins < ends else f"at {begins} or after"
    return Finding(
        rule=f"{severity}-uncovered",
        severity=Severity.ERROR,
        place=Place(""),
        text=f"nobody is on call for {severity} {when}",
        tool=TOOL,
        fingerprint=f"{severity} {begins}",
    )
