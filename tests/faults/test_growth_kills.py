"""kill -9 of archiving and of an upgrade: a body is in the record or in a file that an entry names.

Each run is killed at a moment of its own; run again, it comes to its end.
"""

import os
import random
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hardpoint.kernel import database as module
from hardpoint.kernel.clock import monotonic_s, system_clock
from hardpoint.kernel.database import Database, Phase, Tables, TableVersion
from hardpoint.kernel.problem import StoreProblem
from hardpoint.kernel.record.archive import archive, finish, verify_archive
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Draft
from hardpoint.kernel.record.orders import stored_orders
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.record.verification import verify_record
from hardpoint.kernel.store import create_store

FULL = os.environ.get("HARDPOINT_FAULTS") == "full"
KILLS = 2000 if FULL else 50
SEED = int(os.environ.get("HARDPOINT_FAULTS_SEED") or 20260331)
SIZE = 60
LONGEST_S = 60.0
"""After this the work is at its end on any machine."""
pytestmark = pytest.mark.requirement("GAT-14")


def killed(work, after_s):
    """Do the work in a child that is killed after so long, unless it came to its end before."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    signal.sigtimedwait([signal.SIGCHLD], after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    signal.sigtimedwait([signal.SIGCHLD], 0)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def moments(work):
    """Moments from the start of the work to a little after its end as long as it takes here, the first and the last."""
    begun = monotonic_s()
    work()
    took_s = monotonic_s() - begun
    chance = random.Random(SEED)
    return [0.0, *(chance.uniform(0, took_s * 1.5) for _ in range(KILLS)), LONGEST_S]


@pytest.fixture
def store(tmp_path, signer):
    """A closed store of some entries, at version 2, to be copied for each run."""
    folder = tmp_path / "store"
    folder.mkdir()
    with closing(Database.open(f"sqlite:///{folder / 'store.db'}")) as database:
        database.install(TABLES)
        begin_record(database, signer)
        record = Record(database, signer, system_clock, Memory(folder / "seen"), {signer.public})
        for number in range(SIZE):
            record.append(Draft(kind="note", subject="org/a", payload_type="text/plain", payload=b"%d" % number * 200))
    return folder


def test_killed_while_archiving_no_body_is_lost(store, tmp_path, signer):
    folder = tmp_path / "run"
    file = folder / "old.json"
    going = [index for index in range(SIZE) if index % 7]

    def begin():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(store, folder)

    def work():
        with closing(Database.open(f"sqlite:///{folder / 'store.db'}")) as database:
            record = Record(database, signer, system_clock, Memory(folder / "seen"), {signer.public})
            archive(database, record, file, going, [signer.public])

    begin()
    states = set()
    for after_s in moments(work):
        begin()
        killed(work, after_s)
        with closing(Database.open(f"sqlite:///{folder / 'store.db'}")) as database:
            assert verify_record(database, [signer.public], Memory(folder / "seen")).damages == []
            gone = [each.index for each in read_entries(database, kind="note") if each.payload is None]
            ordered = bool(stored_orders(database).archivals)
            states.add((file.exists(), ordered, bool(gone)))
            assert gone in ([], going)
            if gone or ordered:
                assert list(verify_archive(database, file.read_bytes(), [signer.public]).indexes()) == going
            if ordered:
                assert finish(database, file.read_bytes(), [signer.public])[1] == (0 if gone else len(going))
                assert verify_record(database, [signer.public], Memory(folder / "seen")).damages == []
    assert (False, False, False) in states
    assert states <= {(False, False, False), (True, False, False), (True, True, False), (True, True, True)}
    assert len(states) > 1, "the kills came at moments that differ"


def installed(file):
    with closing(sqlite3.connect(file)) as store:
        return dict(store.execute("SELECT capability, version FROM hardpoint_tables"))


def test_killed_while_upgrading_it_is_one_version_or_the_other(store, tmp_path, signer):
    folder = tmp_path / "run"
    file = folder / "store.db"
    with closing(Database.open(f"sqlite:///{store / 'store.db'}")) as database:
        database.install(TABLES, to=1)

    def begin():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(store, folder)

    def work():
        create_store(f"sqlite:///{file}", [TABLES]).close()

    begin()
    versions = set()
    for after_s in moments(work):
        begin()
        killed(work, after_s)
        version = installed(file)["record"]
        versions.add(version)
        backups = list(folder.glob("*.backup"))
        assert version == 1 or len(backups) == 1
        for backup in backups:
            assert installed(backup) == {"record": 1}
            with closing(Database.open(f"sqlite:///{backup}")) as copy:
                assert verify_record(copy, [signer.public], Memory(Path(folder, "seen"))).damages == []
        work()
        assert installed(file) == {"record": 2}
        with closing(Database.open(f"sqlite:///{file}")) as database:
            assert verify_record(database, [signer.public], Memory(folder / "seen")).damages == []
    assert versions == {1, 2}, "the kills came before and after"


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(store):
    def fail(operations):
        operations.execute("DROP TABLE hardpoint_head")
        operations.execute("SELECT * FROM nowhere")

    newer = TableVersion(number=3, phase=Phase.BEFORE, upgrade=fail, downgrade=lambda _: None)
    tables = Tables(capability="record", metadata=TABLES.metadata, versions=(*TABLES.versions, newer))
    with closing(sqlite3.connect(store / "store.db")) as raw:
        before = list(raw.iterdump())
    told = []
    with pytest.raises(StoreProblem, match="nothing was upgraded, and the store is as it was"):
        create_store(f"sqlite:///{store / 'store.db'}", [tables], tell=told.append)
    with closing(sqlite3.connect(store / "store.db")) as raw:
        assert list(raw.iterdump()) == before
    assert "version 2 of the record's tables to 3" in told[0]


def test_without_room_for_a_backup_nothing_is_upgraded(store, monkeypatch):
    with closing(Database.open(f"sqlite:///{store / 'store.db'}")) as database:
        database.install(TABLES, to=1)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "sync", full)
    with pytest.raises(StoreProblem, match="No space left on device; nothing was upgraded"):
        create_store(f"sqlite:///{store / 'store.db'}", [TABLES])
    assert installed(store / "store.db") == {"record": 1}
    assert [file.name for file in store.iterdir() if "backup" in file.name] == []
