"""What is heard of a statement whose header, which only the log signs, says something else than it does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardpoint.kernel.database import Database
from hardpoint.kernel.evidence import Evidence, Producer, drafted
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.identity.model import Trust, TrustedKey
from hardpoint.kernel.identity.voices import Voices
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Damage
from hardpoint.kernel.record.scan import scanned
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.record.verification import verify_record
from hardpoint.kernel.verdict import Verdict
from hardpoint.programme.gates.condition import Condition
from hardpoint.programme.gates.hearing import Scope, hear_all
from hardpoint.programme.gates.judge import Hearing
from hardpoint.programme.gates.judge import judge as judged_by
from hardpoint.programme.gates.model import Gate, ReportCriterion
from hardpoint.programme.gates.standing import Subject


def scope_of(subject):
    return Scope(commits=frozenset({subject.commit}))


def judge(gate, subject, recorded, witnessed=None, gone=()):
    return judged_by(gate, subject, Hearing(recorded=recorded, witnessed=witnessed or {}, gone=gone))


pytestmark = pytest.mark.requirement("GAT-01", "GAT-14")
COMMIT, OTHER = "a" * 40, "b" * 40


def statement(service="shop", **changes):
    given = {"kind": "junit", "name": "r", "commit": COMMIT, "population": 1, "facts": {"failures": 0}, **changes}
    return Evidence(service=service, producer=Producer(name="junit"), **given)


def judged(folder, now, *drafts):
    """The verdict on the tests of payments, and the damages of the record that holds these drafts."""
    signer, database = Signer.generate(), Database.open("sqlite://")
    try:
        database.install(TABLES)
        begin_record(database, signer)
        record = Record(database, signer, lambda: now, Memory(folder), {signer.public})
        for draft in drafts:
            record.append(draft)
        voices = Voices(trust=Trust(keys=(TrustedKey(key=signer.public, holder="ada"),)))
        subject = Subject(service="payments", commit=COMMIT, at=now + timedelta(hours=1), local=False)
        criterion = ReportCriterion(id="t", kind="report", report="junit", require={"failures": Condition("==", 0)})
        with scanned(database, Memory(folder)) as scan:
            heard = hear_all(scan, voices, subject, scope_of(subject))
        (judgement,) = judge(Gate(name="merge", criteria=(criterion,)), subject, heard).criteria
        damages = verify_record(database, [signer.public], Memory(folder)).damages
        return judgement, {(each.damage, each.index) for each in damages}
    finally:
        database.close()


def test_a_statement_of_another_service_is_nobodys_and_damage(tmp_path, now):
    genuine = drafted(statement("payments"))
    assert (judged(tmp_path, now, genuine)[0].verdict, judged(tmp_path, now, genuine)[1]) == (Verdict.PASS, set())
    judgement, damages = judged(tmp_path, now, replace(drafted(statement("shop")), subject="payments"))
    assert judgement.verdict is not Verdict.PASS
    assert "its header says something else than what was signed" in judgement.reason
    assert damages == {(Damage.EDIT, 0)}


said = st.builds(
    statement,
    service=st.sampled_from(["shop", "payments"]),
    kind=st.sampled_from(["junit", "sarif"]),
    name=st.sampled_from(["r", "s"]),
    commit=st.sampled_from([COMMIT, OTHER, None]),
    environment=st.sampled_from([None, "ci"]),
)


@given(genuine=said, header=said, kind=st.sampled_from(["evidence", "verdict", "note"]))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_statement_under_another_header_is_never_a_pass(tmp_path_factory, now, genuine, header, kind):
    """Whatever header it is put under; under its own it passes if it is of this service, kind and commit."""
    other = drafted(header)
    draft = replace(drafted(genuine), kind=kind, subject=other.subject, topic=other.topic)
    judgement, damages = judged(tmp_path_factory.mktemp("memory"), now, draft)
    own = draft == drafted(genuine)
    about = (genuine.service, genuine.kind, genuine.commit) == ("payments", "junit", COMMIT)
    assert (judgement.verdict is Verdict.PASS) is (own and about)
    assert damages == (set() if own else {(Damage.EDIT, 0)})
