"""Rules about the protected branch: which gates run for it, and which it requires."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hardpoint.assurance.delivery.branches import GateJob, gate_jobs, protected_branches, runs_for, ungated
from hardpoint.assurance.delivery.model import DELIVERY
from hardpoint.assurance.delivery.pipeline import Host, Job, Pipeline
from hardpoint.assurance.delivery.protection import Protection, read
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace

_WORKFLOW = "on:\n  {}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: npm test\n"
_MANIFEST = "version: 1\ndelivery:\n  protection: [main.json]\n"
_REQUIRED = '{"required_status_checks": {"contexts": ["test"]}, "enforce_admins": {"enabled": true}}\n'


@dataclass(frozen=True, slots=True)
class Gates:
    """All jobs of a repository that judge: what a protected branch can require."""

    jobs: tuple[GateJob, ...]


def gates(workspace: Workspace) -> list[Gates]:
    """The gates as one subject; none where nothing judges."""
    jobs = tuple(gate_jobs(workspace))
    return [Gates(jobs)] if jobs else []


@rule(
    "CI006",
    Severity.WARNING,
    over=gates,
    title="A gate never runs for the protected branch",
    why="What is merged there was judged by nothing, and a schedule finds out a day later.",
    good={".github/workflows/ci.yml": _WORKFLOW.format("push: {branches: [main]}")},
    bad={".github/workflows/ci.yml": _WORKFLOW.format("schedule: [{cron: '0 3 * * *'}]")},
)
def absent_gate(_: Gates, workspace: Workspace) -> Iterator[Finding]:
    for branch, found, kind in ungated(workspace):
        whom = f"changes of {branch}" if branch else "a change, at most by a schedule or by hand"
        yield absent_gate.finding(
            found.job.place,
            f"no {kind.value} gate runs for {whom}; {found.job.name} is the one that exists",
            remedy="Start it by push or pull request of that branch; or name the branches under delivery.branches",
        )


@rule(
    "CI007",
    Severity.ERROR,
    over=lambda workspace: workspace.manifest[DELIVERY].protection,
    title="The protected branch does not require its gates",
    why="A red gate stops nobody: the button to merge stays green.",
    good={
        "hardpoint.yaml": _MANIFEST,
        "main.json": _REQUIRED,
        ".github/workflows/ci.yml": _WORKFLOW.format("push: {branches: [main]}"),
    },
    bad={
        "hardpoint.yaml": _MANIFEST,
        "main.json": '{"required_status_checks": null, "enforce_admins": {"enabled": true}}\n',
        ".github/workflows/ci.yml": _WORKFLOW.format("push: {branches: [main]}"),
    },
)
def unrequired_gates(file: str, workspace: Workspace) -> Iterator[Finding]:
    place = Place(file, 1)
    branches = protected_branches(workspace)
    try:
        protection = read(workspace.read(file), file, branches)
    except UnreadableProblem as problem:
        yield unrequired_gates.finding(place, f"{problem.sentence}; what the branch requires was not judged")
        return
    for sentence, remedy in _lacks(protection, gate_jobs(workspace), branches):
        yield unrequired_gates.finding(place, sentence, remedy=remedy)
    if not any(_tells_of_gates(each, workspace) for each in workspace.manifest[DELIVERY].protection):
        yield unrequired_gates.finding(
            place,
            "not enough evidence: it does not say whether gates have to succeed before a merge",
            remedy="Name the export of the project too: `glab api projects/ID`",
        )


def _tells_of_gates(file: str, workspace: Workspace) -> bool:
    """Whether an export says that gates are required, or not; one that cannot be read is found by itself."""
    try:
        return read(workspace.read(file), file).requires_gates is not None
    except UnreadableProblem:
        return True


def _lacks(protection: Protection, jobs: list[GateJob], branches: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if protection.requires_gates is False:
        yield "no gate has to succeed before a merge", "Require the gates' checks on this branch"
    elif protection.required is not None:
        pipelines = {each.pipeline.file: each.pipeline for each in jobs}.values()
        covered = {id(job) for each in pipelines for job in _required_jobs(each, protection.required)}
        for each in jobs:
            if each.pipeline.host is Host.GITHUB and _could_be_required(each, branches) and id(each.job) not in covered:
                yield (
                    f"{each.job.title or each.job.name} ({each.pipeline.file}) is not required",
                    "Add its check to those required",
                )
    if protection.admins_bound is False:
        yield "administrators may merge past the gates", "Enforce the rules for administrators too"
    if protection.force_pushes is True:
        yield "history may be rewritten by a forced push", "Forbid forced pushes"
    if protection.direct_pushes is True:
        yield "somebody may push without a merge request, past the gates", "Allow pushes to no one"


def _could_be_required(each: GateJob, branches: tuple[str, ...]) -> bool:
    """A check that does not run for changes of the branch cannot be waited for."""
    return each.job.triggers.change is not None and all(runs_for(each.job, branch) for branch in branches)


def _required_jobs(pipeline: Pipeline, required: frozenset[str]) -> list[Job]:
    """The jobs whose check is required, and those that one of them waits for and answers for.

    A job that is skipped since another failed counts as a success, so it answers only if it runs whatever comes.
    """
    by_name = {job.name: job for job in pipeline.jobs}
    found = [job for job in pipeline.jobs if _is_required(job, required)]
    waiting = [name for job in found if _ALWAYS_RUNS.search(job.condition) for name in job.needs]
    while waiting:
        job = by_name.pop(waiting.pop(), None)
        if job:
            found.append(job)
            waiting += job.needs
    return found


_ALWAYS_RUNS = re.compile(r"\balways\(\)|!\s*cancelled\(\)")


def _is_required(job: Job, required: frozenset[str]) -> bool:
    """A check is named by its job, by `caller / job`, or with the values of a matrix behind it."""
    name = job.title or job.name
    stem = name.partition("${{")[0].strip(" (-/")
    if not stem:
        return True  # the matrix alone knows its name
    alike = [f"{stem} (", f"{stem} /", f"{stem} -", *([stem] if "${{" in name else [])]
    return any(said == name or said.startswith(tuple(alike)) or said.endswith(f"/ {name}") for said in required)


@rule(
    "CI008",
    Severity.NOTE,
    over=gates,
    title="It is not known whether the protected branch requires its gates",
    why="Only the host knows; until its settings are exported there is not enough evidence for a yes.",
    good={
        "hardpoint.yaml": _MANIFEST,
        "main.json": _REQUIRED,
        ".github/workflows/ci.yml": _WORKFLOW.format("push: {branches: [main]}"),
    },
    bad={".github/workflows/ci.yml": _WORKFLOW.format("push: {branches: [main]}")},
)
def unknown_protection(found: Gates, workspace: Workspace) -> Iterator[Finding]:
    if not workspace.manifest[DELIVERY].protection:
        yield unknown_protection.finding(
            Place(found.jobs[0].pipeline.file, 1),
            "not enough evidence: no export of the branch's protection is named",
            remedy="Name a file with `gh api repos/OWNER/NAME/branches/main/protection` under delivery.protection",
        )
