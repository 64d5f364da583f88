"""Patterns of .gitignore: what is none matches nothing, and breaks nothing."""

import pytest

from hardpoint.kernel.ignoring import spec_of


@pytest.mark.parametrize("none", ["[z-a]", "!", "\\", "x/[9-0]/*.md"])
def test_what_is_no_pattern_matches_nothing_and_leaves_the_others(none):
    spec = spec_of([none, "docs/", "!docs/a.md"])
    assert spec.match_file("docs/b.md")
    assert not spec.match_file(none)
    assert not spec.match_file("z")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("CODEOWNERS", "x[z-a] @me\n"),
        (".gitattributes", "[z-a] linguist-vendored\n"),
        ("hardpoint.yaml", 'version: 1\ndocuments: {exclude: ["[z-a]"]}\n'),
    ],
)
def test_no_file_of_patterns_ends_a_check(cli, repository, file, text):
    root = repository({"README.md": "[x](gone.md)\n", file: text})
    assert cli("check", "--rule", "DOC001", folder=root).exit == 1
    assert cli("assess", folder=root).exit == 0
