"""OpenSSF Scorecard's JSON: how a repository is kept, check by check (`--format json`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hardpoint.assurance.reports.exposures import RISK_FACTS, exposed, instant_in, risk_facts
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "scorecard"
BEST = 10
INCONCLUSIVE = -1
_COMMIT_LENGTHS = (40, 64)
_RISKS: Mapping[str, str] = {
    **dict.fromkeys(("Dangerous-Workflow", "Webhooks"), "critical"),
    **dict.fromkeys(
        ("Binary-Artifacts", "Branch-Protection", "Code-Review", "Dependency-Update-Tool", "Maintained"), "high"
    ),
    **dict.fromkeys(("Signed-Releases", "Token-Permissions", "Vulnerabilities"), "high"),
    **dict.fromkeys(("Fuzzing", "Packaging", "Pinned-Dependencies", "SAST", "SBOM", "Security-Policy"), "medium"),
    **dict.fromkeys(("CI-Tests", "CII-Best-Practices", "Contributors", "License"), "low"),
}
"""The risk of each check (scorecard's docs/checks.md)."""


@dataclass(slots=True, kw_only=True)
class _Check:
    name: str
    score: int
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class _Repository:
    name: str
    commit: str = ""


@dataclass(slots=True, kw_only=True)
class _Tool:
    version: str = ""


@dataclass(slots=True, kw_only=True)
class _Scorecard:
    repo: _Repository
    score: float
    checks: list[_Check]
    date: str = ""
    scorecard: _Tool = field(default_factory=_Tool)


@importer(
    "scorecard",
    title="OpenSSF Scorecard's JSON on how a repository is kept",
    facts={
        "score": "of all checks, 0 to 10",
        "lowest": "the lowest score of a check that came to one",
        **RISK_FACTS,
        "checks": "checks that came to a score",
        "inconclusive": "checks that did not",
    },
    recognises=lambda start: b'"scorecard"' in start and b'"checks"' in start and b'"repo"' in start,
    good=b'{"date": "2026-03-31T14:00:00Z", "repo": {"name": "github.com/a/b", "commit": ""}, '
    b'"scorecard": {"version": "v5.0.0"}, "score": 10, "checks": [{"name": "License", "score": 10, "reason": ""}]}',
    bad=b'{"date": "2026-03-31T14:00:00Z", "repo": {"name": "github.com/a/b", "commit": ""}, '
    b'"scorecard": {"version": "v5.0.0"}, "score": 10, "checks": [{"name": "License", "score": 11, "reason": ""}]}',
)
def scorecard(data: bytes) -> Report:
    """One finding for each check below 10, of the risk that Scorecard gives the check. No score at all is an error."""
    card = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Scorecard, what="Scorecard's JSON")
    if not all(INCONCLUSIVE <= score <= BEST for score in (card.score, *(each.score for each in card.checks))):
        raise UnreadableProblem("has a score outside of -1 to 10 (`$.score`, `$.checks`)")
    scored = [each for each in card.checks if each.score != INCONCLUSIVE]
    findings = tuple(_finding(each) for each in scored if each.score < BEST)
    return Report(
        producer=Producer(name=TOOL, version=card.scorecard.version),
        population=len(scored),
        facts={
            "score": max(card.score, 0),
            "lowest": min((each.score for each in scored), default=0),
            **risk_facts(findings),
            "checks": len(scored),
            "inconclusive": len(card.checks) - len(scored),
        },
        findings=findings,
        commit=card.repo.commit if len(card.repo.commit) in _COMMIT_LENGTHS else None,
        time=instant_in(card.date),
        error="Scorecard came to no score" if card.score == INCONCLUSIVE or not scored else None,
    )


def _finding(check: _Check) -> Finding:
    return exposed(
        rule=check.name,
        word=_RISKS.get(check.name, ""),
        place=Place(""),
        text=f"{check.score} of {BEST}: {check.reason}",
        tool=TOOL,
    )
