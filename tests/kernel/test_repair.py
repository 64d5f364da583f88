"""Repairs."""

import subprocess

from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.repair import repairs
from hardpoint.kernel.workspace import Workspace


def found(
    replaces: str | None, suggestion: str | None, *, line: int = 1, column: int = 1, file: str = "a.md"
) -> Finding:
    return Finding(
        rule="AAA001",
        severity=Severity.ERROR,
        place=Place(file, line, column),
        text="is wrong",
        replaces=replaces,
        suggestion=suggestion,
    )


def repaired(text: str | bytes, *findings: Finding) -> bytes:
    (repair,) = repairs(findings, Workspace.of({"a.md": text}))
    return repair.after


def test_the_text_at_the_place_gives_way_to_the_suggestion():
    assert repaired("see [x](old.md), not [y](old.md)\n", found("old.md", "new.md", column=15)) == (
        b"see [x](old.md), not [y](new.md)\n"
    )


def test_what_is_read_through_a_link_is_left_to_people(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "a.md").write_text("see [x](old.md)\n")
    (tmp_path / "docs" / "b.md").symlink_to("../a.md")
    both = [found("old.md", "new.md"), found("old.md", "../new.md", file="docs/b.md")]
    assert [repair.file for repair in repairs(both, Workspace.open(tmp_path))] == ["a.md"]


def test_columns_are_of_the_line_as_it_was_whatever_is_repaired_to_its_left():
    text = "ü [x](long-name.md) [y](b.md) [z](b.md)\n"
    after = repaired(text, found("long-name.md", "a.md", column=3), found("b.md", "c.md", column=31))
    assert after.decode() == "ü [x](a.md) [y](b.md) [z](c.md)\n"


def test_the_ends_of_lines_stay_as_they_are():
    assert repaired("a\r\nold\r\nb", found("old", "new", line=2)) == b"a\r\nnew\r\nb"


def test_bytes_that_are_not_utf_8_stay_as_they_are():
    assert repaired(b"\xff old \xfe\n", found("old", "new", column=3)) == b"\xff new \xfe\n"


def test_a_line_that_is_left_blank_goes():
    text = "steps:\n  continue-on-error: true\n  run: x\n"
    assert repaired(text, found("continue-on-error: true", "", line=2, column=3)) == b"steps:\n  run: x\n"


def test_what_is_not_there_overlaps_or_has_no_suggestion_is_left_alone():
    workspace = Workspace.of({"a.md": "abc\n"})
    assert repairs([found("x", "y"), found("a", None), found(None, "y"), found("a", "y", line=9)], workspace) == []
    (repair,) = repairs([found("ab", "-"), found("bc", "+", column=2)], workspace)
    assert (repair.after, len(repair.findings)) == (b"-c\n", 1)


def test_git_takes_the_patch(git, repository):
    root = repository({"a.md": "one\r\ntwo\u2028old\nlast", "b.md": "old\n"})
    findings = [found("old", "new", line=2), found("last", "end", line=3), found("old", "new", file="b.md")]
    made = repairs(findings, Workspace.open(root))
    patch = "".join(each.patch for each in made) + "3 repairs in 2 files\n"
    subprocess.run(["git", "apply", "-"], cwd=root, input=patch.encode(), check=True)
    assert {each.file: (root / each.file).read_bytes() for each in made} == {each.file: each.after for each in made}


@given(st.lists(st.sampled_from(["old", "x", "ü", " "]), min_size=1, max_size=12))
def test_every_repair_that_is_certain_is_made_in_one_run(words):
    text = "".join(words)
    columns = [sum(map(len, words[:at])) + 1 for at, word in enumerate(words) if word == "old"]
    made = repairs([found("old", "new!", column=column) for column in columns], Workspace.of({"a.md": text}))
    assert (made[0].after.decode() if made else text) == text.replace("old", "new!")
