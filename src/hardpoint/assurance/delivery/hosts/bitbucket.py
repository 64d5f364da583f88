"""Bitbucket Pipelines: the steps of `bitbucket-pipelines.yml`."""

from collections.abc import Iterator, Mapping

from hardpoint.assurance.delivery.hosts.github import image_version
from hardpoint.assurance.delivery.hosts.nodes import Node, compound
from hardpoint.assurance.delivery.pipeline import Host, Job, Pipeline, Setting, Shell, Source, Step, Triggers, Use, join

_SHELL = Shell(errexit=True, pipefail=None)
_MAX_LEVELS = 8


def read(root: Node, source: Source) -> Pipeline:
    """Every step, wherever it stands."""
    jobs = [
        job
        for start, triggers in _starts(compound(root["pipelines"], Mapping))
        for job in _jobs(start, triggers, source)
    ]
    uses = list(_images(root))
    return Pipeline(file=source.file, host=Host.BITBUCKET, jobs=tuple(jobs), uses=tuple(uses), source=source)


def _starts(pipelines: Node) -> Iterator[tuple[Node, Triggers]]:
    yield pipelines["default"], Triggers(change=None)
    for pattern, node in pipelines["branches"].items():
        yield node, Triggers(push=(pattern,), change=None)
    for pattern, node in pipelines["pull-requests"].items():
        yield node, Triggers(push=None, change=("**",) if pattern == "**" else None, called=pattern != "**")
    for key in ("tags", "custom"):
        for node in pipelines[key].values():
            yield node, Triggers(push=None, change=None, other=(key,))


def _jobs(nodes: Node, triggers: Triggers, source: Source, level: int = 0) -> Iterator[Job]:
    for node in nodes.each():
        if node["step"]:
            yield _job(node["step"], triggers, source)
        for key in ("parallel", "stage", "steps"):
            if isinstance(node.value, Mapping) and node[key] and level < _MAX_LEVELS:
                yield from _jobs(node[key], triggers, source, level + 1)


def _job(node: Node, triggers: Triggers, source: Source) -> Job:
    steps, pipes = [], []
    scripts = [source.script(each.text, each.place, _SHELL) for each in node["script"].each() if each.text]
    if whole := join(scripts):
        steps.append(Step(place=node.place, name=node["name"].text, script=whole))
    for each in node["script"].each():
        if each["pipe"].text:
            name, _, version = each["pipe"].text.partition(":")
            pipes.append(Use("pipe", name, version, each["pipe"].place))
    after = [source.script(each.text, each.place, _SHELL) for each in node["after-script"].each() if each.text]
    if last := join(after):
        steps.append(Step(place=node["after-script"].place, name="after-script", script=last, after=True))
    return Job(
        name=node["name"].text or "step",
        place=node.place,
        steps=tuple(steps),
        uses=(*pipes, *_images(node)),
        tolerance=_tolerance(node["on-fail"]["strategy"]),
        triggers=triggers,
        cached=bool(node["caches"]),
        keeps=("always",) if node["artifacts"] else (),
        by_hand=node["trigger"].text == "manual",
    )


def _tolerance(strategy: Node) -> Setting | None:
    ignores = strategy.text == "ignore"
    return Setting("the strategy on-fail", "ignore", strategy.key_place) if ignores else None


def _images(node: Node) -> Iterator[Use]:
    named = node["image"]["name"] or node["image"]
    if named.text and "$" not in named.text:
        yield Use("image", *image_version(named.text), named.place)
