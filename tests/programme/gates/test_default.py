"""`hardpoint gate` without a name: which gates decide, what is said in brief, and how to get what is not there."""

from datetime import UTC, datetime, timedelta

import pytest

from hardpoint.assurance.reports.records import Form
from hardpoint.capabilities import capabilities
from hardpoint.faces.cli.verbs.whole_jobs import check
from hardpoint.kernel.problem import Exit
from hardpoint.kernel.rooms.cli import Context
from hardpoint.kernel.verdict import Answer, worst
from hardpoint.programme.gates.model import GATES, RECORDS
from hardpoint.programme.gates.trend import MAX_POINTS
from hardpoint.programme.gates.verbs.decide import gate
from hardpoint.programme.gates.would_become import GOVERNING

NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
HEAD = "version: 1\nservices: [{name: keystone, owner: ada}]\n"
DOCUMENTS = "{id: documents, kind: check, rules: [DOC001]}"
GATES_OF = """\
gates:
  - name: production
    criteria:
      - {{id: tests, kind: report, report: junit, require: {{failures: 0}}}}
  - name: merge
    default: {default}
    criteria:
      - {criterion}
"""
TWO = HEAD + GATES_OF.format(default="true", criterion=DOCUMENTS)
KINDS = """\
gates:
  - name: g
    criteria:
      - {id: build, kind: command, command: build, run: [make, "all it"]}
      - {id: lint, kind: command, command: lint}
      - {id: site, kind: url, url: "https://a.example/", environment: production}
      - {id: unit, kind: report, report: junit, require: {failures: 0}}
      - {id: load, kind: report, report: k6, environment: staging, require: {p95_ms: "< 5"}}
      - {id: lines, kind: metric, report: cobertura, fact: line_percent, better: higher}
      - {id: safe, kind: findings, reports: [trivy, bandit]}
      - {id: wheel, kind: artifact, artifact: "shop.whl"}
      - {id: provenance, kind: attestation, predicate: "https://slsa.dev/provenance/v1"}
      - {id: both, kind: expression, reports: {d: restore-drill, u: junit}, expression: "d.success"}
      - {id: drill, kind: report, report: restore-drill, environment: production, require: {success: true}}
      - {id: yes, kind: signoff, function: product}
  - {name: other, criteria: [{id: unit, kind: report, report: junit, require: {failures: 0}}]}
"""


@pytest.fixture
def root(vouched):
    return vouched(TWO)


@pytest.mark.requirement("GAT-01", "GAT-23")
def test_the_default_gate_gives_the_exit_code_and_both_verdicts_are_told(cli, root):
    ran = cli("gate", "--format", "json", folder=root)
    assert (ran.exit, ran.json["answer"], ran.json["deciding"]) == (Exit.OK, "GO", ["merge"])
    assert {each["gate"]: each["answer"] for each in ran.json["gates"]} == {"merge": "GO", "production": "NO-GO"}
    assert cli("gate", folder=root).out.splitlines()[-1] == "GO at merge; NO-GO at production"


def test_without_a_default_every_gate_decides(cli, vouched):
    root = vouched(TWO.replace("default: true", "default: false"))
    ran = cli("gate", "--format", "json", folder=root)
    assert (ran.exit, ran.json["answer"], ran.json["deciding"]) == (Exit.FOUND, "NO-GO", ["production", "merge"])


def test_a_default_gate_that_says_no_is_no_go_whatever_others_say(cli, vouched):
    root = vouched(
        TWO.replace("default: true", "default: false").replace(
            "  - name: production", "  - default: true\n    name: production"
        )
    )
    assert cli("gate", folder=root).exit == Exit.FOUND
    assert cli("gate", "merge", folder=root).exit == Exit.OK


def test_of_two_defaults_the_worse_decides(cli, vouched):
    root = vouched(TWO.replace("  - name: production", "  - default: true\n    name: production"))
    assert cli("gate", folder=root).exit == Exit.FOUND


def test_a_gate_that_is_named_decides_alone(cli, root):
    ran = cli("gate", "production", "--format", "json", folder=root)
    assert (ran.exit, ran.json["answer"], ran.json["deciding"]) == (Exit.FOUND, "NO-GO", ["production"])


def test_which_gate_decides_is_the_base_s_to_say(cli, root, git):
    """A change that makes the lenient gate the default one does not judge itself by it."""
    git(root, "checkout", "-qb", "change")
    text = (root / "hardpoint.yaml").read_text()
    (root / "hardpoint.yaml").write_text(text.replace("default: true", "default: false"))
    git(root, "commit", "-qam", "edit")
    ran = cli("gate", "--format", "json", folder=root)
    assert ran.json["deciding"] == ["merge"]
    assert [each["path"] for each in ran.json["would_become"]] == ["gates.merge.default"]
    assert GATES in GOVERNING


def test_the_name_of_a_gate_begins_no_line_of_its_own(cli, vouched):
    root = vouched(TWO.replace("name: production", 'name: "production\\nmerge  GO"'))
    said = cli("gate", folder=root).out.splitlines()
    assert sum(each.startswith("merge  GO") for each in said) == 0
    assert said[0].startswith("production merge  GO  NO-GO")


def test_what_several_say_is_the_worst():
    assert worst([Answer.GO, Answer.NO_GO, Answer.GO_BY_WAIVER]) is Answer.NO_GO
    assert worst([Answer.GO, Answer.GO_BY_WAIVER]) is Answer.GO_BY_WAIVER
    assert worst([Answer.GO]) is Answer.GO
    assert worst([]) is Answer.NO_GO


@pytest.mark.requirement("GAT-23")
def test_the_starter_gates_are_told_in_twenty_lines_of_a_terminal(cli, repository):
    root = repository({"README.md": "# Shop\n"})
    assert cli("init", "--yes", "--gate", "merge", "--gate", "production", folder=root).exit == 0
    (root / "README.md").write_text("[x](gone.md)\n")
    said = cli("gate", folder=root).out.splitlines()
    assert sum(-(-len(each) // 80) for each in said) <= 20
    assert sum("DOC001" in each for each in said) == 1
    for expected in (
        "  now     hardpoint evidence run build -- COMMAND",
        "  in CI   hardpoint evidence import --commit HEAD REPORT",
        "          cobertura, junit, sarif",
        "  people  hardpoint evidence template KIND",
        "          pager-coverage, penetration-test, restore-drill, slo-dashboard",
    ):
        assert expected in said
    full = cli("gate", "production", folder=root).out
    assert "a-backup-was-restored" in full


@pytest.mark.requirement("GAT-23")
def test_each_kind_of_evidence_says_how_it_is_got(vouched, cli):
    ran = cli("gate", "--format", "json", folder=vouched(HEAD + KINDS))
    found = {(each["how"], each["command"]): (each["reports"], each["criteria"]) for each in ran.json["to_get"]}
    assert found == {
        ("now", "hardpoint evidence run build -- make 'all it'"): ([], ["g/build"]),
        ("now", "hardpoint evidence run lint -- COMMAND"): ([], ["g/lint"]),
        ("now", "hardpoint evidence probe https://a.example/ --environment production"): ([], ["g/site"]),
        ("in CI", "hardpoint evidence import --commit HEAD REPORT"): (
            ["bandit", "cobertura", "junit", "trivy"],
            ["g/lines", "g/safe", "g/unit", "other/unit"],
        ),
        ("in CI", "hardpoint evidence import --environment staging REPORT"): (["k6"], ["g/load"]),
        ("in CI", "hardpoint evidence artifact FILE --name shop.whl"): ([], ["g/wheel"]),
        ("in CI", "hardpoint evidence import <the attestation, a DSSE envelope>"): ([], ["g/provenance"]),
        ("people", "hardpoint evidence template KIND"): (["junit", "restore-drill"], ["g/both", "g/drill"]),
        ("people", "hardpoint gate sign g --as product"): ([], ["g/yes"]),
    }
    assert [each["how"] for each in ran.json["to_get"]] == sorted(
        (how for how, _ in found), key=["now", "in CI", "people"].index
    )


def test_evidence_that_lacks_something_is_said_and_not_asked_for(vouched, cli):
    root = vouched(TWO.replace("failures: 0", "flaws: 0"))
    (root / "r.xml").write_text('<testsuite timestamp="2026-03-31T10:00:00Z"><testcase name="a"/></testsuite>')
    cli("evidence", "import", "--commit", "HEAD", "r.xml", folder=root)
    ran = cli("gate", folder=root)
    assert "MISSING production/tests: r.xml has no fact 'flaws'" in ran.out
    assert cli("gate", "--format", "json", folder=root).json["to_get"] == []


def test_before_there_is_a_commit_that_comes_first(tmp_path, cli):
    (tmp_path / "hardpoint.yaml").write_text(TWO)
    (tmp_path / "README.md").write_text("# A\n")
    ran = cli("gate", "--format", "json", folder=tmp_path)
    assert [(each["how"], each["command"][:7]) for each in ran.json["to_get"]] == [("now", "Commit,")]


@pytest.mark.requirement("GAT-23")
def test_the_kinds_that_people_write_are_those_of_our_own_records():
    forms = Context(capabilities()).collect("importers", Form)
    assert {each.schema.partition("/")[0] for each in forms} == RECORDS


def test_the_trend_is_what_was_recorded_and_this_verdict_last(root, call):
    for day in range(3):
        result = call(gate, folder=root, at=NOW + timedelta(days=day))
    points = [(each.gate, each.at[:10], each.answer) for each in result.about["trend"]]
    assert points == [
        (name, f"2026-{day}", answer)
        for day in ("03-31", "04-01", "04-02")
        for name, answer in (("production", Answer.NO_GO), ("merge", Answer.GO))
    ]
    only = call(gate, "merge", folder=root, at=NOW + timedelta(days=3)).about["trend"]
    assert ([each.gate for each in only], only[-1].at[:10]) == (["merge"] * 4, "2026-04-03")
    earlier = call(gate, "merge", "--at", "2026-04-01T14:00:00Z", folder=root, at=NOW + timedelta(days=9))
    assert [each.at[:10] for each in earlier.about["trend"]] == ["2026-03-31", "2026-04-01"]


def test_the_trend_is_bounded(root, call):
    call(check, "--record", folder=root)
    for minute in range(MAX_POINTS + 3):
        result = call(gate, "merge", "--no-check", folder=root, at=NOW + timedelta(minutes=minute))
    points = result.about["trend"]
    assert (len(points), points[-1].at[11:16], points[0].at[11:16]) == (MAX_POINTS, "14:32", "14:03")


def test_a_local_verdict_stands_alone_at_the_end_of_the_trend(root, call):
    call(gate, "merge", folder=root)
    (root / "new.txt").write_text("x")
    for minute in (1, 2):
        points = call(gate, "merge", folder=root, at=NOW + timedelta(minutes=minute)).about["trend"]
        assert [each.at[14:16] for each in points] == ["00", f"0{minute}"]


def test_a_record_of_people_is_got_from_its_template(cli, repository):
    root = repository({"hardpoint.yaml": HEAD + KINDS})
    told = cli("gate", "g", folder=root).out
    assert "hardpoint evidence template restore-drill" in " ".join(told.split())
    assert "<its restore-drill report>" not in told
