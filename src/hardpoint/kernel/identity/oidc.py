"""Identity tokens of CI runners (OpenID Connect): from a token and its issuer's keys to claims that are verified."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.identity.claims import Claims, claims_of
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.identity.model import Issuer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import IdentityProblem, UnreadableProblem

LEEWAY = timedelta(seconds=60)
"""How far the clocks of the issuer and of the record may differ."""
MAX_TOKEN_CHARACTERS = 16 * 1024
MIN_RSA_BITS = 2048
KEY_ID_CHARACTERS = 32
"""How much of the key's id an audience names: 128 bits, which nobody finds a second key for."""

_THREE_PARTS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}
"""The type of a key decides how it verifies, and never the token (RFC 8725, section 3.1)."""
_NOT_BELIEVED = ("jku", "jwk", "x5u", "x5c", "crit", "b64")
"""Header parameters by which a token brings a key of its own, or asks for what is not understood here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An issuer as declared, with its keys by their `kid`."""

    issuer: Issuer
    keys: Mapping[str, jwt.PyJWK]


def audience_of(issuer: Issuer, key: PublicKey) -> str:
    """The audience that a token must have to be bound to a key: a stolen token then binds no other."""
    return f"{issuer.audience}:{key.id[:KEY_ID_CHARACTERS]}"


def read_key_set(content: bytes, file: str) -> Mapping[str, jwt.PyJWK]:
    """The keys of a JSON Web Key Set (RFC 7517) that can verify here: RSA for RS256, and P-256 for ES256.

    Raises UnreadableProblem at the file if it is none, holds no such key, a private or a weak one, or one `kid` twice.
    """
    try:
        listed = encoding.decode(content, dict[str, Any], what="The key set").get("keys")
    except UnreadableProblem as problem:
        raise UnreadableProblem(problem.sentence, place=Place(file)) from problem
    keys: dict[str, jwt.PyJWK] = {}
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and _verifies_here(each):
            kid = each["kid"]
            if kid in keys:
                raise UnreadableProblem(f"holds two keys with the kid {kid!r}", place=Place(file))
            keys[kid] = _key(each, file)
    if not keys:
        raise UnreadableProblem("holds no key for RS256 or ES256 with a kid", place=Place(file))
    return keys


def verify_token(token: str, authorities: Sequence[Authority], key: PublicKey, at: datetime) -> tuple[Issuer, Claims]:
    """The issuer of a token, and what it claims, verified for a key and an instant (RFC 7519, section 7.2; RFC 8725).

    Raises IdentityProblem with the reason for anything that is not whole, signed, current, and meant for this key.
    """
    header, stated = _parts(token)
    authority = next((each for each in authorities if each.issuer.issuer == stated.get("iss")), None)
    if authority is None:
        raise IdentityProblem(
            f"The token is from {str(stated.get('iss'))[:200]!r}, which is no issuer under trust.issuers"
        )
    verified = _verified(token, _key_for(header, authority), authority.issuer, audience_of(authority.issuer, key))
    return authority.issuer, claims_of(authority.issuer.claims, verified, until=_current(verified, at))


def _verifies_here(key: Mapping[str, Any]) -> bool:
    algorithm = _ALGORITHMS.get(str(key.get("kty")))
    return (
        algorithm is not None
        and isinstance(key.get("kid"), str)
        and key.get("alg", algorithm) == algorithm
        and key.get("use", "sig") == "sig"
        and (key["kty"] != "EC" or key.get("crv") == "P-256")
    )


def _key(given: Mapping[str, Any], file: str) -> jwt.PyJWK:
    kid = given["kid"]
    if "d" in given:
        raise UnreadableProblem(
            f"holds the private half of the key {kid!r}", remedy="Replace that key: it is no secret.", place=Place(file)
        )
    try:
        key = jwt.PyJWK(dict(given), algorithm=_ALGORITHMS[given["kty"]])
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableProblem(f"holds a key {kid!r} that cannot be read: {error}", place=Place(file)) from error
    if given["kty"] == "RSA" and key.key.key_size < MIN_RSA_BITS:
        raise UnreadableProblem(f"holds the key {kid!r} of fewer than {MIN_RSA_BITS} bits", place=Place(file))
    return key


def _parts(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The header and the claims as they stand there, believed in nothing but what to verify them with."""
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise IdentityProblem(f"The token is longer than {MAX_TOKEN_CHARACTERS} characters")
    if not _THREE_PARTS.fullmatch(token) or not all(_is_canonical(part) for part in token.split(".")):
        raise IdentityProblem("The token is not three parts of base64url (RFC 7515, section 3.1)")
    try:
        header, claims = (
            encoding.decode(jwt.utils.base64url_decode(part.encode()), dict[str, Any], what="The token's part")
            for part in token.split(".")[:2]
        )
    except UnreadableProblem as problem:
        raise IdentityProblem(f"The token cannot be read: {problem.sentence}") from problem
    return header, claims


def _is_canonical(part: str) -> bool:
    """Decoders take other text for the same bytes; a token has one form."""
    try:
        return jwt.utils.base64url_encode(jwt.utils.base64url_decode(part.encode())).decode() == part
    except ValueError:
        return False


def _key_for(header: Mapping[str, Any], authority: Authority) -> jwt.PyJWK:
    odd = [name for name in _NOT_BELIEVED if name in header]
    if odd:
        raise IdentityProblem(f"The token's header has {', '.join(odd)}, which nobody should believe")
    kid = header.get("kid")
    key = authority.keys.get(kid) if isinstance(kid, str) else None
    if key is None:
        raise IdentityProblem(
            f"The token is signed with the key {str(kid)[:200]!r}, which is not in {authority.issuer.keys}",
            remedy="If the issuer has new keys, commit its key set again, and keep the old keys in it.",
        )
    if header.get("alg") != key.algorithm_name:
        raise IdentityProblem(
            f"The token says it is signed by {str(header.get('alg'))[:200]!r}, and its key is for {key.algorithm_name}"
        )
    return key


def _verified(token: str, key: jwt.PyJWK, issuer: Issuer, audience: str) -> Mapping[str, Any]:
    """PyJWT verifies the signature, the issuer and the audience; it knows no clock but the machine's, so not time."""
    try:
        return jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            issuer=issuer.issuer,
            audience=audience,
            options={
                "require": ["iss", "aud", "exp", "iat"],
                "strict_aud": True,
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
    except jwt.InvalidAudienceError as error:
        raise IdentityProblem(
            f"The token is not meant for the key that signs here: its audience is not {audience!r}",
            remedy="Ask the CI system for a token with the audience that `hardpoint record key --audience` prints.",
        ) from error
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise IdentityProblem(f"The token does not hold: {error}") from error


def _current(claims: Mapping[str, Any], at: datetime) -> str:
    """When the token ends, RFC 3339, if it holds at the instant."""
    until, begins = _instant(claims, "exp"), _instant(claims, "iat")
    if "nbf" in claims:
        begins = max(begins, _instant(claims, "nbf"))
    if at >= until + LEEWAY:
        raise IdentityProblem(f"The token ended at {format_instant(until)}", remedy="Ask the CI system for a new one.")
    if at < begins - LEEWAY:
        raise IdentityProblem(f"The token begins only at {format_instant(begins)}")
    return format_instant(until)


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    """A NumericDate (RFC 7519, section 2)."""
    seconds = claims[name]
    try:
        if isinstance(seconds, int | float) and not isinstance(seconds, bool):
            return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):  # no number, or out of the calendar
        pass
    raise IdentityProblem(f"The token's {name!r} is no instant: {str(seconds)[:50]!r}")
