"""Records of Hardpoint's own for what no tool reports: JSON of a declared shape, read strictly."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from hardpoint.kernel import encoding, yaml
from hardpoint.kernel.declarations import Mistake, validate
from hardpoint.kernel.problem import UnreadableProblem

T = TypeVar("T")
MAX_RECORD_BYTES = 1024 * 1024
MAX_MISTAKES = 5
_URL = re.compile(r"https?://[^\s/]+\S*")


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """One kind of record: what its `schema` says, and its shape."""

    schema: str
    shape: type[T]

    def begins(self, start: bytes) -> bool:
        """Whether a file that begins so says that it is one, of this or another version."""
        kind = re.escape(self.schema.partition("/")[0].encode())
        return re.match(rb"(?:\xef\xbb\xbf)?\s*\{", start) is not None and bool(
            re.search(rb'"schema"\s*:\s*"' + kind + rb"/", start)
        )

    def read(self, data: bytes) -> T:
        """The record.

        Raises UnreadableProblem at the first mistake; unknown and repeated keys are mistakes, and up to MAX_MISTAKES
        are named with their paths.
        """
        what = f"The record ({self.schema})"
        encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), dict[str, object], what=what)
        document = yaml.load(data, "", max_bytes=MAX_RECORD_BYTES)  # JSON is YAML, which knows where everything stands
        record, mistakes = validate(document, (), self.shape)
        if record is None:
            raise _refused(mistakes)
        return record


def require(holds: bool, path: str, sentence: str) -> None:  # noqa: FBT001
    """What a shape alone does not say of a record.

    Raises UnreadableProblem with the path unless it holds.
    """
    if not holds:
        raise UnreadableProblem(f"{sentence} (`$.{path}`)")


def require_order(earlier: datetime, later: datetime, path: str, sentence: str) -> None:
    """Raises UnreadableProblem with the path if what must be the later instant is the earlier one."""
    require(earlier <= later, path, sentence)


def require_url(text: str, path: str) -> None:
    """Raises UnreadableProblem with the path unless the text is a URL that a browser can open."""
    require(_URL.fullmatch(text) is not None, path, f"says {text[:80]!r}, which is no http or https URL")


def require_once(each: tuple[str, ...], path: str) -> None:
    """Raises UnreadableProblem with the path if something stands there twice."""
    twice = sorted({one for one in each if each.count(one) > 1})
    require(not twice, path, f"names {', '.join(map(repr, twice))} more than once")


def _refused(mistakes: list[Mistake]) -> UnreadableProblem:
    first = min(mistakes, key=lambda mistake: mistake.place)
    told = [f"{each.path or '$'}: {each.text}" for each in sorted(mistakes, key=lambda mistake: mistake.place)]
    more = f" and {len(told) - MAX_MISTAKES} more" if len(told) > MAX_MISTAKES else ""
    count = "1 mistake" if len(told) == 1 else f"{len(told)} mistakes"
    return UnreadableProblem(f"has {count}: {'; '.join(told[:MAX_MISTAKES])}{more}", place=first.place)
