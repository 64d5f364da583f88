"""Processes: an argument vector, never a shell, within limits."""

import sys
import tempfile
import time
from io import StringIO

import pytest

from hardpoint.kernel.command import run
from hardpoint.kernel.problem import ToolProblem


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_what_a_process_writes_and_its_exit_are_kept(tmp_path):
    done = run(python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"), cwd=tmp_path)
    assert (done.exit, done.stdout, done.stderr) == (7, b"out\n", b"err\n")
    assert done.duration_s > 0
    assert done.argv[0] == sys.executable


def test_no_shell_reads_the_arguments(tmp_path):
    done = run([*python("import sys; print(sys.argv[1:])"), "$HOME", "; touch x", "*"], cwd=tmp_path)
    assert done.stdout == b"['$HOME', '; touch x', '*']\n"
    assert not list(tmp_path.iterdir())


def test_standard_input_is_empty(tmp_path):
    assert run(python("import sys; print(repr(sys.stdin.read()))"), cwd=tmp_path).stdout == b"''\n"


def test_standard_input_is_what_was_given_and_no_more(tmp_path):
    done = run(python("import sys; sys.stdout.write(sys.stdin.read()[::-1])"), cwd=tmp_path, stdin=b"abc")
    assert done.stdout == b"cba"


def test_settings_are_laid_over_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("KEPT", "1")
    done = run(python("import os; print(os.environ['KEPT'], os.environ['ADDED'])"), cwd=tmp_path, env={"ADDED": "2"})
    assert done.stdout == b"1 2\n"


def test_a_variable_that_it_must_not_see_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setenv("KEPT_FROM_IT", "1")
    code = "import os; print('KEPT_FROM_IT' in os.environ)"
    assert run(python(code), cwd=tmp_path, without={"KEPT_FROM_IT"}).stdout == b"False\n"


def test_what_it_writes_is_shown_while_it_runs(tmp_path):
    echo = StringIO()
    seen = []
    echo.flush = lambda: seen.append(echo.getvalue())
    code = "import os, time; os.write(1, 'gr\u00fc\u00df'.encode()); time.sleep(1); os.write(2, b'end')"
    done = run(python(code), cwd=tmp_path, echo=echo)
    assert (done.stdout.decode(), done.stderr) == ("grüß", b"end")
    assert echo.getvalue() == "grüßend"
    assert "grüß" in seen


def test_what_it_wrote_is_shown_although_it_did_not_end(tmp_path):
    echo = StringIO()
    code = "import os, threading; os.write(1, b'begun'); threading.Event().wait()"
    with pytest.raises(ToolProblem, match="did not end"):
        run(python(code), cwd=tmp_path, timeout_s=1, echo=echo)
    assert echo.getvalue() == "begun"


def test_a_missing_program_is_a_problem_with_a_remedy(tmp_path):
    with pytest.raises(ToolProblem, match="no-such-tool is not installed") as caught:
        run(["no-such-tool"], cwd=tmp_path)
    assert "PATH" in caught.value.remedy


def test_what_is_no_program_is_a_problem(tmp_path):
    (tmp_path / "plain").write_text("text")
    with pytest.raises(ToolProblem, match="could not be started"):
        run([str(tmp_path / "plain")], cwd=tmp_path)


def test_a_process_that_does_not_end_is_ended(tmp_path):
    with pytest.raises(ToolProblem, match=r"did not end within 0\.3 s"):
        run(python("import threading; threading.Event().wait()"), cwd=tmp_path, timeout_s=0.3)


def test_output_over_the_limit_is_refused_not_cut(tmp_path):
    assert run(python("print('x' * 9)"), cwd=tmp_path, max_output_bytes=10).stdout == b"xxxxxxxxx\n"
    with pytest.raises(ToolProblem, match="more than 10 bytes"):
        run(python("print('x' * 10)"), cwd=tmp_path, max_output_bytes=10)
    with pytest.raises(ToolProblem, match="more than 10 bytes"):
        run(python("import sys; sys.stderr.write('x' * 11)"), cwd=tmp_path, max_output_bytes=10)


def test_death_by_a_signal_is_a_negative_exit(tmp_path):
    assert run(python("import os; os.kill(os.getpid(), 9)"), cwd=tmp_path).exit == -9


def test_a_folder_that_is_gone_does_not_blame_the_program(tmp_path):
    with pytest.raises(ToolProblem, match="folder"):
        run(python("pass"), cwd=tmp_path / "gone")


def test_a_process_that_writes_without_end_is_ended_while_it_writes(tmp_path):
    flood = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
    began = time.monotonic()
    with pytest.raises(ToolProblem, match="more than 100000 bytes"):
        run(python(flood), cwd=tmp_path, timeout_s=60, max_output_bytes=100_000)
    assert time.monotonic() - began < 30


def test_what_a_process_started_ends_with_it(tmp_path):
    child = "import time\nfor n in range(600): time.sleep(0.05); open('beat', 'a').write('.')"
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}]).wait()"
    with pytest.raises(ToolProblem, match="did not end"):
        run(python(parent), cwd=tmp_path, timeout_s=1.5)
    beat = tmp_path / "beat"
    before = beat.stat().st_size if beat.exists() else 0
    assert before > 0
    time.sleep(0.5)
    assert beat.stat().st_size <= before + 1


def test_a_program_reads_what_it_is_given_and_nothing_else(tmp_path):
    assert run(["cat"], cwd=tmp_path, stdin=b"given").stdout == b"given"
    assert run(["cat"], cwd=tmp_path).stdout == b""


def test_a_machine_without_room_for_a_temporary_file_is_a_problem(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(ToolProblem, match="cannot be run without a temporary file"):
        run(python("pass"), cwd=tmp_path)
