"""What is found of runbooks, alerts and dashboards, beyond the examples of the rules."""

import json
from datetime import UTC, datetime

import pytest

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.runbooks.dashboards import dashboards
from hardpoint.assurance.runbooks.failures import KNOWN
from hardpoint.assurance.runbooks.model import RUNBOOKS
from hardpoint.assurance.runbooks.rules import alerts, contents, coverage
from hardpoint.assurance.runbooks.rules import dashboards as dashboard_rules
from hardpoint.assurance.runbooks.templates import BLANK, NAMES, draft
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.workspace import Workspace

ALL = [
    each
    for module in (contents, alerts, dashboard_rules, coverage)
    for each in vars(module).values()
    if isinstance(each, Rule)
]
NOW = datetime(2026, 3, 31, tzinfo=UTC)


def found(files, manifest="", now=NOW):
    """Rule and place and text of every finding."""
    workspace = Workspace.of({**files, "hardpoint.yaml": f"version: 1\n{manifest}"}, [RUNBOOKS, DOCUMENTS], now=now)
    runs = run_rules(workspace, ALL)
    assert [run.error for run in runs if run.error] == []
    return [each for run in runs for each in run.findings]


def ids(files, manifest="", now=NOW):
    return [each.rule for each in found(files, manifest, now)]


def rules(name="ApiDown", **annotations):
    return f"groups:\n- name: a\n  rules:\n  - alert: {name}\n    expr: x\n    annotations: {json.dumps(annotations)}\n"


WHOLE = """\
# API is down

- Owner: team-a
- Alert: ApiDown
- Severity: SEV-1
- Last exercised: 2026-03-01

## Diagnosis

Look.

## Mitigation

Restart.

## Rollback

Undo.

## Escalation

Call.
"""
EVERY = "runbooks: {required: [owner, alert, severity, diagnosis, mitigation, rollback, escalation, exercised]}\n"


@pytest.mark.requirement("RUN-02")
def test_a_whole_runbook_has_no_finding():
    assert ids({"runbooks/a.md": WHOLE}, EVERY) == []
    assert ids({"runbooks/a.md": WHOLE}) == []


@pytest.mark.requirement("RUN-02")
@pytest.mark.parametrize(
    ("given", "part"),
    [
        ("- Owner: team-a", "who owns it"),
        ("- Alert: ApiDown", "which alert leads to it"),
        ("- Severity: SEV-1", "how severe it is"),
        ("- Last exercised: 2026-03-01", "when it was last exercised"),
        ("Look.", "how to find the cause"),
        ("Undo.", "how to roll back"),
        ("Call.", "whom to call next"),
    ],
)
@pytest.mark.parametrize("instead", ["", "TBD"])
def test_each_missing_part_is_an_error_where_it_is_required(given, part, instead):
    text = given.rpartition(": ")[0] + ": " + instead if ": " in given else instead
    (finding,) = found({"runbooks/a.md": WHOLE.replace(given, text)}, EVERY)
    assert (finding.rule, finding.severity) == ("RUN001", Severity.ERROR)
    assert part in finding.text


@pytest.mark.requirement("RUN-02")
@pytest.mark.parametrize("template", NAMES)
def test_a_template_that_nobody_has_filled_in_says_nothing_yet(template):
    text = draft(template, "API is down", alert="ApiDown", owner="team-a")
    required = "runbooks: {required: [diagnosis, mitigation, escalation, exercised]}\n"
    texts = [each.text for each in found({"runbooks/a.md": text}, required)]
    open_ = 4 if template == BLANK else 2  # the others know what to look at and what helps
    assert len(texts) == open_, texts
    assert any("whom to call next" in each for each in texts)


@pytest.mark.requirement("RUN-02")
@pytest.mark.parametrize(
    "instead",
    [
        "- Call: <who>",
        "- After 15 minutes: <who, and how to reach them>, at any hour",
        "TODO: write this",
        "TODO (alice)",
        "TODO ask alice",
        "TBD - ask Bob",
        "_None yet_",
        "Fill me in.",
        "To be filled in",
        "- **First:** TBD",
        "Call:",
        "| Who | How |\n|---|---|",
        "| Who | How |\n|---|---|\n|  |  |",
        "| Who | How |\n|---|---|\n| First | <who> |",
    ],
)
def test_words_that_only_keep_the_place_say_nothing(instead):
    (finding,) = found({"runbooks/a.md": WHOLE.replace("Call.", instead)}, EVERY)
    assert "whom to call next" in finding.text


@pytest.mark.parametrize(
    "instead",
    [
        "- Call: <ops@example.org>",
        "- Call: <b>Alice</b>",
        "See: <https://pager.example.org/x>",
        "Call the one who is next:\n\n    pager next",
        "- Page with: `pager <name>`",
        "`pager --to <name>` calls them",
        "To do: call Alice",
        "todo-list-service owns it",
        "| Who | How |\n|---|---|\n| Alice | |",
        "| Who | How |\n|---|---|\n| Alice | 555 |",
    ],
)
def test_what_says_something_is_no_placeholder(instead):
    assert found({"runbooks/a.md": WHOLE.replace("Call.", instead)}, EVERY) == []


@pytest.mark.requirement("RUN-02")
def test_a_rollback_is_a_mitigation_and_not_the_other_way_round():
    only_rollback = WHOLE.replace("## Mitigation\n\nRestart.\n\n", "")
    only_mitigation = WHOLE.replace("## Rollback\n\nUndo.\n\n", "")
    assert ids({"runbooks/a.md": only_rollback}, EVERY) == []
    assert ids({"runbooks/a.md": only_mitigation}, EVERY) == ["RUN001"]


def test_what_the_alert_and_codeowners_say_need_not_be_said_again():
    text = WHOLE.replace("- Owner: team-a\n", "").replace("- Alert: ApiDown\n", "").replace("- Severity: SEV-1\n", "")
    rule = rules(runbook_url="runbooks/a.md").replace("expr: x", "expr: x\n    labels: {severity: page}")
    assert ids({"runbooks/a.md": text, "a.yml": rule, "CODEOWNERS": "* @ops\n"}, EVERY) == []


def test_where_nothing_is_declared_only_runbooks_for_alerts_are_noted_and_once():
    noted = found({"runbooks/a.md": "# A\n\nAlert: ApiDown\n\n## Diagnosis\n\nLook.\n"})
    assert [(each.rule, each.severity) for each in noted] == [("RUN002", Severity.NOTE)]
    assert noted[0].text == "the runbook does not say who owns it, how to mitigate or roll back or whom to call next"
    assert ids({"runbooks/onboarding.md": "# Onboard a tenant\n\n## Steps\n\n1. Begin.\n"}) == []
    assert ids({"runbooks/a.md": "# A\n\nAlert: ApiDown\n\n## Ursachen\n\nLogs.\n"}) == []


def test_a_runbook_that_cannot_be_read_is_no_pass():
    huge = {"runbooks/a.md": "x" * 2_000_000}
    assert ids(huge) == ["RUN002"]
    assert ids(huge, "runbooks: {required: [owner], exercised_within: 90d}\n") == ["RUN001", "RUN003"]


@pytest.mark.requirement("RUN-02")
@pytest.mark.parametrize(
    ("exercised", "expected"),
    [
        ("2026-03-31", []),
        ("2025-12-31", []),
        ("2025-12-30", ["RUN003"]),
        ("2026-04-01", ["RUN003"]),
        ("last spring", ["RUN003"]),
        ("never", ["RUN003"]),
    ],
)
def test_a_runbook_is_exercised_within_the_time_that_the_team_declares(exercised, expected):
    files = {"runbooks/a.md": WHOLE.replace("2026-03-01", exercised)}
    assert ids(files, "runbooks: {exercised_within: 90d}\n") == expected
    assert ids(files) == []


@pytest.mark.requirement("RUN-01")
def test_a_broken_link_is_an_error_and_repaired_where_a_runbook_names_the_alert():
    files = {
        "alerts/a.yml": rules(runbook_url="docs/runbooks/gone.md"),
        "docs/runbooks/api.md": "# X\n\nAlert: ApiDown\n",
    }
    (finding,) = [each for each in found(files) if each.rule == "RUN004"]
    assert (finding.severity, finding.suggestion, finding.replaces) == (
        Severity.ERROR,
        "docs/runbooks/api.md",
        "docs/runbooks/gone.md",
    )
    line = files["alerts/a.yml"].split("\n")[finding.place.line - 1]
    assert finding.replaces in line[finding.place.column - 1 :]


def test_a_broken_link_is_not_repaired_by_a_guess():
    files = {"alerts/a.yml": rules(runbook_url="runbooks/apis.md"), "runbooks/api.md": "# X\n"}
    (finding,) = [each for each in found(files) if each.rule == "RUN004"]
    assert (finding.suggestion, finding.replaces) == (None, None)
    assert "runbooks/api.md" in finding.remedy


def test_a_link_into_a_forge_is_ours_if_another_one_leads_here():
    base = "https://github.com/acme/shop/blob/main/docs/runbooks"
    two = rules(runbook_url=f"{base}/api.md") + rules("DbDown", runbook_url=f"{base}/gone.md").partition("rules:\n")[2]
    assert "RUN004" in ids({"a.yml": two, "docs/runbooks/api.md": "# API\n"})
    assert "RUN004" not in ids({"a.yml": two, "docs/runbooks/other.md": "# API\n"})
    elsewhere = two.replace("acme/shop/blob/main/docs/runbooks/gone", "acme/other/blob/main/docs/runbooks/gone")
    assert "RUN004" not in ids({"a.yml": elsewhere, "docs/runbooks/api.md": "# API\n"})


@pytest.mark.requirement("RUN-01")
def test_an_alert_without_a_runbook_is_a_warning_and_an_error_where_one_is_required():
    files = {"a.yml": rules(summary="down")}
    assert [(each.rule, each.severity) for each in found(files)] == [("RUN005", Severity.WARNING)]
    required = found(files, "runbooks: {alerts: required}\n")
    assert [(each.rule, each.severity) for each in required] == [("RUN006", Severity.ERROR)]
    assert required[0].remedy.startswith("`hardpoint runbook new api-down --alert ApiDown`")


@pytest.mark.requirement("RUN-01")
def test_an_alert_whose_link_leads_to_nothing_has_no_runbook():
    files = {"a.yml": rules(runbook_url="docs/gone.md")}
    assert ids(files) == ["RUN004"]
    assert sorted(ids(files, "runbooks: {alerts: required}\n")) == ["RUN004", "RUN006"]
    assert sorted(ids({**files, "v": "alert,count\nApiDown,3\n"}, "runbooks: {volume: v}\n")) == ["RUN004", "RUN012"]


@pytest.mark.requirement("RUN-01")
def test_where_runbooks_are_required_alerts_that_were_not_read_are_errors():
    required = "runbooks: {alerts: required}\n"
    assert ids({"a.yml": rules() + "  [\n"}, required) == ["RUN006"]
    assert ids({"a.jsonnet": "{\n alert: 'A',\n}\n"}, required) == ["RUN006"]
    assert ids({"a.yml": rules() + "  [\n"}) == ["RUN008"]
    assert ids({"a.jsonnet": "{\n alert: 'A',\n}\n"}) == ["RUN009"]


def test_a_link_to_a_section_is_judged_in_any_dialect():
    page = "# API\n\n## API is down (5xx)!\n\nAlert: ApiDown\n\n## Twice\n\n## Twice\n\n<a id='own'></a>\n"
    for anchor in ("api-is-down-5xx", "api-is-down-5xx-", "API-is-down-5xx", "twice-1", "own"):
        files = {"a.yml": rules(runbook_url=f"runbooks/a.md#{anchor}"), "runbooks/a.md": page}
        assert "RUN015" not in ids(files), anchor
    assert "RUN015" in ids({"a.yml": rules(runbook_url="runbooks/a.md#gone"), "runbooks/a.md": page})


def test_a_runbook_for_an_alert_that_is_gone_is_a_warning_where_every_alert_could_be_read():
    files = {"a.yml": rules(), "runbooks/a.md": "# X\n\nAlert: ApiDwn\n"}
    (finding,) = [each for each in found(files) if each.rule == "RUN007"]
    assert finding.severity is Severity.WARNING
    assert finding.text == "no alert rule is named ApiDwn, did you mean ApiDown?"
    assert "RUN007" not in ids({**files, "b.jsonnet": "{\n alert: 'A',\n}\n"})
    assert "RUN007" not in ids({"runbooks/a.md": "# X\n\nAlert: ApiDwn\n"})


def dashboard(**more):
    return json.dumps({"title": "API", "schemaVersion": 39, "panels": [], **more})


LEADING = {
    "dashboard link": {"links": [{"title": "Runbook", "url": "https://acme.example/api"}]},
    "panel link": {
        "panels": [{"type": "graph", "links": [{"title": "see", "url": "https://acme.example/runbooks/api"}]}]
    },
    "text panel": {"panels": [{"type": "text", "options": {"content": "[Runbook](https://acme.example/api)"}}]},
    "HTML panel": {"panels": [{"type": "text", "content": "<a href='https://acme.example/playbook'>go</a>"}]},
    "description": {"panels": [{"description": "See https://acme.example/runbook/api"}]},
    "row": {"panels": [{"type": "row", "panels": [{"links": [{"title": "Runbook", "url": "https://x.example"}]}]}]},
    "file here": {"links": [{"title": "docs", "url": "https://github.com/a/b/blob/main/docs/runbooks/a.md"}]},
}
MUTE = {
    "no link": {},
    "another link": {"links": [{"title": "Logs", "url": "https://acme.example/logs"}]},
    "only words": {"panels": [{"type": "text", "options": {"content": "There is a runbook somewhere."}}]},
}


@pytest.mark.requirement("RUN-05")
@pytest.mark.parametrize("more", LEADING.values(), ids=LEADING)
def test_a_dashboard_leads_to_a_runbook_by_any_kind_of_link(more):
    files = {"grafana/a.json": dashboard(**more), "docs/runbooks/a.md": "# X\n"}
    assert ids(files, "runbooks: {dashboards: required}\n") == []
    assert ids(files) == []


@pytest.mark.requirement("RUN-05")
@pytest.mark.parametrize("more", MUTE.values(), ids=MUTE)
def test_a_dashboard_without_one_is_a_note_and_an_error_where_it_is_required(more):
    files = {"grafana/a.json": dashboard(**more), "docs/runbooks/a.md": "# X\n"}
    assert ids(files) == ["RUN010"]
    assert ids(files, "runbooks: {dashboards: required}\n") == ["RUN011"]


@pytest.mark.requirement("RUN-05")
def test_dashboards_are_read_from_config_maps_and_from_the_api():
    config_map = "kind: ConfigMap\nmetadata: {name: d}\ndata:\n  api.json: |\n    " + dashboard() + "\n"
    wrapped = json.dumps({"dashboard": json.loads(dashboard()), "overwrite": True})
    files = {"a.yaml": config_map, "b.json": wrapped, "package.json": '{"panels": [], "schemaVersion": 1}'}
    read = dashboards(Workspace.of(files, [RUNBOOKS, DOCUMENTS]))
    assert [(each.title, each.place.file, each.place.line) for each in read] == [
        ("API", "a.yaml", 4),
        ("API", "b.json", 1),
    ]


def test_a_dashboard_that_cannot_be_read_is_no_pass():
    files = {"a.json": dashboard()[:-1], "b.yaml": "{{ if x }}\n" + dashboard(), "docs/runbooks/a.md": "# X\n"}
    assert ids(files, "runbooks: {dashboards: required}\n") == ["RUN011", "RUN011"]


def test_a_dashboards_link_to_a_runbook_that_is_gone_is_an_error():
    link = {"title": "Runbook", "url": "https://runbooks.acme.example/gone"}
    manifest = "runbooks: {addresses: [{url: 'https://runbooks.acme.example/', folder: docs/runbooks}]}\n"
    files = {"a.json": dashboard(links=[link]), "docs/runbooks/a.md": "# X\n"}
    assert ids(files, manifest) == ["RUN004"]


VOLUMES = {
    "CSV": "alert,count\nApiDown,3\nDbDown,40\nQuiet,1\n",
    "CSV of Prometheus": "Time,alertname,value\n1,ApiDown,3\n1,DbDown,40\n1,Quiet,1\n",
    "rows": json.dumps(
        [{"alert": "ApiDown", "count": 3}, {"alert": "DbDown", "count": "40"}, {"alert": "Quiet", "count": 1}]
    ),
    "object": json.dumps({"ApiDown": 3, "DbDown": 40, "Quiet": 1}),
    "Prometheus": json.dumps(
        {
            "status": "success",
            "data": {
                "resultType": "vector",
                "result": [
                    {"metric": {"alertname": name}, "value": [1.5, value]}
                    for name, value in (("ApiDown", "3"), ("DbDown", "40"), ("Quiet", "1"))
                ],
            },
        }
    ),
    "Alertmanager": json.dumps(
        [{"labels": {"alertname": name}} for name in ["ApiDown"] * 3 + ["DbDown"] * 40 + ["Quiet"]],
    ),
}


@pytest.mark.requirement("RUN-04")
@pytest.mark.parametrize("volume", VOLUMES.values(), ids=VOLUMES)
def test_the_alerts_that_fire_most_need_a_runbook(volume):
    manifest = "runbooks: {volume: alerts.txt, top: 2}\n"
    files = {"alerts.txt": volume, "runbooks/api-down.md": "# X\n"}
    (finding,) = [each for each in found(files, manifest) if each.rule == "RUN012"]
    assert finding.text == "the alert DbDown, number 1 with 40 firings, has no runbook"
    elsewhere = rules("DbDown", runbook_url="https://acme.example/db")
    assert "RUN012" not in ids({**files, "a.yml": elsewhere}, manifest)


@pytest.mark.requirement("RUN-04")
@pytest.mark.parametrize(
    "volume", ["", "alert,count\n", "a,b\n1,2\n", "alert,count\nA,many\n", "alert,count\nA,-1\n",
               "alert,count\nA,nan\n",
               "alert,count\nA\n", "[]", "{", "[1]", '{"A": true}', '{"data": {"result": 3}}', b"\xff\xfe",
               "alert,count\nA,1e999\n"],
)  # fmt: skip
def test_a_volume_that_says_nothing_is_no_pass(volume):
    (finding,) = found({"v": volume}, "runbooks: {volume: v}\n")
    assert (finding.rule, finding.place.file) == ("RUN012", "v")


def test_a_volume_that_is_not_there_is_found_where_it_is_declared():
    (finding,) = found({}, "runbooks:\n  volume: gone.csv\n")
    assert (str(finding.place), finding.rule) == ("hardpoint.yaml:3:11", "RUN012")


@pytest.mark.requirement("RUN-06")
def test_each_class_that_the_team_declares_has_a_runbook():
    names = "".join(f"    - name: {each}\n" for each in ("support", "incident", "domain"))
    manifest = f"runbooks:\n  classes:\n{names}      files: [runbooks/domain/]\n"
    files = {"runbooks/a.md": "---\nclass: Support\n---\n# A\n", "runbooks/domain/b.md": "# B\n"}
    (finding,) = found(files, manifest)
    assert (finding.rule, str(finding.place)) == ("RUN013", "hardpoint.yaml:5:7")
    assert finding.text == "there is no runbook of the class incident"


@pytest.mark.requirement("RUN-06")
def test_a_class_may_require_more():
    manifest = "runbooks:\n  classes: [{name: incident, required: [escalation]}]\n"
    files = {"runbooks/a.md": "---\nclass: incident\n---\n# A\n", "runbooks/b.md": "# B\n"}
    assert [(each.rule, each.place.file) for each in found(files, manifest)] == [("RUN001", "runbooks/a.md")]


TITLES = {
    "auth-outage": ("runbooks/login-down.md", "# Authentication failure\n"),
    "database-latency": ("runbooks/x.md", "# Postgres is slow\n"),
    "email-provider": ("runbooks/sendgrid-outage.md", "# X\n"),
    "cache-and-rate-limiter": ("runbooks/x.md", "# RedisDown\n"),
    "payments-stuck": ("runbooks/stuck-payments.md", "# X\n"),
}


@pytest.mark.requirement("RUN-03")
@pytest.mark.parametrize("mode", TITLES)
def test_a_named_failure_has_a_runbook(mode):
    manifest = f"runbooks: {{failure_modes: [{mode}]}}\n"
    file, text = TITLES[mode]
    assert ids({file: text}, manifest) == []
    assert ids({"runbooks/a.md": f"---\nfailure_mode: {mode}\n---\n# A\n"}, manifest) == []
    assert ids({"runbooks/other.md": "# The queue is stuck\n"}, manifest) == ["RUN014"]


def test_a_title_with_one_of_two_words_is_not_enough():
    for mode in KNOWN:
        assert ids(
            {"runbooks/a.md": "# How to rotate a login secret of the database\n"},
            f"runbooks: {{failure_modes: [{mode}]}}\n",
        ) == ["RUN014"]
