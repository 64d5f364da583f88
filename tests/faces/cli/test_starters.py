"""The starter gates that `hardpoint init --gate` offers: they load, can be met, and close where they should."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.programme.gates.test_judge import NOW, SUBJECT, recorded

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.faces.cli.survey.declaration import STARTERS, first_manifest, starter_gates
from hardpoint.faces.cli.survey.inventory import take
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Assurance
from hardpoint.kernel.finding import Exposure, Finding, Risk, Severity
from hardpoint.kernel.identity.voices import Voice
from hardpoint.kernel.manifest import Manifest
from hardpoint.kernel.ownership.model import SERVICES
from hardpoint.kernel.place import Place
from hardpoint.kernel.ruleset import RULESET
from hardpoint.kernel.verdict import Answer, Verdict
from hardpoint.kernel.workspace import Workspace
from hardpoint.programme.findings.ledger import Ledger
from hardpoint.programme.findings.look import look_at
from hardpoint.programme.findings.model import FindingsPolicy
from hardpoint.programme.gates.judge import Hearing, judge
from hardpoint.programme.gates.model import GATES

FINDS = take(Workspace.of({"package.json": '{"name": "shop"}'}))
EXAMINED = ("DOC001", "CI001")
PRODUCTION = {
    "junit": {"tests": 9, "failures": 0, "errors": 0},
    "command": {"exit": 0, "passed": True},
    "sarif": {"results": 0},
    "slo-dashboard": {"live": 1, "uncovered_slos": 0},
    "pager-coverage": {"sev1_days": 14.0, "sev2_days": 14.0, "gaps": 0},
    "restore-drill": {"success": True, "documented": True, "failed_checks": 0},
    "probe": {"failed": 0},
    "penetration-test": {"authn": True, "authz": True, "findings": 0},
}
WORSE = [
    ("junit", {"tests": 9, "failures": 1, "errors": 0}),
    ("command", {"exit": 1}),
    ("slo-dashboard", {"live": 0, "uncovered_slos": 0}),
    ("pager-coverage", {"sev1_days": 14.0, "sev2_days": 0.0, "gaps": 0}),
    ("restore-drill", {"success": True, "documented": False, "failed_checks": 0}),
    ("probe", {"failed": 1}),
    ("penetration-test", {"authn": True, "authz": False, "findings": 0}),
    ("penetration-test", {"authn": True, "authz": True, "findings": 1}),
]
POLICY = FindingsPolicy()
RAN = Voice(holder="ci", assurance=Assurance.RAN)
NAMES = {"command": "build", "probe": "https://shop.example/"}
OF_COMMIT = ("junit", "command", "sarif")


def gates(*names):
    manifest = Manifest.load(
        first_manifest(FINDS, EXAMINED, names, NOW).encode(), [SERVICES, DOCUMENTS, RULESET, GATES]
    )
    return {gate.name: gate for gate in manifest[GATES]}


def heard(**worse):
    return [
        recorded(
            entry, kind=kind, name=NAMES.get(kind, f"{kind}.json"), facts=worse.get(kind, facts), voice=RAN,
            environment=None if kind in OF_COMMIT else "production",
        )
        for entry, (kind, facts) in enumerate(PRODUCTION.items())
    ]  # fmt: skip


@pytest.fixture(params=["short", "in full"])
def decided(request):
    names = () if request.param == "short" else ("production",)
    return lambda evidence, *looks: judged(names, evidence, looks)


def judged(names, evidence, looks):
    return judge(gates(*names)["production"], SUBJECT, Hearing(recorded=evidence, ledger=Ledger(looks=looks)))


def look(risk, days):
    """A finding that was seen that many days ago for the first time."""
    finding = Finding(
        rule="eval", severity=Severity.ERROR, place=Place("a.py", 1), text="unsafe", exposure=Exposure(risk=risk)
    )
    seen = format_instant(NOW - timedelta(days=days))
    return look_at(recorded(99, at=NOW - timedelta(days=days), kind="sarif", findings=(finding,), time=seen), 0, POLICY)


def test_every_starter_can_be_declared_alone_and_with_the_others():
    assert [*gates(*STARTERS)] == list(STARTERS)
    for name in STARTERS:
        assert [*gates(name)] == [name]


@pytest.mark.requirement("GAT-03", "GAT-04", "GAT-05", "GAT-06", "GAT-07", "GAT-08")
def test_production_opens_on_all_six_non_negotiables(decided):
    decision = decided(heard())
    assert decision.answer is Answer.GO, decision.criteria
    assert len(decision.criteria) == len(PRODUCTION)


@pytest.mark.requirement("GAT-02", "GAT-03", "GAT-04", "GAT-05", "GAT-06", "GAT-07", "GAT-08")
@pytest.mark.parametrize(("kind", "facts"), WORSE)
def test_production_closes_on_each_of_them(kind, facts, decided):
    assert decided(heard(**{kind: facts})).answer is Answer.NO_GO


@pytest.mark.requirement("GAT-04")
@pytest.mark.parametrize(
    ("risk", "days", "answer"),
    [
        (Risk.CRITICAL, 0, Answer.NO_GO),
        (Risk.HIGH, 8, Answer.NO_GO),
        (Risk.HIGH, 6, Answer.GO),
        (Risk.MEDIUM, 90, Answer.GO),
    ],
)
def test_production_closes_on_a_critical_finding_and_an_overdue_high_one(risk, days, answer, decided):
    assert decided(heard(), look(risk, days)).answer is answer


@pytest.mark.requirement("GAT-02", "GAT-03", "GAT-04", "GAT-05", "GAT-06", "GAT-07", "GAT-08")
@pytest.mark.parametrize("kind", PRODUCTION)
def test_production_closes_where_one_of_them_is_not_there(kind, decided):
    decision = decided([each for each in heard() if each.evidence.kind != kind])
    assert (decision.answer, decision.criteria[0].verdict) == (Answer.NO_GO, Verdict.MISSING)


@pytest.mark.requirement("GAT-06", "GAT-13")
def test_a_drill_of_more_than_30_days_ago_is_stale():
    (drill,) = [each for each in gates("production")["production"].criteria if each.id == "a-backup-was-restored"]
    assert str(drill.max_age) == "30d"


def test_merge_lets_criteria_join_later():
    decision = judge(gates("merge")["merge"], SUBJECT, Hearing())
    assert [each.criterion for each in decision.criteria if each.blocking] == ["documents-hold"]


@pytest.mark.requirement("GAT-05")
def test_nothing_in_them_is_wrong_but_that_nobody_owns_it(cli, repository):
    root = repository({"README.md": "# A\n"})
    cli("init", "--yes", *(word for name in STARTERS for word in ("--gate", name)), folder=root)
    found = cli("gate", "lint", "--format", "json", folder=root).json["findings"]
    assert {each["text"].partition(": ")[2] for each in found} == {"nobody owns it"}


@pytest.mark.requirement("GAT-01")
def test_init_writes_them_or_prints_them_where_there_is_a_manifest(cli, repository):
    root = repository({"README.md": "# A\n"})
    assert cli("init", "--yes", "--gate", "production", folder=root).exit == 0
    assert "name: production" in (root / "hardpoint.yaml").read_text()
    written = (root / "hardpoint.yaml").read_bytes()
    again = cli("init", "--yes", "--gate", "merge", folder=root)
    assert (again.exit, "- name: merge" in again.out) == (0, True)
    assert (root / "hardpoint.yaml").read_bytes() == written
    assert "SERVICE" not in starter_gates(FINDS, STARTERS, datetime(2026, 1, 1, tzinfo=UTC))
