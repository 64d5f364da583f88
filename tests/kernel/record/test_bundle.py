"""Bundles: what is exported holds for both verifiers, and what was changed holds for neither."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest

from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Evidence, Producer, drafted
from hardpoint.kernel.identity.keys import PublicKey, Signer
from hardpoint.kernel.problem import IntegrityProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record import verify_bundle as second
from hardpoint.kernel.record.bundle import export_bundle, read_bundle, verify_bundle

COMMIT = "a" * 40
SIZE = 7
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
    assert lines[-1].startswith(f"everything holds: {SIZE} entries")


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
    assert subprocess.run(command, capture_output=True, check=False).returncode == 5


def test_keys_that_the_reader_does_not_know_prove_nothing(bundle, tmp_path):
    assert both(encoding.encode(bundle), tmp_path) == (False, False)
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
