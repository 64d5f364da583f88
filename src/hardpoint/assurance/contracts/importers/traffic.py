"""JSON of `hardpoint contract traffic --format json`: traffic that was compared elsewhere with its contract."""

from dataclasses import dataclass

import hardpoint
from hardpoint.assurance.contracts.traffic.kinds import FACTS, KINDS, fact_of
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Fact, Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

SCHEMA = "contract-traffic/v1"


@dataclass(slots=True, kw_only=True)
class _Drift:
    id: str
    method: str = ""
    path: str = ""
    where: str = ""
    pointer: str = ""
    count: int = 0
    place: Place | None = None


@dataclass(slots=True, kw_only=True)
class _Traffic:
    schema: str
    spec: str
    facts: dict[str, int | float]
    drift: list[_Drift]


_GOOD = encoding.encode_as_is(
    {
        "schema": SCHEMA,
        "spec": "openapi.yaml",
        "facts": {
            **{fact_of(kind): 0 for kind in KINDS},
            "exchanges": 10,
            "judged": 9,
            "violating": 1,
            "violation_rate": 1 / 9,
            "errors": 1,
            "warnings": 0,
            "operations": 2,
            "seen_operations": 2,
            "candidates": 0,
            "undocumented_status": 1,
        },
        "drift": [
            {"id": "undocumented-status", "method": "GET", "path": "/orders", "where": "response 503", "count": 1}
        ],
    }
)


@importer(
    "contract-traffic",
    title="Traffic beside its contract (`hardpoint contract traffic --format json`)",
    facts=FACTS,
    recognises=lambda start: b'"contract-traffic/v1"' in start[:200],
    good=_GOOD,
    bad=_GOOD[:-20],
)
def contract_traffic(data: bytes) -> Report:
    """Its population is the exchanges that were judged; each drift is a finding."""
    told = encoding.decode(data, _Traffic, what="The report of traffic")
    missing = sorted(set(FACTS) - set(told.facts))
    unknown = sorted({each.id for each in told.drift} - set(KINDS))
    if missing or unknown:
        raise UnreadableProblem(f"is of another version: {(missing or unknown)[0]!r} is not as it should be")
    facts: dict[str, Fact] = {name: told.facts[name] for name in FACTS}
    return Report(
        producer=Producer(name="hardpoint", version=hardpoint.__version__),
        population=int(told.facts["judged"]),
        facts=facts,
        findings=tuple(_finding(each, told.spec) for each in told.drift),
    )


def _finding(drift: _Drift, spec: str) -> Finding:
    kind = KINDS[drift.id]
    where = " ".join(each for each in (drift.where, drift.pointer) if each)
    return Finding(
        rule=drift.id,
        severity=kind.severity,
        place=drift.place or Place(spec),
        text=f"{drift.method} {drift.path}: {f'{where}: ' if where else ''}{kind.text} ({drift.count} times)",
        remedy=kind.remedy,
    )
