"""What is checked of the programme itself: each rule of it has a check or a reviewer, and each exception its end."""

from collections.abc import Iterator, Sequence

from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import rule
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.kernel.waiver import WAIVERS, Waiver
from hardpoint.kernel.workspace import Workspace
from hardpoint.programme.gates.lint import what_time_says
from hardpoint.programme.gates.model import GATES, PROGRAMME_RULES, ProgrammeRule

_GATE = "gates: [{name: merge, criteria: [{id: tests, kind: report, report: junit, require: {failures: 0}}]}]\n"
_RULE = "version: 1\n" + _GATE + "programme_rules:\n  - id: tested\n    rule: Every change is tested.\n"
_WAIVER = """\
version: 1
waivers:
  - id: W-1
    criterion: merge/tests
    reason: the browser farm is down until Thursday
    mitigation: we test by hand, and watch the error rate
    owner: ana
    approvers: [ben]
"""
_AHEAD = _WAIVER + "    created: 9000-01-01T00:00:00Z\n    expires: 9000-01-01T12:00:00Z\n"
_OVER = _WAIVER + "    created: 2020-01-01T00:00:00Z\n    expires: 2020-01-01T12:00:00Z\n"
_GLASS = "    break_glass: true\n"


def _declared(workspace: Workspace) -> Sequence[ProgrammeRule]:
    return workspace.manifest[PROGRAMME_RULES]


def _checked(workspace: Workspace) -> Sequence[ProgrammeRule]:
    return [each for each in _declared(workspace) if each.checks]


def _reviewed(workspace: Workspace) -> Sequence[ProgrammeRule]:
    return [each for each in _declared(workspace) if each.reviewer and each.every]


@rule(
    "PRG001",
    Severity.ERROR,
    over=_declared,
    title="A rule of the programme is bound to no check and no reviewer",
    why="What nobody and nothing looks at holds until the first busy week.",
    good={"hardpoint.yaml": _RULE + "    checks: [merge/tests]\n"},
    bad={"hardpoint.yaml": _RULE},
)
def unbound(declared: ProgrammeRule, workspace: Workspace) -> Iterator[Finding]:
    if declared.checks or (declared.reviewer and declared.every):
        return
    lacking = "names a reviewer and not how often" if declared.reviewer else "has neither a check nor a reviewer"
    yield unbound.finding(
        _place(declared, workspace),
        f"{declared.id} {lacking}",
        remedy="Name under `checks` what proves it, or say with `reviewer` and `every` who looks, and how often",
    )


@rule(
    "PRG002",
    Severity.ERROR,
    over=_checked,
    title="A rule of the programme is bound to a check that does not exist",
    why="It looks as if it were proven, and nothing proves it.",
    good={"hardpoint.yaml": _RULE + "    checks: [merge/tests]\n"},
    bad={"hardpoint.yaml": _RULE + "    checks: [merge/test]\n"},
)
def bound_to_nothing(declared: ProgrammeRule, workspace: Workspace) -> Iterator[Finding]:
    criteria = {f"{gate.name}/{each.id}" for gate in workspace.manifest[GATES] for each in gate.criteria}
    rules = set(workspace.rule_ids())
    for name in declared.checks:
        known = criteria if "/" in name else rules
        if name not in known and ("/" in name or rules):  # without its rules, nobody can say
            text = f"{declared.id} is bound to {name}, which does not exist{did_you_mean(name, sorted(known))}"
            remedy = "Name a rule of `hardpoint check`, or a criterion as GATE/CRITERION"
            yield bound_to_nothing.finding(_place(declared, workspace), text, remedy=remedy)


@rule(
    "PRG003",
    Severity.WARNING,
    over=_reviewed,
    title="A review of a rule of the programme is overdue",
    why="A rule that people are to look after is kept by their looking.",
    good={"hardpoint.yaml": _RULE + "    reviewer: ana\n    every: 5000w\n    reviewed: 2026-03-01\n"},
    bad={"hardpoint.yaml": _RULE + "    reviewer: ana\n    every: 90d\n    reviewed: 2020-03-01\n"},
)
def overdue(declared: ProgrammeRule, workspace: Workspace) -> Iterator[Finding]:
    assert declared.every is not None
    today, reviewed = workspace.now.date(), declared.reviewed
    if reviewed is None:
        text = f"{declared.reviewer} has never reviewed {declared.id}"
    elif reviewed > today:
        text = f"{declared.id} cannot have been reviewed on {reviewed}, which is yet to come"
    elif today - reviewed > declared.every.delta:
        ago = f"{(today - reviewed).days} days ago"
        text = f"{declared.reviewer} reviewed {declared.id} {ago}, and {declared.every} is the limit"
    else:
        return
    yield overdue.finding(_place(declared, workspace), text, remedy="Review it, and write the date under `reviewed`")


def _glass(workspace: Workspace) -> Sequence[Waiver]:
    return [each for each in workspace.manifest[WAIVERS] if each.break_glass]


def _ordinary(workspace: Workspace) -> Sequence[Waiver]:
    return [each for each in workspace.manifest[WAIVERS] if not each.break_glass]


@rule(
    "PRG004",
    Severity.ERROR,
    over=_glass,
    title="Glass that was broken in an emergency is not restored",
    why="What was set aside for a night stays set aside, because everybody thinks that somebody put it back.",
    good={"hardpoint.yaml": _AHEAD + _GLASS},
    bad={"hardpoint.yaml": _OVER + _GLASS},
)
def broken_glass(waiver: Waiver, workspace: Workspace) -> Iterator[Finding]:
    for _, text, remedy in what_time_says(waiver, workspace.now):
        yield broken_glass.finding(_place_of(waiver, workspace), f"{waiver.id}: {text}", remedy=remedy)


@rule(
    "PRG005",
    Severity.WARNING,
    over=_ordinary,
    title="A waiver has ended, or ends within two weeks",
    why="The gate closes at that instant; whoever owns the waiver has to know before it does.",
    good={"hardpoint.yaml": _AHEAD},
    bad={"hardpoint.yaml": _OVER},
)
def ending(waiver: Waiver, workspace: Workspace) -> Iterator[Finding]:
    for _, text, remedy in what_time_says(waiver, workspace.now):
        yield ending.finding(_place_of(waiver, workspace), f"{waiver.id}: {text}", remedy=remedy)


def _place(declared: ProgrammeRule, workspace: Workspace) -> Place:
    return workspace.manifest.place(PROGRAMME_RULES.key, _declared(workspace).index(declared))


def _place_of(waiver: Waiver, workspace: Workspace) -> Place:
    return workspace.manifest.place(WAIVERS.key, workspace.manifest[WAIVERS].index(waiver))
