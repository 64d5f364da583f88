"""`hardpoint record envelope`: what somebody else signed, verified without their record."""

from pathlib import Path

import click

from hardpoint.kernel import encoding
from hardpoint.kernel.identity.keys import PREFIX, PublicKey
from hardpoint.kernel.problem import IntegrityProblem, UsageProblem
from hardpoint.kernel.record.envelope import MAX_ENVELOPE_BYTES, read_envelope
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb

MAX_PEM_BYTES = 64 * 1024


@verb("record", "envelope")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--key", "keys", multiple=True, required=True, metavar="KEY|FILE", help="A key that you trust; may be repeated."
)
@click.option("--need", type=click.IntRange(min=1), default=1, show_default=True, help="How many of them must sign.")
def open_envelope(context: Context, file: Path, *, keys: tuple[str, ...], need: int) -> Result:
    """Verify the DSSE envelope FILE, and show it.

    Whoever made it. A key is `ed25519:…`, or a file of PEM. Exits 5 if it is not signed by as many of them as needed.
    """
    trusted = [_key(context, each) for each in keys]
    envelope = read_envelope(context.read(file, most=MAX_ENVELOPE_BYTES))
    signers = envelope.signers(trusted)
    if len(signers) < need:
        raise IntegrityProblem(
            f"{file} needs the signatures of {need} of the keys given, and has {len(signers)}: believe nothing in it",
            remedy="Ask its signer for their key, over another way than the file came.",
        )
    said = encoding.decode(envelope.payload, dict[str, object], what=f"The payload of {file}")
    return Result(
        schema="record-envelope/v1",
        headline=f"signed by {', '.join(str(key) for key in signers)}",
        about={"payload_type": envelope.payload_type, "keys": [str(key) for key in signers], "payload": said},
        detail=encoding.pretty(said),
    )


def _key(context: Context, given: str) -> PublicKey:
    try:
        if given.startswith(PREFIX):
            return PublicKey.parse(given)
        return PublicKey.from_pem(context.read(Path(given), most=MAX_PEM_BYTES))
    except ValueError as error:
        what = "--key" if given.startswith(PREFIX) else given
        raise UsageProblem(f"{what}: {error}", remedy="`hardpoint record key` prints its owner's.") from error
