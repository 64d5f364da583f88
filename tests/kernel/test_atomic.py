"""Files that are written whole or not at all."""

import os
from pathlib import Path

import pytest

from hardpoint.kernel.atomic import add_file, replace_file, write_file
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


def test_a_file_anywhere_is_written_whole_over_what_was_there(tmp_path):
    for content in (b"old", b"new"):
        write_file(tmp_path / "gate.prom", content)
    assert (tmp_path / "gate.prom").read_bytes() == b"new"
    assert (tmp_path / "gate.prom").stat().st_mode & 0o777 == 0o644
    assert [each.name for each in tmp_path.iterdir()] == ["gate.prom"]


def test_a_link_keeps_leading_to_what_is_written(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_file(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"x"


def test_what_is_no_ordinary_file_is_written_and_not_replaced():
    write_file(Path(os.devnull), b"x")
    assert Path(os.devnull).is_char_device()


def test_a_file_in_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageProblem, match="cannot be written"):
        write_file(tmp_path / "no" / "file", b"x")
