"""A unit of work is committed whole or not at all, and a reader has a consistent view."""

import threading

import pytest
import sqlalchemy as sa

from hardpoint.kernel.database import insert_rows
from hardpoint.kernel.problem import IntegrityProblem, StoreProblem

METADATA = sa.MetaData()
NUMBERS = sa.Table("numbers", METADATA, sa.Column("n", sa.BigInteger, primary_key=True, autoincrement=False))


@pytest.fixture
def database(database):
    with database.writing() as connection:
        METADATA.create_all(connection)
    return database


def insert(connection, *numbers):
    connection.execute(sa.insert(NUMBERS), [{"n": number} for number in numbers])


ROWS = sa.Table(
    "rows",
    METADATA,
    sa.Column("order", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("big", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.LargeBinary),
    sa.Column("text", sa.Text, unique=True),
)


def row(order, *, big=0, bytes_=b"", text=""):
    return {"text": text, "order": order, "big": big, "bytes": bytes_}


def numbers(database):
    with database.reading() as connection:
        return connection.execute(sa.select(NUMBERS.c.n).order_by(NUMBERS.c.n)).scalars().all()


def test_what_was_left_is_committed(database):
    with database.writing() as connection:
        insert(connection, 1, 2)
    assert numbers(database) == [1, 2]


def fail_after(database, work):
    with database.writing() as connection:
        work(connection)
        raise RuntimeError


def test_a_failure_leaves_nothing(database):
    with pytest.raises(RuntimeError):
        fail_after(database, lambda connection: insert(connection, 1))
    assert numbers(database) == []


def twice(connection):
    insert(connection, 1)
    insert(connection, 1)


def test_a_refused_statement_leaves_nothing_of_those_before(database):
    with pytest.raises(StoreProblem, match=r"(?i)unique"):
        fail_after(database, twice)
    assert numbers(database) == []


def test_rows_are_inserted_as_they_are_whatever_they_hold(database):
    given = [
        row(-1, big=2**63 - 1, bytes_=bytes(range(256)), text="a\tb\nc\\d\\N\"'{,}é\U0001f512"),
        row(0, big=-(2**63), bytes_=b"\\N", text="\\N"),
        row(1),
        row(2, bytes_=None, text=None),
    ]
    with database.writing() as connection:
        insert_rows(connection, ROWS, given)
    with database.reading() as connection:
        stored = connection.execute(sa.select(ROWS).order_by(ROWS.c.order)).mappings().all()
    assert [dict(each) for each in stored] == given


@pytest.mark.parametrize("refused", [row(1, text="other"), row(3, text="same"), row(3, big=None)])
def test_rows_that_are_refused_leave_nothing_and_the_next_ones_are_taken(database, refused):
    def work(connection):
        insert(connection, 7)
        insert_rows(connection, ROWS, [row(1, text="same"), refused])

    with pytest.raises(StoreProblem, match="database refused"):
        fail_after(database, work)
    assert numbers(database) == []
    with database.writing() as connection:
        insert_rows(connection, ROWS, [row(1, text="same")])
        insert(connection, 7)
    assert numbers(database) == [7]


def test_a_problem_of_ones_own_is_not_renamed(database):
    with pytest.raises(IntegrityProblem, match="mine"), database.writing():
        raise IntegrityProblem("mine")


def test_tables_are_made_in_the_transaction_too(database):
    with pytest.raises(RuntimeError):
        fail_after(database, lambda connection: connection.execute(sa.text("CREATE TABLE other (n INTEGER)")))
    with database.reading() as connection:
        assert not sa.inspect(connection).has_table("other")


def test_a_reader_sees_nothing_that_is_committed_meanwhile(database):
    with database.reading() as connection:
        count = sa.select(sa.func.count()).select_from(NUMBERS)
        before = connection.execute(count).scalar_one()
        with database.writing() as other:
            insert(other, 1)
        assert connection.execute(count).scalar_one() == before == 0
    assert numbers(database) == [1]


def test_what_a_reader_writes_is_not_kept(database):
    try:
        with database.reading() as connection:
            insert(connection, 1)
    except StoreProblem:
        pass
    assert numbers(database) == []


def test_units_of_work_of_several_threads_are_each_whole(database):
    def write(start):
        for first in range(start, start + 50, 5):
            with database.writing() as connection:
                insert(connection, *range(first, first + 5))

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 50, 100, 150)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(database) == list(range(200))


def test_a_connection_is_used_again_after_a_failure(database):
    for number in range(30):
        with pytest.raises(RuntimeError):
            fail_after(database, lambda connection: insert(connection, -1))
        with database.writing() as connection:
            insert(connection, number)
    assert len(numbers(database)) == 30
