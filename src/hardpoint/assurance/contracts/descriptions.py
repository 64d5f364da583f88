"""Any two descriptions of one interface, whatever they are written in, and what changed between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hardpoint.assurance.contracts.asyncapi import is_asyncapi, read_asyncapi
from hardpoint.assurance.contracts.catalogue import Level
from hardpoint.assurance.contracts.change import Change
from hardpoint.assurance.contracts.diff import compare_contracts
from hardpoint.assurance.contracts.document import Document, locate
from hardpoint.assurance.contracts.lifecycle import Calendar
from hardpoint.assurance.contracts.operations import Contract, read_contract
from hardpoint.assurance.contracts.protobuf import is_descriptor_set
from hardpoint.assurance.contracts.sides import Side
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem


class Kind(StrEnum):
    """What an interface is described in."""

    OPENAPI = "openapi"
    ASYNCAPI = "asyncapi"
    PROTOBUF = "protobuf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A change as it is written in JSON, its places found.

    `pointer` and `place` are those of the revision, or of the base for what is gone: a JSON Pointer, or for Protobuf a
    full name. A schema that many operations use is reported for some of them, and `uses` says of how many.
    """

    id: str
    level: Level
    direction: str = ""
    method: str | None = None
    path: str | None = None
    property: str = ""
    pointer: str = ""
    place: Place | None = None
    base_pointer: str = ""
    base_place: Place | None = None
    text: str = ""
    remedy: str = ""
    uses: int = 1


def changes_between(base: Side, revision: Side, calendar: Calendar, category: str) -> list[Reported]:
    """Every change between two descriptions of one kind, the worst first.

    `category` says who is to go on working with Protobuf: `wire`, `wire-json` or `package`. Raises UsageProblem if the
    two are of different kinds, UnreadableProblem at the place of what cannot be read.
    """
    binary = [is_descriptor_set(each.content) for each in (base, revision)]
    if all(binary):
        return _protobuf(base, revision, category)
    read = [
        (Kind.PROTOBUF, None) if is_set else _described(each)
        for each, is_set in zip((base, revision), binary, strict=True)
    ]
    (was, before), (now, after) = read
    if was is not now or before is None or after is None:
        raise UsageProblem(
            f"{base.name} is {was.value}, and {revision.name} is {now.value}",
            remedy="Compare two descriptions of one kind.",
        )
    return reported(compare_contracts(before, after, calendar))


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


def reported(changes: Sequence[Change]) -> list[Reported]:
    """Changes with their places, which are found all at once."""
    locate(node for each in changes for node in (each.base, each.revision) if node is not None)
    return [
        Reported(
            id=each.id,
            level=each.level,
            direction=each.direction,
            method=each.method,
            path=each.path,
            property=each.member,
            pointer=each.pointer,
            place=each.place,
            base_pointer=each.base.pointer if each.base else "",
            base_place=each.base.place if each.base else None,
            text=each.text,
            remedy=each.remedy,
            uses=each.uses,
        )
        for each in changes
    ]


def _protobuf(base: Side, revision: Side, category: str) -> list[Reported]:
    from hardpoint.assurance.contracts.protobuf.changes import Category, changes
    from hardpoint.assurance.contracts.protobuf.descriptors import read_descriptors

    sets = [read_descriptors(each.name, each.content) for each in (base, revision)]
    broken = Category(category)
    found = [
        Reported(
            id=each.id,
            level=Level.ERROR if broken in each.breaks else Level.INFO,
            pointer=each.element,
            place=each.revision or each.base,
            base_pointer=each.element if each.base else "",
            base_place=each.base,
            text=f"{each.element}: {each.text}",
            remedy=each.remedy,
        )
        for each in changes(*sets)
    ]
    return sorted(found, key=lambda each: each.level is not Level.ERROR)
