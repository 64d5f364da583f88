"""`hardpoint record stats|archive|upgrade`, and what the other verbs and the gate say of archived bodies."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from hardpoint.assurance.reports.verbs.exchange import import_reports
from hardpoint.faces.cli.verbs.whole_jobs import check
from hardpoint.kernel.problem import Exit, IntegrityProblem, UsageProblem
from hardpoint.kernel.record import verify_bundle as second
from hardpoint.kernel.record.verbs.growth import archive_bodies, stats, upgrade
from hardpoint.kernel.record.verbs.log import export, show, verify
from hardpoint.kernel.verdict import Answer, Verdict
from hardpoint.programme.gates.verbs.decide import gate

NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=40)
MANIFEST = """\
version: 1
services: [{name: keystone, owner: ada}]
gates:
  - name: merge
    criteria:
      - {id: documents, kind: check, rules: [DOC001]}
  - name: tests
    criteria:
      - {id: tests, kind: report, report: junit, require: {failures: 0}}
"""
FILES = {"hardpoint.yaml": MANIFEST, "README.md": "[x](a.md)\n", "a.md": "# A\n", ".gitignore": "*.xml\n*.json\n"}
REPORT = '<testsuite timestamp="{}"><testcase classname="t" name="a">{}</testcase></testsuite>'
BEFORE = ("--before", "2026-05-01T00:00:00Z")
pytestmark = pytest.mark.requirement("GAT-14")


@pytest.fixture
def root(repository, call):
    """A repository whose one commit was checked three times, the last of them later."""
    root = repository(FILES)
    for minutes in range(2):
        call(check, "--record", folder=root, at=NOW + timedelta(minutes=minutes))
    call(check, "--record", folder=root, at=LATER)
    return root


@pytest.fixture
def given(call):
    """Imports a report that is of a time, recorded at another."""

    def given(root, of, at, *, failure="", name="r.xml"):
        (root / name).write_text(REPORT.format(of, failure and '<failure message="no"/>'))
        return call(import_reports, "--commit", "HEAD", name, folder=root, at=at)

    return given


def test_the_record_is_counted(root, call):
    said = call(stats, folder=root, at=LATER)
    assert said.headline.startswith("3 entries, 2026-03-31 to 2026-05-10: ")
    assert said.headline.endswith("; 0 erased, 0 archived")
    assert [(each["month"], each["entries"]) for each in said.about["months"]] == [("2026-03", 2), ("2026-05", 1)]
    assert said.detail.splitlines()[:2] == ["2026-03  " + "█" * 40 + " 2", "2026-05  " + "█" * 20 + " 1"]
    (kind,), (subject,), (signer,) = (said.items[each] for each in ("kinds", "subjects", "signers"))
    assert (kind["kind"], subject["subject"], signer["signer"]) == ("evidence", "keystone", "you")
    assert kind["bytes"] == subject["bytes"] == signer["bytes"] == said.about["bodies_bytes"] > 0
    assert said.about["store_bytes"] == (root / ".hardpoint" / "hardpoint.db").stat().st_size
    assert said.items["witnesses"] == []


def test_superseded_evidence_goes_into_a_file_and_the_verdict_stays(root, call, signer, capsys):
    before = call(gate, "merge", "--no-check", folder=root, at=LATER)
    said = call(archive_bodies, "old.json", *BEFORE, folder=root, at=LATER)
    assert said.headline.startswith("2 bodies are in old.json, as entry 3 says; the store had ")
    assert call(gate, "merge", "--no-check", folder=root, at=LATER).items == before.items
    assert call(verify, folder=root).headline == "whole: 4 entries, every hash and signature holds"
    said = call(verify, "--archive", "old.json", folder=root)
    assert said.headline == "whole: 4 entries, every hash and signature holds, and of 2 archived bodies"
    digest = said.about["archives"][0]["sha256"]
    shown = call(show, "1", folder=root)
    assert shown.headline.endswith(f": archived in old.json (SHA-256 {digest}), as entry 3 says")
    assert shown.about["archive"] == {"file": "old.json", "sha256": digest}
    assert call(stats, folder=root).about["archived"] == 2


def test_a_bundle_of_an_archived_entry_brings_the_order(root, call, cli, capsys):
    call(archive_bodies, "old.json", *BEFORE, folder=root, at=LATER)
    assert call(export, "some.json", "--entry", "1", folder=root).about["entries"] == 2
    key = cli("record", "key", folder=root).out.strip()
    for bundle, said in (("old.json", "2 bodies verified, 0 absent"), ("some.json", "is archived in old.json")):
        assert second.main([str(root / bundle), "--key", f"ada={key}"]) == 0
        assert said in capsys.readouterr().out


def test_archived_evidence_is_missing_and_never_a_pass(root, call):
    said = call(archive_bodies, "old.json", "--before", "2027-01-01T00:00:00Z", "--newest-too", folder=root, at=LATER)
    assert said.about["archived"] == 3
    judged = call(gate, "merge", "--no-check", folder=root, at=LATER)
    (decision,) = judged.items["gates"]
    assert (judged.exit, decision.answer) == (Exit.FOUND, Answer.NO_GO)
    assert decision.criteria[0].verdict is Verdict.MISSING


def test_an_older_pass_does_not_come_forward_when_a_failure_is_archived(root, call, given):
    """The failure happened last and was recorded first: what was recorded after it says less than it does."""

    late = LATER + timedelta(hours=1)

    def judged():
        (decision,) = call(gate, "tests", "--no-check", folder=root, at=late).items["gates"]
        return decision.answer, decision.criteria[0].verdict

    given(root, "2026-05-09T10:00:00Z", LATER, failure="yes")
    given(root, "2026-05-09T09:00:00Z", LATER + timedelta(minutes=1))
    assert judged() == (Answer.NO_GO, Verdict.FAIL)
    call(archive_bodies, "old.json", "--before", "2026-05-10T14:00:30Z", folder=root, at=late)
    assert judged() == (Answer.NO_GO, Verdict.MISSING)
    given(root, "2026-05-10T14:30:00Z", late)
    assert judged() == (Answer.GO, Verdict.PASS)


@pytest.mark.requirement("GAT-02")
def test_a_failed_report_cannot_be_archived_to_get_a_go(root, call, given):
    """Under a name of its own it is the newest of its topic, and another report passed."""

    def judged():
        (decision,) = call(gate, "tests", "--no-check", folder=root, at=late).items["gates"]
        (criterion,) = decision.criteria
        return decision.answer, criterion.verdict, criterion.reason, criterion.remedy

    late = LATER + timedelta(hours=1)
    given(root, "2026-05-09T10:00:00Z", LATER, failure="yes", name="browser.xml")
    given(root, "2026-05-10T14:20:00Z", LATER + timedelta(minutes=30), name="unit.xml")
    assert judged()[:2] == (Answer.NO_GO, Verdict.FAIL)
    call(archive_bodies, "old.json", "--before", "2026-05-10T14:10:00Z", "--newest-too", folder=root, at=late)
    said = "entry 3 was archived in old.json"
    assert judged() == (Answer.NO_GO, Verdict.MISSING, said, "Import its report again")
    given(root, "2026-05-09T09:00:00Z", late, name="browser.xml")
    assert judged()[:2] == (Answer.NO_GO, Verdict.MISSING)
    given(root, "2026-05-09T11:00:00Z", late, name="browser.xml")
    assert judged()[:2] == (Answer.GO, Verdict.PASS)


@pytest.mark.requirement("GAT-02")
def test_what_supersedes_for_the_archive_need_not_count_for_the_gate(root, call, given):
    """The same signer said something newer, and of an earlier run: nothing that the failure is superseded by."""
    late = LATER + timedelta(hours=1)
    given(root, "2026-05-09T10:00:00Z", LATER, failure="yes", name="browser.xml")
    given(root, "2026-05-09T09:00:00Z", LATER + timedelta(minutes=30), name="browser.xml")
    given(root, "2026-05-10T14:20:00Z", LATER + timedelta(minutes=30), name="unit.xml")
    call(archive_bodies, "old.json", "--before", "2026-05-10T14:10:00Z", folder=root, at=late)
    (decision,) = call(gate, "tests", "--no-check", folder=root, at=late).items["gates"]
    assert (decision.answer, decision.criteria[0].verdict) == (Answer.NO_GO, Verdict.MISSING)


def test_nothing_is_archived_of_what_nothing_newer_was_said_about(root, call):
    said = call(archive_bodies, "old.json", "--before", "2027-01-01T00:00:00Z", folder=root, at=LATER)
    assert said.headline.startswith("2 bodies are in old.json, as entry 3 says; 1 stay")
    said = call(archive_bodies, "more.json", "--before", "2027-01-01T00:00:00Z", folder=root, at=LATER)
    assert said.headline.startswith("nothing is old enough to archive; 1 stay")
    assert not (root / "more.json").exists()


def test_run_again_it_says_that_all_is_done(root, call):
    call(archive_bodies, "old.json", *BEFORE, "--vacuum", folder=root, at=LATER)
    said = call(archive_bodies, "old.json", *BEFORE, folder=root, at=LATER)
    assert said.headline.startswith("nothing is left to take out: what is in old.json was archived before")
    assert said.about["order"] == 3


def test_a_file_that_is_no_archive_is_left_alone(root, call):
    (root / "old.json").write_text("{}")
    with pytest.raises(UsageProblem, match="No entry of this record orders"):
        call(archive_bodies, "old.json", *BEFORE, folder=root, at=LATER)
    assert (root / "old.json").read_text() == "{}"
    with pytest.raises(UsageProblem, match="No entry of this record orders"):
        call(verify, "--archive", "old.json", folder=root)


def test_it_needs_to_know_how_old(root, call):
    with pytest.raises(UsageProblem, match="how old"):
        call(archive_bodies, "old.json", folder=root, at=LATER)


def test_a_broken_record_is_not_archived(root, call):
    with closing(sqlite3.connect(root / ".hardpoint" / "hardpoint.db")) as raw:
        raw.execute("DROP TRIGGER hardpoint_entries_erase_only")
        raw.execute("UPDATE hardpoint_entries SET payload = X'00' WHERE leaf_index = 0")
        raw.commit()
    with pytest.raises(IntegrityProblem, match="so nothing is archived"):
        call(archive_bodies, "old.json", *BEFORE, folder=root, at=LATER)
    assert not (root / "old.json").exists()


def test_a_store_of_this_version_needs_no_upgrade(root, call):
    said = call(upgrade, folder=root)
    assert (said.headline, said.about["after"]) == ("nothing to upgrade", {"record": 2})
