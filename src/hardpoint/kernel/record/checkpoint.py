"""Signed checkpoints: a tree's size and root as a C2SP signed note (tlog-checkpoint, Ed25519)."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from hardpoint.kernel.identity.keys import PublicKey, Signer
from hardpoint.kernel.record.proofs import HASH_BYTES

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_DASH = "\N{EM DASH} "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log promises: under this origin, so many entries, with this root hash."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """The signed text: origin, size and root in a line each."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """The checkpoint as a signed note."""
    body = checkpoint.body()
    signature = signer.sign(body.encode())
    line = b64encode(_key_id(checkpoint.origin, signer.public) + signature).decode()
    return f"{body}\n{_DASH}{checkpoint.origin} {line}\n".encode()


def parse_checkpoint(note: bytes) -> Checkpoint:
    """The checkpoint that a note states, whoever signed it.

    Raises ValueError if it is not exactly what sign_checkpoint writes.
    """
    body, _, _ = note.decode().partition("\n\n")
    origin, size, root, *rest = body.split("\n")
    checkpoint = Checkpoint(origin, int(size), b64decode(root, validate=True))
    if rest or len(checkpoint.root) != HASH_BYTES or checkpoint.body() != body + "\n":
        raise ValueError("not a checkpoint")
    return checkpoint


def signing_key(note: bytes, keys: Iterable[PublicKey]) -> PublicKey | None:
    """Which of the keys the note names; None for a key that is not among them. Says nothing of the signature.

    Raises ValueError if the note has not exactly one signature line.
    """
    origin, named, _ = _signature(note)
    return next((key for key in keys if _key_id(origin, key) == named), None)


def is_signed_by(note: bytes, key: PublicKey) -> bool:
    """Whether the signature in the note is that key's over the note's text.

    Raises ValueError if the note has not exactly one signature line.
    """
    _, _, signature = _signature(note)
    body = note[: note.index(b"\n\n") + 1]
    return key.verifies(signature, body)


def signed_checkpoint(note: bytes, keys: Iterable[PublicKey]) -> Checkpoint | None:
    """The checkpoint that a note states, if one of the keys signed it.

    Raises ValueError if it is not exactly what sign_checkpoint writes.
    """
    checkpoint, key = parse_checkpoint(note), signing_key(note, keys)
    return checkpoint if key is not None and is_signed_by(note, key) else None


def _signature(note: bytes) -> tuple[str, bytes, bytes]:
    _, _, lines = note.decode().partition("\n\n")
    name, _, encoded = lines.removeprefix(_DASH).removesuffix("\n").rpartition(" ")
    blob = b64decode(encoded, validate=True)
    # The name is part of the key's id, not of what is signed; C2SP tlog-checkpoint has it equal the origin.
    named = note.startswith(f"{name}\n".encode())
    if not named or lines != f"{_DASH}{name} {b64encode(blob).decode()}\n":
        raise ValueError("not one signature line")
    return name, blob[:_KEY_ID_BYTES], blob[_KEY_ID_BYTES:]


def _key_id(name: str, key: PublicKey) -> bytes:
    """C2SP signed-note: the first four bytes of SHA-256 over name, newline, algorithm and key."""
    return sha256(name.encode() + b"\n" + _ED25519 + key.raw).digest()[:_KEY_ID_BYTES]
