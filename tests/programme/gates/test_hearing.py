"""Hearing a record whose bodies went, erased or archived: nothing that goes makes a verdict better."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.database import Database
from hardpoint.kernel.evidence import KIND, Assurance, Evidence, Producer, drafted
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.identity.model import Trust, TrustedKey
from hardpoint.kernel.identity.voices import voices_of
from hardpoint.kernel.record.archive import archivable, archive
from hardpoint.kernel.record.erasure import erase
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.scan import scanned
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.verdict import Answer
from hardpoint.programme.gates.condition import Condition
from hardpoint.programme.gates.hearing import Scope, hear_all, hear_gone
from hardpoint.programme.gates.judge import Hearing
from hardpoint.programme.gates.judge import judge as judged_by
from hardpoint.programme.gates.model import Gate, ReportCriterion
from hardpoint.programme.gates.standing import Subject


def scope_of(subject):
    return Scope(commits=frozenset({subject.commit}))


def judge(gate, subject, recorded, witnessed=None, gone=()):
    return judged_by(gate, subject, Hearing(recorded=recorded, witnessed=witnessed or {}, gone=gone))


NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
COMMIT = "a" * 40
TESTS = ReportCriterion(id="t", kind="report", report="junit", require={"failures": Condition("==", 0)})
GATE = Gate(name="merge", criteria=(TESTS,))

runs = st.builds(
    Evidence,
    kind=st.just("junit"),
    name=st.sampled_from(["unit.xml", "browser.xml"]),
    service=st.just("keystone"),
    producer=st.just(Producer(name="junit")),
    population=st.just(3),
    facts=st.sampled_from([{"failures": 0}, {"failures": 1}]),
    commit=st.sampled_from([*[COMMIT] * 8, "b" * 40, None]),
    dirty=st.sampled_from([False, False, False, False, True]),
    time=st.none() | st.integers(-8, 0).map(lambda hours: format_instant(NOW + timedelta(hours=hours))),
    assurance=st.just(Assurance.RAN),
)


PASSED = Evidence(
    kind="junit",
    name="unit.xml",
    service="keystone",
    producer=Producer(name="junit"),
    population=3,
    facts={"failures": 0},
    commit=COMMIT,
    assurance=Assurance.RAN,
)
FAILED = replace(PASSED, name="browser.xml", facts={"failures": 1})


class World:
    """A record that is said something to each hour, by ada and by somebody whom nobody trusts."""

    def __init__(self, folder):
        self.folder, self.ada, self.eve = folder, Signer.generate(), Signer.generate()
        self.database = Database.open(f"sqlite:///{folder / 'test.db'}")
        self.database.install(TABLES)
        self.hours = -8
        begin_record(self.database, self.ada)

    def record(self, by=None):
        keys, at = {self.ada.public, self.eve.public}, NOW + timedelta(hours=self.hours)
        return Record(self.database, by or self.ada, lambda: at, Memory(self.folder / "memory"), keys)

    def say(self, said, by=None):
        self.hours += 1
        self.record(by).append(drafted(said))

    def answer(self, until=None):
        trust = Trust(keys=(TrustedKey(key=self.ada.public, holder="ada"),))
        subject = Subject(service="keystone", commit=COMMIT, at=until or NOW, local=False)
        with scanned(self.database, Memory(self.folder / "memory")) as scan:
            recorded = hear_all(scan, voices_of(trust, (), (), None), subject, scope_of(subject), until=until)
            return judge(GATE, subject, recorded, gone=hear_gone(scan, subject, scope_of(subject), until=until)).answer


# Each example makes a store, so a fifth of the usual number.
@pytest.mark.requirement("GAT-02", "GAT-14")
@settings(max_examples=settings().max_examples // 5)
@given(
    st.lists(st.tuples(runs, st.sampled_from([False, False, False, True])), min_size=1, max_size=8),
    st.integers(-8, 1),
    st.booleans(),
    st.sets(st.integers(0, 7), max_size=2),
)
@example([(FAILED, False), (PASSED, False)], -6, True, set())
@example(
    [(FAILED, False), (replace(FAILED, facts={"failures": 0}, dirty=True), False), (PASSED, False)], 1, False, set()
)
@example([(FAILED, False), (PASSED, False)], -8, False, {0})
def test_neither_erasing_nor_archiving_turns_no_go_into_go(tmp_path_factory, said, before, newest_too, erased):
    world = World(tmp_path_factory.mktemp("world"))
    for evidence, by_eve in said:
        world.say(evidence, world.eve if by_eve and evidence.name == "unit.xml" else None)
    instants = [NOW + timedelta(hours=hours) for hours in range(-8, 1)]
    answers = [world.answer(until) for until in (None, *instants)]
    old = archivable(world.database, {KIND}, NOW + timedelta(hours=before), newest_too=newest_too).indexes
    if old:
        keys = [world.ada.public, world.eve.public]
        archive(world.database, world.record(), world.folder / "old.json", old, keys)
    for index in erased - set(old):
        if index < len(said):
            erase(world.database, world.record(), index, "privacy")
    after = [world.answer(until) for until in (None, *instants)]
    world.database.close()
    assert not [each for each in zip(answers, after, strict=True) if each == (Answer.NO_GO, Answer.GO)]


def test_the_world_of_this_test_has_both_answers(tmp_path):
    """Else the law above would hold of nothing."""
    world = World(tmp_path)
    assert world.answer() is Answer.NO_GO
    world.say(PASSED)
    assert world.answer() is Answer.GO
    world.database.close()
