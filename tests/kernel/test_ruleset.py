"""The ruleset: what is newer than the pin does not judge."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hardpoint.kernel import ruleset
from hardpoint.kernel.check import evidence_of
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.ruleset import RULESET, judging, pinned
from hardpoint.kernel.workspace import Workspace
from hardpoint.programme.gates.rules import overdue, unbound

OLD, NEW = replace(unbound, since=1), replace(overdue, since=2)


@pytest.fixture(autouse=True)
def _second_ruleset(monkeypatch):
    monkeypatch.setattr(ruleset, "NEWEST", 2)


def tree(text=""):
    return Workspace.of({"hardpoint.yaml": f"version: 1\n{text}"}, (RULESET,))


@pytest.mark.parametrize(("pin", "rules"), [("ruleset: 1", [OLD]), ("ruleset: 2", [OLD, NEW]), ("", [OLD, NEW])])
def test_a_rule_that_is_newer_than_the_pin_does_not_judge(pin, rules):
    assert judging([OLD, NEW], tree(pin)) == rules


def test_the_protected_branch_pins():
    assert pinned(tree("ruleset: 1"), tree("ruleset: 2")) == 2
    assert pinned(tree("ruleset: 2"), tree("ruleset: 1")) == 1
    assert pinned(tree("ruleset: 1"), Workspace.of({})) == 1


def test_a_ruleset_that_this_hardpoint_does_not_have_is_refused():
    with pytest.raises(UsageProblem, match="`ruleset: 3` is pinned, and this Hardpoint has 2"):
        pinned(tree("ruleset: 3"))


def test_evidence_of_a_check_says_by_which_ruleset():
    said = evidence_of((), tree("ruleset: 1"), "keystone", datetime(2026, 3, 31, tzinfo=UTC))
    assert said.facts["ruleset"] == 1
