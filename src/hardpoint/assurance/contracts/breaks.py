"""What breaks those who rely on an interface, whatever its contract is written in."""

from hardpoint.assurance.contracts.catalogue import Level
from hardpoint.assurance.contracts.descriptions import Reported, changes_between
from hardpoint.assurance.contracts.evolution.compatibility import Mode
from hardpoint.assurance.contracts.evolution.versions import Language, compared, place_of
from hardpoint.assurance.contracts.lifecycle import Calendar
from hardpoint.assurance.contracts.model import Interface
from hardpoint.assurance.contracts.sides import Side

_SCHEMAS = {"jsonschema": Language.JSON_SCHEMA, "avro": Language.AVRO}
CATEGORY = "wire-json"
"""Of Protobuf: those who exchange messages go on working. Code that is generated anew is its owner's to change."""


def breaks_between(interface: Interface, base: Side, revision: Side, calendar: Calendar) -> list[Reported]:
    """Every break of a declared interface; of schemas of events, what its mode forbids or could not be shown to allow.

    Raises UnreadableProblem at the place of what cannot be read, UsageProblem if the two are of different kinds.
    """
    if interface.kind in _SCHEMAS:
        return _of_schema(interface, base, revision, _SCHEMAS[interface.kind])
    if base.content == revision.content and interface.kind == "protobuf":
        return []  # a source, which cannot be compared, is no break as long as it is as it was
    changes = changes_between(base, revision, calendar, CATEGORY)
    return [each for each in changes if each.level is Level.ERROR]


def _of_schema(interface: Interface, base: Side, revision: Side, language: Language) -> list[Reported]:
    if interface.mode == "NONE":
        return []
    by_name = {each.name: each for each in (base, revision)}
    return [
        Reported(
            id=each.obstacle.id,
            level=Level.ERROR,
            pointer=each.obstacle.pointer,
            place=place_of(by_name[each.reader], language, each.obstacle.pointer),
            text=f"under {interface.mode}, {each.obstacle.pointer or '/'}: {each.obstacle.text}",
            remedy=each.obstacle.remedy,
        )
        for each in compared([base, revision], Mode(interface.mode), language)
    ]
