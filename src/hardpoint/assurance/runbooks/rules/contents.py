"""Rules about what a runbook says, and whether somebody has tried it lately."""

from collections.abc import Iterator

from hardpoint.assurance.runbooks.library import Runbook, runbooks
from hardpoint.assurance.runbooks.model import RUNBOOKS
from hardpoint.assurance.runbooks.parts import ASKED, USUAL, Part
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import Rule, rule
from hardpoint.kernel.workspace import Workspace

_DECLARED = "version: 1\nrunbooks:\n  required: [owner, diagnosis]\n"
_WHOLE = "# API is down\n\nOwner: team-api\nAlert: ApiDown\n\n## Diagnosis\n\n1. Does it run?\n"
_USUAL = "\n## Mitigation\n\nRoll back.\n\n## Escalation\n\nCall the second on call.\n"
_REMEDY = "Write it, as a line `Owner: …` or as a section; words like TBD do not count"


def _declared(workspace: Workspace) -> list[Runbook]:
    return [each for each in runbooks(workspace) if _required(each, workspace)]


def _required(runbook: Runbook, workspace: Workspace) -> list[Part]:
    declared = workspace.manifest[RUNBOOKS]
    of_class = [
        part for each in declared.classes if runbook.is_of_class(each.name, each.files) for part in each.required
    ]
    return list(dict.fromkeys([*declared.required, *of_class]))


@rule(
    "RUN001",
    Severity.ERROR,
    over=_declared,
    title="A runbook does not say what the team requires",
    why="Whoever it wakes finds the question open that everybody thought was answered.",
    good={"hardpoint.yaml": _DECLARED, "docs/runbooks/api.md": _WHOLE},
    bad={"hardpoint.yaml": _DECLARED, "docs/runbooks/api.md": _WHOLE.replace("team-api", "TBD")},
)
def incomplete(runbook: Runbook, workspace: Workspace) -> Iterator[Finding]:
    if runbook.page.unread:
        yield _unread(incomplete, runbook)
        return
    for part in _required(runbook, workspace):
        if runbook.lacks(part):
            said = runbook.said(part)
            given = f": {said.value!r} says nothing yet" if said and said.value else ""
            place = Place(runbook.file, said.line) if said else runbook.place
            yield incomplete.finding(place, f"the runbook does not say {ASKED[part]}{given}", remedy=_REMEDY)


def _usual(workspace: Workspace) -> list[Runbook]:
    if workspace.manifest[RUNBOOKS].required:
        return []
    return [each for each in runbooks(workspace) if each.page.unread or (each.answers_alerts and _is_understood(each))]


def _is_understood(runbook: Runbook) -> bool:
    """Whether at least one section has a usual name: one in another language may say everything."""
    return any(part in runbook.page.parts for part in (Part.DIAGNOSIS, Part.MITIGATION, Part.ESCALATION))


@rule(
    "RUN002",
    Severity.NOTE,
    over=_usual,
    title="A runbook leaves a usual question open",
    why="At night nobody searches: owner, cause, remedy and the next person to call stand in it, or are unknown.",
    good={"docs/runbooks/api.md": _WHOLE + _USUAL},
    bad={"docs/runbooks/api.md": _WHOLE},
)
def unusual(runbook: Runbook, _: Workspace) -> Iterator[Finding]:
    if runbook.page.unread:
        yield _unread(unusual, runbook)
        return
    lacking = [ASKED[part] for part in USUAL if runbook.lacks(part)]
    if lacking:
        yield unusual.finding(
            runbook.place,
            f"the runbook does not say {_joined(lacking)}",
            remedy="Write it, or declare under runbooks.required what yours have to say",
        )


def _dated(workspace: Workspace) -> list[Runbook]:
    return runbooks(workspace) if workspace.manifest[RUNBOOKS].exercised_within else []


_WITHIN = "version: 1\nrunbooks:\n  exercised_within: 5000w\n"


@rule(
    "RUN003",
    Severity.ERROR,
    over=_dated,
    title="A runbook was not exercised in time",
    why="Systems change under it; a command that nobody has run for a year is a guess.",
    good={"hardpoint.yaml": _WITHIN, "docs/runbooks/api.md": _WHOLE + "\nLast exercised: 2026-01-31\n"},
    bad={"hardpoint.yaml": _WITHIN, "docs/runbooks/api.md": _WHOLE + "\nLast exercised: never\n"},
)
def stale(runbook: Runbook, workspace: Workspace) -> Iterator[Finding]:
    within = workspace.manifest[RUNBOOKS].exercised_within
    assert within is not None
    said = runbook.said(Part.EXERCISED)
    place = Place(runbook.file, said.line) if said else runbook.place
    today = workspace.now.date()
    if runbook.page.unread:
        yield _unread(stale, runbook)
    elif said is None or not said.filled:
        yield stale.finding(
            place, "the runbook does not say when it was last exercised", remedy="Exercise it, and write the date"
        )
    elif said.date is None:
        yield stale.finding(place, f"{said.value!r} is no date", remedy="Write it as in 2026-03-31 (ISO 8601)")
    elif said.date > today:
        yield stale.finding(
            place, f"{said.date} lies ahead: it cannot have been exercised then", remedy="Write the date"
        )
    elif (today - said.date).days * 86_400 > within.seconds:
        days = (today - said.date).days
        yield stale.finding(
            place,
            f"the runbook was last exercised {days} day{'s' * (days != 1)} ago, and {within} is the limit",
            remedy="Exercise it, repair what does not hold, and write the new date",
        )


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _unread(rule: Rule[Runbook], runbook: Runbook) -> Finding:
    """What could not be read was not judged, and that is no pass."""
    return rule.finding(Place(runbook.file), f"the runbook {runbook.page.unread}; what it says was not judged")
