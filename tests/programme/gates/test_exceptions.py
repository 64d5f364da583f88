"""Waivers, sign-offs, explain, lint and history at the command line, with two people who have a key each."""

import re
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardpoint.kernel.clock import format_instant, system_clock
from hardpoint.kernel.identity.keys import signer_of
from hardpoint.kernel.problem import Exit

DAY = timedelta(days=1)
MANIFEST = """\
version: 1
ruleset: 1
services: [{{name: keystone, owner: ada}}]
gates:
  - name: merge
    criteria:
      - {{id: documents, kind: check, rules: [DOC001], owner: ada}}
      - {{id: tests, kind: report, report: junit, require: {{failures: 0}}, owner: ada}}
  - name: launch
    criteria:
      - {{id: documents, kind: check, rules: [DOC001], owner: ada}}
      - {{id: product, kind: signoff, function: product, owner: ada}}
trust:
  keys:
    - {{key: '{ada}', holder: ada}}
    - {{key: '{bob}', holder: bob}}
    - {{key: '{bob2}', holder: bob}}
  functions:
    - {{name: product, holders: [bob]}}
waivers:
  - id: W-1
    criterion: merge/tests
    covers: missing
    reason: the test farm is down until Thursday
    mitigation: we test by hand, and watch the error rate
    owner: ada
    approvers: [bob]
    created: {created}
    expires: {expires}
"""


class World:
    """A repository whose base vouches for two people, one of them with two keys."""

    def __init__(self, cli, root, git, monkeypatch, people):
        self._cli, self.root, self.git, self._patch, self._people = cli, root, git, monkeypatch, people

    def as_(self, who, *arguments):
        self._patch.setenv("HARDPOINT_SIGNING_KEY", self._people[who])
        return self._cli(*arguments, folder=self.root)

    def edit(self, old, new):
        text = (self.root / "hardpoint.yaml").read_text()
        assert old in text
        (self.root / "hardpoint.yaml").write_text(text.replace(old, new))
        self.git(self.root, "commit", "-qam", "edit")

    def lengthen(self, *, days):
        """Let the waiver end so many days from now, and a minute earlier."""
        text = (self.root / "hardpoint.yaml").read_text()
        (old,) = re.findall("expires: .*", text)
        self.edit(old, f"expires: {format_instant(system_clock() + days * DAY - timedelta(minutes=1))}")


def new_key():
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return Ed25519PrivateKey.generate().private_bytes(*form).decode()


@pytest.fixture
def world(cli, repository, git, monkeypatch, tmp_path):
    people = {who: new_key() for who in ("ada", "bob", "bob2", "eve")}
    keys = {who: str(signer_of(tmp_path, {"HARDPOINT_SIGNING_KEY": pem}).public) for who, pem in people.items()}
    now = system_clock()
    given = {"created": format_instant(now - DAY), "expires": format_instant(now + 6 * DAY), **keys}
    root = repository(
        {"hardpoint.yaml": MANIFEST.format(**given), "README.md": "# A\n", ".gitignore": "*.xml\n.hardpoint\n"}
    )
    monkeypatch.setenv("HARDPOINT_BASE", "main")
    return World(cli, root, git, monkeypatch, people)


@pytest.mark.requirement("GAT-12", "GAT-23")
def test_a_waiver_is_declared_approved_used_and_shown(world):
    said = world.as_("ada", "gate", "merge")
    assert said.exit == Exit.FOUND
    assert "the waiver W-1 does not count: bob did not approve it as it is now" in said.out
    assert world.as_("ada", "waiver", "approve", "W-1").exit == Exit.USAGE
    assert world.as_("eve", "waiver", "approve", "W-1").exit == Exit.USAGE
    assert world.as_("bob", "waiver", "approve", "W-1").exit == Exit.OK
    said = world.as_("ada", "gate", "merge")
    assert said.exit == Exit.OK
    assert "GO BY WAIVER at merge, without waivers NO-GO" in said.out
    assert "it ends in 5 days" in said.out
    found = world.as_("ada", "gate", "merge", "--format", "json").json
    (gate,) = found["gates"]
    assert (gate["answer"], gate["without_waivers"]) == ("GO BY WAIVER", "NO-GO")
    waived = next(each for each in gate["criteria"] if each["criterion"] == "tests")
    assert (waived["verdict"], waived["before"], waived["waiver"]) == ("waived", "missing", "W-1")
    assert world.as_("ada", "gate", "merge", "--no-waivers").exit == Exit.WAIVED
    listed = world.as_("ada", "waiver", "list", "--format", "json").json["waivers"]
    assert (listed[0]["counts"], listed[0]["used"]) == ("yes", "merge/tests")


@pytest.mark.requirement("GAT-12")
def test_a_waiver_that_is_edited_is_approved_anew(world):
    world.as_("bob", "waiver", "approve", "W-1")
    assert world.as_("ada", "gate", "merge").exit == Exit.OK
    world.edit("the test farm is down until Thursday", "the test farm is down, and it stays so")
    assert world.as_("ada", "gate", "merge").exit == Exit.FOUND


@pytest.mark.requirement("GAT-12")
def test_what_a_change_waives_for_itself_does_not_count(world):
    world.edit("covers: missing", "covers: stale")
    world.git(world.root, "checkout", "-qb", "change")
    world.edit("covers: stale", "covers: fail")
    world.as_("bob", "waiver", "approve", "W-1")
    said = world.as_("ada", "gate", "merge")
    assert said.exit == Exit.FOUND
    assert "the waiver W-1 does not count: it covers stale at worst" in said.out
    assert "waivers.W-1.covers" in said.out


@pytest.mark.requirement("GAT-12")
def test_a_waiver_that_covers_what_holds_is_shown_as_a_defect(world):
    world.as_("bob", "waiver", "approve", "W-1")
    (world.root / "r.xml").write_text('<testsuite><testcase classname="t" name="a"/></testsuite>')
    world.as_("ada", "evidence", "import", "--commit", "HEAD", "r.xml")
    said = world.as_("ada", "gate", "merge", "--no-waivers")
    assert said.exit == Exit.OK
    assert "is not used: what it covers holds without it; take it out" in said.out
    assert "is not used" in world.as_("ada", "waiver", "list").out


@pytest.mark.requirement("GAT-12")
def test_a_waiver_that_counts_and_does_not_cover_what_is_so_is_not_unused(world):
    world.as_("bob", "waiver", "approve", "W-1")
    (world.root / "r.xml").write_text('<testsuite><testcase classname="t" name="a"><failure/></testcase></testsuite>')
    world.as_("ada", "evidence", "import", "--commit", "HEAD", "r.xml")
    said = world.as_("ada", "gate", "merge")
    assert (said.exit, "is not used" in said.out) == (Exit.FOUND, False)
    (listed,) = world.as_("ada", "waiver", "list", "--format", "json").json["waivers"]
    assert listed["counts"] == "it does not cover merge/tests as that is now, fail"
    assert "is not used" not in listed["to_do"]


@pytest.mark.requirement("GAT-12")
def test_a_waiver_that_is_too_long_is_told_wherever_it_is_named(world):
    world.lengthen(days=61)
    refused = world.as_("bob", "waiver", "approve", "W-1")
    assert (refused.exit, "it is longer than 30 days" in refused.err) == (Exit.USAGE, True)
    assert world.as_("ada", "gate", "merge").exit == Exit.FOUND
    (listed,) = world.as_("ada", "waiver", "list", "--format", "json").json["waivers"]
    assert (listed["counts"].startswith("it is longer than 30 days"), listed["to_do"]) == (True, "")
    linted = world.as_("ada", "gate", "lint")
    assert (linted.exit, "W-1: it is longer than 30 days" in linted.out) == (Exit.FOUND, True)
    world.edit("report: junit,", "report: junit, severity: advisory,")
    assert world.as_("bob", "waiver", "approve", "W-1").exit == Exit.OK
    assert world.as_("ada", "gate", "lint").exit == Exit.OK


@pytest.mark.requirement("GAT-12")
def test_a_waiver_that_has_ended_is_not_approved(world):
    world.lengthen(days=0)
    refused = world.as_("bob", "waiver", "approve", "W-1")
    assert (refused.exit, "would not count if it were approved: it ended at" in refused.err) == (Exit.USAGE, True)


@pytest.mark.requirement("GAT-11")
def test_a_gate_is_signed_off_by_who_may(world):
    assert world.as_("ada", "gate", "launch").exit == Exit.FOUND
    refused = world.as_("ada", "gate", "sign", "launch", "--as", "product")
    assert "which does not count: ada does not hold that function" in refused.out
    assert world.as_("ada", "gate", "launch", "--no-check").exit == Exit.FOUND
    signed = world.as_("bob2", "gate", "sign", "launch", "--as", "product", "--base", "main")
    assert (signed.exit, "next: hardpoint gate launch --base main --no-check" in signed.out) == (Exit.OK, True)
    assert world.as_("ada", "gate", "launch").exit == Exit.OK
    wrong = world.as_("bob", "gate", "sign", "launch", "--as", "produkt")
    assert (wrong.exit, "did you mean 'product'?" in wrong.err) == (Exit.USAGE, True)


def test_explain_shows_each_criterion_and_exits_0(world):
    world.as_("ada", "gate", "merge")
    said = world.as_("ada", "gate", "explain", "merge")
    assert said.exit == Exit.OK
    assert said.out.index("merge/tests: missing") < said.out.index("merge/documents: pass")
    for part in ("because:", "must be:", "value:", "age:", "source:", "owner:        ada", "to do:", "NO-GO at merge"):
        assert part in said.out
    explained = world.as_("ada", "gate", "explain", "merge", "--format", "json").json["criteria"]
    documents = next(each for each in explained if each["criterion"] == "documents")
    assert (documents["value"], documents["threshold"], documents["source"]) == ("0", "0", "check by ada")
    assert (documents["reason"], documents["remedy"]) == ("DOC001: 0 findings in 1 examined", "")
    world.edit("ruleset: 1", "ruleset: 1  # as it was")
    elsewhere = world.as_("ada", "gate", "explain", "merge").out
    assert "because:      the newest check evidence does not count: it is about commit" in elsewhere


def test_explain_says_when_a_waiver_ends(world):
    world.as_("ada", "check", "--record")
    world.as_("bob", "waiver", "approve", "W-1")
    explained = world.as_("ada", "gate", "explain", "merge", "--format", "json").json["criteria"]
    tests = next(each for each in explained if each["criterion"] == "tests")
    assert (tests["verdict"], tests["next"][10]) == ("waived", "T")
    assert "GO BY WAIVER at merge, without waivers NO-GO" in world.as_("ada", "gate", "explain", "merge").out


def test_no_waivers_asks_about_the_gate_that_decides(world):
    world.edit("  - name: merge\n", "  - name: merge\n    default: true\n")
    world.as_("ada", "check", "--record")
    world.as_("bob", "waiver", "approve", "W-1")
    said = world.as_("ada", "gate")
    assert (said.exit, said.out.splitlines()[-1]) == (Exit.OK, "GO BY WAIVER at merge; NO-GO at launch")
    assert "1 by waiver" in said.out
    assert world.as_("ada", "gate", "--no-waivers").exit == Exit.WAIVED


def test_history_lists_verdicts_that_were_recorded_the_newest_first(world):
    world.as_("ada", "check", "--record")
    assert "no verdict is recorded yet" in world.as_("ada", "gate", "history").out
    world.as_("ada", "gate", "merge")
    world.as_("bob", "waiver", "approve", "W-1")
    world.as_("ada", "gate", "merge")
    world.as_("ada", "gate", "launch")
    verdicts = world.as_("ada", "gate", "history", "merge", "--format", "json").json["verdicts"]
    assert [(each["answer"], each["because"]) for each in verdicts] == [("GO BY WAIVER", ""), ("NO-GO", "tests")]
    assert "3 verdicts, the newest 1 of them" in world.as_("ada", "gate", "history", "--limit", "1").out


def test_a_gate_that_never_was_has_no_history(world):
    world.as_("ada", "gate", "merge")
    wrong = world.as_("ada", "gate", "history", "marge")
    assert (wrong.exit, "did you mean 'merge'?" in wrong.err) == (Exit.USAGE, True)
    assert "no verdict is recorded yet" in world.as_("ada", "gate", "history", "launch").out
    world.edit("name: merge", "name: merging")
    assert "1 verdict" in world.as_("ada", "gate", "history", "merge").out


LINTED = [
    ("rules: [DOC001]", "rules: [DOC9]", "there is no rule DOC9"),
    ("report: junit", "report: junitt", "there is no kind of report junitt (did you mean 'junit'?)"),
    ("require: {failures: 0}", "require: {failurs: 0}", "junit has no fact failurs (did you mean 'failures'?)"),
    ("function: product", "function: sales", "1 must sign as sales, and 0 can"),
    ("criterion: merge/tests", "criterion: merge/test", "there is no criterion merge/test"),
    ("approvers: [bob]", "approvers: [bobb]", "bobb approves and holds no key"),
]


@pytest.mark.parametrize(("old", "new", "said"), LINTED)
def test_lint_finds_what_cannot_work(world, old, new, said):
    assert world.as_("ada", "gate", "lint").exit == Exit.OK
    world.edit(old, new)
    linted = world.as_("ada", "gate", "lint")
    assert linted.exit == Exit.FOUND
    assert said in linted.out


def test_lint_names_the_kinds_that_there_are(world):
    world.edit("report: junit", "report: junitt")
    linted = world.as_("ada", "gate", "lint").out
    assert ("The kinds are " in linted, " junit, " in linted, "docs/reference" in linted) == (True, True, False)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("unit.failures == 0", ""),
        ("unit.failurs == 0", "there is no fact 'unit.failurs'"),
        ("unit.failures = 0", "the expression is wrong at character 15"),
        ('unit.failures == "3"', "no matching overload"),
        ("unit.failures", "its result is a number, which is not true or false"),
        ("true", "it names no fact"),
        ("1 == 1", "it names no fact"),
        ('"unit.failures == 0" != ""', "it names no fact"),
    ],
)
def test_lint_compiles_expressions(world, expression, said):
    criterion = f"{{id: e, kind: expression, reports: {{unit: junit}}, expression: '{expression}', owner: a}}"
    added = f"      - {criterion}\n  - name: l"
    world.edit("  - name: l", added)
    linted = world.as_("ada", "gate", "lint")
    assert said in linted.out
    assert linted.exit == (Exit.FOUND if said else Exit.OK)


@pytest.mark.parametrize(("require", "is_said"), [("", True), (", require: {signature: == verified}", False)])
def test_lint_says_that_an_attestation_may_be_anybodys(world, require, is_said):
    criterion = f"{{id: a, kind: attestation, predicate: https://slsa.dev/provenance/v1, owner: a{require}}}"
    world.edit("  - name: l", f"      - {criterion}\n  - name: l")
    assert ("nobody signed would do" in world.as_("ada", "gate", "lint").out) is is_said


def test_lint_says_what_is_not_pinned(world):
    world.edit("ruleset: 1\n", "")
    linted = world.as_("ada", "gate", "lint")
    assert (linted.exit, "no ruleset is pinned" in linted.out) == (Exit.OK, True)


def test_a_ruleset_of_a_later_hardpoint_is_refused(world):
    world.edit("ruleset: 1\n", "ruleset: 9\n")
    for verb in (["gate", "merge"], ["check"]):
        assert world.as_("ada", *verb).exit == Exit.USAGE
