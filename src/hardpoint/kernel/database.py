"""An engine, its unit of work, and the versions of the tables that capabilities installed in it."""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from hardpoint.kernel.durable import sync
from hardpoint.kernel.problem import IntegrityProblem, Problem, StoreProblem

BUSY_TIMEOUT_S = 30
_INSTALL_LOCK = 0x4861_7264  # "Hard": one advisory lock for installing tables, whatever the capability
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NOT_TEXT = "Could not decode to UTF-8"  # Python's driver says so, without a code of SQLite's

_versions = sa.Table(
    "hardpoint_tables",
    sa.MetaData(),
    sa.Column("capability", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)


class Phase(StrEnum):
    """Whether a change of tables runs before the code that needs it is deployed, or after the old code is gone."""

    BEFORE = "before deploy"
    AFTER = "after deploy"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableVersion:
    """One immutable step of a capability's tables, written with Alembic's operations."""

    number: int
    phase: Phase
    upgrade: Callable[[Operations], None]
    downgrade: Callable[[Operations], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The tables of one capability as they are now, and every version on the way there."""

    capability: str
    metadata: sa.MetaData
    versions: Sequence[TableVersion]

    @property
    def current(self) -> int:
        return self.versions[-1].number


class Database:
    """A database of either dialect; every use of it is a unit of work, committed whole or not at all."""

    def __init__(self, engine: sa.Engine, view: sa.Connection | None = None) -> None:
        self._engine = engine
        self._view = view

    @classmethod
    def open(cls, url: str) -> "Database":
        """Connect to `sqlite:///path` or `postgresql://…`.

        Raises StoreProblem if the URL or its driver cannot be used; a connection is made on first use.
        """
        parsed = parse_url(url)
        try:
            if parsed.get_backend_name() == "sqlite":
                return cls(_sqlite_engine(parsed))
            if parsed.get_backend_name() == "postgresql":
                return cls(sa.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True))
        except (sa.exc.ArgumentError, ValueError, ImportError) as error:
            raise StoreProblem(
                f"The database cannot be used: {error}", remedy="pip install 'hardpoint[postgres]'"
            ) from error
        raise StoreProblem(
            f"{parsed.get_backend_name()} is not supported", remedy="Use sqlite:///path or postgresql://…"
        )

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent view: nothing that others commit meanwhile is seen.

        Raises StoreProblem, or IntegrityProblem if the database says of itself that it is damaged.
        """
        if self._view is not None:
            with _own_errors():
                yield self._view
            return
        with _own_errors(), self._engine.connect() as connection:
            if self.dialect == "postgresql":
                connection = connection.execution_options(  # noqa: PLW2901
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            yield connection

    @contextmanager
    def view(self) -> Iterator["Database"]:
        """The database as it is now, for reading alone: every `reading()` of it is the one same view."""
        with self.reading() as connection:
            yield Database(self._engine, connection)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A unit of work, durable once left; on SQLite it holds the one write lock from its start.

        Raises StoreProblem, or IntegrityProblem if the database says of itself that it is damaged.
        """
        assert self._view is None, "a view is not written"
        with _own_errors(), self._engine.connect() as connection:
            connection = connection.execution_options(hardpoint_write=True)  # noqa: PLW2901
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close every connection; on SQLite this folds the write-ahead log into the file."""
        self._engine.dispose()

    def installed(self) -> Mapping[str, int]:
        """The version of each capability's tables that is in the database."""
        with self.reading() as connection:
            return _installed(connection)

    def install(self, tables: Tables, to: int | None = None, *, before: Callable[[int], None] | None = None) -> None:
        """Bring a capability's tables to version `to`, or to the current one; versions in between run in order.

        `before` is called with the version found, before it is changed and while nobody else can write on SQLite; if it
        raises, nothing is changed. Raises StoreProblem if the database holds a newer version than this program knows,
        or `to` is one.
        """
        refuse_newer(tables, to or 0)
        with self.writing() as connection:
            if self.dialect == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_INSTALL_LOCK)))
            found = _installed(connection).get(tables.capability, 0)
            refuse_newer(tables, found)
            target = tables.current if to is None else to
            if before is not None and 0 < found != target:
                before(found)
            _migrate(connection, tables, found, target)

    def back_up(self, file: Path) -> None:
        """Copy a SQLite database, page by page as it was last committed, to a new file that is whole and on the disk.

        Raises StoreProblem, and leaves no file, if it cannot be written; IntegrityProblem if the copy is not whole.
        """
        source, draft = self._engine.url.database or "", file.with_name(f".{file.name}.{secrets.token_hex(8)}")
        try:
            with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(draft)) as copy:
                here.backup(copy)
                if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                    raise _damaged("a copy of it is not whole")
            draft.chmod(Path(source).stat().st_mode)
            sync(draft)
            os.link(draft, file)  # unlike a rename, a link never replaces
            sync(file.parent)
        except (sqlite3.Error, OSError) as error:
            raise StoreProblem(f"The backup {file} cannot be written: {error}", remedy="Make room for it.") from error
        finally:
            for left in draft.parent.glob(f"{draft.name}*"):
                left.unlink(missing_ok=True)

    def vacuum(self) -> None:
        """Write a SQLite file anew without its free pages; it needs as much room again meanwhile.

        Raises StoreProblem.
        """
        with _own_errors(), self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            try:
                raw.execute("VACUUM")  # type: ignore[union-attr]
            except sqlite3.Error as error:
                raise StoreProblem(f"The file cannot be written anew: {error}", remedy="Make room for it.") from error

    def size_bytes(self) -> int:
        """How much the database takes."""
        pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        with self.reading() as connection:
            of = pages if self.dialect == "sqlite" else "SELECT pg_database_size(current_database())"
            return int(connection.exec_driver_sql(of).scalar_one())


def insert_rows(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows that each give every column; PostgreSQL takes them by COPY, in a third of the time of INSERTs."""
    if connection.dialect.name != "postgresql":
        connection.execute(sa.insert(table), rows)
        return
    names = [column.name for column in table.columns]
    types = [str(column.type.compile(connection.dialect)).lower() for column in table.columns]
    quote = connection.dialect.identifier_preparer.quote
    copying = f"COPY {quote(table.name)} ({', '.join(map(quote, names))}) FROM STDIN (FORMAT BINARY)"
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(copying) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row([row[name] for name in names])
    except connection.dialect.loaded_dbapi.Error as error:
        raise sa.exc.DBAPIError(copying, None, error) from error


def parse_url(url: str) -> sa.URL:
    """Read a database's URL.

    Raises StoreProblem, which does not quote it: it may hold a password.
    """
    try:
        return sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise StoreProblem(
            "The database's URL cannot be read",
            remedy="Use sqlite:///path or postgresql://…; in a password, write / as %2F and @ as %40.",
        ) from None


def refuse_newer(tables: Tables, found: int) -> None:
    """Raises StoreProblem if version `found` was made by a newer program."""
    if found > tables.current:
        raise StoreProblem(
            f"The tables of {tables.capability} are of version {found}; this Hardpoint knows {tables.current}",
            remedy="Upgrade Hardpoint: a newer one wrote this database.",
        )


def _installed(connection: sa.Connection) -> Mapping[str, int]:
    if not sa.inspect(connection).has_table(_versions.name):
        return {}
    return {row.capability: row.version for row in connection.execute(sa.select(_versions))}


def _migrate(connection: sa.Connection, tables: Tables, found: int, to: int) -> None:
    operations = Operations(MigrationContext.configure(connection))
    for version in tables.versions:
        if found < version.number <= to:
            version.upgrade(operations)
    for version in reversed(tables.versions):
        if to < version.number <= found:
            version.downgrade(operations)
    _versions.create(connection, checkfirst=True)
    connection.execute(sa.delete(_versions).where(_versions.c.capability == tables.capability))
    connection.execute(sa.insert(_versions).values(capability=tables.capability, version=to))


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    read_only = _read_only(url)
    pragmas = ("synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF")
    engine = sa.create_engine(read_only or url, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        cursor = connection.cursor()
        try:
            # FULL: a commit has reached the disk before it is acknowledged.
            for pragma in pragmas if read_only else ("journal_mode=WAL", *pragmas):
                cursor.execute(f"PRAGMA {pragma}")
        except UnicodeDecodeError as error:
            raise _damaged("its schema is not text") from error
        finally:
            cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        write = connection.get_execution_options().get("hardpoint_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    @sa.event.listens_for(engine, "handle_error")
    def undecodable(context: sa.engine.ExceptionContext) -> None:
        # The driver cannot even decode SQLite's message when that quotes a damaged schema.
        if isinstance(context.original_exception, UnicodeDecodeError):
            raise _damaged("its schema is not text") from context.original_exception

    return engine


def _read_only(url: sa.URL) -> sa.URL | None:
    """How to read a file that cannot be written, or whose folder cannot; None for one that can.

    Reading a database in WAL mode writes to its folder. `immutable` needs no writing, and reads past a write-ahead log,
    so it is for a file that has none.
    """
    file = Path(url.database or ":memory:")
    if not file.is_file() or (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        return None
    log = file.with_name(f"{file.name}-wal")
    options = {"uri": "true", "mode": "ro"}
    if not os.access(file.parent, os.W_OK) and not (log.exists() and log.stat().st_size):
        options["immutable"] = "1"
    return sa.URL.create("sqlite", database=f"file:{quote(str(file.resolve()))}", query=options)


def _damaged(sentence: str) -> IntegrityProblem:
    return IntegrityProblem(
        f"The database file is damaged: {sentence}", remedy="Keep the file as it is, and restore a backup."
    )


@contextmanager
def _own_errors() -> Iterator[None]:
    """Database errors as Problems; a damaged SQLite file is told apart from one that is busy or full."""
    try:
        yield
    except Problem:
        raise
    except sa.exc.DBAPIError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0)
        sentence = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
        if code & 0xFF in _CORRUPT or sentence.startswith(_NOT_TEXT):
            raise _damaged(sentence) from error
        if code & 0xFF == sqlite3.SQLITE_READONLY:
            raise StoreProblem(
                "The database cannot be written: its file or its folder is read-only here",
                remedy="Make them writable, or name another file: HARDPOINT_STORE=sqlite:////tmp/record.db",
            ) from error
        raise StoreProblem(f"The database refused: {sentence}") from error
