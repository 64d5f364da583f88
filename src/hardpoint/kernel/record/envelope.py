"""What is signed of a payload (DSSE v1), and what a header commits to of a body."""

from hashlib import sha256

STATEMENT_TYPE = "application/vnd.in-toto+json"


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """The bytes that a DSSE signature covers: lengths make type and payload unambiguous (DSSE protocol v1)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def body_hash(salt: bytes, signature: bytes, payload: bytes) -> str:
    """The commitment to a body; the salt keeps an erased payload from being confirmed by a guess."""
    return sha256(b"".join((salt, signature, payload))).hexdigest()
