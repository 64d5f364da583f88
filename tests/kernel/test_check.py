"""Running rules: what was examined, found, and why there is no result."""

from datetime import UTC, datetime

import pytest

from hardpoint.kernel.check import at_least, evidence_of, run_rules, worst_first
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.workspace import Workspace

WHEN = datetime(2026, 3, 31, tzinfo=UTC)
WORKSPACE = Workspace.of({"b": "x", "a": "y"})


def rule_of(identifier: str, severity: Severity = Severity.ERROR, **changes) -> Rule:
    def judge(file, workspace):
        yield made.finding(Place(file), "wrong")

    given = {"title": "t", "why": "w", "good": {}, "bad": {}, "over": lambda each: each.files, "judge": judge}
    made = Rule(id=identifier, severity=severity, **{**given, **changes})
    return made


def refuse(*_):
    raise UnreadableProblem("cannot be read", place=Place("a"))


def silent(*_):
    return iter(())


def test_each_rule_says_how_many_it_examined():
    clean, found = run_rules(WORKSPACE, [rule_of("AAA001", judge=silent), rule_of("AAA002")])
    assert (clean.examined, len(clean.findings)) == (2, 0)
    assert (found.examined, len(found.findings)) == (2, 2)


def test_a_rule_that_fails_is_an_error_of_its_own_and_no_pass():
    for broken in (rule_of("AAA001", over=refuse), rule_of("AAA001", judge=refuse)):
        failed, whole = run_rules(WORKSPACE, [broken, rule_of("AAA002")])
        assert (failed.examined, failed.findings, failed.error) == (0, (), "a: cannot be read")
        assert whole.error is None


def test_the_worst_comes_first_then_the_place():
    runs = run_rules(WORKSPACE, [rule_of("AAA001", Severity.NOTE), rule_of("AAA002", Severity.ERROR)])
    assert [(each.rule, each.place.file) for each in worst_first(runs)] == [
        ("AAA002", "a"),
        ("AAA002", "b"),
        ("AAA001", "a"),
        ("AAA001", "b"),
    ]


def test_a_threshold_keeps_what_is_as_severe_or_worse():
    found = worst_first(run_rules(WORKSPACE, [rule_of("AAA001", Severity.NOTE), rule_of("AAA002", Severity.WARNING)]))
    assert [len(at_least(found, severity)) for severity in Severity] == [4, 2, 0]


def test_evidence_of_a_check_holds_the_facts_of_each_rule():
    runs = run_rules(WORKSPACE, [rule_of("AAA001"), rule_of("AAA002", over=refuse)])
    evidence = evidence_of(runs, WORKSPACE, "keystone", WHEN)
    assert evidence.facts == {
        "ruleset": 1,
        "AAA001.examined": 2,
        "AAA001.findings": 2,
        "AAA001.new": 2,
        "AAA002.examined": 0,
        "AAA002.findings": 0,
        "AAA002.new": 0,
        "AAA002.error": "a: cannot be read",
    }
    assert (evidence.kind, evidence.service, evidence.population) == ("check", "keystone", 2)
    assert evidence.time == "2026-03-31T00:00:00.000000Z"
    assert len(evidence.findings) == 2


def test_progress_is_told_of_every_subject():
    seen = []

    def progress(label, total):
        seen.append((label, total))
        return lambda: seen.append("step")

    run_rules(WORKSPACE, [rule_of("AAA001")], progress)
    assert seen == [("AAA001 t", 2), "step", "step"]


@pytest.mark.requirement("GAT-22")
@pytest.mark.parametrize("change", ["edit", "new file", "commit"])
def test_a_tree_that_is_changed_while_rules_run_gives_dirty_evidence(repository, git, change):
    root = repository({"a": "x"})
    workspace = Workspace.open(root)

    def meddle(file, workspace):
        if change == "new file":
            (root / "b").write_text("y")
        else:
            (root / "a").write_text("y")
        if change == "commit":
            git(root, "commit", "-qam", "meanwhile")
        return iter(())

    assert not evidence_of(run_rules(workspace, [rule_of("AAA001", judge=silent)]), workspace, "a", WHEN).dirty
    assert not workspace.dirty
    evidence = evidence_of(run_rules(workspace, [rule_of("AAA001", judge=meddle)]), workspace, "a", WHEN)
    assert (evidence.dirty, evidence.commit) == (True, workspace.commit)
