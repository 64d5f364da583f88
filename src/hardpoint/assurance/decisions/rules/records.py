"""Records of decisions: their numbers, titles, statuses, dates and sections."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from hardpoint.assurance.decisions.enforcement import enforces, nearest_check
from hardpoint.assurance.decisions.history import first_seen, taken_by_base
from hardpoint.assurance.decisions.logs import MIN_SHARE, Log, decisions, log_of, logs, same_number
from hardpoint.assurance.decisions.model import DECISIONS
from hardpoint.assurance.decisions.record import Decision
from hardpoint.assurance.decisions.sections import missing_consequences, missing_sections
from hardpoint.assurance.decisions.status import State
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.rule import rule
from hardpoint.kernel.spelling import Spelling
from hardpoint.kernel.workspace import Workspace

_BODY = "\n## Context\n\nWe need it.\n\n## Decision\n\nSo it is.\n\n## Consequences\n\nIt works.\n"
_ONE = f"# 1. Use a queue\n\n- Status: accepted\n- Date: 2026-01-10\n{_BODY}"
_TWO = f"# 2. Use two queues\n\n- Status: accepted\n- Date: 2026-02-10\n{_BODY}"
_OTHER_DATE = re.compile(
    r"\b(?:\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}[./]\d{1,2}[./]\d{1,2}"
    r"|[A-Za-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2}(?:st|nd|rd|th)? [A-Za-z]{3,9}\.? \d{4})\b"
)
NEARLY_ALL = 0.75
"""From which share of a log's decisions on that have a status the others are taken to lack one."""
_ONE_DAY = timedelta(days=1)  # the earth has more than one date at a time


@rule(
    "ADR001",
    Severity.ERROR,
    over=decisions,
    title="A number is given to two decisions",
    why="Whoever cites the number means one of them, and whoever follows it may read the other.",
    good={"docs/adr/0001-queue.md": _ONE, "docs/adr/0002-queues.md": _TWO},
    bad={"docs/adr/0001-queue.md": _ONE, "docs/adr/0001-queues.md": _TWO.replace("2.", "1.")},
)
def number_twice(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    log = log_of(decision, workspace)
    same = same_number(decision, log)
    if len(same) > 1 and decision is not same[0]:
        yield number_twice.finding(
            decision.place,
            f"{decision.file} and {same[0].file} are both number {decision.name}",
            remedy=f"Give one of them the next free number, {max(log.by_number) + 1}, before others cite it",
        )
    if taken := taken_by_base(decision, workspace):
        yield number_twice.finding(
            decision.place,
            f"number {decision.name} is {taken.file} in {taken.base} by now",
            remedy="Take the next number that is free there: hardpoint adr new counts them",
        )


@rule(
    "ADR002",
    Severity.NOTE,
    over=logs,
    title="A number is missing",
    why="A reader cannot tell a decision that was deleted from one that never was.",
    good={"docs/adr/0001-queue.md": _ONE, "docs/adr/0002-queues.md": _TWO},
    bad={"docs/adr/0001-queue.md": _ONE, "docs/adr/0003-queues.md": _TWO.replace("2.", "3.")},
)
def gap(log: Log, _: Workspace) -> Iterator[Finding]:
    if not log.is_flat:
        return
    numbers = sorted(log.by_number)
    for before, after in pairwise(numbers):
        if after > before + 1:
            missing = f"{before + 1}" if after == before + 2 else f"{before + 1} to {after - 1}"
            place = log.by_number[after][0].place
            yield gap.finding(place, f"there is no decision {missing}", remedy="Keep what was withdrawn, as rejected")


@rule(
    "ADR003",
    Severity.ERROR,
    over=decisions,
    title="The number of the title is not that of the file",
    why="It was copied from another decision, and now two places call one thing differently.",
    good={"docs/adr/0001-queue.md": _ONE},
    bad={"docs/adr/0002-queue.md": _ONE},
)
def other_number(decision: Decision, _: Workspace) -> Iterator[Finding]:
    if decision.number is None or decision.title_number in {None, decision.number}:
        return
    written = re.search(rf"(?<!\d)0*{decision.title_number}(?!\d)", decision.title.text)
    assert written is not None
    right = str(decision.number).zfill(len(written[0])) if written[0].startswith("0") else str(decision.number)
    yield other_number.finding(
        decision.place,
        f"the title says {written[0]}, and the file is {decision.name}",
        remedy=f"Write {right}",
        suggestion=right,
        replaces=written[0],
    )


@rule(
    "ADR004",
    Severity.ERROR,
    over=lambda workspace: decisions(workspace) if workspace.manifest[DECISIONS].statuses else [],
    title="A status is none of those that the team declared",
    why="Nobody can tell whether the decision holds.",
    good={"hardpoint.yaml": "version: 1\ndecisions: {statuses: [accepted]}\n", "docs/adr/0001-queue.md": _ONE},
    bad={"hardpoint.yaml": "version: 1\ndecisions: {statuses: [proposed]}\n", "docs/adr/0001-queue.md": _ONE},
)
def undeclared_status(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    allowed = workspace.manifest[DECISIONS].statuses
    said = decision.status.plain.casefold() if decision.status else ""
    if any(re.match(rf"{re.escape(status.casefold())}\b", said) for status in allowed):
        return
    place = decision.status.place if decision.status else decision.place
    yield undeclared_status.finding(
        place, f"the status is {said!r}" if said else "there is no status", remedy=f"Write one of: {', '.join(allowed)}"
    )


@rule(
    "ADR018",
    Severity.WARNING,
    over=lambda workspace: [] if workspace.manifest[DECISIONS].statuses else decisions(workspace),
    title="A decision has no status that is known",
    why="Nobody can tell whether it holds.",
    good={"docs/adr/0001-queue.md": _ONE},
    bad={"docs/adr/0001-queue.md": _ONE, "docs/adr/0002-queues.md": _TWO.replace("accepted", "acepted")},
)
def unknown_status(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    if decision.unread:
        yield unknown_status.finding(decision.place, f"The decision {decision.unread}; it was not judged")
        return
    log = log_of(decision, workspace)
    if decision.status is None or not decision.status.plain:
        if log.share(log.with_status) >= NEARLY_ALL:  # MADR calls it optional
            yield unknown_status.finding(decision.place, "there is no status", remedy="Add one: proposed, accepted, …")
    elif decision.state is None and log.has_known_statuses:
        word = decision.status.plain.split()[0]
        meant = Spelling([state.value for state in State], cutoff=0.7).nearest(word.lower())
        yield unknown_status.finding(
            decision.status.place,
            f"the status is {decision.status.plain[:60]!r}",
            remedy=f"Write {meant[0]}"
            if meant
            else "Write one of: proposed, accepted, rejected, deprecated, superseded",
            suggestion=meant[0] if meant else None,
            replaces=word if meant else None,
        )


@rule(
    "ADR009",
    Severity.WARNING,
    over=decisions,
    title="A section is missing",
    why="A decision without its context or its consequences cannot be revisited: nobody knows what it rested on. "
    "One that is only proposed, or over, is not asked for any unless the manifest declares them.",
    good={"docs/adr/0001-queue.md": _ONE},
    bad={"docs/adr/0001-queue.md": _ONE, "docs/adr/0002-queues.md": _TWO.replace("## Consequences\n\nIt works.\n", "")},
)
def missing_section(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    if decision.unread:
        return
    settings = workspace.manifest[DECISIONS]
    for name in missing_sections(decision, settings):
        yield missing_section.finding(
            decision.place, f"there is no section {name}", remedy=f"Add {name}, with what it was"
        )
    for name in missing_consequences(decision, settings):
        yield missing_section.finding(decision.place, f"its consequences do not say {name!r}", remedy="Say both sides")


@rule(
    "ADR013",
    Severity.WARNING,
    over=decisions,
    title="A decision has been proposed for too long",
    why="Work goes on as if it were decided, one way here and the other there.",
    good={"docs/adr/0001-queue.md": _ONE},
    bad={"docs/adr/0001-queue.md": _ONE.replace("accepted", "proposed").replace("2026", "2016")},
)
def proposed_too_long(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    if decision.state is not State.PROPOSED or decision.status is None:
        return
    seen = first_seen(decision, workspace)
    began = (decision.date.date if decision.date else None) or (seen.date() if seen else None)
    limit = workspace.manifest[DECISIONS].proposed_days
    if began and (days := (workspace.now.date() - began).days) > limit:
        yield proposed_too_long.finding(
            decision.status.place, f"it has been proposed for {days} days", remedy="Accept it, reject it, or defer it"
        )


@rule(
    "ADR015",
    Severity.ERROR,
    over=decisions,
    title="A date is none, or lies in the future",
    why="Dates say which decision came first, and what was known then.",
    good={"docs/adr/0001-queue.md": _ONE},
    bad={"docs/adr/0001-queue.md": _ONE.replace("2026-01-10", "2026-02-30")},
)
def wrong_date(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    if decision.date is None:
        return
    said = decision.date.date
    if said is None and re.search(r"(?<!\d)\d{4}-\d{1,2}-\d{1,2}(?!\d)", decision.date.text):
        yield wrong_date.finding(
            decision.date.place, f"{decision.date.plain} is no day", remedy="Write the day as YYYY-MM-DD"
        )
    elif said is not None and said > (workspace.now + _ONE_DAY).date():
        yield wrong_date.finding(
            decision.date.place, f"{said} has not come yet", remedy="Write the day of the decision"
        )


@rule(
    "ADR019",
    Severity.NOTE,
    over=logs,
    title="A date is not written as ISO 8601",
    why="03/04/2026 is two days, and no tool sorts by it.",
    good={"docs/adr/0001-queue.md": _ONE},
    bad={"docs/adr/0001-queue.md": _ONE.replace("2026-01-10", "10/01/2026")},
)
def other_date(log: Log, _: Workspace) -> Iterator[Finding]:
    dates = [each.date for each in log.decisions if each.date]
    other = [date for date in dates if date.date is None and _OTHER_DATE.search(date.text) and "-" not in date.plain]
    if len(other) > len(dates) * MIN_SHARE and len(other) > 1:  # a habit is one finding
        text = f"the date is {other[0].plain[:40]!r}, and {len(other) - 1} others are written so"
        yield other_date.finding(other[0].place, text, remedy="Write new ones as YYYY-MM-DD")
        return
    for date in other:
        yield other_date.finding(date.place, f"the date is {date.plain[:40]!r}", remedy="Write it as YYYY-MM-DD")


@rule(
    "ADR017",
    Severity.ERROR,
    over=lambda workspace: [each for each in decisions(workspace) if each.enforced_by],
    title="A decision names a check that does not exist",
    why="It is said to be enforced, and nothing enforces it.",
    good={
        ".github/workflows/ci.yml": "on: push\njobs:\n  imports:\n    runs-on: x\n",
        "docs/adr/0001-queue.md": f"---\nstatus: accepted\nenforced_by: imports\n---\n# 1. Use a queue\n{_BODY}",
    },
    bad={
        ".github/workflows/ci.yml": "on: push\njobs:\n  imports:\n    runs-on: x\n",
        "docs/adr/0001-queue.md": f"---\nstatus: accepted\nenforced_by: import\n---\n# 1. Use a queue\n{_BODY}",
    },
)
def not_enforced(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    for named in decision.enforced_by:
        if not enforces(named, workspace):
            meant = nearest_check(named, workspace)
            yield not_enforced.finding(
                named.place,
                f"there is no rule, criterion, contract, job or file {named.text!r}",
                remedy=f"Did you mean {meant}?" if meant else "Name the check that fails when the decision is broken",
                suggestion=meant,
                replaces=named.text if meant else None,
            )
