"""Text for people: what was found, what it rests on, what to do, the outcome last; plain in a pipe."""

import os
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from functools import singledispatch
from itertools import zip_longest
from shutil import get_terminal_size

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


def write_result(result: Result) -> None:
    """Write a result to standard output."""
    for items in result.items.values():
        for line in _list(items):
            _echo(line)
    for line in result.detail.splitlines():
        for part in _hanging(line):
            _echo(part)
    colour = _GOOD if result.exit is Exit.OK else _BAD
    _echo(click.style(result.headline, fg=colour, bold=True))
    for step in result.next_steps:
        _echo(f"  next: {step}")


def write_problem(problem: Problem) -> None:
    """Write a problem to standard error: what, where, what to do."""
    from hardpoint.kernel.declarations import DeclarationProblem  # results are written without its reader

    if isinstance(problem, DeclarationProblem):
        for mistake in problem.mistakes:
            _echo(str(mistake), err=True)
    _echo(f"{click.style('error', fg=_BAD, bold=True)}: {problem}", err=True)
    if problem.remedy:
        _echo(f"  {problem.remedy}", err=True)


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
    severity = click.style(f"{finding.severity.value:<7}", fg=_COLOURS[finding.severity])
    yield f"{finding.place}: {severity} {finding.rule} {finding.text}"
    if finding.remedy:
        yield click.style(f"    {finding.remedy}", fg=_QUIET)


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
    _fit(widths)
    for line in [columns, *cells]:
        split = [_folded(cell, width) for cell, width in zip(line, widths, strict=True)]
        for part in zip_longest(*split, fillvalue=""):
            yield "  ".join(f"{cell:<{width}}" for cell, width in zip(part, widths, strict=True)).rstrip()


def _fit(widths: list[int]) -> None:
    """Narrow the widest columns to the terminal, none below _NARROWEST; in a pipe a line stays whole."""
    room = get_terminal_size().columns - 2 * (len(widths) - 1) if sys.stdout.isatty() else sum(widths)
    while (over := sum(widths) - room) > 0 and max(widths) > _NARROWEST:
        at = widths.index(max(widths))
        others = max((each for other, each in enumerate(widths) if other != at), default=0)
        widths[at] = max(widths[at] - over, min(others, widths[at] - 1), _NARROWEST)


def _folded(cell: str, width: int) -> list[str]:
    return [cell] if len(cell) <= width else textwrap.wrap(cell, width, break_on_hyphens=False)


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


def _hanging(line: str) -> list[str]:
    """A line that is wider than the terminal goes on below its text, beside its label."""
    if not sys.stdout.isatty() or len(line) <= (columns := get_terminal_size().columns):
        return [line]
    label = re.match(r"\s*(?:[\w ]{1,20}:\s{2,})?", line)
    margin = " " * min(label.end() if label else 0, columns // 2)
    return textwrap.wrap(line, columns, subsequent_indent=margin, break_on_hyphens=False, drop_whitespace=True)


# What others wrote cannot move the cursor, hide or reorder text, or begin a line of its own: of all sequences only the
# colours used here pass.
_CONTROL = re.compile(
    r"\x1b(?!\[(?:0|1|3[1236]|90)m)|[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)


def _echo(line: str, *, err: bool = False) -> None:
    line = _CONTROL.sub(" ", line)
    click.echo(line, err=err, color=False if os.environ.get(COLOUR_SETTING) else None)
