"""The forms in which a result is written: one file a form."""

import importlib
import sys
from collections.abc import Mapping
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import TextIO

from hardpoint.kernel.problem import Problem
from hardpoint.kernel.result import Document, Result

FORMS: Mapping[str, str] = {
    "text": "hardpoint.faces.forms.text",
    "json": "hardpoint.faces.forms.json",
    "sarif": "hardpoint.faces.forms.sarif",
    "junit": "hardpoint.faces.forms.junit",
    "markdown": "hardpoint.faces.forms.markdown",
    "github": "hardpoint.faces.forms.github",
    "codequality": "hardpoint.faces.forms.codequality",
    "html": "hardpoint.faces.forms.html",
}
"""Form to module; each has `write_result` and `write_problem`, which write UTF-8 text with line feeds to a stream."""


def write(outcome: Result | Document | Problem, form: str) -> None:
    """Write an outcome to standard output, a problem in text to standard error."""
    is_text = form not in FORMS or form == "text"
    out = sys.stderr if is_text and isinstance(outcome, Problem) else sys.stdout
    if isinstance(out, TextIOWrapper):  # a form is the same bytes on every machine; text is what the terminal can show
        out.reconfigure(encoding=None if is_text else "utf-8", newline="\n")
    _render(outcome, form, out)
    out.flush()  # what cannot be written is said now, not when the interpreter ends


def write_file(outcome: Result | Document | Problem, form: str, file: Path) -> None:
    """Write an outcome to a file, whole, in place of what it held.

    Raises OSError if it cannot be written.
    """
    out = StringIO()
    _render(outcome, form, out)
    file.write_bytes(out.getvalue().encode("utf-8", "backslashreplace"))


def _render(outcome: Result | Document | Problem, form: str, out: TextIO) -> None:
    if isinstance(outcome, Document):
        out.write(outcome.text if outcome.text.endswith("\n") else f"{outcome.text}\n")
        return
    module = importlib.import_module(FORMS.get(form, FORMS["text"]))
    if isinstance(outcome, Problem):
        module.write_problem(outcome, out)
    else:
        module.write_result(outcome, out)
