"""Rules about who keeps a contract, what of it ends, and what of it nobody uses."""

import re
from collections.abc import Iterator
from typing import Any

from hardpoint.assurance.contracts.discovery import contracts
from hardpoint.assurance.contracts.examples import untrue_examples
from hardpoint.assurance.contracts.inventory import Fault, Inventory
from hardpoint.assurance.contracts.model import CONTRACTS
from hardpoint.assurance.contracts.operations import Operation
from hardpoint.assurance.contracts.placing import placed
from hardpoint.assurance.contracts.specimen import but, good
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.ownership.model import SERVICES
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace

_COMPONENT = re.compile(r"#/components/([^/]+)/([^/]+)")
_KEEPERS = ("x-owner", "x-steward", "x-api-owner", "x-contact", "x-team", "x-maintainer")


@rule(
    "CON023",
    Severity.WARNING,
    over=contracts,
    title="An example is not what its schema allows",
    why="Examples are copied, and mocks serve them; one that is not valid teaches what the service refuses.",
    good=good(),
    bad=but(("example: {order_id: 7,", "example: {order_id: seven,")),
)
def untrue_example(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    yield from placed(untrue_example, untrue_examples(inventory))


@rule(
    "CON024",
    Severity.NOTE,
    over=contracts,
    title="A component is used by nothing",
    why="What nothing refers to is promised to nobody, and is read and kept all the same.",
    good=good(),
    bad=but(("    Problem: {type: object,", "    Parcel: {type: object}\n    Problem: {type: object,")),
)
def unused(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    yield from placed(unused, _unused(inventory))


def _unused(inventory: Inventory) -> Iterator[Fault]:
    components = inventory.root.get("components")
    if components is None or not inventory.root.get("paths"):
        return  # a library of components for other documents
    used = _used(inventory)
    for family, members in components.items():
        for name, node in members.items() if not family.startswith("x-") else ():
            if (family, name) not in used and not _is_variant(node.value, inventory):
                yield Fault(node, f"nothing refers to it ({family} {name!r})", "Remove it, or use it.")


def _used(inventory: Inventory) -> set[tuple[str, str]]:
    named = [reference.partition("#")[2] for reference, _ in inventory.found.references]
    for node in inventory.nodes_with("schema", "discriminator"):
        discriminator = node.value["discriminator"]
        mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
        for target in mapping.values() if isinstance(mapping, dict) else ():
            text = str(target)
            named.append(text.partition("#")[2] if "#" in text else f"/components/schemas/{text}")
    used = {(found[1], _unescaped(found[2])) for each in named if (found := _COMPONENT.match(f"#{each}"))}
    return used | {("securitySchemes", name) for node in inventory.nodes("requirement") for name in node.value}


def _unescaped(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")


def _is_variant(value: Any, inventory: Inventory) -> bool:
    """Whether a schema builds on one that tells its variants apart, which finds it by its name alone."""
    parts = value.get("allOf") if isinstance(value, dict) else None
    for part in parts if isinstance(parts, list) else ():
        reference = part.get("$ref") if isinstance(part, dict) else None
        found = _COMPONENT.match(reference) if isinstance(reference, str) else None
        schemas = inventory.root.value["components"].get("schemas")
        base = schemas.get(_unescaped(found[2])) if found and isinstance(schemas, dict) else None
        if isinstance(base, dict) and "discriminator" in base:
            return True
    return False


@rule(
    "CON025",
    Severity.WARNING,
    over=contracts,
    title="Nobody is named who keeps a contract",
    why="Whoever has a question, or finds it broken, has nobody to turn to; nobody agrees to its changes.",
    good=good(),
    bad=but(("  contact: {email: orders@shop.example}\n", "")),
)
def unowned(inventory: Inventory, workspace: Workspace) -> Iterator[Finding]:
    info = inventory.root.get("info")
    stated = (*_stated(info.value if info else {}), *_stated(inventory.root.value))
    declared = any(each.path == inventory.file for each in workspace.manifest[CONTRACTS])
    if not stated and not declared and not any(each.owner for each in workspace.manifest[SERVICES]):
        remedy = (
            "Name them: info.contact, `x-owner` and `x-steward`, or a steward under `contracts:` in hardpoint.yaml."
        )
        yield from placed(unowned, [Fault(info or inventory.root, "names neither a contact nor an owner", remedy)])


def _stated(value: Any) -> list[str]:
    if not isinstance(value, dict):
        return []
    contact = value.get("contact")
    named = isinstance(contact, dict) and any(contact.get(key) for key in ("name", "email", "url"))
    return [key for key in _KEEPERS if value.get(key)] + ["contact"] * named


_ENDS = frozenset({"sunset", "deprecation"})
_DATED = ("x-sunset", "x-deprecated-at", "x-deprecation", "x-removal-date")


@rule(
    "CON026",
    Severity.WARNING,
    over=contracts,
    title="A deprecated operation does not tell its callers when it ends",
    why="Callers do not read documents again: the headers Deprecation (RFC 9745) and Sunset (RFC 8594) reach them.",
    good=good(),
    bad=but((", headers: {Sunset: {schema: {type: string}}}", "")),
)
def endless(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    ending = (each for each in inventory.operations if each.node.value.get("deprecated") is True)
    silent = (each for each in ending if not _is_dated(each, inventory))
    remedy = "Describe the headers Deprecation and Sunset of its responses, or state `x-sunset: 2026-12-31`."
    yield from placed(endless, (Fault(each.node, f"{each} is deprecated without an end", remedy) for each in silent))


def _is_dated(operation: Operation, inventory: Inventory) -> bool:
    if any(operation.node.value.get(key) or operation.item.value.get(key) for key in _DATED):
        return True
    headers = (name for each in inventory.responses(operation).values() for name in inventory.named(each, "headers"))
    return any(name.lower() in _ENDS for name in headers)
