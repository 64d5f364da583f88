"""`--output FORM=FILE`: files beside standard output, written whatever the exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hardpoint.faces.cli.outputs import Outputs, outputs_of
from hardpoint.faces.forms import FORMS

WRONG = "[gone](gone.md)\n"


def test_files_are_written_beside_standard_output(cli, repository):
    root = repository({"README.md": WRONG})
    ran = cli("check", "--output", "json=out.json", "--output=github=out.txt", folder=root)
    assert (ran.exit, "DOC001" in ran.out) == (1, True)
    assert json.loads((root / "out.json").read_text())["findings"][0]["rule"] == "DOC001"
    assert (root / "out.txt").read_text().startswith("::error file=README.md,line=1,col=1,title=DOC001::")


def test_a_document_is_written_as_it_is(cli, tmp_path):
    assert cli("schema", "--output", "sarif=s.json", folder=tmp_path).exit == 0
    assert json.loads((tmp_path / "s.json").read_text())["title"]


@pytest.mark.parametrize("arguments", [["chekc"], ["check", "--recrod"], ["gate"], ["check", "gone"], []])
def test_a_problem_is_written_whatever_it_is(cli, tmp_path, arguments):
    ran = cli(*arguments, "--output", "sarif=x.sarif", folder=tmp_path)
    assert ran.exit == 2
    (run,) = json.loads((tmp_path / "x.sarif").read_text())["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert ran.err.startswith("error: ")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["pdf=x"], "'pdf=x' is not FORM=FILE"),
        (["sarif"], "'sarif' is not FORM=FILE"),
        (["sarif="], "'sarif=' is not FORM=FILE"),
        (["sarif=folder"], "'folder' is a folder"),
        (["sarif=none/such"], "'none/such' cannot be written"),
        (["sarif=x", "junit=x"], "names 'x' twice"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_done(cli, tmp_path, asked, said):
    (tmp_path / "folder").mkdir()
    options = [option for each in asked for option in ("--output", each)]
    ran = cli("init", *options, folder=tmp_path)
    assert (ran.exit, said in ran.err) == (2, True)
    assert not (tmp_path / "hardpoint.yaml").exists()


@pytest.mark.parametrize("name", ["report.json", "reports/report.json"])
def test_no_link_of_what_is_reviewed_leads_a_report_elsewhere(cli, tmp_path, name):
    checkout, outside = tmp_path / "checkout", tmp_path / "outside"
    checkout.mkdir()
    outside.mkdir()
    (outside / "report.json").write_text("precious")
    (checkout / "report.json").symlink_to(outside / "report.json")
    (checkout / "reports").symlink_to(outside)
    for asked in (name, str(checkout / name)):
        ran = cli("check", "--output", f"json={asked}", folder=checkout)
        assert (ran.exit, "is led out of this folder by a link" in ran.err) == (2, True)
    assert (outside / "report.json").read_text() == "precious"


@pytest.mark.parametrize("name", ["a" * 300, "loop"])
def test_a_name_that_no_machine_takes_is_told_and_no_defect(cli, tmp_path, name):
    (tmp_path / "loop").symlink_to("loop")
    ran = cli("check", "--output", f"json={name}", folder=tmp_path)
    assert (ran.exit, "defect" in ran.err, name in ran.err) == (3, False, True)


def test_a_file_that_could_not_be_written_after_all_is_no_pass(cli, repository):
    if not Path("/dev/full").exists():
        pytest.skip("this machine has no /dev/full")
    root = repository({"README.md": "a"})
    ran = cli("check", "--output", "json=a.json", "--output", "sarif=/dev/full", folder=root)
    assert ran.exit == 3
    assert json.loads((root / "a.json").read_text())["schema"] == "problem/v1"
    assert ran.err == "error: No space left on device\n"


def test_a_reader_that_has_gone_leaves_no_pass_in_a_file(repository):
    root = repository({"README.md": "a"})
    read, write = os.pipe()
    os.close(read)
    argv = [sys.executable, "-m", "hardpoint", "check", "--output", "json=a.json"]
    ended = subprocess.run(argv, cwd=root, stdout=write, check=False)
    os.close(write)
    assert ended.returncode == 3
    assert json.loads((root / "a.json").read_text())["schema"] == "problem/v1"


@pytest.mark.parametrize("form", FORMS)
def test_an_outcome_that_could_not_be_printed_is_no_pass(repository, form):
    if not Path("/dev/full").exists():
        pytest.skip("this machine has no /dev/full")
    root = repository({"README.md": "a"})
    with Path("/dev/full").open("w") as full:
        argv = [sys.executable, "-m", "hardpoint", "check", "--format", form]
        assert subprocess.run(argv, cwd=root, stdout=full, stderr=subprocess.DEVNULL, check=False).returncode == 3


def test_what_another_program_is_asked_is_its_own():
    assert outputs_of(["evidence", "run", "x", "--", "lint", "--format", "json", "--output", "o"]) == Outputs(
        "text", ()
    )
    assert outputs_of(["--format", "json", "--output", "a=b", "--output=c=d", "--format=sarif"]) == Outputs(
        "sarif", ("a=b", "c=d")
    )
    assert outputs_of(["--format"]) == Outputs("", ())


@pytest.mark.parametrize("form", [form for form in FORMS if form != "text"])
def test_what_is_printed_is_what_is_written_in_any_encoding(repository, form):
    root = repository({"README.md": "[ünd](gone.md)\n"})
    argv = [sys.executable, "-m", "hardpoint", "check", "--format", form, "--output", f"{form}=x.out"]
    ended = subprocess.run(
        argv, cwd=root, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert (ended.returncode, ended.stderr) == (1, b"")
    assert ended.stdout == (root / "x.out").read_bytes()
    assert b"\r" not in ended.stdout
