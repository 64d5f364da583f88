"""Evidence of another record: taken in only if all of it holds, once, and with its original bytes."""

import dataclasses
import json
from base64 import b64decode, b64encode
from contextlib import closing
from datetime import timedelta

import pytest

from hardpoint.kernel import encoding
from hardpoint.kernel.database import Database
from hardpoint.kernel.evidence import Evidence, Producer, drafted, from_statement
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.identity.model import Trust, TrustedKey
from hardpoint.kernel.identity.voices import Voices
from hardpoint.kernel.problem import IntegrityProblem, Problem, UsageProblem
from hardpoint.kernel.record.bundle import export_bundle, read_bundle
from hardpoint.kernel.record.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from hardpoint.kernel.record.erasure import erase
from hardpoint.kernel.record.imported import (
    KIND,
    examine,
    export_evidence,
    original_of,
    take_in,
    verified_original,
)
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Damage
from hardpoint.kernel.record.proofs import leaf_hash
from hardpoint.kernel.record.reading import entry_at, newest_checkpoint, newest_headers, read_entries
from hardpoint.kernel.record.replica import Copy, own_note, pages_of, take_over
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.record.verification import verify_record

pytestmark = pytest.mark.requirement("GAT-14")
COMMIT = "a" * 40


def evidence(name="r.xml", failures=0, **changes):
    given = Evidence(
        kind="junit",
        name=name,
        service="keystone",
        producer=Producer(name="junit"),
        population=3,
        facts={"failures": failures},
        commit=COMMIT,
    )
    return dataclasses.replace(given, **changes)


@pytest.fixture
def elsewhere(tmp_path, now):
    """Makes a record of its own elsewhere, with that evidence."""
    opened = []

    def elsewhere(*said, signer, at=now):
        number = len(opened)
        database = Database.open(f"sqlite:///{tmp_path / f'elsewhere{number}.db'}")
        opened.append(database)
        database.install(TABLES)
        begin_record(database, signer)
        memory = Memory(tmp_path / f"seen{number}")
        record = Record(database, signer, lambda: at, memory, {signer.public})
        for each in said:
            record.append(drafted(each))
        return database, record

    yield elsewhere
    for database in opened:
        database.close()


@pytest.fixture
def job():
    """The key that jobs sign with."""
    return Signer.generate()


@pytest.fixture
def voices(signer, job):
    return Voices(
        trust=Trust(keys=(TrustedKey(key=signer.public, holder="ci"), TrustedKey(key=job.public, holder="job")))
    )


@pytest.fixture
def taken(record, database, voices, memory, now):
    """Takes a bundle in."""

    def taken(bundle, voices=voices, at=now):
        return take_in(record, examine(database, bundle, voices, memory, at))

    return taken


def test_it_is_taken_in_with_its_original_bytes(elsewhere, taken, database, job, signer, voices, memory):
    there, _ = elsewhere(evidence("a.xml"), evidence("b.xml"), signer=job)
    done = taken(export_evidence(there))
    assert (done.added, done.known, done.left_out) == (2, 0, ())
    for index in done.entries:
        entry, first = entry_at(database, index), entry_at(there, index)
        assert entry.header.kind == KIND
        assert (entry.header.subject, entry.header.topic) == (first.header.subject, first.header.topic)
        original = verified_original(entry.header, entry.payload, voices.keys)
        assert (original.header, original.payload, original.signature) == (first.header, first.payload, first.signature)
        assert original.recorder == job.public
        assert len(read_bundle(entry.payload).entries) == 1
    assert verify_record(database, voices.keys, memory).whole


def test_the_same_twice_adds_nothing(elsewhere, taken, database, job):
    there, record = elsewhere(evidence("a.xml"), signer=job)
    first = taken(export_evidence(there))
    record.append(drafted(evidence("b.xml")))
    second = taken(export_evidence(there))
    assert (first.added, second.added, second.known) == (1, 1, 1)
    assert taken(export_evidence(there)).added == 0
    assert len(newest_headers(database, 10)) == 2


def test_a_bundle_of_this_very_record_is_refused(record, database, taken):
    record.append(drafted(evidence()))
    with pytest.raises(UsageProblem, match="this very record"):
        taken(export_evidence(database))


def test_whoever_is_not_vouched_for_at_the_import_is_refused(elsewhere, taken, job, signer, now):
    there, _ = elsewhere(evidence(), signer=job, at=now - timedelta(days=9))
    for times in ({"until": now}, {"revoked": now}, {"from_": now + timedelta(days=1)}):
        trusted = (TrustedKey(key=signer.public, holder="ci"), TrustedKey(key=job.public, holder="job", **times))
        with pytest.raises(IntegrityProblem, match="not signed with a key that is trusted"):
            taken(export_evidence(there), voices=Voices(trust=Trust(keys=trusted)))


def test_only_evidence_is_taken_in(elsewhere, taken, job, draft):
    there, record = elsewhere(evidence("a.xml"), signer=job)
    record.append(draft(b"{}"))
    done = taken(export_bundle(there))
    assert (done.added, [each.why for each in done.left_out]) == (
        1,
        ["it is of kind 'note', and only evidence is taken in"],
    )


def test_an_import_is_not_handed_on(elsewhere, taken, database, job):
    there, _ = elsewhere(evidence(), signer=job)
    taken(export_evidence(there))
    with pytest.raises(UsageProblem, match="no such evidence of its own"):
        export_evidence(database)


def test_what_an_erased_entry_superseded_is_left_out(elsewhere, taken, job):
    there, record = elsewhere(evidence("a.xml"), evidence("a.xml", failures=1), evidence("b.xml"), signer=job)
    erase(there, record, 1, "private")
    bundle = export_evidence(there, service="keystone", commit=COMMIT)
    done = taken(bundle)
    assert done.added == 1
    assert {each.index: each.why for each in done.left_out} == {
        0: "entry 1, which took its place, lost its body",
        1: "its body is gone",
    }


def test_what_was_erased_here_does_not_come_back(elsewhere, taken, record, database, job):
    there, _ = elsewhere(evidence(), signer=job)
    (index,) = taken(export_evidence(there)).entries
    erase(database, record, index, "private")
    assert taken(export_evidence(there)).added == 0


def test_export_of_a_service_and_a_commit(elsewhere, job):
    other = evidence("b.xml", commit="b" * 40)
    there, _ = elsewhere(evidence("a.xml"), other, evidence("c.xml", service="other"), signer=job)
    assert [each.index for each in export_evidence(there).entries] == [0, 1, 2]
    assert [each.index for each in export_evidence(there, service="keystone").entries] == [0, 1]
    assert [each.index for each in export_evidence(there, commit=COMMIT).entries] == [0, 2]
    with pytest.raises(UsageProblem):
        export_evidence(there, service="nobody")


def test_all_or_nothing(elsewhere, taken, database, job):
    there, _ = elsewhere(*(evidence(f"{number}.xml") for number in range(5)), signer=job)
    bundle = export_evidence(there)
    last = dataclasses.replace(bundle.entries[-1], payload=bundle.entries[0].payload)
    with pytest.raises(IntegrityProblem):
        taken(dataclasses.replace(bundle, entries=(*bundle.entries[:-1], last)))
    assert newest_headers(database, 10) == []


def test_no_changed_byte_is_taken_in(elsewhere, record, database, voices, memory, now, job):
    """Every byte of a small bundle, one bit and one letter: refused, or the very bundle it was."""
    there, _ = elsewhere(evidence("a.xml"), evidence("b.xml"), signer=job)
    bundle = export_evidence(there)
    data = encoding.encode(bundle)
    for at in range(len(data)):
        for other in (data[at] ^ 1, ord("A")):
            changed = data[:at] + bytes([other]) + data[at + 1 :]
            try:
                read = read_bundle(changed)
                examine(database, read, voices, memory, now)
            except Problem:
                continue
            assert read == bundle


def forged(bundle, number, signer, **changes):
    """The bundle of a log that its writer forged: the statement is genuine, its header says something else."""
    entry = bundle.entries[number]
    header = encoding.encode({**json.loads(b64decode(entry.header)), "index": 0, **changes})
    checkpoint = Checkpoint("hardpoint/forged", 1, leaf_hash(header))
    entry = dataclasses.replace(entry, index=0, header=b64encode(header).decode(), proof=())
    return dataclasses.replace(bundle, checkpoint=sign_checkpoint(checkpoint, signer).decode(), entries=(entry,))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"topic": "x"},
        {"subject": "other"},
        {"kind": "evidence "},
        {"v": 2},
        {"at": "later"},
        {"at": "2026-03-31T14:00:00Z"},
    ],
)
def test_a_header_that_says_something_else_than_what_was_signed_is_refused(elsewhere, taken, job, changes):
    there, _ = elsewhere(evidence(), signer=job)
    try:
        added = taken(forged(export_evidence(there), 0, job, **changes)).added
    except IntegrityProblem:
        added = 0
    assert added == (0 if changes else 1)


def test_a_fork_of_what_was_seen_is_refused(elsewhere, taken, database, memory, voices, now, job, tmp_path):
    there, record = elsewhere(evidence("a.xml"), signer=job)
    copy = Database.open(f"sqlite:///{tmp_path / 'copy.db'}")
    with there.reading() as connection:
        pages = list(pages_of(connection, 1))
    copy.install(TABLES)
    take_over(copy, Copy(note=own_note(there), page=pages.__getitem__), [job.public])
    fork = Record(copy, job, lambda: now, Memory(tmp_path / "seen-fork"), {job.public})
    record.append(drafted(evidence("b.xml")))
    fork.append(drafted(evidence("b.xml", failures=1)))
    taken(export_evidence(there))
    with closing(copy), pytest.raises(IntegrityProblem, match="two histories"):
        taken(export_evidence(copy))
    assert len(newest_headers(database, 10)) == 2


def test_a_fork_is_seen_by_whoever_remembers_only_its_checkpoint(elsewhere, database, record, memory, voices, now, job):
    """A bundle shows the roots that its record had at each of its entries."""
    there, record_there = elsewhere(evidence("a.xml"), evidence("b.xml"), signer=job)
    first, _ = elsewhere(evidence("a.xml"), signer=job)
    seen = parse_checkpoint(newest_checkpoint(there))
    for number in range(3):
        record_there.append(drafted(evidence(f"{number}.xml")))
    memory.remember(seen)
    bundle = export_evidence(there)
    assert examine(database, bundle, voices, memory, now).drafts
    other = Memory(memory._folder / "other")
    other.remember(Checkpoint(seen.origin, seen.size, parse_checkpoint(newest_checkpoint(first)).root))
    with pytest.raises(IntegrityProblem, match="two histories"):
        examine(database, bundle, voices, other, now)


def test_what_somebody_imported_who_is_not_vouched_for_any_more_can_be_imported_again(
    elsewhere, taken, database, memory, signer, job, now
):
    there, _ = elsewhere(evidence(), signer=job)
    taken(export_evidence(there))
    new = Signer.generate()
    trusted = (
        TrustedKey(key=signer.public, holder="ci", revoked=now),
        TrustedKey(key=job.public, holder="job"),
        TrustedKey(key=new.public, holder="ci"),
    )
    after = Voices(trust=Trust(keys=trusted))
    again = Record(database, new, lambda: now, memory, {signer.public, new.public})
    done = take_in(again, examine(database, export_evidence(there), after, memory, now))
    assert (done.added, done.entries) == (1, (1,))
    assert take_in(again, examine(database, export_evidence(there), after, memory, now)).added == 0
    assert verify_record(database, after.keys, memory).whole


@pytest.mark.parametrize("harm", ["signature", "proof", "checkpoint", "header", "unstated"])
def test_verify_finds_an_import_that_does_not_hold(elsewhere, database, record, voices, memory, now, job, harm):
    """Whoever may append can write an import that never held: its own signature and place are right."""
    there, _ = elsewhere(evidence("a.xml"), evidence("b.xml"), signer=job)
    (draft, _) = examine(database, export_evidence(there), voices, memory, now).drafts
    bundle = read_bundle(draft.payload)
    (entry,) = bundle.entries
    other = export_evidence(there).entries[1]
    if harm == "unstated":
        lie = encoding.encode(forged(export_evidence(there), 0, job, topic="x"))
        draft = dataclasses.replace(draft, topic="x", payload=lie, unique="imported hardpoint/forged 0")
    elif harm == "header":
        draft = dataclasses.replace(draft, topic="x")
    elif harm == "checkpoint":
        note = bundle.checkpoint.replace("hardpoint/", "hardpoint/x")
        draft = dataclasses.replace(draft, payload=encoding.encode(dataclasses.replace(bundle, checkpoint=note)))
    else:
        changed = dataclasses.replace(entry, **{harm: getattr(other, harm)})
        draft = dataclasses.replace(draft, payload=encoding.encode(dataclasses.replace(bundle, entries=(changed,))))
    record.append(draft)
    (damage,) = verify_record(database, voices.keys, memory).damages
    assert damage.index == 0
    assert damage.damage in (Damage.EDIT, Damage.UNKNOWN_KEY)
    assert (damage.damage is Damage.UNKNOWN_KEY) == (harm == "checkpoint")
    assert verify_record(database, voices.keys, memory, signatures=False).whole


def test_verify_finds_an_import_of_an_unknown_key(elsewhere, taken, database, memory, signer, job):
    there, _ = elsewhere(evidence(), signer=job)
    taken(export_evidence(there))
    (damage,) = verify_record(database, [signer.public], memory).damages
    assert (damage.damage, damage.index) == (Damage.UNKNOWN_KEY, 0)


def test_originals_are_read_without_keys(elsewhere, taken, database, job):
    there, _ = elsewhere(evidence("a.xml"), signer=job)
    taken(export_evidence(there))
    (entry,) = read_entries(database, kind=KIND)
    assert from_statement(original_of(entry.payload).payload).name == "a.xml"
