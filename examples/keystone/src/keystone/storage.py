"""Projects and milestones as rows: what a transaction can read and write."""

import sqlite3
from collections.abc import Iterable
from datetime import date

from keystone.domain import Milestone, MilestoneState, NotFound, Project, ProjectState


class Storage:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add_project(self, name: str) -> Project:
        project_id = self._insert(
            "INSERT INTO project (name, state) VALUES (?, ?)", (name, ProjectState.OPEN)
        )
        return Project(id=project_id, name=name)

    def add_milestone(self, project_id: int, title: str, due: date | None) -> Milestone:
        milestone_id = self._insert(
            "INSERT INTO milestone (project_id, title, due, state) VALUES (?, ?, ?, ?)",
            (project_id, title, due and due.isoformat(), MilestoneState.PLANNED),
        )
        return Milestone(id=milestone_id, project_id=project_id, title=title, due=due)

    def project(self, project_id: int) -> Project:
        """The project with all its milestones. Raises NotFound."""
        row = self._connection.execute(
            "SELECT id, name, state FROM project WHERE id = ?", (project_id,)
        ).fetchone()
        if row is None:
            raise NotFound(f"There is no project {project_id}.")
        milestones = self._connection.execute(
            "SELECT id, project_id, title, due, state FROM milestone WHERE project_id = ? "
            "ORDER BY id",
            (project_id,),
        )
        return _project(row, (_milestone(found) for found in milestones))

    def projects(self, *, after: int, limit: int) -> list[Project]:
        """Projects in order of id, without their milestones: one query whatever the number."""
        rows = self._connection.execute(
            "SELECT id, name, state FROM project WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
        )
        return [_project(row) for row in rows]

    def milestone(self, milestone_id: int) -> Milestone:
        """Raises NotFound."""
        row = self._connection.execute(
            "SELECT id, project_id, title, due, state FROM milestone WHERE id = ?", (milestone_id,)
        ).fetchone()
        if row is None:
            raise NotFound(f"There is no milestone {milestone_id}.")
        return _milestone(row)

    def save_project(self, project: Project) -> None:
        self._connection.execute(
            "UPDATE project SET state = ? WHERE id = ?", (project.state, project.id)
        )

    def save_milestone(self, milestone: Milestone) -> None:
        self._connection.execute(
            "UPDATE milestone SET state = ? WHERE id = ?", (milestone.state, milestone.id)
        )

    def _insert(self, statement: str, values: tuple[object, ...]) -> int:
        row_id = self._connection.execute(statement, values).lastrowid
        assert row_id is not None, "an INSERT always has a row id"
        return row_id


def _project(row: tuple[int, str, str], milestones: Iterable[Milestone] = ()) -> Project:
    project_id, name, state = row
    return Project(project_id, name, ProjectState(state), tuple(milestones))


def _milestone(row: tuple[int, int, str, str | None, str]) -> Milestone:
    milestone_id, project_id, title, due, state = row
    return Milestone(
        id=milestone_id,
        project_id=project_id,
        title=title,
        due=date.fromisoformat(due) if due else None,
        state=MilestoneState(state),
    )
