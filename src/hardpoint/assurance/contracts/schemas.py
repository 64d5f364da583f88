"""A schema as all that holds for its values: references followed, `allOf` taken together, null told apart."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from hardpoint.assurance.contracts.document import Node, reference_in
from hardpoint.assurance.contracts.operations import Contract
from hardpoint.assurance.contracts.shapes import SCHEMA, check
from hardpoint.kernel.problem import UnreadableProblem

UNIONS = ("oneOf", "anyOf")
"""What is said of values, and limits none."""
_ROOF = frozenset({*UNIONS, "allOf", "nullable"})
_SCALARS_OF_TEXT = frozenset({"number", "integer", "boolean"})
_TYPE_OF = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object", list: "array"}
ANNOTATIONS = frozenset(
    {"title", "description", "example", "examples", "$comment", "externalDocs", "xml", "deprecated"}
)


class Schema:
    """Schemas that hold together for one value: what `allOf` and references bring, with what stands beside them.

    Nothing is copied: it is a view of the nodes of the document. Without nodes it is what any value satisfies.
    """

    def __init__(self, contract: Contract, nodes: tuple[Node, ...], node: Node | None) -> None:
        self._contract = contract
        self.nodes = nodes
        self.node = node
        self.key = tuple(sorted(id(each.value) for each in nodes))
        self.keywords: frozenset[str] = frozenset().union(
            *(each.value for each in nodes if isinstance(each.value, dict))
        )
        """What is said at all."""

    def having(self, keyword: str) -> list[Node]:
        """What stands under a keyword, in each of the schemas that have it."""
        if keyword not in self.keywords:
            return []
        return [
            Node(each.value[keyword], each.source, (*each.path, keyword))
            for each in self.nodes
            if isinstance(each.value, dict) and keyword in each.value
        ]

    def first(self, keyword: str) -> Any:
        """What stands under a keyword first, or None."""
        if keyword not in self.keywords:
            return None
        return next(
            each.value[keyword] for each in self.nodes if isinstance(each.value, dict) and keyword in each.value
        )

    @cached_property
    def core(self) -> tuple[Node, ...]:
        """The schemas that say more than that others hold."""
        return tuple(each for each in self.nodes if each.value is False or set(each.value) - ANNOTATIONS - _ROOF)

    @property
    def bare(self) -> "Schema":
        """The same without what only holds it together."""
        return Schema(self._contract, self.core, self.node)

    @property
    def never(self) -> bool:
        """Whether no value satisfies it: `false`."""
        return any(each.value is False for each in self.nodes)

    @cached_property
    def types(self) -> frozenset[str] | None:
        """The types that a value may have, null aside; None where nothing is said."""
        found: frozenset[str] | None = None
        for node in self.having("type"):
            stated = frozenset(_types(node.value)) - {"null"}
            found = stated if found is None else _both(found, stated)
        return found if found is not None else self._types_of_values()

    def _types_of_values(self) -> frozenset[str] | None:
        """The types of the values that alone are allowed, where no type is stated."""
        values = [node.value for node in self.having("const")]
        for node in self.having("enum"):
            values += node.value if isinstance(node.value, list) else []
        return frozenset(_TYPE_OF.get(type(each), "null") for each in values) - {"null"} if values else None

    @cached_property
    def nullable(self) -> bool:
        """Whether null is named as a value: by `nullable`, a type, or an alternative."""
        if any(node.value is True for node in self.having("nullable")):
            return True
        typed = self.having("type")
        if typed and all("null" in _types(node.value) for node in typed):
            return True
        if any(None in node.value for node in self.having("enum") if isinstance(node.value, list)) and not typed:
            return True
        return any(_is_null(each.value) for keyword in UNIONS for node in self.having(keyword) for each in node.each())

    @cached_property
    def says_nothing(self) -> bool:
        """Whether any value satisfies it."""
        return self.keywords <= ANNOTATIONS and not self.never

    @cached_property
    def required(self) -> frozenset[str]:
        """The properties that are always there."""
        return frozenset(
            name
            for node in self.having("required")
            if isinstance(node.value, list)
            for name in node.value
            if isinstance(name, str)
        )

    @cached_property
    def property_names(self) -> frozenset[str]:
        """The properties that are described."""
        return frozenset(name for node in self.having("properties") for name, _ in node.items())

    def property_of(self, name: str) -> "Schema | None":
        """The schema of a property, where it is described."""
        return self._below(
            [node[name] for node in self.having("properties") if isinstance(node.value, dict) and name in node.value]
        )

    def below(self, keyword: str) -> "Schema | None":
        """The schema under a keyword, if there is one."""
        return self._below([node for node in self.having(keyword) if isinstance(node.value, dict | bool)])

    def at(self, node: Node) -> "Schema":
        """The schema at a node of the same document."""
        return schema_of(self._contract, node)

    def named(self, keyword: str) -> Mapping[str, "Schema"]:
        """The schemas under a keyword by name: `patternProperties`, `dependentSchemas`."""
        names = {name for node in self.having(keyword) for name, _ in node.items()}
        found = {
            name: self._below(
                [node[name] for node in self.having(keyword) if isinstance(node.value, dict) and name in node.value]
            )
            for name in sorted(names)
        }
        return {name: schema for name, schema in found.items() if schema is not None}

    def alternatives(self, keyword: str) -> list["Schema"]:
        """What a union offers, null aside; nothing where it offers one thing only, which is then part of the whole."""
        return [
            schema_of(self._contract, each)
            for node in self.having(keyword)
            if len(offered := [each for each in node.each() if not _is_null(each.value)]) > 1
            for each in offered
        ]

    @cached_property
    def may_have_parts(self) -> bool:
        """Whether a value may be an array or an object."""
        pending, seen = [self], {self.key}
        while pending:
            each = pending.pop()
            offered = [one for keyword in UNIONS for one in each.alternatives(keyword)] if each.types is None else []
            if not offered and (each.types is None or not each.types.isdisjoint({"array", "object"})):
                return True
            pending.extend(one for one in offered if one.key not in seen)
            seen.update(one.key for one in offered)
        return False

    @cached_property
    def simple_union(self) -> frozenset[str] | None:
        """The types of a union whose alternatives say nothing but a type; None where there is no such union."""
        found: set[str] = set()
        for keyword in UNIONS:
            for alternative in self.alternatives(keyword):
                said = {key for each in alternative.nodes for key in each.value} - ANNOTATIONS
                if said != {"type"} or len(alternative.nodes) != 1:
                    return None
                found |= alternative.types or frozenset()
        return frozenset(found) or None

    def knows(self, label: str) -> bool:
        """Whether the document that it stands in has a component of a name."""
        components = self._contract.root.get("components")
        schemas = components.get("schemas") if components is not None else None
        return schemas is not None and schemas.get(label) is not None

    @cached_property
    def component(self) -> str:
        """The name of the schema that it only refers to, if it does."""
        node = self.node
        while node is not None and isinstance(node.value, dict) and _is_wrapping(node.value):
            node = node["allOf"][0]
        reference = reference_in(node.value) if node is not None else None
        return reference.rpartition("/")[2] if reference else ""

    @cached_property
    def label(self) -> str:
        """What an alternative is known by: the schema that it refers to, its title, or its one constant property."""
        if self.component:
            return self.component
        title = self.first("title")
        if isinstance(title, str) and title:
            return title
        for name in sorted(self.property_names):
            below = self.property_of(name)
            values = (
                [below.first("const")] if below and below.first("const") is not None else below and below.first("enum")
            )
            if isinstance(values, list) and len(values) == 1 and isinstance(values[0], str):
                return f"{name}={values[0]}"
        return ""

    def _below(self, nodes: list[Node]) -> "Schema | None":
        if not nodes:
            return None
        if len(nodes) == 1:
            return schema_of(self._contract, nodes[0])
        return _together(self._contract, nodes)


def schema_of(contract: Contract, node: Node) -> Schema:
    """The schema at a node."""
    known = contract.schemas.get(id(node.value))
    if known is None or known.node is None or known.node.value is not node.value:
        known = contract.schemas[id(node.value)] = Schema(contract, tuple(_members(contract, node, set())), node)
    return known


def anything(contract: Contract) -> Schema:
    """The schema of any value."""
    return Schema(contract, (), None)


def _together(contract: Contract, nodes: list[Node]) -> Schema:
    seen: set[int] = set()
    return Schema(contract, tuple(each for node in nodes for each in _members(contract, node, seen)), nodes[0])


def _members(contract: Contract, node: Node, seen: set[int]) -> Iterator[Node]:
    """The schemas that hold together with one, what it refers to before itself; a circle of `allOf` ends in itself.

    However long a chain of references is, it is walked and not descended into. Raises UnreadableProblem at the place of
    what is no schema.
    """
    pending = [(node, False)]
    while pending:
        node, is_looked_into = pending.pop()
        value = node.value
        if is_looked_into or value is False:
            yield node
        if is_looked_into or value is None or isinstance(value, bool) or id(value) in seen:
            continue
        if not isinstance(value, dict):
            raise UnreadableProblem("is no schema", place=node.place, remedy="Write a mapping, or `true` or `false`.")
        seen.add(id(value))
        check(node, SCHEMA)
        reference = reference_in(value)
        if reference is None or (not contract.is_3_0 and len(value) > 1):
            pending += [(each, False) for each in reversed(list(_joined(node)))]
            pending.append((node, True))
        if reference is not None:
            pending.append((contract.document.target(node, reference), False))


def _joined(node: Node) -> Iterator[Node]:
    """What holds besides a schema itself: the members of its `allOf`, and the one alternative of a union of one."""
    every = node.get("allOf")
    if every is not None:
        yield from every.each()
    for keyword in UNIONS:
        union = node.get(keyword)
        offered = [each for each in union.each() if not _is_null(each.value)] if union is not None else []
        if len(offered) == 1:
            yield offered[0]


def _is_wrapping(value: Mapping[str, Any]) -> bool:
    """Whether a schema only says what one other says: `allOf` of one."""
    members = value.get("allOf")
    return isinstance(members, list) and len(members) == 1 and value.keys() - ANNOTATIONS == {"allOf"}


def _is_null(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    return (
        value.get("type") in ("null", ["null"])
        or value.get("enum") == [None]
        or ("const" in value and value["const"] is None)
    )


def _types(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _both(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    met = one & other
    return met | {"integer"} if {"integer", "number"} <= one | other and not met & {"integer", "number"} else met


def contains(wide: frozenset[str] | None, narrow: frozenset[str] | None, *, text: bool = False) -> bool:
    """Whether values of the narrow types are all of the wide ones; every integer is a number.

    In `text`, which is what parameters and headers are, a number or a boolean is a string too.
    """
    if wide is None:
        return True
    if narrow is None:
        return False
    return all(
        each in wide
        or (each == "integer" and "number" in wide)
        or (text and "string" in wide and each in _SCALARS_OF_TEXT)
        for each in narrow
    )
