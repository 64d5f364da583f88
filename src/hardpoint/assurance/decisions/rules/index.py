"""The index of the decisions and their log: that both have every decision, and say of it what it says."""

from collections.abc import Iterator, Mapping

from hardpoint.assurance.decisions.history import lost_entry
from hardpoint.assurance.decisions.index import Index, indexes, place_of, unlisted, wrong_status, wrong_title
from hardpoint.assurance.decisions.logs import in_force, logs
from hardpoint.assurance.decisions.model import DECISIONS
from hardpoint.assurance.decisions.record import Decision
from hardpoint.assurance.decisions.references import references_in
from hardpoint.assurance.documents.outline import text_of
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace

_BODY = "\n## Context\n\nWe need it.\n\n## Decision\n\nSo it is.\n\n## Consequences\n\nIt works.\n"
_ONE = f"# 1. Use a queue\n\n- Status: accepted\n- Date: 2026-01-10\n{_BODY}"
_TWO = f"# 2. Use two queues\n\n- Status: accepted\n- Date: 2026-02-10\n{_BODY}"
_BOTH = {"docs/adr/0001-queue.md": _ONE, "docs/adr/0002-queues.md": _TWO}
_ROWS = "- [1. Use a queue](0001-queue.md)\n- [2. Use two queues](0002-queues.md)\n"
_LOGGED = "version: 1\ndecisions: {log: docs/log.md}\n"


@rule(
    "ADR011",
    Severity.WARNING,
    over=indexes,
    title="The index of decisions is not what the decisions say",
    why="People read the index first, and most of them only that.",
    good={**_BOTH, "docs/adr/README.md": _ROWS},
    bad={
        **_BOTH,
        "docs/adr/README.md": _ROWS,
        "docs/adr/0003-log.md": _TWO.replace("2. Use two queues", "3. Use a log"),
    },
)
def index_differs(index: Index, _: Workspace) -> Iterator[Finding]:
    remedy = "hardpoint adr index --write"
    for missing in unlisted(index):
        yield index_differs.finding(place_of(index), f"it does not list {missing.file}", remedy=remedy)
    for row in index.rows:
        decision = index.log.by_file.get(row.target)
        place = place_of(index, row.line)
        if decision is None:
            yield index_differs.finding(place, f"{row.target} is listed, and does not exist", remedy="Take the row out")
            continue
        if (said := wrong_status(row, decision)) and decision.status:
            yield index_differs.finding(
                place,
                f"{decision.name} is {said!r} here, and {decision.status.plain[:60]!r} in its file",
                remedy=remedy,
            )
        if title := wrong_title(row, decision, strict=index.declared):
            yield index_differs.finding(
                place,
                f"{decision.name} is called {title!r} here, and {decision.bare_title!r} in its file",
                remedy=remedy,
            )


@rule(
    "ADR016",
    Severity.ERROR,
    over=lambda workspace: [each for log in _logged(workspace) for each in log],
    title="The log of decisions leaves one out, or has it out of order",
    why="The log is what is read to learn what was decided when.",
    good={**_BOTH, "hardpoint.yaml": _LOGGED, "docs/log.md": "- ADR-0001: a queue\n- ADR-0002: two queues\n"},
    bad={**_BOTH, "hardpoint.yaml": _LOGGED, "docs/log.md": "- ADR-0001: a queue\n"},
)
def not_logged(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    log = workspace.manifest[DECISIONS].log
    lines = _lines(workspace)
    if decision.file not in lines:
        place = Place(log) if log in workspace.paths else workspace.manifest.place("decisions", "log")
        yield not_logged.finding(
            place, f"it has no entry for {decision.file}", remedy="Add the entry below the last one, with the day"
        )
        return
    (accepted,) = (each for each in _logged(workspace) if decision in each)
    if misplaced := _misplaced(decision, [each for each in accepted if each.file in lines], lines):
        yield not_logged.finding(
            Place(log, lines[decision.file]),
            f"{decision.name} stands on the wrong side of {misplaced.name}",
            remedy="Keep the order in which they were decided",
        )


@rule(
    "ADR022",
    Severity.ERROR,
    over=lambda workspace: [log] if (log := workspace.manifest[DECISIONS].log) in workspace.paths else [],
    title="An entry of the log of decisions was changed or removed",
    why="A log that can be rewritten proves nothing; what was wrong is corrected by a later entry.",
    before={"docs/log.md": "- 2026-01-10 a queue\n"},
    good={"hardpoint.yaml": _LOGGED, "docs/log.md": "- 2026-01-10 a queue\n- 2026-02-10 two queues\n"},
    bad={"hardpoint.yaml": _LOGGED, "docs/log.md": "- 2026-01-10 no queue\n- 2026-02-10 two queues\n"},
)
def rewritten_log(log: str, workspace: Workspace) -> Iterator[Finding]:
    if lost := lost_entry(log, workspace):
        entry, version = lost
        yield rewritten_log.finding(
            Place(log), f"{entry[:80]!r} stood in {version.shown}", remedy="Restore it, and correct it by a new entry"
        )


def _logged(workspace: Workspace) -> list[list[Decision]]:
    """The accepted decisions of each log, if there is a log to enter them in."""
    if not workspace.manifest[DECISIONS].log:
        return []
    return [[each for each in log.decisions if in_force(each)] for log in logs(workspace)]


def _lines(workspace: Workspace) -> dict[str, int]:
    """The first line of the log for each decision that it names."""
    return workspace.derive(_read_entries)


def _read_entries(workspace: Workspace) -> dict[str, int]:
    file = workspace.manifest[DECISIONS].log
    found: dict[str, int] = {}
    for at, line in enumerate(text_of(file, workspace).split("\n") if file in workspace.paths else (), 1):
        for reference in references_in(line, Place(file, at)):
            for log in logs(workspace):
                if named := log.named(reference):
                    found.setdefault(named.file, at)
    return found


def _misplaced(decision: Decision, logged: list[Decision], lines: Mapping[str, int]) -> Decision | None:
    """One that was decided before a decision and stands after it; the log may have the newest first."""
    falling = lines[logged[0].file] > lines[logged[-1].file]
    earlier = (each for each in logged if _precedes(each, decision))
    return next(
        (each for each in earlier if (lines[each.file] > lines[decision.file]) is not falling and each is not decision),
        None,
    )


def _precedes(one: Decision, other: Decision) -> bool:
    """Whether one was decided before another: by their days, or without those by their numbers."""
    days = [each.date.date if each.date else None for each in (one, other)]
    if days[0] and days[1]:
        return days[0] < days[1]
    return (one.number or 0) < (other.number or 0)
