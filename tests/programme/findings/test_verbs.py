"""`hardpoint findings` and gates that ask for findings, from reports that were imported into a record."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy

import pytest

from hardpoint.assurance.reports.verbs.exchange import import_reports
from hardpoint.faces.cli.verbs.whole_jobs import check
from hardpoint.kernel.identity.keys import signer_of
from hardpoint.kernel.problem import Exit, UnreadableProblem, UsageProblem
from hardpoint.kernel.verdict import Answer, Verdict
from hardpoint.programme.findings.verbs import list_findings, show
from hardpoint.programme.gates.verbs.decide import gate
from hardpoint.programme.gates.verbs.explain import explain
from hardpoint.programme.gates.verbs.lint import lint, waivers
from hardpoint.programme.gates.verbs.sign import approve

NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MANIFEST = """\
version: 1
services: [{name: keystone, owner: ada}]
findings:
  rated: [{report: sarif, error: high, warning: medium}]
gates:
  - name: release
    criteria:
      - {id: documents, kind: check, rules: [DOC001], owner: ada}
      - {id: findings, kind: findings, reports: [sarif], max_age: 14d, owner: ada}
"""
WAIVER = """\
waivers:
  - id: W1
    finding: %s
    subject: src/a.py
    reason: the input is a constant of ours
    mitigation: a test holds it, and the page is behind a login
    owner: ben
    approvers: [ada, cyd]
    created: 2026-04-02T14:00:00Z
    expires: 2026-04-30T14:00:00Z
"""
FILES = {"hardpoint.yaml": MANIFEST, "README.md": "[x](a.md)\n", "a.md": "# A\n", ".gitignore": "*.sarif\n"}


def sarif(*results, at=NOW, tool="scan"):
    """A log with a result for each (rule, level, file, line)."""
    return json.dumps(
        {
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": {"name": tool}},
                    "invocations": [{"executionSuccessful": True, "endTimeUtc": at.isoformat()}],
                    "results": [
                        {
                            "ruleId": rule,
                            "level": level,
                            "message": {"text": "is unsafe"},
                            "locations": [
                                {
                                    "physicalLocation": {
                                        "artifactLocation": {"uri": file},
                                        "region": {"startLine": line},
                                    }
                                }
                            ],
                        }
                        for rule, level, file, line in results
                    ],
                }
            ],
        }
    )


EVAL = ("py.eval", "error", "src/a.py", 3)
COOKIE = ("py.cookie", "warning", "src/b.py", 9)


@pytest.fixture
def root(repository):
    return repository(FILES)


@pytest.fixture
def scanned(call):
    """Imports a report of a scan."""

    def scanned(root, *results, at=NOW, name="scan.sarif", tool="scan", options=("--commit", "HEAD")):
        (root / name).write_text(sarif(*results, at=at, tool=tool))
        return call(import_reports, *options, name, folder=root, at=at)

    return scanned


@pytest.fixture
def listed(call):
    """The rows of the list: rule, risk, state, and whole hours that are left."""

    def listed(root, *options, at=NOW):
        result = call(list_findings, *options, folder=root, at=at)
        return [
            (row.title, row.risk, row.state, None if row.left_s is None else row.left_s // 3600)
            for row in result.about["findings"]
        ]

    return listed


@pytest.fixture
def judged(call):
    """The answer of the gate, and its judgement on findings."""

    def judged(root, *options, at=NOW):
        (decision,) = call(gate, "release", *options, folder=root, at=at).items["gates"]
        (judgement,) = [each for each in decision.criteria if each.criterion == "findings"]
        return decision.answer, judgement

    return judged


def commit(root, git, text, file="src.py"):
    (root / file).write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "next")


@pytest.mark.requirement("SEC-02")
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_what_is_open_is_listed_the_worst_first(root, scanned, listed, store, request, monkeypatch):
    if store == "postgresql":
        monkeypatch.setenv("HARDPOINT_STORE", request.getfixturevalue("postgres_url"))
    scanned(root, COOKIE, EVAL)
    assert listed(root, at=NOW + DAY) == [
        ("py.eval", "high", "open", 6 * 24),
        ("py.cookie", "medium", "open", 29 * 24),
    ]
    scanned(root, COOKIE, at=NOW + DAY)
    assert [row[0] for row in listed(root, at=NOW + DAY)] == ["py.cookie"]
    assert [row[::2] for row in listed(root, "--all", at=NOW + DAY)] == [("py.cookie", "open"), ("py.eval", "fixed")]
    assert [row[0] for row in listed(root, "--at", (NOW + HOUR).isoformat(), at=NOW + 90 * DAY)] == [
        "py.eval",
        "py.cookie",
    ]


@pytest.mark.requirement("SEC-02")
def test_breaches_are_listed_and_may_fail_a_build(root, scanned, listed, call):
    scanned(root, COOKIE, EVAL)
    assert listed(root, "--breached", at=NOW + 7 * DAY) == []
    assert listed(root, "--breached", at=NOW + 8 * DAY) == [("py.eval", "high", "open", -24)]
    exits = {
        options: call(list_findings, *options, folder=root, at=NOW + 8 * DAY).exit
        for options in ((), ("--fail-on", "critical"), ("--fail-on", "high"), ("--breached", "--fail-on", "medium"))
    }
    assert list(exits.values()) == [Exit.OK, Exit.OK, Exit.FOUND, Exit.FOUND]


@pytest.mark.requirement("SEC-02")
def test_a_renamed_scanner_and_moved_lines_restart_no_clock(root, scanned, listed, git):
    scanned(root, EVAL)
    commit(root, git, "x = 1\n")
    scanned(root, ("rules.py.eval", "error", "./src/A.py", 99), at=NOW + DAY, name="next.sarif", tool="next")
    assert listed(root, at=NOW + DAY) == [("rules.py.eval", "high", "open", 6 * 24)]


@pytest.mark.requirement("SEC-02")
def test_a_report_that_is_imported_again_adds_nothing(root, scanned, call):
    scanned(root, EVAL, COOKIE)
    before = call(list_findings, "--all", folder=root)
    again = scanned(root, EVAL, COOKIE)
    assert not again.items["reports"][0].added
    assert call(list_findings, "--all", folder=root).about == before.about


def test_a_branch_that_was_not_merged_opens_and_closes_nothing(root, scanned, listed, git):
    scanned(root, EVAL)
    git(root, "checkout", "-qb", "side")
    commit(root, git, "x = 1\n")
    scanned(root, COOKIE, at=NOW + HOUR)
    assert [row[0] for row in listed(root, at=NOW + HOUR)] == ["py.cookie"]
    git(root, "checkout", "-q", "main")
    assert [row[0] for row in listed(root, at=NOW + HOUR)] == ["py.eval"]


def test_in_a_shallow_clone_older_reports_still_count(root, scanned, listed, git, tmp_path, monkeypatch):
    scanned(root, EVAL)
    commit(root, git, "x = 1\n")
    scanned(root, EVAL, at=NOW + DAY)
    monkeypatch.setenv("HARDPOINT_STORE", f"sqlite:///{root}/.hardpoint/hardpoint.db")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", str(shallow))
    assert listed(shallow, at=NOW + DAY) == [("py.eval", "high", "open", 6 * 24)]


def test_a_report_of_no_commit_counts_only_where_it_ran(root, scanned, listed):
    scanned(root, EVAL, options=())
    assert listed(root) == []
    scanned(root, COOKIE, options=("--environment", "production"))
    assert [row[0] for row in listed(root)] == ["py.cookie"]


def test_a_case_is_shown_by_its_id_with_its_history(root, scanned, call):
    scanned(root, EVAL)
    scanned(root, at=NOW + DAY)
    scanned(root, EVAL, at=NOW + 2 * DAY)
    (row,) = call(list_findings, folder=root, at=NOW + 2 * DAY).about["findings"]
    shown = call(show, row.id, folder=root, at=NOW + 2 * DAY)
    assert shown.exit is Exit.OK
    assert [each.what for each in shown.about["findings"][0].history] == [
        "first seen by sarif scan.sarif",
        "fixed: no longer in sarif scan.sarif",
        "seen again by sarif scan.sarif",
    ]
    assert "src/a.py:3" in shown.detail
    assert "6d 0h left again" in shown.detail
    with pytest.raises(UsageProblem, match=f"did you mean '{row.id}'"):
        call(show, row.id[:-1] + "x", folder=root)


def test_a_row_has_its_name_and_one_regression_is_one(root, scanned, call):
    scanned(root, EVAL)
    scanned(root, at=NOW + DAY)
    scanned(root, EVAL, at=NOW + 2 * DAY)
    result = call(list_findings, folder=root, at=NOW + 2 * DAY)
    assert result.headline == "1 open, 1 high, 1 regression"
    header, row = result.detail.splitlines()
    assert header.split() == ["risk", "id", "name", "in", "left"]
    assert row.split()[2:4] == ["py.eval", "src/a.py:3"]


@pytest.mark.requirement("SEC-02")
def test_a_gate_and_a_page_say_which_report_of_which_commit_still_has_it(root, scanned, judged, call, git):
    commit(root, git, MANIFEST.replace("error: high", "error: critical"), "hardpoint.yaml")
    first = git(root, "rev-parse", "HEAD").strip()[:12]
    scanned(root, EVAL, name="old.sarif")
    (row,) = call(list_findings, folder=root).about["findings"]
    commit(root, git, "x = 1\n")
    scanned(root, name="new.sarif", at=NOW + HOUR)
    still = f"sarif old.sarif of {first} (entry "
    (shown,) = call(show, row.id, folder=root, at=NOW + HOUR).about["findings"]
    assert shown.still_in[0].startswith(still)
    assert f"still in:  {still}" in call(show, row.id, folder=root, at=NOW + HOUR).detail
    assert f"; still in {still}" in judged(root, at=NOW + HOUR)[1].findings[0].text


def test_rows_fit_a_terminal_and_json_has_them_all(root, scanned, cli):
    deep = ("long", "error", "src/a/very/deep/folder/with/a/name.py", 1)
    scanned(root, EVAL, deep, *((f"r{n}", "note", f"{n}.py", 1) for n in range(250)))
    text = cli("findings", "list", folder=root)
    assert text.exit == 0
    assert max(len(line) for line in text.out.splitlines()) <= 80
    assert "… and 52 more" in text.out
    found = cli("findings", "list", "--format", "json", folder=root).json
    assert (len(found["findings"]), found["schema"], found["facts"]["high"]) == (252, "findings/v1", 2)


def test_without_a_store_nothing_is_listed(root, call):
    with pytest.raises(UnreadableProblem):
        call(list_findings, folder=root)


@pytest.mark.requirement("GAT-04")
def test_a_clock_that_runs_out_turns_go_into_no_go(root, scanned, judged, call):
    scanned(root, EVAL)
    answer, judgement = judged(root)
    assert (answer, judgement.verdict, judgement.reason) == (Answer.GO, Verdict.PASS, "critical 0; high_overdue 0")
    assert judgement.stale_at == "2026-04-07T14:00:00.000000Z"
    answer, judgement = judged(root, at=NOW + 7 * DAY + HOUR)
    assert (answer, judgement.verdict) == (Answer.NO_GO, Verdict.FAIL)
    assert "overdue since 2026-04-07 14:00" in judgement.findings[0].text


@pytest.mark.requirement("GAT-04")
def test_without_the_reports_that_it_names_nothing_is_known(root, scanned, judged, call, git):
    call(check, "--record", folder=root, at=NOW)
    assert judged(root)[1].verdict is Verdict.MISSING
    scanned(root)
    assert judged(root)[1].verdict is Verdict.PASS
    commit(root, git, "x = 1\n")
    assert judged(root)[1].verdict is Verdict.MISSING
    scanned(root)
    assert judged(root, at=NOW + 15 * DAY)[1].verdict is Verdict.STALE


@pytest.mark.requirement("GAT-04")
def test_one_critical_is_no_go_whoever_reports_it(root, scanned, judged, git):
    commit(root, git, MANIFEST.replace("error: high", "error: critical"), "hardpoint.yaml")
    scanned(root)
    scanned(root, EVAL, name="other.sarif")
    answer, judgement = judged(root)
    assert (answer, judgement.verdict) == (Answer.NO_GO, Verdict.FAIL)
    assert "critical is 1 in the findings, and must be 0" in judgement.reason
    assert judgement.findings[0].place.file == "src/a.py"


@pytest.mark.requirement("GAT-04")
def test_findings_whose_risk_nobody_says_are_no_pass(root, scanned, judged, git):
    rated = "rated: [{report: sarif, error: high, warning: medium}]"
    commit(root, git, MANIFEST.replace(rated, "cvss: true"), "hardpoint.yaml")
    scanned(root, EVAL)
    judgement = judged(root)[1]
    assert (judgement.verdict, judgement.reason) == (
        Verdict.MISSING,
        "nobody says how bad 1 finding of sarif scan.sarif may be",
    )


@pytest.fixture
def people(tmp_path_factory, monkeypatch):
    """Makes somebody whoever runs this; `keys` is the trust of all of them."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("ada", "cyd")}
    keys = [f"{{key: '{signer_of(folder, {}).public}', holder: {name}}}" for name, folder in folders.items()]

    def become(name):
        monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(folders[name]))

    become.trust = f"trust:\n  keys: [{', '.join(keys)}]\n"
    become("ada")
    return become


@pytest.mark.requirement("SEC-03", "GAT-04")
def test_an_accepted_risk_opens_the_gate_until_it_lapses(root, scanned, judged, call, git, people):
    commit(root, git, MANIFEST + people.trust, "hardpoint.yaml")
    scanned(root, EVAL)
    (row,) = call(list_findings, folder=root).about["findings"]
    commit(root, git, MANIFEST + people.trust + WAIVER % row.id, "hardpoint.yaml")
    later = NOW + 8 * DAY
    scanned(root, EVAL, at=later)
    assert judged(root, at=later)[1].verdict is Verdict.FAIL
    call(approve, "W1", folder=root, at=NOW + 4 * DAY)
    assert "cyd did not approve it" in call(show, row.id, folder=root, at=later).detail
    people("cyd")
    call(approve, "W1", folder=root, at=NOW + 5 * DAY)
    people("ada")
    answer, judgement = judged(root, at=later)
    assert (answer, judgement.verdict, judgement.before) == (Answer.GO_BY_WAIVER, Verdict.WAIVED, Verdict.FAIL)
    assert (judgement.waiver, judgement.findings[0].rule) == ("W1", row.id)
    assert judgement.reason.startswith("waived until 2026-04-30T14:00:00.000000Z (W1): high_overdue is 1")
    assert call(gate, "release", "--no-waivers", folder=root, at=later).exit is Exit.WAIVED
    (decision,) = call(gate, "release", folder=root, at=later).items["gates"]
    assert decision.without_waivers is Answer.NO_GO
    told = call(explain, "release", folder=root, at=later)
    assert "without waivers NO-GO" in told.headline
    assert "waiver:       W1" in told.detail
    shown = call(show, row.id, folder=root, at=later).detail
    assert "accepted until 2026-04-30 14:00 (W1): a test holds it, and the page is behind a login" in shown
    end = datetime(2026, 4, 30, 14, 0, tzinfo=UTC)
    scanned(root, EVAL, at=end)
    assert judged(root, at=end + 2 * DAY)[1].verdict is Verdict.PASS
    assert judged(root, at=end + 2 * DAY + HOUR)[1].verdict is Verdict.FAIL


@pytest.mark.requirement("GAT-05")
def test_a_criterion_of_findings_is_explained_and_linted(root, scanned, call, git):
    scanned(root, EVAL)
    call(check, "--record", folder=root, at=NOW)
    explained = {each.criterion: each for each in call(explain, "release", folder=root).about["criteria"]}
    assert explained["findings"].next == "2026-04-07T14:00:00.000000Z"
    wrong = "{id: findings, kind: findings, reports: [sarf], require: {hihg: 0}}"
    start = MANIFEST.index("{id: findings")
    (root / "hardpoint.yaml").write_text(MANIFEST[:start] + wrong + "\n")
    texts = [each.text for each in call(lint, folder=root).items["findings"]]
    assert any("no kind of report sarf" in each for each in texts)
    assert any("no fact hihg (did you mean 'high'?)" in each for each in texts)
    assert any("a scan of any age would do" in each for each in texts)


FIXTURES = Path(__file__).parents[2] / "assurance" / "reports" / "importers" / "fixtures"


@pytest.mark.requirement("SEC-02")
def test_what_trivy_and_grype_see_in_one_image_is_one_row(root, call):
    for kind in ("trivy", "grype"):
        copy(FIXTURES / kind / "image.json", root / f"{kind}.sarif")
        call(import_reports, "--commit", "HEAD", f"{kind}.sarif", folder=root, at=NOW)
    rows = call(list_findings, folder=root, at=NOW).about["findings"]
    both = [row for row in rows if row.tools == ("grype", "trivy")]
    assert {(row.title, row.subject) for row in both} >= {("CVE-2024-0001", "pkg:deb/debian/libssl3")}
    assert len({(row.title, row.subject) for row in rows}) == len(rows)


def test_a_clean_scan_of_an_older_commit_closes_nothing(root, scanned, listed, git):
    commit(root, git, "x = 1\n")
    scanned(root, EVAL)
    scanned(root, at=NOW + HOUR, options=("--commit", "HEAD~1"))
    assert [row[0] for row in listed(root, at=NOW + HOUR)] == ["py.eval"]


def test_who_is_trusted_by_nobody_opens_and_closes_nothing(root, scanned, listed, git, people):
    people("cyd")
    scanned(root, COOKIE)
    people("ada")
    only_ada = people.trust.replace("holder: cyd", "holder: cyd, until: 2026-01-01T00:00:00Z")
    commit(root, git, MANIFEST + only_ada, "hardpoint.yaml")
    assert listed(root) == []


@pytest.mark.requirement("SEC-03", "GAT-04")
def test_only_the_waivers_that_a_gate_needs_are_named(root, scanned, judged, call, git, people):
    """One of the two accepted risks would not have stopped it."""
    commit(root, git, MANIFEST + people.trust, "hardpoint.yaml")
    scanned(root, EVAL, COOKIE)
    ids = {row.title: row.id for row in call(list_findings, folder=root).about["findings"]}
    second = (WAIVER % ids["py.cookie"]).removeprefix("waivers:\n").replace("W1", "W2").replace("src/a.py", "src/b.py")
    commit(root, git, MANIFEST + people.trust + WAIVER % ids["py.eval"] + second, "hardpoint.yaml")
    at = NOW + 4 * DAY
    for name in ("ada", "cyd"):
        people(name)
        for waiver in ("W1", "W2"):
            call(approve, waiver, folder=root, at=at)
    people("ada")
    scanned(root, EVAL, COOKIE, at=NOW + 8 * DAY)
    answer, judgement = judged(root, at=NOW + 8 * DAY)
    assert (answer, judgement.waiver) == (Answer.GO_BY_WAIVER, "W1")
    assert {row.state for row in call(list_findings, "--all", folder=root, at=NOW + 8 * DAY).about["findings"]} == {
        "accepted"
    }


@pytest.mark.requirement("SEC-03")
@pytest.mark.parametrize("gated", [True, False])
def test_the_list_of_waivers_says_which_findings_each_accepts_and_why_not(root, scanned, call, git, people, gated):
    manifest = MANIFEST if gated else MANIFEST[: MANIFEST.index("      - {id: findings")]
    commit(root, git, manifest + people.trust, "hardpoint.yaml")
    scanned(root, EVAL, COOKIE)
    ids = {row.title: row.id for row in call(list_findings, folder=root).about["findings"]}
    whole = (WAIVER % ids["py.cookie"]).replace("[ada, cyd]", "[ada]").replace("src/a.py", "src/b.py")
    few = (WAIVER % ids["py.eval"]).replace("W1", "W2").replace("[ada, cyd]", "[ada]").removeprefix("waivers:\n")
    none = few.replace("W2", "W3").replace("src/a.py", "src/c.py")
    commit(root, git, manifest + people.trust + whole + few + none, "hardpoint.yaml")
    at = NOW + 4 * DAY
    for waiver in ("W1", "W2", "W3"):
        call(approve, waiver, folder=root, at=at)
    result = call(waivers, folder=root, at=at)
    assert result.headline == "3 waivers, 1 of them in force"
    told = {each.id: (each.counts, each.used, each.to_do) for each in result.items["waivers"]}
    assert told == {
        "W1": ("yes", ids["py.cookie"], ""),
        "W2": ("it names 1 of the 2 approvers that this takes", "", ""),
        "W3": (
            "no report has such a finding there",
            "",
            "correct `finding` and `subject` (hardpoint findings list), or take it out",
        ),
    }
    scanned(root, EVAL, at=at)
    (first, *_) = call(waivers, folder=root, at=at).items["waivers"]
    assert (first.used, first.to_do) == ("", "is not used: what it covers holds without it; take it out")
