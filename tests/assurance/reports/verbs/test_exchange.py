"""`hardpoint evidence import`: what is read, what is stored, what is refused."""

import json

import pytest

from hardpoint.assurance.reports.verbs.exchange import import_reports
from hardpoint.kernel.evidence import KIND, from_statement
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.rooms.cli import Context

PASSING = '<testsuite name="u" timestamp="2026-03-31T10:00:00Z"><testcase classname="t" name="a"/></testsuite>'
FAILING = '<testsuite name="u"><testcase classname="t" name="a"><failure message="no"/></testcase></testsuite>'
SARIF = '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": []}]}'
MANIFEST = "version: 1\nservices: [{name: keystone}]\n"
ROW = {"file", "kind", "facts", "findings", "error"}


@pytest.fixture
def stored(monkeypatch):
    """The evidence in the record of a repository."""

    def stored(root):
        from hardpoint.capabilities import capabilities

        with Context(capabilities(), folder=root).stored() as database:
            entries = list(read_entries(database, kind=KIND, subject="keystone"))
        return [from_statement(entry.payload) for entry in entries]

    return stored


@pytest.fixture
def root(repository):
    return repository({"hardpoint.yaml": MANIFEST, ".gitignore": "*.xml\n*.sarif\n"})


@pytest.mark.requirement("GAT-15")
def test_a_dry_run_reads_every_kind_and_needs_no_repository(cli, tmp_path, settings_folder):
    (tmp_path / "r.xml").write_text(FAILING)
    (tmp_path / "s.sarif").write_text(SARIF)
    ran = cli("evidence", "import", "--dry-run", "r.xml", "s.sarif", "--format", "json", folder=tmp_path)
    assert ran.exit == 0
    assert set(ran.json) == {"schema", "reports"}
    assert ran.json["schema"] == "evidence-import/v1"
    assert all(set(row) >= ROW for row in ran.json["reports"])
    assert [(row["file"], row["kind"], row["error"]) for row in ran.json["reports"]] == [
        ("r.xml", "junit", None),
        ("s.sarif", "sarif", None),
    ]
    assert ran.json["reports"][0]["facts"]["failures"] == 1
    (finding,) = ran.json["reports"][0]["findings"]
    assert finding["place"] == {"file": "r.xml", "line": 1, "column": FAILING.index("<testcase") + 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.xml", "s.sarif"]
    assert list(settings_folder.iterdir()) == []


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "bad.xml: is empty"),
        ("hello", "bad.xml: is no kind of report"),
        (PASSING[:-8], "bad.xml:1:"),
        (SARIF[:-8], "bad.xml: The SARIF log is not the JSON"),
        (None, "bad.xml: cannot be read"),
        ("folder", "bad.xml: cannot be read"),
    ],
)
def test_a_report_that_cannot_be_read_is_exit_3_and_the_others_are_still_told(cli, tmp_path, content, said):
    (tmp_path / "good.xml").write_text(PASSING)
    if content == "folder":
        (tmp_path / "bad.xml").mkdir()
    elif content is not None:
        (tmp_path / "bad.xml").write_text(content)
    ran = cli("evidence", "import", "--dry-run", "bad.xml", "good.xml", "--format", "json", folder=tmp_path)
    assert ran.exit == 3
    bad, good = ran.json["reports"]
    assert (bad["kind"], bad["facts"], bad["findings"]) == (None, None, None)
    assert bad["error"].startswith(said)
    assert good["kind"] == "junit"


@pytest.mark.requirement("GAT-22")
def test_evidence_is_bound_to_the_commit_that_was_given(cli, root, git, stored):
    (root / "r.xml").write_text(PASSING)
    assert cli("evidence", "import", "--commit", "HEAD", "r.xml", folder=root).exit == 0
    (found,) = stored(root)
    assert found.commit == git(root, "rev-parse", "HEAD")
    assert (found.service, found.name, found.dirty) == ("keystone", "r.xml", False)
    assert found.time == "2026-03-31T10:00:00.000000Z"
    assert found.source.size_bytes == len(PASSING)


@pytest.mark.requirement("GAT-22")
def test_without_a_commit_evidence_is_bound_to_none(cli, root, stored):
    (root / "r.xml").write_text(PASSING)
    cli("evidence", "import", "r.xml", folder=root)
    assert stored(root)[0].commit is None


@pytest.mark.requirement("GAT-22")
def test_the_commit_in_a_report_is_stronger_than_the_one_given(cli, root, stored):
    log = json.loads(SARIF)
    log["runs"][0]["versionControlProvenance"] = [{"revisionId": "e" * 40}]
    (root / "r.sarif").write_text(json.dumps(log))
    cli("evidence", "import", "--commit", "HEAD", "r.sarif", folder=root)
    assert stored(root)[0].commit == "e" * 40


def test_evidence_from_a_dirty_tree_says_so(cli, root, stored):
    (root / "r.xml").write_text(PASSING)
    (root / "new.txt").write_text("x")
    cli("evidence", "import", "--commit", "HEAD", "r.xml", folder=root)
    assert stored(root)[0].dirty


@pytest.mark.requirement("GAT-15")
def test_the_same_bytes_twice_are_one_entry(cli, root, stored):
    (root / "r.xml").write_text(PASSING)
    first, second = (
        cli("evidence", "import", "--commit", "HEAD", "r.xml", "--format", "json", folder=root) for _ in range(2)
    )
    (one,), (other,) = first.json["reports"], second.json["reports"]
    assert (one["entry"], one["added"]) == (0, True)
    assert (other["entry"], other["added"]) == (0, False)
    assert len(stored(root)) == 1


def test_what_was_contradicted_and_is_said_again_is_new(cli, root, stored):
    for content in (FAILING, PASSING, FAILING):
        (root / "r.xml").write_text(content)
        ran = cli("evidence", "import", "--commit", "HEAD", "r.xml", "--format", "json", folder=root)
        assert ran.json["reports"][0]["added"]
    assert [each.facts["failures"] for each in stored(root)] == [1, 0, 1]


def test_jobs_of_a_matrix_are_told_apart_by_their_names(cli, root, stored):
    for name, content in (("py311", FAILING), ("py314", PASSING)):
        (root / "r.xml").write_text(content)
        assert cli("evidence", "import", "--commit", "HEAD", "--name", name, "r.xml", folder=root).exit == 0
    assert [each.name for each in stored(root)] == ["py311/r.xml", "py314/r.xml"]


@pytest.mark.requirement("GAT-02")
def test_under_one_name_two_files_are_told_apart(cli, root, stored):
    for folder, content in (("one", FAILING), ("two", PASSING)):
        (root / folder).mkdir()
        (root / folder / "r.xml").write_text(content)
    options = ("--commit", "HEAD", "--name", "py314")
    assert cli("evidence", "import", *options, "one/r.xml", "two/r.xml", folder=root).exit == 0
    assert [each.name for each in stored(root)] == ["py314/one/r.xml", "py314/two/r.xml"]


def test_an_import_from_a_tree_with_changes_says_that_it_counts_only_locally(cli, root):
    (root / "r.xml").write_text(PASSING)
    (root / "hardpoint.yaml").write_text((root / "hardpoint.yaml").read_text() + "# changed\n")
    assert "local verdict only" in cli("evidence", "import", "--commit", "HEAD", "r.xml", folder=root).out


def test_a_report_cannot_write_lines_of_its_own_or_steer_the_terminal(cli, root):
    name = "t&#10;GO at release"
    (root / "r.xml").write_text(f'<testsuite><testcase name="{name}"><failure message="x"/></testcase></testsuite>')
    cli("evidence", "import", "--commit", "HEAD", "r.xml", folder=root)
    (root / "s.sarif").write_text(
        '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "a\\u001b[2J"}}, "results": '
        '[{"ruleId": "R\\nGO at release", "message": {"text": "\\u001b]0;x\\u0007"}}]}]}'
    )
    out = cli("evidence", "import", "--dry-run", "r.xml", "s.sarif", folder=root).out
    assert "\x1b" not in out
    assert not any(line.startswith("GO") for line in out.splitlines())


def test_reports_of_one_name_in_two_folders_are_told_apart(cli, root, stored):
    for folder, content in (("one", FAILING), ("two", PASSING)):
        (root / folder).mkdir()
        (root / folder / "r.xml").write_text(content)
        assert cli("evidence", "import", "--commit", "HEAD", "r.xml", folder=root / folder).exit == 0
    assert [each.name for each in stored(root)] == ["one/r.xml", "two/r.xml"]


def test_one_file_has_one_name_however_it_is_written(cli, root, stored):
    (root / "r.xml").write_text(PASSING)
    for name in ("r.xml", "./r.xml", root / "r.xml"):
        cli("evidence", "import", name, folder=root)
    assert {each.name for each in stored(root)} == {"r.xml"}


def test_a_report_that_cannot_be_read_is_not_stored_and_the_others_are(cli, root, stored):
    (root / "r.xml").write_text(PASSING)
    (root / "bad.xml").write_text("<testsuite>")
    assert cli("evidence", "import", "bad.xml", "r.xml", folder=root).exit == 3
    assert [each.name for each in stored(root)] == ["r.xml"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--commit", "gone"], "'gone' names no commit"),
        (["--time", "yesterday"], "is not an instant"),
        (["--time", "2026-03-31T10:00:00"], "is not an instant"),
        (["--service", "keyston"], "did you mean 'keystone'?"),
    ],
)
def test_what_is_said_of_a_report_must_make_sense_before_anything_is_stored(cli, root, options, said):
    (root / "r.xml").write_text(PASSING)
    ran = cli("evidence", "import", *options, "r.xml", folder=root)
    assert ran.exit == 2
    assert said in ran.err
    assert not (root / ".hardpoint").exists()


def test_the_time_that_is_given_counts_where_the_report_says_none(call, root, stored):
    (root / "r.xml").write_text(FAILING)
    (root / "timed.xml").write_text(PASSING)
    call(import_reports, "--time", "2026-03-30T12:00:00+02:00", "r.xml", "timed.xml", folder=root)
    assert [each.time for each in stored(root)] == ["2026-03-30T10:00:00.000000Z", "2026-03-31T10:00:00.000000Z"]


def test_the_environment_is_kept(call, root, stored):
    (root / "r.xml").write_text(PASSING)
    call(import_reports, "--environment", "staging", "r.xml", folder=root)
    assert stored(root)[0].environment == "staging"


def test_the_text_form_tells_what_was_read(cli, root):
    (root / "r.xml").write_text(FAILING)
    out = cli("evidence", "import", "--dry-run", "r.xml", folder=root).out
    assert "failures=1" in out
    assert out.splitlines()[-1] == "1 of 1 reports read, 1 finding, nothing stored"


@pytest.mark.parametrize(("options", "told"), [([], True), (["--commit", "HEAD"], False)])
def test_a_report_that_names_no_commit_is_said_to_be_about_none(cli, root, options, told):
    (root / "r.xml").write_text(PASSING)
    assert ("--commit HEAD" in cli("evidence", "import", *options, "r.xml", folder=root).out) is told
