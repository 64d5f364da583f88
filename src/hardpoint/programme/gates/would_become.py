"""What a change would make of the gates and of trust: the protected branch decides, and this tells the difference."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from hardpoint.kernel import encoding
from hardpoint.kernel.declarations import Section
from hardpoint.kernel.identity.model import TRUST
from hardpoint.kernel.problem import Problem
from hardpoint.kernel.record.model import RECORD
from hardpoint.kernel.waiver import WAIVERS
from hardpoint.kernel.workspace import Workspace
from hardpoint.programme.findings.model import FINDINGS
from hardpoint.programme.gates.model import GATES

GOVERNING: tuple[Section[Any], ...] = (GATES, TRUST, WAIVERS, FINDINGS, RECORD)
"""The sections that are read from the protected branch."""
_NAMES = ("name", "id", "issuer", "key", "holder")
"""What tells the items of a list apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldBecome:
    """One declared value that a change edits: as it decides now, and as it would once merged; empty for none."""

    path: str
    now: str
    would_become: str


def would_become(base: Workspace, change: Workspace) -> list[WouldBecome]:
    """Every difference in what is read from the protected branch, the files that it names included."""
    before, after = _values(base), _values(change)
    paths = [*before, *(path for path in after if path not in before)]
    return [
        WouldBecome(path=path, now=before.get(path, ""), would_become=after.get(path, ""))
        for path in paths
        if before.get(path) != after.get(path)
    ]


def _values(workspace: Workspace) -> dict[str, str]:
    values: dict[str, str] = {}
    for section in GOVERNING:
        for path, value in _leaves(workspace.manifest.data(section), section.key):
            twice = sum(each.rstrip("'") == path for each in values) if path in values else 0
            values[path + "'" * twice] = value  # two items of a list may have the one holder
    files = [issuer.keys for issuer in workspace.manifest[TRUST].issuers]
    policy = workspace.manifest[FINDINGS]
    files += [each for each in (policy.kev, policy.epss) if each]
    return values | {each: _digest(workspace, each) for each in files}


def _leaves(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _leaves(each, f"{path}.{key}")
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for at, each in enumerate(value):
            names = each if isinstance(each, Mapping) else {}
            yield from _leaves(each, f"{path}.{next((names[name] for name in _NAMES if name in names), at)}")
    elif value is not None:
        yield path, value if isinstance(value, str) else encoding.encode(value).decode()


def _digest(workspace: Workspace, file: str) -> str:
    try:
        return f"sha256:{sha256(workspace.read(file)).hexdigest()}"
    except Problem as problem:
        return problem.sentence
