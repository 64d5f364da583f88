"""CircleCI: jobs, commands and orbs of `.circleci/config.yml`."""

import re
from collections.abc import Iterator, Mapping

from hardpoint.assurance.delivery.hosts.github import image_version
from hardpoint.assurance.delivery.hosts.nodes import Node, compound
from hardpoint.assurance.delivery.pipeline import (
    STRICT,
    Host,
    Job,
    Pipeline,
    Setting,
    Shell,
    Source,
    Step,
    Triggers,
    Use,
)

_PARAMETER = re.compile(r"<<\s*[\w.#/^ -]+?\s*>>")


def read(root: Node, source: Source) -> Pipeline:
    """The configuration; its commands are read like jobs that something calls."""
    triggers = _filters(root["workflows"])
    jobs = [
        _job(name, node, triggers.get(name, Triggers()), source)
        for name, node in compound(root["jobs"], Mapping).items()
    ]
    jobs += [
        _job(name, node, Triggers(called=True), source)
        for part in (root["commands"], *(orb[key] for orb in root["orbs"].values() for key in ("jobs", "commands")))
        for name, node in part.items()
    ]
    uses = [_orb(orb) for _, orb in root["orbs"].items() if orb.text]
    uses += [use for _, executor in root["executors"].items() for use in _images(executor)]
    return Pipeline(file=source.file, host=Host.CIRCLECI, jobs=tuple(jobs), uses=tuple(uses), source=source)


def _orb(orb: Node) -> Use:
    name, _, version = orb.text.partition("@")
    return Use("orb", name, version, orb.place)


def _images(node: Node) -> Iterator[Use]:
    for image in node["docker"].each():
        if image["image"].text and not _PARAMETER.search(image["image"].text):
            yield Use("image", *image_version(image["image"].text), image["image"].place)


def _filters(workflows: Node) -> dict[str, Triggers]:
    found: dict[str, Triggers] = {}
    for workflow in workflows.values():
        scheduled = [each["schedule"] for each in workflow["triggers"].each()]
        for job in workflow["jobs"].each():
            name = next(iter(job.value)) if isinstance(job.value, Mapping) and job.value else job.text
            branches = job[name]["filters"]["branches"] if isinstance(job.value, Mapping) else Node(job.document, None)
            only, ignored = branches["only"].texts(), branches["ignore"].texts()
            push = tuple(only) or ("**", *(f"!{each}" for each in ignored))
            if any("/" in each for each in (*only, *ignored)):
                now = Triggers(called=True)  # patterns are regular expressions
            elif scheduled:
                now = Triggers(push=None, change=None, other=("schedule",))
            else:
                now = Triggers(push=push, change=push)
            earlier = found.get(name)
            found[name] = now if earlier is None or earlier.push is None else Triggers(called=True)
    return found


def _job(name: str, node: Node, triggers: Triggers, source: Source) -> Job:
    shell = node["shell"].text
    steps = [
        step for each in compound(compound(node, Mapping)["steps"], list).each() for step in _steps(each, shell, source)
    ]
    texts = " ".join(str(each.value) for each in node["steps"].each())
    return Job(
        name=name,
        place=node.key_place,
        steps=tuple(steps),
        uses=tuple(_images(node)),
        triggers=triggers,
        cached="restore_cache" in texts or "install-packages" in texts,
        keeps=("always",) if "store_artifacts" in texts or "store_test_results" in texts else (),
    )


def _steps(node: Node, shell: str, source: Source) -> Iterator[Step]:
    if not isinstance(node.value, Mapping):
        return
    for key in ("when", "unless"):
        for inner in node[key]["steps"].each():
            yield from _steps(inner, shell, source)
    run = node["run"]
    if not run:
        return
    command = run if run.text else run["command"]
    if command.text:
        # A parameter would read as a here-document: it stands as a word of the same length.
        script = source.script(command.text, command.place, _shell(run["shell"].text or shell))
        words = _PARAMETER.sub(lambda match: "_" * len(match[0]), script.text)
        yield Step(
            place=node.place,
            name=run["name"].text,
            script=type(script)(words, script.shell, source, script.starts, script.places),
            condition={"always": "always()", "on_fail": "failure()"}.get(run["when"].text, ""),
            tolerance=Setting("background", "true", run["background"].key_place) if run["background"].value else None,
        )


def _shell(name: str) -> Shell:
    """Bash with -eo pipefail, unless it names another."""
    if not name:
        return STRICT
    options = name.partition(" ")[2]
    return Shell(errexit=bool(re.search(r"-[a-z]*e", options)), pipefail="pipefail" in options)
