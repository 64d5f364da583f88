"""Metrics of verdicts: the text that Prometheus scrapes, from a file of its node exporter or a Pushgateway.

The format is the text exposition format 0.0.4 of Prometheus.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from hardpoint.kernel.clock import parse_instant
from hardpoint.kernel.verdict import Decision
from hardpoint.programme.gates.health import BUILD_MINUTES, SUCCESS_RATE, Measure


class Family(NamedTuple):
    """A metric: its name, what it says, and its samples by their labels."""

    name: str
    help: str
    samples: Sequence[tuple[Mapping[str, str], float]]


def families(decisions: Sequence[Decision], measures: Sequence[Measure], at: datetime) -> list[Family]:
    """The metrics of the newest verdicts and of what was measured; what is not known has no sample."""
    rates = [each for each in measures if each.measure == SUCCESS_RATE]
    builds = [each for each in measures if each.measure == BUILD_MINUTES]
    return [
        Family(
            "hardpoint_gate_answer",
            "1 for the answer that the newest recorded verdict of a gate gave.",
            [({**_of(each), "answer": each.answer.value}, 1) for each in decisions],
        ),
        Family(
            "hardpoint_gate_judged_timestamp_seconds",
            "When that verdict was given, in Unix time.",
            [(_of(each), parse_instant(each.at).timestamp()) for each in decisions],
        ),
        Family(
            "hardpoint_criterion_verdict",
            "1 for the verdict on a criterion in the newest recorded verdict of its gate.",
            list(_criteria(decisions)),
        ),
        Family(
            "hardpoint_evidence_age_seconds",
            "How old the oldest evidence is that a criterion rests on, when this was written.",
            list(_ages(decisions, at)),
        ),
        Family(
            "hardpoint_gate_success_ratio",
            "The share of a gate's verdicts in the window that were GO.",
            [
                ({"gate": each.name, "service": each.service}, each.value / 100)
                for each in rates
                if each.value is not None
            ],
        ),
        Family(
            "hardpoint_gate_verdicts",
            "How many verdicts of a gate there were in the window.",
            [({"gate": each.name, "service": each.service}, each.counted) for each in rates],
        ),
        Family(
            "hardpoint_build_duration_median_seconds",
            "The median length of the builds in the window.",
            [
                ({"build": each.name, "service": each.service}, each.value * 60)
                for each in builds
                if each.value is not None
            ],
        ),
        Family(
            "hardpoint_builds",
            "How many builds there were in the window.",
            [({"build": each.name, "service": each.service}, each.counted) for each in builds],
        ),
    ]


def exposition(metrics: Iterable[Family]) -> str:
    """The metrics as text, each with its help and type; one without a sample is left out."""
    return "".join(f"{line}\n" for each in metrics if each.samples for line in _lines(each))


def _lines(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {_escaped(family.help)}"
    yield f"# TYPE {family.name} gauge"
    for labels, value in family.samples:
        written = ",".join(f'{name}="{_quoted(label)}"' for name, label in labels.items())
        yield f"{family.name}{{{written}}} {_number(value)}"


def _of(decision: Decision) -> dict[str, str]:
    return {"gate": decision.gate, "service": decision.service}


def _criteria(decisions: Iterable[Decision]) -> Iterator[tuple[Mapping[str, str], float]]:
    for decision in decisions:
        for each in decision.criteria:
            labels = {"criterion": each.criterion, "severity": "blocking" if each.blocking else "advisory"}
            yield {**_of(decision), **labels, "verdict": each.verdict.value}, 1


def _ages(decisions: Iterable[Decision], at: datetime) -> Iterator[tuple[Mapping[str, str], float]]:
    for decision in decisions:
        for each in decision.criteria:
            if each.happened:
                age = (at - parse_instant(each.happened)).total_seconds()
                yield {**_of(decision), "criterion": each.criterion}, age


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')


def _number(value: float) -> str:
    assert math.isfinite(value)
    return str(int(value)) if value == int(value) else repr(value)
