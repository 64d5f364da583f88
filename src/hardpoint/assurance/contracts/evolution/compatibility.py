"""Compatibility of schema versions: who has to read what whom wrote, and what stands in the way."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

Schema = TypeVar("Schema")


class Mode(StrEnum):
    """The compatibility types of schema registries; the transitive ones ask about every version, not the last alone."""

    BACKWARD = "BACKWARD"
    """Who has the new schema reads what was written with the last one."""
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    """Who has the last schema reads what is written with the new one."""
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    """Both."""
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def is_transitive(self) -> bool:
        return self.value.endswith("_TRANSITIVE")

    @property
    def is_backward(self) -> bool:
        return self.value.startswith(("BACKWARD", "FULL"))

    @property
    def is_forward(self) -> bool:
        return self.value.startswith(("FORWARD", "FULL"))


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Obstacle:
    """What keeps a reader from what a writer may have written.

    `pointer` is a JSON Pointer into the reader's schema where it has that place, else into the writer's. One that is
    not `certain` is a place where it could not be shown that every writing is read.
    """

    pointer: str
    id: str
    text: str
    remedy: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Incompatibility:
    """An obstacle between two versions: `reader` cannot read what `writer` wrote."""

    reader: str
    writer: str
    obstacle: Obstacle


Obstacles = Callable[[Schema, Schema], Iterable[Obstacle]]
"""What keeps the first schema, the reader's, from what is written with the second."""


def incompatibilities(
    versions: Sequence[tuple[str, Schema]], mode: Mode, obstacles: Obstacles[Schema]
) -> Iterator[Incompatibility]:
    """What the newest version breaks under a mode; versions have names and stand from the oldest to the newest.

    Of one version there is nothing to compare, and nothing is yielded: that is the caller's to refuse.
    """
    *earlier, (newest, new) = versions
    for name, old in earlier if mode.is_transitive else earlier[-1:]:
        if mode.is_backward:
            yield from _found(newest, new, name, old, obstacles)
        if mode.is_forward:
            yield from _found(name, old, newest, new, obstacles)


def _found(
    reader: str, reads: Schema, writer: str, wrote: Schema, obstacles: Obstacles[Schema]
) -> Iterator[Incompatibility]:
    for obstacle in sorted(set(obstacles(reads, wrote))):
        yield Incompatibility(reader=reader, writer=writer, obstacle=obstacle)
