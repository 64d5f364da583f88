"""`hardpoint contract deployed` and `contract can-deploy`: what runs where, and whether a version may join it."""

import click

from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb


@verb("contract", "deployed")
@click.argument("service")
@click.argument("version", required=False)
@click.option("--in", "environment", required=True, metavar="ENV", help="Where it runs: staging, production, …")
@click.option("--gone", is_flag=True, help="No version of it runs there.")
@identity_token_option
def deployed(
    context: Context,
    service: str,
    version: str | None,
    *,
    environment: str,
    gone: bool,
    identity_token: str | None,
) -> Result:
    """Record which VERSION of SERVICE runs in an environment, for `contract can-deploy` to go by."""
    from hardpoint.assurance.contracts.consumers.deployability import GONE, deployment
    from hardpoint.kernel.clock import format_instant
    from hardpoint.kernel.evidence import drafted

    if (version is None) != gone or version == GONE:
        raise UsageProblem("Either a version runs there or none does", remedy="Name the version, or say --gone.")
    at = format_instant(context.clock())
    evidence = deployment(service, version or GONE, environment, at, ci=identity_token is not None)
    with context.record(identity_token) as record:
        entry = record.append(drafted(evidence)).index
    runs = f"{service} {version} runs" if version else f"{service} does not run"
    return Result(
        schema="contract-deployed/v1",
        headline=f"{runs} in {environment}; recorded as entry {entry}",
        about={"service": service, "version": version, "environment": environment, "entry": entry},
    )


@verb("contract", "can-deploy")
@click.argument("service")
@click.argument("version")
@click.option("--to", "environment", required=True, metavar="ENV", help="Where it is to run.")
@click.option("--base", metavar="REV", help="The protected branch: trust is read from there.")
def can_deploy(context: Context, service: str, version: str, *, environment: str, base: str | None) -> Result:
    """Say from the record whether VERSION of SERVICE works with every consumer and provider that runs in ENV.

    Each pair of versions has to be verified (`contract verify --record`), and it has to be known what runs there
    (`contract deployed`). What is not known is not enough evidence, and the answer is no. Exits 0 for yes, 1 for no.
    """
    from hardpoint.assurance.contracts.consumers.deployability import DEPLOYMENT, Known, Party, pairings
    from hardpoint.assurance.contracts.consumers.heard import heard
    from hardpoint.assurance.contracts.declared import declared_pairs
    from hardpoint.assurance.contracts.model import VERIFICATION

    context = context.at(base=base)
    known = Known.of(heard(context, {VERIFICATION.kind, DEPLOYMENT}))
    found = pairings(Party(service, version), environment, known, declared_pairs(context.workspace))
    no = [each for each in found if not each.holds]
    answer = "yes" if found and not no else "no"
    if not found:
        reason = f"not enough evidence: nobody recorded or declared who meets {service}"
    elif no:
        few = any(each.holds is None for each in no) and not any(each.holds is False for each in no)
        reason = f"{'not enough evidence: ' if few else ''}{no[0].why}"
    else:
        reason = f"it works with {len(found)} of {len(found)} that run there"
    return Result(
        schema="contract-can-deploy/v1",
        headline=f"{answer.capitalize()}: {service} {version} to {environment}: {reason}",
        about={
            "service": service,
            "version": version,
            "environment": environment,
            "answer": answer,
            "local": context.base is None,
            "pairings": [
                {
                    "consumer": {"name": each.consumer.service, "version": each.consumer.version},
                    "provider": {"name": each.provider.service, "version": each.provider.version},
                    "verdict": {True: "yes", False: "no", None: "not enough evidence"}[each.holds],
                    "why": each.why,
                    "entry": each.entry,
                }
                for each in found
            ],
        },
        items={
            "findings": [
                Finding(
                    rule="cannot-deploy",
                    severity=Severity.ERROR,
                    place=Place(f"{each.consumer.service} with {each.provider.service}"),
                    text=each.why if each.holds is False else f"not enough evidence: {each.why}",
                    remedy="hardpoint contract verify --record, or hardpoint contract deployed, for what is missing",
                )
                for each in no
            ]
        },
        exit=Exit.OK if answer == "yes" else Exit.FOUND,
    )
