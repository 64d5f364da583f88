"""Examples of a contract against the schemas that they are examples of."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hardpoint.assurance.contracts.document import Node, reference_in
from hardpoint.assurance.contracts.inventory import Fault, Inventory
from hardpoint.kernel import encoding
from hardpoint.kernel.problem import UnreadableProblem

MAX_TEXT = 160
_DIALECTS = ("https://spec.openapis.org/oas/3.", "https://json-schema.org/draft/2020-12/schema")
_AS_THEY_ARE = frozenset({
    "type", "enum", "const", "multipleOf", "maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "maxLength",
    "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxContains", "minContains", "maxProperties",
    "minProperties", "required", "dependentRequired",
})  # fmt: skip
_ONE = frozenset({
    "not", "items", "contains", "propertyNames", "if", "then", "else", "additionalProperties", "unevaluatedItems",
    "unevaluatedProperties",
})  # fmt: skip
_LISTS = frozenset({"allOf", "oneOf", "anyOf", "prefixItems"})
_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas"})
_PATTERNS = frozenset({"pattern", "patternProperties"})
_OTHERS = frozenset({"additionalProperties", "unevaluatedProperties"})
"""What is about those that no pattern matches."""
_SCALARS = {"string": str, "integer": int, "boolean": bool}
_PLAIN = frozenset({
    "type", "description", "example", "examples", "title", "format", "readOnly", "writeOnly", "deprecated", "default",
    "nullable", "externalDocs",
})  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A value, and the schema that it is to satisfy."""

    node: Node
    schema: Node


def untrue_examples(inventory: Inventory) -> Iterator[Fault]:
    """The examples that their schemas do not allow, each at its place.

    Formats are annotations (JSON Schema 2020-12, Validation 7.2.1) and not judged; neither is what only a request, or
    only a response, must have, nor anything under another dialect.
    """
    if not _is_known_dialect(inventory):
        return
    pending = []
    for example in _examples(inventory):
        scalar = _of_scalar(example)
        if scalar is None:
            pending.append(example)
        elif scalar:
            yield Fault(example.node, scalar, _REMEDY)
    yield from _judged(pending, inventory)


_REMEDY = "Correct the example, or the schema."


def _is_known_dialect(inventory: Inventory) -> bool:
    dialect = inventory.root.value.get("jsonSchemaDialect", _DIALECTS[0])
    return isinstance(dialect, str) and dialect.startswith(_DIALECTS)


def _examples(inventory: Inventory) -> Iterator[Example]:
    for node in inventory.nodes_with("schema", "example"):
        yield Example(node["example"], node)
    for node in () if inventory.contract.is_3_0 else inventory.nodes_with("schema", "examples"):
        yield from (Example(each, node) for each in node["examples"].each())
    for kind in ("media", "parameter", "header"):
        for node in inventory.nodes(kind):
            schema = node.get("schema")
            if schema is not None and (kind != "media" or _is_json(str(node.path[-1]))):
                yield from (Example(each, schema) for each in _beside(node, inventory))


def _beside(node: Node, inventory: Inventory) -> Iterator[Node]:
    if "example" in node.value:
        yield node["example"]
    for each in inventory.named(node, "examples").values():
        for key in ("value", "dataValue"):
            if key in each.value:
                yield each[key]


def _is_json(media: str) -> bool:
    return media.partition(";")[0].strip().lower().endswith(("/json", "+json"))


def _of_scalar(example: Example) -> str | None:
    """What is wrong with an example of a schema that says nothing but a type; None if it says more."""
    schema, value = example.schema.value, example.node.value
    kind = schema.get("type") if isinstance(schema, dict) else None
    shape = _SCALARS.get(kind) if isinstance(kind, str) else None
    if shape is None or not schema.keys() <= _PLAIN:
        return None
    is_right = isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
    if is_right or (value is None and schema.get("nullable") is True) or _is_written_so(value, kind):
        return ""
    return f"the example is no {kind}"


def _is_written_so(value: Any, kind: Any) -> bool:
    if isinstance(value, float):
        return kind == "integer" and value.is_integer()
    return False


def _judged(examples: list[Example], inventory: Inventory) -> list[Fault]:
    """Of one pattern that is no regular expression the validator takes nothing: then all are left out."""
    for with_patterns in (True, False):
        with suppress(ValueError, RecursionError):
            return _untrue(examples, _Schemas(inventory, with_patterns=with_patterns))
    text = "its examples could not be judged: a schema is none that a validator takes, or is nested too deeply"
    return [Fault(inventory.root, text, "Repair the schemas first.")]


def _untrue(examples: list[Example], schemas: "_Schemas") -> list[Fault]:
    asked: dict[tuple[int, int], tuple[Example, str]] = {}
    for example in examples:
        with suppress(RecursionError):
            asked[id(example.node.value), id(example.schema.value)] = example, schemas.name(example.schema)
    named = list(asked.values())
    failing = _errors([(example.node.value, name) for example, name in named], schemas.definitions)
    again = {at: _unwrapped(named[at][0].node.value) for at in failing}
    still = _errors([(value, named[at][1]) for at, value in again.items()], schemas.definitions)
    return [Fault(named[at][0].node, failing[at], _REMEDY) for number, at in enumerate(again) if number in still]


def _errors(values: list[tuple[Any, str]], definitions: dict[str, Any]) -> dict[int, str]:
    """What is wrong with values that are each of a definition, by their number; of each what is found first.

    All of them are judged as one list: what the schemas have in common is then made ready once. Raises ValueError for a
    schema that is none.
    """
    if not values:
        return {}
    import jsonschema_rs  # slow to import, and a check without contracts needs none

    schema = {"prefixItems": [{"$ref": f"#/$defs/{name}"} for _, name in values], "$defs": definitions}
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=False, offline=True, mask="the value")
    found: dict[int, str] = {}
    for error in validator.iter_errors([value for value, _ in values]):
        number, *path = error.instance_path
        at = "".join(f"/{each}" for each in path)
        found.setdefault(int(number), f"the example{f' at {at}' if at else ''}: {_cut(error.message)}")
    return found


def _unwrapped(value: Any) -> Any:
    """The value that a text holds as JSON: how examples stand in documents that were written by hand."""
    if isinstance(value, str):
        with suppress(UnreadableProblem):
            return encoding.decode(value.encode(), object, what="the example")
    return value


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"


class _Schemas:
    """The schemas of a contract as definitions of one JSON Schema (2020-12), as far as they are asked for."""

    def __init__(self, inventory: Inventory, *, with_patterns: bool) -> None:
        self._inventory = inventory
        self._left_out = frozenset() if with_patterns else _PATTERNS
        self._names: dict[int, str] = {}
        self.definitions: dict[str, Any] = {}

    def name(self, node: Node) -> str:
        """The name of the definition that a schema is."""
        key = id(node.value)
        if key not in self._names:
            name = self._names[key] = str(len(self._names))
            self.definitions[name] = True
            self.definitions[name] = self._made(node)
        return self._names[key]

    def _made(self, node: Node) -> Any:
        value = node.value
        if isinstance(value, bool):
            return value
        if not isinstance(value, dict) or "$dynamicRef" in value or "$recursiveRef" in value:
            return True
        made = {} if self._inventory.contract.is_3_0 and "$ref" in value else self._keywords(node)
        reference = reference_in(value)
        if reference is not None:
            made = {**made, "allOf": [*made.get("allOf", ()), self._referred(node, reference)]}
        return made

    def _referred(self, node: Node, reference: str) -> Any:
        try:
            target = self._inventory.contract.document.target(node, reference)
        except UnreadableProblem:  # told by itself
            return True
        return {"$ref": f"#/$defs/{self.name(target)}"}

    def _keywords(self, node: Node) -> dict[str, Any]:
        made: dict[str, Any] = {}
        left_out = self._left_out | (_OTHERS if self._left_out & node.value.keys() else frozenset())
        for key, each in node.value.items():
            if key in left_out:
                continue
            if key in _AS_THEY_ARE:
                made[key] = each
            elif key in _ONE and isinstance(each, dict | bool):
                made[key] = self._made(node[key])
            elif key in _LISTS and isinstance(each, list):
                made[key] = [self._made(below) for below in node[key].each()]
            elif key in _MAPS and isinstance(each, dict):
                made[key] = {name: self._made(below) for name, below in node[key].items()}
        _free_of_direction(made, node.value)
        return _as_2020_12(made, node.value) if self._inventory.contract.is_3_0 else made


def _free_of_direction(made: dict[str, Any], schema: dict[str, Any]) -> None:
    """Take out of `required` what only one direction has: an example is of either."""
    properties = schema.get("properties")
    if isinstance(made.get("required"), list) and isinstance(properties, dict):
        made["required"] = [name for name in made["required"] if not _has_direction(properties.get(name))]


def _has_direction(schema: Any) -> bool:
    return isinstance(schema, dict) and (schema.get("readOnly") is True or schema.get("writeOnly") is True)


def _as_2020_12(made: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    for limit, excluding in (("maximum", "exclusiveMaximum"), ("minimum", "exclusiveMinimum")):
        if isinstance(flag := made.get(excluding), bool):
            del made[excluding]
            if flag and limit in made:
                made[excluding] = made.pop(limit)
    if schema.get("nullable") is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made
