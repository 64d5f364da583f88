"""Restore drills: a backup was restored for practice, and what was found then."""

from typing import Annotated, Literal

from annotated_types import MinLen

from hardpoint.assurance.reports.records import Form, require, require_order
from hardpoint.kernel.clock import Instant, format_instant
from hardpoint.kernel.declarations import declared
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "restore-drill"
Words = Annotated[str, MinLen(1)]


@declared
class Check:
    """Something that was looked at in the restored data."""

    name: Words
    """What was checked, such as `orders of the last day are there`."""
    passed: bool
    """Whether it was as it should be."""
    note: str = ""
    """What was seen."""


@declared
class RestoreDrill:
    """A restore of a backup that was practised, from its start to the last check of what was restored."""

    schema: Literal["restore-drill/v1"]
    """Says that this is such a record."""
    source: Words
    """What was restored, such as `orders database`."""
    target: Words
    """Where it was restored to."""
    backup_taken: Instant
    """When the backup had been taken."""
    newest_data: Instant | None = None
    """When the newest of the restored data had been written; without it, when the backup was taken."""
    started: Instant
    """When the restore began."""
    ended: Instant
    """When its last check was done. The age of the drill counts from here."""
    success: bool
    """Whether those who did it say that it succeeded."""
    checks: Annotated[tuple[Check, ...], MinLen(1)]
    """What was looked at afterwards. One that did not pass is no success, whatever is said."""
    led_by: Words
    """Who led it."""
    documented: str = ""
    """Where it is written up: a URL or a path."""


FORM = Form("restore-drill/v1", RestoreDrill)


@importer(
    "restore-drill",
    title="A record of a restore drill (`restore-drill/v1`)",
    facts={
        "success": "whether it is said to have succeeded and every check passed",
        "documented": "whether it is written up",
        "checks": "checks of the restored data",
        "failed_checks": "those that did not pass",
        "duration_s": "seconds from the start to the last check",
        "data_age_s": "seconds between the newest of the restored data and the start: what would have been lost",
    },
    recognises=FORM.begins,
    good=b'{"schema": "restore-drill/v1", "source": "orders database", "target": "staging", "backup_taken": '
    b'"2026-03-31T02:00:00Z", "started": "2026-03-31T10:00:00Z", "ended": "2026-03-31T10:40:00Z", "success": true, '
    b'"checks": [{"name": "orders of the last day are there", "passed": true}], "led_by": "ana"}',
    bad=b'{"schema": "restore-drill/v1", "source": "orders database", "successful": true}',
)
def restore_drill(data: bytes) -> Report:
    """Read strictly: [its keys](records.md#restore-drillv1). A check that failed is a finding, as is a failed drill."""
    drill = FORM.read(data)
    newest = drill.newest_data or drill.backup_taken
    require_order(drill.backup_taken, drill.started, "started", "began before the backup was taken")
    require_order(drill.started, drill.ended, "ended", "ended before it began")
    require(newest <= drill.started, "newest_data", "has data from after its start")
    failed = [each for each in drill.checks if not each.passed]
    findings = [_finding(each.name, each.note or "did not pass") for each in failed]
    if not drill.success:
        findings.append(_finding("drill", f"the restore of {drill.source} did not succeed"))
    return Report(
        producer=Producer(name=TOOL),
        population=len(drill.checks),
        facts={
            "success": drill.success and not failed,
            "documented": bool(drill.documented.strip()),
            "checks": len(drill.checks),
            "failed_checks": len(failed),
            "duration_s": (drill.ended - drill.started).total_seconds(),
            "data_age_s": (drill.started - newest).total_seconds(),
        },
        findings=tuple(findings),
        time=format_instant(drill.ended),
    )


def _finding(rule: str, text: str) -> Finding:
    return Finding(rule=rule, severity=Severity.ERROR, place=Place(""), text=text, tool=TOOL)
