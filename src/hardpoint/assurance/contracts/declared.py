"""The interfaces that a team declares: as the protected branch has them, and those that a change adds."""

from collections.abc import Mapping, Sequence

import hardpoint
from hardpoint.assurance.contracts.model import CONTRACTS, Interface
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Assurance, Evidence, Fact, Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.ownership.model import SERVICES, service_named
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.kernel.workspace import Workspace


def interfaces(workspace: Workspace) -> Sequence[Interface]:
    """Every declared interface: a change neither undeclares one nor chooses who its steward is."""
    governing = {each.name: each for each in workspace.governing[CONTRACTS]}
    own = {each.name: each for each in workspace.manifest[CONTRACTS]}
    return [*governing.values(), *(each for name, each in own.items() if name not in governing)]


def interface_named(workspace: Workspace, name: str) -> Interface:
    """The interface of that name.

    Raises UsageProblem if none is.
    """
    known = {each.name: each for each in interfaces(workspace)}
    if name not in known:
        raise UsageProblem(
            f"No contract is named {name!r}{did_you_mean(name, sorted(known))}",
            remedy=f"Known: {', '.join(sorted(known)) or 'none; declare it under `contracts:`'}",
        )
    return known[name]


def service_of(interface: Interface, workspace: Workspace) -> str:
    """The service that provides an interface.

    Raises UsageProblem if that is none, or one of several.
    """
    return service_named(workspace.manifest[SERVICES], interface.service or None).name


def own_path(interface: Interface, workspace: Workspace) -> str:
    """Where the contract is now: a change may move it."""
    return next((each.path for each in workspace.manifest[CONTRACTS] if each.name == interface.name), interface.path)


def declared_pairs(workspace: Workspace) -> set[tuple[str, str]]:
    """Every consumer that an interface declares, with the service that provides it; nothing without a manifest."""
    services = workspace.manifest[SERVICES]
    only = services[0].name if len(services) == 1 else ""
    return {
        (consumer, each.service or only)
        for each in interfaces(workspace)
        for consumer in each.consumers
        if each.service or only
    }


def evidence_about(
    interface: Interface,
    workspace: Workspace,
    kind: str,
    facts: Mapping[str, Fact],
    findings: Sequence[Finding],
    population: int,
    *,
    error: str | None = None,
    ci: bool = False,
) -> Evidence:
    """What was found of an interface at the workspace's commit, as evidence; its name is the interface's."""
    return Evidence(
        kind=kind,
        name=interface.name,
        service=service_of(interface, workspace),
        producer=Producer(name="hardpoint", version=hardpoint.__version__),
        population=population,
        facts=facts,
        findings=tuple(findings),
        commit=workspace.commit,
        dirty=workspace.dirty or not workspace.is_as_opened(),
        time=format_instant(workspace.now),
        error=error,
        assurance=Assurance.CI if ci else Assurance.RAN,
    )
