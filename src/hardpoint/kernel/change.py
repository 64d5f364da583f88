"""A change: what a working tree holds that its base does not, and what its commits say."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hardpoint.kernel import git
from hardpoint.kernel.problem import UnreadableProblem

SHORT = 10
"""How many characters of a commit's id are shown."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the change, its message and the files that it touches; what is not committed yet has no message."""

    message: str
    files: frozenset[str]

    def trailer(self, key: str) -> str | None:
        """What stands behind `key: ` on a line of the message, unless that is nothing."""
        found = re.search(rf"^{re.escape(key)}:[ \t]*(\S.*)$", self.message, re.MULTILINE | re.IGNORECASE)
        return found[1].strip() if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The way from a base to the working tree.

    `renamed` gives the old path of a new one; a file that was renamed and edited is also `modified`.
    """

    base: str
    added: frozenset[str]
    modified: frozenset[str]
    deleted: frozenset[str]
    renamed: Mapping[str, str]
    commits: Sequence[Commit]
    read_base: Callable[[str], bytes | None]

    @property
    def written(self) -> frozenset[str]:
        """Every file that the change adds or edits."""
        return self.added | self.modified

    @property
    def touched(self) -> frozenset[str]:
        """Every file that it adds, edits, renames or deletes, by its new path and its old one."""
        return self.written | self.deleted | frozenset(self.renamed) | frozenset(self.renamed.values())

    def before(self, path: str) -> bytes | None:
        """What a file held at the base, under whatever name it had there; None if it was not there."""
        return None if path in self.added else self.read_base(self.renamed.get(path, path))

    @classmethod
    def between(cls, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> "Change":
        """The change from one set of files to another, both held in memory."""
        return cls(
            base="before",
            added=frozenset(after.keys() - before.keys()),
            modified=frozenset(name for name in after.keys() & before.keys() if after[name] != before[name]),
            deleted=frozenset(before.keys() - after.keys()),
            renamed={},
            commits=(),
            read_base=before.get,
        )


def change_since(root: Path, revision: str) -> Change:
    """What the working tree of a checkout has since it left `revision`: since the commit that both descend from.

    Raises UsageProblem if the revision names no commit, UnreadableProblem if the two have nothing in common.
    """
    commit = git.resolve(root, revision)
    base = git.merge_base(root, commit)
    if base is None:
        raise UnreadableProblem(
            f"{revision!r} has no commit in common with what is checked out",
            remedy="A shallow clone does not reach back far enough: fetch with more depth (`fetch-depth: 0`).",
        )
    added, modified, deleted, renamed = set(git.untracked(root)), set[str](), set[str](), dict[str, str]()
    for status, old, new in git.changes(root, base):
        if status[0] in "RC":
            renamed |= {new: old} if status[0] == "R" else {}
            (added if status[0] == "C" else modified if status != "R100" else set()).add(new)
        else:
            {"A": added, "D": deleted}.get(status[0], modified).add(old)
    pending = frozenset({*git.untracked(root), *(path for each in git.changes(root, "HEAD") for path in each[1:])})
    return Change(
        base=base[:SHORT],
        added=frozenset(added),
        modified=frozenset(modified),
        deleted=frozenset(deleted),
        renamed=renamed,
        commits=[*(Commit(*each) for each in git.commits(root, base)), Commit("", pending)],
        read_base=partial(_read_at, root, base),
    )


def _read_at(root: Path, commit: str, path: str) -> bytes | None:
    try:
        return git.read_at(root, commit, path)
    except UnreadableProblem:
        return None
