"""The index: alert, its runbook, who owns that, and when it was last exercised."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hardpoint.assurance.runbooks.alerts import Alert, alert_rules
from hardpoint.assurance.runbooks.library import Runbook, called, library
from hardpoint.assurance.runbooks.links import follow
from hardpoint.assurance.runbooks.pages import alert_names, is_filled
from hardpoint.assurance.runbooks.parts import Part
from hardpoint.assurance.runbooks.references import references
from hardpoint.kernel.place import Place
from hardpoint.kernel.workspace import Workspace

MIN_WORDS = 5
"""An annotation of so many words is not the address of a runbook, but the runbook."""
IN_ALERT = "in the alert itself"


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert: `runbook` is a path of the repository, the address of a page elsewhere, IN_ALERT, or nothing.

    `severity` and `owner` are the runbook's own, else those of the alert's labels; `exercised` is a date (ISO 8601).
    `place` is where the alert is defined, or where the runbook is that alone names it.
    """

    alert: str
    runbook: str
    owner: str
    severity: str
    exercised: str
    place: str


class Shelf:
    """Finds the runbook of an alert: by the alert's link, by what a runbook says, then by its names and by lists."""

    def __init__(self, workspace: Workspace) -> None:
        self._library = library(workspace)
        self._linked = {id(each.alert): each for each in references(workspace) if each.alert}
        self._said: dict[str, Runbook] = {}
        self._called: dict[str, Runbook] = {}
        for runbook in self._library.runbooks.values():
            for name in runbook.names:
                self._said.setdefault(called(name), runbook)
            for name in runbook.called:
                self._called.setdefault(name, runbook)
        self._listed = dict(_listed(workspace, self._library.runbooks))

    def runbook_of(self, alert: Alert) -> Runbook | None:
        """The runbook in this repository."""
        linked = self._linked.get(id(alert))
        if linked and linked.led.file in self._library.runbooks:
            return self._library.runbooks[linked.led.file]
        return self.named(alert.name)

    def named(self, name: str) -> Runbook | None:
        """The runbook for an alert of that name."""
        key = called(name)
        return self._said.get(key) or self._called.get(key) or self._listed.get(key)

    def elsewhere(self, alert: Alert) -> str:
        """Where the runbook is if not in this repository: at an address, or in the alert itself."""
        linked = self._linked.get(id(alert))
        if linked is None or linked.led.file or linked.led.missing or not is_filled(linked.written):
            return ""
        if len(linked.written.split()) >= MIN_WORDS:
            return IN_ALERT
        return linked.written if "/" in linked.written or "." in linked.written else ""

    def covers(self, alert: Alert) -> bool:
        """Whether the alert has a runbook, here or elsewhere; what is elsewhere is not looked at."""
        return bool(self.runbook_of(alert) or self.elsewhere(alert))

    def leads_to_nothing(self, alert: Alert) -> bool:
        """Whether the alert links to a runbook that should be here and is not: RUN004 says so."""
        linked = self._linked.get(id(alert))
        return bool(linked and linked.led.missing)


def shelf(workspace: Workspace) -> Shelf:
    """The shelf of the workspace, made once."""
    return workspace.derive(Shelf)


def index(workspace: Workspace) -> list[Entry]:
    """An entry for every alert, by name: those of the rules, and those that only a runbook names."""
    found = shelf(workspace)
    entries: dict[str, Entry] = {}
    for alert in alert_rules(workspace).alerts:
        entry = _entry(alert, found)
        if alert.name not in entries or not entries[alert.name].runbook:
            entries[alert.name] = entry
    known = {called(name) for name in entries}
    for runbook in library(workspace).runbooks.values():
        for name in runbook.names:
            if called(name) not in known:
                entries[name] = _entry_of(name, runbook, runbook.place)
    return [entries[name] for name in sorted(entries)]


def _entry(alert: Alert, found: Shelf) -> Entry:
    runbook = found.runbook_of(alert)
    if runbook is None:
        return Entry(alert.name, found.elsewhere(alert), alert.owner, alert.severity, "", str(alert.place))
    entry = _entry_of(alert.name, runbook, alert.place)
    return Entry(
        entry.alert,
        entry.runbook,
        entry.owner or alert.owner,
        entry.severity or alert.severity,
        entry.exercised,
        entry.place,
    )


def _entry_of(name: str, runbook: Runbook, place: Place) -> Entry:
    severity, exercised = runbook.said(Part.SEVERITY), runbook.said(Part.EXERCISED)
    return Entry(
        alert=name,
        runbook=runbook.file,
        owner=runbook.owner,
        severity=severity.value if severity and severity.filled else "",
        exercised=str(exercised.date or "") if exercised else "",
        place=str(place),
    )


def _listed(workspace: Workspace, runbooks: Mapping[str, Runbook]) -> Iterator[tuple[str, Runbook]]:
    """Alerts that a table names beside a link to a runbook."""
    for file, row in library(workspace).listed:
        targets = (follow(target, file, workspace).file for target in row.links)
        runbook = next((runbooks[each] for each in targets if each in runbooks), None)
        if runbook:
            names = (name for cell in row.cells for name in (cell, *alert_names(cell)) if name)
            yield from ((called(name), runbook) for name in names)
