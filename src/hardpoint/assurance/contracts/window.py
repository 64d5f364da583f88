"""The compatibility window: what a revision breaks of the releases that are still in use, and who planned for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hardpoint.assurance.contracts.catalogue import Level
from hardpoint.assurance.contracts.change import Change
from hardpoint.assurance.contracts.descriptions import reported
from hardpoint.assurance.contracts.diff import compare_contracts
from hardpoint.assurance.contracts.lifecycle import Calendar
from hardpoint.assurance.contracts.operations import Contract
from hardpoint.assurance.contracts.plans import NOT_PLANNED, Planned, Plans
from hardpoint.assurance.contracts.releases import Release
from hardpoint.kernel import encoding

Read = Callable[[str], Contract]


@dataclass(slots=True)
class Break:
    """A change that breaks consumers, the releases whose consumers it breaks, the newest first, and its plan."""

    change: Change
    hurts: list[str] = field(default_factory=list)
    planned: Planned = NOT_PLANNED

    @property
    def oldest(self) -> str:
        """The oldest release whose consumers it breaks."""
        return self.hurts[-1]

    def row(self) -> dict[str, object]:
        """The break as it is written in JSON."""
        told = {"hurts": self.hurts, "oldest": self.oldest, "plan": self.planned.plan or None}
        (change,) = reported([self.change])
        return {**encoding.plain(change), **told, "approved": self.planned.is_approved, "why_not": self.planned.why_not}


def breaks_of(
    revision: Contract, releases: Sequence[Release], read: Read, calendar: Calendar, plans: Plans
) -> list[Break]:
    """Every break of a release in the window, each once; the releases come the newest first."""
    found: dict[tuple[object, ...], Break] = {}
    for release in releases:
        for change in compare_contracts(read(release.contract), revision, calendar):
            if change.level is Level.ERROR:
                broken = found.setdefault(_same(change), Break(change))
                if release.name not in broken.hurts:
                    broken.hurts.append(release.name)
    for broken in found.values():
        change = broken.change
        node = change.revision or change.base
        broken.planned = plans.plan_for(change.id, change.pointer, node.source.file if node else "")
    return sorted(found.values(), key=lambda each: each.change.order)


def _same(change: Change) -> tuple[object, ...]:
    """What a break is known by, whichever release it is compared with."""
    pointer = change.revision.pointer if change.revision else ""
    return change.id, change.path, change.method, change.direction, change.member, pointer or change.text
