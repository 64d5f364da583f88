"""Every gate of a pipeline that may fail unseen, and how certain that is."""

import re
from collections.abc import Iterator
from dataclasses import replace

from hardpoint.assurance.delivery.calls import Calls
from hardpoint.assurance.delivery.host_tolerance import EXPERIMENT, by_input, by_setting
from hardpoint.assurance.delivery.judged import gates_of, gates_of_job, named_gates, strict_tools
from hardpoint.assurance.delivery.pipeline import Host, Job, Pipeline
from hardpoint.assurance.delivery.script_tolerance import in_script
from hardpoint.assurance.delivery.tolerance import Tolerance
from hardpoint.assurance.delivery.tools import Kind


def tolerances(pipeline: Pipeline, calls: Calls) -> list[Tolerance]:
    """Every gate of a pipeline that may fail unseen; one for each place."""
    calls = calls if pipeline.runs_in_ci or "/" not in pipeline.file else {}
    beside = strict_tools(pipeline) if pipeline.host is Host.MAKE else frozenset()
    asked = _asked_steps(pipeline)
    found = [each for job in pipeline.jobs for each in _of_job(job, pipeline, beside, asked, calls)]
    first = {each.place: each for each in reversed(found)}
    return sorted(first.values(), key=lambda each: each.place)


def _of_job(
    job: Job, pipeline: Pipeline, beside: frozenset[str], asked: frozenset[str], calls: Calls
) -> Iterator[Tolerance]:
    if job.tolerance and not job.by_hand:
        yield from by_setting(job.tolerance, gates_of_job(job), f"{job.name} {job.title}", pipeline)
    strict = beside or strict_tools(job)
    judging, gated = _last(_JUDGING_STEP, job), _last(_HARDPOINT, job)
    for number, step in enumerate(job.steps):
        if step.tolerance and step.id not in asked:
            gates = list(gates_of(step)) or named_gates(step)
            yield from by_setting(step.tolerance, gates, f"{job.name} {step.name}", pipeline)
        if step.after:
            yield from (
                Tolerance(gate=each, how="runs where the host ignores failures", place=step.place)
                for each in gates_of(step)
                if each.kind is not Kind.DEPLOY
            )
        if step.use:
            yield from by_input(step)
        if step.script:
            judged = number < judging
            for each in in_script(step.script, strict=strict, calls={} if step.folder else calls):
                if not (each.gate.reports and number <= gated):
                    yield _weighed(each, judged=judged, named=job.name)


_OUTCOME = re.compile(r"steps\s*(?:\.\s*|\[\s*')([\w-]{1,100})(?:'\s*\])?\s*\.\s*outcome\b")
"""`conclusion` is the one after the tolerance: it is always a success."""


def _asked_steps(pipeline: Pipeline) -> frozenset[str]:
    """The ids of the steps whose outcome another one asks for, so that their tolerance only puts the answer off."""
    return frozenset(_OUTCOME.findall(pipeline.source.text)) if pipeline.source else frozenset()


_JUDGING_STEP = re.compile(
    r"hardpoint\s+gate|test-reporter|publish-unit-test-result|action-junit-report|test-summary|junit-report|reviewdog"
    r"|exit-code|upload-sarif|PublishTestResults|\bjunit\b|recordIssues|sonar",
    re.IGNORECASE,
)
_HARDPOINT = re.compile(r"hardpoint\s+gate")


def _last(pattern: re.Pattern[str], job: Job) -> int:
    """The number of the last step that the pattern is found in, -1 for none."""
    for number in range(len(job.steps) - 1, -1, -1):
        step = job.steps[number]
        action = step.use.name if step.use else ""
        if pattern.search(f"{action} {step.script.text if step.script else ''} {step.name}"):
            return number
    return -1


def _weighed(tolerance: Tolerance, *, judged: bool, named: str) -> Tolerance:
    """Certain only where nothing speaks for a good reason."""
    why = tolerance.why
    if EXPERIMENT.search(named):
        why = "its name says that it is an experiment"
    elif tolerance.gate.kind is Kind.DEPLOY:
        why = "it deploys"
    elif not tolerance.gate.certain:
        why = "what it judges is told by a name only"
    elif tolerance.gate.reports and (judged or tolerance.gate.kind not in {Kind.TEST, Kind.BUILD}):
        why = "another step may judge its report"
    elif judged:
        why = "a later step judges reports"
    return replace(tolerance, certain=tolerance.certain and not why, why=why)
