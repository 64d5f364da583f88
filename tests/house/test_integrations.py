"""What others run of this repository as it stands: the action, the template for GitLab, the hooks, the container."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.conftest import stand_in

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {each["name"]: each for each in ACTION["runs"]["steps"]}
GITLAB = ROOT / "templates" / "hardpoint.gitlab-ci.yml"
HOW_TO = (ROOT / "docs" / "how-to" / "review-changes.md").read_text()

# Both note how they were called; hardpoint writes what --output asks for.
HARDPOINT = """
import json, os, sys
open(os.environ["CALLS"], "a").write(json.dumps(["hardpoint", *sys.argv[1:]]) + "\\n")
for form, _, file in (each.partition("=") for each in sys.argv[1:]):
    if form in ("markdown", "sarif"):
        open(file, "w").write(f"the {form}\\n")
sys.exit(int(os.environ["ANSWER"]))
"""
GH = """
import json, os, sys
open(os.environ["CALLS"], "a").write(json.dumps(["gh", *sys.argv[1:]]) + "\\n")
if os.environ["FORK"] == "yes":
    print("gh: Resource not accessible by integration (HTTP 403)", file=sys.stderr)
    sys.exit(1)
"""


class Job:
    """The steps of the action after its installation, run as a runner runs them."""

    def __init__(self, folder, *, answer=0, fork=False, **inputs):
        self.folder = self.checkout = folder
        for name, text in (("hardpoint", HARDPOINT), ("gh", GH)):
            stand_in(folder, name, text)
        self.calls, self.summary, self.outputs = folder / "calls", folder / "summary", folder / "outputs"
        values = {name: each.get("default", "") for name, each in ACTION["inputs"].items()}
        values |= {name.replace("_", "-"): value for name, value in inputs.items()}
        self.expressions = {f"inputs.{name}": value for name, value in values.items()} | {
            "github.base_ref": inputs.get("base_ref", "main"),
            "github.sha": "a" * 40,
            "github.ref": "refs/pull/7/merge",
            "github.repository": "acme/shop",
        }
        self.environment = {
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "RUNNER_TEMP": str(folder),
            "GITHUB_OUTPUT": str(self.outputs),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_EVENT_NAME": "pull_request",
            "CALLS": str(self.calls),
            "ANSWER": str(answer),
            "FORK": "yes" if fork else "no",
        }

    def run(self, name):
        if self.outputs.exists():
            self.expressions["steps.review.outputs.exit"] = self.outputs.read_text().strip().partition("=")[2]
        step = STEPS[name]
        given = {
            key: re.sub(r"\$\{\{\s*(.*?)\s*\}\}", lambda found: self.expressions.get(found[1], ""), value)
            for key, value in step.get("env", {}).items()
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            env={**self.environment, **given},
            cwd=self.checkout,
            capture_output=True,
            text=True,
            check=False,
        )

    def all(self):
        return {name: self.run(name) for name in STEPS if name != "Install hardpoint"}

    def called(self, program):
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [each[1:] for each in map(json.loads, lines) if each[0] == program]


@pytest.mark.parametrize("answer", [0, 1, 2, 3, 5])
def test_the_action_ends_as_the_review_does_and_tells_before(tmp_path, answer):
    job = Job(tmp_path, answer=answer)
    ended = job.all()
    assert {name: each.returncode for name, each in ended.items() if each.returncode} == (
        {"Verdict": answer} if answer else {}
    )
    assert job.summary.read_text() == "the markdown\n"
    (uploaded,) = job.called("gh")
    assert "repos/acme/shop/code-scanning/sarifs" in uploaded
    (reviewed,) = job.called("hardpoint")
    assert reviewed[:3] == ["review", "--fail-on", "error"]
    assert reviewed[-4:] == ["--against", "origin/main", "--comment", "github"]


@pytest.mark.parametrize("answer", [0, 1])
def test_a_fork_gets_the_summary_and_a_notice(tmp_path, answer):
    job = Job(tmp_path, answer=answer, fork=True)
    ended = job.all()
    assert ended["Upload SARIF"].returncode == 0
    assert ended["Upload SARIF"].stdout.startswith("::notice title=hardpoint::the SARIF was not uploaded: gh: Resource")
    assert (ended["Verdict"].returncode, job.summary.exists()) == (answer, True)


def test_a_review_that_never_ran_is_no_pass(tmp_path):
    assert Job(tmp_path).run("Verdict").returncode == 3


def test_inputs_are_words_and_never_code(tmp_path):
    hostile = "$(touch hacked); `touch hacked` \"'; touch hacked #"
    job = Job(tmp_path, against=hostile, fail_on=hostile, comment="false")
    job.all()
    (reviewed,) = job.called("hardpoint")
    assert (reviewed[2], reviewed[-1]) == (hostile, hostile)
    assert not (tmp_path / "hacked").exists()
    assert "--comment" not in reviewed


@pytest.mark.parametrize("version", ["1.0; touch hacked", "--index-url=http://e", "0.4.0 evil", "../x"])
def test_a_version_is_a_release(tmp_path, version):
    refused = Job(tmp_path, version=version)
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "python3").chmod(0o755)
    assert refused.run("Install hardpoint").returncode == 2
    assert not (tmp_path / "hacked").exists()


def test_what_is_reviewed_is_not_imported_by_what_installs(tmp_path):
    job = Job(tmp_path)
    job.checkout = tmp_path / "checkout"
    job.checkout.mkdir()
    for name in ("venv", "pip", "ensurepip"):
        (job.checkout / f"{name}.py").write_text("open('hacked', 'w')\n")
    (tmp_path / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (tmp_path / "python3").chmod(0o755)
    job.environment |= {"PIP_NO_INDEX": "1", "RUNNER_TEMP": str(tmp_path / "temporary")}
    assert job.run("Install hardpoint").returncode != 0  # there is no index to install from
    assert (tmp_path / "temporary" / "hardpoint" / "bin" / "python").exists()
    assert {each.name for each in job.checkout.iterdir()} == {"venv.py", "pip.py", "ensurepip.py"}


def test_expressions_reach_the_shell_through_the_environment_alone():
    assert [name for name, each in STEPS.items() if "${{" in each["run"]] == []
    assert all(STEPS[name].get("if") == "always()" for name in ("Summary", "Upload SARIF", "Verdict"))


def _workflows():
    shown = re.findall(r"^```yml\n(.*?)^```$", HOW_TO, re.MULTILINE | re.DOTALL)
    return [each for each in shown if "jobs:" in each]


def test_our_own_rules_find_nothing_in_what_is_shown(cli, repository):
    files = {f".github/workflows/{at}.yml": text for at, text in enumerate(_workflows())}
    assert files
    root = repository({**files, ".gitlab-ci.yml": GITLAB.read_text()})
    found = cli("check", "--rule", "CI", "--fail-on", "note", "--format", "json", folder=root).json
    assert [f"{each['rule']} {each['text']}" for each in found["findings"]] == []
    assert {each["rule"] for each in found["rules"]} >= {"CI001", "CI002"}


def _commands():
    """Every command line of hardpoint that is shipped, without its program."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    job = yaml.safe_load(GITLAB.read_text())["hardpoint review"]
    lines = [*(each["entry"] for each in hooks), *job["script"]]
    return [shlex.split(each)[1:] for each in lines if each.startswith("hardpoint ")]


def test_a_job_of_gitlab_is_run_by_a_shell_in_our_image():
    (image,) = (each["image"] for each in yaml.safe_load(GITLAB.read_text()).values())
    assert image == {"name": "$HARDPOINT_IMAGE", "entrypoint": [""]}  # ours has another


@pytest.mark.parametrize("words", _commands(), ids=" ".join)
def test_shipped_commands_are_understood(words, cli, repository, monkeypatch, tmp_path):
    for name, value in {"CI_PROJECT_ID": "1", "CI_MERGE_REQUEST_IID": "2"}.items():
        monkeypatch.setenv(name, value)
    root = repository({"README.md": "# A\n"})
    words = ["main" if each.startswith("origin/") else each for each in words]
    assert cli(*words, folder=root).exit == 0


def test_the_runtime_lock_is_part_of_the_lock():
    locks = [
        set(re.findall(r"^(\S+==\S+)", (ROOT / f"{name}.lock").read_text(), re.MULTILINE))
        for name in ("runtime", "requirements")
    ]
    assert locks[0] < locks[1]
    assert "://" not in (ROOT / "runtime.lock").read_text()


def test_the_container_is_small_pinned_and_runs_as_nobody_special():
    text = (ROOT / "Containerfile").read_text()
    assert all(re.search(r":\d+\.\d+\.\d+-slim-\w+", each) for each in re.findall(r"^FROM (.*)$", text, re.MULTILINE))
    assert "--require-hashes" in text
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)
    assert text.rstrip().endswith('ENTRYPOINT ["hardpoint"]')
