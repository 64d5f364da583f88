"""Every error that a user can meet: a code, one sentence, the remedy, and the exit code that it ends with."""

from enum import IntEnum
from typing import ClassVar

from hardpoint.kernel.place import Place


class Exit(IntEnum):
    """What the exit code of every command means."""

    OK = 0
    """GO, or nothing found at or above the threshold."""
    FOUND = 1
    """NO-GO, or findings at or above the threshold."""
    USAGE = 2
    """Wrong usage or a wrong declaration."""
    FAILED = 3
    """A tool failed, an input could not be read, or an unexpected exception: never taken for a pass."""
    WAIVED = 4
    """GO only by waivers, where `--no-waivers` was asked."""
    BROKEN = 5
    """The record's integrity is broken."""


class Problem(Exception):  # noqa: N818 - the noun of RFC 9457
    """The base of every error: one sentence that names the value, and the remedy."""

    code: ClassVar[str] = "problem"
    exit: ClassVar[Exit] = Exit.FAILED

    def __init__(self, sentence: str, *, remedy: str = "", place: Place | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy
        self.place = place

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}" if self.place else self.sentence


class UsageProblem(Problem):
    """The command line, a setting or a name given by the user cannot be used as it stands."""

    code = "usage"
    exit = Exit.USAGE


class UnreadableProblem(Problem):
    """An input is missing, malformed, truncated or larger than its limit; it was not counted as anything."""

    code = "unreadable"


class ToolProblem(Problem):
    """A program that Hardpoint runs is missing, failed, or did not end in time."""

    code = "tool"


class IdentityProblem(Problem):
    """An identity token does not prove what it is given for: nothing is bound to it."""

    code = "identity"


class StoreProblem(Problem):
    """A database cannot be opened, is of another version, or refused a write."""

    code = "store"


class IntegrityProblem(Problem):
    """The record, or the database that holds it, is not what was written: damage or tampering."""

    code = "integrity"
    exit = Exit.BROKEN
