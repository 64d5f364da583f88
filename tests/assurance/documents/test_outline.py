"""What a document says besides its pointers, and what it says about itself."""

import time
from datetime import date

import pytest

from hardpoint.assurance.documents.fields import read_fields
from hardpoint.assurance.documents.outline import outline, read_outline, sections_named
from hardpoint.kernel.workspace import Workspace


def test_sections_know_whether_they_are_filled():
    made = read_outline("a.md", "# A\n\n## Empty\n\n## 2. Scope\n\n### Below\n\nText.\n\n## Picture\n\n![x](y.png)\n")
    assert [(each.title, each.line, each.filled) for each in made.sections] == [
        ("A", 1, True),
        ("Empty", 3, False),
        ("2. Scope", 5, True),
        ("Below", 7, True),
        ("Picture", 11, True),
    ]
    assert [each.line for each in sections_named(made, "scope")] == [5]
    assert list(sections_named(made, "out of scope")) == []


def test_tasks_have_their_own_text_and_what_stands_beside_it():
    text = "- [x] One [a](b.md)\n  - [ ] Two `c.py`\n- [X] Three\n\n  More.\n- four\n"
    one, two, three = read_outline("a.md", text).tasks
    assert (one.ticked, one.line, one.text.strip(), one.links, one.parent) == (True, 1, "One a", ["b.md"], True)
    assert (two.ticked, two.text.strip(), two.parent) == (False, "Two `c.py`", False)
    assert "Two" in one.beside
    assert (three.ticked, "More." in three.beside) == (True, True)


def test_rows_codes_links_and_comments_have_their_places():
    text = "| a | b |\n|---|---|\n| 1 | `x` |\n\nThe plan is [here](p.md).\n\n```sh\nmake\n```\n\n<!-- note -->\n"
    made = read_outline("a.md", text)
    assert [(row.head, row.cells, row.line) for row in made.rows] == [(("a", "b"), ("1", "`x`"), 3)]
    assert [(link.target, link.before, link.text, link.line, link.column) for link in made.links] == [
        ("p.md", "The plan is ", "here", 5, 13)
    ]
    assert [(code.text, code.line, code.language) for code in made.codes] == [("x", 3, None), ("make\n", 8, "sh")]
    assert [(comment.strip(), line) for comment, line in made.comments] == [("<!-- note -->", 11)]


@pytest.mark.parametrize(
    "text",
    [
        "# h\n" * 100_000,
        "- [x] a `b` *c*\n" * 50_000,
        "a `b` [c](d) " * 60_000,
        "> " * 5_000 + "x\n",
        "".join(f"{'  ' * depth}- [x] a\n" for depth in range(500)),
        "- x\n\n      " + "code line\n      " * 50_000,
        "| a " * 20_000 + "|\n" + "|---" * 20_000 + "|\n" + "| b " * 20_000 + "|\n",
        "[" * 50_000,
        "\x00\ufffd" * 10_000,
        "<!--" * 200_000,
        "#" + " " * 500_000 + "x",
        "- [x] " + "(A a " * 100_000,
        "---\n" + "a" * 500_000 + "\n---\n",
        "| " + "a" * 500_000 + " |",
    ],
)
def test_a_hostile_document_is_read_in_time(text):
    began = time.monotonic()
    read_outline("a.md", text)
    read_fields("a.md", text)
    assert time.monotonic() - began < 10


def test_what_cannot_be_read_has_an_empty_outline(tmp_path):
    (tmp_path / "a.md").symlink_to("a.md")
    (tmp_path / "b.md").write_bytes(b"# \xff\xfe\n")
    workspace = Workspace.open(tmp_path)
    assert outline("a.md", workspace).sections == []
    assert outline("b.md", workspace).sections[0].line == 1


@pytest.mark.requirement("DOC-08")
@pytest.mark.parametrize(
    ("text", "value", "line"),
    [
        ("---\ntitle: x\nowner: team-a # them\n---\n# A\n", "team-a", 3),
        ("---\nowner: 'team-a'\n---\n", "team-a", 2),
        ('+++\nowner = "team-a"\n+++\n', "team-a", 2),
        ("# A\n\nOwner: team-a\n", "team-a", 3),
        ("# A\n\n- **Owner:** team-a\n", "team-a", 3),
        ("# A\n\n> *Owner*: [team-a](t.md)\n", "team-a", 3),
        ("# A\n\n| Owner | team-a |\n", "team-a", 3),
        ("# A\n\n## Owner\n\nteam-a\n", "team-a", 5),
    ],
)
def test_an_owner_is_read_however_it_is_written(text, value, line):
    said = read_fields("a.md", text)["owner"]
    assert (said.value, said.place.line) == (value, line)


def test_a_field_below_the_first_section_is_no_field_and_neither_is_one_in_code():
    assert read_fields("a.md", "# A\n\n## B\n\nOwner: team-a\n") == {}
    assert read_fields("a.md", "# A\n\n<!--\nOwner: team-a\n-->\n") == {}
    assert read_fields("a.md", "# A\n\n```\nOwner: team-a\n```\n") == {}


def test_names_lists_words_and_dates():
    text = "---\nReview-By: 2026-03-31T00:00:00Z\nowners:\n  - a\n  - b\nstatus: Superseded by 0012\n---\n"
    found = read_fields("a.md", text)
    assert found["review_by"].date == date(2026, 3, 31)
    assert found["owners"].value == "a, b"
    assert found["status"].word == "superseded"
    assert found["status"].date is None


@pytest.mark.parametrize(
    "value", ["", "TBD", "tba.", "to be decided", "-", "?", "…", "None", "N/A", "<name>", "{{ x }}", "[name]"]
)
def test_what_only_stands_for_a_value_is_unfilled(value):
    assert read_fields("a.md", f"# A\n\nOwner: {value}\n")["owner"].unfilled


@pytest.mark.parametrize("value", ["team-a", "TBD-team", "@acme/none-such", "Ann"])
def test_a_value_is_filled(value):
    assert not read_fields("a.md", f"# A\n\nOwner: {value}\n")["owner"].unfilled
