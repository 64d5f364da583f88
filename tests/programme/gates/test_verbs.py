"""`hardpoint gate` from the record of a repository: GO, NO-GO, and no verdict at all."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from hardpoint.assurance.reports.verbs import import_reports
from hardpoint.faces.cli.verbs.whole_jobs import check
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.identity.keys import signer_of
from hardpoint.kernel.problem import Exit, IdentityProblem, IntegrityProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record.verbs.log import log, verify
from hardpoint.kernel.verdict import Answer, Verdict
from hardpoint.programme.gates.verbs import gate

NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
PASSING = '<testsuite timestamp="2026-03-31T10:00:00Z"><testcase classname="t" name="a"/></testsuite>'
FAILING = PASSING.replace("/></testsuite>", '><failure message="no"/></testcase></testsuite>')
MANIFEST = """\
version: 1
services: [{name: keystone, owner: ada}]
gates:
  - name: merge
    criteria:
      - {id: documents, kind: check, rules: [DOC001], owner: ada}
  - name: release
    criteria:
      - {id: documents, kind: check, rules: [DOC001]}
      - {id: tests, kind: report, report: junit, require: {tests: ">= 1", failures: 0}, max_age: 1d, owner: ada}
"""
FILES = {"hardpoint.yaml": MANIFEST, "README.md": "[x](a.md)\n", "a.md": "# A\n", ".gitignore": "*.xml\n"}


@pytest.fixture
def root(repository):
    return repository(FILES)


@pytest.fixture
def judged(call):
    """A gate's decision at an instant: its exit code, its answer, and the verdict on each criterion."""

    def judged(root, name="release", *options, at=NOW):
        result = call(gate, name, *options, folder=root, at=at)
        (decision,) = result.items["gates"]
        assert result.about["answer"] is decision.answer
        return result.exit, decision.answer, {each.criterion: each.verdict for each in decision.criteria}

    return judged


@pytest.fixture
def given(call):
    """Imports a report under a name."""

    def given(root, content, *options, name="r.xml", at=NOW):
        (root / name).write_text(content)
        return call(import_reports, *(options or ("--commit", "HEAD")), name, folder=root, at=at)

    return given


def next_commit(root, git):
    (root / "a.md").write_text("# B\n")
    git(root, "commit", "-qam", "next")


@pytest.mark.requirement("GAT-01")
def test_go_where_everything_holds(judged, given, root):
    given(root, PASSING)
    passed = {"documents": Verdict.PASS, "tests": Verdict.PASS}
    assert judged(root) == (Exit.OK, Answer.GO, passed)


@pytest.mark.requirement("GAT-01", "GAT-02")
def test_no_go_where_one_thing_fails(judged, given, root):
    given(root, FAILING)
    assert judged(root)[:2] == (Exit.FOUND, Answer.NO_GO)
    assert judged(root)[2] == {"documents": Verdict.PASS, "tests": Verdict.FAIL}


def test_no_go_where_evidence_is_missing(judged, root):
    assert judged(root)[1:] == (Answer.NO_GO, {"documents": Verdict.PASS, "tests": Verdict.MISSING})


def test_no_go_where_the_working_tree_does_not_hold(judged, root):
    (root / "a.md").unlink()
    assert judged(root, "merge")[1:] == (Answer.NO_GO, {"documents": Verdict.FAIL})


@pytest.mark.requirement("GAT-01")
def test_a_failure_that_is_imported_again_after_a_pass_is_no_go(judged, given, root):
    """The same bytes as before, and news all the same: the pass between them was contradicted."""
    for content in (FAILING, PASSING, FAILING):
        given(root, content)
    assert judged(root)[1] is Answer.NO_GO


@pytest.mark.requirement("GAT-01")
def test_a_failure_recorded_by_a_machine_whose_clock_runs_ahead_is_no_go(judged, given, root):
    given(root, PASSING)
    given(root, FAILING, at=NOW + timedelta(minutes=10))
    assert judged(root)[1] is Answer.NO_GO
    assert judged(root, "release", "--no-check")[1] is Answer.NO_GO
    assert judged(root, "release", "--at", "2026-03-31T14:00:00Z", at=NOW + timedelta(hours=1))[1] is Answer.NO_GO


@pytest.mark.requirement("GAT-02")
@pytest.mark.parametrize("order", [(PASSING, FAILING), (FAILING, PASSING)])
def test_two_reports_of_one_kind_of_which_one_fails_are_no_go(judged, given, root, order):
    for number, content in enumerate(order):
        given(root, content, name=f"r{number}.xml")
    assert judged(root)[2]["tests"] is Verdict.FAIL


@pytest.mark.requirement("GAT-22")
def test_evidence_of_another_commit_does_not_count(judged, given, root, git):
    given(root, PASSING)
    assert judged(root)[1] is Answer.GO
    next_commit(root, git)
    assert judged(root)[1:] == (Answer.NO_GO, {"documents": Verdict.PASS, "tests": Verdict.MISSING})


@pytest.mark.requirement("GAT-22")
def test_evidence_of_no_commit_does_not_count(judged, given, root):
    given(root, PASSING, "--environment", "ci")
    assert judged(root)[2]["tests"] is Verdict.MISSING


@pytest.mark.requirement("GAT-22")
def test_a_check_of_another_commit_does_not_count(judged, root, git):
    assert judged(root, "merge")[1] is Answer.GO
    next_commit(root, git)
    assert judged(root, "merge", "--no-check")[2] == {"documents": Verdict.MISSING}


def test_old_evidence_is_stale_and_comes_back_with_a_new_run(judged, given, root):
    given(root, PASSING)
    tomorrow = NOW + timedelta(days=1)
    assert judged(root, at=tomorrow)[1:] == (Answer.NO_GO, {"documents": Verdict.PASS, "tests": Verdict.STALE})
    given(root, PASSING.replace("03-31", "04-01"), at=tomorrow)
    assert judged(root, at=tomorrow)[1] is Answer.GO


def test_an_event_from_the_future_is_an_error_and_stays_one(judged, given, root):
    given(root, PASSING.replace("T10", "T18"))
    assert judged(root)[2]["tests"] is Verdict.ERROR
    assert judged(root, at=NOW + timedelta(hours=6))[2]["tests"] is Verdict.ERROR


def test_a_verdict_can_be_reproduced_from_what_was_recorded_by_then(judged, given, root):
    given(root, PASSING, at=NOW)
    before = judged(root, at=NOW + timedelta(minutes=1))
    given(root, FAILING, name="later.xml", at=NOW + timedelta(minutes=2))
    assert judged(root, at=NOW + timedelta(minutes=3))[1] is Answer.NO_GO
    later = NOW + timedelta(days=30)
    assert judged(root, "release", "--at", "2026-03-31T14:01:00Z", at=later) == before
    assert judged(root, "release", "--at", "2026-03-31T14:03:00Z", at=later)[1] is Answer.NO_GO
    assert judged(root, "release", "--at", "2026-03-31T13:00:00Z", at=later)[2] == {
        "documents": Verdict.MISSING,
        "tests": Verdict.MISSING,
    }


def test_looking_back_records_nothing(judged, given, root):
    given(root, PASSING)
    store = root / ".hardpoint/hardpoint.db"
    before = sqlite3.connect(store).execute("select count(*) from hardpoint_entries").fetchone()
    judged(root, "release", "--at", "2026-03-31T14:00:00Z")
    judged(root, "release", "--no-check")
    assert sqlite3.connect(store).execute("select count(*) from hardpoint_entries").fetchone() == before


@pytest.fixture
def trusted(cli, root, git, settings_folder):
    """A repository whose manifest vouches for the key of this user."""
    cli("check", "--record", folder=root)
    key = cli("record", "key", "--format", "json", folder=root).json["key"]
    (root / "hardpoint.yaml").write_text(MANIFEST + f"trust:\n  keys: [{{key: '{key}', holder: ada}}]\n")
    git(root, "commit", "-qam", "trust")
    return root


def decision(call, root, name="merge"):
    return call(gate, name, folder=root).items["gates"][0]


def test_a_key_that_nobody_vouches_for_gives_a_local_verdict(call, root):
    assert decision(call, root).local


def test_a_key_that_the_team_vouches_for_and_a_clean_tree_release(call, trusted):
    found = decision(call, trusted)
    assert (found.answer, found.local) == (Answer.GO, False)


@pytest.mark.requirement("GAT-22")
def test_a_dirty_tree_counts_only_locally(call, trusted):
    (trusted / "new.txt").write_text("x")
    assert decision(call, trusted).local
    (trusted / "new.txt").unlink()
    result = call(gate, "merge", "--no-check", folder=trusted)
    (found,) = result.items["gates"]
    assert (found.local, found.answer) == (False, Answer.NO_GO)
    assert "uncommitted changes" in found.criteria[0].reason


@pytest.mark.requirement("GAT-22")
def test_a_change_that_git_was_told_not_to_see_gives_a_local_verdict(call, trusted, git):
    git(trusted, "update-index", "--assume-unchanged", "hardpoint.yaml")
    text = (trusted / "hardpoint.yaml").read_text()
    (trusted / "hardpoint.yaml").write_text(text.replace("owner: ada}\n", "owner: ada, severity: advisory}\n"))
    assert decision(call, trusted, "release").local


def test_evidence_of_a_key_that_nobody_vouches_for_is_missing(call, cli, trusted, settings_folder, given, monkeypatch):
    given(trusted, PASSING)
    key = (settings_folder / "signing-key.pem").read_text()
    monkeypatch.setenv("HARDPOINT_SIGNING_KEY", key)
    assert decision(call, trusted, "release").answer is Answer.GO


@pytest.mark.parametrize("statement", ["UPDATE hardpoint_entries SET payload = x'00'", "DELETE FROM hardpoint_entries"])
def test_a_record_that_was_changed_gives_no_verdict(call, cli, root, statement):
    cli("check", "--record", folder=root)
    store = sqlite3.connect(root / ".hardpoint/hardpoint.db")
    triggers = store.execute("select name from sqlite_master where type = 'trigger'").fetchall()
    for (trigger,) in triggers:
        store.execute(f"drop trigger {trigger}")
    store.execute(statement)
    store.commit()
    store.close()
    for options in ([], ["--no-check"]):
        ran = cli("gate", "merge", *options, "--format", "json", folder=root)
        assert (ran.exit, ran.json["schema"], ran.json["code"]) == (5, "problem/v1", "integrity")
        assert "answer" not in ran.json
        text = cli("gate", "merge", *options, folder=root)
        assert (text.exit, text.out) == (5, "")


def test_a_database_that_is_none_gives_no_verdict(cli, root):
    cli("check", "--record", folder=root)
    for file in (root / ".hardpoint").glob("hardpoint.db*"):
        file.write_bytes(b"this is no database" * 500)
    ran = cli("gate", "merge", folder=root)
    assert (ran.exit, ran.out) == (5, "")


def test_a_store_that_lost_its_entries_gives_no_verdict(cli, root):
    cli("check", "--record", folder=root)
    saved = (root / ".hardpoint/hardpoint.db").read_bytes()
    cli("check", "--record", folder=root)
    (root / ".hardpoint/hardpoint.db").write_bytes(saved)
    assert cli("gate", "merge", "--no-check", folder=root).exit == 5


def test_without_a_record_there_is_nothing_to_judge_from(cli, root):
    ran = cli("gate", "--no-check", folder=root)
    assert (ran.exit, ran.out) == (3, "")
    assert "There is no record" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mrege"], r"No gate is named 'mrege' \(did you mean 'merge'\?\)"),
        (["merge", "--service", "x"], "No service is named 'x'"),
        (["merge", "--at", "yesterday"], "is not an instant"),
        (["merge", "--at", "2026-03-31T14:00:00"], "is not an instant"),
    ],
)
def test_wrong_usage_records_nothing(call, root, arguments, said):
    with pytest.raises(UsageProblem, match=said):
        call(gate, *arguments, folder=root)
    assert not (root / ".hardpoint").exists()


@pytest.mark.requirement("GAT-01")
def test_without_a_name_every_gate_decides_and_one_no_go_is_no_go(cli, root):
    ran = cli("gate", "--format", "json", folder=root)
    assert ran.exit == 1
    assert (ran.json["schema"], ran.json["answer"]) == ("gate/v1", "NO-GO")
    assert [(each["gate"], each["answer"]) for each in ran.json["gates"]] == [("merge", "GO"), ("release", "NO-GO")]


def test_the_text_says_what_is_wrong_whose_it_is_and_what_to_do(cli, root):
    out = cli("gate", "release", folder=root).out
    assert "keystone" in out
    assert "MISSING        tests      there is no evidence [ada]" in out
    assert "hardpoint evidence import" in out
    assert out.splitlines()[-1].startswith("NO-GO")


def test_a_local_go_says_that_it_releases_nothing(cli, root):
    assert "(local: releases nothing)" in cli("gate", "merge", folder=root).out.splitlines()[-1]


def test_integrity_is_a_problem_of_its_own(call, cli, root):
    cli("check", "--record", folder=root)
    (root / ".hardpoint/hardpoint.db").write_bytes(b"x" * 5000)
    with pytest.raises(IntegrityProblem):
        call(gate, "merge", folder=root)


# Who is believed

TRUSTING = """\
version: 1
services: [{name: keystone}]
gates:
  - name: release
    criteria:
      - {id: documents, kind: check, rules: [DOC001], assurance: %s}
      - {id: tests, kind: report, report: junit, require: {tests: ">= 1", failures: 0}, assurance: %s}
trust:
"""
ISSUERS = """\
  issuers:
    - issuer: https://tokens.example.org
      keys: jwks.json
      identities: [{holder: ci, repository: acme/keystone, ref: refs/heads/main}]
"""


@pytest.fixture
def key(settings_folder):
    """The key that signs here."""
    return signer_of(settings_folder, {}).public


@pytest.fixture
def declared(repository, issuing):
    """A repository whose manifest trusts as it is told, and asks for an assurance."""

    def declared(trust, documents="declared", tests="declared"):
        manifest = TRUSTING % (documents, tests) + trust
        return repository({**FILES, "hardpoint.yaml": manifest, "jwks.json": issuing.key_set.decode()})

    return declared


@pytest.fixture
def reasons(call):
    """Why each criterion is as it is, and whether the verdict is local."""

    def reasons(root, *options, at=NOW):
        (decision,) = call(gate, *options, folder=root, at=at).items["gates"]
        return {each.criterion: each.reason for each in decision.criteria}, decision.local

    return reasons


@pytest.fixture
def tokened(issuing, git, monkeypatch):
    """Gives the runner that works at a folder a token for a key, in the variable TOKEN."""

    def tokened(root, key, **claims):
        claims = {"sha": git(root, "rev-parse", "HEAD"), **claims}
        monkeypatch.setenv("TOKEN", issuing.token(key, **claims))

    return tokened


@pytest.mark.requirement("GAT-01", "GAT-22")
def test_a_runner_releases_with_a_key_that_nobody_declared(judged, given, reasons, declared, tokened, key, call):
    root = declared(ISSUERS, "ci", "ci")
    tokened(root, key)
    given(root, PASSING, "--commit", "HEAD", "--identity-token", "TOKEN")
    assert judged(root, "release", "--identity-token", "TOKEN")[:2] == (Exit.OK, Answer.GO)
    assert reasons(root, "--no-check")[1] is False
    listed = call(log, folder=root).items["entries"]
    assert [each["kind"] for each in listed] == ["verdict", "verdict", "evidence", "evidence", "identity"]
    assert {each["by"] for each in listed} == {"ci"}
    assert call(verify, folder=root).exit == Exit.OK


def test_a_runner_that_only_judges_is_bound_first_and_records_its_verdict(
    judged, given, declared, tokened, key, call, monkeypatch, tmp_path
):
    root = declared(ISSUERS, "declared", "ci")
    tokened(root, key)
    given(root, PASSING, "--commit", "HEAD", "--identity-token", "TOKEN")
    judged(root, "release", "--identity-token", "TOKEN")
    monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(tmp_path / "other"))
    tokened(root, signer_of(tmp_path / "other", {}).public)
    assert judged(root, "release", "--no-check", "--identity-token", "TOKEN")[1] is Answer.GO
    listed = call(log, folder=root).items["entries"]
    assert [each["kind"] for each in listed[:3]] == ["verdict", "identity", "verdict"]


def test_without_a_token_a_runner_is_local_and_nothing_is_ci(judged, given, reasons, declared):
    root = declared(ISSUERS, "ci", "ci")
    given(root, PASSING)
    assert judged(root)[1] is Answer.NO_GO
    said, local = reasons(root)
    assert local
    assert said["tests"].endswith("you gives it as 'declared', and 'ci' is asked for")
    assert said["documents"].endswith("you gives it as 'ran', and 'ci' is asked for")


def test_a_check_is_run_and_a_report_is_declared(judged, given, declared):
    root = declared("  keys: []\n", "ran", "ran")
    given(root, PASSING)
    assert judged(root)[2] == {"documents": Verdict.PASS, "tests": Verdict.MISSING}


@pytest.mark.requirement("GAT-22")
def test_a_token_of_another_commit_is_not_ci(judged, given, reasons, declared, tokened, key):
    root = declared(ISSUERS, "declared", "ci")
    tokened(root, key, sha="b" * 40)
    given(root, PASSING, "--commit", "HEAD", "--identity-token", "TOKEN")
    assert judged(root, "release", "--identity-token", "TOKEN")[2]["tests"] is Verdict.MISSING
    assert "ci gives it as 'declared', and 'ci' is asked for" in reasons(root, "--no-check")[0]["tests"]


def test_a_fork_is_heard_and_does_not_count(given, reasons, declared, tokened, key):
    root = declared(ISSUERS, "ci", "ci")
    tokened(root, key, repository="eve/keystone")
    given(root, PASSING, "--commit", "HEAD", "--identity-token", "TOKEN")
    said, local = reasons(root, "--identity-token", "TOKEN")
    assert local
    assert "'ci' is asked for" in said["tests"]


def test_runners_with_keys_of_their_own_share_one_record(
    judged, given, declared, tokened, key, call, monkeypatch, tmp_path
):
    root = declared(ISSUERS, "ci", "ci")
    tokened(root, key)
    given(root, PASSING, "--commit", "HEAD", "--identity-token", "TOKEN")
    monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(tmp_path / "other"))
    second = signer_of(tmp_path / "other", {}).public
    assert second != key
    tokened(root, second)
    assert judged(root, "release", "--identity-token", "TOKEN")[1] is Answer.GO
    assert call(verify, folder=root).exit == Exit.OK
    monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(tmp_path / "auditor"))
    assert call(verify, folder=root).exit == Exit.OK


@pytest.mark.parametrize(
    ("claims", "why"),
    [({"aud": "hardpoint"}, "not meant for the key"), ({"exp": 1}, "ended"), ({"iss": "x"}, "issuer")],
)
def test_a_token_that_does_not_hold_records_nothing(call, declared, tokened, key, claims, why):
    root = declared(ISSUERS)
    tokened(root, key, **claims)
    with pytest.raises(IdentityProblem, match=why):
        call(gate, "--identity-token", "TOKEN", folder=root)
    assert not (root / ".hardpoint").exists()


def test_a_token_may_stand_in_a_file(judged, declared, issuing, key, git, tmp_path):
    root = declared(ISSUERS, "ci")
    (tmp_path / "token").write_text(issuing.token(key, sha=git(root, "rev-parse", "HEAD")) + "\n")
    assert judged(root, "release", "--identity-token", str(tmp_path / "token"))[2]["documents"] is Verdict.PASS


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--identity-token", "absent"], "neither a variable of the environment nor a file"),
        (["--out", "verdict.json", "--at", "2026-03-31T14:00:00Z"], "nothing would be"),
        (["--identity-token", "TOKEN", "--at", "2026-03-31T14:00:00Z"], "nothing would be"),
    ],
)
def test_a_token_that_cannot_be_used_is_wrong_usage(call, declared, tokened, key, options, why):
    root = declared(ISSUERS)
    tokened(root, key)
    with pytest.raises(UsageProblem, match=why):
        call(gate, *options, folder=root)


def test_a_key_set_that_cannot_be_read_gives_no_verdict(call, declared):
    root = declared(ISSUERS)
    (root / "jwks.json").write_text("{}")
    with pytest.raises(UnreadableProblem, match="holds no key"):
        call(gate, folder=root)


def keys(*named, producers=""):
    lines = [f'    - {{key: "{key}", holder: {holder}{more}}}' for key, holder, more in named]
    return "\n".join(["  keys:", *lines, producers]) + "\n"


def test_who_may_speak_for_nothing_of_this_is_named_with_it(reasons, given, declared, key, monkeypatch):
    producers = "  producers: [{holder: ada, kinds: [check]}]"
    root = declared(keys((key, "ada", ""), producers=producers))
    given(root, PASSING)
    said, local = reasons(root)
    assert not local
    assert said["tests"] == "the newest junit evidence does not count: ada may not speak for keystone about junit"


@pytest.mark.requirement("GAT-01")
def test_after_a_compromise_a_new_key_says_it_again(judged, given, reasons, declared, key, monkeypatch, tmp_path):
    fresh = signer_of(tmp_path / "fresh", {}).public
    root = declared(keys((key, "ada", ", revoked: 2026-03-31T13:00:00Z"), (fresh, "ada", "")))
    given(root, PASSING)
    monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(tmp_path / "fresh"))
    said, local = reasons(root)
    assert not local
    assert "the key of ada is revoked from 2026-03-31T13:00:00.000000Z on" in said["tests"]
    given(root, PASSING)
    assert judged(root)[:2] == (Exit.OK, Answer.GO)


@pytest.mark.requirement("GAT-01")
def test_a_revoked_key_cannot_record_in_the_past(given, reasons, declared, key, monkeypatch, tmp_path):
    """Whoever has the key sets the clock as well; what stands in the record before it tells otherwise."""
    fresh = signer_of(tmp_path / "fresh", {}).public
    root = declared(keys((key, "ada", ", revoked: 2026-03-31T13:00:00Z"), (fresh, "ada", "")))
    given(root, PASSING, at=NOW - timedelta(hours=2))
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("HARDPOINT_CONFIG_DIR", str(tmp_path / "fresh"))
        assert reasons(root)[0]["tests"] == "failures 0; tests 1"  # a check is recorded too, and that it is 14:00
    given(root, FAILING, at=NOW - timedelta(hours=2))
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("HARDPOINT_CONFIG_DIR", str(tmp_path / "fresh"))
        assert reasons(root)[0]["tests"] == "failures 0; tests 1"


@pytest.mark.parametrize("known", [0, 1])
def test_an_entry_that_comes_while_the_gate_reads_is_judged_by_its_own_time(reasons, given, root, monkeypatch, known):
    given(root, PASSING)
    monkeypatch.setattr(
        "hardpoint.programme.gates.hearing.earliest_instants", lambda database: [format_instant(NOW)][:known]
    )
    assert reasons(root, "release")[0]["tests"] == "failures 0; tests 1"


def test_the_audience_that_a_token_needs_is_printed(cli, declared, key):
    root = declared(ISSUERS)
    assert cli("record", "key", "--audience", folder=root).out.strip() == f"hardpoint:{key.id[:32]}"
    assert cli("record", "key", "--format", "json", folder=root).json["id"] == key.id


def test_without_an_issuer_no_audience_is_printed(cli, root, key):
    ran = cli("record", "key", "--audience", folder=root)
    assert (ran.exit, ran.out) == (2, "")
    assert "No issuer is trusted" in ran.err


def test_a_recorded_check_takes_a_token_and_another_has_no_use_for_it(call, judged, declared, tokened, key):
    root = declared(ISSUERS, "ci")
    tokened(root, key)
    with pytest.raises(UsageProblem, match="for what is recorded"):
        call(check, "--identity-token", "TOKEN", folder=root)
    call(check, "--record", "--identity-token", "TOKEN", folder=root)
    assert judged(root, "release", "--no-check")[2]["documents"] is Verdict.PASS


def test_what_one_key_said_is_news_from_another(given, declared, monkeypatch, tmp_path, key):
    fresh = signer_of(tmp_path / "fresh", {}).public
    root = declared(keys((key, "ada", ""), (fresh, "eve", "")))
    added = [given(root, PASSING).items["reports"][0].added for _ in range(2)]
    monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(tmp_path / "fresh"))
    added += [given(root, PASSING).items["reports"][0].added for _ in range(2)]
    assert added == [True, False, True, False]


@pytest.mark.requirement("GAT-14")
def test_a_key_that_nobody_vouches_for_does_not_lock_out_those_who_share_the_record(
    call, cli, trusted, monkeypatch, tmp_path
):
    assert call(gate, "merge", folder=trusted).exit is Exit.OK
    with monkeypatch.context() as patch:
        patch.setenv("HARDPOINT_CONFIG_DIR", str(tmp_path / "somebody else"))
        refused = cli("gate", "merge", folder=trusted)
        assert refused.exit == 2
        assert "yours is not one of them; nothing was appended" in refused.err
    assert call(gate, "merge", folder=trusted).exit is Exit.OK
    assert cli("record", "verify", folder=trusted).exit == 0
