"""The verbs of witnesses and erasure, as the owner runs them and as another host does."""

import pytest

from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.record import verify_bundle as second
from hardpoint.kernel.record.checkpoint import Checkpoint, sign_checkpoint
from hardpoint.kernel.record.witness import Sightings

MANIFEST = """\
version: 1
services: [{name: keystone}]
gates:
  - name: merge
    witnesses: 1
    criteria:
      - {id: documents, kind: check, rules: [DOC001]}
"""
pytestmark = pytest.mark.requirement("GAT-14")


@pytest.fixture
def root(repository, cli):
    root = repository({"hardpoint.yaml": MANIFEST, "README.md": "[x](a.md)\n", "a.md": "# A\n"})
    assert cli("check", "--record", folder=root).exit == 0
    return root


@pytest.fixture
def elsewhere(cli, tmp_path, monkeypatch, settings_folder):
    """Runs the command line on another host: settings and a folder of its own."""

    def elsewhere(*arguments):
        (tmp_path / "elsewhere").mkdir(exist_ok=True)
        monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(tmp_path / "elsewhere" / "settings"))
        try:
            return cli(*arguments, folder=tmp_path / "elsewhere")
        finally:
            monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(settings_folder))

    return elsewhere


def trust(root, name, key):
    (root / "hardpoint.yaml").write_text(f'{MANIFEST}trust: {{witnesses: [{{name: {name}, key: "{key}"}}]}}\n')


def test_a_record_is_witnessed_from_another_host_and_verified_by_an_auditor(cli, elsewhere, root, tmp_path, git):
    owner = cli("record", "key", folder=root).out.strip()
    note = tmp_path / "note"
    looked = elsewhere("record", "witness", root, "--key", owner, "--name", "east", "--out", note, "--format", "json")
    assert (looked.exit, looked.json["size"], looked.json["name"]) == (0, 1, "east")
    assert cli("record", "checkpoint", "--witnessed", folder=root).exit == 2
    refused = cli("record", "checkpoint", "--add", note, folder=root)
    assert (refused.exit, "no trusted witness" in refused.err) == (2, True)

    trust(root, "east", looked.json["key"])
    judged = cli("gate", "merge", "--no-check", "--format", "json", folder=root)
    assert judged.exit == 1
    (missing,) = (each for each in judged.json["gates"][0]["criteria"] if each["criterion"] == "witnesses")
    assert (missing["verdict"], missing["blocking"]) == ("missing", True)
    assert "hardpoint record checkpoint --add" in missing["remedy"]
    assert cli("record", "checkpoint", "--add", note, folder=root).exit == 0
    assert cli("gate", "merge", "--no-check", folder=root).exit == 0
    assert cli("record", "checkpoint", "--witnessed", folder=root).out.encode() == note.read_bytes()
    assert cli("record", "verify", folder=root).exit == 0

    assert cli("gate", "merge", folder=root).exit == 1, "its own check is an entry that nobody saw"
    bundle = tmp_path / "bundle.json"
    exported = cli("record", "export", bundle, "--witnessed", "--format", "json", folder=root)
    assert exported.json["entries"] == 1
    assert cli("record", "export", bundle, "--witnessed", "--entry", "1", folder=root).exit == 2
    named = ["--key", f"ada={owner}", "--witness", f"east={looked.json['key']}", "--need"]
    assert [second.main([str(bundle), *named, need]) for need in ("1", "2")] == [0, 5]


def test_the_note_is_printed_where_no_file_is_named(cli, elsewhere, root):
    owner = cli("record", "key", folder=root).out.strip()
    for source in (root, root / ".hardpoint" / "hardpoint.db", f"sqlite:///{root}/.hardpoint/hardpoint.db"):
        printed = elsewhere("record", "witness", source, "--key", owner)
        assert (printed.exit, printed.out.count("\N{EM DASH} ")) == (0, 2)


def test_what_cannot_be_witnessed_is_said(cli, elsewhere, root):
    owner = cli("record", "key", folder=root).out.strip()
    assert elsewhere("record", "witness", root / "none.db", "--key", owner).exit == 3
    assert elsewhere("record", "witness", root, "--key", "ed25519:AAAA").exit == 2
    assert elsewhere("record", "witness", root).exit == 2
    assert cli("record", "witness", root, "--key", owner, folder=root).exit == 2, "a log is no witness of itself"
    elsewhere("check")
    other = elsewhere("record", "witness", root, "--key", str(Signer.generate().public))
    assert (other.exit, "Broken signature" in other.err) == (5, True)


def test_options_that_exclude_each_other_and_files_that_are_not_there_are_refused(cli, root, tmp_path):
    assert cli("record", "checkpoint", "--witnessed", "--add", "note", folder=root).exit == 2
    assert cli("record", "checkpoint", "--add", tmp_path / "none", folder=root).exit == 3


def test_a_body_is_erased_with_its_reason(cli, root):
    assert cli("record", "erase", "0", "--reason", " ", folder=root).exit == 2
    assert cli("record", "erase", "0", folder=root).exit == 2
    erased = cli("record", "erase", "0", "--reason", "a name in a path", "--format", "json", folder=root)
    assert (erased.exit, erased.json["order"]) == (0, 1)
    assert "erased" in cli("record", "show", "0", folder=root).out
    assert "a name in a path" in cli("record", "show", "1", folder=root).out
    assert cli("record", "verify", folder=root).exit == 0
    assert cli("record", "prove", "0", folder=root).exit == 0
    again = cli("record", "erase", "0", "--reason", "again", folder=root)
    assert (again.exit, ": erased, as entry " in again.err) == (2, True)


def test_what_was_seen_is_its_owners_alone_and_holds_no_drafts(tmp_path, signer):
    sightings = Sightings(tmp_path / "settings" / "witnessed")
    with sightings.held():
        for size in (3, 4):
            checkpoint = Checkpoint("hardpoint/a", size, b"r" * 32)
            sightings.keep(checkpoint.origin, sign_checkpoint(checkpoint, signer))
            assert sightings.recall("hardpoint/a") == checkpoint
    assert sightings.recall("hardpoint/b") is None
    folder = tmp_path / "settings" / "witnessed"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(list(folder.iterdir())) == 2
