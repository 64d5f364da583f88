"""Whether an end-to-end test that fails in CI leaves something to look at."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from hardpoint.assurance.delivery.gates import gate_of_action, unwrapped
from hardpoint.assurance.delivery.layers import commands_run
from hardpoint.assurance.delivery.pipeline import Job, Pipeline
from hardpoint.assurance.delivery.pipelines import ci_pipelines
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

_CONFIG = re.compile(r"(?:^|/)playwright(?:\.[\w-]+)?\.config\.(?:ts|js|mjs|cjs|mts)$")
_CYPRESS = re.compile(r"(?:^|/)cypress\.config\.(?:ts|js|mjs|cjs)$")
_TRACE = re.compile(r"\btrace\s*:\s*(?P<value>[^,\n}]+)")
_KEPT = re.compile(r"""['"](?:on|on-first-retry|on-all-retries|retain-on-failure|retain-on-first-failure)['"]""")
_NO_SHOTS = re.compile(r"\bscreenshotOnRunFailure\s*:\s*false")
_NOT_OURS = re.compile(r"(?:^|/)(?:node_modules|vendor|fixtures|templates?|examples?)/")
MAX_CONFIG_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BrowserTests:
    """A configuration of browser tests, or a CI job that runs them; exactly one of both is there."""

    config: str | None = None
    job: Job | None = None
    pipeline: Pipeline | None = None


def browser_tests(workspace: Workspace) -> list[BrowserTests]:
    """Every configuration of Playwright or Cypress, and every CI job that runs one of them."""
    configs = [
        BrowserTests(config=file)
        for file in workspace.files
        if (_CONFIG.search(file) or _CYPRESS.search(file)) and not _NOT_OURS.search(file)
    ]
    jobs: dict[int, BrowserTests] = {}
    for ran in commands_run(workspace):
        words = unwrapped(ran.command.words)
        if words[:2] in (["playwright", "test"], ["cypress", "run"]):
            jobs.setdefault(id(ran.job), BrowserTests(job=ran.job, pipeline=ran.pipeline))
    for pipeline in ci_pipelines(workspace):
        for job in pipeline.jobs:
            if any(
                step.use and step.use.name == "cypress-io/github-action" and gate_of_action(step.use.name)
                for step in job.steps
            ):
                jobs.setdefault(id(job), BrowserTests(job=job, pipeline=pipeline))
    return [*configs, *jobs.values()]


def missing_traces(tests: BrowserTests, workspace: Workspace) -> Iterator[tuple[Place, str, str]]:
    """Place, sentence and remedy of each way in which a failure leaves nothing."""
    if tests.config:
        yield from _of_config(tests.config, workspace)
    elif tests.job and tests.pipeline:
        kept = {when for when in tests.job.keeps if when != "success"}
        cloud = any(
            step.script and re.search(r"--record\b|currents|PERCY|chromatic", step.script.text)
            for step in tests.job.steps
        )
        if not kept and not cloud and tests.pipeline.source:
            what = "only on success" if tests.job.keeps else "nothing"
            yield (
                tests.job.place,
                f"{tests.job.name} runs browser tests and keeps {what}",
                "Upload the traces with `if: failure()`",
            )


def _of_config(file: str, workspace: Workspace) -> Iterator[tuple[Place, str, str]]:
    try:
        content = workspace.read(file)
    except UnreadableProblem as problem:
        yield Place(file), f"the file {problem.sentence}", ""
        return
    text = re.sub(r"(?m)^\s*//.*$", "", content[:MAX_CONFIG_BYTES].decode("utf-8", "replace"))
    if posixpath.basename(file).startswith("cypress"):
        if match := _NO_SHOTS.search(text):
            yield (
                Place(file, text.count("\n", 0, match.start()) + 1),
                "no screenshot is taken of a failure",
                "Drop the line",
            )
        return
    traces = list(_TRACE.finditer(text))
    if not traces and "..." not in text and "extends" not in text:
        yield (
            Place(file, 1),
            "says nothing of `trace`, so a failure leaves none",
            "Write trace: 'retain-on-failure' under use",
        )
    for match in traces:
        if not _KEPT.search(match["value"]) and re.fullmatch(r"""\s*['"]off['"]\s*""", match["value"]):
            line = text.count("\n", 0, match.start()) + 1
            yield (
                Place(file, line),
                f"no trace is kept of a failure: {match[0].strip()}",
                "Write trace: 'retain-on-failure'",
            )
