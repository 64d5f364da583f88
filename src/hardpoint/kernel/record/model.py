"""What the record holds: entries with their headers, and what an append is acknowledged with."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from annotated_types import MinLen

from hardpoint.kernel.declarations import Section, declared

SALT_BYTES = 32
SIGNATURE_BYTES = 64
MAX_PAYLOAD_BYTES = 256 * 1024 * 1024
ERASURE = "erasure"
"""The kind of the entries that order the erasure of another's body."""

ARCHIVAL = "archival"
"""The kind of the entries that order bodies out of the record into a file."""


def erasure_key(index: int) -> str:
    """The unique key of the order to erase that entry; the database's guard looks for it."""
    return f"erasure:{index}"


def archival_key(sha256: str) -> str:
    """The unique key of the order that names the file with that SHA-256, in hex."""
    return f"archival:{sha256}"


@declared
class DeclaredRecord:
    """Which record this repository keeps."""

    origin: Annotated[str, MinLen(1)] | None = None
    """Its name, as `hardpoint record verify --format json` prints it; a store without it is refused."""


RECORD = Section("record", DeclaredRecord, DeclaredRecord())


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is to be appended: the payload as signed bytes, and whom or what it is about.

    Within a subject, a newer entry of the same `topic` takes the place of an older one. An entry with a `unique` key is
    appended once; a second draft with that key is answered with the first entry.
    """

    kind: str
    subject: str
    topic: str = ""
    payload_type: str
    payload: bytes
    unique: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a leaf of the tree commits to; `body` is the hex SHA-256 of salt, signature and payload."""

    v: int
    index: int
    at: str
    kind: str
    subject: str
    topic: str
    payload_type: str
    body: str
    key: str
    unique: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as stored; an erased or archived one has no payload, and its proofs still hold."""

    index: int
    header: Header
    payload: bytes | None
    signature: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The acknowledgement of an append: durable, in the tree, under a signed checkpoint.

    `added` is False where an entry with the same unique key was there already.
    """

    index: int
    at: str
    added: bool


class Damage(StrEnum):
    """The ways in which a record can differ from what was acknowledged."""

    EDIT = "edit"
    DELETION = "deletion"
    TRUNCATION = "truncation"
    ROLLBACK = "rollback"
    FORK = "fork"
    UNSIGNED_TAIL = "unsigned tail"
    UNKNOWN_KEY = "unknown key"
    BIT_ROT = "bit rot"


WHOLE = -1
"""The index of a damage that belongs to no single entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """One damage and its place: an entry's index, or WHOLE for the record as a whole."""

    damage: Damage
    index: int
    text: str
