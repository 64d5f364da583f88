"""HTML: one self-contained page, for people who decide and for people who repair."""

from typing import TextIO

from hardpoint.faces.forms.html.page import page
from hardpoint.faces.forms.sheet import Sheet
from hardpoint.faces.forms.verdict import as_result
from hardpoint.kernel.problem import Problem
from hardpoint.kernel.result import Result


def write_result(result: Result, out: TextIO) -> None:
    """Write a result as a page; its `data-verdict` is the answer, or what the exit code means."""
    out.write(page(Sheet.of(result), judged="findings" in result.items))


def write_problem(problem: Problem, out: TextIO) -> None:
    """Write a problem as a page: what, where, what to do."""
    write_result(as_result(problem), out)
