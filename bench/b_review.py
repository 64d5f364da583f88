"""B-REVIEW: a change reviewed in a tree of 5,000 files, and as the action does it, from nothing but a warm cache."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Row, hardpoint, in_turn

ROOT = Path(__file__).parents[1]
_DOCUMENTS, _WORKFLOWS, _FILES = 1_500, 100, 5_000
_WORKFLOW = "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: npm test\n"
_AS_THE_ACTION = """
set -eu
"$1" -m venv --clear "$2/env"
"$2/env/bin/pip" install --quiet --require-hashes -r "$3/runtime.lock"
"$2/env/bin/pip" install --quiet --no-deps --no-build-isolation "$3"
"$2/env/bin/hardpoint" review --against main
"""


def rows() -> Iterator[Row]:
    """The review beside git comparing the same two trees; the whole job beside an environment with nothing in it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        os.environ["HARDPOINT_CONFIG_DIR"] = str(folder / "settings")
        changed = _changed(folder / "changed")
        ours, peer = in_turn(
            [[hardpoint(), "review", "--against", "main"], ["git", "diff", "--stat", "main"]], changed, runs=5
        )
        yield Row(
            benchmark="B-REVIEW",
            work="`hardpoint review` on 5,000 files",
            figure=ours.wall_ms,
            peer="git diff",
            peer_figure=peer.wall_ms,
            unit="ms wall",
            goal="under 10 s",
            met=ours.wall_ms < 10_000,
        )
        job = ["sh", "-c", _AS_THE_ACTION, "job", sys.executable, str(folder), str(ROOT)]
        ours, peer = in_turn([job, [sys.executable, "-m", "venv", "--clear", str(folder / "bare")]], changed, runs=2)
        yield Row(
            benchmark="B-REVIEW",
            work="the action: install from a warm cache, and review",
            figure=ours.wall_ms,
            peer="an empty environment",
            peer_figure=peer.wall_ms,
            unit="ms wall",
            goal="under 30 s",
            met=ours.wall_ms < 30_000,
        )


def _changed(folder: Path) -> Path:
    """A repository of documents that point at each other, workflows and code, with one of each changed on a branch."""
    for at in range(_DOCUMENTS):
        links = "".join(f"- [{each}](page{each}.md)\n" for each in range(at + 1, at + 6))
        _write(folder / f"docs/{at // 50}/page{at}.md", f"# Page {at}\n\n{links}" + "It says what it says.\n" * 40)
    for at in range(_WORKFLOWS):
        _write(folder / f".github/workflows/w{at}.yml", _WORKFLOW)
    for at in range(_FILES - _DOCUMENTS - _WORKFLOWS):
        _write(folder / f"src/{at // 50}/module{at}.py", f"VALUE = {at}\n" * 60)
    _git(folder, "init", "-q", "-b", "main")
    _commit(folder)
    _git(folder, "checkout", "-q", "-b", "topic")
    _write(folder / "docs/0/page0.md", "# Page 0\n\n[gone](gone.md)\n")
    _write(folder / ".github/workflows/w0.yml", _WORKFLOW.replace("npm test", "npm test || true"))
    _write(folder / "src/0/module0.py", "VALUE = 1\n")
    _commit(folder)
    return folder


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _commit(folder: Path) -> None:
    _git(folder, "add", "-A")
    _git(folder, "-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-qm", "b")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True)
