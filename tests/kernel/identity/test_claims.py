"""GitLab's claims in tokens that are really signed: who runs where, and what may come from a fork."""

from dataclasses import replace

import pytest

from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.identity.model import CiIdentity
from hardpoint.kernel.identity.oidc import audience_of, verify_token
from hardpoint.kernel.identity.runners import holder_of
from hardpoint.kernel.problem import IdentityProblem

KEY = Signer.generate().public
RUNNER = CiIdentity(holder="ci", repository="acme/shop", workflow=".gitlab-ci.yml", ref="refs/heads/main")
GITHUBS = ("repository", "workflow", "workflow_ref", "run_id", "event_name")


@pytest.fixture
def gitlab(issuing):
    """An instance of GitLab that the team has declared."""
    issuer = replace(issuing.issuer, issuer="https://gitlab.example.org", claims="gitlab", identities=(RUNNER,))
    return replace(issuing, issuer=issuer)


@pytest.fixture
def read(gitlab, now):
    """The claims of a token as GitLab documents them, with the changes of a test, and who that runner is."""

    def read(**changes):
        claims = {
            **dict.fromkeys(GITHUBS),
            "aud": audience_of(gitlab.issuer, KEY),
            "sub": "project_path:acme/shop:ref_type:branch:ref:main",
            "namespace_path": "acme",
            "project_path": "acme/shop",
            "pipeline_id": "455",
            "pipeline_source": "push",
            "ref": "main",
            "ref_type": "branch",
            "ref_path": "refs/heads/main",
            "ref_protected": "true",
            "runner_environment": "gitlab-hosted",
            "sha": "a" * 40,
            "ci_config_ref_uri": "gitlab.example.org/acme/shop//.gitlab-ci.yml@refs/heads/main",
            **changes,
        }
        issuer, found = verify_token(gitlab.token(KEY, **claims), [gitlab.authority], KEY, now)
        return found, holder_of(found, issuer)

    return read


def test_a_right_token_gives_its_claims(read):
    claims, holder = read()
    assert (claims.repository, claims.workflow, claims.ref) == ("acme/shop", ".gitlab-ci.yml", "refs/heads/main")
    assert (claims.sha, claims.run_id, claims.fork) == ("a" * 40, "455", False)
    assert holder == "ci"


@pytest.mark.requirement("GAT-01")
@pytest.mark.parametrize(
    "changes",
    [
        {"ref_type": "tag"},  # a tag that is named like the branch
        {"ref": "next"},
        {"project_path": "eve/shop"},
        {"ci_config_ref_uri": None},
        {"ci_config_ref_uri": "gitlab.example.org/acme/shop//other.yml@refs/heads/main"},
        {"ci_config_ref_uri": "gitlab.example.org/eve/shop//.gitlab-ci.yml@refs/heads/main"},
        {"ci_config_ref_uri": "elsewhere.example.org/acme/shop//.gitlab-ci.yml@refs/heads/main"},
        {"ci_config_ref_uri": "gitlab.example.org/acme/shop//.gitlab-ci.yml@refs/evil.yml@refs/heads/main"},
        {"ci_config_ref_uri": ".gitlab-ci.yml@refs/heads/main", "project_path": "acme"},
        {"pipeline_source": "merge_request_event"},
        {"pipeline_source": "external_pull_request_event"},
        {"pipeline_source": "parent_pipeline", "ref_protected": "false"},
        {"pipeline_source": "parent_pipeline", "ref_protected": None},
    ],
)
def test_another_runner_is_nobody(read, changes):
    assert read(**changes)[1] is None


@pytest.mark.parametrize("source", ["push", "web", "schedule", "api", "trigger", "pipeline", "parent_pipeline"])
def test_pipelines_of_the_projects_own_branch_count(read, source):
    assert read(pipeline_source=source)[1] == "ci"


def test_a_tag_has_its_full_name(read):
    assert read(ref="v1", ref_type="tag")[0].ref == "refs/tags/v1"


def test_a_group_within_a_group_is_part_of_the_project(read):
    uri = "gitlab.example.org/acme/shops/one//ci/build.yml@refs/heads/main"
    assert read(project_path="acme/shops/one", ci_config_ref_uri=uri)[0].workflow == "ci/build.yml"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"project_path": None}, "'project_path'"),
        ({"project_path": 7}, "'project_path'"),
        ({"pipeline_id": None}, "'pipeline_id'"),
        ({"pipeline_source": None}, "'pipeline_source'"),
        ({"ref": None}, "'ref'"),
        ({"ref_type": None}, "'ref_type'"),
        ({"ref_type": "merge_request"}, "'ref_type'"),
        ({"sha": None}, "'sha'"),
        ({"ci_config_ref_uri": 3}, "'ci_config_ref_uri'"),
    ],
)
def test_a_token_without_a_claim_is_refused(read, changes, why):
    with pytest.raises(IdentityProblem, match=why):
        read(**changes)


def test_tokens_of_one_system_are_not_read_as_those_of_another(issuing, gitlab, now):
    with pytest.raises(IdentityProblem, match="'project_path'") as refused:
        verify_token(gitlab.token(KEY), [gitlab.authority], KEY, now)
    assert "`claims`" in refused.value.remedy
    with pytest.raises(IdentityProblem, match="'repository'"):
        verify_token(issuing.token(KEY, repository=None, project_path="acme/shop"), [issuing.authority], KEY, now)
