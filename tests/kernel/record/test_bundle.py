"""Bundles: what is exported holds for both verifiers, and what was changed holds for neither."""

import copy
import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Evidence, Producer, drafted, statement
from hardpoint.kernel.identity.keys import PublicKey, Signer
from hardpoint.kernel.problem import IntegrityProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record import verify_bundle as second
from hardpoint.kernel.record.bundle import export_bundle, read_bundle, verify_bundle
from hardpoint.kernel.record.checkpoint import Checkpoint, sign_checkpoint
from hardpoint.kernel.record.envelope import STATEMENT_TYPE, body_hash, pre_authentication_encoding
from hardpoint.kernel.record.proofs import leaf_hash
from hardpoint.kernel.record.stated import DECISION, SUMMARY, verdict_topic
from hardpoint.kernel.record.tree import Frontier, inclusion_proof

COMMIT = "a" * 40
SIZE = 7
URI = "hardpoint:records/forged/entries/0"
pytestmark = pytest.mark.requirement("GAT-14")


@pytest.fixture
def bundle(database, record):
    for number in range(SIZE):
        evidence = Evidence(
            kind="junit",
            name=f"{number}.xml",
            service="keystone",
            producer=Producer(name="junit"),
            population=1,
            facts={"failures": number},
            commit=COMMIT,
        )
        record.append(drafted(evidence))
    return export_bundle(database)


def both(data, tmp_path, *keys):
    """Whether the two verifiers accept the bytes; whatever they say, it is one of their own errors."""
    file = tmp_path / "bundle.json"
    file.write_bytes(data)
    try:
        verify_bundle(read_bundle(data), keys)
        ours = True
    except (IntegrityProblem, UnreadableProblem):
        ours = False
    named = [part for key in keys for part in ("--key", f"ada={key}")]
    return ours, second.main([str(file), *named]) == 0


def test_what_was_exported_holds_and_says_who_said_what_of_which_commit(bundle, signer, tmp_path, capsys):
    assert both(encoding.encode(bundle), tmp_path, signer.public) == (True, True)
    lines = capsys.readouterr().out.splitlines()
    assert f"ada says of keystone at {COMMIT}: junit 3.xml: failures=3" in lines[4]
    said = f"{SIZE} of the log's {SIZE} entries shown (not shown: 0); {SIZE} bodies verified, 0 absent as an order says"
    assert f"Nothing here is false against the keys that you named: {said}" in lines[-6]
    assert lines[0].endswith(", signed by ada")


def test_a_part_of_the_record_is_proven_alone(database, bundle, signer, tmp_path):
    part = export_bundle(database, [5, 2])
    assert [entry.index for entry in part.entries] == [2, 5]
    assert both(encoding.encode(part), tmp_path, signer.public) == (True, True)
    with pytest.raises(UsageProblem):
        export_bundle(database, [SIZE])


def test_the_second_verifier_is_one_file_that_needs_nothing_else(bundle, signer, tmp_path):
    file, alone = tmp_path / "b.json", tmp_path / "verifier.py"
    file.write_bytes(encoding.encode(bundle))
    alone.write_bytes(Path(second.__file__).read_bytes())
    command = [sys.executable, "-I", "-S", str(alone), str(file)]
    assert subprocess.run([*command, "--key", f"ada={signer.public}"], capture_output=True, check=False).returncode == 0
    stranger = Signer.generate().public
    assert subprocess.run([*command, "--key", f"ada={stranger}"], capture_output=True, check=False).returncode == 5
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2


def test_keys_that_the_reader_does_not_know_prove_nothing(bundle, tmp_path):
    assert both(encoding.encode(bundle), tmp_path, Signer.generate().public) == (False, False)


def texts(value, path=()):
    """Every text in a document with the path to it."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        if isinstance(each, str):
            yield (*path, key), each
        yield from texts(each, (*path, key))


def changed(document, path, value):
    other = copy.deepcopy(document)
    *way, last = path
    target = other
    for step in way:
        target = target[step]
    target[last] = value
    return encoding.encode(other)


def test_no_character_of_a_bundle_can_be_changed_unnoticed(database, bundle, signer, tmp_path):
    document = json.loads(encoding.encode(export_bundle(database, [3])))
    tried = 0
    for path, text in texts(document):
        for at in range(0, len(text), 11):
            other = "A" if text[at] != "A" else "B"
            data = changed(document, path, text[:at] + other + text[at + 1 :])
            assert both(data, tmp_path, signer.public) == (False, False), (path, at)
            tried += 1
    assert tried > 100


@pytest.mark.parametrize("part", ["index", "header", "salt", "signature", "payload", "proof"])
@pytest.mark.parametrize("value", [None, "", "AAAA", 4, -1, [], {}, "=", "é"])
def test_parts_of_another_shape_are_refused_by_both(bundle, signer, tmp_path, part, value):
    document = json.loads(encoding.encode(bundle))
    if document["entries"][3][part] != value:
        data = changed(document, ("entries", 3, part), value)
        assert both(data, tmp_path, signer.public) == (False, False)


def test_parts_of_two_entries_do_not_make_a_third(bundle, signer, tmp_path):
    document = json.loads(encoding.encode(bundle))
    for part in ("index", "header", "salt", "signature", "payload", "proof"):
        data = changed(document, ("entries", 2, part), document["entries"][3][part])
        assert both(data, tmp_path, signer.public) == (False, False), part


def test_a_bundle_that_is_cut_off_or_something_else_is_unreadable_to_both(bundle, signer, tmp_path):
    data = encoding.encode(bundle)
    for cut in range(0, len(data), len(data) // 50):
        assert both(data[:cut], tmp_path, signer.public) == (False, False)
    for other in (b"", b"null", b"[]", b"{}", b'{"schema": "bundle/v2", "entries": [], "checkpoint": ""}', b"\xff"):
        assert both(other, tmp_path, signer.public) == (False, False)


def test_signatures_are_judged_alike_by_both():
    signer = Signer.generate()
    for number in range(40):
        message = b"m" * number
        signature = signer.sign(message)
        key = PublicKey(signer.public.raw)
        forged = bytearray(signature)
        forged[number] ^= 1 << number % 8
        assert second.is_signed(key.raw, message, signature)
        assert second.is_signed(key.raw, message, bytes(forged)) is key.verifies(bytes(forged), message) is False
    order = 2**252 + 27742317777372353535851937790883648493
    beyond = signature[:32] + (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    assert second.is_signed(key.raw, message, beyond) is key.verifies(beyond, message) is False


def test_verbs_show_prove_and_export(cli, repository, tmp_path):
    root = repository({"hardpoint.yaml": "version: 1\nservices: [{name: keystone}]\n", "a.md": "# A\n"})
    cli("check", "--record", folder=root)
    assert cli("record", "log", "--format", "json", folder=root).json["entries"][0]["by"] == "you"
    assert (
        cli("record", "show", "0", "--format", "json", folder=root).json["payload"]["subject"][0]["name"] == "keystone"
    )
    assert cli("record", "show", "7", folder=root).exit == 2
    proven = cli("record", "prove", "0", "--format", "json", folder=root).json
    assert (proven["size"], proven["proof"], proven["leaf_hash"]) == (1, [], proven["root"])
    assert cli("record", "checkpoint", folder=root).out.splitlines()[1] == "1"
    exported = cli("record", "export", str(tmp_path / "b.json"), "--verifier", str(tmp_path / "v.py"), folder=root)
    assert exported.exit == 0
    assert (tmp_path / "v.py").read_bytes() == Path(second.__file__).read_bytes()
    assert cli("record", "export", str(tmp_path / "none" / "b.json"), folder=root).exit == 2


# What a malicious writer of the log, or a malicious holder, can put under a checkpoint that is signed.


class Forger:
    """A log whose writer writes any header over any payload."""

    def __init__(self, signer):
        self.signer, self.leaves = signer, []

    def entry(self, payload, *, kind="note", subject="shop", topic="", payload_type=STATEMENT_TYPE, gone=False):
        salt, index = bytes(32), len(self.leaves)
        body = self.signer.sign(pre_authentication_encoding(payload_type, payload))
        header = {
            "v": 1, "index": index, "at": "2026-03-31T14:00:00.000000Z", "kind": kind, "subject": subject,
            "topic": topic, "payload_type": payload_type, "body": body_hash(salt, body, payload),
            "key": self.signer.public.id, "unique": None,
        }  # fmt: skip
        parts = {"header": encoding.encode(header), "salt": salt, "signature": body, "payload": payload}
        self.leaves.append((leaf_hash(parts["header"]), parts, gone))
        return index

    def bundle(self):
        frontier, stored = Frontier(), {}
        for (level, first), row in frontier.extend([leaf for leaf, _, _ in self.leaves]):
            stored |= {(level, first + at): node for at, node in enumerate(row)}
        size = len(self.leaves)
        note = sign_checkpoint(Checkpoint("hardpoint/forged", size, frontier.root()), self.signer)
        shown = [
            {
                "index": index,
                **{
                    name: None if gone and name != "header" else b64encode(part).decode()
                    for name, part in parts.items()
                },
                "proof": [b64encode(each).decode() for each in inclusion_proof(index, size, stored.__getitem__)],
            }
            for index, (_, parts, gone) in enumerate(self.leaves)
        ]
        return encoding.encode({"schema": "bundle/v1", "checkpoint": note.decode(), "entries": shown})


@pytest.fixture
def forger(signer):
    return Forger(signer)


def of_shop(**changes):
    made = {"kind": "junit", "name": "r", "service": "shop", "producer": Producer(name="junit"), "population": 1}
    return drafted(Evidence(**{**made, "facts": {"failures": 0}, "commit": COMMIT, **changes}))


def test_a_statement_holds_only_under_a_header_that_says_the_same(signer, tmp_path, capsys):
    draft = of_shop()
    fits = {"kind": draft.kind, "subject": draft.subject, "topic": draft.topic}
    for change in ({}, {"kind": "note"}, {"kind": "verdict"}, {"subject": "payments"}, {"topic": "0" * 64}):
        forger = Forger(signer)
        forger.entry(draft.payload, **{**fits, **change})
        assert both(forger.bundle(), tmp_path, signer.public) == (not change, not change), change
        assert ("BROKEN  entry 0: its header says something else" in capsys.readouterr().out) is bool(change)


def order(index, digest, kind="erasure", **predicate):
    return encoding.encode(
        {
            "subject": [{"name": f"entry {index}", "digest": {"sha256": digest}}],
            "predicateType": f"https://hardpoint.dev/{kind}/v1",
            "predicate": {"index": index, "reason": "r", **predicate},
        }
    )


HUGE = [b"1e999", b"9" * 5000, b"true", b"0.0", b"-1", b'"0"', b"[]", b"null", b"Infinity", b"NaN"]


@pytest.mark.parametrize("index", HUGE)
@pytest.mark.parametrize("kind", ["erasure", "archival"])
def test_what_no_index_can_be_orders_nothing_and_breaks_nothing(forger, signer, tmp_path, capsys, kind, index):
    forger.entry(b"x", payload_type="text/plain", gone=True)
    said = order(0, forger.leaves[0][0].hex(), kind, ranges=[[0, 0]])
    forger.entry(said.replace(b'"index":0', b'"index":' + index).replace(b"[0,0]", b"[0," + index + b"]"), kind=kind)
    assert both(forger.bundle(), tmp_path, signer.public) == (True, True)
    printed = capsys.readouterr()
    assert "0 absent as an order says, 1 absent without an order" in printed.out
    assert "Traceback" not in printed.err


def test_an_order_names_the_leaf_that_it_erases(signer, tmp_path, capsys):
    for right in (True, False):
        forger = Forger(signer)
        forger.entry(b"x", payload_type="text/plain", gone=True)
        forger.entry(order(0, forger.leaves[0][0].hex() if right else "0" * 64), kind="erasure")
        assert both(forger.bundle(), tmp_path, signer.public) == (True, True)
        assert f"{right:d} absent as an order says, {1 - right} absent without" in capsys.readouterr().out
        complete = [str(tmp_path / "bundle.json"), "--complete", "--key", f"ada={signer.public}"]
        assert second.main(complete) == (0 if right else 5)


def test_entries_are_each_once_and_in_order_for_both(bundle, signer, tmp_path, capsys):
    document = json.loads(encoding.encode(bundle))
    given = document["entries"]
    for entries in ([given[0], given[0]], given[::-1], [*given, given[0]], []):
        data = encoding.encode({**document, "entries": entries})
        assert both(data, tmp_path, signer.public) == (False, False)
    assert "holds no entries" in capsys.readouterr().err
    (tmp_path / "none.json").write_bytes(encoding.encode({k: v for k, v in document.items() if k != "entries"}))
    assert second.main([str(tmp_path / "none.json"), "--key", f"ada={signer.public}"]) == 3
    assert "none.json cannot be read: it holds no entries" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        second.main([str(tmp_path / "none.json")])
    assert (ended.value.code, "no --key is given" in capsys.readouterr().err) == (2, True)
    (tmp_path / "part.json").write_bytes(encoding.encode({**document, "entries": given[1:]}))
    named = [str(tmp_path / "part.json"), "--key", f"ada={signer.public}"]
    assert [second.main(named), second.main([*named, "--complete"])] == [0, 5]
    assert f"{SIZE - 1} of the log's {SIZE} entries shown (not shown: 1)" in capsys.readouterr().out


def test_names_that_stand_twice_and_no_numbers_are_refused_by_both(bundle, signer, tmp_path):
    data = encoding.encode(bundle)
    for old, new in (
        (b'"index":3', b'"index":2,"index":3'),
        (b'"index":3', b'"index":3,"a":NaN'),
        (b'"index":3', b'"index":3.0'),
        (b'"index":3', b'"index":' + b"9" * 5000),
        (b"{", b"\xef\xbb\xbf{"),
    ):
        assert both(data.replace(old, new, 1), tmp_path, signer.public) == (False, False), new
    assert both(data.decode().encode("utf-16"), tmp_path, signer.public) == (False, False)


def test_what_others_wrote_is_quoted_and_cannot_pass_for_the_verifier(forger, signer, tmp_path, capsys):
    name = "a\nBROKEN\u3164\u2800\u202e \x1b[2J" + "z" * 999
    draft = of_shop(name=name, error="it stopped", dirty=True, facts={"DOC1.examined": 0, "DOC1.findings": 2, "e": 1})
    forger.entry(draft.payload, kind=draft.kind, topic=draft.topic)
    assert both(forger.bundle(), tmp_path, signer.public) == (True, True)
    line = capsys.readouterr().out.splitlines()[1]
    assert 'junit "a BROKEN [2Jzz' in line
    assert "z" * 300 not in line
    for said in ("DOC1 2 findings in 0", "e=1", 'error "it stopped"', "assurance declared", "not committed"):
        assert said in line


def test_a_terminal_that_cannot_write_it_breaks_nothing(forger, signer, tmp_path):
    forger.entry(of_shop(service="gr\xf6\xdfe").payload, kind="evidence", subject="gr\xf6\xdfe", topic=of_shop().topic)
    (tmp_path / "b.json").write_bytes(forger.bundle())
    command = [sys.executable, second.__file__, str(tmp_path / "b.json"), "--key", f"ada={signer.public}"]
    ran = subprocess.run(command, capture_output=True, check=False, env={"PYTHONIOENCODING": "ascii"})
    assert (ran.returncode, b'"gr\\xf6\\xdfe"' in ran.stdout) == (0, True)


@pytest.mark.parametrize("point", [0, 1, second.P - 1, None])
def test_keys_of_small_order_are_refused_by_both(point, tmp_path):
    base = second.decompress(bytes([1] + [0] * 31))
    for number in range(9 if point is None else 0):
        found = second.decompress(number.to_bytes(32, "little"))
        base = second.multiply(second.L, found) if found else base
    raw = second.compress(base) if point is None else point.to_bytes(32, "little")
    with pytest.raises(ValueError, match="small order"):
        PublicKey.parse(f"ed25519:{b64encode(raw).decode()}")
    with pytest.raises(SystemExit, match="2"):
        second.main([str(tmp_path), "--key", f"ada=ed25519:{b64encode(raw).decode()}"])


def test_options_that_contradict_each_other_are_wrong_usage(bundle, signer, tmp_path, capsys):
    (tmp_path / "b.json").write_bytes(encoding.encode(bundle))
    one, other = signer.public, Signer.generate().public
    given = [str(tmp_path / "b.json"), "--key", f"ada={one}"]
    for wrong in (
        ["--need", "-1"],
        ["--key", f"bob={one}"],
        ["--witness", f"east={one}"],
        ["--witness", f"east={other}", "--witness", f"east={Signer.generate().public}"],
        ["--key", str(other)],
    ):
        with pytest.raises(SystemExit, match="2"):
            second.main([*given, *wrong])
    log = bundle.checkpoint.partition("\n")[0]
    assert [second.main([*given, "--origin", name]) for name in (log, "hardpoint/other")] == [0, 5]
    assert "BROKEN  the log is not hardpoint/other" in capsys.readouterr().out


def verdict(**changes):
    judgement = {"criterion": "t", "verdict": "pass", "reason": "fine", "blocking": True, "evidence": [0]}
    about = {"service": "shop", "commit": COMMIT, "answer": "GO", "local": False, "criteria": [judgement]}
    claim = {
        "policy": {"name": "merge"}, "timeVerified": "2026-03-31T14:00:00Z", "verificationResult": "PASSED",
        "verifiedLevels": ["GATE_GO"], "inputAttestations": [], DECISION: {**about, **changes.pop("decision", {})},
    }  # fmt: skip
    return statement("shop", {"gitCommit": COMMIT}, SUMMARY, {**claim, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "blocking pass t: fine; rests on 0 (not named by its digest)"),
        ({"decision": {"local": True}}, "LOCAL: releases nothing"),
        ({"decision": {"criteria": [{"criterion": "t", "verdict": "fail", "blocking": True}]}}, "CONTRADICTS ITSELF"),
        ({"decision": {"criteria": 7}}, "of a form that is not known here"),
        ({"decision": {"criteria": [{"criterion": "t", "verdict": [], "blocking": {}}]}}, "advisory"),
        ({"inputAttestations": [{"uri": URI, "digest": {"sha256": "0" * 64}}]}, "0 (IS NOT WHAT IS SHOWN: another"),
        ({"inputAttestations": [{"uri": [], "digest": None}]}, "of a form that is not known here"),
    ],
)
def test_a_verdict_is_told_with_what_it_rests_on(forger, signer, tmp_path, capsys, changes, said):
    draft = of_shop()
    forger.entry(draft.payload, kind=draft.kind, topic=draft.topic)
    forger.entry(verdict(**changes), kind="verdict", topic=verdict_topic("merge", COMMIT))
    assert both(forger.bundle(), tmp_path, signer.public) == (True, True)
    assert said in capsys.readouterr().out
