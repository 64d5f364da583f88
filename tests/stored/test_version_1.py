"""What version 1 stored is read, verified, judged, upgraded and appended to by today's code."""

import json
import os
import shutil
import sqlite3
import subprocess
from base64 import b64decode
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardpoint.kernel.database import Database
from hardpoint.kernel.evidence import Assurance, from_statement
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.problem import Exit
from hardpoint.kernel.record import verify_bundle as second
from hardpoint.kernel.record.bundle import read_bundle, verify_bundle
from hardpoint.kernel.record.checkpoint import parse_checkpoint
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.page import read_page, verified_header
from hardpoint.kernel.record.replica import Copy, head_file, take_over
from hardpoint.kernel.record.tables import TABLES, entries, head, nodes, witnessed
from hardpoint.kernel.record.verification import verify_record
from hardpoint.kernel.verdict import Verdict

HERE = Path(__file__).parent / "version_1"
SIZE = 31
ERASED, ORDER = 12, 19
WHEN = "2026-01-08T00:00:00Z"
pytestmark = pytest.mark.requirement("GAT-14")


def signer_named(holder):
    return Signer(Ed25519PrivateKey.from_private_bytes(sha256(f"hardpoint test key of {holder}".encode()).digest()))


ADA, RUNNER, EAST = map(signer_named, ("ada", "runner", "east"))
KEYS = [ADA.public, RUNNER.public]


@pytest.fixture
def checkout(tmp_path, git, monkeypatch):
    """The repository of the fixture at its commit, and its store where a store lies."""
    root = tmp_path / "keystone"
    shutil.copytree(HERE / "repository", root)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    git(root, "init", "-q", "-b", "main", "--object-format=sha1")
    git(root, "add", "-A")
    commit = commit_of(root, git(root, "write-tree"))
    assert commit == (HERE / "commit").read_text().strip()
    git(root, "update-ref", "HEAD", commit)
    (root / ".hardpoint").mkdir()
    (root / ".hardpoint" / ".gitignore").write_text("*\n")
    shutil.copy(HERE / "store.db", root / ".hardpoint" / "hardpoint.db")
    return root


def commit_of(root, tree):
    """The tree as it was committed for the fixture, at that time."""
    identity = {"NAME": "Ada Wren", "EMAIL": "ada@example.org", "DATE": "2026-01-01T12:00:00Z"}
    env = {f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in identity.items()}
    command = ["git", "commit-tree", tree, "-m", "begin"]
    made = subprocess.run(command, cwd=root, env={**os.environ, **env}, check=True, capture_output=True, text=True)
    return made.stdout.strip()


@pytest.fixture
def database(database_url, tmp_path):
    """The stored rows at version 1, once of each dialect."""
    with closing(Database.open(database_url)) as database:
        database.install(TABLES, to=1)
        with closing(sqlite3.connect(f"file:{HERE / 'store.db'}?mode=ro&immutable=1", uri=True)) as stored:
            stored.row_factory = sqlite3.Row
            with database.writing() as connection:
                for table in (entries, nodes, head, witnessed):
                    rows = [dict(row) for row in stored.execute(f"SELECT * FROM {table.name}")]
                    connection.execute(sa.insert(table), rows)
        yield database


def installed(file):
    with closing(sqlite3.connect(file)) as store:
        return dict(store.execute("SELECT capability, version FROM hardpoint_tables"))


def judged_as_ever(cli, checkout, gate):
    """The verdict is what it was, whatever else is told with it by now, but for what was erased.

    An order of version 1 does not say what it erased, so every criterion misses it (decision 0018).
    """
    expected = json.loads((HERE / f"verdict-{gate}.json").read_text())
    ran = cli("gate", gate, "--at", WHEN, "--format", "json", folder=checkout)
    (before,), (now,) = expected.pop("gates"), ran.json["gates"]
    assert expected.pop("answer") in {"GO", "NO-GO"}
    assert ran.json["answer"] == now["answer"] == "NO-GO"
    assert {name: ran.json.get(name) for name in expected} == expected, ran.err
    assert {name: before[name] for name in ("gate", "service", "at", "commit", "local")}.items() <= now.items()
    judged = {each["criterion"]: each for each in now["criteria"]}
    for was in before["criteria"]:
        criterion = judged.pop(was["criterion"])
        if was["criterion"] != "witnesses":
            assert Verdict(criterion["verdict"]) is max(Verdict(was["verdict"]), Verdict.MISSING)
            assert f"entry {ERASED} was erased: a secret stood in it" in criterion["reason"]
            assert criterion["evidence"] == [*was["evidence"], ORDER]
    assert not judged


def verified(database, tmp_path):
    found = verify_record(database, KEYS, Memory(tmp_path / "seen"), witnesses={"east": EAST.public})
    assert found.damages == []
    return found


def test_it_verifies_on_both_databases_before_and_after_the_upgrade(database, tmp_path):
    before = verified(database, tmp_path)
    promised = parse_checkpoint((HERE / "checkpoint").read_bytes())
    assert (before.size, before.root) == (SIZE, promised.root.hex()) == (promised.size, promised.root.hex())
    database.install(TABLES)
    assert database.installed() == {"record": 2}
    assert verified(database, tmp_path).root == before.root
    database.install(TABLES, to=1)
    assert verified(database, tmp_path).root == before.root


def test_reading_changes_nothing_and_says_what_it_said(checkout, cli):
    store = checkout / ".hardpoint" / "hardpoint.db"
    before = store.read_bytes()
    for gate in ("release", "strict"):
        judged_as_ever(cli, checkout, gate)
    assert cli("record", "verify", folder=checkout).out.startswith(f"whole: {SIZE} entries")
    assert "runner" not in cli("record", "log", folder=checkout).out
    shown = cli("record", "show", ERASED, folder=checkout)
    assert (shown.exit, ": erased, as entry 19 says" in shown.out) == (Exit.OK, True)
    assert cli("record", "export", "out.json", folder=checkout).exit == Exit.OK
    assert cli("record", "stats", "--format", "json", folder=checkout).json["erased"] == 1
    assert installed(store) == {"record": 1}
    assert store.read_bytes() == before


def test_the_first_to_write_upgrades_it_behind_a_backup(checkout, cli):
    store = checkout / ".hardpoint" / "hardpoint.db"
    cli("check", "--record", folder=checkout)  # an unvouched key is refused, after the upgrade
    (backup,) = store.parent.glob("*.backup")
    assert backup.name.startswith("hardpoint.db.record-1.")
    assert installed(store) == {"record": 2}
    assert installed(backup) == {"record": 1}
    with closing(sqlite3.connect(backup)) as copy, closing(sqlite3.connect(HERE / "store.db")) as original:
        assert list(copy.iterdump()) == list(original.iterdump())
    judged_as_ever(cli, checkout, "release")


def test_ada_goes_on_from_it(checkout, cli, monkeypatch):
    monkeypatch.setenv("HARDPOINT_SIGNING_KEY", pem(ADA))
    ran = cli("check", "--record", folder=checkout)
    assert (ran.exit, "a backup of what it was is" in ran.err) == (Exit.OK, True)
    said = cli("record", "verify", folder=checkout)
    assert (said.exit, said.out.startswith(f"whole: {SIZE + 1} entries")) == (Exit.OK, True)
    assert list((checkout / ".hardpoint").glob("*.backup")) != []
    assert "backup" not in cli("check", "--record", folder=checkout).err


def pem(signer):
    return signer._key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def test_its_bundle_holds_for_both_verifiers(tmp_path, capsys):
    file = HERE / "bundle.json"
    checkpoint, claims = verify_bundle(read_bundle(file.read_bytes()), KEYS)
    assert (checkpoint.size, len(claims)) == (SIZE, SIZE)
    assert [claim.header.index for claim in claims if claim.payload is None] == [ERASED]
    keys = [part for name, signer in (("ada", ADA), ("ci", RUNNER)) for part in ("--key", f"{name}={signer.public}")]
    assert second.main([str(file), *keys]) == 0
    assert "its body was erased, as entry 19 says; its header is in the signed tree" in capsys.readouterr().out


def test_its_pages_are_taken_over(tmp_path):
    note, page = (HERE / "checkpoint").read_bytes(), (HERE / "000000.jsonl").read_bytes()
    assert (HERE / "head.json").read_bytes() == head_file(parse_checkpoint(note).origin)
    keys = {key.id: key for key in KEYS}
    assert [verified_header(each, at, keys).index for at, each in enumerate(read_page(page, 0, SIZE))] == [*range(SIZE)]
    with closing(Database.open(f"sqlite:///{tmp_path / 'other.db'}")) as other:
        other.install(TABLES)
        assert take_over(other, Copy(note=note, page=lambda _: page), KEYS) == SIZE
        assert verify_record(other, KEYS, Memory(tmp_path / "seen")).whole


def test_its_evidence_is_read():
    evidence = from_statement((HERE / "evidence.json").read_bytes())
    assert (evidence.kind, evidence.name, evidence.environment) == ("sarif", "semgrep", "ci")
    assert (evidence.facts, evidence.assurance) == ({"results": 0, "errors": 0}, Assurance.DECLARED)
    for line in (HERE / "000000.jsonl").read_text().splitlines():
        stored = json.loads(line)
        if json.loads(b64decode(stored["header"]))["kind"] == "evidence" and stored["payload"]:
            assert from_statement(b64decode(stored["payload"])).service == "keystone"


def test_postgresql_is_upgraded_only_by_somebody_who_backed_it_up(checkout, cli, postgres_url, monkeypatch):
    with closing(Database.open(postgres_url)) as database:
        database.install(TABLES, to=1)
        with closing(sqlite3.connect(checkout / ".hardpoint" / "hardpoint.db")) as stored, database.writing() as to:
            stored.row_factory = sqlite3.Row
            for table in (entries, nodes, head, witnessed):
                to.execute(sa.insert(table), [dict(row) for row in stored.execute(f"SELECT * FROM {table.name}")])
        monkeypatch.setenv("HARDPOINT_STORE", postgres_url)
        monkeypatch.setenv("HARDPOINT_SIGNING_KEY", pem(ADA))
        for words in (["check", "--record"], ["record", "upgrade"]):
            ran = cli(*words, folder=checkout)
            assert (ran.exit, "hardpoint record upgrade --backed-up" in ran.err) == (Exit.USAGE, True)
        assert database.installed() == {"record": 1}
        assert cli("record", "verify", folder=checkout).exit == Exit.OK
        assert cli("record", "upgrade", "--backed-up", folder=checkout).out == "upgraded: record 1 to 2\n"
        assert cli("check", "--record", folder=checkout).exit == Exit.OK
        assert cli("record", "verify", folder=checkout).out.startswith(f"whole: {SIZE + 1} entries")


def test_an_older_program_refuses_a_newer_store(checkout, cli):
    store = checkout / ".hardpoint" / "hardpoint.db"
    with closing(sqlite3.connect(store)) as raw:
        raw.execute("UPDATE hardpoint_tables SET version = 3")
        raw.commit()
    before = store.read_bytes()
    verbs = ["verify", "log", "show 1", "export out.json", "stats", "upgrade", "archive out.json --before " + WHEN]
    for words in (*(f"record {each}" for each in verbs), "check --record", "gate", "gate --no-check"):
        ran = cli(*words.split(), folder=checkout)
        assert (ran.exit, "are of version 3; this Hardpoint knows 2" in ran.err) == (Exit.FAILED, True), words
    assert store.read_bytes() == before
    assert list(store.parent.glob("*.backup")) == []
