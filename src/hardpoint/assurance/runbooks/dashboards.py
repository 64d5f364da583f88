"""Grafana dashboards, and the links to runbooks that their panels and texts have.

The model: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hardpoint.assurance.runbooks.sources import is_test, own_files
from hardpoint.kernel import encoding, yaml
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

_PANELS = re.compile(rb"\"panels\"[ \t\r\n]*:[ \t\r\n]*\[")
_GRAFANA = re.compile(rb"\"(?:schemaVersion|templating|gridPos|datasource)\"[ \t\r\n]*:")
_TARGET = re.compile(r"\]\(([^()\s]+)|href=[\"']?([^\"'\s>]+)|(https?://[^\s<>\"')\]]+)")
_SPEAKS = re.compile(r"run-?books?|play-?books?", re.IGNORECASE)
MAX_LINKS = 10_000


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a dashboard: its words, and its address as written."""

    words: str
    target: str

    @property
    def speaks_of_runbook(self) -> bool:
        """Whether its words or its address say that it leads to a runbook."""
        return bool(_SPEAKS.search(self.words) or _SPEAKS.search(self.target))


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard and its links; `unread` says why they are not known."""

    title: str
    place: Place
    links: tuple[Link, ...] = ()
    unread: str | None = None


def dashboards(workspace: Workspace) -> list[Dashboard]:
    """Every dashboard of the workspace, read once."""
    return workspace.derive(_dashboards)


def read_dashboard(model: Mapping[str, Any], place: Place) -> Dashboard:
    """A dashboard by its JSON model, which may be wrapped as the API does."""
    inner = model.get("dashboard")
    model = inner if isinstance(inner, Mapping) else model
    title = model.get("title")
    links: list[Link] = []
    for each in _links(model):
        links.append(each)
        if len(links) >= MAX_LINKS:
            break
    named = title if isinstance(title, str) and title else posixpath.splitext(posixpath.basename(place.file))[0]
    return Dashboard(named, place, tuple(links))


def _dashboards(workspace: Workspace) -> list[Dashboard]:
    return [each for file in own_files(workspace) if not is_test(file) for each in _in_file(file, workspace)]


def _in_file(file: str, workspace: Workspace) -> Iterator[Dashboard]:
    if not file.endswith((".json", ".yml", ".yaml")):
        return
    try:
        content = workspace.read(file)
    except UnreadableProblem:
        return
    if not (_PANELS.search(content) and _GRAFANA.search(content)):
        return
    if file.endswith(".json"):
        yield from _of_json(content, Place(file, 1))
    else:
        yield from _of_config_maps(content, file)


def _of_json(content: bytes, place: Place) -> Iterator[Dashboard]:
    try:
        model = encoding.decode(content, object, what="the dashboard")
    except UnreadableProblem as problem:
        name = posixpath.basename(place.file)
        yield Dashboard(name, place, unread=problem.sentence)
        return
    if isinstance(model, Mapping) and _is_dashboard(model):
        yield read_dashboard(model, place)


def _is_dashboard(model: Mapping[str, Any]) -> bool:
    inner = model.get("dashboard")
    model = inner if isinstance(inner, Mapping) else model
    return isinstance(model.get("panels"), list) and isinstance(model.get("title"), str) and "type" not in model


def _of_config_maps(content: bytes, file: str) -> Iterator[Dashboard]:
    """The dashboards in ConfigMaps; a template cannot be read before it is rendered."""
    try:
        documents = yaml.load_all(content, file)
    except UnreadableProblem as problem:
        yield Dashboard(posixpath.basename(file), Place(file, 1), unread=problem.sentence)
        return
    for document in documents:
        for path, data in _data(document.data, ()):
            for name, text in data.items():
                if str(name).endswith(".json") and isinstance(text, str) and _PANELS.search(text.encode()):
                    yield from _of_json(text.encode(), document.key_places[(*path, name)])


def _data(resource: Any, path: yaml.Path) -> Iterator[tuple[yaml.Path, Mapping[str, Any]]]:
    if not isinstance(resource, Mapping):
        return
    if resource.get("kind") == "ConfigMap" and isinstance(data := resource.get("data"), Mapping):
        yield (*path, "data"), data
    items = resource.get("items")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, Mapping) and item.get("kind") == "ConfigMap" and isinstance(item.get("data"), Mapping):
            yield (*path, "items", index, "data"), item["data"]


def _links(model: Any) -> Iterator[Link]:
    """Links of the dashboard and of panels, and those that stand in texts and descriptions; without recursion."""
    waiting = [model]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, Mapping):
            waiting += value.values()
            if isinstance(url := value.get("url"), str) and url:
                yield Link(str(value.get("title") or ""), url)
            for text in (value.get("content"), value.get("description")):
                yield from _in_text(text) if isinstance(text, str) else ()


def _in_text(text: str) -> Iterator[Link]:
    for found in _TARGET.finditer(text):
        before = text[max(0, found.start() - 100) : found.start()].rpartition("\n")[2]
        words = before.rpartition("[")[2] if found[1] else ""
        yield Link(words, found[1] or found[2] or found[3])
