"""A pipeline of any host: its triggers, jobs and steps, what each runs, and where it says so."""

import bisect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from hardpoint.kernel.place import Place


class Host(Enum):
    """Who runs it."""

    GITHUB = "GitHub Actions"
    GITLAB = "GitLab CI"
    CIRCLECI = "CircleCI"
    AZURE = "Azure Pipelines"
    JENKINS = "Jenkins"
    BITBUCKET = "Bitbucket Pipelines"
    MAKE = "make"
    PACKAGE = "package scripts"
    TOX = "tox"
    NOX = "nox"
    PRE_COMMIT = "pre-commit"
    BUILD = "a build file"
    SCRIPT = "a shell script"
    DECLARED = "a script that CI runs"


@dataclass(frozen=True, slots=True)
class Shell:
    """How a script is run: whether a failing command ends it, and whether one in a pipe counts; None is unknown."""

    errexit: bool | None = None
    pipefail: bool | None = None
    posix: bool = True
    """Whether it is a POSIX shell at all; cmd, PowerShell and the like are not read."""

    def laxer(self, other: "Shell") -> "Shell":
        """What may happen where both run it: a failure that one of them lets pass is let pass."""
        return Shell(_laxest(self.errexit, other.errexit), _laxest(self.pipefail, other.pipefail))


def _laxest(*options: bool | None) -> bool | None:
    if False in options:
        return False
    return None if None in options else True


STRICT = Shell(errexit=True, pipefail=True)
ERREXIT = Shell(errexit=True, pipefail=False)
PLAIN = Shell(errexit=False, pipefail=False)
FOREIGN = Shell(posix=False)


class Source:
    """The text of a file, to say where a piece of a value stands in it."""

    def __init__(self, file: str, content: bytes) -> None:
        self.file = file
        self.text = content.decode("utf-8-sig", "replace")
        self.lines = self.text.split("\n")

    def line(self, place: Place) -> str:
        """The rest of the line from the place on."""
        return self.lines[place.line - 1][max(place.column - 1, 0) :] if 0 < place.line <= len(self.lines) else ""

    def script(self, value: str, place: Place, shell: Shell) -> "Script":
        """A scalar that begins at `place`, however it is quoted or folded, as a script whose pieces have places."""
        starts: list[int] = []
        places: list[Place] = []
        at, number, column, missed = 0, place.line, max(place.column, 1), 0
        while at < len(value) and 0 < number <= len(self.lines):
            written = self.lines[number - 1][column - 1 :]
            if number > place.line or not _BLOCK_HEADER.match(written):
                piece = written.strip(" \t\r") if number > place.line else written.lstrip("\"'").rstrip(" \t\r\"',")
                found = value.find(piece, at, at + len(piece) + _MAX_GAP) if piece else -1
                if found >= 0:
                    starts.append(found)
                    places.append(Place(self.file, number, column + written.index(piece)))
                    at, missed = found + len(piece), 0
                elif (missed := missed + 1) > _MAX_MISSED:
                    break
            number, column = number + 1, 1
        return Script(value, shell, self, tuple(starts) or (0,), tuple(places) or (place,))


_BLOCK_HEADER = re.compile(r"(?:[&!]\S+\s+)*[|>][-+0-9]*\s*(?:#.*)?$")
_MAX_GAP = 200
_MAX_MISSED = 20
"""Lines in a row that are no part of the value: then the rest of it is not looked for."""


@dataclass(frozen=True)
class Script:
    """Lines of a shell script, and where each piece of them stands: `starts[i]` is written at `places[i]`."""

    text: str
    shell: Shell
    source: Source
    starts: tuple[int, ...]
    places: tuple[Place, ...]

    def place(self, offset: int) -> Place:
        """Where the character at an offset of the text stands."""
        index = max(bisect.bisect_right(self.starts, offset) - 1, 0)
        at = self.places[index]
        return Place(at.file, at.line, at.column + max(offset - self.starts[index], 0)) if at.column else at

    def under(self, shell: Shell) -> "Script":
        """The same where a caller's options may come on top of its own."""
        return replace(
            self,
            shell=Shell(
                self.shell.errexit or shell.errexit, self.shell.pipefail or shell.pipefail, posix=self.shell.posix
            ),
        )

    def joined(self, other: "Script") -> "Script":
        """Both, one after the other in one shell."""
        shift = len(self.text) + 1
        starts = (*self.starts, *(start + shift for start in other.starts))
        return Script(f"{self.text}\n{other.text}", self.shell, self.source, starts, (*self.places, *other.places))


def join(scripts: Iterable[Script]) -> Script | None:
    """Scripts that one shell runs in turn."""
    whole: Script | None = None
    for script in scripts:
        whole = whole.joined(script) if whole else script
    return whole


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of the host with its value: `continue-on-error: true`."""

    key: str
    value: str
    place: Place
    doubt: str = ""
    """What keeps it from being certain."""

    def __str__(self) -> str:
        return self.key if " " in self.key else f"{self.key}: {self.value}"  # `the prefix -` has no value to show


@dataclass(frozen=True, slots=True)
class Use:
    """Code of others that a pipeline runs: an action, an image, an include, an orb, a hook."""

    kind: str
    name: str
    version: str
    """A tag, branch, commit or digest; empty where none is named."""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: a script, or an action with its inputs."""

    place: Place
    name: str = ""
    id: str = ""
    script: Script | None = None
    use: Use | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    """Where it runs, seen from the root of the repository."""
    condition: str = ""
    tolerance: Setting | None = None
    after: bool = False
    """Whether the host runs it after the verdict, so that its failure counts for nothing."""


@dataclass(frozen=True, slots=True)
class Triggers:
    """What starts it. `push` and `change` are the branch patterns, `None` where that does not start it at all."""

    push: tuple[str, ...] | None = ("**",)
    change: tuple[str, ...] | None = ("**",)
    """Branches at which a proposed change aims: pull and merge requests."""
    other: tuple[str, ...] = ()
    """`schedule`, `workflow_dispatch` and the like."""
    called: bool = False
    """Whether another pipeline starts it: then nothing is known of when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Steps that run in one place."""

    name: str
    place: Place
    title: str = ""
    steps: tuple[Step, ...] = ()
    uses: tuple[Use, ...] = ()
    condition: str = ""
    tolerance: Setting | None = None
    triggers: Triggers = Triggers()
    cached: bool = False
    keeps: tuple[str, ...] = ()
    """When it keeps files beyond its end: `always`, `failure`, `success`."""
    by_hand: bool = False
    needs: tuple[str, ...] = ()
    """The jobs that it waits for, or would but for what makes it heedless."""
    heedless: Setting | None = None
    """By what the host lets it run though they failed; a condition is not in here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One file that says what runs; `unread` says why its content is not known."""

    file: str
    host: Host
    jobs: tuple[Job, ...] = ()
    uses: tuple[Use, ...] = ()
    source: Source | None = None
    unread: str | None = None
    unread_at: Place | None = None

    @property
    def runs_in_ci(self) -> bool:
        """Whether a CI host runs it by itself; the others run where something calls them."""
        return self.host in CI_HOSTS

    def scripts(self) -> Iterator[tuple[Job, Step, Script]]:
        for job in self.jobs:
            for step in job.steps:
                if step.script is not None:
                    yield job, step, step.script


CI_HOSTS = frozenset({Host.GITHUB, Host.GITLAB, Host.CIRCLECI, Host.AZURE, Host.JENKINS, Host.BITBUCKET, Host.DECLARED})
