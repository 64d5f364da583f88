"""`hardpoint docs …`: documents on their own, without a manifest, a repository or a record."""

import gc
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hardpoint.kernel.capability import Capability, Storey
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb

if TYPE_CHECKING:
    from hardpoint.kernel.rule import Rule
    from hardpoint.kernel.workspace import Workspace

_OTHER = (".rst", ".adoc", ".asciidoc")
"""The endings of documents that are not Markdown."""
_THIS = Capability("documents", Storey.ASSURANCE, "")


@verb("docs", "check")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--against", metavar="REV", help="Judge the change since this commit, branch or tag.")
@click.option("--external", is_flag=True, help="Ask other hosts too, politely: what does not answer is a note.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.ERROR.value,
    show_default=True,
    help="The mildest finding that makes the exit code 1.",
)
def check(context: Context, path: Path | None, *, against: str | None, external: bool, fail_on: str) -> Result:
    """Check that documents hold, and that their pointers do.

    PATH is a folder or a document; where pointers lead is judged in the whole repository around it. Needs no manifest,
    and outside of a repository a folder will do. Findings that the baseline knows are left out. Exits 1 for findings at
    or above --fail-on, with --against only for new ones, and 3 if a rule could not come to a result. With --against,
    documents that have to change with code are judged too. With HARDPOINT_BASE, known is what that branch's baseline
    knows too.
    """
    context = context.at(against=against)
    workspace, scope = _opened(context.folder / (path or ""))
    documents, all_findings, errors = _judged(workspace, context)
    findings = [finding for finding in all_findings if _within(finding.place.file, scope)]
    examined = sum(1 for document in documents if _within(document, scope))
    other = sum(1 for file in workspace.files if file.lower().endswith(_OTHER) and _within(file, scope))
    if against is not None:
        findings = _new(findings, _declared(workspace, context), against)
    if external:
        from hardpoint.assurance.documents.external import unreachable

        findings += [
            each
            for each in unreachable(_declared(workspace, context), context.clock)
            if _within(each.place.file, scope)
        ]
    failing = [finding for finding in findings if finding.severity >= Severity(fail_on)]
    counts = Counter(finding.severity for finding in findings)
    return Result(
        schema="docs-check/v1",
        headline=_headline(counts, examined, errors, against) + _beside(other),
        about={
            "path": scope or ".",
            "against": against,
            "documents": examined,
            "not_read": other,
            "counts": {severity.value: counts[severity] for severity in reversed(Severity)},
            "errors": errors,
        },
        items={"findings": findings},
        exit=Exit.FAILED if errors else Exit.FOUND if failing else Exit.OK,
        root=workspace.root,
    )


def _opened(at: Path) -> "tuple[Workspace, str]":
    """The repository around a path, and the path in it."""
    from hardpoint.kernel.workspace import Workspace

    if not at.exists():
        raise UsageProblem(f"{str(at)!r} does not exist", remedy="Name a folder or a document.")
    workspace = Workspace.open(at if at.is_dir() else at.parent, looks_for_changes=False)
    assert workspace.root is not None
    scope = at.resolve().relative_to(workspace.root.resolve()).as_posix()
    return workspace, "" if scope == "." else scope


def _declared(workspace: "Workspace", context: Context) -> "Workspace":
    """The workspace with what its manifest declares, which an answer that is known does not need."""
    from hardpoint.assurance.documents.model import DOCUMENTS
    from hardpoint.kernel.workspace import Workspace

    assert workspace.root is not None
    if workspace.has_manifest:  # its other sections are known to other capabilities, which are slow to load
        return context.open_workspace(workspace.root)
    return Workspace.open(
        workspace.root,
        [DOCUMENTS],
        looks_for_changes=False,
        against=context.against,
        now=context.clock(),
        progress=context.progress,
    )


def document_rules() -> "list[Rule[Any]]":
    """The rules of this capability, by their ids."""
    from hardpoint.kernel.rule import Rule

    return sorted(_THIS.objects("rules", Rule), key=lambda each: each.id)


def _judged(workspace: "Workspace", context: Context) -> tuple[Sequence[str], Sequence[Finding], Sequence[str]]:
    """The documents of a workspace, what is found of them, and which rules came to no result."""
    from hardpoint.assurance.documents.answers import Answers

    answers = Answers(workspace, context.clock)
    if context.against is None and (known := answers.known()) is not None:
        return known.documents, known.findings, ()
    from hardpoint.assurance.documents.corpus import documents
    from hardpoint.kernel.check import run_rules, worst_first

    workspace = _declared(workspace, context)
    gc.disable()  # what is read of documents is all kept to the end: looking for garbage finds none
    base = None if context.base is None else workspace.at(context.base)
    runs = run_rules(workspace, document_rules(), context.progress, base=base)
    gc.enable()
    files = [document.file for document in documents(workspace)]
    findings = worst_first([replace(run, findings=run.new) for run in runs])
    errors = [f"{run.rule} came to no result: {run.error}" for run in runs if run.error is not None]
    if not errors and context.against is None:  # an answer is of a tree, not of a change
        answers.keep(files, findings)
    return files, findings, errors


def _within(file: str, scope: str) -> bool:
    return not scope or file == scope or file.startswith(f"{scope}/")


def _new(findings: Sequence[Finding], workspace: "Workspace", revision: str) -> list[Finding]:
    """The findings that a commit does not have: of another rule, in another document, or of another target."""
    from hardpoint.kernel.check import run_rules, worst_first

    before = workspace.at(revision)
    known = {_identity(finding) for finding in worst_first(run_rules(before, document_rules()))}
    return [finding for finding in findings if _identity(finding) not in known]


def _identity(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.place.file, finding.text


def _beside(not_read: int) -> str:
    """What is said of documents in other formats, so that nobody takes them for checked."""
    if not not_read:
        return ""
    are = "documents in reStructuredText or AsciiDoc are" if not_read > 1 else "document in another format is"
    return f"; {not_read} {are} not read"


def _headline(counts: Counter[Severity], documents: int, errors: Sequence[str], against: str | None) -> str:
    if errors:
        return "; ".join(errors)
    if not documents:
        return "there are no documents to check"
    parts = [f"{counts[each]} {each.value}{'s' * (counts[each] != 1)}" for each in reversed(Severity) if counts[each]]
    said = ", ".join(parts) or "nothing found"
    new = f" that {'is' if sum(counts.values()) == 1 else 'are'} new since {against}" if against and parts else ""
    return f"{said}{new} in {documents} document{'s' * (documents != 1)}"
