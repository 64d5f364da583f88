"""Which record a store is to hold."""

import pytest

from hardpoint.kernel.problem import IntegrityProblem
from hardpoint.kernel.record.checkpoint import Checkpoint
from hardpoint.kernel.record.expected import Expected, origin_in
from hardpoint.kernel.record.log import begin_record
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.store import store_name

A, B = "hardpoint/a", "hardpoint/b"


@pytest.fixture
def expecting(memory):
    """Expects a record that was kept, of so many entries, or one that is pinned."""

    def expecting(kept=None, size=0, pinned=None, lasting=True):
        expected = Expected(store="sqlite:////s", memory=memory, pinned=pinned, lasting=lasting)
        if kept is not None:
            expected.keep(kept)
        if size:
            memory.remember(Checkpoint(kept or pinned, size, b"r" * 32))
        return expected

    return expecting


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize(
    ("given", "found", "refused"),
    [
        ({}, None, ""),
        ({}, A, ""),
        ({"kept": A, "size": 2}, A, ""),
        (
            {"kept": A, "size": 2},
            None,
            "the record hardpoint/a with 2 entries was in sqlite:////s, which now holds none",
        ),
        ({"kept": A, "size": 1}, B, "with 1 entry was in sqlite:////s, which now holds hardpoint/b"),
        ({"kept": A}, None, ""),  # begun, and nothing was ever appended
        ({"pinned": A}, A, ""),
        ({"pinned": A}, None, "the manifest pins the record hardpoint/a, and sqlite:////s holds none"),
        ({"pinned": A, "size": 3}, None, "pins the record hardpoint/a with 3 entries"),
        ({"pinned": A}, B, "holds hardpoint/b"),
        ({"pinned": A, "kept": B, "size": 3}, A, ""),
        ({"kept": A, "size": 2, "lasting": False}, None, ""),
        ({"kept": A, "size": 2, "lasting": False}, B, ""),
        ({"pinned": A, "lasting": False}, None, "the manifest pins the record hardpoint/a, and"),
    ],
)
def test_what_is_missed(expecting, given, found, refused):
    expected = expecting(**given)
    if not refused:
        expected.refuse_other(found)
        return
    with pytest.raises(IntegrityProblem, match=refused) as caught:
        expected.refuse_other(found)
    assert ("record.origin" if "pinned" in given else "hardpoint record forget") in caught.value.remedy


@pytest.mark.requirement("GAT-14")
def test_a_record_is_not_begun_where_another_is_expected(database, signer, expecting):
    database.install(TABLES)
    assert origin_in(database) is None
    with pytest.raises(IntegrityProblem, match="Rollback"):
        begin_record(database, signer, expecting(kept=A, size=2))
    assert origin_in(database) is None
    begin_record(database, signer)
    with pytest.raises(IntegrityProblem, match="Rollback"):
        begin_record(database, signer, expecting(kept=A, size=2))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (
            "postgresql://ada:secret@db.example.org:5433/hardpoint?sslmode=require",
            "postgresql://db.example.org:5433/hardpoint",
        ),
        ("postgresql://ada:secret@/hardpoint?host=/run/a", "postgresql:///hardpoint?host=%2Frun%2Fa"),
        ("sqlite:////a/b/../c.db", "sqlite:////a/c.db"),
    ],
)
def test_a_store_is_known_without_its_password(url, name):
    assert store_name(url) == name
