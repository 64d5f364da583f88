"""Rules about what a pipeline forgives."""

from collections.abc import Iterator, Mapping

from hardpoint.assurance.delivery.calls import calls
from hardpoint.assurance.delivery.heedless import heedless
from hardpoint.assurance.delivery.pipeline import Host, Job, Pipeline
from hardpoint.assurance.delivery.pipelines import pipelines
from hardpoint.assurance.delivery.rules.reading import unread
from hardpoint.assurance.delivery.tolerance import Tolerance
from hardpoint.assurance.delivery.tolerances import tolerances
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.rule import Rule, rule
from hardpoint.kernel.workspace import Workspace

_WORKFLOW = "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: {}\n"


@rule(
    "CI001",
    Severity.ERROR,
    over=pipelines,
    title="A gate may fail, and the pipeline goes on",
    why="The build is green whatever the gate says, and everyone who sees the green believes it.",
    good={".github/workflows/ci.yml": _WORKFLOW.format("npm test")},
    bad={".github/workflows/ci.yml": _WORKFLOW.format("npm test || true")},
)
def tolerated_gate(pipeline: Pipeline, workspace: Workspace) -> Iterator[Finding]:
    yield from unread(tolerated_gate, pipeline)
    for each in _tolerances(pipeline, workspace):
        if each.certain:
            yield _finding(tolerated_gate, each)


@rule(
    "CI002",
    Severity.WARNING,
    over=pipelines,
    title="A failure is swallowed that may be a gate's",
    why="It may be meant well (an experiment, a report that another step judges): then say so where it stands.",
    good={".github/workflows/ci.yml": _WORKFLOW.format("docker stop shop || true")},
    bad={".github/workflows/ci.yml": _WORKFLOW.format("python scripts/check_links.py || true")},
)
def swallowed_failure(pipeline: Pipeline, workspace: Workspace) -> Iterator[Finding]:
    yield from unread(swallowed_failure, pipeline)
    for each in _tolerances(pipeline, workspace):
        if not each.certain:
            yield _finding(swallowed_failure, each)


@rule(
    "CI003",
    Severity.ERROR,
    over=pipelines,
    title="A deployment runs whatever the gates say",
    why="`always()` and its like run after a failure too: what the tests refused reaches users all the same.",
    good={".github/workflows/cd.yml": _WORKFLOW.format("npm test\n      - run: kubectl apply -f shop.yaml")},
    bad={
        ".github/workflows/cd.yml": _WORKFLOW.format(
            "npm test\n      - if: always()\n        run: kubectl apply -f shop.yaml"
        )
    },
)
def heedless_deployment(pipeline: Pipeline, workspace: Workspace) -> Iterator[Finding]:
    yield from unread(heedless_deployment, pipeline)
    for place, sentence, remedy in heedless(pipeline, _jobs_beside(pipeline, workspace)):
        yield heedless_deployment.finding(place, sentence, remedy=remedy)


def _jobs_beside(pipeline: Pipeline, workspace: Workspace) -> Mapping[str, Job]:
    """The jobs that one of this file may wait for: GitLab's files are one pipeline."""
    files = [each for each in pipelines(workspace) if each.host is Host.GITLAB] if pipeline.host is Host.GITLAB else ()
    return {job.name: job for each in (*files, pipeline) for job in each.jobs}


def _tolerances(pipeline: Pipeline, workspace: Workspace) -> list[Tolerance]:
    return workspace.derive(_by_file).get(pipeline.file, [])


def _by_file(workspace: Workspace) -> Mapping[str, list[Tolerance]]:
    found = pipelines(workspace)
    inside = calls(found)
    return {each.file: tolerances(each, inside) for each in found}


def _finding(rule: Rule[Pipeline], tolerance: Tolerance) -> Finding:
    reason = f" ({tolerance.why})" if tolerance.why else ""
    return rule.finding(
        tolerance.place,
        f"{tolerance.gate.tool} may fail unseen: {tolerance.how}{reason}",
        remedy=_remedy(tolerance, rule.id),
        suggestion=tolerance.suggestion if tolerance.certain else None,
        replaces=tolerance.replaces if tolerance.certain else None,
    )


def _remedy(tolerance: Tolerance, rule: str) -> str:
    if tolerance.how.startswith("| "):
        return "Begin the script with `set -o pipefail`, or name a shell that has it"
    if tolerance.suggestion and "\n" not in tolerance.suggestion:
        return f"Write `{tolerance.suggestion}`"
    return f"Let its failure end the job; if it may fail, say why beside it: `# hardpoint: allow {rule} -- why`"
