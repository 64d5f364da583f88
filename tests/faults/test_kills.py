"""kill -9 of a writer at random points: nothing acknowledged is lost, no fork, and the next one goes on.

A process kill is no power cut: what the system had taken, it still writes.
"""

import os
import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import signer_of
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.record.verification import verify_record

WRITER = Path(__file__).with_name("writer.py")
FULL = os.environ.get("HARDPOINT_FAULTS") == "full"
KILLS = {"sqlite": 10_000 if FULL else 60, "postgresql": 2_000 if FULL else 30}
KILLS_OF_A_STORE = 100  # then a new one, so that verifying stays short
START_UP_S = 1.0
LONGEST_S = 0.05
SEED = int(os.environ.get("HARDPOINT_FAULTS_SEED") or 20260331)


class Victim:
    """Writers of one store, one after the other, each killed."""

    def __init__(self, url, settings, threads):
        self.url, self.settings = url, settings
        self.acknowledged, self.start_ups_s = [], []
        command = [sys.executable, str(WRITER), url, str(settings), str(threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def kill(self, after_s, *, since_open):
        """Start a writer and kill it so long after its start, or after its first acknowledgement."""
        self.say("go")
        if not since_open:
            self.say(after_s)
        while (line := self.process.stdout.readline().rstrip("\n")) != "dead":
            assert line not in ("", "failed"), "the writer ended before it was killed"
            if not line.startswith("open "):
                self.acknowledged.append(int(line))
                continue
            self.start_ups_s.append(float(line.removeprefix("open ")))
            if since_open:
                self.say(after_s)

    def say(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def check(self):
        """All that was acknowledged is there, and perhaps what was committed and could not be acknowledged any more.

        PostgreSQL may still be ending that commit, so reading can find more than verifying did.
        """
        keys = [signer_of(self.settings, {}).public]
        with closing(Database.open(self.url)) as database:
            found = verify_record(database, keys, Memory(self.settings / "checkpoints"))
            stored = [entry.index for entry in read_entries(database, kind="note", subject="org/a")]
        assert found.damages == []
        assert stored == list(range(len(stored)))
        assert len(stored) >= found.size > max(self.acknowledged), "an acknowledged entry is lost"
        assert len(stored) == found.size or self.url.startswith("postgresql")
        assert len(set(self.acknowledged)) == len(self.acknowledged), "an index was given twice"

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def begin_anew(url):
    with closing(Database.open(url)) as database:
        database.install(TABLES, to=0)


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize("threads", [1, 4])
def test_a_killed_writer_loses_nothing_that_it_acknowledged(database_url, settings_folder, threads):
    dialect = database_url.partition(":")[0]
    chance = random.Random(SEED + threads)
    kills, start_ups_s, acknowledged = KILLS[dialect] // 2, [], 0
    for first in range(0, kills, KILLS_OF_A_STORE):
        begin_anew(database_url)
        with closing(Victim(database_url, settings_folder, threads)) as victim:
            for _ in range(first, min(first + KILLS_OF_A_STORE, kills)):
                victim.kill(chance.uniform(0, LONGEST_S), since_open=chance.random() < 0.7)
                if victim.acknowledged:
                    victim.check()
            start_ups_s += victim.start_ups_s
            acknowledged += len(victim.acknowledged)
    assert acknowledged > kills // 2, "the writers came to write"
    if FULL:
        assert max(start_ups_s) < START_UP_S
