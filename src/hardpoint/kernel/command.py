"""The only place that starts a process: an argument vector, never a shell, with limits on time and output."""

import os
import signal
import subprocess
import tempfile
from codecs import getincrementaldecoder
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TextIO

from hardpoint.kernel.clock import monotonic_s
from hardpoint.kernel.problem import ToolProblem

TIMEOUT_S = 60.0
MAX_OUTPUT_BYTES = 64 * 1024 * 1024
LOOK_S = 0.2
"""How often the output of a running program is looked at."""
_SHOWN_AT_ONCE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """How a process ended: its exit code, what it wrote, and how long it took in seconds."""

    argv: tuple[str, ...]
    exit: int
    stdout: bytes
    stderr: bytes
    duration_s: float


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    timeout_s: float = TIMEOUT_S,
    max_output_bytes: int = MAX_OUTPUT_BYTES,
    env: Mapping[str, str] | None = None,
    without: Collection[str] = (),
    stdin: bytes = b"",
    echo: TextIO | None = None,
) -> Completed:
    """Run a program to its end; `env` is laid over the present environment, and `stdin` is all that it can read.

    `without` names variables that it does not get. What it writes is shown on `echo` while it runs.

    Raises ToolProblem if the program is missing, outlives `timeout_s` or writes more than `max_output_bytes`, or if the
    machine has no room for what goes in and out.
    """
    began = monotonic_s()
    inherited = {name: value for name, value in os.environ.items() if name not in without}
    with _scratch(argv[0], stdin) as given, _scratch(argv[0]) as out, _scratch(argv[0]) as err:
        try:
            # A session of its own, so that it ends with everything that it started.
            process = subprocess.Popen(  # noqa: S603 - argv comes from code, never from a shell string
                list(argv),
                cwd=cwd,
                env={**inherited, **(env or {})},
                stdin=given,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            if not cwd.is_dir():
                raise ToolProblem(f"{argv[0]} cannot be run in {cwd}: there is no such folder") from error
            raise ToolProblem(
                f"{argv[0]} is not installed", remedy=f"Install {argv[0]} and put it on the PATH."
            ) from error
        except OSError as error:
            raise ToolProblem(f"{argv[0]} could not be started: {error.strerror}") from error
        show = _shown((out, err), echo) if echo else _nothing
        with process:
            try:
                _wait(process, argv[0], began + timeout_s, timeout_s, (out, err), max_output_bytes, show)
            except BaseException:
                _kill(process)
                raise
            finally:
                show()
        stdout, stderr = (_bounded(stream, argv[0], max_output_bytes) for stream in (out, err))
    return Completed(
        argv=tuple(argv),
        exit=process.returncode,
        stdout=stdout,
        stderr=stderr,
        duration_s=monotonic_s() - began,
    )


def _scratch(program: str, content: bytes = b"") -> IO[bytes]:
    """A file without a name, at its beginning."""
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asks for it closes it
        file.write(content)
        file.seek(0)
    except OSError as error:
        raise ToolProblem(f"{program} cannot be run without a temporary file: {error.strerror}") from error
    return file


def _wait(
    process: "subprocess.Popen[bytes]",
    program: str,
    deadline: float,
    timeout_s: float,
    streams: Sequence[IO[bytes]],
    limit: int,
    show: Callable[[], None],
) -> None:
    """Until it ends; its output is looked at meanwhile, so that it cannot fill the disk."""
    while True:
        try:
            process.wait(timeout=max(0.0, min(LOOK_S, deadline - monotonic_s())))
            return
        except subprocess.TimeoutExpired as error:
            show()
            if any(os.fstat(stream.fileno()).st_size > limit for stream in streams):
                raise _too_much(program, limit) from error
            if monotonic_s() >= deadline:
                raise ToolProblem(f"{program} did not end within {timeout_s:g} s") from error


def _nothing() -> None:
    """Shows nothing."""


def _shown(streams: Sequence[IO[bytes]], echo: TextIO) -> Callable[[], None]:
    """What shows all that was written since it last did."""
    told = [0 for _ in streams]
    decoders = [getincrementaldecoder("utf-8")("replace") for _ in streams]

    def show() -> None:
        for index, stream in enumerate(streams):
            # The process writes at the file's own offset, which a read would move.
            while fresh := os.pread(stream.fileno(), _SHOWN_AT_ONCE, told[index]):
                told[index] += len(fresh)
                echo.write(decoders[index].decode(fresh))
        echo.flush()

    return show


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process and, where the system knows sessions, all that it started and that stayed in its group."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _bounded(stream: IO[bytes], program: str, limit: int) -> bytes:
    stream.seek(0)
    output = stream.read(limit + 1)
    if len(output) > limit:
        raise _too_much(program, limit)
    return output


def _too_much(program: str, limit: int) -> ToolProblem:
    return ToolProblem(f"{program} wrote more than {limit} bytes")
