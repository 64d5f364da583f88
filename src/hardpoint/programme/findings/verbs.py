"""`hardpoint findings …`: every problem that tools report, how long there still is to repair it, and its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import click

from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.finding import Risk
from hardpoint.kernel.ownership.model import SERVICES, service_named
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.record.scan import scanned
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.programme.findings.case import Case, Standing, facts_of
from hardpoint.programme.findings.heard import ledger_of
from hardpoint.programme.findings.identity import canonical
from hardpoint.programme.findings.threats import RANK

MAX_SHOWN = 200
"""How many rows people see; JSON has all of them."""
_NAME, _WHAT, _CLOCK = 19, 17, 20
"""Characters of a row's columns, so that it fits in 80."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case in a list; `left_s` is how many seconds are left, less than 0 once the time has run out."""

    id: str
    risk: str
    title: str
    subject: str
    versions: tuple[str, ...]
    tools: tuple[str, ...]
    first_seen: str
    last_seen: str
    due: str | None
    left_s: int | None
    overdue: bool
    state: str
    regressions: int
    waiver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that happened to a case, and the entry of the record that says so."""

    at: str
    what: str
    entry: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """One case with all that is known of it."""

    case: Row
    names: tuple[str, ...]
    places: tuple[str, ...]
    still_in: tuple[str, ...]
    raised: str
    refused: tuple[str, ...]
    history: tuple[Told, ...]
    evidence: tuple[int, ...]


@verb("findings", "list")
@click.option("--service", metavar="NAME", help="Of whom, where the manifest declares several.")
@click.option(
    "--at", "when", metavar="TIME", help="As it was at an instant (RFC 3339), from what was recorded by then."
)
@click.option("--all", "everything", is_flag=True, help="Also what is fixed, accepted or does not affect.")
@click.option("--breached", is_flag=True, help="Only what is open, and whose time has run out.")
@click.option("--base", metavar="REV", help="The protected branch: waivers, trust and the policy are read from there.")
@click.option(
    "--fail-on",
    type=click.Choice([each.value for each in Risk]),
    help="Exit 1 for what is listed, open and of this risk or worse.",
)
def list_findings(
    context: Context,
    *,
    service: str | None,
    when: str | None,
    everything: bool,
    breached: bool,
    base: str | None,
    fail_on: str | None,
) -> Result:
    """List every problem that tools report, once, the worst first, and how long there still is to repair it.

    What several tools report is one row, and its clock starts when the first of them saw it. Exits 0, with --fail-on 1
    if something that is listed is open and as bad.
    """
    cases, at = _cases(context.at(base=base), service, when)
    listed = [case for case in cases if everything or case.standing is Standing.OPEN]
    listed = [case for case in listed if not breached or case.is_overdue(at)]
    facts = facts_of(cases, at)
    failing = [case for case in listed if case.standing is Standing.OPEN and fail_on and _is_as_bad(case, fail_on)]
    return Result(
        schema="findings/v1",
        headline=_headline(facts, cases),
        about={"at": format_instant(at), "facts": facts, "findings": [_row(case, at) for case in listed]},
        detail="\n".join(_lines(listed, at)),
        next_steps=[f"hardpoint findings show {listed[0].id}"] if listed else [],
        exit=Exit.FOUND if failing else Exit.OK,
    )


@verb("findings", "show")
@click.argument("name", metavar="ID")
@click.option("--service", metavar="NAME", help="Of whom, where the manifest declares several.")
@click.option(
    "--at", "when", metavar="TIME", help="As it was at an instant (RFC 3339), from what was recorded by then."
)
@click.option("--base", metavar="REV", help="The protected branch: waivers, trust and the policy are read from there.")
def show(context: Context, name: str, *, service: str | None, when: str | None, base: str | None) -> Result:
    """Show one problem: its history, the tools that report it, its places, and what accepts it.

    ID is an id of `hardpoint findings list`, or the name of a vulnerability, such as CVE-2026-1234. Exits 0.
    """
    cases, at = _cases(context.at(base=base), service, when)
    found = [case for case in cases if name in case.ids or canonical(name) in case.names]
    if not found:
        known = sorted({each for case in cases for each in (case.id, *case.names)})
        raise UsageProblem(
            f"No finding is called {name!r}{did_you_mean(name, known)}", remedy="`hardpoint findings list --all`."
        )
    return Result(
        schema="findings-show/v1",
        headline="; ".join(f"{case.risk.value} {case.title} in {case.subject}: {_clock(case, at)}" for case in found),
        about={"at": format_instant(at), "findings": [_whole(case, at) for case in found]},
        detail="\n\n".join(_page(case, at) for case in found),
    )


def _cases(context: Context, service: str | None, when: str | None) -> tuple[list[Case], datetime]:
    about = service_named(context.workspace.manifest[SERVICES], service).name
    until = parse_instant(when) if when else None
    at = until or context.clock()
    with context.stored() as database, scanned(database, context.memory) as scan:
        context.expected.refuse_other(scan.origin)
        voices = context.voices(scan)
        scan.refuse_broken(voices.keys, context.witnesses)
        return ledger_of(context, scan, voices, about, local=True, until=until).cases(at), at


def _row(case: Case, at: datetime) -> Row:
    left, due = case.deadline.left(at), case.deadline.due
    return Row(
        id=case.id,
        risk=case.risk.value,
        title=case.title,
        subject=case.subject,
        versions=case.versions,
        tools=case.tools,
        first_seen=format_instant(case.first_seen),
        last_seen=format_instant(case.last_seen),
        due=format_instant(due) if due is not None else None,
        left_s=int(left.total_seconds()) if left is not None else None,
        overdue=case.is_overdue(at),
        state=case.standing.value,
        regressions=case.regressions,
        waiver=", ".join(case.accepted_by),
    )


def _whole(case: Case, at: datetime) -> Whole:
    return Whole(
        case=_row(case, at),
        names=case.names,
        places=case.places,
        still_in=case.still_in,
        raised=case.raised,
        refused=case.refused,
        history=tuple(Told(at=format_instant(each.at), what=each.what, entry=each.entry) for each in case.history),
        evidence=case.entries,
    )


def _is_as_bad(case: Case, fail_on: str) -> bool:
    return RANK[case.risk] >= RANK[Risk(fail_on)]


def _headline(facts: dict[str, int], cases: Sequence[Case]) -> str:
    if not cases:
        return "no report of a scanner has found anything so far"
    said = [f"{facts['open']} open"]
    said += [f"{facts[risk.value]} {risk.value}" for risk in Risk if facts[risk.value]]
    said += [f"{facts[name]} {_MORE[name][facts[name] > 1]}" for name in _MORE if facts[name]]
    fixed = sum(case.standing is Standing.FIXED for case in cases)
    return ", ".join([*said, *([f"{fixed} fixed"] if fixed else [])])


def _lines(cases: Sequence[Case], at: datetime) -> list[str]:
    if not cases:
        return []
    rows = [("risk", "id", "name", "in", "left")]
    rows += [
        (case.risk.value, case.id, _end(case.title, _NAME), _what(case), _clock(case, at)) for case in cases[:MAX_SHOWN]
    ]
    lines = [
        f"{risk:<8}  {id_:<10}  {name:<{_NAME}}  {what:<{_WHAT}}  {left}".rstrip()
        for risk, id_, name, what, left in rows
    ]
    more = len(cases) - MAX_SHOWN
    return lines + ([f"… and {more} more; --format json has all of them"] if more > 0 else [])


def _what(case: Case) -> str:
    """The end of what it is in says the most: the package's name, the file."""
    return _end(case.subject.removeprefix("pkg:"), _WHAT)


def _end(text: str, length: int) -> str:
    return text if len(text) <= length else "…" + text[-length + 1 :]


def _clock(case: Case, at: datetime) -> str:
    if case.standing is Standing.ACCEPTED:
        return f"accepted, {', '.join(case.accepted_by)}"[:_CLOCK]
    if case.standing is not Standing.OPEN:
        return case.standing.value
    left = case.deadline.left(at)
    again = " again" if case.regressions else ""
    if left is None:
        return f"no deadline{again}"
    return f"{_spoken(abs(left))} {'overdue' if left < timedelta() else 'left'}{again}"


def _spoken(length: timedelta) -> str:
    hours, minutes = length.seconds // 3600, length.seconds // 60 % 60
    if length.days:
        return f"{length.days}d {hours}h" if length.days < 100 else f"{length.days}d"  # noqa: PLR2004
    return f"{hours}h {minutes}m" if hours else f"{minutes}m"


def _page(case: Case, at: datetime) -> str:
    told = {
        "id": case.id,
        "risk": f"{case.risk.value}, for {case.raised}" if case.raised else case.risk.value,
        "names": ", ".join(case.names),
        "in": case.subject,
        "versions": ", ".join(case.versions),
        "places": ", ".join(case.places),
        "tools": ", ".join(case.tools),
        "still in": "; ".join(case.still_in),
        "state": case.standing.value,
        "due": f"{due:%Y-%m-%d %H:%M}Z, {_clock(case, at)}" if (due := case.deadline.due) else _clock(case, at),
        "waiver": "; ".join(filter(None, (*case.accepted_by, *case.refused))),
    }
    lines = [f"  {name + ':':<10} {said}" for name, said in told.items() if said]
    history = [
        f"    {each.at:%Y-%m-%d %H:%M}Z  {each.what}" + (f" (entry {each.entry})" if each.entry is not None else "")
        for each in case.history
    ]
    return "\n".join([case.title, *lines, "  history:", *history])


_MORE = {
    "overdue": ("overdue", "overdue"),
    "accepted": ("accepted", "accepted"),
    "not_affected": ("not affected", "not affected"),
    "regressions": ("regression", "regressions"),
}
"""What a headline calls one, and several."""
