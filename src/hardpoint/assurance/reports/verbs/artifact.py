"""`hardpoint evidence artifact`: what was built, by its digest."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import click

import hardpoint
from hardpoint.assurance.reports.intake import service_of, told_apart
from hardpoint.kernel import git
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Assurance, Evidence, Producer, Source, drafted
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb

KIND = "artifact"
_AT_ONCE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One file that was built."""

    name: str
    sha256: str
    size_bytes: int
    entry: int | None = None


@verb("evidence", "artifact")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--name", metavar="NAME", help="What to call it, where its path is not what a gate names.")
@click.option("--service", metavar="NAME", help="Whom it is of, where the manifest declares several.")
@click.option("--commit", metavar="REV", help="The commit that it was built from; the one checked out if left out.")
@identity_token_option
def artifact(
    context: Context,
    files: tuple[str, ...],
    *,
    name: str | None,
    service: str | None,
    commit: str | None,
    identity_token: str | None,
) -> Result:
    """Record the SHA-256 of each FILE as what this commit was built into.

    That it was built from it is the word of whoever records it, or of the CI runner. The files are not kept.
    """
    if name and len(files) > 1:
        raise UsageProblem("One name cannot tell several files apart", remedy="Name one file, or leave --name out.")
    workspace, whom = context.workspace, service_of(context, service)
    bound = git.resolve(workspace.root, commit) if commit and workspace.root else commit or workspace.commit
    found = [_digest(context, file, name or told_apart(context, file)) for file in files]
    if len({each.name for each in found}) < len(found):
        raise UsageProblem("A file is named twice", remedy="Name each once.")
    done = []
    dirty = workspace.dirty and bound == workspace.commit
    with context.record(identity_token) as record:
        for each in found:
            evidence = Evidence(
                kind=KIND,
                name=each.name,
                service=whom,
                producer=Producer(name="hardpoint", version=hardpoint.__version__),
                population=1,
                facts={"sha256": each.sha256, "size_bytes": each.size_bytes},
                commit=bound,
                dirty=dirty,
                time=format_instant(context.clock()),
                source=Source(name=each.name, sha256=each.sha256, size_bytes=each.size_bytes),
                assurance=Assurance.CI if identity_token else Assurance.DECLARED,
            )
            entry = record.append(drafted(evidence)).index
            done.append(Artifact(name=each.name, sha256=each.sha256, size_bytes=each.size_bytes, entry=entry))
    return Result(
        schema="evidence-artifact/v1",
        headline=f"{_counted(len(done))} of {(bound or 'no commit')[:10]} recorded",
        about={"commit": bound, "dirty": dirty},
        items={"artifacts": done},
        next_steps=("the working tree has changes, so this counts for a local verdict only",) if dirty else (),
    )


def _counted(number: int) -> str:
    return "1 artifact" if number == 1 else f"{number} artifacts"


def _digest(context: Context, file: str, name: str) -> Artifact:
    digest, size = sha256(), 0
    try:
        with Path(context.folder / file).open("rb") as opened:
            while part := opened.read(_AT_ONCE):
                digest.update(part)
                size += len(part)
    except OSError as error:
        raise UnreadableProblem(f"{file} cannot be read: {error.strerror}", remedy="Build it first.") from error
    if not size:
        raise UnreadableProblem(f"{file} is empty", remedy="Build it anew.")
    return Artifact(name=name, sha256=digest.hexdigest(), size_bytes=size)
