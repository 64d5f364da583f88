"""`hardpoint upgrade`: judge by the newest rules, once it is known what they find."""

import sys

import click

from hardpoint.kernel.problem import Exit
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb


@verb("upgrade")
@click.option(
    "--dry-run", is_flag=True, help="Say what would change and write nothing; exits 1 if something would fail."
)
@click.option("--yes", is_flag=True, help="Write without asking.")
def upgrade(context: Context, *, dry_run: bool, yes: bool) -> Result:
    """Raise `ruleset` in hardpoint.yaml to the newest, and say what its rules find that yours do not look for.

    Only that one number is written, and nothing is committed. What the newer rules find is new: repair it, or take it
    into the baseline with a reason. On a terminal it shows what changes and asks once.
    """
    from hardpoint.faces.cli.ruleset import rules_named
    from hardpoint.faces.cli.survey.upgrade import change_by, raised
    from hardpoint.kernel import ruleset
    from hardpoint.kernel.atomic import replace_file
    from hardpoint.kernel.manifest import MANIFEST_FILE
    from hardpoint.kernel.problem import UsageProblem

    workspace, newest = context.workspace, ruleset.NEWEST
    if not workspace.manifest.exists:
        raise UsageProblem(f"There is no {MANIFEST_FILE}, so no ruleset is pinned", remedy="hardpoint init")
    number = workspace.manifest[ruleset.RULESET]
    about = {"pinned": number, "newest": newest, "written": False}
    if number is None:
        return Result(
            schema="upgrade/v1",
            headline=f"no ruleset is pinned, so the newest judges already: {newest}",
            about=about,
            items={"rules": (), "findings": ()},
            next_steps=(
                f"write `ruleset: {newest}` into {MANIFEST_FILE}, so that no release turns a build red by itself",
            ),
        )
    if ruleset.pinned(workspace) == newest:
        return Result(
            schema="upgrade/v1",
            headline=f"ruleset {newest} is the newest, and it is pinned: nothing would change",
            about=about,
            items={"rules": (), "findings": ()},
        )
    change = change_by(workspace, rules_named(context, ()), number, newest, context.progress)
    found = len(change.findings)
    said = f"{len(change.rules)} newer rule{'s' * (len(change.rules) != 1)} find{'s' * (len(change.rules) == 1)} "
    said += f"{found} new, {change.failing} of them errors" if found else "nothing new here"
    if not dry_run:
        content = raised(workspace, newest)
        if not yes and sys.stdin.isatty():
            click.confirm(f"{said}. Raise ruleset {number} to {newest}?", default=True, abort=True, err=True)
        assert workspace.root is not None
        replace_file(workspace.root, MANIFEST_FILE, content)
    to_do = (f'hardpoint baseline --grow "ruleset {newest}"', "or repair what is listed") if found else ()
    return Result(
        schema="upgrade/v1",
        headline=f"ruleset {number} to {newest}{' (nothing is written)' if dry_run else ''}: {said}",
        about={**about, "written": not dry_run},
        items={"rules": change.rules, "findings": change.findings},
        next_steps=(("hardpoint upgrade", *to_do) if dry_run else ("git diff", *to_do)),
        exit=Exit.FOUND if dry_run and change.failing else Exit.OK,
    )
