"""`hardpoint evidence export` and `import` between two stores, from one to a verdict in the other."""

import json

import pytest

from hardpoint.assurance.reports.bundles import is_bundle

pytestmark = pytest.mark.requirement("GAT-14", "GAT-22")

MANIFEST = """\
version: 1
services: [{name: keystone}]
gates: [{name: merge, criteria: [{id: tests, kind: report, report: junit, require: {failures: 0}}]}]
"""
PASSING = '<testsuite timestamp="2026-03-31T10:00:00Z"><testcase classname="t" name="a"/></testsuite>'


@pytest.fixture
def say(cli, monkeypatch, tmp_path):
    """Runs a command in one of two stores."""

    def say(store, *arguments, code=0, root):
        monkeypatch.setenv("HARDPOINT_STORE", f"sqlite:///{tmp_path / f'{store}.db'}")
        ran = cli(*arguments, "--format", "json", folder=root)
        assert ran.exit == code, ran.out + ran.err
        return ran.json

    return say


@pytest.fixture
def root(repository):
    return repository({"hardpoint.yaml": MANIFEST, ".gitignore": "*.xml\n*.json\n"})


@pytest.fixture
def exported(say, root):
    """A repository with a bundle in it: what the first store holds."""
    (root / "r.xml").write_text(PASSING)
    say("first", "evidence", "import", "--commit", "HEAD", "r.xml", root=root)
    assert say("first", "evidence", "export", "bundle.json", root=root)["entries"] == 1
    return root


@pytest.mark.parametrize(
    ("start", "is_one"),
    [
        (b'{"schema":"bundle/v1"', True),
        (b'\n{\n  "schema": "bundle/v9"', True),
        (b"", False),
        (b"{}", False),
        (b'{"version": "2.1.0", "runs": [{"schema": "bundle/v1"}]}', False),
    ],
)
def test_a_bundle_is_known_by_its_beginning(start, is_one):
    assert is_bundle(start) is is_one


def test_what_one_store_exports_counts_in_another(say, exported):
    assert say("second", "evidence", "import", "--dry-run", "bundle.json", root=exported)["bundles"][0]["added"] == 1
    found = say("second", "evidence", "import", "bundle.json", root=exported)
    assert (found["reports"], found["bundles"][0]["added"], found["bundles"][0]["entries"]) == ([], 1, [0])
    again = say("second", "evidence", "import", "bundle.json", root=exported)
    assert (again["bundles"][0]["added"], again["bundles"][0]["known"]) == (0, 1)
    assert say("second", "gate", "merge", "--no-check", root=exported)["answer"] == "GO"
    assert say("second", "record", "verify", root=exported)["whole"]


def test_reports_and_bundles_are_told_apart_by_their_content(say, exported):
    (exported / "s.xml").write_text(PASSING)
    found = say("second", "evidence", "import", "--commit", "HEAD", "bundle.json", "s.xml", root=exported)
    assert ([each["file"] for each in found["reports"]], [each["file"] for each in found["bundles"]]) == (
        ["s.xml"],
        ["bundle.json"],
    )


def test_a_bundle_that_does_not_hold_is_refused_at_its_file(say, exported):
    bundle = json.loads((exported / "bundle.json").read_text())
    for part, code in (("signature", 5), ("payload", 5), ("header", 3), ("salt", 5)):
        changed = json.loads(json.dumps(bundle))
        changed["entries"][0][part] = "QUFB" + changed["entries"][0][part][4:]
        (exported / "changed.json").write_text(json.dumps(changed))
        for options in ([], ["--dry-run"]):
            said = say("second", "evidence", "import", *options, "changed.json", code=code, root=exported)
            assert "changed.json" in json.dumps(said)
    text = (exported / "bundle.json").read_text()
    (exported / "changed.json").write_text(text[: len(text) // 2])
    say("second", "evidence", "import", "changed.json", code=3, root=exported)
    say("second", "gate", "merge", "--no-check", code=1, root=exported)


def test_a_bundle_of_a_later_version_is_not_guessed_at(say, exported):
    text = (exported / "bundle.json").read_text().replace("bundle/v1", "bundle/v2")
    (exported / "later.json").write_text(text)
    said = say("second", "evidence", "import", "later.json", code=3, root=exported)
    assert "bundle/v2" in said["detail"]


def test_a_bundle_comes_back_to_its_own_store_in_vain(say, exported):
    said = say("first", "evidence", "import", "bundle.json", code=2, root=exported)
    assert "this very record" in said["detail"]


def test_there_is_nothing_to_export(say, exported):
    for options in (["--service", "nobody"], ["--commit", "b" * 40]):
        say("first", "evidence", "export", *options, "none.json", code=2, root=exported)
    assert not (exported / "none.json").exists()
    assert say("first", "evidence", "export", "--commit", "HEAD", "some.json", root=exported)["entries"] == 1
    say("first", "evidence", "export", "no/such/folder.json", code=2, root=exported)
