"""Cosignatures: the layout of C2SP, and nothing else is read."""

from base64 import b64encode
from hashlib import sha256

import pytest

from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.record import verify_bundle as second
from hardpoint.kernel.record.checkpoint import Checkpoint, sign_checkpoint
from hardpoint.kernel.record.cosignature import (
    MAX_COSIGNATURES,
    cosign,
    is_witness_name,
    join_cosignatures,
    split_cosignatures,
)
from hardpoint.kernel.record.proofs import EMPTY_ROOT

CHECKPOINT = Checkpoint("hardpoint/0123456789abcdef", 0, EMPTY_ROOT)
OBSERVER = Signer.generate()
NAME, TIME = "observer.example/1", 1_774_965_600
pytestmark = pytest.mark.requirement("GAT-14")


@pytest.fixture
def plain(signer):
    return sign_checkpoint(CHECKPOINT, signer)


@pytest.fixture
def note(plain):
    return join_cosignatures(plain, [cosign(CHECKPOINT, NAME, OBSERVER, TIME)])


def test_a_cosignature_has_the_layout_of_c2sp(plain, note):
    key_id = sha256(f"{NAME}\n".encode() + b"\x04" + OBSERVER.public.raw).digest()[:4]
    signature = OBSERVER.sign(f"cosignature/v1\ntime {TIME}\n{CHECKPOINT.body()}".encode())
    blob = key_id + TIME.to_bytes(8, "big") + signature
    assert note == plain + f"\N{EM DASH} {NAME} {b64encode(blob).decode()}\n".encode()


def test_what_was_joined_is_split_again(plain, note):
    others = [cosign(CHECKPOINT, f"{number}", Signer.generate(), number) for number in range(3)]
    (only,) = split_cosignatures(note)[1]
    assert split_cosignatures(plain) == (plain, ())
    assert split_cosignatures(join_cosignatures(note, others)) == (plain, (only, *others))
    assert only.verifies(CHECKPOINT, OBSERVER.public)
    assert not only.verifies(Checkpoint(CHECKPOINT.origin, 1, EMPTY_ROOT), OBSERVER.public)
    assert not only.verifies(CHECKPOINT, Signer.generate().public)


def test_the_second_verifier_reads_it_alike(note, signer):
    read = second.Checkpoint(note.decode())
    assert read.is_signed_by(signer.public.raw)
    assert read.cosigned_at(NAME, OBSERVER.public.raw) == TIME
    assert read.cosigned_at("another", OBSERVER.public.raw) is None


def ours(note):
    try:
        _, (only,) = split_cosignatures(note)
    except ValueError:
        return False
    return only.names(NAME, OBSERVER.public) and only.verifies(CHECKPOINT, OBSERVER.public)


def theirs(note):
    try:
        return second.Checkpoint(note.decode()).cosigned_at(NAME, OBSERVER.public.raw) is not None
    except ValueError:
        return False


def test_no_byte_of_a_cosignature_can_be_changed_for_either_verifier(plain, note):
    assert ours(note)
    assert theirs(note)
    for at in range(len(plain), len(note)):
        for change in (1, 2, 32, 128):
            edited = note[:at] + bytes([note[at] ^ change]) + note[at + 1 :]
            assert (ours(edited), theirs(edited)) == (False, False), (at, change)


@pytest.mark.parametrize(
    "edit",
    [
        lambda note, plain: note[:-1],
        lambda note, plain: note + b"\n",
        lambda note, plain: note + b"a word more\n",
        lambda note, plain: plain + plain.split(b"\n\n")[1],
        lambda note, plain: note.replace(plain.split(b"\n\n")[1], b""),
        lambda note, plain: note.replace(b"observer.example/1", b"two words"),
        lambda note, plain: note.replace(b"observer.example/1", b"a+b"),
        lambda note, plain: note.replace(b"observer.example/1", b""),
        lambda note, plain: note.replace(b"observer.example/1", CHECKPOINT.origin.encode()),
        lambda note, plain: note[:-2] + b"AAA=\n",
        lambda note, plain: note.replace(b"\n\n", b"\nextension\n\n"),
    ],
)
def test_any_other_text_is_refused_by_both(note, plain, edit):
    with pytest.raises(ValueError):  # noqa: PT011 - any ValueError is the contract
        split_cosignatures(edit(note, plain))
    with pytest.raises(ValueError):  # noqa: PT011
        second.Checkpoint(edit(note, plain).decode())


def test_a_note_of_more_signatures_than_a_reader_must_read_is_refused(plain):
    line = cosign(CHECKPOINT, NAME, OBSERVER, TIME)
    split_cosignatures(join_cosignatures(plain, [line] * MAX_COSIGNATURES))
    with pytest.raises(ValueError, match="line for each"):
        split_cosignatures(join_cosignatures(plain, [line] * (MAX_COSIGNATURES + 1)))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "a\nb", "a\N{NO-BREAK SPACE}b"])
def test_a_name_that_cannot_stand_in_a_note_is_no_witness_name(name):
    assert not is_witness_name(name)
    assert is_witness_name(NAME)
