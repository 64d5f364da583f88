"""Bundles between stores: taken in whole or not at all, once, and counted by their original signers."""

import json
import shutil

import pytest

from hardpoint.kernel.identity.keys import signer_of

pytestmark = pytest.mark.requirement("GAT-14", "GAT-22")

PASSING = '<testsuite timestamp="2026-03-31T10:00:00Z"><testcase classname="t" name="a"/></testsuite>'
FAILING = PASSING.replace("/></testsuite>", '><failure message="no"/></testcase></testsuite>')
MANIFEST = """\
version: 1
services: [{name: keystone}]
gates: [{name: merge, criteria: [{id: tests, kind: report, report: junit, require: {failures: 0}}]}]
"""


@pytest.fixture
def two(repository, git, cli, tmp_path, settings_folder, monkeypatch):
    """Two clones of one commit: a job with a key that the manifest names, and whoever judges, with another."""
    job_key = signer_of(settings_folder / "job", {}).public
    own_key = signer_of(settings_folder / "judge", {}).public
    trust = f"trust: {{keys: [{{key: '{job_key}', holder: ci}}, {{key: '{own_key}', holder: ada}}]}}\n"
    root = repository({"hardpoint.yaml": MANIFEST + trust, ".gitignore": "*.xml\n*.json\n"})
    for name in ("job", "judge"):
        git(tmp_path, "clone", "-q", str(root), name)

    def at(name, *arguments, code=0):
        monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(settings_folder / name))
        ran = cli(*arguments, "--format", "json", folder=tmp_path / name)
        assert ran.exit == code, ran.out
        return ran.json

    return at


@pytest.fixture
def report(two, tmp_path):
    def report(content, name="job"):
        (tmp_path / name / "r.xml").write_text(content)
        two(name, "evidence", "import", "--commit", "HEAD", "r.xml")

    return report


@pytest.fixture
def bundle(two, report, tmp_path):
    """Exports what the job has to where the judge finds it."""

    def bundle(*options):
        two("job", "evidence", "export", str(tmp_path / "judge/b.json"), *options)
        return tmp_path / "judge/b.json"

    return bundle


def test_imported_evidence_counts_at_the_gate(two, report, bundle):
    report(PASSING)
    bundle("--commit", "HEAD", "--service", "keystone", "--entry", "0")
    two("judge", "check", "--record")
    assert two("judge", "gate", "merge", code=1)["gates"][0]["criteria"][0]["verdict"] == "missing"
    row = two("judge", "evidence", "import", "b.json")["reports"][0]
    assert (row["kind"], row["added"], row["facts"]) == ("bundle", True, {"entries": 1})
    assert two("judge", "gate", "merge")["answer"] == "GO"
    assert two("judge", "record", "verify")["whole"]


def test_importing_twice_adds_nothing_and_a_dry_run_stores_nothing(two, report, bundle, tmp_path):
    report(PASSING)
    bundle()
    two("judge", "evidence", "import", "--dry-run", "b.json")
    assert not (tmp_path / "judge/.hardpoint").exists()
    assert two("judge", "evidence", "import", "b.json")["reports"][0]["added"]
    again = two("judge", "evidence", "import", "b.json")["reports"][0]
    assert (again["entry"], again["added"]) == (0, False)
    assert two("judge", "record", "verify")["size"] == 1


def test_a_newer_import_supersedes_whatever_the_order_they_came_in(two, report, bundle, tmp_path):
    report(FAILING)
    old = bundle().read_bytes()
    report(PASSING)
    new = bundle("--entry", "1").read_bytes()
    for data in (new, old):
        (tmp_path / "judge/b.json").write_bytes(data)
        two("judge", "evidence", "import", "b.json")
    assert two("judge", "gate", "merge", "--no-check")["answer"] == "GO"


def test_a_failure_that_is_imported_is_no_go(two, report, bundle):
    report(PASSING, "judge")
    report(FAILING)
    bundle()
    two("judge", "evidence", "import", "b.json")
    assert two("judge", "gate", "merge", "--no-check", code=1)["answer"] == "NO-GO"


def test_what_was_imported_is_handed_on_as_its_own(two, report, bundle, tmp_path):
    report(PASSING)
    bundle()
    two("judge", "evidence", "import", "b.json")
    two("judge", "evidence", "export", str(tmp_path / "job/c.json"))
    row = two("job", "evidence", "import", "c.json")["reports"][0]
    assert (row["entry"], row["added"]) == (0, False), "it is the job's own entry that comes home"


def test_signers_that_are_not_trusted_are_refused(two, report, bundle, tmp_path):
    report(PASSING)
    bundle()
    manifest = tmp_path / "judge/hardpoint.yaml"
    text = manifest.read_text()
    manifest.write_text(MANIFEST)
    assert two("judge", "evidence", "import", "b.json", code=5)["code"] == "integrity"
    assert not (tmp_path / "judge/.hardpoint").exists()
    manifest.write_text(text)
    two("judge", "evidence", "import", "b.json")
    manifest.write_text(MANIFEST)
    assert two("judge", "gate", "merge", "--no-check", code=1)["gates"][0]["criteria"][0]["verdict"] == "missing"


def test_a_changed_bundle_is_refused_and_nothing_of_it_is_stored(two, report, bundle, tmp_path):
    report(PASSING)
    file = bundle()
    document = json.loads(file.read_bytes())
    for part in ("header", "salt", "signature", "payload"):
        text = document["entries"][0][part]
        changed = json.loads(json.dumps(document))
        changed["entries"][0][part] = ("B" if text[0] == "A" else "A") + text[1:]
        file.write_text(json.dumps(changed))
        assert two("judge", "evidence", "import", "b.json", code=3 if part == "header" else 5)
    file.write_text(json.dumps(document)[:-20])
    assert two("judge", "evidence", "import", "b.json", code=3)["reports"][0]["kind"] is None


def test_a_bundle_of_a_fork_is_refused(two, report, bundle, tmp_path, settings_folder):
    report(PASSING)
    store = tmp_path / "job/.hardpoint/hardpoint.db"
    saved = store.read_bytes()
    report(FAILING)
    bundle()
    two("judge", "evidence", "import", "b.json")
    before = two("judge", "record", "verify")["size"]
    store.write_bytes(saved)
    for file in store.parent.glob("hardpoint.db-*"):
        file.unlink()
    shutil.rmtree(settings_folder / "job/checkpoints")  # as on another machine with the same key
    report(PASSING.replace("10:00", "11:00"))
    bundle("--entry", "1")
    assert "forked" in two("judge", "evidence", "import", "b.json", code=5)["detail"]
    assert two("judge", "record", "verify")["size"] == before


def test_an_export_of_nothing_or_to_nowhere_is_refused(two):
    assert two("job", "check", "--record")
    assert two("job", "evidence", "export", "x.json", "--entry", "7", code=2)["code"] == "usage"
    assert two("job", "evidence", "export", "none/x.json", code=2)["code"] == "usage"
