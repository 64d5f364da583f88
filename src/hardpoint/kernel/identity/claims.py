"""What CI systems say of their runners, each under names of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from hardpoint.kernel.problem import IdentityProblem

Provider = Literal["github", "gitlab"]
"""Whose names the claims of an issuer have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What an issuer says of a runner.

    `workflow` is the workflow's file where the issuer names it, else its name, or empty. `fork` tells that it may run
    on behalf of another repository. `until` is when the token ends, RFC 3339.
    """

    repository: str
    workflow: str
    ref: str
    sha: str
    run_id: str
    fork: bool
    until: str


def claims_of(provider: Provider, said: Mapping[str, Any], until: str) -> Claims:
    """The claims of a token whose signature and time were verified.

    Raises IdentityProblem for one that is missing or of another type.
    """
    return _READERS[provider](said, until)


def _github(said: Mapping[str, Any], until: str) -> Claims:
    """GitHub Actions: docs.github.com, OpenID Connect reference."""
    repository = _text(said, "repository")
    return Claims(
        repository=repository,
        workflow=_github_file(said, repository),
        ref=_text(said, "ref"),
        sha=_text(said, "sha"),
        run_id=_text(said, "run_id"),
        # Both run with the rights of the repository on a change that comes from outside of it.
        fork=said.get("event_name") == "pull_request_target" or said.get("head_repository", repository) != repository,
        until=until,
    )


def _github_file(said: Mapping[str, Any], repository: str) -> str:
    """The workflow's file: anybody can give another workflow the same name."""
    if "workflow_ref" not in said:
        return _text(said, "workflow")
    return _without_ref(_text(said, "workflow_ref")).removeprefix(f"{repository}/")


def _gitlab(said: Mapping[str, Any], until: str) -> Claims:
    """GitLab CI: docs.gitlab.com, ID token authentication, "Token payload"."""
    repository = _text(said, "project_path")
    return Claims(
        repository=repository,
        workflow=_gitlab_file(said, repository),
        ref=_gitlab_ref(said),
        sha=_text(said, "sha"),
        run_id=_text(said, "pipeline_id"),
        fork=_of_merge_request(said),
        until=until,
    )


def _gitlab_file(said: Mapping[str, Any], repository: str) -> str:
    """The file of `host/group/project//file@ref`; one outside of the project is not named, or by all of that."""
    if said.get("ci_config_ref_uri") is None:
        return ""
    project = f"{_text(said, 'iss').partition('://')[2]}/{repository}//"
    return _without_ref(_text(said, "ci_config_ref_uri")).removeprefix(project)


def _gitlab_ref(said: Mapping[str, Any]) -> str:
    """The full name: a tag is not the branch of the same name."""
    kinds = {"branch": "refs/heads/", "tag": "refs/tags/"}
    kind = _text(said, "ref_type")
    if kind not in kinds:
        raise IdentityProblem(f"The token's 'ref_type' is {kind[:50]!r}, and branch or tag is understood")
    return kinds[kind] + _text(said, "ref")


def _of_merge_request(said: Mapping[str, Any]) -> bool:
    """Whether it may run a change that comes from a fork.

    The pipeline of a merge request names the source branch as its own, and in older versions the target's project,
    also for a fork. A child pipeline does not say what its parent was; a protected branch is no merge request's.
    """
    source = _text(said, "pipeline_source")
    unsure = source == "parent_pipeline" and said.get("ref_protected") != "true"
    return unsure or source in {"merge_request_event", "external_pull_request_event"}


def _without_ref(uri: str) -> str:
    """What stands before the last `@refs/…`: a file with such a part in its own name passes for no other."""
    before, found, _ = uri.rpartition("@refs/")
    return before if found else uri


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise IdentityProblem(
            f"The token does not say {name!r} as text",
            remedy="Name the CI system that it is from as `claims` of its issuer under `trust.issuers`.",
        )
    return value


_READERS: Mapping[Provider, Callable[[Mapping[str, Any], str], Claims]] = {"github": _github, "gitlab": _gitlab}
