"""Every link to a runbook that an alert or a dashboard has, and where it leads."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hardpoint.assurance.runbooks.alerts import Alert, alert_rules
from hardpoint.assurance.runbooks.dashboards import dashboards
from hardpoint.assurance.runbooks.links import Led, follow, forge_path, repository_of
from hardpoint.kernel.place import Place
from hardpoint.kernel.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Reference:
    """A link to a runbook: from what, as written, where, and what it leads to; `severity` is its alert's."""

    of: str
    written: str
    place: Place
    led: Led
    alert: Alert | None = None
    severity: str = ""


def references(workspace: Workspace) -> list[Reference]:
    """The links of the workspace, followed once.

    A link into a forge names this repository if another one into the same repository leads to a file that is here.
    """
    return workspace.derive(_references)


def _references(workspace: Workspace) -> list[Reference]:
    found = [*_of_alerts(workspace), *_of_dashboards(workspace)]
    own = {repository_of(each.written) for each in found if each.led.file and _is_telling(each.led.file)} - {""}
    return [_missing(each) if repository_of(each.written) in own and not each.led.file else each for each in found]


def _of_alerts(workspace: Workspace) -> Iterator[Reference]:
    for alert in alert_rules(workspace).alerts:
        if alert.runbook:
            place = alert.runbook_place or alert.place
            led = follow(alert.runbook, place.file, workspace)
            yield Reference(f"the alert {alert.name}", alert.runbook, place, led, alert, alert.severity)


def _of_dashboards(workspace: Workspace) -> Iterator[Reference]:
    for dashboard in dashboards(workspace):
        for link in dashboard.links:
            led = follow(link.target, dashboard.place.file, workspace) if link.speaks_of_runbook else Led()
            if led.file or led.missing:
                yield Reference(f"the dashboard {dashboard.title!r}", link.target, dashboard.place, led)


def _is_telling(file: str) -> bool:
    """Whether a path is unlikely to exist in another repository too."""
    return "/" in file and posixpath.splitext(posixpath.basename(file))[0].lower() not in {"readme", "index", "runbook"}


def _missing(reference: Reference) -> Reference:
    path = forge_path(reference.written)
    return replace(reference, led=Led(missing=path)) if path else reference
