"""The newest checkpoint that a user has seen."""

import subprocess
import sys
import threading

import pytest

from hardpoint.kernel.problem import IntegrityProblem, StoreProblem
from hardpoint.kernel.record.checkpoint import Checkpoint
from hardpoint.kernel.record.memory import Memory

OLD, NEW = (Checkpoint("hardpoint/a", size, bytes([size]) * 32) for size in (3, 4))


def test_nothing_is_recalled_of_a_log_never_seen(memory):
    assert memory.recall("hardpoint/a") is None


def test_a_checkpoint_is_recalled_under_its_origin_alone(memory):
    memory.remember(NEW)
    assert memory.recall("hardpoint/a") == NEW
    assert memory.recall("hardpoint/b") is None


def test_the_larger_checkpoint_is_kept_whichever_comes_last(memory):
    memory.remember(OLD)
    memory.remember(NEW)
    memory.remember(OLD)
    assert memory.recall("hardpoint/a") == NEW


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize("text", [b"", b"\xff", b"hardpoint/a\nfour\nAAAA\n", b"hardpoint/b\n4\n"])
def test_a_broken_file_is_said_with_its_path_and_is_not_nothing_seen(tmp_path, text):
    memory = Memory(tmp_path)
    memory.remember(OLD)
    file = only_file(tmp_path)
    file.write_bytes(text)
    for use in (lambda: memory.recall("hardpoint/a"), lambda: memory.remember(NEW)):
        with pytest.raises(IntegrityProblem, match=file.name) as caught:
            use()
        assert "backup" in caught.value.remedy
    assert file.read_bytes() == text


def test_a_checkpoint_in_the_file_of_another_origin_is_said(tmp_path):
    memory = Memory(tmp_path)
    memory.remember(OLD)
    only_file(tmp_path).write_text(Checkpoint("hardpoint/b", 3, OLD.root).body() + "\n")
    with pytest.raises(IntegrityProblem, match="it is of hardpoint/b"):
        memory.recall("hardpoint/a")


def test_a_file_that_may_not_be_read_is_said(tmp_path):
    memory = Memory(tmp_path)
    memory.remember(OLD)
    file = only_file(tmp_path)
    file.unlink()
    file.mkdir()
    with pytest.raises(IntegrityProblem, match="directory"):
        memory.recall("hardpoint/a")


def only_file(folder):
    (file,) = (each for each in folder.iterdir() if not each.name.startswith("."))
    return file


def test_the_folder_is_its_owners_alone_and_holds_no_drafts(tmp_path):
    folder = tmp_path / "settings" / "checkpoints"
    Memory(folder).remember(OLD)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert only_file(folder).read_bytes() == f"{OLD.body()}\n".encode()


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreProblem, match="cannot be remembered"):
        Memory(tmp_path / "file" / "folder").remember(OLD)


def test_threads_that_remember_at_once_leave_the_largest(memory):
    seen = [Checkpoint("hardpoint/a", size, bytes([size]) * 32) for size in range(1, 40)]
    threads = [threading.Thread(target=memory.remember, args=(each,)) for each in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert memory.recall("hardpoint/a") == seen[-1]


_REMEMBER = """\
import sys
from pathlib import Path
from hardpoint.kernel.record.checkpoint import Checkpoint
from hardpoint.kernel.record.memory import Memory
for size in range(int(sys.argv[2]), 200, 3):
    Memory(Path(sys.argv[1])).remember(Checkpoint("hardpoint/a", size, bytes([size]) * 32))
"""


@pytest.mark.requirement("GAT-14")
def test_processes_that_remember_at_once_leave_the_largest(tmp_path):
    command = [sys.executable, "-c", _REMEMBER, str(tmp_path)]
    running = [subprocess.Popen([*command, str(first)]) for first in (1, 2, 3)]
    assert [each.wait(60) for each in running] == [0, 0, 0]
    seen = Memory(tmp_path).recall("hardpoint/a")
    assert seen is not None
    assert seen.size == 199


def test_which_record_a_store_held_is_kept_for_each_store(memory):
    memory.keep_origin("sqlite:////a", "hardpoint/a")
    memory.keep_origin("sqlite:////b", "hardpoint/b")
    memory.keep_origin("sqlite:////a", "hardpoint/c")
    assert [memory.origin_of(f"sqlite:////{name}") for name in "abc"] == ["hardpoint/c", "hardpoint/b", None]
    memory.forget_origin("sqlite:////a")
    memory.forget_origin("sqlite:////a")
    assert [memory.origin_of(f"sqlite:////{name}") for name in "ab"] == [None, "hardpoint/b"]


@pytest.mark.parametrize("text", [b"", b"\xff", b"hardpoint/a\n", b"hardpoint/a\nsqlite:////b\n"])
def test_a_broken_file_of_a_store_is_said(tmp_path, text):
    memory = Memory(tmp_path)
    memory.keep_origin("sqlite:////a", "hardpoint/a")
    only_file(tmp_path / "stores").write_bytes(text)
    with pytest.raises(IntegrityProblem, match="does not say which record"):
        memory.origin_of("sqlite:////a")
