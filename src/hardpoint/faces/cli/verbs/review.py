"""`hardpoint review`: the one verdict on a change."""

import click

from hardpoint.faces.cli.ruleset import rules_named
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import BASE_SETTING, Context, verb


@verb("review")
@click.option("--against", metavar="REV", help="What the change is to be merged into; by default HARDPOINT_BASE.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.ERROR.value,
    show_default=True,
    help="The mildest new finding that makes it NO-GO.",
)
@click.option(
    "--comment",
    type=click.Choice(("github", "gitlab")),
    help="Also say it in one comment of the pull or merge request, with `gh` or `glab`.",
)
def review(context: Context, *, against: str | None, fail_on: str, comment: str | None) -> Result:
    """Say GO or NO-GO to the change that you stand in.

    Judges the working tree beside the commit at which it left --against: findings that are new, documents that had to
    change with code, decisions that collide, tolerance that was added, and the default gate as far as the record and
    the rules know. Needs no manifest, records nothing and executes nothing.

    Exits 1 for a new finding at or above --fail-on, for tolerance without a reason (a comment beside it, `hardpoint:
    allow ID -- why`; for less in the manifest, `Tolerated: why` in the commit message), and for a gate that this change
    makes fail; 3 if a rule came to no result. What the record has no evidence for is told, and is never a GO.

    A comment that cannot be written is told, and changes nothing.
    """
    from hardpoint.faces.cli.review.comment import request_of, say
    from hardpoint.faces.cli.review.judged import review as judged

    revision = against or context.base
    if revision is None:
        raise UsageProblem(
            "A change needs something to be compared with",
            remedy=f"Name what it is to be merged into: --against origin/main, or {BASE_SETTING}.",
        )
    context = context.at(base=context.base or revision, against=revision)
    request = request_of(comment) if comment else None
    found = judged(context, rules_named(context, ()), revision, Severity(fail_on))
    said = say(request, found, context.folder) if request else None
    steps = [
        *[f"why: the manifest at {revision} cannot be used, so every finding counts as new"]
        * (not found.has_base_manifest),
        *[f"hardpoint check --against {revision} shows what is known, too"] * bool(found.findings and found.known),
        *([f"the comment was not written: {said.why}"] if said and said.why else []),
    ]
    return Result(
        schema="review/v1",
        headline=found.headline,
        about={
            "answer": found.answer,
            "against": found.against,
            "base": found.base,
            "commit": found.commit,
            "dirty": context.workspace.dirty,
            "touched": found.touched,
            "repaired": found.repaired,
            "known": found.known,
            "sections": found.sections,
            "errors": found.errors,
            "comment": said,
        },
        items={
            "findings": found.findings,
            "tolerances": found.tolerances,
            "gates": found.gates,
            "would_become": found.would_become,
        },
        next_steps=steps,
        exit=found.exit,
    )
