"""The end of an operation, step by step: announced, its callers measured, run beside its successor, sunset, removed.

`Deprecation` is RFC 9745, `Sunset` RFC 8594; the successor is what RFC 5829 calls `successor-version`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from hardpoint.assurance.contracts.lifecycle import is_promised
from hardpoint.assurance.contracts.operations import Contract, Operation
from hardpoint.assurance.contracts.pairs import day_of
from hardpoint.assurance.contracts.usage import Traffic, Use
from hardpoint.kernel.place import Place

SUCCESSOR = "x-successor"
"""The field of an operation that names the one to call instead, as `GET /v2/orders`."""
SUNSET = "x-sunset"
_VARIABLE = re.compile(r"\{[^{}]*\}")
_HEADERS = frozenset({"deprecation", "sunset"})


class State(Enum):
    """How far the end of an operation has come; the later of two that apply."""

    MARKED = "marked"
    """It is marked as deprecated, and its callers are not told, or not when it ends."""
    ANNOUNCED = "announced"
    """Its answers say that it ends and when; how many call it is not known."""
    MEASURED = "measured"
    """Its callers are known, and have nothing else to call."""
    DUAL_RUN = "dual run"
    """Its callers are known, and its successor is there."""
    QUIET = "quiet"
    """Nobody calls it, and its day has not come."""
    SUNSET = "sunset"
    """Its day has come, and it is called, or that is not known."""
    REMOVABLE = "removable"
    """Its day has come, and nobody calls it."""
    REMOVED = "removed"
    """It is gone, as it should be."""
    REMOVED_EARLY = "removed early"
    """It is gone before its day, or while it is called, or without anybody having looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """An operation on its way out; `days_left` counts to its sunset, `use` is None where nobody looked."""

    operation: str
    state: State
    next: str
    place: Place | None
    sunset: date | None = None
    days_left: int | None = None
    successor: str | None = None
    use: Use | None = None

    def row(self) -> dict[str, object]:
        """The ending as it is written in JSON."""
        method, _, path = self.operation.partition(" ")
        return {
            "method": method,
            "path": path,
            "state": self.state,
            "sunset": self.sunset,
            "days_left": self.days_left,
            "successor": self.successor,
            "calls": self.use.count if self.use else None,
            "last_seen": self.use.last_seen if self.use else None,
            "callers": sorted(self.use.tenants) if self.use else [],
            "next": self.next,
            "place": self.place,
        }


def endings(contract: Contract, before: Contract | None, traffic: Traffic | None, today: date) -> Iterator[Ending]:
    """Every operation that is deprecated, and every one that was there before and is gone."""
    there = {str(each) for each in contract.operations}
    shapes = {_shape(each) for each in contract.operations}
    for operation in contract.operations:
        if operation.node.value.get("deprecated") is True:
            yield _ending(operation, contract, there, traffic, today)
    for operation in before.operations if before else ():
        if _shape(operation) not in shapes and is_promised(operation):
            yield _removed(operation, traffic, today)


def _shape(operation: Operation) -> str:
    """An operation whatever the variables of its path are called."""
    return _VARIABLE.sub("{}", str(operation))


def _ending(operation: Operation, contract: Contract, there: set[str], traffic: Traffic | None, today: date) -> Ending:
    name, told = str(operation), operation.node.value
    sunset, successor = _sunset(told), told.get(SUCCESSOR)
    successor = successor if isinstance(successor, str) else None
    use = traffic.of(name) if traffic else None
    announced = sunset is not None and _is_announced(operation, contract)
    state = _state(sunset, use, today, announced=announced, succeeded=successor in there)
    return Ending(
        operation=name,
        state=state,
        next=_next(state, sunset, use, successor, there),
        place=operation.node.place,
        sunset=sunset,
        days_left=(sunset - today).days if sunset else None,
        successor=successor,
        use=use,
    )


def _state(sunset: date | None, use: Use | None, today: date, *, announced: bool, succeeded: bool) -> State:
    if sunset is not None and sunset <= today:
        return State.REMOVABLE if use is not None and not use.count else State.SUNSET
    if not announced:
        return State.MARKED
    if use is None:
        return State.ANNOUNCED
    if not use.count:
        return State.QUIET
    return State.DUAL_RUN if succeeded else State.MEASURED


def _next(state: State, sunset: date | None, use: Use | None, successor: str | None, there: set[str]) -> str:
    if state is State.MARKED:
        return f"say when it ends (`{SUNSET}`), and answer with the headers Deprecation and Sunset"
    if state is State.ANNOUNCED or (state is State.SUNSET and use is None):
        return "measure who calls it: hardpoint contract traffic, then --traffic"
    if state is State.MEASURED:
        gone = f"{successor} is not in the contract" if successor and successor not in there else "name its successor"
        return f"{gone} (`{SUCCESSOR}`), and run both"
    calls = use.count if use else 0
    if state is State.DUAL_RUN:
        return f"move its callers to {successor} by {sunset}: {calls} calls were seen"
    if state is State.SUNSET:
        return f"move the callers that are left: {calls} calls were seen"
    return f"remove it on {sunset}" if state is State.QUIET else "remove it"


def _removed(operation: Operation, traffic: Traffic | None, today: date) -> Ending:
    name, sunset = str(operation), _sunset(operation.node.value)
    use = traffic.of(name) if traffic else None
    why = _why_early(operation, sunset, use, today)
    return Ending(
        operation=name,
        state=State.REMOVED_EARLY if why else State.REMOVED,
        next=f"put it back: {why}" if why else "nothing",
        place=None,
        sunset=sunset,
        days_left=(sunset - today).days if sunset else None,
        use=use,
    )


def _why_early(operation: Operation, sunset: date | None, use: Use | None, today: date) -> str:
    if operation.node.value.get("deprecated") is not True:
        return "it was never deprecated"
    if sunset is None:
        return "it was never said when it ends"
    if sunset > today:
        return f"its sunset is {sunset}"
    if use is None:
        return "nobody measured who calls it; compare traffic with the contract that still has it"
    return f"it is still called: {use.count} calls were seen" if use.count else ""


def _sunset(told: dict[str, Any]) -> date | None:
    return day_of(told.get(SUNSET))


def _is_announced(operation: Operation, contract: Contract) -> bool:
    """Whether an answer of the operation is documented to have both headers."""
    for response in contract.responses(operation).values():
        if {name.lower() for name in contract.mapping(response, "headers")} >= _HEADERS:
            return True
    return False
