"""`hardpoint record stats|archive|upgrade`: the record as it grows old."""

from collections.abc import Mapping
from pathlib import Path

import click

from hardpoint.kernel.clock import parse_instant
from hardpoint.kernel.evidence import KIND
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.record.archive import MAX_ARCHIVE_BYTES, Archivable, archivable, archive, finish
from hardpoint.kernel.record.checkpoint import parse_checkpoint
from hardpoint.kernel.record.orders import Archival
from hardpoint.kernel.record.reading import newest_checkpoint
from hardpoint.kernel.record.statistics import Count, count
from hardpoint.kernel.record.verification import refuse_broken
from hardpoint.kernel.record.witnessed import covered
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb

BAR = 40
"""How many characters the largest month is drawn with."""


@verb("record", "stats")
def stats(context: Context) -> Result:
    """Count what the record holds.

    By kind, subject, signer and month, what was erased or archived, and how much room it takes. It counts and verifies
    nothing; `hardpoint record verify` does.
    """
    with context.stored() as database:
        found = count(database)
        holders = context.voices(database).holders
        checkpoint = parse_checkpoint(newest_checkpoint(database))
        witnessed = covered(database, context.witnesses, context.clock())
        size_bytes = database.size_bytes()
    signers = {holders.get(key, key[:16]): Count() for key in found.signers}
    for key, each in found.signers.items():  # two keys of one holder are one person
        person = signers[holders.get(key, key[:16])]
        person.entries, person.bytes = person.entries + each.entries, person.bytes + each.bytes
    since = f", {found.first[:10]} to {found.last[:10]}" if found.total.entries else ""
    return Result(
        schema="record-stats/v1",
        headline=f"{_counted(found.total.entries)}{since}: {_size(found.total.bytes)} of bodies in"
        f" {_size(size_bytes)} of store; {found.erased} erased, {found.archived} archived",
        about={
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "first": found.first,
            "last": found.last,
            "bodies_bytes": found.total.bytes,
            "store_bytes": size_bytes,
            "erased": found.erased,
            "archived": found.archived,
            "months": _rows("month", found.months),
        },
        items={
            "kinds": _rows("kind", found.kinds),
            "subjects": _rows("subject", found.subjects),
            "signers": _rows("signer", signers),
            "witnesses": [
                {"witness": name, "saw": saw, "behind": checkpoint.size - saw}
                for name, saw in sorted(witnessed.items())
            ],
        },
        detail=_chart(found.months),
    )


@verb("record", "archive")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--before", metavar="TIME", help="Bodies that were recorded before this instant (RFC 3339).")
@click.option(
    "--newest-too",
    is_flag=True,
    help="Also what nothing newer was said about: a gate over a commit of that time finds its evidence missing.",
)
@click.option("--vacuum", is_flag=True, help="Then write the SQLite file anew, so that it becomes smaller.")
def archive_bodies(context: Context, file: Path, *, before: str | None, newest_too: bool, vacuum: bool) -> Result:
    """Move the bodies of old evidence into FILE.

    It is a bundle that is verified by itself. FILE is read back and verified, and an entry names it, before any body
    goes; every proof still holds. Run it again with the same FILE if it was interrupted. Keep FILE: nothing puts the
    bodies back.
    """
    path = context.folder / file
    with context.stored() as database, context.record() as record:
        if vacuum and database.dialect != "sqlite":
            raise UsageProblem("--vacuum is for SQLite", remedy="PostgreSQL makes room by itself (autovacuum).")
        keys = context.voices(database).keys
        refuse_broken(database, keys, context.memory, context.witnesses, "nothing is archived")
        size_before = database.size_bytes()
        found = Archivable(indexes=())
        archival: Archival | None
        if path.exists():
            archival, moved = finish(database, context.read(file, most=MAX_ARCHIVE_BYTES), keys)
        elif before is None:
            raise UsageProblem("It does not say how old a body must be", remedy="--before 2026-01-01T00:00:00Z")
        else:
            found = archivable(database, {KIND}, parse_instant(before), newest_too=newest_too)
            moved = len(found.indexes)
            archival = archive(database, record, path, found.indexes, keys) if moved else None
        if vacuum:
            database.vacuum()
        size_after = database.size_bytes()
    return _archived(file, archival, moved, found, (size_before, size_after))


def _archived(file: Path, archival: Archival | None, moved: int, found: Archivable, sizes: tuple[int, int]) -> Result:
    bodies = "1 body is" if moved == 1 else f"{moved} bodies are"
    said = f"{bodies} in {file}, as entry {archival.order} says" if archival else "nothing is old enough to archive"
    if moved == 0 and archival:
        said = f"nothing is left to take out: what is in {file} was archived before"
    kept = f"; {found.newest} stay, because nothing newer was said" if found.newest else ""
    more = ("hardpoint record archive ANOTHER_FILE, for what did not fit into one",) if found.left else ()
    verify = (f"hardpoint record verify --archive {file}",) if archival else ()
    return Result(
        schema="record-archive/v1",
        headline=f"{said}{kept}; the store had {_size(sizes[0])} and has {_size(sizes[1])}",
        about={
            "file": str(file),
            "sha256": archival.sha256 if archival else None,
            "order": archival.order if archival else None,
            "archived": moved,
            "newest": found.newest,
            "left": found.left,
            "store_bytes_before": sizes[0],
            "store_bytes": sizes[1],
        },
        next_steps=verify + more,
    )


@verb("record", "upgrade")
@click.option("--backed-up", is_flag=True, help="There is a backup of the PostgreSQL database: upgrade it.")
def upgrade(context: Context, *, backed_up: bool) -> Result:
    """Bring the store to this Hardpoint's version.

    A backup comes first: a SQLite file is copied beside itself, as whenever anything writes to an older store.
    PostgreSQL has to be backed up by you. An upgrade that fails leaves the store as it was.
    """
    with context.stored() as database:
        before = dict(database.installed())
    with context.store(backed_up=backed_up) as database:
        after = dict(database.installed())
    changed = [
        f"{name} {before.get(name, 0)} to {number}" for name, number in after.items() if before.get(name) != number
    ]
    return Result(
        schema="record-upgrade/v1",
        headline=f"upgraded: {', '.join(changed)}" if changed else "nothing to upgrade",
        about={"before": before, "after": after},
    )


def _rows(what: str, counts: Mapping[str, Count]) -> list[Mapping[str, object]]:
    """The largest first; months in their order."""
    ordered = sorted(counts.items(), key=lambda each: each[0] if what == "month" else (-each[1].entries, each[0]))
    return [{what: name, "entries": each.entries, "bytes": each.bytes} for name, each in ordered]


def _chart(months: Mapping[str, Count]) -> str:
    most = max((each.entries for each in months.values()), default=1)
    lines = [
        f"{month}  {'█' * max(1, each.entries * BAR // most)} {each.entries}" for month, each in sorted(months.items())
    ]
    return "\n".join([*lines, ""]) if lines else ""


def _counted(entries: int) -> str:
    return "1 entry" if entries == 1 else f"{entries} entries"


def _size(count: int) -> str:
    """Bytes for people, in powers of 1024."""
    if count < 1024:  # noqa: PLR2004 - the base of the units
        return f"{count} B"
    size, units = count / 1024, iter(("KiB", "MiB", "GiB", "TiB"))
    unit = next(units)
    while size >= 1024 and unit != "TiB":  # noqa: PLR2004
        size, unit = size / 1024, next(units)
    return f"{size:.1f} {unit}"
