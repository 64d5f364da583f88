"""Which files of a workspace are contracts of its own: OpenAPI documents, declared or evident."""

import re
from dataclasses import dataclass

from hardpoint.assurance.contracts.inventory import Inventory
from hardpoint.assurance.contracts.model import CONTRACTS
from hardpoint.assurance.contracts.operations import read_contract
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

_NAMED = re.compile(
    r"(?:^|[-_./])(?:open-?api|oas3?|api|apis|api-?docs|swagger|contracts?|spec)(?=[-_./]|$)", re.IGNORECASE
)
_ENDINGS = (".json", ".yaml", ".yml")
_DECLARES = re.compile(rb"""(?:^|[{,])\s*["']?openapi["']?\s*:\s*["']?3\.""", re.MULTILINE)
_HEAD_BYTES = 64 * 1024
_FOREIGN = re.compile(
    r"(?:^|/)(?:tests?|test[-_]?data|(?:spec-)?fixtures?|__fixtures__|golden|snapshots|vendor(?:ed)?|third[-_]party|external"
    r"|node_modules|site-packages|examples?|samples|dist|build|target)/",
    re.IGNORECASE,
)


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
    named = [file for file in workspace.files if file in declared or (file.endswith(_ENDINGS) and _is_own(file))]
    held = (file for file in named if workspace.holds(file))
    return [each for file in held if (each := _read(file, workspace, is_declared=file in declared)) is not None]


def _is_own(file: str) -> bool:
    return bool(_NAMED.search(file)) and not _FOREIGN.search(file)


def _read(file: str, workspace: Workspace, *, is_declared: bool) -> Inventory | Unread | None:
    """A contract; None for a file that is none, or cannot be looked at, unless somebody said that it is one."""
    try:
        content = workspace.read(file)
    except UnreadableProblem as problem:
        return Unread(file, problem) if is_declared else None
    if not is_declared and not _DECLARES.search(content, 0, _HEAD_BYTES):
        return None
    try:
        return Inventory(read_contract(file, content, workspace.read))
    except UnreadableProblem as problem:
        return Unread(file, problem)
