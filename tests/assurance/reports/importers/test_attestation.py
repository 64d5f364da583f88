"""Attestations: what is read of statements, envelopes and bundles, and what is never believed."""

import json
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.reports.importers.attestation import attestation
from hardpoint.capabilities import capabilities
from hardpoint.kernel.evidence import KIND, from_statement
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.importer import SNIFF_BYTES
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.record.envelope import STATEMENT_TYPE, pre_authentication_encoding
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.rooms.cli import Context

pytestmark = pytest.mark.requirement("GAT-15")
COMMIT, OTHER = "a" * 40, "b" * 40
SLSA_1 = "https://slsa.dev/provenance/v1"
SLSA_02 = "https://slsa.dev/provenance/v0.2"
REPOSITORY = "https://github.com/acme/keystone"


def statement(predicate=None, kind=SLSA_1, subject=None, version="v1"):
    return {
        "_type": f"https://in-toto.io/Statement/{version}",
        "subject": [{"name": "app.whl", "digest": {"sha256": "c" * 64}}] if subject is None else subject,
        "predicateType": kind,
        "predicate": predicate or {},
    }


def sealed(payload, *signers, kind=STATEMENT_TYPE):
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    message = pre_authentication_encoding(kind, data)
    signatures = [{"keyid": "", "sig": b64encode(each.sign(message)).decode()} for each in signers]
    return {
        "payloadType": kind,
        "payload": b64encode(data).decode(),
        "signatures": signatures or [{"sig": b64encode(b"x" * 64).decode()}],
    }


def read(value):
    return attestation.read(json.dumps(value).encode())


def slsa_1(*materials, repository=REPOSITORY):
    return {
        "buildDefinition": {
            "buildType": "https://actions.github.io/buildtypes/workflow/v1",
            "externalParameters": {"workflow": {"repository": repository}},
            "resolvedDependencies": list(materials),
        },
        "runDetails": {
            "builder": {"id": "https://github.com/acme/builder@v1"},
            "metadata": {"finishedOn": "2026-03-31T10:00:00Z"},
        },
    }


def material(repository, commit, name="gitCommit"):
    return {"uri": f"git+{repository}@refs/heads/main", "digest": {name: commit}}


@pytest.mark.parametrize("wrap", [lambda s: s, sealed, lambda s: {"mediaType": "x", "dsseEnvelope": sealed(s)}])
@pytest.mark.parametrize("version", ["v1", "v0.1"])
def test_a_statement_is_read_in_each_form(wrap, version):
    found = read(wrap(statement(slsa_1(material(REPOSITORY, COMMIT)), version=version)))
    assert found.commit == COMMIT
    assert found.time == "2026-03-31T10:00:00.000000Z"
    assert found.population == 1
    assert found.facts["predicate"] == SLSA_1
    assert found.facts["builder"] == "https://github.com/acme/builder@v1"
    assert found.facts["sha256"] == "c" * 64
    assert found.facts["signature"] in {"none", "unverified"}


@pytest.mark.parametrize(
    ("predicate", "kind", "commit"),
    [
        (slsa_1(material(REPOSITORY, COMMIT), material("https://github.com/x/action", OTHER)), SLSA_1, COMMIT),
        (slsa_1(material("https://github.com/x/a", COMMIT), material("https://github.com/x/b", OTHER)), SLSA_1, None),
        (slsa_1(material(REPOSITORY, COMMIT), material(REPOSITORY, OTHER)), SLSA_1, None),
        (slsa_1(material(REPOSITORY, COMMIT, "sha1")), SLSA_1, COMMIT),
        (slsa_1(material(REPOSITORY, "abc")), SLSA_1, None),
        (slsa_1({"uri": "pkg:docker/python", "digest": {"sha1": COMMIT}}), SLSA_1, None),
        ({"invocation": {"configSource": material(REPOSITORY, COMMIT, "sha1")}, "materials": []}, SLSA_02, COMMIT),
        ({"materials": [material(REPOSITORY, COMMIT, "sha1")]}, SLSA_02, COMMIT),
        ({"materials": "none"}, SLSA_02, None),
        ({"buildDefinition": [], "runDetails": "x", "invocation": 1}, SLSA_1, None),
    ],
)
def test_the_commit_is_the_one_that_was_built_or_none(predicate, kind, commit):
    assert read(statement(predicate, kind)).commit == commit


def test_a_commit_among_the_subjects_is_the_commit():
    assert read(statement(subject=[{"name": "keystone", "digest": {"gitCommit": COMMIT}}])).commit == COMMIT


@pytest.mark.parametrize(
    "value",
    [
        statement(subject=[]),
        statement(kind=""),
        statement(version="v9"),
        {"payloadType": STATEMENT_TYPE, "payload": "e30=", "signatures": []},
        sealed(b"not json"),
        sealed(statement(), kind="text/plain"),
        {"dsseEnvelope": {}},
        {"dsseEnvelope": None},
        {"_type": 1},
        {**statement(), "subject": "all"},
        {**statement(), "predicate": 3},
        sealed(b'{"_type": "https://in-toto.io/Statement/v1", "_type": "x", "subject": [], "predicateType": "x"}'),
    ],
)
def test_what_is_no_attestation_is_refused(value):
    with pytest.raises(UnreadableProblem):
        read(value)


def test_several_in_one_file_are_refused():
    line = json.dumps(sealed(statement()))
    with pytest.raises(UnreadableProblem, match="holds 2 attestations"):
        attestation.read(f"{line}\n{line}\n".encode())


@given(st.integers(0, 4000))
def test_a_truncated_one_is_refused(cut):
    data = json.dumps(sealed(statement(slsa_1(material(REPOSITORY, COMMIT))))).encode()
    if cut < len(data):
        with pytest.raises(UnreadableProblem):
            attestation.read(data[:cut])


def test_one_whose_payload_comes_first_is_recognised():
    value = sealed(statement({"padding": "x" * 2 * SNIFF_BYTES}))
    data = json.dumps({"payload": value["payload"], "payloadType": value["payloadType"], "signatures": []}).encode()
    assert attestation.recognises(data[:SNIFF_BYTES])


@pytest.mark.parametrize(
    ("when", "signature"), [("", "verified"), (", revoked: 2020-01-01T00:00:00Z", "unverified"), (None, "unverified")]
)
def test_a_signature_is_verified_by_a_trusted_key(cli, repository, when, signature):
    signer = Signer.generate()
    stranger = Signer.generate()
    key = signer if when is not None else stranger
    root = repository(
        {
            "hardpoint.yaml": "version: 1\nservices: [{name: keystone}]\n"
            f"trust: {{keys: [{{key: '{key.public}', holder: builder{when or ''}}}]}}\n",
            "a.json": json.dumps(sealed(statement(), signer)),
        }
    )
    assert cli("evidence", "import", "--commit", "HEAD", "a.json", folder=root).exit == 0
    with Context(capabilities(), folder=root).stored() as database:
        (evidence,) = [from_statement(entry.payload) for entry in read_entries(database, kind=KIND)]
    assert evidence.name == f"{SLSA_1}/a.json"
    assert evidence.facts["signature"] == signature
    assert evidence.facts["signer"] == ("builder" if signature == "verified" else "")
    assert evidence.assurance.value == "declared"


def test_an_altered_payload_is_not_verified(cli, repository):
    signer = Signer.generate()
    forged = {**sealed(statement(), signer), "payload": b64encode(json.dumps(statement(kind="x")).encode()).decode()}
    root = repository(
        {
            "hardpoint.yaml": "version: 1\nservices: [{name: keystone}]\n"
            f"trust: {{keys: [{{key: '{signer.public}', holder: builder}}]}}\n",
            "a.json": json.dumps(forged),
        }
    )
    assert cli("evidence", "import", "--commit", "HEAD", "a.json", folder=root).exit == 0
    with Context(capabilities(), folder=root).stored() as database:
        (evidence,) = [from_statement(entry.payload) for entry in read_entries(database, kind=KIND)]
    assert evidence.facts["signature"] == "unverified"
