"""Ed25519 keys: the signer of this user or runner, and public keys as text."""

import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hardpoint.kernel.problem import UsageProblem

SETTING = "HARDPOINT_SIGNING_KEY"
"""The Ed25519 key to sign with, as PEM text or the path of a PEM file; by default the user's own, made on first use."""
KEY_FILE = "signing-key.pem"
PREFIX = "ed25519:"
RAW_BYTES = 32
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, InternalError)
"""What the library raises for PEM that is no key; the last for one byte of the algorithm's number changed."""


_MAX = 2**255 - 1
_P = 2**255 - 19
_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = frozenset({0, 1, _P - 1, _P, _P + 1, _ORDER_8, _P - _ORDER_8})
"""The y of the points whose order divides 8, in every spelling; signatures under them prove nothing (Chalkias,
Garillot, Nikolaenko, "Taming the Many EdDSAs", 2020, section 2).
"""


@dataclass(frozen=True)
class PublicKey:
    """An Ed25519 public key (RFC 8032); `raw` is its 32 bytes."""

    raw: bytes

    @classmethod
    def parse(cls, text: object) -> "PublicKey":
        """Read `ed25519:<base64 of the 32 bytes>`.

        Raises ValueError with the sentence for a declaration's mistake.
        """
        try:
            raw = b64decode(str(text).removeprefix(PREFIX), validate=True)
        except (Base64Error, ValueError):
            raw = b""
        if not str(text).startswith(PREFIX) or len(raw) != RAW_BYTES:
            raise ValueError(f"expected a public key such as ed25519:<44 characters of base64>, got {text!r}")
        if int.from_bytes(raw, "little") & _MAX in _SMALL_ORDER:
            raise ValueError(f"{text!r} is a key of small order, under which anybody can sign")
        return cls(raw)

    @classmethod
    def from_pem(cls, pem: bytes) -> "PublicKey":
        """Read a PEM file of a SubjectPublicKeyInfo (RFC 8410), as openssl and other tools write it.

        Raises ValueError if it does not hold an Ed25519 public key.
        """
        try:
            key = serialization.load_pem_public_key(pem)
        except _UNREADABLE:
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("does not hold an Ed25519 public key in PEM")  # noqa: TRY004 - what, not which type
        return cls(key.public_bytes_raw())

    @property
    def pem(self) -> str:
        """The key as PEM of a SubjectPublicKeyInfo (RFC 8410), which other tools read."""
        form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return self._key.public_bytes(*form).decode()

    def __str__(self) -> str:
        return PREFIX + b64encode(self.raw).decode()

    @cached_property
    def id(self) -> str:
        """SHA-256 of the raw key in hex: what headers and envelopes name the key by."""
        return sha256(self.raw).hexdigest()

    @cached_property
    def _key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.raw)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether the signature over the message was made with this key."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> object:
        from pydantic_core import core_schema

        pattern = rf"^{PREFIX}[A-Za-z0-9+/]{{43}}=$"
        return core_schema.no_info_plain_validator_function(
            cls.parse, json_schema_input_schema=core_schema.str_schema(pattern=pattern)
        )


class Signer:
    """A private key that signs; it is never printed, logged or stored by this class."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> "Signer":
        """A new key that exists only in memory."""
        return cls(Ed25519PrivateKey.generate())

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of an Ed25519 signature."""
        return self._key.sign(message)


def signer_of(folder: Path, environment: Mapping[str, str]) -> Signer:
    """The signer that HARDPOINT_SIGNING_KEY gives (PEM text or a path), else the user's, made on first use.

    Raises UsageProblem if the key given is not an Ed25519 key in PEM PKCS#8, or the user's cannot be read or made.
    """
    given = environment.get(SETTING)
    if given:
        return Signer(_parse(_pem_of(given), SETTING))
    file = folder / KEY_FILE
    try:
        if not file.exists():
            _make(file)
        return Signer(_parse(file.read_bytes(), str(file)))
    except OSError as error:
        raise UsageProblem(
            f"The signing key {file} cannot be read or made: {error.strerror}",
            remedy=f"Set HARDPOINT_CONFIG_DIR to a folder that is yours, or {SETTING} to a key.",
        ) from error


def known_signer(folder: Path, environment: Mapping[str, str]) -> Signer | None:
    """The signer as signer_of gives it, but none is made."""
    if environment.get(SETTING) or os.path.lexists(folder / KEY_FILE):
        return signer_of(folder, environment)
    return None


def _pem_of(given: str) -> bytes:
    if given.lstrip().startswith("-----BEGIN"):
        return given.encode()
    try:
        return Path(given).read_bytes()
    except OSError as error:
        raise UsageProblem(
            f"{SETTING} names a file that cannot be read: {error.strerror}",
            remedy="Give a path, or the PEM text itself.",
        ) from error


def _parse(pem: bytes, where: str) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except _UNREADABLE:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageProblem(
            f"{where} does not hold an unencrypted Ed25519 private key",
            remedy="openssl genpkey -algorithm ed25519 makes one.",
        )
    return key


def _make(file: Path) -> None:
    """Write a new key for its owner's eyes only; of two processes that try, one wins and both use its key."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(pem)
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, file)  # unlike a rename, a link never replaces
    except FileExistsError:
        pass
    finally:
        draft.unlink()
