"""Several verdicts in brief: what holds counted, what fails with its remedy, what is not there with how to get it."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import shorten

from hardpoint.kernel.verdict import Decision, Judgement, Verdict
from hardpoint.programme.gates.getting import ToGet, has_none

WIDTH = 80
MAX_FAILING = 3
"""How many failing criteria are said, the worst of all gates; `hardpoint gate NAME` has all of them."""
MAX_WAYS = 4
"""How many ways to get evidence are said."""


def brief(decisions: Sequence[Decision], deciding: Sequence[str], ways: Sequence[ToGet], also: Sequence[str]) -> str:
    """The verdicts in lines of a terminal's width, what does not fit by its count; `also` stands below them."""
    told = [shorten(each, WIDTH, placeholder=" …") for each in also]
    lines = [*_verdicts(decisions, deciding), *_failing(decisions), *_ways(ways), *told]
    return "\n".join(" ".join(each.splitlines()) for each in lines)  # no name begins a line of its own


def _verdicts(decisions: Sequence[Decision], deciding: Sequence[str]) -> Iterator[str]:
    width = max(len(each.gate) for each in decisions)
    decides = len(deciding) < len(decisions)
    for each in decisions:
        mark = ", decides" if decides and each.gate in deciding else ""
        yield f"{each.gate:<{width}}  {each.answer:<12}  {_counted(each)}{mark}"


def _counted(decision: Decision) -> str:
    """How many criteria hold, by waiver too, and how many have no evidence, the advisory ones apart."""
    criteria = decision.criteria
    holding = sum(not each.verdict.blocks for each in criteria)
    waived = sum(each.verdict is Verdict.WAIVED for each in criteria)
    without = sum(has_none(each) for each in criteria)
    advisory = sum(each.verdict.blocks and not each.blocking for each in criteria)
    parts = [f"{holding} of {len(criteria)} hold"]
    parts += [f"{waived} by waiver"] if waived else []
    parts += [f"{without} without evidence"] if without else []
    parts += [f"{advisory} advisory"] if advisory else []
    return ", ".join(parts)


def _failing(decisions: Sequence[Decision]) -> Iterator[str]:
    failing = [
        (decision.gate, each)
        for decision in decisions
        for each in decision.criteria
        if each.blocking and each.verdict.blocks and not has_none(each)
    ]
    failing.sort(key=lambda each: -each[1].verdict.rank)
    for gate, judgement in failing[:MAX_FAILING]:
        yield from _said(gate, judgement)
    if more := failing[MAX_FAILING:]:
        yield f"  … and {len(more)} more: hardpoint gate {more[0][0]}"


def _said(gate: str, judgement: Judgement) -> Iterator[str]:
    named = f"  {judgement.verdict.value.upper()} {gate}/{judgement.criterion}: {judgement.reason}"
    yield "  " + shorten(named, WIDTH - 2, placeholder=" …")
    if judgement.remedy:
        yield "    " + shorten(judgement.remedy, WIDTH - 4, placeholder=" …")


def _ways(ways: Sequence[ToGet]) -> Iterator[str]:
    if ways:
        yield "How to get the evidence that is not there yet:"
    for how, alike in groupby(ways[:MAX_WAYS], key=lambda each: each.how):
        for at, way in enumerate(alike):
            # A command is copied, so it stays whole.
            yield f"  {'' if at else how:<6}  {way.command}"
            told = ", ".join(way.reports or way.criteria)
            yield " " * 10 + shorten(told, WIDTH - 10, placeholder=" …")
    if len(ways) > MAX_WAYS:
        yield f"  … and {len(ways) - MAX_WAYS} more ways; --format json has all of them"
