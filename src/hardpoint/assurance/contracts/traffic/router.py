"""The router: which operation a request is for, by a trie over path templates."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from urllib.parse import unquote

from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.operations import Contract, Operation
from hardpoint.assurance.contracts.traffic.exchange import split_url

MAX_BASES = 64
"""How many base paths the servers of one operation may give, their variables filled in."""
_VARIABLE = re.compile(r"\{([^{}]*)\}")


@dataclass(slots=True)
class _Step:
    literals: dict[str, "_Step"] = field(default_factory=dict)
    patterns: list[tuple[re.Pattern[str], "_Step"]] = field(default_factory=list)
    anything: "_Step | None" = None
    operations: dict[str, Operation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """An operation, and the text that the request has for each segment of the path, base path included."""

    operation: Operation
    segments: list[str]


class Router:
    """Finds operations; literal segments win over variable ones (OpenAPI 3.1, section 4.8.8.1)."""

    def __init__(self, contract: Contract, bases: Iterable[str] = ()) -> None:
        """`bases` replaces the base paths of the contract's servers."""
        self._root = _Step()
        given = [_segments(each) for each in bases]
        for operation in contract.operations:
            for base in given or _bases(contract, operation):
                self._add([*base, *_segments(operation.path)], operation)

    def find(self, method: str, path: str) -> Route | None:
        """The operation of a request, or None."""
        segments = _decoded(path)
        found = _search(self._root, segments, 0, method)
        return Route(found, segments) if found is not None else None

    def methods(self, path: str) -> dict[str, Operation]:
        """The operations of a path by method, those of the most literal template first; nothing for an unknown path."""
        return _any(self._root, _decoded(path), 0) or {}

    def _add(self, segments: list[str], operation: Operation) -> None:
        step = self._root
        for segment in segments:
            step = _below(step, segment)
        step.operations.setdefault(operation.method, operation)


def _below(step: _Step, segment: str) -> _Step:
    if "{" not in segment:
        return step.literals.setdefault(unquote(segment), _Step())
    if _VARIABLE.fullmatch(segment):
        step.anything = step.anything or _Step()
        return step.anything
    pieces = _VARIABLE.split(segment)
    pattern = "".join(re.escape(unquote(text)) if at % 2 == 0 else "(.+?)" for at, text in enumerate(pieces))
    for known, below in step.patterns:
        if known.pattern == pattern:
            return below
    step.patterns.append((re.compile(pattern), _Step()))
    return step.patterns[-1][1]


def _search(step: _Step, segments: list[str], at: int, method: str) -> Operation | None:
    if at == len(segments):
        return step.operations.get(method)
    segment = segments[at]
    literal = step.literals.get(segment)
    if literal is not None:
        found = _search(literal, segments, at + 1, method)
        if found is not None:
            return found
    for pattern, below in step.patterns:
        if pattern.fullmatch(segment):
            found = _search(below, segments, at + 1, method)
            if found is not None:
                return found
    if step.anything is not None and segment:
        return _search(step.anything, segments, at + 1, method)
    return None


def _any(step: _Step, segments: list[str], at: int) -> dict[str, Operation] | None:
    if at == len(segments):
        return step.operations or None
    segment = segments[at]
    belows = [step.literals[segment]] if segment in step.literals else []
    belows += [below for pattern, below in step.patterns if pattern.fullmatch(segment)]
    if step.anything is not None and segment:
        belows.append(step.anything)
    for below in belows:
        found = _any(below, segments, at + 1)
        if found:
            return found
    return None


def _segments(path: str) -> list[str]:
    parts = path.strip().split("/")
    return parts[1:] if parts and not parts[0] else [each for each in parts if each]


def _decoded(path: str) -> list[str]:
    segments = path.split("/")
    if not segments[0]:
        del segments[0]
    return [unquote(each) for each in segments] if "%" in path else segments


def _bases(contract: Contract, operation: Operation) -> list[list[str]]:
    """The base paths of an operation: of its own servers, else of its path's, else of the document's; else the root."""
    for owner in (operation.node, operation.item, contract.root):
        servers = owner.get("servers")
        found = [base for server in servers.each() for base in _paths(server)] if servers else []
        if found:
            return [list(each) for each in dict.fromkeys(tuple(_trimmed(each)) for each in found[:MAX_BASES])]
    return [[]]


def _trimmed(base: str) -> list[str]:
    return _segments(base.rstrip("/")) if base.rstrip("/") else []


def _paths(server: Node) -> Iterator[str]:
    """The path of a server's URL with every value that its variables can have; one that is free is any text."""
    url = server.value.get("url") if isinstance(server.value, dict) else None
    if not isinstance(url, str):
        return
    path, _ = split_url(url if "://" in url else url if url.startswith("/") else f"/{url}")
    names = list(dict.fromkeys(_VARIABLE.findall(path)))
    for values in product(*(_values(server, name) for name in names)):
        filled = path
        for name, value in zip(names, values, strict=True):
            filled = filled.replace(f"{{{name}}}", value)
        yield filled


def _values(server: Node, name: str) -> list[str]:
    variables = server.value.get("variables")
    variable = variables.get(name) if isinstance(variables, dict) else None
    listed = variable.get("enum") if isinstance(variable, dict) else None
    if isinstance(listed, list) and listed:
        return [str(each).strip("/") for each in listed[:MAX_BASES]]
    default = variable.get("default") if isinstance(variable, dict) else None
    return [str(default).strip("/")] if default is not None else [f"{{{name}}}"]
