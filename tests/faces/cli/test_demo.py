"""`demo`: the whole story, and what it tells a newcomer to do next."""

import re
import shlex
import subprocess

import pytest

from hardpoint.faces.cli import demo


def test_the_story_ends_as_promised_and_its_next_steps_can_be_typed(cli, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")  # where `hardpoint` is no command
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")  # of whoever runs it
    monkeypatch.setenv("PYTEST_DEBUG_TEMPROOT", "/dev/null")  # a folder that others spoil
    folder = tmp_path / "new comer"
    ran = cli("demo", "--into", folder)
    assert ran.exit == 0, ran.out + ran.err
    assert "NO-GO at production because of decisions, documents, holes, lint, pipeline, tests" in ran.out
    assert re.search(r"GHSA-XVCH-5GV4-984H +npm/minimist +2d 0h overdue", ran.out)
    assert re.search(r"load-test-minimist .+ it ended at \S+", ran.out)
    assert len(ran.out.splitlines()) < 120
    look_around, begin, pages = (line.split(": ", 2)[2] for line in ran.out.splitlines()[-3:])
    before, after = (folder / name for name in ("before.html", "after.html"))
    assert pages == f"NO-GO in {shlex.quote(str(before))}, then GO in {shlex.quote(str(after))}"
    assert "NO-GO at production" in before.read_text(encoding="utf-8")
    after = after.read_text(encoding="utf-8")
    assert "GO at production" in after
    assert "NO-GO at production" not in after
    command = begin.removesuffix(" init")
    session = f"{look_around}\n{command} gate production && {command} record verify"
    typed = subprocess.run(["sh", "-c", session], capture_output=True, text=True, check=False, timeout=600)
    assert typed.returncode == 0, typed.stdout + typed.stderr
    assert "GO at production" in typed.stdout


def test_the_next_steps_name_the_command_as_it_can_be_typed_here(tmp_path, monkeypatch):
    told = demo.Told(folder=tmp_path, before=1, fixed=0, after=0, whole=0, tampered=5)
    monkeypatch.setattr(demo.shutil, "which", lambda _: "/usr/bin/hardpoint")
    assert told.next_steps[1].endswith(": hardpoint init")
    monkeypatch.setattr(demo.shutil, "which", lambda _: None)
    assert re.search(r"/hardpoint'? init$", told.next_steps[1])


@pytest.mark.parametrize(
    "other", [{"before": 0}, {"before": 3}, {"fixed": 3}, {"after": 1}, {"whole": 5}, {"tampered": 0}]
)
def test_a_story_that_ends_otherwise_is_not_as_promised(tmp_path, other):
    exits = {"before": 1, "fixed": 0, "after": 0, "whole": 0, "tampered": 5}
    told = demo.Told(folder=tmp_path, **exits)
    assert not told.as_promised  # the pages are missing
    for page in told.pages:
        page.touch()
    assert told.as_promised
    assert not demo.Told(folder=tmp_path, **{**exits, **other}).as_promised
