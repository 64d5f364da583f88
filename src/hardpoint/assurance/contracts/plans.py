"""Compatibility plans: the waivers by which a contract may be broken, and which stewards approved of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hardpoint.assurance.contracts.model import Interface
from hardpoint.kernel.identity.model import TRUST
from hardpoint.kernel.manifest import Manifest
from hardpoint.kernel.waiver import Waiver


@dataclass(frozen=True, slots=True)
class Planned:
    """Which plan is for a break, and why it does not count; with a plan and no reason the break is approved."""

    plan: str = ""
    why_not: str = "no plan is for it"

    @property
    def is_approved(self) -> bool:
        """Whether consumers stay compatible by a plan that counts."""
        return bool(self.plan) and not self.why_not


NOT_PLANNED = Planned()


@dataclass(slots=True)
class Plans:
    """The plans of one contract at one instant: `approved` has who signed each, by the digest of what it says.

    `stewards` hold the function that the contract names. What a plan is asked for is noted: the rest is unused.
    """

    contract: str
    files: Collection[str]
    waivers: Sequence[Waiver]
    stewards: Collection[str]
    approved: Mapping[str, Collection[str]]
    at: datetime
    _used: set[str] = field(default_factory=set)

    def plan_for(self, rule: str, pointer: str, file: str) -> Planned:
        """The plan for a change by its rule and pointer in a file, one that counts before one that does not.

        Plans name another file than the contract's own before the pointer: `types.yaml#/Order`.
        """
        named = file.rpartition(":")[2]
        known = pointer if named in {*self.files, ""} else f"{named}#{pointer}"
        ours = [each for each in self.waivers if each.plans(self.contract, rule, known)]
        self._used |= {each.id for each in ours}
        told = [Planned(each.id, self.why_not(each)) for each in ours]
        return min(told, key=lambda each: bool(each.why_not), default=NOT_PLANNED)

    def why_not(self, plan: Waiver) -> str:
        """Why a plan does not count; empty if it does. A steward has to be among its approvers."""
        why = plan.why_not(self.at, self.approved.get(plan.digest, ()))
        if not why and not set(plan.approvers) & set(self.stewards):
            return f"none of its approvers is a steward of {self.contract}"
        return why

    @property
    def unused(self) -> Sequence[Waiver]:
        """Plans for this contract that nothing asked for."""
        return [each for each in self.waivers if each.contract == self.contract and each.id not in self._used]


def plans_of(
    interface: Interface,
    governing: Manifest,
    waivers: Iterable[Waiver],
    approved: Mapping[str, Collection[str]],
    at: datetime,
    path: str,
) -> Plans:
    """The plans of an interface; its steward and who that is are as the protected branch says, where it knows of it.

    `path` is where the contract is now, which a change may have moved.
    """
    return Plans(
        contract=interface.name,
        files={interface.path, path},
        waivers=tuple({each.digest: each for each in waivers if each.contract is not None}.values()),
        stewards=stewards_of(interface, governing),
        approved=approved,
        at=at,
    )


def stewards_of(interface: Interface, governing: Manifest) -> Collection[str]:
    """The holders of the function that keeps a contract."""
    return next((each.holders for each in governing[TRUST].functions if each.name == interface.steward), ())
