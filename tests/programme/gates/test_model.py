"""Gates as declared: what may stand where."""

import pytest

from hardpoint.kernel.declarations import DeclarationProblem
from hardpoint.kernel.manifest import Manifest
from hardpoint.programme.gates.model import GATES, CheckCriterion, ReportCriterion


def gate(criterion: str) -> str:
    return "version: 1\ngates:\n  - name: merge\n    criteria:\n      - " + criterion + "\n"


def mistakes(text: str) -> list[str]:
    with pytest.raises(DeclarationProblem) as caught:
        Manifest.load(text.encode(), [GATES])
    return [str(each).partition(": ")[2] for each in caught.value.mistakes]


def test_criteria_are_told_apart_by_their_kind():
    text = gate("{id: a, kind: check, rules: [DOC001]}\n      - {id: b, kind: report, report: junit, require: {x: 0}}")
    (only,) = Manifest.load(text.encode(), [GATES])[GATES]
    check, report = only.criteria
    assert isinstance(check, CheckCriterion)
    assert isinstance(report, ReportCriterion)
    assert check.severity == report.severity == "blocking"
    assert report.require["x"].holds(0)


@pytest.mark.requirement("GAT-01")
@pytest.mark.parametrize(
    ("criterion", "said"),
    [
        ("{id: a, kind: check}", "gates[0].criteria[0].rules: is required"),
        ("{id: a, kind: check, rules: []}", "gates[0].criteria[0].rules: "),
        ("{id: a, kind: check, rules: ['']}", "gates[0].criteria[0].rules[0]: "),
        ("{id: a, kind: report, report: junit, require: {}}", "gates[0].criteria[0].require: "),
        ("{id: a, kind: report, report: junit}", "gates[0].criteria[0].require: is required"),
        ("{id: '', kind: check, rules: [X]}", "gates[0].criteria[0].id: "),
        (
            "{id: a, kind: chek, rules: [X]}",
            "gates[0].criteria[0]: expected 'check', 'report', 'metric', 'artifact', ",
        ),
        ("{id: a, kind: check, rules: [X], severity: low}", "gates[0].criteria[0].severity: expected 'blocking' or"),
        ("{id: a, kind: check, rules: [X], max_age: 1 day}", "gates[0].criteria[0].max_age: expected a duration"),
        ("{id: a, kind: report, report: j, require: {f: '0'}}", "gates[0].criteria[0].require.f: expected a value or"),
        (
            "{id: a, kind: report, report: j, require: {f: .nan}}",
            "gates[0].criteria[0].require.f: expected a finite number",
        ),
        ("{id: a, kind: check, rules: [X], max_age: .inf}", "gates[0].criteria[0].max_age: expected a finite number"),
        ("{id: a, kind: check, rules: [X], advisory: true}", "gates[0].criteria[0].advisory: unknown key"),
    ],
)
def test_a_criterion_that_could_not_fail_is_a_mistake(criterion, said):
    (only,) = mistakes(gate(criterion))
    assert only.startswith(said)


def test_a_gate_without_criteria_is_a_mistake():
    (only,) = mistakes("version: 1\ngates: [{name: merge, criteria: []}]\n")
    assert only.startswith("gates[0].criteria: ")


def test_two_criteria_of_one_id_are_a_mistake():
    (only,) = mistakes(gate("{id: a, kind: check, rules: [X]}\n      - {id: a, kind: check, rules: [Y]}"))
    assert only == "gates[0].criteria[1].id: 'a' stands already in line 5"


@pytest.mark.parametrize("number", ["-1", "100", "1.5", "'1'", "true"])
def test_a_number_of_witnesses_that_cannot_be_is_a_mistake(number):
    (only,) = mistakes(gate("{id: a, kind: check, rules: [X]}") + f"    witnesses: {number}\n")
    assert only.startswith("gates[0].witnesses: ")
