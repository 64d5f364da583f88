"""A verdict as findings: of level error exactly where the exit code is not 0."""

import pytest

from hardpoint.faces.forms.sheet import Sheet
from hardpoint.faces.forms.verdict import NOWHERE, as_findings, as_result
from hardpoint.kernel.declarations import DeclarationProblem, Mistake
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit, UnreadableProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.verdict import Answer, Decision, Judgement, Verdict

MANIFEST = """\
version: 1
gates:
  - name: merge
    criteria:
      - {id: docs, kind: check}
      - id: tests
        kind: report
"""


def finding(severity=Severity.ERROR, rule="R1"):
    return Finding(rule=rule, severity=severity, place=Place("a.md", 3), text="is wrong", remedy="mend it")


def judgement(verdict, criterion="docs", *, blocking=True):
    return Judgement(criterion=criterion, verdict=verdict, reason="why", blocking=blocking, remedy="mend it")


def decision(*criteria, answer=Answer.NO_GO):
    return Decision(gate="merge", service="s", answer=answer, at="t", commit=None, local=True, criteria=criteria)


def shown(*items, exit_code=Exit.FOUND, **more):
    result = Result(schema="s/v1", headline="the outcome", items={"things": items}, exit=exit_code, **more)
    return [(each.rule, each.severity) for each in as_findings(Sheet.of(result))]


def test_the_worst_comes_first_and_what_is_alike_stays_in_order():
    found = [finding(Severity.NOTE, "A"), finding(Severity.ERROR, "C"), finding(Severity.ERROR, "B")]
    assert [rule for rule, _ in shown(*found)] == ["C", "B", "A"]


def test_a_criterion_that_blocks_is_an_error_one_that_advises_a_warning_and_a_waived_one_a_note():
    criteria = [
        judgement(Verdict.WAIVED, "a"),
        judgement(Verdict.PASS, "b"),
        judgement(Verdict.STALE, "c", blocking=False),
        judgement(Verdict.MISSING, "d"),
        judgement(Verdict.NOT_APPLICABLE, "e"),
    ]
    assert shown(decision(*criteria)) == [
        ("gate/merge/d", Severity.ERROR),
        ("gate/merge/c", Severity.WARNING),
        ("gate/merge/a", Severity.NOTE),
    ]


def test_what_does_not_decide_is_no_error():
    assert shown(finding(), decision(judgement(Verdict.FAIL)), exit_code=Exit.OK) == [
        ("gate/merge/docs", Severity.WARNING),
        ("R1", Severity.WARNING),
    ]


@pytest.mark.parametrize("exit_code", [Exit.FOUND, Exit.WAIVED])
def test_where_nothing_else_says_so_the_headline_is_the_error(exit_code):
    assert shown(finding(Severity.WARNING), exit_code=exit_code)[0] == ("hardpoint/verdict", Severity.ERROR)
    assert "hardpoint/verdict" not in dict(shown(finding(), exit_code=exit_code))


@pytest.mark.parametrize("exit_code", [Exit.USAGE, Exit.FAILED, Exit.BROKEN])
def test_what_failed_says_so_beside_what_was_found(exit_code):
    assert shown(finding(), exit_code=exit_code)[0] == ("hardpoint/verdict", Severity.ERROR)


def test_a_problem_is_told_at_its_place_with_every_mistake():
    (one,) = as_findings(Sheet.of(as_result(UnreadableProblem("is empty", remedy="fill it", place=Place("a", 4)))))
    assert (one.rule, one.place, one.text, one.remedy) == ("hardpoint/unreadable", Place("a", 4), "is empty", "fill it")
    wrong = DeclarationProblem("m", [Mistake(Place("m", 2, 1), "b", "y"), Mistake(Place("m", 1, 1), "", "x")])
    assert [(each.place, each.text) for each in as_findings(Sheet.of(as_result(wrong)))] == [
        (Place(""), "m has 2 mistakes"),
        (Place("m", 1, 1), "x"),
        (Place("m", 2, 1), "b: y"),
    ]


@pytest.mark.parametrize(
    ("manifest", "places"),
    [
        (MANIFEST, [Place("hardpoint.yaml", 5, 9), Place("hardpoint.yaml", 6, 9)]),
        (None, [NOWHERE, NOWHERE]),
        ("gates: {merge: }", [NOWHERE, NOWHERE]),
        ("gates: [", [NOWHERE, NOWHERE]),
        ("gates: [{name: merge}]", [NOWHERE, NOWHERE]),
        ("- x", [NOWHERE, NOWHERE]),
        ("", [NOWHERE, NOWHERE]),
    ],
)
def test_a_criterion_stands_where_the_manifest_declares_it(tmp_path, manifest, places):
    if manifest is not None:
        (tmp_path / "hardpoint.yaml").write_text(manifest)
    judged = decision(judgement(Verdict.FAIL), judgement(Verdict.FAIL, "tests"))
    result = Result(schema="s/v1", headline="", items={"gates": [judged]}, exit=Exit.FOUND, root=tmp_path)
    assert [each.place for each in as_findings(Sheet.of(result))] == places
