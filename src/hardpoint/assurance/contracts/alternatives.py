"""The alternatives of a union, before and after: which is which."""

from collections.abc import Callable

from hardpoint.assurance.contracts.schemas import Schema

_ALIKE = 0.5
"""The share of properties that two nameless alternatives have in common if they are the same one, changed."""


def matched(
    was: list[Schema], now: list[Schema], same: Callable[[Schema, Schema], bool]
) -> tuple[list[tuple[Schema, Schema]], list[Schema], list[Schema]]:
    """Alternatives in pairs, by name, by content, by likeness; then those that are gone, and those that are new."""
    pairs: list[tuple[Schema, Schema]] = []
    left, right = list(was), list(now)
    for alike in (lambda one, other: bool(one.label) and one.label == other.label, same, _likeness):
        for one in list(left):
            other = next((each for each in right if alike(one, each)), None)
            if other is not None:
                pairs.append((one, other))
                left.remove(one)
                right.remove(other)
    return pairs, left, right


def is_like(one: Schema, other: Schema) -> bool:
    """Whether two schemas are of one type, and have as good as the same properties."""
    names = one.property_names | other.property_names
    shared = one.property_names & other.property_names
    return one.types is not None and one.types == other.types and len(shared) >= _ALIKE * len(names)


def _likeness(one: Schema, other: Schema) -> bool:
    if one.label or other.label:
        return False
    names = one.property_names | other.property_names
    return bool(names) and len(one.property_names & other.property_names) >= _ALIKE * len(names)
