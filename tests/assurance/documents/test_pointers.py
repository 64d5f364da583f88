"""Where pointers lead, and what is found of them by rule."""

import time

import pytest

from hardpoint.assurance.documents.markdown import Document, Pointer
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.pointers import documents, existing, nearest, target_of
from hardpoint.assurance.documents.rules.pointers import missing_anchor, missing_target
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.place import Place
from hardpoint.kernel.workspace import Workspace

HERE = Document("docs/guide/a.md")


def led(target: str) -> tuple[str, str] | None:
    found = target_of(Pointer(target, Place("docs/guide/a.md", 1, 1)), HERE)
    return (found.path, found.fragment) if found else None


def found_in(files, rule=missing_target):
    (run,) = run_rules(Workspace.of(files, [DOCUMENTS]), [rule])
    assert run.error is None
    return [(str(each.place), each.suggestion) for each in run.findings]


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize(
    ("target", "path", "fragment"),
    [
        ("b.md", "docs/guide/b.md", ""),
        ("../b.md#x", "docs/b.md", "x"),
        ("../../README.md", "README.md", ""),
        ("./sub/", "docs/guide/sub", ""),
        ("#x", "docs/guide/a.md", "x"),
        ("b%20c.md#%C3%BC", "docs/guide/b c.md", "ü"),
        ("b.md?plain=1#L3", "docs/guide/b.md", "L3"),
        ("..", "docs", ""),
        ("../..", ".", ""),
    ],
)
def test_a_relative_pointer_leads_into_the_repository(target, path, fragment):
    assert led(target) == (path, fragment)


@pytest.mark.parametrize(
    "target",
    [
        "https://example.org/a.md",
        "mailto:a@example.org",
        "//example.org/a",
        "/guide",
        "../../../issues",
        "{{ site.url }}/a",
        "${BASE}/a.md",
        "<name>.md",
        "vscode:extension/x",
        "{% url 'x' %}",
    ],
)
def test_what_cannot_be_judged_from_the_files_is_not_judged(target):
    assert led(target) is None


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("docs", "docs"),
        ("docs/run.md", "docs/run.md"),
        ("docs/run", "docs/run.md"),
        ("docs/run.html", "docs/run.md"),
        ("docs/api", "docs/api"),
        ("site", "site"),
        (".", "."),
        ("docs/Run.md", None),
        ("docs/gone", None),
        ("docs/run.md/x", None),
    ],
)
def test_a_page_may_be_written_without_its_ending(path, found):
    workspace = Workspace.of({"docs/run.md": "", "docs/api/index.md": "", "site/x.txt": ""})
    assert existing(path, workspace) == found


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize(
    ("target", "suggestion"),
    [
        ("docs/operation.md", "docs/operations.md"),
        ("operations.md", "docs/operations.md"),
        ("doc/operations.md#restore", "docs/operations.md#restore"),
        ("docs/OPERATIONS.md", "docs/operations.md"),
        ("docs/zzz.png", None),
    ],
)
def test_a_stale_pointer_is_found_with_the_nearest_target(target, suggestion):
    files = {"README.md": f"one\n\ntwo [x]({target})\n", "docs/operations.md": "# Restore\n"}
    assert found_in(files) == [("README.md:3:5", suggestion)]


@pytest.mark.requirement("DOC-01")
def test_a_suggestion_is_written_as_a_link_of_that_document_would_be():
    files = {"docs/guide/a.md": "[x](runbook.md)", "ops/runbook.md": "x"}
    assert found_in(files) == [("docs/guide/a.md:1:1", "../../ops/runbook.md")]


def test_what_is_nearest_is_never_the_document_itself():
    workspace = Workspace.of({"docs/README.md": "", "README.md": ""})
    assert nearest("x/README.md", Document("README.md"), workspace) == "docs/README.md"


@pytest.mark.requirement("DOC-01")
def test_images_and_reference_definitions_are_pointers_too():
    assert len(found_in({"a.md": "![x](gone.png)\n\n[y][r]\n\n[r]: gone.md\n"})) == 2


@pytest.mark.requirement("DOC-01")
def test_an_anchor_that_is_gone_is_found_with_the_nearest():
    files = {"README.md": "[x](run.md#restoring) [y](#hre)\n\n# Here\n", "run.md": "# Restore\n"}
    assert found_in(files, missing_anchor) == [("README.md:1:1", "run.md#restore"), ("README.md:1:23", "#here")]
    assert found_in(files) == []


def test_anchors_of_what_is_no_document_are_not_judged():
    files = {"README.md": "[x](src/a.py#L10) [y](#top) [z](docs#x)\n", "src/a.py": "", "docs/b.md": ""}
    assert found_in(files, missing_anchor) == []


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize("rule", [missing_target, missing_anchor])
def test_a_document_that_cannot_be_read_is_no_pass(tmp_path, rule):
    (tmp_path / "a.md").symlink_to("/etc/hostname")
    (run,) = run_rules(Workspace.open(tmp_path, [DOCUMENTS]), [rule])
    assert [str(each.place) for each in run.findings] == ["a.md"]
    assert "leads out of the repository" in run.findings[0].text


def test_what_others_wrote_and_what_is_excluded_is_no_document():
    names = ["a.md", "B.MARKDOWN", "vendor/x.md", "sub/node_modules/x.md", "old/x.md", "sub/CHANGELOG.md", "x.txt"]
    manifest = "version: 1\ndocuments: {exclude: [old/, CHANGELOG.md]}\n"
    workspace = Workspace.of({**dict.fromkeys(names, ""), "hardpoint.yaml": manifest}, [DOCUMENTS])
    assert [document.file for document in documents(workspace)] == ["B.MARKDOWN", "a.md"]


def test_an_excluded_document_is_still_a_target():
    manifest = "version: 1\ndocuments: {exclude: [old/]}\n"
    assert found_in({"a.md": "[x](old/x.md)", "old/x.md": "[y](gone)", "hardpoint.yaml": manifest}) == []


def test_exclude_may_take_a_file_back():
    manifest = "version: 1\ndocuments: {exclude: ['*.md', '!a.md']}\n"
    workspace = Workspace.of({"a.md": "", "b.md": "", "hardpoint.yaml": manifest}, [DOCUMENTS])
    assert [document.file for document in documents(workspace)] == ["a.md"]


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"[a](#b{number})\n\n# b{number}\n\n" for number in range(30_000)),
        "".join(f"[a](#gone{number}) " for number in range(5000)) + "\n\n# gone\n" * 5000,
        "".join(f"[a](docs/pages{number}.md)\n" for number in range(5000)),
    ],
    ids=["table of contents", "broken anchors", "broken pointers"],
)
def test_judging_a_document_takes_no_more_than_a_time_in_proportion_to_its_length(text):
    workspace = Workspace.of({"a.md": text, **{f"d/page{n}.md": "" for n in range(1500)}}, [DOCUMENTS])
    began = time.process_time()
    run_rules(workspace, [missing_target, missing_anchor])
    assert time.process_time() - began < 12
