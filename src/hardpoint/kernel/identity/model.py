"""Whom a team trusts: the `trust` section of the manifest."""

from typing import Annotated

from annotated_types import MinLen

from hardpoint.kernel.declarations import Section, declared
from hardpoint.kernel.identity.keys import PublicKey


@declared
class TrustedKey:
    """A public key, and the person or service that holds it."""

    key: PublicKey
    """`ed25519:` and the base64 of the 32 bytes; `hardpoint record key` prints yours."""
    holder: str
    """The person or service that signs with it."""


@declared
class TrustedWitness:
    """Somebody on another host who co-signs the record's checkpoints."""

    name: Annotated[str, MinLen(1)]
    """The name that stands in its cosignatures: what `hardpoint record witness --name` was given."""
    key: PublicKey
    """`ed25519:` and the base64 of the 32 bytes; it signs no entry, or it would be no witness."""


@declared
class Trust:
    """The keys whose evidence may release something, and the witnesses who saw the record grow."""

    keys: tuple[TrustedKey, ...] = ()
    """Keys of people, services and CI runners."""
    witnesses: tuple[TrustedWitness, ...] = ()
    """Witnesses of the record's checkpoints."""


TRUST = Section("trust", Trust, Trust())
