"""The record's tables as they are declared; that both databases make them so stands in tests/conformance."""

from hardpoint.kernel.record.tables import TABLES


def test_every_table_is_named_after_the_product():
    assert {name.partition("_")[0] for name in TABLES.metadata.tables} == {"hardpoint"}


def test_versions_are_numbered_from_one_without_a_gap():
    assert [version.number for version in TABLES.versions] == list(range(1, TABLES.current + 1))
