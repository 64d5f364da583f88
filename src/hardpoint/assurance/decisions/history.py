"""What became of decisions: earlier versions in git, edits of what was accepted, and numbers taken meanwhile."""

import difflib
import posixpath
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from hardpoint.assurance.decisions.logs import decisions, logs
from hardpoint.assurance.decisions.model import DECISIONS
from hardpoint.assurance.decisions.naming import is_decision_file, number_in
from hardpoint.assurance.decisions.record import Decision, Part, read_decision, words_of
from hardpoint.assurance.decisions.status import State
from hardpoint.kernel import git
from hardpoint.kernel.change import SHORT
from hardpoint.kernel.workspace import Workspace

MAX_VERSIONS = 5000
"""How many versions of decisions are read, of all together."""
MAX_WORDS = 5000
MAX_COMPARED = 250_000
"""How many pairs of words two versions are compared by."""
MIN_EDIT = 5
"""How many words an edit of an accepted decision has to add or take away before it is more than a correction."""
SETTLING = timedelta(days=7)
"""How long after it was accepted a decision is still corrected without a finding."""
_SAME_WORD = 0.6
_ENTRY = re.compile(r"[ \t]*(?:[-*+][ \t]|\d+[.)][ \t]|\||#{2,6}[ \t])")
_ADDED_LATER = re.compile(
    r"\b(?:updates?|amendments?|addend(?:um|a)|changelog|change log|history|revisions?|notes?|links?|references"
    r"|see also|related|more information|status|implementation|follow[- ]?ups?|errat(?:um|a)|postscript"
    r"|retrospective|review|lessons|superseded|supersedes|metadata|date|appendix|further reading|todo"
    r"|next steps|validation|confirmation)\b",
    re.IGNORECASE,
)
_ADDED_LINE = re.compile(
    r"^[\s>*_#-]*(?:update|amendment|edit|note|addendum|superseded|supersedes|amended|amends|status|date|last updated"
    r"|updated|deciders|decision-makers|tags|authors?)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class Version:
    """A decision as it was after one commit; `commit` is empty for the base of a change that is held in memory."""

    commit: str
    at: datetime | None
    file: str
    content: bytes

    @cached_property
    def decision(self) -> Decision:
        """What it said."""
        return read_decision(self.file, self.content)

    @property
    def shown(self) -> str:
        """The commit as people name it."""
        return f"commit {self.commit[:SHORT]}" if self.commit else "the base of this change"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of what a decision says, made once it was accepted."""

    by: str
    accepted: Version
    words: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A number that the base gave to another file meanwhile."""

    file: str
    base: str


def versions(decision: Decision, workspace: Workspace) -> Sequence[Version]:
    """What a decision was before, the oldest first; nothing outside of git."""
    return workspace.derive(_versions).get(decision.file, ())


def with_history(workspace: Workspace) -> list[Decision]:
    """The decisions of which an earlier version is known."""
    return [each for each in decisions(workspace) if versions(each, workspace)]


def went_back(decision: Decision, workspace: Workspace) -> Version | None:
    """The last version in which a decision was accepted, or later than that, that is only proposed now."""
    if decision.state is not State.PROPOSED:
        return None
    left = {State.ACCEPTED, State.SUPERSEDED, State.DEPRECATED}
    return next((each for each in reversed(versions(decision, workspace)) if each.decision.state in left), None)


def edited(decision: Decision, workspace: Workspace) -> Edit | None:
    """The last material edit of what an accepted decision says: not of its status, links, spelling, or an addition."""
    if decision.state not in {State.ACCEPTED, State.SUPERSEDED, State.DEPRECATED}:
        return None
    after = _settled(versions(decision, workspace))
    if not after:
        return None
    now = _body(decision)
    changed = _changed(_body(after[0].decision), now)
    if changed < MIN_EDIT:
        return None
    by = "an edit that is not committed"
    if _changed(_body(after[-1].decision), now) < MIN_EDIT:
        steps = reversed(list(pairwise(after)))
        made = (new for old, new in steps if _changed(_body(old.decision), _body(new.decision)) >= MIN_EDIT)
        by = next(made, after[-1]).shown
    return Edit(by, after[0], changed)


def first_seen(decision: Decision, workspace: Workspace) -> datetime | None:
    """When its first version was committed, as far back as the history reaches."""
    return next((each.at for each in versions(decision, workspace)), None)


def taken_by_base(decision: Decision, workspace: Workspace) -> Taken | None:
    """The file that has a new decision's number in the branch that it is to enter."""
    base = workspace.derive(_base)
    if base is None or decision.number is None or decision.file in base.files or decision.file in base.shared:
        return None
    folder = posixpath.dirname(decision.file)
    for file in base.files:
        if number_in(file) == decision.number and posixpath.dirname(file) == folder and file not in workspace.paths:
            return None if file in base.shared else Taken(file, base.name)
    return None


def numbers_of_base(folder: str, workspace: Workspace) -> set[int]:
    """The numbers that the branch which others build on has given in a folder."""
    base = workspace.derive(_base)
    files = [file for file in base.files if posixpath.dirname(file) == folder] if base else []
    return {number for file in files if (number := number_in(file)) is not None}


@dataclass(frozen=True, slots=True)
class _Base:
    """The decisions' files at the tip of the base, and those at the commit that it shares with this tree."""

    name: str
    files: frozenset[str]
    shared: frozenset[str]


def _base(workspace: Workspace) -> _Base | None:
    if workspace.root is None or workspace.commit is None:
        return None
    against = workspace.against
    tip = git.resolve(workspace.root, against) if against else git.main_branch(workspace.root)
    folders = sorted(
        {posixpath.dirname(each.file) for each in decisions(workspace)} | {each.folder for each in logs(workspace)}
    )
    if tip is None or tip == workspace.commit or not folders:
        return None
    shared = git.merge_base(workspace.root, tip)
    listed = [git.files_at(workspace.root, commit) if commit else [] for commit in (tip, shared)]
    inside = tuple(f"{folder}/" for folder in folders)
    at_tip, at_shared = (
        frozenset(file for file in files if file.startswith(inside) and is_decision_file(file)) for files in listed
    )
    return _Base(against or "the main branch of origin", at_tip, at_shared)


def _versions(workspace: Workspace) -> Mapping[str, Sequence[Version]]:
    if workspace.root is not None and workspace.commit is not None:
        return _from_git(workspace)
    change = workspace.change
    if change is None:
        return {}
    before = {each.file: change.before(each.file) for each in decisions(workspace)}
    return {file: (Version("", None, file, content),) for file, content in before.items() if content is not None}


def _from_git(workspace: Workspace) -> Mapping[str, Sequence[Version]]:
    assert workspace.root is not None
    steps = _steps(workspace, sorted({log.folder for log in logs(workspace)}))
    files = [each.file for each in decisions(workspace)]
    return _read(workspace.root, {file: steps.get(file, ()) for file in files})


def _steps(workspace: Workspace, paths: Sequence[str]) -> Mapping[str, Sequence[git.Step]]:
    """The steps of each file that is there now, under whatever name it had."""
    assert workspace.root is not None
    assert workspace.commit is not None
    current: dict[str, list[git.Step]] = {}
    for step in git.steps(workspace.root, paths, commit=workspace.commit) if paths else ():
        past = current.pop(step.before, []) if step.before else []
        if step.after is not None:
            current[step.after] = [*past, step]
    return current


def _read(root: Path, steps: Mapping[str, Sequence[git.Step]]) -> Mapping[str, Sequence[Version]]:
    wanted = [step.blob for each in steps.values() for step in each if step.blob][:MAX_VERSIONS]
    contents = git.blobs(root, list(dict.fromkeys(wanted)))
    return {
        file: tuple(
            Version(step.commit, step.at, step.after or file, contents[step.blob])
            for step in each
            if step.blob in contents
        )
        for file, each in steps.items()
    }


def _settled(earlier: Sequence[Version]) -> Sequence[Version]:
    """The versions since a decision had been accepted, and its text was corrected as new texts are."""
    first = next((at for at, each in enumerate(earlier) if each.decision.state is State.ACCEPTED), None)
    if first is None:
        return ()
    began = earlier[first].at
    while began and first + 1 < len(earlier) and (earlier[first + 1].at or began) - began <= SETTLING:
        first += 1
    return earlier[first:]


def _body(decision: Decision) -> list[str]:
    """The words of what was decided: without what is said of the decision itself, and what may be added later."""
    tops = [part for part in decision.parts if not _ADDED_LATER.search(part.title)]
    return [word for part in tops for word in words_of(_own_text(part))][:MAX_WORDS]


def _own_text(part: Part) -> str:
    """What stands under a heading before the next one, of whatever level."""
    own = re.split(r"^(?:#{1,6}\s.*|.+\n(?:=+|-{3,})[ \t]*)$", part.text, maxsplit=1, flags=re.MULTILINE)[0]
    return _ADDED_LINE.sub("", own) if part.level > 1 else ""


def _changed(before: Sequence[str], after: Sequence[str]) -> int:
    """How many words were added or taken away; one that was respelt is neither."""
    before, after = _differing(before, after)
    if len(before) * len(after) > MAX_COMPARED:  # a text of its own by now: how its words moved says nothing
        return max((Counter(before) - Counter(after)).total(), (Counter(after) - Counter(before)).total())
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return sum(_weight(before[a:b], after[c:d]) for kind, a, b, c, d in matcher.get_opcodes() if kind != "equal")


def _differing(before: Sequence[str], after: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Both without the words that they begin with and end with alike."""
    first = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), None)
    if first is None:
        first = min(len(before), len(after))
    before, after = before[first:], after[first:]
    pairs = enumerate(zip(reversed(before), reversed(after), strict=False))
    last = next((at for at, (one, other) in pairs if one != other), min(len(before), len(after)))
    return before[: len(before) - last], after[: len(after) - last]


def _weight(before: Sequence[str], after: Sequence[str]) -> int:
    if len(before) == len(after):
        pairs = zip(before, after, strict=True)
        return sum(difflib.SequenceMatcher(None, *pair).ratio() < _SAME_WORD for pair in pairs)
    return max(len(before), len(after))


def lost_entry(log: str, workspace: Workspace) -> tuple[str, Version] | None:
    """An entry that an earlier version of a log had and that is gone, edited or moved now, with that version."""
    now = _entries(workspace.read(log))
    for version in workspace.derive(_log_versions):
        rest = iter(now)
        for entry in _entries(version.content):
            if entry not in rest:  # reads on: what is found has to stand in the same order
                return entry, version
    return None


def _log_versions(workspace: Workspace) -> Sequence[Version]:
    log = workspace.manifest[DECISIONS].log
    if workspace.root is None or workspace.commit is None:
        content = workspace.change.before(log) if workspace.change else None
        return () if content is None else (Version("", None, log, content),)
    return _read(workspace.root, {log: _steps(workspace, [log]).get(log, ())})[log]


def _entries(content: bytes) -> list[str]:
    """The items, rows and headings of a log, by their words."""
    lines = content.decode("utf-8", "replace").splitlines()
    return [words for line in lines if _ENTRY.match(line) and (words := " ".join(re.findall(r"\w+", line)))]
