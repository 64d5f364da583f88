"""Taking over a copy entry by entry, as it is, on both databases."""

import pytest

from hardpoint.kernel.database import Database
from hardpoint.kernel.problem import IntegrityProblem
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.page import PAGE_ENTRIES
from hardpoint.kernel.record.replica import Copy, Relation, own_note, pages_of, relate, take_over
from hardpoint.kernel.record.tables import TABLES, entries
from hardpoint.kernel.record.verification import verify_record

pytestmark = pytest.mark.requirement("GAT-14")


def copied(database):
    note = own_note(database)
    with database.reading() as connection:
        size = int(note.split(b"\n")[1])
        pages = list(pages_of(connection, size))
    return Copy(note=note, page=pages.__getitem__)


@pytest.fixture
def other(tmp_path):
    other = Database.open(f"sqlite:///{tmp_path / 'other.db'}")
    other.install(TABLES)
    yield other
    other.close()


def test_a_record_goes_over_as_it_is_and_back(record, database, other, draft, signer, tmp_path):
    keys, memory = [signer.public], Memory(tmp_path / "other-memory")
    for count in (1, PAGE_ENTRIES - 1, 1, PAGE_ENTRIES + 7):
        for number in range(count):
            record.append(draft(b"%d" % number))
        assert relate(other, copied(database), keys, memory) is Relation.BEHIND
        assert take_over(other, copied(database), keys) == count
        assert own_note(other) == own_note(database)
        assert relate(other, copied(database), keys, memory) is Relation.SAME
        assert verify_record(other, keys, memory).whole
    record.append(draft())
    assert relate(database, copied(other), keys, memory) is Relation.AHEAD


def test_it_is_taken_over_into_either_database(database, other, draft, signer, now, tmp_path):
    from hardpoint.kernel.record.log import Record, begin_record

    begin_record(other, signer)
    source = Record(other, signer, lambda: now, Memory(tmp_path / "seen"), {signer.public})
    for number in range(PAGE_ENTRIES + 3):
        source.append(draft(b"%d" % number))
    database.install(TABLES)
    keys = [signer.public]
    assert take_over(database, copied(other), keys) == PAGE_ENTRIES + 3
    assert verify_record(database, keys, Memory(tmp_path / "none")).whole
    source.append(draft(b"more"))
    assert take_over(database, copied(other), keys) == 1
    assert own_note(database) == own_note(other)


def test_a_copy_that_does_not_hold_leaves_nothing_behind(record, database, other, draft, signer):
    for number in range(PAGE_ENTRIES + 2):
        record.append(draft(b"%d" % number))
    copy = copied(database)
    pages = [copy.page(0), copy.page(1).replace(b'"payload":"', b'"payload":"AA', 1)]
    with pytest.raises(IntegrityProblem):
        take_over(other, Copy(note=copy.note, page=pages.__getitem__), [signer.public])
    assert own_note(other) is None
    assert take_over(other, copy, [signer.public]) == PAGE_ENTRIES + 2


@pytest.mark.parametrize(("kind", "holds"), [("erasure", True), ("note", False)])
def test_an_erased_body_goes_over_only_with_an_order_to_erase_it(record, database, other, draft, signer, kind, holds):
    """As `record verify` has it: an entry that only borrows the order's unique key orders nothing."""
    record.append(draft())
    record.append(draft(b"order", kind=kind, unique="erasure:0"))
    database.install(TABLES, to=1)  # whose guard looked at the key alone
    with database.writing() as connection:
        gone = {"salt": None, "signature": None, "payload": None}
        connection.execute(entries.update().where(entries.c.leaf_index == 0).values(gone))
    if holds:
        assert take_over(other, copied(database), [signer.public]) == 2
    else:
        with pytest.raises(IntegrityProblem, match="no entry orders its erasure"):
            take_over(other, copied(database), [signer.public])
        assert own_note(other) is None
