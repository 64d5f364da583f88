"""Witnesses and erasure, on both databases: what grew is co-signed, taken in, exported and judged; nothing else is."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.problem import IntegrityProblem, StoreProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record import verify_bundle as second
from hardpoint.kernel.record.bundle import export_bundle, verify_bundle
from hardpoint.kernel.record.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from hardpoint.kernel.record.cosignature import cosign, join_cosignatures, split_cosignatures
from hardpoint.kernel.record.erasure import erase
from hardpoint.kernel.record.model import Damage
from hardpoint.kernel.record.reading import entry_at, newest_checkpoint
from hardpoint.kernel.record.tables import entries, head, nodes, witnessed
from hardpoint.kernel.record.verification import WHOLE, verify_record
from hardpoint.kernel.record.witness import Sightings, witness
from hardpoint.kernel.record.witnessed import add_witnessed, covered, newest_witnessed

SIZE = 5
pytestmark = pytest.mark.requirement("GAT-14")


class Observer:
    """A witness on its own host."""

    def __init__(self, name, folder, clock):
        self.name, self.signer, self.clock = name, Signer.generate(), clock
        self.sightings = Sightings(folder / name)

    def look(self, database, *keys):
        return witness(database, keys, self.signer, self.name, self.clock, self.sightings)


@pytest.fixture
def observers(tmp_path, now):
    return [Observer(name, tmp_path, lambda: now) for name in ("east", "west")]


@pytest.fixture
def witnesses(observers):
    return {each.name: each.signer.public for each in observers}


@pytest.fixture
def record(record, draft):
    for number in range(SIZE):
        record.append(draft(b'{"n": %d}' % number, unique=f"note:{number}"))
    return record


@pytest.fixture
def found(database, signer, memory, witnesses):
    def found(**options):
        result = verify_record(database, [signer.public], memory, witnesses=witnesses, **options)
        return {(each.damage, each.index) for each in result.damages}

    return found


def attack(database, *statements):
    """What whoever holds the disk can do: the guards are off."""
    with database.writing() as connection:
        if database.dialect == "sqlite":
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for guard in connection.exec_driver_sql(triggers).scalars().all():
                connection.exec_driver_sql(f"DROP TRIGGER {guard}")
        else:
            for table in (entries, head, nodes, witnessed):
                connection.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
        for statement in statements:
            connection.execute(sa.text(statement) if isinstance(statement, str) else statement)


def forged(database, signer, size, root):
    with database.reading() as connection:
        origin = connection.execute(sa.select(head.c.origin)).scalar_one()
    return sign_checkpoint(Checkpoint(origin, size, root), signer)


# A witness signs what grew.


def test_a_witness_co_signs_each_size_that_it_sees_grow(record, database, draft, signer, observers):
    east, _ = observers
    for size in (SIZE, SIZE, SIZE + 1, SIZE + 2):
        while parse_checkpoint(newest_checkpoint(database)).size < size:
            record.append(draft())
        plain, (only,) = split_cosignatures(east.look(database, signer.public))
        assert plain == newest_checkpoint(database)
        assert only.verifies(parse_checkpoint(plain), east.signer.public)
        assert east.sightings.recall(parse_checkpoint(plain).origin) == parse_checkpoint(plain)


def test_a_rollback_is_refused(record, database, signer, observers):
    east, _ = observers
    east.look(database, signer.public)
    note = forged(database, signer, SIZE - 1, b"r" * 32)
    attack(database, sa.update(head).values(size=SIZE - 1, checkpoint=note))
    with pytest.raises(IntegrityProblem, match="Rollback: 5 entries were seen"):
        east.look(database, signer.public)


@pytest.mark.parametrize("size", [SIZE, SIZE + 1])
def test_a_fork_is_refused_and_not_remembered(record, database, draft, signer, observers, size):
    east, _ = observers
    seen = parse_checkpoint(east.look(database, signer.public))
    if size > SIZE:
        record.append(draft())
    attack(database, sa.update(head).values(size=size, checkpoint=forged(database, signer, size, b"r" * 32)))
    with pytest.raises(IntegrityProblem, match="Fork"):
        east.look(database, signer.public)
    assert east.sightings.recall(seen.origin) == seen


def test_a_first_look_at_a_tree_that_does_not_give_its_root_is_refused(record, database, signer, observers):
    attack(database, "DELETE FROM hardpoint_nodes WHERE level = 2")
    with pytest.raises(IntegrityProblem, match="Fork: the stored tree"):
        observers[0].look(database, signer.public)


def test_a_signature_that_does_not_hold_is_refused(record, database, signer, observers):
    east, _ = observers
    with pytest.raises(IntegrityProblem, match=r"Broken signature: .* not signed with a key"):
        east.look(database, Signer.generate().public)
    attack(database, sa.update(head).values(checkpoint=newest_checkpoint(database).replace(b"\n5\n", b"\n6\n")))
    with pytest.raises(IntegrityProblem, match=r"Broken signature: .* does not fit"):
        east.look(database, signer.public)
    attack(database, sa.update(head).values(checkpoint=b"?"))
    with pytest.raises(IntegrityProblem, match=r"Broken signature: .* cannot be read"):
        east.look(database, signer.public)
    attack(database, "DELETE FROM hardpoint_head")
    with pytest.raises(IntegrityProblem, match="not exactly one checkpoint"):
        east.look(database, signer.public)


def test_what_cannot_be_kept_is_not_signed(record, database, signer, observers, monkeypatch):
    east, _ = observers

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hardpoint.kernel.durable.os.fsync", full)
    with pytest.raises(StoreProblem, match="nothing was signed"):
        east.look(database, signer.public)
    assert [file.name for file in east.sightings._folder.iterdir()] == [".lock"]


def test_a_memory_that_cannot_be_read_is_not_a_first_look(record, database, signer, observers):
    east, _ = observers
    east.look(database, signer.public)
    (file,) = (each for each in east.sightings._folder.iterdir() if each.name != ".lock")
    for content in (b"", b"?", sign_checkpoint(Checkpoint("another", 0, b"r" * 32), signer)):
        file.write_bytes(content)
        with pytest.raises(IntegrityProblem, match="What this witness saw"):
            east.look(database, signer.public)


def test_a_log_is_no_witness_of_itself(record, database, signer, observers, tmp_path, now):
    with pytest.raises(UsageProblem, match="no witness of itself"):
        observers[0].look(database, signer.public, observers[0].signer.public)
    own = parse_checkpoint(newest_checkpoint(database)).origin
    for name in (own, "two words", ""):
        with pytest.raises(UsageProblem):
            witness(database, [signer.public], Signer.generate(), name, lambda: now, Sightings(tmp_path / "s"))


# The record takes in what holds.


def test_co_signed_notes_are_taken_in_once_and_joined(record, database, signer, observers, witnesses, found):
    keys = [signer.public]
    notes = [each.look(database, *keys) for each in observers]
    assert add_witnessed(database, notes[0], keys, witnesses)[1] == ["east"]
    assert add_witnessed(database, notes[0], keys, witnesses)[1] == []
    assert add_witnessed(database, notes[1], keys, witnesses)[1] == ["west"]
    with database.reading() as connection:
        note = newest_witnessed(connection)
    assert sorted(each.name for each in split_cosignatures(note)[1]) == ["east", "west"]
    assert add_witnessed(database, note, keys, witnesses)[1] == []
    assert found() == set()


def test_no_byte_of_a_note_can_be_changed_on_its_way_in(record, database, signer, observers, witnesses):
    note = observers[0].look(database, signer.public)
    for at in range(len(note)):
        edited = note[:at] + bytes([note[at] ^ 1]) + note[at + 1 :]
        with pytest.raises((IntegrityProblem, UnreadableProblem, UsageProblem)):
            add_witnessed(database, edited, [signer.public], witnesses)
    with database.reading() as connection, pytest.raises(UsageProblem, match="No witness"):
        newest_witnessed(connection)


def test_a_note_of_another_history_or_by_a_stranger_is_not_taken_in(
    record, database, signer, observers, witnesses, now
):
    keys, (east, _) = [signer.public], observers

    def co_signed(note, by=None, name="east"):
        line = cosign(parse_checkpoint(note), name, by or east.signer, int(now.timestamp()))
        return join_cosignatures(note, [line])

    genuine = newest_checkpoint(database)
    refused = [
        (co_signed(forged(database, signer, SIZE, b"r" * 32)), IntegrityProblem, "Fork"),
        (co_signed(forged(database, signer, SIZE - 1, b"r" * 32)), IntegrityProblem, "Fork"),
        (co_signed(forged(database, signer, SIZE + 1, b"r" * 32)), IntegrityProblem, "Rollback"),
        (co_signed(forged(database, Signer.generate(), SIZE, b"r" * 32)), IntegrityProblem, "own signature"),
        (co_signed(sign_checkpoint(Checkpoint("other", 0, b"r" * 32), signer)), UsageProblem, "It is of other"),
        (co_signed(genuine, Signer.generate()), UsageProblem, "no trusted witness"),
        (co_signed(genuine, name="north"), UsageProblem, "no trusted witness"),
        (genuine, UsageProblem, "Nobody has co-signed"),
        (b"", UnreadableProblem, "not a co-signed"),
    ]
    for note, problem, said in refused:
        with pytest.raises(problem, match=said):
            add_witnessed(database, note, keys, witnesses)
    with pytest.raises(UsageProblem, match="no witness of itself"):
        add_witnessed(database, co_signed(genuine), [*keys, east.signer.public], witnesses)


# Verification knows what was co-signed.


@pytest.fixture
def kept(record, database, signer, observers, witnesses):
    add_witnessed(database, observers[0].look(database, signer.public), [signer.public], witnesses)
    with database.reading() as connection:
        return connection.execute(sa.select(witnessed.c.note)).scalar_one()


def test_a_stored_note_that_was_changed_is_found(kept, database, found):
    assert found() == set()
    for at in range(0, len(kept), 3):
        edited = kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :]
        attack(database, sa.update(witnessed).values(note=edited))
        assert found(), at
    attack(database, sa.update(witnessed).values(note=kept, size=4))
    assert found() == {(Damage.EDIT, WHOLE)}
    attack(database, sa.update(witnessed).values(size=SIZE, witness="another"))
    assert found() == {(Damage.EDIT, WHOLE)}
    attack(database, sa.update(witnessed).values(note=b""))
    assert found() == {(Damage.BIT_ROT, WHOLE)}


def test_a_history_that_is_not_the_one_that_was_co_signed_is_a_fork(kept, database, signer, observers, found, now):
    line = cosign(Checkpoint(parse_checkpoint(kept).origin, 4, b"r" * 32), "east", observers[0].signer, 0)
    other = join_cosignatures(forged(database, signer, 4, b"r" * 32), [line])
    attack(database, sa.update(witnessed).values(size=4, note=other))
    assert found() == {(Damage.FORK, WHOLE)}
    line = cosign(Checkpoint(parse_checkpoint(kept).origin, 9, b"r" * 32), "east", observers[0].signer, 0)
    other = join_cosignatures(forged(database, signer, 9, b"r" * 32), [line])
    attack(database, sa.update(witnessed).values(size=9, note=other))
    assert found() == {(Damage.ROLLBACK, SIZE)}


def test_a_witness_that_is_trusted_no_more_is_an_unknown_key(kept, database, signer, memory):
    options = {"witnesses": {}, "signatures": True}
    (damage,) = verify_record(database, [signer.public], memory, **options).damages
    assert damage.damage is Damage.UNKNOWN_KEY
    assert verify_record(database, [signer.public], memory, witnesses={}, signatures=False).whole


def test_a_witness_vouches_for_what_it_co_signed_by_then(kept, database, witnesses, draft, record, now):
    record.append(draft())
    roots = {SIZE: parse_checkpoint(kept).root}
    assert covered(database, witnesses, now, roots) == {"east": SIZE}
    assert covered(database, witnesses, now - timedelta(seconds=1), roots) == {}
    assert covered(database, {"east": Signer.generate().public}, now, roots) == {}
    assert covered(database, witnesses, now, {SIZE: b"r" * 32}) == {}


# Bundles under a co-signed checkpoint.


def test_a_bundle_under_the_co_signed_checkpoint_holds_for_both(
    kept, database, record, draft, signer, witnesses, tmp_path
):
    record.append(draft())
    bundle = export_bundle(database, co_signed=True)
    assert len(bundle.entries) == SIZE
    with pytest.raises(UsageProblem, match="Entry 5 is not under the newest co-signed checkpoint"):
        export_bundle(database, [SIZE], co_signed=True)
    with pytest.raises(UsageProblem, match="no entry 6"):
        export_bundle(database, [SIZE + 1], co_signed=True)
    key = [signer.public]
    assert both(encoding.encode(bundle), bundle, key, witnesses, 1, tmp_path) == (True, True)
    assert both(encoding.encode(bundle), bundle, key, witnesses, 2, tmp_path) == (False, False)
    twice = {"east": witnesses["east"], "other": witnesses["east"]}
    assert both(encoding.encode(bundle), bundle, key, twice, 2, tmp_path) == (False, False)
    plain = export_bundle(database)
    assert both(encoding.encode(plain), plain, key, witnesses, 1, tmp_path) == (False, False)


def both(data, bundle, keys, witnesses, need, tmp_path):
    file = tmp_path / "bundle.json"
    file.write_bytes(data)
    try:
        verify_bundle(bundle, keys, witnesses, need)
        ours = True
    except IntegrityProblem:
        ours = False
    named = [part for key in keys for part in ("--key", f"ada={key}")]
    named += [part for name, key in witnesses.items() for part in ("--witness", f"{name}={key}")]
    return ours, second.main([str(file), *named, "--need", str(need)]) == 0


# Erasure.


def test_an_erased_body_is_gone_and_the_record_is_whole(kept, record, database, database_url, signer, found, tmp_path):
    order = erase(database, record, 2, "privacy")
    assert (order.index, order.added) == (SIZE, True)
    gone = entry_at(database, 2)
    assert (gone.payload, gone.signature, gone.header.unique) == (None, None, "note:2")
    said = encoding.decode(entry_at(database, SIZE).payload, dict, what="it")
    assert said["predicate"] == {"index": 2, "reason": "privacy"}
    assert found() == set()
    bundle = export_bundle(database)
    assert both(encoding.encode(bundle), bundle, [signer.public], {}, 0, tmp_path) == (True, True)
    if database.dialect == "sqlite":
        database.close()
        assert b'{"n": 2}' not in (tmp_path / "test.db").read_bytes()


def test_what_cannot_be_erased_is_said(record, database):
    erase(database, record, 2, "privacy")
    for index, said in ((2, "was erased already"), (SIZE, "orders an erasure"), (99, "no entry 99")):
        with pytest.raises(UsageProblem, match=said):
            erase(database, record, index, "again")
    assert parse_checkpoint(newest_checkpoint(database)).size == SIZE + 1


def test_an_erasure_that_was_cut_off_is_completed(record, database, found, monkeypatch):
    writing = database.writing
    calls = []

    def cut_off():
        calls.append(1)
        if len(calls) == 2:  # the order is durable, and the body still there
            raise KeyboardInterrupt
        return writing()

    monkeypatch.setattr(database, "writing", cut_off)
    with pytest.raises(KeyboardInterrupt):
        erase(database, record, 2, "privacy")
    monkeypatch.undo()
    assert entry_at(database, 2).payload is not None
    assert found() == set()
    assert erase(database, record, 2, "another reason").added is False
    assert entry_at(database, 2).payload is None
    assert found() == set()


def test_a_body_that_is_gone_without_its_own_order_is_a_deletion(record, database, draft, found):
    record.append(draft(unique="erasure:1"))  # of another kind
    with pytest.raises(IntegrityProblem, match="taken the place"):
        erase(database, record, 1, "privacy")
    erase(database, record, 2, "privacy")
    body = {"salt": None, "signature": None, "payload": None}
    attack(database, sa.update(entries).where(entries.c.leaf_index.in_([1, 3])).values(body))
    assert found() == {(Damage.DELETION, 1), (Damage.DELETION, 3)}


def test_an_order_that_is_erased_itself_is_a_deletion(record, database, found):
    erase(database, record, 2, "privacy")
    body = {"salt": None, "signature": None, "payload": None}
    attack(database, sa.update(entries).where(entries.c.leaf_index == SIZE).values(body))
    assert (Damage.DELETION, SIZE) in found()
