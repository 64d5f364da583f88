"""Two commands set everything up: the Makefile, the scripts behind it, and the lock they install."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

SHELL_SCRIPTS = sorted(path for path in (ROOT / "scripts").iterdir() if path.is_file() and not path.suffix)
TARGETS = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[1].split()

STEPS = ["-m venv", "-r requirements.lock", "--editable"]

# Stands in for Python: its `-m venv` copies it into .venv, its `-m pip` installs nothing and fails on demand.
FAKE_PYTHON = """#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in
  *version_info*) echo 3.11 ;;
  *ensurepip*) echo "$PYTHON" ;;
  -V) echo Python 3.11.99 ;;
  *"-m venv"*) mkdir .venv/bin && cp "$0" .venv/bin/python ;;
  *requirements.lock*) if [ -n "${BREAK_PIP:-}" ]; then echo pip is broken; exit 1; fi ;;
  *--editable*) cp "$0" .venv/bin/hardpoint ;;
esac
"""


class Checkout:
    """A copy of what `scripts/setup` reads, at a path with a space, with a fake Python."""

    def __init__(self, parent: Path) -> None:
        self.root = parent / "a checkout"
        self.calls = parent / "calls"
        self.python = parent / "fake python"
        (self.root / "scripts").mkdir(parents=True)
        for name in ["scripts/setup", "requirements.lock", "pyproject.toml"]:
            shutil.copy(ROOT / name, self.root / name)
        self.python.write_text(FAKE_PYTHON)
        self.python.chmod(0o755)

    def setup(self, **environment: str) -> tuple[int, str, list[str]]:
        """Its exit code, what it said, and what it installed."""
        self.calls.write_text("")
        env = {"PATH": os.environ["PATH"], "CALLS": str(self.calls), "PYTHON": str(self.python)}
        done = run(self.root / "scripts/setup", cwd="/", env=env | environment)
        calls = self.calls.read_text()
        return done.returncode, done.stderr, [step for step in STEPS if step in calls]


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


def run(*command, **options):
    return subprocess.run(
        command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, **options
    )


def locked():
    requirements = re.split(r"\n(?=\S)", LOCK.strip())
    return [(Requirement(entry.split("\\")[0].strip()), entry) for entry in requirements]


def required(requirements):
    for requirement in map(Requirement, requirements):
        if requirement.name != PROJECT["name"]:
            yield requirement
        for extra in requirement.extras & PROJECT["optional-dependencies"].keys():
            yield from required(PROJECT["optional-dependencies"][extra])


@pytest.mark.parametrize("target", [target for target in TARGETS if target != "help"])
def test_a_target_has_a_script(target):
    assert ROOT / "scripts" / target in SHELL_SCRIPTS


def test_make_without_a_target_explains_every_target():
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    explained = dict(re.findall(r"^make (\w+) +(\S.+)$", run("make", cwd=ROOT).stdout, re.MULTILINE))
    assert sorted(explained) == sorted(TARGETS)


@pytest.mark.parametrize("script", SHELL_SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_executable_posix_shell_that_says_what_it_does(script):
    shebang, purpose, *_ = script.read_text().splitlines()
    assert shebang == "#!/bin/sh"
    assert purpose.startswith("# ")
    assert os.access(script, os.X_OK)
    assert run("sh", "-n", script).returncode == 0


def test_ci_runs_an_executable_bash_script():
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    assert run("bash", "-n", script).returncode == 0


def test_the_lock_names_no_place():
    assert "://" not in LOCK
    assert not [line for line in LOCK.splitlines() if line.startswith(("-", ".", "/")) or " @ " in line]


def test_every_locked_requirement_is_pinned_by_version_and_hash():
    for requirement, entry in locked():
        assert [specifier.operator for specifier in requirement.specifier] == ["=="], requirement
        assert "--hash=sha256:" in entry, requirement


def test_the_lock_satisfies_every_dependency_of_the_project():
    pinned = {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin, _ in locked()}
    assert PROJECT["name"] not in pinned
    for requirement in required([*PROJECT["dependencies"], f"{PROJECT['name']}[dev]"]):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement


def test_setup_makes_the_environment_once(checkout):
    code, said, made = checkout.setup()
    assert (code, made) == (0, STEPS)
    assert said.count("\n") == 1
    assert checkout.setup() == (0, "", [])


def test_setup_keeps_an_environment_whose_project_changed(checkout):
    checkout.setup()
    with (checkout.root / "pyproject.toml").open("a") as project:
        project.write("\n")
    code, _, made = checkout.setup()
    assert (code, made) == (0, STEPS[1:])


def test_setup_trusts_nothing_that_was_left_half_made(checkout):
    code, said, _ = checkout.setup(BREAK_PIP="yes")
    assert code == 3
    assert "pip is broken\npip could not install requirements.lock" in said
    leftover = checkout.root / ".venv/lib/half a package"
    leftover.mkdir(parents=True)
    code, _, made = checkout.setup()
    assert (code, made) == (0, STEPS)
    assert not leftover.exists()


def test_setup_makes_a_moved_checkout_anew(checkout):
    checkout.setup()
    checkout.root = checkout.root.rename(checkout.root.with_name("moved"))
    assert "-m venv" in checkout.setup()[2]


def test_setup_names_a_python_that_will_not_do(checkout):
    code, said, _ = checkout.setup(PYTHON="false")
    assert code == 3
    assert said.startswith("PYTHON is 'false', which is no Python 3.11 or newer")
