"""What a call of the project's own code judges: `make ci`, `npm run ci`, `sh ci/check.sh`, by what these run."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hardpoint.assurance.delivery.gates import Gate, named_otherwise, unwrapped
from hardpoint.assurance.delivery.judged import gates_of_job
from hardpoint.assurance.delivery.pipeline import Host, Pipeline
from hardpoint.assurance.delivery.tools import Kind

Calls = Mapping[str, Gate]
"""The first gate inside of each target, package script and shell script, by how it is called from the root."""
_JUDGING = frozenset({Kind.LINT, Kind.TYPES, Kind.TEST, Kind.AUDIT})
_MANAGERS = frozenset({"npm", "yarn", "pnpm", "bun"})
_SHELLS = frozenset({"sh", "bash", "dash", "zsh"})


def calls(pipelines: Sequence[Pipeline]) -> Calls:
    """What the Makefile and the package at the root, and the shell scripts, judge; a name can mislead here too."""
    found: dict[str, Gate] = {}
    for pipeline in pipelines:
        prefix = _PREFIXES.get(pipeline.host)
        if prefix is None or (prefix and "/" in pipeline.file):
            continue
        for job in pipeline.jobs:
            name = f"{prefix}{job.name}" if prefix else pipeline.file
            inside = next((each for each in gates_of_job(job) if each.kind in _JUDGING and each.certain), None)
            if inside and not named_otherwise(job.name):
                tool = f"{name} ({inside.tool})"
                found[name] = replace(inside, tool=tool, certain=bool(prefix))
    return found


_PREFIXES = {Host.MAKE: "make ", Host.PACKAGE: "run ", Host.SCRIPT: ""}


def called(words: Sequence[str], among: Calls) -> Gate | None:
    """The gate inside of what a command at the root calls; None where it says that it goes elsewhere."""
    inner = unwrapped(words)
    if not inner or not among:
        return None
    name, arguments = inner[0], inner[1:]
    if name == "make" and not any(each.startswith(("-C", "-f", "-n", "--")) for each in arguments):
        return next((among[key] for each in arguments if (key := f"make {each}") in among), None)
    here = not {"-w", "--workspace", "--workspaces", "--prefix", "-C", "-ws"} & set(arguments)
    if name in _MANAGERS and arguments[:1] == ["run"] and len(arguments) > 1 and here:
        return among.get(f"run {arguments[1]}")
    path = next((each for each in arguments if not each.startswith("-")), "") if name in _SHELLS else _written(words)
    return among.get(posixpath.normpath(path)) if path else None


def _written(words: Sequence[str]) -> str:
    """A script that is called by its path."""
    return next((word for word in words if "/" in word), "")
