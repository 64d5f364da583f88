"""Changes: what a working tree has that its base has not, and what its commits say."""

import os

import pytest

from hardpoint.kernel.change import change_since
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem
from hardpoint.kernel.workspace import Workspace


def test_a_change_reaches_from_the_common_ancestor_to_the_working_tree(repository, git):
    root = repository({"a.py": "1\n", "b.py": "2\n", "c.py": "x = 1\ny = 2\nz = 3\n", "d.py": "4\n"})
    git(root, "checkout", "-q", "-b", "topic")
    (root / "a.py").write_text("10\n")
    git(root, "mv", "c.py", "moved.py")
    git(root, "rm", "-q", "d.py")
    git(root, "commit", "-qam", "change")
    git(root, "checkout", "-q", "main")
    (root / "b.py").write_text("20\n")
    git(root, "commit", "-qam", "meanwhile")
    git(root, "checkout", "-q", "topic")
    (root / "new.py").write_text("5\n")
    change = change_since(root, "main")
    assert (change.added, change.modified, change.deleted) == ({"new.py"}, {"a.py"}, {"d.py"})
    assert change.renamed == {"moved.py": "c.py"}
    assert change.touched == {"a.py", "new.py", "d.py", "moved.py", "c.py"}
    assert change.written == {"a.py", "new.py"}
    assert [change.before(name) for name in ("a.py", "moved.py", "new.py", "none")] == [
        b"1\n",
        b"x = 1\ny = 2\nz = 3\n",
        None,
        None,
    ]


def test_a_file_that_moved_and_changed_is_both(repository, git):
    root = repository({"c.py": "".join(f"line {n}\n" for n in range(40))})
    git(root, "mv", "c.py", "moved.py")
    (root / "moved.py").write_text("".join(f"line {n}\n" for n in range(39)))
    git(root, "add", "-A")
    change = change_since(root, "HEAD")
    assert (change.renamed, change.modified, change.added) == ({"moved.py": "c.py"}, {"moved.py"}, frozenset())


def test_commits_say_which_files_they_touch_and_why(repository, git):
    root = repository({"a.py": "1\n", "b.py": "2\n"})
    git(root, "checkout", "-q", "-b", "topic")
    (root / "a.py").write_text("10\n")
    git(root, "commit", "-qam", "tidy\n\nDocs-Exempt: only the name of a variable\n")
    (root / "b.py").write_text("20\n")
    first, pending = change_since(root, "main").commits
    assert (first.files, first.trailer("docs-exempt")) == ({"a.py"}, "only the name of a variable")
    assert (pending.files, pending.trailer("Docs-Exempt")) == ({"b.py"}, None)
    assert first.trailer("Other") is None


def test_a_trailer_without_a_reason_is_none(repository, git):
    root = repository({"a.py": "1\n"})
    git(root, "checkout", "-q", "-b", "topic")
    (root / "a.py").write_text("10\n")
    git(root, "commit", "-qam", "tidy\n\nDocs-Exempt:\n\nmore\n")
    assert change_since(root, "main").commits[0].trailer("Docs-Exempt") is None


def test_names_with_spaces_line_ends_and_other_bytes_are_read(repository, git):
    root = repository({"a.py": "1\n"})
    for name in (b"two words.py", b"line\nend.py", b"caf\xe9.py"):
        (root / os.fsdecode(name)).write_text("x")
    assert change_since(root, "HEAD").added == {"two words.py", "line\nend.py", "caf\\xe9.py"}
    git(root, "add", "-A")
    git(root, "commit", "-qm", "odd")
    change = change_since(root, "HEAD~1")
    assert change.added == {"two words.py", "line\nend.py", "caf\\xe9.py"}
    assert change.commits[0].files == change.added


def test_what_names_no_commit_is_refused(repository):
    root = repository({"a.py": "1\n"})
    with pytest.raises(UsageProblem, match="names no commit"):
        change_since(root, "gone")
    with pytest.raises(UsageProblem, match="names no commit"):
        change_since(root, "--output=x")


def test_a_base_that_has_nothing_in_common_is_refused(repository, git):
    root = repository({"a.py": "1\n"})
    git(root, "checkout", "-q", "--orphan", "other")
    git(root, "commit", "-qm", "other")
    with pytest.raises(UnreadableProblem, match="no commit in common"):
        change_since(root, "main")


def test_a_workspace_is_a_change_only_where_it_is_asked_for(repository, tmp_path):
    root = repository({"a.py": "1\n"})
    assert Workspace.open(root).change is None
    assert Workspace.open(root, against="HEAD").change.touched == frozenset()
    (tmp_path / "plain").mkdir()
    with pytest.raises(UsageProblem, match="names no commit"):
        _ = Workspace.open(tmp_path / "plain", against="HEAD").change


def test_a_change_between_files_in_memory():
    change = Workspace.of({"a": "1", "b": "2", "c": "3"}, before={"a": "1", "b": "0", "d": "4"}).change
    assert (change.added, change.modified, change.deleted) == ({"c"}, {"b"}, {"d"})
    assert (change.before("b"), change.before("c")) == (b"0", None)
