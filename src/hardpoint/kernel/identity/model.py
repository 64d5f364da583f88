"""Whom a team trusts: the `trust` section of the manifest."""

from collections.abc import Iterable
from typing import Annotated

from annotated_types import MinLen

from hardpoint.kernel.clock import Instant
from hardpoint.kernel.declarations import Section, declared
from hardpoint.kernel.identity.claims import Provider
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.spelling import did_you_mean

Text = Annotated[str, MinLen(1)]
Texts = Annotated[tuple[Text, ...], MinLen(1)]


@declared
class TrustedKey:
    """A public key, and the person or service that holds it."""

    key: PublicKey
    """`ed25519:` and the base64 of the 32 bytes; `hardpoint record key` prints yours."""
    holder: Text
    """The person or service that signs with it; two keys of one holder are one person."""
    from_: Instant | None = None
    """What it signed counts if it was recorded at this instant or later."""
    until: Instant | None = None
    """What it signed counts if it was recorded before this instant: the end of a rotation."""
    revoked: Instant | None = None
    """From this instant on nothing that it signed counts: it is in other hands."""

    def __post_init__(self) -> None:
        if self.from_ and self.until and self.from_ >= self.until:
            raise ValueError(f"the key of {self.holder} counts until before it counts from")


@declared
class Producer:
    """What a holder may speak for; what is left out is not limited."""

    holder: Text
    """Whose evidence counts."""
    services: Texts | None = None
    """Names of services; `*` stands for any text."""
    kinds: Texts | None = None
    """Kinds of evidence, such as check, junit or sarif."""
    environments: Texts | None = None
    """Where it may speak of; evidence that names no environment is of none of them."""


@declared
class CiIdentity:
    """Who a CI runner is, by the claims of its token."""

    holder: Text
    """The name of the service that such a runner is."""
    repository: Text
    """The repository or project that the workflow runs in, such as acme/keystone; exactly that."""
    workflow: Text | None = None
    """The workflow's file, such as .github/workflows/ci.yml or .gitlab-ci.yml; `*` stands for any text."""
    ref: Text | None = None
    """The branch or tag that it runs on, such as refs/heads/main; `*` stands for any text."""


@declared
class Issuer:
    """An OpenID Connect issuer that tells CI runners apart."""

    issuer: Text
    """Its URL, as the `iss` of its tokens states it."""
    keys: Text
    """The JSON Web Key Set (RFC 7517) to verify its tokens with: a file of this repository."""
    audience: Text = "hardpoint"
    """What the audience of a token begins with; `:` and 32 characters of the bound key's id follow."""
    claims: Provider = "github"
    """The CI system whose claims its tokens have: github or gitlab."""
    identities: Annotated[tuple[CiIdentity, ...], MinLen(1)]
    """The runners that are somebody here."""


@declared
class TrustedWitness:
    """Somebody on another host who co-signs the record's checkpoints."""

    name: Annotated[str, MinLen(1)]
    """The name that stands in its cosignatures: what `hardpoint record witness --name` was given."""
    key: PublicKey
    """`ed25519:` and the base64 of the 32 bytes; it signs no entry, or it would be no witness."""


@declared
class Function:
    """A capacity in which people sign off, such as security or operations."""

    name: Text
    """What `hardpoint gate sign --as` calls it."""
    holders: Texts
    """Who may sign in it: holders of keys."""


@declared
class Trust:
    """The keys whose evidence may release something, and the witnesses who saw the record grow."""

    keys: tuple[TrustedKey, ...] = ()
    """Keys of people and services."""
    producers: tuple[Producer, ...] = ()
    """Who may speak for what; with one of them, whatever none of them covers does not count."""
    issuers: tuple[Issuer, ...] = ()
    """Who vouches for CI runners."""
    functions: tuple[Function, ...] = ()
    """In which capacities people sign off."""

    witnesses: tuple[TrustedWitness, ...] = ()
    """Witnesses of the record's checkpoints."""

    def __post_init__(self) -> None:
        _once("key", [str(trusted.key) for trusted in self.keys])
        _once("issuer", [issuer.issuer for issuer in self.issuers])
        known = {trusted.holder for trusted in self.keys}
        known |= {identity.holder for issuer in self.issuers for identity in issuer.identities}
        for producer in self.producers:
            if producer.holder not in known:
                who = f"{producer.holder!r}{did_you_mean(producer.holder, sorted(known))}"
                raise ValueError(f"producers name {who}, who holds no key and is no CI identity")
        people = {trusted.holder for trusted in self.keys}
        for function in self.functions:
            for holder in function.holders:
                if holder not in people:
                    who = f"{holder!r}{did_you_mean(holder, sorted(people))}"
                    raise ValueError(f"the function {function.name} names {who}, who holds no key")


def _once(what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise ValueError(f"the {what} {value} stands twice")
        seen.add(value)


TRUST = Section("trust", Trust, Trust())
