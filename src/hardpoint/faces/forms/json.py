"""JSON: one object with `schema` and the named lists at top level, whatever the exit code."""

from typing import TextIO

from hardpoint.faces.forms.characters import encodable
from hardpoint.kernel import encoding
from hardpoint.kernel.problem import Problem
from hardpoint.kernel.result import Result


def write_result(result: Result, out: TextIO) -> None:
    """Write a result."""
    write_json({"schema": result.schema, **result.about, **result.items}, out)


def write_problem(problem: Problem, out: TextIO) -> None:
    """Write a problem, in the terms of RFC 9457."""
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
    write_json(body, out)


def write_json(value: object, out: TextIO) -> None:
    """Write one indented JSON text, of any values that have a plain form."""
    try:
        text = encoding.pretty(value)
    except UnicodeEncodeError:  # JSON is UTF-8, and the name of a file need not be
        text = encoding.pretty(_escaped(encoding.plain(value)))
    out.write(f"{text}\n")


def _escaped(value: object) -> object:
    if isinstance(value, dict):
        return {key: _escaped(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(each) for each in value]
    return encodable(value) if isinstance(value, str) else value
