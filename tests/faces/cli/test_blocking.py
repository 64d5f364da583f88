"""`hardpoint check --blocking`: every declared check is run, and each of them decides."""

import json
import sys

import pytest

from hardpoint.capabilities import capabilities
from hardpoint.kernel.evidence import KIND, from_statement
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.rooms.cli import Context

FAILING = '<testsuite name="u"><testcase classname="t" name="a"><failure message="no"/></testcase></testsuite>'
EMPTY = '<testsuite name="u"/>'
pytestmark = pytest.mark.requirement("GAT-16")


def manifest(**checks):
    blocking = [
        {"name": name, "run": [sys.executable, "-c", code], **({"reports": ["*.xml"]} if "r.xml" in code else {})}
        for name, code in checks.items()
    ]
    return json.dumps({"version": 1, "services": [{"name": "keystone"}], "blocking": blocking})


def writes(report):
    return f"open('r.xml', 'w').write({report!r})"


@pytest.fixture
def check(cli, repository):
    def check(*options, **checks):
        root = repository({"hardpoint.yaml": manifest(**checks), ".gitignore": "*.xml\nran*\n"})
        return cli("check", "--blocking", "--format", "json", *options, folder=root)

    return check


def outcomes(ran):
    return {row["name"]: row["outcome"] for row in ran.json["blocking"]}


def test_all_pass(check, tmp_path):
    ran = check(unit="pass", lint="pass")
    assert ran.exit == 0
    assert outcomes(ran) == {"unit": "pass", "lint": "pass"}
    with Context(capabilities(), folder=tmp_path / "repository").stored() as database:
        evidence = [from_statement(entry.payload) for entry in read_entries(database, kind=KIND)]
    assert sorted((each.kind, each.name) for each in evidence) == [
        ("check", "check"),
        ("command", "lint"),
        ("command", "unit"),
    ]


@pytest.mark.parametrize("first", [True, False])
def test_one_that_fails_decides_and_the_others_still_run(check, tmp_path, first):
    fails, marks = "raise SystemExit(1)", "open('ran', 'w')"
    checks = {"a": fails, "b": marks} if first else {"b": marks, "a": fails}
    ran = check(**checks)
    assert ran.exit == 1
    assert outcomes(ran) == {"a": "fail", "b": "pass"}
    assert (tmp_path / "repository" / "ran").exists()


@pytest.mark.parametrize(
    ("report", "exit_code", "outcome"),
    [(FAILING, 1, "fail"), (EMPTY, 1, "fail"), ("<testsuite", 3, "error")],
)
def test_a_command_that_ends_well_does_not_pass_by_a_bad_report(check, report, exit_code, outcome):
    ran = check(unit=writes(report))
    assert (ran.exit, outcomes(ran)) == (exit_code, {"unit": outcome})


def test_no_result_is_exit_3(check):
    ran = check(gone="import os, signal; os.kill(os.getpid(), signal.SIGTERM)", bad="raise SystemExit(1)")
    assert (ran.exit, outcomes(ran)) == (3, {"gone": "error", "bad": "fail"})


def test_with_none_declared_it_is_wrong_usage(check):
    assert check().exit == 2


def test_two_of_one_name_are_wrong_usage(cli, repository):
    both = json.loads(manifest(unit="pass"))
    both["blocking"] *= 2
    root = repository({"hardpoint.yaml": json.dumps(both)})
    assert cli("check", "--blocking", folder=root).exit == 2


def test_part_of_the_rules_is_not_all_of_them(check):
    assert check("--rule", "DOC001", unit="pass").exit == 2


def test_nothing_is_executed_without_it(cli, repository):
    root = repository({"hardpoint.yaml": manifest(unit="open('ran', 'w')"), ".gitignore": "ran\n"})
    assert cli("check", "--record", folder=root).exit == 0
    assert not (root / "ran").exists()


def test_a_change_does_not_weaken_the_checks_of_its_base(cli, repository, git):
    root = repository({"hardpoint.yaml": manifest(unit="raise SystemExit(1)")})
    git(root, "checkout", "-q", "-b", "change")
    (root / "hardpoint.yaml").write_text(manifest(unit="pass"))
    git(root, "commit", "-qam", "weaken")
    ran = cli("check", "--blocking", "--base", "main", "--format", "json", folder=root)
    assert (ran.exit, outcomes(ran)) == (1, {"unit": "fail"})
    text = cli("check", "--blocking", "--base", "main", folder=root)
    assert "blocking check unit: changed here" in text.out
    assert cli("check", "--blocking", folder=root).exit == 0


def test_the_first_checks_are_the_changes_own(cli, repository, git):
    root = repository({"hardpoint.yaml": "version: 1\nservices: [{name: keystone}]\n"})
    git(root, "checkout", "-q", "-b", "change")
    (root / "hardpoint.yaml").write_text(manifest(unit="raise SystemExit(1)"))
    git(root, "commit", "-qam", "begin")
    assert cli("check", "--blocking", "--base", "main", folder=root).exit == 1
