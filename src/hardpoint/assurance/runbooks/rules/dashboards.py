"""Rules about dashboards and the runbooks that they link to."""

from collections.abc import Iterator

from hardpoint.assurance.runbooks.dashboards import Dashboard, dashboards
from hardpoint.assurance.runbooks.library import library
from hardpoint.assurance.runbooks.links import follow
from hardpoint.assurance.runbooks.model import RUNBOOKS
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.rule import Rule, rule
from hardpoint.kernel.workspace import Workspace

_PANELS = '"schemaVersion": 39, "panels": []'
_LINKED = f'{{"title": "API", "links": [{{"title": "Runbook", "url": "https://acme.example/api"}}], {_PANELS}}}\n'
_UNLINKED = f'{{"title": "API", {_PANELS}}}\n'
_REQUIRED = {"hardpoint.yaml": "version: 1\nrunbooks:\n  dashboards: required\n"}
_RUNBOOK = {"docs/runbooks/api.md": "# The API is down\n"}


def _expected(workspace: Workspace) -> list[Dashboard]:
    """The dashboards of a team that has runbooks: without any, the alerts are where to begin."""
    if workspace.manifest[RUNBOOKS].dashboards != "expected" or not library(workspace).runbooks:
        return []
    return dashboards(workspace)


@rule(
    "RUN010",
    Severity.NOTE,
    over=_expected,
    title="A dashboard leads to no runbook",
    why="It shows that something is wrong, and leaves whoever looks at it alone with that.",
    good={"grafana/api.json": _LINKED, **_RUNBOOK},
    bad={"grafana/api.json": _UNLINKED, **_RUNBOOK},
)
def silent(dashboard: Dashboard, workspace: Workspace) -> Iterator[Finding]:
    yield from _without(silent, dashboard, workspace)


def _required(workspace: Workspace) -> list[Dashboard]:
    return dashboards(workspace) if workspace.manifest[RUNBOOKS].dashboards == "required" else []


@rule(
    "RUN011",
    Severity.ERROR,
    over=_required,
    title="A dashboard leads to no runbook, and the team requires it",
    why="The team promised that whoever looks at a dashboard can go on from it.",
    good={**_REQUIRED, "grafana/api.json": _LINKED},
    bad={**_REQUIRED, "grafana/api.json": _UNLINKED},
)
def silent_by_promise(dashboard: Dashboard, workspace: Workspace) -> Iterator[Finding]:
    yield from _without(silent_by_promise, dashboard, workspace)


def _without(rule: Rule[Dashboard], dashboard: Dashboard, workspace: Workspace) -> Iterator[Finding]:
    if dashboard.unread:
        yield rule.finding(dashboard.place, f"{dashboard.unread}; its links were not judged", remedy="Repair it")
    elif not _leads(dashboard, workspace):
        yield rule.finding(
            dashboard.place,
            f"the dashboard {dashboard.title!r} links to no runbook",
            remedy="Add a dashboard link, a panel link or a text panel that leads to one",
        )


def _leads(dashboard: Dashboard, workspace: Workspace) -> bool:
    known = library(workspace).runbooks
    return any(
        each.speaks_of_runbook or follow(each.target, dashboard.place.file, workspace).file in known
        for each in dashboard.links
    )
