"""`hardpoint contract deprecations`: each operation on its way out, and what is next."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb

if TYPE_CHECKING:
    from hardpoint.assurance.contracts.deprecation import Ending
    from hardpoint.assurance.contracts.model import Interface
    from hardpoint.kernel.evidence import Fact


@verb("contract", "deprecations")
@click.argument("name", required=False)
@click.option("--against", metavar="FILE", help="What there was: a file, or REV:path; the newest release if left out.")
@click.option(
    "--traffic", "reports", multiple=True, type=click.Path(path_type=Path), help="A report of contract traffic (JSON)."
)
@click.option("--at", metavar="DATE", help="Judge as of this day (2026-01-31); today if left out.")
@click.option("--record", "keep", is_flag=True, help="Append the result to the record, as signed evidence.")
@identity_token_option
def deprecations(
    context: Context,
    name: str | None,
    *,
    against: str | None,
    reports: tuple[Path, ...],
    at: str | None,
    keep: bool,
    identity_token: str | None,
) -> Result:
    """List each deprecated operation: how far its end has come, the days left, its callers, and what is next.

    NAME is a contract of the manifest, the only one if left out, or a file. An operation that is gone has to have been
    deprecated, its sunset has to be over, and traffic has to show that nobody calls it; otherwise the exit is 1.
    """
    from hardpoint.assurance.contracts.deprecation import State, endings
    from hardpoint.assurance.contracts.sides import contract_at
    from hardpoint.assurance.contracts.usage import MAX_BYTES, read_traffic
    from hardpoint.assurance.contracts.verbs.diff import day_given

    if identity_token and not keep:
        raise UsageProblem("--identity-token is for what is recorded", remedy="Add --record.")
    if keep and at:
        raise UsageProblem("What is recorded is judged as of today", remedy="Leave out --at, or --record.")
    interface, path, folder = _chosen(context, name)
    if keep and interface is None:
        raise UsageProblem("What is recorded is of a declared contract", remedy="Declare it under `contracts:`.")
    today = day_given(at) or context.clock().date()
    traffic = read_traffic((str(each), context.read(each, most=MAX_BYTES)) for each in reports)
    contract = contract_at(path, folder)
    earlier = against or (_newest(interface, context) if interface else None)
    # What is named on the command line is found from where it is called, a release from the root.
    before = contract_at(earlier, context.folder if against else folder) if earlier else None
    found = list(endings(contract, before, traffic, today))
    counted = Counter(each.state for each in found)
    early = counted[State.REMOVED_EARLY]
    facts: dict[str, Fact] = {
        "deprecated": len(found) - counted[State.REMOVED] - early,
        "unannounced": counted[State.MARKED],
        "overdue": counted[State.SUNSET],
        **({"removed": counted[State.REMOVED] + early, "removed_early": early} if before else {}),
    }
    entry = None
    if keep and interface is not None:
        findings = tuple(_findings(found, path))
        entry = _record(context, interface, facts, findings, len(contract.operations), identity_token)
    return Result(
        schema="contract-deprecations/v1",
        headline=_headline(found, early),
        about={
            "contract": interface.name if interface else path,
            "at": today,
            "against": earlier,
            "operations": [each.row() for each in found],
            "facts": facts,
            "entry": entry,
        },
        items={"findings": list(_findings(found, path))},
        detail="\n".join(_lines(found)),
        next_steps=()
        if before
        else ("name what there was with --against: without it nobody looks for what was removed",),
        exit=Exit.FOUND if early else Exit.OK,
    )


def _chosen(context: Context, name: str | None) -> "tuple[Interface | None, str, Path]":
    """The interface if it is declared, its contract, and the folder that its path is relative to."""
    from hardpoint.assurance.contracts.declared import interface_named, interfaces, own_path

    if name is not None and (context.folder / name).is_file():
        return None, name, context.folder
    workspace = context.workspace
    ours = [each for each in interfaces(workspace) if each.kind == "openapi"]
    if name is None and len(ours) != 1:
        names = ", ".join(each.name for each in ours)
        if not names:
            raise UsageProblem(
                "No OpenAPI contract is declared", remedy="Name a file, or declare it under `contracts:`."
            )
        raise UsageProblem("Which contract is not said", remedy=f"Name a file, or one of: {names}")
    interface = interface_named(workspace, name) if name else ours[0]
    return interface, own_path(interface, workspace), workspace.root or context.folder


def _newest(interface: "Interface", context: Context) -> str | None:
    from hardpoint.assurance.contracts.releases import releases_in_window

    workspace = context.workspace
    if not workspace.in_git and not interface.releases.files:
        return None
    compared = releases_in_window(interface, workspace.root if workspace.in_git else None).compared
    return compared[0].contract if compared else None


def _headline(found: "list[Ending]", early: int) -> str:
    if early:
        return f"{early} operation{' was' if early == 1 else 's were'} removed early"
    return f"{len(found)} operation{' is' if len(found) == 1 else 's are'} on the way out" if found else "Nothing ends"


def _lines(found: "list[Ending]") -> Iterator[str]:
    for each in found:
        left = "" if each.days_left is None else f", {each.sunset} ({each.days_left} days left)"
        calls = "callers not known" if each.use is None else f"{each.use.count} calls"
        yield f"{each.operation}: {each.state.value}{left}, {calls}; next: {each.next}"


def _findings(found: "list[Ending]", path: str) -> Iterator[Finding]:
    from hardpoint.assurance.contracts.deprecation import State

    told = {
        State.REMOVED_EARLY: ("removed-early", Severity.ERROR),
        State.SUNSET: ("sunset-overdue", Severity.WARNING),
        State.MARKED: ("deprecation-unannounced", Severity.WARNING),
    }
    for each in found:
        if each.state in told:
            rule, severity = told[each.state]
            text = f"{each.operation}: {each.state.value}"
            yield Finding(rule=rule, severity=severity, place=each.place or Place(path), text=text, remedy=each.next)


def _record(
    context: Context,
    interface: "Interface",
    facts: "dict[str, Fact]",
    findings: tuple[Finding, ...],
    population: int,
    identity_token: str | None,
) -> int:
    from hardpoint.assurance.contracts.declared import evidence_about
    from hardpoint.assurance.contracts.model import DEPRECATIONS
    from hardpoint.kernel.evidence import drafted

    evidence = evidence_about(
        interface, context.workspace, DEPRECATIONS.kind, facts, findings, population, ci=identity_token is not None
    )
    with context.record(identity_token) as record:
        return record.append(drafted(evidence)).index
