"""Tolerance that a change adds: what from now on is allowed, known, waived or asked for no longer, and why."""

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from hardpoint.assurance.reports.model import BLOCKING
from hardpoint.faces.cli.review.comparison import Comparison
from hardpoint.kernel.baseline import BASELINE_FILE, Baseline, baseline_of, read_baseline
from hardpoint.kernel.change import Change
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Fact
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.ruleset import NEWEST, RULESET
from hardpoint.kernel.waiver import WAIVERS
from hardpoint.programme.gates.condition import Condition
from hardpoint.programme.gates.model import GATES, Criterion, Gate

TRAILER = "Tolerated"
"""In the message of a commit that edits the manifest, why it asks for less."""

SILENCERS = frozenset({"CI001", "CI002"})
"""The rules that find a failure which nobody sees; a comment beside it, `hardpoint: allow ID -- why`, says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """Something that a change allows, where, and the reason that it gives; empty for none."""

    where: str
    what: str
    reason: str


def tolerances(comparison: Comparison) -> list[Tolerance]:
    """Everything that the change tolerates and its base did not, but for the silencers, which are findings."""
    return [*_suppressions(comparison), *_debt(comparison), *_waivers(comparison), *_demands(comparison)]


def silencers(findings: Sequence[Finding]) -> list[Finding]:
    """Those of some new findings that are tolerance without a reason, however certain."""
    return [each for each in findings if each.rule in SILENCERS]


def _suppressions(comparison: Comparison) -> Iterator[Tolerance]:
    for each in comparison.suppressed:
        finding = each.finding
        yield Tolerance(where=str(finding.place), what=f"{finding.rule} {finding.text}", reason=each.reason)


def _debt(comparison: Comparison) -> Iterator[Tolerance]:
    """What the baseline knows now, and neither knew before nor could have known."""
    now, before = read_baseline(comparison.head), read_baseline(comparison.base)
    more = Baseline(known=now.beyond(before)).without(baseline_of(comparison.at_base).known)
    if more.count:
        said = [each.reason for each in now.grown if each not in before.grown]
        what = f"{more.count} more known finding{'s' * (more.count != 1)}"
        yield Tolerance(where=BASELINE_FILE, what=what, reason="; ".join(said))


def _waivers(comparison: Comparison) -> Iterator[Tolerance]:
    if not comparison.manifest:
        return
    before = comparison.base.manifest[WAIVERS]
    for each in comparison.head.manifest[WAIVERS]:
        if each not in before:
            about = each.criterion or each.finding
            yield Tolerance(where=MANIFEST_FILE, what=f"waiver {each.id} for {about}", reason=each.reason)


def _demands(comparison: Comparison) -> Iterator[Tolerance]:
    if not comparison.manifest:
        return
    head, base = comparison.head.manifest, comparison.base.manifest
    reason = reason_in(comparison.change)
    found = list(_weaker_gates(base[GATES], head[GATES]))
    kept = {each.name for each in head[BLOCKING]}
    found += [f"blocking check {each.name} is gone" for each in base[BLOCKING] if each.name not in kept]
    if (pinned := head[RULESET]) is not None and pinned < (base[RULESET] or NEWEST):
        found.append(f"ruleset is {pinned}, and was {base[RULESET] or 'the newest'}")
    if hidden := comparison.undeclared:
        count = f"{len(hidden)} error{'s' * (len(hidden) != 1)}"
        found.append(f"{count} found no longer, such as {hidden[0].rule} at {hidden[0].place}")
    yield from (Tolerance(where=MANIFEST_FILE, what=each, reason=reason) for each in found)


def reason_in(change: Change) -> str:
    """Why the manifest asks for less, as the commits say that edit it."""
    said = (each.trailer(TRAILER) for each in change.commits if MANIFEST_FILE in each.files)
    return "; ".join(dict.fromkeys(each for each in said if each))


def _weaker_gates(before: Sequence[Gate], after: Sequence[Gate]) -> Iterator[str]:
    now = {each.name: each for each in after}
    for gate in before:
        if gate.name not in now:
            yield f"gate {gate.name} is gone"
            continue
        then = now[gate.name]
        if then.witnesses < gate.witnesses:
            yield f"gate {gate.name}: witnesses {then.witnesses}, was {gate.witnesses}"
        criteria = {each.id: each for each in then.criteria}
        for criterion in gate.criteria:
            name = f"{gate.name}/{criterion.id}"
            if criterion.id not in criteria:
                yield f"criterion {name} is gone"
            else:
                yield from (f"{name}: {each}" for each in weaker(criterion, criteria[criterion.id]))


def weaker(before: Criterion, after: Criterion) -> Iterator[str]:
    """In what a criterion asks for less than it did; what merely differs is no tolerance."""
    if before.kind != after.kind:
        yield f"kind {after.kind}, was {before.kind}"
        return
    if before.severity == "blocking" and after.severity != "blocking":
        yield f"severity {after.severity}, was {before.severity}"
    if after.assurance < before.assurance:
        yield f"assurance {after.assurance.value}, was {before.assurance.value}"
    if before.max_age is not None and (after.max_age is None or after.max_age > before.max_age):
        yield f"max_age {after.max_age or 'none'}, was {before.max_age}"
    if after.enforce_from is not None and (before.enforce_from is None or after.enforce_from > before.enforce_from):
        yield f"enforced from {format_instant(after.enforce_from)} on"
    for each in fields(before):
        if each.name not in _OF_EVERY:
            yield from _weaker_field(each.name, getattr(before, each.name), getattr(after, each.name))


_OF_EVERY = frozenset({"id", "kind", "severity", "assurance", "max_age", "enforce_from", "owner", "environment"})


def _weaker_field(name: str, before: object, after: object) -> Iterator[str]:
    if isinstance(before, Condition):
        if after is None or (isinstance(after, Condition) and is_weaker(before, after)):
            yield f"{name} {after or 'none'}, was {before}"
    elif isinstance(before, Mapping):
        for fact, condition in before.items():
            then = after.get(fact) if isinstance(after, Mapping) else None
            yield from _weaker_field(f"{name} {fact}", condition, then)
    elif isinstance(before, tuple):
        lost = [str(each) for each in before if not isinstance(after, tuple) or each not in after]
        if lost and name in {"rules", "reports"}:
            yield f"{name} without {', '.join(lost)}"
    elif name == "allow_baseline" and after and not before:
        yield "known findings pass"
    elif _is_more(before, after, _NUMBERS.get(name, 0)):
        yield f"{name} {after}, was {before}"


def _is_more(before: object, after: object, sign: int) -> bool:
    return isinstance(before, int | float) and isinstance(after, int | float) and (after - before) * sign > 0


_NUMBERS: Mapping[str, int] = {"tolerance": 1, "count": -1}
"""Whether more of it asks for less, or less of it."""


def is_weaker(before: Condition, after: Condition) -> bool:
    """Whether some fact meets a condition that did not meet the one before."""
    facts = (*_around(before.threshold), *_around(after.threshold))
    return any(_met(after, each) and not _met(before, each) for each in facts)


def _around(threshold: Fact) -> Iterator[Fact]:
    """Facts on every side of a threshold: where two conditions differ, they differ at one of these."""
    yield threshold
    if isinstance(threshold, bool):
        yield not threshold
    elif isinstance(threshold, int | float):
        yield from (math.nextafter(threshold, math.inf), math.nextafter(threshold, -math.inf))
        yield from (sys.float_info.max, -sys.float_info.max)
    else:
        yield f"{threshold} otherwise"


def _met(condition: Condition, fact: Fact) -> bool:
    try:
        return condition.holds(fact)
    except TypeError:
        return False
