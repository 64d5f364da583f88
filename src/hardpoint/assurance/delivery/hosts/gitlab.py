"""GitLab CI: jobs with what they extend and reference, over every included file of the repository."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hardpoint.assurance.delivery.hosts.github import image_version
from hardpoint.assurance.delivery.hosts.nodes import Node, compound
from hardpoint.assurance.delivery.pipeline import (
    STRICT,
    Host,
    Job,
    Pipeline,
    Script,
    Setting,
    Source,
    Step,
    Triggers,
    Use,
    join,
)
from hardpoint.kernel.yaml import Tagged

RESERVED = frozenset(
    {"stages", "variables", "include", "default", "workflow", "image", "services", "cache", "before_script"}
    | {"after_script", "spec", "types"}
)
_STAGES = ("build", "test", "deploy")
_MAX_STAGES = 100
_MAX_EXTENDS = 100
"""Templates of one job that are looked through."""
_MAX_LINES = 2000
"""Lines and references of one script that are followed."""


@dataclass(frozen=True)
class Configuration:
    """Every file that is part of it: an include makes their jobs and templates one."""

    files: Sequence[tuple[Node, Source]]
    by_name: dict[str, tuple[Node, Source]] = field(default_factory=dict)
    earlier: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The jobs of the stages before each stage."""

    def __post_init__(self) -> None:
        for root, source in self.files:
            for name, node in root.items():
                if isinstance(node.value, Mapping) or name in {"before_script", "after_script", "script"}:
                    self.by_name[name] = (node, source)

    def find(self, node: Node, key: str, source: Source) -> tuple[Node, Source]:
        """The value of a job's key: its own, else that of what it extends, the last first."""
        waiting, seen = [(node, source)], {""}
        while waiting and len(seen) < _MAX_EXTENDS:
            here, where = waiting.pop()
            if isinstance(here.value, Mapping) and key in here.value:
                return self.followed(here[key], where)
            for parent in here["extends"].texts():
                if parent in self.by_name and parent not in seen:
                    seen.add(parent)
                    waiting.append(self.by_name[parent])
        return Node(node.document, None), source

    def before(self, node: Node, source: Source) -> tuple[str, ...]:
        """The jobs of the stages before a job's own; none where the stages are not known."""
        if not self.earlier:
            self._sort_by_stage()
        return self.earlier.get(self._stage(node, source), ())

    def _sort_by_stage(self) -> None:
        """Once for all jobs, which share what comes before their stage."""
        stages = next((root["stages"].texts() for root, _ in self.files if root["stages"]), _STAGES)
        order = dict.fromkeys((".pre", *stages[:_MAX_STAGES], ".post"))
        jobs: dict[str, list[str]] = {stage: [] for stage in order}
        for name, (node, source) in self.by_name.items():
            if not name.startswith(".") and isinstance(node.value, Mapping):
                jobs.get(self._stage(node, source), []).append(name)
        before: list[str] = []
        for stage in order:
            self.earlier[stage] = tuple(before)
            before += jobs[stage]

    def _stage(self, node: Node, source: Source) -> str:
        return self.find(node, "stage", source)[0].text or "test"

    def followed(self, node: Node, source: Source) -> tuple[Node, Source]:
        """What a `!reference` names in the end; any other value itself."""
        for _ in range(_MAX_EXTENDS):
            found = self._referenced(node.value) if isinstance(node.value, Tagged) else None
            if found is None:
                break
            node, source = found
        return node, source

    def _referenced(self, reference: Tagged) -> tuple[Node, Source] | None:
        path = reference.value if reference.tag == "!reference" and isinstance(reference.value, list) else []
        name, *keys = [str(part) for part in path] or [""]
        if name not in self.by_name:
            return None
        found, where = self.by_name[name]
        for key in keys:
            found = found[key]
        return found, where

    def flat(self, node: Node, source: Source) -> Iterator[tuple[Node, Source]]:
        """The values of a list, with those of lists inside and of what `!reference` names, within a bound."""
        waiting = [(node, source)]
        for _ in range(_MAX_LINES):
            if not waiting:
                return
            here, where = waiting.pop()
            followed, beyond = self.followed(here, where)
            if isinstance(followed.value, list):
                waiting += [(each, beyond) for each in reversed(list(followed.each()))]
            elif followed and not isinstance(followed.value, Tagged):
                yield followed, beyond


def read(root: Node, source: Source, configuration: Configuration) -> Pipeline:
    """One file; its jobs know the templates of all."""
    default = root["default"]
    jobs = [
        _job(name, node, source, configuration, default or root)
        for name, node in root.items()
        if name not in RESERVED and isinstance(node.value, Mapping) and (not name.startswith(".") or node["script"])
    ]
    uses = [*_includes(root["include"]), *_images(root), *_images(default)]
    return Pipeline(file=source.file, host=Host.GITLAB, jobs=tuple(jobs), uses=tuple(uses), source=source)


def included(root: Node) -> list[str]:
    """The files of this repository that it includes, or that its child pipelines are made of; `*` may be in a name."""
    found = []
    includes = [root["include"], *(job["trigger"]["include"] for job in root.values())]
    for each in (each for include in includes for each in include.each()):
        local = each["local"] if isinstance(each.value, Mapping) else each
        found += [text.lstrip("/") for text in local.texts() if not re.match(r"https?://|\$", text)]
    return found


def _includes(include: Node) -> Iterator[Use]:
    for each in include.each():
        if each["remote"].text or each.text.startswith("http"):
            node = each["remote"] or each
            yield Use("include", node.text, "", node.place)
        elif each["project"].text and "$" not in each["project"].text:
            ref = each["ref"]
            yield Use("include", each["project"].text, ref.text, (ref or each["project"]).place)
        elif each["component"].text and "$" not in each["component"].text:
            name, _, version = each["component"].text.partition("@")
            yield Use("include", name, version, each["component"].place)


def _images(node: Node) -> Iterator[Use]:
    for image in (node["image"], *node["services"].each()):
        named = image["name"] or image
        if named.text and "$" not in named.text:
            yield Use("image", *image_version(named.text), named.place)


def _job(name: str, node: Node, source: Source, configuration: Configuration, default: Node) -> Job:
    def find(key: str) -> tuple[Node, Source]:
        return configuration.find(node, key, source)

    before, script, after = find("before_script"), find("script"), find("after_script")
    if not before[0]:
        before = (default["before_script"], source)
    compound(script[0], str, list)
    scripts = [each for part in (before, script) for each in _scripts(*part, configuration)]
    steps = [Step(place=node.key_place, name=name, script=whole)] if (whole := join(scripts)) else []
    if last := join(_scripts(*after, configuration)):
        steps.append(Step(place=after[0].place, name=f"{name} after_script", script=last, after=True))
    rules = [rule for rule, _ in configuration.flat(*find("rules"))]
    allow, when = find("allow_failure")[0], find("when")[0]
    return Job(
        name=name,
        place=node.key_place,
        steps=tuple(steps),
        uses=tuple(_images(node)),
        tolerance=_tolerance(allow, rules),
        triggers=_triggers(find("only")[0], find("except")[0], rules, hidden=name.startswith(".")),
        cached=bool(find("cache")[0]) or bool(default["cache"]),
        keeps=_keeps(find("artifacts")[0]),
        by_hand=when.text == "manual" or _only_by_hand(rules),
        needs=() if name.startswith(".") else configuration.before(node, source),
        heedless=_heedless(find("needs")[0], when, rules),
    )


def _heedless(needs: Node, when: Node, rules: Sequence[Node]) -> Setting | None:
    """What lets a job run whatever became of the stages before its own."""
    asked = [rule["when"] for rule in rules if rule["when"].text != "never"]
    for each in asked or [when]:
        if each.text in {"always", "on_failure"}:
            return Setting("when", each.text, each.place)
    return Setting("needs", "[]", needs.place) if needs.value == [] else None


def _scripts(node: Node, source: Source, configuration: Configuration) -> Iterator[Script]:
    """The lines of a script."""
    for line, where in configuration.flat(node, source):
        if line.text:
            yield where.script(line.text, line.place, STRICT)


def _only_by_hand(rules: Sequence[Node]) -> bool:
    starts = [rule["when"].text for rule in rules if rule["when"].text != "never"]
    return bool(starts) and set(starts) == {"manual"}


def _tolerance(allow: Node, rules: Sequence[Node]) -> Setting | None:
    if isinstance(allow.value, Mapping):
        codes = allow["exit_codes"].texts()
        return Setting("allow_failure", f"exit codes {', '.join(codes)}", allow.key_place) if "1" in codes else None
    if allow:
        return Setting("allow_failure", allow.text, allow.key_place)
    ruled = [rule["allow_failure"] for rule in rules if rule["when"].text not in {"never", "manual"}]
    tolerant = [each for each in ruled if each.value is True]
    if not tolerant:
        return None
    value = "true" if len(tolerant) == len(ruled) else "in some of its rules"
    return Setting("allow_failure", value, tolerant[0].key_place)


def _triggers(only: Node, unless: Node, rules: Sequence[Node], *, hidden: bool) -> Triggers:
    if hidden:
        return Triggers(called=True)
    if rules:
        return _by_rules(rules)
    names = [*only.texts(), *only["refs"].texts()]
    without = tuple(f"!{name}" for name in (*unless.texts(), *unless["refs"].texts()) if _is_branch(name))
    if not names:
        return Triggers(push=("**", *without), change=None)
    branches = tuple(name for name in names if _is_branch(name))
    return Triggers(
        push=("**",) if "branches" in names or only["variables"] else branches or None,
        change=("**",) if "merge_requests" in names else None,
        other=tuple(name for name in names if name in _KEYWORDS),
        called=any("$" in name or name.startswith("/") for name in names) or bool(only["variables"]),
    )


_KEYWORDS = frozenset({"schedules", "tags", "web", "api", "triggers", "pipelines", "external", "pushes", "chat"})


def _is_branch(name: str) -> bool:
    return name not in {*_KEYWORDS, "branches", "merge_requests", "external_pull_requests"} and "$" not in name


_EQUALS = re.compile(r"""\$CI_(?:COMMIT_(?:REF_NAME|BRANCH))\s*==\s*["']([^"']+)["']""")
_SOURCE = re.compile(r"""\$CI_PIPELINE_SOURCE\s*==\s*["'](\w+)["']""")


def _by_rules(rules: Sequence[Node]) -> Triggers:
    """Exact only for the plainest rules; whatever else is in one leaves open when it runs."""
    push: list[str] = []
    change, other, open_ = False, [], False
    for rule in rules:
        condition = rule["if"].text
        if rule["when"].text == "never":
            continue
        branch = _EQUALS.fullmatch(condition.strip())
        start = _SOURCE.fullmatch(condition.strip())
        if branch:
            push.append(branch[1])
        elif start and start[1] == "merge_request_event":
            change = True
        elif start and start[1] in {"schedule", "web", "api", "trigger"}:
            other.append(start[1])
        else:
            open_ = True
    return Triggers(tuple(push) or None, ("**",) if change else None, tuple(other), called=open_)


def _keeps(artifacts: Node) -> tuple[str, ...]:
    if not artifacts:
        return ()
    return ({"always": "always", "on_failure": "failure"}.get(artifacts["when"].text, "success"),)
