"""How a benchmark measures: whole processes several times over, medians, the peer in turn with the subject."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RUNS = 15


@dataclass(frozen=True)
class Row:
    """One measured figure beside the peer's, in one unit, and whether the goal is met."""

    benchmark: str
    work: str
    figure: float
    peer: str
    peer_figure: float
    unit: str
    goal: str
    met: bool

    @property
    def ratio(self) -> float:
        return self.figure / self.peer_figure if self.peer_figure else 0.0


@dataclass(frozen=True)
class Cost:
    """Medians of one command over its runs, in milliseconds."""

    cpu_ms: float
    wall_ms: float


def in_turn(commands: Sequence[Sequence[str]], cwd: Path, runs: int = RUNS) -> list[Cost]:
    """Run the commands A B A B …, so that a slow moment of the machine meets them all; the first round is warm-up."""
    rounds = [[_once(command, cwd) for command in commands] for _ in range(runs + 1)][1:]
    return [
        Cost(
            cpu_ms=statistics.median(each[at].cpu_ms for each in rounds),
            wall_ms=statistics.median(each[at].wall_ms for each in rounds),
        )
        for at in range(len(commands))
    ]


def _once(command: Sequence[str], cwd: Path) -> Cost:
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = 0
    return Cost(cpu_ms=(usage.ru_utime + usage.ru_stime) * 1000, wall_ms=wall * 1000)


def peak_mb(command: Sequence[str], cwd: Path) -> float:
    """The most memory that a process of a command held, in MB; of several, the largest."""
    script = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], capture_output=True);"
        " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    measured = subprocess.run([sys.executable, "-c", script, *command], cwd=cwd, capture_output=True, check=True)
    return int(measured.stdout) / 1024


def hardpoint() -> str:
    """The command of this environment."""
    return str(Path(sys.executable).parent / "hardpoint")
