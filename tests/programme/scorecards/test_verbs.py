"""`hardpoint scorecard` on a record: levels of services, teams and domains, as good as their weakest."""

from datetime import UTC, datetime, timedelta

import pytest

from hardpoint.assurance.reports.verbs.exchange import import_reports
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.programme.gates.verbs.decide import gate
from hardpoint.programme.scorecards.verbs import scorecard

pytestmark = pytest.mark.requirement("GAT-17")
NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
REPORT = '<testsuite timestamp="2026-03-31T10:00:00Z"><testcase classname="t" name="a"/></testsuite>'
ONE = "services: [{name: shop, owner: ana}]\n"
THREE = "services: [{name: shop, owner: ana, domain: sales}, {name: pay, owner: ana, domain: money}, {name: mail}]\n"
MANIFEST = """\
version: 1
gates:
  - name: merge
    criteria:
      - {id: documents, kind: check, rules: [DOC001]}
      - {id: tests, kind: report, report: junit, require: {failures: 0}, max_age: 30d, owner: ana}
scorecards:
  - name: readiness
    levels:
      - {name: bronze, criteria: [merge/documents]}
      - {name: silver, criteria: [merge]}
"""


@pytest.fixture
def given(call):
    def given(root, *services, at=NOW):
        (root / "r.xml").write_text(REPORT)
        for each in services:
            call(import_reports, "--commit", "HEAD", "--service", each, "r.xml", folder=root, at=at)

    return given


def test_a_service_s_level_and_what_the_next_one_lacks(call, given, vouched):
    root = vouched(MANIFEST + ONE)
    call(gate, folder=root)
    (card,) = call(scorecard, folder=root).items["scorecards"]
    assert (card.level, card.next, card.team, card.local) == ("bronze", "silver", "ana", False)
    assert [(each.criterion, each.verdict.value) for each in card.lacking] == [("merge/tests", "missing")]
    given(root, "shop")
    result = call(scorecard, "shop", folder=root)
    (card,) = result.items["scorecards"]
    assert (result.exit, result.headline, card.next) == (Exit.OK, "shop is at silver on readiness", None)


def test_a_level_ends_with_the_evidence_that_it_rests_on(call, given, vouched):
    root = vouched(MANIFEST + ONE)
    call(gate, folder=root)
    given(root, "shop")
    assert call(scorecard, folder=root).items["scorecards"][0].level == "silver"
    (card,) = call(scorecard, folder=root, at=NOW + timedelta(days=31)).items["scorecards"]
    assert (card.level, card.lacking[0].verdict.value) == ("bronze", "stale")


def test_the_trend_is_of_recorded_verdicts(call, given, vouched, git):
    root = vouched(MANIFEST + ONE)
    call(gate, folder=root)
    (root / "a.md").write_text("# A\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "next")
    given(root, "shop", at=NOW + timedelta(hours=1))
    call(gate, folder=root, at=NOW + timedelta(days=1))
    (card,) = call(scorecard, folder=root, at=NOW + timedelta(days=2)).items["scorecards"]
    assert [(each.level, each.at[:10]) for each in card.trend] == [("bronze", "2026-03-31"), ("silver", "2026-04-01")]


def test_teams_and_domains_are_as_good_as_their_weakest_service(call, given, vouched):
    root = vouched(MANIFEST + THREE)
    for each in ("shop", "pay", "mail"):
        call(gate, "merge", "--service", each, folder=root)
    given(root, "shop", "mail")
    result = call(scorecard, folder=root)
    assert [(each.service, each.level) for each in result.items["scorecards"]] == [
        ("pay", "bronze"),
        ("mail", "silver"),
        ("shop", "silver"),
    ]
    assert [(each.name, each.level, each.weakest, each.services) for each in result.items["teams"]] == [
        ("ana", "bronze", "pay", 2)
    ]
    assert [(each.name, each.level) for each in result.items["domains"]] == [("money", "bronze"), ("sales", "silver")]
    assert result.headline == "the weakest of 3 services: pay is at bronze on readiness"


def test_it_is_told_in_words(cli, vouched):
    root = vouched(MANIFEST + ONE)
    cli("gate", folder=root)
    said = cli("scorecard", folder=root).out
    for expected in (
        "readiness: shop (team ana) is at bronze; for silver it lacks 1\n",
        "  MISSING        merge/tests: there is no evidence [ana]\n",
        "  so far: bronze from 20",
        "readiness: team ana is at bronze, as its weakest: shop\n",
    ):
        assert expected in said


def test_a_level_on_a_laptop_says_that_it_releases_nothing(cli, vouched):
    root = vouched(MANIFEST + ONE)
    cli("gate", folder=root)
    (root / "new.txt").write_text("x")
    assert cli("scorecard", folder=root).out.endswith("shop is at bronze on readiness (local: releases nothing)\n")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("merge/documents", "merge/document", "did you mean 'merge/documents'"),
        ("[merge]", "[marge]", "Level silver of scorecard readiness names 'marge'"),
        ("scorecards:\n", "findings: {}\n", "declares no scorecard"),
    ],
)
def test_a_scorecard_that_cannot_be_is_refused(call, vouched, old, new, said):
    text = MANIFEST.replace(old, new)
    root = vouched((text.partition("  - name: readiness")[0] if "findings" in new else text) + ONE)
    with pytest.raises(UsageProblem, match=said):
        call(scorecard, folder=root)


def test_a_service_that_is_not_known_is_named(call, vouched):
    with pytest.raises(UsageProblem, match="did you mean 'shop'"):
        call(scorecard, "shp", folder=vouched(MANIFEST + ONE))
