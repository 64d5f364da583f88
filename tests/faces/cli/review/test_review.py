"""`hardpoint review`: what is new against the base, what is tolerated, and what the gates would say."""

import json

import pytest

from hardpoint.kernel.baseline import read_baseline
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

WORKFLOW = "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: {}\n"
BODY = "\n## Context\n\nWe need it.\n\n## Decision\n\nSo it is.\n\n## Consequences\n\nIt works.\n"
DECISION = "# {0}. {1}\n\n- Status: accepted\n- Date: 2026-01-10\n" + BODY
MANIFEST = """version: 1
services: [{name: shop}]
gates:
  - name: merge
    criteria:
      - {id: documents, kind: check, rules: [DOC001]}
      - {id: tests, kind: report, report: junit, require: {failures: 0, tests: ">= 10"}, max_age: 7d}
"""
GATED = {
    "hardpoint.yaml": MANIFEST.replace(", max_age: 7d", ""),
    "a.md": "[b](b.md)\n",
    "b.md": "# B\n",
    ".gitignore": ".hardpoint\n",
}
JUNIT = '<testsuite name="unit" tests="{0}" failures="{1}" errors="0" timestamp="2026-03-01T12:00:00Z">{2}</testsuite>'


@pytest.fixture
def change(repository, git):
    """A repository on a branch of its own: returns its root and what commits files there."""

    def change(files):
        root = repository(files)
        git(root, "checkout", "-q", "-b", "topic")

        def commit(files, message="change"):
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            git(root, "add", "-A")
            git(root, "commit", "-q", "-m", message)

        return root, commit

    return change


@pytest.fixture
def reviewed(cli):
    def reviewed(root, *arguments, code=None):
        ran = cli("review", "--against", "main", "--format", "json", *arguments, folder=root)
        assert code is None or ran.exit == code, ran.out + ran.err
        return ran.json

    return reviewed


def texts(found):
    return [each["text"] for each in found["findings"]]


@pytest.mark.requirement("ERR-03")
def test_findings_of_the_base_are_none_of_the_change(change, reviewed):
    root, commit = change({"README.md": "[a](gone.md) [b](left.md)\n"})
    commit({"README.md": "[a](gone.md)\n", "other.md": "[c](nowhere.md)\n"})
    found = reviewed(root, code=1)
    assert texts(found) == ["nowhere.md does not exist"]
    assert (found["answer"], found["repaired"], found["known"]) == ("NO-GO", 1, 1)
    assert [each["rules"] for each in found["sections"]] == ["DOC"]
    assert [(each["new"], each["failing"], each["repaired"]) for each in found["sections"]] == [(1, 1, 1)]


def test_one_verdict_has_a_section_for_each_family_of_rules(change, reviewed):
    root, commit = change({"README.md": "# A\n", ".github/workflows/ci.yml": WORKFLOW.format("npm test")})
    commit({"README.md": "[a](gone.md)\n", ".github/workflows/ci.yml": WORKFLOW.format("npm test || true")})
    found = reviewed(root, code=1)
    assert {each["rules"] for each in found["sections"]} >= {"CI", "DOC"}
    assert sorted(each["rule"] for each in found["findings"]) == ["CI001", "DOC001"]
    assert found["schema"] == "review/v1"


def test_a_second_of_the_same_is_new(change, reviewed):
    root, commit = change({"README.md": "[a](gone.md)\n"})
    commit({"README.md": "[a](gone.md)\n\n[b](gone.md)\n"})
    assert texts(reviewed(root, code=1)) == ["gone.md does not exist"]


def test_a_finding_moves_with_its_file(change, reviewed, git):
    root, commit = change({"a.md": "# A long enough page\n\nso that git sees\n\nthat it moves\n\n[a](gone.md)\n"})
    git(root, "mv", "a.md", "b.md")
    commit({})
    found = reviewed(root, code=0)
    assert (found["findings"], found["repaired"]) == ([], 0)


def test_a_finding_behind_a_link_is_known_too(change, reviewed):
    root, commit = change({"AGENTS.md": "[a](gone.md)\n", "other.txt": "1"})
    (root / "CLAUDE.md").symlink_to("AGENTS.md")
    commit({})
    found = len(reviewed(root)["findings"])
    commit({"other.txt": "2"})
    assert len(reviewed(root)["findings"]) == found
    base = Workspace.open(root).at("topic")
    assert base.read("CLAUDE.md") == b"[a](gone.md)\n"


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("through.md", "linked/b.md"),
        ("up.md", "docs/../linked/b.md"),
        ("folder.md", "docs"),
        ("root.md", "."),
        ("above.md", ".."),
        ("gone.md", "gone"),
        ("loop.md", "loop.md"),
    ],
)
def test_a_link_of_a_commit_is_read_as_on_disk(change, link, target):
    root, commit = change({"docs/b.md": "[a](nowhere.md)\n", "docs/other.txt": "1"})
    (root / "linked").symlink_to("docs")
    (root / link).symlink_to(target)
    commit({})
    on_disk, committed = Workspace.open(root), Workspace.open(root).at("topic")
    assert outcome(committed, link) == outcome(on_disk, link)


def outcome(workspace, name):
    try:
        return workspace.read(name)
    except UnreadableProblem as problem:
        return problem.sentence


@pytest.mark.parametrize(("target", "said"), [("../out.md", "leads out"), ("loop.md", "leads to itself")])
def test_a_link_of_a_commit_leads_nowhere_else(change, target, said):
    root, commit = change({"a.md": "# A\n"})
    (root / "loop.md").symlink_to(target)
    commit({})
    with pytest.raises(Exception, match=said):
        Workspace.open(root).at("topic").read("loop.md")


def test_what_is_not_committed_is_reviewed_too(change, reviewed):
    root, _ = change({"README.md": "# A\n"})
    (root / "new.md").write_text("[a](gone.md)\n")
    found = reviewed(root, code=1)
    assert (texts(found), found["dirty"]) == (["gone.md does not exist"], True)


def test_an_empty_change_is_go_with_a_sentence(change, cli):
    root, _ = change({"README.md": "[a](gone.md)\n"})
    ran = cli("review", "--against", "main", folder=root)
    assert (ran.exit, ran.out) == (0, "GO: nothing to review, nothing has changed since main\n")


def test_the_base_may_move_on(change, reviewed, git):
    root, commit = change({"README.md": "# A\n", "a.md": "# A\n"})
    commit({"b.md": "# B\n"})
    git(root, "checkout", "-q", "main")
    (root / "a.md").write_text("[a](gone.md)\n")
    git(root, "commit", "-q", "-a", "-m", "on")
    git(root, "checkout", "-q", "topic")
    found = reviewed(root, code=0)
    assert (found["findings"], found["repaired"], found["touched"]) == ([], 0, 1)


def test_decisions_collide_with_what_the_base_has_meanwhile(change, reviewed, git):
    root, commit = change({"docs/adr/0001-queue.md": DECISION.format(1, "Use a queue")})
    commit({"docs/adr/0002-one.md": DECISION.format(2, "One")})
    assert "ADR001" not in [each["rule"] for each in reviewed(root)["findings"]]
    git(root, "checkout", "-q", "main")
    (root / "docs/adr/0002-other.md").write_text(DECISION.format(2, "Other"))
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "other")
    git(root, "checkout", "-q", "topic")
    found = reviewed(root, code=1)
    assert [each["rule"] for each in found["findings"] if each["severity"] == "error"] == ["ADR001"]


def test_documents_change_with_the_code_that_they_cover(change, reviewed):
    covers = "# Tax\n\n<!-- hardpoint: covers src/tax.py -->\n"
    root, commit = change({"docs/tax.md": covers, "src/tax.py": "RATE = 19\n"})
    commit({"src/tax.py": "RATE = 20\n"})
    assert [each["rule"] for each in reviewed(root, code=1)["findings"]] == ["DOC019"]
    commit({"docs/tax.md": f"{covers}\nIt is 20.\n"})
    assert reviewed(root, code=0)["findings"] == []


def test_a_failure_that_nobody_sees_needs_a_reason_however_certain(change, reviewed):
    file, silent = ".github/workflows/ci.yml", "python scripts/check_links.py || true"
    root, commit = change({file: WORKFLOW.format("npm test"), "scripts/check_links.py": "1\n"})
    commit({file: WORKFLOW.format(silent)})
    found = reviewed(root, code=1)
    assert [(each["rule"], each["severity"]) for each in found["findings"]] == [("CI002", "warning")]
    commit({file: WORKFLOW.format(f"{silent}  # hardpoint: allow CI002 -- links of others break daily")})
    found = reviewed(root, code=0)
    assert [each["reason"] for each in found["tolerances"]] == ["links of others break daily"]


def test_a_suppression_that_was_there_is_no_new_tolerance(change, reviewed):
    line = "[a](gone.md) <!-- hardpoint: allow DOC001 -- generated -->\n"
    root, commit = change({"a.md": line})
    commit({"b.md": "# B\n"})
    assert reviewed(root, code=0)["tolerances"] == []
    commit({"b.md": line})
    found = reviewed(root, code=0)
    assert [(each["where"], each["reason"]) for each in found["tolerances"]] == [("b.md:1:1", "generated")]


def test_a_change_does_not_forgive_itself(change, reviewed, cli):
    root, commit = change({"a.md": "[a](gone.md)\n"})
    cli("baseline", folder=root)
    commit({})
    assert reviewed(root, code=0)["tolerances"] == []  # what the base had may become known
    commit({"b.md": "[b](nowhere.md)\n"})
    cli("baseline", "--grow", "b.md is to be written in May", folder=root)
    commit({})
    found = reviewed(root, code=1)
    assert texts(found) == ["nowhere.md does not exist"]
    assert [(each["what"], each["reason"]) for each in found["tolerances"]] == [
        ("1 more known finding", "b.md is to be written in May")
    ]


def test_a_baseline_that_grows_without_a_reason_is_no_go(change, reviewed, cli):
    root, commit = change({"a.md": "# A\n"})
    commit({"b.md": "[b](nowhere.md)\n"})
    cli("baseline", folder=root)
    commit({})
    assert read_baseline(Workspace.open(root)).grown == ()
    assert [each["reason"] for each in reviewed(root, code=1)["tolerances"]] == [""]


def test_a_blank_is_no_reason(change, reviewed, cli):
    root, commit = change({"a.md": "# A\n"})
    row = '{"rule":"DOC001","file":"a.md","text":"gone.md does not exist","count":1}'
    blank = '{"reason":" ","count":1,"day":"2026-01-01"}'
    commit({"hardpoint.baseline.json": f'{{"schema":"baseline/v1","known":[{row}],"grown":[{blank}]}}'})
    assert [each["reason"] for each in reviewed(root, code=1)["tolerances"]] == [""]


def test_the_baseline_of_the_base_is_known(change, reviewed, cli, git):
    root, commit = change({"a.md": "[a](gone.md)\n"})
    git(root, "checkout", "-q", "main")
    cli("baseline", folder=root)
    commit({})
    git(root, "checkout", "-q", "-B", "topic")
    commit({"b.md": "# B\n"})
    assert reviewed(root, code=0)["known"] == 1


def test_a_change_that_drops_the_baseline_fails_the_gate_by_itself(change, reviewed, cli, git):
    manifest = MANIFEST.replace("rules: [DOC001]", "rules: [DOC001], allow_baseline: true")
    root, commit = change({"hardpoint.yaml": manifest, "a.md": "[a](gone.md)\n"})
    git(root, "checkout", "-q", "main")
    cli("baseline", folder=root)
    commit({})
    git(root, "checkout", "-q", "-B", "topic")
    (root / "hardpoint.baseline.json").unlink()
    commit({})
    (gate,) = [each for each in reviewed(root, code=1)["gates"] if each["gate"] == "merge"]
    assert (gate["answer"], bool(gate["caused"])) == ("NO-GO", True)


def test_asking_for_less_needs_a_reason(change, reviewed):
    root, commit = change({"hardpoint.yaml": MANIFEST, "a.md": "[b](b.md)\n", "b.md": "# B\n"})
    commit({"hardpoint.yaml": MANIFEST.replace(">= 10", ">= 1").replace("7d", "30d")})
    found = reviewed(root, code=1)
    assert [each["what"] for each in found["tolerances"]] == [
        "merge/tests: max_age 30d, was 1w",
        "merge/tests: require tests >= 1, was >= 10",
    ]
    assert {each["path"] for each in found["would_become"]} == {
        "gates.merge.criteria.tests.max_age",
        "gates.merge.criteria.tests.require.tests",
    }
    commit({"hardpoint.yaml": MANIFEST.replace(">= 10", ">= 2")}, "less\n\nTolerated: the suite was split in two")
    found = reviewed(root, code=0)
    assert [each["reason"] for each in found["tolerances"]] == ["the suite was split in two"]


def test_a_manifest_that_hides_errors_needs_a_reason(change, reviewed):
    root, commit = change({"hardpoint.yaml": "version: 1\n", "a.md": "# A\n"})
    hiding = "version: 1\ndocuments: {exclude: [drafts/]}\n"
    commit({"hardpoint.yaml": hiding, "drafts/b.md": "[b](gone.md)\n"})
    found = reviewed(root, code=1)
    assert [each["what"] for each in found["tolerances"]] == ["1 finding hidden, such as DOC001 at drafts/b.md:1:1"]
    commit({"hardpoint.yaml": f"{hiding}# drafts\n"}, "hide\n\nTolerated: drafts are nobody's to read")
    assert [each["reason"] for each in reviewed(root, code=0)["tolerances"]] == ["drafts are nobody's to read"]


def test_what_is_hidden_is_measured_as_what_is_found(change, reviewed):
    root, commit = change({"hardpoint.yaml": "version: 1\n", "a.md": "# A\n"})
    commit({"hardpoint.yaml": "version: 1\ndocuments: {exclude: [b.md]}\n", "b.md": "[a](a.md#nowhere)\n"})
    assert reviewed(root, code=0)["tolerances"] == []
    assert len(reviewed(root, "--fail-on", "warning", code=1)["tolerances"]) == 1


def test_a_first_manifest_hides_no_new_errors(change, reviewed):
    root, commit = change({"old/a.md": "[b](gone.md)\n"})
    first = "version: 1\ndocuments: {exclude: [old/, new/]}\n"
    commit({"hardpoint.yaml": first})
    assert reviewed(root, code=0)["tolerances"] == []
    commit({"new/b.md": "[b](gone.md)\n"})
    said = [each["what"] for each in reviewed(root, code=1)["tolerances"]]
    assert said == ["1 finding hidden, such as DOC001 at new/b.md:1:1"]


@pytest.mark.requirement("PLN-23")
@pytest.mark.parametrize("files", [{"a.md": "# A\n"}, {"a.md": "[b](gone.md)\n"}])
def test_to_adopt_what_init_writes_needs_no_reason(change, reviewed, cli, files):
    root, commit = change({**files, ".gitignore": ".hardpoint\n"})
    assert cli("init", "--yes", folder=root).exit == 0
    commit({})
    assert reviewed(root, code=0)["tolerances"] == []


def test_a_gate_that_decides_no_longer_needs_a_reason(change, reviewed):
    lax = "  - {name: lax, criteria: [{id: documents, kind: check, rules: [DOC009]}]}\n"
    root, commit = change({"hardpoint.yaml": MANIFEST + lax, "a.md": "# A\n"})
    commit({"hardpoint.yaml": MANIFEST + lax.replace("name: lax", "name: lax, default: true")})
    found = reviewed(root, code=1)
    assert [each["what"] for each in found["tolerances"]] == ["gate merge decides no longer"]


def test_a_pin_to_the_newest_ruleset_asks_for_no_less(change, reviewed, monkeypatch):
    root, commit = change({"hardpoint.yaml": "version: 1\n", "a.md": "# A\n"})
    commit({"hardpoint.yaml": "version: 1\nruleset: 1\n"})
    assert reviewed(root, code=0)["tolerances"] == []
    monkeypatch.setattr("hardpoint.faces.cli.review.tolerance.NEWEST", 2)
    assert [each["what"] for each in reviewed(root, code=1)["tolerances"]] == ["ruleset is 1, and was 2"]


def test_a_manifest_that_declares_more_hides_nothing(change, reviewed):
    root, commit = change({"hardpoint.yaml": "version: 1\n", "a.md": "[b](gone.md)\n"})
    commit({"hardpoint.yaml": "version: 1\nservices: [{name: shop}]\n"})
    assert reviewed(root, code=0)["tolerances"] == []


def test_what_is_allowed_now_is_not_repaired(change, reviewed):
    root, commit = change({"a.md": "[a](gone.md)\n"})
    commit({"a.md": "[a](gone.md) <!-- hardpoint: allow DOC001 -- comes in May -->\n"})
    found = reviewed(root, code=0)
    assert (found["repaired"], [each["reason"] for each in found["tolerances"]]) == (0, ["comes in May"])


def test_a_gate_that_old_debt_stops_is_not_the_changes(change, reviewed):
    root, commit = change({"hardpoint.yaml": MANIFEST, "a.md": "[b](gone.md)\n", "b.md": "# B\n"})
    commit({"b.md": "# C\n"})
    (gate,) = reviewed(root, code=0)["gates"]
    assert (gate["answer"], gate["because"], gate["caused"]) == ("NO-GO", "documents", "")


def test_no_gate_is_go_that_nothing_is_known_of(change, reviewed, cli):
    root, commit = change({"hardpoint.yaml": MANIFEST, "a.md": "[b](b.md)\n", "b.md": "# B\n"})
    commit({"b.md": "# C\n"})
    (gate,) = reviewed(root, code=0)["gates"]
    assert (gate["answer"], gate["because"], gate["caused"]) == ("not enough evidence", "tests", "")
    assert "gate merge: not enough evidence (tests)" in cli("review", "--against", "main", folder=root).out


def junit(root, cli, commit, tests, failures):
    report = JUNIT.format(
        tests,
        failures,
        "".join(f'<testcase name="t{at}">{"<failure/>" if at < failures else ""}</testcase>' for at in range(tests)),
    )
    file = root.parent / f"junit-{commit[:7]}.xml"
    file.write_text(report)
    ran = cli("evidence", "import", file, "--commit", commit, folder=root)
    assert ran.exit == 0, ran.out + ran.err


def test_a_gate_that_the_change_makes_fail_is_no_go(change, reviewed, cli, git, monkeypatch):
    root, commit = change(GATED)
    commit({"b.md": "# C\n"})
    junit(root, cli, git(root, "rev-parse", "main"), 12, 0)
    junit(root, cli, git(root, "rev-parse", "topic"), 12, 1)
    found = reviewed(root, code=1)
    (gate,) = found["gates"]
    assert (gate["answer"], gate["because"], gate["caused"]) == ("NO-GO", "tests", "tests")
    assert found["findings"] == []


@pytest.mark.parametrize("services", ["services: [{name: other}]", ""])
def test_no_change_escapes_its_gate_under_another_name(change, reviewed, cli, git, services):
    root, commit = change(GATED)
    commit({"b.md": "# C\n"})
    junit(root, cli, git(root, "rev-parse", "main"), 12, 0)
    junit(root, cli, git(root, "rev-parse", "topic"), 12, 1)
    (root / "hardpoint.yaml").write_text(GATED["hardpoint.yaml"].replace("services: [{name: shop}]", services))
    assert [each["what"] for each in reviewed(root, code=1)["tolerances"]] == ["service shop is gone"]


def test_a_gate_that_failed_before_is_told_and_is_not_the_changes(change, reviewed, cli, git):
    root, commit = change(GATED)
    commit({"b.md": "# C\n"})
    for each in ("main", "topic"):
        junit(root, cli, git(root, "rev-parse", each), 12, 1)
    (gate,) = reviewed(root, code=0)["gates"]
    assert (gate["answer"], gate["caused"]) == ("NO-GO", "")


def test_evidence_that_holds_makes_the_gate_go(change, reviewed, cli, git):
    root, commit = change(GATED)
    commit({"b.md": "# C\n"})
    junit(root, cli, git(root, "rev-parse", "topic"), 12, 0)
    (gate,) = reviewed(root, code=0)["gates"]
    assert gate["answer"] == "GO"
    commit({"b.md": "# D\n", "a.md": "[b](gone.md)\n"})
    junit(root, cli, git(root, "rev-parse", "topic"), 12, 0)
    (gate,) = reviewed(root, code=1)["gates"]
    assert (gate["answer"], gate["caused"]) == ("NO-GO", "documents")


def test_a_change_may_repair_the_manifest_of_its_base(change, reviewed):
    root, commit = change({"hardpoint.yaml": "version: 1\ngates: 7\n", "a.md": "[b](gone.md)\n"})
    commit({"hardpoint.yaml": "version: 1\n"})
    assert texts(reviewed(root, code=1)) == ["gone.md does not exist"]  # nothing is known of the base
    commit({"a.md": "# A\n"})
    assert reviewed(root, code=0)["answer"] == "GO"


def test_a_manifest_of_the_change_that_cannot_be_used_is_a_wrong_declaration(change, cli):
    root, commit = change({"a.md": "# A\n"})
    commit({"hardpoint.yaml": "version: 1\ngates: 7\n"})
    assert cli("review", "--against", "main", folder=root).exit == 2


def test_a_rule_without_a_result_is_no_result(change, reviewed, cli):
    root, commit = change({"a.md": "# A\n"})
    commit({"b.md": "# B\n", "hardpoint.baseline.json": "{"})
    assert cli("review", "--against", "main", folder=root).exit == 3


@pytest.mark.parametrize("arguments", [[], ["--against", "nowhere"]])
def test_without_something_to_compare_with_it_says_what_to_name(change, cli, arguments):
    root, _ = change({"a.md": "# A\n"})
    ran = cli("review", *arguments, folder=root)
    assert ran.exit == 2
    assert "\n  " in ran.err


def test_outside_of_git_there_is_nothing_to_compare_with(tmp_path, cli):
    ran = cli("review", "--against", "main", folder=tmp_path)
    assert (ran.exit, "is no git repository with a commit" in ran.err) == (2, True)


def test_a_shallow_clone_says_how_deep_to_fetch(change, cli, git, tmp_path):
    root, commit = change({"a.md": "# A\n"})
    commit({"a.md": "# B\n"})
    git(root, "checkout", "-q", "main")
    (root / "a.md").write_text("# C\n")
    git(root, "commit", "-q", "-a", "-m", "on")
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-single-branch", "-b", "topic", f"file://{root}", "clone")
    ran = cli("review", "--against", "origin/main", folder=tmp_path / "clone")
    assert (ran.exit, "fetch-depth: 0" in ran.err) == (3, True)


def test_the_base_setting_names_what_to_compare_with(change, cli, monkeypatch):
    root, commit = change({"a.md": "# A\n"})
    commit({"a.md": "[a](gone.md)\n"})
    monkeypatch.setenv("HARDPOINT_BASE", "main")
    ran = cli("review", "--format", "json", folder=root)
    assert (ran.exit, ran.json["against"]) == (1, "main")


def test_the_threshold_may_be_milder(change, reviewed):
    root, commit = change({"a.md": "# A\n"})
    commit({"docs/billing.md": "# Billing\n\n<!-- hardpoint: covers src/none/** -->\n"})
    assert [each["severity"] for each in reviewed(root, code=0)["findings"]] == ["warning"]
    reviewed(root, "--fail-on", "warning", code=1)


def test_nothing_is_written(change, reviewed, git):
    root, commit = change({"hardpoint.yaml": MANIFEST, "a.md": "# A\n"})
    commit({"a.md": "# B\n"})
    reviewed(root)
    assert git(root, "status", "--porcelain", "--ignored") == ""


def test_the_usual_answer_is_short(change, cli):
    root, commit = change({"hardpoint.yaml": MANIFEST, "a.md": "# A\n"})
    commit({"a.md": "".join(f"[a](gone{at}.md)\n" for at in range(5))})
    out = cli("review", "--against", "main", folder=root).out
    assert len(out.splitlines()) <= 20, out
    assert json.loads(cli("review", "--against", "main", "--format", "json", folder=root).out)["answer"] == "NO-GO"


@pytest.mark.requirement("PLN-23")
def test_the_change_that_brings_the_first_manifest_is_go_whatever_the_debt(change, cli, reviewed):
    root, commit = change({"README.md": "[a](gone.md)\n", "a.md": "# A\n", ".gitignore": ".hardpoint\n"})
    cli("init", folder=root)
    commit({})
    found = reviewed(root, code=0)
    assert (found["answer"], found["tolerances"]) == ("GO", [])
    ran = cli("gate", "--base", "main", folder=root)
    assert (ran.exit, "main has no hardpoint.yaml yet" in ran.out) == (0, True)
    commit({"more.md": "[b](nowhere.md)\n"})
    assert (reviewed(root)["answer"], cli("gate", "--base", "main", folder=root).exit) == ("NO-GO", 1)


def test_a_gate_that_the_base_fails_alike_is_told_so(change, cli):
    root, commit = change({**GATED, "a.md": "[b](b.md) [c](gone.md)\n"})
    commit({"other.md": "# Other\n"})
    ran = cli("review", "--against", "main", folder=root)
    assert (ran.exit, "NO-GO (documents), for what was there before" in ran.out) == (0, True)
