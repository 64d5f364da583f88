"""What verbs are built with: the context of one call, and the decorator that makes a function a verb."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeVar

import click

from hardpoint.kernel.capability import Capability
from hardpoint.kernel.clock import Clock, system_clock
from hardpoint.kernel.progress import Progress, quiet
from hardpoint.kernel.result import Document, Result

if TYPE_CHECKING:  # a verb that needs none of these loads none of them
    from hardpoint.kernel.database import Database
    from hardpoint.kernel.identity.keys import PublicKey, Signer
    from hardpoint.kernel.record.log import Record
    from hardpoint.kernel.record.memory import Memory
    from hardpoint.kernel.workspace import Workspace

CONFIG_SETTING = "HARDPOINT_CONFIG_DIR"
"""The folder of the user's own key and of the checkpoints seen; by default the platform's folder for settings."""

T = TypeVar("T")


class Context:
    """The workspace, the store and the settings of one call; each is opened when a verb first asks for it."""

    def __init__(
        self,
        capabilities: Sequence[Capability],
        *,
        folder: Path | None = None,
        clock: Clock = system_clock,
        progress: Progress = quiet,
        story: TextIO | None = None,
    ) -> None:
        """`story` is where a verb may tell what it does while it works; standard output stays the result's."""
        self.story = story or sys.stderr
        self.folder = folder or Path.cwd()
        self.clock = clock
        self.progress = progress
        self._capabilities = capabilities

    def collect(self, room: str, kind: type[T]) -> list[T]:
        """Every object of a kind that the capabilities keep in a room: rules, importers, sections, tables."""
        found = [each for capability in self._capabilities for each in capability.objects(room, kind)]
        return list({id(each): each for each in found}.values())

    @cached_property
    def workspace(self) -> "Workspace":
        """The repository that the call is made in."""
        return self.open_workspace(self.folder)

    def open_workspace(self, folder: Path) -> "Workspace":
        """The repository at another folder."""
        from hardpoint.kernel.declarations import Section
        from hardpoint.kernel.workspace import Workspace

        return Workspace.open(folder, self.collect("model", Section))

    @cached_property
    def settings_folder(self) -> Path:
        """Where the user's key and memory lie."""
        from platformdirs import user_config_path

        return Path(os.environ.get(CONFIG_SETTING) or user_config_path("hardpoint"))

    @contextmanager
    def record(self) -> "Iterator[Record]":
        """The record of the workspace's store, made on first use, with the key that signs."""
        from hardpoint.kernel.database import Tables
        from hardpoint.kernel.record.log import Record, begin_record
        from hardpoint.kernel.store import create_store

        signer = self.signer
        database = create_store(self._store_url, self.collect("tables", Tables))
        try:
            begin_record(database, signer)
            yield Record(database, signer, self.clock, self.memory, {signer.public, *self.keys})
        finally:
            database.close()

    @contextmanager
    def stored(self) -> "Iterator[Database]":
        """The workspace's store as it is, for reading; nothing is made."""
        from hardpoint.kernel.database import Tables
        from hardpoint.kernel.store import open_store

        database = open_store(self._store_url, self.collect("tables", Tables))
        try:
            yield database
        finally:
            database.close()

    @contextmanager
    def store_at(self, source: str) -> "Iterator[Database]":
        """Another store, by its URL, its file, or the repository that it belongs to, for reading."""
        from hardpoint.kernel.database import Tables
        from hardpoint.kernel.store import open_store, store_url_of

        database = open_store(store_url_of(source, self.folder), self.collect("tables", Tables))
        try:
            yield database
        finally:
            database.close()

    @cached_property
    def signer(self) -> "Signer":
        """The key that signs, made on first use."""
        from hardpoint.kernel.identity.keys import signer_of

        return signer_of(self.settings_folder, os.environ)

    @cached_property
    def memory(self) -> "Memory":
        """The checkpoints that this user has seen."""
        from hardpoint.kernel.record.memory import Memory

        return Memory(self.settings_folder / "checkpoints")

    @cached_property
    def own_key(self) -> "PublicKey | None":
        """The key that this user signs with, if there is one yet."""
        from hardpoint.kernel.identity.keys import known_signer

        signer = known_signer(self.settings_folder, os.environ)
        return signer.public if signer else None

    @property
    def keys(self) -> "list[PublicKey]":
        """The keys that may sign this record: the user's own, and those that the manifest names."""
        from hardpoint.kernel.identity.model import TRUST

        named = [trusted.key for trusted in self.workspace.manifest[TRUST].keys]
        return [*([self.own_key] if self.own_key else []), *named]

    @property
    def witnesses(self) -> "dict[str, PublicKey]":
        """The key of each witness that the manifest names."""
        from hardpoint.kernel.identity.model import TRUST

        return {trusted.name: trusted.key for trusted in self.workspace.manifest[TRUST].witnesses}

    @property
    def _store_url(self) -> str:
        from hardpoint.kernel.store import store_url

        return store_url(self.workspace.root or self.folder, os.environ)


@dataclass(frozen=True, slots=True)
class Verb:
    """A command: its words (`record verify`; one word for a noun's own verb) and what click makes of its function."""

    words: tuple[str, ...]
    command: click.Command


Outcome = Result | Document


def verb(*words: str) -> Callable[[Callable[..., Outcome]], Verb]:
    """Make a verb of a function from the context and its options to a result; its docstring is its help.

    Options are declared with click's own decorators below this one.
    """

    def decorate(function: Callable[..., Outcome]) -> Verb:
        parameters = list(reversed(getattr(function, "__click_params__", [])))
        command = click.Command(
            words[-1],
            params=parameters,
            callback=click.pass_obj(function),
            help=function.__doc__,
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        return Verb(words, command)

    return decorate
