"""Archiving on both databases: bodies go into a file, every proof stays, and nothing but an order lets them go."""

import hashlib
import json
import sqlite3
from base64 import b64encode
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import system_clock
from hardpoint.kernel.database import Database
from hardpoint.kernel.evidence import Binding, Evidence, Producer, drafted
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.problem import IntegrityProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record import archive as module
from hardpoint.kernel.record import verify_bundle as second
from hardpoint.kernel.record.archive import archivable, archive, finish, verify_archive
from hardpoint.kernel.record.bundle import export_bundle
from hardpoint.kernel.record.erasure import erase
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.model import Damage, Draft
from hardpoint.kernel.record.orders import read_archival, stored_orders, write_archival
from hardpoint.kernel.record.reading import entry_at
from hardpoint.kernel.record.replica import Copy, own_note, pages_of, take_over
from hardpoint.kernel.record.tables import TABLES, archived, entries
from hardpoint.kernel.record.verification import verify_record

SIZE = 10
EVIDENCE = Evidence(
    kind="junit",
    name="r.xml",
    service="org/a",
    producer=Producer(name="junit"),
    population=3,
    facts={"failures": 1},
    commit="a" * 40,
    time="2026-03-31T14:00:00.000000Z",
)
pytestmark = pytest.mark.requirement("GAT-14")


@pytest.fixture
def clock(now):
    """A day passes with each look; the entry N is recorded N days from now."""
    days = iter(range(1000))
    return lambda: now + timedelta(days=next(days))


@pytest.fixture
def record(record, database, signer, memory, clock):
    """Two topics that take turns, one entry of each being said by nobody after."""
    record = Record(database, signer, clock, memory, {signer.public})
    for number in range(SIZE):
        record.append(said(number, f"topic {number % 2}"))
    return record


def said(number, topic, kind="note"):
    payload = b'{"n": %d}' % number
    return Draft(kind=kind, subject="org/a", topic=topic, payload_type="application/json", payload=payload)


@pytest.fixture
def do(record, database, signer, tmp_path):
    """Archives entries into a file, by default the first four."""

    def do(*indexes, file="old.json"):
        return archive(database, record, tmp_path / file, indexes or range(4), [signer.public])

    return do


@pytest.fixture
def damages(database, signer, memory):
    def damages():
        return {(each.damage, each.index) for each in verify_record(database, [signer.public], memory).damages}

    return damages


def gone(database):
    with database.reading() as connection:
        wanted = sa.select(entries.c.leaf_index).where(entries.c.payload.is_(None)).order_by(entries.c.leaf_index)
        return list(connection.execute(wanted).scalars())


def force(database, statement):
    """Run a statement past the guards."""
    with database.writing() as connection:
        if database.dialect == "sqlite":
            connection.execute(sa.text("DROP TRIGGER hardpoint_entries_erase_only"))
        else:
            connection.execute(sa.text("ALTER TABLE hardpoint_entries DISABLE TRIGGER USER"))
        connection.execute(sa.text(statement))


def test_bodies_go_and_the_record_stays_whole(do, database, signer, memory, damages, tmp_path):
    root = verify_record(database, [signer.public], memory).root
    archival = do(0, 1, 2, 5)
    assert gone(database) == [0, 1, 2, 5]
    assert (archival.ranges, archival.order, archival.file) == (((0, 2), (5, 5)), SIZE, "old.json")
    assert damages() == set()
    with database.reading() as connection:
        assert export_bundle(database, [0]).entries[0].payload is None
        assert connection.execute(sa.select(archived)).all() == [(0, 2, SIZE), (5, 5, SIZE)]
    assert verify_record(database, [signer.public], memory).root != root
    assert verify_archive(database, (tmp_path / "old.json").read_bytes(), [signer.public]) == archival


def test_the_second_verifier_verifies_the_archive_alone(do, signer, tmp_path, capsys):
    do()
    assert second.main([str(tmp_path / "old.json"), "--key", f"ada={signer.public}"]) == 0
    assert "4 bodies verified, 0 absent" in capsys.readouterr().out


def test_a_bundle_says_where_a_body_is(do, database, signer, tmp_path, capsys):
    archival = do()
    file = tmp_path / "some.json"
    file.write_bytes(encoding.encode(export_bundle(database, [1, archival.order])))
    assert second.main([str(file), "--key", f"ada={signer.public}"]) == 0
    said = f"its body is archived in old.json (SHA-256 {archival.sha256}), as entry {SIZE} says"
    assert said in capsys.readouterr().out
    file.write_bytes(encoding.encode(export_bundle(database, [1])))
    assert second.main([str(file), "--key", f"ada={signer.public}"]) == 0
    assert "its body is absent, and no order that is shown says why" in capsys.readouterr().out


def test_what_may_go_is_old_superseded_and_of_its_kinds(record, database, now):
    def may(days, *, kinds=("note",), newest_too=False):
        found = archivable(database, kinds, now + timedelta(days=days), newest_too=newest_too)
        return list(found.indexes), found.newest

    assert may(4) == ([0, 1, 2, 3], 0)
    assert may(99) == ([*range(SIZE - 2)], 2)
    assert may(99, newest_too=True) == ([*range(SIZE)], 0)
    assert may(0) == may(99, kinds=("evidence",)) == ([], 0)


def test_what_another_key_said_newer_supersedes_nothing(record, database, memory, clock, now, signer):
    other = Signer.generate()
    Record(database, other, clock, memory, {signer.public, other.public}).append(said(99, "topic 0"))
    found = archivable(database, {"note"}, now + timedelta(days=99), newest_too=False)
    assert (found.indexes, found.newest) == (tuple(range(SIZE - 2)), 3)


def test_an_entry_after_a_later_instant_is_not_older(database, record, signer, memory, now):
    """A clock that went back makes nothing old."""
    Record(database, signer, lambda: now - timedelta(days=99), memory, {signer.public}).append(said(99, "topic 0"))
    Record(database, signer, lambda: now - timedelta(days=98), memory, {signer.public}).append(said(99, "topic 0"))
    found = archivable(database, {"note"}, now + timedelta(days=2), newest_too=False)
    assert found.indexes == (0, 1)


def test_one_file_takes_so_much(record, database, now, monkeypatch):
    monkeypatch.setattr(module, "MAX_BODIES_BYTES", 3 * module._ENTRY_BYTES + 100)
    found = archivable(database, {"note"}, now + timedelta(days=99), newest_too=True)
    assert (found.indexes, found.left) == ((0, 1, 2), SIZE - 3)
    monkeypatch.setattr(module, "MAX_BODIES_BYTES", 1)
    assert archivable(database, {"note"}, now + timedelta(days=99), newest_too=True).indexes == (0,)


def test_several_archives_follow_one_another(do, database, signer, damages, tmp_path):
    do(0, 2)
    do(1, 3, 4, file="second.json")
    assert gone(database) == [0, 1, 2, 3, 4]
    assert damages() == set()
    orders = stored_orders(database)
    assert [orders.archival_of(index).file for index in range(5)] == [
        *("old.json", "second.json", "old.json", "second.json", "second.json")
    ]


def test_a_file_that_exists_is_left_alone(do, database, tmp_path):
    (tmp_path / "old.json").write_text("mine")
    with pytest.raises(UsageProblem, match="exists already"):
        do()
    assert (gone(database), (tmp_path / "old.json").read_text()) == ([], "mine")
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_a_file_that_was_not_written_as_it_should_be_orders_nothing(do, database, signer, monkeypatch, tmp_path):
    monkeypatch.setattr(module.os, "fsync", lambda _: damage(tmp_path))
    with pytest.raises(IntegrityProblem, match="not written"):
        do()
    assert gone(database) == []
    assert stored_orders(database).archivals == []
    assert not (tmp_path / "old.json").exists()


def damage(folder):
    (draft,) = folder.glob(".old.json.*")
    draft.write_bytes(draft.read_bytes()[:-9])


def test_it_goes_on_where_it_was_interrupted(do, database, signer, damages, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(module, "_take_out", lambda *_: 0)
        archival = do()
    assert gone(database) == []
    content = (tmp_path / "old.json").read_bytes()
    assert finish(database, content, [signer.public]) == (archival, 4)
    assert gone(database) == [0, 1, 2, 3]
    assert finish(database, content, [signer.public]) == (archival, 0)
    assert damages() == set()


def test_what_was_erased_meanwhile_stays_erased(do, database, record, signer, damages, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(module, "_take_out", lambda *_: 0)
        do()
    erase(database, record, 1, "a secret")
    assert finish(database, (tmp_path / "old.json").read_bytes(), [signer.public])[1] == 3
    assert damages() == set()
    assert stored_orders(database).erasure_of(1) == SIZE + 1


@pytest.mark.parametrize("part", ["payload", "header", "signature", "proof", "checkpoint", "order", "missing"])
def test_an_archive_that_was_changed_does_not_hold(do, database, signer, tmp_path, part):
    do()
    changed = json.loads((tmp_path / "old.json").read_bytes())
    if part == "checkpoint":
        changed["checkpoint"] = changed["checkpoint"].replace("hardpoint/", "hardpoint/0", 1)
    elif part == "order":
        changed["entries"].reverse()
    elif part == "missing":
        changed["entries"].pop()
    else:
        entry = changed["entries"][1]
        entry[part] = entry[part][1:] if part == "proof" else b64encode(b"other").decode()
    with pytest.raises(UsageProblem, match="No entry of this record orders"):
        verify_archive(database, encoding.encode(changed), [signer.public])


def test_an_order_for_a_file_that_does_not_hold_lets_nobody_believe_it(record, database, signer):
    """Whoever may append may order anything; what the file holds is verified all the same."""
    bundle = json.loads(encoding.encode(export_bundle(database, [0, 1])))
    bundle["entries"][1]["payload"] = b64encode(b"other").decode()
    content = encoding.encode(bundle)
    digest = hashlib.sha256(content).hexdigest()
    record.append(order(write_archival("x", digest, [(0, 1)]), unique=f"archival:{digest}"))
    with pytest.raises(IntegrityProblem, match="Entry 1 of the bundle"):
        finish(database, content, [signer.public])
    whole = encoding.encode(export_bundle(database, [0, 1]))
    digest = hashlib.sha256(whole).hexdigest()
    record.append(order(write_archival("x", digest, [(0, 2)]), unique=f"archival:{digest}"))
    with pytest.raises(IntegrityProblem, match="does not hold the bodies"):
        finish(database, whole, [signer.public])
    assert gone(database) == []


def test_an_archive_of_another_record_is_refused(do, database, signer, tmp_path):
    """With the same keys, and an order for it here."""
    do()
    with_other = Database.open(f"sqlite:///{tmp_path / 'other.db'}")
    with_other.install(TABLES)
    begin_record(with_other, signer)
    memory = Memory(tmp_path / "other")
    theirs = Record(with_other, signer, system_clock, memory, {signer.public})
    for number in range(3):
        theirs.append(said(number, "t"))
    content = encoding.encode(export_bundle(with_other, [0, 1]))
    with_other.close()
    digest = hashlib.sha256(content).hexdigest()
    ours = Record(database, signer, system_clock, Memory(tmp_path / "ours"), {signer.public})
    ours.append(order(write_archival("x", digest, [(0, 1)]), unique=f"archival:{digest}"))
    with pytest.raises(IntegrityProblem, match="is not that of this record"):
        verify_archive(database, content, [signer.public])


def order(payload, unique=None, kind="archival"):
    return Draft(kind=kind, subject="x", payload_type="application/json", payload=payload, unique=unique)


def test_an_order_says_what_the_archived_evidence_is_bound_to(record, database, signer, tmp_path):
    index = record.append(drafted(EVIDENCE)).index
    archival = archive(database, record, tmp_path / "old.json", [0, index], [signer.public])
    assert archival.bound == {index: Binding(kind="junit", commit="a" * 40, time="2026-03-31T14:00:00.000000Z")}
    assert stored_orders(database).archivals == [archival]


def test_an_order_that_binds_evidence_to_something_else_takes_nothing_out(record, database, signer):
    index = record.append(drafted(EVIDENCE)).index
    content = encoding.encode(export_bundle(database, [index]))
    digest = hashlib.sha256(content).hexdigest()
    elsewhere = {index: Binding(kind="junit", commit="b" * 40)}
    payload = write_archival("x", digest, [(index, index)], elsewhere)
    record.append(order(payload, unique=f"archival:{digest}"))
    with pytest.raises(IntegrityProblem, match="does not hold the bodies"):
        finish(database, content, [signer.public])
    assert gone(database) == []


def test_an_order_about_evidence_that_it_does_not_archive_cannot_be():
    bound = Binding(kind="junit")
    with pytest.raises(UnreadableProblem, match="does not archive"):
        read_archival(SIZE, write_archival("x", "0" * 64, [(0, 1)], {2: bound}))
    twice = json.loads(write_archival("x", "0" * 64, [(0, 1)], {1: bound}))
    twice["predicate"]["evidence"] *= 2
    with pytest.raises(UnreadableProblem, match="does not archive"):
        read_archival(SIZE, encoding.encode(twice))


@pytest.mark.parametrize(
    "ranges", [[], [(0, 99)], [(SIZE, SIZE)], [(3, 2)], [(-1, 3)], [(0, 4), (4, 5)], [(0, 1), (2, 3)], [(5, 6), (0, 1)]]
)
def test_an_order_that_cannot_be_lets_nothing_go(record, database, damages, ranges):
    payload = write_archival("x", "0" * 64, ranges)
    with pytest.raises(UnreadableProblem):
        read_archival(SIZE, payload)
    record.append(order(payload))
    force(database, "UPDATE hardpoint_entries SET payload=NULL, salt=NULL, signature=NULL WHERE leaf_index = 4")
    assert damages() == {(Damage.DELETION, 4)}


def test_a_body_beside_those_of_the_order_is_missed(do, database, damages):
    do(0, 1, 3)
    force(database, "UPDATE hardpoint_entries SET payload=NULL, salt=NULL, signature=NULL WHERE leaf_index = 2")
    assert damages() == {(Damage.DELETION, 2)}


def test_an_order_to_erase_what_is_not_there_yet_orders_nothing(record, database, damages):
    record.append(order(b"{}", kind="erasure", unique=f"erasure:{SIZE + 1}"))
    record.append(said(1, "x"))
    force(
        database, f"UPDATE hardpoint_entries SET payload=NULL, salt=NULL, signature=NULL WHERE leaf_index = {SIZE + 1}"
    )
    assert damages() == {(Damage.DELETION, SIZE + 1)}


def test_an_order_stays(do, database, record, damages):
    archival = do()
    with pytest.raises(UsageProblem, match="orders an archival"):
        erase(database, record, archival.order, "why not")
    record.append(said(1, "x", kind="erasure"))
    force(database, f"UPDATE hardpoint_entries SET payload=NULL, salt=NULL, signature=NULL WHERE leaf_index = {SIZE}")
    assert damages() == {(Damage.DELETION, index) for index in (*range(4), SIZE)}


def test_what_is_archived_is_not_erased_again(do, database, record):
    do()
    with pytest.raises(UsageProblem, match="or archived"):
        erase(database, record, 1, "a secret")
    assert entry_at(database, 1).payload is None


def test_an_archived_record_is_taken_over(do, database, signer, tmp_path):
    do()
    with database.reading() as connection:
        pages = list(pages_of(connection, SIZE + 1))
    other = Database.open(f"sqlite:///{tmp_path / 'other.db'}")
    other.install(TABLES)
    assert take_over(other, Copy(note=own_note(database), page=pages.__getitem__), [signer.public]) == SIZE + 1
    assert verify_record(other, [signer.public], Memory(tmp_path / "none")).whole
    assert verify_archive(other, (tmp_path / "old.json").read_bytes(), [signer.public]).order == SIZE
    other.close()


def test_a_sqlite_file_gets_smaller(record, database, signer, tmp_path, clock):
    if database.dialect != "sqlite":
        return
    big = [record.append(Draft(kind="n", subject="s", payload_type="t", payload=b"x" * 100_000)) for _ in range(30)]
    archive(database, record, tmp_path / "big.json", [each.index for each in big], [signer.public])
    before = database.size_bytes()
    database.vacuum()
    assert database.size_bytes() < before - 2_900_000
    with sqlite3.connect(tmp_path / "test.db") as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()
