"""Whatever the form, the verdict is the same: it is read back from each, and compared with the exit code."""

import json
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardpoint.assurance.reports.importers.code_quality import code_quality
from hardpoint.assurance.reports.importers.junit import junit
from hardpoint.assurance.reports.importers.sarif import sarif
from hardpoint.faces.forms import FORMS
from hardpoint.kernel.clock import format_instant, system_clock
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.identity.keys import signer_of
from hardpoint.kernel.problem import Exit

DAY = timedelta(days=1)
MANIFEST = """\
version: 1
ruleset: 1
services: [{{name: keystone, owner: ada}}]
gates:
  - name: go
    criteria:
      - {{id: documents, kind: check, rules: [DOC001], owner: ada}}
      - {{id: tests, kind: report, report: junit, require: {{failures: 0}}, owner: ada, severity: advisory}}
  - name: no-go
    criteria:
      - {{id: documents, kind: check, rules: [DOC001], owner: ada}}
      - {{id: tests, kind: report, report: junit, require: {{failures: 0}}, owner: ada}}
  - name: waived
    criteria:
      - {{id: documents, kind: check, rules: [DOC001], owner: ada}}
      - {{id: tests, kind: report, report: junit, require: {{failures: 0}}, owner: ada}}
findings:
  rated: [{{report: sarif, error: high, warning: medium}}]
trust:
  keys: [{{key: '{ada}', holder: ada}}, {{key: '{bob}', holder: bob}}]
waivers:
  - id: W-1
    criterion: waived/tests
    covers: missing
    reason: the test farm is down until Thursday
    mitigation: we test by hand, and watch the error rate
    owner: ada
    approvers: [bob]
    created: {created}
    expires: {expires}
"""
PLACES = [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 3}}}]
SCANNED = json.dumps(
    {
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "scan"}},
                "invocations": [{"executionSuccessful": True, "endTimeUtc": "2026-03-31T12:00:00Z"}],
                "results": [{"ruleId": "S1", "level": "error", "message": {"text": "a secret"}, "locations": PLACES}],
            }
        ],
    }
)
BROKEN = "# B\n\n[gone](gone.md)\n"

CASES = {
    "check": (["check", "--rule", "DOC001"], "", Exit.OK),
    "check that finds": (["check", "--rule", "DOC001"], BROKEN, Exit.FOUND),
    "check with known debt": (["check"], "known", Exit.OK),
    "check that a warning fails": (["check", "--rule", "DOC", "--fail-on", "note"], BROKEN, Exit.FOUND),
    "check of nothing": (["check", "nowhere"], "", Exit.USAGE),
    "check of a wrong declaration": (["check"], "wrong", Exit.USAGE),
    "gate": (["gate", "go"], "", Exit.OK),
    "gate NO-GO": (["gate", "no-go"], "", Exit.FOUND),
    "gate by waiver": (["gate", "waived"], "", Exit.OK),
    "gate by waiver alone": (["gate", "waived", "--no-waivers"], "", Exit.WAIVED),
    "every gate": (["gate"], "", Exit.FOUND),
    "gate of no name": (["gate", "nowhere"], "", Exit.USAGE),
    "docs check": (["docs", "check"], "", Exit.OK),
    "docs check that finds": (["docs", "check"], BROKEN, Exit.FOUND),
    "docs check of nothing": (["docs", "check", "nowhere"], "", Exit.USAGE),
    "findings list": (["findings", "list"], "scanned", Exit.OK),
    "findings list that fails": (["findings", "list", "--fail-on", "high"], "scanned", Exit.FOUND),
    "findings list without a record": (["findings", "list"], "", Exit.FAILED),
    "no such verb": (["docs", "chekc"], "", Exit.USAGE),
}

SAYS_GO = {"GO", "GO BY WAIVER"}


def from_text(text, ran):
    *_, headline = [line for line in text.splitlines() if not line.startswith("  ")]
    if text.startswith("error: ") or "\nerror: " in text:
        return False
    answer = re.match(r"(GO BY WAIVER|GO|NO-GO) at ", headline)
    if answer:
        return "NO-GO" not in headline.replace("without waivers NO-GO", "") and ran is not Exit.WAIVED
    return ran is Exit.OK if "error" not in headline else False


def from_json(text, ran):
    body = json.loads(text)
    if body["schema"] == "problem/v1":
        return False
    if "answer" in body:
        return body["answer"] in SAYS_GO and ran is not Exit.WAIVED
    errors = [each for each in body["findings"] if each.get("severity") == "error"]
    return not errors and ran is Exit.OK


def from_sarif(text, _):
    log = json.loads(text)
    results = [each for run in log["runs"] for each in run["results"] if not each["suppressions"]]
    report = sarif.read(text.encode())
    assert report.facts["results"] == len(results)
    done = all(each["executionSuccessful"] for run in log["runs"] for each in run["invocations"])
    assert (report.error is None) == done
    return done and not report.facts["errors"]


def from_junit(text, _):
    counted = ET.fromstring(text)
    facts = junit.read(text.encode()).facts
    assert (facts["failures"], facts["errors"]) == (int(counted.get("failures")), int(counted.get("errors")))
    return not (facts["failures"] or facts["errors"])


def from_html(text, ran):
    word = re.search(r'data-verdict="([^"]*)"', text)[1]
    return word in {*SAYS_GO, "OK", "DONE"} and ran is not Exit.WAIVED


READERS = {
    "text": from_text,
    "json": from_json,
    "sarif": from_sarif,
    "junit": from_junit,
    "markdown": lambda text, _: {"✅": True, "❌": False}[text.split()[1]],
    "github": lambda text, _: not any(line.startswith("::error ") for line in text.splitlines()),
    "codequality": lambda text, _: (
        not any(each.severity is Severity.ERROR for each in code_quality.read(text.encode()).findings)
    ),
    "html": from_html,
}
"""Reads from a form whether it says that all is well; a form that does not say it by itself is given the exit code."""


def new_key():
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return Ed25519PrivateKey.generate().private_bytes(*form).decode()


@pytest.fixture
def world(cli, repository, monkeypatch, tmp_path, git):
    """A repository with a gate that is GO, one that is not, and one that is by a waiver."""
    people = {who: new_key() for who in ("ada", "bob")}
    keys = {who: str(signer_of(tmp_path, {"HARDPOINT_SIGNING_KEY": pem}).public) for who, pem in people.items()}
    now = system_clock()
    given = {"created": format_instant(now - DAY), "expires": format_instant(now + 6 * DAY), **keys}
    monkeypatch.setenv("HARDPOINT_BASE", "main")

    def make(state):
        files = {"hardpoint.yaml": MANIFEST.format(**given), "README.md": "# A\n", ".gitignore": "*.out\n.hardpoint\n"}
        if state == "known":
            files["a.md"] = BROKEN
        elif state.startswith("#"):
            files["a.md"] = state
        root = repository(files)
        monkeypatch.setenv("HARDPOINT_SIGNING_KEY", people["bob"])
        if state == "wrong":
            (root / "hardpoint.yaml").write_text("version: 1\nservices: [{nome: x}]\ngates: 1\n")
        elif state == "known":
            assert cli("baseline", folder=root).exit == 0
            git(root, "add", "-A")
            git(root, "commit", "-qm", "debt")
        elif state == "scanned":
            (root / "s.out").write_text(SCANNED)
            assert cli("evidence", "import", "--commit", "HEAD", "s.out", folder=root).exit == 0
        return root

    def run(case):
        arguments, state, expected = CASES[case]
        root = make(state)
        if "waived" in arguments:
            assert cli("waiver", "approve", "W-1", folder=root).exit == 0
        monkeypatch.setenv("HARDPOINT_SIGNING_KEY", people["ada"])
        outputs = [option for form in FORMS for option in ("--output", f"{form}={form}.out")]
        ran = cli(*arguments, *outputs, folder=root)
        assert ran.exit == expected, ran.out + ran.err
        return ran, {form: (root / f"{form}.out").read_text() for form in FORMS}

    return run


def test_every_form_can_be_read():
    assert FORMS.keys() <= READERS.keys()


@pytest.mark.requirement("GAT-23")
@pytest.mark.parametrize("case", CASES)
def test_the_verdict_is_the_same_in_each_form(world, case):
    ran, written = world(case)
    said = {form: READERS[form](text, Exit(ran.exit)) for form, text in written.items()}
    assert said == dict.fromkeys(FORMS, ran.exit == 0), written
    assert written["text"] in {ran.out, ran.err}
