"""Files that are written whole or not at all."""

import pytest

from hardpoint.kernel.atomic import add_file, replace_file
from hardpoint.kernel.problem import UsageProblem


def test_a_file_is_added_with_the_folders_above_it(tmp_path):
    add_file(tmp_path, "a/b/c.md", b"x")
    assert (tmp_path / "a/b/c.md").read_bytes() == b"x"
    assert [each.name for each in (tmp_path / "a/b").iterdir()] == ["c.md"]


def test_what_is_there_is_never_added_over(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(UsageProblem, match="appeared meanwhile"):
        add_file(tmp_path, "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_file_is_replaced_with_its_rights(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a").chmod(0o640)
    replace_file(tmp_path, "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("write", [add_file, replace_file])
def test_nothing_is_written_outside_of_the_repository(tmp_path, write):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out")
    with pytest.raises(UsageProblem, match="leads out"):
        write(tmp_path / "in", "link", b"x")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("write", [add_file, replace_file])
def test_what_cannot_be_written_is_said(tmp_path, write):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageProblem, match="cannot be written"):
        write(tmp_path, "file/below", b"x")
