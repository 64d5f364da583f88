"""Verdicts in the record: a SLSA Verification Summary that others can read, and none that releases nothing."""

import json
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope as Theirs
from securesystemslib.signer import SSlibKey

from hardpoint.kernel.clock import parse_instant
from hardpoint.kernel.encoding import encode, plain
from hardpoint.kernel.problem import Exit, IntegrityProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record import verify_bundle as second
from hardpoint.kernel.record.model import Header
from hardpoint.kernel.record.stated import DECISION, is_stated, verdict_topic
from hardpoint.kernel.record.stated import VERDICT as KIND
from hardpoint.kernel.record.verbs.envelopes import open_envelope
from hardpoint.kernel.record.verbs.log import key, log, show, verify
from hardpoint.kernel.verdict import Answer, Decision, Judgement, Verdict
from hardpoint.programme.gates.attestation import attested
from hardpoint.programme.gates.model import Gate
from hardpoint.programme.gates.verbs.decide import gate

NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
MANIFEST = """\
version: 1
services: [{name: key stone/1}]
gates:
  - name: merge
    criteria: [{id: documents, kind: check, rules: [DOC001], owner: ada, max_age: 1d}]
  - name: release
    criteria:
      - {id: documents, kind: check, rules: [DOC001]}
      - {id: tests, kind: report, report: junit, require: {failures: 0}}
"""
FILES = {"hardpoint.yaml": MANIFEST, "README.md": "[x](a.md)\n", "a.md": "# A\n", ".gitignore": "*.json\n*.pem\n"}
TIMESTAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
URI = r"[a-z][a-z0-9+.-]*:[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+"


@pytest.fixture
def root(repository, cli, git, monkeypatch):
    """A repository whose manifest vouches for the key of this user, on the branch that decides."""
    monkeypatch.setenv("HARDPOINT_BASE", "main")
    root = repository(FILES)
    cli("check", "--record", folder=root)
    own = cli("record", "key", folder=root).out.strip()
    (root / "hardpoint.yaml").write_text(MANIFEST + f"trust:\n  keys: [{{key: '{own}', holder: ada}}]\n")
    git(root, "commit", "-qam", "trust")
    return root


@pytest.fixture
def kinds(call):
    """The kinds of the record's entries, in order."""
    return lambda root: [each["kind"] for each in reversed(call(log, folder=root).items["entries"])]


@pytest.fixture
def summary(call):
    """What a recorded verdict says, as its envelope's statement."""

    def summary(root, index):
        return call(show, str(index), folder=root).about["payload"]

    return summary


@pytest.mark.requirement("GAT-01", "GAT-14")
def test_every_verdict_is_recorded(call, root, kinds):
    result = call(gate, folder=root)
    assert kinds(root) == ["evidence", "evidence", "verdict", "verdict"]
    assert result.about["recorded"] == [2, 3]
    assert call(verify, folder=root).exit is Exit.OK


def conforms(statement, commit):
    """in-toto Statement v1, and the fields of the Verification Summary v1.1 with their types."""
    assert statement.keys() == {"_type", "subject", "predicateType", "predicate"}
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://slsa.dev/verification_summary/v1"
    (subject,) = statement["subject"]
    assert subject["digest"] == {"gitCommit": commit}
    said = statement["predicate"]
    required = {"verifier", "timeVerified", "resourceUri", "policy", "verificationResult", "verifiedLevels"}
    assert said.keys() == required | {"inputAttestations", DECISION}
    uris = [said["verifier"]["id"], said["resourceUri"], said["policy"]["uri"], DECISION]
    for uri in [*uris, *(each["uri"] for each in said["inputAttestations"])]:
        assert re.fullmatch(URI, uri), uri
    assert all(isinstance(version, str) for version in said["verifier"]["version"].values())
    assert re.fullmatch(TIMESTAMP, said["timeVerified"])
    for each in [said["policy"], *said["inputAttestations"]]:
        assert re.fullmatch(r"[0-9a-f]{64}", each["digest"]["sha256"])
    assert not [level for level in said["verifiedLevels"] if level.startswith("SLSA_")]
    return said


@pytest.mark.requirement("GAT-22")
def test_a_verdict_is_a_verification_summary(call, root, git, summary):
    call(gate, folder=root)
    commit = git(root, "rev-parse", "HEAD")
    merge, release = (conforms(summary(root, index), commit) for index in (2, 3))
    assert (merge["verificationResult"], merge["verifiedLevels"]) == ("PASSED", ["GATE_GO"])
    assert (release["verificationResult"], release["verifiedLevels"]) == ("FAILED", ["FAILED"])
    assert merge["resourceUri"] == "hardpoint:services/key%20stone%2F1/gates/merge"
    assert parse_instant(merge["timeVerified"]) == NOW
    assert summary(root, 2)["subject"][0]["name"] == "key stone/1"
    ours = release[DECISION]
    assert (ours["answer"], ours["local"]) == ("NO-GO", False)
    assert {each["criterion"]: each["verdict"] for each in ours["criteria"]} == {
        "documents": "pass",
        "tests": "missing",
    }


def test_the_policy_is_the_declaration_of_the_gate(call, root, git, summary):
    call(gate, "merge", folder=root)
    said = summary(root, 2)["predicate"]
    declared = json.dumps(said[DECISION]["declaration"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert said["policy"]["digest"] == {"sha256": sha256(declared.encode()).hexdigest()}
    manifest = (root / "hardpoint.yaml").read_text()
    (root / "hardpoint.yaml").write_text(manifest.replace("max_age: 1d", "max_age: 2d"))
    git(root, "commit", "-qam", "weaken")
    call(gate, "merge", folder=root)
    assert summary(root, 4)["predicate"]["policy"]["digest"] != said["policy"]["digest"]


@pytest.mark.requirement("GAT-14")
def test_what_a_verdict_rests_on_is_named_by_the_digest_of_its_envelope(call, root, summary):
    call(gate, "merge", folder=root)
    (rests_on,) = summary(root, 2)["predicate"]["inputAttestations"]
    printed = call(show, "1", "--envelope", folder=root).text
    assert rests_on["digest"] == {"sha256": sha256(printed.encode()).hexdigest()}
    assert rests_on["uri"].endswith("/entries/1")
    payload = json.dumps(summary(root, 1)).encode()
    assert rests_on["digest"] != {"sha256": sha256(payload).hexdigest()}


def test_a_newer_verdict_of_a_gate_and_commit_supersedes(call, root, git):
    call(gate, folder=root)
    call(gate, "merge", folder=root)
    topics = [call(show, index, folder=root).about["header"].topic for index in ("2", "3", "5")]
    assert topics[0] == topics[2] != topics[1]
    git(root, "commit", "-q", "--allow-empty", "-m", "next")
    call(gate, "merge", folder=root)
    assert call(show, "7", folder=root).about["header"].topic not in topics


@pytest.mark.requirement("GAT-22")
def test_a_local_verdict_is_never_recorded(call, root, kinds):
    (root / "new.txt").write_text("x")
    result = call(gate, "merge", folder=root)
    assert (result.about["answer"], result.items["gates"][0].local) == (Answer.GO, True)
    assert result.about["recorded"] == []
    assert KIND not in kinds(root)


def test_a_key_that_nobody_vouches_for_records_no_verdict(call, repository, kinds):
    root = repository(FILES)
    assert call(gate, "merge", folder=root).about["answer"] is Answer.GO
    assert kinds(root) == ["evidence"]


def test_judging_without_a_check_records_the_verdict_and_looking_back_nothing(call, root, kinds):
    call(gate, "merge", folder=root)
    call(gate, "merge", "--at", "2026-03-31T14:00:00Z", folder=root)
    assert kinds(root) == ["evidence", "evidence", "verdict"]
    assert call(gate, "merge", "--no-check", folder=root).about["recorded"] == [3]
    assert kinds(root) == ["evidence", "evidence", "verdict", "verdict"]


def test_verdicts_change_no_verdict(call, root):
    """They are of a kind of their own: what is judged later is judged as if they were not there."""

    def said(at):
        (decision,) = call(gate, "release", "--no-check", folder=root, at=at).items["gates"]
        return decision.criteria

    call(gate, "merge", folder=root)
    assert said(NOW + timedelta(minutes=1)) == said(NOW + timedelta(minutes=2))


@pytest.mark.parametrize("answer", list(Answer))
def test_go_by_waiver_is_told_apart(record, database, draft, answer):
    entries = tuple(record.append(draft(payload)).index for payload in (b"1", b"2"))
    judgement = Judgement(criterion="documents", verdict=Verdict.WAIVED, reason="x", evidence=entries)
    decision = Decision(
        gate="merge",
        service="s",
        answer=answer,
        at="2026-03-31T14:00:00Z",
        commit="a" * 40,
        local=False,
        criteria=(judgement,),
    )
    statement = json.loads(attested(Gate(name="merge", criteria=()), decision, database).payload)
    said = conforms(statement, "a" * 40)
    levels = {Answer.GO: "GATE_GO", Answer.GO_BY_WAIVER: "GATE_GO_BY_WAIVER", Answer.NO_GO: "FAILED"}
    assert said["verifiedLevels"] == [levels[answer]]
    assert [each["uri"].rpartition("/")[2] for each in said["inputAttestations"]] == ["0", "1"]
    assert (said["verificationResult"] == "FAILED") is (answer is Answer.NO_GO)


# Handed to somebody else.


@pytest.mark.requirement("GAT-14")
def test_an_envelope_is_verified_by_the_tools_of_others(call, root, git):
    call(gate, "merge", "--out", "verdict.json", folder=root)
    pem = call(key, "--pem", folder=root).text
    named = call(key, folder=root).about["id"]
    envelope = Theirs.from_dict(json.loads((root / "verdict.json").read_text()))
    envelope.verify([SSlibKey.from_crypto(load_pem_public_key(pem.encode()), keyid=named)], 1)
    assert envelope.payload_type == "application/vnd.in-toto+json"
    conforms(json.loads(envelope.payload), git(root, "rev-parse", "HEAD"))


def test_an_envelope_is_verified_here_without_the_record(call, root, tmp_path):
    call(gate, "merge", "--out", "verdict.json", folder=root)
    envelope = (root / "verdict.json").read_bytes()
    (tmp_path / "verdict.json").write_bytes(envelope)
    (tmp_path / "key.pem").write_text(call(key, "--pem", folder=root).text)
    own = str(call(key, folder=root).about["key"])
    for given in (own, "key.pem"):
        opened = call(open_envelope, "verdict.json", "--key", given, folder=tmp_path)
        assert opened.about["keys"] == [own]
        assert opened.about["payload"]["predicate"]["verificationResult"] == "PASSED"
    assert envelope.decode() == call(show, "2", "--envelope", folder=root).text


def test_an_envelope_that_does_not_hold_is_refused(call, root):
    call(gate, "release", "--out", "verdict.json", folder=root)
    own = str(call(key, folder=root).about["key"])
    found = json.loads((root / "verdict.json").read_text())
    (root / "verdict.json").write_text(json.dumps({**found, "payload": "e30="}))
    with pytest.raises(IntegrityProblem, match="believe nothing in it"):
        call(open_envelope, "verdict.json", "--key", own, folder=root)
    (root / "verdict.json").write_text(json.dumps(found))
    with pytest.raises(IntegrityProblem, match="needs the signatures of 2"):
        call(open_envelope, "verdict.json", "--key", own, "--key", own, "--need", "2", folder=root)
    stranger = "ed25519:sWUG8D1l4tcVCi5mNYyRlVP6BAsZdLbDGzjNPfaV0rM="
    with pytest.raises(IntegrityProblem, match="needs the signatures of 1"):
        call(open_envelope, "verdict.json", "--key", stranger, folder=root)


@pytest.mark.parametrize(
    ("given", "problem", "why"),
    [
        ("ed25519:AAAA", UsageProblem, "public key"),
        ("absent.pem", UnreadableProblem, "cannot be read"),
        ("README.md", UsageProblem, "does not hold an Ed25519 public key"),
    ],
)
def test_a_key_that_is_none_is_refused(call, root, given, problem, why):
    with pytest.raises(problem, match=why):
        call(open_envelope, "verdict.json", "--key", given, folder=root)


def test_the_second_verifier_holds_a_verdict_to_be_in_the_record(cli, root, tmp_path, capsys):
    cli("gate", "merge", folder=root)
    own = cli("record", "key", folder=root).out.strip()
    assert cli("record", "export", tmp_path / "bundle.json", "--entry", "2", folder=root).exit == 0
    assert second.main([str(tmp_path / "bundle.json"), "--key", f"ada={own}"]) == 0
    said = capsys.readouterr().out
    assert "gate merge PASSED (GATE_GO), judged " in said
    assert "blocking pass documents: " in said
    assert "(not shown)" in said
    assert cli("record", "export", tmp_path / "bundle.json", folder=root).exit == 0
    assert second.main([str(tmp_path / "bundle.json"), "--key", f"ada={own}"]) == 0
    said = capsys.readouterr().out
    assert "(shown)" in said
    assert "ANOTHER" not in said.upper().replace("ANOTHER HISTORY", "")


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize("change", [{}, {"verificationResult": "PASSED"}, {"verifiedLevels": ["GATE_GO"]}])
def test_a_verdict_that_contradicts_its_decision_holds_nowhere(call, root, summary, change):
    call(gate, folder=root)
    said = summary(root, 3)
    header = Header(
        v=1, index=3, at="", kind=KIND, subject="key stone/1", payload_type="application/vnd.in-toto+json",
        topic=verdict_topic("release", said["subject"][0]["digest"]["gitCommit"]), body="", key="", unique=None,
    )  # fmt: skip
    payload = encode({**said, "predicate": {**said["predicate"], **change}})
    assert is_stated(header, payload) is not bool(change)
    entry = second.Entry.__new__(second.Entry)
    entry.header, entry.payload = plain(header), payload
    if change:
        with pytest.raises(second.Broken, match="contradicts itself"):
            entry.read()
    else:
        assert entry.read() is not None


def test_a_local_verdict_is_not_handed_out(call, root):
    (root / "new.txt").write_text("x")
    with pytest.raises(UsageProblem, match=r"is local and releases nothing.*not committed") as caught:
        call(gate, "merge", "--out", "verdict.json", folder=root)
    assert caught.value.remedy == "Commit everything."
    assert not (root / "verdict.json").exists()


def test_a_file_holds_the_verdict_of_one_gate(call, root, kinds):
    with pytest.raises(UsageProblem, match="one gate"):
        call(gate, "--out", "verdict.json", folder=root)
    assert kinds(root) == ["evidence"]


def test_a_no_go_is_handed_out_as_what_it_is(call, root):
    assert call(gate, "release", "--out", "verdict.json", folder=root).exit is Exit.FOUND
    statement = json.loads(Theirs.from_dict(json.loads((root / "verdict.json").read_text())).payload)
    assert statement["predicate"]["verificationResult"] == "FAILED"


def test_a_file_that_cannot_be_written_is_told(call, root):
    with pytest.raises(UsageProblem, match="cannot be written"):
        call(gate, "merge", "--out", "absent/verdict.json", folder=root)


def test_pem_and_audience_do_not_go_together(call, root):
    with pytest.raises(UsageProblem, match="--pem"):
        call(key, "--pem", "--audience", folder=root)
