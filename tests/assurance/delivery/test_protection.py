"""What a protected branch requires, from exported settings; and which gates run for it."""

import json

import pytest

from hardpoint.assurance.delivery.branches import matches
from hardpoint.assurance.delivery.model import DELIVERY
from hardpoint.assurance.delivery.protection import Protection, read
from hardpoint.assurance.delivery.rules.branches import absent_gate, unknown_protection, unrequired_gates
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

CI = "on:\n  {}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: npm test\n"
MANIFEST = "version: 1\ndelivery:\n  branches: [main]\n  protection: [main.json]\n"
CHECK = {"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "test"}]}}


def found(files, rule):
    (run,) = run_rules(Workspace.of(files, [DELIVERY]), [rule])
    assert run.error is None
    return [finding.text for finding in run.findings]


def required(data):
    return found(
        {
            "hardpoint.yaml": MANIFEST,
            "main.json": json.dumps(data),
            ".github/workflows/a.yml": CI.format("pull_request:"),
        },
        unrequired_gates,
    )


@pytest.mark.requirement("CID-03")
@pytest.mark.parametrize(
    "data",
    [
        {"required_status_checks": {"contexts": ["test"]}, "enforce_admins": {"enabled": True}},
        {"required_status_checks": {"checks": [{"context": "test", "app_id": 1}]}},
        [CHECK, {"type": "non_fast_forward"}],
        {"only_allow_merge_if_pipeline_succeeds": True},
        {
            "target": "branch",
            "enforcement": "active",
            "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
            "bypass_actors": [{"actor_type": "Integration", "bypass_mode": "always"}],
            "rules": [CHECK, {"type": "non_fast_forward"}],
        },
    ],
)
def test_a_branch_that_requires_its_gates_has_no_finding(data):
    assert required(data) == []


@pytest.mark.requirement("CID-03")
@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"required_status_checks": None, "enforce_admins": {"enabled": True}}, "no gate has to succeed"),
        ({"required_status_checks": {"contexts": []}}, "no gate has to succeed"),
        ({"required_status_checks": {"contexts": ["lint"]}}, "test (.github/workflows/a.yml) is not required"),
        ({"required_status_checks": {"contexts": ["test"]}, "enforce_admins": {"enabled": False}}, "administrators"),
        ({"required_status_checks": {"contexts": ["test"]}, "allow_force_pushes": {"enabled": True}}, "forced push"),
        ([{"type": "deletion"}, {"type": "non_fast_forward"}], "no gate has to succeed"),
        ({"enforcement": "disabled", "rules": [{"type": "required_status_checks"}]}, "no gate has to succeed"),
        ({"only_allow_merge_if_pipeline_succeeds": False}, "no gate has to succeed"),
        (
            {"only_allow_merge_if_pipeline_succeeds": True, "allow_merge_on_skipped_pipeline": True},
            "no gate has to succeed",
        ),
        ({"target": "tag", "enforcement": "active", "rules": [CHECK]}, "no gate has to succeed"),
        (
            {"enforcement": "active", "conditions": {"ref_name": {"include": ["refs/heads/v*"]}}, "rules": [CHECK]},
            "no gate has to succeed",
        ),
        (
            {
                "enforcement": "active",
                "conditions": {"ref_name": {"include": ["~ALL"], "exclude": ["refs/heads/main"]}},
                "rules": [CHECK],
            },
            "no gate has to succeed",
        ),
        (
            {
                "enforcement": "active",
                "bypass_actors": [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}],
                "rules": [CHECK, {"type": "non_fast_forward"}],
            },
            "administrators",
        ),
        ([{"name": "main", "push_access_levels": [{"access_level": 0}]}], "not enough evidence"),
        ({"message": "Branch not protected", "status": "404"}, "was not judged"),
        ([], "was not judged"),
        (None, "was not judged"),
    ],
)
def test_a_branch_that_does_not_is_found(data, said):
    (text,) = required(data)
    assert said in text


@pytest.mark.parametrize("manifest", [MANIFEST, "version: 1\n"])
@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ("    steps:", "    if: false\n    steps:", 1),
        ("npm test", "npm test\n        if: ${{ false }}", 1),
        ("npm test", "npm test\n        if: ${{ success() }}", 0),
        ("npm test", "npm test\n      - run: npm run e2e\n        if: false", 0),
    ],
)
def test_a_gate_that_is_switched_off_runs_for_no_branch(manifest, before, after, count):
    text = CI.format("push:").replace(before, after)
    assert len(found({"hardpoint.yaml": manifest, ".github/workflows/a.yml": text}, absent_gate)) == count


def gitlab(branches, project):
    manifest = MANIFEST.replace("[main.json]", "[main.json, project.json]")
    files = {"hardpoint.yaml": manifest, "main.json": json.dumps(branches), "project.json": json.dumps(project)}
    return found(files | {".gitlab-ci.yml": "test: {script: [npm test]}\n"}, unrequired_gates)


SUCCEEDS = {"only_allow_merge_if_pipeline_succeeds": True}


@pytest.mark.parametrize("name", ["main", "ma*", "*"])
def test_the_project_and_the_branch_together_say_that_gates_are_required(name):
    assert gitlab([{"name": name, "push_access_levels": [{"access_level": 0}]}], SUCCEEDS) == []


@pytest.mark.parametrize(
    "branches",
    [
        [{"name": "main", "push_access_levels": [{"access_level": 40}]}],
        [{"name": "release/*", "push_access_levels": [{"access_level": 0}]}],
    ],
)
def test_a_branch_that_takes_pushes_is_found_also_where_only_another_is_protected(branches):
    assert any("past the gates" in text for text in gitlab(branches, SUCCEEDS))


ALL_GREEN = "  green:\n    needs: [test]\n    {}\n    steps:\n      - uses: re-actors/alls-green@v1\n"


@pytest.mark.parametrize(
    ("condition", "count"), [("if: always()", 0), ("if: ${{ !cancelled() }}", 0), ("timeout-minutes: 5", 1)]
)
def test_a_required_job_answers_for_those_that_it_waits_for_only_if_it_runs_whatever_comes(condition, count):
    files = {
        "hardpoint.yaml": MANIFEST,
        "main.json": json.dumps({"required_status_checks": {"contexts": ["green"]}}),
        ".github/workflows/a.yml": CI.format("pull_request:") + ALL_GREEN.format(condition),
    }
    assert len(found(files, unrequired_gates)) == count


def test_a_job_that_only_its_matrix_names_may_be_the_required_one():
    text = CI.format("pull_request:").replace("  test:\n", "  test:\n    name: ${{ matrix.name }}\n")
    files = {
        "hardpoint.yaml": MANIFEST,
        "main.json": json.dumps({"required_status_checks": {"contexts": ["Linux"]}}),
        ".github/workflows/a.yml": text,
    }
    assert found(files, unrequired_gates) == []


def test_a_missing_export_is_no_pass():
    files = {"hardpoint.yaml": MANIFEST}
    assert "was not judged" in found(files, unrequired_gates)[0]
    (text,) = found({".github/workflows/a.yml": CI.format("push:")}, unknown_protection)
    assert "not enough evidence" in text


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[[[[", b'{"a": 1}', b"[1, 2]", b"5" * (4 * 2**20 + 1)])
def test_what_is_no_export_is_refused(content):
    with pytest.raises(UnreadableProblem):
        read(content, "main.json")


def test_an_export_that_does_not_speak_of_gates_says_nothing_of_them():
    assert Protection(direct_pushes=False).requires_gates is None


@pytest.mark.parametrize(
    ("on", "count"),
    [
        ("push:", 0),
        ("pull_request:", 0),
        ("push: {branches: [main]}", 0),
        ("push: {branches: ['**']}", 0),
        ("push: {branches: ['m*']}", 0),
        ("push: {branches: [$default-branch]}", 0),
        ("push: {branches-ignore: [gh-pages]}", 0),
        ("workflow_call:", 0),
        ("merge_group:", 0),
        ("push: {branches: [develop]}", 1),
        ("push: {branches-ignore: [main]}", 1),
        ("push: {branches: ['*', '!main']}", 1),
        ("push: {tags: ['v*']}", 1),
        ("schedule: [{cron: '0 3 * * *'}]", 1),
        ("workflow_dispatch:", 1),
    ],
)
def test_a_gate_that_never_runs_for_the_branch_is_found(on, count):
    assert len(found({"hardpoint.yaml": MANIFEST, ".github/workflows/a.yml": CI.format(on)}, absent_gate)) == count


@pytest.mark.parametrize(
    ("job", "count"),
    [
        ("only: [main]", 0),
        ("only: [merge_requests]", 0),
        ("only: [branches]", 0),
        ("rules: [{if: $CI_COMMIT_BRANCH}]", 0),
        ("only: [develop]", 1),
        ("except: [main]", 1),
        ("only: [schedules]", 1),
        ("rules: [{if: '$CI_COMMIT_BRANCH == \"develop\"'}]", 1),
        ("rules: [{if: '$CI_PIPELINE_SOURCE == \"schedule\"'}]", 1),
    ],
)
def test_so_it_is_on_gitlab(job, count):
    files = {"hardpoint.yaml": MANIFEST, ".gitlab-ci.yml": f"test:\n  script: [npm test]\n  {job}\n"}
    assert len(found(files, absent_gate)) == count


def test_a_condition_that_names_another_branch_excludes():
    text = CI.format("push:").replace("    steps", "    if: github.ref == 'refs/heads/develop'\n    steps")
    assert len(found({"hardpoint.yaml": MANIFEST, ".github/workflows/a.yml": text}, absent_gate)) == 1


def test_where_no_branch_is_known_only_schedules_are_found():
    assert found({".github/workflows/a.yml": CI.format("push: {branches: [develop]}")}, absent_gate) == []
    assert len(found({".github/workflows/a.yml": CI.format("schedule: [{cron: x}]")}, absent_gate)) == 1


@pytest.mark.parametrize(
    ("branch", "patterns", "expected"),
    [
        ("main", ("main",), True),
        ("a/b", ("*",), False),
        ("a/b", ("**",), True),
        ("release/1", ("release/**", "!release/1"), False),
        ("main", ("[invalid",), True),
        ("main", (), False),
    ],
)
def test_patterns_are_those_of_the_hosts(branch, patterns, expected):
    assert matches(branch, patterns) is expected
