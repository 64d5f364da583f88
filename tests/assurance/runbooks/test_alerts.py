"""Alerts in the files of Prometheus, of its operators and of Grafana, and what is not read."""

import pytest

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.runbooks.alerts import Alert, Kind, alert_rules, read_rules
from hardpoint.assurance.runbooks.model import RUNBOOKS
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

PLAIN = """\
# a comment
groups:
  - name: api
    rules:
      - record: api:errors:ratio
        expr: a / b
      - alert: ApiDown
        expr: up{job="api"} == 0
        for: 5m
        labels:
          severity: page
          team: api
        annotations:
          summary: "{{ $labels.instance }} is down"
          runbook_url: docs/runbooks/api-down.md
"""


def within(head, text=PLAIN, indent="  "):
    body = "".join(f"{indent}{line}\n" for line in text.splitlines())
    return head + body


def named(text, file="a.yml"):
    return [each.name for each in read_rules(text.encode(), file)]


@pytest.mark.requirement("RUN-01")
def test_a_rule_file_gives_its_alerts_with_their_places():
    assert read_rules(PLAIN.encode(), "a.yml") == [
        Alert("ApiDown", Place("a.yml", 7, 9), "docs/runbooks/api-down.md", Place("a.yml", 15, 11), "page", "api")
    ]


RESOURCE = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: api}\nspec:\n"
FORMS = {
    "resource": within(RESOURCE),
    "several documents": f"---\n{{}}\n---\n{within(RESOURCE)}---\nkind: Service\n",
    "list of resources": within("kind: List\nitems:\n- kind: PrometheusRule\n  spec:\n", indent="    "),
    "chart values": within("additionalPrometheusRulesMap:\n  api:\n", indent="    "),
    "config map": within("kind: ConfigMap\ndata:\n  api.yml: |\n", indent="    "),
    "JSON in YAML": '{"groups": [{"name": "api", "rules":\n [{\n"alert": "ApiDown", "expr": "up == 0"}]}]}\n',
}


@pytest.mark.requirement("RUN-01")
@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_groups_are_found_wherever_they_stand(text):
    found = alert_rules(Workspace.of({"a.yml": text}, [RUNBOOKS, DOCUMENTS])).alerts
    assert [each.name for each in found] == ["ApiDown"]
    assert (
        '"ApiDown' in text.split("\n")[found[0].place.line - 1]
        or "ApiDown" in text.split("\n")[found[0].place.line - 1]
    )


def test_rules_in_json_are_read_with_tabs_and_on_one_line():
    tabs = '{\n\t"groups": [\n\t\t{"rules": [{\n\t"alert": "A1x"}]}]}\n'
    for text in ('{"groups":[{"rules":[{"alert":"A1x","expr":"x"}]}]}', tabs):
        found = alert_rules(Workspace.of({"a.json": text, "package.json": '{"groups": []}'}, [RUNBOOKS, DOCUMENTS]))
        assert ([each.name for each in found.alerts], found.unread) == (["A1x"], ())


@pytest.mark.requirement("RUN-01")
def test_alerts_that_grafana_provisions_are_read():
    text = """\
apiVersion: 1
groups:
  - orgId: 1
    name: api
    folder: API
    rules:
      - uid: abc
        title: API is slow
        condition: C
        annotations:
          runbook_url: https://acme.example/slow
"""
    (alert,) = read_rules(text.encode(), "grafana/alerts.yaml")
    assert (alert.name, alert.runbook) == ("API is slow", "https://acme.example/slow")


@pytest.mark.parametrize("key", ["runbook_url", "runbook", "runbookURL", "runbook-url", "Runbook_Link", "playbook"])
def test_the_annotation_goes_by_many_names(key):
    (alert,) = read_rules(PLAIN.replace("runbook_url", key).encode(), "a.yml")
    assert alert.runbook == "docs/runbooks/api-down.md"


def test_merge_keys_bring_annotations_along_as_prometheus_has_it():
    text = """\
groups:
  - name: a
    rules:
      - alert: First
        annotations: &usual
          runbook_url: docs/a.md
      - alert: Second
        annotations:
          <<: *usual
"""
    assert [each.runbook for each in read_rules(text.encode(), "a.yml")] == ["docs/a.md", "docs/a.md"]


@pytest.mark.parametrize(
    "text",
    ["groups: 5\n", "groups: [1, {rules: 2}, {rules: [3, {alert: 4}, {alert: }]}]\n", "[]\n", ""],
)
def test_what_is_no_alert_is_none(text):
    assert named(text) == []


def unread(files, manifest=""):
    rules = alert_rules(Workspace.of({**files, "hardpoint.yaml": f"version: 1\n{manifest}"}, [RUNBOOKS, DOCUMENTS]))
    return [(each.kind, each.place.file, each.others) for each in rules.unread], [each.name for each in rules.alerts]


@pytest.mark.requirement("RUN-01")
@pytest.mark.parametrize(
    ("file", "text", "kind"),
    [
        ("chart/templates/a.yaml", "{{- if .Values.on }}\n" + PLAIN + "{{- end }}\n", Kind.TEMPLATE),
        ("roles/a.yml", "{% for a in b %}\n" + PLAIN + "{% endfor %}\n", Kind.TEMPLATE),
        ("a.yml", PLAIN.replace("ApiDown", "'{{ .name }}Down'"), Kind.TEMPLATE),
        ("a.yml.j2", PLAIN, Kind.TEMPLATE),
        ("a.yml", PLAIN + "  broken: [\n", Kind.BROKEN),
        ("a.yml", PLAIN + "groups: []\n", Kind.BROKEN),
        ("mixin/a.libsonnet", "{ groups+: [{ rules: [{\n  alert: 'ApiDown',\n }] }] }\n", Kind.PROGRAM),
        ("rules.tf", 'rules = [{\n  alert = "ApiDown"\n}]\n', Kind.PROGRAM),
    ],
)
def test_what_cannot_be_read_is_said_and_never_taken_for_no_alerts(file, text, kind):
    assert unread({file: text}) == ([(kind, file, 0)], [])


def test_a_chart_is_not_read_as_if_it_were_rendered():
    values = PLAIN.replace("ApiDown\n", "ApiDown\n        keep: {{ .Values.keep }}\n")
    found, alerts = unread({"c/Chart.yaml": "name: c\n", "c/templates/a.yaml": values})
    assert (found, alerts) == ([(Kind.TEMPLATE, "c/templates/a.yaml", 0)], [])


def test_what_is_never_read_is_said_once_for_each_kind():
    program = "{\n alert: 'A',\n}\n"
    found, _ = unread({f"{name}.jsonnet": program for name in "abc"})
    assert found == [(Kind.PROGRAM, "a.jsonnet", 2)]


def test_tests_and_excluded_files_are_left_out_unless_they_are_declared():
    files = {"testdata/a.yml": PLAIN, "old/a.yml": PLAIN.replace("ApiDown", "Old")}
    assert unread(files, "runbooks: {exclude: [old/]}\n") == ([], [])
    assert unread(files, "runbooks: {alert_rules: [testdata/]}\n") == ([], ["ApiDown"])


def test_a_declared_file_that_cannot_be_read_is_said(tmp_path):
    (tmp_path / "a.yml").symlink_to(tmp_path / "a.yml")
    (tmp_path / "hardpoint.yaml").write_text("version: 1\nrunbooks: {alert_rules: [a.yml]}\n")
    (found,) = alert_rules(Workspace.open(tmp_path, [RUNBOOKS, DOCUMENTS])).unread
    assert (found.kind, found.place.file) == (Kind.BROKEN, "a.yml")


def test_a_broken_file_in_a_config_map_is_named_at_its_line():
    text = "kind: ConfigMap\ndata:\n  a.yml: |\n    groups:\n      - rules:\n          - alert: A\n            b: [\n"
    with pytest.raises(UnreadableProblem) as caught:
        read_rules(text.encode(), "a.yaml")
    assert caught.value.place.file == "a.yaml"
    assert caught.value.place.line >= 7


@pytest.mark.parametrize(
    ("name", "severity", "pages"), [("ApiDown", "page", True), ("Watchdog", "", False), ("A", "none", False)]
)
def test_a_watchdog_is_not_for_people(name, severity, pages):
    assert Alert(name, Place("a.yml"), severity=severity).pages is pages
