"""The story of `hardpoint demo`: NO-GO with reasons, the remedies, GO, and the proof, on a real repository."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import TextIO

import click

from hardpoint.faces.cli.sample import REPORTS, Sample
from hardpoint.faces.forms.text import COLOUR_SETTING
from hardpoint.kernel.clock import system_clock
from hardpoint.kernel.command import run as run_command
from hardpoint.kernel.problem import Exit, Problem, ToolProblem, UsageProblem
from hardpoint.kernel.rooms.cli import BASE_SETTING, CONFIG_SETTING
from hardpoint.kernel.store import FILE, FOLDER
from hardpoint.kernel.store import SETTING as STORE_SETTING

REPORT = f"{REPORTS}/junit.xml"
REPOSITORY, SETTINGS = "keystone", "settings"
GATE = "production"
BEFORE_PAGE, AFTER_PAGE = "before.html", "after.html"
_NEEDED = ("fastapi", "httpx", "pytest")
TESTS_TIMEOUT_S = 600.0
"""The sample's tests take two seconds; a machine that does much else may take a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How the story ended: what the gate said before and after the repairs, and whether the record held and noticed."""

    folder: Path
    before: int
    fixed: int
    after: int
    whole: int
    tampered: int

    @property
    def repository(self) -> Path:
        return self.folder / REPOSITORY

    @property
    def pages(self) -> tuple[Path, Path]:
        """The verdicts before and after the remedies, as they can be shown to people."""
        return self.folder / BEFORE_PAGE, self.folder / AFTER_PAGE

    @property
    def next_steps(self) -> tuple[str, ...]:
        """How to look around with the key that signed all this, how to begin for oneself, and what it came to."""
        beside = Path(sys.executable).with_name("hardpoint")
        command = "hardpoint" if shutil.which("hardpoint") else shlex.quote(str(beside))
        repository, settings = (shlex.quote(str(each)) for each in (self.repository, self.folder / SETTINGS))
        answers = ("GO" if each == Exit.OK else "NO-GO" for each in (self.before, self.after))
        verdicts = (f"{answer} in {shlex.quote(str(page))}" for answer, page in zip(answers, self.pages, strict=True))
        return (
            f"look around, with its key: cd {repository} && export {CONFIG_SETTING}={settings}",
            f"in a new shell, in a repository of yours: {command} init",
            f"read the verdicts as pages: {', then '.join(verdicts)}",
        )

    @property
    def as_promised(self) -> bool:
        expected = (Exit.FOUND, Exit.OK, Exit.OK, Exit.OK, Exit.BROKEN)
        ended = (self.before, self.fixed, self.after, self.whole, self.tampered) == expected
        return ended and all(page.is_file() for page in self.pages)


def tell(folder: Path, out: TextIO) -> Told:
    """Build keystone in `folder` and let the real commands decide on it, told on `out`."""
    _refuse_missing_parts()
    story = _Story(folder, out)
    with story.standing_in():
        sample = Sample(story.repository, system_clock())
        before = _judge_the_mess(story, sample)
        fixed = _repair(story)
        after = _judge_the_remedy(story, sample)
        whole, tampered = _prove(story)
        story.tell("")
    return Told(folder=folder, before=before, fixed=fixed, after=after, whole=whole, tampered=tampered)


def _judge_the_mess(story: "_Story", sample: Sample) -> int:
    commits = sample.advance_to_the_mess()
    people = len({commit.author for commit in commits})
    story.say(f"keystone, a small service: {len(commits)} commits of {people} people. Its CI is green, but:")
    story.run_tests()
    story.say("What the tools said of this commit goes into a record, signed:")
    story.import_reports(sample.date(commits[-1]))
    story.say("May it go to production?")
    return story.hardpoint("gate", GATE, "--output", f"html=../{BEFORE_PAGE}")


def _repair(story: "_Story") -> int:
    story.say("A hole has a deadline. An exception has an end, and this one is over:")
    story.hardpoint("findings", "list")
    story.hardpoint("waiver", "list")
    story.say("Where a repair is certain, one command makes it:")
    return story.hardpoint("fix")


def _judge_the_remedy(story: "_Story", sample: Sample) -> int:
    story.say("The rest is for people. Their commit:")
    commit = sample.remedy()
    for remedy in commit.remedies:
        story.tell(f"  - {remedy}")
    story.say("What was said of the old commit does not count for the new one. All over again:")
    story.run_tests()
    story.import_reports(sample.date(commit))
    return story.hardpoint("gate", GATE, "--output", f"html=../{AFTER_PAGE}")


def _prove(story: "_Story") -> tuple[int, int]:
    story.say("Nobody has to believe that. Each answer is signed, in a log that shows changes:")
    whole = story.hardpoint("record", "verify")
    story.say("A copy of that log in which someone turns the failed test into a passed one:")
    return whole, story.hardpoint("record", "verify", store=story.forged_copy())


class _Story:
    def __init__(self, folder: Path, out: TextIO) -> None:
        self.folder = folder
        self.repository = folder / REPOSITORY
        self._out = out
        self._follows = False
        if self.repository.exists():
            raise UsageProblem(f"{self.repository} exists already", remedy="Name another folder: --into FOLDER")
        self.repository.mkdir(parents=True)

    def tell(self, line: str) -> None:
        click.echo(line, file=self._out, color=False if os.environ.get(COLOUR_SETTING) else None)

    def say(self, line: str) -> None:
        self.tell("")
        self.tell(click.style(line, bold=True))
        self._follows = True

    def show(self, command: str) -> None:
        """Tell a command, apart from what another one said."""
        if not self._follows:
            self.tell("")
        self.tell(click.style(f"$ {command}", fg="cyan"))
        self._follows = False

    @contextmanager
    def standing_in(self) -> Iterator[None]:
        """Work in the sample's repository, with a key and a memory that go with it."""
        before, environment = Path.cwd(), dict(os.environ)
        try:
            os.chdir(self.repository)
            os.environ[CONFIG_SETTING] = str(self.folder / SETTINGS)
            for setting in (STORE_SETTING, BASE_SETTING):
                os.environ.pop(setting, None)
            yield
        finally:
            os.chdir(before)
            os.environ.clear()
            os.environ.update(environment)

    def hardpoint(self, *arguments: str, store: str | None = None, brief: bool = False) -> int:
        """Run the real command in this process, as a person would type it; if `brief`, tell its last line only."""
        from hardpoint.faces.cli.main import run

        setting = f"{STORE_SETTING}={store} " if store else ""
        self.show(f"{setting}hardpoint {' '.join(arguments)}")
        if store:
            os.environ[STORE_SETTING] = store
        out: TextIO = StringIO() if brief else self._out
        try:
            with redirect_stdout(out):
                return run([typed for each in arguments for typed in _expanded(each)])
        finally:
            if isinstance(out, StringIO):
                self.tell(out.getvalue().rstrip().rpartition("\n")[2])
            os.environ.pop(STORE_SETTING, None)

    def run_tests(self) -> None:
        """Run keystone's own tests; a failed one is part of the story, a broken run is not."""
        arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={REPORT}"]
        self.show(f"python {' '.join(arguments)}")
        # Other sessions of pytest clean up the folder that they share, and settings of the user's own do not apply.
        own = f"--basetemp={self.folder / 'tests'}"
        env = {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": ""}
        argv = [sys.executable, *arguments, own]
        completed = run_command(argv, cwd=self.repository, env=env, timeout_s=TESTS_TIMEOUT_S)
        lines = completed.stdout.decode(errors="replace").rstrip().splitlines()
        for line in [*[each for each in lines if each.startswith("FAILED")], *lines[-1:]]:
            self.tell(line)
        if completed.exit not in {0, 1}:
            raise ToolProblem(f"pytest ended with {completed.exit}", remedy="\n".join(lines[-5:]))

    def import_reports(self, when: datetime) -> None:
        """Import what CI kept of the newest commit; reports that say no time are from `when` it ran."""
        time = f"{when:%Y-%m-%dT%H:%M:%SZ}"
        self.hardpoint("evidence", "import", "--commit", "HEAD", "--time", time, f"{REPORTS}/*", brief=True)

    def forged_copy(self) -> str:
        """The URL of a copy of the store, in which one fact was edited as its owner could."""
        genuine = self.repository / FOLDER / FILE
        copy = self.folder / "copy.db"
        shutil.copyfile(genuine, copy)
        content = copy.read_bytes()
        said, wanted = b'"failures":1', b'"failures":0'
        if content.count(said) != 1:
            raise Problem("The failed test is not in the record as it was said")
        copy.write_bytes(content.replace(said, wanted))
        return f"sqlite:///{copy}"


def _expanded(argument: str) -> list[str]:
    """What a shell makes of an argument."""
    return [path.as_posix() for path in sorted(Path().glob(argument))] if "*" in argument else [argument]


def _refuse_missing_parts() -> None:
    from importlib.util import find_spec

    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise UsageProblem(
            f"The sample service needs {', '.join(missing)}", remedy="pip install 'hardpoint[demo]', then again."
        )
