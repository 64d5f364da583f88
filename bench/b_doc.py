"""B-DOC: every pointer of a large tree of documents, anchors too, cold and warm, beside lychee."""

import os
import posixpath
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Row, hardpoint, in_turn, peak_mb

DOCUMENTS = 3000
LINKS = 36_000
_WORDS = [
    "module",
    "session",
    "object",
    "pipeline",
    "provider",
    "remote",
    "scope",
    "value",
    "format",
    "event",
    "job",
    "alias",
    "culture",
    "host",
    "profile",
]


def rows() -> Iterator[Row]:
    """A check with an empty cache and with a full one, and its memory; lychee judges the same tree with anchors."""
    lychee = shutil.which("lychee", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if lychee is None:
        raise SystemExit("B-DOC needs lychee: make bench installs it")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "docs"
        plant(folder)
        os.environ["HARDPOINT_CACHE_DIR"] = str(Path(scratch) / "cache")
        warm = [hardpoint(), "docs", "check", "--format", "json"]
        cold = ["env", f"HARDPOINT_CACHE_DIR={os.devnull}", *warm]
        peer = [lychee, "--offline", "--include-fragments", "--no-progress", "--root-dir", str(folder), "."]
        first, again, theirs = in_turn([cold, warm, peer], folder, runs=7)
        for work, ours, goal in (("cold", first, 1.0), ("warm", again, 0.3)):
            yield Row(
                benchmark="B-DOC",
                work=f"`hardpoint docs check`, {DOCUMENTS:,} documents, {LINKS:,} links, {work}",
                figure=ours.wall_ms,
                peer="lychee",
                peer_figure=theirs.wall_ms,
                unit="ms wall",
                goal=f"at most {goal:g} times the peer",
                met=ours.wall_ms <= goal * theirs.wall_ms,
            )
        used, theirs_mb = peak_mb(cold, folder), peak_mb(peer, folder)
        yield Row(
            benchmark="B-DOC",
            work="peak memory of the cold check, its largest process",
            figure=used,
            peer="lychee",
            peer_figure=theirs_mb,
            unit="MB",
            goal="under 60 MB",
            met=used < 60,
        )


def plant(root: Path, documents: int = DOCUMENTS, links: int = LINKS) -> None:
    """Write a reference manual: front matter, headings, prose, tables, code, and links of every form, some broken."""
    chance = random.Random(20)
    names = [
        f"reference/{n % 12}.{n % 7}/{chance.choice(_WORDS)}/about-{_WORDS[n % len(_WORDS)]}-{n}.md"
        for n in range(documents)
    ]
    each = links // documents
    for number, name in enumerate(names):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(_page(number, name, names, each, chance)), encoding="utf-8")
    (root / "media").mkdir()
    for number in range(20):
        (root / "media" / f"figure-{number}.png").write_bytes(b"\x89PNG")


def _page(number: int, name: str, names: list[str], links: int, chance: random.Random) -> Iterator[str]:
    yield f"---\ntitle: About {number}\nms.date: 01/18/2026\nms.topic: reference\n---\n\n# About {number}\n"
    for at in range(links):
        yield f"\n## {chance.choice(_WORDS).title()} {chance.choice(_WORDS)} {at}\n\n{_prose(chance)}"
        yield f" {_link(name, names, chance)} {_prose(chance)}\n"
        yield f"\n```powershell\nGet-Item -Path C:\\{at} | Where-Object Name -like '*.md'  # [no](link.md)\n```\n"
        if at % 4 == 0:
            yield "\n| Name | Value | Meaning |\n| --- | --- | --- |\n"
            yield "".join(f"| `-{chance.choice(_WORDS)}` | **{row}** | {_prose(chance, 6)} |\n" for row in range(4))


def _link(name: str, names: list[str], chance: random.Random) -> str:
    kind = chance.random()
    other = chance.choice(names)
    path = posixpath.relpath(other, posixpath.dirname(name))
    if kind < 0.22:
        return f"[out](https://example.org/{chance.choice(_WORDS)}/{chance.randrange(99)})"
    if kind < 0.30:
        return f"![figure]({posixpath.relpath(f'media/figure-{chance.randrange(20)}.png', posixpath.dirname(name))})"
    if kind < 0.45:
        return f"[there]({path}#about-{names.index(other)})"
    if kind < 0.55:
        return "[here](#about-0)" if name == names[0] else f"[here](#about-{names.index(name)})"
    if kind < 0.56:
        return f"[gone]({path.replace('about-', 'about_')})"
    return f"[{chance.choice(_WORDS)}]({path})"


def _prose(chance: random.Random, words: int = 45) -> str:
    return " ".join(chance.choices(_WORDS, k=words)).capitalize() + "."


if __name__ == "__main__":
    plant(Path(sys.argv[1]))
    subprocess.run(["du", "-sh", sys.argv[1]], check=False)
