"""What verbs are built with: the context of one call, and the decorator that makes a function a verb."""

import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
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
    from hardpoint.kernel.identity.oidc import Authority
    from hardpoint.kernel.identity.voices import Voices
    from hardpoint.kernel.record.expected import Expected
    from hardpoint.kernel.record.log import Record
    from hardpoint.kernel.record.memory import Memory
    from hardpoint.kernel.record.model import Draft, Entry
    from hardpoint.kernel.record.scan import Scan
    from hardpoint.kernel.workspace import Workspace

CONFIG_SETTING = "HARDPOINT_CONFIG_DIR"
"""The folder of the user's own key and of the checkpoints seen; by default the platform's folder for settings."""

BASE_SETTING = "HARDPOINT_BASE"
"""The protected branch: gates, trust and the record's origin are read from there; by default from the working tree."""

CI_SETTING = "CI"
"""Set by CI systems, and not to `false` or `0`: a checkout, and the record in it, is then made anew for each job."""

T = TypeVar("T")


def is_ci_job(environment: Mapping[str, str]) -> bool:
    """Whether a CI system says that this is one of its jobs."""
    return environment.get(CI_SETTING, "").lower() not in {"", "0", "false"}


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
        base: str | None = None,
        against: str | None = None,
    ) -> None:
        """`story` is where a verb may tell what it does while it works; standard output stays the result's.

        `base` is the revision that gates and trust are read from, by default the one that HARDPOINT_BASE names;
        `against` the one that the workspace is judged as a change of, by default the base.
        """
        self.story = story or sys.stderr
        self.folder = folder or Path.cwd()
        self.clock = clock
        self.progress = progress
        self.base = base or os.environ.get(BASE_SETTING) or None
        self._against = against
        self._capabilities = capabilities

    def at(self, folder: Path | None = None, base: str | None = None, against: str | None = None) -> "Context":
        """The same call at another folder, by what another revision declares, or as a change of another one."""
        return Context(
            self._capabilities,
            folder=self.folder / folder if folder else self.folder,
            clock=self.clock,
            progress=self.progress,
            story=self.story,
            base=base or self.base,
            against=against or self._against,
        )

    @property
    def against(self) -> str | None:
        """The revision that the workspace is judged as a change of, if there is one."""
        return self._against or self.base

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

        return Workspace.open(
            folder,
            self.collect("model", Section),
            against=self.against,
            rule_ids=self._rule_ids,
            governing=lambda: self.governing.manifest,
            approvals=self.approvals,
            now=self.clock(),
            progress=self.progress,
        )

    def approvals(self, service: str) -> "Mapping[str, Collection[str]]":
        """The digest of each waiver that the record of a service says is approved of, and by whom; none without one.

        Raises IntegrityProblem if the record does not hold.
        """
        from hardpoint.kernel.hearing import approvals_in
        from hardpoint.kernel.problem import UnreadableProblem
        from hardpoint.kernel.record.scan import scanned

        try:
            with self.stored() as database, scanned(database, self.memory) as scan:
                self.expected.refuse_other(scan.origin)
                voices = self.voices(scan)
                scan.refuse_broken(voices.keys, self.witnesses)
                return approvals_in(scan, voices, service)
        except UnreadableProblem:  # no record, or none that can be read: nobody approved
            return {}

    def _rule_ids(self) -> "Sequence[str]":
        from hardpoint.kernel.rule import Rule

        return [rule.id for rule in self.collect("rules", Rule)]

    @cached_property
    def at_base(self) -> "Workspace | None":
        """The repository at the base, if one is named.

        Raises UsageProblem if the base names no commit.
        """
        return None if self.base is None else self.workspace.at(self.base)

    @cached_property
    def protected(self) -> "Workspace | None":
        """The repository at the base, if one is named and it has a manifest.

        Raises UsageProblem if the base names no commit, UnreadableProblem if its manifest cannot be used.
        """
        if self.at_base is None:
            return None
        from hardpoint.kernel.declarations import DeclarationProblem
        from hardpoint.kernel.problem import UnreadableProblem

        try:
            return self.at_base if self.at_base.manifest.exists else None
        except DeclarationProblem as problem:
            first = f"{problem}: {problem.mistakes[0]}"
            raise UnreadableProblem(f"At {self.base}, {first}", remedy="Repair it there first.") from problem

    @property
    def governing(self) -> "Workspace":
        """Where gates, trust and the record's origin are read from: the base, or without one the working tree."""
        return self.protected or self.workspace

    @cached_property
    def settings_folder(self) -> Path:
        """Where the user's key and memory lie."""
        from platformdirs import user_config_path

        return Path(os.environ.get(CONFIG_SETTING) or user_config_path("hardpoint"))

    @contextmanager
    def record(self, identity_token: str | None = None) -> "Iterator[Record]":
        """The record of the workspace's store, made on first use, with the key that signs.

        With a token (a file, or a variable of the environment), the key is first bound to the CI runner that it names.
        Raises IdentityProblem, before anything is made, if the token does not hold for this key.
        """
        from hardpoint.kernel.problem import UnreadableProblem
        from hardpoint.kernel.record.expected import origin_in

        identity = self._identified(identity_token, self.signer.public) if identity_token else None
        with suppress(UnreadableProblem), self.stored():
            pass  # a record that is gone is missed before another store is made in its place
        with self.store() as database:
            record = self.record_in(database, self.memory, identity)
            self.expected.keep(str(origin_in(database)))
            yield record

    def record_in(self, database: "Database", memory: "Memory", identity: "Draft | None" = None) -> "Record":
        """The record of a store, begun on first use, with the key that signs and what binds it to a runner."""
        from hardpoint.kernel.record.log import Record, begin_record, refuse_to_lock_out

        signer = self.signer
        begin_record(database, signer, self.expected)
        voices = self.voices(database)
        if identity is None:
            refuse_to_lock_out(database, signer.public, voices.vouched)
        record = Record(database, signer, self.clock, memory, {signer.public, *voices.keys})
        if identity is not None:
            record.append_if_new(identity)
        return record

    @contextmanager
    def store(self, *, backed_up: bool = False) -> "Iterator[Database]":
        """The workspace's store, made or upgraded as needed; whether it holds a record is left as it is.

        `backed_up` says that there is a backup of one that cannot be copied from here.
        """
        from hardpoint.kernel.database import Tables
        from hardpoint.kernel.store import create_store

        tables = self.collect("tables", Tables)
        database = create_store(self.store_url, tables, backed_up=backed_up, clock=self.clock, tell=self._tell)
        try:
            yield database
        finally:
            database.close()

    @contextmanager
    def stored(self) -> "Iterator[Database]":
        """The workspace's store as it is, for reading; nothing is made.

        Raises UnreadableProblem if there is none, IntegrityProblem if there was one.
        """
        from hardpoint.kernel.database import Tables
        from hardpoint.kernel.problem import StoreProblem, UnreadableProblem
        from hardpoint.kernel.record.expected import origin_in
        from hardpoint.kernel.store import open_store

        try:
            database = open_store(self.store_url, self.collect("tables", Tables))
        except UnreadableProblem:
            self.expected.refuse_other(None)
            raise
        try:
            with suppress(StoreProblem):  # tables that are not as they were made are told by verification
                if origin_in(database) is None:
                    self.expected.refuse_other(None)
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

    @property
    def expected(self) -> "Expected":
        """Which record the workspace's store is to hold."""
        from hardpoint.kernel.record.expected import Expected
        from hardpoint.kernel.record.model import RECORD
        from hardpoint.kernel.store import SETTING, store_name

        pinned = self.governing.manifest[RECORD].origin
        lasting = bool(os.environ.get(SETTING)) or not is_ci_job(os.environ)
        return Expected(store=store_name(self.store_url), memory=self.memory, pinned=pinned, lasting=lasting)

    @cached_property
    def own_key(self) -> "PublicKey | None":
        """The key that this user signs with, if there is one yet."""
        from hardpoint.kernel.identity.keys import known_signer

        signer = known_signer(self.settings_folder, os.environ)
        return signer.public if signer else None

    def read(self, file: Path, *, most: int) -> bytes:
        """A file that was named on the command line.

        Raises UnreadableProblem if it cannot be read, or has more bytes than `most`.
        """
        from hardpoint.kernel.problem import UnreadableProblem

        try:
            with (self.folder / file).open("rb") as opened:
                content = opened.read(most + 1)
        except OSError as error:
            raise UnreadableProblem(f"{file} cannot be read: {error.strerror}", remedy="Name another file.") from error
        if len(content) > most:
            raise UnreadableProblem(f"{file} is larger than {most} bytes", remedy="Name another file.")
        return content

    def write(self, file: Path, content: bytes) -> None:
        """Write a file that was named on the command line.

        Raises UsageProblem if it cannot be written.
        """
        from hardpoint.kernel.problem import UsageProblem

        try:
            (self.folder / file).write_bytes(content)
        except OSError as error:
            raise UsageProblem(f"{file} cannot be written: {error.strerror}", remedy="Name another file.") from error

    def voices(self, record: "Database | Scan | None") -> "Voices":
        """Who may be heard in a record: the user, whom the manifest names, and the CI runners that the record proves.

        Without a record yet there are no runners; from a scan, what proves one is verified. Its `keys` are those that
        may sign the record. Raises UnreadableProblem if an issuer's key set cannot be read.
        """
        from hardpoint.kernel.identity.model import TRUST
        from hardpoint.kernel.identity.voices import voices_of

        identities = self._identities(record) if record is not None else ()
        return voices_of(self.governing.manifest[TRUST], self._authorities, identities, self.own_key)

    @cached_property
    def _authorities(self) -> "Sequence[Authority]":
        from hardpoint.kernel.identity.model import TRUST
        from hardpoint.kernel.identity.oidc import Authority, read_key_set

        issuers, read = self.governing.manifest[TRUST].issuers, self.governing.read
        return [Authority(issuer=each, keys=read_key_set(read(each.keys), each.keys)) for each in issuers]

    def _identities(self, record: "Database | Scan") -> "Iterator[Entry]":
        """What binds runners' keys; unverified up to the first that is damaged: verification says what that is."""
        from hardpoint.kernel.database import Database
        from hardpoint.kernel.identity.runners import KIND
        from hardpoint.kernel.problem import StoreProblem, UnreadableProblem
        from hardpoint.kernel.record.reading import read_entries

        if not isinstance(record, Database):
            yield from record.entries(kind=KIND)
            return
        with suppress(StoreProblem, UnreadableProblem):
            yield from read_entries(record, kind=KIND)

    def _identified(self, given: str, key: "PublicKey") -> "Draft":
        from hardpoint.kernel.identity.runners import identify

        return identify(_token(self.folder, given), key, self._authorities, self.clock())

    @property
    def witnesses(self) -> "dict[str, PublicKey]":
        """The key of each witness that the manifest names."""
        from hardpoint.kernel.identity.model import TRUST

        return {trusted.name: trusted.key for trusted in self.governing.manifest[TRUST].witnesses}

    def _tell(self, line: str) -> None:
        """To standard error, whatever the form: standard output may be a document."""
        click.echo(line, err=True)

    @property
    def store_url(self) -> str:
        """The URL of the workspace's store."""
        from hardpoint.kernel.store import store_url

        return store_url(self.workspace.root or self.folder, os.environ)


def _token(folder: Path, given: str) -> str:
    """The token in a variable or a file: on the command line, every process of the machine could read it."""
    from hardpoint.kernel.problem import UsageProblem

    try:
        token = os.environ[given] if given in os.environ else (folder / given).read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageProblem(
            f"{given!r} is neither a variable of the environment nor a file with an identity token",
            remedy="Ask the CI system for one; a run for a fork gets none, so leave the option out there.",
        ) from error
    return token.strip()


identity_token_option = click.option(
    "--identity-token",
    metavar="FILE|ENV",
    help="On a CI runner: the file or the variable that holds its OIDC token, to bind the signing key to.",
)
"""The option of every verb that records."""


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
