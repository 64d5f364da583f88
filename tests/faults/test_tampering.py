"""Whatever an attacker with the file changes, verification finds; what is as it was, it calls whole.

The attacker has dropped the guard triggers. Every edit is judged by one of two oracles: its class and place where they
are clear-cut, and always that a record whose rows differ from those written is never called whole.
"""

import os
import random
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.problem import IntegrityProblem, Problem
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Damage, Draft
from hardpoint.kernel.record.tables import TABLES, entries, head, nodes
from hardpoint.kernel.record.verification import WHOLE, verify_record

FULL = os.environ.get("HARDPOINT_FAULTS") == "full"
SEED = int(os.environ.get("HARDPOINT_FAULTS_SEED") or 20260331)
SIZE = 5
CLEAN_RUNS = 10_000 if FULL else 30
RANDOM_EDITS = 60_000 if FULL else 300
FILE_EDITS = 40_000 if FULL else 250
POSTGRES_EDITS = 5_000 if FULL else 60
UNREADABLE = "cannot be read at all"
"""In place of damages, where verification raised IntegrityProblem."""
REFUSED = "refused by a constraint"
"""In place of damages, where the attacker's edit would have made two rows alike."""


def some_draft(number, chance=random):
    return Draft(
        kind="note",
        subject=f"org/{number % 2}",
        payload_type="application/json",
        payload=b'{"n": %d}' % number,
        unique=chance.choice([None, f"note:{number}"]),
    )


class Vault:
    """A record on which its owner's memory and key hold watch."""

    def __init__(self, database, memory, size=SIZE):
        self.database, self.memory, self.signer = database, memory, Signer.generate()
        database.install(TABLES)
        begin_record(database, self.signer)
        self.append(*range(size))

    def append(self, *numbers):
        chance = random.Random(SEED)
        keys = {self.signer.public}
        for number in numbers:
            Record(self.database, self.signer, clock, self.memory, keys).append(some_draft(number, chance))

    def damages(self):
        """Every class with its place; anything but a Problem of integrity is not caught."""
        try:
            found = verify_record(self.database, [self.signer.public], self.memory)
        except IntegrityProblem:
            return UNREADABLE
        return {(damage.damage, damage.index) for damage in found.damages}


def clock():
    return datetime(2026, 3, 31, 14, 0, tzinfo=UTC)


class Cracked(Vault):
    """A vault in memory, its guards dropped, which can be put back to what it was after each edit."""

    def __init__(self, memory, size=SIZE):
        super().__init__(Database.open("sqlite://"), memory, size)
        self.raw = self.database._engine.raw_connection().driver_connection
        for (guard,) in self.raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            self.raw.execute(f"DROP TRIGGER {guard}")
        self.whole = self.raw.serialize()
        self.rows = dump(self.raw)

    def after(self, *edit):
        """What verification finds after an edit, which is undone."""
        try:
            self.raw.execute(*edit)
            return self.damages()
        except sqlite3.IntegrityError:
            return REFUSED
        finally:
            self.raw.deserialize(self.whole)


def dump(raw):
    """The rows of the record, with their types, as a reader by table gets them."""
    raw.text_factory = bytes
    try:
        return [
            sorted(raw.execute(f"SELECT *, {types(table)} FROM {table.name}").fetchall(), key=repr)
            for table in (head, entries, nodes)
        ]
    finally:
        raw.text_factory = str


def types(table):
    return ", ".join(f"typeof({column.name})" for column in table.columns)


@pytest.fixture(scope="module")
def cracked(tmp_path_factory):
    vault = Cracked(Memory(tmp_path_factory.mktemp("memory")))
    assert vault.damages() == set()
    yield vault
    assert vault.damages() == set(), "a false alarm after all edits were undone"
    vault.database.close()


def flipped(value, chance):
    """Every byte of a value changed: each to one other in the short form, to all 255 others in full."""
    for at, byte in enumerate(value):
        for change in range(1, 256) if FULL else [chance.randrange(1, 256)]:
            yield value[:at] + bytes([byte ^ change]) + value[at + 1 :]


def places(vault, table, column):
    """The key and the stored bytes of every row that has a value in the column."""
    keys = [key.name for key in table.primary_key]
    chosen = vault.raw.execute(f"SELECT {', '.join(keys)}, CAST({column} AS BLOB) FROM {table.name}").fetchall()
    for *values, stored in chosen:
        if stored is not None:
            where = " AND ".join(f"{key} = {value}" for key, value in zip(keys, values, strict=True))
            yield values, where, stored


def of_entry(damage, values):
    return damage == {(Damage.EDIT, values[0])}


def of_header(damage, values):
    return {(Damage.EDIT, values[0]), (Damage.EDIT, WHOLE)} <= damage


def of_node(damage, values):
    level, position = values
    return damage == {(Damage.EDIT, (position + 1 << level) - 1)}


def of_checkpoint(damage, values):
    return bool(damage & {(kind, WHOLE) for kind in (Damage.EDIT, Damage.BIT_ROT, Damage.UNKNOWN_KEY)})


def of_text(damage, values):
    return damage == UNREADABLE or of_entry(damage, values)


def of_origin(damage, values):
    return damage == UNREADABLE or (Damage.EDIT, WHOLE) in damage


TEXTS = [column.name for column in entries.columns if isinstance(column.type, sa.Text)]
BYTES = [
    *((entries, column, "?", of_entry) for column in ("salt", "signature", "payload")),
    *((entries, column, "CAST(? AS TEXT)", of_text) for column in TEXTS),
    (entries, "header", "?", of_header),
    (nodes, "hash", "?", of_node),
    (head, "checkpoint", "?", of_checkpoint),
    (head, "origin", "CAST(? AS TEXT)", of_origin),
]


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize(
    ("table", "column", "value", "right"), BYTES, ids=[f"{table.name}.{column}" for table, column, *_ in BYTES]
)
def test_a_change_of_any_stored_byte_is_found_at_its_place(cracked, table, column, value, right):
    chance = random.Random(SEED)
    for values, where, stored in places(cracked, table, column):
        for edited in flipped(stored, chance):
            damage = cracked.after(f"UPDATE {table.name} SET {column} = {value} WHERE {where}", [edited])
            what = f"{column} of {values}: {stored!r} became {edited!r}"
            assert damage == REFUSED or right(damage, values), f"{what}, and {damage} was found"


@pytest.mark.parametrize("table", [head, entries, nodes], ids=lambda table: table.name)
def test_a_value_cut_off_or_grown_is_found(cracked, table):
    for column in table.columns:
        for _, where, stored in places(cracked, table, column.name) if column.name != "id" else []:
            for edited in (stored[:-1], stored[1:], stored + b"\0", b"\0" + stored, b""):
                damage = cracked.after(f"UPDATE {table.name} SET {column.name} = ? WHERE {where}", [edited])
                assert damage, f"{table.name}.{column.name}: {stored!r} became {edited!r}"


# Rows.


def random_edit(chance):
    """One statement that deletes, moves, mixes or doubles rows."""
    table = chance.choice([entries, entries, nodes, head])
    name, columns = table.name, [column.name for column in table.columns]
    column = chance.choice(columns)
    number = chance.choice([-1, 0, 1, 2, SIZE - 1, SIZE, SIZE + 1, 1 << 40, -(1 << 63), (1 << 63) - 1])
    at = chance.randrange(SIZE)
    other = f"(SELECT {column} FROM {name} ORDER BY random() LIMIT 1)"
    if table is nodes:  # which has no rowid
        where = f"level = {chance.randrange(3)} AND position = {at}"
    else:
        where = f"rowid = {at + 1}" if table is entries else "true"
    return chance.choice(
        [
            f"DELETE FROM {name} WHERE {where}",
            f"UPDATE OR REPLACE {name} SET {column} = {number} WHERE {where}",
            f"UPDATE OR IGNORE {name} SET {column} = {other} WHERE {where}",
            f"UPDATE OR IGNORE {name} SET {column} = {chance.choice(columns)} WHERE {where}",
            f"UPDATE OR IGNORE {name} SET {column} = zeroblob({chance.choice([0, 1, 32, 64])}) WHERE {where}",
            f"UPDATE OR IGNORE {name} SET {column} = NULL WHERE {where}",
            f"INSERT OR REPLACE INTO {name} SELECT {number}, {', '.join(columns[1:])} FROM {name} WHERE {where}",
            f"DELETE FROM {name} WHERE {columns[1] if table is nodes else 'rowid'} > {at}",
        ]
    )


@pytest.mark.requirement("GAT-14")
def test_rows_that_are_not_as_they_were_written_are_never_called_whole(cracked):
    chance, changed = random.Random(SEED), 0
    for _ in range(RANDOM_EDITS):
        edits = [random_edit(chance) for _ in range(chance.randint(1, 3))]
        try:
            for edit in edits:
                cracked.raw.execute(edit)
            if dump(cracked.raw) == cracked.rows:
                assert cracked.damages() == set(), f"a false alarm after {edits}"
            else:
                changed += 1
                assert cracked.damages(), f"{edits} were not found"
        except sqlite3.IntegrityError:
            pass  # the attacker met a constraint
        finally:
            cracked.raw.deserialize(cracked.whole)
    assert changed > RANDOM_EDITS // 4


def test_every_old_copy_is_a_rollback_to_its_size(tmp_path):
    memory = Memory(tmp_path)
    vault = Cracked(memory, size=0)
    copies = []
    for number in range(20):
        copies.append(vault.raw.serialize())
        vault.append(number)
    for size, copy in enumerate(copies):
        vault.raw.deserialize(copy)
        assert vault.damages() == {(Damage.ROLLBACK, size)}
    vault.database.close()


def test_every_cut_of_the_tail_is_found_as_what_it_is(tmp_path):
    vault = Cracked(Memory(tmp_path), size=12)
    for left in range(12):
        vault.raw.execute(f"DELETE FROM hardpoint_entries WHERE leaf_index >= {left}")
        assert (Damage.TRUNCATION, left) in vault.damages()
        vault.raw.execute(f"DELETE FROM hardpoint_nodes WHERE (position + 1 << level) > {left}")
        assert vault.damages() == {(Damage.TRUNCATION, left)}
        vault.raw.deserialize(vault.whole)
    vault.database.close()


def test_every_deleted_entry_is_named(tmp_path):
    vault = Cracked(Memory(tmp_path), size=12)
    for index in range(11):
        assert (Damage.DELETION, index) in vault.after(f"DELETE FROM hardpoint_entries WHERE leaf_index = {index}")
    vault.database.close()


def test_a_record_written_anew_with_another_key_is_found(tmp_path):
    genuine = Cracked(Memory(tmp_path))
    forged = Cracked(Memory(tmp_path / "forger"))
    genuine.raw.deserialize(forged.whole)
    assert genuine.damages() == {(Damage.UNKNOWN_KEY, index) for index in range(WHOLE, SIZE)}
    for vault in (genuine, forged):
        vault.database.close()


def test_clean_records_are_whole(tmp_path):
    chance = random.Random(SEED)
    for run in range(CLEAN_RUNS):
        vault = Cracked(Memory(tmp_path / str(run % 10)), size=chance.randrange(20))
        assert vault.damages() == set()
        vault.database.close()


# The raw bytes of the file.


class Safe(Vault):
    """A vault in a file, closed, so that its bytes can be edited."""

    def __init__(self, folder):
        self.file = folder / "store.db"
        super().__init__(Database.open(f"sqlite:///{self.file}"), Memory(folder / "memory"))
        self.database.close()
        self.content = self.file.read_bytes()
        self.known = self.look_up()

    def look_up(self):
        """The rows by table, and by every index that the product reads through; None if SQLite cannot read them."""
        (index,) = entries.indexes
        by_subject = f"SELECT leaf_index FROM hardpoint_entries INDEXED BY {index.name} WHERE kind = ? AND subject = ?"
        by_unique = "SELECT leaf_index FROM hardpoint_entries WHERE unique_key = ?"
        by_place = "SELECT header FROM hardpoint_entries WHERE leaf_index = ?"
        with closing(sqlite3.connect(self.file)) as raw:
            try:
                return [
                    dump(raw),
                    *(raw.execute(by_subject, ("note", f"org/{one}")).fetchall() for one in range(2)),
                    *(raw.execute(by_unique, (f"note:{number}",)).fetchall() for number in range(SIZE)),
                    *(raw.execute(by_place, (number,)).fetchall() for number in range(SIZE)),
                ]
            except (sqlite3.Error, MemoryError):
                return None

    def judge(self, content):
        """Put an edited file in place: it is found, or it reads as before in every way."""
        for left in self.file.parent.glob("store.db*"):
            left.unlink()
        self.file.write_bytes(content)
        try:
            found = verify_record(self.database, [self.signer.public], self.memory)
            said = not found.whole
        except Problem as problem:
            said = type(problem).__name__
        finally:
            self.database.close()
        return said or self.look_up() == self.known


@pytest.fixture(scope="module")
def safe(tmp_path_factory):
    return Safe(tmp_path_factory.mktemp("safe"))


def test_the_file_as_it_was_closed_is_whole(safe):
    assert safe.judge(safe.content) is True
    assert verify_record(safe.database, [safe.signer.public], safe.memory).whole
    safe.database.close()


@pytest.mark.requirement("GAT-14")
def test_a_change_of_any_byte_of_the_file_is_found_or_changes_nothing(safe):
    chance = random.Random(SEED)
    for _ in range(FILE_EDITS):
        at, change = chance.randrange(len(safe.content)), chance.randrange(1, 256)
        edited = safe.content[:at] + bytes([safe.content[at] ^ change]) + safe.content[at + 1 :]
        assert safe.judge(edited), f"byte {at} xor {change}"


def test_pages_cut_off_zeroed_or_swapped_are_found_or_change_nothing(safe):
    size = int.from_bytes(safe.content[16:18], "big")
    pages = [safe.content[at : at + size] for at in range(0, len(safe.content), size)]
    for at in range(len(pages)):
        for other in [b"\0" * size, b"\xff" * size, pages[at - 1], pages[at][::-1]]:
            assert safe.judge(b"".join([*pages[:at], other, *pages[at + 1 :]])), f"page {at}"
        assert safe.judge(b"".join(pages[:at])), f"cut before page {at}"
        assert safe.judge(b"".join(pages[: at + 1])[:-100]), f"cut within page {at}"


def test_a_log_beside_the_file_that_was_edited_is_found_or_changes_nothing(tmp_path):
    """SQLite passes over frames whose checksum is wrong: what remains is an older state, and the memory knows it."""
    vault = Vault(Database.open(f"sqlite:///{tmp_path / 'store.db'}"), Memory(tmp_path / "memory"))
    copy = tmp_path / "copy.db"
    shutil.copy(tmp_path / "store.db", copy)
    log = (tmp_path / "store.db-wal").read_bytes()
    vault.database.close()
    chance = random.Random(SEED)
    vault.database = Database.open(f"sqlite:///{copy}")
    kept, found = copy.read_bytes(), set()
    for _ in range(2000 if FULL else 40):
        at = chance.randrange(len(log))
        for left in tmp_path.glob("copy.db*"):
            left.unlink()
        copy.write_bytes(kept)
        copy.with_name("copy.db-wal").write_bytes(log[:at] + bytes([log[at] ^ 1]) + log[at + 1 :])
        try:
            result = verify_record(vault.database, [vault.signer.public], vault.memory)
            assert not result.whole or result.size == SIZE
            found |= {damage.damage for damage in result.damages}
        except Problem:
            pass
        finally:
            vault.database.close()
    assert Damage.ROLLBACK in found


# PostgreSQL.


def test_a_change_of_a_stored_byte_is_found_in_postgresql_too(postgres_url, tmp_path):
    chance = random.Random(SEED)
    with closing(Database.open(postgres_url)) as database:
        vault = Vault(database, Memory(tmp_path))
        with database.writing() as connection:
            for table in (head, entries, nodes):
                connection.execute(sa.text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
        for _ in range(POSTGRES_EDITS):
            table, name, *_, right = chance.choice([each for each in BYTES if each[2] == "?"])
            column = table.c[name]
            with database.reading() as connection:
                *values, stored = chance.choice(connection.execute(sa.select(*table.primary_key, column)).all())
            at = chance.randrange(len(stored))
            edited = stored[:at] + bytes([stored[at] ^ chance.randrange(1, 256)]) + stored[at + 1 :]
            place = [key == value for key, value in zip(table.primary_key, values, strict=True)]
            update(database, table, place, {name: edited})
            assert right(vault.damages(), values), f"{name} of {values}: {stored!r} became {edited!r}"
            update(database, table, place, {name: stored})
        assert vault.damages() == set()


def update(database, table, place, values):
    with database.writing() as connection:
        connection.execute(sa.update(table).where(*place).values(values))


@pytest.mark.parametrize(
    ("statement", "damage"),
    [
        ("DELETE FROM hardpoint_entries WHERE leaf_index = 2", (Damage.DELETION, 2)),
        ("DELETE FROM hardpoint_entries WHERE leaf_index = 4", (Damage.TRUNCATION, 4)),
        ("UPDATE hardpoint_entries SET kind = 'approval' WHERE leaf_index = 2", (Damage.EDIT, 2)),
        ("UPDATE hardpoint_entries SET payload = NULL WHERE leaf_index = 2", (Damage.EDIT, 2)),
        ("DELETE FROM hardpoint_nodes WHERE level = 1 AND position = 0", (Damage.EDIT, 1)),
        ("INSERT INTO hardpoint_nodes VALUES (9, 9, '')", (Damage.EDIT, WHOLE)),
        ("UPDATE hardpoint_head SET size = 4", (Damage.EDIT, WHOLE)),
        ("UPDATE hardpoint_head SET origin = 'hardpoint/another'", (Damage.EDIT, WHOLE)),
        ("UPDATE hardpoint_head SET checkpoint = ''", (Damage.BIT_ROT, WHOLE)),
        ("DELETE FROM hardpoint_head", UNREADABLE),
        ("DROP TABLE hardpoint_nodes", UNREADABLE),
        ("ALTER TABLE hardpoint_entries DROP COLUMN salt", UNREADABLE),
    ],
)
def test_damages_have_the_same_classes_in_postgresql(postgres_url, tmp_path, statement, damage):
    with closing(Database.open(postgres_url)) as database:
        vault = Vault(database, Memory(tmp_path))
        with database.writing() as connection:
            for table in (head, entries, nodes):
                connection.execute(sa.text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
            connection.execute(sa.text(statement))
        found = vault.damages()
    assert damage in found if found != UNREADABLE else damage == UNREADABLE
