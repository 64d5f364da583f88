"""CycloneDX in JSON: the components of a product, its known vulnerabilities, and what was judged of them (VEX)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hardpoint.assurance.reports.bills import BILL_FACTS, Bill, Component, Rating, Vulnerability, read_bill
from hardpoint.assurance.reports.exposures import refuse_near_misses
from hardpoint.kernel import encoding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.problem import UnreadableProblem

_LISTS = ("components", "vulnerabilities", "affects")


@dataclass(slots=True, kw_only=True)
class _Component:
    name: str
    bom_ref: str | None = None
    version: str | None = None
    purl: str | None = None
    licenses: list[dict[str, object]] | None = None
    components: list[dict[str, object]] | None = None


@dataclass(slots=True, kw_only=True)
class _Rating:
    severity: str | None = None
    score: float | None = None
    method: str | None = None


@dataclass(slots=True, kw_only=True)
class _Reference:
    id: str | None = None


@dataclass(slots=True, kw_only=True)
class _Affected:
    ref: str


@dataclass(slots=True, kw_only=True)
class _Analysis:
    state: str | None = None


@dataclass(slots=True, kw_only=True)
class _Vulnerability:
    id: str | None = None
    ratings: list[_Rating] | None = None
    references: list[_Reference] | None = None
    affects: list[_Affected] | None = None
    analysis: _Analysis = field(default_factory=_Analysis)
    description: str | None = None
    detail: str | None = None
    recommendation: str | None = None


@dataclass(slots=True, kw_only=True)
class _Metadata:
    timestamp: str | None = None
    component: dict[str, object] | None = None


@dataclass(slots=True, kw_only=True)
class _Bom:
    bomFormat: str  # noqa: N815 - the names here and below are CycloneDX's
    specVersion: str  # noqa: N815
    metadata: _Metadata = field(default_factory=_Metadata)
    components: list[dict[str, object]] | None = None
    vulnerabilities: list[_Vulnerability] | None = None


@importer(
    "cyclonedx",
    title="CycloneDX bills of material and VEX in JSON",
    facts=BILL_FACTS,
    recognises=lambda start: start.lstrip().startswith(b"{") and (b'"bomFormat"' in start or b'"bom-ref"' in start),
    good=b'{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"type": "library", "name": "flask", '
    b'"version": "3.0.0", "purl": "pkg:pypi/flask@3.0.0", "licenses": [{"license": {"id": "BSD-3-Clause"}}]}]}',
    bad=b'{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"type": "library", "name": }]}',
    made_by="cyclonedx-py 7.5.0, npm 11.19.1 and pip-audit 2.10.1",
)
def cyclonedx(data: bytes) -> Report:
    """One finding for each component that a vulnerability affects, or for one that names none; `analysis` is its state.

    The rating is the newest CVSS's that gives a severity, else the first.
    """
    content = data.removeprefix(b"\xef\xbb\xbf")
    refuse_near_misses(content, _LISTS)
    bom = encoding.decode(content, _Bom, what="The CycloneDX bill")
    if bom.bomFormat != "CycloneDX":
        raise UnreadableProblem(f"has the format {bom.bomFormat[:40]!r}, not CycloneDX")
    components = list(_flat(bom.components or []))
    root = [_component(bom.metadata.component)] if bom.metadata.component else []
    return read_bill(
        Bill(
            components=[_plain(each) for each in components],
            others=[_plain(each) for each in root],
            vulnerabilities=[_vulnerability(each) for each in bom.vulnerabilities or ()],
            time=bom.metadata.timestamp,
        )
    )


def _flat(given: list[dict[str, object]]) -> Iterator[_Component]:
    """Components may hold others; no deeper than JSON itself may nest."""
    stack = list(reversed(given))
    while stack:
        component = _component(stack.pop())
        yield component
        stack.extend(reversed(component.components or []))


def _component(given: dict[str, object]) -> _Component:
    renamed = {"bom_ref" if key == "bom-ref" else key: value for key, value in given.items()}
    return encoding.convert(renamed, _Component, what="A component")


def _plain(given: _Component) -> Component:
    return Component(
        ref=given.bom_ref or "",
        name=given.name,
        version=given.version or "",
        purl=given.purl or "",
        licensed=bool(given.licenses),
    )


def _vulnerability(given: _Vulnerability) -> Vulnerability:
    return Vulnerability(
        id=given.id or "",
        also=[each.id for each in given.references or () if each.id],
        ratings=[
            Rating(severity=each.severity or "", score=each.score, method=each.method or "")
            for each in given.ratings or ()
        ],
        affects=[each.ref for each in given.affects or ()],
        state=given.analysis.state or "",
        text=given.description or given.detail or "",
        remedy=given.recommendation or "",
    )
