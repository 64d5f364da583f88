"""SARIF: what the standard and the hosts ask for, and what our own importer reads back."""

import json
import re
from io import StringIO

import pytest

from hardpoint.assurance.reports.importers.sarif import sarif as importer
from hardpoint.faces.forms import sarif
from hardpoint.kernel.finding import Exposure, Finding, Risk, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit, UnreadableProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.suppression import Suppressed

SHAPES = {
    "log": ({"$schema", "version", "runs"}, {"version", "runs"}),
    "run": (
        {
            "tool",
            "automationDetails",
            "invocations",
            "originalUriBaseIds",
            "columnKind",
            "results",
        },
        {"tool"},
    ),
    "driver": ({"name", "semanticVersion", "rules"}, {"name"}),
    "rule": (
        {"id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"},
        {"id"},
    ),
    "invocation": (
        {"executionSuccessful", "exitCode", "exitCodeDescription", "toolExecutionNotifications"},
        {"executionSuccessful"},
    ),
    "result": (
        {
            "ruleId",
            "level",
            "message",
            "locations",
            "partialFingerprints",
            "fixes",
            "suppressions",
            "baselineState",
        },
        {"message", "locations", "partialFingerprints", "ruleId", "level"},
    ),
    "suppression": ({"kind", "status", "justification"}, {"kind"}),
    "region": ({"startLine", "startColumn", "endLine", "endColumn"}, {"startLine"}),
    "replacement": ({"deletedRegion", "insertedContent"}, {"deletedRegion"}),
}
"""Of each object of the standard's schema that is written here: the properties that it may have, and must have."""


def holds(shape, value):
    may, must = SHAPES[shape]
    assert must <= value.keys() <= may, (shape, value.keys())
    return value


def check_shape(log):
    """The parts of the standard's JSON schema that a log of ours can break."""
    assert holds("log", log)["version"] == "2.1.0"
    for run in log["runs"]:
        holds("run", run)
        rules = [holds("rule", each) for each in holds("driver", run["tool"]["driver"])["rules"]]
        assert len({each["id"] for each in rules}) == len(rules)
        assert all(each[part]["text"] for each in rules for part in ("shortDescription", "fullDescription", "help"))
        for each in run["invocations"]:
            holds("invocation", each)
            assert all(told["message"]["text"] for told in each["toolExecutionNotifications"])
        for each in run["results"]:
            check_result(holds("result", each), {rule["id"] for rule in rules})
    return log


def check_result(result, rules):
    assert result["ruleId"] in rules
    assert result["level"] in {"error", "warning", "note"}
    assert result["message"]["text"]
    assert result.get("baselineState", "new") in {"new", "unchanged"}
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in result["partialFingerprints"].values())
    for location in result["locations"]:
        assert re.fullmatch(r"[!-~]+", location["physicalLocation"]["artifactLocation"]["uri"])
        assert all(number >= 1 for number in holds("region", location["physicalLocation"]["region"]).values())
    for suppression in result["suppressions"]:
        assert holds("suppression", suppression)["kind"] in {"inSource", "external"}
    for fix in result.get("fixes", ()):
        for change in fix["artifactChanges"]:
            for replacement in change["replacements"]:
                assert all(number >= 1 for number in holds("region", replacement["deletedRegion"]).values())
                holds("replacement", replacement)


def written(*items, exit_code=Exit.FOUND, root=None, **about):
    out = StringIO()
    result = Result(schema="check/v1", headline="the outcome", items={"f": items}, about=about, exit=exit_code)
    sarif.write_result(Result(**{**fields(result), "root": root}), out)
    log = check_shape(json.loads(out.getvalue()))
    report = importer.read(out.getvalue().encode())
    open_ = [each for run in log["runs"] for each in run["results"] if not each["suppressions"]]
    assert report.facts["results"] == len(open_)
    return log


def fields(result):
    return {name: getattr(result, name) for name in result.__slots__}


def finding(text="is wrong", *, line=3, column=1, file="a.md", rule="DOC001", severity=Severity.ERROR, **more):
    return Finding(rule=rule, severity=severity, place=Place(file, line, column), text=text, **more)


def results(log):
    return [each for run in log["runs"] for each in run["results"]]


def test_a_rule_says_why_and_how_it_is_repaired():
    (rule,) = written(finding(remedy="mend it"))["runs"][0]["tool"]["driver"]["rules"]
    assert rule["id"] == "DOC001"
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["help"]["text"].endswith("\n\nmend it")
    assert rule["shortDescription"]["text"] != rule["fullDescription"]["text"]


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b/ü.md", "a%20b/%C3%BC.md"),
        ("./a.md", "a.md"),
        ("c:d.md", "c%3Ad.md"),
        ("100%.md", "100%25.md"),
        ("\udcff.md", "%FF.md"),
        ("/x/y", "file:///x/y"),
        ("https://h.example/x?a=b", "https://h.example/x?a=b"),
    ],
)
def test_a_place_is_a_relative_uri_below_the_repository(file, uri):
    (result,) = results(written(finding(file=file)))
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert (artifact["uri"], artifact.get("uriBaseId")) == (uri, None if "//" in uri else "SRCROOT")


def test_what_has_no_place_stands_at_the_manifest():
    (result,) = results(written(finding(file="", line=0, column=0)))
    physical = result["locations"][0]["physicalLocation"]
    assert (physical["artifactLocation"]["uri"], physical["region"]) == ("hardpoint.yaml", {"startLine": 1})


def test_a_fingerprint_stays_when_lines_move_and_tells_two_alike_apart():
    def prints(*found):
        return [each["partialFingerprints"]["hardpoint/v1"] for each in results(written(*found))]

    first, second, other = prints(finding(line=3), finding(line=9), finding("is not there"))
    assert len({first, second, other}) == 3
    assert prints(finding(line=5), finding(line=70)) == [first, second]
    assert prints(finding("other words", fingerprint="abc")) == prints(finding("in other words", fingerprint="abc"))


@pytest.mark.parametrize("crlf", [False, True])
def test_a_fix_is_what_the_text_there_gives_way_to(tmp_path, crlf):
    line = "ünd [a](gone.md) and [b](gone.md)"
    (tmp_path / "a.md").write_bytes(f"# A\n\n{line}\n".replace("\n", "\r\n" if crlf else "\n").encode())
    (result,) = results(
        written(finding(column=6, replaces="gone.md", suggestion="there.md", remedy="mend"), root=tmp_path)
    )
    (fix,) = result["fixes"]
    (replacement,) = fix["artifactChanges"][0]["replacements"]
    region = replacement["deletedRegion"]
    assert (region["startLine"], region["endLine"]) == (3, 3)
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "gone.md"
    assert region["startColumn"] == line.index("gone.md") + 1
    assert replacement["insertedContent"] == {"text": "there.md"}


def test_a_line_that_a_fix_leaves_blank_goes(tmp_path):
    (tmp_path / "a.md").write_text("a\nb\n  gone\nc\n")
    (result,) = results(written(finding(replaces="gone", suggestion=""), root=tmp_path))
    (replacement,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement == {"deletedRegion": {"startLine": 3, "startColumn": 1, "endLine": 4, "endColumn": 1}}


@pytest.mark.parametrize(
    "more",
    [
        {"replaces": "gone"},
        {"suggestion": "x"},
        {"suggestion": "x", "replaces": "not there"},
        {"suggestion": "x", "replaces": "gone", "column": 9},
        {"suggestion": "x", "replaces": "gone", "line": 0},
        {"suggestion": "x", "replaces": "gone", "line": 90},
        {"suggestion": "x", "replaces": "gone", "file": "b.md"},
        {"suggestion": "x", "replaces": "gone", "file": "../outside.md"},
        {"suggestion": "", "replaces": "gone"},  # the last line, which has no end to go with it
    ],
)
def test_a_fix_that_is_not_certain_is_none(tmp_path, more):
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.md").write_text("a\nb\ngone")
    (tmp_path / "outside.md").write_text("a\nb\ngone\n")
    assert "fixes" not in results(written(finding(**more), root=root))[0]


def test_what_is_allowed_or_known_is_suppressed_with_the_reason_and_is_no_result_for_others():
    log = written(
        finding("new"),
        suppressed=[Suppressed(finding=finding("allowed"), reason="it is made")],
        known_findings=[finding("known")],
    )
    told = {each["message"]["text"]: (each["suppressions"], each.get("baselineState")) for each in results(log)}
    assert told["new"] == ([], "new")
    assert told["allowed"][0] == [{"kind": "inSource", "status": "accepted", "justification": "it is made"}]
    assert (told["known"][0][0]["kind"], told["known"][1]) == ("external", "unchanged")
    assert "baselineState" not in results(written(finding()))[0]


def test_an_exposure_gives_its_rule_a_score_that_hosts_rank_by():
    scored = finding(rule="CVE-2026-1", exposure=Exposure(risk=Risk.HIGH, cvss=8.8))
    rated = finding(rule="X1", exposure=Exposure(risk=Risk.CRITICAL))
    one, other, plain = written(scored, rated, finding(rule="Z"))["runs"][0]["tool"]["driver"]["rules"]
    assert (one["properties"]["security-severity"], one["properties"]["tags"]) == ("8.8", ["security"])
    assert other["properties"]["security-severity"] == "9.5"
    assert "properties" not in plain


def test_a_long_list_is_split_into_runs_that_are_told_apart_and_cut_with_a_word(monkeypatch):
    monkeypatch.setattr(sarif, "MAX_RESULTS_A_RUN", 10)
    monkeypatch.setattr(sarif, "MAX_RUNS", 3)
    found = [finding(str(number), line=number + 1) for number in range(25)]
    log = written(*found)
    assert [len(run["results"]) for run in log["runs"]] == [10, 10, 5]
    assert [run["automationDetails"]["id"] for run in log["runs"]] == [
        "hardpoint/check/",
        "hardpoint/check/2/",
        "hardpoint/check/3/",
    ]
    assert not log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    mild = [finding(str(number), severity=Severity.NOTE) for number in range(10)]
    cut = written(*mild, *found)
    assert len(results(cut)) == 30
    assert sum(each["level"] == "error" for each in results(cut)) == 25
    (note,) = cut["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("5 of the mildest results are left out")


def test_a_run_that_found_nothing_says_that_it_looked():
    log = written(exit_code=Exit.OK)
    assert [run["results"] for run in log["runs"]] == [[]]


def test_a_problem_is_a_run_that_was_not_successful():
    out = StringIO()
    sarif.write_problem(UnreadableProblem("is empty", remedy="fill it", place=Place("a", 4)), out)
    (run,) = check_shape(json.loads(out.getvalue()))["runs"]
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 3)
    assert invocation["toolExecutionNotifications"] == [{"level": "error", "message": {"text": "a:4: is empty"}}]
    assert run["results"][0]["message"]["text"] == "is empty\nfill it"
    assert importer.read(out.getvalue().encode()).error == "hardpoint says that it failed: a:4: is empty"
