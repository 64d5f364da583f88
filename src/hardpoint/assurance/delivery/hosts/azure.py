"""Azure Pipelines: stages, jobs and steps, and the templates of a repository."""

import re
from collections.abc import Iterator, Mapping

from hardpoint.assurance.delivery.hosts.nodes import Node, has_any
from hardpoint.assurance.delivery.pipeline import (
    FOREIGN,
    PLAIN,
    Host,
    Job,
    Pipeline,
    Setting,
    Shell,
    Source,
    Step,
    Triggers,
)

KEYS = ("stages", "jobs", "steps", "extends")
_SCRIPTS = ("script", "bash", "pwsh", "powershell")


def read(root: Node, source: Source) -> Pipeline:
    """A pipeline, or a template that others insert."""
    triggers = _triggers(root)
    windows = "windows" in root["pool"]["vmImage"].text.lower()
    return Pipeline(
        file=source.file, host=Host.AZURE, jobs=tuple(_jobs(root, triggers, source, windows=windows)), source=source
    )


def _triggers(root: Node) -> Triggers:
    if not has_any(root, ("trigger", "pr", "schedules")):
        return Triggers(called=True)
    return Triggers(
        push=_branches(root["trigger"]), change=_branches(root["pr"]), other=("schedule",) if root["schedules"] else ()
    )


def _branches(node: Node) -> tuple[str, ...] | None:
    if node.text == "none":
        return None
    if node["branches"]:
        included = node["branches"]["include"].texts() or ("**",)
        return (*included, *(f"!{each}" for each in node["branches"]["exclude"].texts()))
    return node.texts() or ("**",)


def _jobs(node: Node, triggers: Triggers, source: Source, *, windows: bool, level: int = 0) -> Iterator[Job]:
    if level > _MAX_LEVELS:
        return
    if node["steps"]:
        windows = windows or "windows" in node["pool"]["vmImage"].text.lower()
        steps = tuple(_steps(node["steps"], source, windows=windows))
        yield Job(
            name=node["job"].text or node["deployment"].text or "steps",
            place=node.place,
            title=node["displayName"].text,
            steps=steps,
            condition=node["condition"].text,
            tolerance=_tolerance(node),
            triggers=triggers,
            cached=any(step.use and step.use.name.startswith("Cache") for step in steps),
            keeps=tuple("always" for step in steps if "Publish" in step.name),
        )
    for key in ("stages", "jobs", "strategy", "runOnce", "deploy", "template", "parameters"):
        if key in {"template", "parameters"}:
            continue
        for below in node[key].each():
            yield from _jobs(below, triggers, source, windows=windows, level=level + 1)
    if isinstance(node.value, Mapping):
        for name, below in node.items():
            if name.startswith("${{"):
                for each in below.each():
                    yield from _jobs(each, triggers, source, windows=windows, level=level + 1)


_MAX_LEVELS = 12


def _steps(nodes: Node, source: Source, *, windows: bool, level: int = 0) -> Iterator[Step]:
    for node in nodes.each():
        if isinstance(node.value, Mapping) and level < _MAX_LEVELS:
            for name, below in node.items():
                if name.startswith("${{"):
                    yield from _steps(below, source, windows=windows, level=level + 1)
        key = next((each for each in _SCRIPTS if node[each].text), None)
        inputs = {name: value.text for name, value in node["inputs"].items()}
        script = source.script(node[key].text, node[key].place, _shell(key, windows=windows)) if key else None
        if re.match(r"Bash@", node["task"].text) and node["inputs"]["script"].text:
            script = source.script(node["inputs"]["script"].text, node["inputs"]["script"].place, PLAIN)
        yield Step(
            place=node.place,
            name=" ".join(
                filter(
                    None, (node["displayName"].text, node["task"].text, "PublishArtifact" if node["publish"] else "")
                )
            ),
            script=script,
            inputs=inputs,
            condition=node["condition"].text,
            tolerance=_tolerance(node),
        )


def _shell(key: str, *, windows: bool) -> Shell:
    """`bash` and `script` on Linux and macOS run bash without -e: the last command's status counts."""
    if key in {"pwsh", "powershell"} or (key == "script" and windows):
        return FOREIGN
    return PLAIN if key == "bash" else Shell(errexit=None, pipefail=None)


def _tolerance(node: Node) -> Setting | None:
    found = node["continueOnError"]
    return Setting("continueOnError", found.text, found.key_place) if found else None
