"""What the database keeps, and what it refuses."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from keystone.database import Database
from keystone.settings import IN_MEMORY


def test_a_file_keeps_its_projects(tmp_path: Path) -> None:
    path = str(tmp_path / "keystone.db")
    with closing(Database(path)) as database, database.transaction() as storage:
        storage.add_project("Harbour bridge")
    with closing(Database(path)) as database, database.transaction() as storage:
        assert storage.project(1).name == "Harbour bridge"


def test_a_failed_transaction_leaves_nothing() -> None:
    def fail_half_way() -> None:
        with database.transaction() as storage:
            storage.add_project("Harbour bridge")
            raise TimeoutError

    with closing(Database(IN_MEMORY)) as database:
        with pytest.raises(TimeoutError):
            fail_half_way()
        with database.transaction() as storage:
            assert storage.projects(after=0, limit=1) == []


def test_a_milestone_needs_a_project() -> None:
    with (
        closing(Database(IN_MEMORY)) as database,
        pytest.raises(sqlite3.IntegrityError),
        database.transaction() as storage,
    ):
        storage.add_milestone(7, "Footing", None)


def test_every_transaction_is_observed() -> None:
    durations: list[float] = []
    with closing(Database(IN_MEMORY, durations.append)) as database, database.transaction():
        assert durations == []
    assert len(durations) == 1
