"""A scan: one view, headers that give what was signed, and bodies that are verified as they are read."""

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.problem import IntegrityProblem
from hardpoint.kernel.record import scan as module
from hardpoint.kernel.record.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from hardpoint.kernel.record.erasure import erase
from hardpoint.kernel.record.log import Record
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.record.scan import scanned
from hardpoint.kernel.record.tables import entries, head, nodes

GUARDS = ("entries_erase_only", "entries_no_delete", "entries_no_replace", "head_grows", "head_no_delete")


@pytest.fixture
def attack(database):
    """Changes the store as somebody would who may write it."""

    def attack(*statements):
        with database.writing() as connection:
            if database.dialect == "sqlite":
                for guard in GUARDS:
                    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS hardpoint_{guard}")
            else:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for statement in statements:
                connection.execute(statement)

    return attack


@pytest.fixture
def filled(record, draft):
    """A record of seven entries, two of them about another subject and one of another kind."""
    for number in range(4):
        record.append(draft(b"%d" % number))
    record.append(draft(b"4", subject="org/b"))
    record.append(draft(b"5", kind="approval"))
    record.append(draft(b"6", subject="org/b"))
    return record


@pytest.fixture
def read(database, memory, signer):
    """What a scan reads of a kind, once it is not refused."""

    def read(kind="note", keys=None, **options):
        with scanned(database, memory) as scan:
            scan.refuse_broken([signer.public] if keys is None else keys, {})
            return [entry.index for entry in scan.entries(kind=kind, **options)]

    return read


@pytest.mark.parametrize("page", [1, 3, 2048])
def test_entries_are_found_by_kind_and_subject_in_order(filled, read, monkeypatch, page):
    for size in ("PAGE", "BODIES", "NAMED"):
        monkeypatch.setattr(module, size, page)
    assert read() == [0, 1, 2, 3, 4, 6]
    assert read(subject="org/b") == [4, 6]
    assert read("approval") == [5]
    assert read("nothing") == []


def test_a_record_without_entries_is_read(record, read):
    assert read() == []


def test_a_scan_reads_what_look_ups_read(database, signer, memory, record, draft, now, read):
    for seconds in (0, 600, 1, 700):
        at = now + timedelta(seconds=seconds)
        Record(database, signer, lambda at=at: at, memory, {signer.public}).append(draft())
    assert read(subject="org/a") == [each.index for each in read_entries(database, kind="note", subject="org/a")]


def test_no_entry_is_older_than_those_before_it(database, signer, memory, record, draft, now):
    for seconds in (0, 600, 1, 700):
        at = now + timedelta(seconds=seconds)
        Record(database, signer, lambda at=at: at, memory, {signer.public}).append(draft())
    expected = [format_instant(now + timedelta(seconds=seconds)) for seconds in (0, 600, 600, 700)]
    with scanned(database, memory) as scan:
        assert scan.earliest() == expected


@pytest.mark.requirement("GAT-14")
def test_what_is_appended_meanwhile_is_not_seen_and_breaks_nothing(database, memory, signer, filled, draft, read):
    with scanned(database, memory) as scan:
        filled.append(draft(b"7"))
        scan.refuse_broken([signer.public], {})
        assert [entry.index for entry in scan.entries(kind="note")] == [0, 1, 2, 3, 4, 6]
    assert read() == [0, 1, 2, 3, 4, 6, 7]


@pytest.mark.requirement("GAT-14")
def test_a_row_that_says_something_else_than_its_header_hides_nothing(filled, read, attack):
    attack(sa.update(entries).where(entries.c.leaf_index == 2).values(kind="x", subject="y", topic="z"))
    assert read() == [0, 1, 2, 3, 4, 6]


def damages():
    third = entries.c.leaf_index == 2
    return {
        "deletion: entry 2": sa.delete(entries).where(third),
        "truncation": sa.delete(entries).where(entries.c.leaf_index == 6),
        "edit: entry 2: its row says": sa.update(entries).where(third).values(header=encoded(index=5)),
        "edit: the entries do not give": sa.update(entries).where(third).values(header=encoded(index=2)),
        "bit rot: entry 2": sa.update(entries).where(third).values(header=b"{}"),
        "its body is not the one": sa.update(entries).where(third).values(payload=b"9"),
        "a part of its body is gone": sa.update(entries).where(third).values(payload=None),
        "no entry orders its erasure": sa.update(entries).where(third).values(payload=None, salt=None, signature=None),
        "not exactly one head": sa.delete(head),
        "the checkpoint cannot be read": sa.update(head).values(checkpoint=b"x"),
        "the head says 3": sa.update(head).values(size=3),
    }


def encoded(index):
    names = dict.fromkeys(("kind", "subject", "topic", "payload_type", "body", "key"), "x")
    return encoding.encode({"v": 1, "index": index, "at": "2026-03-31T14:00:00.000000Z", "unique": None, **names})


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize("damage", damages())
def test_nothing_is_read_from_what_was_changed(filled, read, attack, damage):
    assert read() == [0, 1, 2, 3, 4, 6]
    attack(damages()[damage])
    with pytest.raises(IntegrityProblem, match=damage):
        read()


@pytest.mark.requirement("GAT-14")
def test_a_whole_record_signed_by_somebody_else_or_rolled_back_is_refused(filled, read, memory, attack, database):
    with pytest.raises(IntegrityProblem, match="unknown key"):
        read(keys=[Signer.generate().public])
    with database.reading() as connection:
        note = connection.execute(sa.select(head.c.checkpoint)).scalar_one()
    memory.remember(Checkpoint(parse_checkpoint(note).origin, 8, b"r" * 32))
    with pytest.raises(IntegrityProblem, match="rollback"):
        read()


@pytest.mark.requirement("GAT-14")
def test_another_history_than_the_one_seen_is_a_fork_whatever_the_stored_tree_says(
    filled, read, signer, database, attack
):
    """Whoever has the key signs anew, and leaves the nodes as they were."""
    with database.reading() as connection:
        leaves = [row.header for row in connection.execute(sa.select(entries.c.header).order_by(entries.c.leaf_index))]
        origin = connection.execute(sa.select(head.c.origin)).scalar_one()
    leaves[2] = encoded(index=2)
    from hardpoint.kernel.record.proofs import leaf_hash
    from hardpoint.kernel.record.tree import root_of

    note = sign_checkpoint(Checkpoint(origin, 7, root_of([leaf_hash(each) for each in leaves])), signer)
    attack(
        sa.update(entries).where(entries.c.leaf_index == 2).values(header=leaves[2]),
        sa.update(head).values(checkpoint=note),
    )
    with pytest.raises(IntegrityProblem, match="fork"):
        read()


def test_an_erased_body_is_read_as_what_it_is(filled, database, memory, signer):
    erase(database, filled, 2, "a secret was in it")
    with scanned(database, memory) as scan:
        scan.refuse_broken([signer.public], {})
        assert [entry.payload for entry in scan.entries(kind="note", subject="org/a")] == [b"0", b"1", None, b"3"]


@pytest.mark.requirement("GAT-14")
def test_any_edit_of_a_row_is_refused_or_changes_nothing_that_is_read(filled, database, memory, signer, attack):
    def everything():
        with scanned(database, memory) as scan:
            scan.refuse_broken([signer.public], {})
            return [entry for kind in ("note", "approval") for entry in scan.entries(kind=kind)]

    before = everything()
    chance = random.Random(3)
    columns = [column for column in entries.c if column.name != "leaf_index"]
    for _ in range(60):
        column, index = chance.choice(columns), chance.randrange(7)
        place = entries.c.leaf_index == index
        with database.reading() as connection:
            value = connection.execute(sa.select(column).where(place)).scalar_one()
        if isinstance(value, bytes):
            at = chance.randrange(len(value))
            changed = value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1 :]
        else:
            changed = f"{value}x"
        attack(sa.update(entries).where(place).values({column.name: changed}))
        try:
            assert everything() == before
            assert column.name in {"kind", "subject", "topic", "unique_key"}
        except IntegrityProblem:
            pass
        attack(sa.update(entries).where(place).values({column.name: value}))
    assert everything() == before


def test_the_stored_nodes_are_not_needed(filled, read, database):
    with database.writing() as connection:
        if database.dialect == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER hardpoint_nodes_no_delete")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(sa.delete(nodes))
    assert read() == [0, 1, 2, 3, 4, 6]


def test_what_was_recorded_after_an_instant_is_not_read(database, signer, memory, record, draft, now, read):
    for seconds in range(3):
        at = now + timedelta(seconds=seconds)
        Record(database, signer, lambda at=at: at, memory, {signer.public}).append(draft())
    assert read(subject="org/a", until=now + timedelta(seconds=1)) == [0, 1]


def test_an_entry_whose_clock_ran_ahead_is_not_hidden_once_others_follow(
    database, signer, memory, record, draft, now, read
):
    for seconds in (0, 600, 1, 700):
        at = now + timedelta(seconds=seconds)
        Record(database, signer, lambda at=at: at, memory, {signer.public}).append(draft())
    assert read(subject="org/a", until=now + timedelta(seconds=2)) == [0, 1, 2]
    assert read(subject="org/a", until=now - timedelta(seconds=1)) == []
