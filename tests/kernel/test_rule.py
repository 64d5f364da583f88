"""Rules: a function with its examples, and the findings it makes."""

from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace


@rule(
    "TST001",
    Severity.WARNING,
    over=lambda workspace: workspace.files,
    title="A file is empty",
    why="It says nothing.",
    good={"a": "x"},
    bad={"a": ""},
)
def empty(file, workspace):
    if not workspace.read(file):
        yield empty.finding(Place(file), "is empty", remedy="Delete it", suggestion="")


def test_a_rule_is_made_of_a_function():
    assert (empty.id, empty.severity, empty.title) == ("TST001", Severity.WARNING, "A file is empty")
    assert list(empty.over(Workspace.of({"b": ""}))) == ["b"]


def test_a_finding_carries_its_rule_and_severity():
    assert list(empty.judge("b", Workspace.of({"b": ""}))) == [
        Finding(
            rule="TST001",
            severity=Severity.WARNING,
            place=Place("b"),
            text="is empty",
            remedy="Delete it",
            suggestion="",
        )
    ]


def test_severities_are_ordered_from_mildest_to_worst():
    assert Severity.NOTE < Severity.WARNING < Severity.ERROR
    assert max(Severity) is Severity.ERROR
