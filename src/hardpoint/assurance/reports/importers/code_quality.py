"""GitLab's code quality report: issues of any linter, in the form that Code Climate gave them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

MAX_MESSAGE = 500
MAX_FINGERPRINT = 200
_Level = Literal["blocker", "critical", "major", "minor", "info", "unknown"]
_LEVELS: Mapping[_Level, Severity] = {
    "blocker": Severity.ERROR,
    "critical": Severity.ERROR,
    "major": Severity.WARNING,
    "unknown": Severity.WARNING,
    "minor": Severity.NOTE,
    "info": Severity.NOTE,
}


@dataclass(slots=True, kw_only=True)
class _Position:
    line: int = 0
    column: int = 0


@dataclass(slots=True, kw_only=True)
class _Lines:
    begin: int | _Position = 0


@dataclass(slots=True, kw_only=True)
class _Location:
    path: str
    lines: _Lines = field(default_factory=_Lines)
    positions: _Lines = field(default_factory=_Lines)


@dataclass(slots=True, kw_only=True)
class _Issue:
    description: str
    fingerprint: str
    location: _Location
    check_name: str = ""
    severity: _Level = "unknown"
    engine_name: str = ""


def _is_code_quality(start: bytes) -> bool:
    issue = all(name in start for name in (b'"description"', b'"fingerprint"', b'"location"', b'"path"'))
    return issue and start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


@importer(
    "code-quality",
    title="GitLab's code quality report (Code Climate)",
    facts={
        "findings": "issues",
        **{level: f"those of severity {level}" for level in _LEVELS},
        "files": "files with an issue",
    },
    recognises=_is_code_quality,
    good=b'[{"description": "Cyclomatic complexity is 14", "check_name": "complexity", "severity": "major", '
    b'"fingerprint": "7815696ecbf1c96e6894b779456d330e", "location": {"path": "app.py", "lines": {"begin": 42}}}]',
    bad=b'[{"description": "Cyclomatic complexity is 14", "check_name": "complexity", "severity": "major", '
    b'"fingerprint": "7815696ecbf1c96e6894b779456d330e", "location": {"path": "app.py", "lines": {"begin": 42}}]',
    made_by="ruff 0.17.5",
)
def code_quality(data: bytes) -> Report:
    """One finding for each issue; GitLab takes two of one fingerprint for one, and so does this.

    What is population here are files with an issue. A clean run leaves an empty list, which names no tool and is read
    as [empty-json](#empty-json), without population.
    """
    issues = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), list[_Issue], what="The code quality report")
    apart = list({(each.fingerprint, each.location.path): each for each in reversed(issues)}.values())[::-1]
    levels = [each.severity for each in apart]
    files = len({each.location.path for each in apart})
    return Report(
        producer=Producer(
            name=", ".join(dict.fromkeys(filter(None, (each.engine_name for each in apart)))) or "unknown"
        ),
        population=files,
        facts={"findings": len(apart), **{level: levels.count(level) for level in _LEVELS}, "files": files},
        findings=tuple(_finding(each) for each in apart),
    )


def _finding(issue: _Issue) -> Finding:
    line, column = _begin(issue.location.lines)
    if not line:
        line, column = _begin(issue.location.positions)
    return Finding(
        rule=issue.check_name or "unnamed",
        severity=_LEVELS[issue.severity],
        place=Place(issue.location.path, line, column),
        text=issue.description.strip().partition("\n")[0][:MAX_MESSAGE],
        tool=issue.engine_name or "code-quality",
        fingerprint=issue.fingerprint[:MAX_FINGERPRINT],
    )


def _begin(lines: _Lines) -> tuple[int, int]:
    begin = lines.begin if isinstance(lines.begin, _Position) else _Position(line=lines.begin)
    return max(begin.line, 0), max(begin.column, 0)
