"""Identity tokens: the right one is believed, and every other refused."""

import base64
import hmac
import json
from datetime import timedelta
from hashlib import sha256

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.identity.oidc import LEEWAY, MAX_TOKEN_CHARACTERS, audience_of, read_key_set, verify_token
from hardpoint.kernel.problem import IdentityProblem, UnreadableProblem

KEY = Signer.generate().public


@pytest.fixture
def verify(issuing, now):
    return lambda token, at=now, key=KEY: verify_token(token, [issuing.authority], key, at)


def b64(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_a_right_token_gives_its_claims(verify, issuing, alg):
    issuer, claims = verify(issuing.token(KEY, alg=alg))
    assert issuer is issuing.issuer
    assert (claims.repository, claims.ref, claims.sha, claims.run_id) == (
        "acme/keystone",
        "refs/heads/main",
        "a" * 40,
        "77",
    )
    assert claims.workflow == ".github/workflows/ci.yml"
    assert claims.until == "2026-03-31T14:04:50.000000Z"
    assert not claims.fork


def test_the_name_of_a_workflow_stands_where_the_issuer_names_no_file(verify, issuing):
    assert verify(issuing.token(KEY, workflow_ref=None))[1].workflow == "CI"


@pytest.mark.parametrize("changes", [{"event_name": "pull_request_target"}, {"head_repository": "eve/keystone"}])
def test_a_run_on_behalf_of_another_repository_is_told(verify, issuing, changes):
    assert verify(issuing.token(KEY, **changes))[1].fork
    assert not verify(issuing.token(KEY, head_repository="acme/keystone"))[1].fork


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "https://other.example.org"}, "no issuer under trust.issuers"),
        ({"iss": "https://tokens.example.org/"}, "no issuer"),
        ({"iss": None}, "no issuer"),
        ({"aud": "hardpoint"}, "not meant for the key"),
        ({"aud": None}, "aud"),
        ({"aud": ["hardpoint"]}, "not meant for the key"),
        ({"exp": None}, "exp"),
        ({"iat": None}, "iat"),
        ({"exp": "soon"}, "no instant"),
        ({"exp": True}, "no instant"),
        ({"exp": 10**30}, "no instant"),
        ({"exp": float("inf")}, "cannot be read|no instant"),
        ({"nbf": "x"}, "no instant"),
        ({"repository": None}, "'repository'"),
        ({"repository": ["acme/keystone"]}, "'repository'"),
        ({"ref": ""}, "'ref'"),
        ({"sha": None}, "'sha'"),
        ({"sha": 7}, "'sha'"),
        ({"run_id": None}, "'run_id'"),
        ({"workflow_ref": None, "workflow": None}, "'workflow'"),
        ({"workflow_ref": 3}, "'workflow_ref'"),
    ],
)
def test_a_token_with_other_claims_is_refused(verify, issuing, changes, why):
    with pytest.raises(IdentityProblem, match=why):
        verify(issuing.token(KEY, **changes))


def test_a_stolen_token_binds_no_other_key(verify, issuing):
    thief = Signer.generate().public
    with pytest.raises(IdentityProblem, match="not meant for the key"):
        verify(issuing.token(KEY), key=thief)


def test_one_audience_among_several_is_not_enough(verify, issuing):
    with pytest.raises(IdentityProblem):
        verify(issuing.token(KEY, aud=[audience_of(issuing.issuer, KEY), "https://elsewhere.example.org"]))


@pytest.mark.parametrize(
    ("offset", "holds"),
    [
        (timedelta(seconds=290) + LEEWAY, False),
        (timedelta(seconds=289) + LEEWAY, True),
        (timedelta(days=400), False),
        (timedelta(seconds=-10) - LEEWAY, True),
        (timedelta(seconds=-11) - LEEWAY, False),
        (timedelta(days=-1), False),
    ],
)
def test_a_token_holds_from_its_issue_to_its_end(verify, issuing, now, offset, holds):
    token = issuing.token(KEY, nbf=None)
    if holds:
        assert verify(token, now + offset)
    else:
        with pytest.raises(IdentityProblem, match=r"ended at|begins only at"):
            verify(token, now + offset)


def test_a_token_holds_not_before_it_says(verify, issuing, now):
    with pytest.raises(IdentityProblem, match="begins only at"):
        verify(issuing.token(KEY, nbf=int(now.timestamp()) + 120))


def test_a_token_that_is_signed_with_the_public_key_as_a_secret_is_refused(verify, issuing):
    """RFC 8725, section 2.1: the algorithm is not the token's to choose."""
    public = issuing.rsa_key.public_key()
    for secret in (
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        issuing.key_set,
    ):
        said = f"{b64({'alg': 'HS256', 'kid': 'one', 'typ': 'JWT'})}.{b64(issuing.claims(KEY))}"
        forged = f"{said}.{b64(hmac.new(secret, said.encode(), sha256).digest())}"
        with pytest.raises(IdentityProblem, match="signed by 'HS256'"):
            verify(forged)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, 7, ["RS256"], "RS512", "PS256", "ES256"])
def test_another_algorithm_than_the_keys_is_refused(verify, issuing, alg):
    body = issuing.token(KEY).split(".", 1)[1]
    with pytest.raises(IdentityProblem, match="its key is for RS256"):
        verify(f"{b64({'alg': alg, 'kid': 'one'})}.{body}")


def test_a_token_without_a_signature_is_refused(verify, issuing):
    said = f"{b64({'alg': 'none', 'kid': 'one'})}.{b64(issuing.claims(KEY))}"
    for token in (f"{said}.", said, f"{said}.AA"):
        with pytest.raises(IdentityProblem):
            verify(token)


@pytest.mark.parametrize("kid", ["three", None, 1, "", ["one"]])
def test_a_key_that_the_issuer_does_not_have_is_refused(verify, issuing, kid):
    header = {"alg": "RS256"} if kid is None else {"alg": "RS256", "kid": kid}
    body = issuing.token(KEY).split(".", 1)[1]
    with pytest.raises(IdentityProblem, match=r"is not in jwks\.json"):
        verify(f"{b64(header)}.{body}")


def test_the_kid_of_another_key_of_the_issuer_is_refused(verify, issuing):
    with pytest.raises(IdentityProblem, match="its key is for ES256"):
        verify(issuing.token(KEY, header={"kid": "two"}))


def test_a_key_of_somebody_else_under_the_same_kid_is_refused(verify, issuing):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(IdentityProblem, match="Signature verification failed"):
        verify(issuing.token(KEY, by=other))


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c", "crit", "b64"])
def test_a_token_that_brings_its_own_key_is_refused(verify, issuing, name):
    body = issuing.token(KEY).split(".", 1)[1]
    with pytest.raises(IdentityProblem, match=f"header has {name}"):
        verify(f"{b64({'alg': 'RS256', 'kid': 'one', name: 'https://evil.example.org/keys'})}.{body}")


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", "é.é.é", "x" * (MAX_TOKEN_CHARACTERS + 1), " ", "null"],
)
def test_what_is_no_token_is_refused(verify, token):
    with pytest.raises(IdentityProblem):
        verify(token)


def test_parts_that_are_no_json_objects_are_refused(verify, issuing):
    header, body, signature = issuing.token(KEY).split(".")
    for odd in (b"[]", b"null", b"7", b"\xff", b"{", b"[" * 9000):
        for token in (f"{b64(odd)}.{body}.{signature}", f"{header}.{b64(odd)}.{signature}"):
            with pytest.raises(IdentityProblem):
                verify(token)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=300)
@given(data=st.data())
@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_a_token_with_one_character_changed_added_or_gone_is_refused(verify, issuing, alg, data):
    token = issuing.token(KEY, alg=alg)
    at = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.characters(codec="ascii"))
    changed = data.draw(
        st.sampled_from([token[:at] + character + token[at + 1 :], token[:at] + character + token[at:], token[:at]])
    )
    if changed != token:
        with pytest.raises(IdentityProblem):
            verify(changed)


def jwk(key, **changes) -> dict:
    algorithm = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPublicKey) else jwt.algorithms.ECAlgorithm
    return {**algorithm.to_jwk(key, as_dict=True), "kid": "k", **changes}


RSA_2048 = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        (None, "holds no key"),
        ([], "holds no key"),
        ({"a": 1}, "holds no key"),
        ([7, None, {}], "holds no key"),
        ([{"kty": "oct", "k": "AAAA", "kid": "k"}], "holds no key"),
        ([jwk(ec.generate_private_key(ec.SECP384R1()).public_key())], "holds no key"),
        ([jwk(RSA_2048.public_key(), use="enc")], "holds no key"),
        ([jwk(RSA_2048.public_key(), alg="RS512")], "holds no key"),
        ([jwk(RSA_2048.public_key(), kid=None)], "holds no key"),
        ([jwk(RSA_2048.public_key(), d="AAAA")], "private half"),
        ([jwk(RSA_2048.public_key()), jwk(RSA_2048.public_key())], "two keys with the kid 'k'"),
        ([jwk(RSA_2048.public_key(), n=7)], "cannot be read"),
        ([{"kty": "RSA", "kid": "k"}], "cannot be read"),
        ([jwk(rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key())], "fewer than 2048 bits"),
    ],
)
def test_a_key_set_that_cannot_verify_is_refused_at_its_file(listed, why):
    with pytest.raises(UnreadableProblem, match=why) as refused:
        read_key_set(json.dumps({"keys": listed}).encode(), "jwks.json")
    assert refused.value.place.file == "jwks.json"


@pytest.mark.parametrize("content", [b"", b"[]", b"<html>", b"\xff"])
def test_what_is_no_key_set_is_refused(content):
    with pytest.raises(UnreadableProblem):
        read_key_set(content, "jwks.json")


def test_keys_of_other_kinds_are_left_out():
    listed = [jwk(RSA_2048.public_key()), {"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "kid": "x"}]
    assert set(read_key_set(json.dumps({"keys": listed}).encode(), "jwks.json")) == {"k"}
