"""`hardpoint contract infer`: the contract that recorded traffic would keep, or what a contract lacks; a proposal."""

from pathlib import Path

import click

from hardpoint.assurance.contracts.verbs.traffic import FORMATS
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb


@verb("contract", "infer")
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING...")
@click.option("--contract", "spec", metavar="SPEC", help="Propose what this contract lacks, instead of a whole one.")
@click.option("--as", "form", type=click.Choice(FORMATS), help="The format, where the beginning does not tell it.")
@click.option("--base-path", multiple=True, metavar="PATH", help="Where the paths begin, instead of at the servers.")
@click.option(
    "--support",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="How often something has to be seen to be proposed, or to be proposed as required.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Write the proposal to a file too.")
def infer(
    context: Context,
    recordings: tuple[str, ...],
    *,
    spec: str | None,
    form: str | None,
    base_path: tuple[str, ...],
    support: int,
    out: Path | None,
) -> Result:
    """Propose an OpenAPI 3.1 document from recorded traffic, or additions to one (RFC 6902), with counts.

    It shows what happened, not what is meant: somebody has to read it, describe it and commit it. Nothing is accepted
    by itself, and no value that was recorded stands in it.
    """
    from hardpoint.assurance.contracts.sides import contract_at
    from hardpoint.assurance.contracts.traffic.exchange import Call
    from hardpoint.assurance.contracts.traffic.inference import Inference, Patch
    from hardpoint.assurance.contracts.traffic.recordings.reading import read_recording
    from hardpoint.assurance.contracts.traffic.summary import Summary
    from hardpoint.kernel import encoding

    inferred = Patch(contract_at(spec, context.folder), base_path) if spec else Inference()
    for each in recordings:
        for seen in read_recording(context.folder / each, each, form):
            if isinstance(seen, Summary):
                raise UnreadableProblem(f"{each} is a summary, which has no bodies", remedy="Name the recordings.")
            if isinstance(seen, Call):
                raise UnreadableProblem(
                    f"{each} has gRPC calls, of which no OpenAPI document can be made",
                    remedy="Name recordings of HTTP; the descriptor set is the contract of gRPC.",
                )
            inferred.see(seen)
    if not inferred.seen:
        raise UnreadableProblem(
            f"There is no exchange in {', '.join(recordings)} to propose anything from",
            remedy="Record while the service is used; of spans, only those of servers count.",
        )
    about: dict[str, object]
    if isinstance(inferred, Patch):
        patch = inferred.additions(support)
        about, proposal, what = {"contract": spec, "patch": patch}, patch, _counted(len(patch), "addition")
    else:
        document = inferred.document(support)
        count = sum(len(each) for each in document["paths"].values())
        about, proposal, what = {"document": document}, document, _counted(count, "operation")  # type: ignore[assignment]
    if out is not None:
        context.write(out, encoding.pretty(proposal).encode() + b"\n")
    return Result(
        schema="contract-infer/v1",
        headline=f"Proposed from {inferred.seen} exchanges: {what}",
        about={"exchanges": inferred.seen, "support": support, **about},
        detail=encoding.pretty(proposal),
        next_steps=("read it, describe what is meant, and commit that; nothing was changed",),
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
