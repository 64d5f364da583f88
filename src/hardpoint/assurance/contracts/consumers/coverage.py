"""Coverage: which operations consumers' tests verify, the critical and the most used first."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, urlsplit

from hardpoint.assurance.contracts.consumers.verification import EXCHANGE
from hardpoint.assurance.contracts.operations import Contract, Operation
from hardpoint.assurance.contracts.usage import Traffic
from hardpoint.kernel.evidence import Evidence

_VARIABLE = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """One operation: its rank, whether it is critical, its calls where that is known, and whether it is verified.

    Verified is what some consumer's test asks for, and no verification that counts failed at.
    """

    rank: int
    operation: str
    critical: bool
    calls: int | None
    tested: bool


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """The operations of an interface by rank; `missing` are critical ones that the contract does not have."""

    operations: Sequence[Covered]
    missing: Sequence[str]
    top: int

    @cached_property
    def measured(self) -> Sequence[Covered]:
        """The operations that have to be tested: the critical ones, or without any the most used."""
        critical = [each for each in self.operations if each.critical]
        return critical or [each for each in self.operations[: self.top] if each.calls]

    @property
    def population(self) -> int:
        """How many have to be tested."""
        return len(self.measured) + len(self.missing)

    @property
    def percent(self) -> float:
        """The share of those that is, in percent; of none it is 0."""
        return 100 * sum(each.tested for each in self.measured) / self.population if self.population else 0.0


def coverage_of(
    contract: Contract, critical: Collection[str], traffic: Traffic | None, verified: Iterable[Evidence], top: int
) -> Coverage:
    """How far verifications cover a contract: critical operations first, then by their calls."""
    operations = {str(each): each for each in contract.operations}
    good, bad = _tested(contract, verified)
    calls = {name: use.count if traffic and (use := traffic.of(name)) else None for name in operations}
    ranked = sorted(operations, key=lambda name: (name not in critical, -(calls[name] or 0), name))
    return Coverage(
        operations=[
            Covered(
                rank=rank,
                operation=name,
                critical=name in critical,
                calls=calls[name],
                tested=name in good and name not in bad,
            )
            for rank, name in enumerate(ranked, 1)
        ],
        missing=sorted(name for name in critical if name not in operations),
        top=top,
    )


def _tested(contract: Contract, verified: Iterable[Evidence]) -> tuple[set[str], set[str]]:
    """The operations that were verified, and those that something failed at."""
    routes = _Routes(contract)
    good, bad = set[str](), set[str]()
    for evidence in verified:
        for name, holds in evidence.facts.items():
            if name.startswith(EXCHANGE):
                method, _, path = name.removeprefix(EXCHANGE).partition(" ")
                found = routes.find(method, path)
                if found is not None:
                    (good if holds is True else bad).add(str(found))
    return good, bad


class _Routes:
    """Operations by the paths that they answer, the most literal first (OpenAPI 3.1.0, section 4.8.8.1)."""

    def __init__(self, contract: Contract) -> None:
        self._bases = _bases(contract)
        ordered = sorted(contract.operations, key=lambda each: (len(_VARIABLE.findall(each.path)), each.path))
        self._routes = [(each, _pattern(each.path)) for each in ordered]

    def find(self, method: str, path: str) -> Operation | None:
        """The operation that a request is for."""
        for base in self._bases:
            if path.startswith(base):
                below = unquote(path[len(base) :]) or "/"
                for operation, pattern in self._routes:
                    if operation.method == method and pattern.fullmatch(below):
                        return operation
        return None


def _bases(contract: Contract) -> Sequence[str]:
    """The paths that servers have before their operations, the longest first, and none."""
    servers = contract.root.get("servers")
    urls = [each.value.get("url") for each in servers.each() if isinstance(each.value, dict)] if servers else []
    paths = {_path(url).rstrip("/") for url in urls if isinstance(url, str)}
    return sorted({*paths, ""}, key=len, reverse=True)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _pattern(path: str) -> re.Pattern[str]:
    literal = [re.escape(part) for part in _VARIABLE.split(path)]
    return re.compile("[^/]+".join(literal))
