"""Waivers at the judge: when one counts, what it covers, and that both answers are told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.programme.gates.test_judge import ADA, DOCS, NOBODY, NOW, SUBJECT, TESTS, checked, recorded

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.evidence import Assurance
from hardpoint.kernel.identity.voices import Voice
from hardpoint.kernel.verdict import Answer, Verdict
from hardpoint.kernel.waiver import APPROVAL, Waiver, topic_name
from hardpoint.programme.gates.judge import Hearing, judge
from hardpoint.programme.gates.model import Gate
from hardpoint.programme.gates.upkeep import UNUSED, upkeep

BOB = Voice(holder="bob", assurance=Assurance.RAN)
CEO = Voice(holder="cleo", assurance=Assurance.RAN)
WAIVER = Waiver(
    id="W-1",
    criterion="merge/tests",
    reason="the browser farm is down until Thursday",
    mitigation="we tested by hand and watch the error rate",
    owner="ada",
    approvers=("bob",),
    created=NOW - timedelta(days=1),
    expires=NOW + timedelta(days=7),
)
FAILED = recorded(0, failures=1)
GATE = Gate(name="merge", criteria=(TESTS,))


def approval(waiver=WAIVER, voice=BOB, entry=50, **facts):
    said = {"waiver": waiver.id, "digest": waiver.digest, **facts}
    name = topic_name(waiver.id, voice.holder)
    return recorded(entry, kind=APPROVAL, name=name, facts=said, commit=None, voice=voice)


def decided(*heard, waivers=(WAIVER,), gate=GATE, subject=SUBJECT):
    return judge(gate, subject, Hearing(recorded=heard, waivers=waivers))


@pytest.mark.requirement("GAT-12", "GAT-01")
def test_a_waiver_that_is_approved_covers_its_criterion_and_both_answers_are_told():
    decision = decided(FAILED, approval())
    (only,) = decision.criteria
    assert (decision.answer, decision.without_waivers) == (Answer.GO_BY_WAIVER, Answer.NO_GO)
    assert (only.verdict, only.before, only.waiver) == (Verdict.WAIVED, Verdict.FAIL, "W-1")
    assert only.reason.startswith("waived until 2026-04-07T14:00:00.000000Z (W-1): failures is 1")


def test_what_holds_needs_no_waiver_and_uses_none():
    decision = decided(recorded(0), approval())
    assert (decision.answer, decision.without_waivers) == (Answer.GO, Answer.GO)
    assert decision.criteria[0].waiver == ""


@pytest.mark.requirement("GAT-12")
@pytest.mark.parametrize(
    ("heard", "waiver", "why"),
    [
        ([], WAIVER, "bob did not approve it as it is now"),
        ([approval(voice=NOBODY)], WAIVER, "bob did not approve"),
        ([approval(voice=replace(BOB, why_not="revoked"))], WAIVER, "bob did not approve"),
        ([approval(voice=ADA)], WAIVER, "bob did not approve"),
        ([approval(replace(WAIVER, id="W-2"))], WAIVER, "bob did not approve"),
        ([approval()], replace(WAIVER, reason="something else that we made up"), "bob did not approve it as it is now"),
        ([approval()], replace(WAIVER, expires=NOW + timedelta(days=8)), "bob did not approve it as it is now"),
        ([approval()], replace(WAIVER, approvers=("bob", "cleo")), "bob and cleo did not approve"),
    ],
)
def test_an_approval_that_does_not_count_is_told(heard, waiver, why):
    decision = decided(FAILED, *heard, waivers=[waiver])
    assert decision.answer is Answer.NO_GO
    assert f"the waiver W-1 does not count: {why}" in decision.criteria[0].reason


def test_every_approver_has_to_sign():
    two = replace(WAIVER, approvers=("bob", "cleo"))
    assert decided(FAILED, approval(two), waivers=[two]).answer is Answer.NO_GO
    both = approval(two), approval(two, CEO, 51)
    assert decided(FAILED, *both, waivers=[two]).answer is Answer.GO_BY_WAIVER


@pytest.mark.requirement("GAT-12")
@pytest.mark.parametrize(
    ("at", "answer", "why"),
    [
        (WAIVER.created - timedelta(microseconds=1), Answer.NO_GO, "it begins at"),
        (WAIVER.created, Answer.GO_BY_WAIVER, ""),
        (WAIVER.expires - timedelta(microseconds=1), Answer.GO_BY_WAIVER, ""),
        (WAIVER.expires, Answer.NO_GO, "it ended at"),
    ],
)
def test_it_counts_from_its_beginning_until_its_end(at, answer, why):
    early = WAIVER.created - timedelta(days=2)
    heard = recorded(0, failures=1, at=early), replace(approval(), at=format_instant(early))
    heard = heard[0], replace(heard[1], evidence=replace(heard[1].evidence, time=format_instant(early)))
    decision = decided(*heard, subject=replace(SUBJECT, at=at))
    assert decision.answer is answer
    assert why in decision.criteria[0].reason


@pytest.mark.requirement("GAT-12")
@pytest.mark.parametrize(
    ("covers", "waived"),
    [
        ("stale", {Verdict.STALE}),
        ("missing", {Verdict.STALE, Verdict.MISSING}),
        ("fail", {Verdict.STALE, Verdict.MISSING, Verdict.FAIL}),
    ],
)
def test_it_covers_what_it_names_at_worst_and_never_what_cannot_be_judged(covers, waived):
    waiver = replace(WAIVER, covers=covers)
    old = recorded(0, at=NOW - timedelta(days=3))
    shown = {
        Verdict.STALE: [old],
        Verdict.MISSING: [],
        Verdict.ERROR: [recorded(0, error="broke")],
        Verdict.FAIL: [FAILED],
    }
    gate = Gate(name="merge", criteria=(replace(TESTS, max_age=Duration(86400)),))
    for verdict, heard in shown.items():
        decision = decided(*heard, approval(waiver), waivers=[waiver], gate=gate)
        assert (decision.criteria[0].before or decision.criteria[0].verdict) is verdict
        assert (decision.answer is Answer.GO_BY_WAIVER) is (verdict in waived)


@pytest.mark.requirement("GAT-02", "GAT-12")
def test_a_failure_beside_an_error_does_not_hide_the_error_from_the_waiver():
    broke = recorded(1, name="other.xml", error="broke")
    assert decided(broke, approval()).answer is Answer.NO_GO
    decision = decided(FAILED, broke, approval())
    assert (decision.answer, decision.criteria[0].verdict) == (Answer.NO_GO, Verdict.FAIL)
    assert "could not be judged, and that is never waived" in decision.criteria[0].reason


def test_it_covers_no_other_criterion_and_no_other_gate():
    both = Gate(name="merge", criteria=(TESTS, DOCS))
    assert decided(FAILED, checked(findings=1), approval(), gate=both).answer is Answer.NO_GO
    assert decided(FAILED, approval(), gate=replace(GATE, name="release")).answer is Answer.NO_GO


def test_a_blocking_criterion_is_waived_for_30_days_at_most_and_an_advisory_one_for_90():
    long = replace(WAIVER, expires=WAIVER.created + timedelta(days=31))
    assert "longer than 30 days" in decided(FAILED, approval(long), waivers=[long]).criteria[0].reason
    advisory = Gate(name="merge", criteria=(replace(TESTS, severity="advisory"), DOCS))
    decision = decided(FAILED, checked(), approval(long), waivers=[long], gate=advisory)
    assert (decision.answer, decision.criteria[1].verdict) == (Answer.GO, Verdict.WAIVED)


def test_of_two_waivers_the_one_that_counts_is_used():
    ended = replace(WAIVER, id="W-0", expires=NOW)
    decision = decided(FAILED, approval(), waivers=[ended, WAIVER])
    assert (decision.answer, decision.criteria[0].waiver) == (Answer.GO_BY_WAIVER, "W-1")


def test_witnesses_cannot_be_waived():
    gate = Gate(name="merge", criteria=(TESTS,), witnesses=1)
    waiver = replace(WAIVER, criterion="merge/witnesses")
    assert decided(recorded(0), approval(waiver), waivers=[waiver], gate=gate).answer is Answer.NO_GO


# What is declared.


@pytest.mark.requirement("GAT-12", "GAT-20")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"owner": "bob"}, "bob owns the waiver and cannot approve it"),
        ({"approvers": ("bob", "bob")}, "an approver stands twice"),
        ({"criterion": None}, "is about a `criterion`, a `finding` or a `contract`"),
        ({"finding": "CVE-2026-1", "subject": "pkg:pypi/x@1"}, "is about a `criterion`, a `finding` or a `contract`"),
        ({"criterion": None, "finding": "CVE-2026-1"}, "accepted for one `subject`"),
        ({"criterion": "tests"}, "GATE/CRITERION"),
        ({"expires": NOW + timedelta(days=90)}, "at most 90 days later"),
        ({"expires": WAIVER.created}, "after `created`"),
        ({"break_glass": True}, "at most 24 hours later"),
    ],
)
def test_what_no_waiver_can_be(changes, why):
    with pytest.raises(ValueError, match=why):
        replace(WAIVER, **changes)


@pytest.mark.requirement("GAT-20")
def test_broken_glass_counts_for_a_day_at_most():
    glass = replace(WAIVER, break_glass=True, created=NOW, expires=NOW + timedelta(hours=24))
    assert decided(FAILED, approval(glass), waivers=[glass]).answer is Answer.GO_BY_WAIVER
    later = replace(SUBJECT, at=NOW + timedelta(hours=24))
    assert decided(FAILED, approval(glass), waivers=[glass], subject=later).answer is Answer.NO_GO


def test_whatever_is_edited_changes_what_was_approved():
    edits = [
        {"id": "W-9"}, {"criterion": "merge/docs"}, {"covers": "stale"}, {"reason": WAIVER.reason + "!"},
        {"mitigation": WAIVER.mitigation + "!"}, {"owner": "eve"}, {"approvers": ("cleo",)},
        {"created": NOW}, {"expires": NOW + timedelta(days=2)},
    ]  # fmt: skip
    assert len({WAIVER.digest, *(replace(WAIVER, **each).digest for each in edits)}) == len(edits) + 1


@pytest.mark.requirement("GAT-12")
@pytest.mark.parametrize(
    "changes",
    [
        {"owner": "Bob "},
        {"approvers": ("bob", "BOB")},
        {"approvers": ("cleo", "ADA")},
        {"mitigation": " " * 40},
        {"reason": "-".ljust(40)},
    ],
)
def test_another_spelling_is_no_other_person_and_no_reason(changes):
    with pytest.raises(ValueError, match=r"cannot approve|stands twice|at least 20"):
        replace(WAIVER, **changes)


def test_a_waiver_that_cannot_help_is_not_said_to_be_needless():
    hearing = Hearing(recorded=(recorded(0, error="crashed"), approval()), waivers=(WAIVER,))
    decision = judge(GATE, SUBJECT, hearing)
    assert decision.answer is Answer.NO_GO
    assert UNUSED not in [each.text for each in upkeep([decision], hearing, NOW)]
