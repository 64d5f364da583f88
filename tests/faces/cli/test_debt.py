"""`hardpoint fix`, `hardpoint baseline`, and what becomes of findings in `check` and `gate`."""

import json

import pytest

from hardpoint.kernel.identity.keys import signer_of

BROKEN = "[a](docs/operations.md) and [b](gone-for-good.txt)\n"


@pytest.fixture
def root(repository, git):
    return repository({"README.md": BROKEN, "operations.md": "# Operations\n"})


def test_fix_repairs_what_is_certain_and_leaves_the_rest(root, cli):
    ran = cli("fix", "--format", "json", folder=root)
    assert ran.exit == 0
    assert (ran.json["repairs"], ran.json["left"], ran.json["files"]) == (1, 1, ["README.md"])
    assert (root / "README.md").read_text() == BROKEN.replace("docs/operations.md", "operations.md")
    assert cli("fix", folder=root).out.startswith("nothing can be repaired by itself")


def test_a_dry_run_prints_the_patch_and_writes_nothing(root, cli):
    ran = cli("fix", "--dry-run", folder=root)
    assert ran.exit == 1
    assert "+[a](operations.md) and [b](gone-for-good.txt)" in ran.out
    assert (root / "README.md").read_text() == BROKEN


def test_without_a_commit_nothing_is_repaired_in_place(tmp_path, cli):
    (tmp_path / "README.md").write_text(BROKEN)
    ran = cli("fix", folder=tmp_path)
    assert ran.exit == 2
    assert "no commit to go back to" in ran.err


def test_a_rule_may_be_named_by_the_beginning_of_its_id(root, cli):
    assert [each["rule"] for each in cli("check", "--rule", "DOC", "--format", "json", folder=root).json["findings"]]
    assert cli("check", "--rule", "DOC002", folder=root).exit == 0
    wrong = cli("check", "--rule", "DCO001", folder=root)
    assert (wrong.exit, "did you mean" in wrong.err) == (2, True)
    assert cli("check", "--rule", "DOC", "--record", folder=root).exit == 2


def test_known_debt_does_not_fail_a_check_and_new_debt_does(root, cli):
    assert cli("check", folder=root).exit == 1
    assert "2 known findings" in cli("baseline", folder=root).out
    checked = cli("check", "--format", "json", folder=root)
    assert (checked.exit, checked.json["findings"], checked.json["known"]) == (0, [], 2)
    (root / "README.md").write_text(BROKEN + "[c](nowhere.txt)\n")
    checked = cli("check", "--format", "json", folder=root)
    assert (checked.exit, [each["text"] for each in checked.json["findings"]]) == (1, ["nowhere.txt does not exist"])


def test_debt_falls_by_itself_and_grows_only_with_a_reason(root, cli):
    cli("baseline", folder=root)
    (root / "README.md").write_text("[b](gone-for-good.txt) [c](nowhere.txt)\n")
    ran = cli("baseline", folder=root)
    assert (ran.exit, "1 known finding, 1 fewer than before, 1 new one is not taken in" in ran.out) == (1, True)
    assert "hardpoint baseline --grow" in ran.out
    refused = cli("baseline", folder=root)  # nothing was paid since, so nothing is to be committed
    assert (refused.exit, "git add" in refused.out) == (1, False)
    assert cli("check", folder=root).exit == 1
    grown = cli("baseline", "--grow", "the site moves in May", folder=root)
    assert (grown.exit, "2 known findings" in grown.out) == (0, True)
    assert "git add" in grown.out
    assert cli("check", folder=root).exit == 0
    cli("baseline", folder=root)
    written = json.loads((root / "hardpoint.baseline.json").read_text())
    assert [(each["count"], each["reason"]) for each in written["grown"]] == [(1, "the site moves in May")]


@pytest.mark.parametrize("reason", ["", "  "])
def test_debt_does_not_grow_without_a_reason(root, cli, reason):
    cli("baseline", folder=root)
    before = (root / "hardpoint.baseline.json").read_bytes()
    (root / "README.md").write_text(BROKEN + "[c](nowhere.txt)\n")
    ran = cli("baseline", "--grow", reason, folder=root)
    assert (ran.exit, "reason is empty" in ran.err) == (2, True)
    assert (root / "hardpoint.baseline.json").read_bytes() == before


def test_a_baseline_that_cannot_be_read_forgives_nothing(root, cli):
    (root / "hardpoint.baseline.json").write_text("{}")
    ran = cli("check", folder=root)
    assert ran.exit == 3
    assert "hardpoint.baseline.json" in ran.err


def test_a_suppression_is_counted_and_shown(root, cli):
    (root / "README.md").write_text(
        "[a](operations.md)\n[b](gone.txt) <!-- hardpoint: allow DOC001 -- the build makes it -->\n"
    )
    checked = cli("check", "--format", "json", folder=root)
    assert checked.exit == 0
    assert [each["reason"] for each in checked.json["suppressed"]] == ["the build makes it"]
    assert "(1 suppressed)" in cli("check", folder=root).out


@pytest.mark.parametrize(("allowed", "answer"), [(True, "GO"), (False, "NO-GO")])
def test_a_gate_forgives_the_baseline_only_where_it_says_so(repository, git, cli, allowed, answer):
    criterion = {"id": "documents", "kind": "check", "rules": ["DOC001"], "allow_baseline": allowed}
    manifest = {
        "version": 1,
        "services": [{"name": "keystone"}],
        "gates": [{"name": "merge", "criteria": [criterion]}],
    }
    root = repository({"README.md": BROKEN, "hardpoint.yaml": json.dumps(manifest)})
    cli("baseline", folder=root)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "know the debt")
    assert cli("gate", "--format", "json", folder=root).json["answer"] == answer


@pytest.fixture
def owing(repository, git, cli, settings_folder):
    """A repository whose protected branch knows one of its findings; everything else happens on a branch beside it."""
    criterion = {"id": "documents", "kind": "check", "rules": ["DOC001"], "allow_baseline": True}
    key = str(signer_of(settings_folder, {}).public)
    manifest = {
        "version": 1,
        "services": [{"name": "keystone"}],
        "trust": {"keys": [{"holder": "ada", "key": key}]},
        "gates": [{"name": "merge", "criteria": [criterion]}],
    }
    root = repository({"README.md": "[a](gone.md)\n", "hardpoint.yaml": json.dumps(manifest)})
    cli("baseline", folder=root)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "know the debt")
    git(root, "branch", "-f", "base")
    return root


def grow(root, git, cli):
    (root / "README.md").write_text("[a](gone.md)\n[b](lost.md)\n")
    cli("baseline", "--grow", "because I say so", folder=root)
    git(root, "commit", "-q", "-a", "-m", "forgive myself")


BASE = ("--base", "base")


def test_what_both_know_is_known(owing, cli):
    assert cli("check", *BASE, folder=owing).exit == 0
    judged = cli("gate", *BASE, "--format", "json", folder=owing).json
    assert (judged["answer"], judged["gates"][0]["local"]) == ("GO", False)


@pytest.mark.requirement("GAT-02")
def test_a_change_does_not_forgive_itself(owing, git, cli, monkeypatch):
    grow(owing, git, cli)
    assert cli("check", folder=owing).exit == 0
    assert cli("check", *BASE, folder=owing).exit == 1
    assert cli("gate", *BASE, folder=owing).exit == 1
    monkeypatch.setenv("HARDPOINT_BASE", "base")
    assert cli("check", folder=owing).exit == 1
    cli("check", "--record", folder=owing)
    assert cli("gate", "--no-check", folder=owing).exit == 1


@pytest.mark.requirement("GAT-02")
def test_nor_by_a_check_that_names_no_base(owing, git, cli):
    grow(owing, git, cli)
    assert cli("check", "--record", folder=owing).exit == 0
    assert cli("gate", "--no-check", *BASE, folder=owing).exit == 1
    assert cli("gate", "--no-check", folder=owing).exit == 0  # locally


@pytest.mark.requirement("GAT-02")
def test_repaired_debt_does_not_come_back(owing, git, cli):
    (owing / "hardpoint.baseline.json").write_text('{"schema": "baseline/v1", "known": []}')
    git(owing, "commit", "-q", "-a", "-m", "repaired")
    assert cli("check", *BASE, folder=owing).exit == 1
    assert cli("gate", *BASE, folder=owing).exit == 1


@pytest.mark.requirement("GAT-02")
def test_a_base_without_a_baseline_knows_nothing(owing, git, cli):
    git(owing, "rm", "-q", "--cached", "hardpoint.baseline.json")
    git(owing, "commit", "-q", "-m", "none")
    git(owing, "branch", "-f", "base")
    git(owing, "add", "hardpoint.baseline.json")
    git(owing, "commit", "-q", "-m", "all at once")
    assert cli("check", *BASE, folder=owing).exit == 1
    assert cli("gate", *BASE, folder=owing).exit == 1


def test_a_base_that_is_none_is_said(owing, cli):
    ran = cli("check", "--base", "nowhere", folder=owing)
    assert (ran.exit, "nowhere" in ran.err) == (2, True)
