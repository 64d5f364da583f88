"""Reading entries of a kind about a subject."""

from functools import partial

import pytest
import sqlalchemy as sa

from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.record.reading import read_entries, stored_frontier, stored_nodes, stored_proof
from hardpoint.kernel.record.tables import entries, nodes
from hardpoint.kernel.record.tree import consistency_proof, frontier_ids


def test_entries_come_in_the_order_of_their_appending(record, database, draft):
    for number in range(5):
        record.append(draft(b"%d" % number))
    read = list(read_entries(database, kind="note", subject="org/a"))
    assert [entry.index for entry in read] == [0, 1, 2, 3, 4]
    assert [entry.payload for entry in read] == [b"0", b"1", b"2", b"3", b"4"]


def test_other_kinds_and_other_subjects_are_not_read(record, database, draft):
    record.append(draft(kind="approval"))
    record.append(draft(subject="org/b"))
    record.append(draft())
    (entry,) = read_entries(database, kind="note", subject="org/a")
    assert (entry.index, entry.header.kind, entry.header.subject) == (2, "note", "org/a")


def test_a_header_that_cannot_be_read_is_a_problem_and_no_entry(record, database, draft):
    record.append(draft())
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER hardpoint_entries_erase_only")
        connection.execute(sa.update(entries).values(header=b"{}"))
    with pytest.raises(UnreadableProblem, match="entry 0"):
        list(read_entries(database, kind="note", subject="org/a"))


def test_entries_of_a_kind_are_read_whomever_they_are_about(database, record, draft):
    for subject in ("org/a", "org/b"):
        record.append(draft(subject=subject))
    record.append(draft(kind="other"))
    assert [entry.index for entry in read_entries(database, kind="note")] == [0, 1]


def test_a_node_that_is_gone_or_is_no_hash_is_read_as_empty(record, database, draft):
    for _ in range(5):
        record.append(draft())
    with database.writing() as connection:
        for guard in ("no_update", "no_delete"):
            connection.exec_driver_sql(f"DROP TRIGGER hardpoint_nodes_{guard}")
        connection.execute(sa.delete(nodes).where(nodes.c.level == 2))
        connection.exec_driver_sql("UPDATE hardpoint_nodes SET hash = 'text' WHERE level = 1 AND position = 1")
    with database.reading() as connection:
        found = stored_nodes(connection, [(0, 4), (2, 0), (1, 1), (0, 9)])
        assert {node: len(value) for node, value in found.items()} == {(0, 4): 32, (2, 0): 0, (1, 1): 0, (0, 9): 0}
        assert list(found) == [(0, 4), (2, 0), (1, 1), (0, 9)]
        assert stored_nodes(connection, []) == {}


def test_frontiers_and_proofs_are_those_of_the_nodes_one_by_one(record, database, draft):
    for _ in range(13):
        record.append(draft())
    with database.reading() as connection:
        stored = {(level, at): value for level, at, value in connection.execute(sa.select(nodes))}
        for size in range(14):
            assert stored_frontier(connection, size).roots == [stored[node] for node in frontier_ids(size)]
            prove = partial(consistency_proof, size, 13)
            assert stored_proof(connection, prove) == prove(stored.__getitem__)
