"""Work on a record while the kernel refuses system calls, in children of a process that has everything imported.

For each line of JSON on standard input (folder, scenario and fault) it runs one child, and prints a line with how many
calls there were to choose from, what the child saw, and its wait status.
"""

import contextlib
import errno
import io
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import kernel_faults
from kernel_faults import Answer, Call, Cut, watched

from hardpoint.faces.cli.main import run as run_cli
from hardpoint.kernel.clock import system_clock
from hardpoint.kernel.identity.keys import KEY_FILE, signer_of
from hardpoint.kernel.problem import Problem
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Draft
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.store import create_store

APPENDS = 3
"""How many are tried while the fault lasts."""
PADDING = b" " * 6000
"""More than a page of SQLite's, so that an entry takes several writes."""


@dataclass
class Fault:
    """The call with this number is refused, or cut short; with `lasting`, every later one is refused too."""

    kind: str
    at: int
    lasting: bool
    seen: int = -1
    met: str = ""

    def __call__(self, call: Call) -> Answer:
        reads = call.name in kernel_faults.READS["x86_64"]
        if reads is not (self.kind == "read"):
            return None
        self.seen += 1
        if self.seen < self.at or (self.seen > self.at and not self.lasting):
            return None
        self.met = self.met or call.name
        if self.kind == "cut" and self.seen == self.at:
            return Cut(call.arguments[2] // 2) if call.name in ("write", "pwrite64") else errno.ENOSPC
        return {"full": errno.ENOSPC, "cut": errno.ENOSPC}.get(self.kind, errno.EIO)


class Work:
    """What a child does with the record in a folder: its store, and the settings of its user."""

    def __init__(self, folder: Path, faulty: Callable[[bool], None]) -> None:
        self.folder, self.faulty = folder, faulty
        self.url = f"sqlite:///{folder / 'store.db'}"
        self.settings = folder / "settings"
        self.done: list[object] = []

    def open(self) -> Record:
        signer = signer_of(self.settings, {})
        self.database = create_store(self.url, [TABLES])
        begin_record(self.database, signer)
        return Record(self.database, signer, system_clock, Memory(self.settings / "checkpoints"), {signer.public})

    def tried(self, what: str, action: Callable[[], object]) -> object:
        """Do it and note how it ended; whatever is no Problem is noted by its own name."""
        try:
            result = action()
        except Problem as problem:
            self.done.append([what, type(problem).__name__, problem.sentence])
            return None
        except Exception as error:  # noqa: BLE001 - the test names every error that it allows
            self.done.append([what, f"untyped {type(error).__name__}", repr(error)])
            return None
        self.done.append([what, "ok", result if isinstance(result, int | str) else None])
        return result

    def append(self, record: Record, what: str) -> None:
        draft = Draft(kind="note", subject="org/a", payload_type="text/plain", payload=what.encode() + PADDING)
        self.tried(what, lambda: record.append(draft).index)

    def read(self) -> None:
        self.tried("read", lambda: sum(1 for _ in read_entries(self.database, kind="note")))

    # Each of these is one scenario. The folder holds a whole record before it, but for `begin`, `key` and `command`.

    def warm(self) -> None:
        """The store is open, and was appended to by this process."""
        record = self.open()
        self.append(record, "before")
        self.faulty(True)
        for number in range(APPENDS):
            self.append(record, f"during {number}")
            self.read()
        self.faulty(False)
        self.append(record, "after")
        self.read()
        self.database.close()

    def cold(self) -> None:
        """The fault is there when the store is opened."""
        self.faulty(True)
        record = self.tried("open", self.open)
        if record is not None:
            self.append(record, "during 0")
            self.read()
        self.faulty(False)
        record = self.open()
        self.append(record, "after")
        self.database.close()

    begin = cold

    def fold(self) -> None:
        """The fault is there when the log beside the file is folded into it."""
        record = self.open()
        self.append(record, "before")
        self.faulty(True)
        self.tried("close", self.database.close)
        self.faulty(False)

    def key(self) -> None:
        """The folder of the user's key cannot be written."""
        self.faulty(True)
        self.tried("key", lambda: str(signer_of(self.settings, {}).public))
        self.faulty(False)
        left = [file.name for file in self.settings.iterdir()] if self.settings.exists() else []
        self.done.append(["left", "ok", " ".join(sorted(left))])
        if KEY_FILE in left:
            self.tried("whole", lambda: str(signer_of(self.settings, {}).public))

    def command(self) -> None:
        """What a user meets: `check --record`, from the first byte."""
        os.environ |= {"HARDPOINT_CONFIG_DIR": str(self.settings), "HARDPOINT_STORE": self.url}
        os.chdir(self.folder / "repository")
        self.faulty(True)
        self.cli("check", "--record")
        self.faulty(False)
        self.cli("check", "--record")
        self.cli("record", "verify")

    def cli(self, *arguments: str) -> None:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run_cli(arguments)
        self.done.append([" ".join(arguments), int(code), out.getvalue() + err.getvalue()])


def refused(scenario: str, folder: Path, fault: Fault, report: int) -> int:
    """The scenario in a child whose calls are judged by the fault."""

    def child(faulty: Callable[[bool], None]) -> None:
        work = Work(folder, faulty)
        try:
            getattr(work, scenario)()
        finally:
            os.write(report, json.dumps(work.done).encode())

    return watched(fault, child)


def limited(scenario: str, folder: Path, size: int, report: int) -> int:
    """The scenario in a child whose files may not grow beyond a size: a write is cut short there, then refused."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
            work = Work(folder, lambda on: resource.setrlimit(resource.RLIMIT_FSIZE, (size if on else most, most)))
            try:
                getattr(work, scenario)()
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
                os.write(report, json.dumps(work.done).encode())
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def main() -> None:
    for line in sys.stdin:
        point = json.loads(line)
        folder = Path(point["folder"])
        with (folder / "done").open("wb", buffering=0) as report:
            if "size" in point:
                fault = None
                status = limited(point["scenario"], folder, point["size"], report.fileno())
            else:
                fault = Fault(point["kind"], point["at"], point["lasting"])
                status = refused(point["scenario"], folder, fault, report.fileno())
        seen, met = (fault.seen + 1, fault.met) if fault else (0, "file size")
        said = {"seen": seen, "met": met, "status": status, "done": json.loads((folder / "done").read_text() or "[]")}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
