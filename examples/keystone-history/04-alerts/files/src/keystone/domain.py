"""Projects, their milestones, and the changes of state they allow."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class ProjectState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class MilestoneState(StrEnum):
    PLANNED = "planned"
    ACTIVE = "active"
    DONE = "done"
    CANCELLED = "cancelled"


TRANSITIONS: Mapping[MilestoneState, frozenset[MilestoneState]] = {
    MilestoneState.PLANNED: frozenset({MilestoneState.ACTIVE, MilestoneState.CANCELLED}),
    MilestoneState.ACTIVE: frozenset({MilestoneState.DONE, MilestoneState.CANCELLED}),
    MilestoneState.DONE: frozenset(),
    MilestoneState.CANCELLED: frozenset(),
}


class Refusal(Exception):
    """A request that the domain turns down. The code is stable, the sentence is for people."""

    code = "refused"


class NotFound(Refusal):
    code = "not-found"


class InvalidTransition(Refusal):
    code = "invalid-transition"


class ProjectClosed(Refusal):
    code = "project-closed"


class UnfinishedMilestones(Refusal):
    code = "unfinished-milestones"


@dataclass(frozen=True, slots=True)
class Milestone:
    id: int
    project_id: int
    title: str
    due: date | None = None
    state: MilestoneState = MilestoneState.PLANNED

    def move(self, to: MilestoneState) -> "Milestone":
        """The milestone in its new state. Raises InvalidTransition."""
        if to not in TRANSITIONS[self.state]:
            raise InvalidTransition(
                f"Milestone {self.id} is {self.state} and cannot become {to}: "
                f"from {self.state} it can become {_listed(TRANSITIONS[self.state])}."
            )
        return replace(self, state=to)


@dataclass(frozen=True, slots=True)
class Project:
    id: int
    name: str
    state: ProjectState = ProjectState.OPEN
    milestones: tuple[Milestone, ...] = ()

    def require_open(self) -> None:
        """Raises ProjectClosed: a closed project is history, and history does not change."""
        if self.state is ProjectState.CLOSED:
            raise ProjectClosed(f"Project {self.id} is closed: start a new project instead.")

    def close(self) -> "Project":
        """The project, closed. Raises ProjectClosed, UnfinishedMilestones."""
        self.require_open()
        unfinished = [
            milestone for milestone in self.milestones if milestone.state is MilestoneState.PLANNED
        ]
        if unfinished:
            named = ", ".join(f"{milestone.id} ({milestone.state})" for milestone in unfinished)
            raise UnfinishedMilestones(
                f"Project {self.id} has unfinished milestones: {named}. "
                "Finish or cancel them, then close the project."
            )
        return replace(self, state=ProjectState.CLOSED)


def _listed(states: frozenset[MilestoneState]) -> str:
    return " or ".join(sorted(states)) or "nothing else"
