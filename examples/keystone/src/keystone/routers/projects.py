"""Projects: list, start, read, plan milestones in, close."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from keystone.dependencies import RequestDatabase
from keystone.problems import documented
from keystone.schemas import (
    MAX_ROW_ID,
    MilestoneView,
    NewMilestone,
    NewProject,
    ProjectPage,
    ProjectSummary,
    ProjectView,
    RowId,
)

MAX_PAGE_SIZE = 100

router = APIRouter(prefix="/projects", tags=["projects"])


@router.get("", responses=documented(422))
def list_projects(
    database: RequestDatabase,
    after: Annotated[int, Query(ge=0, le=MAX_ROW_ID)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 50,
) -> ProjectPage:
    with database.transaction() as storage:
        found = storage.projects(after=after, limit=limit + 1)  # one more tells if a page follows
    page = found[:limit]
    return ProjectPage(
        projects=[ProjectSummary.model_validate(project) for project in page],
        next=page[-1].id if len(found) > limit else None,
    )


@router.post("", status_code=201, responses=documented(422))
def start_project(new: NewProject, response: Response, database: RequestDatabase) -> ProjectView:
    with database.transaction() as storage:
        project = storage.add_project(new.name)
    response.headers["Location"] = f"/projects/{project.id}"
    return ProjectView.model_validate(project)


@router.get("/{project_id}", responses=documented(404, 422))
def read_project(project_id: RowId, database: RequestDatabase) -> ProjectView:
    with database.transaction() as storage:
        return ProjectView.model_validate(storage.project(project_id))


@router.post("/{project_id}/milestones", status_code=201, responses=documented(404, 409, 422))
def plan_milestone(
    project_id: RowId, new: NewMilestone, response: Response, database: RequestDatabase
) -> MilestoneView:
    with database.transaction() as storage:
        storage.project(project_id).require_open()
        milestone = storage.add_milestone(project_id, new.title, new.due)
    response.headers["Location"] = f"/milestones/{milestone.id}"
    return MilestoneView.model_validate(milestone)


@router.post("/{project_id}/close", responses=documented(404, 409, 422))
def close_project(project_id: RowId, database: RequestDatabase) -> ProjectView:
    with database.transaction() as storage:
        project = storage.project(project_id).close()
        storage.save_project(project)
    return ProjectView.model_validate(project)
