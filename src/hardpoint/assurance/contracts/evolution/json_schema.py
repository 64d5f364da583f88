"""JSON Schemas of draft 4 to 2020-12: read, and whether all that one allows is allowed by another.

Containment is proved by jsonschema-rs where it can. Where it cannot (it does not see through recursion), objects and
arrays are compared member by member, and a pair that is met again is taken to hold: it would have failed elsewhere.
"""

import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard
from urllib.parse import quote

import jsonschema_rs
from jsonschema_rs.canonical import (
    CanonicalizationError,
    Containment,
    IncompatibleOperands,
    Satisfiability,
    UnsupportedOperand,
    UnsupportedResult,
)

from hardpoint.assurance.contracts.document import Document, Node, Read
from hardpoint.assurance.contracts.evolution.compatibility import Obstacle
from hardpoint.kernel.problem import UnreadableProblem

MAX_DEPTH = 100
"""How deep the members of members are compared; below that it is not shown that they hold."""

_BASE = "hardpoint:///"
_SHALLOW = {
    "type", "enum", "const", "required", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "minProperties",
    "maxProperties",
}  # fmt: skip
"""Keywords that look at a value and not into it, or at nothing but its names."""
_DEEP = {"properties", "additionalProperties", "items"}
"""Keywords that look into a value and are compared here."""
_SILENT = {
    "$schema", "$id", "id", "$comment", "$defs", "definitions", "title", "description", "default", "examples",
    "deprecated", "readOnly", "writeOnly", "$anchor",
}  # fmt: skip
"""Keywords that allow and refuse nothing."""
_UNDECIDED = (IncompatibleOperands, UnsupportedOperand, UnsupportedResult, CanonicalizationError, ValueError)
"""What the library raises where it cannot tell; it names its limits on recursion a ValueError."""
_DESCRIPTIONS = frozenset({"openapi", "swagger", "asyncapi"})
_KEYWORDS = frozenset(
    {
        *("id", "type", "enum", "const", "title", "description", "default", "examples", "deprecated"),
        *("readOnly", "writeOnly", "definitions", "format", "properties", "patternProperties"),
        *("additionalProperties", "required", "propertyNames", "minProperties", "maxProperties"),
        *("dependencies", "dependentRequired", "dependentSchemas", "unevaluatedProperties", "items"),
        *("prefixItems", "additionalItems", "contains", "minContains", "maxContains", "minItems", "maxItems"),
        *("uniqueItems", "unevaluatedItems", "minLength", "maxLength", "pattern", "contentEncoding"),
        *("contentMediaType", "contentSchema", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("multipleOf", "divisibleBy", "disallow", "extends", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"),
    }
)
"""Those of every draft from 3 to 2020-12."""
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


@dataclass(frozen=True, slots=True, eq=False)
class JsonSchema:
    """A schema with the files that it refers to."""

    document: Document
    registry: jsonschema_rs.Registry
    draft: int

    @property
    def root(self) -> Node:
        return self.document.root

    def canonical(self, node: Node) -> jsonschema_rs.CanonicalSchema:
        reference = {"$ref": f"{_uri(node.source.file)}#{quote(node.pointer)}"}
        return jsonschema_rs.canonicalize(reference, draft=self.draft, registry=self.registry)


def read_json_schema(file: str, content: bytes, read: Read | None = None, *, declared_only: bool = False) -> JsonSchema:
    """The schema in a file, JSON or YAML, and those beside it that it refers to.

    With `declared_only`, objects that say nothing of other properties are taken not to have them (`closed`). Raises
    UnreadableProblem at the place of what is no JSON Schema, or refers to what cannot be read.
    """
    if declared_only:
        closed = _closed(Document(file, content, read).root.value)
        content = json.dumps(closed).encode()
    document = Document(file, content, read)
    root = document.root
    if not isinstance(root.value, dict | bool):
        raise UnreadableProblem("is no JSON Schema: it is neither an object nor a boolean", place=root.place)
    _refuse_other_documents(root)

    def retrieve(uri: str) -> Any:
        if not uri.startswith(_BASE):
            raise UnreadableProblem(f"refers to {uri!r}, which is not read", place=root.place)
        path = posixpath.normpath(uri.removeprefix(_BASE))
        return document.target(root, f"{posixpath.relpath(path, posixpath.dirname(file) or '.')}#").value

    try:
        draft = jsonschema_rs.canonicalize(root.value, base_uri=_uri(file), retriever=retrieve).draft
        registry = jsonschema_rs.Registry([(_uri(file), root.value)], retriever=retrieve)
        schema = JsonSchema(document, registry, draft)
        schema.canonical(root)
    except jsonschema_rs.ValidationError as error:
        at = Node(root.value, root.source, tuple(error.instance_path))
        raise UnreadableProblem(
            f"is no JSON Schema: {error.message}", place=at.place, remedy="Repair the schema there."
        ) from error
    except (jsonschema_rs.ReferencingError, CanonicalizationError, ValueError, RecursionError) as error:
        first = str(error).partition("\n")[0]
        raise UnreadableProblem(f"is no JSON Schema that can be followed: {first}", place=root.place) from error
    return schema


def _refuse_other_documents(root: Node) -> None:
    """Raises UnreadableProblem for an object that no keyword makes a schema: as one, it would allow anything."""
    keys = root.value.keys() if isinstance(root.value, dict) else frozenset[str]()
    for kind in _DESCRIPTIONS & keys:
        raise UnreadableProblem(
            f"is no JSON Schema: it has `{kind}`, and describes an interface",
            place=root.place,
            remedy="Compare interfaces with `hardpoint contract diff`.",
        )
    if keys and not any(key in _KEYWORDS or str(key).startswith("$") for key in keys):
        raise UnreadableProblem(
            "is no JSON Schema: it has none of its keywords",
            place=root.place,
            remedy="Name a schema; what allows anything is `true` or `{}`.",
        )


def _uri(file: str) -> str:
    """What a file is called among schemas: none of the names that a schema may give itself."""
    return f"{_BASE}{quote(file)}"


def _closed(value: Any, *, alone: bool = True) -> Any:
    """A schema in which objects that say nothing of other properties have none.

    Only where no other schema speaks of the same object (`alone`): two halves of an `allOf` would refuse each other's.
    """
    if not isinstance(value, dict):
        return value
    alone = alone and not value.keys() & {"allOf", "anyOf", "oneOf", "not", "if", "$ref", "patternProperties"}
    closed: dict[str, Any] = {}
    for key, each in value.items():
        if key in {"properties", "patternProperties", "dependentSchemas"} and isinstance(each, dict):
            closed[key] = {name: _closed(schema, alone=key == "properties") for name, schema in each.items()}
        elif key in {"items", "additionalProperties"}:
            closed[key] = [_closed(item) for item in each] if isinstance(each, list) else _closed(each)
        elif key == "prefixItems" and isinstance(each, list):
            closed[key] = [_closed(item) for item in each]
        else:  # what is referred to may be half of an `allOf`, so definitions stay as they are
            closed[key] = each
    if alone and "properties" in value and not value.keys() & {"additionalProperties", "unevaluatedProperties"}:
        closed["additionalProperties"] = False
    return closed


def obstacles(reader: JsonSchema, writer: JsonSchema) -> Iterator[Obstacle]:
    """What the writer's schema allows and the reader's does not, by where it is said.

    What could not be shown either way is an obstacle that is not certain.
    """
    yield from _Comparison(reader, writer).obstacles(reader.root, writer.root, 0)


class _Comparison:
    def __init__(self, reader: JsonSchema, writer: JsonSchema) -> None:
        self._reader, self._writer = reader, writer
        self._met: set[tuple[tuple[str, str], tuple[str, str]]] = set()

    def obstacles(self, reads: Node, wrote: Node, depth: int) -> list[Obstacle]:
        reads, wrote = self._reader.document.follow(reads), self._writer.document.follow(wrote)
        pair = ((reads.source.file, reads.pointer), (wrote.source.file, wrote.pointer))
        if pair in self._met:
            return []
        self._met.add(pair)
        known = self._covers(reads, wrote)
        if known is Containment.YES:
            return []
        if depth > MAX_DEPTH:
            return [_not_shown(reads, "it is nested too deep", certain=False)]
        found = self._explained(reads, wrote, depth)
        if known is Containment.NO and not any(each.certain for each in found):
            found.append(_not_shown(reads, "not all that may be written is allowed here", certain=True))
        return found

    def _covers(self, reads: Node, wrote: Node) -> Containment:
        try:
            return self._reader.canonical(reads).covers(self._writer.canonical(wrote))
        except _UNDECIDED:
            return Containment.UNKNOWN

    def _explained(self, reads: Node, wrote: Node, depth: int) -> list[Obstacle]:
        if self._reader.draft != self._writer.draft:
            why = f"it is of draft {self._reader.draft}, and what is written of draft {self._writer.draft}"
            return [_not_shown(reads, why, certain=False)]
        if members := _members(wrote, "anyOf", "oneOf"):
            return [found for each in members for found in self.obstacles(reads, each, depth + 1)]
        if members := _members(reads, "anyOf", "oneOf"):
            return self._in_one(reads, members, wrote, depth)
        if members := _members(reads, "allOf"):
            return [found for each in members for found in self.obstacles(each, wrote, depth + 1)]
        if not (_is_plain(reads) and _is_plain(wrote)):
            return [_not_shown(reads, _spoken(reads, wrote), certain=False)]
        return [*self._shallow(reads, wrote), *self._deep(reads, wrote, depth)]

    def _in_one(self, reads: Node, members: list[Node], wrote: Node, depth: int) -> list[Obstacle]:
        """Of several, one has to take all of it, and of `oneOf` no other any of it."""
        before = set(self._met)
        for member in members:
            self._met = set(before)
            if not self.obstacles(member, wrote, depth + 1):
                others = [each for each in members if each is not member] if "oneOf" in reads.value else []
                if all(self._is_apart(each, wrote) for each in others):
                    return []
                return [_not_shown(reads, "more than one member of `oneOf` may take it", certain=False)]
        self._met = before
        return [
            Obstacle(
                pointer=reads.pointer,
                id="sum-type-narrowed",
                text=f"no member takes all that {wrote.pointer or 'the root'} of the other schema allows",
                remedy="Keep a member for it.",
                certain=self._covers(reads, wrote) is Containment.NO,
            )
        ]

    def _is_apart(self, reads: Node, wrote: Node) -> bool:
        """Whether nothing that is written is allowed there."""
        try:
            both = self._reader.canonical(reads).intersect(self._writer.canonical(wrote))
        except _UNDECIDED:
            return False
        return both.satisfiability() is Satisfiability.NO

    def _shallow(self, reads: Node, wrote: Node) -> list[Obstacle]:
        """What is refused for what it is, whatever is in it."""
        own, other = ({key: each for key, each in _body(node).items() if key in _SHALLOW} for node in (reads, wrote))
        try:
            mine, theirs = (jsonschema_rs.canonicalize(each, draft=self._reader.draft) for each in (own, other))
            known = mine.covers(theirs)
        except _UNDECIDED:
            known = Containment.UNKNOWN
        if known is Containment.YES:
            return []
        certain = known is Containment.NO
        reasons = list(_reasons(own, other))
        if not reasons:
            return [_not_shown(reads, _spoken(reads, wrote), certain=certain)]
        return [
            Obstacle(
                pointer=f"{reads.pointer}/{key}",
                id=problem,
                text=text,
                remedy=remedy,
                certain=certain or (key == "type" and not other.keys() & {"enum", "const", "multipleOf"}),
            )
            for key, problem, text, remedy in reasons
        ]

    def _deep(self, reads: Node, wrote: Node, depth: int) -> list[Obstacle]:
        found: list[Obstacle] = []
        if _may_be(reads, "object") and _may_be(wrote, "object"):
            found += self._properties(reads, wrote, depth)
        if _may_be(reads, "array") and _may_be(wrote, "array") and _allows_items(wrote):
            mine, theirs = _schema(reads, "items"), _schema(wrote, "items")
            if mine is not None:
                found += self._member(mine, theirs, "items of any kind may be written", "item-added", depth)
        return found

    def _properties(self, reads: Node, wrote: Node, depth: int) -> list[Obstacle]:
        mine, theirs = (dict(each.items()) if (each := node.get("properties")) else {} for node in (reads, wrote))
        mine_else, theirs_else = (_schema(node, "additionalProperties") for node in (reads, wrote))
        found: list[Obstacle] = []
        for name in mine.keys() | theirs.keys():
            own, other = mine.get(name, mine_else), theirs.get(name, theirs_else)
            if own is None or (other is not None and other.value is False):
                continue
            if own.value is False and name not in mine:
                found.append(
                    Obstacle(
                        pointer=reads.pointer,
                        id="property-removed-from-closed-content-model",
                        text=f"{name!r} may be written, and a closed object does not take it",
                        remedy="Keep the property, or leave additionalProperties open.",
                    )
                )
                continue
            why = f"{name!r} is not declared and may be written with any value, since additional properties are open"
            found += self._member(own, other, why, "property-added-to-open-content-model", depth)
        if mine_else is not None and not (theirs_else is not None and theirs_else.value is False):
            why = "properties that are not declared may be written"
            found += self._member(mine_else, theirs_else, why, "content-model-closed", depth)
        return found

    def _member(self, own: Node, other: Node | None, why: str, problem: str, depth: int) -> list[Obstacle]:
        """A member of both; without a schema of the other, anything may be written there."""
        if other is not None:
            return self.obstacles(own, other, depth + 1)
        if _allows_all(self._reader, own):
            return []
        remedy = "Close the other schema, allow anything here, or take it that nobody writes what is not declared."
        return [Obstacle(pointer=own.pointer, id=problem, text=why, remedy=remedy)]


def _members(node: Node, *keywords: str) -> list[Node]:
    """The members of a schema that is nothing but a choice or a conjunction."""
    body = _body(node)
    if len(body) == 1 and (keyword := next(iter(body))) in keywords and (found := node.get(keyword)):
        return list(found.each())
    return []


def _body(node: Node) -> Mapping[str, Any]:
    """The keywords that say something."""
    if not isinstance(node.value, dict):
        return {} if node.value is True else {"not": {}}
    return {key: each for key, each in node.value.items() if key not in _SILENT}


def _is_plain(node: Node) -> bool:
    items = node.value.get("items") if isinstance(node.value, dict) else None
    return _body(node).keys() <= _SHALLOW | _DEEP and not isinstance(items, list)


def _may_be(node: Node, kind: str) -> bool:
    types = _types(_body(node))
    return types is None or kind in types


def _types(body: Mapping[str, Any]) -> frozenset[str] | None:
    kind = body.get("type")
    return None if kind is None else frozenset([kind] if isinstance(kind, str) else kind)


def _schema(node: Node, key: str) -> Node | None:
    """The schema under a keyword; None where anything is allowed because nothing is said, or `true`."""
    value = node.value.get(key) if isinstance(node.value, dict) else None
    return None if value is None or value is True else node[key]


def _allows_items(node: Node) -> bool:
    return bool(_body(node).get("maxItems", 1))


def _allows_all(schema: JsonSchema, node: Node) -> bool:
    anything = jsonschema_rs.canonicalize({}, draft=schema.draft)
    try:
        return schema.canonical(node).covers(anything) is Containment.YES
    except _UNDECIDED:
        return False


def _reasons(own: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Each keyword that refuses more: the keyword, the kind of obstacle, what is wrong, what to do."""
    mine, theirs = _types(own), _types(other)
    if mine is not None and (theirs is None or not theirs <= mine | ({"integer"} if "number" in mine else set())):
        wide = "anything" if theirs is None else " or ".join(sorted(theirs))
        narrow = " or ".join(sorted(mine))
        yield "type", "type-narrowed", f"{wide} may be written, and {narrow} is read", "Keep the wider type."
    added = [each for each in own.get("required", ()) if each not in other.get("required", ())]
    if added:
        names = ", ".join(repr(each) for each in added)
        yield "required", "required-attribute-added", f"{names} may be left out, and is required", "Make it optional."
    for key in ("enum", "const"):
        if key in own and own[key] != other.get(key):
            yield key, "enum-array-narrowed", f"only {_short(own[key])} is read", "Keep the values that were allowed."
    for keys, sign, way in ((_LOWER, 1, "increased"), (_UPPER, -1, "decreased")):
        for key in keys:
            value, before = own.get(key), other.get(key)
            if _is_number(value) and (not _is_number(before) or sign * value > sign * before):
                said = "none" if before is None else before
                yield key, f"{_kebab(key)}-{way}", f"`{key}` is {value}, and {said} for what is written", "Keep it."
    for key in ("pattern", "format", "multipleOf", "uniqueItems"):
        if key in own and own[key] != other.get(key):
            yield key, f"{_kebab(key)}-added", f"`{key}` {_short(own[key])} is asked for", "Leave it as it was."


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kebab(key: str) -> str:
    return "".join(f"-{each.lower()}" if each.isupper() else each for each in key)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"  # noqa: PLR2004


def _spoken(reads: Node, wrote: Node) -> str:
    odd = sorted({key for node in (reads, wrote) for key in _body(node)} - _SHALLOW - _DEEP)
    return f"{', '.join(f'`{key}`' for key in odd)} cannot be compared" if odd else "it cannot be compared"


def _not_shown(node: Node, why: str, *, certain: bool) -> Obstacle:
    return Obstacle(
        pointer=node.pointer,
        id="narrowed" if certain else "not-shown",
        text=why,
        remedy="Allow what was allowed." if certain else "Compare it by eye, or write both versions alike.",
        certain=certain,
    )
