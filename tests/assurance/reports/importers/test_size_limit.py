"""size-limit: bundles over their budget, bundles without one, and what is refused."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.size_limit import size_limit
from hardpoint.kernel.importer import Report
from hardpoint.kernel.problem import UnreadableProblem

REAL = (Path(__file__).parent / "fixtures" / "size-limit" / "bundles.json").read_bytes()


def read(*bundles: dict) -> Report:
    return size_limit.read(json.dumps(bundles).encode())


@pytest.mark.requirement("PRF-07", "GAT-15")
def test_a_real_report_is_read():
    assert size_limit.recognises(REAL[:4096])
    report = size_limit.read(REAL)
    assert report.facts == {
        "bundles": 3, "exceeded": 1, "unlimited": 1, "size_bytes": 2043, "largest_bytes": 2017, "app.size_bytes": 13,
        "vendor.size_bytes": 2017, "free.size_bytes": 13,
    }  # fmt: skip
    assert [each.text for each in report.findings] == ["vendor is 2017 bytes; its budget is 1000 bytes"]


@pytest.mark.requirement("PRF-07", "GAT-02")
@pytest.mark.parametrize(
    ("bundle", "exceeded"),
    [
        ({"passed": True, "size": 9, "sizeLimit": 9}, 0),
        ({"passed": True, "size": 10, "sizeLimit": 9}, 1),
        ({"passed": False, "size": 1, "sizeLimit": 9}, 1),
        ({"passed": False, "running": 3.5}, 1),
        ({"size": 10}, 0),
    ],
)
def test_a_bundle_is_over_budget_if_the_tool_or_its_size_says_so(bundle, exceeded):
    assert read({"name": "app", **bundle}).facts["exceeded"] == exceeded


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "bundle", [{"name": "a", "size": -1}, {"size": 1}, {"name": "a", "size": "1"}, {"name": "a", "passed": 1}]
)
def test_what_is_no_bundle_is_refused(bundle):
    with pytest.raises(UnreadableProblem):
        read(bundle)


@pytest.mark.requirement("GAT-15")
def test_a_report_that_is_cut_off_anywhere_is_refused():
    for end in range(len(REAL.rstrip())):
        with pytest.raises(UnreadableProblem):
            size_limit.read(REAL[:end])
