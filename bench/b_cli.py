"""B-CLI: what it costs to ask for help, and to check the sample service."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Row, hardpoint, in_turn

_BARE_CLICK = """
import click
@click.group()
def root(): "A group with one command."
@root.command()
def hello(): "Say hello."
root()
"""
_SAMPLE = Path(__file__).parents[1] / "examples" / "keystone"


def rows() -> Iterator[Row]:
    """The command's help beside a program that is nothing but click; a check beside git reading the same tree."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        os.environ["HARDPOINT_CONFIG_DIR"] = str(folder / "settings")
        bare = folder / "bare.py"
        bare.write_text(_BARE_CLICK)
        ours, peer = in_turn([[hardpoint(), "--help"], [sys.executable, str(bare), "--help"]], folder)
        yield Row(
            benchmark="B-CLI",
            work="`hardpoint --help`",
            figure=ours.cpu_ms,
            peer="click alone",
            peer_figure=peer.cpu_ms,
            unit="ms CPU",
            goal="under 100 ms CPU",
            met=ours.cpu_ms < 100,
        )
        sample = _committed(folder / "keystone")
        ours, peer = in_turn([[hardpoint(), "check"], ["git", "status", "--porcelain"]], sample)
        yield Row(
            benchmark="B-CLI",
            work="`hardpoint check` on the sample service",
            figure=ours.wall_ms,
            peer="git status",
            peer_figure=peer.wall_ms,
            unit="ms wall",
            goal="under 1 s",
            met=ours.wall_ms < 1000,
        )


def _committed(folder: Path) -> Path:
    shutil.copytree(_SAMPLE, folder)
    for arguments in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-qm", "b"],
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder
