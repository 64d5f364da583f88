"""What counts as evidence beside a ticked box."""

import pytest

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.rules.checklists import perhaps_without_evidence, ticked_without_evidence
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.workspace import Workspace


def ran(files, rule=ticked_without_evidence):
    (run,) = run_rules(Workspace.of(files, [DOCUMENTS]), [rule])
    assert run.error is None
    return run


def lines(text):
    manifest = "version: 1\ndocuments: {checklists: [docs/]}\n"
    return [each.place.line for each in ran({"hardpoint.yaml": manifest, "docs/go.md": text}).findings]


@pytest.mark.requirement("PLN-18")
@pytest.mark.parametrize(
    "evidence",
    [
        "[report](r.md)",
        "https://ci.example.org/1",
        "#42",
        "(GH-42)",
        "!17",
        "OPS-12",
        "in 3f2a91c",
        "entry 1204",
        "`docs/restore.md`",
        "docs/drills/restore.md",
        "2026-03-31, Ann",
        "by Ann on 2026-03-31",
        "2026-03-31 @ann",
        "\n  - [log](x.txt)",
    ],
)
def test_evidence_stands_beside_the_box(evidence):
    assert lines(f"- [x] Restore rehearsed {evidence}\n") == []


@pytest.mark.requirement("PLN-18")
@pytest.mark.parametrize(
    "words", ["", "on 2026-03-31", "by Ann", "twice, in 30 minutes", "with `pg_restore`", "and deadbeat"]
)
def test_a_claim_alone_is_none(words):
    assert lines(f"- [x] Restore rehearsed {words}\n") == [1]


def test_open_boxes_and_sums_need_none():
    assert lines("- [ ] a\n- [x] All of it\n  - [x] one [r](r.md)\n  - [X] two\n") == [4]
    assert lines("- [x] All of it\n  - [ ] one\n  - [X] two\n") == [3]


def test_what_is_called_a_checklist_gets_a_note_and_a_template_nothing():
    files = {
        "docs/go-checklist.md": "- [x] a\n",
        "docs/readiness.md": "- [ ] a\n",
        ".github/checklist-template.md": "- [x] a\n",
    }
    run = ran(files, perhaps_without_evidence)
    assert (run.examined, [str(each.place) for each in run.findings]) == (1, ["docs/go-checklist.md:1"])
    assert ran(files).examined == 0
