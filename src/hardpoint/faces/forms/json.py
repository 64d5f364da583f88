"""JSON: one object with `schema` and the named lists at top level, whatever the exit code."""

import click

from hardpoint.kernel import encoding
from hardpoint.kernel.problem import Problem
from hardpoint.kernel.result import Result


def write_result(result: Result) -> None:
    """Write a result to standard output."""
    _write({"schema": result.schema, **result.about, **result.items})


def write_problem(problem: Problem) -> None:
    """Write a problem to standard output, in the terms of RFC 9457."""
    from hardpoint.kernel.declarations import DeclarationProblem  # results are written without its reader

    body: dict[str, object] = {
        "schema": "problem/v1",
        "code": problem.code,
        "detail": str(problem),
        "remedy": problem.remedy,
        "place": problem.place,
    }
    if isinstance(problem, DeclarationProblem):
        body["mistakes"] = problem.mistakes
    _write(body)


def _write(body: dict[str, object]) -> None:
    try:
        text = encoding.pretty(body)
    except UnicodeEncodeError:  # JSON is UTF-8, and the name of a file need not be
        text = encoding.pretty(_escaped(encoding.plain(body)))
    click.echo(text)


def _escaped(value: object) -> object:
    if isinstance(value, dict):
        return {key: _escaped(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(each) for each in value]
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
