"""`hardpoint contract traffic`: what a service was seen to do, beside what its contract promises."""

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hardpoint.kernel.problem import Exit, UnreadableProblem, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb

if TYPE_CHECKING:
    from hardpoint.assurance.contracts.operations import Contract
    from hardpoint.assurance.contracts.traffic.calls import CallExaminer, Services
    from hardpoint.assurance.contracts.traffic.examination import Examiner, Tenant
    from hardpoint.assurance.contracts.traffic.exchange import Call, Exchange

FORMATS = ("har", "exchanges", "mitmproxy", "log", "spans", "grpc")
_RARELY = 200_000
_CODES = 10 * 1024 * 1024


@verb("contract", "traffic")
@click.argument("spec")
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING...")
@click.option("--as", "form", type=click.Choice(FORMATS), help="The format, where the beginning does not tell it.")
@click.option("--base-path", multiple=True, metavar="PATH", help="Where the paths begin, instead of at the servers.")
@click.option("--tenant", metavar="WHERE:NAME", help="Where requests name their tenant: header:X-Tenant, query:org.")
@click.option(
    "--tenants", type=click.Choice(("hashed", "plain")), default="hashed", show_default=True, help="How they are shown."
)
@click.option(
    "--low-usage", type=click.IntRange(min=0), default=0, help="Name operations with so few requests as candidates."
)
@click.option("--errors", type=click.Path(path_type=Path), help="The registered error codes, as YAML or JSON.")
@click.option("--envelope", is_flag=True, help="Errors are to be those of RFC 9457, whatever the contract says.")
@click.option("--save", type=click.Path(path_type=Path), help="Write the summary, to add others to it later.")
@click.option(
    "--fail-on",
    type=click.Choice(("error", "warning", "never")),
    default="warning",
    show_default=True,
    help="From which drift on the exit code is 1.",
)
@click.option("--record", "keep", is_flag=True, help="Append the result to the record, as signed evidence.")
@click.option("--service", metavar="NAME", help="Whom it is about, where the manifest declares several.")
@click.option("--environment", metavar="NAME", help="Where it was recorded: staging, production, …")
@click.option("--commit", metavar="REV", help="The commit that ran there, where you know it.")
@identity_token_option
def traffic(
    context: Context,
    spec: str,
    recordings: tuple[str, ...],
    *,
    form: str | None,
    base_path: tuple[str, ...],
    tenant: str | None,
    tenants: str,
    low_usage: int,
    errors: Path | None,
    envelope: bool,
    save: Path | None,
    fail_on: str,
    keep: bool,
    service: str | None,
    environment: str | None,
    commit: str | None,
    identity_token: str | None,
) -> Result:
    """Compare recorded traffic with the contract: what nobody documented, what is not as promised, what is not used.

    SPEC is an OpenAPI document, a file or REV:path from git; recordings are HTTP archives (HAR), exchanges or access
    logs by the line, flows of mitmproxy, spans of OpenTelemetry, or saved summaries; with a descriptor set of Protobuf
    as SPEC, recorded gRPC calls. No value of a body is kept.
    Exits 1 for drift, and 3 if nothing was seen.
    """
    from hardpoint.assurance.contracts.operations import read_contract
    from hardpoint.assurance.contracts.protobuf import is_descriptor_set
    from hardpoint.assurance.contracts.sides import side_at
    from hardpoint.assurance.contracts.traffic.codes import read_codes
    from hardpoint.assurance.contracts.traffic.evidence import append
    from hardpoint.assurance.contracts.traffic.examination import Examiner, digest_of
    from hardpoint.assurance.contracts.traffic.recordings.reading import read_recording
    from hardpoint.assurance.contracts.traffic.report import Report
    from hardpoint.assurance.contracts.traffic.summary import Summary, to_bytes

    gc.set_threshold(_RARELY)  # exchanges go by themselves: looking for garbage finds none
    side = side_at(spec, context.folder)
    contract: Contract | Services
    examiner: Examiner | CallExaminer
    if is_descriptor_set(side.content):
        _refuse_options_of_http(base_path, tenant, errors, envelope)
        from hardpoint.assurance.contracts.traffic import calls  # slow to import

        contract = calls.Services(side.name, side.content)
        examiner = calls.CallExaminer(contract)
    else:
        contract = read_contract(side.name, side.content, side.read)
        examiner = Examiner(
            contract,
            digest_of(contract),
            bases=base_path,
            codes=read_codes(context.read(errors, most=_CODES), str(errors)) if errors else None,
            envelope=envelope,
            tenant=_tenant(tenant, plain=tenants == "plain"),
        )
    for each in recordings:
        for seen in read_recording(context.folder / each, each, form):
            if isinstance(seen, Summary):
                examiner.summary.add(seen)
            else:
                _examine(examiner, seen, spec, each)
    summary = examiner.summary
    _refuse_nothing(summary.counts, recordings)
    report = Report(summary, contract, spec, low_usage=low_usage)
    if save is not None:
        context.write(save, to_bytes(summary))
    entry = append(context, report, spec, service, environment, commit, identity_token) if keep else None
    return Result(
        schema="contract-traffic/v1",
        headline=report.headline + (f"; recorded as entry {entry}" if entry is not None else ""),
        items={"findings": report.findings},
        about={"spec": spec, "recordings": recordings, **report.about, "entry": entry},
        next_steps=report.next_steps,
        exit=Exit.FOUND if report.fails(fail_on) else Exit.OK,
    )


def _examine(examiner: "Examiner | CallExaminer", seen: "Exchange | Call", spec: str, recording: str) -> None:
    from hardpoint.assurance.contracts.traffic.examination import Examiner
    from hardpoint.assurance.contracts.traffic.exchange import Call

    if isinstance(examiner, Examiner):
        if not isinstance(seen, Call):
            examiner.examine(seen)
            return
    elif isinstance(seen, Call):
        examiner.examine(seen)
        return
    raise UsageProblem(
        f"{recording} is not of the kind of {spec}",
        remedy="Hold HTTP exchanges against an OpenAPI document, and gRPC calls against a descriptor set.",
    )


def _refuse_options_of_http(*given: object) -> None:
    if any(given):
        raise UsageProblem(
            "--base-path, --tenant, --errors and --envelope are for HTTP, and SPEC is a descriptor set",
            remedy="Leave them out.",
        )


def _refuse_nothing(counts: "dict[str, int]", recordings: tuple[str, ...]) -> None:
    """Nothing that was seen is no pass."""
    named = ", ".join(recordings)
    if not counts.get("exchanges"):
        raise UnreadableProblem(
            f"There is no exchange in {named}, so nothing was seen",
            remedy="Record while the service is used; of spans, only those of servers count.",
        )
    if not counts.get("judged"):
        raise UnreadableProblem(
            f"None of the {counts['exchanges']} exchanges in {named} is for an operation of the contract",
            remedy="Is it the right contract? If a proxy changes paths, say where they begin: --base-path /",
        )


def _tenant(given: str | None, *, plain: bool) -> "Tenant | None":
    from hardpoint.assurance.contracts.traffic.examination import Tenant

    if given is None:
        return None
    where, colon, name = given.partition(":")
    if where not in ("header", "query") or not colon or not name:
        raise UsageProblem(
            f"{given!r} says not where the tenant is named", remedy="Write header:X-Tenant or query:org."
        )
    return Tenant(where, name, plain)
