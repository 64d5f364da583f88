"""`hardpoint contract verify`: what consumers expect, asked of a provider build over HTTP."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb

if TYPE_CHECKING:
    from hardpoint.assurance.contracts.consumers.verification import Verification


@verb("contract", "verify")
@click.argument("files", nargs=-1, required=True, metavar="PACT…", type=click.Path(path_type=Path))
@click.option("--provider", "url", required=True, metavar="URL", help="Where the provider build answers.")
@click.option("--states", metavar="URL", help="What puts the provider into a state, as Pact's verifier asks for it.")
@click.option("--consumer-version", metavar="VERSION", help="Which version of the consumers expects that.")
@click.option("--provider-version", metavar="VERSION", help="Which version of the provider answers.")
@click.option("--record", "keep", is_flag=True, help="Append the result to the record, as signed evidence.")
@click.option("--service", metavar="NAME", help="The provider in the manifest, where that declares several.")
@identity_token_option
def verify(
    context: Context,
    files: tuple[Path, ...],
    *,
    url: str,
    states: str | None,
    consumer_version: str | None,
    provider_version: str | None,
    keep: bool,
    service: str | None,
    identity_token: str | None,
) -> Result:
    """Ask a provider for every interaction in PACT files (version 3 or 4), or in expectations of our own (YAML).

    Exits 1 if an answer is not what a consumer expects, and 3 if an interaction could not be judged. Nothing but the
    given URLs is asked.
    """
    from hardpoint.assurance.contracts.consumers.pact import MAX_BYTES, read_expectations
    from hardpoint.assurance.contracts.consumers.provider import Provider
    from hardpoint.assurance.contracts.consumers.verification import Outcome, Verification
    from hardpoint.assurance.contracts.consumers.verification import verify as verified

    if identity_token and not keep:
        raise UsageProblem("--identity-token is for what is recorded", remedy="Add --record.")
    if keep and not (consumer_version and provider_version):
        raise UsageProblem(
            "What is recorded is of two versions", remedy="Add --consumer-version and --provider-version."
        )
    provider = Provider(url, states)
    read = [(file, read_expectations(context.read(file, most=MAX_BYTES), str(file))) for file in files]
    found = [
        Verification(
            file=str(file),
            consumer=expected.consumer,
            consumer_version=consumer_version or "",
            provider=expected.provider,
            provider_version=provider_version or "",
            results=list(verified(expected, provider)),
        )
        for file, expected in read
    ]
    entries = _recorded(context, found, service, identity_token) if keep else []
    counts = {outcome.value: sum(each.count(outcome) for each in found) for outcome in Outcome}
    failed = bool(counts["failed"])
    return Result(
        schema="contract-verify/v1",
        headline=", ".join(f"{count} {name}" for name, count in counts.items() if count) or "Nothing was verified",
        about={
            "provider": url,
            "counts": counts,
            "verifications": [
                {
                    "file": each.file,
                    "consumer": each.consumer,
                    "provider": each.provider,
                    "holds": each.holds,
                    "interactions": each.results,
                }
                for each in found
            ],
            "entries": entries,
        },
        items={"findings": [finding for each in found for finding in each.findings()]},
        exit=Exit.FOUND if failed else Exit.OK if all(each.holds for each in found) else Exit.FAILED,
    )


def _recorded(context: Context, found: "list[Verification]", service: str | None, token: str | None) -> list[int]:
    from hardpoint.kernel.clock import format_instant
    from hardpoint.kernel.evidence import drafted
    from hardpoint.kernel.ownership.model import SERVICES, service_named

    workspace = context.workspace
    whom = service_named(workspace.manifest[SERVICES], service).name
    others = [each.provider for each in found if each.provider != whom]
    if others:
        raise UsageProblem(
            f"The expectations are of {others[0]!r}, and the evidence would be about {whom!r}",
            remedy="Name the provider with --service as the manifest and the expectations both call it.",
        )
    at = format_instant(context.clock())
    with context.record(token) as record:
        return [
            record.append(
                drafted(each.evidence(whom, workspace.commit, at, dirty=workspace.dirty, ci=token is not None))
            ).index
            for each in found
        ]
