"""The interfaces that a repository holds contracts of, by what their files say: OpenAPI, AsyncAPI and gRPC services."""

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from hardpoint.assurance.contracts.model import CONTRACTS, Kind
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

HEAD_BYTES = 64 * 1024
"""How much of a file is looked at to see what it is."""
_NAMED = re.compile(
    r"(?:^|[-_./])(?:(?:open|async)-?api|oas3?|apis?|api-?docs|swagger|contracts?|spec)(?=[-_./]|$)", re.IGNORECASE
)
_SAYS = re.compile(rb"""(?:^|[{,])\s*["']?(openapi|asyncapi)["']?\s*:\s*["']?[23]\.""", re.MULTILINE)
_SERVICE = re.compile(rb"^[ \t]*service[ \t]+\w+[ \t\r\n]*\{", re.MULTILINE)
_OF_OTHERS = re.compile(
    r"(?:^|/)(?:tests?|test[-_]?data|(?:spec-)?fixtures?|__fixtures__|golden|snapshots|vendor(?:ed)?|third[-_]party|external"
    r"|node_modules|site-packages|examples?|samples|dist|build|target)/",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Discovered:
    """A file that describes an interface, and in which language."""

    file: str
    kind: Kind


def contracts_in(workspace: Workspace) -> Sequence[Discovered]:
    """Every contract outside of tests, examples and what others wrote."""
    return workspace.derive(_found)


def is_declared(contract: Discovered, workspace: Workspace) -> bool:
    """Whether the manifest has the contract."""
    return any(posixpath.normpath(each.path) == contract.file for each in workspace.manifest[CONTRACTS])


def _found(workspace: Workspace) -> list[Discovered]:
    ours = [file for file in workspace.files if not _OF_OTHERS.search(file)]
    kinds = ((file, _kind(file, workspace)) for file in ours)
    return [Discovered(file, kind) for file, kind in kinds if kind is not None]


def _kind(file: str, workspace: Workspace) -> Kind | None:
    is_proto = file.endswith(".proto")
    if not is_proto and not (file.endswith((".yaml", ".yml", ".json")) and _NAMED.search(file)):
        return None
    if not workspace.holds(file):
        return None
    try:
        content = workspace.read(file)
    except UnreadableProblem:  # a link that leads nowhere, or out of the repository: nobody said that it is one
        return None
    if is_proto:
        return "protobuf" if _SERVICE.search(content) else None
    said = _SAYS.search(content, 0, HEAD_BYTES)
    return None if said is None else "openapi" if said[1] == b"openapi" else "asyncapi"
