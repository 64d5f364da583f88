"""A process of its own that opens a store as the product does and appends to it from several threads.

Arguments: URL, settings folder, how many threads, how many appends of each, whether all use the same unique keys.
It prints `ready`, waits for a line, and prints `index unique` for each acknowledgement.
"""

import os
import sys
import threading
from pathlib import Path

from hardpoint.kernel.clock import system_clock
from hardpoint.kernel.identity.keys import signer_of
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Draft
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.store import create_store


def main(url: str, settings: str, threads: str, appends: str, shared: str) -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    signer = signer_of(Path(settings), {})
    database = create_store(url, [TABLES])
    begin_record(database, signer)
    record = Record(database, signer, system_clock, Memory(Path(settings) / "checkpoints"), {signer.public})

    def append(thread: int) -> None:
        for number in range(int(appends)):
            unique = f"{number}" if shared == "shared" else f"{os.getpid()}:{thread}:{number}"
            draft = Draft(kind="note", subject="org/a", payload_type="text/plain", payload=b"x", unique=unique)
            # One write for each line: what was acknowledged is out before the next append begins.
            os.write(1, f"{record.append(draft).index} {unique}\n".encode())

    running = [threading.Thread(target=append, args=(thread,)) for thread in range(int(threads))]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
