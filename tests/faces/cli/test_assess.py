"""`hardpoint assess`: statements with their proofs, of a repository with a manifest or without."""

import pytest

from hardpoint.faces.cli.survey.assessment import _WORDS
from hardpoint.faces.cli.survey.sheet import _WHAT

FILES = {
    "README.md": "# Shop\n\n[a](docs/operation.md)\n[b](gone.md)\n",
    "docs/operations.md": "# Operations\n",
    "go.mod": "module acme.example/shop\n",
    "shop_test.go": "",
}


@pytest.mark.requirement("PLN-23")
def test_each_statement_cites_a_place_that_is_there_or_a_command_that_runs(cli, repository):
    root = repository(FILES)
    ran = cli("assess", "--format", "json", folder=root)
    assert (ran.exit, ran.json["schema"]) == (0, "assessment/v1")
    said = [*ran.json["strengths"], *ran.json["gaps"]]
    for each in said:
        file = each["proof"].partition(":")[0]
        assert (root / file).exists() or each["proof"].startswith(("hardpoint check --rule ", "no ")), each
    gaps = {each["what"]: each for each in ran.json["gaps"]}
    assert gaps["broken pointers: 2"]["proof"] == "README.md:3:1"
    assert gaps["go.mod is locked by nothing"]["command"] == "go mod tidy"
    assert not (root / "hardpoint.yaml").exists()
    assert not (root / ".hardpoint").exists()


@pytest.mark.requirement("PLN-23")
def test_a_strength_is_said_only_where_something_was_looked_at(cli, repository):
    root = repository({"a.py": "", "tox.ini": "[testenv]\ncommands = pytest\n"})
    said = {each["what"] for each in cli("assess", "--format", "json", folder=root).json["strengths"]}
    assert said == set()


def test_findings_that_a_baseline_knows_are_gaps_all_the_same(cli, repository):
    root = repository(FILES)
    cli("init", folder=root)
    ran = cli("assess", "--format", "json", folder=root)
    assert "broken pointers: 2" in {each["what"] for each in ran.json["gaps"]}


def test_another_folder_can_be_named(cli, repository, tmp_path):
    root = repository(FILES)
    assert cli("assess", root, "--format", "json", folder=tmp_path).json["service"] == "shop"


def test_the_most_certain_repair_comes_first(cli, repository):
    root = repository({"README.md": "[a](docs/operations.md)\n", "operations.md": "# Operations\n"})
    assert cli("assess", "--format", "json", folder=root).json["gaps"][0]["command"] == "hardpoint fix"


def test_what_is_found_fits_its_column_with_its_number():
    for words, _ in _WORDS.values():
        assert len(f"{words}: 9999") <= _WHAT, words


def test_one_language_that_is_locked_does_not_speak_for_another(cli, repository):
    root = repository({"Gemfile": "", "package.json": "{}", "yarn.lock": ""})
    said = cli("assess", "--format", "json", folder=root).json
    assert "dependencies are locked" not in {each["what"] for each in said["strengths"]}
    assert {each["command"] for each in said["gaps"]} >= {"bundle lock"}
