"""Where the outcome of a call goes: standard output in one form, and files in others."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from hardpoint.faces.forms import FORMS, write, write_file
from hardpoint.kernel.atomic import is_led_out
from hardpoint.kernel.problem import Problem, UsageProblem
from hardpoint.kernel.result import Document, Result

FORM_OPTION, FILE_OPTION = "--format", "--output"


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a command line asks for, needed even where it turns out to be wrong: `files` as they were written."""

    form: str
    files: tuple[str, ...]

    def refuse_unusable(self) -> None:
        """Raises UsageProblem for a file of no known form, or one that cannot be written, before anything is done."""
        for written in self.files:
            _refuse_unusable(written)
        names = [written.partition("=")[2] for written in self.files]
        if again := next((name for name in names if names.count(name) > 1), None):
            raise UsageProblem(f"{FILE_OPTION} names {again!r} twice", remedy="Give each form a file of its own.")

    def write(self, outcome: Result | Document) -> None:
        """Write the files, then standard output. Raises OSError for what cannot be written."""
        for form, file in self._usable():
            write_file(outcome, form, file)
        write(outcome, self.form)

    def write_problem(self, problem: Problem) -> None:
        """Write a problem to every file that can be written, in place of an outcome that is none."""
        for form, file in self._usable():
            with suppress(OSError):
                if not is_led_out(file, Path()):
                    write_file(problem, form, file)

    def _usable(self) -> Iterator[tuple[str, Path]]:
        for written in self.files:
            form, _, file = written.partition("=")
            if form in FORMS and file:
                yield form, Path(file)


def outputs_of(arguments: Sequence[str]) -> Outputs:
    """What the options ask for, of several forms the last; those after `--` are another program's."""
    own = list(arguments)[: arguments.index("--")] if "--" in arguments else list(arguments)
    (*_, form) = ("text", *_values(own, FORM_OPTION))
    return Outputs(form, tuple(_values(own, FILE_OPTION)))


def _values(arguments: Sequence[str], option: str) -> Iterator[str]:
    for each, after in zip_longest(arguments, arguments[1:], fillvalue=""):
        if each == option:
            yield after
        elif each.startswith(f"{option}="):
            yield each.removeprefix(f"{option}=")


def _refuse_unusable(written: str) -> None:
    form, _, name = written.partition("=")
    if form not in FORMS or not name:
        raise UsageProblem(
            f"{FILE_OPTION} {written!r} is not FORM=FILE",
            remedy=f"Such as sarif=hardpoint.sarif; forms: {', '.join(FORMS)}.",
        )
    file = Path(name)
    if is_led_out(file, Path()):  # what is reviewed may have such a link where a job writes its report
        raise UsageProblem(f"{FILE_OPTION}: {name!r} is led out of this folder by a link", remedy="Name where to.")
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        why = "is a folder" if file.is_dir() else "cannot be written"
        raise UsageProblem(f"{FILE_OPTION}: {name!r} {why}", remedy="Name a file in a folder that is there.")
