"""The inbox on a git ref, with real repositories: handed in by many at once, collected by one, and tampered with."""

import os
import subprocess
import sys

import pytest

from hardpoint.kernel.identity.keys import signer_of
from hardpoint.kernel.record import git_ref, inbox

pytestmark = pytest.mark.requirement("GAT-14")

RECORD = "refs/hardpoint/record"
MANIFEST = """\
version: 1
services: [{{name: keystone}}]
gates: [{{name: merge, criteria: [{{id: tests, kind: report, report: junit, require: {{failures: 0}}}}]}}]
trust: {{keys: [{{key: '{key}', holder: ci}}]}}
"""
REPORT = '<testsuite timestamp="2026-03-31T10:00:00Z"><testcase classname="t" name="a"/></testsuite>'
FAILING = REPORT.replace("/></testsuite>", '><failure message="no"/></testcase></testsuite>')


@pytest.fixture
def say(cli, monkeypatch, settings_folder):
    """Runs a command at a folder, a machine of its own with the key of all; returns its JSON."""

    def say(root, *arguments, code=0):
        monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(settings_folder / root.name))
        ran = cli(*arguments, "--format", "json", folder=root)
        assert ran.exit == code, ran.out + ran.err
        return ran.json

    return say


@pytest.fixture
def remote(tmp_path, repository, git, settings_folder, monkeypatch):
    """A bare repository with one commit, whose manifest vouches for the key of all."""
    key = signer_of(settings_folder, {}).public
    monkeypatch.setenv("HARDPOINT_SIGNING_KEY", str(settings_folder / "signing-key.pem"))
    root = repository({"hardpoint.yaml": MANIFEST.format(key=key), ".gitignore": "*.xml\n"})
    git(tmp_path, "clone", "-q", "--bare", str(root), "remote.git")
    return tmp_path / "remote.git"


@pytest.fixture
def clone(remote, tmp_path, git):
    def clone(name):
        git(tmp_path, "clone", "-q", str(remote), name)
        return tmp_path / name

    return clone


@pytest.fixture
def job(clone, say):
    """A runner with a store of its own, and one report in it."""

    def job(name, report=REPORT):
        root = clone(name)
        (root / "r.xml").write_text(report)
        say(root, "evidence", "import", "--commit", "HEAD", "--name", name, "r.xml")
        return root

    return job


def inbox_of(git, remote):
    return git(remote, "for-each-ref", "--format=%(refname)", "refs/hardpoint/inbox/").split()


def process(root, settings_folder, *arguments):
    env = {**os.environ, "HARDPOINT_CONFIG_DIR": str(settings_folder / root.name)}
    return subprocess.Popen(
        [sys.executable, "-m", "hardpoint", *arguments],
        cwd=root,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_what_jobs_hand_in_stands_in_one_record(job, clone, say, git, remote):
    for number in range(3):
        root = job(f"job{number}")
        assert say(root, "record", "hand-in")["added"]
    assert len(inbox_of(git, remote)) == 3
    collector = clone("collector")
    found = say(collector, "record", "collect")
    assert (found["added"], found["refused"], found["size"]) == (3, 0, 3)
    assert inbox_of(git, remote) == []
    assert say(collector, "record", "verify")["whole"]
    judged = say(collector, "gate", "merge", "--no-check")
    assert judged["answer"] == "GO"
    assert judged["gates"][0]["criteria"][0]["evidence"] == [0, 1, 2]
    other = clone("other")
    assert say(other, "record", "pull")["size"] == 3
    assert say(other, "gate", "merge", "--no-check")["answer"] == "GO"


def test_a_failure_that_was_handed_in_is_no_go(job, clone, say):
    say(job("a"), "record", "hand-in")
    say(job("b", FAILING), "record", "hand-in")
    collector = clone("collector")
    say(collector, "record", "collect")
    assert say(collector, "gate", "merge", "--no-check", code=1)["answer"] == "NO-GO"


def test_log_and_show_say_where_it_is_from(job, clone, say):
    root = job("a")
    origin = say(root, "record", "hand-in")["origin"]
    collector = clone("collector")
    say(collector, "record", "collect")
    (entry,) = say(collector, "record", "log")["entries"]
    assert (entry["kind"], entry["origin"], entry["by"]) == ("imported", f"{origin} 0", "ci")
    shown = say(collector, "record", "show", "0")
    assert shown["origin"] == origin
    assert shown["payload"]["predicate"]["kind"] == "junit"


def test_handing_in_again_adds_nothing(job, say, git, remote, clone):
    root = job("a")
    first = say(root, "record", "hand-in")
    again = say(root, "record", "hand-in")
    assert (first["added"], again["added"], again["ref"]) == (True, False, first["ref"])
    collector = clone("collector")
    assert say(collector, "record", "collect")["added"] == 1
    assert say(root, "record", "hand-in")["added"], "it is gone from the inbox, and nobody is told why"
    found = say(collector, "record", "collect")
    assert (found["added"], found["size"], found["bundles"][0]["known"]) == (0, 1, 1)
    assert inbox_of(git, remote) == []


def test_a_job_that_goes_on_hands_in_the_rest(job, say, clone):
    root = job("a")
    say(root, "record", "hand-in")
    (root / "more.xml").write_text(REPORT)
    say(root, "evidence", "import", "--commit", "HEAD", "more.xml")
    say(root, "record", "hand-in")
    collector = clone("collector")
    found = say(collector, "record", "collect")
    assert (found["added"], sum(each["known"] for each in found["bundles"])) == (2, 1)


def test_an_empty_inbox_is_no_mistake(clone, say, job):
    collector = clone("collector")
    assert say(collector, "record", "collect")["size"] == 0
    say(job("a"), "record", "push")
    assert say(collector, "record", "collect")["size"] == 1


def test_what_only_the_collector_has_goes_first(job, clone, say):
    collector = job("collector")
    say(job("a"), "record", "hand-in")
    assert say(collector, "record", "collect")["size"] == 2
    say(collector, "evidence", "import", "--commit", "HEAD", "--name", "later", "r.xml")
    say(job("b"), "record", "hand-in")
    found = say(collector, "record", "collect")
    assert (found["added"], found["size"]) == (1, 4)
    assert say(clone("other"), "record", "pull")["size"] == 4


def test_a_copy_of_the_record_is_not_handed_in(job, clone, say):
    say(job("a"), "record", "push")
    root = clone("b")
    say(root, "record", "pull")
    (root / "r.xml").write_text(REPORT)
    say(root, "evidence", "import", "--commit", "HEAD", "--name", "b", "r.xml")
    assert "is a copy of the record" in say(root, "record", "hand-in", code=2)["detail"]


def test_a_store_without_evidence_hands_nothing_in(clone, say):
    root = clone("a")
    assert say(root, "record", "hand-in", code=3)


def test_a_key_that_nobody_named_hands_nothing_in_and_collects_nothing(job, clone, cli, say, git, remote, monkeypatch):
    say(job("a"), "record", "hand-in")
    monkeypatch.delenv("HARDPOINT_SIGNING_KEY")
    assert "Nobody would take this in" in say(job("b"), "record", "hand-in", code=2)["detail"]
    assert "yours is not one of them" in say(clone("collector"), "record", "collect", code=2)["detail"]
    assert len(inbox_of(git, remote)) == 1


def put(git, remote, name, content, ref=None, file="bundle.json"):
    """Put a file into the inbox as whoever may push there can."""
    path = remote / "content"
    path.write_bytes(content)
    blob = git(remote, "hash-object", "-w", "--no-filters", str(path))
    path.unlink()
    tree = subprocess.run(
        ["git", "mktree"], cwd=remote, input=f"100644 blob {blob}\t{file}\n", check=True, capture_output=True, text=True
    ).stdout.strip()
    git(remote, "update-ref", ref or f"refs/hardpoint/inbox/{name}", git(remote, "commit-tree", tree, "-m", "x"))


def test_what_does_not_hold_is_named_and_stays_and_stops_nothing(job, clone, say, git, remote):
    from hashlib import sha256

    say(job("a"), "record", "hand-in")
    good = inbox_of(git, remote)[0]
    data = subprocess.run(
        ["git", "cat-file", "blob", f"{good}:bundle.json"], cwd=remote, check=True, capture_output=True
    ).stdout
    for bad in (b"", b"{}", data[:-1], data.replace(b'"signature":"', b'"signature":"AAAA', 1), data + b" "):
        put(git, remote, sha256(bad).hexdigest() if bad[-1:] != b" " else "f" * 64, bad)
    put(git, remote, "1" * 64, data, file="other.json")
    git(remote, "update-ref", f"refs/hardpoint/inbox/{'2' * 64}", git(remote, "rev-parse", "HEAD^{tree}"))
    collector = clone("collector")
    found = say(collector, "record", "collect", code=3)
    assert (found["added"], found["refused"]) == (1, 7)
    assert all(each["error"] for each in found["bundles"] if each["ref"] != good)
    assert len(inbox_of(git, remote)) == 7
    assert good not in inbox_of(git, remote)
    assert say(collector, "record", "verify")["size"] == 1
    assert say(collector, "record", "collect", code=3)["added"] == 0


def test_a_bundle_of_the_record_itself_stays(job, clone, say, git, remote):
    """A job that began from a copy, with its own clone forgotten: a fork, which is never merged."""
    root = job("a")
    say(root, "record", "push")
    git(root, "update-ref", "-d", RECORD)
    say(root, "record", "hand-in")
    found = say(clone("collector"), "record", "collect", code=3)
    assert "this very record" in found["bundles"][0]["error"]


def test_a_lost_race_is_run_again(job, clone, say, monkeypatch, git, remote):
    say(job("a"), "record", "push")
    say(job("b"), "record", "hand-in")
    rival, collector = clone("rival"), clone("collector")
    real, runs = inbox.put, []

    def put(*arguments):
        runs.append(arguments)
        if len(runs) == 1:
            say(rival, "record", "pull")
            (rival / "r.xml").write_text(REPORT)
            say(rival, "evidence", "import", "--commit", "HEAD", "--name", "rival", "r.xml")
            say(rival, "record", "push")
            monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(collector))
        return real(*arguments)

    monkeypatch.setattr(inbox, "put", put)
    found = say(collector, "record", "collect")
    assert (len(runs), found["added"], found["size"]) == (2, 1, 3)
    assert say(collector, "record", "verify")["whole"]
    assert inbox_of(git, remote) == []


def test_races_without_end_are_given_up_and_nothing_is_lost(job, clone, say, monkeypatch, git, remote):
    say(job("a"), "record", "hand-in")
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "put", lambda *arguments: None)
        said = say(clone("collector"), "record", "collect", code=3)
    assert f"{inbox.ATTEMPTS} times" in said["detail"]
    assert len(inbox_of(git, remote)) == 1
    assert say(clone("other"), "record", "collect")["added"] == 1


def test_a_bundle_that_would_make_a_page_too_large_stops_at_the_door(job, clone, say, monkeypatch, git, remote):
    say(job("a"), "record", "hand-in")
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "MAX_PAGE_BYTES", 1000)
        found = say(clone("collector"), "record", "collect", code=3)
    assert "too large for the page" in found["bundles"][0]["error"]
    assert len(inbox_of(git, remote)) == 1


def test_bundles_that_are_gone_meanwhile_are_not_missed(job, clone, say, monkeypatch, git, remote):
    for name in ("a", "b"):
        say(job(name), "record", "hand-in")
    real = git_ref.Remote.fetch

    def fetch(self, refs):
        if len(refs) > 1:
            git(remote, "update-ref", "-d", refs[0])
        return real(self, refs)

    monkeypatch.setattr(git_ref.Remote, "fetch", fetch)
    found = say(clone("collector"), "record", "collect")
    assert (found["added"], len(found["bundles"])) == (1, 1)


def test_many_processes_hand_in_while_others_collect(job, clone, say, git, remote, settings_folder):
    """Every job twice at once, and two collectors: all of it is in the record once, and the inbox ends empty."""
    jobs = [job(f"job{number}") for number in range(6)]
    collectors = [clone(f"collector{number}") for number in range(2)]
    running = [process(root, settings_folder, "record", "hand-in") for root in jobs for _ in range(2)]
    running += [process(root, settings_folder, "record", "collect") for root in collectors]
    for each in running:
        out, _ = each.communicate(timeout=120)
        assert each.returncode == 0, out.decode()
    last = clone("last")
    found = say(last, "record", "collect")
    assert found["size"] == 6
    assert inbox_of(git, remote) == []
    assert say(last, "record", "verify")["whole"]
    origins = {entry["origin"] for entry in say(last, "record", "log")["entries"]}
    assert len(origins) == 6
