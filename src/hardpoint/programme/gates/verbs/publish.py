"""`hardpoint gate badge`, `gate metrics` and `gate health`: verdicts that were recorded, for those who only look."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click

from hardpoint.kernel import git
from hardpoint.kernel.atomic import write_file
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.ownership.model import SERVICES, service_named
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.result import Document, Result
from hardpoint.kernel.rooms.cli import Context, verb
from hardpoint.kernel.verdict import Decision
from hardpoint.programme.gates.badge import badge_of, svg
from hardpoint.programme.gates.health import Measure, measured, missed
from hardpoint.programme.gates.lookback import Lookback, looking_back
from hardpoint.programme.gates.metrics import exposition, families
from hardpoint.programme.gates.model import GATE_TARGETS, deciding
from hardpoint.programme.gates.sitting import named

_out = click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file, whole or not at all."
)
_base = click.option("--base", metavar="REV", help="The protected branch: gates and trust are read from there.")


@verb("gate", "badge")
@click.argument("name", required=False)
@click.option("--service", metavar="NAME", help="Of whom, where the manifest declares several.")
@click.option("--commit", metavar="REV", help="The verdict on this commit; by default the newest of any.")
@click.option("--max-age", default="7d", show_default=True, metavar="TIME", help="From which age on it says its age.")
@_out
@_base
def badge(
    context: Context,
    name: str | None,
    *,
    service: str | None,
    commit: str | None,
    max_age: str,
    out: Path | None,
    base: str | None,
) -> Document | Result:
    """Draw the newest recorded verdict of gate NAME, or of the default gate, as an SVG.

    Without a recorded verdict it says so. One that is older than --max-age says how old, and is not green.
    """
    context = context.at(base=base)
    gate = _one(context, name)
    age = _duration("--max-age", max_age)
    about = service_named(context.workspace.manifest[SERVICES], service).name
    root = context.workspace.root
    only = git.resolve(root, commit) if commit and root else commit
    with looking_back(context) as lookback:
        verdicts = (each.decision for each in lookback.verdicts(about))
        newest = next((each for each in verdicts if each.gate == gate and only in (None, each.commit)), None)
    drawn = badge_of(gate, newest, context.clock(), age.delta)
    if out is None:
        return Document(svg(drawn))
    write_file(context.folder / out, svg(drawn).encode())
    return Result(
        schema="gate-badge/v1",
        headline=f"wrote {out}: {drawn.title}",
        about={"file": str(out), "label": drawn.label, "words": drawn.words, "title": drawn.title},
    )


@verb("gate", "metrics")
@click.option("--service", metavar="NAME", help="Of whom; by default of every service.")
@_out
@_base
def metrics(context: Context, *, service: str | None, out: Path | None, base: str | None) -> Document | Result:
    """Write the newest recorded verdict of each gate as metrics for Prometheus.

    In its text format: for the folder of node exporter's textfile collector, or for a Pushgateway. With the health of
    gates and builds. What is not known has no sample.
    """
    context = context.at(base=base)
    now, gates = context.clock(), [each.name for each in named(context, None)]
    services = _services(context, service)
    with looking_back(context) as lookback:
        decisions = [each for whom in services for each in _newest(lookback, whom, gates).values()]
        measures = [each for whom in services for each in _measured(context, lookback, whom, gates, now)]
    text = exposition(families(decisions, measures, now))
    if out is None:
        return Document(text)
    write_file(context.folder / out, text.encode())
    told = "1 verdict" if len(decisions) == 1 else f"{len(decisions)} verdicts"
    return Result(
        schema="gate-metrics/v1",
        headline=f"wrote {out}: {told}",
        about={"file": str(out), "verdicts": len(decisions)},
    )


@verb("gate", "health")
@click.argument("name", required=False)
@click.option("--service", metavar="NAME", help="Of whom; by default of every service.")
@_base
def health(context: Context, name: str | None, *, service: str | None, base: str | None) -> Result:
    """Say how often gate NAME says GO, and how long builds take, against `gate_targets`.

    Without NAME it is about the gates marked `default: true`, or about all where none is. Counted are verdicts that
    were recorded, and builds that were run by `hardpoint evidence run`, of signers whom the team vouches for. Exits 1
    if a target is missed, or if there is too little to say that it is met.
    """
    context = context.at(base=base)
    gates = deciding(named(context, name))
    with looking_back(context) as lookback:
        measures = [
            each
            for whom in _services(context, service)
            for each in _measured(context, lookback, whom, gates, context.clock())
        ]
    bad = list(missed(measures))
    aims = sum(each.verdict is not None for each in measures)
    said = f"{aims - len(bad)} of {aims} targets met" if aims else "no target is declared (gate_targets)"
    return Result(
        schema="gate-health/v1",
        headline=said,
        items={"measures": measures},
        exit=Exit.FOUND if bad else Exit.OK,
    )


def _one(context: Context, name: str | None) -> str:
    """The gate of that name, the default one, or the only one.

    Raises UsageProblem if that is not one.
    """
    chosen = deciding(named(context, name))
    if len(chosen) > 1:
        raise UsageProblem(f"There are {len(chosen)} gates to choose from", remedy=f"Name one: {', '.join(chosen)}")
    return chosen[0]


def _services(context: Context, name: str | None) -> Sequence[str]:
    declared = context.workspace.manifest[SERVICES]
    if name is None and declared:
        return [each.name for each in declared]
    return [service_named(declared, name).name]


def _newest(lookback: Lookback, service: str, gates: Sequence[str]) -> Mapping[str, Decision]:
    """The newest verdict of each of these gates, in their order."""
    found: dict[str, Decision] = {}
    for _, decision in lookback.verdicts(service):
        if decision.gate in gates:
            found.setdefault(decision.gate, decision)
        if len(found) == len(gates):
            break
    return {gate: found[gate] for gate in gates if gate in found}


def _measured(
    context: Context, lookback: Lookback, service: str, gates: Sequence[str], at: datetime
) -> Sequence[Measure]:
    return measured(lookback, service, gates, context.governing.manifest[GATE_TARGETS], at)


def _duration(option: str, text: str) -> Duration:
    try:
        return Duration.parse(text)
    except ValueError as error:
        raise UsageProblem(f"{option}: {error}", remedy="Write it as 12h, 7d or 4w.") from error
