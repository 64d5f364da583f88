"""Cosignatures: a witness states that it saw a log grow into a checkpoint (C2SP tlog-cosignature, cosignature/v1)."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from hardpoint.kernel.identity.keys import PublicKey, Signer
from hardpoint.kernel.record.checkpoint import Checkpoint, parse_checkpoint
from hardpoint.kernel.record.model import SIGNATURE_BYTES

_COSIGNATURE = b"\x04"
_KEY_ID_BYTES = 4
_TIME_BYTES = 8
_DASH = "\N{EM DASH} "
MAX_COSIGNATURES = 99
"""With the log's own line, 100 signatures: what signed-note lets a reader stop at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """One witness's line in a note: its name, the key it says it signed with, and when, in seconds since 1970."""

    name: str
    key_id: bytes
    time: int
    signature: bytes

    def line(self) -> str:
        """The line as it stands in the note."""
        blob = self.key_id + self.time.to_bytes(_TIME_BYTES, "big") + self.signature
        return f"{_DASH}{self.name} {b64encode(blob).decode()}\n"

    def names(self, name: str, key: PublicKey) -> bool:
        """Whether it claims to be of that witness and key. Says nothing of the signature."""
        return self.name == name and self.key_id == _key_id(name, key)

    def verifies(self, checkpoint: Checkpoint, key: PublicKey) -> bool:
        """Whether it is that key's over the checkpoint at that time, in the witness's own name."""
        return self.names(self.name, key) and key.verifies(self.signature, _message(checkpoint, self.time))


def is_witness_name(name: str) -> bool:
    """Whether a name can stand in a note: C2SP signed-note has it without spaces and plus signs."""
    return bool(name) and name.isprintable() and "+" not in name and " " not in name


def cosign(checkpoint: Checkpoint, name: str, signer: Signer, time: int) -> Cosignature:
    """The witness's statement; whoever calls it has verified the checkpoint and has it on disk."""
    signature = signer.sign(_message(checkpoint, time))
    return Cosignature(name=name, key_id=_key_id(name, signer.public), time=time, signature=signature)


def join_cosignatures(note: bytes, cosignatures: Iterable[Cosignature]) -> bytes:
    """The log's own note with the lines of its witnesses."""
    return note + "".join(each.line() for each in cosignatures).encode()


def split_cosignatures(note: bytes) -> tuple[bytes, tuple[Cosignature, ...]]:
    """The log's own note, with its one signature line, and the lines of witnesses.

    Raises ValueError if the note is anything but a checkpoint, exactly one line of its log, and cosignatures.
    """
    text, _, signatures = note.decode().partition("\n\n")
    origin = parse_checkpoint(note).origin
    lines = signatures.split("\n")
    if lines.pop() != "" or len(lines) > MAX_COSIGNATURES + 1:
        raise ValueError("not a line for each signature")
    own = [line for line in lines if line.startswith(f"{_DASH}{origin} ")]
    if len(own) != 1:
        raise ValueError("not one signature of the log")
    cosignatures = tuple(_parse(line) for line in lines if line != own[0])
    return f"{text}\n\n{own[0]}\n".encode(), cosignatures


def _parse(line: str) -> Cosignature:
    dash, name, encoded = line.split(" ")
    blob = b64decode(encoded, validate=True)
    if not is_witness_name(name) or len(blob) != _KEY_ID_BYTES + _TIME_BYTES + SIGNATURE_BYTES:
        raise ValueError("not a cosignature")
    key_id, time = blob[:_KEY_ID_BYTES], blob[_KEY_ID_BYTES : _KEY_ID_BYTES + _TIME_BYTES]
    signature = blob[_KEY_ID_BYTES + _TIME_BYTES :]
    read = Cosignature(name=name, key_id=key_id, time=int.from_bytes(time, "big"), signature=signature)
    if dash + " " != _DASH or read.line() != line + "\n":
        raise ValueError("not a cosignature in its one spelling")
    return read


def _message(checkpoint: Checkpoint, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{checkpoint.body()}".encode()


def _key_id(name: str, key: PublicKey) -> bytes:
    """C2SP signed-note, with the signature type of a timestamped Ed25519 cosignature."""
    return sha256(name.encode() + b"\n" + _COSIGNATURE + key.raw).digest()[:_KEY_ID_BYTES]
