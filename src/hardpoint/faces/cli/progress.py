"""The progress bar: on a terminal and for long work only."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from hardpoint.kernel.progress import Progress, quiet

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

WORTH_SHOWING = 200
"""Steps below which a task ends before anyone could read its bar."""


def progress() -> Progress:
    """A bar on standard error if a terminal watches it, else nothing; of work within work, the outer one's."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return quiet
    shown: list[Bar] = []

    def begin(label: str, total: int) -> Callable[[], None]:
        return quiet(label, total) if total < WORTH_SHOWING or shown else _bar(label, total, shown)

    return begin


def _bar(label: str, total: int, shown: "list[Bar]") -> Callable[[], None]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as _Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = _Bar(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(label, total=total)
    bar.start()
    shown.append(bar)
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        bar.update(task, completed=done)
        if done == total:
            bar.stop()
            shown.remove(bar)

    return step
