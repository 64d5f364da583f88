"""Parameters: the text of a query, a header, a cookie or a path as the value that its schema describes."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.operations import Contract
from hardpoint.assurance.contracts.schemas import UNIONS, Schema, anything, schema_of
from hardpoint.assurance.contracts.traffic.checks import Check, Checks
from hardpoint.machinery.telemetry.shapes import type_of

MAX_PAIRS = 10_000
_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_STRING = frozenset({"string"})
_NUMBERS = frozenset({"integer", "number"})
_SIGNS = frozenset("+-.0123456789")
_WORDS = {"true": True, "false": False}


class Parameter:
    """One documented parameter: where it stands, how it is written, and what its value may be."""

    def __init__(self, contract: Contract, checks: Checks, where: str, node: Node) -> None:
        self.where = where
        self.node = node
        self.name = str(node.value.get("name"))
        self.required = node.value.get("required") is True
        self.deprecated = node.value.get("deprecated") is True
        self.style = str(node.value.get("style", _STYLES.get(where, "form")))
        self.explode = node.value.get("explode", self.style in ("form", "cookie")) is True
        content = contract.mapping(node, "content")
        self.media = next(iter(content), None)
        described = (content[self.media] if self.media else node).get("schema")
        self.schema = schema_of(contract, described) if described else anything(contract)
        self._check: Check | None = checks.of(described) if described else None
        self._types = frozenset(_types(self.schema))
        self.is_object = "object" in self._types and not self.media
        self.is_array = "array" in self._types and not self.media
        self._is_plain = not (self.media or self.is_object or self.is_array)

    @property
    def takes_any_name(self) -> bool:
        """Whether its fields stand in the query themselves, under any name."""
        spread = self.is_object and self.style == "form" and self.explode
        return self.where == "querystring" or (spread and (not self.schema.property_names or bool(self._map)))

    @property
    def _map(self) -> Any:
        return self.schema.first("additionalProperties")

    @property
    def names(self) -> frozenset[str]:
        """The names in a query that are its own."""
        if self.is_object and self.style == "form" and self.explode:
            return self.schema.property_names
        return frozenset({self.name})

    def owns(self, name: str) -> bool:
        """Whether a name of the query is of this parameter: `filter[state]` is of `filter`, `ids[]` of `ids`."""
        return (
            name == self.name
            or name in self.names
            or (name.startswith(f"{self.name}[") and (self.style == "deepObject" or self.is_array or self.is_object))
        )

    def wrong(self, texts: list[tuple[str, str]]) -> Iterator[tuple[str, tuple[str, ...], str]]:
        """What is wrong with it as it was sent: the kind, where below it, and the type that was seen."""
        if self._check is None or not texts:
            return
        value = self._value(texts)
        if self._check.is_kept(value):
            return
        plain = texts[0][1]
        if not isinstance(value, str | list | dict) and self._check.is_kept(plain):
            return
        for each in self._check.deviations(value):
            yield each.kind, each.path, type_of(each.value)

    def _value(self, texts: list[tuple[str, str]]) -> Any:
        first = texts[0][1]
        if self._is_plain:
            return _typed(first, self._types, self.schema)
        return _json(first) if self.media else self._composed(texts)

    def _composed(self, texts: list[tuple[str, str]]) -> Any:
        first = texts[0][1]
        if self.is_object and self.style == "deepObject":
            return _deep(self.name, texts, self.schema)
        if self.is_object and self.explode and self.style == "form":
            return {name: _read(text, self.schema.property_of(name)) for name, text in texts}
        if self.is_array:
            items = self.schema.below("items")
            return [_read(each, items) for each in self._members(texts)]
        if self.is_object:
            return first if self._types != {"object"} else self._fields(first)
        return first

    def _members(self, texts: list[tuple[str, str]]) -> list[str]:
        first = texts[0][1]
        delimiter = _DELIMITERS.get(self.style, ",")
        if self.style == "form" and self.explode:
            return [text for _, text in texts]
        if self.style in ("label", "matrix"):
            first = first.lstrip(".;").removeprefix(f"{self.name}=")
        return (
            [each for _, text in texts for each in text.split(delimiter)] if len(texts) > 1 else first.split(delimiter)
        )

    def _fields(self, text: str) -> dict[str, Any]:
        parts = text.split(_DELIMITERS.get(self.style, ","))
        if self.explode:
            pairs = [each.partition("=")[::2] for each in parts]
        else:
            pairs = list(zip(parts[::2], parts[1::2], strict=False))
        return {name: _read(each, self.schema.property_of(name)) for name, each in pairs}


def pairs_of(query: str) -> list[tuple[str, str]]:
    """The names and values of a query or of a form, decoded."""
    if not query:
        return []
    if "%" not in query and "+" not in query and query.count("&") < MAX_PAIRS:
        return [(name, value) for name, _, value in (each.partition("=") for each in query.split("&")) if name]
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_PAIRS)
    except ValueError:
        return []


def form_value(text: str, schema: Schema) -> dict[str, Any]:
    """An URL-encoded form as the object that its schema describes."""
    value: dict[str, Any] = {}
    for name, each in pairs_of(text):
        bare = name.removesuffix("[]")
        below = schema.property_of(name) or schema.property_of(bare)
        if below is not None and "array" in _types(below):
            value.setdefault(bare if schema.property_of(name) is None else name, []).append(
                _read(each, below.below("items"))
            )
        elif "[" in bare and schema.property_of(bare) is None:
            _put(value, _keys(bare), each, schema)
        else:
            value[name] = _read(each, below)
    return value


def cookies_of(header: str) -> Mapping[str, str]:
    """The cookies of a `Cookie` header."""
    pairs = (each.strip().partition("=") for each in header.split(";"))
    return {name: value.strip('"') for name, _, value in pairs if name}


def _deep(name: str, texts: list[tuple[str, str]], schema: Schema) -> Any:
    value: dict[str, Any] = {}
    for key, text in texts:
        keys = _keys(key.removeprefix(name))
        if not keys:
            return text
        _put(value, keys, text, schema)
    return value


def _keys(name: str) -> list[str]:
    return [each for each in name.replace("]", "").split("[") if each]


def _put(value: dict[str, Any], keys: list[str], text: str, schema: Schema | None) -> None:
    for key in keys[:-1]:
        schema = schema.property_of(key) if schema else None
        below = value.setdefault(key, {})
        if not isinstance(below, dict):
            return
        value = below
    last = schema.property_of(keys[-1]) if schema else None
    if last is not None and "array" in _types(last):
        members = value.setdefault(keys[-1], [])
        if isinstance(members, list):
            members.append(_read(text, last.below("items")))
    else:
        value[keys[-1]] = _read(text, last)


def _read(text: str, schema: Schema | None) -> Any:
    """Text as the type that its schema asks for, where it can be read so; else as it is."""
    return _typed(text, frozenset(_types(schema)), schema) if schema else text


def _typed(text: str, types: frozenset[str], schema: Schema) -> Any:
    if types == _STRING:
        return text
    if "boolean" in types and text in _WORDS:
        return _WORDS[text]
    if types & _NUMBERS and text[:1] in _SIGNS:
        try:
            return int(text) if text.lstrip("+-").isdecimal() else float(text)
        except ValueError:
            pass
    if schema.nullable and text in ("", "null") and "string" not in types:
        return None
    if "object" in types and text[:1] == "{":
        return _json(text)
    return text


def _types(schema: Schema) -> set[str]:
    found = set(schema.types or ())
    if not found:
        for keyword in UNIONS:
            for each in schema.alternatives(keyword):
                found |= each.types or set()
    if not found:
        found = {type_of(each) for node in schema.having("enum") if isinstance(node.value, list) for each in node.value}
    return found or ({"object"} if schema.property_names else set())


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
