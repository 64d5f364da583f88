"""SARIF 2.1.0 (OASIS standard): what is found and what decides, for code scanning and editors."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

import hardpoint
from hardpoint.faces.forms.characters import encodable, name_bytes
from hardpoint.faces.forms.fingerprint import Seen, fingerprint
from hardpoint.faces.forms.json import write_json
from hardpoint.faces.forms.sheet import Sheet
from hardpoint.faces.forms.verdict import NOWHERE, as_findings, as_result, is_decided
from hardpoint.kernel.baseline import BASELINE_FILE
from hardpoint.kernel.finding import Exposure, Finding, Risk
from hardpoint.kernel.problem import Problem
from hardpoint.kernel.repair import replaced_at
from hardpoint.kernel.result import Result
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.suppression import Suppressed

MAX_RESULTS_A_RUN = 5_000
"""What GitHub keeps of one run; it refuses a run of more than 25,000."""
MAX_RUNS = 20
"""GitHub refuses a file of more."""
MAX_TEXT = 1_000
"""Characters of a message: GitHub refuses a file of more than 10 MB, compressed."""
MAX_FILE_BYTES = 1_000_000
"""A larger file is not read for the columns of its repairs."""

_SCORES = {Risk.CRITICAL: 9.5, Risk.HIGH: 8.0, Risk.MEDIUM: 5.5, Risk.LOW: 2.0, Risk.INFO: 0.0}
"""A `security-severity` in the middle of GitHub's band, for a risk that is stated without a score."""
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def write_result(result: Result, out: TextIO) -> None:
    """Write a result as one log; of many findings, as several runs."""
    sheet = Sheet.of(result)
    write_json(_log(sheet, _Files(sheet.root)), out)


def write_problem(problem: Problem, out: TextIO) -> None:
    """Write a problem as a run that was not successful, so that there is a log whatever happened."""
    write_result(as_result(problem), out)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reported:
    """A finding, and what is said of it: by a comment beside it, and by the baseline."""

    finding: Finding
    suppression: Mapping[str, str] | None = None
    baseline_state: str | None = None


def _log(sheet: Sheet, files: "_Files") -> dict[str, object]:
    reported = list(_reported(sheet))
    kept = reported[: MAX_RESULTS_A_RUN * MAX_RUNS]
    parts = [kept[at : at + MAX_RESULTS_A_RUN] for at in range(0, len(kept), MAX_RESULTS_A_RUN)] or [[]]
    rules = _known_rules({each.finding.rule for each in kept})
    seen = Seen()
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            _run(sheet, number, part, rules, [_result(each, files, seen) for each in part], len(reported) - len(kept))
            for number, part in enumerate(parts, 1)
        ],
    }


def _reported(sheet: Sheet) -> Iterator[_Reported]:
    """What decides and is found, the worst first, then what is known or allowed."""
    known, suppressed = sheet.about.get("known_findings"), sheet.about.get("suppressed")
    state = "new" if known is not None else None
    for each in as_findings(sheet):
        yield _Reported(finding=each, baseline_state=state)
    for each in known if isinstance(known, Sequence) else ():
        justification = f"{BASELINE_FILE} knows it."
        yield _Reported(
            finding=each,
            suppression={"kind": "external", "status": "accepted", "justification": justification},
            baseline_state="unchanged",
        )
    for each in suppressed if isinstance(suppressed, Sequence) else ():
        if isinstance(each, Suppressed):
            yield _Reported(
                finding=each.finding,
                suppression={"kind": "inSource", "status": "accepted", "justification": _cut(each.reason)},
                baseline_state=state,
            )


def _run(
    sheet: Sheet,
    number: int,
    reported: Sequence[_Reported],
    rules: Mapping[str, Rule[Any]],
    results: Sequence[object],
    left_out: int,
) -> dict[str, object]:
    by_rule: dict[str, list[Finding]] = {}
    for each in reported:
        by_rule.setdefault(encodable(each.finding.rule), []).append(each.finding)
    verb = sheet.schema.partition("/")[0]
    return {
        "tool": {
            "driver": {
                "name": "hardpoint",
                "semanticVersion": hardpoint.__version__,
                "rules": [_rule(rule, found, rules.get(rule)) for rule, found in sorted(by_rule.items())],
            }
        },
        # Runs of one tool in one file are told apart by this; it ends with `/`, which makes all of it the category.
        "automationDetails": {"id": f"hardpoint/{verb}/" + (f"{number}/" if number > 1 else "")},
        "invocations": [_invocation(sheet, left_out)],
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }


def _invocation(sheet: Sheet, left_out: int) -> dict[str, object]:
    notifications: list[object] = []
    if not is_decided(sheet):
        notifications.append({"level": "error", "message": {"text": _cut(sheet.headline)}})
    if left_out:
        text = f"{left_out} of the mildest results are left out: a host refuses a larger file."
        notifications.append({"level": "warning", "message": {"text": text}})
    return {
        "executionSuccessful": is_decided(sheet),
        "exitCode": int(sheet.exit),
        "exitCodeDescription": _cut(sheet.headline),
        "toolExecutionNotifications": notifications,
    }


def _rule(rule: str, found: Sequence[Finding], known: Rule[Any] | None) -> dict[str, object]:
    remedy = next((each.remedy for each in found if each.remedy), "")
    title, why = (known.title, known.why) if known is not None else (_described(rule) or "unnamed", "")
    severity = known.severity if known is not None else max(each.severity for each in found)
    told: dict[str, object] = {
        "id": rule,
        "name": _name(rule),
        "shortDescription": {"text": _cut(title)},
        "fullDescription": {"text": _cut(why or title)},
        "help": {"text": _cut("\n\n".join(filter(None, (why, remedy))) or title)},
        "defaultConfiguration": {"level": severity.value},
    }
    exposures = [each.exposure for each in found if each.exposure is not None]
    if exposures:
        told["properties"] = {"tags": ["security"], "security-severity": str(max(map(_score, exposures)))}
    return told


def _described(rule: str) -> str:
    match rule.split("/"):
        case ["gate", gate, criterion]:
            return f"Criterion {criterion} of the gate {gate}"
        case ["hardpoint", _]:
            return "The verdict as a whole"
        case _:
            return rule


def _name(rule: str) -> str:
    """As the standard asks, without spaces (section 3.49.7)."""
    return re.sub(r"\W+", "-", rule).strip("-") or "rule"


def _score(exposure: Exposure) -> float:
    return exposure.cvss if exposure.cvss is not None else _SCORES[exposure.risk]


def _result(reported: _Reported, files: "_Files", seen: Seen) -> dict[str, object]:
    finding = reported.finding
    told: dict[str, object] = {
        "ruleId": encodable(finding.rule),
        "level": finding.severity.value,
        "message": {"text": _cut("\n".join(filter(None, (finding.text, finding.remedy))) or "unnamed")},
        "locations": [{"physicalLocation": _location(finding)}],
        "partialFingerprints": {"hardpoint/v1": fingerprint(finding, seen)},
    }
    if fix := _fix(finding, files):
        told["fixes"] = [fix]
    # An empty list says that it is not suppressed (section 3.27.23).
    told["suppressions"] = [reported.suppression] if reported.suppression else []
    if reported.baseline_state:
        told["baselineState"] = reported.baseline_state
    return told


def _location(finding: Finding) -> dict[str, object]:
    place = finding.place if finding.place.file else NOWHERE
    region = {"startLine": max(place.line, 1)}
    if place.line and place.column:
        region["startColumn"] = place.column
    return {"artifactLocation": _artifact(place.file), "region": region}


def _artifact(file: str) -> dict[str, str]:
    name = name_bytes(file)
    if _URI.match(file):
        return {"uri": quote(name, safe="%/:?#[]@!$&'()*+,;=~")}
    if file.startswith("/"):
        return {"uri": f"file://{quote(name)}"}
    return {"uri": quote(name.removeprefix(b"./")), "uriBaseId": "SRCROOT"}


def _fix(finding: Finding, files: "_Files") -> dict[str, object] | None:
    """The repair as `hardpoint fix` would make it; none where the text to replace is not exactly there."""
    replacement = _replacement(finding, files)
    if replacement is None:
        return None
    return {
        "description": {"text": _cut(finding.remedy or f"Write {finding.suggestion}")},
        "artifactChanges": [{"artifactLocation": _artifact(finding.place.file), "replacements": [replacement]}],
    }


def _replacement(finding: Finding, files: "_Files") -> dict[str, object] | None:
    if not finding.replaces or finding.suggestion is None or not finding.place.line:
        return None
    lines, number = files.lines(finding.place.file), finding.place.line
    at = replaced_at(lines[number - 1], finding) if number <= len(lines) else -1
    if at < 0:
        return None
    line = lines[number - 1]
    end = at + len(finding.replaces.encode())
    if not (line[:at] + finding.suggestion.encode() + line[end:]).strip():  # a line that is left blank goes
        whole = {"startLine": number, "startColumn": 1, "endLine": number + 1, "endColumn": 1}
        return {"deletedRegion": whole} if number < len(lines) else None
    columns = {"startColumn": _column(line, at), "endColumn": _column(line, end)}
    return {
        "deletedRegion": {"startLine": number, "endLine": number, **columns},
        "insertedContent": {"text": encodable(finding.suggestion)},
    }


def _column(line: bytes, offset: int) -> int:
    return len(line[:offset].decode("utf-8", "surrogateescape")) + 1


class _Files:
    """The lines of the files that findings are about, each read once."""

    def __init__(self, root: Path | None) -> None:
        self._root = root
        self._read: dict[str, list[bytes]] = {}

    def lines(self, file: str) -> list[bytes]:
        """The lines of a file in the repository; none where it cannot be read, or is too large."""
        if file not in self._read:
            self._read[file] = []
            with suppress(OSError, ValueError):
                at = (self._root / file).resolve() if self._root is not None else None
                if at and at.is_relative_to(self._folder) and at.stat().st_size <= MAX_FILE_BYTES:
                    self._read[file] = at.read_bytes().split(b"\n")
        return self._read[file]

    @cached_property
    def _folder(self) -> Path:
        assert self._root is not None
        return self._root.resolve()


def _known_rules(ids: set[str]) -> Mapping[str, Rule[Any]]:
    """Those that capabilities declare, of these ids."""
    from hardpoint.capabilities import capabilities
    from hardpoint.kernel.rooms.cli import Context

    if not ids:
        return {}
    return {each.id: each for each in Context(capabilities()).collect("rules", Rule) if each.id in ids}


def _cut(text: str) -> str:
    text = encodable(text)
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
