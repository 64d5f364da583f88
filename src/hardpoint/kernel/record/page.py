"""Pages: a fixed number of entries as lines of JSON, the form in which a whole record travels."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hardpoint.kernel import encoding
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.problem import IntegrityProblem, StoreProblem, UnreadableProblem
from hardpoint.kernel.record.bundle import what_is_wrong
from hardpoint.kernel.record.model import Header

PAGE_ENTRIES = 100
MAX_PAGE_BYTES = 64 * 1024 * 1024
"""What the common hosts of git repositories take as one file, with room to spare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """The four stored parts of an entry; an erased one has only its header."""

    header: bytes
    salt: bytes | None
    signature: bytes | None
    payload: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    header: str
    salt: str | None
    signature: str | None
    payload: str | None


_read_line = encoding.reader(_Line, what="A line of a page")
_read_header = encoding.reader(Header, what="The header of an entry")


def page_count(size: int) -> int:
    """How many pages hold so many entries."""
    return -(-size // PAGE_ENTRIES)


def write_page(entries: Sequence[StoredEntry]) -> bytes:
    """The entries as lines; equal entries give equal bytes.

    Raises StoreProblem for a page larger than MAX_PAGE_BYTES.
    """
    page = b"".join(map(_write_line, entries))
    if len(page) > MAX_PAGE_BYTES:
        raise StoreProblem(
            f"A page of {len(page)} bytes is larger than the {MAX_PAGE_BYTES} that it may have",
            remedy="Keep a record of such payloads in PostgreSQL.",
        )
    return page


def read_page(page: bytes, first: int, count: int) -> list[StoredEntry]:
    """The entries of the page that begins with entry `first`; nothing is verified but that it is spelled as written.

    Raises IntegrityProblem if it is not what write_page writes of `count` entries.
    """
    lines = page.splitlines(keepends=True)
    if len(lines) != count:
        raise IntegrityProblem(f"The page of entry {first} has {len(lines)} entries instead of {count}")
    found = []
    for index, line in enumerate(lines, first):
        try:
            read = _read_line(line)
            entry = StoredEntry(
                header=b64decode(read.header, validate=True),
                salt=_part(read.salt),
                signature=_part(read.signature),
                payload=_part(read.payload),
            )
        except (UnreadableProblem, Base64Error, ValueError) as error:
            raise IntegrityProblem(f"The line of entry {index} cannot be read") from error
        if _write_line(entry) != line:
            raise IntegrityProblem(f"The line of entry {index} is not spelled as Hardpoint writes it")
        found.append(entry)
    return found


def verified_header(entry: StoredEntry, index: int, keys: Mapping[str, PublicKey]) -> Header:
    """The header of an entry whose body and signature hold, or whose body was erased.

    Raises IntegrityProblem.
    """
    try:
        header = _read_header(entry.header)
    except UnreadableProblem as error:
        raise _broken(index, "its header cannot be read") from error
    if header.index != index:
        raise _broken(index, "its header is not one that belongs there")
    if entry.salt is None and entry.signature is None and entry.payload is None:
        return header
    if entry.salt is None or entry.signature is None or entry.payload is None:
        raise _broken(index, "a part of its body is gone")
    wrong = what_is_wrong(header, entry.salt, entry.signature, entry.payload, keys.get(header.key))
    if wrong:
        raise _broken(index, wrong)
    return header


def _broken(index: int, why: str) -> IntegrityProblem:
    return IntegrityProblem(f"Entry {index} of the copy does not hold: {why}")


def _write_line(entry: StoredEntry) -> bytes:
    line = _Line(
        header=b64encode(entry.header).decode(),
        salt=_text(entry.salt),
        signature=_text(entry.signature),
        payload=_text(entry.payload),
    )
    return encoding.encode(line) + b"\n"


def _text(part: bytes | None) -> str | None:
    return None if part is None else b64encode(part).decode()


def _part(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text, validate=True)
