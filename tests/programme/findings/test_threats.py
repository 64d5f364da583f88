"""Threats: CISA's catalogue and FIRST's scores as files; what cannot be read raises a problem, and not nothing."""

import pytest

from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.programme.findings.model import FindingsPolicy
from hardpoint.programme.findings.threats import threats_of

KEV = (
    b'{"title": "CISA Catalog of Known Exploited Vulnerabilities", "catalogVersion": "2026.03.31", "count": 1, '
    b'"vulnerabilities": [{"cveID": "CVE-2021-44228", "vendorProject": "Apache", "dateAdded": "2021-12-10"}]}'
)
EPSS = (
    b"#model_version:v2025.03.14,score_date:2026-03-31T00:00:00+0000\n"
    b"cve,epss,percentile\nCVE-2021-44228,0.94358,0.99957\nCVE-2026-1,0.00043,0.07\n"
)
POLICY = FindingsPolicy(kev="kev.json", epss="epss.csv", epss_threshold=0.4, cvss=True)


def threats(kev=KEV, epss=EPSS):
    return threats_of(POLICY, {"kev.json": kev, "epss.csv": epss}.__getitem__)


def test_the_files_are_read_as_they_are_published():
    read = threats()
    assert read.exploited == {"CVE-2021-44228"}
    assert read.probability == {"CVE-2021-44228": 0.94358, "CVE-2026-1": 0.00043}
    assert (read.threshold, read.cvss) == (0.4, True)


def test_nothing_is_read_that_is_not_named():
    assert threats_of(FindingsPolicy(), {}.__getitem__).exploited == frozenset()


@pytest.mark.parametrize(
    "kev",
    [
        *(b"", b"null", b"[]", b"{}", b'{"vulnerabilities": []}', b'{"vulnerabilities": [{"cve": "CVE-1"}]}'),
        *(KEV[:-30], KEV.replace(b'"count": 1,', b'"count": 2,'), KEV.replace(b"CVE-2021-44228", b"Log4Shell")),
    ],
)
def test_a_catalogue_that_is_none_is_refused(kev):
    with pytest.raises(UnreadableProblem):
        threats(kev=kev)


@pytest.mark.parametrize(
    "epss",
    [
        b"",
        b"# nothing\n",
        b"cve,epss\n",
        b"cve,score\nCVE-1,0.5\n",
        b"cve,epss\nCVE-1,high\n",
        b"cve,epss\nCVE-1\n",
        b"cve,epss\nCVE-1,1.5\n",
        b"cve,epss\nCVE-1,nan\n",
        b"cve,epss\n\xff,0.5\n",
        b"cve,epss\n,0.5\n",
        b"cve,epss\nLog4Shell,0.5\n",
        b"cve,epss,percentile\nCVE-2021-44228,0.9",
        b"cve,epss\nCVE-2021-44228," + b"1" * 200_000,
    ],
)
def test_scores_that_are_none_are_refused(epss):
    with pytest.raises(UnreadableProblem):
        threats(epss=epss)


def test_a_bad_score_is_named_by_its_line():
    with pytest.raises(UnreadableProblem) as problem:
        threats(epss=EPSS.replace(b"0.00043", b"x"))
    assert str(problem.value.place) == "epss.csv:4"


def test_of_two_scores_the_higher_counts():
    assert threats(epss=EPSS + b"CVE-2021-44228,0.1,0.2\n").probability["CVE-2021-44228"] == 0.94358
