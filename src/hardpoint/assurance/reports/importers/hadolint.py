"""JSON of hadolint: what is wrong in Dockerfiles (`--format json`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "hadolint"
MAX_MESSAGE = 500
_Level = Literal["error", "warning", "info", "style", "ignore"]
_LEVELS: Mapping[_Level, Severity] = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "info": Severity.NOTE,
    "style": Severity.NOTE,
    "ignore": Severity.NOTE,
}
_UNPARSED = "DL1000"
_CODE = re.compile(rb'"code"\s*:\s*"(DL|SC)[0-9]{4}"')


@dataclass(slots=True, kw_only=True)
class _Failure:
    code: str
    file: str
    level: _Level
    line: int
    message: str
    column: int = 0


@importer(
    "hadolint",
    title="hadolint's JSON on Dockerfiles",
    facts={
        "findings": "rules that are broken",
        "errors": "those of level error",
        "warnings": "those of level warning",
        "notes": "those of level info or style",
        "files": "Dockerfiles with a finding",
    },
    recognises=lambda start: start.lstrip().startswith(b"[") and _CODE.search(start) is not None,
    good=b'[{"code": "DL3006", "column": 1, "file": "Dockerfile", "level": "warning", "line": 1, '
    b'"message": "Always tag the version of an image explicitly"}]',
    bad=b'[{"code": "DL3006", "column": 1, "file": "Dockerfile", "level": "warning", "line": 1}]',
    made_by="hadolint 2.15.1",
)
def hadolint(data: bytes) -> Report:
    """One finding for each broken rule. A Dockerfile that hadolint cannot parse (`DL1000`) is an error.

    What is population here are files with a finding. A clean run leaves an empty list, which names no tool and is read
    as [empty-json](#empty-json), without population: to prove a clean run, have hadolint write SARIF.
    """
    failures = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), list[_Failure], what="hadolint's JSON")
    findings = tuple(_finding(each) for each in failures)
    levels = [each.severity for each in findings]
    unparsed = [each for each in failures if each.code == _UNPARSED]
    files = len({each.file for each in failures})
    return Report(
        producer=Producer(name=TOOL),
        population=files,
        facts={
            "findings": len(findings),
            "errors": levels.count(Severity.ERROR),
            "warnings": levels.count(Severity.WARNING),
            "notes": levels.count(Severity.NOTE),
            "files": files,
        },
        findings=findings,
        error=f"hadolint cannot parse {unparsed[0].file}"[:MAX_MESSAGE] if unparsed else None,
    )


def _finding(failure: _Failure) -> Finding:
    return Finding(
        rule=failure.code,
        severity=_LEVELS[failure.level],
        place=Place(failure.file, max(failure.line, 0), max(failure.column, 0)),
        text=failure.message.strip().partition("\n")[0][:MAX_MESSAGE],
        tool=TOOL,
    )
