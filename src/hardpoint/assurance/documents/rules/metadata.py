"""What documents say about themselves: complete, with an owner whom somebody knows, and looked at in time."""

from collections.abc import Iterator
from dataclasses import dataclass

from hardpoint.assurance.documents.corpus import documents, mentioning
from hardpoint.assurance.documents.fields import fields_of, name_of
from hardpoint.assurance.documents.model import DOCUMENTS, Kind
from hardpoint.assurance.documents.outline import outline, sections_named
from hardpoint.assurance.documents.owners import known_owners, unknown
from hardpoint.assurance.documents.patterns import matching
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import rule
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.kernel.workspace import Workspace

_OWNERS = ("owner", "owners")
_REVIEWS = ("review_by", "next_review", "review_before", "review_due")


@dataclass(frozen=True, slots=True)
class _OfKind:
    file: str
    kind: Kind


def _of_kinds(workspace: Workspace) -> list[_OfKind]:
    files = [each.file for each in documents(workspace)]
    kinds = workspace.manifest[DOCUMENTS].kinds
    return [_OfKind(file, kind) for kind in kinds for file in matching(kind.files, files)]


_EPIC = "version: 1\ndocuments:\n  kinds: [{name: epic, files: [epics/], fields: [owner], sections: [Scope]}]\n"


@rule(
    "DOC016",
    Severity.ERROR,
    over=_of_kinds,
    title="A document does not say what its kind has to say",
    why="The team agreed on what such a document answers; the question that it leaves open is asked at night.",
    good={"hardpoint.yaml": _EPIC, "epics/one.md": "# One\n\nOwner: team-a\n\n## Scope\n\nLogin.\n"},
    bad={"hardpoint.yaml": _EPIC, "epics/one.md": "# One\n\nOwner: TBD\n\n## Scope\n"},
)
def incomplete(subject: _OfKind, workspace: Workspace) -> Iterator[Finding]:
    file, kind = subject.file, subject.kind
    fields = fields_of(file, workspace)
    for name in kind.fields:
        said = fields.get(name_of(name))
        if said is None:
            yield incomplete.finding(
                Place(file, 1), f"the {kind.name} gives no {name}", remedy=f"Add it under the title: `{name}: …`"
            )
        elif said.unfilled:
            given = f"{said.value!r}" if said.value else "nothing"
            yield incomplete.finding(said.place, f"the {kind.name} gives {given} as its {name}", remedy="Fill it in")
    for title in kind.sections:
        found = list(sections_named(outline(file, workspace), title))
        if not found:
            yield incomplete.finding(
                Place(file, 1), f"the {kind.name} has no section {title!r}", remedy=f"Add it: `## {title}`"
            )
        elif not any(each.filled for each in found):
            yield incomplete.finding(
                Place(file, found[0].line), f"the section {title!r} is empty", remedy="Write it, or say why not"
            )
    said = fields.get("status")
    if kind.statuses and said and not said.unfilled and not _is_allowed(said.value, kind.statuses):
        known = ", ".join(kind.statuses)
        yield incomplete.finding(
            said.place,
            f"the {kind.name} has the status {said.value!r}{did_you_mean(said.value, kind.statuses)}",
            remedy=f"Known: {known}",
        )


def _is_allowed(written: str, statuses: tuple[str, ...]) -> bool:
    """Whether a status is one of those allowed, or begins with it: `superseded by 0012`."""
    said = written.casefold()
    return any(said == each.casefold() or said.startswith(f"{each.casefold()} ") for each in statuses)


def _owned(workspace: Workspace) -> list[str]:
    if not known_owners(workspace):
        return []
    return _with_fields(_OWNERS, mentioning(workspace, "owner"), workspace)


@rule(
    "DOC017",
    Severity.WARNING,
    over=_owned,
    title="A document's owner is nobody that the repository knows",
    why="Owners leave and teams are renamed; a document whose owner is gone has none.",
    good={"CODEOWNERS": "* @acme/team-a\n", "docs/ops.md": "# Operations\n\nOwner: team-a\n"},
    bad={"CODEOWNERS": "* @acme/team-a\n", "docs/ops.md": "# Operations\n\nOwner: team-b\n"},
)
def unknown_owner(document: str, workspace: Workspace) -> Iterator[Finding]:
    fields = fields_of(document, workspace)
    for said in (fields[name] for name in _OWNERS if name in fields):
        if said.unfilled:
            yield unknown_owner.finding(said.place, "the document has no owner yet", remedy="Name a team or a person")
            continue
        for owner in unknown(said.value, known_owners(workspace)):
            yield unknown_owner.finding(
                said.place,
                f"{owner} is in neither `services:`, CODEOWNERS nor catalog-info.yaml",
                remedy="Name who owns it now, or enter the owner there",
            )


def _reviewed(workspace: Workspace) -> list[str]:
    return _with_fields(_REVIEWS, mentioning(workspace, "review"), workspace)


def _with_fields(names: tuple[str, ...], files: list[str], workspace: Workspace) -> list[str]:
    return [file for file in files if not fields_of(file, workspace).keys().isdisjoint(names)]


@rule(
    "DOC018",
    Severity.WARNING,
    over=_reviewed,
    title="A document's review is overdue",
    why="Its owner promised to look at it by then; until somebody has, it may be true.",
    good={"docs/ops.md": "---\nreview_by: 2999-01-31\n---\n\n# Operations\n"},
    bad={"docs/ops.md": "---\nreview_by: 2020-01-31\n---\n\n# Operations\n"},
)
def overdue(document: str, workspace: Workspace) -> Iterator[Finding]:
    fields = fields_of(document, workspace)
    for said in (fields[name] for name in _REVIEWS if name in fields):
        if said.unfilled:
            continue
        if said.date is None:
            yield overdue.finding(
                said.place, f"{said.value!r} is no date", remedy="Write it as in 2026-03-31 (ISO 8601)"
            )
        elif said.date < workspace.now.date():
            days = (workspace.now.date() - said.date).days
            yield overdue.finding(
                said.place,
                f"the review was due on {said.date}, {days} day{'s' * (days != 1)} ago",
                remedy="Read it, repair it, and set the next date",
            )
