"""A baseline of detect-secrets: secrets in files, and which of them were judged to be none."""

from dataclasses import dataclass

from hardpoint.assurance.reports.exposures import RISK_FACTS, instant_in, is_open, risk_facts
from hardpoint.assurance.reports.leaks import leaked
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, State
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "detect-secrets"


@dataclass(slots=True, kw_only=True)
class _Secret:
    type: str
    hashed_secret: str
    line_number: int = 0
    filename: str | None = None
    is_secret: bool | None = None
    is_verified: bool = False


@dataclass(slots=True, kw_only=True)
class _Plugin:
    name: str


@dataclass(slots=True, kw_only=True)
class _Baseline:
    version: str
    generated_at: str
    plugins_used: list[_Plugin]
    results: dict[str, list[_Secret]]


@importer(
    "detect-secrets",
    title="A baseline of detect-secrets",
    facts={
        **RISK_FACTS,
        "audited": "findings that somebody has judged, either way",
        "ignored": "those judged to be no secret",
        "files": "files with a finding",
        "plugins": "sorts of secret that were looked for",
    },
    recognises=lambda start: b'"plugins_used"' in start,
    good=b'{"version": "1.5.0", "plugins_used": [{"name": "AWSKeyDetector"}], "filters_used": [], "results": {}, '
    b'"generated_at": "2026-03-31T14:00:00Z"}',
    bad=b'{"version": "1.5.0", "plugins_used": [{"name": "AWSKeyDetector"}], "filters_used": [], "results": {], '
    b'"generated_at": "2026-03-31T14:00:00Z"}',
    made_by="detect-secrets 1.5.0",
)
def detect_secrets(data: bytes) -> Report:
    """One finding for a secret at one line of one file. Each is high, and critical if it was verified to work.

    A baseline does not say how many files were looked at: its population is the one scan, if any plugin took part.
    """
    baseline = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Baseline, what="The baseline")
    found = {
        (each.type, file, each.line_number, each.hashed_secret): each
        for file, several in baseline.results.items()
        for each in several
    }
    findings = tuple(_finding(file, each) for (_, file, _, _), each in found.items())
    return Report(
        producer=Producer(name=TOOL, version=baseline.version),
        population=min(len(baseline.plugins_used), 1),
        facts={
            **risk_facts(findings),
            "audited": sum(each.is_secret is not None for each in found.values()),
            "ignored": sum(not is_open(each) for each in findings),
            "files": sum(bool(several) for several in baseline.results.values()),
            "plugins": len(baseline.plugins_used),
        },
        findings=findings,
        time=instant_in(baseline.generated_at),
    )


def _finding(file: str, found: _Secret) -> Finding:
    """The hash is left out: a short password can be guessed from it."""
    return leaked(
        rule=found.type,
        place=Place(found.filename or file, max(found.line_number, 0)),
        sort=found.type,
        tool=TOOL,
        works=found.is_verified,
        state=State.NOT_AFFECTED if found.is_secret is False else State.OPEN,
    )
