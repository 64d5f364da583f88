"""The ruleset: the release of the rules that judges, so that a new Hardpoint turns no build red by itself."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from annotated_types import Ge

from hardpoint.kernel.declarations import Meaning, Section
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.workspace import Workspace

NEWEST = 1
"""Raised with each release that has a rule, or a stricter form of one, that the release before did not have."""

RULESET: Section[int | None] = Section(
    "ruleset",
    Annotated[int, Ge(1), Meaning("Which rules judge: those of later rulesets do not, until the number is raised.")],  # type: ignore[arg-type]
    None,
)


def pinned(workspace: Workspace, base: Workspace | None = None) -> int:
    """The ruleset that judges: what the protected branch pins, or the tree where there is none; else the newest.

    Raises UsageProblem for one that this Hardpoint does not have yet.
    """
    governing = base if base is not None and base.manifest.exists else workspace
    number = governing.manifest[RULESET]
    if number is not None and number > NEWEST:
        raise UsageProblem(
            f"`ruleset: {number}` is pinned, and this Hardpoint has {NEWEST}", remedy="Upgrade Hardpoint, or pin less."
        )
    return number or NEWEST


def judging(rules: Iterable[Rule[Any]], workspace: Workspace, base: Workspace | None = None) -> Sequence[Rule[Any]]:
    """The rules that the ruleset in force has; what is newer judges once the pin is raised."""
    number = pinned(workspace, base)
    return [rule for rule in rules if rule.since <= number]
