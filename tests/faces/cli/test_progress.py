"""Progress: seen on a terminal, by nobody else, and one bar at a time."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from hardpoint.faces.cli import progress as bars
from hardpoint.kernel.progress import track

MANY = 450


@pytest.fixture
def documents(tmp_path):
    for number in range(MANY):
        (tmp_path / f"{number}.md").write_text("# A page\n\n[next](#a-page)\n")
    return tmp_path


def checked(folder: Path, stderr: int) -> bytes:
    """What `docs check` prints to standard output."""
    settings = {"TERM": "xterm", "XDG_CACHE_HOME": str(folder / ".cache"), "COLUMNS": "80"}
    argv = [sys.executable, "-m", "hardpoint", "docs", "check", "--format", "json"]
    completed = subprocess.run(
        argv, cwd=folder, stdout=subprocess.PIPE, stderr=stderr, env={**os.environ, **settings}, check=True
    )
    return completed.stdout


def test_whoever_waits_at_a_terminal_sees_documents_being_read(documents):
    ours, theirs = pty.openpty()
    try:
        said = checked(documents, theirs)
        os.close(theirs)
        seen = os.read(ours, 1 << 20)
    finally:
        os.close(ours)
    assert b"Reading documents" in seen
    assert b"Reading" not in said


def test_a_pipe_sees_nothing_of_it(documents):
    argv = [sys.executable, "-m", "hardpoint", "docs", "check"]
    completed = subprocess.run(argv, cwd=documents, capture_output=True, check=True)
    assert completed.stderr == b""


def test_work_within_work_has_no_bar_of_its_own(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    told = []
    monkeypatch.setattr(
        bars, "_bar", lambda label, _total, shown: (told.append(label), shown.append(label), lambda: None)[2]
    )
    begin = bars.progress()
    begin("outer", 1000)
    begin("inner", 1000)
    assert told == ["outer"]


def test_what_is_given_up_is_counted_to_its_end():
    counted = []
    tracked = track(range(5), "x", lambda _label, _total: lambda: counted.append(1))
    next(tracked)
    tracked.close()
    assert len(counted) == 5
