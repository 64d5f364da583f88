"""A glance sees what reading event by event sees, and never less."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.documents.glance import glance
from hardpoint.assurance.documents.markdown import parse
from hardpoint.assurance.documents.slugs import Dialect

ROOT = Path(__file__).parents[3]
PIECES = [
    "# One\n",
    "## Two & *three* `four`\n",
    "## Five {#own .class}\n",
    "Six\nseven\n===\n",
    "## A\\\nB\n",
    "## <b>Bold</b> &amp; plain\n",
    "## [link](a.md) and ![image](b.png)\n",
    "<h2 id='raw'>Raw</h2>\n",
    "[x](a.md) ",
    "[x](<a b.md>) ",
    "[x](a&b.md#c 'title') ",
    "[x](\u00e4.md) ",
    "![x](a.png) ",
    "<https://example.org/a?b&c> <me@example.org> ",
    "<img SRC='a.svg' alt=x> <a href=b.md>x</a> ",
    "<a name='here'></a> ",
    "<!-- <a href='no.md' id='no'> --> ",
    "`docs/a.md` `a & b/c.md` ",
    "```html\n<a href='no.md' id='no'>\n# no\n```\n",
    "    # no <a href='no.md'>\n",
    "[x][label] [y][] [z] ",
    "\n[label]: a.md\n",
    '{{< ref "a.md" >}} ',
    "text[^1] ",
    "\n[^1]: note [x](n.md)\n",
    "(target)=\n",
    "| a | b |\n|---|---|\n| [x](t.md) | `d/e.md` |\n",
    "> - [x](q.md)\n",
    "text\n",
    "\n",
    "\n\n",
    "---\n",
    "---\nslug: here\n---\n",
    "< ",
    "<a href='unclosed ",
    "\\",
]


def agrees(text, dialect):
    seen, read = glance("a.md", text.encode(), dialect), parse("a.md", text.encode(), dialect)
    if seen is None:
        return False
    assert seen.anchors == read.anchors
    assert seen.ids == read.ids or set(seen.ids) == set(read.ids)
    assert seen.names == read.names
    assert {_plain(each) for each in read.targets} <= {_plain(each) for each in seen.targets}
    assert set(read.paths) <= set(seen.paths)
    assert {each.form.value for each in read.pointers} <= {"link", "image", "html", "code"}
    return True


def _plain(target):
    """Rendering escapes what an address must not hold; whoever follows it undoes that."""
    from urllib.parse import unquote

    return unquote(target)


@pytest.mark.requirement("DOC-01")
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.sampled_from(Dialect))
def test_a_glance_agrees_with_a_reading(text, dialect):
    agrees(text, dialect)


@given(st.text(alphabet="#[]()<>`\"'!&=-_*~{}:/.\\ \n\tabAB1\u00e9", max_size=60))
def test_a_glance_agrees_with_a_reading_of_any_text(text):
    agrees(text, Dialect.GITHUB)


@pytest.mark.parametrize("text", ["[x][y]", "[y]: a.md", '{{< ref "a" >}}', "<h1>x</h1>", "# [x](a.md)"])
def test_what_html_does_not_show_needs_a_reading(text):
    assert glance("a.md", text.encode(), Dialect.GITHUB) is None


def test_most_documents_of_this_repository_need_no_more_than_a_glance():
    documents = [file.read_text() for file in (ROOT / "docs").rglob("*.md")]
    seen = [agrees(text, Dialect.GITHUB) for text in documents]
    assert sum(seen) > 0.8 * len(seen)
