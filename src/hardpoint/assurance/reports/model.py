"""What a team declares of the checks that block: the `blocking` section of the manifest."""

from collections.abc import Sequence
from typing import Annotated

from annotated_types import MinLen

from hardpoint.kernel.declarations import Section, declared
from hardpoint.kernel.duration import Duration

TIMEOUT = Duration(30 * 60)
Text = Annotated[str, MinLen(1)]


@declared
class BlockingCheck:
    """A command that `hardpoint check --blocking` runs, and that must end well."""

    name: Text
    """What its evidence is called; a gate's criterion of kind command names it."""
    run: Annotated[tuple[Text, ...], MinLen(1)]
    """The program and its arguments; no shell reads them."""
    reports: tuple[Text, ...] = ()
    """Patterns of the reports that it must write, from the repository's root; `**` stands for any folders."""
    timeout: Duration = TIMEOUT
    """How long it may take."""


BLOCKING: Section[tuple[BlockingCheck, ...]] = Section("blocking", tuple[BlockingCheck, ...], ())
"""Run in their order by `hardpoint check --blocking`."""


def named_twice(checks: Sequence[BlockingCheck]) -> str | None:
    """The first name that two checks have: the evidence of one would take the place of the other's."""
    names = [check.name for check in checks]
    return next((name for name in names if names.count(name) > 1), None)
