"""`hardpoint contract coverage`: the share of the operations that matter which consumers' tests verify."""

from pathlib import Path

import click

from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit, ToolProblem, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb

TOP = 10


@verb("contract", "coverage")
@click.argument("name", required=False)
@click.option(
    "--traffic", "reports", multiple=True, type=click.Path(path_type=Path), help="A report of contract traffic (JSON)."
)
@click.option("--version", metavar="VERSION", help="Of which version of the provider; of this commit if left out.")
@click.option("--top", type=click.IntRange(1, 1000), default=TOP, show_default=True, help="How many ranks to look at.")
@click.option("--base", metavar="REV", help="The protected branch: trust is read from there.")
@click.option("--record", "keep", is_flag=True, help="Append the result to the record, as signed evidence.")
@identity_token_option
def coverage(
    context: Context,
    name: str | None,
    *,
    reports: tuple[Path, ...],
    version: str | None,
    top: int,
    base: str | None,
    keep: bool,
    identity_token: str | None,
) -> Result:
    """Rank the operations of contract NAME by criticality and use, and say which of them consumers' tests verify.

    What counts are the verifications in the record. Exits 1 if fewer of the critical operations are verified than
    `coverage` asks for; of a contract without any, the most used count. Exits 3 if there are neither.
    """
    from hardpoint.assurance.contracts.consumers.coverage import coverage_of
    from hardpoint.assurance.contracts.consumers.heard import heard
    from hardpoint.assurance.contracts.declared import (
        evidence_about,
        interface_named,
        interfaces,
        own_path,
        service_of,
    )
    from hardpoint.assurance.contracts.model import COVERAGE, VERIFICATION
    from hardpoint.assurance.contracts.sides import contract_at
    from hardpoint.assurance.contracts.usage import MAX_BYTES, read_traffic
    from hardpoint.kernel.evidence import Fact, drafted
    from hardpoint.kernel.hearing import believed

    if identity_token and not keep:
        raise UsageProblem("--identity-token is for what is recorded", remedy="Add --record.")
    context = context.at(base=base)
    workspace = context.workspace
    ours = [each for each in interfaces(workspace) if each.kind == "openapi"]
    if name is None and len(ours) != 1:
        names = ", ".join(each.name for each in ours)
        if not names:
            raise UsageProblem("No OpenAPI contract is declared", remedy="Declare it under `contracts:`.")
        raise UsageProblem("Which contract is not said", remedy=f"Name it: {names}")
    interface = interface_named(workspace, name) if name else ours[0]
    service, path = service_of(interface, workspace), own_path(interface, workspace)
    traffic = read_traffic((str(each), context.read(each, most=MAX_BYTES)) for each in reports)
    said = heard(context, {VERIFICATION.kind})
    newest = {
        (each.evidence.name, each.evidence.commit): each.evidence
        for each in sorted(said.evidence, key=believed)
        if each.evidence.service == service
    }
    counting = [
        each
        for each in newest.values()
        if (each.facts.get("provider_version") == version if version else each.commit == workspace.commit)
    ]
    commits = {each.commit for each in counting} if version else {workspace.commit}
    for lost in said.lost.get(service, ()):
        if lost.binding is None or lost.binding.commit in commits:
            raise ToolProblem(
                f"A verification of {service} is {lost.how} (entry {lost.entry}), and may have failed",
                remedy="Verify again: hardpoint contract verify --record",
            )
    contract = contract_at(path, workspace.root or context.folder)
    found = coverage_of(contract, interface.critical, traffic, counting, top)
    enough = found.population > 0 and found.percent >= interface.coverage
    findings = [
        Finding(
            rule="not-covered",
            severity=Severity.ERROR,
            place=Place(path),
            text=f"{named}: {why}",
            remedy="Verify a consumer's expectations of it: hardpoint contract verify --record",
        )
        for named, why in [
            *((each, "it is critical, and not in the contract") for each in found.missing),
            *((each.operation, "no consumer's test verifies it") for each in found.measured if not each.tested),
        ]
    ]
    facts: dict[str, Fact] = {
        "operations": len(found.operations),
        "measured": found.population,
        "tested": sum(each.tested for each in found.measured),
        "percent": round(found.percent, 2),
        "target": interface.coverage,
        "top": len(found.operations[:top]),
        "top_tested": sum(each.tested for each in found.operations[:top]),
        **({"violation_rate": traffic.violating / traffic.judged} if traffic and traffic.judged else {}),
    }
    entry = None
    if keep:
        ci = identity_token is not None
        evidence = evidence_about(interface, workspace, COVERAGE.kind, facts, findings, found.population, ci=ci)
        with context.record(identity_token) as record:
            entry = record.append(drafted(evidence)).index
    share = f"{facts['tested']} of {found.population} operations that matter are verified ({found.percent:.0f} %)"
    return Result(
        schema="contract-coverage/v1",
        headline=f"{interface.name}: {share}, {interface.coverage} % are asked for"
        if found.population
        else f"{interface.name}: not enough evidence: no operation is critical, and no traffic was given",
        about={
            "contract": interface.name,
            "verifications": len(counting),
            "operations": found.operations[:top],
            "missing": found.missing,
            "facts": facts,
            "entry": entry,
        },
        items={"findings": findings},
        detail="\n".join(
            f"{each.rank:3}. {each.operation}{' (critical)' if each.critical else ''}: "
            f"{'calls not known' if each.calls is None else f'{each.calls} calls'}, "
            f"{'verified' if each.tested else 'not verified'}"
            for each in found.operations[:top]
        ),
        exit=Exit.FAILED if not found.population else Exit.OK if enough else Exit.FOUND,
    )
