"""`check` and `schema` on the repositories that people have."""

import json
import os

import pytest

from hardpoint.capabilities import capabilities
from hardpoint.faces.cli.verbs.whole_jobs import check
from hardpoint.kernel.rooms.cli import Context
from hardpoint.kernel.workspace import MAX_FILE_BYTES


def listing(root):
    return {
        str(path): path.lstat().st_mtime_ns for path in root.rglob("*") if path.is_file() and ".git/" not in str(path)
    }


def findings(ran):
    return [(each["rule"], each["place"]["file"], each["place"]["line"]) for each in ran.json["findings"]]


@pytest.mark.parametrize("git_at", ["none", "no commit"])
def test_check_where_there_is_no_commit(cli, tmp_path, git, git_at):
    if git_at != "none":
        git(tmp_path, "init", "-q")
    (tmp_path / "hardpoint.yaml").write_text("version: 1\n")
    ran = cli("check", "--format", "json", folder=tmp_path)
    assert (ran.exit, ran.json["commit"], ran.json["dirty"]) == (0, None, True)


def test_known_findings_are_listed_for_whoever_asks_and_fail_nothing(cli, repository):
    root = repository({"README.md": "[x](gone.md)\n"})
    cli("baseline", folder=root)
    assert findings(cli("check", "--format", "json", folder=root)) == []
    ran = cli("check", "--known", "--format", "json", folder=root)
    assert (ran.exit, findings(ran)) == (0, [("DOC001", "README.md", 1)])


def test_a_check_finds_and_names_what_is_wrong(cli, repository):
    root = repository({"README.md": "# x\n\n[x](docs/operation.md)\n", "docs/operations.md": "x"})
    ran = cli("check", "--format", "json", folder=root)
    assert ran.exit == 1
    assert findings(ran) == [("DOC001", "README.md", 3)]
    assert {"schema", "findings", "rules", "commit", "dirty", "service"} <= set(ran.json)
    text = cli("check", folder=root)
    assert "README.md:3:1: error   DOC001 docs/operation.md does not exist" in text.out
    assert text.out.splitlines()[-1].startswith("1 error")


@pytest.mark.parametrize(("threshold", "exit_code"), [("error", 0), ("warning", 1), ("note", 1)])
def test_the_threshold_decides_the_exit_code(cli, repository, threshold, exit_code):
    root = repository({"README.md": "# A\n\n[x](#b)\n"})
    assert cli("check", "--fail-on", threshold, folder=root).exit == exit_code


def test_a_check_of_another_folder(cli, repository, tmp_path):
    root = repository({"README.md": "[x](gone.md)\n"})
    assert cli("check", root, folder=tmp_path).exit == 1
    assert cli("check", "repository", folder=tmp_path).exit == 1


@pytest.mark.parametrize("writable", [True, False])
def test_a_check_writes_nothing(cli, repository, settings_folder, writable):
    root = repository({"README.md": "# x\n", "hardpoint.yaml": "version: 1\nservices: [{name: a}]\n"})
    before = listing(root)
    if not writable:
        root.chmod(0o555)
    assert cli("check", folder=root).exit == 0
    root.chmod(0o755)
    assert listing(root) == before
    assert list(settings_folder.iterdir()) == []


def test_a_check_that_is_recorded_makes_a_store_that_git_does_not_see(cli, repository, git):
    root = repository({"README.md": "# x\n", "hardpoint.yaml": "version: 1\nservices: [{name: a}]\n"})
    first, second = (cli("check", "--record", "--format", "json", folder=root) for _ in range(2))
    assert (first.exit, first.json["entry"], second.json["entry"]) == (0, 0, 1)
    assert first.json["service"] == "a"
    assert git(root, "status", "--porcelain") == ""


def test_a_store_that_cannot_be_made_is_a_problem(cli, repository):
    root = repository(
        {"README.md": "# x\n", "hardpoint.yaml": "version: 1\nservices: [{name: a}]\n", ".hardpoint": "x"}
    )
    ran = cli("check", "--record", folder=root)
    assert ran.exit == 3
    assert "HARDPOINT_STORE" in ran.err


def test_odd_files_are_findings_or_nothing_but_never_a_crash(cli, repository, tmp_path, git):
    (tmp_path / "outside.md").write_text("secret")
    root = repository({"good.md": "# x\n"})
    (root / "latin.md").write_bytes(b"caf\xe9 [x](gone.md)\n")
    (root / "binary.md").write_bytes(bytes(range(256)))
    (root / "leads-out.md").symlink_to(tmp_path / "outside.md")
    (root / "loop.md").symlink_to("loop.md")
    (root / "dangling.md").symlink_to("nowhere.md")
    with (root / "large.md").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    ran = cli("check", "--format", "json", folder=root)
    assert ran.exit == 1
    errors = {each["place"]["file"] for each in ran.json["findings"] if each["severity"] == "error"}
    assert errors == {"latin.md", "leads-out.md", "loop.md", "dangling.md", "large.md"}
    assert "secret" not in ran.out


def test_a_pointer_to_a_submodule_holds(cli, repository, tmp_path, git):
    root = repository({"README.md": "[x](sub) [y](a.md)\n", "a.md": ""})
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    (other / "b.md").write_text("[x](gone.md)")
    git(other, "add", "-A")
    git(other, "commit", "-qm", "x")
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "sub")
    git(root, "commit", "-qm", "sub")
    ran = cli("check", "--format", "json", folder=root)
    assert (ran.exit, ran.json["dirty"], ran.json["findings"]) == (0, False, [])
    (root / "sub/b.md").write_text("changed")
    assert cli("check", "--format", "json", folder=root).json["dirty"] is True


def test_a_name_that_is_not_utf8_is_written_in_every_form(cli, repository):
    root = repository({"hardpoint.yaml": "version: 1\nservices: [{name: a}]\n"})
    with open(os.fsencode(root) + b"/caf\xe9.md", "wb") as file:  # noqa: PTH123 - a name that is no text
        file.write(b"[x](gone.md)")
    assert cli("check", folder=root).exit == 1
    assert cli("check", "--record", "--format", "json", folder=root).exit == 1


@pytest.mark.parametrize("form", ["text", "json"])
def test_every_mistake_of_a_manifest_is_told_with_its_place(cli, repository, form):
    manifest = (
        "version: 1\nservice: []\ngates:\n  - name: merge\n    criteria:\n      - {id: a, kind: chek, rules: [X]}\n"
    )
    ran = cli("check", "--format", form, folder=repository({"hardpoint.yaml": manifest}))
    assert ran.exit == 2
    if form == "json":
        assert [(each["place"]["line"], each["place"]["column"]) for each in ran.json["mistakes"]] == [(2, 1), (6, 9)]
    else:
        first, second, *_ = ran.err.splitlines()
        assert first == "hardpoint.yaml:2:1: service: unknown key (did you mean 'services'?)"
        assert second.startswith("hardpoint.yaml:6:9: gates[0].criteria[0]: ")
        assert second.endswith("(did you mean 'check'?)")


@pytest.mark.parametrize("command", [["gate"], ["check", "--record"], ["evidence", "import", "r.xml"]])
def test_a_wrong_manifest_is_exit_2_for_every_verb(cli, repository, command):
    root = repository({"hardpoint.yaml": "version: 2\n", "r.xml": "<testsuite/>"})
    assert cli(*command, folder=root).exit == 2
    assert not (root / ".hardpoint").exists()


def test_the_schema_is_one_document_that_the_first_manifest_meets(cli, tmp_path):
    ran = cli("schema", folder=tmp_path)
    assert ran.exit == 0
    schema = json.loads(ran.out)
    assert {"version", "services", "gates", "documents", "trust"} <= set(schema["properties"])
    assert cli("schema", "--format", "json").out == ran.out


def test_a_check_of_another_folder_leaves_the_context_as_it_was(repository, tmp_path):
    root = repository({"README.md": "# A\n"})
    context = Context(capabilities(), folder=tmp_path)
    result = check.command.main([root.name], obj=context, standalone_mode=False)
    assert (result.about["commit"] is not None, context.folder) == (True, tmp_path)
