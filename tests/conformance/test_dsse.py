"""DSSE both ways with securesystemslib: our envelopes hold there, theirs hold here, and forged ones nowhere."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as Theirs
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from hardpoint.kernel.identity.keys import PublicKey, Signer
from hardpoint.kernel.record.envelope import (
    STATEMENT_TYPE,
    Envelope,
    Signature,
    pre_authentication_encoding,
    read_envelope,
    write_envelope,
)

pytestmark = pytest.mark.requirement("GAT-14")

OURS = Signer.generate()
THEIRS = [CryptoSigner(ed25519.Ed25519PrivateKey.generate()) for _ in range(3)]
MEDIA_TYPES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def their_key(key: PublicKey) -> SSlibKey:
    """Our public key as they take it: from PEM, and under the key id that our envelopes name it by."""
    return SSlibKey.from_crypto(load_pem_public_key(key.pem.encode()), keyid=key.id)


def our_key(signer: CryptoSigner) -> PublicKey:
    return PublicKey(bytes.fromhex(signer.public_key.keyval["public"]))


def ours(payload: bytes, *signers: Signer, payload_type: str = STATEMENT_TYPE) -> bytes:
    message = pre_authentication_encoding(payload_type, payload)
    signatures = tuple(Signature(each.public.id, each.sign(message)) for each in signers)
    return write_envelope(Envelope(payload_type=payload_type, payload=payload, signatures=signatures))


def theirs(payload: bytes, *signers: CryptoSigner, payload_type: str = STATEMENT_TYPE) -> bytes:
    envelope = Theirs(payload, payload_type, {})
    for signer in signers:
        envelope.sign(signer)
    return json.dumps(envelope.to_dict()).encode()


@given(st.binary(max_size=300), MEDIA_TYPES)
def test_both_encode_the_same(payload, payload_type):
    assert Theirs(payload, payload_type, {}).pae() == pre_authentication_encoding(payload_type, payload)


@given(st.binary(max_size=300), MEDIA_TYPES)
def test_our_envelope_holds_there(payload, payload_type):
    envelope = Theirs.from_dict(json.loads(ours(payload, OURS, payload_type=payload_type)))
    assert (envelope.payload, envelope.payload_type) == (payload, payload_type)
    assert list(envelope.verify([their_key(OURS.public)], 1)) == [OURS.public.id]


@given(st.binary(max_size=300), MEDIA_TYPES)
def test_their_envelope_holds_here(payload, payload_type):
    envelope = read_envelope(theirs(payload, THEIRS[0], payload_type=payload_type))
    assert (envelope.payload, envelope.payload_type) == (payload, payload_type)
    assert envelope.signers([OURS.public, our_key(THEIRS[0])]) == [our_key(THEIRS[0])]


def test_several_signatures_hold_both_ways():
    signers = [Signer.generate() for _ in range(3)]
    envelope = Theirs.from_dict(json.loads(ours(b"{}", *signers)))
    assert len(envelope.verify([their_key(each.public) for each in signers], 3)) == 3
    keys = [our_key(each) for each in THEIRS]
    assert read_envelope(theirs(b"{}", *THEIRS)).signers(keys) == keys


def test_their_key_id_is_a_hint_of_their_own():
    """They name a key by the digest of its description; a reader of ours needs to know nothing of that."""
    assert THEIRS[0].public_key.keyid != our_key(THEIRS[0]).id
    assert read_envelope(theirs(b"{}", THEIRS[0])).signers([our_key(THEIRS[0])])


@pytest.mark.parametrize("part", ["payload", "payloadType", "sig"])
def test_a_changed_envelope_holds_nowhere(part):
    changed = json.loads(ours(b'{"answer": "NO-GO"}', OURS))
    if part == "sig":
        changed["signatures"][0]["sig"] = "A" * 86 + "=="
    else:
        changed[part] = {"payload": "e30=", "payloadType": "text/plain"}[part]
    assert read_envelope(json.dumps(changed).encode()).signers([OURS.public]) == []
    with pytest.raises(VerificationError):
        Theirs.from_dict(changed).verify([their_key(OURS.public)], 1)


def test_our_pem_is_the_key_that_they_write_and_read():
    raw = OURS.public.raw
    assert load_pem_public_key(OURS.public.pem.encode()).public_bytes_raw() == raw
    assert PublicKey.from_pem(OURS.public.pem.encode()) == OURS.public
