"""JSON of gitleaks: secrets in the files and the history of a repository (versions 7 and 8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hardpoint.assurance.reports.exposures import RISK_FACTS, risk_facts
from hardpoint.assurance.reports.leaks import leaked
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import SNIFF_BYTES, Report, importer
from hardpoint.kernel.place import Place

TOOL = "gitleaks"
_OLD = b'"offender"'
_NEW = (b'"StartLine"', b'"EndLine"', b'"StartColumn"', b'"Match"')


@dataclass(slots=True, kw_only=True)
class _Leak:
    """One of version 8."""

    RuleID: str
    File: str
    Secret: str
    StartLine: int
    StartColumn: int = 0
    Description: str = ""


@dataclass(slots=True, kw_only=True)
class _OldLeak:
    rule: str
    file: str
    offender: str
    lineNumber: int = 0  # noqa: N815 - gitleaks' name


def _is_gitleaks(start: bytes) -> bool:
    old = _OLD in start and b'"rule"' in start
    return start.lstrip().startswith(b"[") and (old or all(name in start for name in _NEW))


@importer(
    "gitleaks",
    title="gitleaks' JSON on secrets in a repository",
    facts={**RISK_FACTS, "occurrences": "the same with each commit that has them", "files": "files with a finding"},
    recognises=_is_gitleaks,
    good=b'[{"RuleID": "github-pat", "Description": "GitHub token", "StartLine": 2, "EndLine": 2, "StartColumn": 9, '
    b'"EndColumn": 48, "Match": "REDACTED", "Secret": "REDACTED", "File": "deploy.sh", "Commit": "", "Tags": []}]',
    bad=b'[{"RuleID": "github-pat", "Description": "GitHub token", "StartLine": 2, "EndLine": 2, "StartColumn": 9, '
    b'"EndColumn": 48, "Match": "REDACTED", "Secret": "REDACTED", "File": "deploy.sh", "Commit": "", "Tags": [}]',
)
def gitleaks(data: bytes) -> Report:
    """One finding for a secret at one line of one file, in however many commits. Each is high: gitleaks rates none.

    What is population here are files with a finding. A clean run leaves an empty list, which names no tool and is read
    as [empty-json](#empty-json), without population: to prove a clean run, have gitleaks write SARIF.
    """
    content = data.removeprefix(b"\xef\xbb\xbf")
    if _OLD in content[:SNIFF_BYTES]:
        leaks: Sequence[_Leak] = [_renewed(each) for each in encoding.decode(content, list[_OldLeak], what=_WHAT)]
    else:
        leaks = encoding.decode(content, list[_Leak], what=_WHAT)
    findings = _findings(leaks)
    files = len({each.File for each in leaks})
    return Report(
        producer=Producer(name=TOOL),
        population=files,
        facts={**risk_facts(findings), "occurrences": len(leaks), "files": files},
        findings=findings,
    )


_WHAT = "gitleaks' JSON"


def _renewed(old: _OldLeak) -> _Leak:
    return _Leak(RuleID=old.rule, File=old.file, Secret=old.offender, StartLine=old.lineNumber)


def _findings(leaks: Sequence[_Leak]) -> tuple[Finding, ...]:
    """The secrets are compared and forgotten; redacted ones are told apart by their columns."""
    apart: Mapping[object, _Leak] = {
        (
            each.RuleID,
            each.File,
            each.StartLine,
            each.Secret,
            each.StartColumn if each.Secret.startswith("REDACTED") else 0,
        ): each
        for each in reversed(leaks)
    }
    return tuple(
        leaked(
            rule=each.RuleID,
            place=Place(each.File, max(each.StartLine, 0)),
            sort=each.Description,
            tool=TOOL,
        )
        for each in reversed(list(apart.values()))
    )
