"""One SQLite connection, its schema, and its transactions."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from keystone.storage import Storage

# Each entry takes the schema one version further. Published entries never change, and a new one
# only adds: the previous release then still runs on it, which is what makes a rollback safe.
MIGRATIONS = (
    """
    CREATE TABLE project (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('open', 'closed'))
    );
    CREATE TABLE milestone (
        id INTEGER PRIMARY KEY,
        project_id INTEGER NOT NULL REFERENCES project (id),
        title TEXT NOT NULL,
        due TEXT,
        state TEXT NOT NULL CHECK (state IN ('planned', 'active', 'done', 'cancelled'))
    );
    CREATE INDEX milestone_by_project ON milestone (project_id);
    """,
)


class Database:
    def __init__(self, path: str, observe: Callable[[float], None] = lambda seconds: None) -> None:
        self._observe = observe
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._migrate()

    @contextmanager
    def transaction(self) -> Iterator[Storage]:
        """Commits on leaving, rolls back on any exception. The time observed includes waiting."""
        started = perf_counter()
        try:
            with self._lock:
                self._connection.execute("BEGIN IMMEDIATE")
                # The connection's own context manager commits or rolls back, and never closes.
                with self._connection as connection:
                    yield Storage(connection)
        finally:
            self._observe(perf_counter() - started)

    def close(self) -> None:
        self._connection.close()

    def _migrate(self) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
            self._connection.executescript(
                f"BEGIN; {statements} PRAGMA user_version = {number}; COMMIT;"
            )
