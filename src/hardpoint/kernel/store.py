"""Hardpoint's own database: where it lies, and that it is of a version that this program knows."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa

from hardpoint.kernel.clock import Clock, system_clock
from hardpoint.kernel.database import Database, Tables, parse_url, refuse_newer
from hardpoint.kernel.problem import Problem, StoreProblem, UnreadableProblem, UsageProblem

SETTING = "HARDPOINT_STORE"
"""The URL of the store, `sqlite:///path` or `postgresql://…`; by default `.hardpoint/hardpoint.db` in the root."""
FOLDER = ".hardpoint"
FILE = "hardpoint.db"


def store_url(root: Path, environment: Mapping[str, str]) -> str:
    """Where the store of a repository is: HARDPOINT_STORE, else a file in its own folder."""
    given = environment.get(SETTING)
    return given or sa.URL.create("sqlite", database=str(root / FOLDER / FILE)).render_as_string()


def store_url_of(source: str, folder: Path) -> str:
    """The URL of a store that somebody names: a URL, the file, or the folder of the repository that it belongs to."""
    if "://" in source:
        return source
    path = folder / source
    return store_url(path, {}) if path.is_dir() else sa.URL.create("sqlite", database=str(path)).render_as_string()


def store_name(url: str) -> str:
    """What tells a store from others: its file, or its host and database; never a password."""
    file, parsed = _file(url), parse_url(url)
    if file is not None:
        return sa.URL.create("sqlite", database=str(file.resolve())).render_as_string()
    where = {key: parsed.query[key] for key in ("host", "port") if key in parsed.query}
    named = sa.URL.create(parsed.drivername, host=parsed.host, port=parsed.port, database=parsed.database, query=where)
    return named.render_as_string()


def create_store(
    url: str,
    tables: Sequence[Tables],
    *,
    backed_up: bool = False,
    clock: Clock = system_clock,
    tell: Callable[[str], None] = lambda _: None,
) -> Database:
    """The store, made or upgraded as needed; its folder hides itself from git.

    Before an upgrade a SQLite file is copied, and `tell` is given a line that says so. Raises StoreProblem if it cannot
    be made, would not outlive this process, or was written by a newer Hardpoint; UsageProblem if it has to be upgraded,
    cannot be copied from here, and nobody says that it was (`backed_up`).
    """
    _refuse_volatile(url)
    database = Database.open(url)
    file = _file(url)
    if file is not None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.parent.name == FOLDER and not (file.parent / ".gitignore").exists():
                (file.parent / ".gitignore").write_text("# Hardpoint's own state\n*\n", encoding="utf-8")
        except OSError as error:
            raise StoreProblem(
                f"{file.parent} cannot be written: {error.strerror}",
                remedy=f"Set {SETTING} to a database elsewhere.",
            ) from error
    try:
        installed = database.installed()
        for each in tables:
            found = installed.get(each.capability, 0)
            before = _copied(database, each, file, clock, tell) if file else _confirmed(each, backed_up=backed_up)
            if found == 0:
                database.install(each)
            elif found != each.current:
                _upgrade(database, each, before)
    except BaseException:
        database.close()
        raise
    return database


def _upgrade(database: Database, tables: Tables, before: Callable[[int], None]) -> None:
    refuse_newer(tables, database.installed().get(tables.capability, 0))
    try:
        database.install(tables, before=before)
    except StoreProblem as problem:
        raise StoreProblem(
            f"{problem.sentence}; nothing was upgraded, and the store is as it was", remedy=problem.remedy
        ) from problem


def _copied(
    database: Database, tables: Tables, file: Path, clock: Clock, tell: Callable[[str], None]
) -> Callable[[int], None]:
    """Copies the file beside itself; the name says which version it is of, and when."""

    def back_up(found: int) -> None:
        at = clock().strftime("%Y%m%dT%H%M%S%fZ")
        copy = file.with_name(f"{file.name}.{tables.capability}-{found}.{at}.backup")
        database.back_up(copy)
        tell(f"upgrading the store from version {found} of the {tables.capability}'s tables to {tables.current};")
        tell(f"a backup of what it was is {copy}")

    return back_up


def _confirmed(tables: Tables, *, backed_up: bool) -> Callable[[int], None]:
    """Lets a database that cannot be copied from here be upgraded only when somebody says that they did."""

    def refuse(found: int) -> None:
        if not backed_up:
            raise UsageProblem(
                f"The store has version {found} of the {tables.capability}'s tables, and this Hardpoint writes"
                f" {tables.current}; nothing was changed",
                remedy="Back the database up (pg_dump), then: hardpoint record upgrade --backed-up",
            )

    return refuse


def open_store(url: str, tables: Sequence[Tables]) -> Database:
    """The store as it is, for reading; nothing is made or changed.

    Raises UnreadableProblem if there is none, StoreProblem if it was written by a newer Hardpoint.
    """
    database = Database.open(url)
    file = _file(url)
    if file is not None and not file.exists():
        raise UnreadableProblem(f"There is no record at {file}", remedy="`hardpoint check --record` begins one.")
    try:
        installed = database.installed()
        for each in tables:
            refuse_newer(each, installed.get(each.capability, 0))
        if not installed:
            raise UnreadableProblem("The database holds no record", remedy="`hardpoint check --record` begins one.")
    except Problem:
        database.close()
        raise
    return database


def _refuse_volatile(url: str) -> None:
    parsed = parse_url(url)
    name = parsed.database or ""
    if parsed.get_backend_name() == "sqlite" and (name in {"", ":memory:"} or name.startswith("file:")):
        raise StoreProblem(
            f"{SETTING} names no file of its own, so nothing would be kept", remedy="Use sqlite:///path."
        )


def _file(url: str) -> Path | None:
    parsed = parse_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None
