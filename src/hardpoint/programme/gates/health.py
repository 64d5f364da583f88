"""The health of gates and builds: how often a gate says GO and how long a build takes, against what is aimed at."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from statistics import median

from hardpoint.kernel.clock import after, parse_instant
from hardpoint.kernel.verdict import Answer, Verdict
from hardpoint.programme.gates.condition import Condition
from hardpoint.programme.gates.lookback import Lookback, Past
from hardpoint.programme.gates.model import GateTargets

_EPOCH = datetime.fromtimestamp(0, UTC)
"""Nothing was recorded before."""
SUCCESS_RATE, BUILD_MINUTES = "success_rate_percent", "median_build_minutes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure of a service in the window: of how many verdicts or builds, and how it stands to its target.

    `value` is None where there were too few, and `verdict` where nothing is aimed at.
    """

    measure: str
    service: str
    name: str
    """Of which gate, or of which builds."""
    value: float | None
    target: str
    verdict: Verdict | None
    counted: int
    text: str


def measured(
    lookback: Lookback, service: str, gates: Sequence[str], targets: GateTargets, at: datetime
) -> list[Measure]:
    """The success rate of each gate, and the median build, of a service at an instant."""
    since = max(after(at, -targets.window.delta) or _EPOCH, _EPOCH)
    recent = takewhile(lambda each: _instant(each) >= since, lookback.verdicts(service, until=at))
    verdicts = [each.decision for each in recent]
    rates = [
        success_rate(service, gate, [each.answer for each in verdicts if each.gate == gate], targets) for gate in gates
    ]
    return [*rates, build_minutes(service, lookback.builds(service, targets.build, since, at), targets)]


def success_rate(service: str, gate: str, answers: Sequence[Answer], targets: GateTargets) -> Measure:
    """How many of a hundred verdicts were GO, by waiver or not."""
    passed = sum(each is not Answer.NO_GO for each in answers)
    waived = sum(each is Answer.GO_BY_WAIVER for each in answers)
    by_waiver = f" ({waived} by waiver)" if waived else ""
    value = 100 * passed / len(answers) if len(answers) >= targets.minimum else None
    counted = "1 verdict" if len(answers) == 1 else f"{len(answers)} verdicts"
    told = counted if value is None else f"{passed} of {counted} were GO{by_waiver}"
    return _measure(SUCCESS_RATE, service, gate, value, targets.success_rate_percent, len(answers), told, targets)


def build_minutes(service: str, lengths_s: Sequence[float], targets: GateTargets) -> Measure:
    """The median length of builds in minutes; of an even number the mean of the two in the middle."""
    value = median(lengths_s) / 60 if len(lengths_s) >= targets.minimum else None
    told = "1 build" if len(lengths_s) == 1 else f"{len(lengths_s)} builds"
    condition = targets.median_build_minutes
    return _measure(BUILD_MINUTES, service, targets.build, value, condition, len(lengths_s), told, targets)


def missed(measures: Iterable[Measure]) -> Iterator[Measure]:
    """Those that miss their target, or have too little to say."""
    return (each for each in measures if each.verdict is not None and each.verdict.blocks)


def _measure(
    measure: str,
    service: str,
    name: str,
    value: float | None,
    condition: Condition | None,
    counted: int,
    told: str,
    targets: GateTargets,
) -> Measure:
    verdict = None
    if condition is not None:
        verdict = Verdict.MISSING if value is None else Verdict.PASS if condition.holds(value) else Verdict.FAIL
    told = f"{told} in {targets.window}"
    if value is None:
        told = f"not enough evidence: {told}, and {targets.minimum} are needed"
    return Measure(
        measure=measure,
        service=service,
        name=name,
        value=None if value is None else round(value, 2),
        target="" if condition is None else str(condition),
        verdict=verdict,
        counted=counted,
        text=told,
    )


def _instant(past: Past) -> datetime:
    return parse_instant(past.decision.at)
