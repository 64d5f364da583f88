"""What is signed of a payload (DSSE v1), the envelope that carries it, and what a header commits to of a body."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from hardpoint.kernel import encoding
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem
from hardpoint.kernel.record.model import MAX_PAYLOAD_BYTES, Entry

if TYPE_CHECKING:  # whoever only encodes needs no cryptography
    from collections.abc import Iterable

    from hardpoint.kernel.identity.keys import PublicKey

STATEMENT_TYPE = "application/vnd.in-toto+json"
MAX_SIGNATURES = 64
"""How many signatures an envelope may have: each is tried with every key."""
MAX_ENVELOPE_BYTES = MAX_PAYLOAD_BYTES // 3 * 4 + 64 * 1024

_URL_SAFE = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, and the hint which key made it; a hint decides nothing."""

    key_id: str
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A payload as signed, its type, and signatures over both (DSSE v1)."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def signers(self, keys: "Iterable[PublicKey]") -> "list[PublicKey]":
        """Which of the keys signed it, each once; the hints decide nothing, so every key is tried."""
        message = pre_authentication_encoding(self.payload_type, self.payload)
        distinct = {key.id: key for key in keys}.values()
        return [key for key in distinct if any(key.verifies(each.value, message) for each in self.signatures)]


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """The bytes that a DSSE signature covers: lengths make type and payload unambiguous (DSSE protocol v1)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def body_hash(salt: bytes, signature: bytes, payload: bytes) -> str:
    """The commitment to a body; the salt keeps an erased payload from being confirmed by a guess."""
    return sha256(b"".join((salt, signature, payload))).hexdigest()


def envelope_of(entry: Entry) -> Envelope:
    """The envelope of an entry; its one signature names the key by `PublicKey.id`.

    Raises UsageProblem if the entry is erased.
    """
    if entry.payload is None or entry.signature is None:
        raise UsageProblem(f"Entry {entry.index} is erased", remedy="`hardpoint record show` says what is left of it.")
    signature = Signature(entry.header.key, entry.signature)
    return Envelope(payload_type=entry.header.payload_type, payload=entry.payload, signatures=(signature,))


def write_envelope(envelope: Envelope) -> bytes:
    """The JSON envelope (DSSE envelope v1) as one line of text: equal envelopes give equal bytes."""
    written = _Envelope(
        payload=b64encode(envelope.payload).decode(),
        payloadType=envelope.payload_type,
        signatures=tuple(
            _Signature(keyid=each.key_id, sig=b64encode(each.value).decode()) for each in envelope.signatures
        ),
    )
    return encoding.encode(written) + b"\n"


def read_envelope(data: bytes) -> Envelope:
    """An envelope from its JSON, anybody's; nothing in it is verified.

    Raises UnreadableProblem if it is none, is not signed, or is larger than its limits.
    """
    if len(data) > MAX_ENVELOPE_BYTES:
        raise UnreadableProblem(f"The envelope is larger than {MAX_ENVELOPE_BYTES} bytes")
    found = encoding.decode(data, _Envelope, what="The envelope")
    if not 0 < len(found.signatures) <= MAX_SIGNATURES:
        raise UnreadableProblem(
            f"The envelope has {len(found.signatures)} signatures, and may have 1 to {MAX_SIGNATURES}"
        )
    return Envelope(
        payload_type=found.payloadType,
        payload=_bytes(found.payload, "payload"),
        signatures=tuple(Signature(each.keyid or "", _bytes(each.sig, "sig")) for each in found.signatures),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signature:
    keyid: str | None = None
    sig: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Envelope:
    payload: str
    payloadType: str  # noqa: N815 - DSSE's name
    signatures: tuple[_Signature, ...]


def _bytes(text: str, name: str) -> bytes:
    """Base64 of either alphabet, which every reader has to accept, and otherwise in its one spelling."""
    standard = text.translate(_URL_SAFE)
    try:
        data = b64decode(standard, validate=True)
    except (Base64Error, ValueError):
        data = b""
    if b64encode(data).decode() != standard:
        raise UnreadableProblem(f"The envelope's {name!r} is not base64")
    return data
