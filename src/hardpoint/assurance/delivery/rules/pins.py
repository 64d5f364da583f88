"""Rules about the code of others that a pipeline runs."""

from collections.abc import Iterator

from hardpoint.assurance.delivery.pins import is_pinned, is_risky, remedy, uses
from hardpoint.assurance.delivery.pipeline import Pipeline
from hardpoint.assurance.delivery.pipelines import pipelines
from hardpoint.assurance.delivery.rules.reading import unread
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.rule import Rule, rule
from hardpoint.kernel.workspace import Workspace

_WORKFLOW = "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: {}\n"
_PINNED = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8"


@rule(
    "CI004",
    Severity.WARNING,
    over=pipelines,
    title="Code of others runs in CI by a name that they can move",
    why="Whoever takes over the branch or the tag runs code with the pipeline's secrets; a commit SHA cannot be moved.",
    good={".github/workflows/ci.yml": _WORKFLOW.format(_PINNED)},
    bad={".github/workflows/ci.yml": _WORKFLOW.format("somebody/deploy-action@main")},
)
def unpinned(pipeline: Pipeline, _: Workspace) -> Iterator[Finding]:
    yield from _found(unpinned, pipeline, risky=True)


@rule(
    "CI005",
    Severity.NOTE,
    over=pipelines,
    title="An action of the host, or an image, is named by a version that can move",
    why="The same commit may build otherwise tomorrow, and nobody sees what changed.",
    good={".github/workflows/ci.yml": _WORKFLOW.format(_PINNED)},
    bad={".github/workflows/ci.yml": _WORKFLOW.format("actions/checkout@v5")},
)
def movable(pipeline: Pipeline, _: Workspace) -> Iterator[Finding]:
    yield from _found(movable, pipeline, risky=False)


def _found(rule: Rule[Pipeline], pipeline: Pipeline, *, risky: bool) -> Iterator[Finding]:
    yield from unread(rule, pipeline)
    for use in uses(pipeline):
        # A tag is all that pre-commit knows of releases; a branch it refuses to follow.
        if use.kind == "hook" and not is_risky(use):
            continue
        if not is_pinned(use) and is_risky(use) is risky:
            version = f"@{use.version}" if use.version else " without a version"
            yield rule.finding(
                use.place, f"{use.kind} {use.name}{version} can be moved", remedy=remedy(use, pipeline.host)
            )
