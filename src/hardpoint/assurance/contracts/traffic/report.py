"""What is told of traffic: drifts by level with their places, operations by use, candidates for removal, facts."""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hardpoint.assurance.contracts.document import Node, locate
from hardpoint.assurance.contracts.operations import Contract, Operation
from hardpoint.assurance.contracts.traffic.kinds import KINDS, fact_of
from hardpoint.assurance.contracts.traffic.summary import Drift, Summary, Usage, instant
from hardpoint.kernel.evidence import Fact
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place

if TYPE_CHECKING:
    from hardpoint.assurance.contracts.traffic.calls import Rpc, Services  # slow to import

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "info"}
_NEVER = Usage()


class Report:
    """A summary beside its contract."""

    def __init__(self, summary: Summary, contract: "Contract | Services", file: str, *, low_usage: int = 0) -> None:
        """`low_usage` is up to how many requests an operation is a candidate for removal."""
        self._summary, self._file, self._low = summary, file, low_usage
        documented = contract.operations if isinstance(contract, Contract) else contract.rpcs.values()
        self._operations: dict[str, Operation | Rpc] = {str(each): each for each in documented}
        self.drifts = [*summary.drifts(), *self._unseen()]
        self._places = self._located()

    def _unseen(self) -> list[Drift]:
        return [
            Drift("never-seen", name, "operation", "", 0, None, None, "")
            for name in sorted(self._operations)
            if name not in self._summary.usages
        ]

    def _located(self) -> Mapping[tuple[str, str], Place]:
        nodes: dict[tuple[str, str], Node] = {}
        places: dict[tuple[str, str], Place] = {}
        for each in self.drifts:
            found = self._operations.get(each.operation)
            if isinstance(found, Operation):
                nodes[each.operation, each.where] = _described(found, each)
            elif found is not None:
                places[each.operation, each.where] = found.place
        locate(nodes.values())
        return places | {key: node.place for key, node in nodes.items()}

    @cached_property
    def counted(self) -> Counter[Severity]:
        """How many different drifts there are of each severity."""
        return Counter(KINDS[each.kind].severity for each in self.drifts)

    def fails(self, level: str) -> bool:
        """Whether there is drift of a level (`error`, `warning`; nothing is of `never`)."""
        errors, warnings = self.counted[Severity.ERROR], self.counted[Severity.WARNING]
        return level != "never" and bool(errors or (warnings and level == "warning"))

    @property
    def headline(self) -> str:
        """What was found, in one line."""
        counts = self._summary.counts
        seen = f"{counts['judged']} of {counts['exchanges']} exchanges judged"
        drifted = self.counted[Severity.ERROR] + self.counted[Severity.WARNING]
        if not drifted:
            return f"As promised: {seen}"
        left = f", and more that are not told apart ({self._summary.left_out} sights)" if self._summary.left_out else ""
        return f"Drifted in {drifted} {'way' if drifted == 1 else 'ways'}{left}: {seen}"

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Each drift, at the place of what is documented nearest to it; the worst and the most frequent first."""
        ordered = sorted(self.drifts, key=lambda each: (_worst_first(each), -each.count))
        return tuple(self._finding(each) for each in ordered)

    def _finding(self, drift: Drift) -> Finding:
        kind = KINDS[drift.kind]
        where = " ".join(each for each in (drift.where if drift.where != "operation" else "", drift.pointer) if each)
        times = f" ({_often(drift)})" if drift.count else ""
        shape = f": {drift.shape}" if drift.shape else ""
        return Finding(
            rule=drift.kind,
            severity=kind.severity,
            place=self._places.get((drift.operation, drift.where), Place(self._file)),
            text=f"{drift.operation}: {f'{where}: ' if where else ''}{kind.text}{shape}{times}",
            remedy=kind.remedy,
        )

    @property
    def about(self) -> Mapping[str, object]:
        """The report as data."""
        summary = self._summary
        return {
            "contract": summary.contract,
            "counts": {
                name: summary.counts[name] for name in sorted({*summary.counts, "exchanges", "judged", "violating"})
            },
            "drift": [self._row(each) for each in self.drifts],
            "left_out": summary.left_out,
            "operations": self.operations,
            "candidates": self.candidates,
            "facts": self.facts,
        }

    def _row(self, drift: Drift) -> dict[str, object]:
        method, _, path = drift.operation.partition(" ")
        return {
            "id": drift.kind,
            "level": _LEVELS[KINDS[drift.kind].severity],
            "method": method,
            "path": path,
            "where": drift.where,
            "pointer": drift.pointer,
            "count": drift.count,
            "first_seen": instant(drift.first),
            "last_seen": instant(drift.last),
            "shape": drift.shape,
            "place": self._places.get((drift.operation, drift.where), Place(self._file)),
        }

    @cached_property
    def operations(self) -> list[dict[str, Any]]:
        """Every documented operation, the most used first: rank, requests, share, statuses, those never seen."""
        used = {name: self._summary.usages.get(name, _NEVER) for name in self._operations}
        total = sum(each.sight.count for each in used.values())
        ordered = sorted(used.items(), key=lambda each: (-each[1].sight.count, each[0]))
        return [self._used(rank, name, usage, total) for rank, (name, usage) in enumerate(ordered, start=1)]

    def _used(self, rank: int, name: str, usage: Usage, total: int) -> dict[str, Any]:
        operation = self._operations[name]
        return {
            "rank": rank,
            "method": operation.method,
            "path": operation.path,
            "deprecated": _is_deprecated(operation),
            "count": usage.sight.count,
            "share": usage.sight.count / total if total else 0.0,
            "first_seen": instant(usage.sight.first),
            "last_seen": instant(usage.sight.last),
            "statuses": {str(status): count for status, count in sorted(usage.statuses.items())},
            "unseen_statuses": _unseen(operation, usage) if isinstance(operation, Operation) else [],
            "tenants": [{"tenant": key[0], "count": each.count} for key, each in usage.tenants.items()],
            "tenants_left_out": usage.tenants.left_out,
        }

    @cached_property
    def candidates(self) -> list[dict[str, Any]]:
        """Operations so little used that they may go, the least used first, with the tenants that it would affect."""
        fields = ("method", "path", "deprecated", "count", "last_seen", "tenants", "tenants_left_out")
        return [
            {name: each[name] for name in fields} for each in reversed(self.operations) if each["count"] <= self._low
        ]

    @cached_property
    def facts(self) -> Mapping[str, Fact]:
        """What gates can require."""
        counts = self._summary.counts
        kinds = Counter(each.kind for each in self.drifts)
        seen = len(self._operations) - kinds["never-seen"]
        return {
            "exchanges": counts["exchanges"],
            "judged": counts["judged"],
            "violating": counts["violating"],
            "violation_rate": counts["violating"] / counts["judged"] if counts["judged"] else 0.0,
            "errors": self.counted[Severity.ERROR],
            "warnings": self.counted[Severity.WARNING],
            "operations": len(self._operations),
            "seen_operations": seen,
            "candidates": len(self.candidates),
            **{fact_of(kind): kinds[kind] for kind in KINDS},
        }

    @property
    def next_steps(self) -> tuple[str, ...]:
        """What to do now."""
        if any(each.kind.startswith("undocumented") for each in self.drifts):
            return ("propose what is missing in the contract: hardpoint contract infer RECORDING --contract SPEC",)
        return ()


def _worst_first(drift: Drift) -> tuple[int, str]:
    severity = KINDS[drift.kind].severity
    return [Severity.ERROR, Severity.WARNING, Severity.NOTE].index(severity), ""


def _often(drift: Drift) -> str:
    times = "once" if drift.count == 1 else f"{drift.count} times"
    first, last = instant(drift.first), instant(drift.last)
    return times if first is None else f"{times}, {first}" if first == last else f"{times}, {first} to {last}"


def _statuses(operation: Operation) -> list[str]:
    found = operation.node.get("responses")
    return [name for name, _ in found.items() if not name.startswith("x-")] if found is not None else []


def _is_deprecated(operation: "Operation | Rpc") -> bool:
    if isinstance(operation, Operation):
        return operation.node.value.get("deprecated") is True
    return operation.deprecated


def _unseen(operation: Operation, usage: Usage) -> list[str]:
    return sorted(set(_statuses(operation)) - _covered(operation, usage))


def _covered(operation: Operation, usage: Usage) -> set[str]:
    documented = _statuses(operation)
    covered: set[str] = set()
    for status in usage.statuses:
        keys = (str(status), f"{status // 100}XX", f"{status // 100}xx", "default")
        covered |= {key for key in keys if key in documented}
    return covered


def _described(operation: Operation, drift: Drift) -> Node:
    """What is documented nearest to a drift: its response, its body, its operation."""
    part = drift.where.split(" ")
    if part[0] == "response" and len(part) > 1:
        responses = operation.node.get("responses")
        found = responses.get(part[1]) or responses.get("default") if responses is not None else None
        return found or responses or operation.node
    if drift.where.startswith("request body"):
        return operation.node.get("requestBody") or operation.node
    return operation.node
