"""An empty JSON value is never a clean run."""

import pytest

from hardpoint.assurance.reports.importers.empty_json import empty_json
from hardpoint.kernel.importer import read_report
from hardpoint.kernel.problem import UnreadableProblem


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize("data", [b"[]", b"[ ]\n", b"{}", b" null\n", b"\xef\xbb\xbf[]"])
def test_it_has_no_population(data):
    kind, report = read_report(data, [empty_json])
    assert (kind, report.population, report.findings) == ("empty-json", 0, ())
    assert (report.error is not None) == (b"null" in data)


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize("data", [b"[]]", b"{}{}", b"nullx", b"[] []"])
def test_what_follows_it_is_refused(data):
    with pytest.raises(UnreadableProblem):
        read_report(data, [empty_json])


@pytest.mark.parametrize("data", [b"[1]", b'{"a": []}', b"[", b"0", b'""'])
def test_what_is_not_empty_is_left_to_others(data):
    assert not empty_json.recognises(data)
