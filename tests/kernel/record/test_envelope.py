"""What is signed of a payload, and what a header commits to."""

from hashlib import sha256

from hardpoint.kernel.record.envelope import body_hash, pre_authentication_encoding


def test_the_encoding_is_the_example_of_the_dsse_protocol():
    encoded = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_lengths_are_of_bytes():
    assert pre_authentication_encoding("\N{LATIN SMALL LETTER E WITH ACUTE}", b"").startswith(b"DSSEv1 2 ")


def test_type_and_payload_cannot_be_shifted_into_each_other():
    assert pre_authentication_encoding("a", b"b c") != pre_authentication_encoding("a b", b"c")


def test_a_body_is_committed_to_with_its_salt_and_signature():
    assert body_hash(b"salt", b"signature", b"payload") == sha256(b"saltsignaturepayload").hexdigest()
