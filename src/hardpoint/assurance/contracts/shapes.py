"""What kind of value stands under a key. Anything else says nothing that could be judged, so it is refused."""

from collections.abc import Mapping

from hardpoint.assurance.contracts.document import Node
from hardpoint.kernel.problem import UnreadableProblem

_MAPPING, _LIST, _TEXT, _FLAG, _NUMBER = (dict,), (list,), (str,), (bool,), (int, float)
_SCHEMA = (dict, bool)
_NAMES = {
    _MAPPING: "mapping",
    _LIST: "list",
    _TEXT: "text",
    _FLAG: "`true` or `false`",
    _NUMBER: "number",
    _SCHEMA: "schema",
    (str, list): "type or list of types",
    (list, bool): "list",
    (int, float, bool): "number",
}

Shapes = Mapping[str, tuple[type, ...]]


def _each(keys: str, kinds: tuple[type, ...]) -> Shapes:
    return dict.fromkeys(keys.split(), kinds)


ROOT: Shapes = {**_each("info paths components webhooks", _MAPPING), **_each("servers security", _LIST)}
OPERATION: Shapes = {
    **_each("parameters security servers tags", _LIST),
    **_each("requestBody responses callbacks", _MAPPING),
    **_each("operationId x-stability-level", _TEXT),
    "deprecated": _FLAG,
}
DESCRIBED: Shapes = {
    **_each("required deprecated explode allowReserved allowEmptyValue", _FLAG),
    **_each("content headers encoding flows", _MAPPING),
    **_each("schema itemSchema", _SCHEMA),
    **_each("style in name", _TEXT),
}
"""Of parameters, headers, bodies, responses, media types and security schemes."""
SCHEMA: Shapes = {
    **_each("properties patternProperties dependentSchemas dependentRequired $defs discriminator xml", _MAPPING),
    **_each("enum allOf oneOf anyOf prefixItems x-extensible-enum", _LIST),
    **_each("items additionalProperties not if then else contains propertyNames contentSchema", _SCHEMA),
    **_each("unevaluatedItems unevaluatedProperties", _SCHEMA),
    **_each("maximum minimum maxLength minLength maxItems minItems maxProperties minProperties", _NUMBER),
    **_each("maxContains minContains multipleOf", _NUMBER),
    **_each("exclusiveMaximum exclusiveMinimum", (int, float, bool)),
    **_each("pattern format contentMediaType contentEncoding x-stability-level $ref", _TEXT),
    **_each("nullable readOnly writeOnly uniqueItems", _FLAG),
    "type": (str, list),
    "required": (list, bool),  # `required: true` of a property is a common slip, and says nothing
}


def check(node: Node, shapes: Shapes) -> None:
    """Raise UnreadableProblem at the place of what a mapping has under a key that is nothing of the kind."""
    for key, value in node.value.items():
        kinds = shapes.get(key)
        if kinds is None or value is None:
            continue
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise UnreadableProblem(
                f"has a {key!r} that is no {_NAMES[kinds]}", place=node[key].place, remedy="Correct the document there."
            )
