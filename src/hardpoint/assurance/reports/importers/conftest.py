"""JSON of conftest: configuration that breaks policies written in Rego (`--output json`)."""

from dataclasses import dataclass, field

from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "conftest"
MAX_MESSAGE = 500
_KEYS = frozenset({"filename", "namespace", "successes", "failures", "warnings", "exceptions", "skipped", "queries"})


@dataclass(slots=True, kw_only=True)
class _Outcome:
    msg: str


@dataclass(slots=True, kw_only=True)
class _Checked:
    """The outcomes of one file; those that there are none of are left out."""

    filename: str
    successes: int
    namespace: str = ""
    failures: list[_Outcome] = field(default_factory=list)
    warnings: list[_Outcome] = field(default_factory=list)
    exceptions: list[_Outcome] = field(default_factory=list)
    skipped: list[_Outcome] = field(default_factory=list)


@importer(
    "conftest",
    title="conftest's JSON on configuration and policies",
    facts={
        "findings": "policies that are broken or warned about",
        "tests": "policies that were tried on a file",
        "passed": "those that hold",
        "failures": "those that are broken",
        "warnings": "those that were warned about",
        "suppressed": "those that are broken under an exception",
        "skipped": "those that were not tried",
        "files": "files that were looked at",
    },
    recognises=lambda start: b'"filename"' in start and b'"successes"' in start and start.lstrip().startswith(b"["),
    good=b'[{"filename": "deployment.yaml", "namespace": "main", "successes": 4}]',
    bad=b'[{"filename": "deployment.yaml", "namespace": "main", "successes": 4]',
)
def conftest(data: bytes) -> Report:
    """One finding for each policy that a file breaks (an error) or is warned about."""
    files = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), list[dict[str, object]], what="conftest's JSON")
    if unknown := sorted({key for each in files for key in each} - _KEYS):  # it may be where the failures stand
        raise UnreadableProblem(f"has {unknown[0][:MAX_MESSAGE]!r}, which conftest is not known to write")
    checked = encoding.convert(files, list[_Checked], what="conftest's JSON")
    if any(each.successes < 0 for each in checked):
        raise UnreadableProblem("counts less than nothing (`successes`)")
    failures = [_finding(each, found, Severity.ERROR) for each in checked for found in each.failures]
    warnings = [_finding(each, found, Severity.WARNING) for each in checked for found in each.warnings]
    passed, excepted = (sum(each.successes for each in checked), sum(len(each.exceptions) for each in checked))
    tests = passed + excepted + len(failures) + len(warnings)
    return Report(
        producer=Producer(name=TOOL),
        population=tests,
        facts={
            "findings": len(failures) + len(warnings),
            "tests": tests,
            "passed": passed,
            "failures": len(failures),
            "warnings": len(warnings),
            "suppressed": excepted,
            "skipped": sum(len(each.skipped) for each in checked),
            "files": len({each.filename for each in checked}),
        },
        findings=(*failures, *warnings),
    )


def _finding(checked: _Checked, outcome: _Outcome, severity: Severity) -> Finding:
    return Finding(
        rule=checked.namespace or "main",
        severity=severity,
        place=Place(checked.filename),
        text=outcome.msg.strip().partition("\n")[0][:MAX_MESSAGE],
        tool=TOOL,
    )
