"""Schemas as traffic is judged by them: JSON Schema 2020-12, for one direction, closed to what is not documented."""

from collections.abc import Mapping
from typing import Any

from hardpoint.assurance.contracts.document import Node, reference_in
from hardpoint.assurance.contracts.operations import Contract
from hardpoint.assurance.contracts.schemas import UNIONS, schema_of
from hardpoint.machinery.telemetry.shapes import type_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LIMITS = (
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "multipleOf",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
)
"""Keywords that look at a value itself, and not at its type or parts: a shape does not show whether they hold."""
_BESIDES = ("not", "if", "contains", "minContains", "maxContains", "propertyNames", "dependentRequired")
_APPLIED = ("allOf", "anyOf", "then", "else", "dependentSchemas", "$ref")
DEPRECATED = "x-deprecated-fields"
"""Where a written schema names the fields that are deprecated; validators do not know it."""
_NOTHING: frozenset[str] = frozenset()

OPEN, PART, CLOSED = "open", "part", "closed"
"""How a schema is written: as it is; as a part of one that is closed, with closed schemas in it; or closed itself."""


class Direction:
    """Requests or responses: what is `excused` (only read, only written) is not asked of them."""

    def __init__(self, name: str, *, excused: str) -> None:
        self.name = name
        self.excused = excused


REQUEST = Direction("request", excused="readOnly")
RESPONSE = Direction("response", excused="writeOnly")


class Schemata:
    """Rewrites schemas of a contract for one direction.

    A closed schema refuses fields that it does not name, through every `allOf` and alternative, however open it is
    written; where it names no field, or says of which schema the others are, it is a map, and takes any. `oneOf` is
    taken as `anyOf`: a value that two alternatives fit has not drifted. With `shapes`, what a shape cannot show is left
    out.
    """

    def __init__(self, contract: Contract, direction: Direction, *, shapes: bool = False) -> None:
        self._contract = contract
        self._direction = direction
        self._shapes = shapes
        self._names: dict[tuple[int, str, frozenset[str]], str] = {}
        self._pending: list[tuple[str, Node, str, frozenset[str]]] = []
        self._definitions: dict[str, Any] = {}

    def closed(self, node: Node) -> dict[str, Any]:
        """The whole schema of a value, with what it refers to below `$defs`."""
        top = self._at(node, CLOSED, _NOTHING)
        while self._pending:  # not by recursion: schemas refer to each other a thousand deep
            name, target, how, excused = self._pending.pop()
            self._definitions[name] = self._at(target, how, excused)
        used = _reached(top, self._definitions)
        return {"$schema": DIALECT, "allOf": [top], "$defs": used}

    def _at(self, node: Node, how: str, excused: frozenset[str]) -> Any:
        value = node.value
        if not isinstance(value, dict):
            return value if isinstance(value, bool) else True
        if reference_in(value) is not None and (self._contract.is_3_0 or len(value) == 1):
            return {"$ref": f"#/$defs/{self._defined(node, how, excused)}"}
        return self._written(node, how, excused | self._excused(node))

    def _defined(self, node: Node, how: str, excused: frozenset[str]) -> str:
        target = self._contract.document.follow(node)
        key = (id(target.value), how, excused)
        if key not in self._names:
            name = self._names[key] = f"n{len(self._names)}"
            self._pending.append((name, target, how, excused))
        return self._names[key]

    def _excused(self, node: Node) -> frozenset[str]:
        """The properties that this direction does not have to have."""
        schema = schema_of(self._contract, node)
        return frozenset(
            name
            for name in schema.required
            if (at := schema.property_of(name)) and at.first(self._direction.excused) is True
        )

    def _written(self, node: Node, how: str, excused: frozenset[str]) -> Any:
        below, beside = (OPEN, OPEN) if how == OPEN else (CLOSED, PART)
        said: dict[str, Any] = {}
        self._say_values(node, said)
        self._say_parts(node, said, below)
        required = [each for each in node.value.get("required", ()) if isinstance(each, str) and each not in excused]
        if required and isinstance(node.value.get("required"), list):
            said["required"] = required
        self._say_others(node, said, beside, excused)
        if how != OPEN:
            _close(said, whole=how == CLOSED, named=self._names_fields(node, set()))
        return _or_null(said) if self._may_be_null(node) else said

    def _say_values(self, node: Node, said: dict[str, Any]) -> None:
        value = node.value
        types = [each for each in _listed(value.get("type")) if isinstance(each, str)]
        if types:
            nullable = self._contract.is_3_0 and value.get("nullable") is True
            said["type"] = list(dict.fromkeys([*types, "null"] if nullable else types))
        for keyword, members in (
            ("enum", value.get("enum")),
            ("const", [value["const"]] if "const" in value else None),
        ):
            if not isinstance(members, list):
                continue
            nullable = self._contract.is_3_0 and value.get("nullable") is True
            if not self._shapes:
                said[keyword] = value[keyword] if keyword == "const" else [*members, None] if nullable else members
            elif "type" not in said:
                said["type"] = sorted({type_of(each) for each in members})
        if not self._shapes:
            for keyword in LIMITS:
                if keyword in value:
                    said[keyword] = value[keyword]
            _read_exclusive(said)

    def _say_parts(self, node: Node, said: dict[str, Any], below: str) -> None:
        for keyword in ("properties", "patternProperties"):
            found = node.get(keyword)
            if found is not None and isinstance(found.value, dict):
                said[keyword] = {name: self._at(each, below, _NOTHING) for name, each in found.items()}
        fields = node.get("properties")
        deprecated = [name for name, each in (fields.items() if fields else ()) if self._is_deprecated(each)]
        if deprecated:
            said[DEPRECATED] = deprecated
        for keyword in ("items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems"):
            if keyword in node.value and isinstance(node.value[keyword], dict | bool):
                said[keyword] = self._at(node[keyword], below, _NOTHING)
        prefix = node.get("prefixItems")
        if prefix is not None and isinstance(prefix.value, list):
            said["prefixItems"] = [self._at(each, below, _NOTHING) for each in prefix.each()]

    def _say_others(self, node: Node, said: dict[str, Any], beside: str, excused: frozenset[str]) -> None:
        every = node.get("allOf")
        members = [self._at(each, beside, excused) for each in every.each()] if every is not None else []
        if reference_in(node.value) is not None:
            members.append({"$ref": f"#/$defs/{self._defined(node, beside, excused)}"})
        for keyword in UNIONS:
            union = node.get(keyword)
            if union is not None and isinstance(union.value, list) and union.value:
                members.append({"anyOf": [self._at(each, beside, excused) for each in union.each()]})
        if members:
            said["allOf"] = members
        if not self._shapes:
            self._say_conditions(node, said, beside, excused)

    def _say_conditions(self, node: Node, said: dict[str, Any], beside: str, excused: frozenset[str]) -> None:
        for keyword in _BESIDES:
            if keyword in node.value:
                found = node[keyword]
                said[keyword] = self._at(found, OPEN, _NOTHING) if isinstance(found.value, dict) else found.value
        for keyword in ("then", "else"):
            if keyword in node.value:
                said[keyword] = self._at(node[keyword], beside, excused)
        dependent = node.get("dependentSchemas")
        if dependent is not None and isinstance(dependent.value, dict):
            said["dependentSchemas"] = {name: self._at(each, beside, excused) for name, each in dependent.items()}

    def _is_deprecated(self, node: Node) -> bool:
        return schema_of(self._contract, node).first("deprecated") is True

    def _may_be_null(self, node: Node) -> bool:
        """Whether `nullable` stands without a type, where OpenAPI 3.0.3 gives it no effect and everybody means one."""
        return self._contract.is_3_0 and node.value.get("nullable") is True and "type" not in node.value

    def _names_fields(self, node: Node, seen: set[int]) -> bool:
        if id(node.value) in seen:
            return False
        seen.add(id(node.value))
        schema = schema_of(self._contract, node)
        if schema.property_names:
            return True
        offered = [each for keyword in UNIONS for union in schema.having(keyword) for each in union.each()]
        return any(self._names_fields(each, seen) for each in offered if isinstance(each.value, dict))


def _close(said: dict[str, Any], *, whole: bool, named: bool) -> None:
    extra = said.get("additionalProperties")
    if _takes_anything(extra) and (named or not whole):
        del said["additionalProperties"]
        extra = None
    if not whole or not named or extra is not None or said.get("unevaluatedProperties") is False:
        return
    composed = any(keyword in said for keyword in _APPLIED)
    said["unevaluatedProperties" if composed else "additionalProperties"] = False


def _takes_anything(schema: Any) -> bool:
    return schema is True or (isinstance(schema, dict) and not schema)


def _or_null(said: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [{"type": ["null"]}, said]}


def _read_exclusive(said: dict[str, Any]) -> None:
    """`exclusiveMinimum: true` of OpenAPI 3.0 as a number."""
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if said.get(exclusive) is True and limit in said:
            said[exclusive] = said.pop(limit)
        elif isinstance(said.get(exclusive), bool):
            del said[exclusive]


def _reached(schema: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    pending = [schema]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            reference = one.get("$ref")
            name = reference.removeprefix("#/$defs/") if isinstance(reference, str) else ""
            if name in definitions and name not in found:
                found[name] = definitions[name]
                pending.append(definitions[name])
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
