"""GitHub flavoured Markdown: for a comment on a change, a job's summary, a page."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TextIO, TypeVar

from hardpoint.faces.forms.characters import one_line
from hardpoint.faces.forms.sheet import Sheet
from hardpoint.faces.forms.verdict import as_result
from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.problem import Exit, Problem
from hardpoint.kernel.result import Result
from hardpoint.kernel.verdict import Decision, Judgement

MAX_CHARACTERS = 65_000
"""A comment on GitHub has room for 65,536."""
MAX_CELL = 400
"""Characters of a cell."""
MAX_OPEN = 20
"""Rows that are shown at once; those after them unfold."""
MAX_ROWS = 200

T = TypeVar("T")

_CUT = f"*Cut at {MAX_CHARACTERS:,} characters; `--format json` has all of it.*"
_MARKUP = re.compile(r"([\\`*_\[\]~#$|!]|:(?![\d\s]|$))")
_MENTION = re.compile(r"@(?=\w)")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def write_result(result: Result, out: TextIO) -> None:
    """Write a result; what does not fit is left out block by block, and said to be."""
    room = MAX_CHARACTERS - len(_CUT) - 2
    for block in _blocks(Sheet.of(result)):
        room -= len(block) + 2
        if room < 0:
            out.write(f"\n{_CUT}\n")
            return
        out.write(f"{block}\n\n")


def write_problem(problem: Problem, out: TextIO) -> None:
    """Write a problem: what, where, what to do."""
    write_result(as_result(problem), out)


def _blocks(sheet: Sheet) -> Iterator[str]:
    yield f"### {'✅' if sheet.exit is Exit.OK else '❌'} {_text(sheet.headline, MAX_CELL * 5)}"
    for decision in sheet.decisions:
        yield from _decision(decision)
    yield from _folded(("place", "severity", "rule", "what, and what to do"), sheet.findings, _finding)
    for name, items in sheet.tables.items():
        yield f"**{_text(name.replace('_', ' '))}**"
        yield from _rows(items)
    if sheet.detail:
        yield from _code(sheet.detail)
    if sheet.next_steps:
        yield "\n".join(f"- next: {_text(step)}" for step in sheet.next_steps)


def _decision(decision: Decision) -> Iterator[str]:
    commit = f" at commit {decision.commit[:10]}" if decision.commit else ""
    whom = f"{_text(decision.gate)}: {_text(decision.service)}{commit}, {decision.at}"
    yield f"**{decision.answer.value}** at gate {whom}"
    yield from _folded(("verdict", "criterion", "why, and what to do"), decision.criteria, _judged)


def _judged(judgement: Judgement) -> tuple[str, ...]:
    blocks, verdict = judgement.verdict.blocks, judgement.verdict.value
    told = _text(judgement.reason if judgement.blocking else f"(advisory) {judgement.reason}")
    remedy = f"<br>{_text(judgement.remedy)}" if blocks and judgement.remedy else ""
    return (f"**{verdict.upper()}**" if blocks else verdict, _text(judgement.criterion), told + remedy)


def _finding(finding: Finding) -> tuple[str, ...]:
    remedy = f"<br>{_text(finding.remedy)}" if finding.remedy else ""
    text = _text(finding.text) + remedy
    return (_text(str(finding.place)), finding.severity.value, _text(finding.rule), text)


def _rows(items: Sequence[object]) -> Iterator[str]:
    plain = [encoding.plain(item) for item in items]
    if not all(isinstance(each, Mapping) for each in plain):
        yield "\n".join(f"- {_text(str(each))}" for each in plain[:MAX_ROWS])
        return
    columns = [key for key in plain[0] if any(_cell(row.get(key)) for row in plain)]
    yield from _folded(columns, plain, lambda row: tuple(_text(_cell(row.get(key))) for key in columns))


def _cell(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{key}={each}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return str(len(value)) if value else ""
    return "" if value is None or value is False else "yes" if value is True else str(value)


def _folded(columns: Sequence[str], items: Sequence[T], row: Callable[[T], Sequence[str]]) -> Iterator[str]:
    """A table of the first items, and some that unfold of the next; each small enough to be left out by itself."""
    for at in range(0, min(len(items), MAX_ROWS), MAX_OPEN):
        part = items[at : at + MAX_OPEN]
        table = _table(columns, [row(each) for each in part])
        summary = f"<summary>{at + 1} to {at + len(part)} of {len(items)}</summary>"
        yield f"<details>{summary}\n\n{table}\n\n</details>" if at else table
    if len(items) > MAX_ROWS:
        yield f"… and {len(items) - MAX_ROWS} more; `--format json` has all of them"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [[_text(each) for each in columns], ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _code(text: str) -> Iterator[str]:
    """A fenced block, of whole lines that no fence inside ends; a long one is several."""
    lines = [one_line(line) for line in text.splitlines()]
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    for at in range(0, len(lines), MAX_ROWS):
        part = "\n".join(lines[at : at + MAX_ROWS])
        yield f"{fence}text\n{part}\n{fence}"


def _text(text: str, most: int = MAX_CELL) -> str:
    """Text that is shown as it is: no markup, no cell's end, nobody mentioned."""
    escaped = _MARKUP.sub(r"\\\1", one_line(text, most)).translate(_HTML)
    return _MENTION.sub("@<!-- -->", escaped)
