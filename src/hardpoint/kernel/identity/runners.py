"""CI runners and the keys that they sign with: a record's entry binds a key to the runner's identity token."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import parse_instant
from hardpoint.kernel.identity.claims import Claims
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.identity.model import CiIdentity, Issuer
from hardpoint.kernel.identity.oidc import LEEWAY, Authority, verify_token
from hardpoint.kernel.problem import IdentityProblem, UnreadableProblem
from hardpoint.kernel.record.envelope import pre_authentication_encoding
from hardpoint.kernel.record.model import Draft, Entry

KIND = "identity"
"""The kind of the record's entries that bind a key."""
PAYLOAD_TYPE = "application/vnd.hardpoint.identity.v1+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What is recorded: a public key, its id, and the token that names it, with its issuer and claims."""

    key: str
    key_id: str
    issuer: str
    claims: Claims
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A runner whose token was verified: its key, who it is, and where the record says so.

    `holder` is None for one that no declared identity describes, a fork's above all.
    """

    key: PublicKey
    holder: str | None
    claims: Claims
    entry: int

    def speaks_in(self, entry: Entry) -> bool:
        """Whether an entry was recorded after the key was bound, and before the token ended."""
        return self.entry < entry.index and self.is_current(parse_instant(entry.header.at))

    def is_current(self, at: datetime) -> bool:
        """Whether the token has not ended."""
        return at < parse_instant(self.claims.until) + LEEWAY


def identify(token: str, key: PublicKey, authorities: Sequence[Authority], at: datetime) -> Draft:
    """The entry that binds a key to the runner that a token names.

    Raises IdentityProblem if the token does not hold for this key at this instant.
    """
    if not authorities:
        raise IdentityProblem(
            "No issuer is trusted, so no token can be verified", remedy="Name the issuer under `trust.issuers`."
        )
    issuer, claims = verify_token(token, authorities, key, at)
    said = Identity(key=str(key), key_id=key.id, issuer=issuer.issuer, claims=claims, token=token)
    return Draft(
        kind=KIND,
        subject=claims.repository,
        topic=key.id,
        payload_type=PAYLOAD_TYPE,
        payload=encoding.encode(said),
    )


def runner_in(entry: Entry, authorities: Sequence[Authority]) -> Runner:
    """The runner that an entry tells of; nothing in it is believed that its token does not prove.

    Raises IdentityProblem with the reason why it binds nothing.
    """
    said, key = _said(entry)
    issuer, claims = verify_token(said.token, authorities, key, parse_instant(entry.header.at))
    if (said.issuer, said.claims) != (issuer.issuer, claims):
        raise IdentityProblem("The entry says something else than its token")
    return Runner(key=key, holder=holder_of(claims, issuer), claims=claims, entry=entry.index)


def holder_of(claims: Claims, issuer: Issuer) -> str | None:
    """Who a runner with these claims is: the first declared identity that they fit."""
    if claims.fork:
        return None
    return next((each.holder for each in issuer.identities if _fits(claims, each)), None)


def _fits(claims: Claims, identity: CiIdentity) -> bool:
    return (
        claims.repository == identity.repository
        and fnmatchcase(claims.workflow, identity.workflow or "*")
        and fnmatchcase(claims.ref, identity.ref or "*")
    )


def _said(entry: Entry) -> tuple[Identity, PublicKey]:
    """What an entry says, once the key that it names is known to have signed it."""
    header = entry.header
    if entry.payload is None or entry.signature is None or header.payload_type != PAYLOAD_TYPE:
        raise IdentityProblem("The entry is erased, or of a form that this Hardpoint cannot read")
    try:
        said = encoding.decode(entry.payload, Identity, what="The identity")
        key = PublicKey.parse(said.key)
    except (UnreadableProblem, ValueError) as problem:
        raise IdentityProblem(f"The entry cannot be read: {problem}") from problem
    signed = key.verifies(entry.signature, pre_authentication_encoding(header.payload_type, entry.payload))
    if not (key.id == said.key_id == header.key and signed):
        raise IdentityProblem("The entry is not signed with the key that it names")
    return said, key
