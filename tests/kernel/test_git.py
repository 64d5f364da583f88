"""What git knows of a checkout, and that nothing which the checkout configures is executed."""

import os

import pytest

from hardpoint.kernel import git as checkout
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem


def test_the_root_is_found_from_below(repository):
    root = repository({"docs/a.md": "x"})
    assert checkout.top_level(root / "docs").resolve() == root.resolve()


def test_outside_of_a_checkout_there_is_no_root(tmp_path):
    assert checkout.top_level(tmp_path) is None


def test_a_bare_repository_has_no_working_tree(tmp_path, git):
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    assert checkout.top_level(tmp_path / "bare.git") is None
    assert checkout.is_bare(tmp_path / "bare.git")
    assert not checkout.is_bare(tmp_path)


def test_a_shallow_clone_and_the_branch_are_known(repository, git, tmp_path):
    root = repository({"a": "x"})
    git(root, "commit", "-q", "--allow-empty", "-m", "second")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "shallow")
    assert [checkout.is_shallow(each) for each in (root, tmp_path / "shallow")] == [False, True]
    assert checkout.branch(root) == "main"
    git(root, "checkout", "-q", "--detach")
    assert checkout.branch(root) == ""


def test_the_head_is_a_full_id(repository, git):
    root = repository({"a": "x"})
    assert checkout.head(root) == git(root, "rev-parse", "HEAD")
    assert len(checkout.head(root)) == 40


def test_before_the_first_commit_there_is_no_head(tmp_path, git):
    git(tmp_path, "init", "-q")
    assert checkout.head(tmp_path) is None


def test_names_of_commits_are_resolved(repository, git):
    root = repository({"a": "x"})
    git(root, "tag", "-a", "v1", "-m", "v1")
    head = git(root, "rev-parse", "HEAD")
    assert {checkout.resolve(root, name) for name in ("HEAD", "main", "v1", head, head[:8])} == {head}


@pytest.mark.parametrize("name", ["gone", "", "--help", "HEAD:a", "-x", "HEAD~9", "0" * 40])
def test_what_names_no_commit_is_refused(repository, name):
    with pytest.raises(UsageProblem, match="names no commit"):
        checkout.resolve(repository({"a": "x"}), name)


def test_a_shallow_clone_says_how_to_get_what_it_does_not_have(repository, git, tmp_path):
    root = repository({"a": "x"})
    git(root, "commit", "-q", "--allow-empty", "-m", "second")
    git(tmp_path, "clone", "-q", "--depth", "1", root.as_uri(), "clone")
    with pytest.raises(UsageProblem, match="names no commit") as refused:
        checkout.resolve(tmp_path / "clone", "HEAD~1")
    assert "--unshallow" in refused.value.remedy


def test_a_checkout_is_clean_until_something_differs(repository):
    root = repository({"a": "x", ".gitignore": "ignored\n"})
    assert not checkout.is_dirty(root)
    (root / "ignored").write_text("x")
    assert not checkout.is_dirty(root)
    (root / "new").write_text("x")
    assert checkout.is_dirty(root)


@pytest.mark.parametrize("change", ["edit", "delete", "stage"])
def test_a_changed_deleted_or_staged_file_is_dirty(repository, git, change):
    root = repository({"a": "x", "b": "y"})
    if change == "delete":
        (root / "a").unlink()
    else:
        (root / "a").write_text("longer than before")
    if change == "stage":
        git(root, "add", "a")
    assert checkout.is_dirty(root)


@pytest.mark.requirement("GAT-22")
def test_a_file_that_git_was_told_not_to_look_at_may_differ(repository, git):
    root = repository({"a": "x"})
    git(root, "update-index", "--assume-unchanged", "a")
    (root / "a").write_text("something else")
    assert checkout.is_dirty(root)


def test_settings_that_hide_untracked_files_are_overruled(repository, git):
    root = repository({"a": "x"})
    git(root, "config", "status.showUntrackedFiles", "no")
    (root / "new").write_text("x")
    assert checkout.is_dirty(root)


def test_files_are_the_tracked_and_the_new_without_the_ignored_and_the_deleted(repository):
    root = repository({"a b": "x", "gone": "x", "ü/é": "x", ".gitignore": "ignored\n"})
    (root / "gone").unlink()
    (root / "ignored").write_text("x")
    (root / "new").write_text("x")
    assert sorted(checkout.files(root)) == [".gitignore", "a b", "new", "ü/é"]


def test_a_file_in_conflict_is_listed_once(repository, git):
    root = repository({"a": "base\n"})
    git(root, "checkout", "-q", "-b", "other")
    (root / "a").write_text("other\n")
    git(root, "commit", "-qam", "other")
    git(root, "checkout", "-q", "main")
    (root / "a").write_text("main\n")
    git(root, "commit", "-qam", "main")
    with pytest.raises(Exception, match="merge"):
        git(root, "merge", "other")
    assert checkout.files(root) == ["a"]
    assert checkout.is_dirty(root)


@pytest.mark.parametrize("key", ["filter.evil.clean", "filter.evil.process", "filter.a=b.clean", "core.fsmonitor"])
def test_no_program_that_the_checkout_configures_is_run(repository, git, tmp_path, key):
    name = key.split(".")[1] if key.startswith("filter") else "none"
    root = repository({"a": "x", ".gitattributes": f"a filter={name}\n"})
    proof = tmp_path / "proof"
    git(root, "config", key, f"sh -c 'touch {proof}; cat'")
    os.utime(root / "a", (1, 1))  # git compares the content of a file whose time changed
    assert not checkout.is_dirty(root)
    checkout.files(root)
    assert not proof.exists()


@pytest.fixture
def superproject(repository, git, tmp_path):
    """A checkout with a submodule in `sub`."""
    inner = repository({"a": "x", ".gitattributes": "a filter=evil\n"}).rename(tmp_path / "inner")
    root = repository({"b": "y"})
    git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub")
    git(root, "commit", "-qm", "sub")
    return root


def test_no_program_that_a_submodule_configures_is_run(superproject, git, tmp_path):
    proof = tmp_path / "proof"
    git(superproject / "sub", "config", "filter.evil.clean", f"sh -c 'touch {proof}; cat'")
    os.utime(superproject / "sub" / "a", (1, 1))
    assert not checkout.is_dirty(superproject)
    assert not proof.exists()


@pytest.mark.parametrize("change", ["edit", "new", "commit"])
def test_a_changed_submodule_is_dirty(superproject, git, change):
    assert not checkout.is_dirty(superproject)
    (superproject / "sub" / ("new" if change == "new" else "a")).write_text("something else")
    if change == "commit":
        git(superproject / "sub", "commit", "-qam", "changed")
    assert checkout.is_dirty(superproject)


def test_a_submodule_that_was_not_fetched_is_clean(superproject, git):
    git(superproject, "submodule", "--quiet", "deinit", "sub")
    assert not checkout.is_dirty(superproject)


def test_no_program_of_a_remote_is_run_for_an_object_that_is_not_there(repository, git, tmp_path):
    root = repository({"a": "x"})
    program, proof = tmp_path / "upload-pack", tmp_path / "proof"
    program.write_text(f"#!/bin/sh\ntouch {proof}\n")
    program.chmod(0o755)
    tree = git(root, "rev-parse", "HEAD^{tree}")
    for key, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.url", str(root)),
        ("remote.origin.promisor", "true"),
        ("remote.origin.uploadpack", str(program)),
    ):
        git(root, "config", key, value)
    (root / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(UnreadableProblem):
        checkout.is_dirty(root)
    assert not proof.exists()


def test_a_required_filter_that_is_switched_off_does_not_fail_the_check(repository, git):
    root = repository({"a": "x", ".gitattributes": "a filter=crypt\n"})
    git(root, "config", "filter.crypt.clean", "tr a-z A-Z")
    git(root, "config", "filter.crypt.required", "true")
    os.utime(root / "a", (1, 1))
    assert checkout.is_dirty(root) in {True, False}


def test_settings_of_the_caller_are_kept_beside_ours(repository, git, monkeypatch):
    root = repository({"a": "x", ".gitattributes": "a filter=evil\n"})
    git(root, "config", "filter.evil.clean", "false")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "*")
    os.utime(root / "a", (1, 1))
    assert not checkout.is_dirty(root)


def test_moves_are_told_the_newest_first(repository, git):
    root = repository({"a.md": "line\n" * 40, "gone.md": "x", "b c.txt": "other\n" * 40})
    for old, new in (("a.md", "é d.md"), ("b c.txt", "sub/b.txt"), ("é d.md", "e.md")):
        (root / new).parent.mkdir(exist_ok=True)
        (root / old).rename(root / new)
        git(root, "add", "-A")
        git(root, "commit", "-qm", "x")
    (root / "gone.md").unlink()
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")
    assert checkout.moves(root) == [("gone.md", None), ("é d.md", "e.md"), ("b c.txt", "sub/b.txt"), ("a.md", "é d.md")]
    assert checkout.moves(root, [".txt"]) == [("b c.txt", "sub/b.txt")]


def test_without_a_commit_there_are_no_moves(tmp_path, git):
    git(tmp_path, "init", "-q")
    assert checkout.moves(tmp_path) == []


def test_what_git_would_ignore_is_known_whether_or_not_it_exists(repository):
    root = repository({".gitignore": "dist/\n*.log\n", "a.log": ""})
    assert checkout.ignored(root, ["dist/x/y.js", "a.log", "é.log", "b.md", "x\ny.log"]) == {
        "dist/x/y.js",
        "a.log",
        "é.log",
        "x\ny.log",
    }


def test_a_commit_gives_its_files_and_what_they_held(repository, git):
    root = repository({"a.md": "one\n", "é/b c.md": "two\nlines", "empty": ""})
    first = checkout.head(root)
    (root / "a.md").write_text("changed", encoding="utf-8")
    (root / "new.md").write_text("", encoding="utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")
    assert sorted(checkout.files_at(root, first)) == ["a.md", "empty", "é/b c.md"]
    held = checkout.contents_at(root, first, ["a.md", "é/b c.md", "empty", "gone", "é", "x\ny"])
    assert held == {"a.md": b"one\n", "é/b c.md": b"two\nlines", "empty": b""}


def test_the_steps_of_files_are_those_that_the_branch_saw(repository, git):
    root = repository({"docs/a.md": "one", "other/b.md": "x"})
    git(root, "checkout", "-q", "-b", "change")
    (root / "docs/a.md").write_text("two")
    git(root, "commit", "-qam", "a detour")
    (root / "docs/a.md").write_text("three")
    git(root, "commit", "-qam", "and back")
    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "change")
    git(root, "mv", "docs/a.md", "docs/b.md")
    git(root, "commit", "-qm", "another name")
    git(root, "rm", "-q", "docs/b.md")
    git(root, "commit", "-qm", "gone")
    steps = checkout.steps(root, ["docs"])
    assert [(each.before, each.after) for each in steps] == [
        (None, "docs/a.md"),
        ("docs/a.md", "docs/a.md"),
        ("docs/a.md", "docs/b.md"),
        ("docs/b.md", None),
    ]
    ids = [each.blob for each in steps if each.blob]
    assert list(checkout.blobs(root, list(dict.fromkeys(ids))).values()) == [b"one", b"three"]
    assert steps[0].at.isoformat() == "2026-03-01T12:00:00+00:00"


def test_a_folder_is_not_a_pattern(repository):
    root = repository({"docs/a.md": "one", ":(top)x/a.md": "two", "d*/a.md": "three"})
    assert [each.after for each in checkout.steps(root, ["d*"])] == ["d*/a.md"]
    assert [each.after for each in checkout.steps(root, [":(top)x"])] == [":(top)x/a.md"]


def test_blobs_that_are_not_there_are_left_out(repository):
    root = repository({"a": ""})
    empty = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert checkout.blobs(root, ["0" * 40, empty, "1" * 40]) == {empty: b""}


def test_the_branch_that_others_build_on_is_origins(repository, git):
    root = repository({"a": "x"})
    assert checkout.main_branch(root) is None
    git(root, "update-ref", "refs/remotes/origin/master", "HEAD")
    assert checkout.main_branch(root) == checkout.head(root)


def test_a_line_is_what_a_commit_descends_from(repository, git, tmp_path):
    root = repository({"a": "x"})
    git(root, "checkout", "-qb", "side")
    git(root, "commit", "-qm", "side", "--allow-empty")
    git(root, "checkout", "-q", "main")
    git(root, "commit", "-qm", "next", "--allow-empty")
    first, side, last = (git(root, "rev-parse", each) for each in ("HEAD~1", "side", "HEAD"))
    line = checkout.line(root, last)
    assert [line.position(each) for each in (first, last, side, "0" * 40)] == [0, 1, None, None]
    git(root, "merge", "-q", "--no-edit", "side")
    merged = checkout.line(root, "HEAD")
    assert merged.position(first) < min(merged.position(side), merged.position(last))
    assert merged.position(git(root, "rev-parse", "HEAD")) == 3
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "shallow")
    shallow = checkout.line(tmp_path / "shallow", "HEAD")
    assert (shallow.position(first), shallow.position(git(root, "rev-parse", "HEAD"))) == (-1, 0)


def test_a_clone_without_a_default_branch_is_told_how_to_get_one(repository):
    with pytest.raises(UsageProblem) as refused:
        checkout.resolve(repository({"a": "x"}), "origin/HEAD")
    assert "set-head origin --auto" in refused.value.remedy


def test_tags_name_commits_however_they_are_made(repository, git):
    root = repository({"a": "1"})
    commit = git(root, "rev-parse", "HEAD")
    git(root, "tag", "light")
    git(root, "tag", "-a", "-m", "annotated", "rel/heavy")
    git(root, "tag", "tree", "HEAD^{tree}")
    assert checkout.tags(root) == {"light": commit, "rel/heavy": commit}
