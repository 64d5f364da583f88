"""AsyncAPI 2 and 3 as the comparison of contracts sees it: a channel is a path, to send and to receive are its methods.

What an application receives is like a request, since others write it; what it sends is like an answer. Schemas are
referred to where they stand, so places and pointers are those of the document.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from hardpoint.assurance.contracts.document import Document, Node, Read
from hardpoint.assurance.contracts.operations import Contract
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

_SUPPORTED = re.compile(r"[23]\.\d+(?:\.|$)")
_RECEIVED, _SENT = "RECEIVE", "SEND"
_IN_2 = {"publish": _RECEIVED, "subscribe": _SENT}
"""What clients may do with a channel, by what the application then does (AsyncAPI 2.6.0, channel item object)."""
_JSON_SCHEMA = re.compile(r"application/(?:vnd\.(?:aai|oai)\.|schema\+)", re.IGNORECASE)
"""Formats of schemas that are JSON Schema, or a superset of it."""
_REMEDY = "Name an AsyncAPI document: a mapping with `asyncapi: 3.…`, `info` and `channels`."


def is_asyncapi(tree: Any) -> bool:
    """Whether a document says that it is AsyncAPI."""
    return isinstance(tree, dict) and "asyncapi" in tree


def read_asyncapi(file: str, content: bytes, read: Read | None = None) -> Contract:
    """An AsyncAPI document as a contract of channels.

    Raises UnreadableProblem at the place of whatever cannot be read, or is no AsyncAPI 2 or 3.
    """
    document = Document(file, content, read)
    root = document.root
    version = str(root.value.get("asyncapi", "")) if isinstance(root.value, dict) else ""
    if not _SUPPORTED.match(version):
        raise UnreadableProblem(
            f"is AsyncAPI {version!r}, and 2 and 3 are read", place=Place(file, 1, 1), remedy=_REMEDY
        )
    for key in ("info", "channels", "operations", "components"):
        if not isinstance(root.value.get(key, {}), dict):
            raise UnreadableProblem(f"has a {key!r} that is no mapping", place=root[key].place, remedy=_REMEDY)
    said = _operations_2(document) if version.startswith("2") else _operations_3(document)
    paths: dict[str, dict[str, Any]] = {}
    for channel, method, operation, messages in said:
        operations = paths.setdefault(channel, {"additionalOperations": {}})["additionalOperations"]
        whole = operations.setdefault(method, _empty(method))
        _join(_contents(whole, method), messages, operation)
        root.source.moved["paths", channel, "additionalOperations", method] = operation.path
        root.source.moved.setdefault(("paths", channel), operation.path)
    root.source.tree = {
        **{key: each for key, each in root.value.items() if key not in ("servers", "security", "tags", "components")},
        "openapi": "3.2.0",
        "components": {
            key: each
            for key, each in root.value.get("components", {}).items()
            if key not in ("securitySchemes", "parameters", "servers")
        },
        "paths": paths,
        "servers": [{"url": url} for url in _servers(document)],
    }
    document.root = Node(root.source.tree, root.source)
    return Contract(document)


def _empty(method: str) -> dict[str, Any]:
    return (
        {"requestBody": {"required": True, "content": {}}}
        if method == _RECEIVED
        else {"responses": {"200": {"content": {}}}}
    )


def _contents(operation: dict[str, Any], method: str) -> dict[str, Any]:
    body = operation["requestBody"] if method == _RECEIVED else operation["responses"]["200"]
    content = body["content"]
    assert isinstance(content, dict)
    return content


def _join(known: dict[str, Any], messages: Mapping[str, Any], operation: Node) -> None:
    """Add messages to those of a channel; media types have no case, so two names must differ by more than that."""
    known.update(messages)
    if len({each.lower() for each in known}) < len(known):
        raise UnreadableProblem(
            "has two messages whose names differ only in their capitals", place=operation.place, remedy="Rename one."
        )


Said = Iterator[tuple[str, str, Node, Mapping[str, Any]]]
"""Channel, method, what says so, and by the name of each message what it holds."""


def _operations_2(document: Document) -> Said:
    for name, item in _items(document, document.root, "channels"):
        for word, method in _IN_2.items():
            operation = item.get(word)
            message = operation.get("message") if operation else None
            if operation is None or message is None:
                continue
            listed = document.follow(message).get("oneOf")
            each = listed.each() if listed else iter((message,))
            yield name, method, operation, dict(_message(document, node, str(at)) for at, node in enumerate(each))


def _operations_3(document: Document) -> Said:
    for _, operation in _items(document, document.root, "operations"):
        action, channel = operation.get("action"), operation.get("channel")
        if action is None or channel is None:
            raise UnreadableProblem(
                "is an operation without an `action` and a `channel`", place=operation.place, remedy=_REMEDY
            )
        whole = document.follow(channel)
        address = whole.get("address")
        named = str(address.value) if address else str(whole.path[-1])
        messages = operation.get("messages") or whole.get("messages")
        keyed = list(messages.items()) if messages else []
        keyed = keyed or [(str(at), node) for at, node in enumerate(messages.each() if messages else ())]
        method = _RECEIVED if action.value == "receive" else _SENT
        yield named, method, operation, dict(_message(document, node, name) for name, node in keyed)


def _items(document: Document, node: Node, key: str) -> Iterator[tuple[str, Node]]:
    found = node.get(key)
    for name, each in found.items() if found else ():
        if not name.startswith("x-"):
            yield name, document.follow(each)


def _message(document: Document, node: Node, fallback: str) -> tuple[str, dict[str, Any]]:
    """A message as a body of payload and headers, under a media type that its name makes its own."""
    message = document.follow(node)
    if message.path and isinstance(message.path[-1], str) and message.path[-1] not in ("message", "payload"):
        fallback = message.path[-1]
    name = message.value.get("name", fallback) if isinstance(message.value, dict) else fallback
    kind = message.get("contentType") or document.root.get("defaultContentType")
    parts = {key: _reference(found) for key, found in _schemas(document, message)}
    body = {"type": "object", "properties": parts, "required": sorted(parts)}
    subtype = str(kind.value if kind else "json").partition(";")[0].rpartition("/")[2].rpartition("+")[2]
    return f"message/{quote(str(name), safe='')}+{subtype}", {"schema": body}


def _schemas(document: Document, message: Node) -> Iterator[tuple[str, Node]]:
    """The payload and the headers of a message, where they are JSON Schema.

    Raises UnreadableProblem for a payload in another language, which is compared by itself.
    """
    form = message.get("schemaFormat")
    for key in ("payload", "headers"):
        found = message.get(key)
        if found is None:
            continue
        inner = document.follow(found)
        own, schema = inner.get("schemaFormat"), inner.get("schema")
        told = own or (form if key == "payload" else None)
        if told is not None and not _JSON_SCHEMA.match(str(told.value)):
            raise UnreadableProblem(
                f"is a {key} in {told.value!r}, and JSON Schema is read",
                place=found.place,
                remedy="Compare its schema by itself: hardpoint contract compatible OLD NEW.",
            )
        yield key, (schema if own is not None and schema is not None else found)


def _reference(node: Node) -> dict[str, str]:
    """A reference to where a schema stands; in another file, by the file's name."""
    return {"$ref": f"#{node.pointer}"}


def _servers(document: Document) -> Iterator[str]:
    for _, server in _items(document, document.root, "servers"):
        if isinstance(server.value, dict):
            told = server.value
            host = told.get("url") or f"{told.get('host', '')}{told.get('pathname', '')}"
            yield f"{told.get('protocol', '')}://{host}"
