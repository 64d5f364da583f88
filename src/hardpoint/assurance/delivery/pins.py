"""Code of others that a pipeline runs, and whether the name by which it runs can come to mean other code."""

import re
from collections.abc import Iterator

from hardpoint.assurance.delivery.pipeline import Host, Pipeline, Use

_COMMIT = re.compile(r"^[0-9a-f]{40}$|^[0-9a-f]{64}$")
_DIGEST = re.compile(r"^sha(?:256|512):[0-9a-f]{32,128}$")
_EXACT = re.compile(r"^v?[0-9]+\.[0-9]+\.[0-9]+")
_OFFICIAL = ("actions/", "github/", "docker/", "microsoft/", "azure/", "aws-actions/", "google-github-actions/")
_MOVING = re.compile(
    r"^(?:main|master|trunk|develop|dev|head|latest|volatile|edge|nightly|stable|release|)$", re.IGNORECASE
)


def uses(pipeline: Pipeline) -> Iterator[Use]:
    """What a pipeline runs that is not its own, each name and version once."""
    seen: set[tuple[str, str, str]] = set()
    all_uses = [*pipeline.uses]
    for job in pipeline.jobs:
        all_uses += [*job.uses, *(step.use for step in job.steps if step.use)]
    for use in all_uses:
        key = (use.kind, use.name, use.version)
        if use.name and key not in seen:
            seen.add(key)
            yield use


def is_pinned(use: Use) -> bool:
    """Whether the name can only ever mean the same bytes. Orbs and Bitbucket's pipes cannot be moved once released."""
    if "$" in use.version or use.name == "scratch":
        return True
    if use.kind in {"orb", "pipe"}:
        return bool(_EXACT.match(use.version))
    return bool(_COMMIT.match(use.version) or _DIGEST.match(use.version))


def is_risky(use: Use) -> bool:
    """Whether strangers can change what runs: any name of a third party, and a branch or nothing at all of anyone."""
    moving = bool(_MOVING.match(use.version))
    if use.kind == "action":
        return moving or not use.name.lower().startswith(_OFFICIAL)
    if use.kind == "include":
        return moving or use.name.startswith("http")
    return moving


def remedy(use: Use, host: Host) -> str:
    """How to pin it, without asking a network which commit that is."""
    if use.kind == "image":
        return "Pin to a digest: NAME@sha256:…, and let a bot renew it"
    if use.kind == "orb":
        return "Name a full version, such as 1.2.3"
    if use.kind == "pipe":
        return "Name a full version, such as 1.2.3"
    if host is Host.PRE_COMMIT:
        return "Name a tag or a commit as rev: `pre-commit autoupdate --freeze`"
    return "Pin to a commit SHA, with the version in a comment, and let a bot renew it"
