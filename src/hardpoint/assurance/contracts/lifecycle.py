"""How an operation or a parameter comes to its end: stability, deprecation, sunset, removal; and the version."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hardpoint.assurance.contracts.catalogue import STABILITIES
from hardpoint.assurance.contracts.change import Change, change
from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.operations import Contract, Operation
from hardpoint.assurance.contracts.pairs import day_of

_UNPROMISED = frozenset({"draft", "alpha"})
_VERSION = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The day of the comparison, and the days between announcing a sunset and the sunset, by stability."""

    today: date
    min_stable_days: int = 0
    min_beta_days: int = 0

    def days(self, stability: str) -> int:
        """The days that have to be left."""
        return self.min_beta_days if stability == "beta" else self.min_stable_days

    def is_too_soon(self, day: date, stability: str) -> bool:
        """Whether a day leaves fewer days than agreed on."""
        return day < self.today + timedelta(days=self.days(stability))


def stability_of(operation: Operation) -> str:
    """What is promised of an operation's stability; `stable` where nothing is said."""
    return str(operation.node.value.get("x-stability-level") or "stable")


def is_promised(operation: Operation) -> bool:
    """Whether an operation may not change at will: it is beta or stable."""
    return stability_of(operation) not in _UNPROMISED


@dataclass(frozen=True, slots=True)
class _Ids:
    """How the same events are called of operations and of parameters."""

    deprecated: str
    with_sunset: str
    missing: str
    unreadable: str
    too_soon: str
    sooner: str
    deleted: str
    reactivated: str


_OPERATION = _Ids(
    "endpoint-deprecated",
    "endpoint-deprecated-with-sunset",
    "api-deprecated-sunset-missing",
    "api-deprecated-sunset-parse",
    "api-sunset-date-too-small",
    "api-sunset-date-changed-too-small",
    "sunset-deleted",
    "endpoint-reactivated",
)
_PARAMETER = _Ids(
    "request-parameter-deprecated",
    "request-parameter-deprecated",
    "request-parameter-deprecated-sunset-missing",
    "request-parameter-sunset-parse",
    "request-parameter-sunset-date-too-small",
    "request-parameter-sunset-date-changed-too-small",
    "request-parameter-sunset-deleted",
    "request-parameter-reactivated",
)


def removed_operation(operation: Operation, calendar: Calendar, *, whole_path: bool) -> Iterator[Change]:
    """An operation that is gone, and whether that was announced."""
    if not is_promised(operation):
        return
    node = operation.node
    where: dict[str, Any] = {"method": operation.method, "path": operation.path, "base": node}
    prefix = "api-path-removed" if whole_path else "api-removed"
    sunset = node.value.get("x-sunset")
    if node.value.get("deprecated") is not True:
        yield change(f"{prefix}-without-deprecation", **where)
    elif sunset is None:
        yield change(f"{prefix}-with-deprecation", **where)
    elif (day := day_of(sunset)) is None:
        yield change("api-path-sunset-parse", was=sunset, **where)
    elif day > calendar.today:
        yield change(f"{prefix}-before-sunset", was=sunset, **where)
    else:
        yield change(f"{prefix}-with-deprecation", **where)


def was_announced(operation: Operation, calendar: Calendar) -> bool:
    """Whether an operation was deprecated, and may be gone by now."""
    sunset = operation.node.value.get("x-sunset")
    day = day_of(sunset)
    is_over = sunset is None or (day is not None and day <= calendar.today)
    return operation.node.value.get("deprecated") is True and is_over


def removed_parameter(node: Node, calendar: Calendar, where: dict[str, Any]) -> Iterator[Change]:
    """A parameter that is not taken any more."""
    sunset = node.value.get("x-sunset")
    day = day_of(sunset)
    if node.value.get("deprecated") is not True:
        yield change("request-parameter-removed", **where)
    elif sunset is not None and day is None:
        yield change("request-parameter-sunset-parse", was=sunset, now=sunset, **where)
    elif day is not None and day > calendar.today:
        yield change("request-parameter-removed-before-sunset", was=sunset, **where)
    else:
        yield change("request-parameter-removed-with-deprecation", **where)


def compare_deprecation(
    base: Node, revision: Node, stability: str, calendar: Calendar, where: dict[str, Any]
) -> Iterator[Change]:
    """What was announced of an operation, or with a `name` of a parameter, that is there on both sides."""
    ids = _PARAMETER if "name" in where else _OPERATION
    was, now = base.value.get("deprecated") is True, revision.value.get("deprecated") is True
    sunset, announced = revision.value.get("x-sunset"), base.value.get("x-sunset")
    where = {"was": announced, "now": sunset, **where}
    if was and not now:
        yield change(ids.reactivated, **where)
    elif now and not was:
        yield change(_announced(ids, sunset, stability, calendar), **where)
    elif now and announced is not None and sunset is None:
        yield change(ids.deleted, **where)
    elif now and announced != sunset:
        old, new = day_of(announced), day_of(sunset)
        if new is None or (announced is not None and old is None):
            yield change(ids.unreadable, **where)
        elif calendar.is_too_soon(new, stability) and (old is None or new < old):
            yield change(ids.sooner if old else ids.too_soon, **where)


def _announced(ids: _Ids, sunset: Any, stability: str, calendar: Calendar) -> str:
    if sunset is None:
        return ids.missing if calendar.days(stability) else ids.deprecated
    day = day_of(sunset)
    if day is None:
        return ids.unreadable
    return ids.too_soon if calendar.is_too_soon(day, stability) else ids.with_sunset


def compare_stability(base: Operation, revision: Operation) -> Iterator[Change]:
    """What is promised of an operation's stability."""
    was, now = stability_of(base), stability_of(revision)
    if was == now:
        return
    where: dict[str, Any] = {"method": base.method, "path": base.path, "base": base.node, "revision": revision.node}
    if now not in STABILITIES or was not in STABILITIES:
        yield change("api-invalid-stability-level", was=was, now=now if now not in STABILITIES else was, **where)
    elif STABILITIES.index(now) < STABILITIES.index(was):
        yield change("api-stability-decreased", was=was, now=now, **where)
    else:
        yield change("api-stability-increased", was=was, now=now, **where)


def compare_versions(base: Contract, revision: Contract, *, breaks: bool) -> Iterator[Change]:
    """Whether the version tells of a breaking change (Semantic Versioning 2.0.0); below 1.0.0, the minor does."""
    was, now = _version(base), _version(revision)
    if was is None or now is None:
        return
    where: dict[str, Any] = {
        "was": _written(base),
        "now": _written(revision),
        "revision": revision.root["info"]["version"],
    }
    if now < was:
        yield change("api-version-decreased", **where)
    elif breaks and now == was:
        yield change("api-version-not-bumped", **where)
    elif breaks and now[: _major(was)] == was[: _major(was)]:
        yield change("api-major-version-not-bumped", **where)


def _major(version: tuple[int, ...]) -> int:
    return 1 if version[0] else 2


def _written(contract: Contract) -> str:
    info = contract.root.get("info")
    return str(info.value.get("version", "")) if info else ""


def _version(contract: Contract) -> tuple[int, ...] | None:
    found = _VERSION.fullmatch(_written(contract))
    return tuple(map(int, found.groups())) if found else None
