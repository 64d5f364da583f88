"""Rules of the programme: bound or a defect, reviewed in time, and waivers that are spoken of before they end."""

from datetime import UTC, datetime, timedelta

import pytest

from hardpoint.kernel.check import run_rules
from hardpoint.kernel.waiver import WAIVERS
from hardpoint.kernel.workspace import Workspace
from hardpoint.programme.gates import rules
from hardpoint.programme.gates.model import GATES, PROGRAMME_RULES

NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
GATE = (
    "version: 1\ngates: [{name: merge, criteria: [{id: tests, kind: report, report: junit, require: {failures: 0}}]}]\n"
)


def found(rule, text, now=NOW, ids=()):
    workspace = Workspace.of({"hardpoint.yaml": text}, (GATES, PROGRAMME_RULES, WAIVERS), now=now)
    workspace.rule_ids = lambda: ids
    (run,) = run_rules(workspace, [rule])
    assert run.error is None
    return [finding.text for finding in run.findings]


def bound(**said):
    fields = "".join(f", {key}: {value}" for key, value in said.items())
    return f"{GATE}programme_rules: [{{id: tested, rule: Every change is tested{fields}}}]\n"


@pytest.mark.requirement("PLN-25")
@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({}, "tested has neither a check nor a reviewer"),
        ({"every": "30d"}, "tested has neither a check nor a reviewer"),
        ({"reviewer": "ana"}, "tested names a reviewer and not how often"),
        ({"reviewer": "ana", "every": "30d"}, None),
        ({"checks": "[merge/tests]"}, None),
    ],
)
def test_a_rule_that_is_bound_to_nothing_is_a_defect(said, text):
    assert found(rules.unbound, bound(**said)) == ([text] if text else [])


@pytest.mark.requirement("PLN-25")
@pytest.mark.parametrize(
    ("checks", "ids", "text"),
    [
        ("[merge/tests, DOC001]", ["DOC001"], None),
        ("[merge/test]", [], "tested is bound to merge/test, which does not exist (did you mean 'merge/tests'?)"),
        ("[DOC002]", ["DOC001"], "tested is bound to DOC002, which does not exist (did you mean 'DOC001'?)"),
        ("[tests]", ["DOC001"], "tested is bound to tests, which does not exist"),
        ("[DOC002]", [], None),
    ],
)
def test_a_check_that_does_not_exist_proves_nothing(checks, ids, text):
    assert found(rules.bound_to_nothing, bound(checks=checks), ids=ids) == ([text] if text else [])


@pytest.mark.requirement("PLN-25")
@pytest.mark.parametrize(
    ("reviewed", "text"),
    [
        (None, "ana has never reviewed tested"),
        ("2026-03-01", None),
        ("2026-02-28", "ana reviewed tested 31 days ago, and 30d is the limit"),
        ("2026-03-31", None),
        ("2026-04-01", "tested cannot have been reviewed on 2026-04-01, which is yet to come"),
    ],
)
def test_a_review_that_is_overdue_is_found(reviewed, text):
    said = {"reviewer": "ana", "every": "30d", **({"reviewed": reviewed} if reviewed else {})}
    assert found(rules.overdue, bound(**said)) == ([text] if text else [])


WAIVER = """\
version: 1
waivers:
  - id: W-1
    criterion: merge/tests
    reason: the browser farm is down until Thursday
    mitigation: we test by hand, and watch the error rate
    owner: ana
    approvers: [ben]
"""
END = NOW + timedelta(days=30)


@pytest.mark.requirement("GAT-12")
@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(days=14, seconds=1), None),
        (timedelta(days=14), "W-1: it ends in 14 days, at"),
        (timedelta(days=7), "W-1: it ends in 7 days, at"),
        (timedelta(days=1), "W-1: it ends in 24 hours, at"),
        (timedelta(minutes=90), "W-1: it ends in 1 hour, at"),
        (timedelta(0), "W-1: it ended at"),
        (timedelta(days=-9), "W-1: it ended at"),
    ],
)
def test_a_waiver_is_spoken_of_before_it_ends_and_until_it_is_gone(left, text):
    declared = f"{WAIVER}    created: {NOW:%Y-%m-%dT%H:%M:%SZ}\n    expires: {END:%Y-%m-%dT%H:%M:%SZ}\n"
    said = found(rules.ending, declared, now=END - left)
    assert [each.startswith(text) for each in said] == ([True] if text else [])


@pytest.mark.requirement("GAT-20")
@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (-1, None),
        (0, "W-1: the glass is broken until"),
        (11, "W-1: the glass is"),
        (12, "W-1: it ended at"),
        (999, "W-1: it ended"),
    ],
)
def test_broken_glass_is_a_defect_until_it_is_taken_out(hours, text):
    declared = f"{WAIVER}    break_glass: true\n    created: 2026-03-31T14:00:00Z\n    expires: 2026-04-01T02:00:00Z\n"
    said = found(rules.broken_glass, declared, now=NOW + timedelta(hours=hours))
    assert [each.startswith(text) for each in said] == ([True] if text else [])
    assert found(rules.ending, declared, now=NOW + timedelta(hours=hours)) == []
