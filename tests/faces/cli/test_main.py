"""The command line: exit codes, forms, wrong usage, and output that nobody reads."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hardpoint import __version__
from hardpoint.faces.cli import main
from hardpoint.kernel.capability import Capability, Storey
from hardpoint.kernel.problem import Exit, IntegrityProblem, Problem, StoreProblem, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import verb

GOOD = b'<testsuite name="unit"><testcase classname="t" name="adds"/></testsuite>'


def python(*arguments: str, cwd: Path, **settings) -> subprocess.CompletedProcess:
    argv = [sys.executable, "-m", "hardpoint", *arguments]
    return subprocess.run(argv, cwd=cwd, check=False, **{"capture_output": True, "text": True, **settings})


def test_it_runs_as_a_module_and_ends_with_its_exit_code(tmp_path):
    assert python("--version", cwd=tmp_path).stdout == f"hardpoint {__version__}\n"
    assert python("check", cwd=tmp_path).returncode == 0
    wrong = python("gate", cwd=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "There is no hardpoint.yaml here" in wrong.stderr


def test_help_lists_every_noun_and_is_no_failure(cli):
    for arguments in (["--help"], ["-h"], ["evidence", "--help"], ["gate", "--help"], ["check", "-h"]):
        ran = cli(*arguments)
        assert (ran.exit, ran.err) == (0, "")
        assert "Usage: hardpoint" in ran.out
    assert "init" in cli("--help").out


@pytest.mark.parametrize("arguments", [[], ["evidence"], ["record"]])
def test_too_few_words_are_wrong_usage_answered_by_the_help(cli, arguments):
    ran = cli(*arguments)
    assert (ran.exit, ran.out) == (2, "")
    assert ran.err.startswith("Usage: hardpoint")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chekc"], "'chekc' is no command (did you mean 'check'?)"),
        (["evidence", "imprt"], "'imprt' is no verb (did you mean 'import'?)"),
        (["check", "--recrod"], "Did you mean '--record'?"),
        (["evidence", "import"], "FILE"),
        (["check", "a", "b"], "unexpected extra argument"),
        (["check", "--format", "jsn"], "'jsn'"),
        (["check", "--fail-on", "fatal"], "'fatal'"),
        (["check", "gone"], "is not a folder"),
        (["check", "--record"], "declares no service"),
        (["gate"], "There is no hardpoint.yaml here"),
        (["gate", "--at", "x"], "There is no hardpoint.yaml here"),
    ],
)
def test_wrong_usage_is_exit_2_with_a_suggestion(cli, tmp_path, arguments, said):
    ran = cli(*arguments, folder=tmp_path)
    assert (ran.exit, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize("arguments", [["chekc"], ["evidence", "imprt"], ["gate"], ["check", "--recrod"]])
@pytest.mark.parametrize("form", [["--format", "json"], ["--format=json"]])
def test_a_problem_is_one_json_object_where_that_was_asked_for(cli, tmp_path, arguments, form):
    ran = cli(*arguments, *form, folder=tmp_path)
    assert (ran.exit, ran.err) == (2, "")
    assert (ran.json["schema"], ran.json["code"]) == ("problem/v1", "usage")
    assert ran.json["detail"]
    assert ran.json["remedy"]


@pytest.mark.parametrize(
    ("raised", "exit_code"),
    [
        (UsageProblem("x"), 2),
        (Problem("x"), 3),
        (StoreProblem("x"), 3),
        (IntegrityProblem("x"), 5),
        (RuntimeError("x"), 3),
        (KeyboardInterrupt(), 3),
        (MemoryError(), 3),
        (RecursionError("x"), 3),
        (SystemExit(0), 3),
    ],
)
def test_whatever_ends_a_call_has_its_exit_code_and_is_no_pass(cli, monkeypatch, raised, exit_code):
    def broken(*_):
        raise raised

    monkeypatch.setattr(main, "_root", broken)
    for form in ("text", "json"):
        ran = cli("check", "--format", form)
        assert ran.exit == exit_code
        assert "Traceback" not in ran.err + ran.out


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "error: No space left on device\n"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "error: Permission denied: /x\n"),
    ],
)
def test_what_the_machine_refuses_is_called_no_defect(cli, monkeypatch, raised, said):
    def broken(*_):
        raise raised

    monkeypatch.setattr(main, "_root", broken)
    ran = cli("check")
    assert (ran.exit, ran.err) == (3, said)


def test_an_unexpected_error_shows_its_trace_only_where_it_is_asked_for(cli, monkeypatch):
    def broken(*_):
        raise RuntimeError("what happened")

    monkeypatch.setattr(main, "_root", broken)
    assert "Unexpected RuntimeError: what happened" in cli("check").err
    monkeypatch.setenv("HARDPOINT_DEBUG", "1")
    with pytest.raises(RuntimeError, match="what happened"):
        cli("check")


def test_the_exit_codes_are_those_of_the_docs():
    assert [each.value for each in Exit] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "arguments", [["schema"], ["check"], ["check", "--format", "json"], ["--help"], ["gate", "--format", "json"]]
)
def test_a_reader_that_has_gone_is_no_trace_and_no_verdict(tmp_path, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    ended = python(*arguments, cwd=tmp_path, capture_output=False, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert ended.returncode in {2, 3}
    assert ended.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("arguments", [["schema"], ["check", "--format", "json"], ["gate", "--format", "json"]])
def test_output_that_does_not_fit_is_no_verdict(tmp_path, arguments):
    with Path("/dev/full").open("w") as full:
        ended = python(*arguments, cwd=tmp_path, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert ended.returncode in {2, 3}
    assert "Traceback" not in ended.stderr


def test_output_in_a_pipe_has_no_colours(tmp_path):
    assert "\x1b" not in python("check", cwd=tmp_path).stdout


def test_the_exit_codes_of_a_process(repository, tmp_path, settings_folder):
    root = repository({"README.md": "[x](gone.md)\n"})
    assert python("check", cwd=root).returncode == 1
    assert python("evidence", "import", "--dry-run", "gone.xml", cwd=root).returncode == 3
    (tmp_path / "r.xml").write_bytes(GOOD)
    assert python("evidence", "import", "--dry-run", "r.xml", cwd=tmp_path).returncode == 0


@verb("gate", "prove")
def prove(context):
    """Only of this test."""
    return Result(schema="prove/v1", headline="proved")


class Proving(Capability):
    """A capability with a verb below a noun that has a verb of its own."""

    def objects(self, room, kind):
        yield from [prove] * (room == "verbs")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "NO-GO at merge"),
        (["--no-check"], "NO-GO at merge"),
        (["merge", "--no-check"], "NO-GO at merge"),
        (["--no-check", "merge"], "NO-GO at merge"),
        (["--format", "json", "merge"], '"answer": "NO-GO"'),
        (["merg"], "did you mean 'merge'?"),
        (["--no-chek"], "--no-check"),
        (["prove"], "proved"),
        (["prove", "--format", "json"], '"schema": "prove/v1"'),
    ],
)
def test_a_noun_with_a_verb_of_its_own_may_have_others_too(cli, repository, monkeypatch, arguments, said):
    known = (*main.capabilities(), Proving("proving", Storey.PROGRAMME, "x", {"gate": "say GO or NO-GO"}))
    monkeypatch.setattr(main, "capabilities", lambda: known)
    gates = "[{name: merge, criteria: [{id: a, kind: report, report: junit, require: {failures: 0}}]}]"
    root = repository({"hardpoint.yaml": f"version: 1\nservices: [{{name: keystone}}]\ngates: {gates}\n"})
    cli("check", "--record", folder=root)
    ran = cli("gate", *arguments, folder=root)
    assert said in ran.out + ran.err
    assert ran.exit == (0 if "prove" in arguments else 2 if "did you mean" in ran.err.lower() else 1)


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_its_help_has_its_own_options_and_the_other_verbs(cli, monkeypatch, option):
    known = (*main.capabilities(), Proving("proving", Storey.PROGRAMME, "x", {"gate": "say GO or NO-GO"}))
    monkeypatch.setattr(main, "capabilities", lambda: known)
    helped = cli("gate", option)
    assert (helped.exit, helped.out.splitlines()[0]) == (0, "Usage: hardpoint gate [OPTIONS] [NAME]")
    assert all(
        part in helped.out for part in ("Say GO or NO-GO at gate NAME", "--no-check", "prove    Only of this test.")
    )
    assert "Usage: hardpoint gate prove [OPTIONS]" in cli("gate", "prove", option).out
    assert "Usage: hardpoint gate [OPTIONS] [NAME]" in cli("gate", "merge", option).out
