"""`hardpoint evidence collect`: what a code host says of a commit and its protected branch."""

from dataclasses import dataclass, replace
from pathlib import Path

import click

from hardpoint.assurance.delivery.branches import protected_branches
from hardpoint.assurance.delivery.collected import collected
from hardpoint.assurance.delivery.exports import HOSTS, Question, asked, read_folder
from hardpoint.assurance.reports.intake import service_of
from hardpoint.kernel import encoding, git
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Assurance, Evidence, drafted
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One piece of evidence that was collected."""

    kind: str
    name: str
    environment: str
    said: str
    entry: int | None


@verb("evidence", "collect")
@click.argument("host", type=click.Choice(sorted(HOSTS)))
@click.option("--repository", metavar="OWNER/NAME", help="Which repository or project; needed to ask the host.")
@click.option("--from", "folder", type=click.Path(path_type=Path), help="Read the exports in this folder; ask nobody.")
@click.option("--save", type=click.Path(path_type=Path), help="Write what the host says into this folder too.")
@click.option("--commit", metavar="REV", help="The commit to ask about; the one checked out if left out.")
@click.option("--branch", metavar="NAME", help="The protected branch; the declared one if left out.")
@click.option("--service", metavar="NAME", help="Whom it is about, where the manifest declares several.")
@identity_token_option
def collect(
    context: Context,
    host: str,
    *,
    repository: str | None,
    folder: Path | None,
    save: Path | None,
    commit: str | None,
    branch: str | None,
    service: str | None,
    identity_token: str | None,
) -> Result:
    """Record what a code host says of a commit: checks, branch protection, scans, alerts and deployments.

    The host is asked with its own program (`gh`, `glab`) as whoever is logged in there; or its answers are read from
    files NAME.json that were exported. What it refuses to tell is recorded as an error. Exits 3 if there is one.
    """
    workspace, whom = context.workspace, service_of(context, service)
    revision = git.resolve(workspace.root, commit or "HEAD") if workspace.root else commit
    if revision is None:
        raise UsageProblem("There is no commit to ask about", remedy="Name one: --commit")
    branches = protected_branches(context.governing)
    chosen = branch or (branches[0] if branches else None)
    if chosen is None:
        raise UsageProblem("The protected branch is not known", remedy="Name it: --branch main")
    if folder is None and repository is None:
        raise UsageProblem("Which repository?", remedy="--repository OWNER/NAME, or --from the folder of its exports.")
    question = Question(repository=repository or "", commit=revision, branch=chosen)
    answers = (
        read_folder(HOSTS[host], context.folder / folder)
        if folder is not None
        else asked(HOSTS[host], question, context.folder, lambda line: click.echo(line, err=True))
    )
    if save is not None:
        _save(context, save, answers)
    assurance = Assurance.CI if identity_token else Assurance.DECLARED if folder is not None else Assurance.RAN
    now = format_instant(context.clock()) if folder is None else None
    rows = []
    with context.record(identity_token) as record:
        found = collected(HOSTS[host], answers, question)
        for each in found:
            evidence = replace(each, service=whom, assurance=assurance, time=each.time or now)
            rows.append(_row(evidence, record.append(drafted(evidence)).index))
    errors = sum(each.error is not None for each in found)
    return Result(
        schema="evidence-collect/v1",
        headline=f"{len(rows)} pieces of evidence of {revision[:10]} from {host}"
        + (f", {errors} of them errors" if errors else ""),
        about={"host": host, "repository": repository, "commit": revision, "branch": chosen},
        items={"evidence": rows},
        exit=Exit.FAILED if errors or not rows else Exit.OK,
    )


def _save(context: Context, folder: Path, answers: dict[str, object]) -> None:
    target = context.folder / folder
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageProblem(f"{folder} cannot be made: {error.strerror}", remedy="Name another folder.") from error
    for name, answer in answers.items():
        context.write(folder / f"{name}.json", encoding.pretty(answer).encode() + b"\n")


def _row(evidence: Evidence, entry: int) -> Row:
    said = ", ".join(f"{name} {value}" for name, value in evidence.facts.items())
    return Row(
        kind=evidence.kind,
        name=evidence.name,
        environment=evidence.environment or "",
        said=evidence.error or said,
        entry=entry,
    )
