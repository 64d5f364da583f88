"""Whatever others wrote, a form stays what it is: it parses, and its verdict is the one of the exit code."""

import json
from html.parser import HTMLParser
from io import StringIO
from xml.etree import ElementTree as ET

import pyromark
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.reports.importers.code_quality import code_quality as quality_importer
from hardpoint.assurance.reports.importers.junit import junit as junit_importer
from hardpoint.assurance.reports.importers.sarif import sarif as sarif_importer
from hardpoint.faces.forms import codequality, github, junit, markdown, sarif, text
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit
from hardpoint.kernel.result import Result
from hardpoint.kernel.verdict import Answer, Decision, Judgement, Verdict

HOSTILE = (
    "]]>", "::error::x", "%0A::error::x", "\n::error::x", "\r\n", "|", "\\|", "`", "```", "<!--", "-->", "</td>",
    "<script>alert(1)</script>", "&amp;", "\x00", "\x1b[2J", "\u2028", "\u202e", "\ud800", "\udcff", "\ufffe",
    "x" * 5000, "[a](b)", "# x", "---", "@ada", "*", "_", "~~", "https://x.example", "\x85", "", " ",
)  # fmt: skip

texts = st.sampled_from(HOSTILE) | st.text(max_size=30) | st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join)
places = st.builds(Place, texts, st.integers(0, 9), st.integers(0, 9))
findings = st.builds(
    Finding, rule=texts, severity=st.sampled_from(Severity), place=places, text=texts, remedy=texts, fingerprint=texts
)
judgements = st.builds(
    Judgement,
    criterion=texts,
    verdict=st.sampled_from(Verdict),
    reason=texts,
    blocking=st.booleans(),
    remedy=texts,
    findings=st.lists(findings, max_size=2).map(tuple),
)
decisions = st.builds(
    Decision,
    gate=texts,
    service=texts,
    answer=st.sampled_from(Answer),
    at=st.just("2026-03-31T14:00:00Z"),
    commit=st.none(),
    local=st.booleans(),
    criteria=st.lists(judgements, min_size=1, max_size=4).map(tuple),
)
rows = st.fixed_dictionaries({"rule": texts, "error": texts | st.none(), "n": st.integers(0, 2)})
results = st.builds(
    Result,
    schema=st.just("check/v1"),
    headline=texts,
    items=st.fixed_dictionaries(
        {
            "gates": st.lists(decisions, max_size=2),
            "findings": st.lists(findings, max_size=5),
            "rules": st.lists(rows, max_size=3),
        }
    ),
    detail=texts,
    next_steps=st.lists(texts, max_size=2),
    exit=st.sampled_from(Exit),
)


def written(form, result):
    out = StringIO()
    form.write_result(result, out)
    out.getvalue().encode()  # there is nothing in it that UTF-8 cannot write
    return out.getvalue()


@pytest.mark.requirement("GAT-23")
@given(results)
def test_sarif_parses_and_says_what_the_exit_code_says(result):
    said = written(sarif, result)
    report = sarif_importer.read(said.encode())
    assert report.facts["results"] == len(json.loads(said)["runs"][0]["results"])
    assert bool(report.facts["errors"]) == (result.exit is not Exit.OK)
    assert (report.error is None) == (result.exit in {Exit.OK, Exit.FOUND, Exit.WAIVED})


@pytest.mark.requirement("GAT-23")
@given(results)
def test_junit_parses_and_says_what_the_exit_code_says(result):
    said = written(junit, result)
    root = ET.fromstring(said)
    facts = junit_importer.read(said.encode()).facts
    assert facts["failures"] + facts["errors"] == int(root.get("failures")) + int(root.get("errors"))
    assert bool(facts["failures"] + facts["errors"]) == (result.exit is not Exit.OK)
    assert {each.tag for each in root.iter()} <= {
        "testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"
    }  # fmt: skip


@pytest.mark.requirement("GAT-23")
@given(results)
def test_an_annotation_is_one_line_and_nobody_adds_another(result):
    *commands, headline = written(github, result).split("\n")[:-1]
    levels = [line.split(" ")[0] for line in commands if line.startswith("::")]
    assert all(
        line.startswith(("::error ", "::warning ", "::notice ", "hardpoint: ")) for line in [*commands, headline]
    )
    assert ("::error" in levels) == (result.exit is not Exit.OK)
    assert not any(control in line for line in [*commands, headline] for control in ("\x00", "\r", "\x1b", "\u2028"))
    assert headline.startswith("hardpoint: ")


@pytest.mark.requirement("GAT-23")
@given(results)
def test_code_quality_parses_and_says_what_the_exit_code_says(result):
    said = written(codequality, result)
    issues = json.loads(said)
    assert len({each["fingerprint"] for each in issues}) == len(issues)
    assert all(each["location"]["path"] and each["description"] for each in issues)
    found = quality_importer.read(said.encode()).findings
    assert any(each.severity is Severity.ERROR for each in found) == (result.exit is not Exit.OK)


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)


@given(results)
def test_markdown_has_no_markup_but_its_own(result):
    said = written(markdown, result)
    assert len(said) <= markdown.MAX_CHARACTERS
    assert said.split("\n", 1)[0].startswith("### ✅ " if result.exit is Exit.OK else "### ❌ ")
    page = _Tags()
    page.feed(pyromark.html(said, options=pyromark.Options.ENABLE_TABLES))
    assert {*page.seen} <= {
        "h3", "p", "strong", "em", "br", "table", "thead", "tbody", "tr", "th", "td", "pre", "code", "ul", "li",
        "details", "summary", "hr",
    }, said  # fmt: skip
    lines = said.split("\n")
    for at, line in enumerate(lines):
        if line.startswith("| ---"):
            for row in lines[at - 1 :]:
                if not row.startswith("| "):
                    break
                assert row.replace("\\\\", "").replace("\\|", "").count("|") == line.count("|"), row


@given(results)
def test_text_is_written_whatever_it_says(result):
    out = StringIO()
    text.write_result(result, out)
    assert out.getvalue().endswith("\n")
