"""Plans: which is active, what is called active, and what two of them say of one item."""

import pytest

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.rules.plans import called_current, contradicted, not_one_active
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.workspace import Workspace


def found(files, rule):
    (run,) = run_rules(Workspace.of(files, [DOCUMENTS]), [rule])
    assert run.error is None
    return [(str(each.place), each.text) for each in run.findings]


def plan(status, *items):
    return "\n".join(["# Plan", "", f"Status: {status}", "", *items, ""])


PLANS = "version: 1\ndocuments:\n  plans: {roadmaps: [docs/**/*roadmap*.md], boards: [docs/board*.md]}\n"


@pytest.mark.requirement("PLN-04")
def test_exactly_one_declared_plan_of_each_sort_is_active():
    files = {"hardpoint.yaml": PLANS, "docs/roadmap.md": plan("active"), "docs/board.md": plan("current")}
    assert found(files, not_one_active) == []
    two = {**files, "docs/old/roadmap-mvp.md": plan("in progress")}
    assert found(two, not_one_active) == [
        ("docs/roadmap.md:3", "docs/roadmap.md is an active roadmap, and so is docs/old/roadmap-mvp.md")
    ]
    none = {**files, "docs/board.md": plan("superseded")}
    assert [text for _, text in found(none, not_one_active)] == ["no phase board is active: docs/board.md"]


def test_roadmaps_in_other_folders_belong_to_other_packages():
    assert found({"a/roadmap.md": plan("active"), "b/roadmap.md": plan("active")}, not_one_active) == []
    assert found({"a/roadmap.md": "# A", "a/roadmap-2.md": "# B"}, not_one_active) == []
    assert len(found({"a/roadmap.md": plan("active"), "a/roadmap-2.md": plan("Active")}, not_one_active)) == 1


@pytest.mark.requirement("PLN-04")
@pytest.mark.parametrize(
    "sentence",
    [
        "The current plan is [this](docs/old.md).",
        "Active roadmap: [2024](docs/old.md)",
        "- **Current plan:** [x](docs/old.md)",
        "See [the active roadmap](docs/old.md).",
        "The current phase board lives in [x](docs/old.md)",
    ],
)
def test_what_is_out_of_force_is_not_called_current(sentence):
    files = {"README.md": f"# A\n\n{sentence}\n", "docs/old.md": plan("Superseded by x")}
    ((place, text),) = found(files, called_current)
    assert place.startswith("README.md:3")
    assert "docs/old.md:3" in text
    assert found({**files, "docs/old.md": plan("active")}, called_current) == []
    assert found({**files, "docs/old.md": "# Plan"}, called_current) == []
    assert found({**files, "README.md": f"Status: archived\n\n{sentence}\n"}, called_current) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "[x](docs/old.md) is no longer the current plan.",
        "This was the current plan: [x](docs/old.md)",
        "The current plan replaces [x](docs/old.md).",
        "Read the current plan. Before it there was [x](docs/old.md).",
        "The plan is [x](docs/old.md)",
        "The current plan is not [x](docs/old.md)",
    ],
)
def test_what_is_not_called_current_is_left_alone(sentence):
    assert found({"README.md": f"{sentence}\n", "docs/old.md": plan("superseded")}, called_current) == []


@pytest.mark.requirement("PLN-28")
def test_an_item_that_is_done_here_and_open_there_is_found_with_both_places():
    files = {
        "docs/mvp-plan.md": plan("historical", "- [x] KEY-1 Log in", "- [x] Write the terms of use"),
        "docs/hardening-plan.md": plan(
            "active", "| Item | Status |", "|---|---|", "| KEY-1 | open |", "", "- [ ] Write the terms of use"
        ),
    }
    assert found(files, contradicted) == [
        ("docs/hardening-plan.md:7:1", "'KEY-1' is open here and done in docs/mvp-plan.md:5:1")
    ]
    declared = {**files, "hardpoint.yaml": "version: 1\ndocuments: {plans: {others: [docs/*-plan.md]}}\n"}
    assert [place for place, _ in found(declared, contradicted)] == [
        "docs/hardening-plan.md:7:1",
        "docs/hardening-plan.md:9:1",
    ]


def test_two_releases_may_have_a_step_of_the_same_words():
    files = {
        "docs/plan-1.md": plan("archived", "- [x] Update the change log"),
        "docs/plan-2.md": plan("active", "- [ ] Update the change log"),
        "docs/plan-3.md": plan("active", "- [ ] KEY-2 Pay"),
        "docs/plan-4.md": plan("active", "- [x] KEY-2 Pay"),
    }
    assert found(files, contradicted) == []


def test_an_item_that_the_plan_itself_has_both_ways_says_nothing():
    files = {
        "docs/mvp-plan.md": plan("historical", "- [x] KEY-1 a"),
        "docs/hardening-plan.md": plan("active", "- [x] KEY-1 a", "- [ ] KEY-1 b"),
    }
    assert found(files, contradicted) == []
