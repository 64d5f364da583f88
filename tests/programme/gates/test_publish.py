"""Badges, metrics and health: what is shown of verdicts that were recorded, and what is not shown as one."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.reports.verbs.run import run
from hardpoint.capabilities import capabilities
from hardpoint.faces.cli.verbs.whole_jobs import check
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.evidence import Assurance, Evidence, Producer, drafted
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.rooms.cli import Context
from hardpoint.kernel.verdict import Answer, Decision, Judgement, Verdict
from hardpoint.programme.gates.badge import MAX_LABEL, badge_of, svg
from hardpoint.programme.gates.condition import Condition
from hardpoint.programme.gates.health import build_minutes, success_rate
from hardpoint.programme.gates.metrics import Family, exposition, families
from hardpoint.programme.gates.model import GateTargets
from hardpoint.programme.gates.verbs.decide import gate
from hardpoint.programme.gates.verbs.publish import badge, health, metrics

NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MANIFEST = """\
version: 1
services: [{name: keystone, owner: ada}]
gates:
  - name: merge
    default: true
    criteria: [{id: documents, kind: check, rules: [DOC001], max_age: 30d}]
  - name: release
    criteria: [{id: tests, kind: report, report: junit, require: {failures: 0}}]
gate_targets: {success_rate_percent: ">= 75", median_build_minutes: "<= 10", window: 7d, minimum: 4}
"""
SVG = "{http://www.w3.org/2000/svg}"
words = st.text(min_size=1, max_size=80)


@pytest.fixture
def root(vouched):
    return vouched(MANIFEST)


def decision(answer=Answer.GO, at=NOW, **changes):
    judgement = Judgement(criterion="documents", verdict=Verdict.PASS, reason="", happened=format_instant(at))
    given = {"gate": "merge", "service": "keystone", "commit": "a" * 40, "local": False, "criteria": (judgement,)}
    return Decision(answer=answer, at=format_instant(at), **{**given, **changes})


def said_by(drawn):
    """The words of a badge, and the sentence that screen readers say."""
    tree = ET.fromstring(drawn)
    assert (tree.get("role"), tree.get("aria-label")) == ("img", tree.findtext(f"{SVG}title"))
    return [each.text for each in tree.iter(f"{SVG}text")], tree.findtext(f"{SVG}title")


@pytest.mark.parametrize("answer", Answer)
def test_a_badge_says_the_answer_in_words(answer):
    drawn = badge_of("merge", decision(answer), NOW, WEEK)
    shown, title = said_by(svg(drawn))
    assert shown == ["merge", answer.value]
    assert title == f"merge: {answer.value}, keystone at commit aaaaaaaaaa, judged 2026-03-31 14:00 UTC"


def test_no_verdict_is_no_go_and_no_no_go():
    assert said_by(svg(badge_of("merge", None, NOW, WEEK))) == (["merge", "no verdict"], "merge: no verdict")


@pytest.mark.parametrize(
    ("age", "words"), [(WEEK, "GO"), (WEEK + DAY / 24, "GO 7 days ago"), (30 * DAY, "GO 30 days ago")]
)
def test_an_old_go_says_its_age_and_is_not_green(age, words):
    drawn, fresh = (badge_of("merge", decision(), NOW + each, WEEK) for each in (age, DAY))
    assert drawn.words == words
    assert (drawn.colour == fresh.colour) == (age == WEEK)


def test_an_old_no_go_stays_red():
    old, fresh = (badge_of("merge", decision(Answer.NO_GO), NOW + each, WEEK).colour for each in (30 * DAY, DAY))
    assert old == fresh


@given(words)
def test_a_badge_of_any_name_is_well_formed(name):
    drawn = svg(badge_of(name, decision(), NOW, WEEK))
    shown, _ = said_by(drawn)
    assert all("id" not in each.attrib for each in ET.fromstring(drawn).iter()), (
        "of several in a page each would have it"
    )
    assert len(shown[0] or "") <= MAX_LABEL


def luminance(colour):
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_white_text_can_be_read_on_every_colour():
    drawn = [svg(badge_of("m", decision(each), NOW, WEEK)) for each in Answer] + [svg(badge_of("m", None, NOW, WEEK))]
    colours = {colour for each in drawn for colour in re.findall(r'fill="(#[0-9a-f]{6})"', each)}
    assert len(colours) == 5
    assert all(1.05 / (luminance(colour) + 0.05) >= 4.5 for colour in colours)


def test_the_badge_of_the_default_gate_is_of_its_newest_verdict(call, root):
    call(check, "--record", folder=root)
    assert said_by(call(badge, folder=root).text)[0] == ["merge", "no verdict"]
    call(gate, folder=root)
    assert said_by(call(badge, folder=root).text)[0] == ["merge", "GO"]
    assert said_by(call(badge, "release", folder=root).text)[0] == ["release", "NO-GO"]
    (root / "README.md").write_text("[x](gone.md)\n")
    call(gate, "merge", folder=root)  # local, so it is not recorded
    assert said_by(call(badge, folder=root).text)[0] == ["merge", "GO"]
    assert said_by(call(badge, "--max-age", "1h", folder=root, at=NOW + DAY).text)[0] == ["merge", "GO 1 day ago"]


def test_the_badge_of_a_commit_is_of_no_other(call, root, git):
    call(gate, folder=root)
    (root / "README.md").write_text("# B\n")
    git(root, "commit", "-qam", "next")
    assert said_by(call(badge, "--commit", "HEAD", folder=root).text)[0] == ["merge", "no verdict"]
    assert said_by(call(badge, "--commit", "HEAD~1", folder=root).text)[0] == ["merge", "GO"]


def test_a_badge_is_written_to_a_file(cli, root, tmp_path):
    cli("gate", folder=root)
    ran = cli("gate", "badge", "--out", tmp_path / "b.svg", "--format", "json", folder=root)
    assert (ran.exit, ran.json["words"]) == (Exit.OK, "GO")
    assert said_by((tmp_path / "b.svg").read_text())[0] == ["merge", "GO"]


def test_which_gate_must_be_clear(call, vouched):
    root = vouched(MANIFEST.replace("default: true", "default: false"))
    call(check, "--record", folder=root)
    with pytest.raises(UsageProblem, match="2 gates to choose from"):
        call(badge, folder=root)
    with pytest.raises(UsageProblem, match="expected a duration"):
        call(badge, "merge", "--max-age", "weekly", folder=root)


def test_a_verdict_of_a_key_that_was_revoked_by_then_is_shown_nowhere(call, root, git):
    call(gate, folder=root)
    assert said_by(call(badge, folder=root).text)[0] == ["merge", "GO"]
    text = (root / "hardpoint.yaml").read_text()
    (root / "hardpoint.yaml").write_text(text.replace("holder: ada}", "holder: ada, revoked: 2026-03-30T00:00:00Z}"))
    git(root, "commit", "-qam", "revoke")
    assert said_by(call(badge, folder=root).text)[0] == ["merge", "no verdict"]
    assert "hardpoint_gate_answer" not in call(metrics, folder=root).text
    assert call(health, "merge", folder=root).items["measures"][0].counted == 0


# A line of the text format: a name, labels with their escapes, and a number.
_SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:[a-zA-Z_]\w*="(?:\\[\\"n]|[^"\\\n])*",?)*)\} (\S+)')
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:\\[\\"n]|[^"\\\n])*)"')


def parsed(text):
    """Samples as the text exposition format 0.0.4 has them, each family announced once, before its samples."""
    assert text == "" or text.endswith("\n")
    samples, announced, current = [], set(), None
    for line in text.split("\n")[:-1]:
        if line.startswith("# TYPE "):
            _, _, current, sort = line.split(" ")
            assert sort == "gauge"
            assert current not in announced
            announced.add(current)
        elif not line.startswith("# HELP "):
            name, labels, value = _SAMPLE.fullmatch(line).groups()
            assert name == current
            told = {
                key: re.sub(r"\\(.)", lambda each: {"n": "\n"}.get(each[1], each[1]), label)
                for key, label in _LABEL.findall(labels)
            }
            samples.append((name, told, float(value)))
    return samples


@given(words, words, st.floats(allow_nan=False, allow_infinity=False))
def test_any_label_and_number_is_read_as_it_was_written(name, label, number):
    family = Family("hardpoint_test", "what\nit \\ says", [({"gate": name, "service": label}, number)])
    assert parsed(exposition([family])) == [("hardpoint_test", {"gate": name, "service": label}, number)]


@pytest.mark.requirement("GAT-23", "GAT-19")
def test_metrics_say_what_the_newest_verdicts_said(call, root):
    call(gate, folder=root)
    found = parsed(call(metrics, folder=root, at=NOW + DAY).text)
    of = {"gate": "merge", "service": "keystone"}
    judged = NOW.timestamp()
    for expected in (
        ("hardpoint_gate_answer", {**of, "answer": "GO"}, 1),
        ("hardpoint_gate_answer", {"gate": "release", "service": "keystone", "answer": "NO-GO"}, 1),
        ("hardpoint_gate_judged_timestamp_seconds", of, judged),
        ("hardpoint_criterion_verdict", {**of, "criterion": "documents", "severity": "blocking", "verdict": "pass"}, 1),
        ("hardpoint_evidence_age_seconds", {**of, "criterion": "documents"}, DAY.total_seconds()),
        ("hardpoint_gate_verdicts", of, 1),
        ("hardpoint_builds", {"build": "build", "service": "keystone"}, 0),
    ):
        assert expected in found
    assert not [
        name
        for name, _, _ in found
        if name in {"hardpoint_gate_success_ratio", "hardpoint_build_duration_median_seconds"}
    ]


def test_what_is_not_known_has_no_sample():
    assert exposition(families([], [], NOW)) == ""


TARGETS = GateTargets(
    success_rate_percent=Condition.parse(">= 75"),
    median_build_minutes=Condition.parse("<= 10"),
    window=Duration.parse("7d"),
    minimum=4,
)


@pytest.mark.requirement("GAT-19")
@pytest.mark.parametrize(
    ("answers", "value", "verdict"),
    [
        ([Answer.GO] * 4, 100.0, Verdict.PASS),
        ([Answer.GO] * 3 + [Answer.NO_GO], 75.0, Verdict.PASS),
        ([Answer.GO, Answer.GO_BY_WAIVER, Answer.NO_GO, Answer.NO_GO], 50.0, Verdict.FAIL),
        ([Answer.GO] * 3, None, Verdict.MISSING),
        ([], None, Verdict.MISSING),
    ],
)
def test_the_success_rate_is_the_share_of_go(answers, value, verdict):
    found = success_rate("keystone", "merge", answers, TARGETS)
    assert (found.value, found.verdict, found.counted) == (value, verdict, len(answers))
    assert ("not enough evidence" in found.text) == (value is None)
    assert ("1 by waiver" in found.text) == (Answer.GO_BY_WAIVER in answers)


@pytest.mark.requirement("GAT-19")
@pytest.mark.parametrize(
    ("lengths", "value", "verdict"),
    [
        ([60, 600, 601, 6000], 10.01, Verdict.FAIL),
        ([60, 600, 600, 6000], 10.0, Verdict.PASS),
        ([1, 1, 1], None, Verdict.MISSING),
    ],
)
def test_the_median_build_is_held_against_its_target(lengths, value, verdict):
    found = build_minutes("keystone", lengths, TARGETS)
    assert (found.value, found.verdict, found.target) == (value, verdict, "<= 10")


def test_targets_are_of_the_gates_that_decide(call, root):
    """The one that is red for weeks, because nobody has restored a backup yet, is asked for by name."""
    call(gate, folder=root)
    assert [each.name for each in call(health, folder=root).items["measures"]] == ["merge", "build"]
    assert [each.name for each in call(health, "release", folder=root).items["measures"]] == ["release", "build"]


def test_without_a_target_nothing_is_missed():
    assert build_minutes("keystone", [], GateTargets()).verdict is None


@pytest.fixture(params=["sqlite", "postgresql"])
def stored_at(request, monkeypatch):
    """Where the record is: in the checkout, or in a database of its own."""
    if request.param == "postgresql":
        monkeypatch.setenv("HARDPOINT_STORE", request.getfixturevalue("postgres_url"))


@pytest.mark.parametrize("window", ["104000w", "999999d"])
def test_a_window_may_be_longer_than_the_calendar(call, root, window):
    manifest = root / "hardpoint.yaml"
    manifest.write_text(manifest.read_text().replace("window: 7d", f"window: {window}"))
    for _ in range(4):
        call(run, "build", "--", "true", folder=root)
    *_, build = call(health, "merge", folder=root).items["measures"]
    assert build.counted == 4


@pytest.mark.requirement("GAT-19")
def test_health_counts_what_was_recorded_in_the_window(call, root, git, stored_at):
    call(gate, "merge", folder=root, at=NOW - 8 * DAY)  # before the window
    for minute in range(3):
        call(gate, "merge", folder=root, at=NOW - timedelta(minutes=minute))
        call(run, "build", "--", "true", folder=root, at=NOW - timedelta(minutes=minute))
    result = call(health, "merge", folder=root)
    assert result.exit == Exit.FOUND
    assert [(each.counted, each.verdict) for each in result.items["measures"]] == [(3, Verdict.MISSING)] * 2
    call(gate, "merge", folder=root)
    call(run, "build", "--", "false", folder=root)
    call(run, "other", "--", "true", folder=root)
    result = call(health, "merge", folder=root)
    rate, build = result.items["measures"]
    assert (result.exit, rate.value, build.counted, build.verdict) == (Exit.OK, 100.0, 4, Verdict.PASS)
    found = {
        name: value
        for name, labels, value in parsed(call(metrics, folder=root).text)
        if labels.get("gate") != "release"
    }
    assert (found["hardpoint_gate_success_ratio"], found["hardpoint_builds"]) == (1, 4)
    (root / "README.md").write_text("[x](gone.md)\n")
    git(root, "commit", "-qam", "break")
    for minute in range(2):
        call(gate, "merge", folder=root, at=NOW + timedelta(minutes=minute))
    result = call(health, "merge", folder=root, at=NOW + timedelta(hours=1))
    assert (result.exit, result.items["measures"][0].value) == (Exit.FOUND, 66.67)


@pytest.mark.parametrize(
    ("assurance", "time", "error", "counted"),
    [
        (Assurance.RAN, NOW, None, 5),
        (Assurance.DECLARED, NOW, None, 0),
        (Assurance.RAN, NOW - 8 * DAY, None, 0),
        (Assurance.RAN, NOW + DAY, None, 0),
        (Assurance.RAN, NOW, "was ended by SIGKILL", 0),
    ],
)
def test_only_a_build_that_was_run_in_the_window_counts(call, root, assurance, time, error, counted):
    """Not one that somebody says was quick, nor one that was recorded late, and none that came to no result."""
    call(check, "--record", folder=root)
    said = Evidence(
        kind="command",
        name="build",
        service="keystone",
        producer=Producer(name="me"),
        population=1,
        facts={"duration_s": 1.0},
        time=format_instant(time),
        assurance=assurance,
        error=error,
    )
    with Context(capabilities(), folder=root, clock=lambda: NOW).record() as record:
        for _ in range(5):
            record.append(drafted(said))
    assert call(health, "merge", folder=root).items["measures"][1].counted == counted
