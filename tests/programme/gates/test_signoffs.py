"""Sign-offs at the judge: who signed exactly what stands now, and what makes them sign again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.programme.findings.test_ledger import World, found
from tests.programme.gates.test_judge import ADA, COMMIT, DOCS, NOW, OTHER, SUBJECT, TESTS, checked, recorded
from tests.programme.gates.test_waivers import BOB, CEO

from hardpoint.kernel.duration import Duration
from hardpoint.kernel.identity.voices import Voice
from hardpoint.kernel.verdict import Answer, Verdict
from hardpoint.programme.findings.ledger import Ledger
from hardpoint.programme.gates.condition import Condition
from hardpoint.programme.gates.judge import SIGNOFF, Hearing, judge, rests_on
from hardpoint.programme.gates.model import FindingsCriterion, Gate, SignoffCriterion

SECURITY = SignoffCriterion(id="security", kind="signoff", function="security")
GATE = Gate(name="launch", criteria=(TESTS, DOCS, SECURITY))
FUNCTIONS = {"security": frozenset({"ada", "bob"}), "product": frozenset({"cleo"})}
EVIDENCE = (recorded(0), replace(checked(), entry=1))


def seen(*heard, gate=GATE, subject=SUBJECT):
    return rests_on(gate, subject, Hearing(recorded=heard))


def signature(*heard, voice=ADA, entry=60, function="security", gate=GATE, **changes):
    facts = {"gate": gate.name, "function": function, "snapshot": seen(*heard, gate=gate)}
    name = f"{gate.name}/{function}/{voice.holder}"
    return recorded(entry, **{"kind": SIGNOFF, "name": name, "facts": facts, "voice": voice, **changes})


def signed_off(*heard, gate=GATE, functions=FUNCTIONS, subject=SUBJECT):
    decision = judge(gate, subject, Hearing(recorded=heard, functions=functions))
    found = next(each for each in decision.criteria if each.criterion == "security")
    assert bool(found.remedy) is (found.verdict is not Verdict.PASS)
    return decision.answer, found


@pytest.mark.requirement("GAT-11")
def test_a_gate_waits_for_its_signature():
    assert signed_off(*EVIDENCE)[0] is Answer.NO_GO
    answer, found = signed_off(*EVIDENCE, signature(*EVIDENCE))
    assert (answer, found.reason, found.value, found.threshold) == (Answer.GO, "signed off by ada", "1", ">= 1")
    assert found.evidence == (60,)


@pytest.mark.requirement("GAT-11")
@pytest.mark.parametrize(
    ("changes", "verdict", "why"),
    [
        ({"voice": CEO}, Verdict.MISSING, "nobody has signed it off"),
        ({"voice": replace(ADA, why_not="revoked")}, Verdict.MISSING, "nobody has signed it off"),
        ({"function": "product"}, Verdict.MISSING, "nobody has signed it off"),
        ({"commit": OTHER}, Verdict.MISSING, "nobody has signed it off"),
        ({"commit": None}, Verdict.MISSING, "nobody has signed it off"),
        ({"error": "broke"}, Verdict.MISSING, "nobody has signed it off"),
        ({"facts": {"gate": "launch", "function": "security", "snapshot": "0" * 64}}, Verdict.STALE, "no longer what"),
        ({"facts": {"gate": "launch", "function": "security"}}, Verdict.STALE, "no longer what"),
        ({"facts": {"gate": "merge", "function": "security"}}, Verdict.MISSING, "nobody has"),
    ],
)
def test_a_signature_that_does_not_count(changes, verdict, why):
    answer, found = signed_off(*EVIDENCE, signature(*EVIDENCE, **changes))
    assert (answer, found.verdict) == (Answer.NO_GO, verdict)
    assert why in found.reason


@pytest.mark.requirement("GAT-11")
def test_a_check_that_is_run_again_and_finds_the_same_leaves_the_signature():
    given = signature(*EVIDENCE)
    again = replace(checked(), entry=70), replace(EVIDENCE[0], entry=71)
    assert seen(*again) == seen(*EVIDENCE) == seen(*reversed(again))
    later = replace(SUBJECT, at=NOW + timedelta(hours=3))
    newer = recorded(72, at=NOW + timedelta(hours=3))
    assert signed_off(*EVIDENCE, given, *again, newer, subject=later)[0] is Answer.GO


@pytest.mark.requirement("GAT-11")
@pytest.mark.parametrize(
    "news",
    [
        recorded(70, failures=1),
        recorded(70, name="another.xml"),
        recorded(70, facts={"failures": 0, "tests": 9}),
        recorded(70, population=1),
        replace(checked(examined=4), entry=70),
    ],
)
def test_whatever_the_evidence_says_anew_has_to_be_signed_anew(news):
    given = signature(*EVIDENCE)
    answer, found = signed_off(*EVIDENCE, given, news)
    assert (answer, found.verdict) == (Answer.NO_GO, Verdict.STALE)


def test_a_signature_is_of_one_gate_service_commit_and_set_of_criteria():
    others = [
        seen(*EVIDENCE, gate=replace(GATE, name="other")),
        seen(*EVIDENCE, gate=replace(GATE, criteria=(TESTS, SECURITY))),
        seen(*EVIDENCE, subject=replace(SUBJECT, service="other")),
        seen(*EVIDENCE, subject=replace(SUBJECT, commit=OTHER)),
    ]
    assert len({seen(*EVIDENCE), *others}) == len(others) + 1
    assert seen(*EVIDENCE, subject=replace(SUBJECT, at=NOW + timedelta(days=9))) == seen(*EVIDENCE)


@pytest.mark.requirement("GAT-11")
def test_two_keys_of_one_person_are_one_person():
    two = Gate(name="launch", criteria=(TESTS, DOCS, replace(SECURITY, count=2)))
    first = signature(*EVIDENCE, gate=two)
    second_key = signature(*EVIDENCE, gate=two, entry=61, name="launch/security/ada's other key")
    answer, found = signed_off(*EVIDENCE, first, second_key, gate=two)
    assert (answer, found.value, found.reason) == (Answer.NO_GO, "1", "signed off by ada alone")
    assert signed_off(*EVIDENCE, first, signature(*EVIDENCE, gate=two, voice=BOB, entry=62), gate=two)[0] is Answer.GO


def test_a_function_that_nobody_holds_cannot_sign():
    found = signed_off(*EVIDENCE, signature(*EVIDENCE), functions={})[1]
    assert (found.verdict, found.remedy) == (Verdict.MISSING, "Name its holders under `trust.functions`")


@pytest.mark.requirement("GAT-11", "GAT-13")
def test_a_signature_may_grow_old():
    gate = Gate(name="launch", criteria=(TESTS, DOCS, replace(SECURITY, max_age=Duration(3600))))
    given = signature(*EVIDENCE, gate=gate)
    assert signed_off(*EVIDENCE, given, gate=gate)[0] is Answer.GO
    later = replace(SUBJECT, at=NOW + timedelta(hours=2))
    answer, found = signed_off(*EVIDENCE, given, gate=gate, subject=later)
    assert (answer, found.verdict, found.reason) == (Answer.NO_GO, Verdict.STALE, "a sign-off is too old")


def test_who_signs_in_two_functions_signs_twice():
    functions = {"security": frozenset({"ada"}), "security/lead": frozenset({"ada"})}
    as_lead = signature(*EVIDENCE, function="security/lead")
    assert signed_off(*EVIDENCE, as_lead, functions=functions)[0] is Answer.NO_GO


def test_the_signature_of_somebody_else_under_my_name_is_theirs():
    eve = Voice(holder="eve")
    assert signed_off(*EVIDENCE, signature(*EVIDENCE, voice=eve, name="launch/security/ada"))[0] is Answer.NO_GO
    assert EVIDENCE[0].evidence.commit == COMMIT


@pytest.mark.requirement("GAT-11")
def test_a_case_that_another_commit_or_place_adds_has_to_be_signed_anew():
    """Reports of other commits and of environments are not among what is heard, and change what is open."""
    scans = FindingsCriterion(id="scans", kind="findings", reports=("trivy",), require={"high": Condition("<=", 2)})
    gate = Gate(name="launch", criteria=(scans, SECURITY))
    heard = (recorded(0, kind="trivy", name="trivy.json"),)

    def hearing(*names, **heard_too):
        world = World()
        for name in names:
            world.look(-24, found(name), name=name)
        return Hearing(recorded=heard, functions=FUNCTIONS, ledger=Ledger(looks=world.looks), **heard_too)

    assert rests_on(gate, SUBJECT, hearing("CVE-2026-1")) == rests_on(gate, SUBJECT, hearing("CVE-2026-1"))
    facts = {"gate": "launch", "function": "security", "snapshot": rests_on(gate, SUBJECT, hearing("CVE-2026-1"))}
    given = recorded(60, kind=SIGNOFF, name="launch/security/ada", facts=facts)
    for names, answer in ((("CVE-2026-1",), Answer.GO), (("CVE-2026-1", "CVE-2026-2"), Answer.NO_GO)):
        decision = judge(gate, SUBJECT, replace(hearing(*names), recorded=(*heard, given)))
        assert (decision.answer, names) == (answer, names)
