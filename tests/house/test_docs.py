"""The docs keep up with the code: what is generated is as the code has it, and nothing is left out."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hardpoint.capabilities import CAPABILITIES, capabilities
from hardpoint.faces.forms import FORMS
from hardpoint.kernel import yaml
from hardpoint.kernel.capability import Storey
from hardpoint.kernel.importer import Importer
from hardpoint.kernel.problem import Exit, Problem
from hardpoint.kernel.rooms.cli import Context, Verb
from hardpoint.kernel.rule import Rule

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "hardpoint"
DOCS = ROOT / "docs"
GENERATOR = ROOT / "scripts" / "generate_docs.py"
CONTEXT = Context(capabilities())
STATES = {None, "begun", "works"}
KINDS = {"artefact", "check", "engine", "gate", "metric", "policy", "workflow"}


def page(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("generate_docs", GENERATOR)
    module = importlib.util.module_from_spec(spec)
    sys.modules["generate_docs"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["generate_docs"]


@pytest.fixture
def scratch(generator, monkeypatch, tmp_path):
    """The generator, writing to a folder of its own."""
    monkeypatch.setattr(generator, "ROOT", tmp_path)
    monkeypatch.setattr(generator, "REFERENCE", tmp_path)
    monkeypatch.setattr(generator, "reference", lambda: {"a.md": "as the code has it\n"})
    return generator


def test_the_reference_is_as_the_code_has_it():
    compared = subprocess.run(
        [sys.executable, GENERATOR, "--check"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (compared.returncode, compared.stdout) == (0, ""), compared.stdout + compared.stderr


def test_a_page_that_differs_is_named_and_left_alone_by_check(scratch, tmp_path, monkeypatch, capsys):
    (tmp_path / "a.md").write_text("as it was\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["generate_docs.py", "--check"])
    assert scratch.main() == 1
    assert capsys.readouterr().out == "a.md is not what the code says: run `make docs`\n"
    assert (tmp_path / "a.md").read_text(encoding="utf-8") == "as it was\n"


def test_pages_are_written_once(scratch, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["generate_docs.py"])
    assert [scratch.main(), scratch.main()] == [0, 0]
    assert capsys.readouterr().out == "wrote a.md\n"
    assert (tmp_path / "a.md").read_text(encoding="utf-8") == "as the code has it\n"


@pytest.mark.parametrize("rule", CONTEXT.collect("rules", Rule), ids=lambda rule: rule.id)
def test_a_rule_is_documented(rule):
    text = page("rules.md")
    assert f"## {rule.id}\n" in text
    assert f"**{rule.title}** ({rule.severity.value}). {rule.why}" in text
    assert all(content.rstrip() in text for content in [*rule.good.values(), *rule.bad.values()])


@pytest.mark.parametrize("importer", CONTEXT.collect("importers", Importer), ids=lambda importer: importer.kind)
def test_an_importer_is_documented_with_its_facts(importer):
    text = page("importers.md").partition(f"## {importer.kind}\n")[2]
    assert all(f"| `{name}` | {meaning} |" in text for name, meaning in importer.facts.items())


@pytest.mark.parametrize("verb", CONTEXT.collect("verbs", Verb), ids=lambda verb: " ".join(verb.words))
def test_a_verb_is_documented_with_its_options(verb):
    text = page("cli.md").partition(f"hardpoint {' '.join(verb.words)} ")[2]
    assert text
    assert all(option in text for parameter in verb.command.params for option in parameter.opts if option[:2] == "--")


def test_every_form_is_documented():
    assert all(f"`{form}`" in page("cli.md") for form in FORMS)


def test_every_problem_and_exit_code_is_documented(generator):
    problems = set(generator._descendants(Problem))
    assert len(problems) > 5
    assert all(f"| `{problem.code}` | {int(problem.exit)} |" in page("problems.md") for problem in problems)
    assert all(f"\n| {int(code)} |" in page("problems.md") for code in Exit)


def test_a_code_names_one_problem(generator):
    problems = [each for each in generator._descendants(Problem) if each.__module__.startswith("hardpoint")]
    assert len({problem.code for problem in problems}) == len(set(problems))


def test_every_environment_variable_that_the_source_names_is_documented_with_its_meaning():
    named = {
        name
        for file in SOURCE.rglob("*.py")
        for name in re.findall(r"\bHARDPOINT_[A-Z_]+\b", file.read_text(encoding="utf-8"))
    }
    meanings = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page("settings.md"), re.MULTILINE))
    assert named <= meanings.keys()
    assert all(meanings.values())


def test_the_schema_for_editors_is_the_one_that_the_command_prints(generator):
    assert json.loads(page("hardpoint.schema.json"))["properties"].keys() >= {"version", "services", "gates"}


def test_every_key_of_the_manifest_has_a_meaning():
    rows = re.findall(r"^\| `(\w+)` \| .*\| (.*) \|$", page("manifest.md"), re.MULTILINE)
    assert [key for key, meaning in rows if not meaning] == []


def requirements():
    areas = yaml.load((DOCS / "reference" / "requirements.yaml").read_bytes(), "requirements.yaml").data["areas"]
    return [(area["id"], each) for area in areas for each in area["requirements"]]


def test_requirements_have_an_id_of_their_area_a_kind_a_statement_and_a_state():
    ids = [each["id"] for _, each in requirements()]
    assert len(ids) == len(set(ids)) == 237
    for area, each in requirements():
        assert re.fullmatch(rf"{area}-\d\d", each["id"])
        assert each["kind"] in KINDS
        assert each["statement"].endswith(".")
        assert each.get("state") in STATES
        assert each.keys() <= {"id", "kind", "statement", "state"}


def test_what_works_or_is_begun_has_a_test_that_proves_it(generator):
    proofs = generator._proofs()
    assert [each["id"] for _, each in requirements() if each.get("state") and each["id"] not in proofs] == []


def test_marks_are_read_wherever_pytest_takes_them(generator):
    tree = generator.ast.parse(
        'pytestmark = [pytest.mark.slow, pytest.mark.requirement("GAT-01")]\n'
        '@pytest.mark.requirement("GAT-02", "GAT-03")\n'
        "def test_one(): ...\n"
        "class TestMany:\n"
        '    @pytest.mark.requirement("GAT-04")\n'
        "    def test_two(self): ...\n"
    )
    marks = [("", "GAT-01"), ("test_one", "GAT-02"), ("test_one", "GAT-03"), ("test_two", "GAT-04")]
    assert list(generator._marks(tree.body)) == marks


def newcomer_table():
    text = (DOCS / "explanation" / "architecture.md").read_text(encoding="utf-8")
    return re.findall(r"^\| ([^|`]+?) \| `([\w/.]+)` \| (✓?) ?\|$", text, re.MULTILINE)


def test_the_newcomer_table_names_enough_things_each_in_one_place():
    names = [name for name, _, _ in newcomer_table()]
    assert len(names) == len(set(names)) >= 25
    assert names == sorted(names, key=str.lower)


@pytest.mark.parametrize(("name", "place", "today"), newcomer_table(), ids=lambda value: value or "later")
def test_a_place_of_the_newcomer_table_is_as_it_says(name, place, today):
    storey, capability, *_ = place.split("/")
    assert storey in {each.value for each in Storey}
    assert (SOURCE / place).exists() == bool(today)
    known = {each.name: each.storey.value for each in CAPABILITIES}
    assert known.get(capability, storey) == storey


def test_every_page_is_on_the_map():
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    pages = {file.relative_to(DOCS).as_posix() for file in DOCS.rglob("*.md")} - {"index.md"}
    listed = set(re.findall(r"\]\(([^)#]+)\)", index))
    assert {name for name in pages if not name.startswith("decisions/")} <= listed


def test_decisions_are_numbered_without_gaps_and_listed():
    files = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    listed = re.findall(r"\]\(([0-9][^)]+)\)", (DOCS / "decisions" / "README.md").read_text(encoding="utf-8"))
    assert [file.name for file in files] == listed
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    for file in files:
        text = file.read_text(encoding="utf-8")
        sections = ["## Context", "## Options", "## Decision", "## Consequences"]
        assert [line for line in text.splitlines() if line.startswith("## ")] == sections, file.name
        assert re.search(r"^- Status: (proposed|accepted|rejected|superseded by \[?\d{4}.*)$", text, re.MULTILINE)
        assert re.search(r"^- Date: \d{4}-\d\d-\d\d$", text, re.MULTILINE)


def test_every_dependency_has_its_reason():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    names = {re.match(r"[\w-]+", each)[0] for each in wanted} - {"hardpoint"}
    text = (DOCS / "explanation" / "dependencies.md").read_text(encoding="utf-8")
    assert {name for name in names if not re.search(rf"\b{re.escape(name)}\b", text)} == set()
