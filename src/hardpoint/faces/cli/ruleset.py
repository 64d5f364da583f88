"""Which rules a call is about."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.rooms.cli import Context
from hardpoint.kernel.spelling import did_you_mean

if TYPE_CHECKING:
    from hardpoint.kernel.rule import Rule


def rules_named(context: Context, names: Sequence[str]) -> "Sequence[Rule[Any]]":
    """The rules with these ids, or whose ids begin so, by id; all of them for no name.

    Raises UsageProblem for a name that is of none.
    """
    from hardpoint.kernel.rule import Rule

    rules: list[Rule[Any]] = sorted(context.collect("rules", Rule), key=lambda rule: rule.id)
    for name in names:
        if not any(rule.id.startswith(name) for rule in rules):
            known = [rule.id for rule in rules]
            raise UsageProblem(
                f"No rule is named {name!r}{did_you_mean(name, known)}", remedy=f"Known: {', '.join(known)}"
            )
    return [rule for rule in rules if not names or rule.id.startswith(tuple(names))]
