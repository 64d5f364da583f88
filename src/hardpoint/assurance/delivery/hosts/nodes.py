"""Walking the YAML of a host: values of any shape, with their places."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hardpoint.kernel import yaml
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.yaml import Tagged


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document at its path; what is not there is a node of None."""

    document: yaml.Document
    value: Any
    path: yaml.Path = ()

    def __getitem__(self, key: str) -> "Node":
        below = self.value.get(key) if isinstance(self.value, Mapping) else None
        return Node(self.document, below, (*self.path, key))

    def __bool__(self) -> bool:
        return self.value is not None

    @property
    def place(self) -> Place:
        return self.document.places.get(self.path, Place(self.document.places[()].file))

    @property
    def key_place(self) -> Place:
        return self.document.key_places.get(self.path, self.place)

    @property
    def text(self) -> str:
        """A scalar as it would be written; nothing for anything else."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return str(self.value) if isinstance(self.value, str | int | float) else ""

    def items(self) -> Iterator[tuple[str, "Node"]]:
        """The keys of a mapping with their values."""
        if isinstance(self.value, Mapping):
            for key in self.value:
                yield key, self[key]

    def values(self) -> Iterator["Node"]:
        """The values of a mapping."""
        return (value for _, value in self.items())

    def each(self) -> Iterator["Node"]:
        """The values of a list; a single value is a list of one."""
        if isinstance(self.value, list):
            for index, item in enumerate(self.value):
                yield Node(self.document, item, (*self.path, index))
        elif self.value is not None:
            yield self

    def texts(self) -> tuple[str, ...]:
        return tuple(each.text for each in self.each() if each.text)

    def scalars(self) -> Iterator["Node"]:
        """Every text in it, lists of lists and all."""
        for each in self.each():
            if isinstance(each.value, list):
                yield from each.scalars()
            elif each.text:
                yield each


def compound(node: Node, *kinds: type) -> Node:
    """The node, which has to be a mapping or list, or of the kinds given; nothing and an expression pass.

    Raises UnreadableProblem for any other value: the host refuses it, and what it was to run is not known.
    """
    expression = isinstance(node.value, str) and re.search(r"\$|<<", node.value)
    tagged = isinstance(node.value, Tagged)
    if node and not expression and not tagged and not isinstance(node.value, kinds or (Mapping, list)):
        raise UnreadableProblem(f"has a value of another kind under `{node.path[-1]}`", place=node.key_place)
    return node


def has_any(node: Node, keys: Sequence[str]) -> bool:
    """Whether a mapping has one of the keys."""
    return isinstance(node.value, Mapping) and any(key in node.value for key in keys)
