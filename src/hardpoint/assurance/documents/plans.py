"""Plans: which documents they are, which of them is active, what they call active, and how far their items are."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from hardpoint.assurance.documents.corpus import documents, mentioning
from hardpoint.assurance.documents.fields import Field, fields_of
from hardpoint.assurance.documents.index import led_to
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.outline import Link, Row, outline, text_of
from hardpoint.assurance.documents.patterns import matching
from hardpoint.kernel.place import Place
from hardpoint.kernel.workspace import Workspace

ACTIVE = frozenset({"active", "current", "in-progress", "ongoing", "live", "adopted"})
HISTORICAL = frozenset(
    {"historical", "superseded", "archived", "obsolete", "retired", "outdated", "replaced", "deprecated"}
)
_DONE = frozenset(
    {"done", "complete", "completed", "shipped", "finished", "closed", "delivered", "✅", "☑", "✔", "[x]"}
)
_OPEN = frozenset(
    {
        "open",
        "todo",
        "planned",
        "in progress",
        "in-progress",
        "not started",
        "pending",
        "blocked",
        "next",
        "wip",
        "⬜",
        "[ ]",
    }
)
_ROADMAP = re.compile(r"(?:^|[-_ ])roadmap(?:$|[-_ ])", re.IGNORECASE)
_BOARD = re.compile(r"(?:^|[-_ ])phase[-_ ]?board(?:$|[-_ ])", re.IGNORECASE)
_PLAN = re.compile(r"(?:^|[-_ ])(?:plan|roadmap|board|mvp|hardening)(?:$|[-_ ])", re.IGNORECASE)
_ID = re.compile(r"^[\W_]*([A-Z][A-Z0-9]{1,9}-\d{1,6}(?:\.\d+)*)\b")
_WORD = re.compile(r"\w+")
_MIN_WORDS = 3
"""An item with fewer words may be another one that is called the same."""
_MIN_NAME = 4
# "The current plan is [x](y)", "Active roadmap: [x](y)", "[the current plan](y)".
_CALLED_ACTIVE = re.compile(
    r"\b(?:current|active)\s+(?:plan|roadmap|phase\s+board|board)\b\W{0,3}(?:\s+(?:is|are|lives\s+in|stands\s+in|can\s+be\s+found\s+in|see))?"
    r"(?:\s+(?:in|at|the))*[\s:\u2014\u2013\-(*_]*$",
    re.IGNORECASE,
)
_NAMED_ACTIVE = re.compile(r"(?:the\s+)?(?:current|active)\s+(?:plan|roadmap|phase\s+board|board)", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:not|no|never|formerly|former|previous|previously|once|was|were|until|isn.t|than)\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"[.!?]\s|\n")


class Sort(Enum):
    """A sort of plan of which exactly one is active."""

    ROADMAP = "roadmap"
    BOARD = "phase board"


@dataclass(frozen=True, slots=True)
class Group:
    """The plans of one sort that stand beside each other: all that are declared, or those recognised in one folder."""

    sort: Sort
    files: tuple[str, ...]
    declared: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a plan has to do, by its id or its words, and whether that is done."""

    key: str
    done: bool
    place: Place
    by_id: bool


def groups(workspace: Workspace) -> list[Group]:
    """The plans of each sort."""
    declared = workspace.manifest[DOCUMENTS].plans
    files = [each.file for each in documents(workspace)]
    found: list[Group] = []
    for sort, patterns, name in (
        (Sort.ROADMAP, declared.roadmaps, _ROADMAP),
        (Sort.BOARD, declared.boards, _BOARD),
    ):
        if patterns:
            found.append(Group(sort, tuple(matching(patterns, files)), declared=True))
            continue
        by_folder: dict[str, list[str]] = {}
        for file in files:
            if name.search(_stem(file)) and "status" in fields_of(file, workspace):
                by_folder.setdefault(posixpath.dirname(file), []).append(file)
        found += [Group(sort, tuple(each), declared=False) for each in by_folder.values()]
    return found


def status(file: str, workspace: Workspace) -> Field | None:
    """What a document gives as its status."""
    return fields_of(file, workspace).get("status")


def is_active(file: str, workspace: Workspace) -> bool:
    """Whether a document says that it is in force."""
    said = status(file, workspace)
    return said is not None and (said.word in ACTIVE or said.value.casefold().startswith("in progress"))


def is_historical(file: str, workspace: Workspace) -> bool:
    """Whether a document says that it is no longer in force."""
    said = status(file, workspace)
    return said is not None and said.word in HISTORICAL


def calling(workspace: Workspace) -> list[str]:
    """The documents that call something the current plan, and are not themselves out of force."""
    files = mentioning(workspace, "plan", "roadmap", "board")
    calls = (file for file in files if next(called_active(file, workspace), None))
    return [file for file in calls if not is_historical(file, workspace)]


def called_active(file: str, workspace: Workspace) -> Iterator[tuple[Link, str]]:
    """The links that a document calls the current plan, each with the document that it leads to."""
    if not _NAMED_ACTIVE.search(text_of(file, workspace)):
        return
    for link in outline(file, workspace).links:
        sentence = _SENTENCE.split(link.before)[-1]
        called = _CALLED_ACTIVE.search(sentence) or _NAMED_ACTIVE.fullmatch(link.text.strip())
        if called and not _DENIED.search(sentence):
            yield from ((link, found) for found in led_to(link.target, file, workspace))


def plan_files(workspace: Workspace) -> list[str]:
    """Every document that plans: declared, or recognised by its name and a status."""
    declared = workspace.manifest[DOCUMENTS].plans
    files = [each.file for each in documents(workspace)]
    patterns = (*declared.roadmaps, *declared.boards, *declared.others)
    if patterns:
        return matching(patterns, files)
    named = (file for file in files if _PLAN.search(_stem(file)))
    return [file for file in named if is_active(file, workspace) or is_historical(file, workspace)]


def are_declared(workspace: Workspace) -> bool:
    """Whether the team says which documents plan."""
    declared = workspace.manifest[DOCUMENTS].plans
    return bool(declared.roadmaps or declared.boards or declared.others)


def items(file: str, workspace: Workspace) -> list[Item]:
    """The items of a plan whose state is plain: boxes, and the rows of tables with a column for it."""
    made = outline(file, workspace)
    found = [_item(task.text, task.ticked, made.place(task.line)) for task in made.tasks]
    found += [_item(name, done, made.place(row.line)) for row in made.rows for name, done in _row(row)]
    return sorted((each for each in found if each is not None), key=lambda each: each.place)


def contradictions(workspace: Workspace) -> Mapping[str, list[tuple[Item, Item]]]:
    """The items that are done in one plan and open in another, by the file of the second, with the first.

    Of plans that were only recognised, those that are historical are compared with those that are active, and only by
    their ids: two releases may have a step of the same words.
    """
    return workspace.derive(_contradictions)


def _contradictions(workspace: Workspace) -> Mapping[str, list[tuple[Item, Item]]]:
    declared = are_declared(workspace)
    done: dict[str, list[Item]] = {}
    files = plan_files(workspace)
    by_file = {file: items(file, workspace) for file in files}
    for each in (each for many in by_file.values() for each in many if each.done and (declared or each.by_id)):
        done.setdefault(each.key, []).append(each)
    found: dict[str, list[tuple[Item, Item]]] = {}
    for file in files:
        own_done = {each.key for each in by_file[file] if each.done}
        for each in by_file[file]:
            if each.done or each.key in own_done or not (declared or each.by_id):
                continue
            elsewhere = (other for other in done.get(each.key, ()) if other.place.file != file)
            pairs = (other for other in elsewhere if declared or _opposed(file, other.place.file, workspace))
            if (other := next(pairs, None)) is not None:
                found.setdefault(file, []).append((each, other))
    return found


def _opposed(one: str, other: str, workspace: Workspace) -> bool:
    return (is_active(one, workspace) and is_historical(other, workspace)) or (
        is_historical(one, workspace) and is_active(other, workspace)
    )


def _row(row: Row) -> Iterator[tuple[str, bool]]:
    """The item of a table's row: its state stands under Status, its name under Item or in the first cell."""
    at = next((at for at, head in enumerate(row.head) if head.casefold() in {"status", "state", "done"}), None)
    if at is None or at >= len(row.cells):
        return
    said = row.cells[at].strip("*_` ").casefold()
    first = said.split(" ")[0].rstrip(".,:;")
    if said in _DONE or first in _DONE:
        yield _name(row, at), True
    elif said in _OPEN or first in _OPEN:
        yield _name(row, at), False


def _name(row: Row, state: int) -> str:
    """The first cell with words; one that is an id is enough."""
    return next(
        (cell for at, cell in enumerate(row.cells) if at != state and (_ID.match(cell) or len(cell) >= _MIN_NAME)), ""
    )


def _item(text: str, done: bool, place: Place) -> Item | None:  # noqa: FBT001 - the item's state
    if found := _ID.match(text):
        return Item(found[1], done, place, by_id=True)
    words = _WORD.findall(text.casefold())
    return Item(" ".join(words), done, place, by_id=False) if len(words) >= _MIN_WORDS else None


def _stem(file: str) -> str:
    return posixpath.splitext(posixpath.basename(file))[0]
