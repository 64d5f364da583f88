"""Stewardship: every interface has a contract with a steward, and a break has a plan that the steward approved of."""

from collections.abc import Iterator, Sequence

from hardpoint.assurance.contracts.breaks import breaks_between
from hardpoint.assurance.contracts.declared import interfaces, own_path, service_of
from hardpoint.assurance.contracts.descriptions import Reported
from hardpoint.assurance.contracts.discovered import Discovered, contracts_in, is_declared
from hardpoint.assurance.contracts.lifecycle import Calendar
from hardpoint.assurance.contracts.model import CONTRACTS, Interface
from hardpoint.assurance.contracts.plans import plans_of, stewards_of
from hardpoint.assurance.contracts.sides import Side
from hardpoint.kernel.change import Change as Difference
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.rule import rule
from hardpoint.kernel.waiver import WAIVERS, Waiver
from hardpoint.kernel.workspace import Workspace

_API = """openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get:
      responses: {'200': {description: All of them.}}
"""
_MORE = (
    _API
    + """  /orders/old:
    get:
      responses: {'200': {description: Old ones.}}
"""
)
_MANIFEST = """version: 1
services: [{name: shop}]
trust:
  keys: [{key: 'ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=', holder: bea}]
  functions: [{name: api, holders: [bea]}]
contracts:
  - {name: orders, path: openapi.yaml, steward: api}
"""
_PLAN = """waivers:
  - id: P-1
    contract: orders
    rule: api-path-removed-without-deprecation
    pointer: /paths/~1orders~1old/get
    reason: nobody has called it since the spring
    mitigation: the gateway answers it from the archive
    owner: ada
    approvers: [bea]
    created: 2026-03-01T00:00:00Z
    expires: 2026-05-01T00:00:00Z
"""


_BEFORE = "before"
"""What the side that a change began with is called, as a revision of git is before a path."""


def _declared(workspace: Workspace) -> Sequence[Interface]:
    return workspace.manifest[CONTRACTS]


def _changed(workspace: Workspace) -> Sequence[Interface]:
    """Contracts that the change had at its beginning, where they were then: it neither undeclares nor moves one."""
    change = workspace.change
    if change is None:
        return []
    began = {each.name: each for each in workspace.manifest_before[CONTRACTS]}
    known = {each.name: each for each in interfaces(workspace)}
    # The protected branch may have moved it since, and then neither knows the other's file.
    found = {
        name: next(
            (each for each in (known.get(name), began.get(name)) if each and _before(each, change) is not None), None
        )
        for name in began | known
    }
    return [each for each in found.values() if each is not None]


def _plans(workspace: Workspace) -> Sequence[Waiver]:
    return [each for each in workspace.manifest[WAIVERS] if each.contract is not None]


@rule(
    "CON040",
    Severity.WARNING,
    over=contracts_in,
    title="An interface has no declared contract",
    why="A contract that nobody keeps is a file: its next break is found by whoever calls it.",
    good={"hardpoint.yaml": _MANIFEST, "openapi.yaml": _API},
    bad={"hardpoint.yaml": "version: 1\n", "openapi.yaml": _API},
)
def undeclared(contract: Discovered, workspace: Workspace) -> Iterator[Finding]:
    if not is_declared(contract, workspace):
        yield undeclared.finding(
            Place(contract.file, 1),
            f"It is a contract of kind {contract.kind} that hardpoint.yaml does not declare",
            remedy="Declare it under `contracts:` with its steward",
        )


@rule(
    "CON041",
    Severity.ERROR,
    over=_declared,
    title="A declared contract has no file, or nobody to keep it",
    why="What is declared and is not there is checked by nothing; a steward who is nobody approves of nothing.",
    good={"hardpoint.yaml": _MANIFEST, "openapi.yaml": _API},
    bad={"hardpoint.yaml": _MANIFEST},
)
def unkept(interface: Interface, workspace: Workspace) -> Iterator[Finding]:
    at = workspace.manifest[CONTRACTS].index(interface)
    if interface.path not in workspace.file_names:
        place = workspace.manifest.place(CONTRACTS.key, at, "path")
        yield unkept.finding(place, f"{interface.name}: there is no {interface.path}", remedy="Name the file")
    if not stewards_of(interface, workspace.manifest):
        yield unkept.finding(
            workspace.manifest.place(CONTRACTS.key, at, "steward"),
            f"{interface.name}: nobody holds the function {interface.steward}",
            remedy="Name its holders under `trust.functions`",
        )


@rule(
    "CON042",
    Severity.ERROR,
    over=_changed,
    title="A change breaks a contract, and no approved plan says how its consumers stay compatible",
    why="Those who call it find out in production, each at their own time.",
    good={"hardpoint.yaml": _MANIFEST, "openapi.yaml": _MORE},
    bad={"hardpoint.yaml": _MANIFEST, "openapi.yaml": _API},
    before={"hardpoint.yaml": _MANIFEST, "openapi.yaml": _MORE},
)
def unplanned(interface: Interface, workspace: Workspace) -> Iterator[Finding]:
    path = own_path(interface, workspace)
    if path not in workspace.file_names:
        gone = f"{interface.name}: the contract was taken away, and with it all that it promised"
        yield unplanned.finding(Place(path), gone, remedy="Put it back, or declare where it is now")
        return
    breaks = _breaks(interface, workspace)
    if not breaks:
        return
    declared = (*workspace.governing[WAIVERS], *workspace.manifest[WAIVERS])
    ours = [each for each in declared if each.contract == interface.name]
    approved = workspace.approvals(service_of(interface, workspace)) if ours else {}
    plans = plans_of(interface, workspace.governing, ours, approved, workspace.now, path)
    for change in breaks:
        file = change.place.file if change.place and interface.kind != "protobuf" else ""
        planned = plans.plan_for(change.id, change.pointer, file)
        if not planned.is_approved:
            where = f"{change.method} {change.path}: " if change.path else ""
            plan = f"; the plan {planned.plan} does not count: {planned.why_not}" if planned.plan else ""
            yield unplanned.finding(
                change.place if change.place and change.place.file == path else Place(path),
                f"{interface.name}: {where}{change.text} ({change.id}){plan}",
                remedy=change.remedy or "Keep what consumers rely on, or have a steward approve of a plan",
            )


@rule(
    "CON043",
    Severity.ERROR,
    over=_plans,
    title="A compatibility plan is about nothing",
    why="A plan with a name that is misspelt covers nothing, and is found out when it is needed.",
    good={"hardpoint.yaml": _MANIFEST + _PLAN, "openapi.yaml": _API},
    bad={"hardpoint.yaml": _MANIFEST + _PLAN.replace("contract: orders", "contract: order"), "openapi.yaml": _API},
)
def aimless(plan: Waiver, workspace: Workspace) -> Iterator[Finding]:
    place = workspace.manifest.place(WAIVERS.key, workspace.manifest[WAIVERS].index(plan))
    interface = next((each for each in interfaces(workspace) if each.name == plan.contract), None)
    if interface is None:
        yield aimless.finding(place, f"{plan.id}: no contract is named {plan.contract}", remedy="Name it as declared")
    elif not set(plan.approvers) & set(stewards_of(interface, workspace.governing)):
        text = f"{plan.id}: none of its approvers holds the function {interface.steward}"
        yield aimless.finding(place, text, remedy="Name a steward of the contract among `approvers`")


def _before(interface: Interface, change: Difference) -> bytes | None:
    return change.read_base(interface.path)


def _breaks(interface: Interface, workspace: Workspace) -> Sequence[Reported]:
    change, path = workspace.change, own_path(interface, workspace)
    assert change is not None
    content = _before(interface, change)
    assert content is not None

    def read(beside: str) -> bytes:
        found = change.read_base(beside.removeprefix(f"{_BEFORE}:"))
        if found is None:
            raise UnreadableProblem("is not there where the change began", place=Place(beside))
        return found

    base = Side(f"{_BEFORE}:{interface.path}", content, read)
    revision = Side(path, workspace.read(path), workspace.read)
    return breaks_between(interface, base, revision, Calendar(workspace.now.date()))
