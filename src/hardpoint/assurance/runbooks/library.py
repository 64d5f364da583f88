"""The runbooks of a repository: which files they are, and what each says."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from hardpoint.assurance.documents.patterns import matching
from hardpoint.assurance.runbooks.alerts import alert_rules
from hardpoint.assurance.runbooks.links import SUFFIXES
from hardpoint.assurance.runbooks.model import RUNBOOKS
from hardpoint.assurance.runbooks.owners import owners
from hardpoint.assurance.runbooks.pages import Page, Row, Said, read_page
from hardpoint.assurance.runbooks.parts import Part, Vocabulary, plain
from hardpoint.assurance.runbooks.references import references
from hardpoint.assurance.runbooks.sources import is_test, own_files
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

_WORD = r"(?:run|play)[-_ ]?books?"
_FOLDER = re.compile(rf"^(?:[\w-]+[-_])?{_WORD}$", re.IGNORECASE)
_NAME = re.compile(rf"^{_WORD}(?:[-_. ]|$)|[-_. ]{_WORD}$", re.IGNORECASE)
_PLAYBOOKS = re.compile(r"^play[-_ ]?books?$", re.IGNORECASE)
_NO_RUNBOOK = re.compile(
    r"template|^(?:agents|claude|skill|contributing|changelog|style[-_]?guide|license|glossary|summary|owners)$",
    re.IGNORECASE,
)
_INDEX = frozenset({"readme", "index", "_index", "00-index", "toc"})
_CLASS_KEYS = ("class", "runbook_class", "type", "category", "kind")
_IN_CODE = re.compile(r"\b[A-Za-z][a-z0-9]*(?:[A-Z_][A-Za-z0-9]+)+\b")
"""A word of a heading that is a name: `HighErrorRate`."""
_IN_HUMPS = re.compile(r"\w*[a-z0-9][A-Z]\w*")


@dataclass(frozen=True)
class Runbook:
    """A runbook: its page, and what is known of it beside what it says."""

    page: Page
    owned_by: str = ""
    """Whom CODEOWNERS names."""
    linked: bool = False
    """Whether an alert or a dashboard links to it, or an alert has its name."""
    severity: str = ""
    """What the alerts that link to it, or have its name, say."""

    @property
    def file(self) -> str:
        """Its path."""
        return self.page.file

    @property
    def owner(self) -> str:
        """Who owns it, by its own words or by CODEOWNERS."""
        said = self.page.parts.get(Part.OWNER)
        return said.value if said and said.filled else self.owned_by

    @property
    def place(self) -> Place:
        """Its first line."""
        return Place(self.file, 1)

    @property
    def names(self) -> tuple[str, ...]:
        """The alerts that it says it is for, or the one that file and title are named after."""
        title = self.page.title.strip()
        stem = posixpath.splitext(posixpath.basename(self.file))[0]
        is_name = _IN_HUMPS.fullmatch(title) is not None and title.casefold() == stem.casefold()
        return self.page.alerts or ((title,) if is_name else ())

    @cached_property
    def called(self) -> frozenset[str]:
        """Its file's name, its title and its headings, in plain words: what an alert of that name finds it by."""
        stem = posixpath.splitext(posixpath.basename(self.file))[0]
        folder = posixpath.basename(posixpath.dirname(self.file))
        by_file = folder if stem.lower() in _INDEX else stem
        titles = [self.page.title, *(each.title for each in self.page.headings)]
        in_code = (name for title in titles for name in _IN_CODE.findall(title))
        return frozenset(_called(each) for each in (by_file, *titles, *in_code)) - {""}

    @cached_property
    def _sections(self) -> frozenset[str]:
        return frozenset(_joined(each.title) for each in self.page.headings)

    def has_section(self, anchor: str) -> bool:
        """Whether an anchor names a heading or an id, in whatever way the publisher makes anchors of headings."""
        wanted = _joined(anchor)  # the second heading of a name gets a number behind it
        return anchor in self.page.ids or wanted in self._sections or wanted.rstrip("0123456789") in self._sections

    def said(self, part: Part) -> Said | None:
        """A part as the page gives it."""
        return self.page.parts.get(part)

    def lacks(self, part: Part) -> bool:
        """Whether neither the page nor anything else that is read says it."""
        said = self.page.parts.get(part)
        if said and said.filled:
            return False
        known = {Part.OWNER: self.owned_by, Part.ALERT: self.linked or self.names, Part.SEVERITY: self.severity}
        return not known.get(part)

    @property
    def answers_alerts(self) -> bool:
        """Whether it is there for when something alerts; a procedure such as onboarding is not."""
        parts = self.page.parts
        is_response = Part.DIAGNOSIS in parts and Part.MITIGATION in parts
        return self.linked or is_response or Part.ALERT in parts or Part.SEVERITY in parts

    def is_of_class(self, name: str, files: Sequence[str]) -> bool:
        """Whether it is of a class, by its own words or by the patterns that declare the class."""
        own = (self.page.front.get(key, "") for key in _CLASS_KEYS)
        return any(plain(name) == plain(each) for each in own) or self.file in matching(files, [self.file])


@dataclass(frozen=True, slots=True)
class Library:
    """Every runbook by its file, and the rows of the pages that only list them."""

    runbooks: Mapping[str, Runbook]
    listed: tuple[tuple[str, Row], ...]
    """The page and the row."""


def library(workspace: Workspace) -> Library:
    """The runbooks of the workspace, read once."""
    return workspace.derive(_library)


def runbooks(workspace: Workspace) -> list[Runbook]:
    """Every runbook of the workspace."""
    return list(library(workspace).runbooks.values())


def called(name: str) -> str:
    """A name without what styles differ in: `HighErrorRate`, `high-error-rate` and `High error rate` are one."""
    return _called(name)


def _joined(title: str) -> str:
    return re.sub(r"[\W_]+", "", title.casefold())


def _called(name: str) -> str:
    return plain(re.sub(r"^(?:alert|alert name|runbook|playbook) ?:", "", name, flags=re.IGNORECASE)).replace(" ", "")


def _library(workspace: Workspace) -> Library:
    linked = _linked(workspace)
    files = _recognised(workspace)
    found: dict[str, Runbook] = {}
    listed: list[tuple[str, Row]] = []
    words = Vocabulary(workspace.manifest[RUNBOOKS].words)
    alerts = {_called(each.name): each.severity for each in alert_rules(workspace).alerts}
    for file in sorted({*files, *linked}):
        page = _read(file, workspace, words)
        listed += [(file, row) for row in page.rows if row.links]
        if _is_index(file, workspace) and file not in linked:
            continue
        runbook = Runbook(page, owners(workspace).of(file))
        severities = [*linked.get(file, ()), *(alerts[name] for name in runbook.called if name in alerts)]
        known = next((each for each in severities if each), "")
        found[file] = replace(runbook, linked=bool(severities), severity=known)
    return Library(found, tuple(listed))


def _linked(workspace: Workspace) -> dict[str, list[str]]:
    """The documents that alerts and dashboards link to, with the severities of those alerts."""
    found: dict[str, list[str]] = {}
    for each in references(workspace):
        if each.led.file:
            found.setdefault(each.led.file, []).append(each.severity)
    return found


def _recognised(workspace: Workspace) -> list[str]:
    documents = [file for file in own_files(workspace) if file.lower().endswith(SUFFIXES)]
    if declared := workspace.manifest[RUNBOOKS].files:
        return matching(declared, documents)
    ansible = workspace.derive(_ansible)
    return [file for file in documents if _is_runbook(file) and not is_test(file) and not _within(file, ansible)]


def _is_runbook(file: str) -> bool:
    folders, _, name = file.rpartition("/")
    stem = posixpath.splitext(name)[0]
    if _NO_RUNBOOK.search(stem) or any("template" in each for each in folders.lower().split("/")):
        return False
    return bool(_NAME.search(stem)) or any(_FOLDER.match(each) for each in folders.split("/"))


def _ansible(workspace: Workspace) -> frozenset[str]:
    """Folders of playbooks for Ansible, which are programs."""
    return frozenset(
        folder
        for file in workspace.files
        if file.endswith((".yml", ".yaml"))
        for folder in [posixpath.dirname(file)]
        if _PLAYBOOKS.match(posixpath.basename(folder))
    )


def _within(file: str, folders: frozenset[str]) -> bool:
    return any(above in folders for above in _above(file)) if folders else False


def _above(file: str) -> Iterator[str]:
    while file := posixpath.dirname(file):
        yield file


def _is_index(file: str, workspace: Workspace) -> bool:
    """Whether a page lists runbooks and is none; alone in its folder, `api-down/README.md` is one."""
    folder, _, name = file.rpartition("/")
    if posixpath.splitext(name)[0].lower() not in _INDEX:
        return False
    return bool(_FOLDER.match(posixpath.basename(folder))) or workspace.derive(_documents_below).get(folder, 0) > 1


def _documents_below(workspace: Workspace) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for file in own_files(workspace):
        if file.lower().endswith(SUFFIXES):
            for folder in (*_above(file), ""):
                counts[folder] = counts.get(folder, 0) + 1
    return counts


def _read(file: str, workspace: Workspace, words: Vocabulary) -> Page:
    try:
        return read_page(file, workspace.read(file), words)
    except UnreadableProblem as problem:
        return Page(file, unread=problem.sentence)
