"""B-LINT: GitHub's document and Stripe's, as whole processes, beside Redocly in the same run."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.b_diff import CACHE, github, stripe
from bench.measure import Row, hardpoint, in_turn

REDOCLY = "@redocly/cli@2.77.0"
GOAL = 0.3


def rows() -> Iterator[Row]:
    """The newer document of each pair; nothing where neither Node.js nor the packages can be had."""
    CACHE.mkdir(parents=True, exist_ok=True)
    peer = _redocly()
    for name, documents in (("GitHub", github("")), ("Stripe", stripe())):
        if documents and peer:
            yield _row(name, documents[-1], peer)


def _row(name: str, document: Path, peer: list[str]) -> Row:
    ours, theirs = in_turn(
        [[hardpoint(), "contract", "lint", str(document)], [*peer, "lint", str(document)]], CACHE, runs=7
    )
    return Row(
        benchmark="B-LINT",
        work=f"`hardpoint contract lint`, {name}",
        figure=ours.wall_ms,
        peer="redocly lint",
        peer_figure=theirs.wall_ms,
        unit="ms wall",
        goal=f"under {GOAL:g} times the peer",
        met=ours.wall_ms < GOAL * theirs.wall_ms,
    )


def _redocly() -> list[str]:
    """The command of Redocly, fetched on first use; empty where it cannot be had."""
    node, program = shutil.which("node"), CACHE / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"
    try:
        if node and not program.exists():
            fetch = ["npm", "install", "--silent", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", REDOCLY]
            subprocess.run(fetch, cwd=CACHE, check=True, capture_output=True, timeout=600)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"B-LINT is left out: {REDOCLY} cannot be fetched: {error}", file=sys.stderr)
        return []
    if not node:
        print("B-LINT is left out: Node.js is not here", file=sys.stderr)
        return []
    return [node, str(program)]
