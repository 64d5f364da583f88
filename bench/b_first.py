"""B-FIRST: the first five minutes on a tree of fifty thousand files, `hardpoint init` and `hardpoint gate` together."""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import b_doc
from bench.measure import Row, hardpoint, in_turn, peak_mb

FILES = 50_000
DOCUMENTS = 3000
LINKS = 36_000
SERVICES = 40
RUNS = 3
GOAL_S, GOAL_MB = 20, 300
_FIRST = 'git clean -qfdx; "$0" init --yes; "$0" gate || test $? = 1'
"""What somebody runs in a repository that has no word of Hardpoint yet; NO-GO is an answer too."""
_CODE = {
    "py": "def answer_{n}(value: int) -> int:\n    return value + {n}\n",
    "ts": "export const answer{n} = (value: number): number => value + {n};\n",
    "js": "module.exports = (value) => value + {n};\n",
    "go": "package answers\n\nfunc Answer{n}(value int) int {{ return value + {n} }}\n",
    "java": "package answers;\n\nclass Answer{n} {{\n    int of(int value) {{ return value + {n}; }}\n}}\n",
    "rb": "def answer_{n}(value)\n  value + {n}\nend\n",
    "php": "<?php\nfunction answer_{n}(int $value): int {{ return $value + {n}; }}\n",
    "rs": "pub fn answer_{n}(value: i64) -> i64 {{ value + {n} }}\n",
    "cs": "class Answer{n} {{ int Of(int value) => value + {n}; }}\n",
    "sql": "select {n};\n",
    "json": '{{"answer": {n}}}\n',
    "yaml": "answer: {n}\n",
}
_MANIFESTS = {
    "py": ("pyproject.toml", '[project]\nname = "service-{n}"\nversion = "1.0"\n'),
    "ts": ("package.json", '{{"name": "service-{n}", "scripts": {{"test": "vitest", "build": "tsc"}}}}\n'),
    "go": ("go.mod", "module example.org/service-{n}\n\ngo 1.24\n"),
    "java": ("pom.xml", "<project><artifactId>service-{n}</artifactId></project>\n"),
    "rs": ("Cargo.toml", '[package]\nname = "service-{n}"\nversion = "1.0.0"\n'),
}
_WORKFLOW = """\
name: service-{n}
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: make test{tolerated}
"""


def rows() -> Iterator[Row]:
    """Both verbs as whole processes, from nothing; beside them git, which reads every file for one word."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        tree = plant(folder / "tree")
        os.environ["HARDPOINT_CACHE_DIR"] = os.devnull
        os.environ["HARDPOINT_CONFIG_DIR"] = str(folder / "settings")
        first, peer = ["sh", "-ec", _FIRST, hardpoint()], ["git", "grep", "--count", "value"]
        ours, theirs = in_turn([first, peer], tree, runs=RUNS)
        work = f"`hardpoint init && hardpoint gate`, {FILES:,} files, {DOCUMENTS:,} documents"
        yield Row(
            benchmark="B-FIRST",
            work=work,
            figure=ours.wall_ms / 1000,
            peer="git grep",
            peer_figure=theirs.wall_ms / 1000,
            unit="s wall",
            goal=f"under {GOAL_S} s",
            met=ours.wall_ms < GOAL_S * 1000,
        )
        used, theirs_mb = peak_mb(first, tree), peak_mb(peer, tree)
        yield Row(
            benchmark="B-FIRST",
            work="peak memory of its largest process",
            figure=used,
            peer="git grep",
            peer_figure=theirs_mb,
            unit="MB",
            goal=f"under {GOAL_MB} MB",
            met=used < GOAL_MB,
        )


def plant(root: Path) -> Path:
    """Write and commit a monorepo: services in several languages, their pipelines and Makefiles, and one handbook."""
    b_doc.plant(root / "docs", DOCUMENTS - SERVICES, LINKS)
    chance = random.Random(5)
    languages = list(_CODE)
    for number in range(SERVICES):
        _service(root / "services" / f"service-{number}", number, languages[number % len(languages)])
        _write(root / ".github" / "workflows" / f"service-{number}.yml", _workflow(number))
    (root / "go.work").write_text("go 1.24\n\nuse ./services/service-3\n", encoding="utf-8")
    (root / "pnpm-workspace.yaml").write_text("packages: [services/*]\n", encoding="utf-8")
    (root / "README.md").write_text("# Shop\n\nSee [the handbook](docs/) and [the plan](PLAN.md).\n", encoding="utf-8")
    for number in range(FILES - sum(len(names) for _, _, names in os.walk(root))):
        service, language = chance.randrange(SERVICES), chance.choice(languages)
        folder = root / "services" / f"service-{service}" / "src" / f"part{number % 40}"
        _write(folder / f"answer{number}.{language}", _CODE[language].format(n=number))
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run(["git", "-c", "user.name=b", "-c", "user.email=b@example.org", *arguments], cwd=root, check=True)
    return root


def _service(folder: Path, number: int, language: str) -> None:
    _write(folder / "README.md", f"# Service {number}\n\nRun `make test`; the code is in [src](src/).\n")
    _write(folder / "Makefile", "test:\n\ttrue\n")
    if language in _MANIFESTS:
        name, text = _MANIFESTS[language]
        _write(folder / name, text.format(n=number))


def _workflow(number: int) -> str:
    return _WORKFLOW.format(n=number, tolerated="" if number % 4 else " || true")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    plant(Path(sys.argv[1]))
