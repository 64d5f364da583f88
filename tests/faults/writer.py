"""A writer that is killed: it appends until it is, in a child of a process that has everything imported already.

Arguments: URL, settings folder, how many threads append. For a line `go` on standard input it starts a child that
opens the store and appends; the next line says after how many seconds from then to kill it, and once it is gone, `dead`
is printed. The child prints `open SECONDS` once its first append is acknowledged, the index of every acknowledgement,
and `failed` if it ends by itself.
"""

import os
import signal
import sys
import threading
from pathlib import Path

from hardpoint.kernel.clock import monotonic_s, system_clock
from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import signer_of
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Draft
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.store import create_store


def say(line: object) -> None:
    """One write for each line: what was acknowledged is out before the next append begins."""
    os.write(1, f"{line}\n".encode())


def append_until_killed(url: str, settings: Path, threads: int) -> None:
    started_s = monotonic_s()
    signer = signer_of(settings, {})
    database = create_store(url, [TABLES])
    begin_record(database, signer)
    record = Record(database, signer, system_clock, Memory(settings / "checkpoints"), {signer.public})
    draft = Draft(kind="note", subject="org/a", payload_type="text/plain", payload=b"x" * 100)

    def append() -> None:
        while True:
            say(record.append(draft).index)

    say(record.append(draft).index)
    say(f"open {monotonic_s() - started_s}")
    for _ in range(threads - 1):
        threading.Thread(target=append).start()
    append()


def main(url: str, settings: str, threads: str) -> None:
    # Held back, so that waiting for a child's end has a time limit.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    Database.open(url).close()  # imports the driver
    while sys.stdin.readline():
        child = os.fork()
        if child == 0:
            try:
                append_until_killed(url, Path(settings), int(threads))
            finally:
                say("failed")
        signal.sigtimedwait([signal.SIGCHLD], float(sys.stdin.readline()))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        signal.sigtimedwait([signal.SIGCHLD], 0)
        say("dead")


if __name__ == "__main__":
    main(*sys.argv[1:])
