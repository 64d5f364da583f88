"""What a team calls good, in steps: the `scorecards` section of the manifest."""

from typing import Annotated

from annotated_types import MinLen

from hardpoint.kernel.declarations import Section, declared

NONE = "none"
"""The level of a service that does not reach the first one."""
Name = Annotated[str, MinLen(1)]


@declared
class Level:
    """A step that a service reaches where everything that it names holds, and everything of the steps below it."""

    name: Name
    """Such as bronze."""
    criteria: Annotated[tuple[Name, ...], MinLen(1)]
    """What must hold: a criterion as GATE/CRITERION, or a whole gate by its name."""

    def __post_init__(self) -> None:
        if self.name == NONE:
            raise ValueError(f"{NONE!r} is what a service without a level has, and no name for one")


@declared
class Scorecard:
    """Levels from the lowest to the highest; no mean and no points."""

    name: Name
    """What it is about, such as readiness."""
    levels: Annotated[tuple[Level, ...], MinLen(1)]
    """The lowest first."""


SCORECARDS: Section[tuple[Scorecard, ...]] = Section("scorecards", tuple[Scorecard, ...], ())
