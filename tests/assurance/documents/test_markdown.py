"""Markdown: its pointers with their places, and its anchors."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.documents.corpus import anchors_of
from hardpoint.assurance.documents.markdown import Form, is_composed, parse
from hardpoint.kernel.place import Place
from hardpoint.kernel.workspace import Workspace

NO_TARGETS = {Form.CODE, Form.LABEL, Form.UNUSED}


def pointers(text: str) -> list[tuple[str, str, str]]:
    found = parse("a.md", text.encode()).pointers
    return [(each.form.value, each.target, f"{each.line}:{each.column}") for each in found]


def targets(text: str) -> list[str]:
    return [pointer.target for pointer in parse("a.md", text.encode()).pointers if pointer.form not in NO_TARGETS]


def anchors(text: str) -> frozenset[str]:
    return anchors_of("a.md", Workspace.of({"a.md": text}))


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
        '<img src="t.md">',
        "text <a href='t.md'>x</a>",
        "<p>\n<img\n  src=t.md>\n</p>",
        "[ref]: t.md",
        "[ref]: <t.md>",
        "> [ref]:\n> t.md",
        '{{< ref "t.md" >}}',
        '[x]({{% relref "t.md" %}})',
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
        '<!-- <img src="t.md"> -->',
        '<p data-src="t.md">',
        '```html\n<img src="t.md">\n```',
        '`<img src="t.md">`',
        'src="t.md"',
        "```\n[ref]: t.md\n```",
        "a paragraph\n[ref]: t.md",
        '`{{< ref "t.md" >}}`',
    ],
)
def test_what_only_looks_like_a_link_is_none(text):
    assert targets(text) == []


@pytest.mark.requirement("DOC-01")
def test_a_pointer_knows_its_line_and_column_in_characters():
    document = parse("a.md", "# Ü\r\n\r\nüü [x](t.md)\r\n".encode())
    assert document.place(document.pointers[0]) == Place("a.md", 3, 4)


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see `docs/x.md`", [("code", "docs/x.md", "1:5")]),
        ("see `src/app/main.py:12`", [("code", "src/app/main.py:12", "1:5")]),
        ("`docs/<name>.md` `a/*.md` `~/x/y.md y` `git log a/b`", []),
        ("`main.py`", []),
        ("`src/main.py`:\n\n```python\n```", []),
        ("**`src/main.py`**\n```python\n```", []),
        ("[x][gone]", [("label", "gone", "1:1")]),
        ("[gone][]", [("label", "gone", "1:1")]),
        ("[gone] a[0][1] [ ][x] `[x][gone]`", []),
        ("[used] [^1]\n\n[used]: t.md\n[^1]: note", [("definition", "t.md", "3:9")]),
        ("[not]: t.md", [("unused", "not", "1:1"), ("definition", "t.md", "1:8")]),
        ("[//]: # (a comment)", [("definition", "#", "1:7")]),
        ("[x\ny](t.md)", [("link", "t.md", "2:4")]),
        ("[]() ![]()", [("link", "", "1:1"), ("image", "", "1:6")]),
    ],
)
def test_paths_labels_and_empty_targets_are_pointers_too(text, found):
    assert pointers(text) == found


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("[x](t.md)", "t.md"),
        ("[x](<a b.md>)", "a b.md"),
        (r"[x](a\_b.md)", r"a\_b.md"),
        ("[x](a&amp;b.md 'title')", "a&amp;b.md"),
        ("[t.md](t.md)", "t.md"),
        ('<a href="a&amp;b.md">', "a&amp;b.md"),
        ("[x]: <a b.md>", "a b.md"),
    ],
)
def test_a_pointer_knows_how_it_is_written(text, written):
    assert written in [pointer.written for pointer in parse("a.md", text.encode()).pointers]
    assert written in text


@pytest.mark.parametrize(
    ("text", "composed"),
    [
        ('--8<-- "x.md"', True),
        ("{{#include x.md}}", True),
        ("<!--@include: ./x.md-->", True),
        ("import X from './_x.mdx'", True),
        ("::: mkdocs-click", True),
        ("```{include} x.md\n```", True),
        ("{{< readfile x.md >}}", True),
        ('{{< ref "x.md" >}}', False),
        ("a ::: b, and import x", False),
    ],
)
def test_a_document_that_takes_others_in_is_known(text, composed):
    assert is_composed(text.encode()) is composed


def test_what_the_front_matter_says_of_the_address_is_kept():
    text = "---\nslug: /start\nid: begin\naliases:\n  - /old\n---\n# x\n"
    assert set(parse("a.md", text.encode()).names) == {"/start", "begin", "/old"}


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
        ("# ![logo](x.png) Title", "-title"),
        ("# ![logo](x.png) Title", "logo-title"),
        ("Two\nlines\n===", "two-lines"),
        ("(here)=\n# x", "here"),
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
    assert anchors("\ufeff# Title\n") == {"title"}


def test_text_that_is_not_utf8_still_has_its_pointers():
    assert parse("a.md", b"\xff\xfe [x](t.md)").pointers[0].target == "t.md"


def test_large_and_odd_documents_are_read():
    for text in ("[" * 20_000, "> " * 5_000 + "x", "*a " * 20_000, "\x00", "[x](" + "(" * 5_000, "# " * 5_000):
        parse("a.md", text.encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_read(content):
    document = parse("a.md", content)
    assert all(pointer.line >= 1 and pointer.column >= 1 for pointer in document.pointers)


@pytest.mark.parametrize(
    "part", ["[a](b) ", "<h1 ", "<h1>", "<a id ", "[a][b] ", "[a]: b\n", "`a/b.c` ", "<a\nb=c>\n\n"]
)
def test_reading_takes_no_more_than_a_time_in_proportion_to_the_length(part):
    began = time.process_time()
    parse("a.md", part.encode() * 300_000)
    assert time.process_time() - began < 12
