"""Looks: what one report of one scanner saw, and of what; what is compared over time."""

from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from math import ceil

from hardpoint.kernel.evidence import Assurance, Evidence
from hardpoint.kernel.finding import Finding, Risk, Severity, State
from hardpoint.kernel.hearing import Recorded, believed
from hardpoint.programme.findings.identity import Marks, marks_of, split_package
from hardpoint.programme.findings.model import FindingsPolicy, Rated

SHOWN_COMMIT = 12
"""Characters of a commit where people read it."""


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """What a scanner looks at again and again: the kind of report, its name, and the environment."""

    kind: str
    name: str
    environment: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" + (f" in {self.environment}" if self.environment else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One finding of one report; `state` is what the report says of it."""

    marks: Marks
    rule: str
    text: str
    place: str
    version: str
    tool: str
    risk: Risk
    cvss: float | None
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One report: when it was made, of what, and all that it saw.

    `position` is how far on its line the commit is that it is about. `unrated` counts findings whose risk nobody says,
    and `unseen` what it says that it did not look at.
    """

    entry: int
    at: datetime
    order: tuple[str, int]
    scope: Scope
    position: int
    population: int
    error: str | None
    assurance: Assurance
    sightings: tuple[Sighting, ...]
    unrated: int = 0
    commit: str | None = None
    unseen: int = 0

    def __str__(self) -> str:
        return f"{self.scope}" + (f" of {self.commit[:SHOWN_COMMIT]}" if self.commit else "") + f" (entry {self.entry})"


def look_at(recorded: Recorded, position: int, policy: FindingsPolicy) -> Look:
    """What evidence saw; findings whose risk neither it nor the policy says are only counted."""
    evidence = recorded.evidence
    rated = next((each for each in policy.rated if each.report == evidence.kind), None)
    sightings = [_sighting(finding, rated) for finding in evidence.findings]
    return Look(
        entry=recorded.entry,
        at=believed(recorded)[0],
        order=(recorded.log, recorded.order),
        scope=_scope(evidence.kind, evidence.name, evidence.environment or "", policy),
        position=position,
        population=evidence.population,
        error=evidence.error,
        assurance=recorded.voice.assurance,
        sightings=tuple(each for each in sightings if each is not None),
        unrated=sightings.count(None),
        commit=evidence.commit,
        unseen=_unseen(evidence),
    )


def _unseen(evidence: Evidence) -> int:
    """What it skipped, and what failed beyond its findings: some tools (checkov) call a finding a failed check."""
    failed = _count("failed", evidence)
    return _count("skipped", evidence) + max(failed - len(evidence.findings), 0)


def _count(name: str, evidence: Evidence) -> int:
    fact = evidence.facts.get(name, 0)
    return ceil(fact) if isinstance(fact, int | float) and fact > 0 else 0


def _scope(kind: str, name: str, environment: str, policy: FindingsPolicy) -> Scope:
    """A name is taken as it is: what looks generated may tell two images apart, and one must not close the other's."""
    written = f"{kind}/{name}"
    by = next((each.by for each in policy.replaced if fnmatchcase(written, each.report)), written)
    kind, _, name = by.partition("/")
    return Scope(kind, name, environment)


def _sighting(finding: Finding, rated: Rated | None) -> Sighting | None:
    exposure = finding.exposure
    if exposure is None and rated is None:
        return None
    aliases, package = (exposure.aliases, exposure.package) if exposure else ((), "")
    file, line = finding.place.file, finding.place.line
    return Sighting(
        marks=marks_of(finding.rule, file, aliases=aliases, package=package, fingerprint=finding.fingerprint),
        rule=finding.rule,
        text=finding.text,
        place=f"{file}:{line}" if line else file,
        version=split_package(package)[1],
        tool=finding.tool,
        risk=exposure.risk if exposure else _by_level(finding.severity, rated),
        cvss=exposure.cvss if exposure else None,
        state=exposure.state if exposure else State.OPEN,
    )


def _by_level(severity: Severity, rated: Rated | None) -> Risk:
    assert rated is not None
    return {Severity.ERROR: rated.error, Severity.WARNING: rated.warning, Severity.NOTE: rated.note}[severity]
