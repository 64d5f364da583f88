"""`hardpoint evidence run`: what a command's run leaves in the record, and what is never taken for a result."""

import os
import sys

import pytest

from hardpoint.capabilities import capabilities
from hardpoint.kernel.evidence import KIND, Assurance, from_statement
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.rooms.cli import Context

MANIFEST = "version: 1\nservices: [{name: keystone}]\n"
PASSING = '<testsuite name="u"><testcase classname="t" name="a"/></testsuite>'
WRITES = f"open('r.xml', 'w').write({PASSING!r})"


@pytest.fixture
def root(repository):
    return repository({"hardpoint.yaml": MANIFEST, ".gitignore": "*.xml\n"})


@pytest.fixture
def run(cli, root):
    """Runs Python code as the command `unit`."""

    def run(code, *options):
        return cli(
            *("evidence", "run", "unit", *options, "--format", "json", "--", sys.executable, "-c", code), folder=root
        )

    return run


def recorded(root):
    with Context(capabilities(), folder=root).stored() as database:
        return [from_statement(entry.payload) for entry in read_entries(database, kind=KIND)]


def test_how_a_command_ended_is_recorded(run, root, git):
    ran = run("import sys; print('out'); print('err', file=sys.stderr)")
    assert ran.exit == 0
    assert "out\n" in ran.err
    assert "err\n" in ran.err
    (evidence,) = recorded(root)
    assert (evidence.kind, evidence.name, evidence.service) == ("command", "unit", "keystone")
    assert (evidence.assurance, evidence.population, evidence.error) == (Assurance.RAN, 1, None)
    assert evidence.commit == git(root, "rev-parse", "HEAD")
    assert evidence.facts["exit"] == 0
    assert evidence.facts["duration_s"] > 0
    assert evidence.facts["output_bytes"] == 8
    assert len(evidence.facts["output_sha256"]) == 64
    assert not evidence.dirty
    assert ran.json["entry"] >= 0


@pytest.mark.parametrize("code", [1, 2, 77])
def test_a_command_that_fails_is_exit_1_and_on_record(run, root, code):
    assert run(f"raise SystemExit({code})").exit == 1
    (evidence,) = recorded(root)
    assert evidence.facts["exit"] == code
    assert evidence.error is None


@pytest.mark.parametrize(
    ("code", "options", "said"),
    [
        ("import threading; threading.Event().wait()", ("--timeout", "1s"), "did not end within 1 s"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", (), "was ended by SIGKILL"),
    ],
)
def test_what_comes_to_no_result_is_an_error_on_record(run, root, code, options, said):
    ran = run(code, *options)
    assert ran.exit == 3
    (evidence,) = recorded(root)
    assert said in evidence.error
    assert evidence.population == 0
    assert evidence.facts.get("exit") != 0


def test_a_program_that_is_missing_is_an_error_on_record(cli, root):
    assert cli("evidence", "run", "unit", "--", "no-such-program", folder=root).exit == 3
    (evidence,) = recorded(root)
    assert evidence.error == "no-such-program is not installed"


def test_reports_that_it_wrote_are_evidence_too(run, root, git):
    ran = run(WRITES, "--report", "*.xml", "--environment", "ci")
    assert ran.exit == 0
    command, report = recorded(root)
    assert (report.kind, report.name) == ("junit", "unit/r.xml")
    assert (report.assurance, report.environment, report.dirty) == (Assurance.RAN, "ci", False)
    assert report.commit == command.commit == git(root, "rev-parse", "HEAD")
    assert report.time == command.time
    assert [row["entry"] for row in ran.json["reports"]] == [ran.json["entry"] + 1]


@pytest.mark.parametrize("how", ["left", "touched to the past", "missing"])
def test_a_report_that_this_run_did_not_write_is_refused(run, root, how):
    if how != "missing":
        (root / "r.xml").write_text(PASSING)
    code = f"{WRITES}; import os; os.utime('r.xml', (1, 1))" if "past" in how else "pass"
    ran = run(code, "--report", "r.xml")
    assert ran.exit == 3
    assert ran.json["reports"][0]["error"] == "r.xml: was not written by this run"
    assert [evidence.kind for evidence in recorded(root)] == ["command"]


def test_a_report_that_is_written_again_counts(run, root):
    (root / "r.xml").write_text(PASSING)
    os.utime(root / "r.xml", (1, 1))
    assert run(WRITES, "--report", "r.xml").exit == 0


def test_a_malformed_report_is_exit_3_and_the_command_is_on_record(run, root):
    ran = run("open('r.xml', 'w').write('<testsuite>')", "--report", "r.xml")
    assert ran.exit == 3
    assert [evidence.kind for evidence in recorded(root)] == ["command"]


def test_a_changed_tree_makes_it_dirty(run, root):
    ran = run("open('new.py', 'w').close()")
    assert ran.exit == 0
    assert ran.json["dirty"] is True
    assert recorded(root)[0].dirty


def test_the_command_gets_no_key_and_leaves_no_secret(cli, root, monkeypatch):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    monkeypatch.setenv("HARDPOINT_SIGNING_KEY", pem)
    code = "import os; raise SystemExit('HARDPOINT_SIGNING_KEY' in os.environ)"
    secret = "hunter2hunter2"
    ran = cli("evidence", "run", "unit", "--", sys.executable, "-c", code, f"API_TOKEN={secret}", folder=root)
    assert ran.exit == 0
    (evidence,) = recorded(root)
    assert secret not in str(evidence)
    assert secret not in ran.out + ran.err


def test_without_a_service_nothing_is_run(cli, repository):
    root = repository({"hardpoint.yaml": "version: 1\n"})
    ran = cli("evidence", "run", "x", "--", sys.executable, "-c", "open('ran', 'w')", folder=root)
    assert ran.exit == 2
    assert not (root / "ran").exists()


def test_a_timeout_that_is_none_is_wrong_usage(cli, root):
    assert cli("evidence", "run", "x", "--timeout", "soon", "--", "true", folder=root).exit == 2


def test_words_that_are_no_utf_8_are_on_record_too(cli, root):
    assert cli("evidence", "run", "unit", "--", sys.executable, "-c", "1/0", "\udcff", folder=root).exit == 1
    (evidence,) = recorded(root)
    assert "\\udcff" in evidence.facts["argv"]
