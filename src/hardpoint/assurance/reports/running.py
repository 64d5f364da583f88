"""Running a command: what it was, how it ended, and the reports that it wrote, as evidence."""

import os
import shlex
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from glob import glob
from hashlib import sha256
from itertools import islice
from pathlib import Path

from hardpoint.assurance.reports.intake import Imported, named, read_file, service_of, told_apart, verified
from hardpoint.assurance.reports.model import TIMEOUT
from hardpoint.assurance.reports.redaction import redacted
from hardpoint.kernel import command
from hardpoint.kernel.clock import format_instant, monotonic_s
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.evidence import Assurance, Evidence, Fact, Producer, drafted
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.importer import Importer
from hardpoint.kernel.problem import Exit, ToolProblem
from hardpoint.kernel.rooms.cli import Context

KIND = "command"
MAX_REPORTS = 500
"""How many report files a command may write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A command to run: the name of its evidence, its words, and patterns of the reports that it must write."""

    name: str
    argv: tuple[str, ...]
    reports: tuple[str, ...] = ()
    timeout: Duration = TIMEOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended: its evidence's entry, its reports, and why it came to no result, if so."""

    name: str
    argv: tuple[str, ...]
    exit: int | None
    duration_s: float
    reports: tuple[Imported, ...]
    error: str | None
    entry: int
    dirty: bool
    why_not: str
    """Why it does not pass; empty if it does."""

    @property
    def outcome(self) -> Exit:
        """0 if it ended well, 1 if not, 3 if it, or a report of it, came to no result."""
        unread = any(report.kind is None for report in self.reports)
        return Exit.FAILED if self.error or unread else Exit.OK if self.exit == 0 else Exit.FOUND


def run_task(
    context: Context,
    task: Task,
    *,
    service: str | None = None,
    environment: str | None = None,
    identity_token: str | None = None,
    fail_on: Severity = Severity.ERROR,
    folder: Path | None = None,
) -> Ran:
    """Run a command and record how it ended, with the reports that it wrote.

    The command gets neither the key that signs nor the runner's token. Raises UsageProblem, before it runs, if no
    service can be named; and IdentityProblem if the token does not hold.
    """
    workspace, whom = context.workspace, service_of(context, service)
    with context.record(identity_token):
        pass  # what could not be recorded is not run; and a token may not outlive the run
    place = context.at(folder) if folder else context
    began = format_instant(context.clock())
    stamp, before = _stamp(), _states(place.folder, task.reports)
    facts, error, duration_s = _run(place, task, identity_token)
    read = list(_reports(place, task.reports, stamp, before))
    dirty = workspace.dirty or not workspace.is_as_opened()
    why_not = _why_not(facts.get("exit"), error, read, fail_on)
    evidence = Evidence(
        kind=KIND,
        name=task.name,
        service=whom,
        producer=Producer(name=Path(task.argv[0]).name),
        population=int(error is None),
        facts={**facts, "passed": not why_not, **({"why_not": why_not} if why_not else {})},
        commit=workspace.commit,
        dirty=dirty,
        environment=environment,
        time=began,
        error=error,
        assurance=Assurance.CI if identity_token else Assurance.RAN,
    )
    with context.record() as record:
        entry = record.append(drafted(evidence)).index
        rows = []
        for row, found in read:
            if found is None:
                rows.append(row)
            else:
                receipt = record.append(
                    drafted(_of_run(verified(place, found), evidence, told_apart(place, found.name)))
                )
                rows.append(replace(row, entry=receipt.index, added=True))
    exit_code = facts.get("exit")
    return Ran(
        name=task.name,
        argv=redacted(task.argv),
        exit=exit_code if isinstance(exit_code, int) else None,
        duration_s=duration_s,
        reports=tuple(rows),
        error=error,
        entry=entry,
        dirty=dirty,
        why_not=why_not,
    )


def _of_run(report: Evidence, run: Evidence, file: str) -> Evidence:
    """A report as evidence of the run that wrote it; what it says itself is stronger."""
    return replace(
        report,
        name=named(report, run.name, file),
        service=run.service,
        commit=report.commit or run.commit,
        dirty=run.dirty,
        environment=run.environment,
        time=report.time or run.time,
        assurance=run.assurance,
    )


def _run(context: Context, task: Task, identity_token: str | None) -> tuple[Mapping[str, Fact], str | None, float]:
    """What is known of a run, why it came to no result, and how long it took."""
    from hardpoint.kernel.identity.keys import SETTING  # with it comes cryptography

    facts: dict[str, Fact] = {"argv": shlex.join(redacted(task.argv))}
    began = monotonic_s()
    try:
        done = command.run(
            task.argv,
            cwd=context.folder,
            timeout_s=task.timeout.seconds,
            without={SETTING, identity_token or ""},
            echo=sys.stderr,
        )
    except ToolProblem as problem:
        return facts, problem.sentence, round(monotonic_s() - began, 3)
    duration_s = round(done.duration_s, 3)
    facts |= {
        "exit": done.exit,
        "duration_s": duration_s,
        "output_sha256": sha256(done.stdout + done.stderr).hexdigest(),
        "output_bytes": len(done.stdout) + len(done.stderr),
    }
    return facts, _killed(done.exit), duration_s


def _killed(exit_code: int) -> str | None:
    if exit_code >= 0:
        return None
    name = signal.Signals(-exit_code).name if -exit_code in set(signal.Signals) else f"signal {-exit_code}"
    return f"was ended by {name}"


def _stamp() -> int:
    """The instant of now as the file system counts it, which may lag behind the clock: nanoseconds."""
    with tempfile.TemporaryFile() as file:
        file.write(b"0")
        file.flush()
        return os.fstat(file.fileno()).st_mtime_ns


_State = tuple[int, int, int, int]


def _states(folder: Path, patterns: Sequence[str]) -> Mapping[str, _State]:
    """Every file that is there already, and what tells whether it was written since."""
    return {
        file: state for pattern in patterns for file in _matching(folder, pattern) if (state := _state(folder / file))
    }


def _matching(folder: Path, pattern: str) -> list[str]:
    found = glob(pattern, root_dir=folder, recursive=True, include_hidden=True)  # noqa: PTH207 - it may be absolute
    return sorted(islice((file for file in found if (folder / file).is_file()), MAX_REPORTS + 1))


def _state(path: Path) -> _State | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _reports(
    context: Context, patterns: Sequence[str], stamp: int, before: Mapping[str, _State]
) -> Iterator[tuple[Imported, Evidence | None]]:
    """What each report says; a pattern that nothing matches, and a file of another run, are no reports."""
    importers = context.collect("importers", Importer)
    seen: set[str] = set()
    for pattern in patterns:
        matching = _matching(context.folder, pattern)
        if not matching:
            yield Imported(file=pattern, error=f"{pattern}: was not written by this run"), None
        if len(matching) > MAX_REPORTS:
            yield Imported(file=pattern, error=f"{pattern}: matches more than {MAX_REPORTS} files"), None
            continue
        for file in matching:
            if file in seen:
                continue
            seen.add(file)
            state = _state(context.folder / file)
            if state is None or state == before.get(file) or state[2] < stamp:
                yield Imported(file=file, error=f"{file}: was not written by this run"), None
            else:
                yield read_file(context, file, importers)


def _why_not(
    exit_code: Fact | None, error: str | None, read: Sequence[tuple[Imported, Evidence | None]], fail_on: Severity
) -> str:
    """The first reason why a command does not pass: its end, then what its reports say."""
    if error or exit_code != 0:
        return error or f"ended with {exit_code}"
    return next((why for row, evidence in read if (why := _wrong(row, evidence, fail_on))), "")


def _wrong(row: Imported, evidence: Evidence | None, fail_on: Severity) -> str:
    """What a report says against a command that ended well; empty if nothing."""
    if evidence is None:
        return row.error or f"{row.file} could not be read"
    if evidence.error or evidence.population <= 0:
        return f"{row.file}: {evidence.error or 'looked at nothing'}"
    bad = sum(finding.severity >= fail_on for finding in evidence.findings)
    return f"{row.file}: {bad} of severity {fail_on.value} or worse" if bad else ""
