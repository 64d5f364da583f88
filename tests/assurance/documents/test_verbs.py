"""`hardpoint docs check`: documents alone, what is new, and what it loads."""

import json
import os
import subprocess
import sys

import pytest

from hardpoint.faces.cli.main import run

HEAVY = {"alembic", "cryptography", "fastapi", "pydantic", "rich", "sqlalchemy"}
PROBE = """
import json, sys
from hardpoint.faces.cli.main import run
code = run(sys.argv[1:])
print(json.dumps({"code": code, "loaded": sorted({name.partition(".")[0] for name in sys.modules})}), file=sys.stderr)
"""


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("HARDPOINT_CACHE_DIR", str(folder))
    return folder


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def git(folder, *arguments):
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


def checked(capsys, *arguments):
    code = run(["docs", "check", *map(str, arguments), "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def texts(told):
    return [finding["text"] for finding in told["findings"]]


@pytest.mark.requirement("DOC-01")
def test_a_folder_without_repository_or_manifest_is_checked(tmp_path, capsys):
    write(tmp_path, {"a.md": "x\n\nsee [b](c/b.md)\n", "d/b.md": "[x](#gone)\n"})
    code, told = checked(capsys, tmp_path)
    assert (code, told["schema"], told["documents"]) == (1, "docs-check/v1", 2)
    assert told["counts"] == {"error": 1, "warning": 1, "note": 0}
    assert told["findings"][0] == {
        "rule": "DOC001",
        "severity": "error",
        "place": {"file": "a.md", "line": 3, "column": 5},
        "text": "c/b.md does not exist",
        "remedy": "Point at d/b.md",
        "suggestion": "d/b.md",
        "replaces": "c/b.md",
        "tool": "hardpoint",
        "fingerprint": "",
        "exposure": None,
    }


def test_a_path_limits_what_is_told_and_not_where_pointers_may_lead(tmp_path, capsys):
    git(tmp_path, "init", "-q")
    write(
        tmp_path,
        {"docs/a.md": "[x](../README.md) [y](gone.md)\n", "docs/b.md": "[y](gone.md)\n", "README.md": "[y](no.md)"},
    )
    assert texts(checked(capsys, tmp_path / "docs" / "a.md")[1]) == ["gone.md does not exist"]
    assert len(texts(checked(capsys, tmp_path / "docs")[1])) == 2
    assert len(texts(checked(capsys, tmp_path)[1])) == 3


def test_a_tree_without_documents_says_so(tmp_path, capsys):
    assert run(["docs", "check", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "there are no documents to check\n"


def test_a_path_that_is_not_there_is_wrong_usage(tmp_path, capsys):
    assert run(["docs", "check", str(tmp_path / "gone")]) == 2
    assert "does not exist" in capsys.readouterr().err


@pytest.mark.requirement("DOC-01")
def test_against_shows_only_what_is_new(tmp_path, capsys):
    git(tmp_path, "init", "-q")
    write(tmp_path, {"a.md": "[x](old.md)\n", "b.md": "# Here\n", "c.md": "[x](b.md#here)\n"})
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "one")
    write(tmp_path, {"a.md": "one line more\n\n[x](old.md)\n"})
    assert checked(capsys, tmp_path, "--against", "HEAD")[0] == 0
    write(tmp_path, {"a.md": "[x](old.md) [y](new.md)\n", "b.md": "# There\n"})
    code, told = checked(capsys, tmp_path, "--against", "HEAD")
    assert (code, texts(told)) == (1, ["new.md does not exist", "b.md#here: b.md has no anchor #here"])
    assert (told["against"], told["counts"]["error"]) == ("HEAD", 1)


def test_against_outside_of_git_or_an_unknown_revision_is_wrong_usage(tmp_path, capsys):
    write(tmp_path, {"a.md": "[x](old.md)\n"})
    assert run(["docs", "check", str(tmp_path), "--against", "HEAD"]) == 2
    git(tmp_path, "init", "-q")
    assert run(["docs", "check", str(tmp_path), "--against", "no-such"]) == 2
    assert "names no commit" in capsys.readouterr().err


def test_a_manifest_is_heard_where_there_is_one(tmp_path, capsys):
    write(
        tmp_path, {"hardpoint.yaml": "version: 1\ndocuments: {exclude: [a.md]}\n", "a.md": "[x](old.md)\n", "b.md": ""}
    )
    code, told = checked(capsys, tmp_path)
    assert (code, told["documents"]) == (0, 1)
    write(tmp_path, {"hardpoint.yaml": "version: 1\ndocuments: {slugs: none}\n"})
    assert run(["docs", "check", str(tmp_path)]) == 2


def test_the_mildest_finding_that_fails_can_be_chosen(tmp_path, capsys):
    write(tmp_path, {"a.md": "[x](#gone)\n"})
    assert run(["docs", "check", str(tmp_path)]) == 0
    assert run(["docs", "check", str(tmp_path), "--fail-on", "warning"]) == 1


@pytest.mark.requirement("DOC-01")
def test_no_database_web_server_or_validator_is_loaded(tmp_path):
    write(tmp_path, {"a.md": "[x](old.md) [y](b.md#gone)\n", "b.md": ""})
    ended = subprocess.run(
        [sys.executable, "-c", PROBE, "docs", "check", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ},
    )
    told = json.loads(ended.stderr.splitlines()[-1])
    assert told["code"] == 1
    assert HEAVY & set(told["loaded"]) == set()


def settle(folder):
    for file in folder.rglob("*"):
        os.utime(file, (1_700_000_000, 1_700_000_000))


def answered(folder, capsys, monkeypatch, cache):
    """What is said, and whether it came from the cache."""
    from hardpoint.assurance.documents import answers

    monkeypatch.setattr(answers, "_SETTLED_NS", 0)
    before = {file: file.stat().st_mtime_ns for file in cache.rglob("*") if file.is_file()}
    code, told = checked(capsys, folder)
    return code, texts(told), before == {file: file.stat().st_mtime_ns for file in cache.rglob("*") if file.is_file()}


def test_an_answer_is_given_again_until_something_changes(tmp_path, capsys, monkeypatch, cache):
    write(tmp_path, {"a.md": "[x](old.md)\n", "c.txt": ""})
    first = answered(tmp_path, capsys, monkeypatch, cache)
    assert first == (1, ["old.md does not exist"], False)
    assert answered(tmp_path, capsys, monkeypatch, cache) == (1, ["old.md does not exist"], True)
    write(tmp_path, {"old.md": ""})
    assert answered(tmp_path, capsys, monkeypatch, cache) == (0, [], False)
    (tmp_path / "old.md").unlink()
    assert answered(tmp_path, capsys, monkeypatch, cache)[0] == 1
    write(tmp_path, {"a.md": "[x](olf.md)\n"})
    assert answered(tmp_path, capsys, monkeypatch, cache)[1] == ["olf.md does not exist"]


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"\xff\x00", b'{"key": 1}', b'{"key": "x", "documents": [], "findings": []}']
)
def test_a_damaged_answer_is_no_answer(tmp_path, capsys, monkeypatch, cache, damage):
    write(tmp_path, {"a.md": "[x](old.md)\n"})
    answered(tmp_path, capsys, monkeypatch, cache)
    (kept,) = (file for file in cache.rglob("*") if file.is_file())
    kept.write_bytes(damage)
    assert answered(tmp_path, capsys, monkeypatch, cache)[:2] == (1, ["old.md does not exist"])


def test_without_a_place_to_keep_answers_all_is_as_before(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("HARDPOINT_CACHE_DIR", os.devnull)
    write(tmp_path, {"a.md": "[x](old.md)\n"})
    assert checked(capsys, tmp_path)[0] == 1


def test_a_tree_that_is_being_written_is_not_kept(tmp_path, capsys, monkeypatch, cache):
    from hardpoint.assurance.documents import answers

    monkeypatch.setattr(answers, "_SETTLED_NS", 10**18 * 4)
    write(tmp_path, {"a.md": "[x](old.md)\n"})
    assert checked(capsys, tmp_path)[0] == 1
    assert [file for file in cache.rglob("*") if file.is_file()] == []


def test_only_so_many_answers_are_kept(tmp_path, capsys, monkeypatch, cache):
    from hardpoint.assurance.documents import answers

    monkeypatch.setattr(answers, "MAX_ANSWERS", 2)
    for name in "abc":
        write(tmp_path, {f"{name}/a.md": "x\n"})
        answered(tmp_path / name, capsys, monkeypatch, cache)
    assert len([file for file in cache.rglob("*") if file.is_file()]) == 2


def test_a_change_does_not_forgive_its_own_findings(tmp_path, capsys, monkeypatch):
    git(tmp_path, "init", "-q", "-b", "main")
    write(tmp_path, {"a.md": "[x](known.md)\n"})
    monkeypatch.chdir(tmp_path)
    run(["baseline"])
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "one")
    git(tmp_path, "checkout", "-q", "-b", "topic")
    write(tmp_path, {"a.md": "[x](known.md) [y](new.md)\n"})
    run(["baseline", "--grow", "mine"])
    git(tmp_path, "commit", "-q", "-am", "two")
    capsys.readouterr()
    assert texts(checked(capsys)[1]) == []
    monkeypatch.setenv("HARDPOINT_BASE", "main")
    assert texts(checked(capsys)[1]) == ["new.md does not exist"]


def test_documents_in_other_formats_are_said_to_be_unread(tmp_path, capsys):
    write(tmp_path, {"a.md": "# A\n", "b.rst": "B\n=\n", "docs/c.adoc": "= C\n"})
    told = checked(capsys, tmp_path)[1]
    assert (told["documents"], told["not_read"]) == (1, 2)
    assert checked(capsys, tmp_path / "docs")[1]["not_read"] == 1
