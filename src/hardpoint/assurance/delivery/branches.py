"""Whether a job runs for changes of a protected branch."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from hardpoint.assurance.delivery.gates import Gate, gate_of_action
from hardpoint.assurance.delivery.judged import gates_of
from hardpoint.assurance.delivery.model import DELIVERY
from hardpoint.assurance.delivery.pipeline import Job, Pipeline, Step
from hardpoint.assurance.delivery.pipelines import ci_pipelines
from hardpoint.assurance.delivery.tools import Kind
from hardpoint.kernel.workspace import Workspace

_USUAL = ("main", "master", "trunk")
_EQUALS = re.compile(r"""github\.ref(?:_name)?\s*==\s*'(?:refs/heads/)?([^']+)'""")
_EVENT = re.compile(r"""github\.event_name\s*==\s*'(schedule|workflow_dispatch)'""")


@dataclass(frozen=True, slots=True)
class GateJob:
    """A job that judges, in its pipeline, and the kinds of its gates."""

    pipeline: Pipeline
    job: Job
    gates: tuple[Gate, ...]

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset(gate.kind for gate in self.gates)


def gate_jobs(workspace: Workspace) -> list[GateJob]:
    """Every job of a CI host that has a certain gate."""
    return list(workspace.derive(_gate_jobs))


def _gate_jobs(workspace: Workspace) -> list[GateJob]:
    found = []
    for pipeline in ci_pipelines(workspace):
        for job in pipeline.jobs:
            gates = _certain(step for step in job.steps if not is_off(step.condition))
            gates += tuple(gate for use in job.uses if use.kind == "action" and (gate := gate_of_action(use.name)))
            off = () if gates else _certain(job.steps)
            if (gates or off) and not job.name.startswith("."):
                found.append(GateJob(pipeline, replace(job, condition="false") if off else job, gates or off))
    return found


def _certain(steps: Iterable[Step]) -> tuple[Gate, ...]:
    found = (gate for step in steps for gate in gates_of(step))
    return tuple(gate for gate in found if gate.certain and gate.kind is not Kind.DEPLOY)


def is_off(condition: str) -> bool:
    """Whether a condition never holds: `if: false`."""
    return re.sub(r"^\$\{\{|\}\}$", "", condition.strip()).strip().lower() in {"false", "0"}


def protected_branches(workspace: Workspace) -> tuple[str, ...]:
    """Those that are declared; else the usual one that pipelines name most. None is known where none is named."""
    declared = workspace.manifest[DELIVERY].branches
    if declared:
        return declared
    named = Counter(
        pattern
        for pipeline in ci_pipelines(workspace)
        for job in pipeline.jobs
        for patterns in (job.triggers.push or (), job.triggers.change or ())
        for pattern in patterns
        if pattern in _USUAL
    )
    return tuple(branch for branch, _ in named.most_common(1))


def runs_for(job: Job, branch: str) -> bool:
    """Whether it runs for a push to the branch or a change that aims at it; what is not known counts as yes."""
    triggers = job.triggers
    if is_off(job.condition):
        return False
    if triggers.called:
        return True
    pushed = triggers.push is not None and matches(branch, triggers.push)
    proposed = triggers.change is not None and matches(branch, triggers.change)
    return (pushed or proposed) and not _excluded(job.condition, branch)


def only_on_request(job: Job) -> bool:
    """Whether only a schedule or a person starts it, or nothing at all."""
    triggers = job.triggers
    asked = not triggers.called and triggers.push is None and triggers.change is None and bool(triggers.other)
    return asked or is_off(job.condition)


def _excluded(condition: str, branch: str) -> bool:
    """A job's condition that names one other branch or event, and nothing else."""
    plain = re.sub(r"^\$\{\{|\}\}$", "", condition.strip()).strip()
    if _EVENT.fullmatch(plain):
        return True
    equals = _EQUALS.fullmatch(plain)
    return bool(equals) and bool(equals[1] != branch) and not equals[1].startswith("refs/") if equals else False


def matches(branch: str, patterns: Sequence[str]) -> bool:
    """GitHub's filter patterns, which the others resemble: the last that matches decides, `!` takes back."""
    included = all(pattern.startswith("!") for pattern in patterns) and bool(patterns)
    for pattern in patterns:
        if _pattern(pattern.removeprefix("!")).fullmatch(branch):
            included = not pattern.startswith("!")
    return included


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    pattern = pattern.removeprefix("refs/heads/")
    if "$" in pattern:  # `$default-branch` and variables: any
        return re.compile(".*")
    written, at = "", 0
    while at < len(pattern) and at < _MAX_PATTERN:
        char = pattern[at]
        if pattern.startswith("**", at):
            written, at = written + ".*", at + 1
        elif char == "*":
            written += "[^/]*"
        elif char == "?":
            written += "?" if written else ""
        elif char in "[]+":
            written += char
        else:
            written += re.escape(char)
        at += 1
    try:
        return re.compile(written)
    except re.error:
        return re.compile(".*")


_MAX_PATTERN = 200


def by_kind(jobs: Iterable[GateJob]) -> Mapping[Kind, list[GateJob]]:
    """The jobs by what they judge."""
    found: dict[Kind, list[GateJob]] = {}
    for job in jobs:
        for kind in job.kinds:
            found.setdefault(kind, []).append(job)
    return found


_FOR_EVERY_CHANGE = frozenset({Kind.LINT, Kind.TYPES, Kind.TEST})
"""An audit may well run by night, and a build by release."""


def ungated(workspace: Workspace) -> Iterator[tuple[str, GateJob, Kind]]:
    """Each protected branch with a kind of gate that exists and never runs for it, at one of its jobs."""
    for kind, jobs in sorted(by_kind(gate_jobs(workspace)).items(), key=lambda pair: pair[0].value):
        if kind not in _FOR_EVERY_CHANGE:
            continue
        for branch in protected_branches(workspace) or ("",):
            skipped = [
                each for each in jobs if (not runs_for(each.job, branch) if branch else only_on_request(each.job))
            ]
            if len(skipped) == len(jobs):
                yield branch, jobs[0], kind
