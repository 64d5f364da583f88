"""Any two descriptions of one interface, whatever they are written in, and what changed between them."""


from enum import StrEnum
from typing import TYPE_CHECKING

from hardpoint.assurance.contracts.asyncapi import is_asyncapi, read_asyncapi
from hardpoint.assurance.contracts.catalogue import Level
from hardpoint.assurance.contracts.change import Change
from hardpoint.assurance.contracts.diff import compare_contracts
from hardpoint.assurance.contracts.document import Document
from hardpoint.assurance.contracts.lifecycle import Calendar
from hardpoint.assurance.contracts.operations import Contract, read_contract
from hardpoint.assurance.contracts.sides import Side
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem

if TYPE_CHECKING:
    from hardpoint.assurance.contracts.protobuf.changes import Change as Difference


class Kind(StrEnum):
    """What an interface is described in."""

    OPENAPI = "openapi"
    ASYNCAPI = "asyncapi"
    PROTOBUF = "protobuf"


def changes_between(base: Side, revision: Side, calendar: Calendar, category: str) -> tuple[Change, ...]:
    """Every change between two descriptions of one kind, the worst first.

    `category` says who is to go on working with Protobuf: `wire`, `wire-json` or `package`. Raises UsageProblem if the
    two are of different kinds, UnreadableProblem at the place of what cannot be read.
    """
    from hardpoint.assurance.contracts.protobuf.descriptors import is_descriptor_set

    binary = [is_descriptor_set(each.content) for each in (base, revision)]
    if all(binary):
        return _protobuf(base, revision, category)
    read = [
        (Kind.PROTOBUF, None) if is_set else _described(each) for each, is_set in zip((base, revision), binary, strict=True)
    ]
    (was, before), (now, after) = read
    if was is not now or before is None or after is None:
        raise UsageProblem(
            f"{base.name} is {was.value}, and {revision.name} is {now.value}",
            remedy="Compare two descriptions of one kind.",
        )
    return compare_contracts(before, after, calendar)


def _described(side: Side) -> tuple[Kind, Contract]:
    if side.name.endswith(".proto"):
        raise UnreadableProblem(
            "is a source of Protobuf, and descriptor sets are read",
            place=Place(side.name),
            remedy="`buf build -o api.binpb` makes one, as does `protoc --include_imports --descriptor_set_out`.",
        )
    if b"asyncapi" in side.content and is_asyncapi(Document(side.name, side.content).root.value):
        return Kind.ASYNCAPI, read_asyncapi(side.name, side.content, side.read)
    return Kind.OPENAPI, read_contract(side.name, side.content, side.read)


def _protobuf(base: Side, revision: Side, category: str) -> tuple[Change, ...]:
    from hardpoint.assurance.contracts.protobuf.changes import Category, changes
    from hardpoint.assurance.contracts.protobuf.descriptors import read_descriptors

    sets = [read_descriptors(each.name, each.content) for each in (base, revision)]
    broken = Category(category)
    found = [_as_change(each, is_breaking=broken in each.breaks) for each in changes(*sets)]
    return tuple(sorted(found, key=lambda each: each.level is not Level.ERROR))


def _as_change(each: "Difference", *, is_breaking: bool) -> Change:
    return Change(
        id=each.id,
        level=Level.ERROR if is_breaking else Level.INFO,
        pointer=each.element,
        place=each.revision or each.base,
        base_place=each.base,
        text=f"{each.element}: {each.text}",
        remedy=each.remedy,
    )


