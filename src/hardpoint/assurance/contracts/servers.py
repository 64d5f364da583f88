"""Where an interface is reached, before and after."""

from collections.abc import Iterator, Mapping
from typing import Any

from hardpoint.assurance.contracts.change import Change, change
from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.operations import Contract, Operation


def compare_servers(base: Node | None, revision: Node | None, where: Mapping[str, Any]) -> Iterator[Change]:
    """What changed in a list of servers: those that are gone, those that are new, and what their variables take."""
    was, now = _by_url(base), _by_url(revision)
    for url, node in was.items():
        if url not in now:
            yield change("server-removed", was=url, base=node, **where)
        else:
            yield from _variables(url, node, now[url], where)
    for url, node in now.items():
        if url not in was:
            yield change("server-added", now=url, revision=node, **where)


def compare_own_servers(base: tuple[Contract, Operation], revision: tuple[Contract, Operation]) -> Iterator[Change]:
    """What changed in the servers of one operation, if either side has other ones for it than for all."""
    if all(_own(operation) is None for _, operation in (base, revision)):
        return
    was, now = (_own(operation) or contract.root.get("servers") for contract, operation in (base, revision))
    yield from compare_servers(was, now, {"method": base[1].method, "path": base[1].path})


def _own(operation: Operation) -> Node | None:
    """The servers of an operation, which take precedence, or of its path (OpenAPI 3.1.0, section 4.8.10.1)."""
    return operation.node.get("servers") or operation.item.get("servers")


def _by_url(listed: Node | None) -> dict[str, Node]:
    every = [each for each in listed.each() if isinstance(each.value, dict)] if listed is not None else []
    return {str(each.value.get("url")).rstrip("/"): each for each in every}


def _variables(url: str, base: Node, revision: Node, where: Mapping[str, Any]) -> Iterator[Change]:
    was, now = (dict(found.items()) if (found := each.get("variables")) else {} for each in (base, revision))
    for name in sorted(set(was) & set(now)):
        old, new = (each.value if isinstance(each.value, dict) else {} for each in (was[name], now[name]))
        gone = [each for each in old.get("enum") or () if each not in (new.get("enum") or [each])]
        if gone or old.get("default") != new.get("default"):
            yield change("server-variable-changed", name=name, was=url, base=was[name], revision=now[name], **where)
