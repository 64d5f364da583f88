"""Checks: a schema compiled once, and what of a value it does not promise."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from hardpoint.assurance.contracts.document import Node, reference_in
from hardpoint.assurance.contracts.operations import Contract
from hardpoint.assurance.contracts.traffic.schemata import DEPRECATED, LIMITS, Schemata
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.machinery.telemetry.shapes import safe_name

ANY = "*"
"""Any position of an array, any key of a map."""
MAX_DEPTH = 200
LARGE = 100
"""From how many schemas that it refers to on a schema is compiled together with others."""
MAX_DEVIATIONS = 200
"""How many deviations of one value are told apart: the hundredth member errs as the first."""

UNKNOWN = "undocumented-field"
MISSING = "missing-required"
_KIND = {
    "type": "wrong-type",
    "enum": "wrong-enum",
    "const": "wrong-enum",
    "format": "wrong-format",
    "pattern": "wrong-format",
}
_LOOKS = ("type", "enum", "const", *LIMITS)
_OTHERS = ("not", "contains", "propertyNames", "dependentRequired")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deviation:
    """One way in which a value is not what is promised: its kind, where in the value, and what stands there."""

    kind: str
    path: Path
    value: Any = None


class Check:
    """A closed schema, compiled: is_kept() in no time, deviations() where it is not."""

    def __init__(self, schema: dict[str, Any], is_kept: Callable[[Any], bool]) -> None:
        """`is_kept` says whether a value is as the schema says."""
        self._schema = schema
        self._definitions: Mapping[str, Any] = schema["$defs"]
        self._known: dict[tuple[int, tuple[str, ...]], jsonschema_rs.Draft202012Validator] = {}
        self._deprecates = _mentions(schema)
        self.is_kept = is_kept

    def deviations(self, value: Any) -> list[Deviation]:
        """What is not as promised, each once; never nothing for a value that is_kept() refuses."""
        found = self._once(value)
        if not found and not self.is_kept(value):
            found = [Deviation("wrong-value", ())]
        return found

    def deprecated(self, value: Any) -> list[Path]:
        """The deprecated fields that a value has."""
        return list(dict.fromkeys(self._deprecated(self._schema, value, (), 0))) if self._deprecates else []

    def _deprecated(self, schema: Any, value: Any, path: Path, depth: int) -> Iterator[Path]:
        schema = self._followed(schema)
        if not isinstance(schema, dict) or depth > MAX_DEPTH:
            return
        for part in (*schema.get("allOf", ()), *schema.get("anyOf", ())):
            yield from self._deprecated(part, value, path, depth + 1)
        if isinstance(value, dict):
            yield from ((*path, name) for name in schema.get(DEPRECATED, ()) if name in value)
            for name, below in schema.get("properties", {}).items():
                if name in value:
                    yield from self._deprecated(below, value[name], (*path, name), depth + 1)
        elif isinstance(value, list) and "items" in schema:
            for each in value:
                yield from self._deprecated(schema["items"], each, (*path, ANY), depth + 1)

    def _once(self, value: Any) -> list[Deviation]:
        found: dict[tuple[str, Path], Deviation] = {}
        for each in self._of(self._schema, value, (), 0):
            found.setdefault((each.kind, each.path), each)
            if len(found) >= MAX_DEVIATIONS:
                break
        return list(found.values())

    def _of(self, schema: Any, value: Any, path: Path, depth: int) -> Iterator[Deviation]:
        if schema is True or depth > MAX_DEPTH:
            return
        if schema is False:
            yield Deviation(UNKNOWN, path, value)
            return
        schema = self._followed(schema)
        if not isinstance(schema, dict):
            return
        wrong = list(self._looked_at(schema, value, path))
        yield from wrong
        if any(each.kind == "wrong-type" for each in wrong):
            return
        if isinstance(value, dict):
            yield from self._fields(schema, value, path, depth)
        elif isinstance(value, list):
            yield from self._members(schema, value, path, depth)
        for part in self._parts(schema, value, path, depth):
            yield from part
        yield from self._unknown(schema, value, path, depth)

    def _followed(self, schema: Any) -> Any:
        for _ in range(MAX_DEPTH):
            if not (isinstance(schema, dict) and len(schema) == 1 and "$ref" in schema):
                break
            schema = self._definitions[schema["$ref"].removeprefix("#/$defs/")]
        return schema

    def _looked_at(self, schema: dict[str, Any], value: Any, path: Path) -> Iterator[Deviation]:
        looks = tuple(keyword for keyword in (*_LOOKS, *_OTHERS) if keyword in schema)
        if not looks or self._part(schema, looks).is_valid(value):
            return
        failed = [each for each in looks if not self._part(schema, (each,)).is_valid(value)]
        kinds = dict.fromkeys(_KIND.get(each, "wrong-value") for each in failed)
        for kind in ["wrong-type"] if "wrong-type" in kinds else kinds:
            yield Deviation(kind, path, value)

    def _part(self, schema: dict[str, Any], keywords: tuple[str, ...]) -> jsonschema_rs.Draft202012Validator:
        """Some keywords of a schema, compiled once."""
        key = (id(schema), keywords)
        if key not in self._known:
            part = {each: schema[each] for each in keywords}
            refers = any(each in _OTHERS for each in keywords)
            self._known[key] = _compiled({**part, "$defs": self._definitions} if refers else part)
        return self._known[key]

    def _fields(self, schema: dict[str, Any], value: dict[str, Any], path: Path, depth: int) -> Iterator[Deviation]:
        for name in schema.get("required", ()):
            if name not in value:
                yield Deviation(MISSING, (*path, name))
        properties = schema.get("properties", {})
        for name, below in properties.items():
            if name in value:
                yield from self._of(below, value[name], (*path, name), depth + 1)
        others = [name for name in value if name not in properties]
        for pattern, below in schema.get("patternProperties", {}).items():
            fits = _compiled({"pattern": pattern})
            for name in [each for each in others if fits.is_valid(each)]:
                others.remove(name)
                yield from self._of(below, value[name], (*path, ANY), depth + 1)
        extra = schema.get("additionalProperties")
        for name in others if isinstance(extra, dict) or extra is False else ():
            at = (*path, safe_name(name) if extra is False else ANY)
            yield from self._of(extra, value[name], at, depth + 1)

    def _members(self, schema: dict[str, Any], value: list[Any], path: Path, depth: int) -> Iterator[Deviation]:
        prefix = schema.get("prefixItems", ())
        for below, each in zip(prefix, value, strict=False):
            yield from self._of(below, each, (*path, ANY), depth + 1)
        items = schema.get("items")
        if items is not None:
            for each in value[len(prefix) :]:
                yield from self._of(items, each, (*path, ANY), depth + 1)

    def _parts(self, schema: dict[str, Any], value: Any, path: Path, depth: int) -> Iterator[list[Deviation]]:
        for part in schema.get("allOf", ()):
            yield list(self._of(part, value, path, depth + 1))
        if "anyOf" in schema:
            yield self._closest(schema["anyOf"], value, path, depth)
        for name, part in schema.get("dependentSchemas", {}).items():
            if isinstance(value, dict) and name in value:
                yield list(self._of(part, value, path, depth + 1))
        if "if" in schema:
            holds = (
                _compiled({**schema["if"], "$defs": self._definitions}).is_valid(value)
                if isinstance(schema["if"], dict)
                else schema["if"]
            )
            yield list(self._of(schema.get("then" if holds else "else", True), value, path, depth + 1))

    def _closest(self, alternatives: list[Any], value: Any, path: Path, depth: int) -> list[Deviation]:
        """What keeps the value from the alternative that it is nearest to; nothing where it fits one."""
        tried = [list(self._of(each, value, path, depth + 1)) for each in alternatives]
        return min(tried, key=lambda found: _distance(found, path), default=[])

    def _unknown(self, schema: dict[str, Any], value: Any, path: Path, depth: int) -> Iterator[Deviation]:
        if schema.get("unevaluatedProperties") is not False or not isinstance(value, dict):
            return
        named = self._named(schema, value, path, depth)
        for name in value if named is not None else ():
            if name not in (named or ()):
                yield Deviation(UNKNOWN, (*path, safe_name(name)), value[name])

    def _named(self, schema: Any, value: dict[str, Any], path: Path, depth: int) -> set[str] | None:
        """The fields of a value that a schema names, through its parts; None where it takes any."""
        schema = self._followed(schema)
        if not isinstance(schema, dict) or depth > MAX_DEPTH:
            return set()
        if isinstance(schema.get("additionalProperties"), dict) or schema.get("additionalProperties") is True:
            return None
        named = set(schema.get("properties", ()))
        for pattern in schema.get("patternProperties", ()):
            named |= {name for name in value if _compiled({"pattern": pattern}).is_valid(name)}
        for part in self._holding(schema, value, path, depth):
            below = self._named(part, value, path, depth + 1)
            if below is None:
                return None
            named |= below
        return named

    def _holding(self, schema: dict[str, Any], value: dict[str, Any], path: Path, depth: int) -> Iterator[Any]:
        yield from schema.get("allOf", ())
        yield from (part for name, part in schema.get("dependentSchemas", {}).items() if name in value)
        yield from (schema[keyword] for keyword in ("then", "else") if keyword in schema)
        offered = schema.get("anyOf", ())
        near = [(_hard(list(self._of(each, value, path, depth + 1)), path), each) for each in offered]
        least = min((count for count, _ in near), default=0)
        yield from (each for count, each in near if count == least)


class Checks:
    """The checks of a contract's schemas for one direction, each made once, and those of large schemas together.

    Apart, each validator would hold all that its schema refers to once more.
    """

    def __init__(self, contract: Contract, schemata: Schemata) -> None:
        self._contract, self._schemata = contract, schemata
        self._known: dict[int, Check] = {}
        self._large: dict[str, Any] = {}
        self._definitions: dict[str, Any] = {}
        self._validator: jsonschema_rs.Draft202012Validator | None = None

    def of(self, node: Node) -> Check:
        """The check of the values that a schema describes.

        Raises UnreadableProblem at its place if it is none that values can be compared with.
        """
        alone = reference_in(node.value) is not None and len(node.value) == 1
        key = id((self._contract.document.follow(node) if alone else node).value)
        if key not in self._known:
            try:
                self._known[key] = self._made(self._schemata.closed(node))
            except (ValueError, RecursionError) as error:
                why = str(error).partition("\n")[0]
                raise UnreadableProblem(
                    f"is no schema that traffic can be compared with: {why}",
                    place=node.place,
                    remedy="Lint the contract first.",
                ) from error
        return self._known[key]

    def _made(self, schema: dict[str, Any]) -> Check:
        if len(schema["$defs"]) < LARGE:
            return Check(schema, _compiled(schema).is_valid)
        name = str(len(self._large))
        self._large[name] = {"allOf": schema["allOf"]}
        self._definitions |= schema["$defs"]
        self._validator = None
        return Check({**schema, "$defs": self._definitions}, lambda value: self._together().is_valid({name: value}))

    def _together(self) -> jsonschema_rs.Draft202012Validator:
        """The large schemas as one: a value is judged as the one field of an object whose fields are the schemas."""
        if self._validator is None:
            self._validator = _compiled({"properties": self._large, "$defs": self._definitions})
        return self._validator


def _mentions(schema: Any) -> bool:
    pending = [schema]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            if DEPRECATED in one:
                return True
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
    return False


def _distance(found: list[Deviation], path: Path) -> tuple[int, int, int]:
    """How far a value is from an alternative: of another kind, then by what is wrong, then by what is unknown."""
    kinds = sum(each.kind == "wrong-enum" and len(each.path) == len(path) + 1 for each in found)
    other = sum(each.kind == "wrong-type" and each.path == path for each in found)
    return other, kinds + _hard(found, path), len(found)


def _hard(found: list[Deviation], path: Path) -> int:
    """How much of an alternative does not hold, fields that it does not name aside."""
    other = sum(each.kind == "wrong-type" and each.path == path for each in found)
    return other * MAX_DEVIATIONS + sum(each.kind != UNKNOWN for each in found)


def _compiled(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    try:
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    except (jsonschema_rs.ValidationError, ValueError):
        return jsonschema_rs.Draft202012Validator(_without_patterns(schema), validate_formats=True)


def _without_patterns(schema: Any) -> Any:
    """The schema without its regular expressions: one that cannot be compiled judges nothing."""
    if isinstance(schema, list):
        return [_without_patterns(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_patterns(each)
        for key, each in schema.items()
        if not (key == "pattern" and isinstance(each, str)) and key != "patternProperties"
    }
