"""KICS: one finding for each place, and what failed."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.kics import kics
from hardpoint.kernel.finding import Risk
from hardpoint.kernel.problem import UnreadableProblem

SOME = (Path(__file__).with_name("fixtures") / "kics" / "some.json").read_bytes()


def read(**changes):
    return kics.read(json.dumps(json.loads(SOME) | changes).encode())


@pytest.mark.requirement("GAT-15")
def test_a_report_is_read():
    assert kics.recognises(SOME[:4096])
    report = kics.read(SOME)
    assert [(str(each.place), each.exposure.risk, each.tool) for each in report.findings] == [
        ("main.tf:3", Risk.HIGH, "kics terraform"),
        ("Dockerfile:1", Risk.MEDIUM, "kics dockerfile"),
    ]
    assert report.findings[0].text == "aws_s3_bucket/logs: S3 Bucket Without Encryption"
    assert (report.population, report.facts["queries"], report.error) == (2, 253, None)


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize("what", ["files_failed_to_scan", "queries_failed_to_execute"])
def test_what_failed_is_an_error(what):
    assert read(**{what: 3}).error


@pytest.mark.requirement("GAT-15")
def test_findings_that_are_counted_and_not_listed_are_refused():
    with pytest.raises(UnreadableProblem, match="counts 3"):
        read(total_counter=3)
