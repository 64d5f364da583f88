"""The house keeps its shape: import contracts, capabilities and their rooms, and the first line of every module."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hardpoint.capabilities import CAPABILITIES
from hardpoint.kernel.capability import Storey

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "hardpoint"
MODULES = sorted(SOURCE.rglob("*.py"))
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}

# Folders that are no capabilities: what rooms are built with, and the forms that every result takes.
SHARED = {"kernel/rooms", "faces/forms"}
LIGHT = {"machinery/flags", "machinery/resilience"}


def name(file: Path) -> str:
    return file.relative_to(SOURCE).as_posix()


every_module = pytest.mark.parametrize("module", MODULES, ids=name)


def test_every_import_contract_is_kept():
    linter = Path(sys.executable).with_name("lint-imports")
    kept = subprocess.run([linter, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert kept.returncode == 0, kept.stdout + kept.stderr


def test_every_capability_has_its_folder_and_every_folder_its_row():
    rows = {f"{each.storey.value}/{each.name}" for each in CAPABILITIES}
    folders = {
        f"{storey.value}/{file.parent.name}"
        for storey in Storey
        for file in (SOURCE / storey.value).glob("*/__init__.py")
    }
    assert folders - SHARED == rows


def test_a_noun_belongs_to_the_capabilities_that_have_verbs_for_it():
    from hardpoint.kernel.rooms.cli import Verb

    for capability in CAPABILITIES:
        nouns = {verb.words[0] for verb in capability.objects("verbs", Verb)}
        assert nouns == set(capability.nouns), capability.name


def test_no_folder_of_the_source_is_empty():
    folders = {folder for folder in SOURCE.rglob("*") if folder.is_dir() and folder.name != "__pycache__"}
    assert [name(folder) for folder in folders if not any(file.suffix for file in folder.rglob("*.py"))] == []


@every_module
def test_a_module_says_something_and_is_named_by_a_noun(module):
    tree = ast.parse(module.read_text(encoding="utf-8"))
    assert module.stem not in FORBIDDEN
    assert module.parent.name not in FORBIDDEN
    if module.name != "__init__.py":
        assert len(tree.body) > 1, "a room with nothing in it does not exist"


@every_module
def test_the_first_line_of_a_module_is_one_sentence(module):
    said = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
    assert said, "what is it?"
    assert re.match(r"[`A-Z]", said)
    assert said.partition("\n\n")[0].endswith(".")


def test_machinery_is_light_in_the_service_that_imports_it():
    for folder in sorted((SOURCE / "machinery").glob("*/")):
        loaded = loaded_by(f"hardpoint.machinery.{folder.name}")
        allowed = set() if name(folder) in LIGHT else {"sqlalchemy", "greenlet", "typing_extensions"}
        assert loaded - sys.stdlib_module_names - allowed == {"hardpoint"}, name(folder)


def loaded_by(module: str) -> set[str]:
    """The packages that a module loads in a new process, beyond what Python brings there itself (`sitecustomize`)."""
    script = (
        f"import sys; before = set(sys.modules); import {module}; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return {each for each in ended.stdout.split() if not each.startswith("_")}


def test_what_a_module_loads_is_seen(monkeypatch, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("SITE = 1\n")  # as the Python of Debian has one
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    assert "sqlalchemy" in loaded_by("hardpoint.kernel.store")
    assert loaded_by("hardpoint.kernel.verdict") - sys.stdlib_module_names == {"hardpoint"}
