"""HTML: one self-contained page, for people who decide and for people who repair."""

from typing import TextIO

from hardpoint.faces.forms.html.page import page
from hardpoint.faces.forms.sheet import Sheet
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.problem import Problem
from hardpoint.kernel.result import Result


def write_result(result: Result, out: TextIO) -> None:
    """Write a result as a page; its `data-verdict` is the answer, or what the exit code means."""
    out.write(page(Sheet.of(result), judged="findings" in result.items))


def write_problem(problem: Problem, out: TextIO) -> None:
    """Write a problem as a page: what, where, what to do."""
    from hardpoint.kernel.declarations import DeclarationProblem  # results are written without its reader

    mistakes = problem.mistakes if isinstance(problem, DeclarationProblem) else ()
    result = Result(
        schema="problem/v1",
        headline=str(problem),
        about={"code": problem.code, "place": problem.place},
        items={
            "mistakes": [
                Finding(
                    rule="declaration",
                    severity=Severity.ERROR,
                    place=each.place,
                    text=str(each).removeprefix(f"{each.place}: "),
                )
                for each in mistakes
            ]
        },
        next_steps=(problem.remedy,) if problem.remedy else (),
        exit=problem.exit,
    )
    write_result(result, out)
