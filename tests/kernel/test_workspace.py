"""Workspaces: what belongs to a repository, and what is never read."""

import os

import pytest

from hardpoint.kernel import workspace as module
from hardpoint.kernel.declarations import Section
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem
from hardpoint.kernel.workspace import Workspace


def test_a_workspace_knows_its_commit_and_that_it_is_clean(repository, git):
    root = repository({"docs/a.md": "x"})
    workspace = Workspace.open(root / "docs")
    assert workspace.root.resolve() == root.resolve()
    assert workspace.commit == git(root, "rev-parse", "HEAD")
    assert not workspace.dirty
    assert workspace.files == ["docs/a.md"]
    assert workspace.paths == {"docs", "docs/a.md"}


def test_a_folder_without_git_is_no_commit_and_dirty(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.md").write_text("x")
    for hidden in (".git", "node_modules", ".hardpoint"):
        (tmp_path / hidden).mkdir()
        (tmp_path / hidden / "b.md").write_text("x")
    (tmp_path / ".git").rename(tmp_path / ".svn")
    workspace = Workspace.open(tmp_path)
    assert (workspace.commit, workspace.dirty) == (None, True)
    assert workspace.files == ["sub/a.md"]


def test_before_the_first_commit_there_is_no_commit(tmp_path, git):
    git(tmp_path, "init", "-q")
    (tmp_path / "a.md").write_text("x")
    workspace = Workspace.open(tmp_path)
    assert (workspace.commit, workspace.dirty, workspace.files) == (None, True, ["a.md"])


def test_what_is_no_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    for name in ("gone", "file"):
        with pytest.raises(UsageProblem, match="is not a folder"):
            Workspace.open(tmp_path / name)


def test_a_link_that_leads_outside_is_not_read(repository, tmp_path):
    (tmp_path / "secret").write_text("secret")
    root = repository({"a": "x"})
    (root / "out.md").symlink_to(tmp_path / "secret")
    (root / "folder").symlink_to(tmp_path)
    workspace = Workspace.open(root)
    for name in ("out.md", "folder/secret", "../secret"):
        with pytest.raises(UnreadableProblem, match="leads out of the repository"):
            workspace.read(name)


def test_a_link_inside_is_read(repository):
    root = repository({"a.md": "x"})
    (root / "b.md").symlink_to("a.md")
    assert Workspace.open(root).read("b.md") == b"x"


def test_a_loop_of_links_is_refused(repository):
    root = repository({"a": "x"})
    (root / "b.md").symlink_to("c.md")
    (root / "c.md").symlink_to("b.md")
    with pytest.raises(UnreadableProblem, match="leads to itself"):
        Workspace.open(root).read("b.md")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_not_opened(tmp_path, make):
    make(tmp_path / "a.md")
    with pytest.raises(UnreadableProblem, match="is not a file"):
        Workspace.open(tmp_path).read("a.md")


def test_a_file_that_is_gone_is_refused(tmp_path):
    with pytest.raises(UnreadableProblem, match=r"^gone: cannot be read"):
        Workspace.open(tmp_path).read("gone")


def test_a_file_over_the_limit_is_refused_not_cut(tmp_path):
    with (tmp_path / "large").open("wb") as file:
        file.truncate(module.MAX_FILE_BYTES + 1)
    with (tmp_path / "largest").open("wb") as file:
        file.truncate(module.MAX_FILE_BYTES)
    workspace = Workspace.open(tmp_path)
    assert len(workspace.read("largest")) == module.MAX_FILE_BYTES
    with pytest.raises(UnreadableProblem, match="larger than 32 MiB"):
        workspace.read("large")


def test_more_files_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MAX_FILES", 2)
    with pytest.raises(UnreadableProblem, match="more than 2 files"):
        _ = Workspace.of({"a": "", "b": "", "c": ""}).files


def test_what_is_derived_is_made_once():
    made = []
    workspace = Workspace.of({})
    assert workspace.derive(made.append) is workspace.derive(made.append)
    assert made == [workspace]


def test_the_manifest_is_read_from_the_root(repository):
    teams = Section("teams", tuple[str, ...], ())
    root = repository({"hardpoint.yaml": "version: 1\nteams: [a]\n", "sub/x": ""})
    assert Workspace.open(root / "sub", [teams]).manifest[teams] == ("a",)
    assert not Workspace.of({"sub/hardpoint.yaml": "?"}).manifest.exists


def test_a_name_that_is_not_utf8_is_a_file_like_others(repository):
    root = repository({"a": "x"})
    with open(os.fsencode(root) + b"/caf\xe9.md", "wb") as file:  # noqa: PTH123 - a name that is no text
        file.write(b"content")
    workspace = Workspace.open(root)
    assert [workspace.read(name) for name in workspace.files if name.endswith(".md")] == [b"content"]


def test_a_tree_with_files_that_are_not_there_yet_is_read_and_not_written(repository):
    root = repository({"a.md": "old", "b.md": "b"})
    workspace = Workspace.open(root).adding({"a.md": b"new", "sub/c.md": b"c"})
    assert workspace.files == ["a.md", "b.md", "sub/c.md"]
    assert [workspace.read(file) for file in workspace.files] == [b"new", b"b", b"c"]
    assert (workspace.holds("sub/c.md"), workspace.holds("d.md"), workspace.dirty) == (True, False, True)
    assert (root / "a.md").read_text() == "old"
    assert not (root / "sub").exists()
