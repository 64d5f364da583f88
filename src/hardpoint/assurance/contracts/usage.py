"""How much each operation is used: what `hardpoint contract traffic --format json` says of a contract."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hardpoint.kernel import encoding
from hardpoint.kernel.problem import UnreadableProblem

SCHEMA = "contract-traffic/v1"
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Use:
    """How often an operation was called, when last (RFC 3339), and by which tenants, as far as that is known."""

    count: int = 0
    last_seen: str | None = None
    tenants: frozenset[str] = frozenset()

    def __add__(self, other: "Use") -> "Use":
        seen = [each for each in (self.last_seen, other.last_seen) if each is not None]
        return Use(self.count + other.count, max(seen, default=None), self.tenants | other.tenants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """The operations of a contract by their use; one that is not among `uses` was not looked for."""

    uses: Mapping[str, Use]
    judged: int
    violating: int

    def of(self, operation: str) -> Use | None:
        """The use of an operation, named as `GET /orders`; None where nothing was looked at."""
        return self.uses.get(operation) if self.judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tenant:
    tenant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Operation:
    method: str
    path: str
    count: int
    last_seen: str | None = None
    tenants: tuple[_Tenant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    schema: str
    operations: tuple[_Operation, ...]
    counts: dict[str, Any] = field(default_factory=dict)


def read_traffic(contents: Iterable[tuple[str, bytes]]) -> Traffic | None:
    """What several reports say together, each a file's name and content; None for no reports.

    Raises UnreadableProblem for what is no such report, or says that operations were called without any call.
    """
    reports = [_read(file, content) for file, content in contents]
    if not reports:
        return None
    uses: dict[str, Use] = {}
    for report in reports:
        for each in report.operations:
            name = f"{each.method} {each.path}"
            tenants = frozenset(tenant.tenant for tenant in each.tenants)
            uses[name] = uses.get(name, Use()) + Use(each.count, each.last_seen, tenants)
    return Traffic(uses=uses, judged=_sum(reports, "judged"), violating=_sum(reports, "violating"))


def _read(file: str, content: bytes) -> _Report:
    report = encoding.decode(content, _Report, what=file)
    counted = [report.counts.get("judged"), *(each.count for each in report.operations)]
    if report.schema != SCHEMA or not all(isinstance(each, int) and each >= 0 for each in counted):
        raise UnreadableProblem(
            f"{file} is no report of the form {SCHEMA}",
            remedy="Write it with: hardpoint contract traffic --format json",
        )
    return report


def _sum(reports: Sequence[_Report], name: str) -> int:
    return sum(each for report in reports if isinstance(each := report.counts.get(name, 0), int))
