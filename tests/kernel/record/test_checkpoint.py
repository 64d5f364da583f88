"""Signed notes: what is written can be read, and nothing else can."""

from base64 import b64encode
from hashlib import sha256

import pytest

from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.record.checkpoint import (
    Checkpoint,
    is_signed_by,
    parse_checkpoint,
    sign_checkpoint,
    signing_key,
)
from hardpoint.kernel.record.proofs import EMPTY_ROOT

ORIGIN = "hardpoint/0123456789abcdef"
CHECKPOINT = Checkpoint(ORIGIN, 0, EMPTY_ROOT)


@pytest.fixture
def note(signer):
    return sign_checkpoint(CHECKPOINT, signer)


def test_a_note_has_the_layout_of_c2sp(note, signer):
    body, signature = note.decode().split("\n\n")
    assert body == f"{ORIGIN}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    key_id = sha256(f"{ORIGIN}\n".encode() + b"\x01" + signer.public.raw).digest()[:4]
    signed = key_id + signer.sign(f"{body}\n".encode())
    assert signature == f"\N{EM DASH} {ORIGIN} {b64encode(signed).decode()}\n"


def test_a_note_is_read_as_the_checkpoint_that_was_signed(note, signer):
    assert parse_checkpoint(note) == CHECKPOINT
    assert signing_key(note, [Signer.generate().public, signer.public]) == signer.public
    assert is_signed_by(note, signer.public)


def test_a_stranger_is_no_signer_of_a_note(note):
    stranger = Signer.generate().public
    assert signing_key(note, [stranger]) is None
    assert not is_signed_by(note, stranger)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\n0\n", b"\n00\n"),
        (b"\n0\n", b"\n+0\n"),
        (b"\n0\n", b"\n 0\n"),
        (b"\n0\n", b"\n1_0\n"),
        (b"\n0\n", b"\n" + b"9" * 5000 + b"\n"),
        (b"\n0\n", "\n\N{ARABIC-INDIC DIGIT ZERO}\n".encode()),
        (b"FU=\n", b"FU=\nextension\n"),
        (b"FU=\n", b"FV=\n"),
        (b"FU=\n", b"\n"),
        (b"\n\n", b"\n"),
        (b"\n", b"\r\n"),
        (b"hardpoint", b"\xff"),
    ],
)
def test_a_text_that_is_not_as_written_is_no_checkpoint(note, old, new):
    with pytest.raises(ValueError):  # noqa: PT011 - any ValueError is the contract
        parse_checkpoint(note.replace(old, new))


@pytest.mark.parametrize(
    "edit",
    [
        lambda note: note.replace("\N{EM DASH}".encode(), b"-"),
        lambda note: note[:-1],
        lambda note: note + note.split(b"\n\n")[1],
        lambda note: note.split(b"\n\n")[0] + b"\n\n",
        lambda note: b"",
        lambda note: note[:-5] + b"*" + note[-4:],
    ],
)
def test_a_note_without_exactly_one_signature_line_names_no_key(note, signer, edit):
    with pytest.raises(ValueError):  # noqa: PT011
        signing_key(edit(note), [signer.public])
    with pytest.raises(ValueError):  # noqa: PT011
        is_signed_by(edit(note), signer.public)


def test_a_signature_line_under_another_name_is_refused(note, signer):
    """The name is not signed: whoever can compute a key id could write another."""
    other = "hardpoint/other"
    key_id = sha256(f"{other}\n".encode() + b"\x01" + signer.public.raw).digest()[:4]
    signature = signer.sign(CHECKPOINT.body().encode())
    line = f"\N{EM DASH} {other} {b64encode(key_id + signature).decode()}\n"
    with pytest.raises(ValueError, match="signature line"):
        signing_key(note.split(b"\n\n")[0] + b"\n\n" + line.encode(), [signer.public])


def test_a_size_that_was_not_signed_does_not_verify(note, signer):
    grown = note.replace(b"\n0\n", b"\n1\n")
    assert parse_checkpoint(grown).size == 1
    assert not is_signed_by(grown, signer.public)
