"""The logs of a repository: where its decisions are kept, and which decisions each log has."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from hardpoint.assurance.decisions.model import DECISIONS
from hardpoint.assurance.decisions.naming import is_called_decision, is_decision_file
from hardpoint.assurance.decisions.record import Decision, read_decision
from hardpoint.assurance.decisions.references import Reference
from hardpoint.assurance.decisions.status import State
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.patterns import matching
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

MAX_DECISION_BYTES = 1024 * 1024
MIN_SHARE = 0.5
"""From which share of its decisions on a log's habit is taken for its rule."""

_FOLDER = re.compile(
    r"(?:l?adrs?|decisions?|madrs?|adl|decision[-_ ]?(?:records?|logs?)"
    r"|(?:architecture|architectural|design|technical|tech)[-_ ]?decisions?(?:[-_ ]?(?:records?|logs?))?)",
    re.IGNORECASE,
)
_NOT_OURS = frozenset(
    {"node_modules", "vendor", "third_party", "site-packages", ".venv", "tests", "test", "testdata", "__tests__"
     , "fixtures", "__fixtures__", "e2e", "spec", "examples", "example", "samples", "template", "templates"}
)  # fmt: skip
_LOG4BRAINS_FOLDER = re.compile(r"^[ \t]*(?:-[ \t]+)?adrFolder:[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)
# What stands behind the name of a decision: a language, or what an annex is called.
_COMPANION = re.compile(
    r"[-_.](?:(?:ar|bg|ca|cs|da|de|el|en|es|et|fa|fi|fr|he|hi|hr|hu|id|it|ja|jp|ko|kr|lt|lv|nb|nl|no|pl|pt|ro|ru|sk|sl"
    r"|sr|sv|th|tr|uk|vi|zh)(?:[-_](?:[a-z]{2}|hans|hant))?"
    r"|(?:annex|appendix|appendices|attachment|addendum|errata|supplement|supporting|diagram|note|detail|discussion|faq"
    r"|poc|benchmark|result|example|comparison|evaluation|analysis|research|material|data|translation|part)(?:e?s)?"
    r"(?:[-_. ].*)?)$"
)


@dataclass(frozen=True)
class Log:
    """A folder of decisions, in the order of their numbers."""

    folder: str
    decisions: tuple[Decision, ...]
    declared: bool = False

    @cached_property
    def by_number(self) -> Mapping[int, Sequence[Decision]]:
        """The decisions of each number; several where one was given twice."""
        found: dict[int, list[Decision]] = {}
        for decision in self.decisions:
            if decision.number is not None:
                found.setdefault(decision.number, []).append(decision)
        return found

    @cached_property
    def by_file(self) -> Mapping[str, Decision]:
        """The decisions by their files."""
        return {decision.file: decision for decision in self.decisions}

    @cached_property
    def with_status(self) -> Sequence[Decision]:
        """The decisions that give a status at all."""
        return [each for each in self.decisions if each.status is not None and each.status.plain]

    @cached_property
    def has_known_statuses(self) -> bool:
        """Whether most of its statuses are words that are known, and not those of another language or house."""
        return sum(each.state is not None for each in self.with_status) >= len(self.with_status) * MIN_SHARE

    @cached_property
    def claims(self) -> Mapping[str, Sequence[Decision]]:
        """For each file the decisions that say they supersede it, wholly."""
        found: dict[str, list[Decision]] = {}
        for decision in self.decisions:
            for each in decision.supersedes:
                named = self.named(each)
                if named is not None and named is not decision and not each.partly:
                    found.setdefault(named.file, []).append(decision)
        return found

    @property
    def is_flat(self) -> bool:
        """Whether all of it lies in one folder, so that numbers belong to one row."""
        return all(posixpath.dirname(each.file) == self.folder for each in self.decisions)

    def named(self, reference: Reference) -> Decision | None:
        """The decision that a reference names; None if there is none, or more than one."""
        if reference.file is not None and reference.file in self.by_file:
            return self.by_file[reference.file]
        if reference.file is not None and reference.number is None:
            return None
        found = self.by_number.get(reference.number, ()) if reference.number is not None else ()
        return found[0] if len(found) == 1 else None

    def has(self, reference: Reference) -> bool:
        """Whether it has what a reference names, once or more often."""
        return reference.file in self.by_file or reference.number in self.by_number

    def share(self, which: Sequence[Decision]) -> float:
        """How large a part of its decisions some are, from 0 to 1."""
        return len(which) / len(self.decisions) if self.decisions else 0.0


def logs(workspace: Workspace) -> list[Log]:
    """Every log of the workspace: those that the manifest declares, else those that the tree shows."""
    return workspace.derive(_logs)


def decisions(workspace: Workspace) -> list[Decision]:
    """Every decision of every log."""
    return [decision for log in logs(workspace) for decision in log.decisions]


def log_of(decision: Decision, workspace: Workspace) -> Log:
    """The log that a decision is part of."""
    return workspace.derive(_log_by_file)[decision.file]


def log_files(workspace: Workspace) -> list[str]:
    """The files of every folder of decisions, by name: what is read of them, and what is not."""
    return [file for files in _candidates(workspace).values() for file in files]


def other_with(reference: Reference, log: Log, workspace: Workspace) -> bool:
    """Whether another log has what a reference names, or a file of the repository is it."""
    return reference.file in workspace.paths or any(each.has(reference) for each in logs(workspace) if each is not log)


def folder_of(path: str) -> str | None:
    """The folder of decisions that a file's path shows, or None; the innermost counts."""
    parts = path.split("/")[:-1]
    if _NOT_OURS.intersection(part.lower() for part in parts):
        return None
    found = (at for at in range(len(parts), 0, -1) if _FOLDER.fullmatch(parts[at - 1]))
    at = next(found, None)
    return "/".join(parts[:at]) if at else None


def _logs(workspace: Workspace) -> list[Log]:
    declared = bool(workspace.manifest[DECISIONS].folders)
    found = []
    for folder, files in _candidates(workspace).items():
        read = [_read(file, workspace) for file in files]
        if declared or any(decision.looks_like_one for decision in read):
            ordered = sorted(read, key=lambda each: (each.number is None, each.number or 0, each.file))
            found.append(Log(folder, tuple(ordered), declared))
    return found


def _log_by_file(workspace: Workspace) -> Mapping[str, Log]:
    return {decision.file: log for log in logs(workspace) for decision in log.decisions}


def _candidates(workspace: Workspace) -> Mapping[str, Sequence[str]]:
    """The files that are named as decisions, by their folder."""
    declared = [folder.strip("/") for folder in workspace.manifest[DECISIONS].folders]
    shown = [] if declared else list(_shown(workspace))
    found: dict[str, list[str]] = {}
    for file in _ours(workspace):
        if not is_decision_file(file):
            continue
        inside = [folder for folder in declared or shown if file.startswith(f"{folder}/")]
        folder = max(inside, key=len) if inside else None if declared else folder_of(file) or _called(file)
        if folder is not None:
            found.setdefault(folder, []).append(file)
    return found


def _called(file: str) -> str | None:
    """The folder of a file that is called `adr-001-…`, whatever the folder is called."""
    foreign = _NOT_OURS.intersection(part.lower() for part in file.split("/")[:-1])
    return posixpath.dirname(file) if is_called_decision(file) and not foreign and "/" in file else None


def _ours(workspace: Workspace) -> Sequence[str]:
    files = [file for file in workspace.files if file.lower().endswith((".md", ".markdown"))]
    excluded = frozenset(matching(workspace.manifest[DOCUMENTS].exclude, files))
    return [file for file in files if file not in excluded]


def _shown(workspace: Workspace) -> Iterator[str]:
    """The folders that adr-tools and log4brains were told."""
    for file in workspace.files:
        name = posixpath.basename(file)
        if name == ".adr-dir":
            yield from _joined(file, _text(file, workspace).strip())
        elif name == ".log4brains.yml":
            for folder in _LOG4BRAINS_FOLDER.findall(_text(file, workspace)):
                yield from _joined(file, folder)


def _joined(file: str, folder: str) -> Iterator[str]:
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file), folder))
    if folder and path != "." and not path.startswith(("..", "/")):
        yield path


def _text(file: str, workspace: Workspace) -> str:
    try:
        return workspace.read(file)[:4096].decode("utf-8", "replace")
    except UnreadableProblem:
        return ""


def _read(file: str, workspace: Workspace) -> Decision:
    try:
        content = workspace.read(file)
    except UnreadableProblem as problem:
        return _unread(file, problem.sentence)
    if len(content) > MAX_DECISION_BYTES:
        return _unread(file, f"is larger than {MAX_DECISION_BYTES // 2**20} MiB")
    return read_decision(file, content)


def _unread(file: str, why: str) -> Decision:
    return replace(read_decision(file, b""), unread=why)


def same_number(decision: Decision, log: Log) -> list[Decision]:
    """The decisions of its folder with its number, itself among them; translations and annexes are not counted."""
    folder = posixpath.dirname(decision.file)
    found = log.by_number.get(decision.number, ()) if decision.number is not None else ()
    beside = [each for each in found if posixpath.dirname(each.file) == folder]
    whole = [each for each in beside if not any(_belongs_to(each, other) for other in beside)]
    return whole if decision in whole else []


def _belongs_to(decision: Decision, other: Decision) -> bool:
    """Whether a file that is named after another decision is part of that one: its translation, or an annex.

    One that gives a status is a decision of its own, unless its name says what it is.
    """
    more = _stem(decision).removeprefix(_stem(other))
    if more == _stem(decision) or not more.startswith(("-", "_", ".")):
        return False
    return bool(_COMPANION.search(more)) or (decision.status is None and other.status is not None)


def _stem(decision: Decision) -> str:
    return decision.file.rpartition(".")[0].lower()


def in_force(decision: Decision) -> bool:
    """Whether a decision is accepted."""
    return decision.state is State.ACCEPTED
