"""The summary of traffic: what drifted and what was used, mergeable, and bounded by the contract."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hardpoint.assurance.contracts.traffic.exchange import MAX_TIME
from hardpoint.assurance.contracts.traffic.few import Few, Key, Sight
from hardpoint.assurance.contracts.traffic.kinds import KINDS
from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.problem import UnreadableProblem

SCHEMA = "contract-traffic-summary/v1"
MAX_DRIFTS = 200
"""How many different drifts are kept of one operation."""
MAX_UNKNOWN = 1000
"""How many different drifts are kept of requests for no documented operation."""
MAX_TENANTS = 50
"""How many tenants are kept of one operation."""
NO_OPERATION = ""


_DRIFT, _TENANT = 4, 1
"""How many parts the key of a drift has, and that of a tenant."""
_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


def _worst_first(key: Key) -> int:
    """What breaks the promise is kept before what only stands beside it: else that could crowd it out."""
    return _SEVERITIES.index(KINDS[key[0]].severity)


class Usage:
    """How one operation was used."""

    def __init__(self) -> None:
        self.sight = Sight()
        self.statuses: Counter[int] = Counter()
        self.tenants = Few(MAX_TENANTS)
        self.drifts = Few(MAX_DRIFTS, _worst_first)

    def add(self, other: "Usage") -> None:
        """Take in what was seen elsewhere."""
        self.sight.add(other.sight)
        self.statuses += other.statuses
        self.tenants.add(other.tenants)
        self.drifts.add(other.drifts)


@dataclass(frozen=True, slots=True)
class Drift:
    """One way in which traffic is not what the contract says.

    `operation` is method and path; `where` says of what (`request query`, `response 200 application/json`), `pointer`
    where in it, `*` for any position or key. `first` and `last` are in milliseconds since 1970, None where unknown.
    """

    kind: str
    operation: str
    where: str
    pointer: str
    count: int
    first: int | None
    last: int | None
    shape: str


class Summary:
    """What was seen of one contract. Sums of summaries are the summary of the sum, in any order."""

    def __init__(self, contract: str) -> None:
        """`contract` is the digest of the document that the traffic was compared with."""
        self.contract = contract
        self.counts: Counter[str] = Counter()
        """`exchanges` (all that were read), `judged`, `violating`, `rejected`, `preflights`, `incomplete`."""
        self.usages: dict[str, Usage] = {}
        self.unknown = Few(MAX_UNKNOWN, _worst_first)

    def usage(self, operation: str) -> Usage:
        """How an operation was used so far."""
        if operation not in self.usages:
            self.usages[operation] = Usage()
        return self.usages[operation]

    def add(self, other: "Summary") -> None:
        """Take in another summary of the same contract.

        Raises UnreadableProblem if it is of another one.
        """
        if other.contract != self.contract:
            raise UnreadableProblem(
                f"is a summary of traffic beside another contract ({other.contract[:12]}, not {self.contract[:12]})",
                remedy="Compare the recordings with this contract anew.",
            )
        self.counts += other.counts
        self.unknown.add(other.unknown)
        for name, usage in other.usages.items():
            self.usage(name).add(usage)

    def drifts(self) -> Iterator[Drift]:
        """What drifted, by operation."""
        for name, usage in sorted(self.usages.items()):
            yield from _drifts(usage.drifts, name)
        yield from _drifts(self.unknown, NO_OPERATION)

    @property
    def left_out(self) -> int:
        """How many drifts were seen that are of none of those kept."""
        return self.unknown.left_out + sum(each.drifts.left_out for each in self.usages.values())


def _drifts(few: Few, operation: str) -> Iterator[Drift]:
    for (kind, name, where, pointer), sight in few.items():
        yield Drift(kind, name or operation, where, pointer, sight.count, sight.first, sight.last, sight.shape)


@dataclass(slots=True, kw_only=True)
class _Kept:
    key: tuple[str, ...]
    count: int
    first: int | None = None
    last: int | None = None
    shape: str = ""


@dataclass(slots=True, kw_only=True)
class _Several:
    total: int = 0
    kept: list[_Kept] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Used:
    operation: str
    count: int
    first: int | None
    last: int | None
    statuses: dict[str, int]
    tenants: _Several
    drifts: _Several


@dataclass(slots=True, kw_only=True)
class _Written:
    schema: str
    contract: str
    counts: dict[str, int]
    operations: list[_Used]
    unknown: _Several


def to_bytes(summary: Summary) -> bytes:
    """The summary as one line of JSON."""
    written = _Written(
        schema=SCHEMA,
        contract=summary.contract,
        counts=dict(sorted(summary.counts.items())),
        operations=[
            _Used(
                operation=name,
                count=each.sight.count,
                first=each.sight.first,
                last=each.sight.last,
                statuses={str(status): count for status, count in sorted(each.statuses.items())},
                tenants=_several(each.tenants),
                drifts=_several(each.drifts),
            )
            for name, each in sorted(summary.usages.items())
        ],
        unknown=_several(summary.unknown),
    )
    return encoding.encode(encoding.plain(written)) + b"\n"


def from_bytes(data: bytes) -> Summary:
    """A summary as to_bytes() wrote it.

    Raises UnreadableProblem if it is of another version, or not what it should be.
    """
    written = encoding.decode(data, _Written, what="The summary")
    if written.schema != SCHEMA:
        raise UnreadableProblem(f"is {written.schema!r}, and {SCHEMA} is read")
    summary = Summary(written.contract)
    summary.counts.update(written.counts)
    counts = summary.counts
    _refuse(min(counts.values(), default=0) < 0 or not counts["violating"] <= counts["judged"] <= counts["exchanges"])
    _fill(summary.unknown, written.unknown, _DRIFT)
    for each in written.operations:
        usage = summary.usage(each.operation)
        _refuse(each.count < 0 or min(each.statuses.values(), default=0) < 0)
        usage.sight = Sight(each.count, each.first, each.last)
        usage.statuses.update({int(status): count for status, count in each.statuses.items() if status.isdecimal()})
        _fill(usage.tenants, each.tenants, _TENANT)
        _fill(usage.drifts, each.drifts, _DRIFT)
    _refuse(
        not counts["violating"] and any(KINDS[each.kind].severity is not Severity.NOTE for each in summary.drifts())
    )
    return summary


def _several(few: Few) -> _Several:
    kept = [
        _Kept(key=key, count=each.count, first=each.first, last=each.last, shape=each.shape)
        for key, each in few.items()
    ]
    return _Several(total=few.total, kept=kept)


def _fill(few: Few, several: _Several, parts: int) -> None:
    few.total = several.total
    for each in several.kept:
        _refuse(each.count < 1 or len(each.key) != parts or few.knows(each.key))
        _refuse(parts == _DRIFT and each.key[0] not in KINDS)
        few.take(each.key, Sight(each.count, each.first, each.last, each.shape))
    _refuse(len(several.kept) > few.limit or few.left_out < 0 or (few.left_out > 0 and len(few) < few.limit))


def _refuse(damaged: bool) -> None:  # noqa: FBT001 - whether it is
    """What does not add up was not written by to_bytes()."""
    if damaged:
        raise UnreadableProblem(
            "is a summary that does not add up, so it is damaged",
            remedy="Compare the recordings with the contract anew.",
        )


def instant(milliseconds: int | None) -> str | None:
    """Milliseconds since 1970 as RFC 3339, in UTC; None if unknown, or of no year that can be written so."""
    if milliseconds is None or not 0 <= milliseconds < MAX_TIME:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
