"""The index, numbered documents, and the tracks of a plan."""

import pytest

from hardpoint.assurance.documents.index import reach
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.rules.index import misnumbered, unmatched_track, unreachable
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.workspace import Workspace


def ran(files, rule):
    (run,) = run_rules(Workspace.of(files, [DOCUMENTS]), [rule])
    return run


def found(files, rule):
    run = ran(files, rule)
    assert run.error is None
    return [(str(each.place), each.text) for each in run.findings]


INDEX = "version: 1\ndocuments:\n  index: {document: docs/home.md}\n"


@pytest.mark.requirement("PLN-03")
def test_what_no_link_reaches_is_found_at_any_distance():
    files = {
        "hardpoint.yaml": INDEX,
        "docs/home.md": "[a](a.md) [f](guide)\n",
        "docs/a.md": "[b](sub/b.md#x)\n",
        "docs/sub/b.md": "[back](../home.md)\n",
        "docs/sub/alone.md": "[itself](alone.md)\n",
        "docs/guide/one.md": "x",
        "docs/guide/deep/two.md": "x",
        "README.md": "[alone](docs/sub/alone.md)\n",
    }
    assert [place for place, _ in found(files, unreachable)] == ["docs/guide/deep/two.md", "docs/sub/alone.md"]


@pytest.mark.requirement("PLN-03")
def test_the_depth_is_what_the_team_says():
    files = {
        "hardpoint.yaml": INDEX.replace("home.md}", "home.md, depth: 1}"),
        "docs/home.md": "[a](a.md)\n",
        "docs/a.md": "[b](b.md)\n",
        "docs/b.md": "x",
    }
    ((place, text),) = found(files, unreachable)
    assert place == "docs/b.md"
    assert text.endswith("within 1 link: it takes 2")


def test_an_index_that_is_not_there_is_no_pass():
    run = ran({"hardpoint.yaml": INDEX, "docs/a.md": "x"}, unreachable)
    assert run.error is not None
    assert "docs/home.md" in run.error


@pytest.mark.parametrize(
    "files",
    [
        {"docs/a.md": "x"},
        {"docs/index.md": "# Hello\n", "docs/a.md": "x", "docs/b.md": "x"},
        {"docs/index.md": "[a](a.md)\n", "docs/a.md": "x", "docs/b.md": "x", "docs/conf.py": ""},
        {"docs/index.md": "[a](a.md)\n", "docs/a.md": "x", "docs/b.md": "x", "docusaurus.config.js": ""},
        {"docs/index.md": "[a](a.md)\n", "docs/a.md": "x", "mkdocs.yml": "site_name: x\n"},
        {"docs/index.md": "[a](a.md)\n", "docs/a.md": "x", "mkdocs.yml": "nav:\n  - Guide: guide/\n"},
    ],
)
def test_where_nothing_shows_an_index_there_is_none(files):
    assert reach(Workspace.of(files, [DOCUMENTS])) is None


def test_the_nav_of_mkdocs_is_an_index():
    nav = "site_name: x\nnav:\n  - Home: index.md\n  - Guide:\n      - guide/a.md\ntheme: y\n"
    files = {
        "mkdocs.yml": nav,
        "docs/index.md": "x",
        "docs/guide/a.md": "[b](b.md)",
        "docs/guide/b.md": "",
        "docs/c.md": "",
    }
    assert [place for place, _ in found(files, unreachable)] == ["docs/c.md"]


@pytest.mark.requirement("PLN-02")
def test_numbers_are_listed_once_each_and_without_gaps():
    files = {
        "docs/00-index.md": "[a](01-a.md) [b](02-b.md) [d](04-d.md)\n",
        **dict.fromkeys(("docs/01-a.md", "docs/02-b.md", "docs/02-c.md", "docs/04-d.md"), "x"),
    }
    assert [text for _, text in found(files, misnumbered)] == [
        "02-c.md has the number of 02-b.md",
        "docs/00-index.md does not list 02-c.md",
        "no document has the number 03, before 04-d.md",
    ]


def test_numbers_without_an_index_are_nobodys_business():
    assert ran({"docs/01-a.md": "", "docs/03-b.md": ""}, misnumbered).examined == 0


TRACKS = """version: 1
documents:
  index: {document: docs/00-index.md}
  tracks:
    - {name: architecture, document: docs/01-architecture.md}
    - {name: security, document: docs/02-security.md}
    - {name: operations, document: docs/03-operations.md}
"""


@pytest.mark.requirement("PLN-02")
def test_tracks_documents_and_the_index_are_one_to_one():
    whole = {
        "hardpoint.yaml": TRACKS,
        "docs/00-index.md": "[a](01-architecture.md) [s](02-security.md) [o](03-operations.md)\n",
        **dict.fromkeys(("docs/01-architecture.md", "docs/02-security.md", "docs/03-operations.md"), "x"),
    }
    assert found(whole, unmatched_track) == []
    without = {name: text for name, text in whole.items() if name != "docs/02-security.md"}
    assert found(without, unmatched_track) == [
        ("hardpoint.yaml:6:34", "the track security has no document docs/02-security.md")
    ]
    assert found({**whole, "docs/04-cost.md": "x"}, unmatched_track) == [
        ("docs/04-cost.md", "04-cost.md is the document of no track")
    ]
    unlisted = {**whole, "docs/00-index.md": "[a](01-architecture.md) [s](02-security.md)\n"}
    assert [place for place, _ in found(unlisted, unmatched_track)] == ["docs/00-index.md"]
    twice = {**whole, "hardpoint.yaml": TRACKS.replace("03-operations", "02-security")}
    assert [text for _, text in found(twice, unmatched_track)] == [
        "03-operations.md is the document of no track",
        "docs/02-security.md is the document of another track already",
    ]


def test_an_index_with_front_matter_is_a_page_of_a_site_that_lists_its_pages():
    files = {"docs/index.md": "---\ntitle: x\n---\n[a](a.md)\n", "docs/a.md": "", "docs/b.md": ""}
    assert reach(Workspace.of(files, [DOCUMENTS])) is None


def test_what_pages_take_in_is_no_page():
    files = {"docs/index.md": "[a](a.md)\n", "docs/a.md": "", "docs/_includes/b.md": "", "docs/c.md": ""}
    assert [place for place, _ in found(files, unreachable)] == ["docs/c.md"]
