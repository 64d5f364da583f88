"""`hardpoint contract window`: the revision against every release that is still in use."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb

if TYPE_CHECKING:
    from hardpoint.assurance.contracts.lifecycle import Calendar
    from hardpoint.assurance.contracts.model import Interface
    from hardpoint.assurance.contracts.releases import Held
    from hardpoint.assurance.contracts.version_pairs import PairRun
    from hardpoint.assurance.contracts.window import Break
    from hardpoint.kernel.evidence import Evidence, Fact

_LEFT_OUT = "pairs of versions are declared and were not run: add --run"


@verb("contract", "window")
@click.argument("name", required=False)
@click.option("--release", "files", multiple=True, metavar="FILE", help="A release, the oldest first, or REV:path.")
@click.option("--at", metavar="DATE", help="Judge sunset dates as of this day (2026-01-31); today if left out.")
@click.option("--run", "runs", is_flag=True, help="Run the declared pairs of versions too.")
@click.option("--record", "keep", is_flag=True, help="Append the result to the record, as signed evidence.")
@click.option("--base", metavar="REV", help="The protected branch: stewards and trust are read from there.")
@identity_token_option
def window(
    context: Context,
    name: str | None,
    *,
    files: tuple[str, ...],
    at: str | None,
    runs: bool,
    keep: bool,
    base: str | None,
    identity_token: str | None,
) -> Result:
    """Compare a contract with every release in its compatibility window, and name whom each break hurts.

    NAME is a contract of the manifest, by default each of them; or a file, with a --release for each release to
    compare it with. Exits 1 for a break that no approved plan covers or a pair that fails, and 3 without any release to
    compare with. Nothing is executed without --run.
    """
    from hardpoint.assurance.contracts.lifecycle import Calendar
    from hardpoint.assurance.contracts.verbs.diff import day_given

    if identity_token and not keep:
        raise UsageProblem("--identity-token is for what is recorded", remedy="Add --record.")
    if keep and at:
        raise UsageProblem("What is recorded is judged as of today", remedy="Leave out --at, or --record.")
    context = context.at(base=base)
    calendar = Calendar(day_given(at) or context.clock().date())
    chosen = list(_chosen(context, name, files))
    if keep and any(not each.steward for each in chosen):
        raise UsageProblem("What is recorded is of a declared contract", remedy="Declare it under `contracts:`.")
    seen = [_look(context, each, calendar, runs=runs) for each in chosen]
    entries = _recorded(context, seen, identity_token) if keep else ()
    return Result(
        schema="contract-window/v1",
        headline="; ".join(each.headline for each in seen),
        about={
            "at": calendar.today,
            "contracts": [each.row() for each in seen],
            "entries": entries,
            "broken": any(each.unapproved for each in seen),
        },
        items={"findings": [finding for each in seen for finding in each.findings()]},
        next_steps=[step for each in seen for step in each.next_steps()],
        exit=max((each.exit for each in seen), key=_gravity),
    )


def _gravity(outcome: Exit) -> int:
    """A break is told before what could not be judged."""
    return [Exit.OK, Exit.FAILED, Exit.FOUND].index(outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One contract: the releases in its window, what it breaks of them, and the pairs that were run."""

    interface: "Interface"
    held: "Held"
    breaks: Sequence["Break"]
    unused: Sequence[str]
    pairs: Sequence["PairRun"]
    ran: bool

    @property
    def unapproved(self) -> "Sequence[Break]":
        return [each for each in self.breaks if not each.planned.is_approved]

    @property
    def error(self) -> str | None:
        """Why there is not enough evidence."""
        if self.held.missing:
            named = ", ".join(each.name for each in self.held.missing)
            looked_for = self.held.missing[0].contract.rpartition(":")[2]  # a change may have moved it since
            return f"{named} has no {looked_for}, and an older release has it or none does"
        if not self.held.releases:
            return "its window holds no release"
        unrun = [each.error for each in self.pairs if each.error]
        return f"a pair of versions came to no result: {unrun[0]}" if unrun else None

    @property
    def failed(self) -> "Sequence[PairRun]":
        return [each for each in self.pairs if not each.passed and each.error is None]

    @property
    def exit(self) -> Exit:
        if self.unapproved or self.failed:
            return Exit.FOUND
        return Exit.FAILED if self.error else Exit.OK

    @property
    def headline(self) -> str:
        compared = [each.name for each in self.held.compared]
        against = f"against {len(compared)} release{'' if len(compared) == 1 else 's'}"
        broken, planned = len(self.unapproved), len(self.breaks) - len(self.unapproved)
        if not compared and self.error:
            return f"{self.interface.name}: not enough evidence: {self.error}"
        told = f"{broken} break{'' if broken == 1 else 's'} without an approved plan" if broken else "breaks nobody"
        parts = [f"{self.interface.name} {against}: {told}"]
        parts += [f"{planned} under approved plans"] * bool(planned)
        parts += [f"{len(self.pairs) - len(self.failed)} of {len(self.pairs)} pairs work"] * bool(self.pairs)
        parts += [f"not enough evidence: {self.error}"] * bool(self.error)
        return ", ".join(parts)

    def row(self) -> dict[str, object]:
        return {
            "contract": self.interface.name,
            "path": self.interface.path,
            "releases": [{"name": each.name, "has_contract": each.has_contract} for each in self.held.releases],
            "unread_tags": self.held.unread,
            "breaks": [each.row() for each in self.breaks],
            "unused_plans": self.unused,
            "pairs": self.pairs,
            "error": self.error,
        }

    def findings(self) -> "Iterator[Finding]":
        for each in self.breaks:
            change = each.change
            where = f"{change.method} {change.path}: " if change.path else ""
            plan = each.planned
            covered = f" (under the plan {plan.plan})" if plan.is_approved else ""
            why = f"; the plan {plan.plan} does not count: {plan.why_not}" if plan.plan and plan.why_not else ""
            yield Finding(
                rule=change.id,
                severity=Severity.NOTE if plan.is_approved else Severity.ERROR,
                # What is gone stands in the release only, which is no file of the workspace.
                place=(change.place if change.revision else None) or Place(self.interface.path),
                text=f"{where}{change.text}: hurts consumers back to {each.oldest}{covered}{why}",
                remedy=change.remedy,
            )
        for named in self.unused:
            text = f"the plan {named} for {self.interface.name} covers nothing that this revision breaks"
            yield Finding(
                rule="unused-plan",
                severity=Severity.WARNING,
                place=Place(self.interface.path),
                text=text,
                remedy="Take it out: it would cover the next such break unseen",
            )
        for run in self.pairs:
            if not run.passed:
                versions = f"client {run.client}, server {run.server}, schema {run.schema}"
                ended = run.error or f"ended with {run.exit}"
                yield Finding(
                    rule="version-pair",
                    severity=Severity.ERROR,
                    place=Place(self.interface.path),
                    text=f"{run.pair} ({versions}) {ended}: {run.argv}",
                    remedy="Make both versions work together, or end the support of the older one first",
                )

    def next_steps(self) -> Iterator[str]:
        if self.unapproved:
            yield "keep what consumers rely on, or plan for it: `hardpoint waiver approve PLAN` by a steward"
        if self.interface.pairs and not self.ran:
            yield _LEFT_OUT


def _chosen(context: Context, name: str | None, files: tuple[str, ...]) -> "Iterator[Interface]":
    from hardpoint.assurance.contracts.declared import interface_named, interfaces
    from hardpoint.assurance.contracts.model import Interface, Releases, Window

    if files:
        if name is None:
            raise UsageProblem("There is nothing to compare the releases with", remedy="Name the revision: a file.")
        window = Window(releases=min(len(files), 100))
        yield Interface(name=name, path=name, steward="", releases=Releases(files=files), window=window)
        return
    if (
        name
        and not any(each.name == name for each in interfaces(context.workspace))
        and (context.folder / name).exists()
    ):
        raise UsageProblem(
            f"{name!r} is a file, and no declared contract", remedy="Name what to compare it with: --release FILE."
        )
    declared = [interface_named(context.workspace, name)] if name else list(interfaces(context.workspace))
    ours = [each for each in declared if each.kind == "openapi"]
    if not ours:
        raise UsageProblem(
            f"{name} is of kind {declared[0].kind}, which has no window yet" if declared else "No contract is declared",
            remedy="Declare an OpenAPI contract under `contracts:`, or name files: FILE --release FILE.",
        )
    yield from ours


def _look(context: Context, interface: "Interface", calendar: "Calendar", *, runs: bool) -> _Seen:
    from hardpoint.assurance.contracts.declared import own_path, service_of
    from hardpoint.assurance.contracts.plans import Plans, plans_of
    from hardpoint.assurance.contracts.releases import releases_in_window
    from hardpoint.assurance.contracts.sides import contract_at
    from hardpoint.assurance.contracts.version_pairs import run_pairs
    from hardpoint.assurance.contracts.window import breaks_of
    from hardpoint.kernel.waiver import WAIVERS

    if interface.steward:
        workspace = context.workspace
        folder = workspace.root or context.folder
        declared = (*workspace.governing[WAIVERS], *workspace.manifest[WAIVERS])
        ours = [each for each in declared if each.contract == interface.name]
        approved = context.approvals(service_of(interface, workspace)) if ours else {}
        held = releases_in_window(interface, workspace.root if workspace.in_git else None)
        now = own_path(interface, workspace)
        plans = plans_of(interface, workspace.governing, ours, approved, context.clock(), now)
    else:
        folder = context.folder
        plans = Plans(interface.name, {interface.path}, (), (), {}, context.clock())
        held, now = releases_in_window(interface, None), interface.path
    revision = contract_at(now, folder)
    breaks = breaks_of(revision, held.compared, lambda named: contract_at(named, folder), calendar, plans)
    pairs = list(run_pairs(interface.pairs, held.releases, folder, context.story)) if runs else []
    return _Seen(
        interface=replace(interface, path=now),
        held=held,
        breaks=breaks,
        unused=[each.id for each in plans.unused],
        pairs=pairs,
        ran=runs,
    )


def _recorded(context: Context, seen: Sequence[_Seen], identity_token: str | None) -> list[int]:
    from hardpoint.kernel.evidence import drafted

    evidence = [_evidence(context, each, ci=identity_token is not None) for each in seen]
    with context.record(identity_token) as record:
        return [record.append(drafted(each)).index for each in evidence]


def _evidence(context: Context, seen: _Seen, *, ci: bool) -> "Evidence":
    """What gates may ask for; the fact `pairs` is there only if they were run."""
    from hardpoint.assurance.contracts.declared import evidence_about
    from hardpoint.assurance.contracts.model import WINDOW

    facts: dict[str, Fact] = {
        "releases": len(seen.held.compared),
        "breaking": len(seen.breaks),
        "unapproved": len(seen.unapproved),
        "unused_plans": len(seen.unused),
    }
    if seen.breaks:
        hurt = {name for each in seen.breaks for name in each.hurts}
        facts["oldest_hurt"] = next(each.name for each in reversed(seen.held.compared) if each.name in hurt)
    if seen.ran:
        facts |= {"pairs": len(seen.pairs), "pairs_failed": len(seen.failed)}
    compared = len(seen.held.compared)
    findings = tuple(seen.findings())
    return evidence_about(
        seen.interface, context.workspace, WINDOW.kind, facts, findings, compared, error=seen.error, ci=ci
    )
