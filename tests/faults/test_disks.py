"""A disk that is full, fails, or takes half of what is written, at every system call: refused, never corrupt.

The faults come from the kernel (see kernel_faults and faulted), to SQLite and to Python alike. Whatever was
acknowledged is there, what was refused is a Problem and is not there, reading goes on, the record verifies in another
process, and appending goes on once the fault has gone.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import closing, contextmanager
from pathlib import Path

import kernel_faults
import pytest

from hardpoint.kernel.clock import system_clock
from hardpoint.kernel.identity.keys import KEY_FILE, signer_of
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Draft
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.record.verification import verify_record
from hardpoint.kernel.store import create_store

FAULTED = Path(__file__).with_name("faulted.py")
FULL = os.environ.get("HARDPOINT_FAULTS") == "full"
SEED = int(os.environ.get("HARDPOINT_FAULTS_SEED") or 20260331)
SHORT_POINTS = 12
"""Of each scenario and kind, in the short form; in full, every call is a point."""
SIZES = 200 if FULL else 25
KINDS = [("full", False), ("full", True), ("error", False), ("error", True), ("cut", False), ("cut", True)]
NEVER = 1 << 30
DURABLE = "The append is durable"
"""How the one Problem begins that follows a commit: the entry is there, and the memory of it is not."""


class Laboratory:
    """A process that runs scenarios under faults, and a whole record that each begins from."""

    def __init__(self, folder, repository):
        self.folder, self.repository = folder, repository
        self.whole = folder / "whole"
        self.process = subprocess.Popen(
            [sys.executable, str(FAULTED)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.whole.mkdir()
        with record_in(self.whole) as (_, _, record):
            for number in range(3):
                record.append(note(f"earlier {number}"))

    def run_at(self, folder, scenario, **fault):
        self.process.stdin.write(json.dumps({"folder": str(folder), "scenario": scenario, **fault}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def run(self, scenario, **fault):
        """One point: what the child saw, and the folder that it left."""
        folder = self.folder / "point"
        shutil.rmtree(folder, ignore_errors=True)
        if scenario in {"begin", "key", "command"}:
            folder.mkdir()
        else:
            shutil.copytree(self.whole, folder)
        if scenario == "command":
            (folder / "repository").symlink_to(self.repository)
        said = self.run_at(folder, scenario, **fault)
        assert said["status"] == 0, f"the child of {scenario} ended with {said['status']} under {fault}: {said}"
        return said, folder

    def points(self, scenario, kind):
        """The numbers of the calls that the scenario makes: all, or some of them."""
        seen = self.run(scenario, kind=kind, at=NEVER, lasting=False)[0]["seen"]
        assert seen, f"{scenario} makes no call to refuse"
        if FULL or seen <= SHORT_POINTS:
            return range(seen)
        return sorted(random.Random(SEED).sample(range(seen), SHORT_POINTS))

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def repository_folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("repository")
    (root / "hardpoint.yaml").write_text("version: 1\nservices: [{name: keystone}]\n")
    (root / "a.md").write_text("# A\n")
    who = {f"GIT_{one}_{part}": "a@b" for one in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "begin"]):
        subprocess.run(["git", *command], cwd=root, check=True, env={**os.environ, **who})
    return root


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory, repository_folder):
    with closing(Laboratory(tmp_path_factory.mktemp("laboratory"), repository_folder)) as laboratory:
        yield laboratory


@pytest.fixture
def refusals(laboratory):
    """The laboratory, where the kernel can refuse single calls."""
    if not kernel_faults.available() and not os.environ.get("HARDPOINT_REQUIRE_TOOLS"):
        pytest.skip("the kernel cannot watch a process")
    return laboratory


@contextmanager
def record_in(folder):
    """The record in a folder, with its database and the memory of its user."""
    signer, memory = signer_of(folder / "settings", {}), Memory(folder / "settings" / "checkpoints")
    with closing(create_store(f"sqlite:///{folder / 'store.db'}", [TABLES])) as database:
        begin_record(database, signer)
        yield database, memory, Record(database, signer, system_clock, memory, {signer.public})


def note(text):
    return Draft(kind="note", subject="org/a", payload_type="text/plain", payload=text.encode())


def check(folder, done):
    """The record in another process than the one that met the fault: whole, as acknowledged, and growing."""
    with record_in(folder) as (database, memory, record):
        found = verify_record(database, [signer_of(folder / "settings", {}).public], memory)
        assert found.damages == []
        stored = [entry.payload.strip().decode() for entry in read_entries(database, kind="note")]
        for what, how, value in done:
            if how == "ok" and what.partition(" ")[0] in {"before", "during", "after"}:
                assert stored[value] == what, f"entry {value} was acknowledged as {what!r}"
            elif how == "StoreProblem" and what.startswith("during"):
                assert (what in stored) is value.startswith(DURABLE), f"{what!r} was refused: {value}"
        assert record.append(note("another process")).index == len(stored) == found.size


def judge(scenario, said, folder, *, reading):
    """Every end of every attempt was allowed; returns how many of them were refused."""
    for what, how, value in said["done"]:
        where = f"{scenario}, {said['met']}: {what} ended with {how}: {value}"
        # SQLite takes a read that fails for a damaged file (SQLITE_IOERR_CORRUPTFS), and so do we.
        assert how in {"ok", "StoreProblem", "UsageProblem", *(["IntegrityProblem"] if reading else [])}, where
        assert how != "UsageProblem" or value.startswith("The signing key"), where
        assert what not in {"before", "after"} or how == "ok", where
        if what == "read" and not reading:
            assert how == "ok", where
    check(folder, said["done"])
    return sum(how != "ok" for _, how, _ in said["done"])


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize("scenario", ["warm", "cold", "begin", "fold"])
@pytest.mark.parametrize(("kind", "lasting"), KINDS)
def test_a_write_that_fails_at_any_system_call_is_refused_and_nothing_is_lost(
    refusals, points, scenario, kind, lasting
):
    refused = 0
    for at in refusals.points(scenario, kind):
        said, folder = refusals.run(scenario, kind=kind, at=at, lasting=lasting)
        assert said["met"], f"call {at} was not made"
        points[f"{scenario}: {kind} at {said['met']}"] += 1
        refused += judge(scenario, said, folder, reading=False) > 0
    points[f"{scenario}: refused"] += refused
    assert refused or scenario == "fold" or (kind == "cut" and not lasting)


@pytest.mark.parametrize("scenario", ["warm", "cold"])
@pytest.mark.parametrize("lasting", [False, True])
def test_a_read_that_fails_at_any_system_call_is_a_problem_and_nothing_is_lost(refusals, points, scenario, lasting):
    for at in refusals.points(scenario, "read"):
        said, folder = refusals.run(scenario, kind="read", at=at, lasting=lasting)
        points[f"{scenario}: error at {said['met']}"] += 1
        judge(scenario, said, folder, reading=True)


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize("scenario", ["warm", "cold", "begin", "fold"])
def test_files_that_may_not_grow_any_more_keep_what_was_acknowledged(laboratory, points, scenario):
    chance = random.Random(SEED)
    for size in [0, 1, *(chance.randrange(1 << chance.randrange(6, 19)) for _ in range(SIZES))]:
        said, folder = laboratory.run(scenario, size=size)
        points[f"{scenario}: size limit"] += 1
        judge(scenario, said, folder, reading=False)


# The user's settings.


@pytest.mark.parametrize(("kind", "lasting"), KINDS)
def test_the_first_key_is_whole_or_not_there(refusals, points, kind, lasting):
    for at in refusals.points("key", kind):
        said, _ = refusals.run("key", kind=kind, at=at, lasting=lasting)
        points[f"key: {kind} at {said['met']}"] += 1
        key_is_whole(said, clean=not lasting)


def test_the_first_key_is_whole_or_not_there_where_files_may_not_grow(laboratory, points):
    for size in range(0, 130, 1 if FULL else 10):
        said, _ = laboratory.run("key", size=size)
        points["key: size limit"] += 1
        key_is_whole(said, clean=True)


def key_is_whole(said, *, clean):
    (_, how, value), (_, _, left), *whole = said["done"]
    assert how in {"ok", "UsageProblem"}, said
    assert whole == ([["whole", "ok", value]] if how == "ok" else whole[:1]), said
    assert all(end == "ok" for _, end, _ in whole), f"a key that cannot be used was left: {said}"
    # Where deleting fails too, a draft stays; it is never taken for the key.
    assert set(left.split()) <= {KEY_FILE} or not clean or said["met"].startswith("unlink"), f"{left} was left"


def test_a_key_file_that_was_cut_off_anywhere_is_refused_with_a_sentence(tmp_path, points):
    signer_of(tmp_path, {})
    whole = (tmp_path / KEY_FILE).read_bytes()
    for size in range(len(whole) - 1):
        (tmp_path / KEY_FILE).write_bytes(whole[:size])
        points["key: cut off"] += 1
        with pytest.raises(UsageProblem, match="does not hold an unencrypted Ed25519 private key"):
            signer_of(tmp_path, {})
        assert (tmp_path / KEY_FILE).read_bytes() == whole[:size]


# The command.


@pytest.mark.parametrize(("kind", "lasting"), [("full", True), ("error", True), ("error", False), ("cut", True)])
def test_a_command_that_meets_the_fault_says_so_and_does_not_pass(refusals, points, kind, lasting):
    ends = Counter()
    for at in refusals.points("command", kind):
        said, folder = refusals.run("command", kind=kind, at=at, lasting=lasting)
        (_, code, text), (_, again, told), (_, verified, whole) = said["done"]
        points[f"command: {kind} at {said['met']}"] += 1
        ends[code] += 1
        assert code in {0, 2, 3}, f"{said['met']}: {text}"
        assert "Traceback" not in text, text
        assert "defect" not in text, text
        if code == 0:
            assert (folder / "store.db").exists()
        assert (again, verified) == (0, 0), f"after {said['met']} ({text}): {told} {whole}"
    assert ends[2] + ends[3]
