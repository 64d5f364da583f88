"""`hardpoint fix` and `hardpoint baseline`: what becomes of findings."""

from dataclasses import replace

import click

from hardpoint.faces.cli.ruleset import rules_named
from hardpoint.kernel.atomic import replace_file
from hardpoint.kernel.problem import Exit, ToolProblem, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb

_only = click.option("--rule", "rules", multiple=True, metavar="ID", help="Only this rule, or all that begin so (DOC).")


@verb("fix")
@_only
@click.option("--dry-run", is_flag=True, help="Print the patch and write nothing; exits 1 if there is one.")
def fix(context: Context, *, rules: tuple[str, ...], dry_run: bool) -> Result:
    """Repair what `hardpoint check` found, where the repair is certain.

    Files are written in place, and nothing is committed: `git diff` shows the repairs, and `git checkout` undoes them.
    """
    from hardpoint.kernel.check import run_rules
    from hardpoint.kernel.repair import repairs

    workspace = context.workspace
    if workspace.commit is None and not dry_run:
        raise UsageProblem(
            "There is no commit to go back to, so nothing is repaired in place",
            remedy="`hardpoint fix --dry-run --format text > repairs.patch`, or commit first.",
        )
    runs = run_rules(workspace, rules_named(context, rules), context.progress)
    found = [finding for run in runs for finding in run.findings]
    repaired = repairs(found, workspace)
    count = sum(len(each.findings) for each in repaired)
    if not dry_run and workspace.root is not None:
        for each in repaired:
            replace_file(workspace.root, each.file, each.after)
    counted = "1 repair" if count == 1 else f"{count} repairs"
    files = "1 file" if len(repaired) == 1 else f"{len(repaired)} files"
    said = f"{counted} in {files}" if count else "nothing can be repaired by itself"
    left = len(found) - count
    return Result(
        schema="fix/v1",
        headline=f"{said}; {left} finding{'s' * (left != 1)} left to people" if left else said,
        about={
            "written": not dry_run,
            "repairs": count,
            "left": left,
            "files": [each.file for each in repaired],
            "patch": "".join(each.patch for each in repaired) if dry_run else "",
        },
        detail="".join(each.patch for each in repaired) if dry_run else "\n".join(each.file for each in repaired),
        next_steps=("git diff",) if repaired and not dry_run else (),
        exit=Exit.FOUND if repaired and dry_run else Exit.OK,
    )


@verb("baseline")
@click.option("--grow", metavar="REASON", help="Take in findings that the baseline does not know yet, and say why.")
def baseline(context: Context, *, grow: str | None) -> Result:
    """Write down the findings of now as known debt, so that only new ones fail a check.

    The first run writes them all. Each later one only takes away what was repaired: debt may fall, and grows with
    --grow alone, whose REASON it keeps. Exits 1 if there are new ones that it did not take in.
    """
    from hardpoint.kernel.baseline import BASELINE_FILE, Growth, baseline_of, read_baseline
    from hardpoint.kernel.check import run_rules

    if grow is not None and not grow.strip():
        raise UsageProblem("The reason is empty", remedy="Say why the debt grows: it is kept in the baseline.")
    workspace = context.workspace
    root = workspace.root
    if root is None:
        raise UsageProblem("There is no folder to write a baseline to", remedy="Run it inside a repository.")
    runs = run_rules(workspace, rules_named(context, ()), context.progress)
    failed = [f"{run.rule}: {run.error}" for run in runs if run.error is not None]
    if failed:
        raise ToolProblem(
            f"A rule came to no result ({failed[0]}), so the debt is not known", remedy="Repair that first."
        )
    now = baseline_of(finding for run in runs for finding in run.findings)
    exists = BASELINE_FILE in workspace.paths
    before = workspace.derive(read_baseline) if exists else now
    more = now.beyond(before)
    new = sum(each.count for each in more)
    grown = (Growth(day=workspace.now.date().isoformat(), count=new, reason=grow.strip()),) if more and grow else ()
    kept = replace(now.without(more) if more and grow is None else now, grown=(*before.grown, *grown))
    is_changed = not exists or kept != before
    if is_changed:
        replace_file(root, BASELINE_FILE, kept.written())
    paid = before.count - kept.count if exists else 0
    said = [f"{kept.count} known finding{'s' * (kept.count != 1)}"]
    said += [f"{paid} fewer than before"] * (paid > 0)
    left = bool(more and grow is None)
    said += [f"{new} new {'one is' if new == 1 else 'ones are'} not taken in"] * left
    said += [f"{new} more than before: {grow}"] * bool(more and grow is not None)
    return Result(
        schema="baseline/v1",
        headline=f"{BASELINE_FILE}: {', '.join(said)}",
        about={"file": BASELINE_FILE, "known": kept.count, "new": new, "grown": grow},
        next_steps=(
            *[f"git add {BASELINE_FILE}"] * (is_changed and workspace.in_git),
            *['Repair what is new, or take it in: hardpoint baseline --grow "REASON"'] * left,
        ),
        exit=Exit.FOUND if left else Exit.OK,
    )
