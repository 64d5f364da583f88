"""What a contract holds, found in one walk: operations, schemas, references, examples, and where it is malformed."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.grammar import SCALAR_NAMES, Object, Shape, is_of, objects
from hardpoint.assurance.contracts.operations import METHODS, Contract, Operation
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.spelling import did_you_mean

MAX_DEPTH = 1_000
"""How deep objects may be nested; a document beyond that is not read to its end, which is a fault of its own."""
MAX_FAULTS = 10_000

_STATUS = re.compile(r"[1-5](?:\d\d|XX)")
_COMPONENT = re.compile(r"[A-Za-z0-9._-]+")

Link = tuple[Any, Any]
"""The way to a value, from its end: (the way to what it is in, its key); the first has the source in place of a key."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a document is not what the specification says; `known` is false for a field that it only does not name."""

    node: Node
    text: str
    remedy: str = ""
    known: bool = True


@dataclass(slots=True)
class Found:
    """What the walk came upon, each with the way to it."""

    objects: dict[str, list[tuple[Any, Link]]] = field(default_factory=dict)
    references: list[tuple[str, Link]] = field(default_factory=list)
    properties: dict[str, Link] = field(default_factory=dict)
    """The first place of each name of a property."""
    faults: list[Fault] = field(default_factory=list)


class Inventory:
    """The parts of a contract; what is malformed is left out of them, and told by `faults`."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.root = contract.root
        self.file = contract.root.source.file

    @cached_property
    def found(self) -> Found:
        """What the document and the files that it refers to consist of."""
        return _Walk(self.contract).run()

    def nodes(self, kind: str) -> Iterator[Node]:
        """Every object of a kind of the grammar, at the place where it is written."""
        return (node_at(value, way) for value, way in self.found.objects.get(kind, ()))

    def nodes_with(self, kind: str, key: str) -> Iterator[Node]:
        """Those of them that have a key."""
        return (node_at(value, way) for value, way in self.found.objects.get(kind, ()) if key in value)

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation below `paths`."""
        paths = self.root.get("paths")
        return tuple(each for path, item in (paths.items() if paths else ()) for each in self._below(path, item))

    def _below(self, path: str, item: Node) -> Iterator[Operation]:
        whole = self.follow(item)
        if whole is None or path.startswith("x-"):
            return
        for method, node in whole.items():
            if method in METHODS and isinstance(node.value, dict):
                yield Operation(method.upper(), path, node, whole)

    def follow(self, node: Node) -> Node | None:
        """What a node stands for; None where its reference leads nowhere."""
        if not isinstance(node.value, dict) or "$ref" not in node.value:
            return node
        with suppress(UnreadableProblem):
            return self.contract.document.follow(node)
        return None

    def parameters(self, operation: Operation) -> list[Node]:
        """The parameters of an operation, those of its path item first; each says its name and where it is."""
        return [
            node
            for owner in (operation.item, operation.node)
            for each in _listed(owner, "parameters")
            if (node := self.follow(each)) is not None and isinstance(node.value, dict) and _is_named(node.value)
        ]

    def responses(self, operation: Operation) -> dict[str, Node]:
        """The responses of an operation by status."""
        return self.named(operation.node, "responses")

    def named(self, node: Node, key: str) -> dict[str, Node]:
        """The mappings under a key by name, references followed."""
        below = node.get(key)
        found = ((name, self.follow(each)) for name, each in (below.items() if below else ()))
        return {name: each for name, each in found if each is not None and isinstance(each.value, dict)}


def node_at(value: Any, way: Link) -> Node:
    """A value as a node of its document."""
    path: list[str | int] = []
    while way[0] is not None:
        path.append(way[1])
        way = way[0]
    return Node(value, way[1], tuple(reversed(path)))


def _is_named(parameter: Mapping[str, Any]) -> bool:
    return isinstance(parameter.get("name"), str) and isinstance(parameter.get("in"), str)


def _listed(node: Node, key: str) -> Iterator[Node]:
    below = node.get(key)
    return below.each() if below else iter(())


class _Walk:
    """One walk through a document by the grammar, into the other files where references lead there."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._objects: Mapping[str, Object] = objects()
        self._version = contract.version[:3]
        self._found = Found()
        self._kept = {
            kind: self._found.objects.setdefault(kind, [])
            for kind in ("schema", "media", "parameter", "header", "response", "scheme", "server", "requirement")
        }
        self._pending: list[tuple[Any, Link, str, bool, int]] = []
        self._seen: set[int] = set()
        self._targets: dict[tuple[str, str], bool] = {}

    def run(self) -> Found:
        root = self._contract.root
        self._pending.append((root.value, (None, root.source), "document", False, 0))
        while self._pending and len(self._found.faults) < MAX_FAULTS:
            value, way, kind, refers, depth = self._pending.pop()
            if depth > MAX_DEPTH:
                self._fault(value, way, f"is nested deeper than {MAX_DEPTH} objects", "Refer to a schema instead.")
                continue
            self._visit(value, way, kind, depth, refers=refers)
        self._found.faults.reverse()
        return self._found

    def _visit(self, value: Any, way: Link, kind: str, depth: int, *, refers: bool) -> None:
        if value.__class__ is not dict:
            if not (kind == "schema" and isinstance(value, bool)):
                self._fault(value, way, f"is no {_said(kind)}: a mapping stands here", "")
            return
        reference = value.get("$ref")
        if isinstance(reference, str) and (refers or kind in {"schema", "path"}):
            self._refer(reference, value, way, kind)
            if kind != "path" and (refers or self._version == "3.0"):
                return  # what stands beside it is ignored (OpenAPI 3.0.4, section 4.8.23)
        kept = self._kept.get(kind)
        if kept is not None and (kind != "parameter" or _is_named(value)):
            kept.append((value, way))
        self._fields(value, way, kind, depth)

    def _fields(self, value: dict[str, Any], way: Link, kind: str, depth: int) -> None:
        known = self._objects[kind]
        fields = known.fields
        for key, each in value.items():
            shape = fields.get(key)
            if shape is None:
                self._other(key, each, way, kind, depth)
            elif shape.since > self._version:
                self._fault(each, (way, key), f"{key!r} is a field of OpenAPI {shape.since}", "", known=False)
            elif each.__class__ is str and shape.of == "text" and shape.form == "one":
                continue
            else:
                self._field(each, (way, key), shape, depth)
        for key in known.required:
            if key not in value:
                self._fault(value, way, f"{_said(kind)} has no {key!r}", f"Give it a {key!r}.")
        check = _CHECKS.get(kind)
        if check is not None:
            for key, text in check(value, self._version):
                self._fault(value.get(key), (way, key) if key in value else way, text, "")

    def _field(self, value: Any, way: Link, shape: Shape, depth: int) -> None:
        if shape.form == "one":
            self._put(value, way, shape, depth)
        elif shape.form == "list":
            if value.__class__ is not list:
                self._fault(value, way, f"{way[1]!r} is no list", "")
                return
            if shape.of == "any":
                return
            for index, each in enumerate(value):
                self._put(each, (way, index), shape, depth)
        elif value.__class__ is not dict:
            self._fault(value, way, f"{way[1]!r} is no mapping", "")
        else:
            if way[1] == "properties" and shape.of == "schema":
                for key in value:
                    self._found.properties.setdefault(key, (way, key))
            for key, each in value.items():
                self._put(each, (way, key), shape, depth)

    def _put(self, value: Any, way: Link, shape: Shape, depth: int) -> None:
        if shape.of in self._objects:
            self._pending.append((value, way, shape.of, shape.refers, depth + 1))
        elif not is_of(value, shape.of):
            self._fault(value, way, f"{way[1]!r} is not {SCALAR_NAMES[shape.of]}", "")

    def _other(self, key: str, value: Any, way: Link, kind: str, depth: int) -> None:
        known = self._objects[kind]
        if key.startswith("x-") and known.extensible:
            return
        if known.others is not None:
            if kind == "paths" and not key.startswith("/"):
                self._fault(value, (way, key), f"the path {key!r} does not begin with /", "Begin it with /.")
            if kind == "responses" and not _STATUS.fullmatch(key):
                self._fault(value, (way, key), f"{key!r} is no status", "Write 200, 4XX or default.")
            self._field(value, (way, key), known.others, depth)
        elif not (kind == "schema" and self._version != "3.0"):  # JSON Schema lets anybody add keywords
            meant = did_you_mean(key, list(known.fields))
            self._fault(value, (way, key), f"{_said(kind)} has no field {key!r}{meant}", "", known=False)

    def _refer(self, reference: str, value: Any, way: Link, kind: str) -> None:
        """Note a reference, and walk what it leads to in another file, which nothing else leads to."""
        self._found.references.append((reference, way))
        if reference.startswith("#"):
            return
        with suppress(UnreadableProblem):
            target = self._contract.document.target(node_at(value, way), reference)
            if id(target.value) not in self._seen and target.source is not self._contract.root.source:
                self._seen.add(id(target.value))
                self._pending.append((target.value, _way(target), kind, kind != "schema", 0))

    def _fault(self, value: Any, way: Link, text: str, remedy: str, *, known: bool = True) -> None:
        self._found.faults.append(Fault(node_at(value, way), text, remedy, known))


def _way(node: Node) -> Link:
    way: Link = (None, node.source)
    for key in node.path:
        way = (way, key)
    return way


_NAMES = {
    "body": "request body",
    "media": "media type",
    "scheme": "security scheme",
    "docs": "external documentation",
    "path": "path item",
    "variable": "server variable",
    "requirement": "security requirement",
    "flow": "OAuth flow",
    "flows": "set of OAuth flows",
}


def _said(kind: str) -> str:
    return _NAMES.get(kind, kind)


def _document(value: Mapping[str, Any], version: str) -> Iterator[tuple[str, str]]:
    if version == "3.0" and "paths" not in value:
        yield "paths", "the document has no 'paths'"
    if version != "3.0" and not {"paths", "components", "webhooks"} & value.keys():
        yield "paths", "the document has neither 'paths' nor 'components' nor 'webhooks'"


def _components(value: Mapping[str, Any], _: str) -> Iterator[tuple[str, str]]:
    for family, members in value.items():
        if isinstance(members, dict) and not family.startswith("x-"):
            for name in members:
                if not _COMPONENT.fullmatch(name):
                    yield family, f"the component {name!r} is named with other signs than letters, digits, . _ -"


def _operation(value: Mapping[str, Any], version: str) -> Iterator[tuple[str, str]]:
    if version == "3.0" and "responses" not in value:
        yield "responses", "operation has no 'responses'"


def _responses(value: Mapping[str, Any], _: str) -> Iterator[tuple[str, str]]:
    if not any(not key.startswith("x-") for key in value):
        yield "", "there is no response: at least one status or default"


def _response(value: Mapping[str, Any], version: str) -> Iterator[tuple[str, str]]:
    if version < "3.2" and "description" not in value:
        yield "description", "response has no 'description'"


_PLACES = {"query", "header", "path", "cookie"}
_STYLES = {"matrix", "label", "simple", "form", "spaceDelimited", "pipeDelimited", "deepObject", "cookie"}


def _parameter(value: Mapping[str, Any], version: str) -> Iterator[tuple[str, str]]:
    where = value.get("in")
    if isinstance(where, str) and where not in _PLACES and not (where == "querystring" and version >= "3.2"):
        yield "in", f"a parameter is in {', '.join(sorted(_PLACES))}, and not in {where!r}"
    if where == "path" and value.get("required") is not True:
        yield "name", f"the parameter {value.get('name')!r} of the path is not `required: true`"
    if ("schema" in value) == ("content" in value):
        said = "both 'schema' and 'content'" if "schema" in value else "neither 'schema' nor 'content'"
        yield "name", f"the parameter {value.get('name')!r} has {said}"
    if isinstance(style := value.get("style"), str) and style not in _STYLES:
        yield "style", f"{style!r} is no style of a parameter"


_SCHEMES = {
    "apiKey": ("name", "in"),
    "http": ("scheme",),
    "oauth2": ("flows",),
    "openIdConnect": ("openIdConnectUrl",),
    "mutualTLS": (),
}


def _scheme(value: Mapping[str, Any], _: str) -> Iterator[tuple[str, str]]:
    kind = value.get("type")
    if isinstance(kind, str) and kind not in _SCHEMES:
        yield "type", f"{kind!r} is no type of a security scheme: {', '.join(_SCHEMES)} are"
    for key in _SCHEMES.get(str(kind), ()):
        if key not in value:
            yield key, f"security scheme of type {kind} has no {key!r}"


_SCHEMA_TYPES = {"string", "number", "integer", "boolean", "array", "object"}


def _schema(value: Mapping[str, Any], version: str) -> Iterator[tuple[str, str]]:
    kind = value.get("type")
    if isinstance(kind, str):
        if kind not in _SCHEMA_TYPES and not (kind == "null" and version != "3.0"):
            yield "type", f"{kind!r} is no type{did_you_mean(kind, sorted(_SCHEMA_TYPES))}"
        if kind == "array" and version == "3.0" and "items" not in value:
            yield "type", "a schema of type array has no 'items'"
    elif kind is not None:
        if version == "3.0":
            yield "type", "'type' is one name in OpenAPI 3.0"
        elif not isinstance(kind, list) or not all(each in {*_SCHEMA_TYPES, "null"} for each in map(str, kind)):
            yield "type", "'type' is neither the name of a type nor a list of them"
    for key in ("exclusiveMinimum", "exclusiveMaximum"):
        if key in value and not is_of(value[key], "flag" if version == "3.0" else "number"):
            yield key, f"{key!r} is not {'true or false' if version == '3.0' else 'a number'}"


_CHECKS = {
    "document": _document,
    "components": _components,
    "operation": _operation,
    "responses": _responses,
    "response": _response,
    "parameter": _parameter,
    "scheme": _scheme,
    "schema": _schema,
}
