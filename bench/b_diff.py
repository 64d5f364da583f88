"""B-DIFF: two releases of GitHub's document and of Stripe's, as whole processes, beside oasdiff where it is there."""

import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Row, hardpoint, in_turn, peak_mb

GITHUB = ("19.0.0", "23.0.2")
STRIPE = ("stripe-2022-12-08", "stripe-2023-09-05")
GOAL_MS = 750.0
PUBLISHED_MS = {"GitHub": 2_950.0, "Stripe": 103_000.0}
"""What oasdiff took when the goal was set, for machines that do not have it."""
_SPECS = Path(os.environ.get("HARDPOINT_SPECS") or Path(__file__).parents[2] / "shared" / "corpus" / "specs")
CACHE = Path(tempfile.gettempdir()) / "hardpoint-bench"
"""Where the documents that are fetched stay."""
_MEMBER = "package/generated/api.github.com{}.json"


def rows() -> Iterator[Row]:
    """Each pair of documents that is here or can be fetched; and the fully resolved one, of 73 MB."""
    CACHE.mkdir(parents=True, exist_ok=True)
    for name, documents in (("GitHub", github("")), ("Stripe", stripe())):
        if documents:
            yield from _pair(name, documents)
    resolved = github(".deref")
    if resolved:
        command = [hardpoint(), "contract", "diff", *map(str, resolved), "--format", "json"]
        (ours,) = in_turn([command], CACHE, runs=3)
        used = peak_mb(command, CACHE)
        yield Row(
            "B-DIFF",
            "GitHub, fully resolved (54 and 73 MB), memory",
            used,
            "none ends",
            0,
            "MB",
            "at most 1,000",
            used <= 1000,
        )
        yield Row("B-DIFF", "GitHub, fully resolved", ours.wall_ms, "none ends", 0, "ms wall", "it ends", met=True)


def _pair(name: str, documents: list[Path]) -> Iterator[Row]:
    ours = [hardpoint(), "contract", "diff", *map(str, documents)]
    oasdiff = shutil.which("oasdiff")
    theirs = [[oasdiff, "changelog", *map(str, documents)]] if oasdiff and name == "GitHub" else []
    cost, *peer = in_turn([ours, *theirs], CACHE, runs=7)
    yield Row(
        benchmark="B-DIFF",
        work=f"`hardpoint contract diff`, {name}",
        figure=cost.wall_ms,
        peer="oasdiff" if peer else "oasdiff, published",
        peer_figure=peer[0].wall_ms if peer else PUBLISHED_MS[name],
        unit="ms wall",
        goal=f"at most {GOAL_MS:g} ms",
        met=cost.wall_ms <= GOAL_MS,
    )


def stripe() -> list[Path]:
    found = [_SPECS / f"{each}.json.xz" for each in STRIPE]
    if not all(each.exists() for each in found):
        print(
            f"B-DIFF leaves Stripe out: its documents are not in {_SPECS} (HARDPOINT_SPECS names them)", file=sys.stderr
        )
        return []
    return [_kept(CACHE / each.stem, lzma.decompress(each.read_bytes())) for each in found]


def github(kind: str) -> list[Path]:
    try:
        return [_release(version, kind) for version in GITHUB]
    except (OSError, subprocess.SubprocessError) as error:
        print(f"B-DIFF leaves GitHub{kind} out: @octokit/openapi cannot be fetched: {error}", file=sys.stderr)
        return []


def _release(version: str, kind: str) -> Path:
    """A document of a release of the npm package `@octokit/openapi`."""
    target = CACHE / f"github-{version}{kind}.json"
    if target.exists():
        return target
    archive = CACHE / f"octokit-openapi-{version}.tgz"
    if not archive.exists():
        fetch = ["npm", "pack", "--silent", f"@octokit/openapi@{version}"]
        subprocess.run(fetch, cwd=CACHE, check=True, capture_output=True, timeout=300)
    with tarfile.open(archive) as opened:
        member = opened.extractfile(_MEMBER.format(kind))
        return _kept(target, member.read() if member else b"")


def _kept(target: Path, content: bytes) -> Path:
    target.write_bytes(content)
    return target
