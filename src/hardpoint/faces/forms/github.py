"""GitHub's annotations: one workflow command a line, the worst first, and the headline last."""

from collections.abc import Iterator
from typing import TextIO

from hardpoint.faces.forms.characters import one_line
from hardpoint.faces.forms.sheet import Sheet
from hardpoint.faces.forms.verdict import as_findings, as_result
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.problem import Problem
from hardpoint.kernel.result import Result

MAX_OF_A_LEVEL = 10
"""GitHub shows no more errors, warnings or notices of one step."""
MAX_TEXT = 1_000
"""Characters of an annotation."""

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def write_result(result: Result, out: TextIO) -> None:
    """Write a result; a line of error is in it exactly where the exit code is not 0."""
    out.writelines(f"{line}\n" for line in _lines(Sheet.of(result)))


def write_problem(problem: Problem, out: TextIO) -> None:
    """Write a problem as an error."""
    write_result(as_result(problem), out)


def _lines(sheet: Sheet) -> Iterator[str]:
    found = as_findings(sheet)
    left_out = 0
    for severity in reversed(Severity):
        of_it = [each for each in found if each.severity is severity]
        yield from (_command(each) for each in of_it[:MAX_OF_A_LEVEL])
        left_out += max(len(of_it) - MAX_OF_A_LEVEL, 0)
    if left_out:
        yield f"hardpoint: {left_out} more are not annotated, because GitHub shows {MAX_OF_A_LEVEL} of a level"
    # A runner still obeys commands in their first form, `##[name]`, wherever they stand in a line that is no command.
    yield f"hardpoint: {one_line(sheet.headline, MAX_TEXT)}".replace("##[", "# #[")


def _command(finding: Finding) -> str:
    place = finding.place
    properties = {
        "file": place.file.removeprefix("./"),
        "line": str(place.line or "") if place.file else "",
        "col": str(place.column or "") if place.file and place.line else "",
        "title": finding.rule,
    }
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    text = one_line(finding.text, MAX_TEXT) + (f"\n{one_line(finding.remedy, MAX_TEXT)}" if finding.remedy else "")
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")
