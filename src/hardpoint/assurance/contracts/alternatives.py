"""The alternatives of a union, before and after: which is which."""

from collections.abc import Callable

from hardpoint.assurance.contracts.schemas import Schema

_ALIKE = 0.5
"""The share of properties that two nameless alternatives have in common if they are the same one, changed."""


def matched(
    was: list[Schema], now: list[Schema], same: Callable[[Schema, Schema], bool]
) -> tuple[list[tuple[Schema, Schema]], list[Schema], list[Schema]]:
    """Alternatives in pairs, by name, content, likeness, place; then those that are gone, and those that are new."""
    pairs: list[tuple[Schema, Schema]] = []
    left, right = list(was), list(now)
    for alike in (lambda one, other: bool(one.label) and one.label == other.label, same, _likeness, _is_moved):
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


def _is_moved(one: Schema, other: Schema) -> bool:
    """Whether one with the same properties was a component, or is one now, or is one that has another name."""
    if not one.property_names or (one.types, one.property_names) != (other.types, other.property_names):
        return False
    if one.component and other.component:
        return not one.knows(other.component) and not other.knows(one.component)
    return bool(one.component or other.component)


def are_exclusive(alternatives: list[Schema]) -> bool:
    """Whether no value can be two of some alternatives: their types, or the values of one property, say so."""
    kinds = [each.types for each in alternatives]
    if all(kinds) and sum(len(each or ()) for each in kinds) == len(frozenset().union(*(each or () for each in kinds))):
        return not frozenset({"integer", "number"}) <= frozenset().union(*(each or () for each in kinds))
    shared = frozenset.intersection(*(each.required & each.property_names for each in alternatives))
    return any(_are_told_apart_by(name, alternatives) for name in shared)


def _are_told_apart_by(name: str, alternatives: list[Schema]) -> bool:
    values: list[str] = []
    for each in alternatives:
        of_it = each.property_of(name)
        if of_it is None or each.types is None or each.types != {"object"}:
            return False
        stated = [of_it.first("const")] if of_it.having("const") else of_it.first("enum")
        if not isinstance(stated, list):
            return False
        values += map(repr, stated)
    return len(values) == len(set(values))


def _likeness(one: Schema, other: Schema) -> bool:
    if one.label or other.label:
        return False
    names = one.property_names | other.property_names
    return bool(names) and len(one.property_names & other.property_names) >= _ALIKE * len(names)
