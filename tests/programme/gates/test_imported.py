"""Evidence of other records before the judge: by its first signer, at the import's time, in the order of events."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.database import Database
from hardpoint.kernel.evidence import Assurance, Evidence, Producer, drafted
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.identity.model import Producer as Speaker
from hardpoint.kernel.identity.model import Trust, TrustedKey
from hardpoint.kernel.identity.runners import KIND as IDENTITY
from hardpoint.kernel.identity.runners import identify
from hardpoint.kernel.identity.voices import voices_of
from hardpoint.kernel.record.bundle import export_bundle
from hardpoint.kernel.record.checkpoint import parse_checkpoint, sign_checkpoint
from hardpoint.kernel.record.erasure import erase
from hardpoint.kernel.record.imported import examine, export_evidence, take_in
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.record.scan import scanned
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.verdict import Verdict
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


pytestmark = pytest.mark.requirement("GAT-01", "GAT-14", "GAT-22")
COMMIT = "a" * 40


def evidence(failures=0, time=None, name="r.xml", commit=COMMIT, assurance=Assurance.RAN):
    return Evidence(
        kind="junit",
        name=name,
        service="keystone",
        producer=Producer(name="junit"),
        population=3,
        facts={"failures": failures},
        commit=commit,
        time=format_instant(time) if time else None,
        assurance=assurance,
    )


class World:
    """A shared record, and jobs with records of their own."""

    def __init__(self, folder, now, database, *, local=False):
        self.folder, self.now, self.database, self.local = folder, now, database, local
        self.collector, self.job = Signer.generate(), Signer.generate()
        self.trusted = {self.collector.public: {"holder": "collector"}, self.job.public: {"holder": "job"}}
        self.producers, self.authorities = (), ()
        self.opened = []
        database.install(TABLES)
        begin_record(database, self.collector)

    @property
    def voices(self):
        keys = tuple(TrustedKey(key=key, **about) for key, about in self.trusted.items())
        trust = Trust(keys=keys, producers=self.producers)
        own = self.collector.public if self.local else None
        return voices_of(trust, self.authorities, read_entries(self.database, kind=IDENTITY), own)

    def record(self, by=None, at=None):
        by = by or self.collector
        memory = Memory(self.folder / "memory")
        return Record(
            self.database, by, lambda: at or self.now, memory, {self.collector.public, by.public, *self.voices.keys}
        )

    def say(self, said, at=None):
        return self.record(at=at).append(drafted(said)).index

    def bundle(self, *said, by=None, at=None):
        """What a job hands in that recorded this at an instant."""
        by, at = by or self.job, at or self.now
        database = Database.open(f"sqlite:///{self.folder / f'job{len(self.opened)}.db'}")
        self.opened.append(database)
        database.install(TABLES)
        begin_record(database, by)
        memory = Memory(self.folder / f"job{len(self.opened)}")
        record = Record(database, by, lambda: at, memory, {by.public})
        for each in said:
            record.append(drafted(each))
        return export_evidence(database)

    def take(self, bundle, by=None, at=None, examined=None):
        at = at or self.now
        memory = Memory(self.folder / "memory")
        incoming = examine(self.database, bundle, self.voices, memory, examined or at)
        return take_in(self.record(by, at), incoming).entries

    def verdict(self, assurance=Assurance.DECLARED, at=None, until=None, commit=COMMIT):
        subject = Subject(service="keystone", commit=commit, at=at or self.now + timedelta(days=1), local=self.local)
        criterion = ReportCriterion(
            id="tests", kind="report", report="junit", require={"failures": Condition("==", 0)}, assurance=assurance
        )
        with scanned(self.database, Memory(self.folder / "memory")) as scan:
            recorded = hear_all(scan, self.voices, subject, scope_of(subject), until=until)
            gone = hear_gone(scan, subject, scope_of(subject), until=until)
        gate = Gate(name="merge", criteria=(criterion,))
        (judgement,) = judge(gate, subject, recorded, gone=gone).criteria
        self.reason = judgement.reason
        return judgement.verdict

    def close(self):
        for each in self.opened:
            each.close()


@pytest.fixture
def world(tmp_path, now, database):
    world = World(tmp_path, now, database)
    yield world
    world.close()


@pytest.mark.parametrize(("failures", "verdict"), [(0, Verdict.PASS), (1, Verdict.FAIL)])
def test_imported_evidence_counts_by_its_first_signer(world, failures, verdict):
    world.take(world.bundle(evidence(failures)))
    assert world.verdict() is verdict
    assert world.verdict(commit="b" * 40) is Verdict.MISSING


def test_it_is_never_ci(world):
    world.take(world.bundle(evidence(assurance=Assurance.CI)))
    assert world.verdict(Assurance.RAN) is Verdict.PASS
    assert world.verdict(Assurance.CI) is Verdict.MISSING
    assert "'ran'" in world.reason


def test_who_may_not_speak_is_not_heard_through_another(world):
    world.take(world.bundle(evidence()))
    world.producers = (Speaker(holder="collector"),)
    assert world.verdict() is Verdict.MISSING
    assert "job may not speak for keystone" in world.reason


@pytest.mark.parametrize("late", [False, True])
def test_a_runner_whose_token_stands_here_is_heard_until_it_ends_and_never_as_ci(world, now, issuing, late):
    """By the time of the import: that the job's own clock was within the token's life is only its word."""
    runner = Signer.generate()
    world.authorities = [issuing.authority]
    token = issuing.token(runner.public)
    world.record(by=runner).append(identify(token, runner.public, world.authorities, now))
    bundle = world.bundle(evidence(assurance=Assurance.CI), by=runner)
    note = sign_checkpoint(parse_checkpoint(bundle.checkpoint.encode()), world.collector)  # others append there too
    bundle = replace(bundle, checkpoint=note.decode())
    world.take(bundle, at=now + timedelta(hours=1 if late else 0), examined=now)
    assert world.verdict(Assurance.RAN) is (Verdict.MISSING if late else Verdict.PASS)
    assert world.verdict(Assurance.CI) is Verdict.MISSING


def test_trust_is_judged_at_the_import(world, now):
    """The job's clock says that its key counted; by the record's own it came after the end."""
    bundle = world.bundle(evidence(), at=now - timedelta(days=2))
    world.take(bundle)
    for times in ({"until": now}, {"revoked": now}, {"from_": now + timedelta(hours=1)}):
        world.trusted[world.job.public] = {"holder": "job", **times}
        assert world.verdict() is Verdict.MISSING
        assert "the key of job" in world.reason
    world.trusted[world.job.public] = {"holder": "job", "until": now + timedelta(hours=1)}
    assert world.verdict() is Verdict.PASS


@pytest.mark.parametrize("times", [{"until": 0}, {"revoked": 0}, {"from_": 1}])
def test_an_importer_who_is_not_vouched_for_is_not_heard(world, now, times):
    world.take(world.bundle(evidence()))
    world.trusted[world.collector.public] |= {name: now + timedelta(hours=hours) for name, hours in times.items()}
    assert world.verdict() is Verdict.MISSING
    assert "imported by somebody whom nobody vouched for" in world.reason


def test_an_unknown_importer_cannot_bring_genuine_evidence_in(world):
    stranger = Signer.generate()
    world.say(evidence(failures=1), at=world.now - timedelta(hours=1))
    world.take(world.bundle(evidence(time=world.now)), by=stranger)
    assert world.verdict() is Verdict.FAIL


def test_a_log_that_nobody_vouches_for_proves_nothing(world, now, tmp_path):
    """A stranger's log holds what a trusted key signed: where and when it stands there is the stranger's word."""
    stranger = Signer.generate()
    world.trusted[stranger.public] = {"holder": "stranger"}
    bundle = world.bundle(evidence())
    note = sign_checkpoint(parse_checkpoint(bundle.checkpoint.encode()), stranger).decode()
    world.take(replace(bundle, checkpoint=note))
    assert world.verdict() is Verdict.PASS
    world.trusted[stranger.public]["revoked"] = now
    assert world.verdict() is Verdict.MISSING
    del world.trusted[stranger.public]
    assert world.verdict() is Verdict.MISSING


OLD, NEW = timedelta(hours=-5), timedelta(hours=-1)


@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize(("old", "new"), [(0, 1), (1, 0)])
def test_old_evidence_that_comes_later_supersedes_nothing(world, now, timed, old, new):
    """Neither what was recorded here, nor what another job said meanwhile; and a newer failure is not lost."""
    expected = Verdict.FAIL if new else Verdict.PASS
    past = world.bundle(evidence(old, time=now + OLD if timed else None), at=now + OLD)
    world.say(evidence(new, time=now + NEW if timed else None), at=now + NEW)
    assert world.verdict() is expected
    world.take(past)
    assert world.verdict() is expected
    world.take(world.bundle(evidence(new, time=now + NEW if timed else None), at=now + NEW))
    assert world.verdict() is expected


@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize(("old", "new"), [(0, 1), (1, 0)])
def test_newer_evidence_supersedes_what_was_recorded_here_before(world, now, timed, old, new):
    world.say(evidence(old, time=now + OLD if timed else None), at=now + OLD)
    world.take(world.bundle(evidence(new, time=now + NEW if timed else None), at=now + NEW))
    assert world.verdict() is (Verdict.FAIL if new else Verdict.PASS)


def test_a_clock_that_runs_ahead_makes_an_import_no_newer_than_its_import(world, now):
    world.take(world.bundle(evidence(), at=now + timedelta(days=30)))
    world.say(evidence(failures=1), at=now + timedelta(minutes=1))
    assert world.verdict() is Verdict.FAIL


def test_of_two_logs_that_tie_both_stand(world, now):
    """Their order is not known, so a failure is not outvoted, whichever came in last."""
    passing, failing = (world.bundle(evidence(failures, time=now + OLD)) for failures in (0, 1))
    world.take(failing)
    world.take(passing)
    assert world.verdict() is Verdict.FAIL


def test_in_one_log_the_last_of_one_instant_stands(world, now):
    world.take(world.bundle(evidence(1, time=now + OLD), evidence(0, time=now + OLD)))
    assert world.verdict() is Verdict.PASS


@pytest.mark.parametrize("indexes", [[[0], [1]], [[1], [0]], [[0, 1], [0]]])
def test_one_log_keeps_its_order_however_its_bundles_come(world, now, indexes):
    world.bundle(evidence(1, time=now + OLD), evidence(0, time=now + OLD))
    for each in indexes:
        world.take(export_bundle(world.opened[0], each))
    assert world.verdict() is Verdict.PASS


def test_an_erased_topic_is_not_uncovered(world, now):
    """What was erased may have superseded the older import, whenever that comes in."""
    old = world.bundle(evidence(), at=now + OLD)
    index = world.say(evidence(failures=1), at=now + NEW)
    erase(world.database, world.record(), index, "private")
    world.take(old)
    assert world.verdict() is Verdict.MISSING
    world.take(world.bundle(evidence(time=now)))
    assert world.verdict() is Verdict.PASS


def test_an_erased_import_uncovers_nothing(world, now):
    world.say(evidence(), at=now + OLD)
    world.take(world.bundle(evidence(), at=now + OLD))
    (index,) = world.take(world.bundle(evidence(failures=1), at=now + NEW))
    assert world.verdict() is Verdict.FAIL
    erase(world.database, world.record(), index, "private")
    assert world.verdict() is Verdict.MISSING
    world.say(evidence(), at=now + timedelta(minutes=1))
    assert world.verdict() is Verdict.PASS


def test_a_verdict_of_before_the_import_can_be_reproduced(world, now):
    world.say(evidence(), at=now)
    world.take(world.bundle(evidence(failures=1), at=now + timedelta(minutes=1)), at=now + timedelta(minutes=2))
    assert world.verdict(until=now + timedelta(minutes=1)) is Verdict.PASS
    assert world.verdict() is Verdict.FAIL


def test_without_trusted_keys_ones_own_counts_locally(tmp_path, now, database):
    world = World(tmp_path, now, database, local=True)
    world.trusted = {}
    world.take(world.bundle(evidence(), by=world.collector))
    assert world.verdict() is Verdict.PASS
    world.local = False
    assert world.verdict() is Verdict.MISSING
    world.close()


said = st.tuples(st.integers(0, 1), st.sampled_from([None, -3, -2, -1]), st.sampled_from(["a.xml", "b.xml"]))


# Each example makes a store for each order, so a fifth of the usual number.
@settings(max_examples=settings().max_examples // 5)
@given(
    jobs=st.lists(st.tuples(st.lists(said, min_size=1, max_size=3), st.integers(-4, 0)), min_size=2, max_size=3),
    here=st.lists(said, max_size=2),
)
def test_the_order_of_imports_decides_nothing(tmp_path_factory, jobs, here):
    folder, now = tmp_path_factory.mktemp("world"), datetime(2026, 3, 31, 14, 0, tzinfo=UTC)

    def made(failures, hours, name):
        return evidence(failures, time=now + timedelta(hours=hours) if hours is not None else None, name=name)

    first = World(folder, now, Database.open(f"sqlite:///{folder / 'first.db'}"))
    bundles = [first.bundle(*(made(*each) for each in said), at=now + timedelta(hours=at)) for said, at in jobs]
    verdicts = set()
    for number, order in enumerate(itertools.permutations(bundles)):
        below = folder / str(number)
        world = World(below, now, Database.open(f"sqlite:///{folder / f'{number}.db'}"))
        world.trusted |= first.trusted
        for each in here:
            world.say(made(*each), at=now + timedelta(hours=-2))
        for bundle in order:
            world.take(bundle)
        verdicts.add(world.verdict())
        world.database.close()
    first.close()
    first.database.close()
    assert len(verdicts) == 1
