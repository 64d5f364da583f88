"""`hardpoint completion`: a shell that is given the script completes commands, verbs and options."""

import os
import shutil
import subprocess
import sys

import pytest

ASK = """
source "{script}"
COMP_WORDS=({words}); COMP_CWORD={at}
_hardpoint_completion hardpoint
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def completed(tmp_path, cli):
    """What bash offers for some words of which the last is being written, and what it shows besides."""
    script = tmp_path / "completion.bash"
    script.write_text(cli("completion", "bash").out)
    (tmp_path / "hardpoint").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m hardpoint "$@"\n')
    (tmp_path / "hardpoint").chmod(0o755)

    def completed(*words):
        asked = " ".join(f"'{each}'" for each in ("hardpoint", *words))
        ran = subprocess.run(
            ["bash", "--norc", "-c", ASK.format(script=script, words=asked, at=len(words))],
            env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout.split(), ran.stderr

    return completed


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash to complete in")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ga"], ["gate"]),
        (["gate", "expl"], ["explain"]),
        (["review", "--ag"], ["--against"]),
        (["completion", "z"], ["zsh"]),
        (["gate", "--no-w"], ["--no-waivers"]),
        (["nosuch", ""], []),
        (["gate", "nosuch", "--no-w"], []),
    ],
)
def test_bash_completes(completed, words, expected):
    offered, shown = completed(*words)
    assert (offered[: len(expected)] if expected else [], shown) == (expected, "")


@pytest.mark.parametrize(
    ("shell", "has"), [("bash", "complete -o"), ("zsh", "compdef"), ("fish", "complete --no-files")]
)
def test_each_shell_has_its_script(cli, shell, has):
    ran = cli("completion", shell)
    assert (ran.exit, has in ran.out, "_HARDPOINT_COMPLETE" in ran.out) == (0, True, True)


def test_another_shell_is_refused(cli):
    assert cli("completion", "csh").exit == 2


def test_a_shell_that_is_left_out_is_told_in_one_plain_line(cli):
    ran = cli("completion")
    assert (ran.exit, "Choose from: bash, zsh, fish" in ran.err) == (2, True)
