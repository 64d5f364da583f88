"""Where decisions are cited: documents and code that speak of one by its number or its file."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hardpoint.assurance.decisions.index import NAMES, indexes
from hardpoint.assurance.decisions.logs import Log, log_files, logs
from hardpoint.assurance.decisions.model import DECISIONS
from hardpoint.assurance.decisions.record import Decision
from hardpoint.assurance.decisions.status import State
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.patterns import matching
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

MAX_FILES = 50_000
MAX_FILE_BYTES = 1024 * 1024
_READ = (".md", ".markdown", ".mdx", ".rst", ".adoc", ".py", ".pyi", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx",
         ".vue", ".svelte", ".go", ".rs", ".java", ".kt", ".kts", ".scala", ".groovy", ".rb", ".php", ".c", ".h", ".cc",
         ".cpp", ".hpp", ".cs", ".fs", ".swift", ".sh", ".bash", ".sql", ".proto", ".tf", ".yml", ".yaml", ".toml",
         ".ini", ".cfg", ".ex", ".exs", ".erl", ".clj", ".hs", ".lua", ".dart", ".css", ".scss")  # fmt: skip
_NOT_CURRENT = re.compile(
    r"change[-_ ]?log|history|news|release[-_ ]?notes|archive|historical|meeting|minutes", re.IGNORECASE
)
_NOT_OURS = ("node_modules/", "vendor/", "third_party/", "site-packages/", ".venv/", "dist/", "build/", "*.egg-info/")
_AS_PAST = re.compile(
    r"sup[eo]r[sc]ee?d|replac|deprecat|obsolet|former|previous|no longer|histor|originally|earlier|outdated|revers"
    r"|revis|\bold\b|\bused to\b"
    r"|\bwas\b|\bwere\b|\buntil\b|\bamend|\bsince\b|\b(?:back|by|just|till) then\b|\bbefore\b|\brejected\b"
    r"|\bwithdrawn\b|\bdropped\b|\babandoned\b|\bretired\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\bADR[-_ #]{0,2}0*(\d{1,5})\b", re.IGNORECASE)
_FILE = re.compile(r"([\w.-]+\.(?:md|markdown))\b")


@dataclass(frozen=True, slots=True)
class Citation:
    """A superseded decision that is cited, where, and the words that cite it."""

    decision: Decision
    place: Place
    words: str


def superseded(workspace: Workspace) -> list[Decision]:
    """The decisions that another one has superseded."""
    return [each for log in logs(workspace) for each in log.decisions if each.state is State.SUPERSEDED]


def cited_as_current(decision: Decision, workspace: Workspace) -> list[Citation]:
    """Where a superseded decision is cited on a line that neither names its successor nor speaks of the past."""
    return workspace.derive(_citations).get(decision.file, [])


def _citations(workspace: Workspace) -> Mapping[str, list[Citation]]:
    found: dict[str, list[Citation]] = {}
    wanted = superseded(workspace)
    if not wanted:
        return found
    look = _Look(workspace, wanted)
    for file in _files(workspace):
        for citation in look.at(file):
            found.setdefault(citation.decision.file, []).append(citation)
    return found


class _Look:
    """Looks files through for some decisions."""

    def __init__(self, workspace: Workspace, wanted: list[Decision]) -> None:
        self._workspace = workspace
        self._log = {each.file: log for log in logs(workspace) for each in log.decisions}
        names = [posixpath.basename(each.file) for log in logs(workspace) for each in log.decisions]
        self._by_name = {
            posixpath.basename(each.file): each for each in wanted if names.count(posixpath.basename(each.file)) == 1
        }
        self._by_number: dict[int, Decision] = {}
        if len(logs(workspace)) == 1:  # with several, a number alone names no decision
            (log,) = logs(workspace)
            self._by_number = {
                each.number: each for each in wanted if each.number and len(log.by_number[each.number]) == 1
            }

    def at(self, file: str) -> Iterator[Citation]:
        try:
            content = self._workspace.read(file)
        except UnreadableProblem:
            return
        lowered = content[:MAX_FILE_BYTES].lower()
        if b"adr" not in lowered and not any(name.lower().encode() in lowered for name in self._by_name):
            return
        lines = content[:MAX_FILE_BYTES].decode("utf-8", "replace").split("\n")
        for number, line in enumerate(lines, 1):
            cited = dict(self._cited(line))
            if not cited:
                continue
            around = " ".join(lines[max(number - 3, 0) : number + 2])
            for decision_file, (decision, words, column) in cited.items():
                if not _AS_PAST.search(around) and not self._names_successor(around, decision):
                    yield Citation(self._log[decision_file].by_file[decision_file], Place(file, number, column), words)

    def _cited(self, line: str) -> Iterator[tuple[str, tuple[Decision, str, int]]]:
        for match in _NUMBER.finditer(line):
            if decision := self._by_number.get(int(match[1])):
                yield decision.file, (decision, match[0], match.start() + 1)
        for match in _FILE.finditer(line):
            if decision := self._by_name.get(match[1]):
                yield decision.file, (decision, match[1], match.start() + 1)

    def _names_successor(self, text: str, decision: Decision) -> bool:
        log: Log = self._log[decision.file]
        after = [found for each in decision.superseded_by if (found := log.named(each))]
        numbers = {int(found) for found in _NUMBER.findall(text)}
        return any(each.number in numbers or posixpath.basename(each.file) in text for each in after)


def _files(workspace: Workspace) -> list[str]:
    """Whatever may cite a decision: not the log, its decisions and its index, nor what tells of the past."""
    folders = {f"{log.folder}/" for log in logs(workspace)}
    own = {*log_files(workspace), *(index.file for index in indexes(workspace)), workspace.manifest[DECISIONS].log}
    files = [
        file
        for file in workspace.files
        if file.endswith(_READ)
        and file not in own
        and not _NOT_CURRENT.search(file)
        and not (posixpath.basename(file).lower() in NAMES and any(file.startswith(folder) for folder in folders))
    ]
    foreign = frozenset(matching([*_NOT_OURS, *workspace.manifest[DOCUMENTS].exclude], files))
    return [file for file in files if file not in foreign][:MAX_FILES]
