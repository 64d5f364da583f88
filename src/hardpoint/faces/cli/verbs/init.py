"""`hardpoint init`: what a repository has, and the first files of its promises."""

import sys

import click

from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb


@verb("init")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option(
    "--ci", "host", type=click.Choice(("github", "gitlab")), help="Write the pipeline that asks the gate, too."
)
@click.option("--strict", is_flag=True, help="Write scripts/ci-strict, too: lint, types, tests and build, strictly.")
@click.option(
    "--gate",
    "gates",
    multiple=True,
    type=click.Choice(("merge", "production")),
    help="With this starter gate in full instead of the short gates.",
)
def init(context: Context, *, yes: bool, host: str | None, strict: bool, gates: tuple[str, ...]) -> Result:
    """Say what the repository that you stand in has, and write its first hardpoint.yaml.

    Reads, executes nothing, sends nothing, and only adds files: hardpoint.yaml, and hardpoint.baseline.json with what
    is found now, so that the gate `merge` closes for what gets worse. On a terminal it shows what it would write and
    asks once; without one, or with --yes, it writes. Where there is a manifest, it is left as it is, and --gate prints
    the gates to put under `gates:`.
    """
    import os

    from hardpoint.faces.cli.ruleset import rules_named
    from hardpoint.faces.cli.survey.declaration import starter_gates
    from hardpoint.faces.cli.survey.plan import circumstances, ignored, plan, refuse_what_is_none, write
    from hardpoint.faces.cli.survey.sheet import data, lines
    from hardpoint.faces.forms.characters import one_line
    from hardpoint.kernel.manifest import MANIFEST_FILE

    workspace = context.workspace
    refuse_what_is_none(workspace, context.folder)
    root = workspace.root
    assert root is not None
    if not os.access(root, os.W_OK):
        raise UsageProblem(
            f"{root} cannot be written to", remedy="`hardpoint assess` says the same and writes nothing."
        )
    planned = plan(
        workspace,
        rules_named(context, ()),
        context.clock(),
        gates=gates,
        host=host,
        strict=strict,
        progress=context.progress,
    )
    notes = [*circumstances(workspace), *planned.notes]
    is_first = MANIFEST_FILE in planned.files
    told = [*lines(planned.found, planned.assessment, notes, is_known=is_first)]
    if planned.files and not yes and sys.stdin.isatty():
        previews = (line for name, text in _worth(planned.files) for line in ("", name, *text.decode().split("\n")))
        for line in (*told, *previews):
            click.echo(one_line(line), err=True)
        click.confirm(f"Write {', '.join(planned.files)}?", default=True, abort=True, err=True)
    write(root, planned.files)
    unseen = [
        f"take {file} out of .gitignore: git hides it, and so no check sees it" for file in ignored(root, planned.files)
    ]
    name = planned.found.services.services[0].name
    written = f"Wrote {', '.join(planned.files)} for {name}"
    there = f"{', '.join(planned.there)} {'is' if len(planned.there) == 1 else 'are'} there already"
    unchanged = f"{there}; nothing was changed"
    printed = [f"\nTo put under `gates:`\n\n{starter_gates(planned.found, gates, context.clock())}"] if gates else []
    return Result(
        schema="init/v1",
        headline=written if planned.files else unchanged,
        about={
            **data(planned.found, planned.assessment, notes),
            "written": [*planned.files],
            "there": list(planned.there),
        },
        detail="\n".join([*told, *([] if is_first else printed)]),
        next_steps=_next(
            is_first=is_first, commits=workspace.in_git, by_hand=[*planned.by_hand, *unseen], files=[*planned.files]
        ),
    )


def _worth(files: dict[str, bytes]) -> list[tuple[str, bytes]]:
    """The files that a person would read before saying yes: not the list of findings."""
    from hardpoint.kernel.baseline import BASELINE_FILE

    return [(name, content) for name, content in files.items() if name != BASELINE_FILE]


def _next(*, is_first: bool, commits: bool, by_hand: list[str], files: list[str]) -> list[str]:
    if not is_first:
        return [*by_hand, "hardpoint gate", "hardpoint assess"]
    commit = f"git add {' '.join(files)} && git commit -m 'declare what we promise'"
    return [*by_hand, "hardpoint gate", *[commit] * commits]
