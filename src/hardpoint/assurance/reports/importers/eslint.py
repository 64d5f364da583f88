"""ESLint's JSON: what its rules found in JavaScript and TypeScript (`--format json`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "eslint"
MAX_MESSAGE = 500
_SEVERITIES: Mapping[int, Severity] = {2: Severity.ERROR, 1: Severity.WARNING, 0: Severity.NOTE}
_NOT_LOOKED_AT = "File ignored"


@dataclass(slots=True, kw_only=True)
class _Message:
    message: str | None
    severity: int
    ruleId: str | None = None  # noqa: N815 - the names here and below are ESLint's
    line: int | None = None
    column: int | None = None
    fatal: bool = False


@dataclass(slots=True, kw_only=True)
class _File:
    filePath: str  # noqa: N815
    messages: list[_Message]
    errorCount: int = 0  # noqa: N815
    warningCount: int = 0  # noqa: N815
    fatalErrorCount: int = 0  # noqa: N815
    suppressedMessages: list[_Message] = field(default_factory=list)  # noqa: N815


@importer(
    "eslint",
    title="ESLint's JSON on JavaScript and TypeScript",
    facts={
        "findings": "messages that are not suppressed",
        "errors": "those of severity error",
        "warnings": "those of severity warning",
        "suppressed": "messages that a comment in the code suppresses",
        "files": "files that were looked at",
        "unparsed": "files that are no JavaScript that ESLint can read",
    },
    recognises=lambda start: start.lstrip().startswith(b"[") and b'"filePath"' in start and b'"messages"' in start,
    good=b'[{"filePath": "/app/index.js", "messages": [], "errorCount": 0, "fatalErrorCount": 0, "warningCount": 0}]',
    bad=b'[{"filePath": "/app/index.js", "messages": [, "errorCount": 0, "fatalErrorCount": 0, "warningCount": 0}]',
    made_by="eslint 10.15.0",
)
def eslint(data: bytes) -> Report:
    """One finding for each message. A file that ESLint could not parse is an error: no rule has looked at it."""
    files = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), list[_File], what="ESLint's JSON")
    findings = tuple(_finding(file, each) for file in files for each in file.messages)
    unparsed = [file for file in files if _is_unparsed(file)]
    looked_at = [file for file in files if not _is_left_out(file) and not _is_unparsed(file)]
    levels = [each.severity for each in findings]
    errors = max(levels.count(Severity.ERROR), sum(file.errorCount for file in files))
    warnings = max(levels.count(Severity.WARNING), sum(file.warningCount for file in files))
    return Report(
        producer=Producer(name=TOOL),
        population=len(looked_at),
        facts={
            "findings": max(errors + warnings, len(findings)),
            "errors": errors,
            "warnings": warnings,
            "suppressed": sum(len(file.suppressedMessages) for file in files),
            "files": len(looked_at),
            "unparsed": len(unparsed),
        },
        findings=findings,
        error=f"ESLint cannot parse {unparsed[0].filePath}"[:MAX_MESSAGE] if unparsed else None,
    )


def _finding(file: _File, message: _Message) -> Finding:
    text = (message.message or "").strip().partition("\n")[0][:MAX_MESSAGE]
    return Finding(
        rule=message.ruleId or ("parse" if message.fatal else "unnamed"),
        severity=_SEVERITIES.get(message.severity, Severity.ERROR),
        place=Place(file.filePath, max(message.line or 0, 0), max(message.column or 0, 0)),
        text=text or "no message",
        tool=TOOL,
    )


def _is_unparsed(file: _File) -> bool:
    return file.fatalErrorCount > 0 or any(each.fatal for each in file.messages)


def _is_left_out(file: _File) -> bool:
    """A file that was named and that the configuration ignores has one message, of no rule, that says so."""
    return any(not each.ruleId and (each.message or "").startswith(_NOT_LOOKED_AT) for each in file.messages)
