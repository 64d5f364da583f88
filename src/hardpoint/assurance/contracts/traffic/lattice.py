"""The lattice of shapes: what was seen of values in one place, joined, and the schema that it proposes."""

import re
from collections import Counter
from typing import Any

from hardpoint.machinery.telemetry.shapes import safe_name, type_of

MAX_FIELDS = 100
"""How many different fields an object may have before it is taken for a map."""
MAX_DEPTH = 20
MAX_MEMBERS = 100
"""How many members of one array are looked at."""
_FORMATS = {
    "uuid": re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)\Z"),
    "date": re.compile(r"\d{4}-\d\d-\d\d\Z"),
    "email": re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}\Z"),
    "uri": re.compile(r"https?://\S+\Z"),
}
_PLAIN = ""
_MAX_TEXT = 2048
"""No format that is told apart is longer."""
_ORDER = ("object", "array", "string", "integer", "number", "boolean", "null")


class Seen:
    """What was seen in one place: how often, of which types and formats, with which fields and members.

    join() is commutative, associative and keeps every count, so that traffic can be split in any way.
    """

    __slots__ = ("count", "fields", "formats", "is_map", "members", "types")

    def __init__(self) -> None:
        self.count = 0
        self.types: Counter[str] = Counter()
        self.formats: Counter[str] = Counter()
        self.fields: dict[str, Seen] = {}
        self.members: Seen | None = None
        self.is_map = False

    def see(self, value: Any, depth: int = 0) -> None:
        """See a value; nothing of it is kept but its shape."""
        self.count += 1
        kind = type_of(value)
        self.types[kind] += 1
        if kind == "string":
            self.formats[format_of(value)] += 1
        elif depth >= MAX_DEPTH:
            return
        elif isinstance(value, dict):
            for name, each in value.items():
                self.field(name).see(each, depth + 1)
        elif isinstance(value, list):
            self.members = self.members or Seen()
            for each in value[:MAX_MEMBERS]:
                self.members.see(each, depth + 1)

    def see_shape(self, shape: Any, depth: int = 0) -> None:
        """See what only the shape was recorded of."""
        self.count += 1
        if isinstance(shape, dict):
            self.types["object"] += 1
            for name, each in shape.items():
                self.field(name).see_shape(each, depth + 1)
        elif isinstance(shape, list):
            self.types["array"] += 1
            self.members = self.members or Seen()
            for each in shape:
                self.members.see_shape(each, depth + 1)
        else:
            self.types[shape if shape in _ORDER else "string"] += 1
            if shape == "string":
                self.formats[_PLAIN] += 1

    def field(self, name: str) -> "Seen":
        """What was seen of a field; of a map, what was seen of any."""
        if self.is_map:
            return self.fields.setdefault("*", Seen())
        known = self.fields.get(name)
        if known is not None:
            return known
        if safe_name(name) != name or len(self.fields) >= MAX_FIELDS:
            self._become_map()
            return self.fields["*"]
        return self.fields.setdefault(name, Seen())

    def join(self, other: "Seen") -> None:
        """Take in what was seen elsewhere in the same place."""
        self.count += other.count
        self.types += other.types
        self.formats += other.formats
        if other.is_map:
            self._become_map()
        for name, each in other.fields.items():
            self.field(name).join(each)
        if other.members is not None:
            self.members = self.members or Seen()
            self.members.join(other.members)

    def _become_map(self) -> None:
        if self.is_map:
            return
        any_field = Seen()
        for each in self.fields.values():
            any_field.join(each)
        self.fields, self.is_map = {"*": any_field}, True

    def schema(self, support: int = 1) -> dict[str, Any]:
        """The schema that holds for all that was seen; required is what no object lacked, of `support` or more."""
        if not self.count:
            return {}
        types = {each for each in self.types if self.types[each]}
        if "number" in types:
            types.discard("integer")
        listed = [each for each in _ORDER if each in types]
        made: dict[str, Any] = {"type": listed[0] if len(listed) == 1 else listed}
        if "string" in types and len(self.formats) == 1 and _PLAIN not in self.formats:
            made["format"] = next(iter(self.formats))
        if "object" in types:
            made |= self._of_object(support)
        if "array" in types:
            made["items"] = self.members.schema(support) if self.members is not None else {}
        made["x-observed"] = self.count
        return made

    def _of_object(self, support: int) -> dict[str, Any]:
        if self.is_map:
            return {"additionalProperties": self.fields["*"].schema(support)}
        objects = self.types["object"]
        required = [name for name, each in sorted(self.fields.items()) if each.count == objects >= support]
        properties = {name: each.schema(support) for name, each in sorted(self.fields.items())}
        return ({"properties": properties} if properties else {}) | ({"required": required} if required else {})


def format_of(text: str) -> str:
    """The format that a text has, of those that are told apart; empty for any other text."""
    if not text or len(text) > _MAX_TEXT:
        return _PLAIN
    return next((name for name, pattern in _FORMATS.items() if pattern.match(text)), _PLAIN)
