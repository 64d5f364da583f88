"""A capability: one folder with the same few rooms, and how its rooms are found."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


class Storey(Enum):
    """The storeys of the house, the lowest first."""

    KERNEL = "kernel"
    MACHINERY = "machinery"
    ASSURANCE = "assurance"
    PROGRAMME = "programme"
    FACES = "faces"


@dataclass(frozen=True, slots=True)
class Capability:
    """A row of the table of capabilities.

    `nouns` are the commands whose verbs it holds, each with the line that `hardpoint --help` prints, so that the help
    imports nothing. A package of a third party states its own `package`.
    """

    name: str
    storey: Storey
    summary: str
    nouns: Mapping[str, str] = field(default_factory=dict)
    package: str = ""

    def rooms(self, room: str) -> Iterator[ModuleType]:
        """The modules of a room: the module of that name, or every module of the folder of that name."""
        name = f"{self.package or f'hardpoint.{self.storey.value}.{self.name}'}.{room}"
        if importlib.util.find_spec(name) is None:
            return
        module = importlib.import_module(name)
        yield module
        for below in pkgutil.iter_modules(getattr(module, "__path__", ())):
            yield importlib.import_module(f"{name}.{below.name}")

    def objects(self, room: str, kind: type[T]) -> Iterator[T]:
        """The objects of a kind that a room defines, in the order in which they stand there."""
        seen: set[int] = set()
        for module in self.rooms(room):
            for value in vars(module).values():
                if isinstance(value, kind) and id(value) not in seen:
                    seen.add(id(value))
                    yield value
