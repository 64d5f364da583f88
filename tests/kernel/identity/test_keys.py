"""Keys: made once, for their owner's eyes, and refused where they are not what they should be."""

import subprocess
import sys
import threading
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from hardpoint.kernel.identity.keys import KEY_FILE, SETTING, PublicKey, Signer, known_signer, signer_of
from hardpoint.kernel.problem import UsageProblem

NO_ENCRYPTION = serialization.NoEncryption()


def pem_of(key, encryption=NO_ENCRYPTION):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()


@pytest.fixture
def own():
    return ed25519.Ed25519PrivateKey.generate()


# The user's own key.


def test_a_key_is_made_once_and_found_again(tmp_path):
    first = signer_of(tmp_path / "settings", {})
    assert signer_of(tmp_path / "settings", {}).public == first.public


def test_a_key_is_for_its_owners_eyes_alone(tmp_path):
    folder = tmp_path / "settings"
    signer_of(folder, {})
    assert (folder / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_nothing_but_the_key_is_left_in_the_folder(tmp_path):
    signer_of(tmp_path, {})
    assert [file.name for file in tmp_path.iterdir()] == [KEY_FILE]


def test_asking_for_a_known_key_makes_none(tmp_path):
    assert known_signer(tmp_path, {}) is None
    assert list(tmp_path.iterdir()) == []
    made = signer_of(tmp_path, {})
    assert known_signer(tmp_path, {}).public == made.public


def test_an_existing_key_is_never_replaced(tmp_path, own):
    (tmp_path / KEY_FILE).write_text(pem_of(own))
    assert signer_of(tmp_path, {}).public.raw == own.public_key().public_bytes_raw()


def test_a_broken_key_file_is_refused_and_kept(tmp_path):
    (tmp_path / KEY_FILE).write_text("not a key")
    with pytest.raises(UsageProblem, match=KEY_FILE):
        signer_of(tmp_path, {})
    assert (tmp_path / KEY_FILE).read_text() == "not a key"


def test_a_key_of_another_kind_by_one_damaged_byte_is_refused(tmp_path, own):
    der = own.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, NO_ENCRYPTION)
    at = der.index(b"\x2b\x65\x70") + 2  # 1.3.101.112 is Ed25519 (RFC 8410, section 3)
    for number in set(range(256)) - {der[at]}:
        damaged = b64encode(der[:at] + bytes([number]) + der[at + 1 :]).decode()
        (tmp_path / KEY_FILE).write_text(f"-----BEGIN PRIVATE KEY-----\n{damaged}\n-----END PRIVATE KEY-----\n")
        with pytest.raises(UsageProblem, match=KEY_FILE):
            signer_of(tmp_path, {})


def test_processes_that_race_get_the_same_key(tmp_path):
    script = (
        "import os, sys; from pathlib import Path; from hardpoint.kernel.identity.keys import signer_of\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(signer_of(Path(sys.argv[1]), {}).public)"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "settings")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("\n")
        racer.stdin.flush()
    keys = {racer.communicate()[0] for racer in racers}
    assert keys == {f"{signer_of(tmp_path / 'settings', {}).public}\n"}


def test_threads_that_race_get_the_same_key(tmp_path):
    keys, start = [], threading.Barrier(8)

    def race():
        start.wait()
        keys.append(signer_of(tmp_path, {}).public)

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


# A key that is given.


def test_a_key_is_given_as_text(tmp_path, own):
    signer = signer_of(tmp_path, {SETTING: pem_of(own)})
    assert signer.public.raw == own.public_key().public_bytes_raw()
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_given_as_a_path(tmp_path, own):
    (tmp_path / "ci.pem").write_text(pem_of(own))
    given = {SETTING: str(tmp_path / "ci.pem")}
    assert signer_of(tmp_path, given).public.raw == own.public_key().public_bytes_raw()
    assert known_signer(tmp_path, given).public == signer_of(tmp_path, given).public


def test_a_given_key_goes_before_the_users_own(tmp_path, own):
    mine = signer_of(tmp_path, {})
    assert signer_of(tmp_path, {SETTING: pem_of(own)}).public != mine.public


def test_a_path_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(UsageProblem, match="cannot be read"):
        signer_of(tmp_path, {SETTING: str(tmp_path / "none.pem")})


def wrong_keys():
    unknown = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, NO_ENCRYPTION
    )
    unknown = unknown.replace(b"\x2b\x65\x70", b"\x2b\x65\x33")  # an algorithm that nobody knows
    body = b64encode(unknown).decode()
    return {
        "empty": "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        "cut": pem_of(ed25519.Ed25519PrivateKey.generate())[:-40],
        "elliptic": pem_of(ec.generate_private_key(ec.SECP256R1())),
        "encrypted": pem_of(ed25519.Ed25519PrivateKey.generate(), serialization.BestAvailableEncryption(b"password")),
        "public": ed25519.Ed25519PrivateKey.generate()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
        "unknown": f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n",
    }


@pytest.mark.parametrize("kind", ["empty", "cut", "elliptic", "encrypted", "public", "unknown"])
def test_a_wrong_key_is_refused(tmp_path, kind):
    with pytest.raises(UsageProblem, match="does not hold an unencrypted Ed25519 private key") as refused:
        signer_of(tmp_path, {SETTING: wrong_keys()[kind]})
    assert "PRIVATE KEY" not in str(refused.value)


# Public keys as text.


def test_a_public_key_is_read_as_it_is_printed():
    key = Signer.generate().public
    assert PublicKey.parse(str(key)) == key
    assert str(key).startswith("ed25519:")
    assert len(key.id) == 64


@pytest.mark.parametrize(
    "text",
    ["", "ed25519:", "ed25519:AAAA", "ed25519:" + "A" * 44, "ed25519:" + "*" * 44, "A" * 43 + "=", None, 7,
     "ed25519:ed25519:" + "A" * 43 + "=", "ED25519:" + "A" * 43 + "=", "ed25519:\N{SNOWMAN}"],
)  # fmt: skip
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(ValueError, match="expected a public key"):
        PublicKey.parse(text)


def test_a_signature_of_any_length_is_checked_without_an_exception():
    signer = Signer.generate()
    assert signer.public.verifies(signer.sign(b"message"), b"message")
    for signature in (b"", b"\0", b"\0" * 63, b"\0" * 64, b"\0" * 65, signer.sign(b"other")):
        assert not signer.public.verifies(signature, b"message")


def test_a_key_that_is_no_point_verifies_nothing():
    assert not PublicKey(b"\xff" * 32).verifies(b"\0" * 64, b"message")


def test_a_private_key_is_not_shown_by_its_signer(own):
    shown = repr(Signer(own)) + str(Signer(own))
    assert own.private_bytes_raw().hex() not in shown
    assert pem_of(own) not in shown


@pytest.mark.parametrize("what", ["no folder", "no file"])
def test_a_key_that_cannot_be_made_or_read_is_refused_with_the_remedy(tmp_path, what):
    folder = tmp_path / "settings"
    if what == "no folder":
        folder.write_text("")
    else:
        (folder / KEY_FILE).mkdir(parents=True)
    with pytest.raises(UsageProblem, match="cannot be read or made") as refused:
        signer_of(folder, {})
    assert "HARDPOINT_CONFIG_DIR" in refused.value.remedy


# Public keys as other tools write them.


def test_a_public_key_is_read_from_the_pem_that_it_is_written_as(own):
    key = Signer(own).public
    assert PublicKey.from_pem(key.pem.encode()) == key
    assert key.pem.startswith("-----BEGIN PUBLIC KEY-----\n")


def test_what_is_no_public_key_in_pem_is_refused(own):
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    spki = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for pem in (b"", b"x", pem_of(own).encode(), other.public_bytes(*spki)):
        with pytest.raises(ValueError, match="does not hold an Ed25519 public key"):
            PublicKey.from_pem(pem)
