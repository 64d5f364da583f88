"""Bills of material: components, vulnerabilities and their states, whatever form they were written in (CycloneDX)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hardpoint.assurance.reports.exposures import (
    RISK_FACTS,
    aliases_in,
    canonical_purl,
    exposed,
    instant_in,
    is_open,
    risk_facts,
)
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, State
from hardpoint.kernel.importer import Report
from hardpoint.kernel.place import Place

TOOL = "cyclonedx"
BILL_FACTS: Mapping[str, str] = {
    **RISK_FACTS,
    "suppressed": "findings that are resolved, or judged not to affect",
    "components": "components, those inside of others too",
    "unlicensed": "components that state no licence",
}
_STATES: Mapping[str, State] = {
    "resolved": State.FIXED,
    "resolved_with_pedigree": State.FIXED,
    "not_affected": State.NOT_AFFECTED,
    "false_positive": State.NOT_AFFECTED,
    "in_triage": State.UNDER_INVESTIGATION,
}
_METHODS = ("CVSSv4", "CVSSv31", "CVSSv3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A part of the product; `ref` is what the rest of the bill calls it."""

    name: str
    ref: str = ""
    version: str = ""
    purl: str = ""
    licensed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """How bad a vulnerability is by one method."""

    severity: str = ""
    score: float | None = None
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerability:
    """A vulnerability, the refs of what it affects, and the state of its analysis."""

    id: str
    also: Sequence[str] = ()
    ratings: Sequence[Rating] = ()
    affects: Sequence[str] = ()
    state: str = ""
    text: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A bill of materials; `others` are components that are referred to and not counted, such as the product."""

    components: Sequence[Component]
    vulnerabilities: Sequence[Vulnerability]
    others: Sequence[Component] = field(default=())
    time: str | None = None


def read_bill(bill: Bill) -> Report:
    """One finding for each component that a vulnerability affects; a VEX without components looked at its findings."""
    by_ref = {each.ref: each for each in (*bill.others, *bill.components) if each.ref}
    findings = [_finding(each, ref, by_ref.get(ref)) for each in bill.vulnerabilities for ref in each.affects or ("",)]
    return Report(
        producer=Producer(name=TOOL),
        population=len(bill.components) or len(findings),
        facts={
            **risk_facts(findings),
            "suppressed": sum(not is_open(each) for each in findings),
            "components": len(bill.components),
            "unlicensed": sum(not each.licensed for each in bill.components),
        },
        findings=tuple(findings),
        time=instant_in(bill.time),
    )


def _finding(found: Vulnerability, ref: str, component: Component | None) -> Finding:
    rating = _rating(found.ratings)
    # What stands in another bill is referred to by a BOM-Link, `urn:cdx:SERIAL/VERSION#REF`, and REF is often a purl.
    package = canonical_purl(component.purl if component else "") or canonical_purl(ref.rpartition("#")[2] or ref)
    named = f"{component.name} {component.version}" if component else ref
    names = aliases_in(found.id, *found.also)
    return exposed(
        rule=found.id or (names[0] if names else ""),
        word=rating.severity,
        place=Place(""),
        text=f"{named}: {found.text or found.id}",
        remedy=found.remedy,
        tool=TOOL,
        aliases=names,
        package=package,
        cvss=rating.score if rating.method.upper().startswith("CVSS") or not rating.method else None,
        state=_STATES.get(found.state, State.OPEN),
    )


def _rating(ratings: Sequence[Rating]) -> Rating:
    said = [each for each in ratings if each.severity or each.score is not None] or [Rating()]
    return min(said, key=lambda each: _METHODS.index(each.method) if each.method in _METHODS else len(_METHODS))
