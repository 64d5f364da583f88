"""JUnit XML, Markdown, annotations and code quality: what each host is shown, and no more than it takes."""

import json
from io import StringIO
from xml.etree import ElementTree as ET

import pytest

from hardpoint.assurance.reports.importers.code_quality import code_quality as quality_importer
from hardpoint.assurance.reports.importers.junit import junit as junit_importer
from hardpoint.faces.forms import codequality, github, junit, markdown
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit, UnreadableProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.verdict import Answer, Decision, Judgement, Verdict

PROBLEM = UnreadableProblem("is empty", remedy="fill it", place=Place("a", 4))


def written(form, *items, exit_code=Exit.FOUND, name="things", **more):
    out = StringIO()
    result = Result(schema="s/v1", headline="the outcome", items={name: items}, exit=exit_code, **more)
    form.write_result(result, out)
    return out.getvalue()


def told(form, problem=PROBLEM):
    out = StringIO()
    form.write_problem(problem, out)
    return out.getvalue()


def finding(text="is wrong", severity=Severity.ERROR, file="a.md", line=3, **more):
    return Finding(rule="R1", severity=severity, place=Place(file, line, 2), text=text, **more)


def judgement(verdict, *, blocking=True, **more):
    return Judgement(criterion=f"c-{verdict.value}", verdict=verdict, reason="why", blocking=blocking, **more)


def decision(*criteria):
    return Decision(
        gate="merge", service="s", answer=Answer.NO_GO, at="t", commit="a" * 40, local=True, criteria=criteria
    )


# JUnit


def cases(text):
    """Each case with what it holds: the tag, and the message."""
    assert junit_importer.read(text.encode()).facts["tests"] == len(list(ET.fromstring(text).iter("testcase")))
    return {
        f"{case.get('classname')}.{case.get('name')}": [(each.tag, each.get("message")) for each in case]
        for case in ET.fromstring(text).iter("testcase")
    }


def test_a_gate_is_a_suite_and_a_criterion_a_case():
    judged = decision(*(judgement(each) for each in Verdict), judgement(Verdict.FAIL, blocking=False))
    last = judged.criteria[-1]
    read = cases(written(junit, decision(*judged.criteria[:-1])))
    assert {name: [tag for tag, _ in held] for name, held in read.items()} == {
        "gate merge.c-pass": ["system-out"],
        "gate merge.c-waived": ["system-out"],
        "gate merge.c-not-applicable": ["skipped"],
        "gate merge.c-stale": ["failure"],
        "gate merge.c-missing": ["failure"],
        "gate merge.c-error": ["error"],
        "gate merge.c-fail": ["failure"],
        "s.verdict": ["failure"],
    }
    assert read["gate merge.c-fail"] == [("failure", "fail: why")]
    assert cases(written(junit, decision(last)))["gate merge.c-fail"] == [("skipped", "advisory, fail: why")]


def test_a_criterion_that_does_not_decide_fails_no_build():
    read = cases(written(junit, decision(judgement(Verdict.FAIL)), exit_code=Exit.OK))
    assert read["gate merge.c-fail"] == [("skipped", "does not decide here, fail: why")]
    assert read["s.verdict"] == [("system-out", None)]


def test_a_rule_is_a_case_with_its_places():
    rows = [{"rule": "R1", "error": None}, {"rule": "R2", "error": None}, {"rule": "R3", "error": "no git"}]
    text = written(junit, finding(), finding(severity=Severity.NOTE), *rows, name="rules", exit_code=Exit.FAILED)
    read = cases(text)
    assert read["rules.R1"] == [("failure", "2 findings")]
    assert read["rules.R2"] == []
    assert read["rules.R3"] == [("error", "no git")]
    assert read["s.verdict"] == [("error", "the outcome")]
    assert "a.md:3:2: error R1 is wrong\na.md:3:2: note R1 is wrong" in text
    root = ET.fromstring(text)
    assert [root.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["4", "1", "2", "0"]


def test_a_problem_is_an_error_in_junit():
    assert cases(told(junit)) == {"problem.verdict": [("error", "a:4: is empty")]}


# Markdown


def test_markdown_begins_with_the_verdict_and_ends_with_what_to_do():
    text = written(markdown, decision(judgement(Verdict.FAIL, remedy="mend it")), finding(), next_steps=("do this",))
    assert text.startswith("### ❌ the outcome\n\n**NO-GO** at gate merge: s at commit aaaaaaaaaa, t\n\n| verdict |")
    assert "| **FAIL** | c-fail | why<br>mend it |" in text
    assert "| a.md:3:2 | error | R1 | is wrong |" in text
    assert text.endswith("\n\n- next: do this\n\n")
    assert written(markdown, exit_code=Exit.OK) == "### ✅ the outcome\n\n"
    assert told(markdown).startswith("### ❌ a:4: is empty\n\n- next: fill it")


def test_rows_of_anything_else_are_a_table_with_its_name():
    text = written(markdown, {"a": 1, "b": None, "c": [1, 2]}, {"a": 2, "b": None, "c": []}, name="some_rows")
    assert "**some rows**" in text.replace("\\", "")
    assert "| a | c |\n| --- | --- |\n| 1 | 2 |\n| 2 |  |" in text


def test_a_long_list_unfolds_and_what_has_no_room_is_said_to_be_missing():
    text = written(markdown, *[finding(f"finding {number}") for number in range(50)])
    assert text.count("<details>") == text.count("</details>") == 2
    assert "<summary>21 to 40 of 50</summary>" in text
    long = written(markdown, *[finding("x" * 1000, remedy="y" * 1000) for _ in range(1000)])
    assert len(long) <= markdown.MAX_CHARACTERS
    assert long.endswith("*Cut at 65,000 characters; `--format json` has all of it.*\n")
    assert long.count("<details>") == long.count("</details>") > 0
    more = written(markdown, *[finding() for _ in range(1000)])
    assert "… and 800 more" in more


def test_what_people_read_in_full_is_a_block_that_nothing_in_it_ends():
    text = written(markdown, detail="a\n```\n@ada\n")
    assert "````text\na\n```\n@ada\n````" in text


def test_nobody_is_mentioned_by_what_others_wrote():
    assert "@<!-- -->ada" in written(markdown, finding("ask @ada"))


# GitHub's annotations


def test_an_annotation_says_where_and_what_to_do():
    lines = written(github, finding("50%: a, b\nand more", file="a,b:c.md", remedy="mend it")).splitlines()
    assert lines == [
        "::error file=a%2Cb%3Ac.md,line=3,col=2,title=R1::50%25: a, b and more%0Amend it",
        "hardpoint: the outcome",
    ]


def test_what_has_no_file_has_no_line_either():
    assert written(github, finding(file="", line=0)).startswith("::error title=R1::is wrong\n")


def test_a_host_that_shows_ten_of_a_level_is_given_the_worst_and_told_of_the_others():
    found = [finding(severity=severity) for severity in Severity for _ in range(12)]
    *commands, left_out, headline = written(github, *found).splitlines()
    levels = [line.split()[0] for line in commands]
    assert levels == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 10
    assert left_out == "hardpoint: 6 more are not annotated, because GitHub shows 10 of a level"
    assert headline == "hardpoint: the outcome"


def test_a_headline_gives_a_runner_no_command():
    out = StringIO()
    headline = "NO-GO at x\n::error::y ##[stop-commands]z"
    github.write_result(Result(schema="s/v1", headline=headline, exit=Exit.OK), out)
    assert out.getvalue() == "hardpoint: NO-GO at x ::error::y # #[stop-commands]z\n"


def test_a_problem_is_annotated_at_its_place():
    assert told(github).splitlines()[0] == "::error file=a,line=4,title=hardpoint/unreadable::is empty%0Afill it"


# GitLab's code quality


@pytest.mark.parametrize("file", ["a.md", "./a.md"])
def test_an_issue_has_a_relative_path_and_a_fingerprint_of_its_own(file):
    text = written(codequality, finding(file=file), finding(file=file, line=9), finding(severity=Severity.NOTE))
    first, second, note = json.loads(text)
    assert first == {
        "description": "is wrong",
        "check_name": "R1",
        "fingerprint": first["fingerprint"],
        "severity": "critical",
        "location": {"path": "a.md", "lines": {"begin": 3}},
    }
    assert len({each["fingerprint"] for each in (first, second, note)}) == 3
    assert note["severity"] == "info"
    read = quality_importer.read(text.encode())
    assert [each.severity for each in read.findings] == [Severity.ERROR, Severity.ERROR, Severity.NOTE]


def test_a_fingerprint_stays_when_lines_move():
    (one,), (other,) = (json.loads(written(codequality, finding(line=line))) for line in (3, 90))
    assert one["fingerprint"] == other["fingerprint"]


def test_what_decides_blocks():
    (criterion,) = json.loads(written(codequality, decision(judgement(Verdict.FAIL))))
    assert (criterion["severity"], criterion["location"]["path"]) == ("blocker", "hardpoint.yaml")
    (problem,) = json.loads(told(codequality))
    assert (problem["severity"], problem["location"]) == ("blocker", {"path": "a", "lines": {"begin": 4}})
    assert json.loads(written(codequality, exit_code=Exit.OK)) == []
