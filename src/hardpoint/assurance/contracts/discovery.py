"""Which files of a workspace are contracts of its own: OpenAPI documents, declared or evident."""

from dataclasses import dataclass

from hardpoint.assurance.contracts.discovered import contracts_in
from hardpoint.assurance.contracts.inventory import Inventory
from hardpoint.assurance.contracts.model import CONTRACTS
from hardpoint.assurance.contracts.operations import read_contract
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Unread:
    """A contract that cannot be read, and why."""

    file: str
    problem: UnreadableProblem


def contracts(workspace: Workspace) -> list[Inventory]:
    """The contracts that could be read: those that `contracts:` declares, and what is evidently one.

    A file is evidently one whose path names an API and whose text begins as OpenAPI 3, outside of tests, examples, and
    what others wrote or tools made.
    """
    return [each for each in found(workspace) if isinstance(each, Inventory)]


def found(workspace: Workspace) -> list[Inventory | Unread]:
    """Every contract, read or not."""
    return workspace.derive(_found)


def _found(workspace: Workspace) -> list[Inventory | Unread]:
    declared = {each.path for each in workspace.manifest[CONTRACTS] if each.kind == "openapi"}
    evident = {each.file for each in contracts_in(workspace) if each.kind == "openapi"}
    return [_read(file, workspace) for file in workspace.files if file in declared | evident and workspace.holds(file)]


def _read(file: str, workspace: Workspace) -> Inventory | Unread:
    try:
        return Inventory(read_contract(file, workspace.read(file), workspace.read))
    except UnreadableProblem as problem:
        return Unread(file, problem)
