"""The index of a log: which page lists its decisions, what each row says of one, and how the rows ought to read."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hardpoint.assurance.decisions.logs import Log, logs
from hardpoint.assurance.decisions.model import DECISIONS
from hardpoint.assurance.decisions.naming import number_in
from hardpoint.assurance.decisions.record import Decision
from hardpoint.assurance.decisions.status import Written
from hardpoint.assurance.documents.outline import outline, text_of
from hardpoint.kernel.place import Place
from hardpoint.kernel.workspace import Workspace

NAMES = (
    "readme.md",
    "index.md",
    "_index.md",
    "decisions.md",
    "adr.md",
    "adrs.md",
    "0000-index.md",
    "toc.md",
    "summary.md",
)
MIN_ROWS = 2
"""How many decisions a page lists before it is taken for their index."""

_LINK = re.compile(r"\[((?:[^\[\]\n]|\[[^\[\]\n]*\])*)\]\(<?([^()\s<>]+)>?\)")
_ROW = re.compile(r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]")
_MARKERS = re.compile(r"<!--[ \t]*(?:adrlog|adrs?[ -]?(?:start|begin|index)?|decisions?)[ \t]*-->", re.IGNORECASE)
_STATUS_HEADS = frozenset({"status", "state"})
_TITLE_HEADS = frozenset({"title", "decision", "name", "subject", "topic", "record", "description"})
_NUMBER_HEADS = frozenset({"number", "id", "adr", "no", "no.", "#", "nr", "num", "adr #", "adr id", "adr no"})
_DATE_HEADS = frozenset({"date", "decided", "decision date"})


@dataclass(frozen=True, slots=True)
class Row:
    """A line of an index that is about one decision; its cells by the columns' names where it is a row of a table."""

    line: int
    text: str
    target: str
    title: str
    cells: Mapping[str, str]

    def cell(self, heads: frozenset[str]) -> str | None:
        """The cell of the first column that is named so."""
        return next((text for head, text in self.cells.items() if head in heads), None)


@dataclass(frozen=True, slots=True)
class Index:
    """A page that lists the decisions of a log."""

    file: str
    log: Log
    rows: tuple[Row, ...]
    declared: bool


def indexes(workspace: Workspace) -> list[Index]:
    """The index of every log that has one: as declared, else a page beside the decisions that lists at least two."""
    return workspace.derive(_indexes)


def index_of(log: Log, workspace: Workspace) -> Index | None:
    """The index of one log."""
    return next((each for each in indexes(workspace) if each.log is log), None)


def is_listed(index: Index) -> frozenset[str]:
    """The files that an index lists."""
    return frozenset(row.target for row in index.rows)


def unlisted(index: Index) -> list[Decision]:
    """The decisions that an index leaves out."""
    listed = is_listed(index)
    return [each for each in index.log.decisions if each.file not in listed]


def wrong_status(row: Row, decision: Decision) -> str | None:
    """The status of a row that says something else than the decision."""
    said = row.cell(_STATUS_HEADS)
    if said is None or decision.status is None or decision.state is None:
        return None
    state = Written(said, decision.place).state
    return said if state is not None and state is not decision.state else None


def wrong_title(row: Row, decision: Decision, *, strict: bool) -> str | None:
    """The title of a row that is another than the decision's; one that only shortens it is not, unless strictly."""
    said, meant = _words(_row_title(row)), _words(decision.bare_title)
    if not said or not meant or said == meant:
        return None
    if not strict and (said <= meant or meant <= said or len(said & meant) * 2 >= min(len(said), len(meant))):
        return None
    return _row_title(row)


def written_row(decision: Decision, index: Index, like: Row | None) -> str:
    """The line of an index for a decision, in the form of another line of it."""
    target = posixpath.relpath(decision.file, posixpath.dirname(index.file) or ".")
    status = decision.status.plain if decision.status else ""
    if like is None:
        return f"| [{decision.name}]({target}) | {_escaped(decision.bare_title)} | {_escaped(status)} |"
    if like.cells:
        cells = [_cell(head, text, decision, target, like) for head, text in _raw_cells(like)]
        return f"| {' | '.join(cells)} |"
    linked = _LINK.search(like.text)
    assert linked is not None
    lead = re.sub(r"^([ \t]*)\d+([.)])", r"\g<1>1\2", like.text[: linked.start()])
    numbered = _numbered(like, decision)
    words = numbered if _is_number(linked[1]) else _titled(linked[1], decision)
    rest = f" - {decision.bare_title}" if _is_number(linked[1]) and like.text[linked.end() :].strip() else ""
    return f"{_renumbered(lead, like, decision)}[{words}]({target}){rest}"


def updated_row(row: Row, decision: Decision, index: Index) -> str:
    """A row with the status and the title that the decision has, and all else as it was."""
    text = row.text
    said = row.cell(_STATUS_HEADS)
    if wrong_status(row, decision) and said and decision.status:
        head, sep, tail = text.rpartition(said)
        text = f"{head}{_escaped(decision.status.plain)}{tail}" if sep else text
    if title := wrong_title(row, decision, strict=index.declared):
        head, sep, tail = text.partition(title)
        text = f"{head}{_escaped(decision.bare_title)}{tail}" if sep else text
    return text


def rewritten(index: Index, workspace: Workspace, only: frozenset[str] | None = None) -> str:
    """The page with a row for every decision, each as the decision has it; what else it says stays.

    `only` names the decisions whose rows are looked at; all of them if left out.
    """
    lines = _lines(index.file, workspace)
    by_file = index.log.by_file
    for row in index.rows:
        decision = by_file.get(row.target)
        if decision and (only is None or decision.file in only):
            lines[row.line - 1] = updated_row(row, decision, index)
    rows = sorted(index.rows, key=lambda row: row.line)
    added: dict[int, list[str]] = {}
    for decision in (each for each in unlisted(index) if only is None or each.file in only):
        before = [row for row in rows if _order(row.target) < _order(decision.file)]
        falling = len(rows) > 1 and _order(rows[0].target) > _order(rows[-1].target)
        if falling:  # the newest stands first
            at = before[0].line - 1 if before else rows[-1].line
        else:
            at = before[-1].line if before else rows[0].line - 1 if rows else _end(lines)
        like = before[-1] if before else rows[0] if rows else None
        new = written_row(decision, index, like)
        added.setdefault(at, []).insert(0 if falling else len(added.get(at, ())), new)
    if not rows and added:
        head = ["", "| number | decision | status |", "|---|---|---|"]
        added = {at: [*head, *several] for at, several in added.items()}
    for at, several in sorted(added.items(), reverse=True):
        lines[at:at] = several
    return "\n".join(lines)


def begun(log: Log, file: str, workspace: Workspace) -> Index:
    """The index that a page is to become, which lists nothing yet."""
    return Index(file, log, tuple(_rows(file, log, workspace)), declared=True)


def _end(lines: Sequence[str]) -> int:
    """Where a first row goes: after a marker, else at the end."""
    marked = next((at for at, line in enumerate(lines, 1) if _MARKERS.search(line)), None)
    if marked is not None:
        return marked
    return len(lines) - 1 if lines and not lines[-1] else len(lines)


def _indexes(workspace: Workspace) -> list[Index]:
    return [found for log in logs(workspace) if (found := _index(log, workspace)) is not None]


def _index(log: Log, workspace: Workspace) -> Index | None:
    declared = workspace.manifest[DECISIONS].index
    if declared:
        rows = tuple(_rows(declared, log, workspace)) if declared in workspace.paths else ()
        several = len(logs(workspace)) > 1
        return Index(declared, log, rows, declared=True) if rows or not several else None
    for folder in dict.fromkeys((log.folder, posixpath.dirname(log.folder))):
        for file in workspace.files:
            if (
                posixpath.dirname(file) == folder
                and posixpath.basename(file).lower() in NAMES
                and file not in log.by_file
            ):
                rows = tuple(_rows(file, log, workspace))
                listed = {row.target for row in rows} & log.by_file.keys()
                if len(listed) >= MIN_ROWS and len(listed) * 2 >= len(log.decisions):
                    return Index(file, log, rows, declared=False)
    return None


def _rows(file: str, log: Log, workspace: Workspace) -> Iterator[Row]:
    """The rows of tables and the items of lists whose first link leads to a decision, the first for each."""
    page = outline(file, workspace)
    tables = {
        row.line: {head.strip().casefold(): cell for head, cell in zip(row.head, row.cells, strict=False)}
        for row in page.rows
    }
    seen: set[str] = set()
    for at, line in enumerate(_lines(file, workspace), 1):
        if at not in tables and not _ROW.match(line):
            continue
        for words, target in _LINK.findall(line):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(file), target.partition("#")[0]))
            if path in log.by_file or _is_gone(path, log):
                if path not in seen:
                    seen.add(path)
                    yield Row(at, line, path, words, tables.get(at, {}))
                break


def _lines(file: str, workspace: Workspace) -> list[str]:
    return text_of(file, workspace).replace("\r\n", "\n").split("\n")


def _is_gone(path: str, log: Log) -> bool:
    return number_in(path) is not None and posixpath.dirname(path) == log.folder


def _row_title(row: Row) -> str:
    """What a row calls its decision: the column for it, else the words of the link, else what follows it."""
    linked = _LINK.search(row.text)
    column = row.cell(_TITLE_HEADS)
    words = _LINK.sub(r"\1", column) if column else row.title
    if _is_number(words) and not row.cells and linked:
        words = row.text[linked.end() :].strip(" \t-\u2013\u2014:|")
        words = re.split(r"\s(?:[-\u2013\u2014]|\()|\*|`", words, maxsplit=1)[0]
    return "" if _is_number(words) else _numberless(words)


def _is_number(words: str) -> bool:
    return re.fullmatch(r"\W*(?:l?adr|dr|decision)?[\s#_-]*\d+\W*", words, re.IGNORECASE) is not None


def _numberless(words: str) -> str:
    return re.sub(
        r"^\W*(?:(?:l?adr|dr|decision)[\s#_-]*\d+|\d+(?=\s*[.:)\u2013\u2014-]|\s))\s*[.:)\]\u2013\u2014-]*\s*",
        "",
        words,
        flags=re.IGNORECASE,
    ).strip()


def _words(title: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", re.sub(r"[`*_]", "", _numberless(title)).casefold()))


def _raw_cells(row: Row) -> list[tuple[str, str]]:
    written = [cell.strip() for cell in re.split(r"(?<!\\)\|", row.text.strip().removeprefix("|").removesuffix("|"))]
    return list(zip(row.cells, written, strict=False))


def _cell(head: str, like_text: str, decision: Decision, target: str, like: Row) -> str:
    linked = _LINK.search(like_text)
    if head in _STATUS_HEADS:
        words = _escaped(decision.status.plain) if decision.status else ""
    elif head in _DATE_HEADS:
        words = decision.date.plain if decision.date else ""
    elif head in _NUMBER_HEADS or _is_number(linked[1] if linked else like_text):
        words = _numbered(like, decision, linked[1] if linked else like_text)
    elif head in _TITLE_HEADS or linked:
        words = _titled(linked[1] if linked else like_text, decision)
    else:
        return ""
    return f"[{words}]({target})" if linked else words


def _titled(words: str, decision: Decision) -> str:
    """The decision's title, with its number before it where another row has that."""
    lead = words[: len(words) - len(_numberless(words))] if words.endswith(_numberless(words)) else ""
    return _renumber(lead, decision) + _escaped(decision.bare_title)


def _numbered(like: Row, decision: Decision, words: str | None = None) -> str:
    return _renumber(like.title if words is None else words, decision) or decision.name


def _renumbered(lead: str, like: Row, decision: Decision) -> str:
    own = str(number_in(like.target))
    return re.sub(rf"(?<!\d)0*{own}(?!\d)", lambda found: _padded(found[0], decision), lead) if own.isdigit() else lead


def _renumber(words: str, decision: Decision) -> str:
    return re.sub(r"\d+", lambda found: _padded(found[0], decision), words, count=1)


def _padded(number: str, decision: Decision) -> str:
    return str(decision.number).zfill(len(number)) if number.startswith("0") else str(decision.number)


def _escaped(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")


def _order(file: str) -> tuple[int, str]:
    number = number_in(file)
    return (number if number is not None else 10**6, file)


def place_of(index: Index, line: int = 1) -> Place:
    """A line of an index."""
    return Place(index.file, line)


def with_decision(index: Index, decision: Decision) -> Index:
    """The index once its log has one more decision, or that decision in another version."""
    others = [each for each in index.log.decisions if each.file != decision.file]
    return replace(index, log=replace(index.log, decisions=(*others, decision)))
