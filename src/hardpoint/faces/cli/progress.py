"""The progress bar: on a terminal and for long work only."""

import os
import sys
from collections.abc import Callable

from hardpoint.kernel.progress import Progress, quiet

WORTH_SHOWING = 200
"""Steps below which a task ends before anyone could read its bar."""


def progress() -> Progress:
    """A bar on standard error if a terminal watches it, else nothing."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return quiet
    return _bar


def _bar(label: str, total: int) -> Callable[[], None]:
    if total < WORTH_SHOWING:
        return quiet(label, total)
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Bar(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(label, total=total)
    bar.start()
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        bar.update(task, completed=done)
        if done == total:
            bar.stop()

    return step
