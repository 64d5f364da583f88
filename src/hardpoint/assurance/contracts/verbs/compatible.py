"""`hardpoint contract compatible`: whether the newest version of a schema goes with those before it."""

from typing import TYPE_CHECKING

import click

from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hardpoint.assurance.contracts.evolution.compatibility import Incompatibility

_MODES = ("BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE")


@verb("contract", "compatible")
@click.argument("versions", nargs=-1, required=True, metavar="OLD... NEW")
@click.option(
    "--mode",
    type=click.Choice(_MODES, case_sensitive=False),
    default="BACKWARD",
    show_default=True,
    help="BACKWARD: the new one reads what the last one wrote; FORWARD: the other way; _TRANSITIVE: of all versions.",
)
@click.option(
    "--language", type=click.Choice(("avro", "json-schema", "protobuf")), help="What they are written in, if not told."
)
@click.option(
    "--declared-only",
    is_flag=True,
    help="JSON Schema: take it that nobody writes properties which the schema does not declare.",
)
@click.option(
    "--fail-on",
    type=click.Choice(("warning", "error")),
    default="warning",
    show_default=True,
    help="With `error`, what could not be shown either way passes.",
)
def compatible(
    context: Context,
    versions: tuple[str, ...],
    *,
    mode: str,
    language: str | None,
    declared_only: bool,
    fail_on: str,
) -> Result:
    """Say whether the newest version of a schema goes with those before it, the oldest first.

    Each is a file, or REV:path from git: Avro, JSON Schema, or a descriptor set of Protobuf. Exits 1 for what one side
    cannot read of the other, and for what could not be shown.
    """
    from hardpoint.assurance.contracts.evolution.compatibility import Mode
    from hardpoint.assurance.contracts.evolution.versions import Language, compared, language_of, place_of
    from hardpoint.assurance.contracts.sides import side_at

    if len(versions) == 1:
        raise UsageProblem("One version goes with itself", remedy="Name the older ones before it.")
    sides = [side_at(each, context.folder) for each in versions]
    spoken = {Language(language)} if language else {language_of(each) for each in sides}
    if len(spoken) > 1:
        names = " and ".join(sorted(spoken))
        raise UsageProblem(f"The versions are written in {names}", remedy="Name versions of one schema, or --language.")
    (tongue,) = spoken
    found = list(compared(sides, Mode(mode.upper()), tongue, declared_only=declared_only))
    by_name = {each.name: each for each in sides}
    certain = sum(each.obstacle.certain for each in found)
    return Result(
        schema="contract-compatible/v1",
        headline=_headline(mode.upper(), certain, len(found) - certain),
        items={
            "findings": [
                _finding(each, place_of(by_name[each.reader], tongue, each.obstacle.pointer)) for each in found
            ]
        },
        about={
            "mode": mode.upper(),
            "language": tongue.value,
            "versions": versions,
            "compatible": not found,
            "incompatibilities": found,
        },
        next_steps=_next_steps(found),
        exit=Exit.FOUND if certain or (found and fail_on == "warning") else Exit.OK,
    )


def _headline(mode: str, certain: int, unsure: int) -> str:
    if certain:
        return f"Not {mode} compatible: {certain} {'obstacle' if certain == 1 else 'obstacles'}" + (
            f", and {unsure} places that could not be compared" if unsure else ""
        )
    if unsure:
        return (
            f"Not shown to be {mode} compatible: {unsure} {'place' if unsure == 1 else 'places'} could not be compared"
        )
    return f"{mode} compatible"


def _finding(each: "Incompatibility", place: Place) -> Finding:
    where = each.obstacle.pointer or "/"
    return Finding(
        rule=each.obstacle.id,
        severity=Severity.ERROR if each.obstacle.certain else Severity.WARNING,
        place=place,
        text=f"{where}: {each.obstacle.text} (written with {each.writer})",
        remedy=each.obstacle.remedy,
    )


def _next_steps(found: "Sequence[Incompatibility]") -> tuple[str, ...]:
    opened = {"property-added-to-open-content-model", "content-model-closed"}
    if any(each.obstacle.id in opened for each in found):
        return ("if nobody writes what is not declared, say so: --declared-only",)
    return ()
