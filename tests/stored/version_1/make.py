"""Makes this folder's store and what goes with it; run with the code of the release that it is to be of (see README).

Its keys are no secrets: each is the SHA-256 of its holder's name.
"""

import json
import os
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardpoint.kernel import encoding
from hardpoint.kernel.database import Database
from hardpoint.kernel.evidence import Assurance, Evidence, Producer, Source, drafted
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.identity.model import CiIdentity, Issuer
from hardpoint.kernel.identity.oidc import Authority, audience_of, read_key_set
from hardpoint.kernel.identity.runners import identify
from hardpoint.kernel.place import Place
from hardpoint.kernel.record.bundle import export_bundle
from hardpoint.kernel.record.checkpoint import parse_checkpoint
from hardpoint.kernel.record.erasure import erase
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Draft
from hardpoint.kernel.record.reading import newest_checkpoint, read_entries
from hardpoint.kernel.record.replica import head_file, pages_of
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.record.witness import Sightings, witness
from hardpoint.kernel.record.witnessed import add_witnessed

HERE = Path(__file__).parent
SERVICE = "keystone"
ISSUER = "https://tokens.example.org"
BEGUN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def signer_named(holder: str) -> Signer:
    return Signer(Ed25519PrivateKey.from_private_bytes(sha256(f"hardpoint test key of {holder}".encode()).digest()))


class Clock:
    """An hour passes with every look at it."""

    def __init__(self):
        self.now = BEGUN

    def __call__(self):
        self.now += timedelta(hours=1)
        return self.now


def main(scratch: Path) -> None:
    ada, runner, east = map(signer_named, ("ada", "runner", "east"))
    key = ec.generate_private_key(ec.SECP256R1())
    jwk = {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())), "kid": "one", "use": "sig"}
    repository = HERE / "repository"
    (repository / "jwks.json").write_text(json.dumps({"keys": [jwk]}) + "\n")
    manifest = (HERE / "hardpoint.yaml.in").read_text()
    (repository / "hardpoint.yaml").write_text(
        manifest.replace("ADA", str(ada.public)).replace("EAST", str(east.public))
    )
    commit = commit_of(repository, scratch / "clone")

    clock, memory = Clock(), Memory(scratch / "checkpoints")
    store = HERE / "store.db"
    store.unlink(missing_ok=True)
    with closing(Database.open(f"sqlite:///{store}")) as database:
        database.install(TABLES)
        begin_record(database, ada)
        record = Record(database, ada, clock, memory, {ada.public, runner.public})
        for old in ("0" * 40, "1" * 40, "2" * 40):
            record.append(drafted(check(old, clock(), 0)))
            record.append(drafted(junit(old, clock(), failures=0)))
            record.append(drafted(check(old, clock(), 1)))
            record.append(drafted(junit(old, clock(), failures=1)))
        leak = record.append(drafted(junit("3" * 40, clock(), failures=0, name="with-a-secret")))
        issuer = Issuer(
            issuer=ISSUER, keys="jwks.json", identities=(CiIdentity(holder="ci", repository="acme/keystone"),)
        )
        authority = Authority(issuer=issuer, keys=read_key_set((repository / "jwks.json").read_bytes(), "jwks.json"))
        at = clock()
        seconds = int(at.timestamp())
        claims = {
            "iss": ISSUER,
            "aud": audience_of(issuer, runner.public),
            "iat": seconds,
            "nbf": seconds,
            "exp": seconds + 4 * 3600,
            "repository": "acme/keystone",
            "workflow_ref": "acme/keystone/.github/workflows/ci.yml@refs/heads/main",
            "ref": "refs/heads/main",
            "sha": commit,
            "run_id": "77",
        }
        token = jwt.encode(claims, key, algorithm="ES256", headers={"kid": "one"})
        ci = Record(database, runner, clock, memory, {ada.public, runner.public})
        ci.append(identify(token, runner.public, [authority], at))
        ci.append(drafted(junit(commit, clock(), failures=0, assurance=Assurance.CI)))
        for findings in (2, 1, 0):
            record.append(drafted(check(commit, clock(), findings)))
        record.append_if_new(drafted(sarif(commit, clock())))
        erase(database, record, leak.index, "a secret stood in it")
        for number in range(8):
            note = Draft(
                kind="note",
                subject="acme",
                topic=f"note {number % 3}",
                payload_type="application/json",
                payload=encoding.encode({"n": number}),
                unique=f"note:{number}",
            )
            record.append(note)
        note = witness(database, [ada.public], east, "east", clock, Sightings(scratch / "witnessed"))
        add_witnessed(database, note, [ada.public], {"east": east.public})
        for number in range(3):
            record.append(Draft(kind="note", subject="acme", payload_type="text/plain", payload=b"after %d" % number))
        write_copies(database)
    (HERE / "commit").write_text(commit + "\n")
    said = scratch / "settings"
    (said).mkdir()
    for gate in ("release", "strict"):
        (HERE / f"verdict-{gate}.json").write_text(judged(scratch / "clone", store, said, gate))


def write_copies(database: Database) -> None:
    """The other forms in which stored bytes travel."""
    note = newest_checkpoint(database)
    (HERE / "checkpoint").write_bytes(note)
    (HERE / "head.json").write_bytes(head_file(parse_checkpoint(note).origin))
    (HERE / "bundle.json").write_bytes(encoding.pretty(export_bundle(database)).encode() + b"\n")
    with database.reading() as connection:
        (page,) = pages_of(connection, parse_checkpoint(note).size)
    (HERE / "000000.jsonl").write_bytes(page)
    statements = [entry.payload for entry in read_entries(database, kind="evidence", subject=SERVICE) if entry.payload]
    (HERE / "evidence.json").write_bytes(statements[-1])


def check(commit: str, at: datetime, findings: int) -> Evidence:
    place = Place("docs/guide.md", 3, 5)
    found = [
        Finding(rule="DOC001", severity=Severity.ERROR, place=place, text="leads to nothing") for _ in range(findings)
    ]
    return Evidence(
        kind="check",
        name="check",
        service=SERVICE,
        producer=Producer(name="hardpoint", version="0.1"),
        population=4,
        facts={"DOC001.examined": 4, "DOC001.findings": findings},
        findings=tuple(found),
        commit=commit,
        time=at.isoformat(),
        assurance=Assurance.RAN,
    )


def junit(
    commit: str, at: datetime, *, failures: int, name: str = "unit", assurance: Assurance = Assurance.DECLARED
) -> Evidence:
    return Evidence(
        kind="junit",
        name=name,
        service=SERVICE,
        producer=Producer(name="pytest"),
        population=40,
        facts={"tests": 40, "failures": failures, "errors": 0},
        commit=commit,
        time=at.isoformat(),
        source=Source(name="junit.xml", sha256=sha256(name.encode()).hexdigest(), size_bytes=1234),
        assurance=assurance,
    )


def sarif(commit: str, at: datetime) -> Evidence:
    return Evidence(
        kind="sarif",
        name="semgrep",
        service=SERVICE,
        producer=Producer(name="semgrep", version="1.99"),
        population=12,
        facts={"results": 0, "errors": 0},
        commit=commit,
        environment="ci",
        time=at.isoformat(),
    )


def commit_of(files: Path, clone: Path) -> str:
    """The commit of the files, with an author and a date that do not change."""
    identity = {"NAME": "Ada Wren", "EMAIL": "ada@example.org", "DATE": "2026-01-01T12:00:00Z"}
    env = {f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in identity.items()}
    subprocess.run(["cp", "-r", str(files), str(clone)], check=True)
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "begin"]):
        subprocess.run(["git", *arguments], cwd=clone, env={**os.environ, **env}, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=clone, check=True, capture_output=True, text=True)
    return head.stdout.strip()


def judged(clone: Path, store: Path, settings: Path, gate: str) -> str:
    """What the released gate says, as JSON."""
    command = [sys.executable, "-m", "hardpoint", "gate", gate, "--at", "2026-01-08T00:00:00Z", "--format", "json"]
    env = {**os.environ, "HARDPOINT_STORE": f"sqlite:///{store}", "HARDPOINT_CONFIG_DIR": str(settings)}
    return subprocess.run(command, cwd=clone, env=env, check=False, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]))
