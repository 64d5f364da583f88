"""What is SQLite's own, and errors; what both databases must do stands in tests/conformance."""

import os
import shutil
import sqlite3
import sys
import tempfile
import threading
from contextlib import closing, contextmanager
from pathlib import Path

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


def test_a_view_is_one_whatever_others_commit_meanwhile(database):
    table = sa.Table("seen", sa.MetaData(), sa.Column("value", sa.Integer))
    with database.writing() as connection:
        table.create(connection)
    counted = sa.select(sa.func.count()).select_from(table)
    with database.view() as view:
        for _ in range(2):
            with view.reading() as connection:
                assert connection.execute(counted).scalar_one() == 0
            with database.writing() as connection:
                connection.execute(sa.insert(table).values(value=1))
        with pytest.raises(AssertionError, match="not written"), view.writing():
            pass
    with database.reading() as connection:
        assert connection.execute(counted).scalar_one() == 2


@contextmanager
def unprivileged():
    """As somebody whom the modes of files bind; root is not bound by them."""
    if os.getuid():
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.fixture
def locked_up():
    """A folder that others may read and nobody may write once it is locked; not below pytest's own, which is shut."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "odd ?%23 name"
        folder.mkdir()
        folder.parent.chmod(0o755)
        yield folder
        folder.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other modes")
@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize(("of_folder", "of_file"), [(0o555, 0o444), (0o555, 0o644), (0o777, 0o444), (0o555, 0o666)])
def test_a_file_that_cannot_be_written_is_read(locked_up, of_folder, of_file):
    url = sa.URL.create("sqlite", database=str(locked_up / "test.db")).render_as_string()
    numbers = sa.Table("numbers", sa.MetaData(), sa.Column("value", sa.Integer))
    with closing(Database.open(url)) as database, database.writing() as connection:
        numbers.create(connection)
        connection.execute(sa.insert(numbers).values(value=7))
    (locked_up / "test.db").chmod(of_file)
    locked_up.chmod(of_folder)
    with unprivileged(), closing(Database.open(url)) as database:
        with database.reading() as connection:
            assert connection.execute(sa.select(numbers.c.value)).scalar_one() == 7
        with pytest.raises(StoreProblem, match="read-only here"), database.writing() as connection:
            connection.execute(sa.insert(numbers).values(value=8))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other modes")
@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize("shared", [True, False])
def test_what_only_the_write_ahead_log_has_is_never_read_past(locked_up, tmp_path, shared):
    """Part of the file was not folded in: it is read with its log, or it is not read."""
    url = f"sqlite:///{tmp_path / 'test.db'}"
    numbers = sa.Table("numbers", sa.MetaData(), sa.Column("value", sa.Integer))
    with closing(Database.open(url)) as database:
        with database.writing() as connection:
            numbers.create(connection)
        with database.writing() as connection:
            connection.execute(sa.insert(numbers).values(value=7))
        for name in ("test.db", "test.db-wal", *(["test.db-shm"] if shared else [])):
            shutil.copy(tmp_path / name, locked_up / name)
    locked_up.chmod(0o555)
    url = sa.URL.create("sqlite", database=str(locked_up / "test.db")).render_as_string()
    with unprivileged(), closing(Database.open(url)) as database:
        try:
            with database.reading() as connection:
                assert connection.execute(sa.select(numbers.c.value)).scalar_one() == 7
        except StoreProblem:
            assert not shared
