"""`hardpoint evidence import` and `export`: results of other tools, and evidence of another record."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from hardpoint.assurance.reports.bundles import TakenIn, bundles_among, headline_of, looked_at, taken_in
from hardpoint.assurance.reports.intake import Imported, about, read_file
from hardpoint.kernel import encoding, git
from hardpoint.kernel.evidence import Assurance, drafted
from hardpoint.kernel.importer import Importer
from hardpoint.kernel.problem import Exit
from hardpoint.kernel.progress import track
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb


@verb("evidence", "import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--dry-run", is_flag=True, help="Read and show; store nothing. Needs no repository.")
@click.option("--service", metavar="NAME", help="Whom it is about, where the manifest declares several.")
@click.option("--commit", metavar="REV", help="The commit that was tested, where the report does not say.")
@click.option("--time", "when", metavar="TIME", help="When it happened (RFC 3339), where the report does not say.")
@click.option("--environment", metavar="NAME", help="Where it happened: staging, production, …")
@click.option("--name", metavar="NAME", help="Which run of several, such as a job of a matrix; told apart by it.")
@identity_token_option
def import_reports(
    context: Context,
    files: tuple[str, ...],
    *,
    dry_run: bool,
    service: str | None,
    commit: str | None,
    when: str | None,
    environment: str | None,
    name: str | None,
    identity_token: str | None,
) -> Result:
    """Read reports of other tools into the record, and bundles of another record.

    The kind of each FILE is found by its content. Exits 0 whatever the reports say, and 3 if one could not be read:
    what is malformed, truncated or empty is never taken for fewer findings. A bundle of `hardpoint evidence export`
    is taken in whole, and only if every signature and proof of it holds; exits 5 if one does not.
    """
    importers = context.collect("importers", Importer)
    bundles, reports = bundles_among(context, files)
    read = [read_file(context, file, importers) for file in track(reports, "Reading reports", context.progress)]
    if dry_run:
        return _result([imported for imported, _ in read], stored=False, bundles=looked_at(context, bundles))
    complete = (
        about(context, service=service, commit=commit, when=when, environment=environment, name=name)
        if reports
        else None
    )
    taken = taken_in(context, bundles, identity_token)
    if complete is None:
        return _result([], stored=True, bundles=taken)
    assurance = Assurance.CI if identity_token else Assurance.DECLARED
    with context.record(identity_token) as record:
        done = []
        for imported, evidence in read:
            if evidence is not None:
                receipt = record.append_if_new(drafted(replace(complete(evidence), assurance=assurance)))
                imported = replace(imported, entry=receipt.index, added=receipt.added)  # noqa: PLW2901
            done.append(imported)
    dirty = context.workspace.dirty and any(imported.entry is not None for imported in done)
    unbound = commit is None and any(evidence is not None and evidence.commit is None for _, evidence in read)
    unread = any(imported.kind is None for imported in done)
    said = [(dirty, _ONLY_LOCAL), (unbound, _OF_NO_COMMIT), (unread, _UNREAD)]
    return _result(done, stored=True, bundles=taken, next_steps=[each for applies, each in said if applies])


@verb("evidence", "export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--service", metavar="NAME", help="Only what is about this service.")
@click.option("--commit", metavar="REV", help="Only what is about this commit.")
def export(context: Context, file: Path, *, service: str | None, commit: str | None) -> Result:
    """Write the evidence that was recorded here to FILE, a bundle that another store imports.

    Each entry goes with its signature and the proof that it stands in this record.
    """
    from hardpoint.kernel.record.imported import export_evidence

    root = context.workspace.root
    revision = git.resolve(root, commit) if commit and root else commit
    with context.stored() as database:
        bundle = export_evidence(database, service=service, commit=revision)
    context.write(file, encoding.pretty(bundle).encode() + b"\n")
    count = len(bundle.entries)
    return Result(
        schema="evidence-export/v1",
        headline=f"{'1 entry' if count == 1 else f'{count} entries'} with proofs in {file}",
        about={"file": str(file), "entries": count},
        next_steps=(f"In the other store: hardpoint evidence import {file}",),
    )


_OF_NO_COMMIT = "a report that names no commit is evidence about none: import it with --commit HEAD"
_UNREAD = "make the report anew, or name the file where your tool writes it; nothing of an unread one was recorded"
_ONLY_LOCAL = "the working tree has uncommitted or untracked files, so this counts for a local verdict only"


def _result(
    reports: Sequence[Imported],
    *,
    stored: bool,
    bundles: Sequence[TakenIn] = (),
    next_steps: Sequence[str] = (),
) -> Result:
    unread = sum(report.kind is None for report in reports)
    findings = sum(len(report.findings or ()) for report in reports)
    known = sum(not report.added for report in reports if report.entry is not None)
    parts = [headline_of(each) for each in bundles]
    if reports:
        parts.append(f"{len(reports) - unread} of {len(reports)} reports read")
        parts.append("1 finding" if findings == 1 else f"{findings} findings")
    parts += [f"{known} already in the record"] if known else []
    parts += [] if stored else ["nothing stored"]
    return Result(
        schema="evidence-import/v1",
        headline=", ".join(parts),
        items={"reports": reports, **({"bundles": bundles} if bundles else {})},
        next_steps=next_steps,
        exit=Exit.FAILED if unread else Exit.OK,
    )
