"""Azure Pipelines: stages, jobs and steps, and the templates of a repository."""

from collections.abc import Iterator

from hardpoint.assurance.delivery.hosts.nodes import Node, compound, has_any
from hardpoint.assurance.delivery.pipeline import (
    FOREIGN,
    PLAIN,
    STRICT,
    Host,
    Job,
    Pipeline,
    Script,
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
    jobs = tuple(_jobs(root, _triggers(root), source))
    return Pipeline(file=source.file, host=Host.AZURE, jobs=jobs, source=source)


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


def _jobs(node: Node, triggers: Triggers, source: Source, *, image: str = "", level: int = 0) -> Iterator[Job]:
    """The jobs in it; `image` names the machine that a job gets where it names none."""
    if level > _MAX_LEVELS:
        return
    image = node["pool"]["vmImage"].text.lower() or image
    if compound(node["steps"]):
        steps = tuple(_steps(node["steps"], source, image))
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
    for below in (*(node[key] for key in _BELOW), *_conditional(node)):
        for each in compound(below).each():
            yield from _jobs(each, triggers, source, image=image, level=level + 1)


_BELOW = (
    *("stages", "jobs", "strategy", "runOnce", "rolling", "canary", "preDeploy", "deploy", "routeTraffic"),
    *("postRouteTraffic", "on", "failure", "success", "extends", "parameters"),
)
"""Where jobs and steps stand: also in what a template is given."""
_MAX_LEVELS = 12


def _conditional(node: Node) -> Iterator[Node]:
    """What stands under `${{ if … }}:`."""
    return (below for name, below in node.items() if name.startswith("${{"))


def _steps(nodes: Node, source: Source, image: str, level: int = 0) -> Iterator[Step]:
    for node in nodes.each():
        if level < _MAX_LEVELS:
            for below in _conditional(node):
                yield from _steps(below, source, image, level + 1)
        names = (node["displayName"].text, node["task"].text, "PublishArtifact" if node["publish"] else "")
        yield Step(
            place=node.place,
            name=" ".join(filter(None, names)),
            script=_script(node, source, image),
            inputs={name: value.text for name, value in node["inputs"].items()},
            folder=node["workingDirectory"].text or node["inputs"]["workingDirectory"].text,
            condition=node["condition"].text,
            tolerance=_tolerance(node),
        )


def _script(node: Node, source: Source, image: str) -> Script | None:
    for key in _SCRIPTS:
        if node[key].text:
            return source.script(node[key].text, node[key].place, _shell(key, image))
    task, inputs = node["task"].text.partition("@")[0], node["inputs"]
    if task in _SCRIPT_TASKS and inputs["script"].text:
        return source.script(inputs["script"].text, inputs["script"].place, _shell(_SCRIPT_TASKS[task], image))
    if task not in _TOOL_TASKS:
        return None
    tool, keys = _TOOL_TASKS[task]
    words = " ".join((tool, *(inputs[key].text for key in keys if inputs[key].text != "custom")))
    return Script(words, STRICT, source, (0,), (node.place,))


_SCRIPT_TASKS = {"Bash": "bash", "CmdLine": "script", "PowerShell": "powershell"}
_TOOL_TASKS = {
    "DotNetCoreCLI": ("dotnet", ("command", "custom")),
    "Gradle": ("gradle", ("tasks",)),
    "Maven": ("mvn", ("goals",)),
    "Npm": ("npm", ("command", "customCommand")),
    "VSTest": ("vstest", ()),
}
"""Tasks that run a tool, and the inputs that say what it does."""


def _shell(key: str, image: str) -> Shell:
    """`bash` and `script` on Linux and macOS run bash without -e: the last command's status counts."""
    if key in {"pwsh", "powershell"} or (key == "script" and "windows" in image):
        return FOREIGN
    known = key == "bash" or image.startswith(("ubuntu", "macos", "linux"))
    return PLAIN if known else Shell()


def _tolerance(node: Node) -> Setting | None:
    found = node["continueOnError"]
    return Setting("continueOnError", found.text, found.key_place) if found else None
