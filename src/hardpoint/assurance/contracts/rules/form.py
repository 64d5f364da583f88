"""Rules about what the specification of OpenAPI itself demands."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from hardpoint.assurance.contracts.discovery import Unread, contracts, found
from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.inventory import Fault, Inventory, node_at
from hardpoint.assurance.contracts.placing import placed
from hardpoint.assurance.contracts.specimen import but, good
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|/")


@rule(
    "CON001",
    Severity.ERROR,
    over=contracts,
    title="A contract is not what OpenAPI says a document is",
    why="Generators, gateways and clients read it differently where it is malformed, or not at all.",
    good=good(),
    bad=but(("  title: Orders\n", "")),
)
def malformed(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    yield from placed(malformed, (each for each in inventory.found.faults if each.known))


@rule(
    "CON002",
    Severity.WARNING,
    over=contracts,
    title="A contract has a field that OpenAPI does not name",
    why="Tools pass over it without a word, so what it says holds nowhere; most often it is misspelt.",
    good=good(),
    bad=but(("deprecated: true", "depricated: true")),
)
def unknown_field(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    yield from placed(unknown_field, (each for each in inventory.found.faults if not each.known))


@rule(
    "CON003",
    Severity.ERROR,
    over=contracts,
    title="A reference leads to nothing",
    why="What it stands for is not described; most tools refuse the whole document.",
    good=good(),
    bad=but(("items: {$ref: '#/components/schemas/Order'}", "items: {$ref: '#/components/schemas/Ordr'}")),
)
def dangling(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    yield from placed(dangling, _unresolved(inventory, is_read=True))


@rule(
    "CON004",
    Severity.NOTE,
    over=contracts,
    title="A reference leads to what is not read",
    why="Nothing is fetched, so what another machine or a file outside of the repository describes was not looked at.",
    good=good(),
    bad=but(("$ref: '#/components/schemas/Order'}}", "$ref: 'https://shop.example/order.json'}}")),
)
def unread_reference(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    yield from placed(unread_reference, _unresolved(inventory, is_read=False))


def _unresolved(inventory: Inventory, *, is_read: bool) -> Iterator[Fault]:
    """The first place of each reference that cannot be followed."""
    seen: set[tuple[str, str]] = set()
    for reference, way in inventory.found.references:
        node = node_at({"$ref": reference}, way)
        if (node.source.file, reference) in seen or bool(_URL.match(reference)) == is_read:
            continue
        seen.add((node.source.file, reference))
        try:
            inventory.contract.document.follow(node)
        except UnreadableProblem as problem:
            yield Fault(node, problem.sentence, "Correct the reference." if is_read else "Keep a copy beside it.")


@rule(
    "CON005",
    Severity.ERROR,
    over=contracts,
    title="The variables of a path and its parameters differ",
    why="A variable without a parameter has no type, and no client can fill it; a parameter without one goes nowhere.",
    good=good(),
    bad=but(("  /orders/{id}:", "  /orders/{order}:")),
)
def path_parameters(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    yield from placed(
        path_parameters, (fault for each in inventory.operations for fault in _unmatched(each, inventory))
    )


def _unmatched(operation: Any, inventory: Inventory) -> Iterator[Fault]:
    if len(inventory.parameters(operation)) < _stated(operation):
        return  # one of them cannot be read, which is told elsewhere
    named = {each.value.get("name"): each for each in inventory.parameters(operation) if each.value.get("in") == "path"}
    variables = _VARIABLE.findall(operation.path)
    for name in dict.fromkeys(variables):
        if name not in named:
            text = f"{operation} has no parameter for {{{name}}} of its path"
            yield Fault(operation.node, text, f"Declare it: `name: {name}`, `in: path`, `required: true`.")
    for name, node in named.items():
        if name not in variables:
            yield Fault(node, f"the path of {operation} has no variable {{{name}}}", "Name it as the path does.")


def _stated(operation: Any) -> int:
    owners = (operation.item.value.get("parameters"), operation.node.value.get("parameters"))
    return sum(len(each) for each in owners if isinstance(each, list))


@rule(
    "CON006",
    Severity.ERROR,
    over=contracts,
    title="Two paths are the same but for the names of their variables",
    why="They match the same requests, so which of them answers is anybody's guess.",
    good=good(),
    bad=but(
        (
            "  /orders/{id}:",
            "  /orders/{key}: {parameters: [{name: key, in: path, required: true, schema: {}}]}\n  /orders/{id}:",
        )
    ),
)
def same_path(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    yield from placed(same_path, _same_paths(inventory))


def _same_paths(inventory: Inventory) -> Iterator[Fault]:
    paths = inventory.root.get("paths")
    first: dict[str, str] = {}
    for path, node in paths.items() if paths else ():
        before = first.setdefault(_VARIABLE.sub("{}", path), path)
        if before != path:
            yield Fault(node, f"{path} is the same as {before}", "Describe both under one path.")


@rule(
    "CON007",
    Severity.ERROR,
    over=contracts,
    title="Two operations have one operationId",
    why="Generated clients name their methods by it: one of the two is lost.",
    good=good(),
    bad=but(("operationId: createOrder", "operationId: listOrders")),
)
def same_operation_id(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    yield from placed(same_operation_id, _same_ids(inventory))


def _same_ids(inventory: Inventory) -> Iterator[Fault]:
    seen: dict[str, Any] = {}
    for each in inventory.operations:
        name = each.node.get("operationId")
        if name is None or not isinstance(name.value, str):
            continue
        before = seen.setdefault(name.value, each)
        if before.node.value is not each.node.value:
            yield Fault(name, f"{each} has the operationId of {before}, {name.value!r}", "Give each one of its own.")


@rule(
    "CON008",
    Severity.WARNING,
    over=contracts,
    title="An operation has no operationId",
    why="Generated clients, logs and gates name operations by it; without one each tool invents another name.",
    good=good(),
    bad=but(("      operationId: showOrder\n", "")),
)
def no_operation_id(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    nameless = (each for each in inventory.operations if not each.node.value.get("operationId"))
    yield from placed(
        no_operation_id,
        (Fault(each.node, f"{each} has no operationId", "Name it, once and for all.") for each in nameless),
    )


@rule(
    "CON009",
    Severity.ERROR,
    over=contracts,
    title="A parameter is listed twice",
    why="One list has each name and place once; which of two tools take is not said.",
    good=good(),
    bad=but(
        (
            "[{name: cursor, in: query, schema: {type: string}}]",
            "[{name: cursor, in: query, schema: {type: string}}, {name: cursor, in: query, schema: {type: integer}}]",
        )
    ),
)
def same_parameter(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    owners = {id(owner.value): owner for each in inventory.operations for owner in (each.item, each.node)}
    yield from placed(
        same_parameter, (fault for each in owners.values() for fault in _same_parameters(each, inventory))
    )


def _same_parameters(owner: Node, inventory: Inventory) -> Iterator[Fault]:
    listed = owner.get("parameters")
    counted: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in listed.each() if listed else ():
        whole = inventory.follow(node)
        if whole is not None and isinstance(whole.value, dict):
            counted[str(whole.value.get("in")), str(whole.value.get("name"))].append(node)
    for (where, name), nodes in counted.items():
        for node in nodes[1:]:
            yield Fault(node, f"the {where} parameter {name!r} stands in this list twice", "Keep one of them.")


@rule(
    "CON010",
    Severity.ERROR,
    over=contracts,
    title="A security scheme is required that is not declared",
    why="Nobody can tell how to be let in, and tools that guard by the contract let everybody in, or nobody.",
    good=good(),
    bad=but(("security: [{token: []}]", "security: [{tokens: []}]")),
)
def unknown_scheme(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    yield from placed(unknown_scheme, _unknown_schemes(inventory))


def _unknown_schemes(inventory: Inventory) -> Iterator[Fault]:
    components = inventory.root.get("components")
    schemes = components.get("securitySchemes") if components else None
    declared = dict(schemes.items()) if schemes else {}
    is_3_2 = inventory.contract.version.startswith("3.2")
    for node in inventory.nodes("requirement"):
        for name in node.value:
            if name not in declared and not (is_3_2 and "/" in name):  # 3.2 takes a URI, too
                yield Fault(
                    node, f"no security scheme is named {name!r}", "Declare it under components.securitySchemes."
                )


@rule(
    "CON011",
    Severity.ERROR,
    over=found,
    title="A contract cannot be read",
    why="Nothing of it was looked at.",
    good=good(),
    bad=but(("openapi: 3.1.0", "openapi: 3.1.0\nopenapi: 3.1.0")),
)
def unreadable(subject: Inventory | Unread, _: Workspace) -> Iterator[Finding]:
    if isinstance(subject, Unread):
        problem = subject.problem
        place = problem.place or Place(subject.file)
        yield unreadable.finding(place, problem.sentence, remedy=problem.remedy or "Repair it there.")
