"""detect-secrets: what is open, what was judged to be no secret, what works."""

import json
from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.detect_secrets import detect_secrets
from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Risk, State
from hardpoint.kernel.problem import UnreadableProblem

FIXTURES = Path(__file__).with_name("fixtures") / "detect-secrets"
SOME = (FIXTURES / "some.json").read_bytes()


def changed(**changes):
    baseline = json.loads(SOME)
    baseline["results"]["settings.ini"][0] |= changes
    return detect_secrets.read(json.dumps(baseline).encode())


@pytest.mark.requirement("GAT-15")
def test_a_baseline_is_read():
    report = detect_secrets.read(SOME)
    assert [(each.rule, str(each.place)) for each in report.findings] == [
        ("Secret Keyword", "app.py:4"),
        ("AWS Access Key", "settings.ini:2"),
        ("Secret Keyword", "settings.ini:3"),
    ]
    assert (report.facts["findings"], report.facts["high"], report.facts["files"], report.population) == (3, 3, 2, 1)
    assert report.producer.version == "1.5.0"
    assert report.time is not None


@pytest.mark.requirement("GAT-15")
def test_a_clean_baseline_is_one_scan():
    report = detect_secrets.read((FIXTURES / "clean.json").read_bytes())
    assert (report.population, report.facts["findings"], report.error) == (1, 0, None)


@pytest.mark.requirement("GAT-15")
def test_without_plugins_nothing_was_looked_for():
    baseline = json.loads(SOME) | {"plugins_used": [], "results": {}}
    assert detect_secrets.read(json.dumps(baseline).encode()).population == 0


@pytest.mark.requirement("GAT-15")
def test_what_was_judged_to_be_no_secret_is_shown_and_does_not_count():
    report = changed(is_secret=False)
    assert report.findings[1].exposure.state is State.NOT_AFFECTED
    assert (report.facts["findings"], report.facts["ignored"], report.facts["audited"]) == (2, 1, 1)
    assert changed(is_secret=True).facts["findings"] == 3


@pytest.mark.requirement("GAT-15")
def test_a_secret_that_works_is_critical():
    assert changed(is_verified=True).findings[1].exposure.risk is Risk.CRITICAL


@pytest.mark.requirement("GAT-15", "SEC-01")
def test_no_hash_of_a_secret_is_kept():
    hashes = [each["hashed_secret"] for several in json.loads(SOME)["results"].values() for each in several]
    kept = encoding.encode(detect_secrets.read(SOME)).decode()
    assert not any(each in kept for each in hashes)


@pytest.mark.parametrize("key", ["results", "plugins_used", "generated_at"])
def test_a_baseline_that_lacks_what_proves_a_scan_is_refused(key):
    baseline = json.loads(SOME)
    del baseline[key]
    with pytest.raises(UnreadableProblem, match=key):
        detect_secrets.read(json.dumps(baseline).encode())
