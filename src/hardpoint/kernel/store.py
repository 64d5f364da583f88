"""Hardpoint's own database: where it lies, and that it is of a version that this program knows."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa

from hardpoint.kernel.database import Database, Tables, parse_url, refuse_newer
from hardpoint.kernel.problem import StoreProblem, UnreadableProblem

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


def create_store(url: str, tables: Sequence[Tables]) -> Database:
    """The store, made or upgraded as needed; its folder hides itself from git.

    Raises StoreProblem if it cannot be made, would not outlive this process, or was written by a newer Hardpoint.
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
    installed = database.installed()
    for each in tables:
        if installed.get(each.capability) != each.current:
            database.install(each)
    return database


def open_store(url: str, tables: Sequence[Tables]) -> Database:
    """The store as it is, for reading; nothing is made or changed.

    Raises UnreadableProblem if there is none, StoreProblem if it was written by a newer Hardpoint.
    """
    database = Database.open(url)
    file = _file(url)
    if file is not None and not file.exists():
        raise UnreadableProblem(f"There is no record at {file}", remedy="`hardpoint check --record` begins one.")
    installed = database.installed()
    for each in tables:
        refuse_newer(each, installed.get(each.capability, 0))
    if not installed:
        raise UnreadableProblem("The database holds no record", remedy="`hardpoint check --record` begins one.")
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
