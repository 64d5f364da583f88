"""Text for people: what was found, what it rests on, what to do, the outcome last; plain in a pipe."""

import os
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from functools import singledispatch
from itertools import zip_longest
from shutil import get_terminal_size
from typing import TextIO

import click

from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.problem import Exit, Problem
from hardpoint.kernel.result import Result
from hardpoint.kernel.verdict import Decision, Judgement, Verdict

COLOUR_SETTING = "NO_COLOR"
"""Any value but an empty one keeps colours out of text, also on a terminal (no-color.org)."""

MAX_SHOWN = 100
"""How many items of a list are shown; JSON has all of them."""

_NARROWEST = 12
"""Characters that a column of a table keeps, however narrow the terminal is."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_CLOCK_TIME = len("14:00:00.000000Z")
"""Characters that a column of instants keeps: they are folded between date and time alone."""

_LEAST_REASON = 40
"""Characters that a reason has beside its criterion; where there are fewer, it stands below it."""

_GOOD, _DOUBTFUL, _BAD, _QUIET = "green", "yellow", "red", "bright_black"
_COLOURS = {
    Verdict.PASS: _GOOD,
    Verdict.WAIVED: _DOUBTFUL,
    Verdict.NOT_APPLICABLE: _QUIET,
    Verdict.STALE: _DOUBTFUL,
    Verdict.MISSING: _DOUBTFUL,
    Verdict.ERROR: _BAD,
    Verdict.FAIL: _BAD,
    Severity.NOTE: _QUIET,
    Severity.WARNING: _DOUBTFUL,
    Severity.ERROR: _BAD,
}


def write_result(result: Result, out: TextIO) -> None:
    """Write a result, fitted to the terminal if it goes to one."""
    with redirect_stdout(out):
        _tell(result)


def write_problem(problem: Problem, out: TextIO) -> None:
    """Write a problem: what, where, what to do."""
    from hardpoint.kernel.declarations import DeclarationProblem  # results are written without its reader

    with redirect_stdout(out):
        if isinstance(problem, DeclarationProblem):
            for mistake in problem.mistakes:
                _echo(str(mistake))
        _echo(f"{click.style('error', fg=_BAD, bold=True)}: {problem}")
        if problem.remedy:
            _echo(f"  {problem.remedy}")


def _tell(result: Result) -> None:
    for items in result.items.values() if not result.brief else ():
        for line in _list(items):
            _echo(line)
    for line in (result.brief or result.detail).splitlines():
        for part in _hanging(line):
            _echo(part)
    colour = _GOOD if result.exit is Exit.OK else _BAD
    for part in _hanging(result.headline):
        _echo(click.style(part, fg=colour, bold=True))
    # A step is often a command, and is copied: it stays one line.
    for step in result.next_steps:
        _echo(f"  next: {step}")


def _list(items: Sequence[object]) -> Iterator[str]:
    shown = items[:MAX_SHOWN]
    if shown and all(_is_row(item) for item in shown):
        yield from _table([encoding.plain(item) for item in shown])
    else:
        for item in shown:
            yield from _lines(item)
    if len(items) > MAX_SHOWN:
        yield f"… and {len(items) - MAX_SHOWN} more; --format json has all of them"
    if items:
        yield ""


@singledispatch
def _lines(item: object) -> Iterator[str]:
    yield str(item)


def _is_row(item: object) -> bool:
    return _lines.dispatch(type(item)) is _lines.dispatch(object)


@_lines.register
def _finding(finding: Finding) -> Iterator[str]:
    place, severity = f"{finding.place}: ", f"{finding.severity.value:<7}"
    first, *more = _hanging(f"{place}{severity} {finding.rule} {finding.text}", margin=4)
    if first.startswith(place + finding.severity.value):
        first = place + click.style(severity, fg=_COLOURS[finding.severity]) + first[len(place + severity) :]
    yield from (first, *more)
    if finding.remedy:
        yield from (click.style(line, fg=_QUIET) for line in _hanging(f"    {finding.remedy}"))


@_lines.register
def _decision(decision: Decision) -> Iterator[str]:
    commit = f" at commit {decision.commit[:10]}" if decision.commit else ""
    yield f"gate {decision.gate}, {decision.service}{commit}, judged {decision.at}"
    width = max(len(judgement.criterion) for judgement in decision.criteria)
    for judgement in decision.criteria:
        yield from _judgement(judgement, width)


def _judgement(judgement: Judgement, width: int) -> Iterator[str]:
    name = judgement.verdict.value if judgement.verdict is Verdict.PASS else judgement.verdict.value.upper()
    verdict = click.style(f"{name:<14}", fg=_COLOURS[judgement.verdict])
    advisory = "" if judgement.blocking else "(advisory) "
    owner = f" [{judgement.owner}]" if judgement.owner and judgement.verdict.blocks else ""
    margin = " " * (2 + 14 + 1 + width + 2)
    if sys.stdout.isatty() and get_terminal_size().columns - len(margin) < _LEAST_REASON:
        yield f"  {verdict} {judgement.criterion}"
        margin = " " * (2 + 14 + 1)
        yield from (margin + line for line in _wrapped(advisory + judgement.reason + owner, len(margin)))
    else:
        reason, *more = _wrapped(advisory + judgement.reason + owner, len(margin)) or [""]
        yield f"  {verdict} {judgement.criterion:<{width}}  {reason}"
        yield from (margin + line for line in more)
    for finding in judgement.findings:
        yield from (margin + line for line in _wrapped(f"{finding.place} {finding.rule} {finding.text}", len(margin)))
    for line in _wrapped(judgement.remedy, len(margin)) if judgement.verdict.blocks else ():
        yield margin + click.style(line, fg=_QUIET)


def _table(rows: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """Rows of anything else: a column for each field that says something, lists by their length."""
    columns = [key for key in rows[0] if any(_cell(row[key]) for row in rows)]
    cells = [[_cell(row[key]) for key in columns] for row in rows]
    widths = [max(len(name), *(len(line[at]) for line in cells)) for at, name in enumerate(columns)]
    instants = [any(_INSTANT.fullmatch(line[at]) for line in cells) for at in range(len(columns))]
    _fit(widths, [_CLOCK_TIME if each else _NARROWEST for each in instants])
    for line in [columns, *cells]:
        split = [_folded(cell, width) for cell, width in zip(line, widths, strict=True)]
        for part in zip_longest(*split, fillvalue=""):
            yield "  ".join(f"{cell:<{width}}" for cell, width in zip(part, widths, strict=True)).rstrip()


def _fit(widths: list[int], least: Sequence[int]) -> None:
    """Narrow the widest columns to the terminal, none below its least; in a pipe a line stays whole."""
    room = get_terminal_size().columns - 2 * (len(widths) - 1) if sys.stdout.isatty() else sum(widths)
    while (over := sum(widths) - room) > 0:
        wide = [at for at, width in enumerate(widths) if width > least[at]]
        if not wide:
            return
        at = max(wide, key=lambda each: widths[each])
        others = max((widths[each] for each in wide if each != at), default=0)
        widths[at] = max(widths[at] - over, min(others, widths[at] - 1), least[at])


def _folded(cell: str, width: int) -> list[str]:
    if len(cell) <= width:
        return [cell]
    if _INSTANT.fullmatch(cell):
        date, time = cell.split("T")
        return [f"{date}T", time]
    return textwrap.wrap(cell, width, break_on_hyphens=False)


def _cell(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{key}={each}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return str(len(value))
    if value is None or value is False:
        return ""
    return "yes" if value is True else str(value)


def _wrapped(text: str, margin: int) -> list[str]:
    """Wrapped to the terminal; in a pipe a line stays whole, so that it can be searched."""
    if not sys.stdout.isatty():
        return [text] if text else []
    return textwrap.wrap(text, max(30, get_terminal_size().columns - margin), break_on_hyphens=False)


def _hanging(line: str, margin: int | None = None) -> list[str]:
    """A line that is wider than the terminal goes on below its text, beside its label, or at a margin of its own."""
    if not sys.stdout.isatty() or len(line) <= (columns := get_terminal_size().columns):
        return [line]
    if margin is None:
        label = re.match(r"\s*(?:[\w ]{1,20}:\s{2,})?", line)
        margin = min(label.end() if label else 0, columns // 2)
    return textwrap.wrap(line, columns, subsequent_indent=" " * margin, break_on_hyphens=False, drop_whitespace=True)


# What others wrote cannot move the cursor, hide or reorder text, or begin a line of its own: of all sequences only the
# colours used here pass.
_CONTROL = re.compile(
    r"\x1b(?!\[(?:0|1|3[1236]|90)m)|[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)


def _echo(line: str) -> None:
    click.echo(_CONTROL.sub(" ", line), color=False if os.environ.get(COLOUR_SETTING) else None)
