"""Brakeman: warnings, how sure it is, and errors of the run."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.brakeman import brakeman
from hardpoint.kernel.finding import Risk
from hardpoint.kernel.problem import UnreadableProblem

SOME = (Path(__file__).with_name("fixtures") / "brakeman" / "some.json").read_bytes()


def read(**changes):
    return brakeman.read(json.dumps(json.loads(SOME) | changes).encode())


@pytest.mark.requirement("GAT-15")
def test_a_report_is_read():
    assert brakeman.recognises(SOME[:4096])
    report = brakeman.read(SOME)
    (finding,) = report.findings
    assert (finding.rule, str(finding.place), finding.exposure.risk) == (
        "SQL Injection", "app/models/order.rb:25", Risk.MEDIUM,
    )  # fmt: skip
    assert "confidence High" in finding.text
    assert [report.facts[name] for name in ("findings", "ignored", "looked_at")] == [1, 1, 43]
    assert (report.population, report.producer.version, report.error) == (43, "7.0.0", None)


@pytest.mark.requirement("GAT-15")
def test_an_error_of_the_run_is_an_error():
    assert "no parse" in read(errors=[{"error": "no parse", "location": "a.rb"}]).error


@pytest.mark.requirement("GAT-15")
def test_warnings_that_are_counted_and_not_listed_are_refused():
    with pytest.raises(UnreadableProblem, match="counts 1"):
        read(warnings=[])
