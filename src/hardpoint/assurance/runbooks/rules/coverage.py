"""Rules about what there have to be runbooks for: the loudest alerts, each class, each named failure."""

from collections.abc import Iterator, Sequence

from hardpoint.assurance.runbooks.alerts import alert_rules
from hardpoint.assurance.runbooks.failures import KNOWN, answers
from hardpoint.assurance.runbooks.index import shelf
from hardpoint.assurance.runbooks.library import called, runbooks
from hardpoint.assurance.runbooks.model import RUNBOOKS, RunbookClass
from hardpoint.assurance.runbooks.templates import slug
from hardpoint.assurance.runbooks.volume import most_frequent, read_volume
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace

_VOLUME = {"hardpoint.yaml": "version: 1\nrunbooks:\n  volume: alerts.csv\n", "alerts.csv": "alert,count\nApiDown,41\n"}
_CLASSES = {"hardpoint.yaml": "version: 1\nrunbooks:\n  classes: [{name: incident}]\n"}
_MODES = {"hardpoint.yaml": "version: 1\nrunbooks:\n  failure_modes: [auth-outage]\n"}


def _volumes(workspace: Workspace) -> Sequence[str]:
    volume = workspace.manifest[RUNBOOKS].volume
    return [volume] if volume else []


@rule(
    "RUN012",
    Severity.ERROR,
    over=_volumes,
    title="An alert that fires often has no runbook",
    why="The same person works the same thing out again, several times a week.",
    good={**_VOLUME, "docs/runbooks/api-down.md": "# ApiDown\n"},
    bad={**_VOLUME, "docs/runbooks/other.md": "# Other\n"},
)
def loud(file: str, workspace: Workspace) -> Iterator[Finding]:
    try:
        counts = read_volume(_content(file, workspace), file)
    except UnreadableProblem as problem:
        place = problem.place or Place(file, 1)
        yield loud.finding(
            place if file in workspace.paths else workspace.manifest.place("runbooks", "volume"),
            f"{file} {problem.sentence}; which alerts fire most is not known",
            remedy="Export it again: CSV with the columns alert and count will do",
        )
        return
    found = shelf(workspace)
    rules = {called(each.name): each for each in alert_rules(workspace).alerts if found.covers(each)}
    for rank, (name, count) in enumerate(most_frequent(counts, workspace.manifest[RUNBOOKS].top), 1):
        if called(name) not in rules and not found.named(name):
            yield loud.finding(
                Place(file, 1),
                f"the alert {name}, number {rank} with {count} firings, has no runbook",
                remedy=f"`hardpoint runbook new {slug(name)} --alert {name}`",
            )


def _content(file: str, workspace: Workspace) -> bytes:
    if file not in workspace.paths:
        raise UnreadableProblem("does not exist")
    return workspace.read(file)


def _classes(workspace: Workspace) -> list[tuple[int, RunbookClass]]:
    return list(enumerate(workspace.manifest[RUNBOOKS].classes))


@rule(
    "RUN013",
    Severity.ERROR,
    over=_classes,
    title="A class of runbooks is not there",
    why="Support, incidents and the domain fail in different ways; one of them was not thought of.",
    good={**_CLASSES, "docs/runbooks/outage.md": "---\nclass: incident\n---\n\n# Outage\n"},
    bad={**_CLASSES, "docs/runbooks/refund.md": "---\nclass: support\n---\n\n# Refund\n"},
)
def empty_class(numbered: tuple[int, RunbookClass], workspace: Workspace) -> Iterator[Finding]:
    at, wanted = numbered
    if not any(each.is_of_class(wanted.name, wanted.files) for each in runbooks(workspace)):
        yield empty_class.finding(
            workspace.manifest.place("runbooks", "classes", at),
            f"there is no runbook of the class {wanted.name}",
            remedy=f"Write one, and say `class: {wanted.name}` in its front matter",
        )


def _modes(workspace: Workspace) -> list[tuple[int, str]]:
    return list(enumerate(workspace.manifest[RUNBOOKS].failure_modes))


@rule(
    "RUN014",
    Severity.ERROR,
    over=_modes,
    title="A failure that the team named has no runbook",
    why="It was foreseen; meeting it unprepared is a choice.",
    good={**_MODES, "docs/runbooks/auth-outage.md": "# Nobody can log in\n"},
    bad={**_MODES, "docs/runbooks/api.md": "# The API is down\n"},
)
def unanswered(numbered: tuple[int, str], workspace: Workspace) -> Iterator[Finding]:
    at, mode = numbered
    if not any(answers(each, mode) for each in runbooks(workspace)):
        template = f" --template {mode}" if mode in KNOWN else ""
        yield unanswered.finding(
            workspace.manifest.place("runbooks", "failure_modes", at),
            f"there is no runbook for {mode}",
            remedy=f"`hardpoint runbook new {slug(mode)}{template}`",
        )
