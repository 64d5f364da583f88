"""The ledger: looks of many scanners become cases, each with one clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Assurance, Evidence, Producer
from hardpoint.kernel.finding import Exposure, Finding, Risk, Severity, State
from hardpoint.kernel.hearing import Recorded
from hardpoint.kernel.identity.voices import Voice
from hardpoint.kernel.place import Place
from hardpoint.kernel.waiver import Waiver
from hardpoint.programme.findings.acceptance import Approval, Approvals
from hardpoint.programme.findings.case import Standing, facts_of
from hardpoint.programme.findings.ledger import Ledger, Lost
from hardpoint.programme.findings.look import look_at
from hardpoint.programme.findings.model import FindingsPolicy, Rated, Replaced, Sla
from hardpoint.programme.findings.threats import Threats

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ADA = Voice(holder="ada", assurance=Assurance.RAN)


def found(
    *aliases,
    risk=Risk.HIGH,
    package="pkg:pypi/jinja2@3.1.2",
    state=State.OPEN,
    path="requirements.txt",
    tool="trivy",
    rule="",
    fingerprint="",
    line=0,
    cvss=None,
    exposed=True,
):
    names = aliases if aliases or rule else ("CVE-2026-1",)
    exposure = Exposure(risk=risk, aliases=names, package=package if names else "", state=state, cvss=cvss)
    return Finding(
        rule=rule or names[0],
        severity=Severity.ERROR,
        place=Place(path, line),
        text="is old",
        tool=tool,
        fingerprint=fingerprint,
        exposure=exposure if exposed else None,
    )


class World:
    """Reports of scanners, in the order in which they are given."""

    def __init__(self, policy=None, **changes):
        self.policy = policy or FindingsPolicy()
        self.changes = changes
        self.looks = []

    def look(
        self,
        at,
        *findings,
        kind="trivy",
        name="trivy.json",
        population=100,
        position=0,
        voice=ADA,
        facts=None,
        **changes,
    ):
        """A report, made `at` hours after the start."""
        instant = format_instant(START + at * HOUR)
        evidence = Evidence(
            kind=kind,
            name=name,
            service="shop",
            producer=Producer(name=kind),
            population=population,
            facts=facts or {},
            findings=findings,
            time=instant,
            **changes,
        )
        recorded = Recorded(entry=len(self.looks), at=instant, evidence=evidence, voice=voice)
        self.looks.append(look_at(recorded, position, self.policy))
        return self

    def ledger(self, **changes):
        return Ledger(looks=self.looks, policy=self.policy, **{**self.changes, **changes})

    def cases(self, at, assurance=Assurance.DECLARED, **changes):
        return self.ledger(**changes).cases(START + at * HOUR, assurance)

    def case(self, at, **changes):
        (only,) = self.cases(at, **changes)
        return only

    def left(self, at, **changes):
        """How many hours are left."""
        return self.case(at, **changes).deadline.left(START + at * HOUR) / HOUR


@pytest.mark.requirement("SEC-02")
@pytest.mark.parametrize(
    ("risk", "hours"), [(Risk.CRITICAL, 24), (Risk.HIGH, 7 * 24), (Risk.MEDIUM, 30 * 24), (Risk.LOW, None)]
)
def test_the_clock_of_a_risk_starts_when_it_is_first_detected(risk, hours):
    world = World().look(0, found(risk=risk))
    case = world.case(hours or 9999)
    assert case.standing is Standing.OPEN
    if hours is None:
        assert case.deadline.due is None
        return
    assert not case.is_overdue(START + hours * HOUR)
    assert case.is_overdue(START + hours * HOUR + timedelta(seconds=1))


@pytest.mark.requirement("SEC-02")
@pytest.mark.parametrize(
    "later",
    [
        {"tool": "trivy-next"},
        {"path": "/github/workspace/deploy/requirements.txt"},
        {"package": "pkg:pypi/Jinja2@3.1.3"},
        {"line": 40},
    ],
)
def test_nothing_restarts_the_clock_of_what_is_still_there(later):
    """A renamed scanner, another path, a version that still has it (DefectDojo's users know the pain)."""
    world = World().look(0, found()).look(24, found(**later))
    assert (world.case(25).first_seen, world.left(25)) == (START, 7 * 24 - 25)
    assert not world.case(25).regressions


@pytest.mark.requirement("SEC-02")
def test_what_two_tools_report_is_one_case_since_the_first_of_them():
    world = (
        World()
        .look(0, found("PYSEC-2026-1", tool="pip-audit"), kind="pip-audit", name="pip.json")
        .look(48, found("CVE-2026-1", risk=Risk.CRITICAL))
        .look(50, found("CVE-2026-1", "PYSEC-2026-1", "GHSA-aaaa-bbbb-cccc", tool="osv"), kind="osv", name="osv.json")
    )
    case = world.case(51)
    assert (case.first_seen, case.risk, case.title) == (START, Risk.CRITICAL, "CVE-2026-1")
    assert case.tools == ("osv", "pip-audit", "trivy")
    assert case.names == ("CVE-2026-1", "GHSA-AAAA-BBBB-CCCC", "PYSEC-2026-1")
    assert case.is_overdue(START + 51 * HOUR)


def test_the_id_that_a_case_had_before_still_leads_to_it():
    before = World().look(0, found("PYSEC-2026-1")).case(1).id
    after = World().look(0, found("PYSEC-2026-1")).look(1, found("CVE-2026-1", "PYSEC-2026-1")).case(2)
    assert after.id != before
    assert before in after.ids


@pytest.mark.requirement("SEC-02")
def test_it_is_fixed_when_every_report_that_had_it_has_it_no_more():
    world = World().look(0, found()).look(1, found(), kind="grype", name="grype.json").look(2)
    assert world.case(3).standing is Standing.OPEN
    world.look(4, kind="grype", name="grype.json")
    assert world.case(5).standing is Standing.FIXED
    assert [each.what.partition(":")[0] for each in world.case(5).history] == [
        "first seen by trivy trivy.json",
        "fixed",
    ]


@pytest.mark.requirement("SEC-02")
@pytest.mark.parametrize(
    "later",
    [
        {"error": "the database could not be read"},
        {"population": 0},
        {"population": 49},
        {"name": "other.json"},
        {"name": "trivy-5f2a91bc.json"},
        {"environment": "production"},
        {"position": -1},
        {"facts": {"skipped": 1}},
        {"facts": {"failed": 1}},
    ],
)
def test_a_report_that_looked_at_less_closes_nothing(later):
    assert World().look(0, found()).look(1, **later).case(2).standing is Standing.OPEN


@pytest.mark.requirement("SEC-02")
def test_of_one_commit_nothing_is_repaired_by_looking_at_less():
    world = World().look(0, found(), commit="a" * 40).look(1, commit="a" * 40, population=99)
    assert world.case(2).standing is Standing.OPEN
    assert world.look(3, commit="a" * 40, population=98).case(4).standing is Standing.OPEN
    assert world.look(5, commit="a" * 40).case(6).standing is Standing.FIXED


def test_of_the_next_commit_less_is_a_repair_and_what_it_had_itself_is_not():
    other = found("CVE-2026-2")
    world = World().look(0, found(), commit="a" * 40)
    world.look(1, other, commit="b" * 40, population=90, position=1).look(2, commit="b" * 40, population=60, position=1)
    assert {case.title: case.standing for case in world.cases(3)} == {
        "CVE-2026-1": Standing.FIXED,
        "CVE-2026-2": Standing.OPEN,
    }


def test_vex_is_withdrawn_by_a_shorter_report_of_one_commit():
    vex = {"kind": "openvex", "name": "vex.json", "commit": "a" * 40}
    said = [found(state=State.NOT_AFFECTED), found("CVE-2026-2", state=State.NOT_AFFECTED)]
    world = World().look(0, found()).look(1, *said, **vex, population=2).look(2, said[1], **vex, population=1)
    assert world.case(3).standing is Standing.OPEN


def test_a_failed_check_that_is_a_finding_was_looked_at():
    world = World().look(0, found(), found("CVE-2026-2"), kind="checkov", facts={"failed": 2})
    world.look(1, found(), kind="checkov", facts={"failed": 1})
    assert [case.standing for case in world.cases(2)] == [Standing.OPEN, Standing.FIXED]


def test_the_report_that_had_it_last_is_named_and_not_the_one_that_skipped_it():
    world = World().look(0, found(), commit="a" * 40).look(1, commit="b" * 40, position=1, facts={"skipped": 1})
    assert world.case(2).still_in == ("trivy trivy.json of aaaaaaaaaaaa (entry 0)",)
    world.look(3, commit="b" * 40, position=1)
    assert world.case(4).still_in == ()


def test_what_is_gone_may_take_half_of_the_population_with_it():
    assert World().look(0, found()).look(1, population=50).case(2).standing is Standing.FIXED


def test_a_failed_report_between_two_does_not_lower_what_the_next_must_look_at():
    world = World().look(0, found()).look(1, population=40).look(2, population=30)
    assert world.case(3).standing is Standing.OPEN


def test_where_the_population_is_what_was_found_less_of_it_is_a_repair():
    many = [found(rule="DL3006", path=f"Dockerfile.{n}") for n in "abcdefgh"]
    world = World().look(0, *many, kind="hadolint", population=8).look(1, many[0], kind="hadolint", population=1)
    assert [case.standing for case in world.cases(2)] == [Standing.OPEN] + [Standing.FIXED] * 7


def test_a_clean_report_of_an_older_commit_closes_nothing_and_its_finding_opens_nothing():
    world = World().look(0, found(), position=5).look(1, position=4)
    assert world.case(2).standing is Standing.OPEN
    world = World().look(0, position=5).look(1, found(), position=4)
    assert world.case(2).standing is Standing.FIXED
    assert world.look(10, found(), position=6).case(11).first_seen == START + HOUR


def test_a_report_of_weak_assurance_opens_and_does_not_close():
    weak = Voice(holder="eve", assurance=Assurance.DECLARED)
    world = World().look(0, found(), voice=weak).look(1, voice=weak)
    assert world.cases(2, Assurance.RAN)[0].standing is Standing.OPEN
    assert world.cases(2, Assurance.DECLARED)[0].standing is Standing.FIXED


@pytest.mark.requirement("SEC-02")
def test_what_was_fixed_and_comes_back_goes_on_with_the_time_that_was_left():
    world = World().look(0, found()).look(24).look(1000, found())
    case = world.case(1001)
    assert (case.standing, case.regressions, world.left(1001)) == (Standing.OPEN, 1, 7 * 24 - 25)
    assert facts_of([case], START)["regressions"] == 1


def test_a_report_may_be_split_or_named_otherwise_if_the_team_says_so():
    policy = FindingsPolicy(
        replaced=(Replaced(report="trivy/*", by="sarif/all.sarif", reason="the action was renamed and writes SARIF"),)
    )
    for declared, standing in ((policy, Standing.FIXED), (FindingsPolicy(), Standing.OPEN)):
        world = World(declared).look(0, found()).look(1, kind="sarif", name="all.sarif")
        assert world.case(2).standing is standing


@pytest.mark.requirement("SEC-02")
def test_vex_stops_the_clock_and_where_it_is_withdrawn_it_goes_on():
    said = found(state=State.NOT_AFFECTED, package="pkg:pypi/jinja2")
    world = World().look(0, found()).look(24, said, kind="openvex", name="vex.json")
    assert world.case(30).standing is Standing.NOT_AFFECTED
    world.look(100, kind="openvex", name="vex.json")
    assert (world.case(101).standing, world.left(101)) == (Standing.OPEN, 7 * 24 - 25)
    assert not world.case(101).regressions


@pytest.mark.parametrize(
    "said",
    [
        {"package": ""},
        {"package": "pkg:pypi/other"},
        {"package": "pkg:pypi/jinja2@3.1.1"},
        {"state": State.UNDER_INVESTIGATION},
        {"state": State.FIXED},
    ],
)
def test_vex_on_something_else_stops_nothing(said):
    given = {"state": State.NOT_AFFECTED, "package": "pkg:pypi/jinja2", **said}
    world = World().look(0, found()).look(1, found(**given), kind="openvex", name="vex.json")
    assert [case.standing for case in world.cases(2) if case.package == "pkg:pypi/jinja2"] == [Standing.OPEN]


def test_vex_that_came_first_counts_when_it_is_found():
    said = found(state=State.NOT_AFFECTED, package="pkg:pypi/jinja2@3.1.2")
    world = World().look(0, said, kind="openvex", name="vex.json").look(1, found())
    assert world.case(2).standing is Standing.NOT_AFFECTED
    world.look(3, found(package="pkg:pypi/jinja2@3.1.3"))
    assert world.case(4).standing is Standing.OPEN


def test_two_vulnerabilities_that_somebody_calls_one_take_a_word_on_each():
    both = World().look(0, found("CVE-2026-1", "CVE-2026-2"))
    one, other = (found(each, state=State.NOT_AFFECTED) for each in ("CVE-2026-1", "CVE-2026-2"))
    both.look(1, one, kind="openvex", name="vex.json")
    assert both.case(2).standing is Standing.OPEN
    both.look(3, one, other, kind="openvex", name="vex.json")
    assert both.case(4).standing is Standing.NOT_AFFECTED


def waiver(**changes):
    given = {
        "id": "W1",
        "finding": "CVE-2026-1",
        "subject": "pkg:pypi/jinja2",
        "reason": "the template is not from users",
        "mitigation": "the sandbox is on, and it is watched",
        "owner": "ben",
        "approvers": ("ada", "cyd"),
        "created": START + DAY,
        "expires": START + 30 * DAY,
    }
    return Waiver(**{**given, **changes})


def signed(waiver, *holders, at=24):
    return Approvals(
        [Approval(waiver=waiver.id, digest=waiver.digest, holder=holder, at=START + at * HOUR) for holder in holders]
    )


def accepted_by(given, *holders, at=24):
    return {"waivers": [given], "approvals": signed(given, *holders, at=at)}


@pytest.mark.requirement("SEC-03", "GAT-04")
def test_an_accepted_risk_stops_the_clock_and_its_lapse_reopens_it_with_the_time_that_was_left():
    world, by = World().look(0, found()), accepted_by(waiver(), "ada", "cyd")
    case = world.case(48, **by)
    assert (case.standing, case.accepted_by, world.left(48, **by)) == (Standing.ACCEPTED, ("W1",), 6 * 24)
    lapsed = 30 * 24
    assert world.case(lapsed - 1, **by).standing is Standing.ACCEPTED
    assert (world.case(lapsed, **by).standing, world.left(lapsed, **by)) == (Standing.OPEN, 6 * 24)
    assert world.case(lapsed + 6 * 24 + 1, **by).is_overdue(START + (lapsed + 6 * 24 + 1) * HOUR)
    told = [each.what for each in world.case(lapsed, **by).history]
    assert told[1:] == [
        "accepted until 2026-03-31 12:00 (W1): the sandbox is on, and it is watched",
        "the waiver W1 lapsed",
    ]


@pytest.mark.requirement("SEC-03")
def test_the_clock_runs_until_the_last_signature():
    assert World().look(0, found()).left(80, **accepted_by(waiver(), "ada", "cyd", at=72)) == 4 * 24


@pytest.mark.requirement("SEC-03", "GAT-04")
@pytest.mark.parametrize(
    ("changes", "holders", "why"),
    [
        ({}, ("ada",), "cyd did not approve it as it is now"),
        ({}, (), "ada and cyd did not approve it as it is now"),
        ({"approvers": ("ada",)}, ("ada",), "it names 1 of the 2 approvers that this takes"),
        ({"created": START + 3 * DAY}, ("ada", "cyd"), "it begins at 2026-03-04T12:00:00.000000Z"),
        ({"expires": START + 2 * DAY}, ("ada", "cyd"), "it ended at 2026-03-03T12:00:00.000000Z"),
    ],
)
def test_a_waiver_that_does_not_count_says_why(changes, holders, why):
    given = waiver(**changes)
    case = World().look(0, found()).case(48, **accepted_by(given, *holders))
    assert case.standing is Standing.OPEN
    assert case.refused == (f"the waiver W1 does not count: {why}",)


@pytest.mark.parametrize(
    "changes", [{"finding": "CVE-2026-2"}, {"subject": "pkg:pypi/other"}, {"subject": "pkg:pypi/jinja2@3.1.1"}]
)
def test_a_waiver_covers_what_it_names_and_no_more(changes):
    case = World().look(0, found()).case(48, **accepted_by(waiver(**changes), "ada", "cyd"))
    assert (case.standing, case.refused) == (Standing.OPEN, ())


def test_an_edited_waiver_takes_new_signatures():
    approvals = signed(waiver(), "ada", "cyd")
    longer = waiver(expires=START + 60 * DAY)
    assert World().look(0, found()).case(48, waivers=[longer], approvals=approvals).standing is Standing.OPEN


def test_one_signature_is_enough_for_a_medium_risk_until_it_is_raised():
    given = waiver(approvers=("ada",))
    world = World().look(0, found(risk=Risk.MEDIUM))
    assert world.case(48, **accepted_by(given, "ada")).standing is Standing.ACCEPTED
    exploited = Threats(exploited=frozenset({"CVE-2026-1"}))
    assert world.case(48, **accepted_by(given, "ada"), threats=exploited).standing is Standing.OPEN


def test_a_weakness_is_accepted_by_its_id_at_its_path():
    world = World().look(0, found(rule="a.eval", path="src/a.py", line=4, fingerprint="f1"))
    given = waiver(finding=world.case(1).id, subject="src/a.py")
    assert world.case(48, **accepted_by(given, "ada", "cyd")).standing is Standing.ACCEPTED
    world.look(30, *(found(rule="a.eval", path=f"src/{name}.py", fingerprint="f1") for name in "ab"))
    assert world.case(48, **accepted_by(given, "ada", "cyd")).standing is Standing.OPEN


def test_accepting_one_weakness_accepts_no_other_in_the_file():
    world = World().look(0, *(found(rule="eval", path="a.py", fingerprint=each) for each in ("f1", "f2")))
    given = waiver(finding=world.cases(1)[0].id, subject="a.py")
    by = accepted_by(given, "ada", "cyd")
    assert sorted(case.standing for case in world.cases(48, **by)) == [Standing.ACCEPTED, Standing.OPEN]


@pytest.mark.parametrize(
    ("risk", "threats", "cvss", "judged"),
    [
        (Risk.LOW, Threats(exploited=frozenset({"CVE-2026-1"})), None, Risk.CRITICAL),
        (Risk.MEDIUM, Threats(probability={"CVE-2026-1": 0.6}, threshold=0.5), None, Risk.HIGH),
        (Risk.HIGH, Threats(probability={"CVE-2026-1": 0.5}, threshold=0.5), None, Risk.CRITICAL),
        (Risk.CRITICAL, Threats(probability={"CVE-2026-1": 0.9}, threshold=0.5), None, Risk.CRITICAL),
        (Risk.MEDIUM, Threats(probability={"CVE-2026-1": 0.4}, threshold=0.5), None, Risk.MEDIUM),
        (Risk.MEDIUM, Threats(cvss=True), 9.8, Risk.CRITICAL),
        (Risk.CRITICAL, Threats(cvss=True), 1.0, Risk.CRITICAL),
        (Risk.MEDIUM, Threats(), 9.8, Risk.MEDIUM),
    ],
)
def test_what_is_known_of_exploitation_raises_a_risk_and_never_lowers_it(risk, threats, cvss, judged):
    case = World(threats=threats).look(0, found(risk=risk, cvss=cvss)).case(1)
    assert case.risk is judged
    assert bool(case.raised) == (risk is not judged)


def test_findings_without_a_risk_are_counted_until_the_team_says_what_their_levels_are():
    lint = found(rule="no-eval", path="a.js", exposed=False)
    world = World().look(0, lint, kind="sarif")
    assert world.cases(1) == []
    assert [look.unrated for look in world.ledger().unrated(["sarif"])] == [1]
    assert world.ledger().unrated(["trivy"]) == []
    rated = World(FindingsPolicy(rated=(Rated(report="sarif"),))).look(0, lint, kind="sarif")
    assert rated.case(1).risk is Risk.HIGH
    assert rated.ledger().unrated(["sarif"]) == []


def test_a_report_that_is_gone_may_have_seen_it_first():
    lost = [Lost(kind="trivy", at=START - 9 * DAY), Lost(kind="trivy", at=START - 2 * DAY)]
    assert World(lost=lost).look(0, found()).case(1).first_seen == START - 9 * DAY
    assert World(lost=lost).look(-100).look(0, found()).case(1).first_seen == START - 2 * DAY
    assert World(lost=[Lost(kind="grype", at=START - DAY)]).look(0, found()).case(1).first_seen == START
    assert World(lost=[Lost(kind=None, at=START - DAY)]).look(0, found()).case(1).first_seen == START - DAY


def test_a_team_may_be_stricter_and_needs_a_reason_to_be_milder():
    world = World(FindingsPolicy(sla=Sla(high=Sla().critical))).look(0, found())
    assert world.left(1) == 23
    longer = Sla().medium
    with pytest.raises(ValueError, match=r"takes a `reason`.*\(critical\)"):
        Sla(critical=longer)
    assert Sla(critical=longer, reason="the regulator allows a month for it").critical == longer


def test_the_worst_comes_first():
    world = World().look(
        0,
        *(
            found(f"CVE-2026-{n}", risk=risk)
            for n, risk in enumerate((Risk.LOW, Risk.CRITICAL, Risk.MEDIUM, Risk.HIGH))
        ),
    )
    assert [case.risk for case in world.cases(1)] == [Risk.CRITICAL, Risk.HIGH, Risk.MEDIUM, Risk.LOW]


names = st.lists(st.sampled_from([f"CVE-2026-{n}" for n in range(4)] + ["GHSA-a", "GHSA-b"]), min_size=1, max_size=2)
findings = st.builds(
    lambda aliases, package, tool, risk: found(*aliases, package=package, tool=tool, risk=risk),
    names,
    st.sampled_from(["", "pkg:pypi/a@1", "pkg:pypi/a@2", "pkg:pypi/b@1"]),
    st.sampled_from(["x", "y"]),
    st.sampled_from(list(Risk)),
)
reports = st.tuples(
    st.integers(0, 400),
    st.lists(findings, max_size=4),
    st.sampled_from(["a.json", "b.json"]),
    st.sampled_from([None, None, None, "broke"]),
    st.integers(0, 2),
)


def world_of(given):
    world = World()
    for at, has, name, error, position in given:
        world.look(at, *has, name=name, error=error, position=position)
    return world


def essence(cases):
    return {(case.id, case.first_seen, case.risk, case.standing, case.names) for case in cases}


@pytest.mark.requirement("SEC-02")
@given(st.lists(reports, max_size=8, unique_by=lambda each: each[0]), st.randoms())
def test_the_order_in_which_reports_are_recorded_changes_nothing(given, random):
    assert essence(world_of(given).cases(500)) == essence(world_of(random.sample(given, len(given))).cases(500))


@pytest.mark.requirement("SEC-02")
@given(st.lists(reports, max_size=8, unique_by=lambda each: each[0]))
def test_a_report_that_is_imported_again_changes_nothing(given):
    assert essence(world_of(given).cases(500)) == essence(world_of([*given, *given]).cases(500))


@pytest.mark.requirement("SEC-02")
@given(st.lists(findings, max_size=6), st.integers(0, 6))
def test_one_report_or_two_give_the_same_cases(has, at):
    whole = World().look(0, *has, name="all.json").cases(1)
    split = World().look(0, *has[:at], name="one.json").look(0, *has[at:], name="other.json").cases(1)
    assert essence(whole) == essence(split)


@pytest.mark.requirement("SEC-02")
@given(st.lists(reports, min_size=1, max_size=6, unique_by=lambda each: each[0]), reports)
def test_no_report_makes_a_clock_start_later(given, more):
    """Nor does any make one of the cases vanish."""
    before, after = world_of(given).cases(500), world_of([*given, more]).cases(500)
    for case in before:
        again = [each for each in after if set(case.names) <= set(each.names) and case.package in {each.package, ""}]
        assert again
        assert all(each.first_seen <= case.first_seen for each in again)


@given(st.lists(reports, max_size=6, unique_by=lambda each: each[0]))
def test_time_that_passes_makes_nothing_better(given):
    early, late = (facts_of(cases, START + at * HOUR) for at in (500, 5000) for cases in [world_of(given).cases(at)])
    assert all(early[name] <= late[name] for name in early)
    assert early["open"] == late["open"]


def test_a_look_of_another_log_at_the_same_instant_is_no_regression():
    world = World().look(0, found()).look(24, name="other.json").look(24, found(), name="other.json")
    world.looks[1] = replace(world.looks[1], scope=world.looks[0].scope)
    assert (world.case(25).standing, world.case(25).regressions) == (Standing.OPEN, 0)


def test_two_vulnerabilities_that_somebody_calls_one_take_a_waiver_each():
    world = World().look(0, found("CVE-2026-1", "CVE-2026-2"))
    one, other = waiver(), waiver(id="W2", finding="CVE-2026-2")
    both = Approvals([*signed(one, "ada", "cyd").given, *signed(other, "ada", "cyd").given])
    assert world.case(48, waivers=[one], approvals=both).standing is Standing.OPEN
    assert world.case(48, waivers=[one, other], approvals=both).standing is Standing.ACCEPTED


def test_what_was_fixed_too_late_is_overdue_no_more():
    late = World().look(0, found()).look(500).cases(501)
    assert (facts_of(late, START + 501 * HOUR)["overdue"], late[0].deadline.is_over(START + 501 * HOUR)) == (0, True)
