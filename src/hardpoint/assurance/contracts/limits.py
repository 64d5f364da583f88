"""Limits of numbers, lengths and counts: the tightest of all that hold together, before and after."""

from collections.abc import Iterator
from typing import Any

from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.schemas import Schema

_BOUNDS = (
    ("maximum", "max", True),
    ("minimum", "min", False),
    ("maxLength", "max-length", True),
    ("minLength", "min-length", False),
    ("maxItems", "max-items", True),
    ("minItems", "min-items", False),
    ("maxProperties", "max-properties", True),
    ("minProperties", "min-properties", False),
    ("maxContains", "max-contains", True),
    ("minContains", "min-contains", False),
)
_RANGES = frozenset({"maximum", "minimum"})
_SET = {"min-length": "increased", "min-properties": "increased"}
"""Limits that are there even where nothing is said: the least length is 0."""
_LEAST_CONTAINED = 1
"""What `minContains` is where nothing is said (JSON Schema 2020-12 Validation, section 6.4.5)."""
LIMITS = frozenset({"exclusiveMaximum", "exclusiveMinimum", *(keyword for keyword, *_ in _BOUNDS)})
"""The keywords that limit something."""

Limit = tuple[str, Any, Any, str]
"""The aspect that changed, what was, what is, and the keyword."""


def limits(base: Schema, revision: Schema) -> Iterator[Limit]:
    """What changed in limits."""
    for keyword, what, at_most in _BOUNDS:
        if keyword in _RANGES:
            yield from _range(base, revision, keyword, what, at_most=at_most)
            continue
        was, now = (_bound(each, keyword, at_most=at_most) for each in (base, revision))
        if was != now:
            yield _limit(what, was, now, keyword, at_most=at_most)


def _range(base: Schema, revision: Schema, keyword: str, what: str, *, at_most: bool) -> Iterator[Limit]:
    """A limit of a number, which may itself be excluded (3.0: a flag beside it; else a keyword of its own)."""
    was, now = (_edge(each, keyword, at_most=at_most) for each in (base, revision))
    if was != now:
        excluded = (now or was or (0, False))[1]
        yield _limit(f"exclusive-{what}" if excluded else what, was, now, keyword, at_most=at_most)


def _limit(what: str, was: Any, now: Any, keyword: str, *, at_most: bool) -> Limit:
    old, new = (each[0] if isinstance(each, tuple) else each for each in (was, now))
    if was is None:
        return f"{what}-{_SET.get(what, 'set')}", 0 if what in _SET else "", new, keyword
    if now is None:
        return f"{what}-unset", old, "", keyword
    rises = _place(now, at_most=at_most) > _place(was, at_most=at_most)
    return f"{what}-{'increased' if rises else 'decreased'}", old, new, keyword


def _numbers(nodes: list[Node]) -> list[Any]:
    return [node.value for node in nodes if isinstance(node.value, int | float) and not isinstance(node.value, bool)]


def _bound(schema: Schema, keyword: str, *, at_most: bool) -> Any:
    found = _numbers(schema.having(keyword))
    limit = (min if at_most else max)(found, default=None)
    if keyword == "minContains":
        return _LEAST_CONTAINED if limit is None else limit
    return None if limit == 0 and not at_most else limit


def _edge(schema: Schema, keyword: str, *, at_most: bool) -> tuple[Any, bool] | None:
    """The tightest limit of a number, and whether it is itself excluded."""
    excluding = f"exclusive{keyword.capitalize()}"
    found = [(value, True) for value in _numbers(schema.having(excluding))]
    for node in schema.nodes:
        if isinstance(node.value, dict):
            limit = Node(node.value.get(keyword), node.source)
            found += [(value, node.value.get(excluding) is True) for value in _numbers([limit])]
    return (min if at_most else max)(found, key=lambda each: _place(each, at_most=at_most), default=None)


def _place(limit: Any, *, at_most: bool) -> Any:
    """Where a limit is on the line of all limits."""
    if not isinstance(limit, tuple):
        return limit
    return (limit[0], 0 if limit[1] == at_most else 1)


def divides(divisor: Any, number: Any) -> bool:
    """Whether every multiple of a number is one of the divisor, too."""
    if divisor is None:
        return True
    plain = all(isinstance(each, int | float) and not isinstance(each, bool) and each > 0 for each in (divisor, number))
    return plain and bool(number % divisor == 0)
