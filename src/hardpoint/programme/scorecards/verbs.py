"""`hardpoint scorecard`: which level each service reaches, what the next one lacks, and how it was before."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import click

from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.ownership.model import SERVICES, Service, service_named
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.programme.gates.judge import judge
from hardpoint.programme.gates.model import GATES, Gate
from hardpoint.programme.gates.sitting import named, sitting
from hardpoint.programme.scorecards.levels import Lacking, gates_of, rank, standing, unknown
from hardpoint.programme.scorecards.model import SCORECARDS, Scorecard
from hardpoint.programme.scorecards.trend import Since, levels_so_far, line

MAX_LACKING = 10
"""How many criteria people see for each service; JSON has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A service's level on one scorecard; `local` where it rests on what releases nothing."""

    scorecard: str
    service: str
    team: str
    domain: str
    level: str
    next: str | None
    lacking: tuple[Lacking, ...]
    trend: tuple[Since, ...]
    local: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The level of a team or a domain on one scorecard: that of its weakest service."""

    scorecard: str
    name: str
    level: str
    weakest: str
    services: int


@verb("scorecard")
@click.argument("service", required=False)
@click.option("--base", metavar="REV", help="The protected branch: scorecards, gates and trust are read from there.")
def scorecard(context: Context, service: str | None, *, base: str | None) -> Result:
    """Say which level SERVICE, or every service, reaches on each scorecard.

    With what the next level lacks, the weakest first, and the levels so far. A level counts where all that it and those
    below it ask holds at its gate now. Teams and domains are as good as their weakest service. Checks and records
    nothing. Exits 0.
    """
    context = context.at(base=base)
    cards = _declared(context)
    declared = context.workspace.manifest[SERVICES]
    whom = declared if service is None and declared else [service_named(declared, service)]
    found = [card for each in whom for card in _cards(context, cards, each)]
    heights = {each.name: each for each in cards}
    found.sort(key=lambda each: (each.scorecard, rank(heights[each.scorecard], each.level), each.service))
    teams, domains = _grouped(found, lambda each: each.team), _grouped(found, lambda each: each.domain)
    return Result(
        schema="scorecard/v1",
        headline=_headline(found),
        items={"scorecards": found, "teams": teams, "domains": domains},
        brief="\n".join(
            " ".join(each.splitlines())  # no name begins a line of its own
            for each in (*_told(found), *_groups("team", teams), *_groups("domain", domains))
        ),
    )


def _declared(context: Context) -> Sequence[Scorecard]:
    """Raises UsageProblem if there is no scorecard, or one names what no gate has."""
    gates = _known(named(context, None))
    cards = context.governing.manifest[SCORECARDS]
    if not cards:
        raise UsageProblem(f"{MANIFEST_FILE} declares no scorecard", remedy="Add one under `scorecards:`.")
    names = [*gates, *(f"{gate}/{each}" for gate, criteria in gates.items() for each in criteria)]
    for card in cards:
        for level, name in unknown(card, gates):
            raise UsageProblem(
                f"Level {level} of scorecard {card.name} names {name!r}, and no gate or criterion is called so"
                f"{did_you_mean(name, names)}",
                remedy="Name a gate, or a criterion as GATE/CRITERION.",
            )
    return cards


def _known(gates: Sequence[Gate]) -> Mapping[str, Sequence[str]]:
    return {gate.name: [each.id for each in gate.criteria] for gate in gates}


def _cards(context: Context, cards: Sequence[Scorecard], service: Service) -> Iterator[Card]:
    """A service on every scorecard, from one sitting."""
    with sitting(context, None, service=service.name) as held:
        decisions = [judge(each, held.subject, held.hearing) for each in held.gates]
        before = [each.decision for each in held.lookback.verdicts(service.name)]
        local = bool(held.local)
    known = _known(context.governing.manifest[GATES])
    for card in cards:
        now = standing(card, decisions)
        yield Card(
            scorecard=card.name,
            service=service.name,
            team=service.owner,
            domain=service.domain,
            level=now.level,
            next=now.next,
            lacking=now.lacking,
            trend=tuple(levels_so_far(card, before, gates_of(card, known))),
            local=local,
        )


def _grouped(weakest_first: Sequence[Card], of: Callable[[Card], str]) -> list[Group]:
    """Each team or domain that is named, by the first of its services: the weakest link."""
    groups: dict[tuple[str, str], list[Card]] = {}
    for each in weakest_first:
        if of(each):
            groups.setdefault((each.scorecard, of(each)), []).append(each)
    return [
        Group(scorecard=card, name=name, level=each[0].level, weakest=each[0].service, services=len(each))
        for (card, name), each in groups.items()
    ]


def _told(cards: Sequence[Card]) -> Iterator[str]:
    for card in cards:
        whose = ", ".join(f"{what} {name}" for what, name in (("team", card.team), ("domain", card.domain)) if name)
        aim = f"; for {card.next} it lacks {len(card.lacking)}" if card.next else ""
        yield f"{card.scorecard}: {card.service}{f' ({whose})' if whose else ''} is at {card.level}{aim}"
        for each in card.lacking[:MAX_LACKING]:
            owner = f" [{each.owner}]" if each.owner else ""
            yield f"  {each.verdict.value.upper():<14} {each.criterion}: {each.reason}{owner}"
            yield from [f"  {'':<14} {each.remedy}"] if each.remedy else []
        if len(card.lacking) > MAX_LACKING:
            yield f"  … and {len(card.lacking) - MAX_LACKING} more; --format json has all of them"
        yield f"  so far: {line(card.trend)}"
        yield ""


def _groups(what: str, groups: Sequence[Group]) -> Iterator[str]:
    for each in groups:
        several = f", of {each.services} services" if each.services > 1 else ""
        yield f"{each.scorecard}: {what} {each.name} is at {each.level}, as its weakest: {each.weakest}{several}"


def _headline(cards: Sequence[Card]) -> str:
    """The weakest service on each scorecard; the cards of one stand together, the weakest first."""
    weakest = {each.scorecard: each for each in reversed(cards)}
    local = " (local: releases nothing)" if any(each.local for each in cards) else ""
    said = "; ".join(f"{each.service} is at {each.level} on {each.scorecard}" for each in reversed(weakest.values()))
    services = len({each.service for each in cards})
    return f"the weakest of {services} services: {said}{local}" if services > 1 else said + local
