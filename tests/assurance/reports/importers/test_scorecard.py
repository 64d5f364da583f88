"""OpenSSF Scorecard: scores, risks of checks, and checks that came to none."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.scorecard import scorecard
from hardpoint.kernel.finding import Risk
from hardpoint.kernel.problem import UnreadableProblem

SOME = (Path(__file__).with_name("fixtures") / "scorecard" / "some.json").read_bytes()


def read(**changes):
    return scorecard.read(json.dumps(json.loads(SOME) | changes).encode())


@pytest.mark.requirement("GAT-15")
def test_a_report_is_read():
    assert scorecard.recognises(SOME[:4096])
    report = scorecard.read(SOME)
    assert [(each.rule, each.exposure.risk) for each in report.findings] == [
        ("Branch-Protection", Risk.HIGH),
        ("Pinned-Dependencies", Risk.MEDIUM),
    ]
    assert [report.facts[name] for name in ("score", "lowest", "checks", "inconclusive")] == [6.3, 0, 3, 1]
    assert (report.population, report.commit, report.error) == (3, "1f0b2d3c4e5f60718293a4b5c6d7e8f901234567", None)


@pytest.mark.requirement("GAT-15")
def test_no_score_is_an_error():
    assert read(score=-1).error
    assert read(checks=[]).error
    assert read(checks=[]).population == 0


@pytest.mark.parametrize("score", [11, -2, "high", None])
def test_what_is_no_score_is_refused(score):
    with pytest.raises(UnreadableProblem):
        read(score=score)
