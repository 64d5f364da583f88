"""What a host requires of a protected branch, read from what `gh api` or `glab api` exported."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from hardpoint.kernel import encoding
from hardpoint.kernel.problem import UnreadableProblem

MAX_EXPORT_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """The settings of one export; None where it does not say."""

    required: frozenset[str] | None = None
    """The names of the checks that have to succeed before a change is merged."""
    any_pipeline: bool | None = None
    """Whether the pipeline as a whole has to succeed (GitLab)."""
    admins_bound: bool | None = None
    force_pushes: bool | None = None
    direct_pushes: bool | None = None
    """Whether somebody may push without a merge request (GitLab)."""

    @property
    def requires_gates(self) -> bool | None:
        """Whether any gate at all is required; None where the export does not say."""
        if self.any_pipeline is not None:
            return self.any_pipeline
        return None if self.required is None else bool(self.required)


def read(content: bytes, file: str, branches: Sequence[str] = ()) -> Protection:
    """An export of GitHub (branch protection, rules of a branch, a ruleset) or GitLab (project, protected branches).

    What an export says of other branches than these does not count, where it names them.

    Raises UnreadableProblem for anything else: what is not known to be protection is never taken for it.
    """
    if len(content) > MAX_EXPORT_BYTES:
        raise UnreadableProblem(f"{file} is larger than {MAX_EXPORT_BYTES} bytes")
    data = encoding.decode(content, object, what=file)
    try:
        for reader in (_github_classic, _github_rules, _gitlab_project, _gitlab_branches):
            if (found := reader(data, branches)) is not None:
                return found
    except TypeError as error:  # a number where the host writes a list
        raise UnreadableProblem(f"{file} is a malformed export of a branch's protection") from error
    raise UnreadableProblem(f"{file} is no export of a branch's protection that is known")


def _github_classic(data: Any, _: Sequence[str]) -> Protection | None:
    if not isinstance(data, Mapping) or not {"enforce_admins", "required_status_checks", "allow_force_pushes"} & set(
        data
    ):
        return None
    checks = data.get("required_status_checks")
    named: set[str] = set()
    if isinstance(checks, Mapping):
        named |= {str(each) for each in checks.get("contexts") or ()}
        named |= {
            str(each["context"])
            for each in checks.get("checks") or ()
            if isinstance(each, Mapping) and "context" in each
        }
    return Protection(
        required=frozenset(named),
        admins_bound=_enabled(data.get("enforce_admins")),
        force_pushes=_enabled(data.get("allow_force_pushes")),
    )


def _enabled(value: Any) -> bool | None:
    if isinstance(value, Mapping):
        value = value.get("enabled")
    return value if isinstance(value, bool) else None


def _github_rules(data: Any, branches: Sequence[str]) -> Protection | None:
    rules = list(_rules(data))
    if not rules and not (isinstance(data, Mapping) and "rules" in data and "enforcement" in data):
        return None
    if isinstance(data, Mapping) and not (data.get("enforcement", "active") == "active" and _aims_at(data, branches)):
        return Protection(required=frozenset())
    named = {
        str(check["context"])
        for rule in rules
        if rule.get("type") == "required_status_checks" and isinstance(rule.get("parameters"), Mapping)
        for check in rule["parameters"].get("required_status_checks") or ()
        if isinstance(check, Mapping) and "context" in check
    }
    forced = not any(rule.get("type") == "non_fast_forward" for rule in rules)
    bypassed = any(map(_is_admin, data.get("bypass_actors") or ())) if isinstance(data, Mapping) else False
    return Protection(required=frozenset(named), force_pushes=forced, admins_bound=False if bypassed else None)


def _aims_at(ruleset: Mapping[str, Any], branches: Sequence[str]) -> bool:
    """Whether a ruleset is for all of these branches; one that does not say for which is."""
    if ruleset.get("target", "branch") != "branch":
        return False
    conditions = ruleset.get("conditions")
    names = conditions.get("ref_name") if isinstance(conditions, Mapping) else None
    if not isinstance(names, Mapping):
        return True
    included, excluded = ([str(each) for each in names.get(key) or ()] for key in ("include", "exclude"))
    unnamed = [branch for branch in branches if not _named(branch, included)]
    covers = "~ALL" in included or len(unnamed) <= ("~DEFAULT_BRANCH" in included)
    return covers and not any(_named(branch, excluded) for branch in branches)


def _named(branch: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(branch, pattern.removeprefix("refs/heads/")) for pattern in patterns)


_ADMIN_ROLE = 5
"""The id that GitHub gives the role of a repository's administrator."""


def _is_admin(actor: Any) -> bool:
    """Whether a ruleset lets administrators pass at any time."""
    if not isinstance(actor, Mapping) or actor.get("bypass_mode", "always") != "always":
        return False
    kind = actor.get("actor_type")
    return kind == "OrganizationAdmin" or (kind == "RepositoryRole" and actor.get("actor_id") == _ADMIN_ROLE)


def _rules(data: Any) -> Iterator[Mapping[str, Any]]:
    """The rules of `…/rules/branches/BRANCH` (a list of rules) or of `…/rulesets/ID` (a ruleset)."""
    below = data.get("rules") if isinstance(data, Mapping) else data
    for each in below if isinstance(below, list) else ():
        if isinstance(each, Mapping) and isinstance(each.get("type"), str):
            yield each


def _gitlab_project(data: Any, _: Sequence[str]) -> Protection | None:
    if isinstance(data, Mapping) and "only_allow_merge_if_pipeline_succeeds" in data:
        skipped = data.get("allow_merge_on_skipped_pipeline") is True
        return Protection(any_pipeline=data["only_allow_merge_if_pipeline_succeeds"] is True and not skipped)
    return None


def _gitlab_branches(data: Any, names: Sequence[str]) -> Protection | None:
    branches = data if isinstance(data, list) else [data]
    if not branches or not all(isinstance(each, Mapping) and "push_access_levels" in each for each in branches):
        return None
    if not all(any(_is_for(name, each) for each in branches) for name in names):
        return Protection(direct_pushes=True, force_pushes=True)  # nothing protects it
    branches = [each for each in branches if any(_is_for(name, each) for name in names)] if names else branches
    levels = [level for each in branches for level in each["push_access_levels"] or () if isinstance(level, Mapping)]
    return Protection(
        direct_pushes=any(level.get("access_level") not in {0, None} for level in levels),
        force_pushes=any(each.get("allow_force_push") is True for each in branches),
    )


def _is_for(branch: str, protected: Mapping[str, Any]) -> bool:
    return fnmatchcase(branch, str(protected.get("name", "*")))
