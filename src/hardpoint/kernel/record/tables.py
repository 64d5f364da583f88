"""The stored rows of the record; the database itself refuses to change or delete them."""

import sqlalchemy as sa
from alembic.operations import Operations

from hardpoint.kernel.database import Phase, Tables, TableVersion

metadata = sa.MetaData()

entries = sa.Table(
    "hardpoint_entries",
    metadata,
    sa.Column("leaf_index", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("header", sa.LargeBinary, nullable=False),
    sa.Column("salt", sa.LargeBinary),
    sa.Column("signature", sa.LargeBinary),
    sa.Column("payload", sa.LargeBinary),
    # Copies of what the header says, for look-ups; verification compares them with it.
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("unique_key", sa.Text, unique=True),
    sa.Index("hardpoint_entries_by_topic", "kind", "subject", "topic", "leaf_index"),
)

nodes = sa.Table(
    "hardpoint_nodes",
    metadata,
    sa.Column("level", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

head = sa.Table(
    "hardpoint_head",
    metadata,
    sa.Column("id", sa.SmallInteger, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("checkpoint", sa.LargeBinary, nullable=False),
)

# A row is the log's own note with the line of one witness, so that each can come when it comes.
witnessed = sa.Table(
    "hardpoint_witnessed",
    metadata,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("witness", sa.Text, primary_key=True),  # the id of its key
    sa.Column("note", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# What the guard lets go: bodies in a row, from the first index to the last, and the entry that orders them into a file.
archived = sa.Table(
    "hardpoint_archived",
    metadata,
    sa.Column("first_index", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("last_index", sa.BigInteger, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
)


def _create(operations: Operations) -> None:
    """Version 1. It never changes: what comes later is a version of its own."""
    operations.create_table(
        "hardpoint_entries",
        sa.Column("leaf_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("header", sa.LargeBinary, nullable=False),
        sa.Column("salt", sa.LargeBinary),
        sa.Column("signature", sa.LargeBinary),
        sa.Column("payload", sa.LargeBinary),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("unique_key", sa.Text, unique=True),
    )
    operations.create_index(
        "hardpoint_entries_by_topic", "hardpoint_entries", ["kind", "subject", "topic", "leaf_index"]
    )
    operations.create_table(
        "hardpoint_nodes",
        sa.Column("level", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    operations.create_table(
        "hardpoint_head",
        sa.Column("id", sa.SmallInteger, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("checkpoint", sa.LargeBinary, nullable=False),
    )
    operations.create_table(
        "hardpoint_witnessed",
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("witness", sa.Text, primary_key=True),
        sa.Column("note", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    guards = _SQLITE_GUARDS if operations.get_bind().dialect.name == "sqlite" else _POSTGRES_GUARDS
    for statement in guards:
        operations.execute(statement)


def _drop(operations: Operations) -> None:
    for table in ("hardpoint_witnessed", "hardpoint_head", "hardpoint_nodes", "hardpoint_entries"):
        operations.drop_table(table)
    if operations.get_bind().dialect.name == "postgresql":
        operations.execute("DROP FUNCTION hardpoint_guard()")
        operations.execute("DROP FUNCTION hardpoint_guard_erasure()")


def _allow_archiving(operations: Operations) -> None:
    """Version 2: bodies may be archived too, the kind of an order counts, and an order keeps its own body."""
    operations.create_table(
        "hardpoint_archived",
        sa.Column("first_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("last_index", sa.BigInteger, nullable=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
    )
    sqlite = operations.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_GUARDS_2 if sqlite else _POSTGRES_GUARDS_2:
        operations.execute(statement)


def _disallow_archiving(operations: Operations) -> None:
    operations.drop_table("hardpoint_archived")
    if operations.get_bind().dialect.name == "sqlite":
        operations.execute("DROP TRIGGER hardpoint_entries_erase_only")
        operations.execute(_guard_of_bodies(_ERASED))
    else:
        operations.execute("DROP FUNCTION hardpoint_guard_archived()")
        operations.execute(_function_for_bodies(_ERASED))


def _guard_of_bodies(condition: str) -> str:
    return f"""CREATE TRIGGER hardpoint_entries_erase_only BEFORE UPDATE ON hardpoint_entries
    WHEN NOT ({condition.replace("IS NOT DISTINCT FROM", "IS")})
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END"""


def _function_for_bodies(condition: str) -> str:
    return f"""CREATE OR REPLACE FUNCTION hardpoint_guard_erasure() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
    IF {condition} THEN RETURN new; END IF;
    RAISE EXCEPTION 'the record is append-only';
    END $$"""


# An entry may lose its body, and nothing else, once the entry that orders the erasure stands in the log.
_ERASED = """new.payload IS NULL AND new.salt IS NULL AND new.signature IS NULL
    AND new.leaf_index = old.leaf_index AND new.header = old.header
    AND new.kind = old.kind AND new.subject = old.subject AND new.topic = old.topic
    AND new.unique_key IS NOT DISTINCT FROM old.unique_key
    AND EXISTS (SELECT 1 FROM hardpoint_entries e WHERE e.unique_key = 'erasure:' || old.leaf_index)"""

# REPLACE deletes the row in its way without firing the triggers of DELETE, so inserting has guards too.
_SQLITE_GUARDS = (
    """CREATE TRIGGER hardpoint_entries_no_replace BEFORE INSERT ON hardpoint_entries
    WHEN EXISTS (SELECT 1 FROM hardpoint_entries WHERE leaf_index = new.leaf_index)
        OR EXISTS (SELECT 1 FROM hardpoint_entries WHERE unique_key = new.unique_key)
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
    """CREATE TRIGGER hardpoint_nodes_no_replace BEFORE INSERT ON hardpoint_nodes
    WHEN EXISTS (SELECT 1 FROM hardpoint_nodes WHERE level = new.level AND position = new.position)
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
    """CREATE TRIGGER hardpoint_head_no_replace BEFORE INSERT ON hardpoint_head
    WHEN EXISTS (SELECT 1 FROM hardpoint_head)
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
    f"""CREATE TRIGGER hardpoint_entries_erase_only BEFORE UPDATE ON hardpoint_entries
    WHEN NOT ({_ERASED.replace("IS NOT DISTINCT FROM", "IS")})
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
    """CREATE TRIGGER hardpoint_entries_no_delete BEFORE DELETE ON hardpoint_entries
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
    """CREATE TRIGGER hardpoint_nodes_no_update BEFORE UPDATE ON hardpoint_nodes
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
    """CREATE TRIGGER hardpoint_nodes_no_delete BEFORE DELETE ON hardpoint_nodes
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
    """CREATE TRIGGER hardpoint_head_grows BEFORE UPDATE ON hardpoint_head
    WHEN new.size < old.size OR new.origin <> old.origin
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
    """CREATE TRIGGER hardpoint_head_no_delete BEFORE DELETE ON hardpoint_head
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
    """CREATE TRIGGER hardpoint_witnessed_no_replace BEFORE INSERT ON hardpoint_witnessed
    WHEN EXISTS (SELECT 1 FROM hardpoint_witnessed WHERE size = new.size AND witness = new.witness)
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
    """CREATE TRIGGER hardpoint_witnessed_no_update BEFORE UPDATE ON hardpoint_witnessed
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
    """CREATE TRIGGER hardpoint_witnessed_no_delete BEFORE DELETE ON hardpoint_witnessed
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
)

# A trigger's WHEN cannot hold a subquery in PostgreSQL, so erasure has a function of its own.
_POSTGRES_GUARDS = (
    """CREATE FUNCTION hardpoint_guard() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the record is append-only'; END $$""",
    f"""CREATE FUNCTION hardpoint_guard_erasure() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
    IF {_ERASED} THEN RETURN new; END IF;
    RAISE EXCEPTION 'the record is append-only';
    END $$""",
    """CREATE TRIGGER hardpoint_entries_erase_only BEFORE UPDATE ON hardpoint_entries
    FOR EACH ROW EXECUTE FUNCTION hardpoint_guard_erasure()""",
    """CREATE TRIGGER hardpoint_entries_no_delete BEFORE DELETE OR TRUNCATE ON hardpoint_entries
    FOR EACH STATEMENT EXECUTE FUNCTION hardpoint_guard()""",
    """CREATE TRIGGER hardpoint_nodes_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON hardpoint_nodes
    FOR EACH STATEMENT EXECUTE FUNCTION hardpoint_guard()""",
    """CREATE TRIGGER hardpoint_head_grows BEFORE UPDATE ON hardpoint_head
    FOR EACH ROW WHEN (new.size < old.size OR new.origin <> old.origin)
    EXECUTE FUNCTION hardpoint_guard()""",
    """CREATE TRIGGER hardpoint_head_no_delete BEFORE DELETE OR TRUNCATE ON hardpoint_head
    FOR EACH STATEMENT EXECUTE FUNCTION hardpoint_guard()""",
    """CREATE TRIGGER hardpoint_witnessed_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON hardpoint_witnessed
    FOR EACH STATEMENT EXECUTE FUNCTION hardpoint_guard()""",
)

# The same from version 2 on. Ranges of archived bodies never overlap, so that one look-up finds the only candidate.
_BODY_ALONE, _, _ = _ERASED.partition("AND EXISTS")
_LET_GO = """AND old.kind NOT IN ('erasure', 'archival')
    AND (EXISTS (SELECT 1 FROM hardpoint_entries e WHERE e.unique_key = 'erasure:' || old.leaf_index
            AND e.kind = 'erasure' AND e.leaf_index > old.leaf_index)
        OR EXISTS (SELECT 1 FROM hardpoint_archived a WHERE a.last_index >= old.leaf_index AND a.first_index =
            (SELECT max(first_index) FROM hardpoint_archived WHERE first_index <= old.leaf_index)))"""
_GONE = _BODY_ALONE + _LET_GO
_ORDERED = """new.first_index <= new.last_index AND new.last_index < new.entry
    AND EXISTS (SELECT 1 FROM hardpoint_entries e WHERE e.leaf_index = new.entry AND e.kind = 'archival')
    AND COALESCE((SELECT last_index FROM hardpoint_archived WHERE first_index <= new.last_index
        ORDER BY first_index DESC LIMIT 1), -1) < new.first_index"""

_SQLITE_GUARDS_2 = (
    "DROP TRIGGER hardpoint_entries_erase_only",
    _guard_of_bodies(_GONE),
    f"""CREATE TRIGGER hardpoint_archived_ordered BEFORE INSERT ON hardpoint_archived
    WHEN NOT ({_ORDERED})
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
    """CREATE TRIGGER hardpoint_archived_no_update BEFORE UPDATE ON hardpoint_archived
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
    """CREATE TRIGGER hardpoint_archived_no_delete BEFORE DELETE ON hardpoint_archived
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
)

_POSTGRES_GUARDS_2 = (
    _function_for_bodies(_GONE),
    f"""CREATE FUNCTION hardpoint_guard_archived() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
    IF {_ORDERED} THEN RETURN new; END IF;
    RAISE EXCEPTION 'the record is append-only';
    END $$""",
    """CREATE TRIGGER hardpoint_archived_ordered BEFORE INSERT ON hardpoint_archived
    FOR EACH ROW EXECUTE FUNCTION hardpoint_guard_archived()""",
    """CREATE TRIGGER hardpoint_archived_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON hardpoint_archived
    FOR EACH STATEMENT EXECUTE FUNCTION hardpoint_guard()""",
)

TABLES = Tables(
    capability="record",
    metadata=metadata,
    versions=(
        TableVersion(number=1, phase=Phase.BEFORE, upgrade=_create, downgrade=_drop),
        TableVersion(number=2, phase=Phase.BEFORE, upgrade=_allow_archiving, downgrade=_disallow_archiving),
    ),
)
