"""Where a gate may fail by a setting of the host, or by an input of the action that it is."""

import re
from collections.abc import Iterator, Sequence

from hardpoint.assurance.delivery.gates import Gate
from hardpoint.assurance.delivery.judged import gates_of
from hardpoint.assurance.delivery.pipeline import Pipeline, Setting, Step
from hardpoint.assurance.delivery.tolerance import Tolerance
from hardpoint.assurance.delivery.tools import Kind

EXPERIMENT = re.compile(
    r"nightly|experiment|allow.?fail|may.?fail|unstable|pre-?release|informational|optional|advisory|upstream"
    r"|devel|non.?blocking|best.?effort|bleeding|rawhide|benchmark"
    r"|(?<![a-z])(?:beta|canary|dev|edge|flaky|head|next|reports?|soft|tip)(?![a-z])",
    re.IGNORECASE,
)
"""Names by which somebody says that a failure is meant to be looked at only."""
_ALWAYS = re.compile(r"\|\|\s*true\b")


def by_setting(setting: Setting, gates: Sequence[Gate], name: str, pipeline: Pipeline) -> Iterator[Tolerance]:
    """`continue-on-error: true` and its kind, over the gates that it covers."""
    value = re.sub(r"^\$\{\{\s*(.*?)\s*\}\}$", r"\1", setting.value.strip())
    judging = [each for each in gates if each.kind is not Kind.DEPLOY] or list(gates)
    if not judging or value.lower() in {"false", "no", "0", ""}:
        return
    constant = value.lower() in {"true", "yes", "1", "ignore"}
    if "matrix." in value and not _ALWAYS.search(value):
        return  # a row of a matrix that is declared to be an experiment
    worst = next((each for each in judging if each.certain), judging[0])
    why = ""
    if EXPERIMENT.search(name):
        why = "its name says that it is an experiment"
    elif setting.doubt or not constant:
        why = setting.doubt or "a condition decides it"
    elif not worst.certain or worst.kind is Kind.DEPLOY:
        why = "what it judges is told by a name only" if worst.kind is not Kind.DEPLOY else "it deploys"
    elif worst.reports:
        why = "another step may judge its report"
    line = pipeline.source.line(setting.place) if pipeline.source else ""
    written = re.match(rf"{re.escape(setting.key)}\s*:\s*\S+", line)
    false = re.sub(r"\S+$", "false", written[0]) if written and constant else None
    yield Tolerance(
        gate=worst,
        how=str(setting),
        place=setting.place,
        certain=not why,
        why=why,
        replaces=written[0] if false and written else None,
        suggestion=false,
    )


_INPUTS = {
    ("disable_errors", "true"): True,
    ("exit-code", "0"): False,
    ("soft_fail", "true"): False,
    ("fail-build", "false"): False,
    ("continue_on_error", "true"): False,
}


def by_input(step: Step) -> Iterator[Tolerance]:
    found = next(gates_of(step), None)
    if not found or found.kind is Kind.DEPLOY:
        return
    for name, value in step.inputs.items():
        certain = _INPUTS.get((name.lower(), value.lower()))
        if certain is not None:
            yield Tolerance(
                gate=found,
                how=f"{name}: {value}",
                place=step.place,
                certain=certain,
                why="" if certain else "it may be meant as a report",
            )
