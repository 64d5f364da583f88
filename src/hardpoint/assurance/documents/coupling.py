"""What has to change together: documents that cover code, and what a new service, alert or operation brings."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hardpoint.assurance.documents.corpus import mentioning
from hardpoint.assurance.documents.mentions import MARKER
from hardpoint.assurance.documents.model import DOCUMENTS, Done
from hardpoint.assurance.documents.outline import outline
from hardpoint.assurance.documents.patterns import matching
from hardpoint.assurance.documents.runners import is_compose, lines_below, services_in_compose
from hardpoint.assurance.documents.sources import as_source, source_of
from hardpoint.kernel.change import Change
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.place import Place
from hardpoint.kernel.workspace import Workspace

TRAILER = "Docs-Exempt"
"""The line of a commit message that says why its code needs no other document: `Docs-Exempt: REASON`."""

_COVERS = re.compile(r"<!--[ \t]*hardpoint:[ \t]*covers[ \t]+((?:(?!<!--|-->).)*)-->", re.DOTALL)
_YAML = (".yml", ".yaml")
_ALERT = re.compile(r"^[ \t]*-?[ \t]*[\"']?alert[\"']?:[ \t]*[\"']?([^\s\"'#{}]+)", re.MULTILINE)
_WORKLOAD = re.compile(r"^kind:[ \t]*[\"']?(?:Deployment|StatefulSet|DaemonSet|CronJob)\b", re.MULTILINE)
_WORKLOAD_NAME = re.compile(r"^metadata:[ \t]*\n(?:[ \t].*\n)*?[ \t]+name:[ \t]*[\"']?([\w.-]+)", re.MULTILINE)
_PART = re.compile(r"^---[^\n]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Covering:
    """Documents that describe some code, and where somebody says so."""

    code: tuple[str, ...]
    documents: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Addition:
    """Something that a change adds, and the file that shows it."""

    name: str
    file: str


def coverings(workspace: Workspace) -> list[Covering]:
    """The couplings that are declared, and those that documents mark."""
    return workspace.derive(_coverings)


def changed_alone(covering: Covering, change: Change) -> list[str]:
    """The code that a change touches without its documents; none where every commit that does says why."""
    if matching(covering.documents, change.written):
        return []
    return [file for file in matching(covering.code, sorted(change.touched)) if not is_exempt(file, change)]


def is_exempt(file: str, change: Change) -> bool:
    """Whether every commit that touches a file says that its documents need not change."""
    touching = [each for each in change.commits if file in each.files]
    return bool(touching) and all(each.trailer(TRAILER) for each in touching)


def additions(done: Done, workspace: Workspace, change: Change) -> list[Addition]:
    """What a change adds of the sort that a definition of done is about."""
    written = sorted(change.written)
    looked_at = matching(done.files, written) if done.files else written
    if done.adds == "operation":
        return [Addition(file, file) for file in matching(done.files, sorted(change.added))]
    named = _services if done.adds == "service" else _alerts
    return [
        Addition(name, file)
        for file in looked_at
        if file.endswith(_YAML)
        for name in _new(named(file, source_of(file, workspace)), named(file, as_source(change.before(file) or b"")))
    ]


def missing(done: Done, change: Change) -> list[str]:
    """The patterns for which a change brings no document."""
    return [pattern for pattern in done.brings if not matching([pattern], change.written)]


def _coverings(workspace: Workspace) -> list[Covering]:
    found = [
        Covering(each.code, each.documents, workspace.manifest.place(DOCUMENTS.key, "coupled", at))
        for at, each in enumerate(workspace.manifest[DOCUMENTS].coupled)
    ]
    for file in mentioning(workspace, MARKER):
        found += _marked(file, workspace)
    return found


def _marked(file: str, workspace: Workspace) -> Iterator[Covering]:
    for comment, line in outline(file, workspace).comments:
        for marker in _COVERS.finditer(comment):
            place = Place(file, line + comment.count("\n", 0, marker.start()))
            yield Covering(tuple(marker[1].replace(",", " ").split()), (f"/{file}",), place)


def _services(file: str, text: str) -> list[str]:
    if file == MANIFEST_FILE:
        block = "\n".join(lines_below(text, "services"))
        return re.findall(r"^[ ]*-?[ ]*name:[ \t]*[\"']?([^\s\"'#]+)", block, re.MULTILINE)
    if is_compose(posixpath.basename(file)):
        return services_in_compose(text)
    workloads = (part for part in _PART.split(text) if _WORKLOAD.search(part))
    return [found[1] for part in workloads if (found := _WORKLOAD_NAME.search(part))]


def _alerts(_: str, text: str) -> list[str]:
    return _ALERT.findall(text)


def _new(now: Iterable[str], before: Sequence[str]) -> Iterator[str]:
    known = set(before)
    for name in now:
        if name not in known:
            known.add(name)
            yield name
