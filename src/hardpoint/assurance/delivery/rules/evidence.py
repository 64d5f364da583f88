"""Rules about what pipelines prove: test layers, speed, flaky tests, and traces."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hardpoint.assurance.delivery.flakiness import flaky
from hardpoint.assurance.delivery.judged import commands_of
from hardpoint.assurance.delivery.layers import layers_run
from hardpoint.assurance.delivery.model import DELIVERY
from hardpoint.assurance.delivery.pipeline import CI_HOSTS, Host, Job, Pipeline
from hardpoint.assurance.delivery.pipelines import ci_pipelines
from hardpoint.assurance.delivery.rules.branches import Gates, gates
from hardpoint.assurance.delivery.rules.reading import unread
from hardpoint.assurance.delivery.runs import median_minutes, minutes
from hardpoint.assurance.delivery.traces import BrowserTests, browser_tests, missing_traces
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.ignoring import spec_of
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace

_WORKFLOW = "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: {}\n"
_CASE = '<testsuite name="unit"><testcase classname="cart" name="adds">{}</testcase></testsuite>\n'
_RUNS = '[{{"startedAt": "2026-03-01T12:00:00Z", "updatedAt": "2026-03-01T12:{}:00Z", "conclusion": "success"}}]\n'


@rule(
    "CI009",
    Severity.ERROR,
    over=lambda workspace: workspace.manifest[DELIVERY].layers or (),
    title="A test layer is declared and runs in no pipeline",
    why="The promise stands in the manifest, and nothing keeps it.",
    good={
        "hardpoint.yaml": "version: 1\ndelivery:\n  layers: [unit, e2e]\n",
        ".github/workflows/ci.yml": _WORKFLOW.format("npx jest && npx playwright test"),
    },
    bad={
        "hardpoint.yaml": "version: 1\ndelivery:\n  layers: [unit, e2e]\n",
        ".github/workflows/ci.yml": _WORKFLOW.format("npx jest"),
    },
)
def missing_layer(layer: str, workspace: Workspace) -> Iterator[Finding]:
    if layer not in layers_run(workspace):
        declared = workspace.manifest[DELIVERY].layers or ()
        yield missing_layer.finding(
            workspace.manifest.place("delivery", "layers", declared.index(layer)),
            f"no pipeline runs a test of the layer {layer}",
            remedy=f"Run one in CI; a script whose name says {layer} is recognised",
        )


@rule(
    "CI010",
    Severity.NOTE,
    over=gates,
    title="Nothing says which test layers there have to be",
    why="A layer that quietly stops to run is missed by nobody.",
    good={
        "hardpoint.yaml": "version: 1\ndelivery:\n  layers: [unit]\n",
        ".github/workflows/ci.yml": _WORKFLOW.format("npx jest"),
    },
    bad={".github/workflows/ci.yml": _WORKFLOW.format("npx jest")},
)
def undeclared_layers(found: Gates, workspace: Workspace) -> Iterator[Finding]:
    if workspace.manifest[DELIVERY].layers is None:
        ran = ", ".join(sorted(layers_run(workspace))) or "none"
        yield undeclared_layers.finding(
            Place(found.jobs[0].pipeline.file, 1),
            f"no test layers are declared; those that CI runs are: {ran}",
            remedy="Name the required ones under delivery.layers",
        )


_INSTALLS: Mapping[str, frozenset[str]] = {
    "npm": frozenset({"ci", "install", "i"}),
    "yarn": frozenset({"install", ""}),
    "pnpm": frozenset({"install", "i"}),
    "mvn": frozenset({"verify", "package", "install", "test"}),
    "poetry": frozenset({"install"}),
    "bundle": frozenset({"install"}),
    "composer": frozenset({"install"}),
    "cargo": frozenset({"build", "test", "clippy"}),
    "gradle": frozenset({"build", "test", "check", "assemble"}),
}


@rule(
    "CI011",
    Severity.NOTE,
    over=ci_pipelines,
    title="Dependencies are downloaded anew by each run",
    why="It is slow, and every run depends on somebody else's server.",
    good={
        ".github/workflows/ci.yml": "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n"
        "      - uses: actions/setup-node@v6\n        with: {cache: npm}\n      - run: npm ci\n"
    },
    bad={".github/workflows/ci.yml": _WORKFLOW.format("npm ci")},
)
def uncached(pipeline: Pipeline, _: Workspace) -> Iterator[Finding]:
    yield from unread(uncached, pipeline)
    if pipeline.host not in CI_HOSTS - {Host.JENKINS}:
        return
    jobs = [job for job in pipeline.jobs if not job.cached and _installs(job)]
    if jobs:
        others = f" and {len(jobs) - 1} more" if len(jobs) > 1 else ""
        yield uncached.finding(
            jobs[0].place,
            f"{jobs[0].name}{others}: dependencies are installed without a cache",
            remedy="Use the host's cache, keyed by the lock file",
        )


def _installs(job: Job) -> bool:
    for step in job.steps:
        for command in commands_of(step.script) if step.script else ():
            words = [word for word in command.words if not word.startswith("-")]
            name = words[0].rsplit("/", 1)[-1] if words else ""
            if (words[1] if len(words) > 1 else "") in _INSTALLS.get(name, frozenset()):
                return True
    return False


def _build_targets(workspace: Workspace) -> Sequence[float]:
    target = workspace.manifest[DELIVERY].build_minutes
    return () if target is None else (target,)


@rule(
    "CI012",
    Severity.WARNING,
    over=_build_targets,
    title="The median build takes longer than declared",
    why="People stop to wait for a slow build, and then it judges nothing in time.",
    good={
        "hardpoint.yaml": "version: 1\ndelivery:\n  build_minutes: 10\n  runs: [runs.json]\n",
        "runs.json": _RUNS.format("08"),
    },
    bad={
        "hardpoint.yaml": "version: 1\ndelivery:\n  build_minutes: 10\n  runs: [runs.json]\n",
        "runs.json": _RUNS.format("25"),
    },
)
def slow_builds(target: float, workspace: Workspace) -> Iterator[Finding]:
    place = workspace.manifest.place("delivery", "build_minutes")
    lengths: list[float] = []
    for file in workspace.manifest[DELIVERY].runs:
        try:
            lengths += minutes(workspace.read(file), file)
        except UnreadableProblem as problem:
            yield slow_builds.finding(Place(file), f"{problem.sentence}; its builds were not counted")
    if not lengths:
        yield slow_builds.finding(
            place,
            "not enough evidence: no finished build is in the files under delivery.runs",
            remedy="Write `gh run list --json startedAt,updatedAt,conclusion` to a file and name it there",
        )
    elif (found := median_minutes(lengths)) > target:
        yield slow_builds.finding(
            place, f"the median of {len(lengths)} builds is {found:.1f} minutes, the target {target:g}"
        )


@dataclass(frozen=True, slots=True)
class Reports:
    """The JUnit files of one folder: the runs of one commit."""

    files: tuple[str, ...]


def _reports(workspace: Workspace) -> list[Reports]:
    patterns = workspace.manifest[DELIVERY].test_reports
    if not patterns:
        return []
    spec = spec_of(patterns)
    folders: dict[str, list[str]] = {}
    named = [each for each in patterns if not set(each) & set("*?[!")]
    for file in {*spec.match_files(workspace.files), *named}:
        folders.setdefault(posixpath.dirname(file), []).append(file)
    return [Reports(tuple(sorted(files))) for _, files in sorted(folders.items())]


@rule(
    "CI013",
    Severity.WARNING,
    over=_reports,
    title="A test passes and fails at one commit",
    why="Its red is ignored by now, so it hides what it was written to find.",
    good={
        "hardpoint.yaml": "version: 1\ndelivery:\n  test_reports: ['runs/*/*.xml']\n",
        "runs/1f0c/1.xml": _CASE.format(""),
        "runs/1f0c/2.xml": _CASE.format(""),
    },
    bad={
        "hardpoint.yaml": "version: 1\ndelivery:\n  test_reports: ['runs/*/*.xml']\n",
        "runs/1f0c/1.xml": _CASE.format(""),
        "runs/1f0c/2.xml": _CASE.format("<failure/>"),
    },
)
def flaky_test(reports: Reports, workspace: Workspace) -> Iterator[Finding]:
    read: list[tuple[str, bytes]] = []
    for file in reports.files:
        try:
            content = workspace.read(file)
            flaky([(file, content)])
            read.append((file, content))
        except UnreadableProblem as problem:
            line = problem.place.line if problem.place else 0
            yield flaky_test.finding(Place(file, line), f"the report {problem.sentence}; its tests were not judged")
    for name, place in flaky(read):
        yield flaky_test.finding(
            place,
            f"{name} passed and failed at the same commit",
            remedy="Find what it depends on; until then quarantine it, with an owner and a date",
        )


@rule(
    "CI014",
    Severity.WARNING,
    over=browser_tests,
    title="An end-to-end test that fails leaves no trace",
    why="It fails in CI only, and there is nothing to look at.",
    good={"playwright.config.ts": "export default { use: { trace: 'retain-on-failure' } };\n"},
    bad={"playwright.config.ts": "export default { use: { trace: 'off' } };\n"},
)
def traceless(tests: BrowserTests, workspace: Workspace) -> Iterator[Finding]:
    for place, sentence, remedy in missing_traces(tests, workspace):
        yield traceless.finding(place, sentence, remedy=remedy)
