"""What a team runs and who owns it: the `services` section of the manifest."""

from collections.abc import Sequence
from typing import Annotated

from annotated_types import MaxLen, MinLen

from hardpoint.kernel.declarations import Section, declared
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.spelling import did_you_mean


@declared
class Service:
    """Something that a team runs for others; evidence and verdicts are about it."""

    name: Annotated[str, MinLen(1), MaxLen(200)]
    """Its name, with the organisation before it where that is needed: `acme/keystone`."""
    owner: str = ""
    """The team or person who answers for it."""
    domain: str = ""
    """What it is part of, such as payments; scorecards tell of a domain by its weakest service."""
    default: bool = False
    """Whether commands that name no service are about this one, such as a repository of several as a whole."""


SERVICES: Section[tuple[Service, ...]] = Section("services", tuple[Service, ...], ())


def service_named(services: Sequence[Service], name: str | None) -> Service:
    """The service of that name; without a name the only one, or the only one that is the default.

    Raises UsageProblem if there is none of that name, none at all, or several to choose from.
    """
    names = [service.name for service in services]
    alone = services if len(services) == 1 else [service for service in services if service.default]
    if name is None and len(alone) == 1:
        return alone[0]
    if not services:
        raise UsageProblem("hardpoint.yaml declares no service", remedy="Add one under `services:`.")
    if name is None:
        raise UsageProblem(f"There are {len(names)} services", remedy=f"Say which: --service {' | '.join(names)}")
    if name not in names:
        raise UsageProblem(
            f"No service is named {name!r}{did_you_mean(name, names)}", remedy=f"Known: {', '.join(names)}"
        )
    return services[names.index(name)]
