"""The forms in which a result is written: one file a form."""

import importlib
from collections.abc import Mapping

from hardpoint.kernel.problem import Problem
from hardpoint.kernel.result import Document, Result

FORMS: Mapping[str, str] = {
    "text": "hardpoint.faces.forms.text",
    "json": "hardpoint.faces.forms.json",
}
"""Form to module; each has `write_result`, `write_problem`."""


def write(outcome: Result | Document | Problem, form: str) -> None:
    """Write an outcome to standard output, a problem in text to standard error."""
    import click

    if isinstance(outcome, Document):
        click.echo(outcome.text, nl=not outcome.text.endswith("\n"))
        return
    module = importlib.import_module(FORMS.get(form, FORMS["text"]))
    if isinstance(outcome, Problem):
        module.write_problem(outcome)
    else:
        module.write_result(outcome)
