"""Installed tables are what their metadata says, in every capability, upwards and downwards."""

import threading

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from hardpoint.capabilities import capabilities
from hardpoint.kernel.database import Phase, Tables, TableVersion
from hardpoint.kernel.problem import StoreProblem
from hardpoint.kernel.rooms.cli import Context

ALL = Context(capabilities()).collect("tables", Tables)
each = pytest.mark.parametrize("tables", ALL, ids=lambda tables: tables.capability)

# Whatever a dialect keeps of a capability beside its tables.
LEFT = {
    "sqlite": "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> 'hardpoint_tables'",
    "postgresql": """SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
        WHERE nspname = 'public' AND relname NOT LIKE 'hardpoint_tables%'
        UNION ALL SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'
        UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal""",
}


def differences(database, metadata):
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_name": lambda name, kind, _: kind != "table" or name != "hardpoint_tables",
            },
        )
        return compare_metadata(context, metadata)


def left(database):
    with database.reading() as connection:
        return connection.execute(sa.text(LEFT[database.dialect])).scalars().all()


# Everything that a dialect tells of tables and guards, to compare two ways of making them.
TOLD = {
    "sqlite": ["SELECT type, name, sql FROM sqlite_master"],
    "postgresql": [
        """SELECT table_name, column_name, data_type, is_nullable, column_default
        FROM information_schema.columns WHERE table_schema = 'public'""",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger",
        """SELECT proname, pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
        WHERE nspname = 'public'""",
    ],
}


def schema(database):
    with database.reading() as connection:
        return {tuple(row) for told in TOLD[database.dialect] for row in connection.execute(sa.text(told))}


@each
def test_installed_tables_are_those_of_the_metadata(database, tables):
    database.install(tables)
    assert differences(database, tables.metadata) == []
    assert database.installed() == {tables.capability: tables.current}


@each
def test_installing_again_changes_nothing(database, tables):
    database.install(tables)
    before = schema(database)
    database.install(tables)
    assert schema(database) == before


@each
def test_every_version_goes_up_and_down_and_up_again(database, tables):
    steps = []
    for version in tables.versions:
        database.install(tables, version.number)
        steps.append(schema(database))
    for version, before in zip(reversed(tables.versions), reversed(steps), strict=True):
        assert schema(database) == before
        database.install(tables, version.number - 1)
        assert database.installed() == {tables.capability: version.number - 1}
    assert left(database) == []
    database.install(tables)
    assert schema(database) == steps[-1]


def test_capabilities_share_a_database(database):
    for tables in ALL:
        database.install(tables)
    assert database.installed() == {tables.capability: tables.current for tables in ALL}
    metadata = sa.MetaData()
    for tables in ALL:
        for table in tables.metadata.tables.values():
            table.to_metadata(metadata)
    assert differences(database, metadata) == []


@each
def test_a_newer_version_is_refused_and_left_alone(database, tables):
    database.install(tables)
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE hardpoint_tables SET version = version + 1"))
    before = schema(database)
    with pytest.raises(StoreProblem, match="this Hardpoint knows"):
        database.install(tables)
    assert schema(database) == before


@each
def test_a_version_that_does_not_exist_is_not_installed(database, tables):
    with pytest.raises(StoreProblem, match="this Hardpoint knows"):
        database.install(tables, tables.current + 1)
    assert database.installed() == {}


def numbered(*upgrades):
    versions = [
        TableVersion(number=number, phase=Phase.BEFORE, upgrade=upgrade, downgrade=lambda _: None)
        for number, upgrade in enumerate(upgrades, start=1)
    ]
    return Tables(capability="numbers", metadata=sa.MetaData(), versions=versions)


def test_versions_in_between_run_in_order(database):
    ran = []
    tables = numbered(*(lambda _, number=number: ran.append(number) for number in (1, 2, 3)))
    database.install(tables, 1)
    database.install(tables)
    database.install(tables)
    assert ran == [1, 2, 3]


def test_an_upgrade_that_fails_leaves_the_version_before(database):
    def fail(operations):
        operations.create_table("half", sa.Column("n", sa.Integer))
        operations.execute("SELECT * FROM nowhere")

    tables = numbered(lambda operations: operations.create_table("whole", sa.Column("n", sa.Integer)), fail)
    with pytest.raises(StoreProblem, match="nowhere"):
        database.install(tables)
    assert database.installed() == {}
    assert left(database) == []
    database.install(tables, 1)
    assert left(database) == ["whole"]


@each
def test_several_that_install_at_once_install_once(database, tables):
    start, failures = threading.Barrier(4), []

    def install():
        start.wait()
        try:
            database.install(tables)
        except StoreProblem as problem:
            failures.append(problem)

    threads = [threading.Thread(target=install) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert database.installed() == {tables.capability: tables.current}
