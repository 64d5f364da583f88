"""`hardpoint evidence run`: a command, how it ended, and what it wrote."""

import click

from hardpoint.assurance.reports.running import Ran, Task, run_task
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb


@verb("evidence", "run")
@click.argument("name")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND…")
@click.option(
    "--report", "reports", multiple=True, metavar="FILE", help="A report that it writes, or a pattern of them."
)
@click.option("--timeout", default="30m", show_default=True, metavar="TIME", help="How long it may take.")
@click.option("--service", metavar="NAME", help="Whom it is about, where the manifest declares several.")
@click.option("--environment", metavar="NAME", help="Where it looked: staging, production, …")
@identity_token_option
def run(
    context: Context,
    name: str,
    command: tuple[str, ...],
    *,
    reports: tuple[str, ...],
    timeout: str,
    service: str | None,
    environment: str | None,
    identity_token: str | None,
) -> Result:
    """Run COMMAND, and record as NAME how it ended, with the reports that it wrote.

    No shell reads the command. What it writes is shown on standard error; recorded are its words without their secrets,
    exit, duration and the digest of its output. Exits 0 if it ends with 0, 1 if it ends otherwise, and 3 if it cannot
    be started, does not end in time, is killed, or leaves a report unwritten or unreadable.
    """
    task = Task(name=name, argv=command, reports=reports, timeout=_duration(timeout))
    ran = run_task(context, task, service=service, environment=environment, identity_token=identity_token)
    return Result(
        schema="evidence-run/v1",
        headline=_headline(ran),
        about={
            "name": ran.name,
            "argv": ran.argv,
            "exit": ran.exit,
            "duration_s": ran.duration_s,
            "error": ran.error,
            "entry": ran.entry,
            "commit": context.workspace.commit,
            "dirty": ran.dirty,
        },
        items={"reports": ran.reports},
        next_steps=[each for applies, each in ((ran.dirty, _ONLY_LOCAL), (_unread(ran), _UNREAD)) if applies],
        exit=ran.outcome,
    )


_ONLY_LOCAL = "the working tree has uncommitted or untracked files, so this counts for a local verdict only"
_UNREAD = "let the command write its report anew each time, and name the file where it writes it"


def _headline(ran: Ran) -> str:
    ended = f"came to no result: {ran.error}" if ran.error else f"ended with {ran.exit} after {ran.duration_s:g} s"
    read = sum(report.kind is not None for report in ran.reports)
    reports = f", {read} of {len(ran.reports)} reports read" if ran.reports else ""
    entries = [ran.entry, *(report.entry for report in ran.reports if report.entry is not None)]
    where = f"entry {entries[0]}" if len(entries) == 1 else f"entries {', '.join(map(str, entries))}"
    return f"{ran.name} {ended}{reports}; recorded as {where}"


def _unread(ran: Ran) -> bool:
    return ran.error is None and ran.outcome is Exit.FAILED


def _duration(text: str) -> Duration:
    try:
        return Duration.parse(text)
    except ValueError as error:
        raise UsageProblem(f"--timeout: {error}", remedy="Write it as 90s, 15m or 2h.") from error
