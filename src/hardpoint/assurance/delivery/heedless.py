"""Deployments that run whatever the gates before or beside them say."""

import re
from collections.abc import Iterator, Mapping, Sequence

from hardpoint.assurance.delivery.conditions import holds_after_failure, only_after_failure
from hardpoint.assurance.delivery.gates import gate_named
from hardpoint.assurance.delivery.judged import gates_of, gates_of_job
from hardpoint.assurance.delivery.pipeline import Host, Job, Pipeline, Step
from hardpoint.assurance.delivery.tools import Kind
from hardpoint.kernel.place import Place

_JUDGING = frozenset({Kind.LINT, Kind.TYPES, Kind.TEST, Kind.AUDIT, Kind.CHECK, Kind.BUILD})
_FOR_EVERY_CHANGE = frozenset({Kind.LINT, Kind.TYPES, Kind.TEST})
_PAGES = re.compile(r"pages", re.IGNORECASE)
"""A site is published for its readers, and a report of failures just then."""
_NO_USERS = re.compile(
    r"test\.?pypi|--dry-run|dry.run['\"]?\s*[:=]\s*true|localhost|127\.0\.0\.1|verdaccio|\bkind\b|minikube|\bk3[ds]\b"
    r"|microk8s|ct install",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"roll.?back|revert|restore|undo|recover|destroy|tear.?down|clean|stop|previous|report|notify|\btests?\b|e2e"
    r"|preview|review|docs",
    re.IGNORECASE,
)


def heedless(pipeline: Pipeline, among: Mapping[str, Job]) -> Iterator[tuple[Place, str, str]]:
    """Each such deployment: its place, what is wrong, and what to do; `among` are all jobs that one may wait for."""
    judging: dict[int, str] = {}  # jobs of one stage share what they wait for
    for job in pipeline.jobs:
        if _BACK.search(f"{job.name} {job.title}") or _NO_USERS.search(_text(job)):
            continue
        deploying = [step for step in job.steps if _deploys(step)]
        yield from _by_steps(job, deploying)
        if not deploying:
            continue
        if id(job.needs) not in judging:
            judging[id(job.needs)] = next((name for name in job.needs if name in among and _judges(among[name])), "")
        before = judging[id(job.needs)]
        if before and (why := _by_job(job, deploying, before)):
            yield job.place, *why
        elif pipeline.host is Host.GITHUB and (beside := _unawaited(job, deploying, pipeline)):
            sentence = f"{job.name} deploys beside {beside}, and does not wait for what it says"
            yield job.place, sentence, f"Let it wait: `needs: {beside}`"


def _by_steps(job: Job, deploying: Sequence[Step]) -> Iterator[tuple[Place, str, str]]:
    for step in deploying:
        before = job.steps[: job.steps.index(step)]
        judged = any(gate.kind in _JUDGING for each in before for gate in gates_of(each))
        if judged and holds_after_failure(step.condition) and not _BACK.search(step.name):
            condition = _plain(step.condition)
            yield (
                step.place,
                f"{job.name} deploys although a step before may have failed: {condition}",
                "Let it run on success: drop the condition",
            )


def _by_job(job: Job, deploying: Sequence[Step], before: str) -> tuple[str, str] | None:
    """What lets it run though `before` failed, a job that judges."""
    if any("needs." in f"{step.condition} {_script(step)}" for step in job.steps):
        return None
    failed = f"{job.name} deploys although {before} may have failed"
    if job.heedless and not job.by_hand:
        return f"{failed}: {job.heedless}", "Let it run on success only"
    if holds_after_failure(job.condition) and not all(only_after_failure(step.condition) for step in deploying):
        asked = f"needs.{before}.result == 'success'"
        return (
            f"{failed}: {_plain(job.condition)}",
            f"Let it run on success: drop the status function, or ask for `{asked}`",
        )
    return None


def _unawaited(job: Job, deploying: Sequence[Step], pipeline: Pipeline) -> str | None:
    """The job with tests beside one that deploys, waits for none and judges nothing itself."""
    if job.needs or job.triggers.called or any(gate.kind in _FOR_EVERY_CHANGE for gate in gates_of_job(job)):
        return None
    unasked = _plain(job.condition) in {"", "always()", "!cancelled()", "! cancelled()"}
    if not unasked or any(step.condition for step in deploying):
        return None  # what it waits for may have run before, for the same commit
    tests = (each for each in pipeline.jobs if each is not job and not each.condition and not each.needs)
    return next((each.name for each in tests if _certain_tests(each)), None)


def _certain_tests(job: Job) -> bool:
    return any(gate.certain and gate.kind is Kind.TEST for gate in gates_of_job(job))


def _judges(job: Job) -> bool:
    named = gate_named(job.name) if not job.steps else None
    return any(gate.kind in _JUDGING for gate in (*gates_of_job(job), *([named] if named else [])))


def _deploys(step: Step) -> bool:
    page = step.use is not None and _PAGES.search(step.use.name)
    return not page and any(gate.kind is Kind.DEPLOY and gate.certain for gate in gates_of(step))


def _script(step: Step) -> str:
    return step.script.text if step.script else ""


def _text(job: Job) -> str:
    """What its steps run and are given."""
    parts = [part for step in job.steps for part in (_script(step), step.use.name if step.use else "")]
    given = [f"{name}: {value}" for step in job.steps for name, value in step.inputs.items()]
    return "\n".join((*parts, *given))


def _plain(condition: str) -> str:
    return " ".join(re.sub(r"\$\{\{|\}\}", " ", condition).split())
