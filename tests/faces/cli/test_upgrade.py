"""`hardpoint upgrade`: what newer rules find, and the one number that is written."""

from dataclasses import replace

import pytest

from hardpoint.assurance.documents.rules import pointers
from hardpoint.faces.cli import ruleset as named
from hardpoint.faces.cli.survey.upgrade import change_by, raised
from hardpoint.kernel import ruleset
from hardpoint.kernel.problem import ToolProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.ruleset import RULESET
from hardpoint.kernel.workspace import Workspace

MANIFEST = "# é\nversion: 1\nruleset: 1  # until 12 o'clock: ruleset: 1\n"
BROKEN = "[a](gone.md)\n"
LATER = {"DOC001": 2}


@pytest.fixture
def newer(monkeypatch):
    """A second ruleset, which has a rule that the first did not have."""
    monkeypatch.setattr(ruleset, "NEWEST", 2)
    real = named.rules_named

    def rules_named(context, names):
        return [replace(rule, since=LATER.get(rule.id, 1)) for rule in real(context, names)]

    monkeypatch.setattr(named, "rules_named", rules_named)


def test_the_newest_is_said_to_be_the_newest(cli, repository):
    root = repository({"hardpoint.yaml": MANIFEST})
    ran = cli("upgrade", "--dry-run", folder=root)
    assert (ran.exit, "ruleset 1 is the newest" in ran.out) == (0, True)
    (root / "hardpoint.yaml").write_text("version: 1\n")
    assert "no ruleset is pinned" in cli("upgrade", folder=root).out


def test_without_a_manifest_it_is_refused(cli, repository):
    assert cli("upgrade", folder=repository({"README.md": "x"})).exit == 2


@pytest.mark.usefixtures("newer")
def test_a_dry_run_says_what_would_fail_and_writes_nothing(cli, repository):
    root = repository({"hardpoint.yaml": MANIFEST, "README.md": BROKEN})
    ran = cli("upgrade", "--dry-run", "--format", "json", folder=root)
    assert (ran.exit, ran.json["written"]) == (1, False)
    assert [(each["rule"], each["since"], each["findings"]) for each in ran.json["rules"]] == [("DOC001", 2, 1)]
    assert [each["rule"] for each in ran.json["findings"]] == ["DOC001"]
    assert (root / "hardpoint.yaml").read_text() == MANIFEST


@pytest.mark.usefixtures("newer")
def test_an_upgrade_writes_one_number_and_no_other_byte(cli, repository):
    root = repository({"hardpoint.yaml": MANIFEST, "README.md": "# x\n"})
    ran = cli("upgrade", "--format", "json", folder=root)
    assert (ran.exit, ran.json["written"]) == (0, True)
    assert (root / "hardpoint.yaml").read_text() == MANIFEST.replace("ruleset: 1  #", "ruleset: 2  #")
    assert cli("check", folder=root).exit == 0


@pytest.mark.usefixtures("newer")
def test_what_the_baseline_knows_is_nothing_new(cli, repository):
    root = repository({"hardpoint.yaml": "version: 1\n", "README.md": BROKEN})
    cli("baseline", folder=root)
    (root / "hardpoint.yaml").write_text(MANIFEST)
    ran = cli("upgrade", "--dry-run", "--format", "json", folder=root)
    assert (ran.exit, ran.json["findings"]) == (0, [])


def tree(text):
    return Workspace.of({"hardpoint.yaml": text}, (RULESET,))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("version: 1\r\nruleset: 1\r\n", "version: 1\r\nruleset: 7\r\n"),
        ("{version: 1, ruleset: 1}", "{version: 1, ruleset: 7}"),
        ("\ufeffruleset: 1\nversion: 1\n", "\ufeffruleset: 7\nversion: 1\n"),
        ("{é: 1, ruleset: 1, version: 1}".replace("é: 1, ", ""), "{ruleset: 7, version: 1}"),
        ("version: 1\nruleset:\n  1\n", "version: 1\nruleset:\n  7\n"),
    ],
)
def test_the_number_is_found_wherever_it_stands(before, after):
    assert raised(tree(before.encode()), 7).decode() == after


def test_a_number_in_another_form_is_left_to_people():
    with pytest.raises(UsageProblem, match="not written in plain digits"):
        raised(tree("version: 1\nruleset: 0x1\n"), 7)


def test_a_rule_that_comes_to_no_result_is_no_answer():
    def fails(_):
        raise UnreadableProblem("cannot be read")

    rule = replace(pointers_rule(), since=2, over=fails)
    with pytest.raises(ToolProblem, match="cannot be read"):
        change_by(Workspace.of({}), [rule], 1, 2)


def pointers_rule():
    return next(each for each in vars(pointers).values() if getattr(each, "id", "") == "DOC001")
