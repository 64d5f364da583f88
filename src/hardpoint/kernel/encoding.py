"""JSON in and out: typed, fast, and the only module that knows the codec."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from hardpoint.kernel.problem import UnreadableProblem

T = TypeVar("T")

Unread = msgspec.Raw
"""A value of a shape that is left as it was written, for a reader() to read when its turn comes."""


def encode(value: object) -> bytes:
    """Compact JSON, mappings with sorted keys: equal values give equal bytes.

    Raises UnreadableProblem for text that UTF-8 cannot write, such as a file's name in another encoding.
    """
    try:
        return msgspec.json.encode(value, order="deterministic")
    except UnicodeEncodeError as error:
        raise UnreadableProblem(f"{error.object!r} is not text that UTF-8 can write") from error


def encode_as_is(value: object) -> bytes:
    """Compact JSON, mappings in the order that they have: to look through, not to compare."""
    return msgspec.json.encode(value)


def pretty(value: object) -> str:
    """Indented JSON in the given order, for people and diffs."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def plain(value: object) -> Any:
    """Dataclasses, enums and instants as the plain values that JSON has."""
    return msgspec.to_builtins(value)


def convert(value: object, shape: type[T], *, what: str) -> T:
    """Plain values as a value of `shape`.

    Raises UnreadableProblem, whose sentence says what is wrong and at which path.
    """
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise UnreadableProblem(f"{what} is not what it should be: {error}") from error


def reader(shape: type[T], *, what: str) -> Callable[[bytes | Unread], T]:
    """What decodes many JSON texts of one shape, faster than decode() does one by one."""
    decoder = msgspec.json.Decoder(shape)

    def read(data: bytes | Unread) -> T:
        try:
            return decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UnreadableProblem(f"{what} is not the JSON that it should be: {error}") from error

    return read


def refuse_doubles(data: bytes, *, what: str) -> None:
    """Raises UnreadableProblem if an object in the JSON text has a name twice, which readers take differently."""
    try:
        json.loads(data, object_pairs_hook=_once, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise UnreadableProblem(f"{what} is not the JSON that it should be: {error}") from error


def refuse_lost_doubles(data: bytes, tree: object, *, what: str) -> None:
    """refuse_doubles() for a text that was decoded to `tree`: as long as no name can have been lost, in no time.

    Raises UnreadableProblem if an object in the JSON text has a name twice.
    """
    names = data.count(b'":')
    if b"u0022" in data or names != msgspec.json.encode(tree).count(b'":'):
        refuse_doubles(data, what=what)


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("an object has a name twice")


def decode(data: bytes, shape: type[T], *, what: str) -> T:
    """The JSON text as a value of `shape`; unknown fields are ignored unless the shape forbids them.

    Raises UnreadableProblem, whose sentence says what is wrong and where (byte offset or path).
    """
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        cut_off = f" (byte {len(data)})" if str(error) == _CUT_OFF else ""
        raise UnreadableProblem(f"{what} is not the JSON that it should be: {error}{cut_off}") from error


_CUT_OFF = "Input data was truncated"
"""What the codec says of this, without the place that it gives of everything else."""
