"""Every damage has its class and its place, and a clean record has none."""

import shutil
from base64 import b64decode, b64encode

import pytest
import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.problem import IntegrityProblem, StoreProblem
from hardpoint.kernel.record import promises, verification
from hardpoint.kernel.record.bundle import export_bundle
from hardpoint.kernel.record.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from hardpoint.kernel.record.log import Record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Damage
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.record.tables import entries, head, nodes
from hardpoint.kernel.record.tree import root_of
from hardpoint.kernel.record.verification import WHOLE, verify_record

SIZE = 5


class Target:
    """A record of a few entries, as its owner verifies it and as an attacker with the file edits it."""

    def __init__(self, database: Database, signer: Signer, memory: Memory, record: Record) -> None:
        self.database, self.signer, self.memory, self.record = database, signer, memory, record

    def verify(self, **options):
        return verify_record(self.database, [self.signer.public], self.memory, **options)

    def damages(self, **options):
        return {(found.damage, found.index) for found in self.verify(**options).damages}

    def attack(self, *statements):
        with self.database.writing() as connection:
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for guard in connection.exec_driver_sql(triggers).scalars().all():
                connection.exec_driver_sql(f"DROP TRIGGER {guard}")
            for statement in statements:
                connection.execute(sa.text(statement) if isinstance(statement, str) else statement)

    def head(self):
        with self.database.reading() as connection:
            return connection.execute(sa.select(head)).one()

    def stored(self, index):
        with self.database.reading() as connection:
            return connection.execute(sa.select(entries).where(entries.c.leaf_index == index)).one()


@pytest.fixture
def target(database, signer, memory, record, draft):
    for number in range(SIZE):
        record.append(draft(b'{"n": %d}' % number, unique=f"note:{number}"))
    return Target(database, signer, memory, record)


# No false alarm.


def test_a_clean_record_is_whole(target):
    found = target.verify()
    assert found.whole
    assert (found.size, found.origin, found.signatures) == (SIZE, target.head().origin, True)
    assert found.root == parse_checkpoint(target.head().checkpoint).root.hex()


def test_an_empty_record_is_whole(database, signer, memory, record):
    found = verify_record(database, [signer.public], memory)
    assert (found.whole, found.size) == (True, 0)


def test_a_record_never_seen_before_is_whole(target, tmp_path):
    assert verify_record(target.database, [target.signer.public], Memory(tmp_path / "none")).whole


@pytest.mark.parametrize("page", [1, 2, 3, 5, 6])
def test_a_record_of_several_pages_is_whole(target, monkeypatch, page):
    monkeypatch.setattr(verification, "PAGE", page)
    assert target.verify().whole


def test_a_record_of_several_signers_is_whole(target, draft, now):
    colleague = Signer.generate()
    keys = [target.signer.public, colleague.public]
    Record(target.database, colleague, lambda: now, target.memory, keys).append(draft())
    assert verify_record(target.database, keys, target.memory).whole


class AppendingMemory(Memory):
    """Another process appends at the worst moment: while this one recalls what it has seen."""

    def beside(self, record, draft):
        self.record, self.draft = record, draft
        return self

    def recall(self, origin):
        if hasattr(self, "record"):
            record, draft = self.record, self.draft
            del self.record
            record.append(draft)
        return super().recall(origin)


def test_a_record_that_others_append_to_meanwhile_is_whole(target, draft, tmp_path):
    memory = AppendingMemory(tmp_path / "memory").beside(target.record, draft())
    found = verify_record(target.database, [target.signer.public], memory)
    assert (found.damages, found.size) == ([], SIZE + 1)


# Deletion, truncation, rollback, fork, unsigned tail.


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize("index", range(SIZE - 1))
def test_a_deleted_entry_is_named_with_its_index(target, index):
    target.attack(f"DELETE FROM hardpoint_entries WHERE leaf_index = {index}")
    assert (Damage.DELETION, index) in target.damages()


def test_what_comes_before_a_gap_is_verified_too(target):
    target.attack(
        "DELETE FROM hardpoint_entries WHERE leaf_index = 3",
        "UPDATE hardpoint_nodes SET hash = zeroblob(32) WHERE level = 0 AND position = 1",
    )
    assert {(Damage.DELETION, 3), (Damage.EDIT, 1)} <= target.damages()


@pytest.mark.parametrize("left", range(SIZE))
def test_a_tail_that_was_cut_is_a_truncation(target, left):
    target.attack(
        f"DELETE FROM hardpoint_entries WHERE leaf_index >= {left}",
        f"DELETE FROM hardpoint_nodes WHERE (position + 1 << level) > {left}",
    )
    assert target.damages() == {(Damage.TRUNCATION, left)}


def test_an_old_copy_is_a_rollback(target, draft, tmp_path):
    target.database.close()
    shutil.copy(tmp_path / "store.db", tmp_path / "old.db")
    target.record.append(draft())
    old = Database.open(f"sqlite:///{tmp_path / 'old.db'}")
    found = verify_record(old, [target.signer.public], target.memory)
    assert {(damage.damage, damage.index) for damage in found.damages} == {(Damage.ROLLBACK, SIZE)}
    old.close()


def test_two_histories_from_one_beginning_are_a_fork(target, draft, tmp_path, now):
    target.database.close()
    shutil.copy(tmp_path / "store.db", tmp_path / "fork.db")
    target.record.append(draft(b"one history"))
    fork = Database.open(f"sqlite:///{tmp_path / 'fork.db'}")
    key = target.signer.public
    other = Record(fork, target.signer, lambda: now, Memory(tmp_path / "other"), {key})
    for extra in range(2):
        other.append(draft(b"another history"))
        found = verify_record(fork, [key], target.memory)
        assert {damage.damage for damage in found.damages} == {Damage.FORK}, f"{extra + 1} entries beyond"
    fork.close()


def test_entries_beyond_the_checkpoint_are_an_unsigned_tail(target, draft):
    before = target.head()
    target.record.append(draft())
    target.attack(sa.update(head).values(size=before.size, checkpoint=before.checkpoint))
    assert (Damage.UNSIGNED_TAIL, SIZE) in target.damages()


def test_an_unsigned_tail_shows_without_a_memory(target, draft, tmp_path):
    before = target.head()
    target.record.append(draft())
    target.attack(sa.update(head).values(size=before.size, checkpoint=before.checkpoint))
    found = verify_record(target.database, [target.signer.public], Memory(tmp_path / "none"))
    assert {(damage.damage, damage.index) for damage in found.damages} == {(Damage.UNSIGNED_TAIL, SIZE)}


# Keys.


def test_a_record_signed_by_a_stranger_has_an_unknown_key(target):
    found = verify_record(target.database, [Signer.generate().public], target.memory)
    places = {(damage.damage, damage.index) for damage in found.damages}
    assert places == {(Damage.UNKNOWN_KEY, index) for index in range(WHOLE, SIZE)}


def test_without_entry_signatures_a_strangers_checkpoint_still_shows(target):
    found = verify_record(target.database, [Signer.generate().public], target.memory, signatures=False)
    assert {(damage.damage, damage.index) for damage in found.damages} == {(Damage.UNKNOWN_KEY, WHOLE)}


def test_a_checkpoint_signed_anew_by_a_stranger_is_an_unknown_key(target):
    forged = sign_checkpoint(parse_checkpoint(target.head().checkpoint), Signer.generate())
    target.attack(sa.update(head).values(checkpoint=forged))
    assert target.damages() == {(Damage.UNKNOWN_KEY, WHOLE)}


def test_a_strangers_signature_under_a_trusted_name_is_an_edit(target):
    note = target.head().checkpoint
    body, _, line = note.partition(b"\n\n")
    name, _, encoded = line.rstrip().rpartition(b" ")
    key_id = b64decode(encoded)[:4]
    forged = b64encode(key_id + Signer.generate().sign(body + b"\n"))
    target.attack(sa.update(head).values(checkpoint=body + b"\n\n" + name + b" " + forged + b"\n"))
    assert target.damages() == {(Damage.EDIT, WHOLE)}


# Edits of entries.


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize("index", range(SIZE))
@pytest.mark.parametrize(
    "edit",
    [
        """payload = '{"n": 9}'""",
        """payload = x'7b7d'""",
        "payload = x''",
        "salt = zeroblob(32)",
        "signature = zeroblob(64)",
        "kind = 'approval'",
        "subject = 'org/b'",
        "unique_key = 'note:99'",
        "unique_key = NULL",
        "kind = CAST(kind AS BLOB)",
        "payload = CAST(payload AS TEXT)",
        "salt = NULL",
        "signature = NULL",
        "payload = NULL",
    ],
)
def test_an_edited_entry_is_named_with_its_index(target, index, edit):
    target.attack(f"UPDATE hardpoint_entries SET {edit} WHERE leaf_index = {index}")
    assert target.damages() == {(Damage.EDIT, index)}


@pytest.mark.parametrize("bytes_moved", [1, 4])
def test_bytes_moved_between_the_parts_of_a_body_are_an_edit(target, bytes_moved):
    """The hash of the body is over its parts in a row, so their lengths must be right too."""
    row = target.stored(2)
    signature, payload = row.signature + row.payload[:bytes_moved], row.payload[bytes_moved:]
    target.attack(sa.update(entries).where(entries.c.leaf_index == 2).values(signature=signature, payload=payload))
    assert target.damages(signatures=False) == {(Damage.EDIT, 2)}


def test_an_edited_header_is_an_edit_of_its_leaf_and_of_the_root(target):
    header = target.stored(2).header.replace(b"14:00", b"13:00")
    target.attack(sa.update(entries).where(entries.c.leaf_index == 2).values(header=header))
    assert {(Damage.EDIT, 2), (Damage.EDIT, WHOLE)} <= target.damages()


@pytest.mark.parametrize("header", ["x''", "x'7b7d'", "x'ff'", "CAST(header AS TEXT)", "7"])
def test_a_header_that_cannot_be_read_is_bit_rot(target, header):
    target.attack(f"UPDATE hardpoint_entries SET header = {header} WHERE leaf_index = 2")
    assert {(Damage.BIT_ROT, 2), (Damage.EDIT, WHOLE)} <= target.damages()


def test_a_body_that_is_gone_without_an_order_is_a_deletion(target):
    target.attack("UPDATE hardpoint_entries SET salt = NULL, signature = NULL, payload = NULL WHERE leaf_index = 2")
    assert target.damages() == {(Damage.DELETION, 2)}


def test_swapped_entries_are_both_named(target):
    target.attack(
        "UPDATE hardpoint_entries SET leaf_index = 99 WHERE leaf_index = 1",
        "UPDATE hardpoint_entries SET leaf_index = 1 WHERE leaf_index = 2",
        "UPDATE hardpoint_entries SET leaf_index = 2 WHERE leaf_index = 99",
    )
    assert {(Damage.EDIT, 1), (Damage.EDIT, 2)} <= target.damages()


def test_swapped_bodies_are_both_named(target):
    one, two = target.stored(1), target.stored(2)
    for index, row in ((1, two), (2, one)):
        body = {"salt": row.salt, "signature": row.signature, "payload": row.payload}
        target.attack(sa.update(entries).where(entries.c.leaf_index == index).values(**body))
    assert target.damages() == {(Damage.EDIT, 1), (Damage.EDIT, 2)}


@pytest.mark.parametrize("page", [1, 3, 2048])
def test_a_doubled_entry_is_found_wherever_a_page_ends(target, monkeypatch, page):
    monkeypatch.setattr(verification, "PAGE", page)
    target.attack(
        "CREATE TABLE copy AS SELECT * FROM hardpoint_entries",
        "INSERT INTO copy SELECT * FROM hardpoint_entries WHERE leaf_index = 2",
        "DROP TABLE hardpoint_entries",
        "ALTER TABLE copy RENAME TO hardpoint_entries",
    )
    assert not target.verify().whole


@pytest.mark.parametrize("place", [-(1 << 63), -1, SIZE, SIZE + 1, (1 << 63) - 1, "'text'", "x'00'", "0.5"])
def test_an_entry_at_a_place_of_its_own_is_found(target, place):
    rest = ", ".join(column.name for column in entries.columns if column.name not in ("leaf_index", "unique_key"))
    target.attack(
        f"INSERT INTO hardpoint_entries (leaf_index, {rest}) SELECT {place}, {rest} FROM hardpoint_entries "
        "WHERE leaf_index = 2"
    )
    assert not target.verify().whole


def test_an_entry_that_an_index_leaves_out_is_found(target):
    """Look-ups go by the index; verification reads the table."""
    (index,) = entries.indexes
    columns = ", ".join(column.name for column in index.columns)
    target.attack(
        f"CREATE TABLE kept AS SELECT sql FROM sqlite_master WHERE name = '{index.name}'",
        f"DROP INDEX {index.name}",
        f"CREATE INDEX {index.name} ON hardpoint_entries ({columns}) WHERE leaf_index <> 2",
        "PRAGMA writable_schema = ON",
        f"UPDATE sqlite_master SET sql = (SELECT sql FROM kept) WHERE name = '{index.name}'",
    )
    target.database.close()
    read = [entry.index for entry in read_entries(target.database, kind="note", subject="org/a")]
    assert read == [0, 1, 3, 4], "the attack works"
    assert target.damages() == {(Damage.BIT_ROT, WHOLE)}


# Edits of the tree.


@pytest.mark.parametrize(("level", "position", "index"), [(0, 0, 0), (0, 4, 4), (1, 0, 1), (1, 1, 3), (2, 0, 3)])
@pytest.mark.parametrize(
    "edit",
    ["UPDATE hardpoint_nodes SET hash = zeroblob(32)", "UPDATE hardpoint_nodes SET hash = 'text'",
     "DELETE FROM hardpoint_nodes"],
)  # fmt: skip
def test_a_damaged_node_is_named_with_the_last_entry_that_it_covers(target, level, position, index, edit):
    target.attack(f"{edit} WHERE level = {level} AND position = {position}")
    assert target.damages() == {(Damage.EDIT, index)}


@pytest.mark.parametrize(
    "node", ["0, 5", "3, 0", "1, 2", "-1, 0", "0, -1", "99, 99", "'text', 0", "0, 'text'", "0, x'00'", "0.5, 0"]
)
def test_a_node_that_covers_no_entry_is_found(target, node):
    target.attack(f"INSERT INTO hardpoint_nodes VALUES ({node}, zeroblob(32))")
    assert target.damages() == {(Damage.EDIT, WHOLE)}


def test_a_node_moved_elsewhere_is_missed(target):
    target.attack("UPDATE hardpoint_nodes SET position = 77 WHERE level = 1 AND position = 1")
    assert target.damages() == {(Damage.EDIT, 3)}


# Edits of the head.


@pytest.mark.parametrize("size", [0, SIZE - 1, SIZE + 1, -1, "'text'", "5.5", "x'05'"])
def test_a_head_of_another_size_than_its_checkpoint_is_an_edit(target, size):
    target.attack(f"UPDATE hardpoint_head SET size = {size}")
    assert target.damages() == {(Damage.EDIT, WHOLE)}


@pytest.mark.parametrize("origin", ["'hardpoint/another'", "''", "x'ff'", "7"])
def test_a_head_of_another_origin_than_its_checkpoint_is_an_edit(target, origin):
    target.attack(f"UPDATE hardpoint_head SET origin = {origin}")
    assert target.damages() == {(Damage.EDIT, WHOLE)}


def test_the_right_keys_checkpoint_of_another_log_is_an_edit(target):
    promised = parse_checkpoint(target.head().checkpoint)
    moved = Checkpoint("hardpoint/another", promised.size, promised.root)
    target.attack(sa.update(head).values(checkpoint=sign_checkpoint(moved, target.signer)))
    assert target.damages() == {(Damage.EDIT, WHOLE)}


def test_a_checkpoint_and_head_of_another_log_do_not_fit_the_entries(target):
    other = Checkpoint("hardpoint/another", SIZE, root_of([b"\0" * 32] * SIZE))
    target.attack(sa.update(head).values(origin=other.origin, checkpoint=sign_checkpoint(other, target.signer)))
    assert target.damages() == {(Damage.EDIT, WHOLE)}


@pytest.mark.parametrize("checkpoint", ["x''", "x'ff'", "'text'", "5", "4611686018427387904", "0.5"])
def test_a_checkpoint_that_cannot_be_read_is_bit_rot_and_nothing_else(target, checkpoint):
    target.attack(f"UPDATE hardpoint_head SET checkpoint = {checkpoint}")
    assert target.damages() == {(Damage.BIT_ROT, WHOLE)}


def test_without_a_checkpoint_the_memory_still_holds_against_the_entries(target):
    target.attack("UPDATE hardpoint_head SET checkpoint = x''", "UPDATE hardpoint_entries SET header = x''")
    places = [damage for damage in target.verify().damages if damage.text.startswith("its first")]
    assert [damage.damage for damage in places] == [Damage.EDIT]


@pytest.mark.parametrize(
    "statements",
    [
        ["DELETE FROM hardpoint_head"],
        [
            "CREATE TABLE copy AS SELECT * FROM hardpoint_head",
            "INSERT INTO copy SELECT * FROM hardpoint_head",
            "DROP TABLE hardpoint_head",
            "ALTER TABLE copy RENAME TO hardpoint_head",
        ],
    ],
    ids=["none", "two"],
)
def test_a_record_without_exactly_one_head_is_a_problem(target, statements):
    target.attack(*statements)
    with pytest.raises(IntegrityProblem, match="exactly one head"):
        target.verify()


# Whatever a column holds, nothing but a Problem leaves verification.

# Not the head's id, which is the constant 1 and read by nobody.
COLUMNS = [
    (each.name, column.name) for each in (head, entries, nodes) for column in each.columns if column.name != "id"
]
VALUES = ["7", "-9223372036854775808", "0.5", "'text'", "x''", "x'ff41'", "zeroblob(32)", "CAST(x'ff41' AS TEXT)"]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_any_value_of_any_type_is_found(target, table, column):
    target.attack(f"CREATE TABLE kept AS SELECT * FROM {table}")
    some = f"{column} = (SELECT max({column}) FROM {table})"
    for value in VALUES:
        target.attack(f"UPDATE {table} SET {column} = {value} WHERE {some}")
        assert broken(target), f"{table}.{column} = {value}"
        target.attack(f"DELETE FROM {table}", f"INSERT INTO {table} SELECT * FROM kept")
        assert target.verify().whole


def broken(target):
    try:
        return not target.verify().whole
    except IntegrityProblem:
        return True


@pytest.mark.parametrize("table", ["hardpoint_head", "hardpoint_entries", "hardpoint_nodes", "hardpoint_witnessed"])
def test_a_table_that_is_gone_is_a_problem_of_integrity(target, table):
    target.attack(f"DROP TABLE {table}")
    with pytest.raises(IntegrityProblem):
        target.verify()


@pytest.mark.parametrize("column", ["hardpoint_head.checkpoint", "hardpoint_entries.salt", "hardpoint_nodes.hash"])
def test_a_column_that_is_gone_is_a_problem_of_integrity(target, column):
    table, _, name = column.partition(".")
    target.attack(f"ALTER TABLE {table} DROP COLUMN {name}")
    with pytest.raises(IntegrityProblem, match="not as Hardpoint made them"):
        target.verify()


def test_a_database_that_cannot_be_opened_says_nothing_of_the_record(signer, memory, tmp_path):
    with pytest.raises(StoreProblem):
        verify_record(Database.open(f"sqlite:///{tmp_path / 'no' / 'folder.db'}"), [signer.public], memory)


def test_damages_beyond_the_limit_are_not_listed(target, monkeypatch):
    monkeypatch.setattr(promises, "MAX_DAMAGES", 3)
    target.attack("UPDATE hardpoint_entries SET payload = x''")
    assert len(target.verify().damages) == 3


def test_a_header_of_other_spelling_is_found(target):
    """Signed bytes are the stored bytes: equal JSON is not enough."""
    header = target.stored(2).header
    spaced = header.replace(b":", b": ", 1)
    assert encoding.decode(spaced, dict, what="it") == encoding.decode(header, dict, what="it")
    target.attack(sa.update(entries).where(entries.c.leaf_index == 2).values(header=spaced))
    assert {(Damage.EDIT, 2), (Damage.EDIT, WHOLE)} <= target.damages()


# What else reads a damaged record says so too.


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM hardpoint_head",
        "UPDATE hardpoint_head SET checkpoint = 'text'",
        "UPDATE hardpoint_head SET checkpoint = x'ff'",
        "UPDATE hardpoint_entries SET payload = 'text' WHERE leaf_index = 2",
        "UPDATE hardpoint_entries SET header = 'text' WHERE leaf_index = 2",
    ],
)
def test_no_bundle_is_made_of_what_cannot_be_read(target, statement):
    target.attack(statement)
    with pytest.raises(IntegrityProblem, match=r"checkpoint that can be read|not stored as it was written"):
        export_bundle(target.database)
