"""Which runbook an alert has, and what the index says of it."""

import pytest

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.runbooks.index import IN_ALERT, index
from hardpoint.assurance.runbooks.library import library
from hardpoint.assurance.runbooks.links import Led, follow
from hardpoint.assurance.runbooks.model import RUNBOOKS
from hardpoint.assurance.runbooks.owners import read_owners
from hardpoint.kernel.workspace import Workspace


def opened(files, manifest=""):
    return Workspace.of({**files, "hardpoint.yaml": f"version: 1\n{manifest}"}, [RUNBOOKS, DOCUMENTS])


def rules(*alerts, annotations=""):
    body = "".join(
        f"      - alert: {each}\n        expr: x\n        labels: {{team: label}}\n{annotations}" for each in alerts
    )
    return f"groups:\n  - name: a\n    rules:\n{body}"


def linked(target):
    return {"alerts/a.yml": rules("ApiDown", annotations=f"        annotations: {{runbook_url: '{target}'}}\n")}


def runbook_of(files, manifest="", alert="ApiDown"):
    return next(each.runbook for each in index(opened(files, manifest)) if each.alert == alert)


@pytest.mark.requirement("RUN-01")
def test_the_index_leads_from_the_alert_to_runbook_owner_and_exercise():
    page = "# API\n\nOwner: team-a\nSeverity: SEV-1\nLast exercised: 2026-01-31\n"
    (entry,) = index(opened({**linked("docs/runbooks/api.md"), "docs/runbooks/api.md": page}))
    assert (entry.alert, entry.runbook, entry.owner) == ("ApiDown", "docs/runbooks/api.md", "team-a")
    assert (entry.severity, entry.exercised, entry.place) == ("SEV-1", "2026-01-31", "alerts/a.yml:4:9")


@pytest.mark.requirement("RUN-01")
@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("docs/runbooks/x.md", "# X\n\nAlert: ApiDown\n"),
        ("docs/runbooks/x.md", "# X\n\n- Alerts: `DbDown`, `ApiDown`\n"),
        ("docs/runbooks/ApiDown.md", "# X\n"),
        ("docs/runbooks/api-down.md", "# X\n"),
        ("docs/runbooks/api_down/README.md", "# X\n"),
        ("docs/runbooks/x.md", "# Runbook: ApiDown\n"),
        ("docs/runbooks/x.md", '# All\n\n## Alert Name: "ApiDown"\n'),
        ("docs/runbooks/x.md", "# Slow (`ApiDown` / `DbDown`)\n"),
    ],
)
def test_a_runbook_that_names_the_alert_is_its_runbook(file, text):
    assert runbook_of({"a.yml": rules("ApiDown"), file: text}) == file


@pytest.mark.requirement("RUN-01")
def test_a_list_of_runbooks_leads_to_them():
    files = {
        "a.yml": rules("ApiDown"),
        "docs/runbooks/README.md": "| Alert | Runbook |\n|---|---|\n| `DbDown`, `ApiDown` | [here](x.md) |\n",
        "docs/runbooks/x.md": "# Something else\n",
    }
    assert runbook_of(files) == "docs/runbooks/x.md"


def test_a_mention_in_passing_is_no_runbook():
    assert runbook_of({"a.yml": rules("ApiDown"), "docs/runbooks/x.md": "# X\n\nAs for ApiDown, see there.\n"}) == ""


@pytest.mark.parametrize("target", ["TBD", "n/a", "none", "todo"])
def test_a_link_that_only_stands_for_one_is_none(target):
    assert runbook_of(linked(target)) == ""


def test_a_runbook_elsewhere_is_known_by_its_address_or_stands_in_the_alert():
    assert runbook_of(linked("https://wiki.acme.example/api")) == "https://wiki.acme.example/api"
    assert runbook_of(linked("Restart it, then look at the log for timeouts.")) == IN_ALERT


def test_an_alert_that_only_a_runbook_names_is_in_the_index():
    (entry,) = index(opened({"docs/runbooks/x.md": "# X\n\nAlert: ApiDown\n"}))
    assert (entry.alert, entry.runbook, entry.place) == ("ApiDown", "docs/runbooks/x.md", "docs/runbooks/x.md:1")


def test_a_page_that_is_named_after_its_alert_is_for_it_though_its_rules_are_elsewhere():
    assert [each.alert for each in index(opened({"runbooks/etcdMembersDown.md": "# etcdMembersDown\n"}))] == [
        "etcdMembersDown"
    ]
    assert index(opened({"runbooks/onboarding.md": "# onboarding\n", "runbooks/a.md": "# ApiDown\n"})) == []


def test_the_owner_is_the_runbooks_own_else_of_codeowners_else_of_the_label():
    def owner(text, **more):
        return index(opened({"a.yml": rules("ApiDown"), "runbooks/api-down.md": text, **more}))[0].owner

    assert owner("# X\n\nOwner: own\n", CODEOWNERS="* @all\n") == "own"
    assert owner("# X\n\nOwner: TBD\n", CODEOWNERS="* @all\n/runbooks/ @ops\n") == "@ops"
    assert owner("# X\n") == "label"


@pytest.mark.parametrize(
    ("written", "led"),
    [
        ("docs/runbooks/api.md", Led(file="docs/runbooks/api.md")),
        ("../docs/runbooks/api.md", Led(file="docs/runbooks/api.md")),
        ("docs/runbooks/api", Led(file="docs/runbooks/api.md")),
        ("docs/runbooks/api.md#down", Led(file="docs/runbooks/api.md", section="down")),
        ("docs/runbooks/gone.md", Led(missing="docs/runbooks/gone.md")),
        ("wiki/gone", Led()),
        ("/docs/gone.md", Led()),
        ("docs/runbooks/gone", Led(missing="docs/runbooks/gone")),
        ("docs/runbooks/api.pdf", Led()),
        ("ApiDown", Led()),
        ("", Led()),
        ("docs/{{ $labels.job }}.md", Led()),
        ("https://acme.example/gone.md", Led()),
        ("https://github.com/acme/shop/blob/main/docs/runbooks/api.md", Led(file="docs/runbooks/api.md")),
        ("https://gitlab.com/acme/ops/shop/-/blob/main/docs/runbooks/api.md?x=1", Led(file="docs/runbooks/api.md")),
        ("https://github.com/acme/shop/blob/main/docs/runbooks/gone.md", Led()),
        ("https://runbooks.acme.example/api", Led(file="docs/runbooks/api.md")),
        ("https://runbooks.acme.example/API/", Led(file="docs/runbooks/api.md")),
        ("https://runbooks.acme.example/gone", Led(missing="docs/runbooks/gone")),
    ],
)
def test_a_link_leads_to_a_file_to_nothing_or_elsewhere(written, led):
    manifest = "runbooks: {addresses: [{url: 'https://runbooks.acme.example/', folder: docs/runbooks}]}\n"
    files = {"docs/runbooks/api.md": "# API\n", "docs/runbooks/api.pdf": ""}
    assert follow(written, "alerts/a.yml", opened(files, manifest)) == led


def recognised(*files, manifest=""):
    return list(library(opened(dict.fromkeys(files, "# X\n"), manifest)).runbooks)


@pytest.mark.requirement("RUN-02")
@pytest.mark.parametrize(
    ("file", "is_one"),
    [
        ("runbooks/api.md", True),
        ("docs/ops/Runbooks/db/slow.md", True),
        ("docs/run-books/api.adoc", True),
        ("incident-playbooks/api.md", True),
        ("docs/runbook.md", True),
        ("docs/runbook-restore.md", True),
        ("services/api/RUNBOOK.md", True),
        ("docs/api-runbook.md", True),
        ("docs/runbooks/README.md", False),
        ("docs/runbooks/template.md", False),
        ("docs/runbooks/templates/api.md", False),
        ("docs/runbooks/AGENTS.md", False),
        ("docs/operations.md", False),
        ("runbooks/api.py", False),
        ("tests/runbooks/api.md", False),
        ("node_modules/x/runbooks/api.md", False),
    ],
)
def test_runbooks_are_recognised_by_their_path(file, is_one):
    assert recognised(file) == ([file] if is_one else [])


def test_a_readme_alone_in_its_folder_is_a_runbook():
    assert recognised("runbooks/api/README.md", "runbooks/db/README.md") == [
        "runbooks/api/README.md",
        "runbooks/db/README.md",
    ]
    assert recognised("runbooks/api/README.md", "runbooks/api/down.md") == ["runbooks/api/down.md"]


def test_playbooks_of_ansible_are_programs():
    assert recognised("playbooks/site.yml", "playbooks/notes.md") == []


def test_declared_files_are_the_runbooks_and_so_is_what_alerts_link_to():
    files = {"ops/api.md": "# A\n", "runbooks/old.md": "# B\n", "docs/page.md": "# C\n", **linked("docs/page.md")}
    assert list(library(opened(files, "runbooks: {files: [ops/]}\n")).runbooks) == ["docs/page.md", "ops/api.md"]


def test_excluded_documents_are_no_runbooks():
    assert recognised("runbooks/api.md", manifest="documents: {exclude: [runbooks/]}\n") == []


def test_codeowners_last_matching_line_counts():
    found = read_owners(
        "# all\n* @all\n/docs/ @a @b # why\n^[Ops][2] @ops\ndocs/runbooks/\n!x @no\ndocs/runbooks/free.md @c\n"
    )
    assert [found.of(file) for file in ("x", "docs/a.md", "docs/runbooks/a.md", "docs/runbooks/free.md")] == [
        "@all",
        "@a @b",
        "@ops",
        "@c",
    ]
