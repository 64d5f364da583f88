"""Markdown: its pointers with their places, and its anchors."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.documents.markdown import parse
from hardpoint.kernel.place import Place


def targets(text: str) -> list[str]:
    return [pointer.target for pointer in parse("a.md", text.encode()).pointers]


def anchors(text: str) -> frozenset[str]:
    return parse("a.md", text.encode()).anchors


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize(
    "text",
    [
        "[x](t.md)",
        "![x](t.md)",
        "[x](<t.md>)",
        '[x](t.md "title")',
        "[x][ref]\n\n[ref]: t.md",
        "[ref]\n\n[ref]: t.md",
        "![x][ref]\n\n[ref]: t.md",
        "| a |\n|---|\n| [x](t.md) |",
        "> - [x](t.md)",
        "[^1]\n\n[^1]: [x](t.md)",
        "# [x](t.md)",
        "**[x](t.md)**",
    ],
)
def test_every_form_of_link_and_image_is_a_pointer(text):
    assert targets(text) == ["t.md"]


@pytest.mark.parametrize(
    "text",
    [
        "`[x](t.md)`",
        "```\n[x](t.md)\n```",
        "    [x](t.md)",
        "<!-- [x](t.md) -->",
        r"\[x](t.md)",
        "---\nlink: '[x](t.md)'\n---\n",
        "[x] (t.md)",
    ],
)
def test_what_only_looks_like_a_link_is_none(text):
    assert targets(text) == []


@pytest.mark.requirement("DOC-01")
def test_a_pointer_knows_its_line_and_column_in_characters():
    (pointer,) = parse("a.md", "# Ü\r\n\r\nüü [x](t.md)\r\n".encode()).pointers
    assert pointer.place == Place("a.md", 3, 4)


def test_a_linked_image_is_two_pointers():
    assert sorted(targets("[![x](i.png)](t.md)")) == ["i.png", "t.md"]


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("# Restore the database", "restore-the-database"),
        ("## What's `new`, in 2.0?", "whats-new-in-20"),
        ("# A & B", "a--b"),
        ("# snake_case", "snake_case"),
        ("# Über", "über"),
        ("# *Bold* [link](x.md)", "bold-link"),
        ("# x {#own}", "own"),
        ("Title\n=====", "title"),
        ('<a id="here"></a>', "here"),
        ("<a name=here></a>", "here"),
        ("text <span id='in-line'>", "in-line"),
        ('<h2 align="center" id="mid">x</h2>', "mid"),
    ],
)
def test_anchors_are_those_of_the_forge(heading, anchor):
    assert anchor in anchors(heading)


def test_headings_of_one_text_are_numbered():
    assert anchors("# A\n\n# A\n\n# A\n") == {"a", "a-1", "a-2"}


def test_a_byte_order_mark_hides_no_heading():
    assert parse("a.md", b"\xef\xbb\xbf# Title\n").anchors == {"title"}


def test_text_that_is_not_utf8_still_has_its_pointers():
    assert parse("a.md", b"\xff\xfe [x](t.md)").pointers[0].target == "t.md"


def test_large_and_odd_documents_are_read():
    for text in ("[" * 20_000, "> " * 5_000 + "x", "*a " * 20_000, "\x00", "[x](" + "(" * 5_000, "# " * 5_000):
        parse("a.md", text.encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_read(content):
    document = parse("a.md", content)
    assert all(pointer.place.line >= 1 for pointer in document.pointers)


@pytest.mark.parametrize("part", ["[a](b) ", "<h1 ", "<h1>", "<a id "], ids=["pointers", "cut off", "headings", "ids"])
def test_reading_takes_no_more_than_a_time_in_proportion_to_the_length(part):
    began = time.process_time()
    parse("a.md", part.encode() * 300_000)
    assert time.process_time() - began < 12
