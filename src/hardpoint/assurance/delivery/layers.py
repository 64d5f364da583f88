"""Which test layers pipelines run, recognised by tools, by the names of scripts, and by paths."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hardpoint.assurance.delivery.gates import gate, gate_of_action, unwrapped
from hardpoint.assurance.delivery.judged import commands_of
from hardpoint.assurance.delivery.pipeline import Host, Job, Pipeline, Script
from hardpoint.assurance.delivery.pipelines import ci_pipelines, pipelines
from hardpoint.assurance.delivery.shell import Command
from hardpoint.assurance.delivery.tools import Kind
from hardpoint.kernel.workspace import Workspace

_TOOLS: Mapping[str, str] = {
    **dict.fromkeys(
        ("playwright", "cypress", "testcafe", "wdio", "nightwatch", "codeceptjs", "detox", "maestro"), "e2e"
    ),
    **dict.fromkeys(
        ("k6", "locust", "artillery", "lhci", "gatling", "jmeter", "wrk", "vegeta", "hey", "ab"), "performance"
    ),
    **dict.fromkeys(
        ("pact", "pact-verifier", "schemathesis", "dredd", "newman", "molecule", "testcontainers"), "integration"
    ),
    **dict.fromkeys(("zap-baseline.py", "zap-full-scan.py", "nuclei", "zap"), "security"),
}
_NAMES: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"e2e|end[-_ ]?to[-_ ]?end|browser[-_ ]?test|acceptance|smoke|(?:^|[^a-z])ui[-_]?tests?"), "e2e"),
    (re.compile(r"integration|(?:^|[^a-z])(?:it|contract)[-_]?tests?|[-_]it$|functional"), "integration"),
    (re.compile(r"component|storybook"), "component"),
    (re.compile(r"perf(?:ormance)?(?:$|[^a-z])|load[-_ ]?test|stress|bench|lighthouse"), "performance"),
    (re.compile(r"security|(?:^|[^a-z])(?:sast|dast|audit)(?:$|[^a-z])"), "security"),
    (re.compile(r"unit"), "unit"),
)
_MAX_HOPS = 6
_MAX_COMMANDS = 20_000


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that a CI job runs by itself or by way of scripts."""

    job: Job
    pipeline: Pipeline
    command: Command


def layers_run(workspace: Workspace) -> frozenset[str]:
    """The layers that some CI job runs."""
    return workspace.derive(_layers_run)


def _layers_run(workspace: Workspace) -> frozenset[str]:
    found: set[str] = set()
    for ran in commands_run(workspace):
        found |= layers_of(ran.command)
    for pipeline in ci_pipelines(workspace):
        for job in pipeline.jobs:
            for use in (*job.uses, *(step.use for step in job.steps if step.use)):
                action = gate_of_action(use.name) if use.kind == "action" else None
                if action and action.kind is Kind.AUDIT:
                    found.add("security")
                if use.name.lower().startswith("cypress-io/"):
                    found.add("e2e")
    return frozenset(found)


def layers_of(command: Command) -> frozenset[str]:
    """What a command runs; a test of no other layer counts as a unit test."""
    found = gate(command)
    words = unwrapped(command.words)
    if not words:
        return frozenset()
    if words[0] in _TOOLS and (found or words[0] in {"k6", "wrk", "vegeta", "hey", "ab", "nuclei", "detox", "maestro"}):
        return frozenset({_TOOLS[words[0]]})
    if found is None:
        return frozenset()
    if found.kind is Kind.AUDIT:
        return frozenset({"security"})
    if found.kind is not Kind.TEST:
        return frozenset()
    said = " ".join(words).lower()
    named = frozenset(layer for pattern, layer in _NAMES if pattern.search(said))
    return named or frozenset({"unit"})


def commands_run(workspace: Workspace) -> Sequence[Ran]:
    """Every command of every CI job, and those of the scripts that it calls, within bounds."""
    return workspace.derive(_commands_run)


def _commands_run(workspace: Workspace) -> Sequence[Ran]:
    scripts = _Scripts(workspace)
    found: list[Ran] = []
    for pipeline in ci_pipelines(workspace):
        for job in pipeline.jobs:
            waiting = [(script, 0) for step in job.steps if (script := step.script)]
            seen: set[int] = set()
            while waiting and len(found) < _MAX_COMMANDS:
                script, hops = waiting.pop()
                for command in commands_of(script):
                    found.append(Ran(job, pipeline, command))
                    for called in scripts.called(command) if hops < _MAX_HOPS else ():
                        if id(called) not in seen:
                            seen.add(id(called))
                            waiting.append((called, hops + 1))
    return found


class _Scripts:
    """The scripts of a workspace by the commands that run them: `npm run x`, `make x`, `tox`, `./x.sh`."""

    def __init__(self, workspace: Workspace) -> None:
        self._jobs: dict[tuple[Host, str], list[Script]] = {}
        self._hosts: dict[Host, list[Script]] = {}
        for pipeline in pipelines(workspace):
            if not pipeline.runs_in_ci:
                for job, _, script in pipeline.scripts():
                    self._jobs.setdefault((pipeline.host, job.name), []).append(script)
                    self._hosts.setdefault(pipeline.host, []).append(script)

    def called(self, command: Command) -> Iterator[Script]:
        words = unwrapped(command.words)
        if not words:
            return
        if words[0] in {"npm", "yarn", "pnpm", "bun", "nx", "turbo", "lerna"}:
            for word in words[1:6]:
                yield from self._jobs.get((Host.PACKAGE, word), ())
        elif words[0] == "make":
            for word in words[1:8] or ("all"):
                yield from self._jobs.get((Host.MAKE, word), ())
        elif words[0] in {"tox", "nox", "pre-commit"}:
            yield from self._hosts.get({"tox": Host.TOX, "nox": Host.NOX, "pre-commit": Host.PRE_COMMIT}[words[0]], ())
        for word in words[:3]:
            yield from self._jobs.get((Host.SCRIPT, word.rsplit("/", 1)[-1]), ())
