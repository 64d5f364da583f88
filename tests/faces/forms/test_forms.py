"""The forms of a result: text for people, one object of JSON for programs."""

import json

import click
import pytest

from hardpoint.faces.forms import FORMS, write
from hardpoint.kernel.declarations import DeclarationProblem, Mistake
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit, UnreadableProblem
from hardpoint.kernel.result import Document, Result
from hardpoint.kernel.verdict import Answer, Decision, Judgement, Verdict

FINDING = Finding(rule="R1", severity=Severity.ERROR, place=Place("a.md", 1, 2), text="is wrong", remedy="mend it")
DECISION = Decision(
    gate="merge",
    service="keystone",
    answer=Answer.NO_GO,
    at="2026-03-31T14:00:00.000000Z",
    commit="a" * 40,
    local=False,
    criteria=(
        Judgement(criterion="docs", verdict=Verdict.FAIL, reason="2 findings", owner="ada", remedy="mend them"),
        Judgement(criterion="t", verdict=Verdict.PASS, reason="0 failures", blocking=False),
    ),
)


def said(capsys, outcome, form):
    write(outcome, form)
    return capsys.readouterr()


def result(*items, **changes):
    return Result(schema="s/v1", headline="the outcome", items={"things": items}, **changes)


def test_json_is_one_object_with_its_schema_and_the_named_list(capsys):
    out = json.loads(said(capsys, result(FINDING, about={"n": 1}), "json").out)
    assert list(out) == ["schema", "n", "things"]
    assert out["things"][0]["severity"] == "error"


def test_text_ends_with_the_outcome_and_what_to_do(capsys):
    out = said(capsys, result(FINDING, next_steps=("do this",)), "text").out
    assert out == "a.md:1:2: error   R1 is wrong\n    mend it\n\nthe outcome\n  next: do this\n"


def test_a_decision_is_told_criterion_by_criterion(capsys):
    first, *criteria = said(capsys, result(DECISION), "text").out.splitlines()
    assert all(word in first for word in ("merge", "keystone", "aaaaaaaaaa", "2026-03-31T14:00:00"))
    assert criteria[:3] == [
        "  FAIL           docs  2 findings [ada]",
        "                       mend them",
        "  pass           t     (advisory) 0 failures",
    ]


def test_rows_of_anything_else_are_a_table(capsys):
    rows = [
        {"name": "a", "many": [1, 2], "none": None, "yes": True},
        {"name": "bb", "many": [], "none": None, "yes": False},
    ]
    lines = said(capsys, result(*rows), "text").out.splitlines()
    assert lines[:3] == ["name  many  yes", "a     2     yes", "bb    0"]


def test_a_long_list_is_cut_in_text_and_whole_in_json(capsys):
    many = result(*[FINDING] * 150)
    assert "… and 50 more" in said(capsys, many, "text").out
    assert len(json.loads(said(capsys, many, "json").out)["things"]) == 150


@pytest.mark.parametrize("form", FORMS)
def test_a_document_is_written_as_it_is(capsys, form):
    assert said(capsys, Document("text"), form).out == "text\n"
    assert said(capsys, Document("text\n"), form).out == "text\n"


def test_a_problem_goes_to_standard_error_in_text_and_to_output_in_json(capsys):
    problem = UnreadableProblem("is empty", remedy="fill it", place=Place("a", 1))
    text = said(capsys, problem, "text")
    assert (text.out, text.err) == ("", "error: a:1: is empty\n  fill it\n")
    body = json.loads(said(capsys, problem, "json").out)
    assert body == {
        "schema": "problem/v1",
        "code": "unreadable",
        "detail": "a:1: is empty",
        "remedy": "fill it",
        "place": {"file": "a", "line": 1, "column": 0},
    }


def test_every_mistake_is_in_both_forms(capsys):
    problem = DeclarationProblem("m", [Mistake(Place("m", 2, 1), "b", "y"), Mistake(Place("m", 1, 1), "a", "x")])
    assert said(capsys, problem, "text").err.splitlines()[:2] == ["m:1:1: a: x", "m:2:1: b: y"]
    assert [each["path"] for each in json.loads(said(capsys, problem, "json").out)["mistakes"]] == ["a", "b"]


def test_an_unknown_form_is_text(capsys):
    assert said(capsys, result(exit=Exit.FOUND), "none such").out == "the outcome\n"


def test_a_name_in_another_encoding_is_written_escaped_in_json(capsys):
    out = json.loads(said(capsys, result({"file": "\udcff.xml"}), "json").out)
    assert out["things"] == [{"file": "\\udcff.xml"}]


@pytest.mark.parametrize(
    "text", ["\x1b[8mhidden", "\x1b[30;40mhidden", "\u202egnidah", "\u2028GO at release", "\x9b2J"]
)
def test_what_others_wrote_is_neither_hidden_nor_turned_round(capsys, text):
    finding = Finding(rule="R1", severity=Severity.ERROR, place=Place("a.md"), text=text)
    assert text not in said(capsys, result(finding), "text").out
    from hardpoint.faces.forms import text as form

    assert not {"\x1b", "\u202e", "\u2028", "\x9b"} & set(form._CONTROL.sub(" ", text))


ROW = {"file": "reports/junit.xml", "error": "cannot be read: No such file or directory " * 3, "entry": 1}


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_on_a_terminal_a_table_fits_it_and_loses_nothing(monkeypatch, capsys, columns):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = said(capsys, result(ROW, ROW), "text").out.splitlines()
    assert max(map(len, lines)) <= columns
    assert " ".join(lines).count("directory") == 6


def test_on_a_terminal_an_instant_is_folded_between_date_and_time(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    at = "2026-03-31T14:00:00.123456Z"
    row = {"id": "W-1", "about": "merge/documents-hold", "from": at, "expires": at, "to do": "take it out " * 9}
    lines = said(capsys, result(row), "text").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert [lines[1].count("2026-03-31T "), lines[2].count("14:00:00.123456Z")] == [2, 2]


def test_on_a_terminal_findings_and_the_outcome_fit_it_and_steps_stay_whole(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    long = "what is wrong there " * 9
    finding = Finding(rule="R1", severity=Severity.ERROR, place=Place("a.md", 1), text=long, remedy=long)
    outcome = Result(schema="s/v1", headline=long, items={"things": [finding]}, next_steps=("hardpoint " * 20,))
    *lines, step = click.unstyle(said(capsys, outcome, "text").out).splitlines()
    assert max(map(len, lines)) <= 80
    assert (" ".join(lines).count("wrong"), step.count("hardpoint")) == (27, 20)
    assert lines[1].startswith("    ")


def test_in_a_pipe_a_row_stays_one_line(capsys):
    assert ROW["error"].strip() in said(capsys, result(ROW), "text").out
    long = Finding(rule="R1", severity=Severity.ERROR, place=Place("a.md"), text="wrong " * 50)
    assert len(said(capsys, result(long), "text").out.splitlines()) == 3
