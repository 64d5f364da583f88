"""Rules about alerts and the runbooks that they lead to."""

import posixpath
from collections.abc import Iterator

from hardpoint.assurance.runbooks.alerts import Alert, Kind, Unread, alert_rules
from hardpoint.assurance.runbooks.index import shelf
from hardpoint.assurance.runbooks.library import Runbook, called, library, runbooks
from hardpoint.assurance.runbooks.model import RUNBOOKS
from hardpoint.assurance.runbooks.parts import Part
from hardpoint.assurance.runbooks.references import Reference, references
from hardpoint.assurance.runbooks.templates import slug
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import Rule, rule
from hardpoint.kernel.spelling import Spelling
from hardpoint.kernel.workspace import Workspace

_RULES = """\
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: up{{job="api"}} == 0
        annotations: {{{}}}
"""
_LINKED = _RULES.format("runbook_url: docs/runbooks/api-down.md")
_UNLINKED = _RULES.format("summary: The API is down")
_RUNBOOK = {"docs/runbooks/api-down.md": "# The API does not answer\n\nAlert: ApiDown\n"}
_SECTIONS = {"docs/runbooks/api.md": "# API\n\n## API down\n\nAlert: ApiDown\n"}
_REQUIRED = {"hardpoint.yaml": "version: 1\nrunbooks:\n  alerts: required\n"}


@rule(
    "RUN004",
    Severity.ERROR,
    over=references,
    title="A link to a runbook leads to nothing",
    why="The page that wakes somebody has a link; it is followed when there is the least time to search.",
    good={"alerts/api.yml": _LINKED, **_RUNBOOK},
    bad={"alerts/api.yml": _LINKED, "docs/runbooks/api-is-down.md": "# The API is down\n"},
)
def missing_runbook(reference: Reference, workspace: Workspace) -> Iterator[Finding]:
    if not reference.led.missing:
        return
    named = shelf(workspace).named(reference.alert.name) if reference.alert else None
    meant = named.file if named else _nearest(reference, workspace)
    yield missing_runbook.finding(
        reference.place,
        f"{reference.of} links to {reference.written}, which does not exist",
        remedy=f"Link to {meant}, or write the runbook" if meant else "Write the runbook, or link to one that is there",
        **_repair(reference, named),
    )


def _repair(reference: Reference, named: Runbook | None) -> dict[str, str]:
    """The path of the runbook that names the alert, where the link has the other path in one piece."""
    missing = reference.led.missing
    return {"suggestion": named.file, "replaces": missing} if named and missing in reference.written else {}


def _nearest(reference: Reference, workspace: Workspace) -> str:
    """The runbook whose file has the most similar name."""
    by_name = workspace.derive(_ByName)
    nearest = by_name.names.nearest(posixpath.basename(reference.led.missing))
    return by_name.files[nearest[0]] if nearest else ""


class _ByName:
    def __init__(self, workspace: Workspace) -> None:
        self.files = {posixpath.basename(each.file): each.file for each in runbooks(workspace)}
        self.names = Spelling(self.files, cutoff=0.7)


def _to_sections(workspace: Workspace) -> list[Reference]:
    return [each for each in references(workspace) if each.led.section and each.led.file.endswith((".md", ".mdx"))]


@rule(
    "RUN015",
    Severity.WARNING,
    over=_to_sections,
    title="A link to a runbook names a section that it lacks",
    why="One page for many alerts is found by its headings; whoever lands at its top has to search.",
    good={"alerts/api.yml": _RULES.format("runbook_url: docs/runbooks/api.md#api-down"), **_SECTIONS},
    bad={"alerts/api.yml": _RULES.format("runbook_url: docs/runbooks/api.md#apidown-alert"), **_SECTIONS},
)
def missing_section(reference: Reference, workspace: Workspace) -> Iterator[Finding]:
    runbook = library(workspace).runbooks.get(reference.led.file)
    section = reference.led.section
    if runbook and not runbook.page.unread and not runbook.has_section(section):
        yield missing_section.finding(
            reference.place,
            f"{reference.of} links to {reference.written}, and {runbook.file} has no section #{section}",
            remedy="Link to a heading that is there",
        )


def _alerts(workspace: Workspace) -> list[Alert]:
    """The alerts for people, one for each name and file."""
    seen = {(each.place.file, each.name): each for each in reversed(alert_rules(workspace).alerts) if each.pages}
    return sorted(seen.values(), key=lambda each: each.place)


def _expected(workspace: Workspace) -> list[Alert]:
    return _alerts(workspace) if workspace.manifest[RUNBOOKS].alerts == "expected" else []


@rule(
    "RUN005",
    Severity.WARNING,
    over=_expected,
    title="An alert has no runbook",
    why="Whoever it wakes has to invent the response.",
    good={"alerts/api.yml": _UNLINKED, **_RUNBOOK},
    bad={"alerts/api.yml": _UNLINKED},
)
def unexplained(alert: Alert, workspace: Workspace) -> Iterator[Finding]:
    if not shelf(workspace).leads_to_nothing(alert):
        yield from _uncovered(unexplained, alert, workspace)


def _required(workspace: Workspace) -> list[Alert | Unread]:
    if workspace.manifest[RUNBOOKS].alerts != "required":
        return []
    return [*_alerts(workspace), *alert_rules(workspace).unread]


@rule(
    "RUN006",
    Severity.ERROR,
    over=_required,
    title="An alert has no runbook, and the team requires one",
    why="The team promised that nobody is woken without one; alerts that could not be read may be without one too.",
    good={**_REQUIRED, "alerts/api.yml": _LINKED, **_RUNBOOK},
    bad={**_REQUIRED, "alerts/api.yml": _UNLINKED},
)
def unexplained_by_promise(subject: Alert | Unread, workspace: Workspace) -> Iterator[Finding]:
    if isinstance(subject, Unread):
        yield _of_unread(unexplained_by_promise, subject)
    else:
        yield from _uncovered(unexplained_by_promise, subject, workspace)


def _uncovered(rule: Rule[Alert] | Rule[Alert | Unread], alert: Alert, workspace: Workspace) -> Iterator[Finding]:
    if shelf(workspace).covers(alert):
        return
    written = f": its runbook is {alert.runbook!r}" if alert.runbook else ""
    yield rule.finding(
        alert.place,
        f"the alert {alert.name} has no runbook{written}",
        remedy=f"`hardpoint runbook new {slug(alert.name)} --alert {alert.name}`, and link to it with `runbook_url`",
    )


def _naming(workspace: Workspace) -> list[Runbook]:
    """The runbooks that name alerts, where every alert that there is could be read."""
    rules = alert_rules(workspace)
    if not rules.alerts or rules.unread:
        return []
    return [each for each in runbooks(workspace) if each.page.alerts]


@rule(
    "RUN007",
    Severity.WARNING,
    over=_naming,
    title="A runbook is for an alert that does not exist",
    why="The alert was renamed or is gone; under its new name it leads nowhere, or the runbook serves nothing.",
    good={"alerts/api.yml": _UNLINKED, **_RUNBOOK},
    bad={"alerts/api.yml": _UNLINKED, "docs/runbooks/api-down.md": "# API down\n\nAlert: ApiGone\n"},
)
def unknown_alert(runbook: Runbook, workspace: Workspace) -> Iterator[Finding]:
    known = workspace.derive(_known)
    said = runbook.said(Part.ALERT)
    gone = [name for name in runbook.page.alerts if called(name) not in known]
    if gone:
        meant = workspace.derive(_names).nearest(gone[0])
        others = f" (and {len(gone) - 1} more)" if len(gone) > 1 else ""
        yield unknown_alert.finding(
            Place(runbook.file, said.line) if said else runbook.place,
            f"no alert rule is named {gone[0]}{f', did you mean {meant[0]}?' if meant else ''}{others}",
            remedy="Name the alert as it is now, or retire the runbook with it",
        )


def _known(workspace: Workspace) -> frozenset[str]:
    return frozenset(called(each.name) for each in alert_rules(workspace).alerts)


def _names(workspace: Workspace) -> Spelling:
    return Spelling(sorted({each.name for each in alert_rules(workspace).alerts}))


def _sources(workspace: Workspace, *kinds: Kind) -> list[Unread | str]:
    """The files with alerts that were read, and what was not read for one of some reasons."""
    if workspace.manifest[RUNBOOKS].alerts == "required":  # RUN006 has them
        return []
    rules = alert_rules(workspace)
    return [*dict.fromkeys(each.place.file for each in rules.alerts), *(e for e in rules.unread if e.kind in kinds)]


@rule(
    "RUN008",
    Severity.WARNING,
    over=lambda workspace: _sources(workspace, Kind.BROKEN),
    title="A rule file cannot be read",
    why="Its alerts were not looked at, and Prometheus may not read them either.",
    good={"alerts/api.yml": _LINKED, **_RUNBOOK},
    bad={"alerts/api.yml": _LINKED.replace("annotations: {", "annotations: [")},
)
def unreadable_rules(subject: Unread | str, _: Workspace) -> Iterator[Finding]:
    if isinstance(subject, Unread):
        yield _of_unread(unreadable_rules, subject)


@rule(
    "RUN009",
    Severity.NOTE,
    over=lambda workspace: _sources(workspace, Kind.TEMPLATE, Kind.PROGRAM),
    title="Alerts are defined where they are not read",
    why="Templates and Jsonnet are programs, and no program of a repository is run: what they make is not known.",
    good={"alerts/api.yml": _LINKED, **_RUNBOOK},
    bad={
        "chart/Chart.yaml": "name: api\n",
        "chart/templates/rules.yaml": "{{- if .Values.alerts }}\n" + _UNLINKED + "{{- end }}\n",
    },
)
def unread_rules(subject: Unread | str, _: Workspace) -> Iterator[Finding]:
    if isinstance(subject, Unread):
        yield _of_unread(unread_rules, subject)


def _of_unread(rule: Rule[Alert | Unread] | Rule[Unread | str], unread: Unread) -> Finding:
    others = (
        f", and so {'is 1 other' if unread.others == 1 else f'are {unread.others} others'}" if unread.others else ""
    )
    return rule.finding(
        unread.place,
        f"the file with alert rules {unread.sentence}{others}",
        remedy="Repair it"
        if unread.kind is Kind.BROKEN
        else "Commit what it makes, and name that under runbooks.alert_rules",
    )
