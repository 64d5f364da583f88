"""A gate whose failure does not count."""

from dataclasses import dataclass

from hardpoint.assurance.delivery.gates import Gate
from hardpoint.kernel.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """A gate whose failure does not count: by what, and whether that is certain and never meant well."""

    gate: Gate
    how: str
    place: Place
    certain: bool = True
    replaces: str | None = None
    suggestion: str | None = None
    why: str = ""
    """What keeps it from being certain."""
