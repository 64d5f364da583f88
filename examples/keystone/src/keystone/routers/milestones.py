"""Milestones: read one, move one through its states."""

from fastapi import APIRouter

from keystone.dependencies import RequestDatabase
from keystone.problems import documented
from keystone.schemas import MilestoneView, RowId, Transition

router = APIRouter(prefix="/milestones", tags=["milestones"])


@router.get("/{milestone_id}", responses=documented(404, 422))
def read_milestone(milestone_id: RowId, database: RequestDatabase) -> MilestoneView:
    with database.transaction() as storage:
        return MilestoneView.model_validate(storage.milestone(milestone_id))


@router.post("/{milestone_id}/transitions", responses=documented(404, 409, 422))
def move_milestone(
    milestone_id: RowId, transition: Transition, database: RequestDatabase
) -> MilestoneView:
    with database.transaction() as storage:
        milestone = storage.milestone(milestone_id).move(transition.to)
        storage.save_milestone(milestone)
    return MilestoneView.model_validate(milestone)
