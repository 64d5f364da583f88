"""Answers: what a tree was told the last time, told again as long as nothing in it has changed."""

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import hardpoint
from hardpoint.kernel import encoding
from hardpoint.kernel.clock import Clock
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

CACHE_SETTING = "HARDPOINT_CACHE_DIR"
"""The folder of what is kept to answer faster; by default the platform's folder for caches. It may be deleted."""

MAX_ANSWERS = 40
MAX_ANSWER_BYTES = 16 * 1024 * 1024
_SETTLED_NS = 100_000_000
"""How long ago a file must have changed for its time to tell a later change apart."""


@dataclass(frozen=True)
class Answer:
    """The findings of a tree, and its documents; `key` is of everything that they rest on."""

    key: str
    documents: tuple[str, ...]
    findings: tuple[Finding, ...]


class Answers:
    """The answers of this user, one file for each tree: never in the tree itself, which others can write."""

    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        self._file = (
            cache_folder()
            / "documents"
            / blake2b(str(workspace.root).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
        )
        self._now = clock()
        self._key = _key(workspace, int(self._now.timestamp() * 1e9), str(self._now.date()))

    def known(self) -> Answer | None:
        """The answer for this very tree; None if there is none, or none that can be read."""
        with suppress(OSError, UnreadableProblem):
            if self._key and self._file.stat().st_size <= MAX_ANSWER_BYTES:
                answer = encoding.decode(self._file.read_bytes(), Answer, what=self._file.name)
                return answer if answer.key == self._key else None
        return None

    def keep(self, documents: Sequence[str], findings: Sequence[Finding]) -> None:
        """Keep an answer; where it cannot be kept, the next run takes as long as this one."""
        if not self._key:
            return
        with suppress(OSError, UnreadableProblem):
            content = encoding.encode(Answer(self._key, tuple(documents), tuple(findings)))
            if len(content) > MAX_ANSWER_BYTES:
                return
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(dir=self._file.parent, prefix=".", delete=False) as file:
                file.write(content)
            Path(file.name).replace(self._file)
            self._forget_the_oldest()

    def _forget_the_oldest(self) -> None:
        kept = sorted(self._file.parent.iterdir(), key=lambda each: each.stat().st_mtime)
        for each in kept[:-MAX_ANSWERS]:
            each.unlink()


def cache_folder() -> Path:
    """Where this user keeps what may be forgotten."""
    if named := os.environ.get(CACHE_SETTING):
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("hardpoint")


def _key(workspace: Workspace, now_ns: int, day: str) -> str:
    """A digest of this program, the day, the commit, and the name, size and times of every file.

    Empty for a tree that is being written at this moment, whose times cannot tell.
    """
    root = workspace.root
    if root is None:
        return ""
    digest = blake2b(f"1 {hardpoint.__version__} {day} {workspace.commit}".encode(), digest_size=16)
    own = sorted(str(each) for each in Path(__file__).parent.rglob("*.py"))
    for path in (*own, *(f"{root}/{file}" for file in workspace.files)):
        try:
            seen = os.lstat(path)
        except OSError:
            digest.update(f"{path}\0".encode("utf-8", "surrogateescape"))
            continue
        if now_ns - max(seen.st_mtime_ns, seen.st_ctime_ns) < _SETTLED_NS:
            return ""
        stamp = f"{path}\0{seen.st_mtime_ns} {seen.st_ctime_ns} {seen.st_size} {seen.st_mode}\0"
        digest.update(stamp.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
