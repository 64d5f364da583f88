"""The five ways in which public logs of certificates died, each tried on the record.

The list is Andrew Ayer's (2024, https://github.com/C2SP/C2SP/issues/79). Logs of Certificate Transparency are read by
many, and still each of these was seen only when it had happened. Here none may pass as whole.
"""

import os
import random
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import kernel_faults
import pytest

from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.problem import IntegrityProblem, StoreProblem
from hardpoint.kernel.record.bundle import export_bundle, verify_bundle
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Damage, Draft
from hardpoint.kernel.record.reading import entry_at, newest_checkpoint, read_entries
from hardpoint.kernel.record.replica import Copy, pages_of, relate
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.record.verification import WHOLE, verify_record
from hardpoint.kernel.record.witness import Sightings, witness
from hardpoint.kernel.record.witnessed import add_witnessed

FULL = os.environ.get("HARDPOINT_FAULTS") == "full"
SEED = int(os.environ.get("HARDPOINT_FAULTS_SEED") or 20260331)
SIZE = 9
pytestmark = pytest.mark.requirement("GAT-14")


def clock():
    return datetime(2026, 3, 31, 14, 0, tzinfo=UTC)


def note(text):
    return Draft(kind="note", subject="org/a", payload_type="text/plain", payload=text.encode())


@dataclass
class Log:
    """A log in a folder, with the key that signs it and what its owner remembers."""

    folder: Path
    signer: Signer

    @property
    def memory(self):
        return Memory(self.folder / "memory")

    def __enter__(self):
        self.folder.mkdir(exist_ok=True)
        self.database = Database.open(f"sqlite:///{self.folder / 'store.db'}")
        self.database.install(TABLES)
        begin_record(self.database, self.signer)
        self.record = Record(self.database, self.signer, clock, self.memory, {self.signer.public})
        return self

    def __exit__(self, *_):
        self.database.close()

    def grow(self, *texts):
        return [self.record.append(note(text)).index for text in texts]

    def twin(self, folder, *, memory):
        """The same log a second time: a copy of its file, opened by somebody who holds its key."""
        self.database.close()  # folds the log beside it into the file
        folder.mkdir()
        shutil.copy(self.folder / "store.db", folder / "store.db")
        if memory:
            shutil.copytree(self.folder / "memory", folder / "memory")
        return Log(folder, self.signer)

    def damages(self, memory=None, witnesses=None):
        keys = [self.signer.public]
        found = verify_record(self.database, keys, memory or self.memory, witnesses=witnesses)
        return {(each.damage, each.index) for each in found.damages}

    def shown_to(self, name, observer, sightings):
        return witness(self.database, [self.signer.public], observer, name, clock, sightings)


@pytest.fixture
def log(tmp_path):
    with Log(tmp_path / "log", Signer.generate()) as log:
        log.grow(*(f"entry {number}" for number in range(SIZE)))
        yield log


# 1. Venafi 2017, TrustAsia 2020 and 2021: an inconsistent view was signed after entries had been incorporated.


@pytest.fixture
def views(log, tmp_path):
    """Two views of one log, each whole in itself and signed with the log's own key, that part at entry SIZE."""
    # Whoever holds disk and key forgets on purpose; with the memory there the second view grows no further.
    with log.twin(tmp_path / "other", memory=False) as other:
        log.grow("what one reader sees", "more")
        other.grow("what the other reader sees", "more")
        yield log, other


def test_inconsistent_view_each_view_is_whole_in_itself(views):
    """Why nobody who sees one view alone can tell."""
    one, other = views
    assert one.damages() == other.damages() == set()
    assert newest_checkpoint(one.database) != newest_checkpoint(other.database)


def test_inconsistent_view_shown_to_one_witness_is_not_co_signed(views, tmp_path):
    one, other = views
    observer, sightings = Signer.generate(), Sightings(tmp_path / "east")
    one.shown_to("east", observer, sightings)
    with pytest.raises(IntegrityProblem, match="Fork"):
        other.shown_to("east", observer, sightings)
    one.grow("the view that was seen goes on")
    one.shown_to("east", observer, sightings)


def test_inconsistent_view_shown_to_two_witnesses_is_caught_where_their_notes_meet(views, tmp_path):
    one, other = views
    observers = {name: Signer.generate() for name in ("east", "west")}
    keys = {name: observer.public for name, observer in observers.items()}
    notes = {
        name: view.shown_to(name, observers[name], Sightings(tmp_path / name))
        for name, view in (("east", one), ("west", other))
    }
    add_witnessed(one.database, notes["east"], [one.signer.public], keys)
    with pytest.raises(IntegrityProblem, match="Fork"):
        add_witnessed(one.database, notes["west"], [one.signer.public], keys)
    with one.database._engine.begin() as connection:  # past the front door
        row = {"size": SIZE + 2, "by": keys["west"].id, "note": notes["west"]}
        connection.exec_driver_sql("INSERT INTO hardpoint_witnessed VALUES (:size, :by, :note)", row)
    assert one.damages(witnesses=keys) == {(Damage.FORK, WHOLE)}


def test_inconsistent_view_shown_to_two_readers_is_caught_where_they_compare(views):
    """A reader keeps what it saw; the other view is another history to it, and is not taken over as newer."""
    one, other = views
    assert other.damages(memory=one.memory) == {(Damage.FORK, WHOLE)}
    other.grow("longer")
    with other.database.reading() as connection:
        pages = list(pages_of(connection, SIZE + 3))
    copy = Copy(note=newest_checkpoint(other.database), page=pages.__getitem__)
    with pytest.raises(IntegrityProblem, match=f"parted at entry {SIZE}"):
        relate(one.database, copy, [one.signer.public], one.memory)


def test_inconsistent_view_is_not_signed_by_a_writer_that_remembers_the_other(log, tmp_path):
    """What the dead logs had not: the signer itself looks at what it signed before."""
    with log.twin(tmp_path / "older", memory=False) as older:
        log.grow("remembered")
        behind = Record(older.database, older.signer, clock, log.memory, {older.signer.public})
        with pytest.raises(IntegrityProblem, match="rolled back"):
            behind.append(note("would be an inconsistent view"))
        older.grow("another history", "that is longer")
        with pytest.raises(IntegrityProblem, match="are not those that were signed before"):
            behind.append(note("would be an inconsistent view"))


# 2. Yeti 2022-2 and Yeti 2023: the operator deleted the database by accident, with all that was incorporated.


def test_database_deleted_a_copy_that_comes_back_older_is_a_rollback(log, tmp_path):
    with log.twin(tmp_path / "backup", memory=False):
        pass
    log.grow("after the backup")
    log.database.close()
    for file in log.folder.glob("store.db*"):
        file.unlink()
    shutil.copy(tmp_path / "backup" / "store.db", log.folder / "store.db")
    assert log.damages() == {(Damage.ROLLBACK, SIZE)}
    with pytest.raises(IntegrityProblem, match="rolled back"):
        log.grow("would build on the backup")


def test_database_deleted_a_log_of_the_old_name_does_not_begin_again(log, tmp_path):
    """An origin is random: what begins anew cannot be taken for the log that is gone."""
    (seen,) = (log.memory.recall(verify_record(log.database, [], log.memory).origin),)
    log.database.close()
    for file in log.folder.glob("store.db*"):
        file.unlink()
    with Log(log.folder, log.signer) as anew:
        found = verify_record(anew.database, [log.signer.public], log.memory)
        assert (found.size, found.origin != seen.origin) == (0, True)


def test_database_deleted_is_missed_by_every_command_of_somebody_who_saw_it(cli, repository):
    """Commands make a store where there is none; where one was, they say what is gone and make nothing."""
    gate = "gates: [{name: merge, criteria: [{id: documents, kind: check, rules: [DOC001]}]}]"
    root = repository({"hardpoint.yaml": f"version: 1\nservices: [{{name: keystone}}]\n{gate}\n", "a.md": "# A\n"})
    assert cli("check", "--record", folder=root).exit == 0
    for file in (root / ".hardpoint").glob("hardpoint.db*"):
        file.unlink()
    for command in (["check", "--record"], ["gate"], ["record", "verify"], ["record", "log"]):
        ran = cli(*command, folder=root)
        assert ran.exit in {3, 5}, f"{command}: {ran}"
        assert not (root / ".hardpoint" / "hardpoint.db").exists(), f"{command} made a store"
    refused = cli("check", "--record", folder=root)
    assert refused.exit == 5
    assert "Rollback" in refused.err + refused.out


def test_database_deleted_only_the_head_or_the_entries_is_never_a_fresh_log(log):
    with log.database._engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER hardpoint_head_no_delete")
        connection.exec_driver_sql("DELETE FROM hardpoint_head")
    with pytest.raises(IntegrityProblem, match="its checkpoint is gone"):
        begin_record(log.database, log.signer)
    with pytest.raises(IntegrityProblem):
        log.damages()
    with pytest.raises(IntegrityProblem):
        log.grow("would begin anew")


# 3. Yeti 2022 and Nessie 2024: one bit flipped in an incorporated entry, and every later tree head was signed over it.


@pytest.mark.parametrize(
    ("table", "column", "where"),
    [
        ("entries", "header", "leaf_index = 3"),
        ("entries", "payload", "leaf_index = 3"),
        ("entries", "signature", "leaf_index = 3"),
        ("nodes", "hash", "level = 0 AND position = 3"),
        ("nodes", "hash", "level = 3 AND position = 0"),
        ("head", "checkpoint", "true"),
    ],
)
def test_bit_flip_is_found_at_its_place_and_nothing_is_signed_over_a_broken_root(log, points, table, column, where):
    """The leaf of entry 65562066 of Yeti 2022 was one bit away from its hash, and the tree went on from there."""
    chance = random.Random(SEED)
    with log.database._engine.begin() as connection:
        for (guard,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            connection.exec_driver_sql(f"DROP TRIGGER {guard}")
        (stored,) = connection.exec_driver_sql(f"SELECT {column} FROM hardpoint_{table} WHERE {where}").one()
    update = f"UPDATE hardpoint_{table} SET {column} = ? WHERE {where}"
    bits = range(len(stored) * 8) if FULL else chance.sample(range(len(stored) * 8), 30)
    for bit in bits:
        flipped = bytearray(stored)
        flipped[bit // 8] ^= 1 << bit % 8
        with log.database._engine.begin() as connection:
            connection.exec_driver_sql(update, (bytes(flipped),))
        points["bits"] += 1
        damages = log.damages()
        expected = {"entries": 3, "nodes": 7 if "level = 3" in where else 3, "head": WHOLE}[table]
        assert expected in {index for _, index in damages}, f"bit {bit}: {damages}"
        if table == "head" or "level = 3" in where:  # what the next checkpoint would be built on
            with pytest.raises(IntegrityProblem):
                log.grow("over a flipped bit")
    with log.database._engine.begin() as connection:
        connection.exec_driver_sql(update, (stored,))
    assert log.damages() == set()


# 4. Mammoth 2024h1: the disk was full, and the database behind the log did not take that well.


def test_out_of_space_refuses_and_loses_nothing(log):
    """One such death; every system call at which it can come is tried in test_disks."""
    if not kernel_faults.available():
        if os.environ.get("HARDPOINT_REQUIRE_TOOLS"):
            pytest.fail("the kernel cannot watch a process")
        pytest.skip("the kernel cannot watch a process")
    log.database.close()

    def full(call):
        return 28 if call.name in {"pwrite64", "write", "ftruncate", "fallocate"} else None

    def work(judged):
        with log:
            log.grow("while there is room")
            judged(True)
            for _ in range(3):
                with pytest.raises(StoreProblem):
                    log.grow("while there is none")
                assert sum(1 for _ in read_entries(log.database, kind="note")) == SIZE + 1
            judged(False)
            assert log.grow("while there is room again") == [SIZE + 1]

    assert kernel_faults.watched(full, work) == 0
    assert log.damages() == set()
    said = [entry.payload for entry in read_entries(log.database, kind="note")]
    assert said[SIZE:] == [b"while there is room", b"while there is room again"]


# 5. StartCom, WoSign and Nessie 2023: entries that had been promised were never incorporated.


def test_unincorporated_entries_an_acknowledged_entry_is_in_the_tree_already(log):
    """There is no promise to incorporate later: what is acknowledged is provably under a signed checkpoint."""
    for number in range(5):
        (index,) = log.grow(f"promised {number}")
        checkpoint, (claim,) = verify_bundle(export_bundle(log.database, [index]), [log.signer.public])
        assert (checkpoint.size, claim.payload) == (index + 1, f"promised {number}".encode())


def test_unincorporated_entries_of_a_batch_that_fails_are_refused_one_by_one(log):
    """Callers that share a transaction share its end: none hears of an entry that is not there."""
    before = newest_checkpoint(log.database)
    with log.database._engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER broken BEFORE UPDATE ON hardpoint_head BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(StoreProblem):
        log.grow("never incorporated")
    with log.database._engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER broken")
    assert newest_checkpoint(log.database) == before
    assert log.damages() == set()
    assert log.grow("the next") == [SIZE]
    assert entry_at(log.database, SIZE).payload == b"the next"


def test_unincorporated_entries_that_lie_beside_the_tree_are_an_unsigned_tail(log):
    """Rows that no checkpoint covers, as a sequencer that died would leave them, are named and never built upon."""
    with log.database._engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO hardpoint_entries"
            " SELECT leaf_index + 1, header, salt, signature, payload, kind, subject, topic, NULL"
            f" FROM hardpoint_entries WHERE leaf_index = {SIZE - 1}"
        )
    assert (Damage.UNSIGNED_TAIL, SIZE) in log.damages()
    with pytest.raises(StoreProblem):
        log.grow("would stand at the same place")


def test_unincorporated_entries_of_a_log_that_promised_more_are_missed(log, tmp_path):
    """What was acknowledged to others and is then cut off shows against the memory, and against a witness."""
    observer, sightings = Signer.generate(), Sightings(tmp_path / "east")
    with log.twin(tmp_path / "before", memory=False) as before:
        log.grow("acknowledged")
        log.shown_to("east", observer, sightings)
        assert before.damages(memory=log.memory) == {(Damage.ROLLBACK, SIZE)}
        with pytest.raises(IntegrityProblem, match="Rollback"):
            before.shown_to("east", observer, sightings)
