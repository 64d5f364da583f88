"""kill -9 of a collector at random points: what was handed in is in the inbox or in the record, and ends there once."""

import json
import os
import random
import signal
import subprocess
import sys
from base64 import b64decode

import pytest

from hardpoint.kernel.clock import monotonic_s
from hardpoint.kernel.identity.keys import signer_of

FULL = os.environ.get("HARDPOINT_FAULTS") == "full"
KILLS = 200 if FULL else 8
SEED = int(os.environ.get("HARDPOINT_FAULTS_SEED") or 20260331)
MANIFEST = "version: 1\nservices: [{{name: keystone}}]\ntrust: {{keys: [{{key: '{key}', holder: ci}}]}}\n"
REPORT = '<testsuite timestamp="2026-03-31T10:00:00Z"><testcase classname="t" name="a"/></testsuite>'


@pytest.fixture
def clone(tmp_path, repository, git, settings_folder, monkeypatch):
    """Makes a fresh clone of one remote, as a runner does."""
    key = signer_of(settings_folder, {}).public
    monkeypatch.setenv("HARDPOINT_SIGNING_KEY", str(settings_folder / "signing-key.pem"))
    root = repository({"hardpoint.yaml": MANIFEST.format(key=key), ".gitignore": "*.xml\n"})
    git(tmp_path, "clone", "-q", "--bare", str(root), "remote.git")

    def clone(name):
        git(tmp_path, "clone", "-q", str(tmp_path / "remote.git"), name)
        return tmp_path / name

    return clone


def handed_in(clone, cli, name):
    """A job that is gone once it handed in; the origin of what it had."""
    root = clone(name)
    (root / "r.xml").write_text(REPORT)
    assert cli("evidence", "import", "--commit", "HEAD", "--name", name, "r.xml", folder=root).exit == 0
    ran = cli("record", "hand-in", "--format", "json", folder=root)
    assert ran.exit == 0, ran.err
    return ran.json["origin"]


def recorded(git, remote):
    """The origins of what the remote's record imported, each as often as it did."""
    if not git(remote, "for-each-ref", "refs/hardpoint/record"):
        return []
    pages = git(remote, "ls-tree", "-r", "--name-only", "refs/hardpoint/record", "entries/").splitlines()
    lines = [line for page in pages for line in git(remote, "show", f"refs/hardpoint/record:{page}").splitlines()]
    headers = [json.loads(b64decode(json.loads(line)["header"])) for line in lines]
    return [header["unique"].split()[1] for header in headers if header["kind"] == "imported"]


def waiting(git, remote):
    refs = git(remote, "for-each-ref", "--format=%(refname)", "refs/hardpoint/inbox/").split()
    bundles = [json.loads(git(remote, "show", f"{ref}:bundle.json")) for ref in refs]
    return {bundle["checkpoint"].partition("\n")[0] for bundle in bundles}


@pytest.mark.requirement("GAT-14")
def test_a_killed_collector_loses_nothing_and_takes_nothing_in_twice(clone, cli, git, tmp_path):
    remote, chance = tmp_path / "remote.git", random.Random(SEED)
    collector = clone("collector")
    origins, killed, took_s = set(), 0, None
    for number in range(KILLS):
        origins |= {handed_in(clone, cli, f"job{number}")}
        process = subprocess.Popen(
            [sys.executable, "-m", "hardpoint", "record", "collect"],
            cwd=collector,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        begun = monotonic_s()
        try:  # the first comes to its end, and tells how long that takes here
            process.communicate(timeout=chance.uniform(0.2, 1) * took_s if took_s else None)
            took_s = took_s or monotonic_s() - begun
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += 1
        there = recorded(git, remote)
        assert len(there) == len(set(there)), "something was taken in twice"
        assert set(there) | waiting(git, remote) == origins, "something was lost"
    assert killed
    for root in (collector, clone("last")):
        assert cli("record", "collect", folder=root).exit == 0
        assert cli("record", "verify", folder=root).exit == 0
    assert sorted(recorded(git, remote)) == sorted(origins)
    assert waiting(git, remote) == set()
