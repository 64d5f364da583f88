"""Changes: that documents change with the code that they describe, and that what is new comes with its documents."""

from collections.abc import Iterator

from hardpoint.assurance.documents.coupling import (
    TRAILER,
    Covering,
    additions,
    changed_alone,
    coverings,
    is_exempt,
    missing,
)
from hardpoint.assurance.documents.model import DOCUMENTS, Done
from hardpoint.assurance.documents.patterns import matching
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace

_EXEMPT = f"say why not in the commit message: `{TRAILER}: REASON`"


def _coverings_of_a_change(workspace: Workspace) -> list[Covering]:
    found = coverings(workspace)
    return found if found and workspace.change is not None else []


_BILLING = "# Billing\n\n<!-- hardpoint: covers src/billing/** -->\n"


@rule(
    "DOC019",
    Severity.ERROR,
    over=_coverings_of_a_change,
    title="Code changed without the document that describes it",
    why="The best moment to correct a document is the change that makes it wrong: everybody knows why, once.",
    before={"docs/billing.md": _BILLING, "src/billing/tax.py": "RATE = 19\n"},
    good={"docs/billing.md": f"{_BILLING}\nThe rate is 20.\n", "src/billing/tax.py": "RATE = 20\n"},
    bad={"docs/billing.md": _BILLING, "src/billing/tax.py": "RATE = 20\n"},
)
def changed_without_document(covering: Covering, workspace: Workspace) -> Iterator[Finding]:
    change = workspace.change
    assert change is not None
    alone = changed_alone(covering, change)
    if alone:
        more = f" and {len(alone) - 1} more" if len(alone) > 1 else ""
        described = " or ".join(each.lstrip("/") for each in covering.documents)
        yield changed_without_document.finding(
            covering.place,
            f"{alone[0]}{more} changed since {change.base}, and {described} did not",
            remedy=f"Bring it up to date, or {_EXEMPT}",
        )


def _coverings_with_code(workspace: Workspace) -> list[Covering]:
    return coverings(workspace)


@rule(
    "DOC030",
    Severity.WARNING,
    over=_coverings_with_code,
    title="A document covers code that is not there",
    why="The coupling looks like a guard, and can never fire.",
    good={"docs/billing.md": _BILLING, "src/billing/tax.py": "RATE = 19\n"},
    bad={"docs/billing.md": _BILLING, "src/bills/tax.py": "RATE = 19\n"},
)
def covers_nothing(covering: Covering, workspace: Workspace) -> Iterator[Finding]:
    for pattern in covering.code:
        if not pattern.startswith("!") and not matching([pattern], workspace.files):
            yield covers_nothing.finding(
                covering.place, f"{pattern} matches no file", remedy="Name where the code is now, or drop it"
            )


def _done(workspace: Workspace) -> list[Done]:
    declared = workspace.manifest[DOCUMENTS].done
    return list(declared) if declared and workspace.change is not None else []


_DONE = "version: 1\ndocuments:\n  done: [{adds: alert, brings: [docs/runbooks/]}]\n"
_ALERTS = "groups:\n  - name: api\n    rules:\n      - alert: ApiDown\n        expr: up == 0\n"


@rule(
    "DOC021",
    Severity.ERROR,
    over=_done,
    title="Something new comes without its documents",
    why="The definition of done is kept while the author still knows what to write, or it is not kept.",
    before={"hardpoint.yaml": _DONE},
    good={"hardpoint.yaml": _DONE, "alerts.yml": _ALERTS, "docs/runbooks/api-down.md": "# ApiDown\n"},
    bad={"hardpoint.yaml": _DONE, "alerts.yml": _ALERTS},
)
def not_done(done: Done, workspace: Workspace) -> Iterator[Finding]:
    change = workspace.change
    assert change is not None
    lacking = missing(done, change)
    new = [each for each in additions(done, workspace, change) if not is_exempt(each.file, change)]
    if not lacking or not new:
        return
    at = workspace.manifest[DOCUMENTS].done.index(done)
    named = ", ".join(each.name for each in new[:3]) + (f" and {len(new) - 3} more" if len(new) > 3 else "")  # noqa: PLR2004
    yield not_done.finding(
        workspace.manifest.place(DOCUMENTS.key, "done", at),
        f"the change adds the {done.adds} {named} ({new[0].file}), and no document that matches {', '.join(lacking)}",
        remedy=f"Write it, or {_EXEMPT}",
    )
