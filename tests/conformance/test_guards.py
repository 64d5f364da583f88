"""The database itself refuses to change what was recorded, in SQL and whoever asks."""

import pytest
import sqlalchemy as sa

from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.problem import StoreProblem
from hardpoint.kernel.record.checkpoint import parse_checkpoint
from hardpoint.kernel.record.cosignature import cosign, join_cosignatures
from hardpoint.kernel.record.reading import newest_checkpoint
from hardpoint.kernel.record.tables import entries, head, nodes, witnessed
from hardpoint.kernel.record.verification import verify_record
from hardpoint.kernel.record.witnessed import add_witnessed

REST = ", ".join(column.name for column in entries.columns if column.name != "leaf_index")

REFUSED = [
    "UPDATE hardpoint_entries SET payload = salt",
    "UPDATE hardpoint_entries SET payload = NULL",
    "UPDATE hardpoint_entries SET header = salt WHERE leaf_index = 1",
    "UPDATE hardpoint_entries SET kind = 'approval'",
    "UPDATE hardpoint_entries SET kind = kind",
    "UPDATE hardpoint_entries SET leaf_index = leaf_index + 10",
    "UPDATE hardpoint_entries SET unique_key = NULL",
    "UPDATE hardpoint_entries SET unique_key = 'other' WHERE leaf_index = 0",
    "UPDATE hardpoint_entries SET header = NULL",
    "DELETE FROM hardpoint_entries",
    "DELETE FROM hardpoint_entries WHERE leaf_index = 2",
    "UPDATE hardpoint_nodes SET hash = hash",
    "UPDATE hardpoint_nodes SET position = position + 10",
    "DELETE FROM hardpoint_nodes WHERE level = 1",
    "UPDATE hardpoint_head SET size = size - 1",
    "UPDATE hardpoint_head SET origin = 'hardpoint/another'",
    "UPDATE hardpoint_head SET id = 2",
    "DELETE FROM hardpoint_head",
    "INSERT INTO hardpoint_entries SELECT * FROM hardpoint_entries",
    "INSERT INTO hardpoint_nodes SELECT * FROM hardpoint_nodes",
    "INSERT INTO hardpoint_head SELECT * FROM hardpoint_head",
    "INSERT INTO hardpoint_head SELECT 2, origin, size, checkpoint FROM hardpoint_head",
    "UPDATE hardpoint_witnessed SET note = note",
    "UPDATE hardpoint_witnessed SET size = size + 1",
    "DELETE FROM hardpoint_witnessed",
    "INSERT INTO hardpoint_witnessed SELECT * FROM hardpoint_witnessed",
]
REFUSED_BY = {
    "sqlite": [
        "INSERT OR REPLACE INTO hardpoint_entries SELECT * FROM hardpoint_entries",
        f"INSERT OR REPLACE INTO hardpoint_entries SELECT 9, {REST} FROM hardpoint_entries WHERE leaf_index = 0",
        "REPLACE INTO hardpoint_nodes SELECT level, position, zeroblob(32) FROM hardpoint_nodes",
        "REPLACE INTO hardpoint_head SELECT id, origin, 0, checkpoint FROM hardpoint_head",
        "REPLACE INTO hardpoint_witnessed SELECT size, witness, zeroblob(9) FROM hardpoint_witnessed",
        "UPDATE OR REPLACE hardpoint_entries SET leaf_index = 1 WHERE leaf_index = 0",
        """INSERT INTO hardpoint_nodes SELECT level, position, zeroblob(32) FROM hardpoint_nodes WHERE true
        ON CONFLICT DO UPDATE SET hash = excluded.hash""",
    ],
    "postgresql": [
        "TRUNCATE hardpoint_entries",
        "TRUNCATE hardpoint_nodes",
        "TRUNCATE hardpoint_head",
        "TRUNCATE hardpoint_witnessed",
        "TRUNCATE hardpoint_entries, hardpoint_nodes, hardpoint_head CASCADE",
        """INSERT INTO hardpoint_nodes SELECT * FROM hardpoint_nodes
        ON CONFLICT (level, position) DO UPDATE SET hash = excluded.hash""",
        """INSERT INTO hardpoint_entries SELECT * FROM hardpoint_entries
        ON CONFLICT (leaf_index) DO UPDATE SET header = hardpoint_entries.salt""",
    ],
}
ERASE = "UPDATE hardpoint_entries SET payload = NULL, salt = NULL, signature = NULL WHERE leaf_index = {}"


@pytest.fixture
def record(record, draft):
    for number in range(3):
        record.append(draft(b"%d" % number, unique=f"note:{number}"))
    return record


def run(database, statement):
    with database.writing() as connection:
        connection.execute(sa.text(statement))


def everything(database):
    tables = (entries, nodes, head, witnessed)
    with database.reading() as connection:
        return [connection.execute(sa.select(each).order_by(*each.primary_key)).all() for each in tables]


def refused(database, statement):
    try:
        run(database, statement)
    except StoreProblem:
        return True
    return False


def test_what_was_recorded_cannot_be_changed(record, database, signer, memory):
    observer = Signer.generate()
    note = newest_checkpoint(database)
    line = cosign(parse_checkpoint(note), "observer", observer, 0)
    witnesses = {"observer": observer.public}
    add_witnessed(database, join_cosignatures(note, [line]), [signer.public], witnesses)
    before = everything(database)
    statements = REFUSED + REFUSED_BY[database.dialect]
    assert [statement for statement in statements if not refused(database, statement)] == []
    assert everything(database) == before
    assert verify_record(database, [signer.public], memory, witnesses=witnesses).whole


def test_a_refusal_says_why(record, database):
    with pytest.raises(StoreProblem, match="the record is append-only"):
        run(database, "DELETE FROM hardpoint_entries")


def test_a_body_cannot_be_erased_without_an_order(record, database):
    with pytest.raises(StoreProblem, match="append-only"):
        run(database, ERASE.format(1))


def test_a_body_can_be_erased_once_that_is_ordered(record, database, draft):
    record.append(draft(kind="erasure", unique="erasure:1"))
    run(database, ERASE.format(1))
    with database.reading() as connection:
        row = connection.execute(sa.select(entries).where(entries.c.leaf_index == 1)).one()
    assert (row.payload, row.salt, row.signature) == (None, None, None)
    assert (row.kind, row.subject, row.unique_key) == ("note", "org/a", "note:1")


def test_an_order_has_the_kind_of_one_and_comes_after(record, database, draft):
    record.append(draft(unique="erasure:1"))
    record.append(draft(kind="erasure", unique="erasure:5"))
    record.append(draft())
    record.append(draft(kind="erasure", unique="erasure:4"))
    for index in (1, 5, 4):
        assert refused(database, ERASE.format(index)), index


def archived_rows(*rows):
    return f"INSERT INTO hardpoint_archived VALUES {', '.join(map(str, rows))}"


def test_a_body_can_be_archived_once_that_is_ordered(record, database, draft):
    record.append(draft(kind="archival"))
    assert refused(database, ERASE.format(1))
    run(database, archived_rows((1, 2, 3)))
    for index, goes in ((0, False), (1, True), (2, True), (3, False)):
        assert refused(database, ERASE.format(index)) is not goes, index


def test_ranges_of_archived_bodies_need_their_order_and_never_overlap(record, database, draft):
    record.append(draft(b"archival"))
    record.append(draft(kind="archival"))
    run(database, archived_rows((1, 1, 4)))
    statements = [
        *map(archived_rows, [(0, 1, 4), (1, 1, 4), (1, 2, 4), (0, 3, 4), (2, 2, 3), (2, 4, 4), (2, 0, 4), (2, 2, 9)]),
        "UPDATE hardpoint_archived SET last_index = 2",
        "DELETE FROM hardpoint_archived",
        *{
            "sqlite": ["REPLACE INTO hardpoint_archived VALUES (1, 2, 4)"],
            "postgresql": [
                "TRUNCATE hardpoint_archived",
                """INSERT INTO hardpoint_archived VALUES (1, 2, 4)
                ON CONFLICT (first_index) DO UPDATE SET last_index = 2""",
            ],
        }[database.dialect],
    ]
    assert [statement for statement in statements if not refused(database, statement)] == []
    run(database, archived_rows((2, 2, 4), (0, 0, 4)))


def test_an_order_is_for_one_body_and_for_nothing_else(record, database, draft):
    record.append(draft(kind="erasure", unique="erasure:1"))
    for statement in (
        ERASE.format(0),
        ERASE.format(2),
        "UPDATE hardpoint_entries SET payload = NULL WHERE leaf_index = 1",
        "UPDATE hardpoint_entries SET payload = salt WHERE leaf_index = 1",
        ERASE.format(1).replace("payload = NULL", "payload = NULL, kind = 'other'"),
        ERASE.format(1).replace("payload = NULL", "payload = NULL, unique_key = NULL"),
        ERASE.format(1).replace("payload = NULL", "payload = NULL, header = salt"),
        "DELETE FROM hardpoint_entries WHERE leaf_index = 1",
    ):
        with pytest.raises(StoreProblem, match="append-only"):
            run(database, statement)


def test_an_erased_entry_keeps_every_proof_of_the_others(record, database, draft, signer, memory):
    record.append(draft(kind="erasure", unique="erasure:1"))
    root = verify_record(database, [signer.public], memory).root
    run(database, ERASE.format(1))
    found = verify_record(database, [signer.public], memory)
    assert found.root == root
    assert {damage.index for damage in found.damages} <= {1}
