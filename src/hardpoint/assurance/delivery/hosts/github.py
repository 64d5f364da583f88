"""GitHub Actions: workflows, and the composite actions of a repository."""

import re
from collections.abc import Iterator, Mapping

from hardpoint.assurance.delivery.hosts.nodes import Node, compound
from hardpoint.assurance.delivery.pipeline import (
    ERREXIT,
    FOREIGN,
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
    Use,
)
from hardpoint.kernel.problem import UnreadableProblem

_INSTALLERS = {
    "setup-node",
    "setup-python",
    "setup-java",
    "setup-dotnet",
    "setup-ruby",
    "setup-uv",
    "setup-pnpm",
    "setup-go",
}
_CHANGES = ("pull_request", "pull_request_target", "merge_group")


def read(root: Node, source: Source) -> Pipeline:
    """A workflow, or an action whose steps are written in YAML."""
    if root["runs"]:
        steps = tuple(_steps(root["runs"]["steps"], "", "", source))
        job = Job(
            name=root["name"].text or "action", place=root["runs"].place, steps=steps, triggers=Triggers(called=True)
        )
        return Pipeline(file=source.file, host=Host.GITHUB, jobs=(job,), source=source)
    if not compound(root["jobs"], Mapping):
        raise UnreadableProblem("has no jobs", place=root.place)
    triggers = _triggers(root["on"])
    defaults = root["defaults"]["run"]
    jobs = tuple(_job(name, node, triggers, defaults, source) for name, node in root["jobs"].items())
    return Pipeline(file=source.file, host=Host.GITHUB, jobs=jobs, source=source)


def _triggers(on: Node) -> Triggers:
    names = dict(on.items()) or {each.text: Node(on.document, None) for each in on.each()}
    change = next((names[name] for name in _CHANGES if name in names), None)
    return Triggers(
        push=_branches(names["push"]) if "push" in names else None,
        change=_branches(change) if change is not None else None,
        other=tuple(name for name in names if name not in {"push", *_CHANGES}),
        called="workflow_call" in names or "workflow_run" in names,
    )


def _branches(event: Node) -> tuple[str, ...] | None:
    """Branch patterns; a push filter that names only tags excludes every branch."""
    if event["branches"]:
        return event["branches"].texts()
    if event["branches-ignore"]:
        return ("**", *(f"!{pattern}" for pattern in event["branches-ignore"].texts()))
    return None if event["tags"] or event["tags-ignore"] else ("**",)


def _job(name: str, node: Node, triggers: Triggers, defaults: Node, source: Source) -> Job:
    if not compound(node, Mapping):
        raise UnreadableProblem(f"has nothing under `{name}`", place=node.key_place)
    shell = node["defaults"]["run"]["shell"].text or defaults["shell"].text
    if not shell and re.search(r"windows", " ".join(node["runs-on"].texts())):
        shell = "pwsh"
    folder = node["defaults"]["run"]["working-directory"].text or defaults["working-directory"].text
    steps = tuple(_steps(node["steps"], shell, folder, source))
    images = [node["container"]["image"] or node["container"]]
    images += [service["image"] for _, service in node["services"].items()]
    uses = [use for image in images if image.text and (use := _image(image))]
    if called := node["uses"]:
        uses += [use] if (use := action(called)) else []
    return Job(
        name=name,
        title=node["name"].text,
        place=node.key_place,
        steps=steps,
        uses=tuple(uses),
        condition=node["if"].text,
        needs=node["needs"].texts(),
        tolerance=_tolerance(node),
        triggers=Triggers(triggers.push, triggers.change, triggers.other, called=triggers.called or bool(called)),
        cached=any(_caches(step) for step in steps),
        keeps=tuple(_keeps(step) for step in steps if step.use and "upload-artifact" in step.use.name),
    )


def _steps(nodes: Node, shell: str, folder: str, source: Source) -> Iterator[Step]:
    for node in compound(nodes, list).each():
        run = compound(node, Mapping)["run"]
        chosen = node["shell"].text or shell
        use = action(node["uses"]) if node["uses"].text else None
        script = source.script(run.text, run.place, _shell(chosen)) if run.text else None
        yield Step(
            place=node.place,
            name=node["name"].text,
            id=node["id"].text,
            script=script or (_given(use, node["with"], source) if use else None),
            use=use,
            folder=node["working-directory"].text or folder,
            inputs={name: value.text for part in ("with", "env") for name, value in node[part].items()},
            condition=node["if"].text,
            tolerance=_tolerance(node),
        )


_RUN_BY_ACTIONS = {
    "actions-rs/cargo": ("cargo", ("command", "args")),
    "burrunan/gradle-cache-action": ("gradle", ("arguments",)),
    "coactions/setup-xvfb": ("", ("run",)),
    "gabrielbb/xvfb-action": ("", ("run",)),
    "gradle/gradle-build-action": ("gradle", ("arguments",)),
    "nick-fields/retry": ("", ("command",)),
    "nick-invision/retry": ("", ("command",)),
    "reactivecircus/android-emulator-runner": ("", ("script",)),
}
"""Actions that run a command, the tool that they run, and the inputs that it is written in."""


def _given(use: Use, inputs: Node, source: Source) -> Script | None:
    """What an action is given to run."""
    tool, keys = _RUN_BY_ACTIONS.get(use.name.lower(), ("", ()))
    given = [inputs[key] for key in keys if inputs[key].text]
    if not given:
        return None
    if not tool:
        return source.script(given[0].text, given[0].place, Shell())
    words = " ".join((tool, *(each.text for each in given)))
    return Script(words, STRICT, source, (0,), (given[0].place,))


def _shell(name: str) -> Shell:
    """`bash` named is strict, none named is `bash -e`, and a template says its own options."""
    if not name:
        return ERREXIT
    program, _, options = name.partition(" ")
    if program in {"bash", "sh"} and not options:
        return STRICT if program == "bash" else ERREXIT
    if program.startswith(("msys2", "wsl", "alpine")):
        return Shell()  # wrappers of a POSIX shell with options of their own
    if program in {"bash", "sh"}:
        return Shell(errexit=bool(re.search(r"-[a-z]*e", options)), pipefail="pipefail" in options)
    return Shell() if "${{" in name else FOREIGN


def _tolerance(node: Node) -> Setting | None:
    found = node["continue-on-error"]
    return Setting("continue-on-error", found.text, found.key_place) if found else None


def action(node: Node) -> Use | None:
    """An action or workflow of another repository, or an image; None for one of this repository."""
    written = node.text
    if written.startswith(("./", "../")) or not written or "${{" in written:
        return None
    if written.startswith("docker://"):
        name, version = image_version(written.removeprefix("docker://"))
        return Use("image", name, version, node.place)
    name, _, version = written.partition("@")
    return Use("action", name, version, node.place)


def _image(node: Node) -> Use | None:
    if "${{" in node.text:
        return None
    return Use("image", *image_version(node.text), node.place)


def image_version(written: str) -> tuple[str, str]:
    """`registry:5000/name:tag@sha256:…` as name and version; a digest goes before a tag."""
    name, _, digest = written.partition("@")
    head, colon, tag = name.rpartition(":")
    if colon and "/" not in tag:
        return head, digest or tag
    return name, digest


def _caches(step: Step) -> bool:
    name = step.use.name.lower() if step.use else ""
    if "cache" in name or name.endswith(
        ("/setup-uv", "/setup-go", "/setup-gradle", "/gradle-build-action", "/setup-pixi")
    ):
        return True
    asked = {key.lower(): value.lower() for key, value in step.inputs.items()}
    return any("cache" in key and value not in {"", "false"} for key, value in asked.items())


def _keeps(step: Step) -> str:
    for when in ("always", "cancelled", "failure"):
        if f"{when}()" in step.condition:
            return "failure" if when == "failure" else "always"
    return "success" if not step.condition else "condition"
