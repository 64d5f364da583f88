"""The newest checkpoint that a user has seen."""

import threading

import pytest

from hardpoint.kernel.problem import StoreProblem
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


@pytest.mark.parametrize("text", [b"", b"\xff", b"hardpoint/a\nfour\nAAAA\n", b"hardpoint/b\n4\n"])
def test_a_broken_file_is_nothing_seen(tmp_path, text):
    memory = Memory(tmp_path)
    memory.remember(OLD)
    (file,) = tmp_path.iterdir()
    file.write_bytes(text)
    assert memory.recall("hardpoint/a") is None


def test_a_checkpoint_in_the_file_of_another_origin_is_nothing_seen(tmp_path):
    memory = Memory(tmp_path)
    memory.remember(OLD)
    (file,) = tmp_path.iterdir()
    file.write_text(Checkpoint("hardpoint/b", 3, OLD.root).body() + "\n")
    assert memory.recall("hardpoint/a") is None


def test_the_folder_is_its_owners_alone_and_holds_no_drafts(tmp_path):
    folder = tmp_path / "settings" / "checkpoints"
    Memory(folder).remember(OLD)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(list(folder.iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreProblem, match="cannot be remembered"):
        Memory(tmp_path / "file" / "folder").remember(OLD)


def test_threads_that_remember_at_once_leave_a_checkpoint_that_was_seen(memory):
    seen = [Checkpoint("hardpoint/a", size, bytes([size]) * 32) for size in range(1, 40)]
    threads = [threading.Thread(target=memory.remember, args=(each,)) for each in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert memory.recall("hardpoint/a") in seen
