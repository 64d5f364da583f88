"""`hardpoint runbook new` and `hardpoint runbook index`, as people run them."""

import pytest

from hardpoint.assurance.runbooks.pages import read_page
from hardpoint.assurance.runbooks.parts import Part
from hardpoint.assurance.runbooks.templates import BLANK, NAMES, draft, slug
from hardpoint.assurance.runbooks.verbs import WRITTEN

RULES = "groups:\n- name: a\n  rules:\n  - alert: ApiDown\n    expr: x\n"


@pytest.fixture
def here(repository):
    return repository({"README.md": "# Shop\n", "alerts/a.yml": RULES})


@pytest.mark.requirement("RUN-03")
def test_a_new_runbook_is_written_and_answers_its_alert(cli, here):
    ran = cli("runbook", "new", "ApiDown", "--alert", "ApiDown", "--owner", "team-a", folder=here)
    assert ran.exit == 0
    assert "docs/runbooks/api-down.md is written from the template blank" in ran.out
    assert "link to it at alerts/a.yml:4:5" in ran.out
    shown = cli("runbook", "index", "--format", "json", folder=here).json
    assert [(each["alert"], each["runbook"], each["owner"]) for each in shown["alerts"]] == [
        ("ApiDown", "docs/runbooks/api-down.md", "team-a")
    ]


@pytest.mark.requirement("RUN-03")
@pytest.mark.parametrize("name", [each for each in NAMES if each != BLANK])
def test_a_template_is_a_runbook_for_its_failure_that_only_lacks_what_the_team_knows(cli, here, name):
    required = "[alert, severity, diagnosis, mitigation, rollback]"
    (here / "hardpoint.yaml").write_text(f"version: 1\nrunbooks:\n  required: {required}\n  failure_modes: [{name}]\n")
    assert cli("check", "--rule", "RUN014", folder=here).exit == 1
    assert cli("runbook", "new", name, "--alert", "ApiDown", folder=here).exit == 0
    ran = cli("check", "--rule", "RUN", folder=here)
    assert ran.exit == 0, ran.out


@pytest.mark.parametrize("name", NAMES)
def test_a_template_leaves_owner_and_exercise_open_and_no_brace_behind(name):
    text = draft(name, "A title", alert="", owner="")
    page = read_page("a.md", text.encode())
    assert page.title == "A title"
    assert not page.parts[Part.OWNER].filled
    assert not page.parts[Part.EXERCISED].filled
    assert page.alerts == ()
    assert "{title}" not in text
    assert all(len(line) <= 200 for line in text.splitlines())


def test_an_existing_runbook_is_never_overwritten(cli, here):
    assert cli("runbook", "new", "api", folder=here).exit == 0
    (here / "docs/runbooks/api.md").write_text("mine")
    ran = cli("runbook", "new", "api", folder=here)
    assert ran.exit == 2
    assert "docs/runbooks/api.md exists already" in ran.err
    assert (here / "docs/runbooks/api.md").read_text() == "mine"


@pytest.mark.parametrize("name", ["", "  ", "/", "../..", "日本"])
def test_a_name_that_gives_no_file_is_wrong_usage(cli, here, name):
    assert cli("runbook", "new", name, folder=here).exit == 2


def test_a_name_never_leads_out_of_the_folder(cli, here):
    assert cli("runbook", "new", "../../etc/passwd", folder=here).exit == 0
    assert (here / "docs/runbooks/etc-passwd.md").exists()


def test_an_owner_of_several_lines_is_refused(cli, here):
    assert cli("runbook", "new", "api", "--owner", "a\n# b", folder=here).exit == 2


def test_braces_in_what_is_given_stay_as_they_are(cli, here):
    cli("runbook", "new", "api", "--owner", "{team} {0}", folder=here)
    assert "- Owner: {team} {0}\n" in (here / "docs/runbooks/api.md").read_text()


def test_a_runbook_is_written_beside_the_others_with_the_owner_of_the_service(cli, repository):
    root = repository(
        {"ops/runbooks/db.md": "# DB\n", "hardpoint.yaml": "version: 1\nservices: [{name: shop, owner: team-shop}]\n"}
    )
    cli("runbook", "new", "api-down", folder=root)
    assert "- Owner: team-shop\n" in (root / "ops/runbooks/api-down.md").read_text()


def test_an_alert_that_is_not_there_is_said(cli, here):
    assert (
        "no alert rule that could be read is named ApiDwn"
        in cli("runbook", "new", "api", "--alert", "ApiDwn", folder=here).out
    )


@pytest.mark.parametrize(
    ("name", "expected"), [("ApiDown", "api-down"), ("HighCPUUsage", "high-cpu-usage"), ("a  B_c", "a-b-c")]
)
def test_names_become_names_of_files(name, expected):
    assert slug(name) == expected


@pytest.mark.requirement("RUN-01")
def test_the_index_as_a_table_and_as_a_page(cli, here):
    cli("runbook", "new", "api-down", "--alert", "ApiDown", "--owner", "a|b", folder=here)
    ran = cli("runbook", "index", "--write", "docs/index.md", folder=here)
    assert ran.exit == 0
    assert "1 alert, 0 without a runbook; 1 runbook" in ran.out
    page = (here / "docs/index.md").read_text()
    assert "| ApiDown | [api-down](runbooks/api-down.md) | a\\|b |" in page
    assert cli("check", "--rule", "DOC001", folder=here).exit == 0
    assert cli("runbook", "index", "--write", "docs/index.md", folder=here).exit == 0


def test_a_page_that_somebody_else_wrote_is_left_alone(cli, here):
    ran = cli("runbook", "index", "--write", "README.md", folder=here)
    assert ran.exit == 2
    assert (here / "README.md").read_text() == "# Shop\n"


def test_a_page_outside_of_the_repository_is_refused(cli, here, tmp_path):
    assert cli("runbook", "index", "--write", str(tmp_path / "x.md"), folder=here).exit == 2
    assert not (tmp_path / "x.md").exists()
    assert cli("runbook", "index", "--write", "new/x.md", folder=here).exit == 0
    assert (here / "new/x.md").is_file()


def test_no_link_leads_a_page_out_of_the_repository(cli, here, tmp_path):
    (tmp_path / "mine.md").write_text(WRITTEN)
    (here / "x.md").symlink_to(tmp_path / "mine.md")
    (here / "docs").mkdir(exist_ok=True)
    (here / "docs/runbooks").symlink_to(tmp_path)
    assert cli("runbook", "index", "--write", "x.md", folder=here).exit != 0
    assert cli("runbook", "new", "api", folder=here).exit == 2
    assert (tmp_path / "mine.md").read_text() == WRITTEN
    assert not (tmp_path / "api.md").exists()


@pytest.mark.requirement("RUN-01")
def test_an_empty_repository_gets_a_sentence_and_a_step(cli, tmp_path):
    ran = cli("runbook", "index", folder=tmp_path)
    assert ran.exit == 0
    assert "No alert is known here, and no runbook" in ran.out
    assert "hardpoint runbook new" in ran.out


def test_what_was_not_read_is_said_beside_the_index(cli, here):
    (here / "b.jsonnet").write_text("{\n alert: 'A',\n}\n")
    assert "not read: b.jsonnet is Jsonnet" in cli("runbook", "index", folder=here).out


@pytest.mark.requirement("RUN-01")
def test_a_broken_link_is_repaired_by_fix(cli, repository):
    rules = RULES + "    annotations:\n      runbook_url: docs/runbooks/gone.md\n"
    root = repository({"alerts/a.yml": rules, "docs/runbooks/api-down.md": "# X\n"})
    assert cli("check", "--rule", "RUN004", folder=root).exit == 1
    assert cli("fix", "--rule", "RUN", folder=root).exit == 0
    assert "runbook_url: docs/runbooks/api-down.md" in (root / "alerts/a.yml").read_text()
    assert cli("check", "--rule", "RUN004", folder=root).exit == 0
