"""States, and the guards between them."""

from itertools import product

import pytest

from keystone.domain import (
    InvalidTransition,
    Milestone,
    MilestoneState,
    Project,
    ProjectClosed,
    ProjectState,
    UnfinishedMilestones,
)

PLANNED, ACTIVE, DONE, CANCELLED = MilestoneState


def milestone(state: MilestoneState, number: int = 1) -> Milestone:
    return Milestone(id=number, project_id=1, title="Pour the footing", state=state)


def moves(before: MilestoneState, after: MilestoneState) -> bool:
    try:
        return milestone(before).move(after).state is after
    except InvalidTransition:
        return False


def test_a_milestone_moves_along_these_four_edges_only() -> None:
    assert [pair for pair in product(MilestoneState, repeat=2) if moves(*pair)] == [
        (PLANNED, ACTIVE),
        (PLANNED, CANCELLED),
        (ACTIVE, DONE),
        (ACTIVE, CANCELLED),
    ]


def test_a_refused_move_says_what_is_possible() -> None:
    with pytest.raises(InvalidTransition, match="can become active or cancelled"):
        milestone(PLANNED).move(DONE)


def test_a_move_leaves_the_original_as_it_was() -> None:
    before = milestone(PLANNED)
    before.move(ACTIVE)
    assert before.state is PLANNED


def test_a_project_closes_when_all_is_done_or_cancelled() -> None:
    project = Project(1, "Harbour bridge", milestones=(milestone(DONE), milestone(CANCELLED, 2)))
    assert project.close().state is ProjectState.CLOSED


def test_a_refused_close_names_what_is_unfinished() -> None:
    project = Project(1, "Harbour bridge", milestones=(milestone(DONE), milestone(PLANNED, 2)))
    with pytest.raises(UnfinishedMilestones, match=r"unfinished milestones: 2 \(planned\)\."):
        project.close()


def test_a_project_closes_once() -> None:
    closed = Project(1, "Harbour bridge").close()
    with pytest.raises(ProjectClosed):
        closed.close()
