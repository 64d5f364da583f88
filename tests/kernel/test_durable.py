"""Files that are replaced whole, by one process at a time."""

import os
import subprocess
import sys
import threading

import pytest

from hardpoint.kernel.durable import held, replace_file


def test_a_file_is_replaced_whole_and_leaves_no_draft(tmp_path):
    for content in (b"old", b"new"):
        replace_file(tmp_path / "file", content)
    assert (tmp_path / "file").read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_file_that_does_not_reach_the_disk_leaves_the_one_before(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    replace_file(tmp_path / "file", b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_one_holds_a_folder_at_a_time(tmp_path):
    entered = threading.Event()

    def enter():
        with held(tmp_path / "new"):
            entered.set()

    other = threading.Thread(target=enter)
    with held(tmp_path / "new"):
        other.start()
        assert not entered.wait(0.1)
    other.join()
    assert entered.is_set()
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@pytest.mark.requirement("GAT-14")
def test_the_lock_of_a_process_that_dies_is_free(tmp_path):
    program = (
        "import os, sys; from pathlib import Path; from hardpoint.kernel.durable import held\n"
        "with held(Path(sys.argv[1])):\n    os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False).returncode != 0
    with held(tmp_path):
        pass
