"""`hardpoint assess`: a baseline assessment of a repository, each statement with its proof."""

from pathlib import Path

import click

from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb


@verb("assess")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def assess(context: Context, folder: Path | None) -> Result:
    """Say what a repository has, what of it is strong and where the gaps are, the cheapest to close first.

    Each statement cites the file or the command that proves it. Reads, executes nothing, writes nothing, and needs no
    manifest. Minutes are rough: they order the gaps. Findings that a baseline knows are gaps all the same.
    """
    from hardpoint.faces.cli.ruleset import rules_named
    from hardpoint.faces.cli.survey.assessment import assess as assessed
    from hardpoint.faces.cli.survey.assessment import counted
    from hardpoint.faces.cli.survey.inventory import take
    from hardpoint.faces.cli.survey.plan import circumstances, refuse_what_is_none
    from hardpoint.faces.cli.survey.sheet import data

    context = context.at(folder)
    workspace = context.workspace
    refuse_what_is_none(workspace, context.folder)
    found = take(workspace)
    assessment = assessed(workspace, found, rules_named(context, ()), context.progress)
    notes = circumstances(workspace)
    said = data(found, assessment, notes)
    shares = ", ".join(f"{each.name} {each.percent} %" for each in found.languages)
    named = [f"languages: {shares}"] if shares else []
    strong, weak = len(assessment.strengths), len(assessment.gaps)
    return Result(
        schema="assessment/v1",
        headline=f"{said['service']}: {counted(strong, 'strength')}, {counted(weak, 'gap')}",
        items={"inventory": assessment.inventory, "strengths": assessment.strengths, "gaps": assessment.gaps},
        about={
            "commit": workspace.commit,
            "dirty": workspace.dirty,
            **{key: said[key] for key in ("service", "services", "languages", "debt", "notes")},
        },
        detail="\n".join([*named, *(f"note: {note}" for note in (*notes, *assessment.notes))]),
        next_steps=() if workspace.has_manifest else ("hardpoint init",),
    )
