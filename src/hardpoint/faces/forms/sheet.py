"""A result sorted by what its items are: decisions, findings, and rows of anything else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from hardpoint.kernel.finding import Finding
from hardpoint.kernel.problem import Exit
from hardpoint.kernel.result import Result
from hardpoint.kernel.verdict import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a form writes of a result.

    `decisions` and `findings` are those of all its lists, in their order; `tables` are the lists of anything else, by
    name, none of them empty.
    """

    schema: str
    headline: str
    exit: Exit
    decisions: tuple[Decision, ...] = ()
    findings: tuple[Finding, ...] = ()
    tables: Mapping[str, Sequence[object]]
    about: Mapping[str, object]
    detail: str = ""
    next_steps: tuple[str, ...] = ()
    root: Path | None = None

    @classmethod
    def of(cls, result: Result) -> Self:
        """Sort the items of a result."""
        items = [item for each in result.items.values() for item in each]
        rest = {
            name: [item for item in each if not isinstance(item, Decision | Finding)]
            for name, each in result.items.items()
        }
        return cls(
            schema=result.schema,
            headline=result.headline,
            exit=result.exit,
            decisions=tuple(item for item in items if isinstance(item, Decision)),
            findings=tuple(item for item in items if isinstance(item, Finding)),
            tables={name: each for name, each in rest.items() if each},
            about=result.about,
            detail=result.detail,
            next_steps=tuple(result.next_steps),
            root=result.root,
        )
