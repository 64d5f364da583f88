"""Whatever an attacker with the file changes, verification finds; what is as it was, it calls whole.

The attacker has dropped the guard triggers. Every edit is judged by one of two oracles: its class and place where they
are clear-cut, and always that a record whose rows differ from those written is never called whole.
"""

import json
import os
import random
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.problem import IntegrityProblem, Problem
from hardpoint.kernel.record import verify_bundle as second_verifier
from hardpoint.kernel.record.bundle import export_bundle, read_bundle, verify_bundle
from hardpoint.kernel.record.checkpoint import parse_checkpoint, sign_checkpoint
from hardpoint.kernel.record.envelope import body_hash, pre_authentication_encoding
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Damage, Draft
from hardpoint.kernel.record.tables import TABLES, entries, head, nodes
from hardpoint.kernel.record.verification import WHOLE, verify_record
from hardpoint.kernel.record.witness import Sightings, witness
from hardpoint.kernel.record.witnessed import add_witnessed

FULL = os.environ.get("HARDPOINT_FAULTS") == "full"
SEED = int(os.environ.get("HARDPOINT_FAULTS_SEED") or 20260331)
SIZE = 5
CLEAN_RUNS = 10_000 if FULL else 30
RANDOM_EDITS = 60_000 if FULL else 300
FILE_EDITS = 40_000 if FULL else 250
POSTGRES_EDITS = 5_000 if FULL else 60
AUDITS = 5_000 if FULL else 100
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
def test_a_change_of_any_stored_byte_is_found_at_its_place(cracked, points, table, column, value, right):
    chance = random.Random(SEED)
    for values, where, stored in places(cracked, table, column):
        for edited in flipped(stored, chance):
            damage = cracked.after(f"UPDATE {table.name} SET {column} = {value} WHERE {where}", [edited])
            points[f"bytes of {table.name}.{column}"] += damage != REFUSED
            what = f"{column} of {values}: {stored!r} became {edited!r}"
            assert damage == REFUSED or right(damage, values), f"{what}, and {damage} was found"


@pytest.mark.parametrize("table", [head, entries, nodes], ids=lambda table: table.name)
def test_a_value_cut_off_or_grown_is_found(cracked, points, table):
    for column in table.columns:
        for _, where, stored in places(cracked, table, column.name) if column.name != "id" else []:
            for edited in (stored[:-1], stored[1:], stored + b"\0", b"\0" + stored, b""):
                damage = cracked.after(f"UPDATE {table.name} SET {column.name} = ? WHERE {where}", [edited])
                points["values cut off or grown"] += damage != REFUSED
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
def test_rows_that_are_not_as_they_were_written_are_never_called_whole(cracked, points):
    chance = random.Random(SEED)
    for _ in range(RANDOM_EDITS):
        edits = [random_edit(chance) for _ in range(chance.randint(1, 3))]
        try:
            for edit in edits:
                cracked.raw.execute(edit)
            if dump(cracked.raw) == cracked.rows:
                assert cracked.damages() == set(), f"a false alarm after {edits}"
            else:
                points["rows"] += 1
                assert cracked.damages(), f"{edits} were not found"
        except sqlite3.IntegrityError:
            pass  # the attacker met a constraint
        finally:
            cracked.raw.deserialize(cracked.whole)
    assert points["rows"] > RANDOM_EDITS // 4


def swap(one, other):
    """Each of two rows, but for its index, becomes the other; a unique key stays, where it can."""
    names = [column.name for column in entries.columns if column.name not in {"leaf_index", "unique_key"}]
    yield "CREATE TEMP TABLE kept AS SELECT * FROM hardpoint_entries"
    for target, source in ((one, other), (other, one)):
        values = ", ".join(f"{name} = (SELECT {name} FROM kept WHERE leaf_index = {source})" for name in names)
        yield f"UPDATE hardpoint_entries SET {values} WHERE leaf_index = {target}"


def test_every_two_entries_that_changed_places_are_named(cracked, points):
    for one in range(SIZE):
        for other in range(one):
            for statement in swap(one, other):
                cracked.raw.execute(statement)
            damage = cracked.damages()
            cracked.raw.execute("DROP TABLE temp.kept")
            cracked.raw.deserialize(cracked.whole)
            points["entries swapped"] += 1
            assert {(Damage.EDIT, one), (Damage.EDIT, other), (Damage.EDIT, WHOLE)} <= damage


def test_every_entry_that_was_doubled_is_found(cracked, points):
    rest = ", ".join(column.name for column in entries.columns if column.name not in {"leaf_index", "unique_key"})
    for source in range(SIZE):
        for index in (-1, SIZE, SIZE + 1, 1 << 40):
            damage = cracked.after(
                f"INSERT INTO hardpoint_entries (leaf_index, {rest}) "
                f"SELECT {index}, {rest} FROM hardpoint_entries WHERE leaf_index = {source}"
            )
            points["entries doubled"] += 1
            if index == SIZE:
                assert {(Damage.EDIT, SIZE), (Damage.UNSIGNED_TAIL, SIZE)} <= damage
            else:
                assert damage, f"entry {source} stands at {index} too"


def test_every_node_that_is_gone_moved_or_doubled_is_found(cracked, points):
    for level, position in cracked.raw.execute("SELECT level, position FROM hardpoint_nodes").fetchall():
        where = f"level = {level} AND position = {position}"
        right = {(Damage.EDIT, (position + 1 << level) - 1)}
        assert cracked.after(f"DELETE FROM hardpoint_nodes WHERE {where}") == right
        assert right <= cracked.after(f"UPDATE hardpoint_nodes SET level = level + 9 WHERE {where}")
        doubled = f"INSERT INTO hardpoint_nodes SELECT level + 9, position, hash FROM hardpoint_nodes WHERE {where}"
        assert cracked.after(doubled) == {(Damage.EDIT, WHOLE)}
        points["nodes deleted, moved, doubled"] += 3


def test_every_entry_and_checkpoint_signed_with_another_key_is_named(cracked, points):
    """The forger signs anew what was said, with a key of his own in the header; then the checkpoint too."""
    forger = Signer.generate()
    rows = cracked.raw.execute("SELECT leaf_index, header, salt, payload FROM hardpoint_entries").fetchall()
    for index, header, salt, payload in rows:
        told = json.loads(header)
        signature = forger.sign(pre_authentication_encoding(told["payload_type"], payload))
        told |= {"key": forger.public.id, "body": body_hash(salt, signature, payload)}
        forged = [encoding.encode(told), signature]
        damage = cracked.after(
            f"UPDATE hardpoint_entries SET header = ?, signature = ? WHERE leaf_index = {index}", forged
        )
        points["signed with another key"] += 1
        assert {(Damage.UNKNOWN_KEY, index), (Damage.EDIT, index), (Damage.EDIT, WHOLE)} <= damage
    (note,) = cracked.raw.execute("SELECT checkpoint FROM hardpoint_head").fetchone()
    forged = sign_checkpoint(parse_checkpoint(note), forger)
    points["signed with another key"] += 1
    assert cracked.after("UPDATE hardpoint_head SET checkpoint = ?", [forged]) == {(Damage.UNKNOWN_KEY, WHOLE)}


def test_every_old_copy_is_a_rollback_to_its_size(tmp_path, points):
    memory = Memory(tmp_path)
    vault = Cracked(memory, size=0)
    copies = []
    for number in range(20):
        copies.append(vault.raw.serialize())
        vault.append(number)
    for size, copy in enumerate(copies):
        vault.raw.deserialize(copy)
        points["old copies"] += 1
        assert vault.damages() == {(Damage.ROLLBACK, size)}
    vault.database.close()


def test_every_cut_of_the_tail_is_found_as_what_it_is(tmp_path, points):
    vault = Cracked(Memory(tmp_path), size=12)
    for left in range(12):
        vault.raw.execute(f"DELETE FROM hardpoint_entries WHERE leaf_index >= {left}")
        assert (Damage.TRUNCATION, left) in vault.damages()
        points["tails cut"] += 2
        vault.raw.execute(f"DELETE FROM hardpoint_nodes WHERE (position + 1 << level) > {left}")
        assert vault.damages() == {(Damage.TRUNCATION, left)}
        vault.raw.deserialize(vault.whole)
    vault.database.close()


def test_every_deleted_entry_is_named(tmp_path, points):
    vault = Cracked(Memory(tmp_path), size=12)
    for index in range(11):
        points["entries deleted"] += 1
        assert (Damage.DELETION, index) in vault.after(f"DELETE FROM hardpoint_entries WHERE leaf_index = {index}")
    vault.database.close()


def test_a_record_written_anew_with_another_key_is_found(tmp_path):
    genuine = Cracked(Memory(tmp_path))
    forged = Cracked(Memory(tmp_path / "forger"))
    genuine.raw.deserialize(forged.whole)
    assert genuine.damages() == {(Damage.UNKNOWN_KEY, index) for index in range(WHOLE, SIZE)}
    for vault in (genuine, forged):
        vault.database.close()


def test_clean_records_are_whole(tmp_path, points):
    chance = random.Random(SEED)
    for run in range(CLEAN_RUNS):
        vault = Cracked(Memory(tmp_path / str(run % 10)), size=chance.randrange(20))
        assert vault.damages() == set()
        points["clean runs"] += 1
        vault.database.close()


# Co-signed checkpoints.


@pytest.fixture
def seen(tmp_path):
    """A vault whose record two witnesses co-signed at two sizes, and their keys by name."""
    vault = Vault(Database.open("sqlite://"), Memory(tmp_path / "memory"))
    observers = {name: Signer.generate() for name in ("east", "west")}
    keys = {name: observer.public for name, observer in observers.items()}
    for number in range(2):
        vault.append(SIZE + number)
        for name, observer in observers.items():
            note = witness(vault.database, [vault.signer.public], observer, name, clock, Sightings(tmp_path / name))
            add_witnessed(vault.database, note, [vault.signer.public], keys)
    raw = vault.database._engine.raw_connection().driver_connection
    raw.execute("DROP TRIGGER hardpoint_witnessed_no_update")
    raw.execute("DROP TRIGGER hardpoint_witnessed_no_replace")
    yield vault, raw, keys
    vault.database.close()


def test_a_change_of_any_byte_of_a_co_signed_checkpoint_is_found(seen, points):
    vault, raw, keys = seen
    chance, whole = random.Random(SEED), raw.serialize()

    def damages():
        return {
            (each.damage, each.index)
            for each in verify_record(vault.database, [vault.signer.public], vault.memory, witnesses=keys).damages
        }

    assert damages() == set()
    rows = raw.execute("SELECT size, witness, note FROM hardpoint_witnessed").fetchall()
    for size, by, note in rows if FULL else rows[:1]:
        place = "WHERE size = ? AND witness = ?"
        for edited in flipped(note, chance):
            raw.execute(f"UPDATE hardpoint_witnessed SET note = ? {place}", [edited, size, by])
            points["bytes of hardpoint_witnessed.note"] += 1
            assert of_checkpoint(damages(), []), f"{note!r} became {edited!r}"
        raw.execute(f"UPDATE hardpoint_witnessed SET note = ? {place}", [note, size, by])
        for change in ("size = size + 9", "witness = 'another'", "size = -1"):
            raw.execute(f"UPDATE OR REPLACE hardpoint_witnessed SET {change} {place}", [size, by])
            points["rows of hardpoint_witnessed"] += 1
            assert of_checkpoint(damages(), []), change
            raw.deserialize(whole)
    assert damages() == set()


# What an auditor holds.


def test_an_auditor_is_never_told_more_than_the_record_was_given(cracked, points, tmp_path, capsys):
    """Both verifiers agree on a bundle of every tampered record, and accept only what `verify` has no doubt of."""
    chance, file = random.Random(SEED), tmp_path / "bundle.json"
    genuine = {
        (each.header, each.payload) for each in verify_bundle(export_bundle(cracked.database), keys_of(cracked))[1]
    }
    accepted = 0
    for _ in range(AUDITS):
        try:
            for statement in some_edits(cracked, chance):
                cracked.raw.execute(*statement)
            damage = cracked.damages()
            first, second = audit(cracked, file)
        except sqlite3.IntegrityError:
            continue  # the attacker met a constraint
        finally:
            cracked.raw.deserialize(cracked.whole)
            said = capsys.readouterr()
        points["bundles of tampered records"] += 1
        accepted += first is not None
        assert (first is not None) is second, f"the verifiers differ: {said}"
        assert first or damage, "a record that is called whole gives a bundle that is not"
        assert {claim for claim in first or () if claim[1] is not None} <= genuine, f"{damage}: {said}"
        assert {header for header, _ in first or ()} <= {header for header, _ in genuine}
    assert 0 < accepted < points["bundles of tampered records"]


def keys_of(vault):
    return [vault.signer.public]


def some_edits(vault, chance):
    """One byte of one value, or up to three statements over rows."""
    if chance.random() < 0.3:
        return [(random_edit(chance),) for _ in range(chance.randint(1, 3))]
    table, column, value, _ = chance.choice(BYTES)
    _, where, stored = chance.choice(list(places(vault, table, column)) or [(0, "false", b"x")])
    at = chance.randrange(len(stored) or 1)
    edited = stored[:at] + bytes([(stored[at : at + 1] or b"x")[0] ^ chance.randrange(1, 256)]) + stored[at + 1 :]
    return [(f"UPDATE {table.name} SET {column} = {value} WHERE {where}", [edited])]


def audit(vault, file):
    """What the first verifier accepts of a bundle of the record, if it does, and whether the second does."""
    try:
        bundle = export_bundle(vault.database)
        file.write_bytes(encoding.encode(bundle))
    except Problem:
        return None, False
    try:
        first = {
            (each.header, each.payload) for each in verify_bundle(read_bundle(file.read_bytes()), keys_of(vault))[1]
        }
    except Problem:
        first = None
    code = second_verifier.main([str(file), "--key", f"ada={vault.signer.public}"])
    assert code in {0, 3, 5}
    return first, code == 0


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
def test_a_change_of_any_byte_of_the_file_is_found_or_changes_nothing(safe, points):
    chance = random.Random(SEED)
    for _ in range(FILE_EDITS):
        at, change = chance.randrange(len(safe.content)), chance.randrange(1, 256)
        edited = safe.content[:at] + bytes([safe.content[at] ^ change]) + safe.content[at + 1 :]
        points["bytes of the file"] += 1
        assert safe.judge(edited), f"byte {at} xor {change}"


def test_pages_cut_off_zeroed_or_swapped_are_found_or_change_nothing(safe, points):
    size = int.from_bytes(safe.content[16:18], "big")
    pages = [safe.content[at : at + size] for at in range(0, len(safe.content), size)]
    for at in range(len(pages)):
        points["pages of the file"] += 6
        for other in [b"\0" * size, b"\xff" * size, pages[at - 1], pages[at][::-1]]:
            assert safe.judge(b"".join([*pages[:at], other, *pages[at + 1 :]])), f"page {at}"
        assert safe.judge(b"".join(pages[:at])), f"cut before page {at}"
        assert safe.judge(b"".join(pages[: at + 1])[:-100]), f"cut within page {at}"


def test_a_log_beside_the_file_that_was_edited_is_found_or_changes_nothing(tmp_path, points):
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
        points["bytes of the log beside the file"] += 1
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


def test_a_change_of_a_stored_byte_is_found_in_postgresql_too(postgres_url, tmp_path, points):
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
            points["bytes in PostgreSQL"] += 1
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
