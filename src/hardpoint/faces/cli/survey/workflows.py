"""The pipeline that asks the gate: on every change, and on a schedule, so that evidence that goes stale shows."""

import hardpoint
from hardpoint.faces.cli.survey.inventory import Inventory

HOSTS = ("github", "gitlab")
_GITHUB = ".github/workflows/hardpoint.yml"
_GITLAB, _GITLAB_PART = ".gitlab-ci.yml", ".gitlab/hardpoint.yml"
_USUAL = frozenset({"main", "master", "trunk", "develop"})


def workflow(host: str, found: Inventory, branch: str) -> tuple[str, str, str]:
    """The file, its text, and what is left to do by hand for a host; `branch` is the one that is checked out."""
    protected = branch if branch in _USUAL else "main"
    text = _TEXTS[host].replace("{version}", hardpoint.__version__).replace("{branch}", protected)
    if host == "github":
        return _GITHUB, text, ""
    if _GITLAB not in found.at_root:
        return _GITLAB, text, ""
    return _GITLAB_PART, text, f"In {_GITLAB}: include: [{{local: /{_GITLAB_PART}}}]"


_TEXTS = {
    "github": """\
# Asks the gate `merge` on every change and every Monday, so that evidence that goes stale shows. Written by
# `hardpoint init --ci github`; it needs to read the repository, and nothing else.
name: hardpoint
on:
  pull_request:
  push:
    branches: [{branch}]
  schedule:
    - cron: "17 5 * * 1"
permissions:
  contents: read
jobs:
  gate:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8  # v5.0.0
        with:
          fetch-depth: 0
          persist-credentials: false
      # From the package index of the runner: name your mirror where it has no hardpoint.
      - run: pipx run hardpoint=={version} gate merge
        env:
          HARDPOINT_BASE: ${{ github.base_ref && format('origin/{0}', github.base_ref) || '' }}
""",
    "gitlab": """\
# Asks the gate `merge` on every change and in every scheduled pipeline, so that evidence that goes stale shows: make a
# weekly one under Build > Pipeline schedules. Written by `hardpoint init --ci gitlab`.
hardpoint:
  image: python:3.13-slim
  timeout: 15 minutes
  variables:
    GIT_DEPTH: "0"
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      variables:
        HARDPOINT_BASE: origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME
    - if: $CI_PIPELINE_SOURCE == "schedule"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  before_script:
    - apt-get update -qq && apt-get install -y -qq git
    # From the package index of the runner: name your mirror where it has no hardpoint.
    - pip install --quiet hardpoint=={version}
    # A runner fetches the request, and not always the branch that it is to be merged into.
    - git fetch --quiet origin "+refs/heads/*:refs/remotes/origin/*"
  script:
    - hardpoint gate merge
""",
}
