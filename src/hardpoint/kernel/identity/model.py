"""Whom a team trusts: the `trust` section of the manifest."""

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
class Trust:
    """The keys whose evidence may release something."""

    keys: tuple[TrustedKey, ...] = ()
    """Keys of people, services and CI runners."""


TRUST = Section("trust", Trust, Trust())
