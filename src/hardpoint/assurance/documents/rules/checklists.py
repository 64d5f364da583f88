"""Checklists: that what is ticked can be seen to be done."""

from collections.abc import Iterator

from hardpoint.assurance.documents.checklists import declared_checklists, named_checklists, unproven
from hardpoint.assurance.documents.outline import Task
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import Rule, rule
from hardpoint.kernel.workspace import Workspace

_WHY = "A tick is a claim; whoever has to rely on it looks for what it was made of."
_MANIFEST = "version: 1\ndocuments: {checklists: [docs/launch.md]}\n"


@rule(
    "DOC022",
    Severity.ERROR,
    over=declared_checklists,
    title="A box is ticked without evidence",
    why=_WHY,
    good={"hardpoint.yaml": _MANIFEST, "docs/launch.md": "- [x] Restore rehearsed: [report](../restore.md)\n"},
    bad={"hardpoint.yaml": _MANIFEST, "docs/launch.md": "- [x] Restore rehearsed\n"},
)
def ticked_without_evidence(file: str, workspace: Workspace) -> Iterator[Finding]:
    for task in unproven(file, workspace):
        yield _finding(ticked_without_evidence, file, task)


@rule(
    "DOC023",
    Severity.NOTE,
    over=named_checklists,
    title="A box of what is called a checklist is ticked without evidence",
    why=f"{_WHY} Declared under `documents: checklists:`, it is an error.",
    good={"docs/launch-checklist.md": "- [x] Restore rehearsed by Ann on 2026-03-31\n"},
    bad={"docs/launch-checklist.md": "- [x] Restore rehearsed\n"},
)
def perhaps_without_evidence(file: str, workspace: Workspace) -> Iterator[Finding]:
    for task in unproven(file, workspace):
        yield _finding(perhaps_without_evidence, file, task)


def _finding(rule_: Rule[str], file: str, task: Task) -> Finding:
    said = " ".join(task.text.split())
    shown = said if len(said) <= _SHOWN else f"{said[:_SHOWN].rstrip()}…"
    return rule_.finding(
        Place(file, task.line),
        f"{shown!r} is ticked, and nothing beside it shows why",
        remedy="Add a link, a file, a commit, an issue, an entry of the record, or a date and a name; or untick it",
    )


_SHOWN = 60
