"""`hardpoint gate` from the record of a repository: GO, NO-GO, and no verdict at all."""

import shutil
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from hardpoint.assurance.reports.verbs.exchange import import_reports
from hardpoint.faces.cli.verbs.whole_jobs import check
from hardpoint.kernel.identity.keys import signer_of
from hardpoint.kernel.problem import Exit, IdentityProblem, IntegrityProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record import erasure
from hardpoint.kernel.record.scan import Scan
from hardpoint.kernel.record.verbs.log import log, verify
from hardpoint.kernel.verdict import Answer, Verdict
from hardpoint.programme.gates import sitting as sittings
from hardpoint.programme.gates.verbs.decide import gate

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
def trusted(cli, root, git, monkeypatch):
    """A repository whose manifest vouches for the key of this user."""
    cli("check", "--record", folder=root)
    key = cli("record", "key", "--format", "json", folder=root).json["key"]
    (root / "hardpoint.yaml").write_text(MANIFEST + f"trust:\n  keys: [{{key: '{key}', holder: ada}}]\n")
    git(root, "commit", "-qam", "trust")
    monkeypatch.setenv("HARDPOINT_BASE", "main")
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
    attack(root, statement)
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


def test_a_dirty_tree_is_why_a_go_is_local(cli, root):
    (root / "new.txt").write_text("x")
    assert "local: the working tree has changes that are not committed" in cli("gate", "merge", folder=root).out


@pytest.mark.parametrize(("begin", "said"), [(True, "this repository has no commit yet"), (False, "no git repository")])
def test_where_there_is_no_commit_that_is_said(cli, git, tmp_path, begin, said):
    (tmp_path / "hardpoint.yaml").write_text(MANIFEST)
    if begin:
        git(tmp_path, "init", "-q")
    assert said in cli("gate", "merge", folder=tmp_path).out


def test_only_a_missing_base_is_named_where_only_that_is_missing(cli, trusted, monkeypatch):
    monkeypatch.delenv("HARDPOINT_BASE")
    ran = cli("gate", "merge", "--out", "verdict.json", folder=trusted)
    assert ran.exit == 2
    assert "no base is named" in ran.err
    assert "Commit everything" not in ran.err
    assert "trust.keys" not in ran.err


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
def declared(repository, issuing, monkeypatch):
    """A repository whose manifest trusts as it is told, and asks for an assurance."""

    def declared(trust, documents="declared", tests="declared"):
        monkeypatch.setenv("HARDPOINT_BASE", "main")
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


def test_a_key_set_that_cannot_be_read_gives_no_verdict(call, declared, git):
    root = declared(ISSUERS)
    (root / "jwks.json").write_text("{}")
    git(root, "commit", "-qam", "empty")
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


@pytest.mark.requirement("GAT-01", "GAT-14")
def test_what_comes_while_the_gate_reads_changes_nothing_of_what_it_judges(call, given, root, monkeypatch):
    """Another process appends between each two things that the gate does with the record."""
    given(root, PASSING)
    call(check, "--record", folder=root)

    def meanwhile(module, name):
        inner = getattr(module, name)

        def interrupted(*arguments, **options):
            given(root, FAILING)
            given(root, PASSING)
            given(root, FAILING)
            return inner(*arguments, **options)

        monkeypatch.setattr(module, name, interrupted)

    meanwhile(sittings, "hear_all")
    meanwhile(sittings, "covered")
    meanwhile(Scan, "refuse_broken")
    before, after = (call(gate, "release", "--no-check", folder=root).items["gates"][0] for _ in range(2))
    assert (before.answer, after.answer) == (Answer.GO, Answer.NO_GO)


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hardpoint_entries SET kind = 'note' WHERE leaf_index = 1",
        "UPDATE hardpoint_entries SET subject = 'other', topic = 'x' WHERE leaf_index = 1",
    ],
)
def test_a_failing_report_is_heard_whatever_its_row_says_it_is(judged, given, root, statement):
    for number, content in enumerate((PASSING, FAILING)):
        given(root, content, name=f"r{number}.xml")
    attack(root, statement)
    assert judged(root, "release", "--no-check")[2]["tests"] is Verdict.FAIL


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM hardpoint_entries WHERE leaf_index = 1",
        "DELETE FROM hardpoint_entries WHERE leaf_index = 3",
        "UPDATE hardpoint_entries SET salt = NULL, signature = NULL, payload = NULL WHERE leaf_index = 1",
        "UPDATE hardpoint_entries SET payload = replace(payload, 'e', 'f') WHERE leaf_index = 1",
        (
            "UPDATE hardpoint_entries SET header = CAST(replace(header, 'keystone', 'another8') AS BLOB)"
            " WHERE leaf_index = 1"
        ),
        "UPDATE hardpoint_entries SET leaf_index = 9 WHERE leaf_index = 1",
        "UPDATE hardpoint_entries SET leaf_index = 99 WHERE leaf_index = 3",
        (
            "INSERT INTO hardpoint_entries SELECT 4, header, salt, signature, payload, kind, subject, topic, 'u'"
            " FROM hardpoint_entries WHERE leaf_index = 0"
        ),
        "DELETE FROM hardpoint_head",
        "DROP TABLE hardpoint_witnessed",
    ],
)
def test_a_failing_report_cannot_be_taken_away(cli, given, root, statement):
    for number, content in enumerate((PASSING, FAILING)):
        given(root, content, name=f"r{number}.xml")
    cli("check", "--record", folder=root)
    cli("check", "--record", folder=root)
    assert cli("gate", "release", "--no-check", folder=root).exit == 1
    attack(root, statement)
    ran = cli("gate", "release", "--no-check", folder=root)
    assert (ran.exit, ran.out) == (5, ""), ran.out


def attack(root, statement):
    """Changes the store as somebody would who may write its file."""
    store = sqlite3.connect(root / ".hardpoint/hardpoint.db")
    for (trigger,) in store.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        store.execute(f"drop trigger {trigger}")
    store.execute(statement)
    store.commit()
    store.close()


# Gates and trust are the protected branch's.


@pytest.fixture
def changing(trusted, git, monkeypatch):
    """A clean branch on which the manifest says something else, judged by what main says."""

    def changing(old, new):
        git(trusted, "checkout", "-q", "-b", "change")
        text = (trusted / "hardpoint.yaml").read_text()
        assert old in text
        (trusted / "hardpoint.yaml").write_text(text.replace(old, new))
        git(trusted, "commit", "-qam", "change")
        return trusted

    return changing


def edits(result):
    return {each.path: (each.now, each.would_become) for each in result.items["would_become"]}


@pytest.mark.requirement("GAT-01", "GAT-22")
def test_a_change_cannot_vouch_for_its_own_key(call, changing, monkeypatch, tmp_path):
    mallory = signer_of(tmp_path / "mallory", {}).public
    root = changing("keys: [{", f"keys: [{{key: '{mallory}', holder: mallory}}, {{")
    (root / ".hardpoint/hardpoint.db").unlink()
    monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(tmp_path / "mallory"))
    result = call(gate, "merge", folder=root)
    assert result.items["gates"][0].local
    assert edits(result) == {
        f"trust.keys.{mallory}.key": ("", str(mallory)),
        f"trust.keys.{mallory}.holder": ("", "mallory"),
    }
    assert not call(gate, "merge", "--base", "change", folder=root).items["gates"][0].local


@pytest.mark.requirement("GAT-01", "GAT-22")
def test_a_change_cannot_weaken_the_gate_that_judges_it(call, changing, git):
    root = changing("failures: 0}, max_age: 1d", 'failures: "<= 9"}, max_age: 30d, severity: advisory')
    result = call(gate, "release", "--no-check", folder=root)
    assert result.exit == Exit.FOUND
    assert edits(result) == {
        "gates.release.criteria.tests.require.failures": ("0", "<= 9"),
        "gates.release.criteria.tests.max_age": ("1d", "30d"),
        "gates.release.criteria.tests.severity": ("", "advisory"),
    }
    assert result.about["base"] == {"revision": "main", "commit": git(root, "rev-parse", "main")}


def test_what_a_change_would_become_stands_in_text_and_json(cli, changing):
    root = changing("max_age: 1d", "max_age: 30d")
    told = {"path": "gates.release.criteria.tests.max_age", "now": "1d", "would_become": "30d"}
    assert cli("gate", "merge", "--format", "json", folder=root).json["would_become"] == [told]
    lines = [line.split() for line in cli("gate", "merge", folder=root).out.splitlines()]
    assert ["path", "now", "would_become"] in lines
    assert list(told.values()) in lines


def test_a_gate_that_only_the_change_declares_does_not_decide(cli, changing):
    root = changing("- name: merge", "- name: easy")
    ran = cli("gate", "easy", folder=root)
    assert (ran.exit, ran.out) == (2, "")
    assert "declared in this change alone" in ran.err
    assert cli("gate", "merge", folder=root).exit == 0


@pytest.mark.requirement("GAT-22")
def test_without_a_base_the_verdict_is_local_and_says_why(call, cli, trusted, monkeypatch):
    monkeypatch.delenv("HARDPOINT_BASE")
    result = call(gate, "merge", folder=trusted)
    assert result.items["gates"][0].local
    assert result.about["base"] is None
    assert "no base is named" in cli("gate", "merge", folder=trusted).out
    assert not call(gate, "merge", "--base", "main", folder=trusted).items["gates"][0].local
    assert "no base is named" not in cli("gate", "merge", "--base", "main", folder=trusted).out


@pytest.mark.requirement("GAT-22")
def test_a_base_without_a_manifest_is_said_and_the_verdict_is_local(cli, root, git, monkeypatch):
    git(root, "checkout", "-q", "--orphan", "empty")
    git(root, "rm", "-q", "--cached", "hardpoint.yaml")
    git(root, "commit", "-qm", "before")
    git(root, "checkout", "-q", "-f", "main")
    ran = cli("gate", "merge", "--base", "empty", folder=root)
    assert ran.exit == 0
    assert "empty has no hardpoint.yaml yet" in ran.out
    assert "(local: releases nothing)" in ran.out


@pytest.mark.parametrize(
    ("base", "exit_code", "said"), [("nowhere", 2, "'nowhere' names no commit"), ("bad", 3, "At bad")]
)
def test_a_base_that_cannot_be_read_gives_no_verdict(cli, root, git, base, exit_code, said):
    git(root, "checkout", "-q", "-b", "bad")
    (root / "hardpoint.yaml").write_text("version: 1\ngate: []\n")
    git(root, "commit", "-qam", "bad")
    git(root, "checkout", "-q", "main")
    ran = cli("gate", "merge", "--base", base, folder=root)
    assert (ran.exit, ran.out) == (exit_code, "")
    assert said in ran.err
    assert not (root / ".hardpoint").exists()


@pytest.mark.requirement("GAT-22")
def test_the_key_set_of_an_issuer_is_the_bases_too(given, declared, tokened, key, git, call):
    root = declared(ISSUERS, "ci", "ci")
    git(root, "checkout", "-q", "-b", "change")
    (root / "jwks.json").write_text("{}")
    git(root, "commit", "-qam", "change")
    tokened(root, key)
    given(root, PASSING, "--commit", "HEAD", "--identity-token", "TOKEN")
    result = call(gate, "release", "--identity-token", "TOKEN", folder=root)
    assert result.items["gates"][0].answer is Answer.GO
    assert edits(result).keys() == {"jwks.json"}


# What was erased is missed.


@pytest.mark.requirement("GAT-01", "GAT-14")
def test_an_erased_failing_report_is_missed_until_its_report_comes_again(call, cli, judged, given, root):
    given(root, PASSING, name="unit.xml")
    given(root, FAILING, name="browser.xml")
    assert judged(root)[2]["tests"] is Verdict.FAIL
    cli("record", "erase", "1", "--reason", "a name was in it", folder=root)
    (decision,) = call(gate, "release", "--no-check", folder=root).items["gates"]
    tests = next(each for each in decision.criteria if each.criterion == "tests")
    assert (decision.answer, tests.verdict) == (Answer.NO_GO, Verdict.MISSING)
    assert tests.reason == "entry 1 was erased: a name was in it"
    assert tests.remedy == "Import its report again"
    assert tests.evidence == (0, 3)
    given(root, PASSING, name="other.xml")
    assert judged(root, "release", "--no-check")[2]["tests"] is Verdict.MISSING
    given(root, FAILING, name="browser.xml")
    assert judged(root, "release", "--no-check")[2]["tests"] is Verdict.FAIL
    given(root, PASSING.replace("T10", "T11"), name="browser.xml")
    assert judged(root, "release", "--no-check")[1] is Answer.GO


@pytest.mark.requirement("GAT-14")
def test_what_was_superseded_or_of_another_commit_is_not_missed(cli, judged, given, root, git):
    given(root, FAILING)
    given(root, PASSING.replace("T10", "T11"))
    cli("record", "erase", "0", "--reason", "privacy", folder=root)
    assert judged(root)[1] is Answer.GO
    cli("record", "erase", "1", "--reason", "privacy", folder=root)
    assert judged(root)[2]["tests"] is Verdict.MISSING
    next_commit(root, git)
    given(root, PASSING)
    assert judged(root)[1] is Answer.GO


@pytest.mark.requirement("GAT-14")
def test_an_order_that_does_not_say_what_it_erased_is_missed_in_every_criterion(
    cli, judged, given, root, git, monkeypatch
):
    given(root, PASSING, name="unit.xml")
    given(root, FAILING, name="browser.xml")
    with monkeypatch.context() as older:
        older.setattr(erasure, "bound_to", lambda kind, payload: None)
        cli("record", "erase", "1", "--reason", "privacy", folder=root)
    assert judged(root, "release", "--no-check")[2] == {"documents": Verdict.MISSING, "tests": Verdict.MISSING}
    assert judged(root)[2] == {"documents": Verdict.PASS, "tests": Verdict.MISSING}
    given(root, FAILING, name="browser.xml")
    assert judged(root)[2]["tests"] is Verdict.FAIL
    next_commit(root, git)
    given(root, PASSING)
    assert judged(root)[1] is Answer.GO


# A store that was wiped does not begin anew unseen.


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize("how", ["file", "folder", "rows"])
def test_a_store_that_was_wiped_is_a_rollback_until_it_is_forgotten(cli, root, how):
    cli("check", "--record", folder=root)
    origin = cli("record", "verify", "--format", "json", folder=root).json["origin"]
    wipe(root, how)
    for command in (["gate"], ["gate", "--no-check"], ["check", "--record"], ["record", "verify"]):
        ran = cli(*command, folder=root)
        assert (ran.exit, ran.out) == (5, ""), command
        assert f"Rollback: the record {origin} with 1 entry was in sqlite:///" in ran.err
        assert "hardpoint record pull" in ran.err
        assert "hardpoint record forget" in ran.err
    forgotten = cli("record", "forget", "--format", "json", folder=root)
    assert (forgotten.exit, forgotten.json["origin"]) == (0, origin)
    assert cli("check", "--record", folder=root).exit == 0
    assert cli("record", "verify", "--format", "json", folder=root).json["origin"] != origin
    assert "nothing was remembered" in cli("record", "forget", folder=root.parent).out


@pytest.mark.requirement("GAT-14")
def test_a_ci_job_begins_a_record_of_its_own_unless_the_store_was_named(cli, root, tmp_path, monkeypatch):
    monkeypatch.setenv("CI", "true")
    assert cli("gate", "merge", folder=root).exit == 0
    wipe(root, "folder")  # `git clean -ffdx`, on a runner that keeps its home
    assert cli("gate", "merge", folder=root).exit == 0
    monkeypatch.setenv("HARDPOINT_STORE", f"sqlite:///{tmp_path / 'kept.db'}")
    assert cli("check", "--record", folder=root).exit == 0
    (tmp_path / "kept.db").unlink()
    assert cli("check", "--record", folder=root).exit == 5
    monkeypatch.delenv("HARDPOINT_STORE")
    monkeypatch.setenv("CI", "false")
    wipe(root, "folder")
    assert cli("check", "--record", folder=root).exit == 5


def wipe(root, how):
    store = root / ".hardpoint/hardpoint.db"
    if how == "folder":
        shutil.rmtree(store.parent)
    elif how == "file":
        store.unlink()
    else:
        for table in ("head", "entries", "nodes", "witnessed"):
            attack(root, f"DELETE FROM hardpoint_{table}")


@pytest.mark.requirement("GAT-14")
def test_another_record_in_the_place_of_the_one_before_is_a_rollback(cli, root, tmp_path, monkeypatch):
    cli("check", "--record", folder=root)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("HARDPOINT_STORE", f"sqlite:///{tmp_path / 'other.db'}")
        cli("check", "--record", folder=root)
    shutil.copyfile(tmp_path / "other.db", root / ".hardpoint/hardpoint.db")
    for command in (["gate"], ["gate", "--no-check"], ["check", "--record"], ["record", "push"]):
        assert cli(*command, folder=root).exit == 5
    ran = cli("record", "verify", "--format", "json", folder=root)
    assert (ran.exit, ran.json["whole"]) == (5, False)
    assert [each["damage"] for each in ran.json["damages"]] == ["rollback"]
    assert "hardpoint record forget" in cli("record", "verify", folder=root).out
    cli("record", "forget", folder=root)
    assert cli("record", "verify", folder=root).exit == 0
    assert cli("gate", "merge", folder=root).exit == 0


@pytest.mark.requirement("GAT-14")
def test_a_fresh_runner_a_moved_folder_and_a_clone_are_no_rollback(cli, root, git, tmp_path, monkeypatch):
    cli("check", "--record", folder=root)
    moved = root.rename(tmp_path / "moved")
    assert cli("gate", "merge", folder=moved).exit == 0
    git(tmp_path, "clone", "-q", "moved", "clone")
    assert cli("gate", "merge", folder=tmp_path / "clone").exit == 0
    shutil.rmtree(moved / ".hardpoint")
    monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(tmp_path / "fresh runner"))
    assert cli("gate", "merge", folder=moved).exit == 0


@pytest.mark.requirement("GAT-14")
def test_a_record_that_is_pinned_is_the_only_one_that_a_store_may_hold(cli, root, git, tmp_path, monkeypatch):
    cli("check", "--record", folder=root)
    origin = cli("record", "verify", "--format", "json", folder=root).json["origin"]
    (root / "hardpoint.yaml").write_text(f"{MANIFEST}record: {{origin: {origin}}}\n")
    git(root, "commit", "-qam", "pin")
    assert cli("gate", "merge", folder=root).exit == 0
    monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(tmp_path / "fresh runner"))
    monkeypatch.setenv("HARDPOINT_STORE", f"sqlite:///{tmp_path / 'new.db'}")
    git(root, "checkout", "-q", "-b", "change")
    (root / "hardpoint.yaml").write_text(MANIFEST)
    git(root, "commit", "-qam", "unpin")
    for command in (["gate", "--base", "main"], ["gate", "--base", "main", "--no-check"]):
        ran = cli(*command, folder=root)
        assert ran.exit == 5
        assert f"the manifest pins the record {origin}, and sqlite:///" in ran.err
        assert "change `record.origin`" in ran.err
    assert cli("record", "forget", folder=root).exit == 0
    assert cli("gate", "--base", "main", folder=root).exit == 5


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
