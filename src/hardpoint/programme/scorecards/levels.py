"""Levels: which one the verdicts of gates give, and what the next one lacks; nothing read but what is handed in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hardpoint.kernel.verdict import Answer, Decision, Judgement, Verdict
from hardpoint.programme.scorecards.model import NONE, Level, Scorecard

HOLDS = frozenset({Verdict.PASS, Verdict.WAIVED})
"""What holds up a level; what is not applicable is no hindrance, and no merit either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """One criterion that keeps a service from its next level."""

    criterion: str
    verdict: Verdict
    reason: str
    remedy: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The level that is reached, the next one, and what that lacks, the weakest first; no next one at the top."""

    level: str
    next: str | None
    lacking: tuple[Lacking, ...]


def standing(scorecard: Scorecard, decisions: Sequence[Decision]) -> Standing:
    """How verdicts of one service at one instant stand to a scorecard.

    A level counts where nothing that it or one below it names is stale, missing, in error or failed, and something of
    it holds. What no gate judged is missing.
    """
    by_gate = {each.gate: each for each in decisions}
    reached = NONE
    for level in scorecard.levels:
        if not _holds(level, by_gate):
            return Standing(level=reached, next=level.name, lacking=tuple(_lacking(level, by_gate)))
        reached = level.name
    return Standing(level=reached, next=None, lacking=())


def rank(scorecard: Scorecard, level: str) -> int:
    """How high a level is; 0 for none."""
    return [NONE, *(each.name for each in scorecard.levels)].index(level)


def gates_of(scorecard: Scorecard, known: Mapping[str, Iterable[str]]) -> set[str]:
    """The gates that it rests on, of those that are known with their criteria."""
    named = {each for level in scorecard.levels for each in level.criteria}
    return {
        gate for gate, criteria in known.items() if gate in named or any(f"{gate}/{each}" in named for each in criteria)
    }


def unknown(scorecard: Scorecard, known: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    """Each name that is neither a gate nor a criterion of one, with its level."""
    names = {*known, *(f"{gate}/{each}" for gate, criteria in known.items() for each in criteria)}
    for level in scorecard.levels:
        yield from ((level.name, each) for each in level.criteria if each not in names)


def _holds(level: Level, by_gate: Mapping[str, Decision]) -> bool:
    verdicts = [_verdict(each, by_gate) for each in level.criteria]
    return not any(each.blocks for each in verdicts) and not HOLDS.isdisjoint(verdicts)


def _verdict(name: str, by_gate: Mapping[str, Decision]) -> Verdict:
    if name in by_gate:
        return {
            Answer.GO: Verdict.PASS,
            Answer.GO_BY_WAIVER: Verdict.WAIVED,
            Answer.NO_GO: Verdict.FAIL,
        }[by_gate[name].answer]
    found = _judgement(name, by_gate)
    return found.verdict if found else Verdict.MISSING


def _judgement(name: str, by_gate: Mapping[str, Decision]) -> Judgement | None:
    """A criterion by its name; the worst where a slash in another's name makes two of it."""
    found = [
        each
        for gate, decision in by_gate.items()
        if name.startswith(f"{gate}/")
        for each in decision.criteria
        if f"{gate}/{each.criterion}" == name
    ]
    return max(found, key=lambda each: each.verdict.rank, default=None)


def _lacking(level: Level, by_gate: Mapping[str, Decision]) -> list[Lacking]:
    """What stops a level; where nothing does, and nothing of it applies either, that."""
    found = {each.criterion: each for name in level.criteria for each in _lacking_of(name, by_gate)}
    stopping = [each for each in found.values() if each.verdict.blocks]
    return sorted(stopping or found.values(), key=lambda each: (-each.verdict.rank, each.criterion))


def _lacking_of(name: str, by_gate: Mapping[str, Decision]) -> Iterator[Lacking]:
    if name in by_gate:
        decision = by_gate[name]
        stopping = [each for each in decision.criteria if each.blocking and each.verdict.blocks]
        yield from (_told(f"{name}/{each.criterion}", each) for each in stopping)
        if decision.answer is Answer.NO_GO and not stopping:
            yield _nothing(name, "none of its criteria applies")
        return
    judgement = _judgement(name, by_gate)
    if judgement is None:
        yield _nothing(name, "its gate was not judged")
    elif judgement.verdict not in HOLDS:
        yield _told(name, judgement)


def _told(name: str, judgement: Judgement) -> Lacking:
    return Lacking(
        criterion=name,
        verdict=judgement.verdict,
        reason=judgement.reason,
        remedy=judgement.remedy,
        owner=judgement.owner,
    )


def _nothing(name: str, reason: str) -> Lacking:
    return Lacking(criterion=name, verdict=Verdict.MISSING, reason=reason, remedy="", owner="")
