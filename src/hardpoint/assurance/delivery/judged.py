"""What steps and scripts run, and what of that judges the change."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from hardpoint.assurance.delivery import shell
from hardpoint.assurance.delivery.alternatives import NEUTRAL
from hardpoint.assurance.delivery.gates import Gate, gate, gate_named, gate_of_action, unwrapped
from hardpoint.assurance.delivery.pipeline import Job, Pipeline, Script, Step
from hardpoint.assurance.delivery.shell import Command, commands
from hardpoint.assurance.delivery.shell import Sequence as Commands
from hardpoint.assurance.delivery.silencers import silencing
from hardpoint.assurance.delivery.tokens import MAX_SCRIPT, ShellError

_HOUSEKEEPING = NEUTRAL | frozenset(
    {"rm", "rmdir", "mkdir", "mv", "cp", "ln", "touch", "chmod", "chown", "find", "git", "tar", "zip", "unzip", "cd"}
    | {"docker", "docker-compose", "podman", "kubectl", "kill", "pkill", "killall", "sudo", "curl", "wget", "pip"}
    | {"apt-get", "grep", "sed", "awk", "which", "export", "source", "codecov", "gcovr", "[", "test", ""}
)
"""Commands that are known to judge nothing."""


def gates_of(step: Step) -> Iterator[Gate]:
    """What a step judges or deploys."""
    if step.use:
        found = gate_of_action(step.use.name)
        if found:
            yield found
    if step.script:
        for command in commands_of(step.script):
            inside = gate(command)
            if inside:
                yield inside


def commands_of(script: Script) -> list[Command]:
    """The simple commands of a script; of another shell's, those of the lines that read the same."""
    return [command for _, part in parsed(script.text) for command in commands(part)]


def gates_of_job(job: Job) -> list[Gate]:
    """What the steps of a job judge or deploy."""
    return [each for step in job.steps for each in gates_of(step)]


def named_gates(step: Step) -> list[Gate]:
    """Where a step's commands are not known, its name may say what it is; that is never certain."""
    known = step.script and all(program_of(command) in _HOUSEKEEPING for command in commands_of(step.script))
    found = gate_named(step.name) if step.name and not step.use and not known else None
    return [replace(found, certain=False)] if found else []


@lru_cache(maxsize=4096)
def parsed(text: str) -> list[tuple[int, Commands]]:
    """The script whole, or, where it is none that can be read, those of its lines that can be."""
    try:
        return [(0, shell.parse(text))]
    except ShellError:
        pass
    parts, offset = [], 0
    for line in text[:MAX_SCRIPT].split("\n"):
        with contextlib.suppress(ShellError):
            parts.append((offset, shell.parse(line)))
        offset += len(line) + 1
    return parts


def program_of(command: Command) -> str:
    """The program that really runs; empty where that is none."""
    words = unwrapped(command.words)
    return words[0] if words else ""


def strict_tools(whole: Job | Pipeline) -> frozenset[str]:
    """The tools that run somewhere in it without an option that silences them."""
    steps = whole.steps if isinstance(whole, Job) else [step for job in whole.jobs for step in job.steps]
    scripts = [step.script for step in steps if step.script and step.script.shell.posix]
    return frozenset(tool for script in scripts for _, part in parsed(script.text) for tool in strict_in(part))


def strict_in(sequence: Commands) -> frozenset[str]:
    """The gates of a script, by their programs, that no option silences."""
    return frozenset(key for each in commands(sequence) if (key := command_key(each)) and not silencing(each.words))


def command_key(command: Command) -> str:
    """The program of a gate; empty for any other command."""
    return program_of(command) if gate(command) else ""
