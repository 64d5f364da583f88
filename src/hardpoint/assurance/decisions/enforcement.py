"""What enforces a decision: a rule, a criterion of a gate, a contract on imports, a job of CI, or a test."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hardpoint.assurance.decisions.contracts import contracts
from hardpoint.assurance.decisions.status import Written
from hardpoint.kernel import yaml
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.spelling import Spelling
from hardpoint.kernel.workspace import Workspace

_WORKFLOW = re.compile(r"^\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml$")
_PIPELINES = (
    ".gitlab-ci.yml",
    ".gitlab-ci.yaml",
    ".circleci/config.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
)
_NO_JOB = frozenset(
    (
        "stages",
        "variables",
        "include",
        "default",
        "workflow",
        "image",
        "services",
        "cache",
        "before_script",
        "after_script",
    )
)


def enforces(written: Written, workspace: Workspace) -> bool:
    """Whether what is written names a check that exists."""
    name = written.text
    file = name.partition("::")[0]
    if file in workspace.paths:
        return True
    known = workspace.derive(_known)
    return name in known or name.rpartition("/")[2] in known or name.rpartition(":")[2].strip() in known


def nearest_check(written: Written, workspace: Workspace) -> str | None:
    """The check that was most likely meant."""
    return next(iter(Spelling(sorted(workspace.derive(_known))).nearest(written.text)), None)


def _known(workspace: Workspace) -> frozenset[str]:
    return frozenset(
        [*workspace.rule_ids(), *_criteria(workspace), *_jobs(workspace), *(each.name for each in contracts(workspace))]
    )


def _criteria(workspace: Workspace) -> Iterator[str]:
    """Gates and their criteria, read as plain values: what they are is for others to know."""
    for gate in _list(_values(MANIFEST_FILE, workspace), "gates"):
        name = gate.get("name")
        for criterion in _list(gate, "criteria"):
            yield from (str(criterion.get("id")), f"{name}/{criterion.get('id')}")


def _jobs(workspace: Workspace) -> Iterator[str]:
    for file in workspace.files:
        if _WORKFLOW.match(file):
            workflow = _values(file, workspace)
            yield from (posixpath.basename(file), str(workflow.get("name", "")))
            yield from _named(workflow.get("jobs"))
        elif file in _PIPELINES:
            pipeline = _values(file, workspace)
            yield from (job for job in pipeline if job not in _NO_JOB)
            yield from _named(pipeline.get("jobs"))
            yield from (str(job.get("job")) for job in _list(pipeline, "jobs"))


def _named(jobs: object) -> Iterator[str]:
    """Jobs by their key, and by the name that people see."""
    if isinstance(jobs, Mapping):
        for key, job in jobs.items():
            yield str(key)
            if isinstance(job, Mapping) and "name" in job:
                yield str(job["name"])


def _list(values: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = values.get(key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _values(file: str, workspace: Workspace) -> Mapping[str, Any]:
    """A YAML file as plain values; nothing for one that cannot be read."""
    try:
        data = yaml.load(workspace.read(file), file).data if file in workspace.paths else None
    except UnreadableProblem:
        return {}
    return data if isinstance(data, Mapping) else {}
