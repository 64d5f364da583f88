"""The bodies of requests and answers: the contract's nouns."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from keystone.domain import MilestoneState, ProjectState

MAX_TEXT_LENGTH = 200
MAX_ROW_ID = 2**53 - 1  # the largest integer that every reader of JSON keeps exact

Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT_LENGTH)
]
RowId = Annotated[int, Field(ge=1, le=MAX_ROW_ID)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewProject(Body):
    name: Text


class NewMilestone(Body):
    title: Text
    due: date | None = None


class Transition(Body):
    to: MilestoneState


class MilestoneView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    project_id: int
    title: str
    due: date | None
    state: MilestoneState


class ProjectSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    state: ProjectState


class ProjectView(ProjectSummary):
    milestones: list[MilestoneView]


class ProjectPage(BaseModel):
    projects: list[ProjectSummary]
    next: int | None = Field(description="Give it as `after` to get the next page.")
