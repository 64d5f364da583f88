"""Supersession: which decision takes the place of which, as either of them says."""

from collections.abc import Iterator, Mapping, Sequence

from hardpoint.assurance.decisions.logs import Log
from hardpoint.assurance.decisions.record import Decision
from hardpoint.assurance.decisions.references import Reference, references_in
from hardpoint.assurance.decisions.status import State

_HELD = frozenset({State.ACCEPTED, State.SUPERSEDED, State.DEPRECATED})
_NOT_YET = frozenset({State.PROPOSED, State.DEFERRED, State.REJECTED})
_OVER = frozenset({State.SUPERSEDED, State.DEPRECATED, State.REJECTED})


def takers(decision: Decision, log: Log) -> list[Decision]:
    """The decisions that take a decision's place, as it says itself or as they say."""
    found = [named for each in decision.superseded_by if (named := log.named(each))]
    found += log.claims.get(decision.file, ())
    return list({each.file: each for each in found if each is not decision}.values())


def untold(decision: Decision, log: Log) -> list[Decision]:
    """The decisions in force, now or before, that supersede one wholly, while its status says that it still holds."""
    if decision.state in _OVER or decision.state is None or decision.superseded_by:
        return []
    return [by for by in log.claims.get(decision.file, ()) if by.state in _HELD]


def is_not_in_force_yet(decision: Decision) -> bool:
    """Whether a decision was never accepted, as far as its status says."""
    return decision.state in _NOT_YET


def too_early(decision: Decision, log: Log) -> list[Decision]:
    """The decisions that supersede one while none of them is accepted."""
    found = takers(decision, log) if decision.state is State.SUPERSEDED else []
    return found if all(map(is_not_in_force_yet, found)) else []


def unanswered(decision: Decision, log: Log) -> list[Decision]:
    """The decisions that one says it is superseded by, and that do not name it anywhere."""
    named = (log.named(each) for each in decision.superseded_by)
    return [by for by in named if by is not None and by is not decision and not _names(by, decision, log)]


def unknown(references: Sequence[Reference], log: Log) -> list[Reference]:
    """The references to what the log does not have."""
    return [each for each in references if not log.has(each)]


def cycles(log: Log) -> list[list[Decision]]:
    """The circles of decisions of which each is superseded by the next."""
    after = {each.file: [*_itself(each), *(by.file for by in takers(each, log))] for each in log.decisions}
    found: dict[frozenset[str], list[Decision]] = {}
    for circle in _circles(after):
        found.setdefault(frozenset(circle), [log.by_file[file] for file in circle])
    return list(found.values())


def _itself(decision: Decision) -> list[str]:
    """The decision's own file where a link says that it is superseded by itself; a number may be misread."""
    return [decision.file] if any(each.file == decision.file for each in decision.superseded_by) else []


def names(found: Sequence[Decision]) -> str:
    """Decisions as a sentence names them."""
    return ", ".join(each.name for each in found)


def _names(by: Decision, decision: Decision, log: Log) -> bool:
    """Whether a decision names another anywhere in its text."""
    found = references_in(by.text, by.place)
    return (
        any(log.named(each) is decision or each.number == decision.number for each in found) or decision.name in by.text
    )


def _circles(after: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """One circle for each way back, found by a walk that keeps its own stack."""
    done: set[str] = set()
    for start in after:
        path: list[str] = []
        rest = [(start, iter(after.get(start, ())))] if start not in done else []
        path += [start] if rest else []
        while rest:
            file, onward = rest[-1]
            step = next(onward, None)
            if step is None:
                done.add(file)
                rest.pop()
                path.pop()
            elif step in path:
                yield path[path.index(step) :]
            elif step not in done:
                rest.append((step, iter(after.get(step, ()))))
                path.append(step)
