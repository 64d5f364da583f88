"""The life of a decision: which one takes its place, what its history says, and who still cites it."""

from collections.abc import Iterator

from hardpoint.assurance.decisions.citations import cited_as_current, superseded
from hardpoint.assurance.decisions.history import edited, went_back, with_history
from hardpoint.assurance.decisions.logs import Log, decisions, log_of, logs, other_with
from hardpoint.assurance.decisions.record import Decision
from hardpoint.assurance.decisions.status import State
from hardpoint.assurance.decisions.supersession import cycles, names, takers, too_early, unanswered, unknown, untold
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace

_BODY = "\n## Context\n\nWe need it.\n\n## Decision\n\nSo it is, by one queue.\n\n## Consequences\n\nIt works.\n"
_OLD = f"# 1. Use a queue\n\n- Status: superseded by [0002](0002-queues.md)\n- Date: 2026-01-10\n{_BODY}"
_NEW = f"# 2. Use two queues\n\n- Status: accepted\n- Supersedes: [0001](0001-queue.md)\n- Date: 2026-02-10\n{_BODY}"
_ACCEPTED = f"# 1. Use a queue\n\n- Status: accepted\n- Date: 2026-01-10\n{_BODY}"
_PAIR = {"docs/adr/0001-queue.md": _OLD, "docs/adr/0002-queues.md": _NEW}


@rule(
    "ADR005",
    Severity.ERROR,
    over=with_history,
    title="A decision that was accepted is only proposed again",
    why="Others built on it. What is to be decided anew gets a number of its own.",
    before={"docs/adr/0001-queue.md": _ACCEPTED},
    good={"docs/adr/0001-queue.md": _ACCEPTED.replace("accepted", "deprecated")},
    bad={"docs/adr/0001-queue.md": _ACCEPTED.replace("accepted", "proposed")},
)
def proposed_again(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    before = went_back(decision, workspace)
    if before is None or decision.status is None or before.decision.status is None:
        return
    yield proposed_again.finding(
        decision.status.place,
        f"it was {before.decision.status.plain[:40]!r} in {before.shown}, and is {decision.status.plain[:40]!r}",
        remedy="Supersede or deprecate it, and propose a new one",
    )


@rule(
    "ADR006",
    Severity.ERROR,
    over=decisions,
    title="A decision is superseded by another and does not say so",
    why="Whoever opens it takes it for valid.",
    good=_PAIR,
    bad={**_PAIR, "docs/adr/0001-queue.md": _ACCEPTED},
)
def says_nothing(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    for by in untold(decision, log_of(decision, workspace)):
        place = decision.status.place if decision.status else decision.place
        status = decision.status.plain[:40] if decision.status else ""
        yield says_nothing.finding(
            place,
            f"{by.file} supersedes it, and its status is {status!r}",
            remedy=f"hardpoint adr supersede {decision.name} {by.name}",
        )


@rule(
    "ADR020",
    Severity.NOTE,
    over=superseded,
    title="The decision that supersedes another does not name it",
    why="Its reader does not learn what it changes.",
    good=_PAIR,
    bad={**_PAIR, "docs/adr/0002-queues.md": _NEW.replace("- Supersedes: [0001](0001-queue.md)\n", "")},
)
def names_nothing(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    log = log_of(decision, workspace)
    if not decision.superseded_by and not takers(decision, log):
        yield names_nothing.finding(decision.place, "it is superseded, and does not say by what", remedy="Name it")
    for by in unanswered(decision, log):
        yield names_nothing.finding(
            by.place,
            f"it supersedes {decision.file}, and does not name it",
            remedy=f"Say so: supersedes {decision.name}",
        )


@rule(
    "ADR023",
    Severity.WARNING,
    over=superseded,
    title="A decision is superseded by one that is not accepted",
    why="Neither of the two holds: the team has left the one, and has not agreed on the other.",
    good=_PAIR,
    bad={**_PAIR, "docs/adr/0002-queues.md": _NEW.replace("accepted", "proposed")},
)
def replaced_too_early(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    if by := too_early(decision, log_of(decision, workspace)):
        place = decision.status.place if decision.status else decision.place
        said = by[0].state.value if by[0].state else ""
        yield replaced_too_early.finding(
            place,
            f"it is superseded by {names(by)}, which is {said}",
            remedy="Accept that one, or let this one hold until then",
        )


@rule(
    "ADR007",
    Severity.ERROR,
    over=lambda workspace: [each for each in decisions(workspace) if each.supersedes or each.superseded_by],
    title="What supersedes a decision, or is superseded, does not exist",
    why="The reader who is sent on to what holds now finds nothing.",
    good=_PAIR,
    bad={"docs/adr/0001-queue.md": _OLD},
)
def no_such_decision(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    log = log_of(decision, workspace)
    for reference in unknown((*decision.supersedes, *decision.superseded_by), log):
        if not other_with(reference, log, workspace):
            yield no_such_decision.finding(
                reference.place, f"there is no decision {reference.written!r}", remedy="Name the decision by its file"
            )


@rule(
    "ADR008",
    Severity.ERROR,
    over=logs,
    title="Decisions supersede each other in a circle",
    why="None of them holds, and nothing says what does.",
    good=_PAIR,
    bad={**_PAIR, "docs/adr/0001-queue.md": _ACCEPTED.replace("- Date", "- Supersedes: 2\n- Date")},
)
def circle(log: Log, _: Workspace) -> Iterator[Finding]:
    for found in cycles(log):
        way = " -> ".join(each.name for each in (*found, found[0]))
        yield circle.finding(found[0].place, f"{way}, each superseded by the next", remedy="Say which one holds")


@rule(
    "ADR010",
    Severity.WARNING,
    over=lambda workspace: [each for each in decisions(workspace) if each.related],
    title="A related decision does not exist",
    why="What it was to be read with is gone, or has another number.",
    good={**_PAIR, "docs/adr/0002-queues.md": _NEW.replace("- Date", "- Related: ADR-1\n- Date")},
    bad={**_PAIR, "docs/adr/0002-queues.md": _NEW.replace("- Date", "- Related: ADR-7\n- Date")},
)
def unrelated(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    log = log_of(decision, workspace)
    for reference in unknown(decision.related, log):
        if not other_with(reference, log, workspace):
            yield unrelated.finding(
                reference.place, f"there is no decision {reference.written!r}", remedy="Name the decision by its file"
            )


@rule(
    "ADR012",
    Severity.NOTE,
    over=with_history,
    title="An accepted decision was edited",
    why="What was agreed to is not what is read now; a new decision would have shown the change.",
    before={"docs/adr/0001-queue.md": _ACCEPTED},
    good={"docs/adr/0001-queue.md": _ACCEPTED.replace("accepted", "superseded by 2").replace("So it", "so It")},
    bad={"docs/adr/0001-queue.md": _ACCEPTED.replace("by one queue", "by a log that every service reads for itself")},
)
def edited_text(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    if edit := edited(decision, workspace):
        yield edited_text.finding(
            decision.place,
            f"{edit.words} words differ from what was accepted in {edit.accepted.shown}, last by {edit.by}",
            remedy="Restore it and supersede it, or add what came later under a heading Update",
        )


@rule(
    "ADR014",
    Severity.WARNING,
    over=superseded,
    title="A superseded decision is cited as if it held",
    why="What was built after it is explained by it, and the next change follows the wrong one.",
    good={**_PAIR, "docs/queues.md": "There are two queues (ADR-0002).\n"},
    bad={**_PAIR, "docs/queues.md": "There is one queue, see [why](adr/0001-queue.md).\n"},
)
def cited(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    after = names(takers(decision, log_of(decision, workspace)))
    for citation in cited_as_current(decision, workspace):
        yield cited.finding(
            citation.place,
            f"{citation.words} is superseded" + (f" by {after}" if after else ""),
            remedy=f"Cite {after}, or say that it is past" if after else "Cite what holds now",
        )


@rule(
    "ADR021",
    Severity.NOTE,
    over=decisions,
    title="A decision is older than the one that it supersedes",
    why="One of the two dates is wrong, or the two decisions are the other way round.",
    good=_PAIR,
    bad={**_PAIR, "docs/adr/0002-queues.md": _NEW.replace("2026-02-10", "2026-01-02")},
)
def out_of_order(decision: Decision, workspace: Workspace) -> Iterator[Finding]:
    for by in takers(decision, log_of(decision, workspace)):
        dates = [each.date.date if each.date else None for each in (decision, by)]
        if dates[0] and dates[1] and dates[1] < dates[0] and by.date and decision.state is State.SUPERSEDED:
            yield out_of_order.finding(
                by.date.place,
                f"it supersedes {decision.file} of {dates[0]}, and is of {dates[1]}",
                remedy="Correct the date",
            )
