"""`hardpoint evidence probe`: what a site answers, and how well its headers guard it."""

from pathlib import Path

import click

import hardpoint
from hardpoint.assurance.reports.intake import service_of
from hardpoint.assurance.reports.web.fetch import Ports, look_at
from hardpoint.assurance.reports.web.headers import TESTS, Graded, facts, judge
from hardpoint.kernel import git
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Assurance, Evidence, Producer, drafted
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit, UnreadableProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb

KIND = "probe"
_GRAVE = -20
"""From so many points on, what is wrong is an error."""
_PORT = click.IntRange(1, 65535)


@verb("evidence", "probe")
@click.argument("url")
@click.option("--environment", metavar="NAME", help="Where the site is: staging, production, …")
@click.option("--dry-run", is_flag=True, help="Look and show; store nothing. Needs no repository.")
@click.option("--service", metavar="NAME", help="Whom it is about, where the manifest declares several.")
@click.option("--commit", metavar="REV", help="The commit that runs there, where you know it.")
@click.option("--ca-file", type=click.Path(path_type=Path), help="Certificates to trust too, as PEM.")
@click.option("--http-port", type=_PORT, default=80, show_default=True, help="Where http is answered.")
@click.option("--https-port", type=_PORT, default=443, show_default=True, help="Where https is answered.")
@identity_token_option
def probe(
    context: Context,
    url: str,
    *,
    environment: str | None,
    dry_run: bool,
    service: str | None,
    commit: str | None,
    ca_file: Path | None,
    http_port: int,
    https_port: int,
    identity_token: str | None,
) -> Result:
    """Ask a site, and record how its headers guard it: ten tests, judged as the MDN HTTP Observatory judges them.

    Its page is asked for over http and https, following redirections, and once more as another origin would. Exits 1 if
    a test does not pass, and 3 if nothing answers.
    """
    if not dry_run and environment is None:
        raise click.UsageError("Say where the site is: --environment production")
    began = format_instant(context.clock())
    graded, error = None, None
    whom = None if dry_run else service_of(context, service)
    try:
        graded = judge(look_at(url, ports=Ports(http=http_port, https=https_port), ca_file=_file(context, ca_file)))
    except UnreadableProblem as problem:
        if dry_run:
            raise
        error = problem.sentence
    findings = _findings(url, graded) if graded else ()
    known = facts(graded) if graded else {}
    entry = None
    if whom is not None:
        root = context.workspace.root
        evidence = Evidence(
            kind=KIND,
            name=url,
            service=whom,
            producer=Producer(name="hardpoint", version=hardpoint.__version__),
            population=len(TESTS) if graded else 0,
            facts=known,
            findings=findings,
            commit=git.resolve(root, commit) if commit and root else commit,
            environment=environment,
            time=began,
            error=error,
            assurance=Assurance.CI if identity_token else Assurance.RAN,
        )
        with context.record(identity_token) as record:
            entry = record.append(drafted(evidence)).index
    return Result(
        schema="evidence-probe/v1",
        headline=_headline(url, graded, error, entry),
        about={"url": url, "environment": environment, "facts": known, "error": error, "entry": entry},
        items={"findings": findings},
        exit=Exit.FAILED if graded is None else Exit.FOUND if graded.failed else Exit.OK,
    )


def _file(context: Context, file: Path | None) -> Path | None:
    return None if file is None else context.folder / file


def _findings(url: str, graded: Graded) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            rule=test,
            severity=Severity.ERROR if outcome.points <= _GRAVE else Severity.WARNING,
            place=Place(url),
            text=f"{outcome.text} ({graded.results[test]})",
            remedy=outcome.remedy,
        )
        for test, outcome in graded.failed.items()
    )


def _headline(url: str, graded: Graded | None, error: str | None, entry: int | None) -> str:
    kept = "nothing stored" if entry is None else f"recorded as entry {entry}"
    if graded is None:
        return f"{error}; {kept}"
    passed = len(TESTS) - len(graded.failed)
    return f"{url}: {passed} of {len(TESTS)} tests pass, grade {graded.grade} ({graded.score} points); {kept}"
