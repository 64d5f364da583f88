"""What tests of decisions use: a repository whose commits have days of their own, and decisions in one form."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hardpoint.capabilities import capabilities
from hardpoint.kernel.declarations import Section
from hardpoint.kernel.rooms.cli import Context

SECTIONS = Context(capabilities()).collect("model", Section)
BODY = "\n## Context\n\nWe need it.\n\n## Decision\n\nOne queue it is.\n\n## Consequences\n\nIt works.\n"


def record(number: int, title: str, status: str = "accepted", day: str = "2026-01-10", more: str = "") -> str:
    return f"# {number}. {title}\n\n- Status: {status}\n- Date: {day}\n{more}{BODY}"


class History:
    """A git repository that is written one commit after the other."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, day: str = "2026-01-10") -> str:
        who = {"NAME": "Ada Wren", "EMAIL": "ada@example.org", "DATE": f"{day}T12:00:00Z"}
        env = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env={**os.environ, **env}, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text, encoding="utf-8")

    def commit(self, files: Mapping[str, str], day: str = "2026-01-10") -> str:
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change", day=day)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "kept")


@pytest.fixture
def adr() -> Callable[..., str]:
    return record
