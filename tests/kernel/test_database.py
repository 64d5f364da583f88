"""What is SQLite's own, and errors; what both databases must do stands in tests/conformance."""

import sqlite3
import threading
from contextlib import closing

import pytest
import sqlalchemy as sa

from hardpoint.kernel import database as module
from hardpoint.kernel.database import Database, Phase, Tables, TableVersion, refuse_newer
from hardpoint.kernel.problem import IntegrityProblem, StoreProblem


@pytest.fixture
def file(tmp_path):
    return tmp_path / "test.db"


@pytest.fixture
def database(file):
    with closing(Database.open(f"sqlite:///{file}")) as database:
        with database.writing() as connection:
            connection.exec_driver_sql("CREATE TABLE numbers (n INTEGER NOT NULL, word TEXT)")
            connection.exec_driver_sql("INSERT INTO numbers VALUES (1, 'one')")
        yield database


def pragma(database, name):
    with database.reading() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_a_commit_has_reached_the_disk(database):
    full = 2
    assert (pragma(database, "journal_mode"), pragma(database, "synchronous")) == ("wal", full)


def test_foreign_keys_are_enforced_and_the_schema_is_not_trusted(database):
    assert (pragma(database, "foreign_keys"), pragma(database, "trusted_schema")) == (1, 0)


def test_closing_folds_the_log_into_the_file(database, file):
    database.close()
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_a_writer_waits_for_the_one_before(database):
    """BEGIN IMMEDIATE: two that read before they write cannot deadlock."""
    start = threading.Barrier(4)

    def add():
        start.wait()
        with database.writing() as connection:
            (most,) = connection.exec_driver_sql("SELECT max(n) FROM numbers").one()
            connection.exec_driver_sql("INSERT INTO numbers VALUES (?, NULL)", (most + 1,))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT n FROM numbers").scalars().all() == [1, 2, 3, 4, 5]


def test_a_database_that_stays_busy_is_a_problem_of_the_store(database, file, monkeypatch):
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0)
    with (
        closing(Database.open(f"sqlite:///{file}")) as impatient,
        database.writing(),
        pytest.raises(StoreProblem, match="locked"),
        impatient.writing(),
    ):
        pass


def test_a_damaged_file_is_a_problem_of_integrity(database, file):
    database.close()
    file.write_bytes(file.read_bytes()[:100] + b"\xff" * 8000)
    with pytest.raises(IntegrityProblem, match="damaged"), database.reading() as connection:
        connection.exec_driver_sql("SELECT * FROM numbers").all()


def test_text_that_is_none_is_a_problem_of_integrity(database, file):
    with closing(sqlite3.connect(file)) as attacker, attacker:
        attacker.execute("UPDATE numbers SET word = CAST(x'ff41' AS TEXT)")
    with pytest.raises(IntegrityProblem, match="UTF-8"), database.reading() as connection:
        connection.exec_driver_sql("SELECT word FROM numbers").all()


def test_a_refusal_is_told_in_one_sentence(database):
    with pytest.raises(StoreProblem) as refused, database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO numbers VALUES (NULL, NULL)")
    assert refused.value.sentence == "The database refused: NOT NULL constraint failed: numbers.n"


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://h/d", "oracle://h/d", "postgresql://h:port/d", "sqlite+x://"])
def test_a_url_that_cannot_be_used_is_a_problem(url):
    with pytest.raises(StoreProblem):
        Database.open(url)


def test_a_password_is_not_told():
    with pytest.raises(StoreProblem) as refused:
        Database.open("mysql://ada:secret@h/d")
    assert "secret" not in str(refused.value)


def test_a_version_beyond_the_current_is_refused():
    step = TableVersion(number=1, phase=Phase.BEFORE, upgrade=lambda _: None, downgrade=lambda _: None)
    tables = Tables(capability="numbers", metadata=sa.MetaData(), versions=[step])
    refuse_newer(tables, 0)
    refuse_newer(tables, 1)
    with pytest.raises(StoreProblem, match="numbers are of version 2; this Hardpoint knows 1"):
        refuse_newer(tables, 2)


@pytest.mark.parametrize("url", ["postgresql://u:pass/word@host/x", "nonsense u:password@host", ""])
def test_a_url_that_cannot_be_read_is_refused_without_its_password(url):
    with pytest.raises(StoreProblem) as refused:
        Database.open(url).installed()
    told = str(refused.value) + refused.value.remedy + repr(refused.value.__cause__)
    assert "word" not in told.replace("in a password", "")
