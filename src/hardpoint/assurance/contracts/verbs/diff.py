"""`hardpoint contract diff`: what changed between two descriptions of one interface, and whether it breaks anybody."""

import gc
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb

if TYPE_CHECKING:
    from hardpoint.assurance.contracts.descriptions import Reported
    from hardpoint.assurance.contracts.ignores import Ignored

_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.NOTE}
_DAYS = click.IntRange(min=0, max=36_500)


@verb("contract", "diff")
@click.argument("base")
@click.argument("revision", required=False)
@click.option(
    "--revision-command",
    metavar="COMMAND",
    help="Run this, and take what it prints for the revision; no shell reads it.",
)
@click.option("--at", metavar="DATE", help="Judge sunset dates as of this day (2026-01-31); today if left out.")
@click.option(
    "--min-sunset-stable-days",
    type=_DAYS,
    default=0,
    help="The days that a deprecation has to leave of what is stable; with 0 it needs no sunset date.",
)
@click.option(
    "--min-sunset-beta-days", type=_DAYS, default=0, help="The days that a deprecation has to leave of what is beta."
)
@click.option(
    "--category",
    type=click.Choice(("wire", "wire-json", "package")),
    default="package",
    show_default=True,
    help="Protobuf: what is to go on working, the binary form, the JSON form too, or generated code too.",
)
@click.option("--err-ignore", type=click.Path(path_type=Path), help="An ignore file of oasdiff: breaks to set aside.")
def diff(
    context: Context,
    base: str,
    revision: str | None,
    *,
    revision_command: str | None,
    at: str | None,
    min_sunset_stable_days: int,
    min_sunset_beta_days: int,
    category: str,
    err_ignore: Path | None,
) -> Result:
    """Compare two descriptions of an interface: every change, with its rule, and whether it breaks consumers.

    BASE and REVISION are files, or REV:path from git (main:openapi.yaml): OpenAPI 3, AsyncAPI 2 or 3, or descriptor
    sets of Protobuf. An error breaks consumers, and the exit code is then 1; a warning may. No manifest is needed.
    Where the contract comes out of code, name the command that prints it instead of REVISION. Lines of --err-ignore
    are mapped to rules and operations, never compared as text; those that cannot be mapped, or are about nothing, are
    told.
    """
    from hardpoint.assurance.contracts.descriptions import changes_between
    from hardpoint.assurance.contracts.ignores import MAX_BYTES, read_ignores
    from hardpoint.assurance.contracts.lifecycle import Calendar
    from hardpoint.assurance.contracts.sides import printed_by, side_at

    if (revision is None) == (revision_command is None):
        raise UsageProblem(
            "A revision has to be compared with the base", remedy="Name REVISION, or --revision-command, and not both."
        )

    gc.disable()  # both documents are kept to the end: looking for garbage finds none
    calendar = Calendar(day_given(at) or context.clock().date(), min_sunset_stable_days, min_sunset_beta_days)
    before = side_at(base, context.folder)
    after = side_at(revision, context.folder) if revision else printed_by(revision_command or "", context.folder)
    found = changes_between(before, after, calendar, category)
    ignores = read_ignores(context.read(err_ignore, most=MAX_BYTES), str(err_ignore)) if err_ignore else []
    ignored = [each for each in found if any(line.covers(each) for line in ignores)]
    aside = {id(each) for each in ignored}
    changes = [each for each in found if id(each) not in aside]
    idle = [line for line in ignores if not any(line.covers(each) for each in ignored)]
    findings = [_finding(each, after.name) for each in changes] + [_idle(each, str(err_ignore)) for each in idle]
    counted = Counter(each.level.value for each in changes)
    breaks = bool(counted["error"])
    return Result(
        schema="contract-diff/v1",
        headline=f"{_headline(counted)}{f' ({len(ignored)} ignored)' if ignored else ''}",
        items={"findings": findings},
        about={
            "base": base,
            "revision": after.name,
            "at": calendar.today,
            "breaks": breaks,
            "counts": {level: counted[level] for level in _SEVERITIES},
            "changes": changes,
            "ignored": ignored,
            "idle_ignores": [{"line": each.line, "text": each.text, "mapped": each.is_mapped} for each in idle],
        },
        next_steps=("keep what consumers rely on, or release this as a new version beside the old one",)
        if breaks
        else (),
        exit=Exit.FOUND if breaks else Exit.OK,
    )


def day_given(at: str | None) -> date | None:
    """The day that `--at` names; None without it. Raises UsageProblem if it is none."""
    try:
        return date.fromisoformat(at) if at else None
    except ValueError as error:
        raise UsageProblem(f"{at!r} is no date", remedy="Write a date: 2026-01-31.") from error


def _headline(counted: Counter[str]) -> str:
    if not counted:
        return "Nothing changed"
    said = ", ".join(
        f"{counted[level]} {name}{'' if counted[level] == 1 else 's'}"
        for level, name in (("error", "breaking change"), ("warning", "warning"), ("info", "compatible change"))
        if counted[level]
    )
    return f"{'Breaks consumers' if counted['error'] else 'Breaks nobody'}: {said}"


def _idle(ignored: "Ignored", file: str) -> Finding:
    why = "is about nothing that breaks here" if ignored.is_mapped else "cannot be mapped to a rule and an operation"
    return Finding(
        rule="idle-ignore",
        severity=Severity.WARNING,
        place=Place(file, ignored.line),
        text=f"{ignored.text!r} {why}",
        remedy="Take it out, or name the rule's id in it: GET /orders [api-removed-without-deprecation]",
    )


def _finding(change: "Reported", file: str) -> Finding:
    operation = f"{change.method} {change.path}: " if change.path else ""
    others = f" (one of {change.uses} uses)" if change.uses > 1 else ""
    return Finding(
        rule=change.id,
        severity=_SEVERITIES[change.level.value],
        place=change.place or Place(file),
        text=f"{operation}{change.text}{others}",
        remedy=change.remedy,
    )
