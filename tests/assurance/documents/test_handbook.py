"""Published standards, and what code refers to."""

import pytest

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.rules.handbook import hidden_standard, unknown_standard
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.workspace import Workspace

MANIFEST = """version: 1
documents:
  handbook: {index: handbook/README.md, ids: ["STD-#", "ERR_*"], code: [src/, "*.md"]}
"""
FILES = {
    "hardpoint.yaml": MANIFEST,
    "handbook/README.md": "- [STD-1: Errors](errors.md)\n- [Contracts](contracts.md)\n",
    "handbook/errors.md": "# STD-1: Errors\n\n| Code | Means |\n|---|---|\n| `ERR_TIMEOUT` | slow |\n\nNot STD-9.\n",
    "handbook/contracts.md": "# Contracts\n\n## Standard STD-2: Names\n\n## Why not what was STD-9\n",
}


def ran(files, rule=unknown_standard):
    (run,) = run_rules(Workspace.of(files, [DOCUMENTS]), [rule])
    return run


def found(files, rule=unknown_standard):
    run = ran(files, rule)
    assert run.error is None
    return [(str(each.place), each.text) for each in run.findings]


@pytest.mark.requirement("DOC-13")
def test_code_refers_to_standards_that_there_are():
    code = 'raise Problem("ERR_TIMEOUT")  # STD-1, STD-2\n'
    assert found({**FILES, "src/a.py": code, "docs/a.md": "See STD-1.\n"}) == []
    assert found({**FILES, "src/a.py": code + "# STD-9\n# ERR_TIMEOUTS\n", "other/b.py": "STD-9"}) == [
        ("src/a.py:2:3", "STD-9 is no standard of handbook/README.md"),
        ("src/a.py:3:3", "ERR_TIMEOUTS is no standard of handbook/README.md"),
    ]


def test_what_only_looks_like_an_id_is_none():
    assert found({**FILES, "src/a.py": "XSTD-9 STD-9x STD-x my-STD-9\n"}) == []
    manifest = MANIFEST.replace("STD-#", "STD(.#")
    assert ran({**FILES, "hardpoint.yaml": manifest, "src/a.py": "STD-9\nSTD(.9\n"}).findings[0].place.line == 2


@pytest.mark.requirement("DOC-13")
def test_every_page_is_reachable_and_every_id_given_once():
    assert found(FILES, hidden_standard) == []
    more = {**FILES, "handbook/review.md": "# STD-2: Review\n"}
    assert found(more, hidden_standard) == [
        ("handbook/review.md", "handbook/review.md cannot be reached from handbook/README.md"),
        ("handbook/review.md:1", "STD-2 is given to another standard in handbook/contracts.md:3"),
    ]


def test_a_handbook_without_its_index_is_no_pass():
    files = {name: text for name, text in FILES.items() if name != "handbook/README.md"}
    for rule in (unknown_standard, hidden_standard):
        assert "handbook/README.md" in ran(files, rule).error
