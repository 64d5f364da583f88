"""The checks that block: each is run and recorded, and one that does not pass decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from hardpoint.assurance.reports.model import BLOCKING, BlockingCheck, named_twice
from hardpoint.assurance.reports.running import Ran, Task, run_task
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.rooms.cli import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One check in the table: how it went, and the entry that says so."""

    name: str
    outcome: str
    exit: int | None
    duration_s: float
    reports: int
    entry: int
    why: str


def declared_checks(context: Context) -> Sequence[BlockingCheck]:
    """The checks to run: those of the base, where it has some, so that a change does not weaken them.

    Raises UsageProblem if there is none, or two have one name.
    """
    checks = context.governing.manifest[BLOCKING] or context.workspace.manifest[BLOCKING]
    if not checks:
        raise UsageProblem("hardpoint.yaml declares no blocking checks", remedy="Add some under `blocking:`.")
    twice = named_twice(checks)
    if twice:
        raise UsageProblem(f"Two blocking checks are named {twice!r}", remedy="Rename one of them.")
    return checks


def would_become(context: Context) -> Sequence[str]:
    """What the working tree declares otherwise than its base: it counts once it is merged."""
    if context.protected is None or not context.protected.manifest[BLOCKING]:
        return ()
    now = {check.name: check for check in context.protected.manifest[BLOCKING]}
    then = {check.name: check for check in context.workspace.manifest[BLOCKING]}
    changed = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
    return [f"blocking check {name}: changed here, and run as {context.base} declares it" for name in changed]


def run_checks(
    context: Context,
    checks: Sequence[BlockingCheck],
    *,
    service: str | None,
    identity_token: str | None,
    fail_on: Severity,
) -> list[Ran]:
    """Run every check from the repository's root, whatever the others say."""
    root = context.workspace.root or context.folder
    return [
        run_task(
            context,
            Task(name=check.name, argv=check.run, reports=check.reports, timeout=check.timeout),
            service=service,
            identity_token=identity_token,
            fail_on=fail_on,
            folder=root,
        )
        for check in checks
    ]


def rows(runs: Sequence[Ran]) -> list[Row]:
    """The table."""
    return [
        Row(
            name=run.name,
            outcome=_outcome(run),
            exit=run.exit,
            duration_s=run.duration_s,
            reports=len(run.reports),
            entry=run.entry,
            why=run.why_not,
        )
        for run in runs
    ]


def headline_of(runs: Sequence[Ran]) -> str:
    """How many pass, and which do not."""
    blocked = [run.name for run in runs if run.why_not]
    return f"{len(runs) - len(blocked)} of {len(runs)} blocking checks pass" + (
        f", not {', '.join(blocked)}" if blocked else ""
    )


def exit_of(runs: Sequence[Ran]) -> Exit:
    """3 if one came to no result, else 1 if one does not pass."""
    if any(run.outcome is Exit.FAILED for run in runs):
        return Exit.FAILED
    return Exit.FOUND if any(run.why_not for run in runs) else Exit.OK


def _outcome(run: Ran) -> str:
    return "error" if run.outcome is Exit.FAILED else "fail" if run.why_not else "pass"
