"""SLO dashboards: which were live when somebody looked, and which objectives they showed."""

from typing import Annotated, Literal

from annotated_types import MinLen

from hardpoint.assurance.reports.records import Form, require, require_once, require_url
from hardpoint.kernel.clock import Instant, format_instant
from hardpoint.kernel.declarations import declared
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "slo-dashboard"
Words = Annotated[str, MinLen(1)]


@declared
class Dashboard:
    """A dashboard as it was when it was looked at."""

    url: Words
    """Where it is: an http or https URL."""
    live: bool
    """Whether it opened and showed current data."""
    shows: tuple[Words, ...] = ()
    """The objectives that it showed current data of, by their names under `slos`."""
    note: str = ""
    """What was seen."""


@declared
class SloDashboards:
    """The dashboards of a service's objectives, as they were at one instant."""

    schema: Literal["slo-dashboard/v1"]
    """Says that this is such a record."""
    seen: Instant
    """When they were looked at. The age of the record counts from here."""
    seen_by: Words
    """Who looked, or which probe."""
    slos: Annotated[tuple[Words, ...], MinLen(1)]
    """The names of all objectives that have to be shown."""
    dashboards: Annotated[tuple[Dashboard, ...], MinLen(1)]
    """Where they are shown."""


FORM = Form("slo-dashboard/v1", SloDashboards)


@importer(
    "slo-dashboard",
    title="A record of SLO dashboards (`slo-dashboard/v1`)",
    facts={
        "dashboards": "dashboards that were looked at",
        "live": "those that showed current data",
        "dead": "those that did not",
        "slos": "objectives that have to be shown",
        "covered_slos": "those that a live dashboard showed",
        "uncovered_slos": "those that none did",
    },
    recognises=FORM.begins,
    good=b'{"schema": "slo-dashboard/v1", "seen": "2026-03-31T10:00:00Z", "seen_by": "ana", "slos": ["availability"], '
    b'"dashboards": [{"url": "https://grafana.example/d/shop", "live": true, "shows": ["availability"]}]}',
    bad=b'{"schema": "slo-dashboard/v1", "seen": "2026-03-31", "seen_by": "ana", "slos": ["availability"]}',
)
def slo_dashboard(data: bytes) -> Report:
    """Read strictly: [its keys](records.md#slo-dashboardv1). What a dead dashboard is said to show is not covered."""
    record = FORM.read(data)
    require_once(record.slos, "slos")
    require_once(tuple(each.url for each in record.dashboards), "dashboards")
    for at, each in enumerate(record.dashboards):
        require_url(each.url, f"dashboards[{at}].url")
        unknown = ", ".join(sorted(set(each.shows) - set(record.slos)))
        require(not unknown, f"dashboards[{at}].shows", f"shows {unknown}, which is not among the slos")
    dead = [each for each in record.dashboards if not each.live]
    covered = {slo for each in record.dashboards if each.live for slo in each.shows}
    uncovered = [slo for slo in record.slos if slo not in covered]
    return Report(
        producer=Producer(name=TOOL),
        population=len(record.dashboards),
        facts={
            "dashboards": len(record.dashboards),
            "live": len(record.dashboards) - len(dead),
            "dead": len(dead),
            "slos": len(record.slos),
            "covered_slos": len(covered),
            "uncovered_slos": len(uncovered),
        },
        findings=(
            *(_finding(each.url, each.note or "the dashboard is not live") for each in dead),
            *(_finding(slo, f"no live dashboard shows {slo}") for slo in uncovered),
        ),
        time=format_instant(record.seen),
    )


def _finding(rule: str, text: str) -> Finding:
    return Finding(rule=rule, severity=Severity.ERROR, place=Place(""), text=text, tool=TOOL)
