"""Slugs are those of the real implementations: slugs.json holds what these made of headings of ours."""

import json
import time
from pathlib import Path

import pytest

from hardpoint.assurance.documents.slugs import Dialect, anchors

PAGES = json.loads(Path(__file__).with_name("slugs.json").read_text(encoding="utf-8"))["pages"]
CASES = [(dialect, page) for page in PAGES for dialect in Dialect if dialect.value in page]


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize(("dialect", "page"), CASES, ids=lambda value: getattr(value, "value", ""))
def test_anchors_are_what_the_publisher_makes_of_the_page(dialect, page):
    assert anchors(page["headings"], dialect) == page[dialect.value]


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Restore the database", "restore-the-database"),
        ("This -- that", "this-that"),
        ("A & B", "a-b"),
        ("12", "anchor-12"),
        ("2.0", "anchor-20"),
        ("Über uns", "über-uns"),
        ("Epics (PREMIUM)", "epics"),
        ("Geo **(PREMIUM SELF)**", "geo"),
    ],
)
def test_gitlab_collapses_hyphens_and_marks_numbers(heading, anchor):
    assert anchors([heading], Dialect.GITLAB) == [anchor]


@pytest.mark.parametrize(
    ("headings", "made"),
    [
        (
            ["A & B", "This -- that", "snake_case", "Über", "v1.2"],
            ["a--b", "this----that", "snake_case", "über", "v12"],
        ),
        (["A", "A", "A-1", "A"], ["a", "a-1", "a-1-1", "a-2"]),
        (["!", "!"], ["heading", "heading-1"]),
        (["e\u0301"], ["e"]),
    ],
)
def test_hugo_keeps_letters_digits_and_underscores(headings, made):
    assert anchors(headings, Dialect.HUGO) == made


def test_gitbook_spells_and_out_and_keeps_dots():
    assert anchors(["Terms & conditions", "1. Install"], Dialect.GITBOOK) == ["terms-and-conditions", "id-1.-install"]


def test_an_id_that_an_author_gave_is_taken_on_a_page_of_mkdocs():
    assert anchors(["Setup"], Dialect.MKDOCS, ["setup"]) == ["setup_1"]


@pytest.mark.parametrize("dialect", Dialect)
def test_many_equal_headings_are_told_apart_in_time_in_proportion(dialect):
    began = time.process_time()
    made = anchors(["Example"] * 50_000, dialect)
    assert len(set(made)) == 50_000
    assert time.process_time() - began < 6
