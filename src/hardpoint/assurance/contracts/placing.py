"""Findings about parts of contracts, their places found all at once."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from hardpoint.assurance.contracts.document import Node, locate
from hardpoint.assurance.contracts.inventory import Fault
from hardpoint.kernel.finding import Finding

if TYPE_CHECKING:
    from hardpoint.kernel.rule import Rule


def placed(rule: "Rule[Any]", faults: Iterable[Fault]) -> Iterator[Finding]:
    """A finding of a rule for each fault, with the JSON Pointer of what it is about."""
    told = list(faults)
    locate(each.node for each in told)
    for each in told:
        yield rule.finding(each.node.place, f"{pointed(each.node)}: {each.text}", remedy=each.remedy)


def pointed(node: Node) -> str:
    """The JSON Pointer of a node, `/` for the whole document."""
    return node.pointer or "/"
