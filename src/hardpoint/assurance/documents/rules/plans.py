"""Plans: that one is active, that nothing else is called so, and that no two disagree about what is done."""

from collections.abc import Iterator

from hardpoint.assurance.documents.plans import (
    Group,
    called_active,
    calling,
    contradictions,
    groups,
    is_active,
    is_historical,
    plan_files,
    status,
)
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace


@rule(
    "DOC013",
    Severity.ERROR,
    over=groups,
    title="Not exactly one plan of its sort is active",
    why="With two, each half of the team follows another; with none, everybody follows their memory.",
    good={
        "docs/roadmap-2025.md": "# Roadmap 2025\n\nStatus: superseded\n",
        "docs/roadmap-2026.md": "# Roadmap 2026\n\nStatus: active\n",
    },
    bad={
        "docs/roadmap-2025.md": "# Roadmap 2025\n\nStatus: active\n",
        "docs/roadmap-2026.md": "# Roadmap 2026\n\nStatus: active\n",
    },
)
def not_one_active(group: Group, workspace: Workspace) -> Iterator[Finding]:
    active = [file for file in group.files if is_active(file, workspace)]
    for file in active[1:]:
        said = status(file, workspace)
        assert said is not None
        yield not_one_active.finding(
            said.place,
            f"{file} is an active {group.sort.value}, and so is {active[0]}",
            remedy="Say of all but one `Status: superseded`, and by what",
        )
    if group.declared and not active:
        place = workspace.manifest.place("documents", "plans")
        yield not_one_active.finding(
            place,
            f"no {group.sort.value} is active"
            + (f": {', '.join(group.files[:3])}" if group.files else ", and no document is one"),
            remedy="Say of the one that counts `Status: active`",
        )


@rule(
    "DOC014",
    Severity.ERROR,
    over=calling,
    title="A document that is out of force is called the current plan",
    why="Readers follow a plan that the team has left.",
    good={"README.md": "The current plan is [here](new.md).\n", "new.md": "# Plan\n\nStatus: active\n"},
    bad={"README.md": "The current plan is [here](old.md).\n", "old.md": "# Plan\n\nStatus: superseded\n"},
)
def called_current(document: str, workspace: Workspace) -> Iterator[Finding]:
    for link, file in called_active(document, workspace):
        said = status(file, workspace)
        if said is not None and is_historical(file, workspace):
            yield called_current.finding(
                Place(document, link.line, link.column),
                f"{file} is called current here, and says itself that it is {said.word} ({said.place})",
                remedy="Point at the plan that is in force",
            )


@rule(
    "DOC015",
    Severity.ERROR,
    over=plan_files,
    title="An item is open in one plan and done in another",
    why="One of the two is wrong, and whoever reads only that one does the work again or never.",
    good={
        "docs/mvp-plan.md": "# MVP\n\nStatus: superseded\n\n- [x] KEY-1 Log in\n",
        "docs/hardening-plan.md": "# Hardening\n\nStatus: active\n\n- [x] KEY-1 Log in\n",
    },
    bad={
        "docs/mvp-plan.md": "# MVP\n\nStatus: superseded\n\n- [x] KEY-1 Log in\n",
        "docs/hardening-plan.md": "# Hardening\n\nStatus: active\n\n- [ ] KEY-1 Log in\n",
    },
)
def contradicted(file: str, workspace: Workspace) -> Iterator[Finding]:
    for open_, done in contradictions(workspace).get(file, ()):
        yield contradicted.finding(
            open_.place,
            f"{open_.key!r} is open here and done in {done.place}",
            remedy="Find out which is true, and correct the other",
        )
