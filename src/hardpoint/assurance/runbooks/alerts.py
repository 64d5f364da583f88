"""Alerts as rule files define them: Prometheus, its operators' resources, Grafana's provisioning.

The formats: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/, the resources PrometheusRule,
VMRule and others with `spec.groups`, and https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from hardpoint.assurance.documents.patterns import matching
from hardpoint.assurance.runbooks.model import RUNBOOKS
from hardpoint.assurance.runbooks.parts import plain
from hardpoint.assurance.runbooks.sources import is_test, own_files
from hardpoint.kernel import yaml
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

SUFFIXES = (".yml", ".yaml", ".rules", ".json")
TEMPLATES = (".j2", ".tpl", ".tmpl", ".gotmpl", ".erb")
PROGRAMS = {".jsonnet": "Jsonnet", ".libsonnet": "Jsonnet", ".tf": "Terraform"}

_NAMES_ALERT = re.compile(rb"^[ \t-]*[\"']?alert[\"']?[ \t]*:[ \t]*[^ \t\r\n]", re.MULTILINE)
_IN_JSON = re.compile(rb"[{,][ \t\r\n]*\"(?:alert|condition)\"[ \t]*:[ \t]*\"")
_GROUPS = re.compile(rb"\bgroups[\"']?[ \t]*:")
_GRAFANA = re.compile(rb"^[ \t-]*condition[ \t]*:", re.MULTILINE)
_IN_PROGRAM = re.compile(rb"^[ \t{]*[\"']?alert[\"']?[ \t]*(?:::?|=)[ \t]*[\"'$%a-zA-Z]", re.MULTILINE)
_TEMPLATE = re.compile(r"^[ \t-]*(?:\{\{|\{%)|:[ \t]+\{\{|\balert[\"']?[ \t]*:.*\{\{", re.MULTILINE)
_RUNBOOK = re.compile(
    r"^(?:runbooks?|playbooks?)(?: (?:url|uri|link|href|page|path|doc|file))?$|^runbook ?url$|^sop(?: url)?$"
)
_SEVERITY = ("severity", "priority", "level")
_OWNER = ("owner", "team", "owning_team", "squad")
_NO_PAGE = frozenset({"none", "null"})
_ALWAYS = frozenset({"watchdog", "deadmansswitch", "deadmanswitch", "infoinhibitor", "alwaysfiring"})


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert rule: where it stands, the runbook that it names as written, and whom its labels name."""

    name: str
    place: Place
    runbook: str = ""
    runbook_place: Place | None = None
    severity: str = ""
    owner: str = ""

    @property
    def pages(self) -> bool:
        """Whether it is meant for people: a watchdog that always fires is not."""
        return plain(self.name).replace(" ", "") not in _ALWAYS and self.severity.casefold() not in _NO_PAGE


class Kind(Enum):
    """Why alerts were not read."""

    BROKEN = "broken"
    TEMPLATE = "template"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Unread:
    """Files that define alerts which were not read, all for one reason; the sentence begins after the file's name."""

    kind: Kind
    place: Place
    sentence: str
    others: int = 0


@dataclass(frozen=True, slots=True)
class AlertRules:
    """Every alert of a workspace in the order of files and lines, and what could not be read of them."""

    alerts: tuple[Alert, ...]
    unread: tuple[Unread, ...]


def alert_rules(workspace: Workspace) -> AlertRules:
    """The alerts of the workspace, read once."""
    return workspace.derive(_alert_rules)


def read_rules(content: bytes, file: str) -> list[Alert]:
    """The alerts of one file.

    Raises UnreadableProblem for what is not YAML.
    """
    found: list[Alert] = []
    for document in yaml.load_all(content, file):
        found += _in_value(document.data, document, ())
    return found


def _alert_rules(workspace: Workspace) -> AlertRules:
    alerts: list[Alert] = []
    unread: list[Unread] = []
    for file in _candidates(workspace):
        read = _of_file(file, workspace)
        if isinstance(read, Unread):
            unread.append(read)
        else:
            alerts += read
    return AlertRules(tuple(alerts), tuple(_together(unread)))


def _candidates(workspace: Workspace) -> list[str]:
    files = own_files(workspace)
    if declared := workspace.manifest[RUNBOOKS].alert_rules:
        return matching(declared, files)
    return [file for file in files if file.endswith((*SUFFIXES, *TEMPLATES, *PROGRAMS)) and not is_test(file)]


def _of_file(file: str, workspace: Workspace) -> list[Alert] | Unread:
    is_declared = bool(workspace.manifest[RUNBOOKS].alert_rules)
    try:
        content = workspace.read(file)
    except UnreadableProblem as problem:
        return Unread(Kind.BROKEN, Place(file), problem.sentence) if is_declared else []
    if language := PROGRAMS.get(posixpath.splitext(file)[1]):
        said = f"is {language}, which is not run: its alerts are not known"
        return Unread(Kind.PROGRAM, Place(file, 1), said) if _IN_PROGRAM.search(content) else []
    if not is_declared and not _defines_alerts(file, content):
        return []
    try:
        if not file.endswith(TEMPLATES):
            return read_rules(content, file)
    except UnreadableProblem as problem:
        if not _is_template(file, content.decode("utf-8", "replace"), workspace):
            return Unread(Kind.BROKEN, problem.place or Place(file), problem.sentence)
    return Unread(Kind.TEMPLATE, Place(file, 1), "is a template, which is not rendered: its alerts are not known")


def _defines_alerts(file: str, content: bytes) -> bool:
    if not _GROUPS.search(content):
        return False
    if file.endswith(".json"):
        return _IN_JSON.search(content) is not None
    return bool(_NAMES_ALERT.search(content) or _GRAFANA.search(content))


def _is_template(file: str, text: str, workspace: Workspace) -> bool:
    return bool(_TEMPLATE.search(text)) or ("{{" in text and _is_of_chart(file, workspace))


def _is_of_chart(file: str, workspace: Workspace) -> bool:
    chart, found, _ = f"/{file}".rpartition("/templates/")
    return bool(found) and posixpath.join(chart.lstrip("/"), "Chart.yaml") in workspace.paths


def _together(unread: list[Unread]) -> Iterator[Unread]:
    """What is broken one by one; what is never read as one for each kind."""
    yield from (each for each in unread if each.kind is Kind.BROKEN)
    for kind in (Kind.TEMPLATE, Kind.PROGRAM):
        alike = [each for each in unread if each.kind is kind]
        if alike:
            yield replace(alike[0], others=len(alike) - 1)


def _in_value(value: Any, document: yaml.Document, path: yaml.Path) -> Iterator[Alert]:
    """The alerts of the groups that stand anywhere: at the top, in a resource, in a chart's values, in a ConfigMap."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            here = (*path, key)
            if key == "groups" and isinstance(below, list):
                yield from _in_groups(below, document, here)
            else:
                yield from _in_value(below, document, here)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _in_value(item, document, (*path, index))
    elif isinstance(value, str):
        yield from _in_text(value, document.places[path])


def _in_text(text: str, place: Place) -> Iterator[Alert]:
    """The alerts of a rule file that is a block of text in another file."""
    if "\n" not in text or not (_GROUPS.search(text.encode()) and _NAMES_ALERT.search(text.encode())):
        return
    try:
        alerts = read_rules(text.encode(), place.file)
    except UnreadableProblem as problem:
        line = place.line + (problem.place.line if problem.place else 0)
        raise UnreadableProblem(problem.sentence, place=Place(place.file, line)) from problem
    for each in alerts:
        named = each.runbook_place and Place(place.file, place.line + each.runbook_place.line)
        yield replace(each, place=Place(place.file, place.line + each.place.line), runbook_place=named)


def _in_groups(groups: list[Any], document: yaml.Document, path: yaml.Path) -> Iterator[Alert]:
    for at, group in enumerate(groups):
        rules = group.get("rules") if isinstance(group, Mapping) else None
        for index, rule in enumerate(rules if isinstance(rules, list) else ()):
            if isinstance(rule, Mapping):
                yield from _of_rule(rule, document, (*path, at, "rules", index))


def _of_rule(rule: Mapping[str, Any], document: yaml.Document, path: yaml.Path) -> Iterator[Alert]:
    key = "alert" if "alert" in rule else "title" if "condition" in rule else None
    name = rule.get(key) if key else None
    if not isinstance(name, str) or not name.strip():
        return
    if "{{" in name:
        raise UnreadableProblem(f"names an alert {name!r}", place=document.places[path])
    annotations, labels = (_mapping(rule.get(each)) for each in ("annotations", "labels"))
    at = document.key_places.get((*path, key or ""), document.places[path])
    for where, values in (("annotations", annotations), ("labels", labels)):
        written = next((each for each in values if _RUNBOOK.match(plain(_spaced(each)))), None)
        if written is not None and isinstance(values[written], str):
            named = document.key_places.get((*path, where, written), at)
            yield Alert(name, at, values[written].strip(), named, _first(labels, _SEVERITY), _first(labels, _OWNER))
            return
    yield Alert(name, at, severity=_first(labels, _SEVERITY), owner=_first(labels, _OWNER))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _spaced(name: str) -> str:
    """`runbookURL` as `runbook URL`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def _first(labels: Mapping[str, Any], names: tuple[str, ...]) -> str:
    found = next((labels[name] for name in names if isinstance(labels.get(name), str)), "")
    return "" if "{{" in found else found
