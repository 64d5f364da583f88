"""What is signed of a payload, the envelope that carries it, and what a header commits to."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem
from hardpoint.kernel.record.envelope import (
    MAX_SIGNATURES,
    STATEMENT_TYPE,
    Envelope,
    Signature,
    body_hash,
    envelope_of,
    pre_authentication_encoding,
    read_envelope,
    write_envelope,
)
from hardpoint.kernel.record.reading import entry_at

SIGNER = Signer.generate()


def test_the_encoding_is_the_example_of_the_dsse_protocol():
    encoded = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_lengths_are_of_bytes():
    assert pre_authentication_encoding("\N{LATIN SMALL LETTER E WITH ACUTE}", b"").startswith(b"DSSEv1 2 ")


def test_type_and_payload_cannot_be_shifted_into_each_other():
    assert pre_authentication_encoding("a", b"b c") != pre_authentication_encoding("a b", b"c")


def test_a_body_is_committed_to_with_its_salt_and_signature():
    assert body_hash(b"salt", b"signature", b"payload") == sha256(b"saltsignaturepayload").hexdigest()


def sealed(payload: bytes, *signers: Signer, payload_type: str = STATEMENT_TYPE) -> Envelope:
    message = pre_authentication_encoding(payload_type, payload)
    signatures = tuple(Signature(signer.public.id, signer.sign(message)) for signer in signers)
    return Envelope(payload_type=payload_type, payload=payload, signatures=signatures)


def test_an_envelope_is_read_as_it_was_written(signer):
    envelope = sealed(b"{}", signer, Signer.generate())
    written = write_envelope(envelope)
    assert read_envelope(written) == envelope
    assert written.endswith(b"}\n")
    assert list(json.loads(written)) == ["payload", "payloadType", "signatures"]
    assert list(json.loads(written)["signatures"][0]) == ["keyid", "sig"]


def test_an_entry_has_the_envelope_that_was_signed(record, database, draft, signer):
    entry = entry_at(database, record.append(draft(b'{"a":1}')).index)
    envelope = envelope_of(entry)
    assert envelope.signers([signer.public]) == [signer.public]
    assert (envelope.payload, envelope.payload_type) == (b'{"a":1}', "application/json")
    assert envelope.signatures[0].key_id == signer.public.id


def test_an_erased_entry_has_no_envelope(record, database, draft, signer):
    entry = entry_at(database, record.append(draft()).index)
    with pytest.raises(UsageProblem, match="Entry 0 is erased"):
        envelope_of(replace(entry, payload=None, signature=None))


def test_whoever_signed_is_told_once_and_nobody_else(signer):
    other, stranger = Signer.generate(), Signer.generate()
    envelope = sealed(b"{}", signer, other, signer)
    keys = [stranger.public, other.public, signer.public, signer.public]
    assert envelope.signers(keys) == [other.public, signer.public]
    assert envelope.signers([stranger.public]) == []


def test_a_hint_decides_nothing(signer):
    envelope = sealed(b"{}", signer)
    (signature,) = envelope.signatures
    for hint in ("", Signer.generate().public.id):
        unhinted = replace(envelope, signatures=(Signature(hint, signature.value),))
        assert unhinted.signers([signer.public]) == [signer.public]
    forged = replace(envelope, signatures=(Signature(signer.public.id, bytes(64)),))
    assert forged.signers([signer.public]) == []


@given(st.binary(min_size=1, max_size=60), st.data())
def test_an_envelope_with_any_other_byte_is_signed_by_nobody(payload, data):
    envelope = sealed(payload, SIGNER)
    position = data.draw(st.integers(0, len(payload) - 1))
    other = bytearray(payload)
    other[position] ^= data.draw(st.integers(1, 255))
    assert replace(envelope, payload=bytes(other)).signers([SIGNER.public]) == []
    assert replace(envelope, payload_type=STATEMENT_TYPE + "x").signers([SIGNER.public]) == []


def test_either_base64_is_read(signer):
    payload = bytes(range(256))
    written = json.loads(write_envelope(sealed(payload, signer)))
    for each in (written, *written["signatures"]):
        for name in each.keys() & {"payload", "sig"}:
            each[name] = each[name].translate(str.maketrans("+/", "-_"))
    assert read_envelope(json.dumps(written).encode()) == sealed(payload, signer)


SIGNATURE = {"keyid": "", "sig": "AA=="}


@pytest.mark.parametrize(
    "changes",
    [
        {"payload": None},
        {"payload": "e30"},
        {"payload": "e31="},
        {"payload": "e3 0="},
        {"payload": "é"},
        {"payloadType": None},
        {"payloadType": 7},
        {"signatures": None},
        {"signatures": []},
        {"signatures": {}},
        {"signatures": [{"keyid": ""}]},
        {"signatures": [{"keyid": "", "sig": "A"}]},
        {"signatures": [SIGNATURE] * (MAX_SIGNATURES + 1)},
    ],
)
def test_what_is_no_envelope_is_refused(changes):
    right = {"payload": "e30=", "payloadType": "x", "signatures": [SIGNATURE]}
    assert read_envelope(json.dumps(right).encode()).payload == b"{}"
    wrong = {name: value for name, value in {**right, **changes}.items() if value is not None}
    with pytest.raises(UnreadableProblem, match="The envelope"):
        read_envelope(json.dumps(wrong).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b'"x"', b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(data):
    with pytest.raises(UnreadableProblem, match="The envelope"):
        read_envelope(data)


@given(st.binary(max_size=200))
def test_garbage_is_refused_with_a_sentence(data):
    with pytest.raises(UnreadableProblem):
        read_envelope(data)
