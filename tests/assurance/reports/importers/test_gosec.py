"""gosec: issues, what a comment takes out, what it could not read, and credentials that stay out."""

from pathlib import Path

import pytest

from hardpoint.assurance.reports.importers.gosec import gosec
from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Risk, State

FIXTURES = Path(__file__).with_name("fixtures") / "gosec"
SOME = (FIXTURES / "some.json").read_bytes()


@pytest.mark.requirement("GAT-15")
def test_a_report_is_read():
    assert gosec.recognises(SOME[:4096])
    report = gosec.read(SOME)
    assert [(each.rule, str(each.place), each.exposure.risk, each.exposure.state) for each in report.findings] == [
        ("G101", "/srv/app/main.go:7", Risk.HIGH, State.OPEN),
        ("G201", "/srv/app/orders.go:36", Risk.MEDIUM, State.OPEN),
        ("G104", "/srv/app/main.go:9", Risk.LOW, State.NOT_AFFECTED),
    ]
    assert [report.facts[name] for name in ("findings", "suppressed", "files", "errors")] == [2, 1, 2, 0]
    assert (report.population, report.error) == (2, None)


@pytest.mark.requirement("GAT-15")
def test_what_it_could_not_read_is_an_error():
    report = gosec.read((FIXTURES / "unread.json").read_bytes())
    assert "broken.go" in report.error
    assert report.population == 0


@pytest.mark.requirement("GAT-15")
def test_old_versions_say_nothing_of_errors():
    old = SOME.replace(b'"Golang errors": {},', b"")
    assert gosec.recognises(old[:4096])
    assert len(gosec.read(old).findings) == 3


@pytest.mark.requirement("GAT-15", "SEC-01")
def test_no_credential_is_kept():
    assert b"made-up" in SOME
    assert b"made-up" not in encoding.encode(gosec.read(SOME))
