"""The whole-job verbs: `check`, `schema`, `demo`."""

import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from hardpoint.faces.cli.ruleset import rules_named
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.result import Document, Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb


@verb("check")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--record", "keep", is_flag=True, help="Append the result to the record, as signed evidence.")
@click.option("--service", metavar="NAME", help="Whom the evidence is about, where the manifest declares several.")
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Only this rule, or those that begin so (DOC).")
@click.option("--known", "shows_known", is_flag=True, help="List the findings that the baseline knows, too.")
@click.option("--blocking", is_flag=True, help="Run the declared blocking checks too, and record everything.")
@click.option("--against", metavar="REV", help="Judge as a change since this commit, branch or tag, too.")
@identity_token_option
@click.option("--base", metavar="REV", help="The protected branch: findings are known that its baseline knows too.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.ERROR.value,
    show_default=True,
    help="The mildest finding that makes the exit code 1.",
)
def check(
    context: Context,
    folder: Path | None,
    *,
    keep: bool,
    service: str | None,
    rules: tuple[str, ...],
    against: str | None,
    shows_known: bool,
    blocking: bool,
    fail_on: str,
    base: str | None,
    identity_token: str | None,
) -> Result:
    """Check the working tree against what it promises.

    Rules about changes, such as documents that have to change with code, examine nothing without --against or the
    protected branch (--base, HARDPOINT_BASE). Exits 1 for findings at or above --fail-on that the baseline does not
    know, and 3 if a rule could not come to a result. With a protected branch, a change that grows the baseline does not
    thereby pass.

    Nothing is executed without --blocking. With it the commands under `blocking:` are run, those of the protected
    branch where there is one, and each has to end with 0 and with reports that hold nothing at or above --fail-on.
    """
    from hardpoint.faces.cli.blocking import declared_checks, exit_of, headline_of, rows, run_checks, would_become
    from hardpoint.faces.cli.survey.plan import refuse_a_bare_one
    from hardpoint.kernel.check import at_least, evidence_of, run_rules, worst_first
    from hardpoint.kernel.evidence import Assurance, drafted
    from hardpoint.kernel.ownership.model import SERVICES, service_named
    from hardpoint.kernel.ruleset import judging

    keep = keep or blocking
    if rules and keep:
        raise UsageProblem("Part of a check is no evidence", remedy="Leave --rule out, or --record and --blocking.")
    if identity_token and not keep:
        raise UsageProblem("--identity-token is for what is recorded", remedy="Add --record.")
    context = context.at(folder, base, against=against)
    workspace = context.workspace
    refuse_a_bare_one(workspace, context.folder)
    checks = declared_checks(context) if blocking else ()
    if against:
        _ = workspace.change  # what names no commit is refused, whether or not a rule asks for it
    about = service_named(workspace.manifest[SERVICES], service).name if keep or service else None
    asked = rules_named(context, rules)
    in_force = asked if rules else judging(asked, workspace, context.at_base)
    runs = run_rules(workspace, in_force, context.progress, base=context.at_base)
    recorded: dict[str, object] = {}
    dirty = workspace.dirty
    if keep and about:
        assurance = Assurance.CI if identity_token else Assurance.RAN
        with context.record(identity_token) as record:
            evidence = evidence_of(runs, workspace, about, context.clock(), assurance, base=context.at_base)
            recorded["entry"], dirty = record.append(drafted(evidence)).index, evidence.dirty
    ran = run_checks(context, checks, service=service, identity_token=identity_token, fail_on=Severity(fail_on))
    findings = worst_first(runs)
    errors = [f"{run.rule} came to no result: {run.error}" for run in runs if run.error is not None]
    new = worst_first([replace(run, findings=run.new) for run in runs])
    failing = at_least(new, Severity(fail_on))
    suppressed = [each for run in runs for each in run.suppressed]
    known = len(findings) - len(new)
    aside = [f"{known} known from the baseline"] * bool(known) + [f"{len(suppressed)} suppressed"] * bool(suppressed)
    headline = _headline([finding.severity for finding in new], sum(run.examined for run in runs), errors)
    headline = f"{headline_of(ran)}; rules: {headline}" if checks else headline
    own = Exit.FAILED if errors else Exit.FOUND if failing else Exit.OK
    return Result(
        schema="check/v1",
        headline=f"{headline} ({', '.join(aside)})" if aside else headline,
        about={
            "commit": workspace.commit,
            "dirty": dirty,
            "against": against,
            "service": about,
            "known": known,
            "known_findings": worst_first([replace(run, findings=run.known) for run in runs]),
            "suppressed": suppressed,
            "unexamined": [run.rule for run in runs if not run.examined and run.error is None],
            **recorded,
        },
        items={
            "findings": findings if shows_known else new,
            "rules": [
                {
                    "rule": run.rule,
                    "examined": run.examined,
                    "findings": len(run.new),
                    "error": run.error,
                }
                for run in runs
                if run.examined or run.error is not None
            ],
            **({"blocking": rows(ran)} if checks else {}),
        },
        next_steps=would_become(context) if checks else (),
        exit=max(own, exit_of(ran)),
        root=workspace.root,
    )


def _headline(severities: list[Severity], examined: int, errors: list[str]) -> str:
    if errors:
        return "; ".join(errors)
    if examined == 0:
        return "nothing was found that could be checked"
    counts = Counter(severities)
    parts = [f"{counts[severity]} {severity.value}{'s' * (counts[severity] != 1)}" for severity in reversed(Severity)]
    return ", ".join(part for part in parts if not part.startswith("0 ")) or "nothing found"


@verb("schema")
def schema(context: Context) -> Document:
    """Print the JSON Schema of hardpoint.yaml, for editors."""
    from hardpoint.kernel import encoding
    from hardpoint.kernel.declarations import Section
    from hardpoint.kernel.manifest import json_schema

    return Document(encoding.pretty(json_schema(context.collect("model", Section))))


@verb("demo")
@click.option("--into", type=click.Path(path_type=Path), help="The folder to build it in; a temporary one if left out.")
def demo(context: Context, into: Path | None) -> Result:
    """See Hardpoint decide on a sample service: NO-GO with reasons, the remedies, GO, and the proof.

    Runs the sample's own tests, and needs the extra `demo`.
    """
    from hardpoint.faces.cli.demo import tell

    folder = into or Path(tempfile.mkdtemp(prefix="hardpoint-demo-"))
    told = tell(folder.resolve(), context.story)
    return Result(
        schema="demo/v1",
        headline="That is the main job: declare, verify, record, judge, prove."
        if told.as_promised
        else "The story did not go as promised; that is a defect of Hardpoint.",
        about={"repository": str(told.repository), "pages": [str(page) for page in told.pages]},
        next_steps=told.next_steps,
        exit=Exit.OK if told.as_promised else Exit.FAILED,
    )
