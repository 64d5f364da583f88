"""conftest: what was tried, what is broken, what stands under an exception."""

from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.conftest import conftest
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.problem import UnreadableProblem

SOME = (Path(__file__).with_name("fixtures") / "conftest" / "some.json").read_bytes()


@pytest.mark.requirement("GAT-15")
def test_a_report_is_read():
    assert conftest.recognises(SOME[:4096])
    report = conftest.read(SOME)
    assert [(each.severity, each.place.file) for each in report.findings] == [
        (Severity.ERROR, "deployment.yaml"),
        (Severity.WARNING, "deployment.yaml"),
    ]
    assert report.population == 11
    assert [report.facts[name] for name in ("passed", "failures", "warnings", "suppressed", "files")] == [8, 1, 1, 1, 2]


@pytest.mark.requirement("GAT-15")
def test_no_policy_means_that_nothing_was_tried():
    assert conftest.read(b'[{"filename": "a.yaml", "namespace": "main", "successes": 0}]').population == 0


@pytest.mark.parametrize("successes", ["-1", '"3"', "null"])
def test_what_is_no_count_is_refused(successes):
    with pytest.raises(UnreadableProblem):
        conftest.read(f'[{{"filename": "a.yaml", "successes": {successes}}}]'.encode())


@pytest.mark.requirement("GAT-15")
def test_outcomes_under_another_name_are_refused():
    with pytest.raises(UnreadableProblem, match="failurez"):
        conftest.read(SOME.replace(b'"failures"', b'"failurez"'))
