"""The baseline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel.baseline import BASELINE_FILE, Baseline, baseline_of, read_baseline
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace


def found(text: str, line: int = 1, rule: str = "DOC001", file: str = "a.md") -> Finding:
    return Finding(rule=rule, severity=Severity.ERROR, place=Place(file, line), text=text)


findings = st.lists(st.builds(found, st.sampled_from("xyz"), st.integers(1, 9), st.sampled_from(["DOC001", "DOC002"])))


def test_it_knows_a_finding_wherever_in_the_file_it_moved():
    new, known = baseline_of([found("x", 3)]).split([found("x", 70), found("x", 71), found("x", 3, file="b.md")])
    assert known == [found("x", 70)]
    assert new == [found("x", 71), found("x", 3, file="b.md")]


@given(findings, findings)
def test_splitting_loses_nothing_and_knows_no_more_than_it_holds(before, now):
    baseline = baseline_of(before)
    new, known = baseline.split(now)
    assert sorted(map(repr, [*new, *known])) == sorted(map(repr, now))
    assert baseline_of(known).beyond(baseline) == ()
    assert baseline_of(new) == Baseline(known=baseline_of(now).beyond(baseline))


@given(findings, findings)
def test_debt_that_only_falls_is_what_both_know(before, now):
    old, fresh = baseline_of(before), baseline_of(now)
    kept = fresh.without(fresh.beyond(old))
    assert kept.beyond(old) == () == kept.beyond(fresh)
    assert kept.count == fresh.count - sum(each.count for each in fresh.beyond(old))


@given(findings)
def test_what_is_written_is_read_again(now):
    baseline = baseline_of(now)
    assert read_baseline(Workspace.of({BASELINE_FILE: baseline.written()})) == baseline
    assert baseline.written().count(b"\n") == len(baseline.known) + (6 if not baseline.known else 5)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "null",
        '{"schema": "baseline/v2", "known": []}',
        '{"schema": "baseline/v1", "known": [{"rule": "A", "file": "b", "text": "c", "count": 0}]}',
        '{"schema": "baseline/v1"}',
    ],
)
def test_what_it_forgives_is_never_guessed(content):
    with pytest.raises(UnreadableProblem, match=r"hardpoint.baseline.json") as refused:
        read_baseline(Workspace.of({BASELINE_FILE: content}))
    assert "delete it" in refused.value.remedy


def test_without_one_everything_is_new():
    assert read_baseline(Workspace.of({})).split([found("x")]) == ([found("x")], [])
