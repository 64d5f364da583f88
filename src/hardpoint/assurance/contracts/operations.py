"""The operations of an OpenAPI document: path and method, and what each takes and gives, references followed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hardpoint.assurance.contracts.document import Document, Node, Read
from hardpoint.assurance.contracts.shapes import DESCRIBED, OPERATION, ROOT, check
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

if TYPE_CHECKING:
    from hardpoint.assurance.contracts.schemas import Schema

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
"""The fixed fields of a path item (OpenAPI 3.2.0, section 4.9; 3.0 and 3.1 have all but `query`)."""

_SUPPORTED = re.compile(r"3\.[012](?:\.|$)")
_VARIABLE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation: `method` in capitals, `path` as it is written, `node` what describes it, `item` its path item.

    `kind` is `path`, `webhook` or `callback`; of the last two, the one who answers is the consumer.
    """

    method: str
    path: str
    node: Node
    item: Node
    kind: str = "path"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Contract:
    """An OpenAPI 3 document by its operations; nothing is expanded, and references are followed when asked for."""

    def __init__(self, document: Document) -> None:
        """Raises UnreadableProblem, at its place, if the document is no OpenAPI 3.0, 3.1 or 3.2."""
        self.document = document
        self.root = document.root
        self.version = _version(document.root)
        self.schemas: dict[int, Schema] = {}
        """The schemas that were looked at, by the value that they stand for."""

    @property
    def is_3_0(self) -> bool:
        """Whether schemas are those of OpenAPI 3.0 (`nullable`, boolean `exclusiveMinimum`), not of JSON Schema."""
        return self.version.startswith("3.0")

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation below `paths`, in the order in which they stand there."""
        paths = self.root.get("paths")
        return tuple(each for path, item in (paths.items() if paths else ()) for each in self.below(path, item))

    @cached_property
    def webhooks(self) -> tuple[Operation, ...]:
        """Every operation below `webhooks`; its path is the name of the webhook."""
        hooks = self.root.get("webhooks") or self.root.get("x-webhooks")
        found = hooks.items() if hooks else ()
        return tuple(each for name, item in found for each in self.below(name, item, "webhook"))

    def callbacks(self, operation: Operation) -> Iterator[tuple[str, Operation]]:
        """The operations that an operation calls back, each with the callback's name; its path is the expression."""
        for name, callback in self.mapping(operation.node, "callbacks").items():
            for expression, item in callback.items():
                yield from ((name, each) for each in self.below(expression, item, "callback"))

    def below(self, path: str, item: Node, kind: str = "path") -> Iterator[Operation]:
        """The operations of a path item, and of what it refers to besides (OpenAPI 3.1.0, section 4.8.9.1)."""
        if path.startswith("x-"):
            return
        whole = self.described(item)
        found = {}
        for part in (whole,) if whole.value is item.value or item.value is None else (whole, item):
            check(part, OPERATION)
            more = part.get("additionalOperations")
            named = {method.upper(): node for method, node in part.items() if method in METHODS}
            for method, node in {**named, **dict(more.items() if more else ())}.items():
                found[method] = Operation(method, path, self._operation(node), part, kind)
        yield from found.values()

    def _operation(self, node: Node) -> Node:
        described = self.described(node)
        check(described, OPERATION)
        return described

    def parameters(self, operation: Operation) -> Mapping[tuple[str, str], Node]:
        """The parameters by `in` and name: those of the path item, and of the operation, which take precedence.

        The name of a header is in small letters (RFC 9110, section 5.1: it has no case). A parameter in a path is known
        by its position, `{0}`, so that another name for it is no other parameter.
        """
        found: dict[tuple[str, str], Node] = {}
        for owner in (operation.item, operation.node):
            listed = owner.get("parameters")
            for node in listed.each() if listed else ():
                parameter = self.described(node)
                where, name = str(_in(parameter, "in")), str(_in(parameter, "name"))
                found[(where, name.lower() if where == "header" else name)] = parameter
        return _by_position(found, _VARIABLE.findall(operation.path))

    def request_body(self, operation: Operation) -> Node | None:
        """The request body, if the operation takes one."""
        body = operation.node.get("requestBody")
        return self.described(body) if body else None

    def responses(self, operation: Operation) -> Mapping[str, Node]:
        """The responses by status (`200`, `4XX`, `default`)."""
        found = self.mapping(operation.node, "responses")
        return {status if status == "default" else status.upper(): node for status, node in found.items()}

    def mapping(self, node: Node, key: str) -> Mapping[str, Node]:
        """What stands under a key by name, references followed: responses, headers, content, callbacks, links."""
        found = node.get(key)
        named = found.items() if found else ()
        return {name: self.described(each) for name, each in named if not name.startswith("x-") or key == "headers"}

    def described(self, node: Node) -> Node:
        """A mapping that stands somewhere, or what is referred to there; what is left empty is an empty one.

        Raises UnreadableProblem at the place of anything else.
        """
        found = self.document.follow(node)
        if found.value is None:
            return Node({}, found.source, found.path)
        if not isinstance(found.value, dict):
            raise UnreadableProblem("is no mapping", place=found.place, remedy=_REMEDY)
        check(found, DESCRIBED)
        return found

    def security(self, operation: Operation) -> Node | None:
        """What an operation requires of its caller, or what the document requires of all; None if nothing is said."""
        return operation.node.get("security") or self.root.get("security")


def read_contract(file: str, content: bytes, read: Read | None = None) -> Contract:
    """An OpenAPI document and the files that it refers to, which `read` gives by their path beside it.

    Raises UnreadableProblem at the place of whatever cannot be read, is empty, or is no OpenAPI 3.0, 3.1 or 3.2.
    """
    return Contract(Document(file, content, read))


def _by_position(found: Mapping[tuple[str, str], Node], variables: list[str]) -> dict[tuple[str, str], Node]:
    """Parameters, those of the path by their position there; one that is not in the path takes a place that is left."""
    listed = [name for where, name in found if where == "path"]
    free = [name for name in variables if name not in listed]
    places = {name: name if name in variables else free.pop(0) if free else name for name in listed}
    positions = {name: f"{{{at}}}" for at, name in enumerate(variables)}
    return {
        (where, positions.get(places[name], name) if where == "path" else name): node
        for (where, name), node in found.items()
    }


def _in(node: Node, key: str) -> Any:
    value = node.get(key)
    if value is None:
        raise UnreadableProblem(f"has no {key!r}", place=node.place, remedy="Every parameter has a name and an `in`.")
    return value.value


def _version(root: Node) -> str:
    tree, place = root.value, Place(root.source.file, 1, 1)
    if not isinstance(tree, dict):
        raise UnreadableProblem("is no OpenAPI document: it is no mapping", place=place, remedy=_REMEDY)
    version = str(tree.get("openapi", ""))
    if "swagger" in tree:
        at = root["swagger"].place
        raise UnreadableProblem(
            f"is Swagger {tree['swagger']}, and OpenAPI 3.0, 3.1 and 3.2 are read",
            place=at,
            remedy="Convert it to OpenAPI 3 first; most generators can write that instead.",
        )
    if "openapi" not in tree:
        raise UnreadableProblem("is no OpenAPI document: it has no `openapi`", place=place, remedy=_REMEDY)
    if not _SUPPORTED.match(version):
        raise UnreadableProblem(
            f"is OpenAPI {version!r}, and 3.0, 3.1 and 3.2 are read", place=root["openapi"].place, remedy=_REMEDY
        )
    check(root, ROOT)
    if tree.keys().isdisjoint({"paths", "webhooks", "x-webhooks", "components"}):
        raise UnreadableProblem("describes nothing: it has no `paths`", place=place, remedy=_REMEDY)
    return version


_REMEDY = "Name an OpenAPI document: a mapping with `openapi: 3.…`, `info` and `paths`."
