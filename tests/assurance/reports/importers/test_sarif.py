"""SARIF 2.1.0: which results are open, how bad they are, and what is refused."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.reports.importers.sarif import sarif
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.importer import Report
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Problem, UnreadableProblem

COMMIT = "c" * 40


def a_result(**changes: Any) -> dict[str, Any]:
    where = {"artifactLocation": {"uri": "src/a.py"}, "region": {"startLine": 3, "startColumn": 5}}
    given = {
        "ruleId": "R1",
        "level": "error",
        "message": {"text": "wrong\nmore"},
        "locations": [{"physicalLocation": where}],
    }
    return {key: value for key, value in {**given, **changes}.items() if value is not None}


def a_run(*results: dict[str, Any], driver: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    tool = {"driver": {"name": "lint", "version": "1.2", **(driver or {})}}
    return {"tool": tool, "results": list(results), **changes}


def written(*runs: dict[str, Any], version: str = "2.1.0") -> bytes:
    return json.dumps(
        {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": version, "runs": runs}
    ).encode()


def read(*runs: dict[str, Any]) -> Report:
    return sarif.read(written(*runs))


def realistic(results: int = 40) -> bytes:
    rules = [{"id": f"R{n}", "defaultConfiguration": {"level": "error"}} for n in range(5)]
    found = [a_result(ruleId=f"R{n % 5}", level=None, ruleIndex=n % 5) for n in range(results)]
    invocations = [{"executionSuccessful": True, "endTimeUtc": "2026-03-31T10:00:00.5Z"}]
    one = a_run(*found, driver={"rules": rules}, invocations=invocations)
    return written(one, a_run(a_result(), driver={"name": "scan"}))


@pytest.mark.requirement("GAT-15")
def test_results_are_counted_by_level():
    levels = ["error", "warning", "note", "none", None]
    report = read(a_run(*[a_result(level=level) for level in levels]))
    expected = {"results": 5, "errors": 1, "warnings": 2, "notes": 2, "suppressed": 0, "runs": 1, "unrated": 5}
    assert {name: count for name, count in report.facts.items() if count or name in expected} == expected
    assert report.population == 1


@pytest.mark.requirement("GAT-15")
def test_a_result_is_a_finding_at_its_place():
    (found,) = read(a_run(a_result())).findings
    assert (found.rule, found.severity, found.place) == ("R1", Severity.ERROR, Place("src/a.py", 3, 5))
    assert (found.text, found.tool) == ("wrong", "lint")


def test_nothing_found_by_a_run_that_looked_is_a_clean_report():
    report = read(a_run())
    assert (report.population, report.facts["results"], report.error) == (1, 0, None)


@pytest.mark.requirement("GAT-02")
@pytest.mark.parametrize(
    "runs", [[{"tool": {"driver": {"name": "x"}}}], [a_run(), {"tool": {"driver": {"name": "x"}}}]]
)
def test_a_run_without_results_did_not_look_and_is_no_pass(runs):
    assert "x gives no results" in read(*runs).error


def test_no_run_at_all_looked_at_nothing():
    assert read().population == 0


@pytest.mark.parametrize(
    ("changes", "is_open"),
    [
        ({}, True),
        ({"kind": "pass"}, False),
        ({"kind": "notApplicable"}, False),
        ({"kind": "informational"}, False),
        ({"kind": "review"}, True),
        ({"kind": "open"}, True),
        ({"kind": "new kind"}, True),
        ({"baselineState": "absent"}, False),
        ({"baselineState": "unchanged"}, True),
        ({"suppressions": []}, True),
        ({"suppressions": [{"kind": "inSource"}]}, False),
        ({"suppressions": [{"kind": "external", "status": "accepted"}]}, False),
        ({"suppressions": [{"kind": "external", "status": "underReview"}]}, True),
        ({"suppressions": [{"kind": "inSource"}, {"kind": "external", "status": "rejected"}]}, True),
    ],
)
def test_which_results_are_open(changes, is_open):
    assert bool(read(a_run(a_result(**changes))).findings) == is_open


def test_suppressed_results_are_counted():
    assert read(a_run(a_result(suppressions=[{"kind": "inSource"}]), a_result())).facts["suppressed"] == 1


RULE = {"id": "R1", "defaultConfiguration": {"level": "error"}, "messageStrings": {"m": {"text": "from the rule"}}}
EXTENSIONS = {"driver": {"name": "codeql"}, "extensions": [{"name": "pack", "rules": [RULE]}]}


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"ruleIndex": 0}, [RULE]),
        ({"rule": {"index": 0}, "ruleId": None}, [RULE]),
        ({}, [RULE]),
        ({}, [{**RULE, "id": "R0", "defaultConfiguration": {"level": "note"}}, RULE]),
    ],
)
def test_without_a_level_the_rule_says_how_bad_it_is(changes, rules):
    (found,) = read(a_run(a_result(level=None, **changes), driver={"rules": rules})).findings
    assert (found.rule, found.severity) == ("R1", Severity.ERROR)


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": {"id": "R1", "index": 0, "toolComponent": {"index": 0}}},
        {"rule": {"index": 0, "toolComponent": {"index": 0}}, "ruleIndex": 0, "ruleId": None},
        {"ruleId": "R1"},
    ],
)
def test_the_rule_may_belong_to_an_extension(changes):
    (found,) = read({"tool": EXTENSIONS, "results": [a_result(level=None, **changes)]}).findings
    assert (found.rule, found.severity) == ("R1", Severity.ERROR)


@pytest.mark.requirement("SEC-01")
@pytest.mark.parametrize(
    ("severity", "risk"),
    [("9.8", "critical"), (9.0, "critical"), ("7.0", "high"), ("6.9", "medium"), ("0.1", "low"), ("0.0", "info")],
)
def test_the_rules_security_severity_is_the_risk(severity, risk):
    report = read(a_run(a_result(), driver={"rules": [{**RULE, "properties": {"security-severity": severity}}]}))
    (found,) = report.findings
    assert found.exposure.risk.value == risk
    assert found.exposure.cvss == float(severity)
    assert (report.facts[risk], report.facts["unrated"]) == (1, 0)


@pytest.mark.parametrize("severity", ["", "high", -1, 11, "nan", None, [], {}, True])
def test_what_is_no_security_severity_rates_nothing(severity):
    run = a_run(a_result(), driver={"rules": [{**RULE, "properties": {"security-severity": severity}}]})
    (found,) = read(run).findings
    assert found.exposure is None or severity is True


def test_a_rule_that_is_named_after_a_vulnerability_is_an_exposure():
    rule = {"id": "cve-2021-44228-log4j", "defaultConfiguration": {"level": "error"}}
    (found,) = read(a_run(a_result(ruleId=rule["id"]), driver={"rules": [rule]})).findings
    assert (found.exposure.aliases, found.exposure.risk.value) == (("CVE-2021-44228",), "high")


@pytest.mark.parametrize(
    ("given", "fingerprint"),
    [
        ({"partialFingerprints": {"primaryLocationLineHash": "39fa2ee980eb94b0:1"}}, "39fa2ee980eb94b0:1"),
        ({"fingerprints": {"0": "aaaaaaaa"}, "partialFingerprints": {"primaryLocationLineHash": "bbbbbb"}}, "aaaaaaaa"),
        ({"fingerprints": {"matchBasedId/v1": "requires login"}}, ""),
        ({"partialFingerprints": {"commitSha": "c" * 40, "email": "a@example.com", "author": "somebody"}}, ""),
        ({"partialFingerprints": {"contextRegionHash/v1": "0123456789"}}, "0123456789"),
        ({"partialFingerprints": {}}, ""),
    ],
)
def test_a_fingerprint_is_a_hash_and_no_text_for_people(given, fingerprint):
    (found,) = read(a_run(a_result(**given))).findings
    assert found.fingerprint == fingerprint


def test_a_message_may_stand_in_the_rule():
    (found,) = read(a_run(a_result(message={"id": "m"}), driver={"rules": [RULE]})).findings
    assert found.text == "from the rule"


def test_a_place_may_stand_among_the_artifacts():
    located = [{"physicalLocation": {"artifactLocation": {"index": 0}}}]
    (found,) = read(a_run(a_result(locations=located), artifacts=[{"location": {"uri": "b.py"}}])).findings
    assert found.place == Place("b.py")


@pytest.mark.parametrize("artifacts", [[], [{}], [{"location": None}], [{"location": "x"}], [{"location": {"uri": 3}}]])
def test_artifacts_of_another_shape_leave_the_place_unknown_or_are_refused(artifacts):
    located = [{"physicalLocation": {"artifactLocation": {"index": 0}}}]
    with suppress(UnreadableProblem):
        assert len(read(a_run(a_result(locations=located), artifacts=artifacts)).findings) == 1


@pytest.mark.requirement("GAT-02")
def test_a_tool_that_says_that_it_failed_came_to_no_result():
    invocations = [{"executionSuccessful": False, "exitCodeDescription": "out of memory"}]
    assert read(a_run(), a_run(invocations=invocations)).error == "lint says that it failed: out of memory"


def test_the_oldest_time_counts():
    runs = [
        a_run(invocations=[{"executionSuccessful": True, "endTimeUtc": f"2026-03-{day}T10:00:00Z"}]) for day in (31, 30)
    ]
    assert read(*runs).time == "2026-03-30T10:00:00.000000Z"
    assert read(a_run(invocations=[{"executionSuccessful": True, "endTimeUtc": "yesterday"}])).time is None


@pytest.mark.requirement("GAT-22")
@pytest.mark.parametrize(
    ("revisions", "commit"),
    [
        ([COMMIT], COMMIT),
        ([COMMIT, COMMIT], COMMIT),
        ([COMMIT, "d" * 40], None),
        ([COMMIT[:8]], None),
        ([], None),
    ],
)
def test_the_commit_is_the_one_that_every_run_names(revisions, commit):
    runs = [a_run(versionControlProvenance=[{"repositoryUri": "x", "revisionId": each}]) for each in revisions]
    assert read(*(runs or [a_run()])).commit == commit


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        written(a_run(), version="2.0.0"),
        b'{"version": "2.1.0"}',
        b'{"version": "2.1.0", "runs": null}',
        b'{"version": "2.1.0", "runs": [{}]}',
        written(a_run({"ruleId": "R1"})),
        written(a_run(a_result(level="eror"))),
        written(a_run(a_result(locations="x"))),
        written(a_run(driver={"rules": [{"id": "R", "defaultConfiguration": {"level": "fatal"}}]})),
        written(a_run(invocations=[{}])),
        b"[" * 100_000,
    ],
)
def test_what_is_no_sarif_is_refused(data):
    with pytest.raises(UnreadableProblem):
        sarif.read(data)


def test_a_byte_order_mark_is_no_content():
    assert sarif.read(b"\xef\xbb\xbf" + written(a_run())).population == 1


@pytest.mark.requirement("GAT-15")
def test_a_log_cut_off_anywhere_is_refused():
    data = realistic()
    for percent in range(100):
        with pytest.raises(UnreadableProblem):
            sarif.read(data[: len(data) * percent // 100])


@pytest.mark.requirement("GAT-15")
@given(st.data())
def test_a_damaged_byte_never_loses_a_finding_without_saying_so(data):
    log = bytearray(realistic(4))
    at = data.draw(st.integers(0, len(log) - 1))
    log[at] ^= data.draw(st.integers(1, 255))
    with suppress(Problem):
        report = sarif.read(bytes(log))
        assert report.error is not None or report.population == 0 or len(report.findings) == 5


def test_no_single_damaged_byte_loses_a_finding_without_saying_so():
    log = realistic(2)
    for at in range(len(log)):
        for flip in (1, 4, 32, 128):
            damaged = log[:at] + bytes([log[at] ^ flip]) + log[at + 1 :]
            with suppress(Problem):
                report = sarif.read(damaged)
                assert report.error is not None or report.population == 0 or len(report.findings) == 3


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
keys = ["level", "kind", "message", "locations", "suppressions", "ruleIndex", "rule", "ruleId", "baselineState"]


@given(
    st.dictionaries(st.sampled_from(keys), json_values),
    st.dictionaries(st.sampled_from(["artifacts", "invocations"]), json_values),
)
def test_any_values_are_read_or_refused(in_result, in_run):
    with suppress(Problem):
        sarif.read(written(a_run(a_result(**in_result), **in_run)))


def test_many_results_of_many_rules_are_looked_up_by_their_ids():
    rules = [{"id": f"r{number}", "defaultConfiguration": {"level": "error"}} for number in range(5000)]
    results = [a_result(ruleId=f"r{number % 5000}", level=None) for number in range(50_000)]
    began = time.process_time()
    report = sarif.read(written(a_run(*results, driver={"rules": rules})))
    assert report.facts["errors"] == 50_000
    assert time.process_time() - began < 10
