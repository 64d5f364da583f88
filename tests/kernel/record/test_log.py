"""Appending: what is acknowledged, what is refused, and what is never signed beyond."""

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.problem import IntegrityProblem, StoreProblem
from hardpoint.kernel.record import log
from hardpoint.kernel.record.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from hardpoint.kernel.record.envelope import body_hash, pre_authentication_encoding
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.proofs import EMPTY_ROOT, leaf_hash, verify_inclusion
from hardpoint.kernel.record.tables import entries, head, nodes
from hardpoint.kernel.record.tree import inclusion_proof


def rows(database, table):
    with database.reading() as connection:
        return connection.execute(sa.select(table)).all()


def attack(database, *statements):
    """Write as somebody who has the file and no respect for its triggers."""
    with database.writing() as connection:
        guards = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        for guard in guards:
            connection.exec_driver_sql(f"DROP TRIGGER {guard}")
        for statement in statements:
            connection.execute(sa.text(statement) if isinstance(statement, str) else statement)


def test_an_append_is_acknowledged_with_its_index_and_instant(record, draft):
    receipts = [record.append(draft()) for _ in range(3)]
    assert [(receipt.index, receipt.at, receipt.added) for receipt in receipts] == [
        (index, "2026-03-31T14:00:00.000000Z", True) for index in range(3)
    ]


def test_a_header_commits_to_everything_but_the_payload_itself(record, database, draft, signer):
    record.append(draft(b"payload", unique="once"))
    (row,) = rows(database, entries)
    header = encoding.decode(row.header, dict[str, Any], what="header")
    assert header == {
        **{column: getattr(row, column) for column in header if column in row._fields},
        "v": 1,
        "index": 0,
        "at": "2026-03-31T14:00:00.000000Z",
        "kind": "note",
        "subject": "org/a",
        "payload_type": "application/json",
        "body": body_hash(row.salt, row.signature, b"payload"),
        "key": signer.public.id,
        "unique": "once",
    }
    assert signer.public.verifies(row.signature, pre_authentication_encoding("application/json", b"payload"))


def test_equal_payloads_have_different_commitments(record, database, draft):
    record.append(draft(b"yes"))
    record.append(draft(b"yes"))
    first, second = rows(database, entries)
    assert first.salt != second.salt
    assert first.header != second.header


@pytest.mark.requirement("GAT-14")
def test_an_entry_is_provably_under_the_signed_checkpoint(record, database, draft):
    for number in range(7):
        record.append(draft(b"%d" % number))
    stored = {(row.level, row.position): row.hash for row in rows(database, nodes)}
    checkpoint = parse_checkpoint(rows(database, head)[0].checkpoint)
    for row in rows(database, entries):
        proof = inclusion_proof(row.leaf_index, checkpoint.size, stored.__getitem__)
        assert verify_inclusion(row.leaf_index, 7, leaf_hash(row.header), proof, checkpoint.root)


def test_a_unique_entry_is_appended_once_and_answered_with_the_first(record, draft):
    first = record.append(draft(b"first", unique="approval:7"))
    record.append(draft())
    second = record.append(draft(b"second", unique="approval:7"))
    assert (first.added, second.added) == (True, False)
    assert (second.index, second.at) == (first.index, first.at)


def test_entries_without_a_unique_key_never_collide(record, draft):
    assert [record.append(draft()).index for _ in range(3)] == [0, 1, 2]


def test_an_empty_payload_and_any_text_are_kept_as_they_are(record, database, draft):
    record.append(draft(b"", kind="", subject="\N{SNOWMAN} \t 'quoted'"))
    (row,) = rows(database, entries)
    assert (row.payload, row.kind, row.subject) == (b"", "", "\N{SNOWMAN} \t 'quoted'")


def test_a_payload_beyond_the_limit_is_refused(record, draft, monkeypatch):
    monkeypatch.setattr(log, "MAX_PAYLOAD_BYTES", 10)
    with pytest.raises(StoreProblem, match="11 bytes"):
        record.append(draft(b"x" * 11))
    assert record.append(draft(b"x" * 10)).index == 0


@pytest.mark.parametrize("field", ["kind", "subject", "unique"])
def test_a_name_that_is_no_text_is_refused(record, draft, field):
    with pytest.raises(StoreProblem, match="cannot be recorded"):
        record.append(draft(**{field: "\udc80"}))
    assert record.append(draft()).index == 0


def test_beginning_again_changes_nothing(record, database, signer):
    before = rows(database, head)
    begin_record(database, signer)
    assert rows(database, head) == before


def test_the_first_checkpoint_promises_nothing(record, database):
    (row,) = rows(database, head)
    assert parse_checkpoint(row.checkpoint) == Checkpoint(row.origin, 0, EMPTY_ROOT)


def test_two_records_have_different_origins(record, database, draft, signer):
    (first,) = rows(database, head)
    attack(database, "DELETE FROM hardpoint_head")
    begin_record(database, signer)
    assert rows(database, head)[0].origin != first.origin


def test_entries_without_a_checkpoint_are_not_begun_anew(record, database, draft, signer):
    record.append(draft())
    attack(database, "DELETE FROM hardpoint_head")
    with pytest.raises(IntegrityProblem, match="its checkpoint is gone"):
        begin_record(database, signer)


# What a writer must never sign beyond.


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE hardpoint_nodes SET hash = zeroblob(32) WHERE level = 1 AND position = 0",
        "UPDATE hardpoint_nodes SET hash = 'text' WHERE level = 1 AND position = 0",
        "DELETE FROM hardpoint_nodes WHERE level = 0 AND position = 2",
    ],
)
def test_a_tree_that_does_not_give_the_signed_root_is_not_extended(record, database, draft, edit):
    for _ in range(3):
        record.append(draft())
    attack(database, edit)
    with pytest.raises(IntegrityProblem, match="does not give the root"):
        record.append(draft())
    assert len(rows(database, entries)) == 3


@pytest.mark.parametrize("value", ["x''", "'text'", "7", "x'ff'"])
def test_a_checkpoint_that_is_none_is_not_extended(record, database, draft, value):
    attack(database, f"UPDATE hardpoint_head SET checkpoint = {value}")
    with pytest.raises(IntegrityProblem, match="not signed by a key"):
        record.append(draft())


def test_a_record_without_a_head_is_not_extended(record, database, draft):
    attack(database, "DELETE FROM hardpoint_head")
    with pytest.raises(IntegrityProblem, match="not signed by a key"):
        record.append(draft())


def test_a_strangers_checkpoint_is_not_extended(record, database, draft):
    (row,) = rows(database, head)
    forged = sign_checkpoint(parse_checkpoint(row.checkpoint), Signer.generate())
    attack(database, sa.update(head).values(checkpoint=forged))
    with pytest.raises(IntegrityProblem, match="not signed by a key that is trusted"):
        record.append(draft())


def test_a_trusted_colleagues_checkpoint_is_extended(record, database, draft, memory, now, signer):
    colleague = Signer.generate()
    record.append(draft())
    both = {signer.public, colleague.public}
    receipt = Record(database, colleague, lambda: now, memory, both).append(draft())
    assert receipt.index == 1
    assert Record(database, signer, lambda: now, memory, both).append(draft()).index == 2


def test_a_record_rolled_back_is_not_extended(record, database, draft):
    for number in range(3):
        (old,) = rows(database, head)
        record.append(draft(b"%d" % number))
    attack(
        database,
        sa.update(head).values(size=2, checkpoint=old.checkpoint),
        "DELETE FROM hardpoint_entries WHERE leaf_index = 2",
        "DELETE FROM hardpoint_nodes WHERE position = 2 AND level = 0",
    )
    with pytest.raises(IntegrityProblem, match="rolled back"):
        record.append(draft())


def test_another_history_is_not_extended(record, database, draft, memory, now, signer, tmp_path):
    for _ in range(2):
        record.append(draft())
    attack(
        database,
        "DELETE FROM hardpoint_entries",
        "DELETE FROM hardpoint_nodes",
        sa.update(head).values(
            size=0,
            checkpoint=sign_checkpoint(Checkpoint(rows(database, head)[0].origin, 0, EMPTY_ROOT), signer),
        ),
    )
    forgetful = Record(database, signer, lambda: now, log.Memory(tmp_path / "elsewhere"), {signer.public})
    for _ in range(3):
        forgetful.append(draft(b"another"))
    with pytest.raises(IntegrityProblem, match="not those that were signed before"):
        record.append(draft())


# Threads.


class Sharing:
    """Appends one draft, and while its batch is under way queues others, which then share the next one."""

    def __init__(self, database, signer, memory, now, *, breaks_at=0):
        self.now, self.breaks_at, self.readings = now, breaks_at, 0
        self.record = Record(database, signer, self.clock, memory, {signer.public})
        self.threads, self.results = [], []

    def append(self, first, others):
        self.threads = [threading.Thread(target=self.run, args=(draft,)) for draft in others]
        self.run(first)
        for thread in self.threads:
            thread.join()
        return self.results

    def run(self, draft):
        try:
            self.results.append(self.record.append(draft))
        except (RuntimeError, StoreProblem) as error:
            self.results.append(error)

    def clock(self):
        self.readings += 1
        if self.readings == 1:
            for thread in self.threads:
                thread.start()
            while len(self.record._group._waiting) < len(self.threads):
                pass
        if self.readings == self.breaks_at:
            raise RuntimeError("no time")
        return self.now


def test_callers_at_once_share_a_batch(record, database, signer, memory, draft, now):
    sharing = Sharing(database, signer, memory, now)
    receipts = sharing.append(draft(), [draft(b"%d" % number) for number in range(7)])
    assert sorted(receipt.index for receipt in receipts) == list(range(8))


def test_of_equal_unique_keys_in_one_batch_one_is_added(record, database, signer, memory, draft, now):
    receipts = Sharing(database, signer, memory, now).append(draft(), [draft(unique="once")] * 7)
    assert sorted((receipt.index, receipt.added) for receipt in receipts) == [
        (0, True),
        *[(1, False)] * 6,
        (1, True),
    ]


def test_of_a_batch_that_failed_nothing_is_acknowledged(record, database, signer, memory, draft, now):
    sharing = Sharing(database, signer, memory, now, breaks_at=3)
    results = sharing.append(draft(), [draft()] * 3)
    assert sorted(type(result).__name__ for result in results) == [
        "Receipt",
        "RuntimeError",
        "StoreProblem",
        "StoreProblem",
    ]
    assert len(rows(database, entries)) == 1
    assert sharing.record.append(draft()).index == 1


# What lies on the disk.


def test_a_payload_lies_in_the_file_as_it_was_given(record, database, draft, tmp_path):
    payload = b'{"plain": "as given", "number": 7}'
    record.append(draft(payload))
    database.close()
    assert payload in (tmp_path / "store.db").read_bytes()


def test_what_another_signer_said_already_is_recorded_with_ones_own_key_too(database, memory, record, draft, now):
    other = Signer.generate()
    theirs = Record(database, other, lambda: now, memory, {other.public, record._signer.public})
    assert record.append_if_new(draft()).added
    assert theirs.append_if_new(draft()).added
    assert not theirs.append_if_new(draft()).added


@pytest.mark.parametrize("subject", ["org/\0", "org/\udcff"])
def test_a_name_that_a_database_cannot_take_fails_nobody_else(record, draft, subject):
    with pytest.raises(StoreProblem, match="cannot be recorded"):
        record.append(draft(subject=subject))
